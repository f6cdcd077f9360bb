# Literals: numbers, strings and their prefixes and escapes, implicit joining, identifiers.
assert 0x_ff == 255 and 0b1_0 == 2 and 0o17 == 15 and 1_000_000 == 10**6 and 00 == 0 and 0XFF == 0xff and 1e3 == 1000.0 and 1.e2 == 100.0 and .5 == 0.5 and 1_0.0_1 == 10.01 and 3j == complex(0, 3) and 1.5E-3 == 0.0015
assert '\x41\u0042\U00000043\103\N{LATIN SMALL LETTER E WITH ACUTE}' == 'ABCCé' and '\a\b\f\n\r\t\v\\\'\"' == '\x07\x08\x0c\x0a\x0d\x09\x0b\x5c\x27\x22' and 'a\
b' == 'ab' and '''x
y''' == 'x\ny' and r'\n' == '\\n' and R'\'' == "\\'" and b'\xff\101' == b'\xffA' and rb'\x' == b'\\x' and Rb'' == b'' and u'x' == 'x'
assert 'a' 'b' "c" == 'abc' and b'a' b'b' == b'ab' and ('a'
    'b') == 'ab' and 'a' f'{1}' 'b' == 'a1b' and """it's "q" """ == 'it\'s "q" ' and '' '' == ''
import warnings
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter('always')
    assert eval(r"'\d'") == '\\d' and eval(r"b'\q'") == b'\\q' and eval(r"'\400'") == 'Ā'
    assert [str(w.message) for w in seen] == ['"\\d" is an invalid escape sequence. Such sequences will not work in the future. Did you mean "\\\\d"? A raw string is also an option.', '"\\q" is an invalid escape sequence. Such sequences will not work in the future. Did you mean "\\\\q"? A raw string is also an option.', '"\\400" is an invalid octal escape sequence. Such sequences will not work in the future. Did you mean "\\\\400"? A raw string is also an option.'], [str(w.message) for w in seen]
    seen.clear(); eval('1if 1else 2'); assert [str(w.message) for w in seen] == ['invalid decimal literal'] * 2, [str(w.message) for w in seen]
    seen.clear(); eval('"a" is "a"'); assert str(seen[0].message) == '"is" with \'str\' literal. Did you mean "=="?'
    seen.clear(); compile('assert (1, "x")', '', 'exec'); assert str(seen[0].message) == 'assertion is always true, perhaps remove parentheses?'
    seen.clear(); compile('[1] (2)', '', 'exec'); assert str(seen[0].message) == "'list' object is not callable; perhaps you missed a comma?"
ñandú = 1; 変数 = 2; ｆｕｌｌ = 3; assert ñandú + 変数 + full == 6 and 'ﬁ'.isidentifier() and eval('ﬁx', {'fix': 9}) == 9
for code, text in [
    ('0777', 'leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers'),
    ('1_', 'invalid decimal literal'),
    ('1__0', 'invalid decimal literal'),
    ('0b2', "invalid digit '2' in binary literal"),
    ('0xg', 'invalid hexadecimal literal'),
    ('1a', 'invalid decimal literal'),
    ("'abc", 'unterminated string literal (detected at line 1)'),
    ("'''abc", 'unterminated triple-quoted string literal (detected at line 1)'),
    ("'\\x4'", "(unicode error) 'unicodeescape' codec can't decode bytes in position 0-2: truncated \\xXX escape"),
    ("b'é'", 'bytes can only contain ASCII literal characters'),
    ("'a' b'b'", 'cannot mix bytes and nonbytes literals'),
    ('a $ b', 'invalid syntax'),
    ('a ? b', 'invalid syntax'),
    ('x = \xa01', 'invalid non-printable character U+00A0'),
    ('“x”', "invalid character '“' (U+201C)"),
    ("'\\N{NOT A NAME AT ALL}'", "(unicode error) 'unicodeescape' codec can't decode bytes in position 0-20: unknown Unicode character name"),
    ("f'{a b}'", 'invalid syntax. Perhaps you forgot a comma?'),
    ("f'{}'", "f-string: valid expression required before '}'"),
    ("f'{a'", "f-string: expecting '}'"),
    ("f'}'", "f-string: single '}' is not allowed"),
    ("f'{a!x}'", "f-string: invalid conversion character 'x': expected 's', 'r', or 'a'"),
    ('1 = x', "cannot assign to literal here. Maybe you meant '==' instead of '='?"),
    ('f() = 1', "cannot assign to function call here. Maybe you meant '==' instead of '='?"),
    ('x + 1 = 2', "cannot assign to expression here. Maybe you meant '==' instead of '='?"),
    ('del f()', 'cannot delete function call'),
    ('(a, 1) = x', 'cannot assign to literal'),
    ('a, b += 1', "'tuple' is an illegal expression for augmented assignment"),
    ('return 1', "'return' outside function"),
    ('yield 1', "'yield' outside function"),
    ('break', "'break' outside loop"),
    ('continue', "'continue' not properly in loop"),
    ('await x', "'await' outside function"),
    ('*a', "can't use starred expression here"),
    ('def f(a, a): pass', "duplicate argument 'a' in function definition"),
    ('f(a=1, a=2)', 'keyword argument repeated: a'),
    ('f(a=1, 2)', 'positional argument follows keyword argument'),
    ('def f(a=1, b): pass', 'parameter without a default follows parameter with a default'),
    ('print "x"', "Missing parentheses in call to 'print'. Did you mean print(...)?"),
    ('x = [1, 2', "'[' was never closed"),
    ('x = (1]', "closing parenthesis ']' does not match opening parenthesis '('"),
    (')', "unmatched ')'"),
    ('a b', 'invalid syntax'),
    ('if x\n pass', "expected ':'"),
    ('for i in range(3)\n pass', "expected ':'"),
    ('try:\n pass', "expected 'except' or 'finally' block"),
    ('x = 5 if y', "expected 'else' after 'if' expression"),
    ('import a.b as c.d', 'cannot use attribute as import target'),
    ('from a import', "Expected one or more names after 'import'"),
    ('from __future__ import nope', 'future feature nope is not defined'),
    ('class A(x for x in y): pass', 'invalid syntax'),
    ('lambda *: 1', 'named arguments must follow bare *'),
    ('nonlocal x', 'nonlocal declaration not allowed at module level'),
    ('fro x import y', 'invalid syntax'),
    ('wile True:\n pass', 'invalid syntax'),
    ('x: int: 1', 'invalid syntax'),
    ('(x for x in y, 1)', 'invalid syntax'),
    ('f(x for x in y, 1)', 'Generator expression must be parenthesized'),
    ('{**a for a in b}', 'dict unpacking cannot be used in dict comprehension'),
    ('a := 1', 'invalid syntax'),
    ('else: 1', 'invalid syntax'),
    ('@', 'invalid syntax'),
    ('x = yield = 1', 'assignment to yield expression not possible'),
    ('with a as 1: pass', 'cannot assign to literal'),
    ('None = 1', 'cannot assign to None'),
    ('x.None', 'invalid syntax'),
    ('def f(*, **k): 0', 'named arguments must follow bare *'),
    ('a and = 1', 'invalid syntax'),
    ('\tif 1:\n  2', 'unexpected indent'),
    ('if 1:\n  2\n 3', 'unindent does not match any outer indentation level'),
]:
    try:
        compile(code, '<test>', 'exec')
    except SyntaxError as error:
        assert error.msg == text, (code, error.msg, text)
    else:
        raise AssertionError(code)
