# Operations on whole sets whose keys must be compared, change the sets meanwhile or end with them; and what else the
# builtin types do for many items at once.
import itertools
import random


class Key:
    compared = 0

    def __init__(self, number, weight=0):
        self.number, self.weight = number, weight

    def __hash__(self):
        return hash(self.number)

    def __eq__(self, other):
        Key.compared += 1
        return isinstance(other, Key) and self.number == other.number

    def __repr__(self):
        return f'Key({self.number})'


def numbers(keys):
    return sorted(key.number for key in keys)


a, b = {Key(i) for i in range(12)}, {Key(i) for i in range(6, 18)}
assert numbers(a | b) == list(range(18)) and numbers(a & b) == list(range(6, 12)) and numbers(a - b) == list(range(6))
assert numbers(a ^ b) == [*range(6), *range(12, 18)] and not a <= b and {Key(3)} <= a and a.isdisjoint({Key(99)}) and not a.isdisjoint(b)
assert Key.compared > 0
first = Key(1, 'first')
kept = {first} | {Key(1, 'second')}
assert [key.weight for key in kept] == ['first']
kept = {first} & {Key(1, 'second')}
assert [key.weight for key in kept] in (['first'], ['second'])

# Numbers that are equal, or have the same hash, whatever their types.
assert {1, 2, 3} | {1.0, 2.5, True} == {1, 2, 3, 2.5} and {1, 2} & {1.0} == {1} and {0, 1} - {False} == {1} and {0} ^ {0.0} == set()
assert {-1} | {-2} == {-1, -2} and {-1} & {-2} == set() and {-2, -1, 2**61 - 2} - {-1} == {-2, 2**61 - 2}
assert {2**70, 1} & {2**70} == {2**70} and {2**70} <= {float(2**70), 3} and {(1, 'a')} & {(1.0, 'a')} == {(1, 'a')}
assert {'a', 'b'} ^ {''.join(['a']), 'c'} == {'b', 'c'} and {'é', 'x'} & {'é'} == {'é'} and {b'ab'} & {bytes([97, 98])} == {b'ab'}

# Against a model, with growth, deletions and copies of each size.
source = random.Random(7)
for size in (0, 1, 4, 5, 6, 19, 20, 40, 200, 1000):
    for _ in range(4):
        x = {source.randrange(size * 2 + 1) for _ in range(size)}
        y = {source.randrange(size * 2 + 1) for _ in range(size)}
        for gone in list(x)[::3]:
            x.discard(gone)
        inx, iny = [i in x for i in range(size * 2 + 1)], [i in y for i in range(size * 2 + 1)]
        assert sorted(x | y) == [i for i, (p, q) in enumerate(zip(inx, iny)) if p or q]
        assert sorted(x & y) == [i for i, (p, q) in enumerate(zip(inx, iny)) if p and q]
        assert sorted(x - y) == [i for i, (p, q) in enumerate(zip(inx, iny)) if p and not q]
        assert sorted(x ^ y) == [i for i, (p, q) in enumerate(zip(inx, iny)) if p != q]
        assert (x <= y) == all(q or not p for p, q in zip(inx, iny)) and x.isdisjoint(y) == (not x & y)
        z = set(x); z ^= y; assert z == x ^ y
        z = x.copy(); z -= y; z |= y; assert z == x | y and len(z) == len(list(z))


# A comparison that changes one of the sets.
class Meddler(Key):
    victim = None

    def __hash__(self):
        return hash(self.number)

    def __eq__(self, other):
        if Meddler.victim is not None:
            victim, Meddler.victim = Meddler.victim, None
            victim.clear()
        return self.number == getattr(other, 'number', None)


for operation in (set.union, set.intersection, set.difference, set.symmetric_difference, set.issubset, set.isdisjoint):
    for place in (0, 1):
        pair = [{Meddler(i) for i in range(9)}, {Meddler(i) for i in range(4, 14)}]
        Meddler.victim = pair[place]
        operation(*pair)
        Meddler.victim = None

# Keys that end while a set takes them out.
ended = []


class Ending:
    def __init__(self, number, watched):
        self.number, self.watched = number, watched

    def __hash__(self):
        return 5

    def __eq__(self, other):
        return self.number == other.number

    def __del__(self):
        ended.append((self.number, len(self.watched)))


left = set()
left.update([Ending(i, left) for i in range(3)])
other = {Ending(1, left), Ending(7, left)}
left ^= other
assert sorted(key.number for key in left) == [0, 2, 7] and ended[-1][0] == 1
left.clear()

# Tuples that iterators give are new ones where somebody keeps the last.
assert list(itertools.product('ab', repeat=2)) == [('a', 'a'), ('a', 'b'), ('b', 'a'), ('b', 'b')]
assert list(itertools.product('ab', [1], 'xy')) == [('a', 1, 'x'), ('a', 1, 'y'), ('b', 1, 'x'), ('b', 1, 'y')]
assert list(itertools.product('ab', 'xy', repeat=2))[5] == ('a', 'y', 'a', 'y') and list(itertools.product()) == [()]
assert [p + q + r for p, q, r in itertools.permutations('abc')] == ['abc', 'acb', 'bac', 'bca', 'cab', 'cba']
assert [sum(chosen) for chosen in itertools.combinations(range(5), 3)] == [3, 4, 5, 5, 6, 7, 6, 7, 8, 9]
assert list(itertools.combinations_with_replacement('abc', 2))[-2:] == [('b', 'c'), ('c', 'c')] and list(itertools.combinations('ab', 0)) == [()]
assert len(set(itertools.permutations(range(5), 3))) == 60
chosen = itertools.combinations('abcd', 2)
x = next(chosen); y = next(chosen); next(chosen); assert (x, y, hash(x)) == (('a', 'b'), ('a', 'c'), hash(('a', 'b')))

