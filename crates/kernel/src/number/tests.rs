//! Checks of the corners; the wide comparisons are against the reference implementation.

use dashu_int::IBig;

use super::float_text::{Options, Style};
use super::*;

#[track_caller]
fn check_int(text: &str, base: u32, expected: Result<i64, int_text::IntTextError>) {
    assert_eq!(int_text::parse(text.as_bytes(), base, 4300), expected.map(Integer::Small));
}

#[test]
fn integers_from_text() {
    use int_text::IntTextError::*;
    check_int(" -1_000\n", 10, Ok(-1000));
    check_int("0x_ff", 16, Ok(255));
    check_int("0b101", 0, Ok(5));
    check_int("0b1", 16, Ok(0xb1));
    check_int("00", 0, Ok(0));
    check_int("0_0", 0, Ok(0));
    check_int("01", 0, Err(Invalid));
    check_int("1__0", 10, Err(Invalid));
    check_int("_1", 10, Err(Invalid));
    check_int("1_", 10, Err(Invalid));
    check_int("", 10, Err(Invalid));
    check_int("- 1", 10, Err(Invalid));
    check_int("0x", 16, Err(Invalid));
    check_int("zz", 36, Ok(35 * 37));
    check_int("1", 1, Err(Base));
    check_int(&"9".repeat(5000), 10, Err(TooLong { digits: 5000 }));
}

#[track_caller]
fn check_float(x: f64, style: Style, expected: &str) {
    assert_eq!(float_text::format(x, style, Options::default()), expected);
}

#[test]
fn floats_to_text() {
    for (x, text) in [
        (1e16, "1e+16"),
        (1e15, "1000000000000000.0"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (-0.0, "-0.0"),
        (1.5, "1.5"),
        (1e300, "1e+300"),
        (5e-324, "5e-324"),
        (f64::NAN, "nan"),
        (f64::NEG_INFINITY, "-inf"),
    ] {
        assert_eq!(float_text::repr(x), text);
    }
    check_float(2.5, Style::Fixed(0), "2");
    check_float(1234.5, Style::Exponent(2), "1.23e+03");
    check_float(0.0001, Style::General(6), "0.0001");
    check_float(100000.0, Style::General(6), "100000");
    check_float(1000000.0, Style::General(6), "1e+06");
    check_float(0.0, Style::Exponent(1), "0.0e+00");
}

#[test]
fn rounding() {
    assert_eq!(float_ops::round_digits(2.675, 2), Ok(2.67));
    assert_eq!(float_ops::round_digits(0.5, 0), Ok(0.0));
    assert_eq!(float_ops::round_digits(25.0, -1), Ok(20.0));
    assert_eq!(float_ops::round_digits(5.0, -1), Ok(0.0));
    assert_eq!(float_ops::round_digits(5.000001, -1), Ok(10.0));
    assert_eq!(int_ops::round_to_power(&IBig::from(-25), 1), Ok(IBig::from(-20)));
}

#[test]
fn hexadecimal_floats() {
    assert_eq!(hex_float::to_hex(0.1), "0x1.999999999999ap-4");
    assert_eq!(hex_float::from_hex(b"0x1.999999999999ap-4"), Ok(0.1));
    assert_eq!(hex_float::from_hex(b" -0x.8p+1 "), Ok(-1.0));
    assert_eq!(hex_float::from_hex(b"0x1p1024"), Err(hex_float::HexError::Overflow));
    assert_eq!(hex_float::from_hex(b"0x"), Err(hex_float::HexError::Invalid));
}

#[test]
fn big_division() {
    let big = |text: &str| IBig::from_str_radix(text, 10).expect("a number");
    assert_eq!(int_ops::true_divide(&big("1"), &big("3")), Ok(1.0 / 3.0));
    let (q, r) = int_ops::div_mod_floor(&big("-7"), &big("2")).expect("no zero");
    assert_eq!((q, r), (IBig::from(-4), IBig::from(1)));
    assert_eq!(int_ops::power_mod(&big("3"), &big("-1"), &big("11")), Ok(IBig::from(4)));
    assert_eq!(int_ops::hash(&((IBig::ONE << 61) - IBig::ONE)), 0);
}
