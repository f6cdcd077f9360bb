//! Runs the cases of `text_cases.txt`, which `xtask/scripts/text_cases.py` writes with CPython's answers. Set
//! `TEXT_CASES` to the path of a larger file to run that instead.
//!
//! A line is an operation, its arguments and the expected result, separated by tabs. Texts are `s` and code points,
//! bytes are `b` and hexadecimal digits, integers are `i`, lists `[`, faults `!`.

use oriel_kernel::bytes_ops;
use oriel_kernel::codecs::{self, ErrorMode, utf16::ByteOrder};
use oriel_kernel::hash;
use oriel_kernel::text::slices::{search, split, strip::Side};
use oriel_kernel::text::{Kind, Text, TextBuf, clip, repr};
use std::convert::Infallible;

/// Handles faults by describing them.
struct Describe;

impl codecs::ErrorHandler for Describe {
    type Error = String;
    fn raise_decode(&mut self, f: &codecs::DecodeFault<'_>) -> String {
        format!("!{} {} {} {}", f.encoding, f.start, f.end, f.reason)
    }
    fn raise_encode(&mut self, f: &codecs::EncodeFault<'_>) -> String {
        format!("!{} {} {} {}", f.encoding, f.start, f.end, f.reason)
    }
    fn decode(&mut self, f: &codecs::DecodeFault<'_>) -> Result<codecs::DecodeReply, String> {
        let text = TextBuf::from(format!("<{}-{}>\u{20ac}", f.start, f.end));
        Ok(codecs::DecodeReply { text, position: f.end, input: None })
    }
    fn encode(&mut self, f: &codecs::EncodeFault<'_>) -> Result<codecs::EncodeReply, String> {
        let text = TextBuf::from(format!("<{}-{}>", f.start, f.end));
        Ok(codecs::EncodeReply { replacement: codecs::Replacement::Text(text), position: f.end })
    }
}

#[derive(Debug, Clone)]
enum Value {
    Text(TextBuf),
    Bytes(Vec<u8>),
    Int(i64),
}

impl Value {
    fn parse(field: &str) -> Value {
        let body = &field[1..];
        match field.as_bytes()[0] {
            b's' => {
                let chars = body.split(',').filter(|p| !p.is_empty()).map(|p| u32::from_str_radix(p, 16).unwrap());
                Value::Text(chars.collect::<TextBuf>().finish())
            }
            b'b' => Value::Bytes(bytes_ops::from_hex(Text::Ascii(body)).unwrap()),
            b'i' => Value::Int(body.parse().unwrap()),
            _ => panic!("{field}"),
        }
    }
    fn text(&self) -> Text<'_> {
        match self {
            Value::Text(t) => t.as_text(),
            _ => panic!("text wanted"),
        }
    }
    fn bytes(&self) -> &[u8] {
        match self {
            Value::Bytes(b) => b,
            _ => panic!("bytes wanted"),
        }
    }
    fn int(&self) -> i64 {
        match self {
            Value::Int(i) => *i,
            _ => panic!("integer wanted"),
        }
    }
    fn size(&self) -> usize {
        usize::try_from(self.int()).unwrap_or(if self.int() == -1 { usize::MAX } else { 0 })
    }
}

fn t(text: Text<'_>) -> String {
    format!("s{}", text.chars().map(|c| format!("{c:x}")).collect::<Vec<_>>().join(","))
}

/// A result must come in the narrowest storage.
fn o(text: TextBuf) -> String {
    let max = text.as_text().chars().max().unwrap_or(0);
    assert_eq!(text.as_text().kind(), Kind::of(max), "{text:?}");
    t(text.as_text())
}

fn b(bytes: &[u8]) -> String {
    format!("b{}", bytes_ops::hex(bytes))
}

fn i(n: impl TryInto<i64>) -> String {
    format!("i{}", n.try_into().ok().unwrap())
}

fn place(found: Option<usize>) -> String {
    format!("i{}", found.map_or(-1, |n| n as i64))
}

fn flag(f: bool) -> String {
    format!("i{}", f as u8)
}

fn list<T>(f: impl FnOnce(&mut dyn FnMut(String) -> Result<(), Infallible>) -> T, reversed: bool) -> String {
    let mut all = Vec::new();
    f(&mut |s| {
        all.push(s);
        Ok(())
    });
    if reversed {
        all.reverse();
    }
    format!("[{}", all.join(" "))
}

fn side(v: &Value) -> Side {
    [Side::Both, Side::Left, Side::Right][v.int() as usize]
}

fn ok(r: Result<String, String>) -> String {
    r.unwrap_or_else(|e| e)
}

