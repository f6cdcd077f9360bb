"""Counts the words of a text and shows the most frequent as a bar chart."""
from collections import Counter

TEXT = """
The rain came over the hill, and over the hill came the wind. The wind took
the leaves and the leaves took the wind's way: over the wall, over the road,
down to the river. What the river took, the sea kept.
"""


def words(text):
    for word in text.lower().split():
        word = word.strip('.,:;!?"')
        if word:
            yield word


def main():
    counts = Counter(words(TEXT))
    width = max(len(word) for word, _ in counts.most_common(6))
    for word, count in counts.most_common(6):
        print(f'{word:>{width}} {count:3} {"#" * count}')
    print(f'{sum(counts.values())} words, {len(counts)} different')


if __name__ == '__main__':
    main()
