# Strings: building, splitting, joining, searching, methods.
def main():
    text = ''
    for i in range(200_000):
        text += chr(97 + i % 26)
        if i % 9 == 0:
            text += ' '
    words = text.split()
    lengths = {}
    for word in words:
        lengths[len(word)] = lengths.get(len(word), 0) + 1
    joined = '-'.join(word.upper() for word in words)
    found = start = 0
    while (start := joined.find('XYZ', start)) >= 0:
        found += 1
        start += 1
    reversed_words = [word[::-1].capitalize() for word in words]
    vowels = sum(1 for c in text if c in 'aeiou')
    replaced = joined.replace('A', 'aa').lower().count('aa')
    print(len(text), lengths, found, sum(w.startswith('Z') for w in reversed_words), vowels, replaced)
    print(sum(len(line.strip().rjust(12, '.')) for line in ('  x%d  ' % i for i in range(100_000))))


main()