fn text_case(op: &str, a: &[Value]) -> Option<String> {
    let s = match a.first() {
        Some(Value::Text(t)) => t.as_text(),
        _ => return None,
    };
    let range = || clip(s.len(), a[2].int() as isize, a[3].int() as isize);
    Some(match op {
        "find" => place(s.find(a[1].text(), range().0, range().1)),
        "rfind" => place(s.rfind(a[1].text(), range().0, range().1)),
        "count" => i(s.count(a[1].text(), range().0, range().1)),
        "startswith" => flag(s.starts_with(a[1].text(), range().0, range().1)),
        "endswith" => flag(s.ends_with(a[1].text(), range().0, range().1)),
        "contains" => flag(s.contains(a[1].text())),
        "compare" => i(s.compare(a[1].text()) as i64),
        "equals" => flag(s.equals(a[1].text())),
        "split" => list(|f| s.split(a[1].text(), a[2].size(), |p| f(t(p))), false),
        "rsplit" => list(|f| s.rsplit(a[1].text(), a[2].size(), |p| f(t(p))), true),
        "splitspace" => list(|f| s.split_space(a[1].size(), |p| f(t(p))), false),
        "rsplitspace" => list(|f| s.rsplit_space(a[1].size(), |p| f(t(p))), true),
        "splitlines" => list(|f| s.split_lines(a[1].int() != 0, |p| f(t(p))), false),
        "partition" => s.partition(a[1].text()).map_or("[".into(), |(x, y)| format!("[{} {}", t(x), t(y))),
        "rpartition" => s.rpartition(a[1].text()).map_or("[".into(), |(x, y)| format!("[{} {}", t(x), t(y))),
        "strip" => t(s.strip(side(&a[2]), a[1].text())),
        "stripspace" => t(s.strip_space(side(&a[1]))),
        "replace" => match s.replace(a[1].text(), a[2].text(), a[3].size()) {
            Ok(Some(r)) => o(r),
            Ok(None) => t(s),
            Err(e) => format!("{e:?}"),
        },
        "join" => o(s.join(a[1..].iter().map(Value::text)).ok()?),
        "repeat" => o(s.repeat(a[1].size()).ok()?),
        "center" => o(s.centered(a[1].size(), a[2].text().at(0)).ok()?),
        "ljust" => o(s.left_justified(a[1].size(), a[2].text().at(0)).ok()?),
        "rjust" => o(s.right_justified(a[1].size(), a[2].text().at(0)).ok()?),
        "zfill" => o(s.zero_filled(a[1].size()).ok()?),
        "expandtabs" => o(s.expand_tabs(a[1].int().max(0) as usize).ok()?),
        "upper" => o(s.to_upper()),
        "lower" => o(s.to_lower()),
        "title" => o(s.to_title()),
        "capitalize" => o(s.to_capitalized()),
        "swapcase" => o(s.to_swapped()),
        "casefold" => o(s.to_folded()),
        "repr" => o(repr::repr(s)),
        "ascii" => o(repr::ascii(s)),
        "is" => flags(&s),
        "encode" => ok(encode(a[1].text().as_ascii()?, s, ErrorMode::from_name(a[2].text().as_ascii()?))),
        "name" => o(TextBuf::from(oriel_kernel::unicode::names::name(s.at(0)).unwrap_or_default())),
        "lookup" => match oriel_kernel::unicode::names::lookup(&s.to_rust()?, true) {
            None => "[".into(),
            Some(oriel_kernel::unicode::names::Named::Character(c)) => o([c].into_iter().collect()),
            Some(oriel_kernel::unicode::names::Named::Sequence(all)) => o(all.iter().copied().collect()),
        },
        "normalize" => {
            let form = oriel_kernel::unicode::normalize::Form::from_name(a[1].text().as_ascii()?)?;
            let db = oriel_kernel::unicode::Database::Current;
            let out = oriel_kernel::unicode::normalize::normalize(form, db, s.chars());
            if oriel_kernel::unicode::normalize::quick_check(form, s.chars()) {
                assert_eq!(out, s.chars().collect::<Vec<_>>());
            }
            o(TextBuf::from_ucs4(out))
        }
        "hash" => {
            let key = hash::HashKey::from_seed(a[1].int() as u32);
            i(match s {
                Text::Ascii(s) => hash::hash_bytes(key, s.as_bytes()),
                Text::Latin1(s) => hash::hash_bytes(key, s),
                Text::Ucs2(s) => hash::hash_u16(key, s),
                Text::Ucs4(s) => hash::hash_u32(key, s),
            })
        }
        _ => return None,
    })
}

