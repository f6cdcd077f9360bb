# deque, Counter arithmetic, OrderedDict, ChainMap, UserDict and friends, namedtuple, abc mixins.
from collections import deque, Counter, OrderedDict, ChainMap, UserDict, UserList, UserString, namedtuple, defaultdict
from collections.abc import Mapping, MutableMapping, Sequence, Set, MutableSequence
d = deque([1, 2, 3], maxlen=3); d.append(4); assert list(d) == [2, 3, 4] and d.maxlen == 3; d.appendleft(1); d.rotate(1); assert list(d) == [3, 1, 2] and d[0] == 3 and d.index(2) == 2 and d.count(1) == 1 and repr(d) == 'deque([3, 1, 2], maxlen=3)' and d.pop() == 2 and d.popleft() == 3; d.extend([7, 8, 9]); d.extendleft('ab'); assert list(d) == ['b', 'a', 7]; d.insert; d.remove('a'); d.reverse(); d *= 2; assert list(d) == ['b', 7, 'b'][-3:] and deque('ab') + deque('c') == deque('abc') and deque([1]) < deque([2]) and d.copy() == d; del d[0]; d[0] = 'set'; d.clear(); assert not d
try: deque().pop()
except IndexError as e: assert str(e) == 'pop from an empty deque'
big = deque(range(1000)); big.rotate(300); assert big[0] == 700 and len(big) == 1000 and big[500] == 200; big.rotate(-300); assert list(big) == list(range(1000)) and list(reversed(big))[0] == 999
a, b = Counter(a=3, b=1), Counter(a=1, c=2); assert a + b == Counter(a=4, b=1, c=2) and a - b == Counter(a=2, b=1) and a & b == Counter(a=1) and a | b == Counter(a=3, b=1, c=2) and sorted(a.elements()) == ['a', 'a', 'a', 'b'] and +Counter(a=-1, b=1) == Counter(b=1) and repr(a) == "Counter({'a': 3, 'b': 1})" and a <= Counter(a=3, b=2); a.subtract({'a': 5}); assert a['a'] == -2; a.update('aab'); assert a == Counter(a=0, b=2)
o = OrderedDict.fromkeys('abc'); o.move_to_end('a'); o.move_to_end('c', last=False); assert list(o) == ['c', 'b', 'a'] and list(reversed(o)) == ['a', 'b', 'c'] and o.popitem()[0] == 'a'; del o['c']; o['x'] = 1; assert list(o.items()) == [('b', None), ('x', 1)] and OrderedDict(a=1) == {'a': 1} and (o | {'y': 2})['y'] == 2
c = ChainMap({}, {'a': 1}); c['a'] = 2; assert c.maps == [{'a': 2}, {'a': 1}] and c.parents['a'] == 1 and c.new_child({'z': 0})['z'] == 0; del c['a']; assert c['a'] == 1
class U(UserDict):
    def __setitem__(self, k, v): super().__setitem__(k.lower(), v)
u = U(A=1); u['B'] = 2; assert u == {'a': 1, 'b': 2} and 'b' in u and UserList([1]) + [2] == [1, 2] and UserString('ab').upper() == 'AB' and repr(UserList('a')) == "['a']"
P = namedtuple('P', ['x', 'def', 'x2'], rename=True); assert P._fields == ('x', '_1', 'x2'); Q = namedtuple('Q', 'a b'); q = Q(1, b=2); assert q.a + q[1] == 3 and isinstance(q, tuple) and Q._field_defaults == {} and q.__getnewargs__() == (1, 2)
for bad in (lambda: namedtuple('N', 'a a'), lambda: namedtuple('N', 'class'), lambda: Q(1), lambda: q._replace(z=1)):
    try: bad()
    except (ValueError, TypeError): pass
    else: raise AssertionError
class M(Mapping):
    def __getitem__(self, k):
        if k not in ('a', 'b'): raise KeyError(k)
        return k * 2
    def __iter__(self): return iter('ab')
    def __len__(self): return 2
m = M(); assert dict(m) == {'a': 'aa', 'b': 'bb'} and m.get('no', 1) == 1 and 'no' not in m and list(m.items()) == [('a', 'aa'), ('b', 'bb')] and m == {'a': 'aa', 'b': 'bb'} and m.keys() & {'a', 'z'} == {'a'} and {**m} == {'a': 'aa', 'b': 'bb'} and (lambda **k: k)(**m) == {'a': 'aa', 'b': 'bb'}
class S(Sequence):
    def __getitem__(self, i): return 'xyz'[i]
    def __len__(self): return 3
assert list(S()) == ['x', 'y', 'z'] and 'y' in S() and S().index('z') == 2 and list(reversed(S())) == ['z', 'y', 'x'] and S().count('x') == 1
class St(Set):
    def __init__(self, it): self.d = list(it)
    def __contains__(self, x): return x in self.d
    def __iter__(self): return iter(self.d)
    def __len__(self): return len(self.d)
assert set(St([1, 2]) & St([2, 3])) == {2} and St([1]) <= St([1, 2]) and set(St([1]) | [2]) == {1, 2} and St([1]) == {1} and set(St([1, 2]) - {1}) == {2} and St([1]).isdisjoint([2])
dd = defaultdict(lambda: 'made', a=1); assert dd['q'] == 'made' and dd.default_factory and dd.copy()['zz'] == 'made' and (dd | {'n': 1})['n'] == 1
try: defaultdict()['x']
except KeyError as e: assert e.args == ('x',)
try: defaultdict(5)
except TypeError as e: assert str(e) == 'first argument must be callable or None'