# Splitting, joining and translating in one go.
assert '\x1ca\x1d\x1eb \t\n\x0b\x0c\rc\x1f'.split() == ['a', 'b', 'c'] and 'a\x85b\xa0c'.split() == ['a', 'b', 'c'] and ' a b '.split(None, 1) == ['a', 'b ']
assert 'a,b,,c,'.split(',') == ['a', 'b', '', 'c', ''] and 'a,b,c'.split(',', 1) == ['a', 'b,c'] and 'a--b'.split('--') == ['a', 'b'] and 'a,é'.split(',') == ['a', 'é']
whole = 'abc'; assert whole.split(',')[0] is whole and whole.split()[0] is whole and ''.split(',') == [''] and ''.split() == []
assert b'-'.join([b'a', b'', b'bc']) == b'a--bc' and b''.join((b'a', bytearray(b'b'), memoryview(b'c'))) == b'abc' and b','.join([b'x']) == b'x'
assert bytearray(b'-').join([b'a', b'b']) == bytearray(b'a-b')
try: b','.join([b'a', 'b'])
except TypeError as error: assert str(error) == 'sequence item 1: expected a bytes-like object, str found'
assert b'a' + b'' == b'a' and b'' + b'b' == b'b' and type(b'a' + bytearray(b'b')) is bytes and bytes([65]) + b'BC' == b'ABC'


class Table(dict):
    def __missing__(self, key):
        self[key] = key + 1 if key < 100 else None if key == 110 else 'xyz' if key == 111 else key
        return self[key]


assert 'abc nop'.translate(Table()) == 'bcd!xyzp' and 'abn'.translate({97: 'é', 98: None}) == 'én' and 'abc'.translate({97: 8364}) == '€bc'
assert 'aéa'.translate({97: 'b'}) == 'béb' and 'same'.translate({}) == 'same' and 'aab'.translate({97: None, 98: 'aa'}) == 'aa'

# Everything at once from what needs no iterator.
assert list(range(5, -5, -3)) == [5, 2, -1, -4] and list('aé€') == ['a', 'é', '€'] and list(b'ab') == [97, 98] and sorted(list({3, 1})) == [1, 3]
assert list({'k': 1, 'l': 2}) == ['k', 'l'] and [0] + list(frozenset([1])) == [0, 1] and list(range(2**62, 2**62 + 2)) == [2**62, 2**62 + 1]
items = [1]; items.extend('bc'); items.extend(range(2)); items += {9: 0}; assert items == [1, 'b', 'c', 0, 1, 9]
try: list(range(10**18))
except (MemoryError, OverflowError): pass

# Types are asked for what they do not have without harm.
class Meta(type):
    @property
    def broken(cls): raise AttributeError('broken')
    own = 1
class Made(metaclass=Meta): here = 2
assert (getattr(Made, 'here'), getattr(Made, 'own'), getattr(Made, 'broken', 3), getattr(Made, 'none', 4), hasattr(Made, 'broken'), hasattr(int, 'nope')) == (2, 1, 3, 4, False, False)
d = {(1, (2, 'a')): 'deep', (1.0, 2): 'mixed', b'k': 'bytes', 'k': 'text'}
assert d[1, (2, 'a')] == 'deep' and d[1, 2] == 'mixed' and d[b'k'] == 'bytes' and d['k'] == 'text' and (1, 2, 3) not in d and (1,) not in d
assert ((1, 2) == (1, 2.0), (1, 2) < (1, 3), (1, 2) < (1, 2, 0), (1, 'a') == (1, 'b'), (1, float('nan')) == (1, float('nan'))) == (True, True, True, False, False)

# Slices with a step take another list's items, and the old ones end when the list is whole.
class Last:
    def __init__(self, number): self.number = number
    def __del__(self): seen.append((self.number, [x if isinstance(x, int) else x.number for x in items]))
seen = []
items = [Last(0), 1, Last(2), 3]
items[::2] = [10, 20]
assert items == [10, 1, 20, 3] and sorted(seen) == [(0, [10, 1, 20, 3]), (2, [10, 1, 20, 3])]
items[::-1] = items; assert items == [3, 20, 1, 10]
items[::-2] = [5, 6]; assert items == [3, 6, 1, 5]
try: items[::2] = [1]
except ValueError as error: assert str(error) == 'attempt to assign sequence of size 1 to extended slice of size 2'
assert '%s %d %i|%u%%%s' % (1, 2, True, 2**70, 'x') == '1 2 1|1180591620717411303424%x' and '%s' % (2**62) == str(2**62) and '%hd %s' % (3, -4) == '3 -4'
print('ok')
