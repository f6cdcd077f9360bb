# Nested try, with, loops and returns: values on the operand stack must survive every way out.
def f(mode):
    out = []
    for i in range(3):
        try:
            for j in range(3):
                try:
                    if mode == 'continue' and j == 1: continue
                    if mode == 'break' and j == 1: break
                    if mode == 'return' and i == j == 1: return out + ['returned']
                    if mode == 'raise' and j == 1: raise ValueError(i)
                    out.append((i, j))
                finally:
                    out.append(('f', i, j))
                    if mode == 'swallow' and j == 1: break
        except ValueError as e:
            out.append(('caught', e.args[0]))
            if e.args[0] == 1: continue
        else:
            out.append('else')
        finally:
            out.append(('outer', i))
    return out
assert len(f('')) == 24 and f('return')[-1] == 'returned' and f('raise').count(('caught', 1)) == 1 and 'else' not in f('raise') and f('break').count('else') == 3 and len(f('continue')) == 21 and len(f('swallow')) == 18, [len(f(m)) for m in ('', 'continue', 'swallow')]
def expression_stack():
    return [1, (lambda: 2)(), *(x for x in [3]), max(4, *[5 if (y := 5) else 6]), {**{'k': (yield_in := 7)}}['k']] + [z for z in (8,)]
assert expression_stack() == [1, 2, 3, 5, 7, 8]
def raising(): raise KeyError('deep')
def partial(log):
    try: return [log.append(1), log.append(2), raising(), log.append(3)]
    except KeyError: return log
assert partial([]) == [1, 2]
def generator_in_try():
    try:
        x = yield 1
        return [x, (yield 2), *(yield 3)]
    finally:
        yield 'cleanup'
g = generator_in_try(); next(g); g.send('a'); g.send('b'); assert g.send('cd') == 'cleanup'
try: next(g)
except StopIteration as s: assert s.value == ['a', 'b', 'c', 'd']
class M:
    def __init__(s, log, n, swallow=False): s.log, s.n, s.swallow = log, n, swallow
    def __enter__(s): s.log.append(s.n); return s.n
    def __exit__(s, *e): s.log.append(-s.n); return s.swallow
def withs(log):
    with M(log, 1):
        for i in range(3):
            with M(log, 10 + i, swallow=True) as m:
                if i == 1: raise ValueError
                if i == 2: return m + (lambda: 5)()
assert withs(log := []) == 17 and log == [1, 10, -10, 11, -11, 12, -12, -1]
def chained(a, b, c): return a < b < c, a < b > c, not a < b, a if b else c, a and b or c
assert chained(1, 2, 3) == (True, False, False, 1, 2) and chained(3, 0, 1) == (False, False, True, 1, 1)
def alias(a):
    b = a; a = a + 1; c = (a, b, a := a * 2, b, a); return c
assert alias(1) == (2, 1, 4, 1, 4)
def swap(l, i, j): l[i], l[j] = l[j], l[i]; a, b, c = 1, 2, 3; a, b, c = c, a, b; return l, a, b, c
assert swap([1, 2], 0, 1) == ([2, 1], 3, 1, 2)
def overwrite(x):
    y = [x, x + 1, (x := 10), x]; return y + [x + (x := 20) + x]
assert overwrite(1) == [1, 2, 10, 10, 50]
def loopvar():
    fs = []
    for i in range(3):
        def g(k=i): return i, k
        fs.append(g)
    return [f() for f in fs]
assert loopvar() == [(2, 0), (2, 1), (2, 2)]
def delete(n):
    x = n
    try:
        del x
        return x
    except UnboundLocalError: return 'gone'
assert delete(1) == 'gone'
source = 'def big(' + ', '.join(f'a{i}' for i in range(300)) + '):\n' + ''.join(f'    v{i} = a{i} + {i}\n' for i in range(300)) + '    return [' + ', '.join(f'v{i}' for i in range(300)) + ']\n'
space = {}; exec(source, space); assert space['big'](*range(300)) == [2 * i for i in range(300)]
exec('x = [' + ', '.join(map(str, range(5000))) + ']\ny = {' + ', '.join(f'{i}: {i}' for i in range(3000)) + '}', space); assert sum(space['x']) == 12497500 and len(space['y']) == 3000
exec('def f(n):\n' + '\n'.join(f'    if n == {i}: return {i * i}' for i in range(2000)), space); assert space['f'](1999) == 1999**2 and space['f'](5000) is None
exec('def f(x):\n    while x < 100:\n' + '\n'.join('        x = x + 1 if x < 1000 else x - 1' for _ in range(500)) + '\n    return x', space); assert space['f'](0) == 500
exec('r = ' + ' + '.join(['1'] * 1500), space); assert space['r'] == 1500
exec('def f(**k): return len(k)\nr = f(' + ', '.join(f'k{i}={i}' for i in range(500)) + ')', space); assert space['r'] == 500
def deep_try(n):
    if n == 0: raise ValueError('bottom')
    try: deep_try(n - 1)
    finally: depth.append(n)
depth = []
try: deep_try(200)
except ValueError as e: assert depth == list(range(1, 201))
def many(n): return n if n == 0 else many(n - 1)
for _ in range(50): many(900)
def ret_in_finally():
    for i in range(3):
        try: yield i
        finally: seen.append(i)
seen = []
for v in ret_in_finally():
    if v == 1: break
assert seen == [0, 1]
