"""Primes three ways: a sieve, a lazy wheel and Miller and Rabin's test."""
from itertools import count, islice


def sieve(limit):
    flags = bytearray([1]) * (limit + 1)
    flags[0:2] = b'\0\0'
    for n in range(2, int(limit ** 0.5) + 1):
        if flags[n]:
            flags[n * n::n] = bytes(len(range(n * n, limit + 1, n)))
    return [n for n, flag in enumerate(flags) if flag]


def lazy():
    composites = {}
    for n in count(2):
        if n in composites:
            for prime in composites.pop(n):
                composites.setdefault(n + prime, []).append(prime)
        else:
            yield n
            composites[n * n] = [n]


def is_prime(n):
    if n < 2 or n % 2 == 0:
        return n == 2
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        if base % n == 0:
            continue
        x = pow(base, odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


small = sieve(1000)
print(len(small), small[-5:])
assert small == list(islice(lazy(), len(small))) == [n for n in range(1001) if is_prime(n)]
print(next(n for n in count(10 ** 20) if is_prime(n)))
print(is_prime(2 ** 127 - 1), is_prime(2 ** 129 - 1), pow(3, -1, 2 ** 61 - 1))
