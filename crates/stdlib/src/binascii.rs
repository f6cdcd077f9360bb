//! `binascii`: bytes as text and back, in the encodings of mail and news; check sums.

use crate::bodies::given;
use oriel_runtime::types::bytes::hex_text;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Bound, MethodDef, ModuleSpec, PyResult, Raised, Value, Vm};
use std::cell::OnceCell;

/// The exceptions of the module.
#[derive(Default)]
struct State {
    error: OnceCell<TypeRef>,
}

/// `binascii.Error`
#[cold]
fn error(vm: &Vm, message: &str) -> Raised {
    match vm.state::<State>().error.get() {
        Some(class) => vm.new_exception(class, message),
        None => vm.value_error(message),
    }
}

/// Bytes, or text of ASCII characters only.
fn ascii_input(vm: &Vm, value: &Value) -> PyResult<Vec<u8>> {
    if let Some(text) = value.downcast::<Str>() {
        return match text.as_ascii() {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => Err(vm.value_error("string argument should contain only ASCII characters")),
        };
    }
    match vm.operand_opt(value)? {
        Some(operand) => Ok(operand.to_vec()),
        None => {
            let name = vm.type_name(value);
            Err(vm.type_error(format!("argument should be bytes, buffer or ASCII string, not '{name}'")))
        }
    }
}

fn input(vm: &Vm, value: Option<&Value>) -> PyResult<Vec<u8>> {
    Ok(vm.operand(given(vm, value)?)?.to_vec())
}

fn flag(vm: &Vm, value: Option<&Value>, default: bool) -> PyResult<bool> {
    value.map_or(Ok(default), |value| vm.truth(value))
}

fn room(vm: &Vm, len: usize) -> PyResult<Vec<u8>> {
    let mut out = Vec::new();
    out.try_reserve(len).map_err(|_| vm.memory_error())?;
    Ok(out)
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const fn base64_values() -> [u8; 256] {
    let mut table = [64; 256];
    let mut index = 0;
    while index < 64 {
        table[BASE64[index] as usize] = index as u8;
        index += 1;
    }
    table
}

static BASE64_VALUES: [u8; 256] = base64_values();

fn b2a_base64(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let data = input(vm, args[0])?;
    let newline = flag(vm, args[1], true)?;
    let Some(len) = data.len().div_ceil(3).checked_mul(4).filter(|len| *len < isize::MAX as usize) else {
        return Err(error(vm, "Too much data for base64 line"));
    };
    let mut out = room(vm, len + 1)?;
    for group in data.chunks(3) {
        let word = u32::from(group[0]) << 16
            | u32::from(group.get(1).copied().unwrap_or(0)) << 8
            | u32::from(group.get(2).copied().unwrap_or(0));
        for place in 0..4 {
            out.push(if place <= group.len() { BASE64[(word >> (18 - 6 * place) & 63) as usize] } else { b'=' });
        }
    }
    if newline {
        out.push(b'\n');
    }
    vm.try_new_bytes(&out)
}

fn a2b_base64(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let data = ascii_input(vm, given(vm, args[0])?)?;
    let strict = flag(vm, args[1], false)?;
    if strict && data.first() == Some(&b'=') {
        return Err(error(vm, "Leading padding not allowed"));
    }
    let mut out = room(vm, data.len() / 4 * 3 + 3)?;
    let (mut place, mut left, mut pads, mut padded) = (0u8, 0u8, 0u8, false);
    for &byte in &data {
        if byte == b'=' {
            padded = true;
            if strict && (place == 0 || place >= 2 && place + pads >= 4) {
                let leading = out.is_empty() && place == 0;
                let message = if leading { "Leading padding not allowed" } else { "Excess padding not allowed" };
                return Err(error(vm, message));
            }
            pads = pads.saturating_add(1).min(4);
            continue;
        }
        let value = BASE64_VALUES[byte as usize];
        if value >= 64 {
            if strict {
                return Err(error(vm, "Only base64 data is allowed"));
            }
            continue;
        }
        if strict && padded {
            let complete = place >= 2 && place + pads >= 4;
            let message = if complete { "Excess data after padding" } else { "Discontinuous padding not allowed" };
            return Err(error(vm, message));
        }
        pads = 0;
        match place {
            0 => left = value,
            1 => {
                out.push(left << 2 | value >> 4);
                left = value & 15;
            }
            2 => {
                out.push(left << 4 | value >> 2);
                left = value & 3;
            }
            _ => out.push(left << 6 | value),
        }
        place = (place + 1) % 4;
        if place == 0 {
            left = 0;
        }
    }
    match place {
        0 => vm.try_new_bytes(&out),
        1 => Err(error(
            vm,
            &format!(
                "Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4",
                out.len() / 3 * 4 + 1
            ),
        )),
        _ if place + pads >= 4 => vm.try_new_bytes(&out),
        _ => Err(error(vm, "Incorrect padding")),
    }
}

fn b2a_hex(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let data = input(vm, args[0])?;
    let text = hex_text(vm, &data, args[1], args[2])?;
    vm.try_new_bytes(vm.str_text(&text).as_bytes())
}

fn a2b_hex(vm: &Vm, _: &Value, text: &Value) -> PyResult {
    let data = ascii_input(vm, text)?;
    if data.len() % 2 != 0 {
        return Err(error(vm, "Odd-length string"));
    }
    let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
    let mut out = room(vm, data.len() / 2)?;
    for pair in data.chunks_exact(2) {
        match (digit(pair[0]), digit(pair[1])) {
            (Some(high), Some(low)) => out.push(high << 4 | low),
            _ => return Err(error(vm, "Non-hexadecimal digit found")),
        }
    }
    vm.try_new_bytes(&out)
}

fn b2a_uu(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let data = input(vm, args[0])?;
    let backtick = flag(vm, args[1], false)?;
    if data.len() > 45 {
        return Err(error(vm, "At most 45 bytes at once"));
    }
    let character = |value: u8| if value == 0 && backtick { b'`' } else { value + b' ' };
    let mut out = room(vm, 2 + data.len().div_ceil(3) * 4)?;
    out.push(character(data.len() as u8));
    for group in data.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            out.push(character((word >> (18 - 6 * place) & 63) as u8));
        }
    }
    out.push(b'\n');
    vm.try_new_bytes(&out)
}

