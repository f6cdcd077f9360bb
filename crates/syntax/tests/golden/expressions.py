a + b * c ** -d @ e // f % g << h >> i & j | k ^ ~l
not a and b or c if d else lambda x, *y, z=1, **w: (x, y)
a < b <= c != d == e is f is not g in h not in i > j >= k
f(x for x in y)(*a, k=1, **kw)[1:2, ::3, ..., *b][x := 1].attr
[*a, b, (c := d)], {*a, b}, {**a, b: c}, {}, (), (a,), [],
[x for x, *y in z if x if y for w in x], {x: y for x in z}, {x for x in y}
0xFF, 0b1_0, 0o17, 1_000.5e-3, 1e400, 2j, 0_0, 123456789012345678901234567890, 0xfedcba9876543210fedcba
None, True, False, ...
'a' "b" r'\d', b'\x00' b"c", u'u' 'v'
'''three
lines''' "\N{BULLET}\u00e9\ud800\
joined"
