//! The options of filters as the bytes that files hold.

use super::filters::{DELTA, Filter, LZMA1, LZMA2, parse_one};
use super::{failure, to_u64};
use liblzma::stream::Error;
use oriel_runtime::{PyResult, Value, Vm};

/// The least size of a dictionary in these bytes.
const LEAST: u32 = 4096;

/// `_encode_filter_properties(filter)`
pub fn encode(vm: &Vm, _: &Value, description: &Value) -> PyResult {
    let bytes = match parse_one(vm, description)? {
        Filter::Lzma(id, lzma) => {
            let [size, lc, lp, pb] = lzma.sizes();
            if id == LZMA1 {
                if lc > 4 || lp > 4 || lc + lp > 4 || pb > 4 {
                    return Err(failure(vm, Error::Program));
                }
                let mut bytes = vec![((pb * 5 + lp) * 9 + lc) as u8];
                bytes.extend(size.to_le_bytes());
                bytes
            } else {
                vec![encode_size(size)]
            }
        }
        Filter::Delta(distance) => match u8::try_from(distance.wrapping_sub(1)) {
            Ok(distance) => vec![distance],
            Err(_) => return Err(failure(vm, Error::Program)),
        },
        Filter::Code(_, 0) => Vec::new(),
        Filter::Code(_, offset) => offset.to_le_bytes().to_vec(),
    };
    vm.try_new_bytes(&bytes)
}

/// Sizes are powers of two and one and a half times such, rounded up.
fn encode_size(size: u32) -> u8 {
    let size = u64::from(size.max(LEAST));
    (0..40).find(|code| decode_size(*code) >= size).unwrap_or(40)
}

fn decode_size(code: u8) -> u64 {
    if code == 40 { u64::from(u32::MAX) } else { (2 | u64::from(code & 1)) << (code / 2 + 11) }
}

/// `_decode_filter_properties(filter_id, encoded_props)`
pub fn decode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let [id, properties] = args else { return Err(vm.type_error("two arguments are needed")) };
    let id = to_u64(vm, id)?;
    let bytes = vm.operand(properties)?.to_vec();
    let mut options: Vec<(&str, u64)> = Vec::new();
    match (id, &bytes[..]) {
        (LZMA1, [first, a, b, c, d]) if *first <= (4 * 5 + 4) * 9 + 8 => {
            let (pb, rest) = (first / 45, first % 45);
            let (lp, lc) = (rest / 9, rest % 9);
            if lc + lp > 4 {
                return Err(failure(vm, Error::Options));
            }
            let size = u32::from_le_bytes([*a, *b, *c, *d]);
            options.extend([("lc", lc.into()), ("lp", lp.into()), ("pb", pb.into()), ("dict_size", size.into())]);
        }
        (LZMA2, [code]) if *code <= 40 => options.push(("dict_size", decode_size(*code))),
        (DELTA, [distance]) => options.push(("dist", u64::from(*distance) + 1)),
        (4..=9, []) => {}
        (4..=9, [a, b, c, d]) => match u32::from_le_bytes([*a, *b, *c, *d]) {
            0 => {}
            offset => options.push(("start_offset", offset.into())),
        },
        _ => return Err(failure(vm, Error::Options)),
    }
    let dict = vm.new_dict();
    dict.set_str(&vm.intern("id"), vm.new_int(id as i64));
    for (name, value) in options {
        dict.set_str(&vm.intern(name), vm.new_int(value as i64));
    }
    Ok(dict.into_value())
}
