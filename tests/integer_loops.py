# Loops whose numbers cross every boundary: small, big, float, negative; and for/while shapes.
def fact(n):
    r = 1
    while n > 1: r *= n; n -= 1
    return r
assert fact(25) == 15511210043330985984000000
def fib(n):
    a, b = 0, 1
    for _ in range(n): a, b = b, a + b
    return a
assert fib(100) == 354224848179261915075 and fib(300) == fib(299) + fib(298)
def shift():
    x = 1; out = []
    for i in range(70): out.append(x); x <<= 1
    for i in range(70): assert x >> i << i == x
    while x: x >>= 1; out.append(x)
    return out
s = shift(); assert s[61:65] == [2**61, 2**62, 2**63, 2**64] and s[-1] == 0 and len(s) == 141
def near(limit):
    x = limit - 5; n = 0
    while x < limit + 5: x += 1; n += 1
    while x > limit - 5: x -= 1; n += 1
    x = -limit + 5
    while x > -limit - 5: x -= 1; n += 1
    return n
for limit in (2**31, 2**53, 2**60, 2**61, 2**62, 2**63, 2**64, 2**128): assert near(limit) == 30
def mix():
    t = 0
    for i in range(10): t += i if i % 2 else i / 2 if i % 4 else i * 1j
    return t
assert mix() == sum([0j, 1, 1.0, 3, 4j, 5, 3.0, 7, 8j, 9])
total = 0
for i in range(1000):
    if i % 3 == 0: continue
    for j in range(i % 5):
        if j == 3: break
        total += i * j - (i ^ j) + (i & j) - (i | ~j) % 7
    else: total -= 1
assert total == -139863
def collatz(n):
    steps = 0
    while n != 1: n = 3 * n + 1 if n & 1 else n // 2; steps += 1
    return steps
assert collatz(27) == 111 and collatz(837799) == 524 and collatz(2**70 - 1) > 100
x = 2**61
for i in range(10): x = -x; assert x == (-1)**(i + 1) * 2**61
x = -2**61; assert -x == 2**61 and abs(x) == 2**61 and x - 1 + 1 == x and x // -1 == 2**61 and x * -1 == 2**61 and ~x == 2**61 - 1 and divmod(x, -1) == (2**61, 0)
x = 2**61 - 1; assert x + 1 == 2**61 and x * x == 5316911983139663487003542222693990401 and -x - 2 == -2**61 - 1 and x ^ -1 == -2**61 and x << 1 == 2**62 - 2
acc = 0.0
for i in range(1, 1000): acc += 1 / i - 1 / (i + 1)
assert abs(acc - 0.999) < 1e-12
def overflow(): 
    x = 1.0
    for _ in range(2000): x *= 2
    return x
assert overflow() == float('inf')
def under():
    x, n = 1.0, 0
    while x: x /= 2; n += 1
    return n
assert under() == 1075
assert [i for i in range(10, 0, -3)] == [10, 7, 4, 1] and [i for i in range(2**62, 2**62 + 3)] == [2**62, 2**62 + 1, 2**62 + 2] and [i for i in range(-2**63 - 1, -2**63 + 1)] == [-2**63 - 1, -2**63] and sum(range(10**6)) == 499999500000
n = 0
for i in range(3):
    for i in range(2): n += i
assert n == 3 and i == 1
import operator
for a in (0, 1, -1, 7, -7, 2**61, -2**61, 2**64, 1.5, -0.0, True):
    for b in (1, -1, 3, -3, 2**61, 2**65, 2.5, True):
        for op in (operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.lt, operator.eq, operator.ge):
            r = op(a, b); f = {'add': '+', 'sub': '-', 'mul': '*', 'truediv': '/', 'floordiv': '//', 'mod': '%', 'lt': '<', 'eq': '==', 'ge': '>='}[op.__name__]
            assert r == eval(f'a {f} b') and type(r) is type(eval(f'({a!r}) {f} ({b!r})')), (a, f, b)
