# Integers: division and modulo of every sign, powers, shifts, bits, conversion, big values.
assert 7 // 2 == 3 and -7 // 2 == -4 and 7 // -2 == -4 and -7 // -2 == 3
assert 7 % 3 == 1 and -7 % 3 == 2 and 7 % -3 == -2 and -7 % -3 == -1
for a in (-17, -1, 0, 1, 5, 2**64, -2**64 + 3, 10**40):
    for b in (-5, -1, 1, 3, 2**33, -10**20):
        q, r = divmod(a, b)
        assert q * b + r == a and (0 <= r < b or b < r <= 0), (a, b)
assert 2**10 == 1024 and 2**-1 == 0.5 and (-2)**3 == -8 and 0**0 == 1
assert pow(3, 200, 13) == 3**200 % 13 and pow(3, -1, 7) == 5
assert 1 << 100 == 2**100 and (1 << 100) >> 98 == 4 and -1 >> 1000 == -1 and -5 >> 1 == -3
assert 0b1100 & 0b1010 == 8 and 0b1100 | 0b1010 == 14 and 0b1100 ^ 0b1010 == 6 and ~5 == -6
assert -2**70 & 2**70 - 1 == 0 and (-1) & 2**100 == 2**100 and -1 ^ 2**80 == -2**80 - 1
edge = 2**61
for delta in range(-3, 4):
    for base in (edge, -edge, 2**63, -2**63, 2**31, 2**62):
        n = base + delta
        assert n - base == delta and n + 1 - 1 == n and -(-n) == n and n * 2 // 2 == n and int(str(n)) == n
        assert hash(n) == hash(float(n)) or float(n) != n
x = 2**62
x *= x
assert x == 2**124 and x // 2**62 == 2**62
f = 1
for i in range(1, 60):
    f *= i
assert str(f) == '138683118545689835737939019720389406345902876772687432540821294940160000000000000'
assert int('ff', 16) == 255 and int('0b101', 0) == 5 and int(' -42\n') == -42 and int('1_000') == 1000 and int('z', 36) == 35
assert int(3.99) == 3 and int(-3.99) == -3 and int(1e20) == 10**20 and int(True) == 1
for bad in ('', '1.5', '0x1', '1__0', '_1', 'a', '1 2'):
    try:
        int(bad)
    except ValueError as error:
        assert str(error) == f'invalid literal for int() with base 10: {bad!r}'
    else:
        raise AssertionError(bad)
assert (255).bit_length() == 8 and (-256).bit_length() == 9 and (0).bit_length() == 0 and (255).bit_count() == 8
assert (1000).to_bytes(2, 'big') == b'\x03\xe8' and int.from_bytes(b'\xff\xfe', 'big', signed=True) == -2
assert (-1).to_bytes(3, 'little', signed=True) == b'\xff\xff\xff' and (5).to_bytes() == b'\x05'
assert hex(255) == '0xff' and oct(-8) == '-0o10' and bin(5) == '0b101' and hex(-2**70) == '-0x400000000000000000'
assert round(1234, -2) == 1200 and round(1250, -2) == 1200 and round(1350, -2) == 1400 and round(5) == 5
assert (6).as_integer_ratio() == (6, 1) and (6).is_integer() and (5).real == 5 and (5).imag == 0 and (5).conjugate() == 5
assert 10**18 * 10**18 == 10**36 and (10**36).__class__ is int and 10**36 % 97 == pow(10, 36, 97)
import math
assert math.isqrt(10**40) == 10**20 and math.gcd(2**70, 6**30) == 2**30 and math.lcm(4, 6, 10) == 60
assert math.factorial(20) == 2432902008176640000 and math.comb(50, 25) == 126410606437752 and math.perm(5, 2) == 20
for operation in (lambda: 1 // 0, lambda: 1 % 0, lambda: divmod(2**80, 0), lambda: pow(2, -1, 4), lambda: 1 << -1):
    try:
        operation()
    except (ZeroDivisionError, ValueError):
        pass
    else:
        raise AssertionError('no error')
assert True + True == 2 and True * 3 == 3
assert (3).__add__('x') is NotImplemented and (3).__radd__(4) == 7