fn flags(s: &Text<'_>) -> String {
    let all = [
        s.is_alpha(),
        s.is_digit(),
        s.is_decimal(),
        s.is_numeric(),
        s.is_alnum(),
        s.is_space(),
        s.is_printable(),
        s.is_identifier(),
        s.is_title(),
        s.is_upper(),
        s.is_lower(),
        s.is_ascii(),
    ];
    format!("i{}", all.iter().enumerate().map(|(i, f)| (*f as u32) << i).sum::<u32>())
}

fn encode(codec: &str, s: Text<'_>, mode: ErrorMode) -> Result<String, String> {
    let h = &mut Describe;
    let order = |c: &str| match &c[c.len() - 2..] {
        "le" => ByteOrder::Little,
        "be" => ByteOrder::Big,
        _ => ByteOrder::Marked,
    };
    let out = match codec {
        "utf-8" => codecs::utf8::encode(s, mode, h)?,
        "ascii" => codecs::single_byte::encode_ascii(s, mode, h)?,
        "latin-1" => codecs::single_byte::encode_latin1(s, mode, h)?,
        "utf-7" => codecs::utf7::encode(s),
        "unicode_escape" => codecs::escapes::encode_unicode_escape(s),
        "raw_unicode_escape" => codecs::escapes::encode_raw_unicode_escape(s),
        "cp1252" => codecs::charmap::EncodingMap::new(Text::Ucs2(&CP1252)).encode(s, mode, h)?,
        c if c.starts_with("utf-16") => codecs::utf16::encode(s, mode, h, order(c))?,
        c if c.starts_with("utf-32") => codecs::utf32::encode(s, mode, h, order(c))?,
        _ => return Err(format!("no codec {codec}")),
    };
    Ok(b(&out))
}

/// The euro's place and one undefined place suffice here: the others map to themselves.
static CP1252: [u16; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = i as u16;
        i += 1;
    }
    table[0x80] = 0x20AC;
    table[0x81] = 0xFFFE;
    table
};

fn decode(codec: &str, s: &[u8], mode: ErrorMode, last: bool) -> Result<String, String> {
    let h = &mut Describe;
    let order = |c: &str| match &c[c.len() - 2..] {
        "le" => ByteOrder::Little,
        "be" => ByteOrder::Big,
        _ => ByteOrder::Marked,
    };
    let whole = |text| codecs::Decoded { text, consumed: s.len() };
    let out = match codec {
        "utf-8" => codecs::utf8::decode(s, mode, h, last)?,
        "ascii" => whole(codecs::single_byte::decode_ascii(s, mode, h)?),
        "latin-1" => whole(codecs::single_byte::decode_latin1(s)),
        "utf-7" => codecs::utf7::decode(s, mode, h, last)?,
        "unicode_escape" => codecs::escapes::decode_unicode_escape(s, mode, h, last)?.0,
        "raw_unicode_escape" => codecs::escapes::decode_raw_unicode_escape(s, mode, h, last)?,
        "cp1252" => whole(codecs::charmap::decode_table(s, Text::Ucs2(&CP1252), mode, h)?),
        c if c.starts_with("utf-16") => {
            let d = codecs::utf16::decode(s, mode, h, order(c), last)?;
            codecs::Decoded { text: d.text, consumed: d.consumed }
        }
        c if c.starts_with("utf-32") => {
            let d = codecs::utf32::decode(s, mode, h, order(c), last)?;
            codecs::Decoded { text: d.text, consumed: d.consumed }
        }
        _ => return Err(format!("no codec {codec}")),
    };
    Ok(format!("[{} i{}", o(out.text), out.consumed))
}

