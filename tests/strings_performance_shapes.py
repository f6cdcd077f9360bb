# Shapes of programs that a naive implementation makes quadratic or leaks in: each must end quickly.
import time
start = time.monotonic()
s = ''
for i in range(200_000): s += 'x'
assert len(s) == 200_000
class A: pass
a = A(); a.s = ''
for i in range(20_000): a.s += 'y'
l = []
for i in range(200_000): l.append(i)
while l: l.pop()
d = {}
for i in range(200_000): d[i] = i
while d: d.popitem()
from collections import deque
q = deque()
for i in range(100_000): q.append(i); q.appendleft(i)
while q: q.popleft()
for i in range(2000): l.insert(0, i)
b = bytearray()
for i in range(200_000): b += b'z'
d = {i: i for i in range(50_000)}
for k in list(d): del d[k]
for _ in range(1000): d['once'] = 1; next(iter(d)); del d['once']
for i in range(50_000): setattr(a, f'n{i % 500}', i)
parts = ['p'] * 200_000; assert len(''.join(parts).split('p')) == 200_001
t = ()
for i in range(3000): t += (i,)
n = 3 ** 20_000; assert n % 7 == pow(3, 20_000, 7)
x = [[] for _ in range(100_000)]; del x
s = set(range(100_000)); s -= set(range(0, 100_000, 3)); assert len(s) == 66_666
text = 'ab' * 50_000; assert text.count('ba') == 49_999 and text.find('bb') == -1 and text.replace('a', 'cc').count('cc') == 50_000
assert ('a' * 50_000 + 'b').find('a' * 1000 + 'b') == 49_000
for _ in range(100_000):
    try: raise ValueError
    except ValueError as e: pass
assert time.monotonic() - start < 30