fn a2b_uu(vm: &Vm, _: &Value, text: &Value) -> PyResult {
    let data = ascii_input(vm, text)?;
    let Some(first) = data.first() else { return Err(error(vm, "Missing length byte")) };
    let len = usize::from(first.wrapping_sub(b' ') & 63);
    let mut out = room(vm, len)?;
    let mut rest = data.get(1..).unwrap_or_default().iter().copied();
    let (mut left, mut bits) = (0u32, 0);
    while out.len() < len {
        // Trailing blanks are lost on the way: the line counts as filled up.
        let byte = rest.next().unwrap_or(b'\n');
        let value = match byte {
            b'\n' | b'\r' => 0,
            b' '..=b'`' => u32::from(byte - b' ') & 63,
            _ => return Err(error(vm, "Illegal char")),
        };
        if matches!(byte, b'\n' | b'\r') {
            rest = Default::default();
        }
        left = left << 6 | value;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((left >> bits) as u8);
            left &= (1 << bits) - 1;
        }
    }
    if rest.any(|byte| !matches!(byte, b' ' | b'`' | b'\n' | b'\r')) {
        return Err(error(vm, "Trailing garbage"));
    }
    vm.try_new_bytes(&out)
}

fn a2b_qp(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let data = ascii_input(vm, given(vm, args[0])?)?;
    let header = flag(vm, args[1], false)?;
    let digit = |byte: Option<&u8>| byte.and_then(|byte| (*byte as char).to_digit(16)).map(|digit| digit as u8);
    let mut out = room(vm, data.len())?;
    let mut at = 0;
    while at < data.len() {
        let byte = data[at];
        at += 1;
        match byte {
            b'=' => match data.get(at) {
                None => break,
                Some(b'\n' | b'\r') => {
                    // A soft line end.
                    if data[at] != b'\n' {
                        while at < data.len() && data[at] != b'\n' {
                            at += 1;
                        }
                    }
                    at = (at + 1).min(data.len());
                }
                Some(b'=') => {
                    out.push(b'=');
                    at += 1;
                }
                Some(_) => match (digit(data.get(at)), digit(data.get(at + 1))) {
                    (Some(high), Some(low)) => {
                        out.push(high << 4 | low);
                        at += 2;
                    }
                    _ => out.push(b'='),
                },
            },
            b'_' if header => out.push(b' '),
            other => out.push(other),
        }
    }
    vm.try_new_bytes(&out)
}

