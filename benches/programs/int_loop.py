# Integer arithmetic in nested loops.
def collatz(limit):
    longest, start = 0, 0
    for first in range(1, limit):
        n, steps = first, 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        if steps > longest:
            longest, start = steps, first
    return start, longest


print(collatz(40_000))
