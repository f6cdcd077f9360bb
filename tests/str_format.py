# Formatting: format(), str.format, f-strings, %.
cases = [
    (42, 'd', '42'), (42, '5', '   42'), (42, '<5', '42   '), (42, '^6', '  42  '), (42, '05', '00042'), (-42, '06', '-00042'), (42, '+', '+42'),
    (42, ' ', ' 42'), (255, 'x', 'ff'), (255, '#X', '0XFF'), (5, 'b', '101'), (5, '#010b', '0b00000101'), (8, 'o', '10'), (1234567, ',', '1,234,567'),
    (1234567, '_', '1_234_567'), (0xfffff, '_x', 'f_ffff'), (65, 'c', 'A'), (42, '*>6', '****42'), (-42, '*=6', '-***42'), (10**20, ',', '100,000,000,000,000,000,000'),
    (1234567, '012,', '0,001,234,567'), (3, '.2f', '3.00'), (True, '5', '    1'), (3, 'e', '3.000000e+00'), (25, '%', '2500.000000%'),
    (3.14159, '.2f', '3.14'), (3.14159, '10.3f', '     3.142'), (-3.5, '+.1f', '-3.5'), (1234.5, ',.2f', '1,234.50'), (0.000012, 'g', '1.2e-05'),
    (1e10, 'g', '1e+10'), (1e10, '', '10000000000.0'), (123456789.0, 'g', '1.23457e+08'), (0.5, '%', '50.000000%'), (0.123, '.1%', '12.3%'), (1.5, 'e', '1.500000e+00'),
    (1.0, 'g', '1'), (1.0, '#g', '1.00000'), (float('nan'), 'f', 'nan'), (float('inf'), '08', '00000inf'), (-0.0, 'z.1f', '0.0'), (2.5, '.0f', '2'), (3.5, '.0f', '4'),
    (1e300, '.3g', '1e+300'), (123.456, '.5', '123.46'), (0.1, '.20f', '0.10000000000000000555'), (1234.5678, '015,.2f', '0,000,001,234.57'),
    ('abc', '6', 'abc   '), ('abc', '>6', '   abc'), ('abc', '^7', '  abc  '), ('abcdef', '.3', 'abc'), ('abc', '*^9.2', '***ab****'), ('abc', 's', 'abc'),
    (1 + 2j, '', '(1+2j)'), (1 + 2j, '.1f', '1.0+2.0j'), ([1], '', '[1]'), (None, '', 'None'), (3.14159, 'n', '3.14159'), (1234567, 'n', '1234567'),
]
for value, spec, expected in cases:
    assert format(value, spec) == expected, (value, spec, format(value, spec), expected)
assert '{} {}'.format(1, 2) == '1 2' and '{1} {0}'.format('a', 'b') == 'b a' and '{x.real:>{w}}'.format(x=5, w=4) == '   5'
assert '{0[1]} {d[key]}'.format([1, 2], d={'key': 'v'}) == '2 v' and '{{}}'.format() == '{}' and '{!r:>5} {!s} {!a}'.format('a', 'b', 'é') == "  'a' b '\\xe9'"
name, width, value = 'x', 8, 3.14159
assert f'{name}={value:.2f}' == 'x=3.14' and f'{value:{width}.{2}f}' == '    3.14' and f'{name!r:>5}' == "  'x'" and f'{{}}' == '{}'
assert f'{value=}' == 'value=3.14159' and f'{ value = :.1f}' == ' value = 3.1' and f'{name=!s}' == 'name=x' and f'{1 + 1=}' == '1 + 1=2'
assert f'{'nested ' + f'{'quotes'}'}' == 'nested quotes' and f'{"\n".join(['a', 'b'])}' == 'a\nb' and f'{(lambda x: x * 2)(3)}' == '6'
assert f'''{
    name  # a comment
}''' == 'x' and f'{name:{'>'}{4}}' == '   x' and f'{{{name}}}' == '{x}' and rf'\n{name}' == '\\nx' and f'{name!r}' 'y' == "'x'y"
assert f'{[i for i in range(3)]}' == '[0, 1, 2]' and f'{ {"a": 1}["a"] }' == '1' and f'{1,2}' == '(1, 2)' and f'{"a" if value else "b"}' == 'a'
class Odd:
    def __format__(self, spec): return f'<{spec}>'
    def __repr__(self): return 'odd'
    def __str__(self): return 'str'
assert f'{Odd()}' == '<>' and f'{Odd():a b}' == '<a b>' and f'{Odd()!s}' == 'str' and f'{Odd()!r}' == 'odd' and f'{Odd()=}' == 'Odd()=odd'
assert '%d %5.2f %s %r %%' % (3, 1.5, 'a', 'b') == "3  1.50 a 'b' %" and '%(x)05d' % {'x': 42} == '00042' and '%x %X %o %e' % (255, 255, 8, 1.5) == 'ff FF 10 1.500000e+00'
assert '%-5s|%+d|% d|%c%c' % ('a', 3, 4, 'x', 65) == 'a    |+3| 4|xA' and '%s' % [1] == '[1]' and '%s' % ((1, 2),) == '(1, 2)' and '%.3s' % 'abcdef' == 'abc' and '%*d' % (5, 3) == '    3'
assert '%#x %#o %i' % (255, 8, 3.9) == '0xff 0o10 3' and '%g' % 1e-10 == '1e-10'
errors = [
    (lambda: '%d' % 'x', '%d format: a real number is required, not str'), (lambda: '%s %s' % 1, 'not enough arguments for format string'),
    (lambda: '%s' % (1, 2), 'not all arguments converted during string formatting'), (lambda: '{}'.format(), 'Replacement index 0 out of range for positional args tuple'),
    (lambda: '{x}'.format(), 'x'), (lambda: '{'.format(), "Single '{' encountered in format string"), (lambda: '{} {0}'.format(1), 'cannot switch from automatic field numbering to manual field specification'),
    (lambda: format('a', 'd'), "Unknown format code 'd' for object of type 'str'"), (lambda: format(1, '.2d'), 'Precision not allowed in integer format specifier'),
    (lambda: format(object(), 'x'), 'unsupported format string passed to object.__format__'), (lambda: format(1.5, 'd'), "Unknown format code 'd' for object of type 'float'"),
    (lambda: format('a', '=5'), "'=' alignment not allowed in string format specifier"), (lambda: format(1, 'abc'), "Invalid format specifier 'abc' for object of type 'int'"),
]
for call, text in errors:
    try:
        call()
    except (ValueError, TypeError, IndexError) as error:
        assert str(error) == text, error
    except KeyError as error:
        assert error.args == (text,)
    else:
        raise AssertionError(text)
