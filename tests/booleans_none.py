# Truth, None, Ellipsis, NotImplemented: identities and operators.
assert True == 1 and False == 0 and isinstance(True, int) and bool.__mro__ == (bool, int, object)
assert repr(True) == 'True' and str(False) == 'False' and f'{True:d}' == '1' and f'{True}' == 'True'
assert (True & False) is False and (True | 0) == 1 and type(True | 0) is int and (True ^ True) is False and (not 0) is True
assert {True: 'a', 1: 'b', 1.0: 'c'} == {True: 'c'} and list({True: 0, 1: 1}) == [True]
for value in (0, 0.0, 0j, '', b'', (), [], {}, set(), frozenset(), range(0), None, bytearray()):
    assert not value
for value in (1, -1, 0.1, ' ', b'\0', (0,), [[]], {0: 0}, {0}, range(1), ..., NotImplemented.__class__, object()):
    assert value
assert (1 and 2) == 2 and (0 and 1 / 0) == 0 and (0 or 'x') == 'x' and (1 or 1 / 0) == 1
assert 1 < 2 < 3 and not 1 < 2 > 3 and (1 < 3 > 2) and 1 == 1 != 2 is not None
calls = []
def note(x):
    calls.append(x)
    return x
assert (note(1) < note(2) < note(0) < note(5)) is False and calls == [1, 2, 0]
assert None is None and type(None)() is None and repr(...) == 'Ellipsis' and type(...)() is ... and repr(NotImplemented) == 'NotImplemented'
for code in ('None = 1', 'True = 1', '... = 1', 'x.None = 1', 'def f(None): 0', 'import a as True'):
    try:
        compile(code, '', 'exec')
    except SyntaxError:
        pass
    else:
        raise AssertionError(code)
try:
    bool(NotImplemented)
except TypeError as error:
    assert str(error) == 'NotImplemented should not be used in a boolean context'
class Odd:
    def __bool__(self): return 1
try:
    bool(Odd())
except TypeError as error:
    assert str(error) == '__bool__ should return bool, returned int'
class Sized:
    def __len__(self): return -1
try:
    bool(Sized())
except ValueError as error:
    assert str(error) == '__len__() should return >= 0'
assert any([0, 1, 1 / 1]) and not any([]) and all([]) and not all([1, 0])
