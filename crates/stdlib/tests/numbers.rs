//! Numbers, their modules, `_struct`, `_random` and `_sre` in a bare interpreter: expressions and what CPython answers.

use oriel_runtime::bootstrap::{FrozenLibrary, Runtime};
use oriel_runtime::config::Config;
use oriel_runtime::{Mode, Value, Vm};

#[rustfmt::skip]
const CASES: &[(&str, &str)] = &[
    ("1//0", "!! ZeroDivisionError division by zero"),
    ("1%0", "!! ZeroDivisionError division by zero"),
    ("1/0", "!! ZeroDivisionError division by zero"),
    ("divmod(-7,2)", "(-4, 1)"),
    ("divmod(-7.5,2)", "(-4.0, 0.5)"),
    ("divmod(1,0)", "!! ZeroDivisionError division by zero"),
    ("divmod(1j,1)", "!! TypeError unsupported operand type(s) for divmod(): 'complex' and 'int'"),
    ("divmod(1.0,0)", "!! ZeroDivisionError division by zero"),
    ("1.0%0", "!! ZeroDivisionError division by zero"),
    ("1.0/0", "!! ZeroDivisionError division by zero"),
    ("1.0//0", "!! ZeroDivisionError division by zero"),
    ("1.0 + 'a'", "!! TypeError unsupported operand type(s) for +: 'float' and 'str'"),
    ("0**-1", "!! ZeroDivisionError zero to a negative power"),
    ("0.1+0.2", "0.30000000000000004"),
    ("0.0**-1", "!! ZeroDivisionError zero to a negative power"),
    ("0j/0", "!! ZeroDivisionError division by zero"),
    ("0j**-1", "!! ZeroDivisionError zero to a negative or complex power"),
    ("pow(1,2,'a')", "!! TypeError unsupported operand type(s) for ** or pow(): 'int', 'int', 'str'"),
    ("pow(2.0,1,3)", "!! TypeError pow() 3rd argument not allowed unless all arguments are integers"),
    ("pow(1j,2,3)", "!! ValueError complex modulo"),
    ("pow(2,-1,4)", "!! ValueError base is not invertible for the given modulus"),
    ("pow(3,-1,7)", "5"),
    ("pow(2,-1,0)", "!! ValueError pow() 3rd argument cannot be 0"),
    ("1<<-1", "!! ValueError negative shift count"),
    ("1>>-1", "!! ValueError negative shift count"),
    ("1<<(1<<100)", "!! OverflowError too many digits in integer"),
    ("0<<(1<<100)", "0"),
    ("-1>>(1<<100)", "-1"),
    ("10**400*1.0", "!! OverflowError int too large to convert to float"),
    ("10**400/3", "!! OverflowError integer division result too large for a float"),
    ("float('  1_000.5e1_0 ')", "10005000000000.0"),
    ("float.__getformat__('x')", "!! ValueError __getformat__() argument 1 must be 'double' or 'float'"),
    ("float.from_number('3')", "!! TypeError must be real number, not str"),
    ("float.fromhex(1)", "!! TypeError bad argument type for built-in operation"),
    ("float.from_number(3)", "3.0"),
    ("int()", "0"),
    ("int(3.99)", "3"),
    ("int(b'12')", "12"),
    ("int.from_bytes(b'a','x')", "!! ValueError byteorder must be either 'little' or 'big'"),
    ("int.__new__(int,'5')", "5"),
    ("int('1',base=1.5)", "!! TypeError 'float' object cannot be interpreted as an integer"),
    ("complex('x')", "!! ValueError complex() arg is a malformed string"),
    ("complex(1j,2j)", "(-2+1j)"),
    ("complex(real=1,imag=2)", "(1+2j)"),
    ("complex(1,2,3)", "!! TypeError complex() takes at most 2 arguments (3 given)"),
    ("complex()", "0j"),
    ("complex('1+2j')", "(1+2j)"),
    ("1j//1", "!! TypeError unsupported operand type(s) for //: 'complex' and 'int'"),
    ("1j%1", "!! TypeError unsupported operand type(s) for %: 'complex' and 'int'"),
    ("1j<2", "!! TypeError '<' not supported between instances of 'complex' and 'int'"),
    ("(1.0).__lt__(2)", "True"),
    ("(3.5).is_integer()", "False"),
    ("(2.0)**1024", "!! OverflowError (34, 'Numerical result out of range')"),
    ("(2.0).__pow__(3,None)", "8.0"),
    ("(1+2j).__format__('x')", "!! ValueError Unknown format code 'x' for object of type 'complex'"),
    ("(1).__pow__(2,3)", "1"),
    ("round(float('inf'))", "!! OverflowError cannot convert float infinity to integer"),
    ("round(1.7976931348623157e308,-308)", "!! OverflowError rounded value too large to represent"),
    ("round(1.5,'a')", "!! TypeError 'str' object cannot be interpreted as an integer"),
    ("round(15,-1)", "20"),
    ("round(1e308,-308)", "1e+308"),
    ("2**-1", "0.5"),
    ("0**0", "1"),
    ("1e200*1e200", "inf"),
    ("-2.0**0.5", "-1.4142135623730951"),
    ("1j**1000", "(1-1.6070832296378168e-13j)"),
    ("abs(3+4j)", "5.0"),
    ("abs(1e308+1e308j)", "1.4142135623730951e+308"),
    ("True+True", "2"),
    ("~True", "-2"),
    ("True&1", "1"),
    ("True&True", "True"),
    ("-True", "-1"),
    ("+True", "1"),
    ("bool.__new__(int)", "!! TypeError bool.__new__(int): int is not a subtype of bool"),
    ("bool(1,2)", "!! TypeError bool expected at most 1 argument, got 2"),
    ("bool(x=1)", "!! TypeError bool() takes no keyword arguments"),
    ("hash(1e300)", "1224995262755759164"),
    ("hash(1+2j)", "2000007"),
    ("hash(1.5)", "1152921504606846977"),
    ("hash(0.1)", "230584300921369408"),
    ("hash(complex(0,-1))", "-2000006"),
    ("2**63 == 2.0**63", "True"),
    ("2**63+1 == 2.0**63", "False"),
    ("2**53+1 < 2.0**53+2", "True"),
    ("[] < 1", "!! TypeError '<' not supported between instances of 'list' and 'int'"),
    ("1 < 'a'", "!! TypeError '<' not supported between instances of 'int' and 'str'"),
    ("1 + 'a'", "!! TypeError unsupported operand type(s) for +: 'int' and 'str'"),
    ("'a' + 1", r##"!! TypeError can only concatenate str (not "int") to str"##),
    ("1 ** 'a'", "!! TypeError unsupported operand type(s) for ** or pow(): 'int' and 'str'"),
    ("1 @ 2", "!! TypeError unsupported operand type(s) for @: 'int' and 'int'"),
    ("-'a'", "!! TypeError bad operand type for unary -: 'str'"),
    ("repr(-0j)", "'(-0-0j)'"),
    ("repr(1-0j)", "'(1-0j)'"),
    ("repr(1e22)", "'1e+22'"),
    ("repr(_struct.Struct('<h'))", r##""Struct('<h')""##),
    ("str(complex(-0.0,2))", "'(-0+2j)'"),
    ("type(5 & True)", "<class 'int'>"),
    ("type(True.real)", "<class 'int'>"),
    ("type(True.numerator)", "<class 'int'>"),
    ("math.log(inf)", "inf"),
    ("math.nextafter(1,2,steps=2)", "1.0000000000000004"),
    ("math.isqrt(10**30)", "1000000000000000"),
    ("math.isclose(1)", "!! TypeError isclose() missing required argument 'b' (pos 2)"),
    ("math.log2(1.0)", "0.0"),
    ("math.exp(10**400)", "!! OverflowError int too large to convert to float"),
    ("math.sqrt(1e308)", "1e+154"),
    ("math.log10(0.5)", "-0.3010299956639812"),
    ("math.isqrt(None)", "!! TypeError 'NoneType' object cannot be interpreted as an integer"),
    ("math.acos(1e308)", "!! ValueError expected a number in range from -1 up to 1, got 1e+308"),
    ("math.isqrt(-5)", "!! ValueError isqrt() argument must be nonnegative"),
    ("math.tan(-5)", "3.380515006246586"),
    ("math.floor(2.0)", "2"),
    ("math.gamma(-2.0)", "!! ValueError expected a noninteger or positive integer, got -2.0"),
    ("math.atan(-2.0)", "-1.1071487177940904"),
    ("math.log2(-1.0)", "!! ValueError expected a positive input, got -1.0"),
    ("math.degrees(-1.0)", "-57.29577951308232"),
    ("math.comb(5,2.0)", "!! TypeError 'float' object cannot be interpreted as an integer"),
    ("cmath.rect(1,inf)", "!! ValueError math domain error"),
    ("cmath.sqrt(-1)", "1j"),
    ("cmath.log(8,2)", "(3+0j)"),
    ("cmath.exp(1000)", "!! OverflowError math range error"),
    ("cmath.isclose(1,1+1e-10j)", "True"),
    ("cmath.polar(1e308*(1.5+1.5j))", "!! OverflowError math range error"),
    ("cmath.log(1,0)", "!! ValueError math domain error"),
    ("cmath.phase(-1)", "3.141592653589793"),
    ("cmath.sqrt('a')", "!! TypeError must be real number, not str"),
    ("cmath.isclose(1,1,rel_tol=-1)", "!! ValueError tolerances must be non-negative"),
    ("cmath.log('a')", "!! TypeError must be real number, not str"),
    ("cmath.polar(1e308+1e308j)", "(1.4142135623730951e+308, 0.7853981633974483)"),
    ("cmath.log(0)", "!! ValueError math domain error"),
    ("cmath.exp(complex(0,inf))", "!! ValueError math domain error"),
    ("cmath.isinf(complex(1,inf))", "True"),
    ("_struct.unpack_from('<h',b'abcd',-1)", "!! error not enough data to unpack 2 bytes at offset -1"),
    ("_struct.pack()", "!! TypeError missing format argument"),
    ("_struct.pack('c',b'ab')", "!! error char format requires a bytes object of length 1"),
    ("_struct.unpack_from('<h',b'abcd',-5)", "!! error offset -5 out of range for 4-byte buffer"),
    ("_struct.error", "<class 'struct.error'>"),
    ("_struct.pack('e',1e6)", "!! OverflowError float too large to pack with e format"),
    ("_struct.Struct('<h').size", "2"),
    ("_struct.pack('i',1,2)", "!! error pack expected 1 items for packing (got 2)"),
    ("_struct.pack('e',70000)", "!! error int too large to convert"),
    ("_struct.unpack_from('<h',b'abcd',1)", "(25442,)"),
    ("_struct.unpack('i',b'abc')", "!! error unpack requires a buffer of 4 bytes"),
    ("_struct.pack('b',200)", "!! error 'b' format requires -128 <= number <= 127"),
    ("_struct.unpack_from('<h',b'abcd',-2)", "(25699,)"),
    ("_struct.Struct('<h').format", "'<h'"),
    ("_struct.pack('Q',-1)", "!! error 'Q' format requires 0 <= number <= 18446744073709551615"),
];

fn answer(vm: &Vm, namespace: &Value, source: &str) -> String {
    let names = namespace.downcast().expect("a dict");
    let code = vm.compile_text(source.as_bytes(), "<test>", Mode::Eval, 0, -1, -1);
    let result = code.and_then(|code| vm.run_code(&code, names, namespace, None));
    match result {
        Ok(value) => vm.repr_text(&value).unwrap_or_else(|_| "no repr".to_owned()),
        Err(raised) => {
            let text = vm.str(&raised.0).map(|text| vm.str_text(&text)).unwrap_or_default();
            format!("!! {} {text}", vm.type_name(&raised.0))
        }
    }
}

#[test]
fn expressions_answer_as_in_cpython() {
    let runtime = Runtime::new(Config::default(), oriel_stdlib::MODULES, FrozenLibrary::EMPTY);
    let runtime = runtime.unwrap_or_else(|raised| panic!("bootstrap raised {raised:?}"));
    let vm = runtime.vm();
    let names = vm.new_dict();
    names.set_str(&vm.intern("__builtins__"), vm.builtins.to_value());
    names.set_str(&vm.intern("inf"), vm.new_float(f64::INFINITY));
    for module in ["math", "cmath", "_random", "_struct", "_sre"] {
        let object = vm.native_module(module).ok().flatten().unwrap_or_else(|| panic!("no {module}"));
        names.set_str(&vm.intern(module), object);
    }
    let namespace = names.into_value();
    for (source, expected) in CASES {
        assert_eq!(answer(vm, &namespace, source), *expected, "{source}");
    }
    drop(namespace);
    runtime.end();
}
