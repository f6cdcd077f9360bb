# The common formats of numbers, and where they give way to the general ones.


def check(got, expected):
    assert got == expected, (got, expected)


# Halves go to even, decided by the exact value.
check(f'{0.5:.0f} {1.5:.0f} {2.5:.0f}', '0 2 2')
check(f'{0.125:.2f} {0.375:.2f} {2.675:.2f} {1.005:.2f}', '0.12 0.38 2.67 1.00')
check(f'{1e15 + 0.5:.0f} {123456789.125:.2f}', '1000000000000000 123456789.12')
check('%.3f %.0f %f' % (2.0005, 0.5, 1 / 3), '2.001 0 0.333333')
check(f'{5e-324:.3f} {-5e-324:.1f} {-0.0:.1f} {-0.04:z.1f}', '0.000 -0.0 -0.0 0.0')
check(f'{1e22:.1f} {1e300:.0f}'[:32], '10000000000000000000000.0 100000')
check(f'{float("inf"):.2f} {float("-inf"):8.1f} {float("nan"):f}', 'inf     -inf nan')
check(f'{0.256:.1%} {1.0:%} {-0.001:.2%}', '25.6% 100.000000% -0.10%')
check(f'{1234567.891:,.2f} {1234567.891:_.1f} {1234567:,} {-1234:_}', '1,234,567.89 1_234_567.9 1,234,567 -1_234')
check(f'{1234567.891:020,.2f}', '0,000,001,234,567.89')
check(f'{3:.1f}|{3:+.1f}|{3.0: .2f}|{-3.5:<8.1f}|{3.5:^9.2f}|{3.5:*>9.2f}', '3.0|+3.0| 3.00|-3.5    |  3.50   |*****3.50')
check(f'{3.5:=+9.2f}|{-3.5:09.2f}|{3.0:#.0f}', '+    3.50|-00003.50|3.')
check(f'{255:x} {255:X} {255:#x} {255:o} {5:b} {-5:#b} {-255:#010x}', 'ff FF 0xff 377 101 -0b101 -0x00000ff')
check(f'{42:5d}|{42:<5}|{42:^5}|{42:05}|{-42:05d}|{42:+}|{42: }|{42:x>6}', '   42|42   | 42  |00042|-0042|+42| 42|xxxx42')
check(f'{2**40:,} {-2**62} {2**63} {2**63:x}', '1,099,511,627,776 -4611686018427387904 9223372036854775808 8000000000000000')
check('%d %5d %-5d| %05d %+d % d %x %#o %i' % (1, 2, 3, -4, 5, 6, 255, 8, True), '1     2 3    | -0004 +5  6 ff 0o10 1')
check('%s %r %5s %-5s| %.2s' % ('a', 'b', 'c', 'd', 'xyz'), "a 'b'     c d    | xy")
check('{} {!r} {:>4} {:é^5}'.format('x', "it's", 'y', 'z'), "x \"it's\"    y éézéé")
for bad in ('{:.2d}', '{:zd}', '{:,x}', '{:q}'):
    try:
        bad.format(5)
    except ValueError:
        pass
    else:
        raise AssertionError(bad)
check(str(-(2**47)) + str(2**47) + repr(0) + str(-1), '-1407374883553281407374883553280-1')

# Parts in place of others, found by short and by long searches.
check('aaa'.replace('a', 'bb'), 'bbbbbb')
check('a,b,c'.replace(',', ';'), 'a;b;c')
check(('ab' * 100).replace('ba', '-', 3), 'a---' + 'b' + 'ab' * 96)
check(len(('xy' * 5000).replace('yx', 'long')), 2 + 4999 * 4)
check('abc'.replace('', '-'), '-a-b-c-')
check('abc'.replace('abc', 'é'), 'é')
check(('n' * 127 + 'eedle').find('needle'), 126)
check(('n' * 300 + 'eedle').find('needle'), 299)

# Pairs that somebody keeps stay as they are.
check(list(zip('abc', 'xyz')), [('a', 'x'), ('b', 'y'), ('c', 'z')])
check(list(enumerate('ab')), [(0, 'a'), (1, 'b')])
check(list({1: 2, 3: 4}.items()), [(1, 2), (3, 4)])
pairs = zip('abc', 'xyz')
first = next(pairs)
hash(first)
check((first, next(pairs), next(pairs)), (('a', 'x'), ('b', 'y'), ('c', 'z')))
check([hash(pair) == hash((1, pair[1])) for pair in zip([1, 1], 'ab')], [True, True])


class Reenters:
    def __del__(self):
        next(numbers, None)


numbers = zip([Reenters(), 2, 3, 4, 5], 'abcde')
for left, right in numbers:
    left = None

# Sums, extremes, order.
check((sum([1, 2, 3]), sum((1.5, 2)), max([3, 9, 2]), min((True, 0)), sum([2**62, 2**62])), (6, 3.5, 9, 0, 2**63))
words = ['b', 'abcdefghz', 'abcdefgh', 'abcdefgha', 'a\0', 'a', 'é', 'z', 'ÿ']
check(sorted(words), sorted(words, key=lambda word: [ord(c) for c in word]))
check(sorted(words + ['\u1234']), sorted(words + ['\u1234'], key=lambda word: [ord(c) for c in word]))
