# Iterators: iter, next, zip, map, enumerate, reversed, itertools.
import itertools as it
assert list(zip([1, 2], 'ab', (3, 4))) == [(1, 'a', 3), (2, 'b', 4)] and list(zip()) == [] and list(zip([1, 2], [1])) == [(1, 1)] and list(enumerate('ab', 5)) == [(5, 'a'), (6, 'b')] and list(map(pow, [2, 3], [3, 2])) == [8, 9] and list(filter(lambda x: x > 1, range(4))) == [2, 3] and list(reversed('abc')) == ['c', 'b', 'a']
try:
    list(zip([1], [1, 2], strict=True))
except ValueError as e:
    assert str(e) == 'zip() argument 2 is longer than argument 1'
n = iter(range(3)); assert list(iter(lambda: next(n, None), 2)) == [0, 1] and next(iter([]), 'd') == 'd' and list(map(lambda a, b: a + b, [1], [2, 3], strict=False)) == [3]
class Up:
    def __init__(self, n): self.i, self.n = 0, n
    def __iter__(self): return self
    def __next__(self):
        if self.i == self.n: raise StopIteration
        self.i += 1; return self.i
assert list(Up(3)) == [1, 2, 3] and sum(Up(4)) == 10 and max(Up(3)) == 3 and [*Up(2), *Up(1)] == [1, 2, 1] and tuple(Up(2)) == (1, 2) and 2 in Up(3) and sorted(Up(3), reverse=True) == [3, 2, 1] and dict(zip(Up(2), Up(2))) == {1: 1, 2: 2} and ''.join(map(str, Up(3))) == '123'
a, *b = Up(3); assert (a, b) == (1, [2, 3])
class Hinted:
    def __init__(self, hint): self.hint = hint
    def __length_hint__(self): return self.hint
    def __iter__(self): return iter([1, 2])
assert list(Hinted(100)) == [1, 2] and list(Hinted(0)) == [1, 2] and list(Hinted(NotImplemented)) == [1, 2]
assert list(it.chain([1], 'a')) == [1, 'a'] and list(it.chain.from_iterable(['ab', 'c'])) == ['a', 'b', 'c'] and list(it.islice(it.count(5, 2), 3)) == [5, 7, 9] and list(it.islice('abcdef', 1, 5, 2)) == ['b', 'd'] and list(it.islice(it.cycle('ab'), 5)) == list('ababa') and list(it.repeat(1, 2)) == [1, 1]
assert list(it.accumulate([1, 2, 3])) == [1, 3, 6] and list(it.accumulate([1, 2, 3], lambda a, b: a * b, initial=2)) == [2, 2, 4, 12] and list(it.takewhile(lambda x: x < 2, range(5))) == [0, 1] and list(it.dropwhile(lambda x: x < 3, range(5))) == [3, 4] and list(it.filterfalse(lambda x: x % 2, range(4))) == [0, 2] and list(it.compress('abc', [1, 0, 1])) == ['a', 'c'] and list(it.starmap(pow, [(2, 3)])) == [8] and list(it.pairwise('abc')) == [('a', 'b'), ('b', 'c')] and list(it.batched('abcde', 2)) == [('a', 'b'), ('c', 'd'), ('e',)] and list(it.zip_longest('ab', 'c', fillvalue='-')) == [('a', 'c'), ('b', '-')]
assert list(it.product('ab', repeat=2)) == [('a', 'a'), ('a', 'b'), ('b', 'a'), ('b', 'b')] and list(it.permutations('abc', 2))[:3] == [('a', 'b'), ('a', 'c'), ('b', 'a')] and list(it.combinations('abc', 2)) == [('a', 'b'), ('a', 'c'), ('b', 'c')] and list(it.combinations_with_replacement('ab', 2)) == [('a', 'a'), ('a', 'b'), ('b', 'b')] and [(k, list(g)) for k, g in it.groupby('aabba')] == [('a', ['a', 'a']), ('b', ['b', 'b']), ('a', ['a'])]
x, y = it.tee(iter(range(3))); assert next(x) == 0 and list(y) == [0, 1, 2] and list(x) == [1, 2] and next(it.count(10**30)) == 10**30 and len(list(it.permutations(range(5)))) == 120
def fails():
    yield 1
    raise ValueError
for use in (list, tuple, set, sum, sorted, max, lambda g: [*g], lambda g: dict(enumerate(g)), lambda g: ','.join(map(str, g)), lambda g: 5 in g, lambda g: list(zip(g, g)), lambda g: any(x > 5 for x in g)):
    try:
        use(fails())
    except ValueError:
        pass
    else:
        raise AssertionError
class NoNext:
    def __iter__(self): return object()
try:
    iter(NoNext())
except TypeError as e:
    assert str(e) == "iter() returned non-iterator of type 'object'"
try:
    next([])
except TypeError as e:
    assert str(e) == "'list' object is not an iterator"
l = [1, 2, 3]; i = iter(l); assert iter(i) is i and list(i) == [1, 2, 3]; l.append(4); assert list(i) == []
l = [1]; out = []
for v in l:
    out.append(v)
    if len(l) < 4: l.append(v + 1)
assert out == [1, 2, 3, 4]
else_ran = []
for v in []: pass
else: else_ran.append(1)
while False: pass
else: else_ran.append(2)
for v in [1]: break
else: else_ran.append(3)
assert else_ran == [1, 2] and min([3, 1, 2], key=lambda v: -v) == 3 and max('ab', 'c') == 'c' and max([], default=None) is None and sum([[1], [2]], []) == [1, 2] and sum([0.5, 1]) == 1.5
for bad, text in [(lambda: max([]), 'max() iterable argument is empty'), (lambda: sum(['a']), None), (lambda: sum('ab', ''), "sum() can't sum strings [use ''.join(seq) instead]")]:
    try:
        bad()
    except (ValueError, TypeError) as e:
        assert text is None or str(e) == text, e
