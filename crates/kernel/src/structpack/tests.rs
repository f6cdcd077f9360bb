//! Checks of formats, of single values and of half precision.

use super::*;

#[track_caller]
fn check_size(format: &str, expected: Result<usize, &'static str>) {
    assert_eq!(Format::parse(format.as_bytes()).map(|f| f.size).map_err(|e| e.0), expected);
}

#[test]
fn sizes() {
    check_size("bhil", Ok(16));
    check_size("<bhil", Ok(11));
    check_size("b0q", Ok(8));
    check_size("10s3x", Ok(13));
    check_size("@n", Ok(8));
    check_size("=n", Err("bad char in struct format"));
    check_size("3", Err("repeat count given without format specifier"));
    check_size("3 i", Err("bad char in struct format"));
    check_size("9223372036854775807i", Err("total struct size too long"));
}

#[test]
fn values_come_back() {
    let format = Format::parse(b">h").expect("a good format");
    let mut out = [0; 2];
    assert_eq!(pack(&format.items[0], true, Packed::Int(Some(-2)), &mut out), Ok(()));
    assert_eq!(out, [0xff, 0xfe]);
    assert_eq!(unpack(&format.items[0], true, &out), Unpacked::Int(-2));
    assert_eq!(
        pack(&format.items[0], true, Packed::Int(Some(1 << 15)), &mut out),
        Err(PackError::Struct("'h' format requires -32768 <= number <= 32767".into()))
    );
}

#[test]
fn half_precision() {
    for bits in 0..=u16::MAX {
        let x = half_from_bits(bits);
        if !x.is_nan() {
            assert_eq!(half_to_bits(x), Some(bits), "{bits:x}");
        }
    }
    assert_eq!(half_to_bits(65519.99), Some(0x7bff));
    assert_eq!(half_to_bits(65520.0), None);
    assert_eq!(half_to_bits(2f64.powi(-25)), Some(0));
    assert_eq!(half_to_bits(2f64.powi(-25) * 1.5), Some(1));
}
