# Sets: membership, algebra, building.
def main():
    seen = set()
    n = 1
    while n not in seen:
        seen.add(n)
        n = (n * 1103515245 + 12345) % 262144
    total = len(seen)
    for i in range(200):
        a = set(range(i, i + 700))
        b = {x * 2 for x in range(500)}
        total += len(a & b) + len(a | b) - len(a - b) + len(a ^ b)
    words = {f'w{i % 5000}' for i in range(150_000)}
    frozen = {frozenset((i % 50, j)) for i in range(300) for j in range(100)}
    print(total, len(words), len(frozen))


main()
