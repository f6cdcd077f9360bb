# Lists: every method, slices, sorting, errors.
a = [3, 1, 2]
a.append(4); a.extend([5, 6]); a.extend(x for x in 'ab'); a.insert(1, 'i'); a.insert(-100, 0); a.insert(100, 9)
assert a == [0, 3, 'i', 1, 2, 4, 5, 6, 'a', 'b', 9] and a.pop() == 9 and a.pop(0) == 0 and a.pop(-2) == 'a'
a.remove('i'); del a[-1]
assert a == [3, 1, 2, 4, 5, 6] and a.index(4) == 3 and a.index(4, 2) == 3 and a.count(1) == 1 and a[::-1] == [6, 5, 4, 2, 1, 3]
a.reverse(); a.sort()
assert a == [1, 2, 3, 4, 5, 6] and a.copy() == a and a.copy() is not a
a[1:3] = ['x', 'y', 'z']; assert a == [1, 'x', 'y', 'z', 4, 5, 6]
a[::2] = [10, 20, 30, 40]; assert a == [10, 'x', 20, 'z', 30, 5, 40]
a[2:2] = [0, 0]; assert a == [10, 'x', 0, 0, 20, 'z', 30, 5, 40]
a[:] = []; assert a == [] and not a
b = list(range(10)); del b[::3]; assert b == [1, 2, 4, 5, 7, 8]
b[1:1] = b; assert b == [1, 1, 2, 4, 5, 7, 8, 2, 4, 5, 7, 8]
b *= 2; assert len(b) == 24
b[5:] = []; assert b == [1, 1, 2, 4, 5] and b + [0] == [1, 1, 2, 4, 5, 0] and [0] * 3 == [0, 0, 0] and [1] * -1 == [] and 2 * [1, 2] == [1, 2, 1, 2]
c = b; c += (9,); assert b is c and b[-1] == 9
assert [1, 2] < [1, 3] < [2] and [1] < [1, 0] and [] < [0] and [1, 2] == [1.0, 2.0] and [1, 2] != (1, 2)
assert list('abc') == ['a', 'b', 'c'] and [*range(3), *'xy'] == [0, 1, 2, 'x', 'y'] and 3 in [1, 2, 3] and float('nan') not in [float('nan')]
nan = float('nan'); assert nan in [nan] and [nan] == [nan] and [nan].index(nan) == 0 and [nan].count(nan) == 1
words = ['banana', 'Apple', 'cherry', 'apple']
assert sorted(words) == ['Apple', 'apple', 'banana', 'cherry'] and sorted(words, key=str.lower) == ['Apple', 'apple', 'banana', 'cherry']
assert sorted(words, key=len, reverse=True) == ['banana', 'cherry', 'Apple', 'apple'] and sorted([(1, 'b'), (1, 'a'), (0, 'z')]) == [(0, 'z'), (1, 'a'), (1, 'b')]
pairs = [(i % 3, i) for i in range(30)]; pairs.sort(key=lambda p: p[0]); assert pairs == sorted(pairs) and [p[1] for p in pairs[:4]] == [0, 3, 6, 9]
pairs.sort(key=lambda p: p[0], reverse=True); assert [p[1] for p in pairs[:4]] == [2, 5, 8, 11]
from functools import cmp_to_key
assert sorted([3, 1, 2], key=cmp_to_key(lambda x, y: y - x)) == [3, 2, 1] and sorted([2, 1.5, True, -1]) == [-1, True, 1.5, 2]
import random
random.seed(1)
for n in (0, 1, 2, 63, 64, 65, 1000):
    data = [random.randrange(n + 1) for _ in range(n)]; s = sorted(data)
    assert all(x <= y for x, y in zip(s, s[1:])) and sorted(s) == s and sorted(s, reverse=True) == s[::-1]
    part = sorted(data[:n // 2]) + sorted(data[n // 2:], reverse=True); assert sorted(part) == s
x = [1, [2]]; y = x[:]; y[1].append(3); assert x == [1, [2, 3]] and repr(x) == '[1, [2, 3]]'
x.append(x); assert repr(x) == '[1, [2, 3], [...]]'
it = iter([1, 2, 3]); next(it); assert it.__length_hint__() == 2 and list(it) == [2, 3] and list(it) == [] and list(reversed([1, 2])) == [2, 1]
d = [1, 2, 3, 4]; assert [d.pop(0) for _ in d] == [1, 2]
first, *middle, last = range(5); assert (first, middle, last) == (0, [1, 2, 3], 4)
[p, [q, *r]] = [1, [2, 3, 4]]; assert (p, q, r) == (1, 2, [3, 4])
errors = [(lambda: [][0], IndexError, 'list index out of range'), (lambda: [].pop(), IndexError, 'pop from empty list'), (lambda: [1].pop(5), IndexError, 'pop index out of range'),
          (lambda: [].remove(1), ValueError, 'list.remove(x): x not in list'), (lambda: [].index(1), ValueError, 'list.index(x): x not in list'), (lambda: [] + (), TypeError, 'can only concatenate list (not "tuple") to list'),
          (lambda: [1]['a'], TypeError, 'list indices must be integers or slices, not str'), (lambda: sorted([1, 'a']), TypeError, "'<' not supported between instances of 'str' and 'int'"),
          (lambda: [1, 2].__setitem__(slice(None, None, 2), [1, 2]), ValueError, 'attempt to assign sequence of size 2 to extended slice of size 1'), (lambda: hash([]), TypeError, "unhashable type: 'list'"),
          (lambda: [].__setitem__(0, 1), IndexError, 'list assignment index out of range'), (lambda: [1, 2][::0], ValueError, 'slice step cannot be zero')]
for call, kind, text in errors:
    try:
        call()
    except kind as error:
        assert str(error) == text, error
    else:
        raise AssertionError(text)
for code, text in [('a, b = 1, 2, 3', 'too many values to unpack (expected 2, got 3)'), ('a, b = 1,', 'not enough values to unpack (expected 2, got 1)'), ('a, *b, c = 1,', 'not enough values to unpack (expected at least 2, got 1)')]:
    try:
        exec(code)
    except ValueError as error:
        assert str(error) == text, error
try:
    a, b = 5
except TypeError as error:
    assert str(error) == 'cannot unpack non-iterable int object'
