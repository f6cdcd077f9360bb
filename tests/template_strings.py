# t-strings: Template and Interpolation.
from string.templatelib import Template, Interpolation, convert
name, value = 'x', 3.14159
t = t'a{name}b{value:.2f}c'
assert type(t) is Template and t.strings == ('a', 'b', 'c') and t.values == ('x', 3.14159) and len(t.interpolations) == 2
i = t.interpolations[1]
assert (i.value, i.expression, i.conversion, i.format_spec) == (3.14159, 'value', None, '.2f')
assert [type(part).__name__ for part in t] == ['str', 'Interpolation', 'str', 'Interpolation', 'str']
t = t'{name!r:>{5 + 5}}'
assert t.interpolations[0].conversion == 'r' and t.interpolations[0].format_spec == '>10' and t.strings == ('', '')
assert t'{ name = }'.strings == (' name = ', '') and t'{name=}'.interpolations[0].conversion == 'r' and rt'\n{1}'.strings == ('\\n', '') and T'x'.strings == ('x',) and t''.strings == ('',)
j = t'a{1}' t'b{2}'; assert j.strings == ('a', 'b', '') and j.values == (1, 2) and (t'a' + t'b{1}').strings == ('ab', '')
def render(t): return ''.join(p if isinstance(p, str) else format(convert(p.value, p.conversion), p.format_spec) for p in t)
assert render(t'hello {name!r} {value:.1f} {1 + 1}') == "hello 'x' 3.1 2" and render(t'{t'nested {name}'.strings}') == "('nested ', '')"
assert Template('a', Interpolation(1, 'one'), 'b', 'c').strings == ('a', 'bc') and Template(Interpolation(1), Interpolation(2)).strings == ('', '', '')
assert repr(t'a{name}') == "Template(strings=('a', ''), interpolations=(Interpolation('x', 'name', None, ''),))"
match t'{name:spec}'.interpolations[0]:
    case Interpolation(value, expression, _, spec): assert (value, expression, spec) == ('x', 'name', 'spec')
for code in ("t'{}'", "t'{a'", "t'a' 'b'", "t'a' f'b'", "tb'x'"):
    try:
        compile(code, '', 'eval')
    except SyntaxError:
        pass
    else:
        raise AssertionError(code)
for bad in (lambda: t'a' + 'b', lambda: 'b' + t'a', lambda: Template(5)):
    try:
        bad()
    except TypeError:
        pass
    else:
        raise AssertionError
