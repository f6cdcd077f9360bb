# match: every kind of pattern, guards, captures, classes, errors.
from dataclasses import dataclass
from enum import Enum
class Color(Enum): RED = 1; BLUE = 2
@dataclass
class Point: x: int; y: int = 0
class Sub(Point): pass
class Args:
    __match_args__ = ('a', 'b')
    def __init__(self, a, b): self.a, self.b = a, b
def describe(v):
    match v:
        case None | True | False: return 'singleton'
        case 0: return 'zero'
        case -1 | 1.5 | 2 + 3j: return 'number'
        case 'a' | b'a': return 'letter'
        case Color.RED: return 'red'
        case Color(): return 'colour'
        case Point(x=0, y=0): return 'origin'
        case Sub(x, y=yy): return ('sub', x, yy)
        case Point(x, y) if x == y: return ('diagonal', x)
        case Point(x): return ('point', x)
        case Args(1, b=[_, *rest]): return ('args', rest)
        case int(n) | float(n) if n > 100: return ('big', n)
        case int(): return 'int'
        case str() as s if s.startswith('x'): return ('x', s)
        case []: return 'empty'
        case [one]: return ('one', one)
        case ['go', ('north' | 'south') as way]: return way
        case [first, *_, last] if first == last: return 'same ends'
        case (a, [b, (c, *d)], *e): return (a, b, c, d, e)
        case {'type': 'circle', 'r': r, **rest}: return ('circle', r, rest)
        case {'type': str(t)}: return t
        case {}: return 'mapping'
        case [*everything]: return everything
        case _: return 'other'
tests = [(None, 'singleton'), (True, 'singleton'), (0, 'zero'), (0.0, 'zero'), (-1, 'number'), (2 + 3j, 'number'), (b'a', 'letter'), (Color.RED, 'red'), (Color.BLUE, 'colour'), (Point(0, 0), 'origin'), (Sub(1, 2), ('sub', 1, 2)), (Point(3, 3), ('diagonal', 3)), (Point(3, 4), ('point', 3)), (Args(1, [1, 2, 3]), ('args', [2, 3])), (500, ('big', 500)), (101.5, ('big', 101.5)), (5, 'int'), ('xyz', ('x', 'xyz')), ([], 'empty'), ((), 'empty'), ([1], ('one', 1)), (['go', 'north'], 'north'), ([1, 2, 1], 'same ends'), ([1, [2, (3, 4, 5)], 6], (1, 2, 3, [4, 5], [6])), ({'type': 'circle', 'r': 2, 'z': 1}, ('circle', 2, {'z': 1})), ({'type': 'sq'}, 'sq'), ({1: 2}, 'mapping'), ({}, 'mapping'), ([1, 2, 3], [1, 2, 3]), ('abc', 'other'), (b'abc', 'other'), (bytearray(b'a'), 'letter'), ({1}, 'other'), (range(3), [0, 1, 2])]
for value, expected in tests:
    assert describe(value) == expected, (value, describe(value), expected)
match 5, 6:
    case x, y: assert (x, y) == (5, 6)
match [1, 2]:
    case [x, 3]: raise AssertionError
    case _: pass
class Seq(list): pass
match Seq([1]):
    case [q]: assert q == 1
from collections import deque, OrderedDict, UserDict
match deque([1, 2]):
    case [a, b]: assert b == 2
match UserDict(a=1):
    case {'a': 1}: ok = True
assert ok
class Lookups(dict):
    def __missing__(self, k): return 'made'
match Lookups():
    case {'x': _}: raise AssertionError
    case {}: pass
match 'word':
    case str(w): assert w == 'word'
match {'a': [1, {'b': (2, 3)}]}:
    case {'a': [int(), {'b': (first, _)}]}: assert first == 2
def errors():
    class Bad: __match_args__ = 5
    class Few: __match_args__ = ('a',)
    try:
        match Bad():
            case Bad(1): pass
    except TypeError as e: assert str(e) == 'Bad.__match_args__ must be a tuple (got int)'
    try:
        match Few():
            case Few(1, 2): pass
    except TypeError as e: assert str(e) == 'Few() accepts 1 positional sub-pattern (2 given)'
    try:
        match 5:
            case describe(): pass
    except TypeError as e: assert str(e) == 'called match pattern must be a class'
errors()
for code, text in [('match x:\n case a: pass\n case b: pass', "name capture 'a' makes remaining patterns unreachable"), ('match x:\n case _: pass\n case 1: pass', 'wildcard makes remaining patterns unreachable'), ('match x:\n case a | 1: pass', "name capture 'a' makes remaining patterns unreachable"), ('match x:\n case (a, a): pass', "multiple assignments to name 'a' in pattern"), ('match x:\n case [a] | [b]: pass', 'alternative patterns bind different names'), ('match x:\n case [*a, *b]: pass', 'multiple starred names in sequence pattern'), ('match x:\n case {**r, "a": 1}: pass', None), ('match x:\n case P(a=1, a=2): pass', 'attribute name repeated in class pattern: a')]:
    try:
        compile(code, '', 'exec')
    except SyntaxError as e:
        assert text is None or e.msg == text, e.msg
    else:
        raise AssertionError(code)
match = 1; case = 2; type = 3; _ = 4
assert match + case + type + _ == 10
match match:
    case case: assert case == 1
