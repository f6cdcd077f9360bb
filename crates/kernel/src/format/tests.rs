//! Checks by example; the wide comparison is against the reference implementation.

use super::percent::{Segment, Segments};
use super::*;

fn spec(text: &str, align: Align, type_name: &str) -> Result<Spec, FormatError> {
    let chars: Vec<u32> = text.chars().map(u32::from).collect();
    Spec::parse(chars.len(), |i| chars[i], align, type_name)
}

#[track_caller]
fn check_int(value: i64, text: &str, expected: &str) {
    let formatted = spec(text, Align::Right, "int")
        .and_then(|spec| format_int(IntRef::Small(value), &spec, "int", 0))
        .and_then(|layout| layout.to_text());
    assert_eq!(formatted, Ok(expected.to_owned()));
}

#[track_caller]
fn check_float(value: f64, text: &str, expected: &str) {
    let formatted = spec(text, Align::Right, "float")
        .and_then(|spec| format_float(value, &spec, "float"))
        .and_then(|layout| layout.to_text());
    assert_eq!(formatted, Ok(expected.to_owned()));
}

#[test]
fn integers() {
    check_int(-1234567, ",", "-1,234,567");
    check_int(255, "#010x", "0x000000ff");
    check_int(1234, "08,", "0,001,234");
    check_int(42, "*^8", "***42***");
    check_int(65, "c", "A");
}

#[test]
fn floats() {
    check_float(1234.56789, ".6_f", "1234.567_890");
    check_float(0.5, ".0%", "50%");
    check_float(-0.001, "z.1f", "0.0");
    check_float(f64::INFINITY, "010", "0000000inf");
    check_float(1e16, "", "1e+16");
}

#[test]
fn segments() {
    let text: Vec<u32> = "a%(k)-5.2fb%%".chars().map(u32::from).collect();
    let segments: Result<Vec<Segment>, FormatError> = Segments::new(text.len(), |i| text[i]).collect();
    let segments = segments.expect("a good format");
    assert_eq!(segments.len(), 4);
    let Segment::Conversion(conversion) = &segments[1] else { panic!("a conversion") };
    assert_eq!((conversion.key.clone(), conversion.left, conversion.code), (Some(3..4), true, u32::from('f')));
    let bad: Vec<u32> = "%(a".chars().map(u32::from).collect();
    let error = Segments::new(bad.len(), |i| bad[i]).next();
    assert_eq!(error, Some(Err(FormatError::Value("incomplete format key".into()))));
}

#[test]
fn field_names() {
    let text: Vec<u32> = "0.a[1][k]".chars().map(u32::from).collect();
    let (first, steps) = fields::split_name(0..text.len(), |i| text[i]).expect("a good name");
    assert_eq!(first, fields::First::Index(0));
    let steps: Vec<fields::Step> = steps.map(|step| step.expect("a good step")).collect();
    assert_eq!(steps, [fields::Step::Attribute(2..3), fields::Step::Index(1), fields::Step::Key(7..8)]);
}
