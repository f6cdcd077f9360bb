# struct, array, bisect, heapq, random, statistics, fractions, decimal, math.
import struct, array, bisect, heapq, random, fractions, decimal, math, cmath, operator, statistics
assert struct.pack('<hIq', -2, 3, -4) == b'\xfe\xff\x03\x00\x00\x00\xfc' + b'\xff' * 7 and struct.unpack('>HB', b'\x01\x02\x03') == (258, 3) and struct.calcsize('=ibd') == 13 and struct.calcsize('@ibd') == 16 and struct.pack('5s3p?', b'ab', b'xyz', True) == b'ab\0\0\0\x02xy\x01' and struct.unpack('<ef', struct.pack('<ef', 1.5, -2.25)) == (1.5, -2.25) and list(struct.iter_unpack('B', b'ab')) == [(97,), (98,)] and struct.Struct('<2H').unpack_from(b'x\1\0\2\0', 1) == (1, 2) and struct.pack('n', -1) == b'\xff' * 8
for bad in (lambda: struct.pack('B', 256), lambda: struct.unpack('H', b'a'), lambda: struct.pack('q', 2**63), lambda: struct.pack('z', 1), lambda: struct.pack('h', 'a')):
    try: bad()
    except struct.error: pass
    else: raise AssertionError
a = array.array('i', [3, 1]); a.append(2); a.extend([5]); assert a.tolist() == [3, 1, 2, 5] and a[1:3] == array.array('i', [1, 2]) and a.itemsize == 4 and repr(a) == "array('i', [3, 1, 2, 5])" and a.tobytes()[:4] == b'\x03\0\0\0' and memoryview(a).tolist() == [3, 1, 2, 5] and a.index(2) == 2 and a.pop() == 5 and sorted(a) == [1, 2, 3] and array.array('d', [1.5])[0] == 1.5 and array.array('w', 'é😀').tounicode() == 'é😀'; a.byteswap(); a.byteswap(); a.reverse(); a.remove(1); a *= 2; assert a.tolist() == [2, 3, 2, 3]
try: array.array('b', [200])
except OverflowError: pass
l = [1, 3, 5]; bisect.insort(l, 4); assert l == [1, 3, 4, 5] and bisect.bisect_left(l, 3) == 1 and bisect.bisect(l, 3) == 2 and bisect.bisect([5, 3, 1], -3, key=lambda x: -x) == 2
h = [5, 1, 4, 2]; heapq.heapify(h); heapq.heappush(h, 0); assert [heapq.heappop(h) for _ in range(5)] == [0, 1, 2, 4, 5] and heapq.nlargest(2, [1, 5, 3]) == [5, 3] and heapq.nsmallest(2, 'cab') == ['a', 'b'] and list(heapq.merge([1, 4], [2, 3])) == [1, 2, 3, 4] and heapq.heappushpop([1, 2], 0) == 0
random.seed(42); first = [random.random() for _ in range(3)], random.choice('abc'), random.sample(range(10), 3), random.randint(1, 6), random.gauss(0, 1), random.getrandbits(70); random.seed(42); assert first == ([random.random() for _ in range(3)], random.choice('abc'), random.sample(range(10), 3), random.randint(1, 6), random.gauss(0, 1), random.getrandbits(70)) and first[0][0] == 0.6394267984578837
random.seed('text'); x = random.random(); random.seed('text'); assert x == random.random(); s = list(range(10)); random.Random(1).shuffle(s); assert s == [6, 8, 9, 7, 5, 3, 0, 4, 1, 2] or sorted(s) == list(range(10)); state = random.getstate(); y = random.random(); random.setstate(state); assert y == random.random() and random.Random(0).choices('ab', [1, 0], k=3) == ['a'] * 3
F = fractions.Fraction; assert F(1, 3) + F(1, 6) == F(1, 2) and F('0.125') == F(1, 8) and F(0.5) == F(1, 2) and str(F(3, -6)) == '-1/2' and F(7, 2) // 1 == 3 and round(F(5, 2)) == 2 and F(1, 2) == 0.5 and hash(F(1, 2)) == hash(0.5) and F(3.14159).limit_denominator(100) == F(311, 99) and F(1, 2) ** 2 == F(1, 4) and f'{F(1, 3):.3f}' == '0.333'
D = decimal.Decimal; assert D('0.1') + D('0.2') == D('0.3') and str(D(1) / D(7)) == '0.1428571428571428571428571429' and D('1.10') == D('1.1') and str(D('1.10')) == '1.10' and D('2.5').quantize(D('1')) == 2 and D(2).sqrt() == D('1.414213562373095048801688724') and hash(D('0.5')) == hash(0.5) and str(D('1E+3')) == '1E+3' and D('-Infinity') < 0 and f'{D("1234.5"):,.2f}' == '1,234.50' and D('123').as_tuple() == ((0, (1, 2, 3), 0)) and int(D('7.9')) == 7
with decimal.localcontext(prec=5): assert str(D(1) / 3) == '0.33333'
try: D(1) / 0
except decimal.DivisionByZero: pass
assert statistics.mean([1, 2, 3, 4]) == 2.5 and statistics.median([3, 1, 2]) == 2 and statistics.stdev([1, 2, 3]) == 1.0 and statistics.mode('aab') == 'a'
assert math.gamma(5) == 24.0 and math.log(8, 2) == 3.0 and math.log2(2**70) == 70.0 and math.log10(100) == 2.0; assert math.sin(0) == 0 and math.degrees(math.pi) == 180 and math.dist((0, 0), (3, 4)) == 5 and math.exp2(10) == 1024 and round(math.cbrt(27), 9) == 3 and math.ldexp(0.5, 4) == 8 and math.fmod(-7, 3) == -1 and math.sumprod([1, 2], [3, 4]) == 11 and math.isqrt(24) == 4 and math.fma(2, 3, 4) == 10 and math.erf(0) == 0 and cmath.sqrt(-1) == 1j and cmath.phase(-1) == math.pi and abs(cmath.exp(1j * math.pi) + 1) < 1e-15
for bad in (lambda: math.sqrt(-1), lambda: math.log(0), lambda: math.factorial(-1), lambda: math.acos(2), lambda: math.isqrt(-1)):
    try: bad()
    except ValueError: pass
    else: raise AssertionError
assert operator.itemgetter(1, 0)('ab') == ('b', 'a') and operator.attrgetter('real')(5) == 5 and operator.methodcaller('upper')('a') == 'A' and operator.mul(2, 3) == 6 and operator.index(5) == 5 and operator.contains([1], 1) and operator.length_hint(iter([1])) == 1 and operator.is_not_none(1)
