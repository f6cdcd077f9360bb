# Builtin functions not covered by the types' own scripts.
assert abs(-5) == 5 and divmod(7, 3) == (2, 1) and pow(2, 5, 7) == 4 and round(2.567, 1) == 2.6 and sum([1, 2], 10) == 13 and min(3, 1) == 1 and max([1], [2]) == [2]
assert callable(len) and callable(int) and not callable(5) and callable(lambda: 0) and ascii('é') == "'\\xe9'" and bin(10) == '0b1010' and chr(97) == 'a' and ord('a') == 97 and hex(16) == '0x10' and oct(8) == '0o10'
assert isinstance(True, int) and isinstance(1, (str, int)) and issubclass(bool, int) and type(1) is int and id(None) == id(None) and hash(1) == hash(1.0) == hash(True) and len('abc') == 3
for bad, text in [(lambda: isinstance(1, 5), 'isinstance() arg 2 must be a type, a tuple of types, or a union'), (lambda: issubclass(5, int), 'issubclass() arg 1 must be a class'), (lambda: len(5), "object of type 'int' has no len()"), (lambda: sorted(5), "'int' object is not iterable"), (lambda: hash({}), "unhashable type: 'dict'"), (lambda: reversed({1}), "'set' object is not reversible"), (lambda: print(sep=5), 'sep must be None or a string, not int'), (lambda: int('1', 99), None), (lambda: ord(5), 'ord() expected string of length 1, but int found'), (lambda: getattr(1), None), (lambda: sum(1), "'int' object is not iterable"), (lambda: abs('a'), "bad operand type for abs(): 'str'"), (lambda: round('a'), "type str doesn't define __round__ method"), (lambda: max(1, 'a'), "'>' not supported between instances of 'str' and 'int'"), (lambda: range('a'), "'str' object cannot be interpreted as an integer"), (lambda: iter(5), "'int' object is not iterable"), (lambda: vars(5), 'vars() argument must have __dict__ attribute'), (lambda: zip(5), "'int' object is not iterable"), (lambda: enumerate(), "enumerate() missing required argument 'iterable'"), (lambda: complex('x'), None), (lambda: chr('a'), "'str' object cannot be interpreted as an integer")]:
    try:
        bad()
    except (TypeError, ValueError) as e:
        assert text is None or str(e) == text, e
    else:
        raise AssertionError(text)
import io
out = io.StringIO(); print(1, 'a', None, sep='-', end='!\n', file=out); print(file=out); print('x', flush=True, file=out); assert out.getvalue() == '1-a-None!\n\nx\n'
class C:
    a = 1
    def m(self): pass
assert dir(C())[-2:] == ['a', 'm'] and vars(C)['a'] == 1 and 'C' in dir() and getattr(C, 'a') == 1 and dir.__name__ == 'dir' and isinstance(globals(), dict) and locals() is globals()
assert eval('1 + x', {'x': 2}) == 3 and eval(' 5 ') == 5 and exec('y = 3') is None and y == 3 and compile('a', 'f', 'eval').co_filename == 'f'
assert list(map(int, '123')) == [1, 2, 3] and any(map(bool, [0, 1])) and all([]) and slice(1, 2).stop == 2 and format(255, 'x') == 'ff' and repr('a') == "'a'" and str(b'a') == "b'a'" and object() != object() and type(object()).__name__ == 'object'
assert bytes([1]) == b'\x01' and bytearray(b'a') == b'a' and memoryview(b'a')[0] == 97 and frozenset('a') == {'a'} and complex(1, 2) == 1 + 2j and complex('1e2-3j') == 100 - 3j and float('1_0.5') == 10.5 and bool([]) is False and int('-0b11', 2) == -3 and int(b'12') == 12 and int('٣') == 3
assert sorted('bca', key=lambda c: -ord(c)) == ['c', 'b', 'a'] and list(zip('ab', range(9))) == [('a', 0), ('b', 1)] and next(iter('a')) == 'a' and aiter.__name__ == 'aiter'
assert repr(len) == '<built-in function len>' and repr(int) == "<class 'int'>" and repr([].append).startswith('<built-in method append of list object at 0x') and repr(lambda: 0).startswith('<function <lambda> at 0x') and repr(type) == "<class 'type'>" and repr(C.m).startswith('<function C.m at 0x') and repr(object()).startswith('<object object at 0x') and repr(str.upper) == "<method 'upper' of 'str' objects>" and repr(int.__add__) == "<slot wrapper '__add__' of 'int' objects>" and repr(range) == "<class 'range'>"
assert len.__doc__ and len.__text_signature__ == '($module, obj, /)' and len.__module__ == 'builtins' and int.__name__ == 'int' and __builtins__.len is len and __name__ == '__main__' and __debug__ is True
import sys
sys.stdin = io.StringIO('typed\nlast'); assert input() == 'typed' and input() == 'last'
try:
    input()
except EOFError as e:
    assert str(e) == 'EOF when reading a line'
assert getattr(5, 'real') == 5 and hasattr('', 'upper') and not hasattr('', 'nope') and super.__name__ == 'super' and staticmethod(len)([1]) == 1 and property().fget is None and open.__module__ in ('_io', 'io') and __import__('math').pi > 3 and breakpoint.__name__ == 'breakpoint'
