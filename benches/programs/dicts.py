# Dictionaries: counting, grouping, string and tuple keys, updates and deletions.
def main():
    counts = {}
    for i in range(300_000):
        key = (i * 7919) % 5003
        counts[key] = counts.get(key, 0) + 1
    groups = {}
    for i in range(150_000):
        groups.setdefault(f'k{i % 997}', []).append(i)
    grid = {(x, y): x ^ y for x in range(250) for y in range(250)}
    total = 0
    for x in range(1, 249):
        for y in range(1, 249):
            total += grid[x - 1, y] + grid[x, y + 1]
    removed = 0
    for key in list(counts):
        if key % 3 == 0:
            del counts[key]
            removed += 1
    print(len(counts), sum(counts.values()), len(groups), sum(map(len, groups.values())), total, removed)


main()
