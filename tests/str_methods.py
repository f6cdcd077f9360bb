# Methods of str.
s = 'Hello, World'
assert s.upper() == 'HELLO, WORLD' and s.lower() == 'hello, world' and s.swapcase() == 'hELLO, wORLD'
assert 'hello world'.title() == 'Hello World' and "they're".title() == "They'Re" and 'ÉCOLE'.capitalize() == 'École'
assert 'ß'.upper() == 'SS' and 'ß'.casefold() == 'ss' and 'ǆ'.title() == 'ǅ' and 'İ'.lower() == 'i̇' and 'ΑΣ'.lower() == 'ας'
assert s.find('o') == 4 and s.rfind('o') == 8 and s.find('z') == -1 and s.index('W') == 7 and s.count('l') == 3 and s.find('', 20) == -1
assert 'aaaa'.count('aa') == 2 and 'abc'.count('') == 4 and ''.count('') == 1 and 'abc'.find('', 3) == 3
assert s.startswith('Hell') and s.startswith(('x', 'H')) and s.endswith('World') and s.startswith('W', 7) and s.startswith('')
assert 'a,b,,c'.split(',') == ['a', 'b', '', 'c'] and ' a  b '.split() == ['a', 'b'] and ' a  b '.split(' ') == ['', 'a', '', 'b', '']
assert 'a,b,c'.split(',', 1) == ['a', 'b,c'] and 'a,b,c'.rsplit(',', 1) == ['a,b', 'c'] and ''.split() == [] and ''.split(',') == ['']
assert 'a b c'.split(None, 1) == ['a', 'b c'] and ' a b '.rsplit(None, 1) == [' a', 'b'] and 'x\u3000y'.split() == ['x', 'y']
assert 'a\nb\r\nc\x0bd\u2028e'.splitlines() == ['a', 'b', 'c', 'd', 'e'] and 'a\n\nb\n'.splitlines(True) == ['a\n', '\n', 'b\n']
assert 'k=v=w'.partition('=') == ('k', '=', 'v=w') and 'k=v=w'.rpartition('=') == ('k=v', '=', 'w') and 'k'.partition('=') == ('k', '', '') and 'k'.rpartition('=') == ('', '', 'k')
assert '-'.join(['a', 'b']) == 'a-b' and ''.join([]) == '' and ', '.join(str(i) for i in range(3)) == '0, 1, 2'
assert '  x '.strip() == 'x' and 'xxaxx'.strip('x') == 'a' and 'abcba'.lstrip('ab') == 'cba' and 'abcba'.rstrip('ab') == 'abc'
assert 'ab'.center(6, '*') == '**ab**' and 'ab'.center(5) == '  ab ' and 'a'.ljust(3, '.') == 'a..' and 'a'.rjust(3) == '  a' and 'abc'.center(6) == ' abc  '
assert '42'.zfill(5) == '00042' and '-42'.zfill(5) == '-0042' and '+x'.zfill(4) == '+00x'
assert 'aXbX'.replace('X', '--') == 'a--b--' and 'aaa'.replace('a', 'b', 2) == 'bba' and 'abc'.replace('', '-') == '-a-b-c-' and ''.replace('', 'x') == 'x'
assert 'aaa'.replace('a', 'b', count=1) == 'baa'
assert 'a\tb\n\tc'.expandtabs(4) == 'a   b\n    c' and 'prefix-x'.removeprefix('prefix-') == 'x' and 'x.py'.removesuffix('.py') == 'x'
assert 'abc'.translate({97: 'x', 98: None, 99: 100}) == 'xd' and 'abc'.translate(str.maketrans('ab', 'xy', 'c')) == 'xy'
assert 'abc'.isalpha() and not 'a1'.isalpha() and 'a1'.isalnum() and '12'.isdigit() and '²'.isdigit() and not '²'.isdecimal() and '½'.isnumeric()
assert ' \t\n'.isspace() and 'Ab'.istitle() and not 'ab'.istitle() and 'ab1'.islower() and 'AB1'.isupper() and not '1'.isupper()
assert 'a_1'.isidentifier() and not '1a'.isidentifier() and 'é'.isidentifier() and 'abc'.isascii() and not 'é'.isascii() and ''.isprintable() and not '\n'.isprintable()
assert s[0] == 'H' and s[-1] == 'd' and s[1:4] == 'ell' and s[::-1] == 'dlroW ,olleH' and s[::3] == 'Hl r' and s[10:100] == 'ld' and s[5:2] == ''
assert 'abc' < 'abd' < 'b' and 'Z' < 'a' and 'a' * 3 == 'aaa' and 3 * 'ab' == 'ababab' and 'a' * -1 == '' and 'ell' in s and '' in s
assert len('héllo') == 5 and len('😀') == 1 and '😀'[0] == '\U0001f600' and ord('😀') == 0x1f600 and chr(0x1f600) == '😀'
assert 'ab' + 'é' + '中' + '😀' == 'abé中😀' and 'abé中😀'[1:4] == 'bé中' and 'abé中😀'[:2].isascii() and '😀abc'[1:] == 'abc'
assert repr('it\'s') == '"it\'s"' and repr('"\'') == '\'"\\\'\'' and repr('\n\t\\\x00\x7f\xa0é\u200b😀\ud800') == "'\\n\\t\\\\\\x00\\x7f\\xa0é\\u200b😀\\ud800'"
assert ascii('é中😀') == "'\\xe9\\u4e2d\\U0001f600'" and str(b'x', 'ascii') == 'x' and str(object=5) == '5' and str() == ''
assert hash('abc') == hash('ab' + 'c') and 'abc' is not None and {'a': 1}['a'] == 1
import sys
assert sys.intern('some text') is sys.intern('some ' + 'text')
for call, error in [(lambda: s.index('z'), 'substring not found'), (lambda: 'a'.split(''), 'empty separator'), (lambda: s[99], 'string index out of range'),
                    (lambda: 'a' + 1, 'can only concatenate str (not "int") to str'), (lambda: 1 + 'a', "unsupported operand type(s) for +: 'int' and 'str'"),
                    (lambda: ','.join([1]), 'sequence item 0: expected str instance, int found'), (lambda: 'a'['b'], "string indices must be integers, not 'str'"),
                    (lambda: 1 in 'a', "'in <string>' requires string as left operand, not int"), (lambda: chr(-1), 'chr() arg not in range(0x110000)'),
                    (lambda: ord('ab'), 'ord() expected a character, but string of length 2 found')]:
    try:
        call()
    except (ValueError, TypeError, IndexError) as problem:
        assert str(problem) == error, problem
    else:
        raise AssertionError(error)
