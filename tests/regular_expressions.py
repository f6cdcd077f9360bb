# re: syntax, groups, flags, substitution, errors.
import re
m = re.match(r'(?P<y>\d{4})-(?P<m>\d\d)', '2026-03-01'); assert m.group() == m[0] == '2026-03' and m['y'] == '2026' and m.groups() == ('2026', '03') and m.groupdict() == {'y': '2026', 'm': '03'} and m.span('m') == (5, 7) and m.start() == 0 and m.end(1) == 4 and m.lastgroup == 'm' and m.lastindex == 2 and m.expand(r'\2/\g<y>') == '03/2026' and m.string[m.end():] == '-01' and repr(m) == "<re.Match object; span=(0, 7), match='2026-03'>"
assert re.search('b+', 'aabbb').span() == (2, 5) and re.match('b', 'ab') is None and re.fullmatch('a|ab', 'ab')[0] == 'ab' and re.findall(r'\w+', 'a b,c') == ['a', 'b', 'c'] and re.findall(r'(\w)(\d)', 'a1b2') == [('a', '1'), ('b', '2')] and re.findall('x*', 'axb') == ['', 'x', '', '']
assert re.sub(r'(\w+) (\w+)', r'\2 \1', 'hello world') == 'world hello' and re.sub('x', lambda m: str(m.start()), 'xax') == '0a2' and re.subn('a', 'b', 'aaa', count=2) == ('bba', 2) and re.sub('x*', '-', 'abxd') == '-a-b--d-' and re.sub(r'\b', '|', 'a b') == '|a| |b|' and re.sub('a', r'\n\\', 'a') == '\n\\'
assert re.split(r'[,;]\s*', 'a, b;c') == ['a', 'b', 'c'] and re.split('(,)', 'a,b') == ['a', ',', 'b'] and re.split('', 'ab') == ['', 'a', 'b', ''] and re.split(',', 'a,b,c', maxsplit=1) == ['a', 'b,c'] and [x.group() for x in re.finditer('a.', 'abacad')] == ['ab', 'ac', 'ad']
for pattern, text, expected in [('a{2,3}', 'aaaa', 'aaa'), ('a{2,3}?', 'aaaa', 'aa'), ('a+?b', 'aab', 'aab'), ('(?:ab)+', 'ababx', 'abab'), ('a(?=b)', 'acab', 'a'), ('(?<=a)b', 'bab', 'b'), ('(?<!a)b', 'abcb', 'b'), ('a(?!b)', 'abac', 'a'), (r'(a)|b\1', 'b', None), (r'(a)(b)?\1', 'aba', 'aba'), (r'(.)\1', 'abccd', 'cc'), ('[^a-c]', 'abcd', 'd'), ('[]a]', ']', ']'), (r'[\d\-x]+', 'a1-x', '1-x'), ('^b', 'a\nb', None), ('(?m)^b', 'a\nb', 'b'), ('(?i)ABC', 'xabc', 'abc'), ('(?s)a.b', 'a\nb', 'a\nb'), ('a.b', 'a\nb', None), (r'\Aa\Z', 'a', 'a'), ('a$', 'a\n', 'a'), (r'\bfoo\b', 'a foo b', 'foo'), (r'\Bo', 'foo', 'o'), ('(?x) a b # c', 'ab', 'ab'), ('(?i:a)b', 'Ab', 'Ab'), ('(?-i:a)', 'A', None), ('(?>a+)b', 'aab', 'aab'), ('(?>a+)a', 'aaa', None), ('a++a', 'aaa', None), ('a*+b', 'aab', 'aab'), ('(a)?(?(1)b|c)', 'ab', 'ab'), ('(a)?(?(1)b|c)', 'c', 'c'), ('(?P<n>a)(?P=n)', 'aa', 'aa'), ('é+', 'caféé', 'éé'), (r'\w+', 'naïve_1 ', 'naïve_1'), (r'(?a)\w+', 'naïve', 'na'), ('[\U0001f600-\U0001f64f]', 'x😀', '😀'), ('x*', '', ''), ('(a|b)*c', 'ababc', 'ababc'), ('(?:a|ab)(?:c|bcd)(?:d*)', 'abcd', 'abcd'), ('ſ', 'S', None), ('(?i)ſ', 'S', 'S'), ('[a-z]+(?#comment)1', 'ab1', 'ab1'), (r'\x41\u0042\101', 'ABA', 'ABA'), ('a|b|', 'c', '')]:
    m = re.search(pattern, text)
    assert (m and m[0]) == expected, (pattern, text, m)
p = re.compile('a(b)?', re.I | re.M); assert p.pattern == 'a(b)?' and p.groups == 1 and p.flags == re.I | re.M | re.U and repr(p) == "re.compile('a(b)?', re.IGNORECASE|re.MULTILINE)" and p == re.compile('a(b)?', re.I | re.M) and p.search('xxA', 1, 3).span() == (2, 3) and p.match('ba', 1) and re.compile(p) is p and p.match('a').groups('d') == ('d',) and p.match('a')[1] is None
assert re.compile(b'\\d+').findall(b'a1b22') == [b'1', b'22'] and re.escape('a.b*[c]é') == 'a\\.b\\*\\[c\\]é' and re.sub(b'a', b'b', b'aa') == b'bb' and re.findall(r'(?:^|,)([^,]*)', 'a,,b') == ['a', '', 'b']
for bad, text in [('(', 'missing ), unterminated subpattern at position 0'), ('a**', 'multiple repeat at position 2'), ('[a', 'unterminated character set at position 0'), (r'\1', 'invalid group reference 1 at position 1'), ('(?P<1>a)', "bad character in group name '1' at position 4"), ('*a', 'nothing to repeat at position 0'), ('(?<=a+)b', 'look-behind requires fixed-width pattern'), ('a{3,2}', 'min repeat greater than max repeat at position 2'), ('[b-a]', 'bad character range b-a at position 1'), (r'\q', 'bad escape \\q at position 0'), ('(?P<a>x)(?P<a>y)', "redefinition of group name 'a' as group 2; was group 1 at position 12"), (')', 'unbalanced parenthesis at position 0'), ('(?z)', 'unknown extension ?z at position 1'), ('x(?i)', 'global flags not at the start of the expression at position 1')]:
    try:
        re.compile(bad)
    except re.PatternError as e:
        assert str(e) == text, (bad, str(e))
    else:
        raise AssertionError(bad)
try:
    re.match('a', b'a')
except TypeError as e:
    assert str(e) == 'cannot use a string pattern on a bytes-like object'
assert re.match('(a*)*b', 'a' * 20) is None and re.search('(?:x|y)*z', 'xy' * 50000 + 'z')
assert re.match('(.|\n)*', 'ab\n' * 20000).end() == 60000 and re.sub('(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)', r'\11\1', 'abcdefghijk') == 'ka'