fn bytes_case(op: &str, a: &[Value]) -> Option<String> {
    let s = match a.first() {
        Some(Value::Bytes(b)) => b.as_slice(),
        _ => return None,
    };
    let part = || {
        let (start, end) = clip(s.len(), a[2].int() as isize, a[3].int() as isize);
        (start <= end).then(|| (start, &s[start..end]))
    };
    Some(match op {
        "find" => place(part().and_then(|(n, s)| search::find(s, a[1].bytes()).map(|at| n + at))),
        "rfind" => place(part().and_then(|(n, s)| search::rfind(s, a[1].bytes()).map(|at| n + at))),
        "count" => i(part().map_or(0, |(_, s)| search::count(s, a[1].bytes()))),
        "split" => list(|f| split::split(s, a[1].bytes(), a[2].size(), |p| f(b(p))), false),
        "rsplit" => list(|f| split::rsplit(s, a[1].bytes(), a[2].size(), |p| f(b(p))), true),
        "splitspace" => list(|f| bytes_ops::split_space(s, a[1].size(), |p| f(b(p))), false),
        "rsplitspace" => list(|f| bytes_ops::rsplit_space(s, a[1].size(), |p| f(b(p))), true),
        "splitlines" => list(|f| bytes_ops::split_lines(s, a[1].int() != 0, |p| f(b(p))), false),
        "strip" => b(bytes_ops::strip(s, side(&a[2]), a[1].bytes())),
        "stripspace" => b(bytes_ops::strip_space(s, side(&a[1]))),
        "replace" => match bytes_ops::replace(s, a[1].bytes(), a[2].bytes(), a[3].size()) {
            Ok(Some(r)) => b(&r),
            Ok(None) => b(s),
            Err(e) => format!("{e:?}"),
        },
        "repeat" => b(&bytes_ops::repeat(s, a[1].size()).ok()?),
        "center" => b(&bytes_ops::centered(s, a[1].size(), a[2].bytes()[0]).ok()?),
        "zfill" => b(&bytes_ops::zero_filled(s, a[1].size()).ok()?),
        "expandtabs" => b(&bytes_ops::expand_tabs(s, a[1].int().max(0) as usize).ok()?),
        "upper" => b(&bytes_ops::to_upper(s)),
        "lower" => b(&bytes_ops::to_lower(s)),
        "title" => b(&bytes_ops::to_title(s)),
        "capitalize" => b(&bytes_ops::to_capitalized(s)),
        "swapcase" => b(&bytes_ops::to_swapped(s)),
        "translate" => {
            let table: [u8; 256] = a[1].bytes().try_into().ok()?;
            b(&bytes_ops::translate(s, Some(&table), a[2].bytes()))
        }
        "repr" => t(Text::Ascii(&repr::repr_bytes(s))),
        "hex" => t(Text::Ascii(&bytes_ops::hex_separated(s, b'-', a[1].int() as isize).ok()?)),
        "is" => {
            let all = [
                bytes_ops::is_alpha(s),
                bytes_ops::is_digit(s),
                bytes_ops::is_alnum(s),
                bytes_ops::is_space(s),
                bytes_ops::is_title(s),
                bytes_ops::is_upper(s),
                bytes_ops::is_lower(s),
            ];
            format!("i{}", all.iter().enumerate().map(|(i, f)| (*f as u32) << i).sum::<u32>())
        }
        "decode" => {
            let mode = ErrorMode::from_name(a[2].text().as_ascii()?);
            ok(decode(a[1].text().as_ascii()?, s, mode, a[3].int() != 0))
        }
        "escape_decode" => match codecs::escapes::decode_bytes_escape(s, ErrorMode::from_name(a[1].text().as_ascii()?))
        {
            Ok((out, _)) => b(&out),
            Err(codecs::escapes::BytesEscapeError::Trailing) => "!Trailing \\ in string".into(),
            Err(codecs::escapes::BytesEscapeError::BadHex(n)) => format!("!invalid \\x escape at position {n}"),
            Err(codecs::escapes::BytesEscapeError::UnknownHandler) => "!unknown".into(),
        },
        "escape_encode" => b(&codecs::escapes::encode_bytes_escape(s)),
        _ => return None,
    })
}

fn number_case(op: &str, a: &[Value]) -> Option<String> {
    Some(match op {
        "hashint" => i(hash::hash_i64(a[0].int())),
        "hashfloat" => i(hash::hash_f64(f64::from_bits(a[0].int() as u64))?),
        "hashtuple" => {
            let mut h = hash::TupleHasher::default();
            a.iter().for_each(|v| h.add(hash::hash_i64(v.int())));
            i(h.finish())
        }
        "hashset" => {
            let mut h = hash::SetHasher::default();
            a.iter().for_each(|v| h.add(hash::hash_i64(v.int())));
            i(h.finish())
        }
        "hashdigits" => {
            let digits: Vec<u64> = a[1..].iter().map(|v| v.int() as u64).collect();
            i(hash::hash_digits(a[0].int() != 0, &digits))
        }
        _ => return None,
    })
}

#[test]
fn answers_are_those_of_cpython() {
    let path = std::env::var("TEXT_CASES").unwrap_or_else(|_| "tests/text_cases.txt".into());
    let cases = std::fs::read_to_string(path).unwrap();
    let mut wrong = 0;
    for (number, line) in cases.lines().enumerate() {
        let fields: Vec<&str> = line.split('\t').collect();
        let (op, expected) = (fields[0], fields[fields.len() - 1]);
        let a: Vec<Value> = fields[1..fields.len() - 1].iter().map(|f| Value::parse(f)).collect();
        let got = text_case(op, &a).or_else(|| bytes_case(op, &a)).or_else(|| number_case(op, &a));
        if got.as_deref() != Some(expected) {
            wrong += 1;
            if wrong <= 40 {
                eprintln!("line {}: {line}\n  got {got:?}", number + 1);
            }
        }
    }
    assert_eq!(wrong, 0);
}
