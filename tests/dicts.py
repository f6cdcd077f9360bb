# Dictionaries: order, methods, views, merging, strange keys.
d = {'a': 1, 'b': 2}
d['c'] = 3; d['a'] = 10
assert list(d) == ['a', 'b', 'c'] and list(d.items()) == [('a', 10), ('b', 2), ('c', 3)] and list(d.values()) == [10, 2, 3] and len(d) == 3
del d['a']; d['a'] = 1
assert list(d) == ['b', 'c', 'a'] and 'a' in d and 'z' not in d and d.get('z') is None and d.get('z', 5) == 5 and d.pop('b') == 2 and d.pop('z', None) is None
assert d.setdefault('q', []) == [] and d.setdefault('q', 1) == [] and d.popitem() == ('q', []) and list(reversed(d)) == ['a', 'c'] and repr(d) == "{'c': 3, 'a': 1}"
d.update({'x': 1}, y=2); d.update([('z', 3)]); assert d == {'a': 1, 'c': 3, 'x': 1, 'y': 2, 'z': 3}
assert {'a': 1} | {'a': 2, 'b': 3} == {'a': 2, 'b': 3} and {**{'a': 1}, 'b': 2, **{'a': 3}} == {'a': 3, 'b': 2}
e = {'a': 1}; e |= [('b', 2)]; assert e == {'a': 1, 'b': 2} and dict(a=1) == {'a': 1} and dict([(1, 2)], b=3) == {1: 2, 'b': 3} and dict({1: 2}) == {1: 2}
assert dict.fromkeys('ab', 0) == {'a': 0, 'b': 0} and dict.fromkeys([1]) == {1: None} and dict(zip('ab', [1, 2])) == {'a': 1, 'b': 2}
assert {1: 'a', 1.0: 'b', True: 'c'} == {1: 'c'} and {(1, 2): 3}[1, 2] == 3 and {None: 1, ...: 2}[None] == 1 and {'': 0}[''] == 0
k = d.keys(); d['new'] = 0; assert 'new' in k and len(k) == 6 and k & {'a', 'zz'} == {'a'} and k - {'a', 'c', 'x', 'y', 'z'} == {'new'} and k | {'q'} >= {'q', 'a'} and k ^ {'a'} == set(d) - {'a'}
assert d.items() >= {('a', 1)} and ('a', 1) in d.items() and {'a': 1}.keys() == {'a'} and {'a': 1}.items() == {('a', 1)} and k.isdisjoint({'no'}) and k.mapping['a'] == 1
assert repr({'a': 1}.keys()) == "dict_keys(['a'])" and repr({1: 2}.values()) == 'dict_values([2])' and repr({1: 2}.items()) == 'dict_items([(1, 2)])' and {1: 2}.values() != {1: 2}.values()
assert {1: 2, 3: 4} == {3: 4, 1: 2} and {1: 2} != {1: 3} and {1: [2]} == {1: [2]} and {i: i * i for i in range(4)} == {0: 0, 1: 1, 2: 4, 3: 9} and {**{}} == {}
big = {i: str(i) for i in range(10000)}
for i in range(0, 10000, 2): del big[i]
assert len(big) == 5000 and list(big)[:3] == [1, 3, 5] and sum(big) == 25000000
for i in range(0, 100, 2): big[i] = 'back'
assert list(big)[-1] == 98 and len(big) == 5050
class K:
    def __init__(self, v): self.v = v
    def __hash__(self): return self.v % 3
    def __eq__(self, other): return isinstance(other, K) and self.v == other.v
many = {K(i): i for i in range(50)}
assert len(many) == 50 and all(many[K(i)] == i for i in range(50)) and many.pop(K(7)) == 7 and K(7) not in many
class Missing(dict):
    def __missing__(self, key): return key * 2
m = Missing(a=1); assert m['a'] == 1 and m['zz'] == 'zzzz' and m.get('zz') is None and 'zz' not in m
for call, kind, text in [(lambda: {}['x'], KeyError, "'x'"), (lambda: {}.popitem(), KeyError, "'popitem(): dictionary is empty'"), (lambda: {[]: 1}, TypeError, "cannot use 'list' as a dict key (unhashable type: 'list')"), (lambda: dict([1]), TypeError, 'object is not iterable'), (lambda: dict(['abc']), ValueError, 'dictionary update sequence element #0 has length 3; 2 is required'), (lambda: {} | [], TypeError, "unsupported operand type(s) for |: 'dict' and 'list'"), (lambda: {} < {}, TypeError, "'<' not supported between instances of 'dict' and 'dict'")]:
    try:
        call()
    except kind as error:
        assert str(error) == text, str(error)
    else:
        raise AssertionError(text)
try:
    for key in d: d[key + '!'] = 1
except RuntimeError as error:
    assert str(error) == 'dictionary changed size during iteration'
try:
    for key in e: del e[key]; e[key + 'x'] = 1
except RuntimeError as error:
    assert str(error) == 'dictionary keys changed during iteration'
r = {}; r['self'] = r; assert repr(r) == "{'self': {...}}"
def order(**kwargs): return list(kwargs)
assert order(z=1, a=2, m=3) == ['z', 'a', 'm'] and order(**{'b': 1, 'a': 2}) == ['b', 'a']
from collections import OrderedDict, defaultdict, Counter, ChainMap
o = OrderedDict(a=1, b=2); o.move_to_end('a'); assert list(o) == ['b', 'a'] and o != OrderedDict(a=1, b=2) and o == {'a': 1, 'b': 2} and repr(o) == "OrderedDict({'b': 2, 'a': 1})" and o.popitem(last=False) == ('b', 2)
dd = defaultdict(list); dd['x'].append(1); assert dd == {'x': [1]} and 'y' not in dd and repr(dd) == "defaultdict(<class 'list'>, {'x': [1]})"
c = Counter('abracadabra'); assert c.most_common(2) == [('a', 5), ('b', 2)] and c['zz'] == 0 and (c - Counter('aaab'))['a'] == 2 and c.total() == 11
ch = ChainMap({'a': 1}, {'a': 2, 'b': 3}); assert ch['a'] == 1 and ch['b'] == 3 and dict(ch) == {'a': 1, 'b': 3} and list(ch) == ['a', 'b']
