# Comprehensions: nesting, conditions, scopes, order of evaluation, unpacking of targets.
assert [x for x in range(5) if x % 2 if x > 1] == [3] and [(x, y) for x in range(3) for y in range(x)] == [(1, 0), (2, 0), (2, 1)] and [[y for y in range(x)] for x in range(3)] == [[], [0], [0, 1]]
assert {k: v for k, v in zip('ab', range(2))} == {'a': 0, 'b': 1} and {c for c in 'hello'} == set('helo') and {a: b for a, *b in [(1, 2, 3)]} == {1: [2, 3]} and [a for (a, (b, c)) in [(1, (2, 3))]] == [1]
log = []
def note(x): log.append(x); return x
assert {note('k1'): note('v1') for _ in [0]} == {'k1': 'v1'} and log == ['k1', 'v1']
def outer():
    n = 10
    return [n + i for i in range(2)], [(lambda: n + i)() for i in range(2)], {i: [n * j for j in range(i)] for i in range(3)}
assert outer() == ([10, 11], [10, 11], {0: [], 1: [0], 2: [0, 10]})
def modify():
    total = 0
    def add(i):
        nonlocal total
        total += i
        return total
    return [add(i) for i in range(4)], total
assert modify() == ([0, 1, 3, 6], 6)
class C:
    items = [1, 2, 3]
    doubled = [i * 2 for i in items]
    n = 5
    try:
        bad = [n for _ in items]
    except NameError:
        bad = 'NameError'
assert C.doubled == [2, 4, 6] and C.bad == 'NameError' and not hasattr(C, 'i')
x = 'module'
assert [x for x in range(3)] == [0, 1, 2] and x == 'module'
def same_name(x): return [x for x in x]
assert same_name('ab') == ['a', 'b']
def walrus(): return [y := i for i in range(3)], y
assert walrus() == ([0, 1, 2], 2) and [z for i in range(6) if (z := i * i) % 2 == 0] == [0, 4, 16]
try:
    [undefined_thing for _ in [1]]
except NameError:
    pass
try:
    [i for i in 5]
except TypeError as error:
    assert str(error) == "'int' object is not iterable"
def deleted():
    result = [v for v in range(2)]
    try:
        v
    except NameError: return result
assert deleted() == [0, 1]
assert [[[k for k in range(j)] for j in range(i)] for i in range(3)] == [[], [[]], [[], [0]]] and [i if i else 'z' for i in range(2)] == ['z', 1] and [f'{i}{j}' for i in 'ab' for j in '12'] == ['a1', 'a2', 'b1', 'b2']
assert sum([i for i in range(10)]) == 45 and list(map(lambda p: p[0] * p[1], [(1, 2), (3, 4)])) == [2, 12] and [*map(str, filter(None, [0, 1, '', 2]))] == ['1', '2']
big = [i for i in range(100000)]; assert len(big) == 100000 and big[-1] == 99999
def cells(): return [lambda: (i, j) for i in range(2) for j in range(2)]
assert [f() for f in cells()] == [(1, 1)] * 4
def early():
    for i in [1]:
        return [i for i in range(i, i + 2)]
assert early() == [1, 2]
def gen_in_comp():
    return [list(g) for g in [(i * n for i in range(2)) for n in range(3)]]
assert gen_in_comp() == [[0, 2]] * 3, gen_in_comp()
def exc_inside():
    try:
        return [1 // i for i in (1, 0)]
    except ZeroDivisionError as e:
        return e.__traceback__.tb_frame.f_code.co_name
assert exc_inside() == 'exc_inside'
def loc(): return [sorted(locals()) for a in [1]]
assert loc() == [['a']]
for code in ('[x := 1 for x in y]', '[(i := 0) for i in r]', 'class A: [j := 0 for i in r]', '[i for i in (j := r)]', '[*a for a in b]', '{**a for a in b}', '[a, b for a in b]'):
    try:
        compile(code, '', 'exec')
    except SyntaxError:
        pass
    else:
        raise AssertionError(code)
