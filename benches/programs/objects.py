# Many small objects that live long: a binary tree and linked lists.
class Node:
    def __init__(self, left, right):
        self.left = left
        self.right = right


def build(depth):
    return Node(build(depth - 1), build(depth - 1)) if depth else Node(None, None)


def count(node):
    return 1 if node.left is None else 1 + count(node.left) + count(node.right)


def main():
    long_lived = build(14)
    total = 0
    for depth in range(4, 14):
        for _ in range(2 ** (13 - depth)):
            total += count(build(depth))
    chain = None
    for i in range(100_000):
        chain = (i, chain)
    length = 0
    while chain:
        chain = chain[1]
        length += 1
    print(total, count(long_lived), length)


main()