fn b2a_qp(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let data = input(vm, args[0])?;
    let quote_tabs = flag(vm, args[1], false)?;
    let is_text = flag(vm, args[2], true)?;
    let header = flag(vm, args[3], false)?;
    const LINE: usize = 76;
    // Lines end as the first one does.
    let crlf = memchr::memchr(b'\n', &data).is_some_and(|at| at > 0 && data[at - 1] == b'\r');
    let mut out = room(vm, data.len() + data.len() / 8)?;
    let mut line = 0;
    let soft = |out: &mut Vec<u8>| out.extend_from_slice(if crlf { b"=\r\n" } else { b"=\n" });
    let hex = |out: &mut Vec<u8>, byte: u8| {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        out.extend_from_slice(&[b'=', DIGITS[(byte >> 4) as usize], DIGITS[(byte & 15) as usize]]);
    };
    let mut at = 0;
    while at < data.len() {
        let byte = data[at];
        let next = data.get(at + 1).copied();
        let quoted = byte > 126
            || byte == b'='
            || header && byte == b'_'
            || byte == b'.' && line == 0 && (next.is_none() || matches!(next, Some(b'\n' | b'\r' | 0)))
            || !is_text && matches!(byte, b'\r' | b'\n')
            || matches!(byte, b'\t' | b' ') && next.is_none()
            || byte < 33 && !matches!(byte, b'\r' | b'\n') && (quote_tabs || !matches!(byte, b'\t' | b' '));
        if quoted {
            if line + 3 >= LINE {
                soft(&mut out);
                line = 0;
            }
            hex(&mut out, byte);
            line += 3;
            at += 1;
            continue;
        }
        if is_text && (byte == b'\n' || byte == b'\r' && next == Some(b'\n')) {
            // Blanks before a line end would be lost.
            if let Some(&last @ (b' ' | b'\t')) = out.last() {
                out.pop();
                hex(&mut out, last);
            }
            out.extend_from_slice(if crlf { b"\r\n" } else { b"\n" });
            line = 0;
            at += if byte == b'\r' { 2 } else { 1 };
            continue;
        }
        if next.is_some() && next != Some(b'\n') && line + 1 >= LINE {
            soft(&mut out);
            line = 0;
        }
        line += 1;
        out.push(if header && byte == b' ' { b'_' } else { byte });
        at += 1;
    }
    vm.try_new_bytes(&out)
}

/// A C `unsigned int`, cut off.
fn masked(vm: &Vm, value: Option<&Value>, default: u32) -> PyResult<u32> {
    let Some(value) = value else { return Ok(default) };
    let index = vm.index(value)?;
    Ok(match vm.small_or_big(&index) {
        Some(Ok(number)) => number as u32,
        Some(Err(big)) => {
            let modulus = dashu_int::IBig::from(1u64 << 32);
            let low = ((&big.value % &modulus) + &modulus) % &modulus;
            u32::try_from(&low).unwrap_or(0)
        }
        None => 0,
    })
}

/// The check sum of zip files, going on from an earlier one.
pub(crate) fn crc32(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let start = masked(vm, args.get(1), 0)?;
    let operand = vm.operand(given(vm, args.first())?)?;
    let sum = operand.with(|bytes| {
        let mut hasher = crc32fast::Hasher::new_with_initial(start);
        hasher.update(bytes);
        hasher.finalize()
    });
    Ok(vm.new_int(sum.into()))
}

fn crc_hqx(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let start = masked(vm, args.get(1), 0)? as u16;
    let operand = vm.operand(given(vm, args.first())?)?;
    let sum = operand.with(|bytes| {
        bytes.iter().fold(start, |sum, byte| {
            (0..8).fold(sum ^ u16::from(*byte) << 8, |sum, _| sum << 1 ^ if sum & 0x8000 != 0 { 0x1021 } else { 0 })
        })
    });
    Ok(vm.new_int(sum.into()))
}

const HEX: &str = "($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)";

/// `binascii`
#[rustfmt::skip]
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "binascii",
    doc: "Bytes as ASCII text and back.",
    functions: &[
        MethodDef::bound("a2b_base64", a2b_base64, "($module, data, /, *, strict_mode=False)", "Decode base64."),
        MethodDef::one("a2b_hex", a2b_hex, "($module, hexstr, /)", "Decode hexadecimal digits."),
        MethodDef::bound("a2b_qp", a2b_qp, "($module, /, data, header=False)", "Decode quoted-printable text."),
        MethodDef::one("a2b_uu", a2b_uu, "($module, data, /)", "Decode a line of uuencoded data."),
        MethodDef::bound("b2a_base64", b2a_base64, "($module, data, /, *, newline=True)", "Encode in base64."),
        MethodDef::bound("b2a_hex", b2a_hex, HEX, "Encode in hexadecimal digits."),
        MethodDef::bound("b2a_qp", b2a_qp, "($module, /, data, quotetabs=False, istext=True, header=False)", "Encode as quoted-printable text."),
        MethodDef::bound("b2a_uu", b2a_uu, "($module, data, /, *, backtick=False)", "Uuencode a line of data."),
        MethodDef::positional("crc32", 1, 2, crc32, "($module, data, crc=0, /)", "The check sum CRC-32."),
        MethodDef::positional("crc_hqx", 2, 2, crc_hqx, "($module, data, crc, /)", "The check sum CRC-CCITT."),
        MethodDef::bound("hexlify", b2a_hex, HEX, "Encode in hexadecimal digits."),
        MethodDef::one("unhexlify", a2b_hex, "($module, hexstr, /)", "Decode hexadecimal digits."),
    ],
    exec: |vm, module| {
        let error = crate::bodies::exception(vm, "binascii", "Error", &vm.types.value_error)?;
        vm.module_set(module, "Error", error.to_value())?;
        let _ = vm.state::<State>().error.set(error);
        let incomplete = crate::bodies::exception(vm, "binascii", "Incomplete", &vm.types.exception)?;
        vm.module_set(module, "Incomplete", incomplete.to_value())
    },
};
