# Sets and frozensets: algebra, order of iteration, methods, errors.
s = {3, 1, 2}
assert s == {1, 2, 3} and len(s) == 3 and 2 in s and repr({1}) == '{1}' and repr(set()) == 'set()' and repr(frozenset({1})) == 'frozenset({1})' and repr(frozenset()) == 'frozenset()'
# The order is that of CPython's table: small integers by their low bits, collisions by its probing.
assert list({3, 1, 2, 10, 0}) == [0, 1, 2, 3, 10] and list(set(range(20, 0, -1)))[:5] == [1, 2, 3, 4, 5]
assert list({8, 0, 16}) == [8, 0, 16] and list({64, 0, 32, 8}) == [64, 0, 32, 8]
assert list({1, 33, 65}) == [65, 1, 33] and list({5, 13, 21}) == [13, 21, 5]
a, b = {1, 2, 3, 4}, {3, 4, 5}
assert a | b == {1, 2, 3, 4, 5} and a & b == {3, 4} and a - b == {1, 2} and a ^ b == {1, 2, 5} and a.union([9], 'x') == {1, 2, 3, 4, 9, 'x'} and a.intersection(range(3), [1]) == {1} and a.difference([1], [2]) == {3, 4} and a.symmetric_difference([1, 7]) == {2, 3, 4, 7}
assert {1, 2} < a and {1, 2} <= {1, 2} and not {1, 2} < {1, 2} and a > {1} and a.issuperset([1]) and {1}.issubset(range(3)) and a.isdisjoint([9]) and not ({1, 9} < a) and {1} != {2}
c = set(a); c.add(9); c.add(9); c.discard(1); c.discard(100); c.remove(2); c.update([7], {8}); assert c == {3, 4, 9, 7, 8}
c &= {3, 4, 7}; assert c == {3, 4, 7}
c -= {3}; c |= {1}; c ^= {1, 2}; assert c == {4, 7, 2} and c.copy() == c
c.intersection_update([4, 2]); c.difference_update([4]); c.symmetric_difference_update([5]); assert c == {2, 5} and c.pop() in (2, 5) and len(c) == 1
c.clear(); assert not c
f = frozenset('abc'); assert hash(f) == hash(frozenset('cba')) and {f: 1}[frozenset('bca')] == 1 and f == set('abc') and type(f | {'d'}) is frozenset and type({'d'} | f) is set and f in {f} and {1, 2} in {frozenset({1, 2})} and frozenset(f) is f
assert {x % 3 for x in range(10)} == {0, 1, 2} and set('hello') == set('ehlo') and {1, 1.0, True} == {1} and set() == frozenset() and {*'ab', *[1]} == {'a', 'b', 1}
big = set(range(100000)); big -= set(range(0, 100000, 2)); assert len(big) == 50000 and sum(big) == 2500000000 and 3 in big and 4 not in big
for call, kind, text in [(lambda: {1}.remove(5), KeyError, '5'), (lambda: set().pop(), KeyError, "'pop from an empty set'"), (lambda: {[]}, TypeError, "cannot use 'list' as a set element (unhashable type: 'list')"), (lambda: {1} | [2], TypeError, "unsupported operand type(s) for |: 'set' and 'list'"), (lambda: hash({1}), TypeError, "unhashable type: 'set'"), (lambda: {1} < [1], TypeError, "'<' not supported between instances of 'set' and 'list'")]:
    try:
        call()
    except kind as error:
        assert str(error) == text, str(error)
    else:
        raise AssertionError(text)
try:
    for x in b: b.add(x + 10)
except RuntimeError as error:
    assert str(error) == 'Set changed size during iteration'
class S(set): pass
assert type(S([1]) | {2}) is set and type(S([1]).copy()) is set and S([1]) == {1} and repr(S([1])) == 'S({1})'
class Liar:
    def __hash__(self): return 1
    def __eq__(self, other): return True
assert len({Liar(), Liar(), 1}) == 1
