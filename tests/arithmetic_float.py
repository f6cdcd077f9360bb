# Floats: arithmetic, special values, repr, rounding, conversion.
import math
inf, nan = float('inf'), float('nan')
assert 0.1 + 0.2 == 0.30000000000000004 and repr(0.1) == '0.1' and repr(1e16) == '1e+16' and repr(1e15) == '1000000000000000.0'
assert repr(1e-5) == '1e-05' and repr(0.0001) == '0.0001' and repr(-0.0) == '-0.0' and repr(5e-324) == '5e-324'
assert repr(1.7976931348623157e308) == '1.7976931348623157e+308' and repr(2.0**-1074 * 3) == '1.5e-323'
assert str(inf) == 'inf' and str(-inf) == '-inf' and str(nan) == 'nan' and nan != nan and not nan < 1 and inf > 10**400
assert 7.5 // 2 == 3.0 and -7.5 // 2 == -4.0 and -7.5 % 2 == 0.5 and 7.5 % -2 == -0.5 and divmod(-7.5, 2) == (-4.0, 0.5)
assert math.copysign(1, -0.0) == -1 and math.copysign(1, 0.0 % -3) == -1 and 0.0 == -0.0 and hash(0.0) == hash(-0.0) == 0
assert 2.0**0.5 == math.sqrt(2) and (-8) ** (1 / 3) != -2 and isinstance((-8) ** (1 / 3), complex) and 2 ** -2 == 0.25
assert 1e300 * 1e10 == inf and -1e300 * 1e10 == -inf and math.isnan(inf - inf) and math.isnan(inf * 0)
for value in (1e77, 1e78, 1e-76, 1e-78, 1e200, -1e200, 1e-300, 2.3e77, 1.7e-77, 5e-324, 0.0, 1.5, -1.5):
    assert float(repr(value)) == value and value * 1 == value and -(-value) == value and value + 0 == value
    assert float.fromhex(value.hex()) == value
assert round(2.5) == 2 and round(3.5) == 4 and round(-2.5) == -2 and round(2.675, 2) == 2.67 and round(1234.5, -2) == 1200.0
assert isinstance(round(2.5), int) and isinstance(round(2.5, 0), float) and round(1e22) == 10**22
assert (0.5).as_integer_ratio() == (1, 2) and (2.0).is_integer() and not (2.5).is_integer()
assert float('  1_0.5e-1 ') == 1.05 and float('-Infinity') == -inf and float('1e400') == inf
assert int(1e30) == 1000000000000000019884624838656 and float(2**53 + 1) == 2.0**53
assert 2**53 == 2.0**53 and 2**53 + 1 != 2.0**53 and 2**53 + 1 > 2.0**53 and 10**400 > 1e308
assert hash(1.5) == hash(3 / 2) and hash(2.0) == 2 and hash(1e300) == hash(int(1e300)) and hash(inf) == 314159
assert 1.5 .__trunc__() == 1 and math.floor(-1.5) == -2 and math.ceil(-1.5) == -1 and math.trunc(-1.9) == -1
assert math.fsum([0.1] * 10) == 1.0 and sum([0.1] * 10) == 1.0 and math.hypot(3, 4) == 5 and math.prod([1, 2.5, 2]) == 5
assert math.isclose(math.pi, 3.14159265, rel_tol=1e-8) and math.frexp(8.0) == (0.5, 4) and math.modf(-1.25) == (-0.25, -1.0)
assert math.nextafter(1, 2) == 1.0000000000000002 and math.ulp(1.0) == 2.0**-52 and math.remainder(5, 3) == -1.0
assert (1e16 + 1).hex() == '0x1.1c37937e08000p+53' and 3.14.hex() == '0x1.91eb851eb851fp+1'
for operation, text in [(lambda: 1.0 / 0, 'division by zero'), (lambda: 1.0 % 0, 'division by zero'), (lambda: 0.0 ** -1, 'zero to a negative power')]:
    try:
        operation()
    except ZeroDivisionError as error:
        assert str(error) == text, error
    else:
        raise AssertionError
for operation in (lambda: int(inf), lambda: float(10**400), lambda: math.exp(1000)):
    try:
        operation()
    except OverflowError:
        pass
    else:
        raise AssertionError
for bad in ('', 'x', '1.5.2', '1e', '--1', '0x1p3'):
    try:
        float(bad)
    except ValueError as error:
        assert str(error) == f'could not convert string to float: {bad!r}'
    else:
        raise AssertionError(bad)
z = 3 + 4j
assert abs(z) == 5 and z * z == -7 + 24j and z.conjugate() == 3 - 4j and repr(z) == '(3+4j)' and repr(-0j) == '(-0-0j)'
assert z / 2 == 1.5 + 2j and complex('1+2j') == 1 + 2j and z ** 2 == -7 + 24j and hash(3 + 0j) == hash(3) and 1j ** 2 == -1
