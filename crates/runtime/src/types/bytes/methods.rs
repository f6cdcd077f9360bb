//! The methods that `bytes` and `bytearray` share, and the table of those of `bytes`.

use super::operand::{like, like_vec, part, receiver, unchanged};
use super::{Bytes, construct};
use crate::args::Bound;
use crate::error::PyResult;
use crate::native::MethodDef;
use crate::types::bytes::array::ByteArray;
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::bytes_ops;
use oriel_kernel::text::slices::strip::Side;

/// The methods of both types and those given.
macro_rules! with_common_methods {
    ($($own:expr,)*) => {
        &[
            $($own,)*
            MethodDef::noargs("capitalize", $crate::types::bytes::methods::capitalize, "($self, /)", "A copy with only its first byte in upper case."),
            MethodDef::positional("center", 1, 2, $crate::types::bytes::methods::center, "($self, width, fillchar=b' ', /)", "Centered in the width."),
            MethodDef::positional("count", 1, 3, $crate::types::bytes::search::count, "($self, sub[, start[, end]], /)", "Number of non-overlapping occurrences."),
            MethodDef::bound("decode", $crate::types::bytes::methods::decode, "($self, /, encoding='utf-8', errors='strict')", "The text that the bytes encode."),
            MethodDef::positional("endswith", 1, 3, $crate::types::bytes::search::ends_with, "($self, suffix[, start[, end]], /)", "Whether it ends with the suffix or one of a tuple of them."),
            MethodDef::bound("expandtabs", $crate::types::bytes::methods::expand_tabs, "($self, /, tabsize=8)", "A copy with tabs replaced by blanks."),
            MethodDef::positional("find", 1, 3, $crate::types::bytes::search::find, "($self, sub[, start[, end]], /)", "The first place of the subsequence, or -1."),
            MethodDef::bound("hex", $crate::types::bytes::methods::hex, "($self, /, sep=<unrepresentable>, bytes_per_sep=1)", "Hexadecimal digits of the bytes."),
            MethodDef::positional("index", 1, 3, $crate::types::bytes::search::index, "($self, sub[, start[, end]], /)", "The first place of the subsequence."),
            MethodDef::noargs("isalnum", $crate::types::bytes::methods::is_alnum, "($self, /)", "Whether all bytes are ASCII letters or digits."),
            MethodDef::noargs("isalpha", $crate::types::bytes::methods::is_alpha, "($self, /)", "Whether all bytes are ASCII letters."),
            MethodDef::noargs("isascii", $crate::types::bytes::methods::is_ascii, "($self, /)", "Whether all bytes are ASCII."),
            MethodDef::noargs("isdigit", $crate::types::bytes::methods::is_digit, "($self, /)", "Whether all bytes are ASCII digits."),
            MethodDef::noargs("islower", $crate::types::bytes::methods::is_lower, "($self, /)", "Whether there are letters, all in lower case."),
            MethodDef::noargs("isspace", $crate::types::bytes::methods::is_space, "($self, /)", "Whether all bytes are ASCII white space."),
            MethodDef::noargs("istitle", $crate::types::bytes::methods::is_title, "($self, /)", "Whether words begin with upper case and go on in lower case."),
            MethodDef::noargs("isupper", $crate::types::bytes::methods::is_upper, "($self, /)", "Whether there are letters, all in upper case."),
            MethodDef::one("join", $crate::types::bytes::pieces::join, "($self, iterable_of_bytes, /)", "The items with the bytes between them."),
            MethodDef::positional("ljust", 1, 2, $crate::types::bytes::methods::ljust, "($self, width, fillchar=b' ', /)", "Filled up on the right."),
            MethodDef::noargs("lower", $crate::types::bytes::methods::lower, "($self, /)", "A copy in lower case."),
            MethodDef::positional("lstrip", 0, 1, $crate::types::bytes::methods::lstrip, "($self, bytes=None, /)", "Without white space or the given bytes at the start."),
            MethodDef::positional("maketrans", 2, 2, $crate::types::bytes::methods::make_translation, "(frm, to, /)", "A table for translate().").static_method(),
            MethodDef::one("partition", $crate::types::bytes::pieces::partition, "($self, sep, /)", "What is before the first separator, the separator, what is behind it."),
            MethodDef::positional("replace", 2, 3, $crate::types::bytes::pieces::replace, "($self, old, new, count=-1, /)", "A copy with occurrences replaced."),
            MethodDef::one("removeprefix", $crate::types::bytes::methods::remove_prefix, "($self, prefix, /)", "Without the prefix, if it is there."),
            MethodDef::one("removesuffix", $crate::types::bytes::methods::remove_suffix, "($self, suffix, /)", "Without the suffix, if it is there."),
            MethodDef::positional("rfind", 1, 3, $crate::types::bytes::search::rfind, "($self, sub[, start[, end]], /)", "The last place of the subsequence, or -1."),
            MethodDef::positional("rindex", 1, 3, $crate::types::bytes::search::rindex, "($self, sub[, start[, end]], /)", "The last place of the subsequence."),
            MethodDef::positional("rjust", 1, 2, $crate::types::bytes::methods::rjust, "($self, width, fillchar=b' ', /)", "Filled up on the left."),
            MethodDef::one("rpartition", $crate::types::bytes::pieces::rpartition, "($self, sep, /)", "What is before the last separator, the separator, what is behind it."),
            MethodDef::bound("rsplit", $crate::types::bytes::pieces::rsplit, "($self, /, sep=None, maxsplit=-1)", "The parts between separators, counted from the right."),
            MethodDef::positional("rstrip", 0, 1, $crate::types::bytes::methods::rstrip, "($self, bytes=None, /)", "Without white space or the given bytes at the end."),
            MethodDef::bound("split", $crate::types::bytes::pieces::split, "($self, /, sep=None, maxsplit=-1)", "The parts between separators."),
            MethodDef::bound("splitlines", $crate::types::bytes::pieces::split_lines, "($self, /, keepends=False)", "The lines."),
            MethodDef::positional("startswith", 1, 3, $crate::types::bytes::search::starts_with, "($self, prefix[, start[, end]], /)", "Whether it starts with the prefix or one of a tuple of them."),
            MethodDef::positional("strip", 0, 1, $crate::types::bytes::methods::strip, "($self, bytes=None, /)", "Without white space or the given bytes at both ends."),
            MethodDef::noargs("swapcase", $crate::types::bytes::methods::swap_case, "($self, /)", "A copy with upper and lower case exchanged."),
            MethodDef::noargs("title", $crate::types::bytes::methods::title, "($self, /)", "A copy whose words begin with upper case."),
            MethodDef::bound("translate", $crate::types::bytes::methods::translate, "($self, table, /, delete=b'')", "Each byte looked up in a table of 256."),
            MethodDef::noargs("upper", $crate::types::bytes::methods::upper, "($self, /)", "A copy in upper case."),
            MethodDef::one("zfill", $crate::types::bytes::methods::zero_fill, "($self, width, /)", "Filled up with zeros behind the sign."),
        ]
    };
}
pub(super) use with_common_methods;

#[rustfmt::skip]
pub(super) const BYTES_METHODS: &[MethodDef] = with_common_methods![
    MethodDef::noargs("__getnewargs__", new_args, "($self, /)", "The arguments that make an equal object."),
    MethodDef::noargs("__bytes__", to_bytes, "($self, /)", "The bytes themselves."),
    MethodDef::one("fromhex", construct::from_hex, "($type, string, /)", "Bytes from pairs of hexadecimal digits.").class_method(),
];

fn new_args(vm: &Vm, this: &Value) -> PyResult {
    let bytes = super::slots::own(vm, this)?;
    Ok(vm.tuple([vm.try_new_bytes(bytes.as_slice())?]))
}

fn to_bytes(vm: &Vm, this: &Value) -> PyResult {
    match this.downcast::<Bytes>() {
        Some(bytes) if !vm.is_exact_bytes(this) => vm.try_new_bytes(bytes.as_slice()),
        _ => Ok(this.clone()),
    }
}

macro_rules! questions {
    ($($name:ident)*) => {
        $(pub(super) fn $name(vm: &Vm, this: &Value) -> PyResult {
            Ok(Value::bool(receiver(vm, this)?.with(bytes_ops::$name)))
        })*
    };
}

questions! { is_alnum is_alpha is_digit is_lower is_space is_title is_upper }

pub(super) fn is_ascii(vm: &Vm, this: &Value) -> PyResult {
    Ok(Value::bool(receiver(vm, this)?.with(<[u8]>::is_ascii)))
}

macro_rules! transforms {
    ($($name:ident = $function:ident,)*) => {
        $(pub(super) fn $name(vm: &Vm, this: &Value) -> PyResult {
            like_vec(vm, this, receiver(vm, this)?.with(bytes_ops::$function))
        })*
    };
}

transforms! {
    capitalize = to_capitalized,
    lower = to_lower,
    swap_case = to_swapped,
    title = to_title,
    upper = to_upper,
}

/// The width and the filling byte of `center` and its like.
fn width_and_fill(vm: &Vm, name: &str, args: &[Value]) -> PyResult<(usize, u8)> {
    let width = match args.first() {
        Some(width) => vm.to_isize(width)?.max(0) as usize,
        None => 0,
    };
    let Some(fill) = args.get(1) else { return Ok((width, b' ')) };
    let (kind, bytes) = if let Some(bytes) = fill.downcast::<Bytes>() {
        ("bytes", bytes.as_slice().to_vec())
    } else if let Some(array) = fill.downcast::<ByteArray>() {
        ("bytearray", array.with(<[u8]>::to_vec))
    } else {
        let given = vm.type_name(fill);
        return Err(vm.type_error(format!("{name}() argument 2 must be a byte string of length 1, not {given}")));
    };
    match bytes.as_slice() {
        [byte] => Ok((width, *byte)),
        other => Err(vm.type_error(format!(
            "{name}(): argument 2 must be a byte string of length 1, not a {kind} object of length {}",
            other.len()
        ))),
    }
}

type Padding = fn(&[u8], usize, u8) -> Result<Vec<u8>, oriel_kernel::text::SizeError>;

fn pad(vm: &Vm, this: &Value, name: &str, args: &[Value], how: Padding) -> PyResult {
    let (width, fill) = width_and_fill(vm, name, args)?;
    let own = receiver(vm, this)?;
    if own.len() >= width {
        return unchanged(vm, this);
    }
    let padded = own.with(|bytes| how(bytes, width, fill));
    like_vec(vm, this, padded.map_err(|error| vm.size_error(error, "result too long"))?)
}

pub(super) fn center(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    pad(vm, this, "center", args, bytes_ops::centered)
}

pub(super) fn ljust(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    pad(vm, this, "ljust", args, |b, width, fill| bytes_ops::padded(b, 0, width.saturating_sub(b.len()), fill))
}

pub(super) fn rjust(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    pad(vm, this, "rjust", args, |b, width, fill| bytes_ops::padded(b, width.saturating_sub(b.len()), 0, fill))
}

pub(super) fn zero_fill(vm: &Vm, this: &Value, width: &Value) -> PyResult {
    pad(vm, this, "zfill", std::slice::from_ref(width), |bytes, width, _| bytes_ops::zero_filled(bytes, width))
}

pub(super) fn expand_tabs(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let size = match args[0] {
        Some(size) => vm.to_i32(size)?.max(0) as usize,
        None => 8,
    };
    let expanded = receiver(vm, this)?.with(|bytes| bytes_ops::expand_tabs(bytes, size));
    like_vec(vm, this, expanded.map_err(|error| vm.size_error(error, "result too long"))?)
}

fn strip_side(vm: &Vm, this: &Value, args: &[Value], side: Side) -> PyResult {
    let own = receiver(vm, this)?;
    let chars = match args.first() {
        Some(chars) if !chars.is_none() => Some(vm.operand(chars)?),
        _ => None,
    };
    own.with(|bytes| {
        let stripped = match &chars {
            None => bytes_ops::strip_space(bytes, side),
            Some(chars) => chars.with(|chars| bytes_ops::strip(bytes, side, chars)),
        };
        part(vm, this, stripped, bytes.len())
    })
}

pub(super) fn strip(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    strip_side(vm, this, args, Side::Both)
}

pub(super) fn lstrip(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    strip_side(vm, this, args, Side::Left)
}

pub(super) fn rstrip(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    strip_side(vm, this, args, Side::Right)
}

pub(super) fn remove_prefix(vm: &Vm, this: &Value, prefix: &Value) -> PyResult {
    let (own, prefix) = (receiver(vm, this)?, vm.operand(prefix)?);
    own.with(|bytes| prefix.with(|prefix| part(vm, this, bytes.strip_prefix(prefix).unwrap_or(bytes), bytes.len())))
}

pub(super) fn remove_suffix(vm: &Vm, this: &Value, suffix: &Value) -> PyResult {
    let (own, suffix) = (receiver(vm, this)?, vm.operand(suffix)?);
    own.with(|bytes| suffix.with(|suffix| part(vm, this, bytes.strip_suffix(suffix).unwrap_or(bytes), bytes.len())))
}

pub(super) fn make_translation(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let [from, to] = args else { return Ok(Value::NONE) };
    let (from, to) = (vm.operand(from)?, vm.operand(to)?);
    if from.len() != to.len() {
        return Err(vm.value_error("maketrans arguments must have same length"));
    }
    from.with(|from| to.with(|to| vm.try_new_bytes(&bytes_ops::make_translation(from, to))))
}

pub(super) fn translate(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let own = receiver(vm, this)?;
    let table = match args[0] {
        Some(table) if !table.is_none() => {
            let table: Result<[u8; 256], _> = vm.operand(table)?.to_vec().try_into();
            Some(table.map_err(|_| vm.value_error("translation table must be 256 characters long"))?)
        }
        _ => None,
    };
    let delete = args[1].map(|delete| vm.operand(delete)).transpose()?;
    let delete = delete.map(|delete| delete.to_vec()).unwrap_or_default();
    let translated = own.with(|bytes| bytes_ops::translate(bytes, table.as_ref(), &delete));
    if vm.is_exact_bytes(this) && own.with(|bytes| bytes == translated.as_slice()) {
        return Ok(this.clone());
    }
    like_vec(vm, this, translated)
}

pub(super) fn decode(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    vm.decode_arguments(this, "decode", args[0], args[1])
}

/// The digits of bytes, with separators as the arguments of `hex` say.
pub fn hex_text(vm: &Vm, bytes: &[u8], separator: Option<&Value>, group: Option<&Value>) -> PyResult {
    let group = match group {
        Some(group) => vm.to_i32(group)? as isize,
        None => 1,
    };
    let Some(separator) = separator else {
        return Ok(vm.new_str(&bytes_ops::hex(bytes)));
    };
    if vm.len(separator)? != 1 {
        return Err(vm.value_error("sep must be length 1."));
    }
    let code = if let Some(text) = separator.downcast::<Str>() {
        text.text().at(0)
    } else if let Some(bytes) = separator.downcast::<Bytes>() {
        bytes.as_slice().first().copied().unwrap_or(0).into()
    } else {
        return Err(vm.type_error("sep must be str or bytes."));
    };
    let Some(code) = u8::try_from(code).ok().filter(u8::is_ascii) else {
        return Err(vm.value_error("sep must be ASCII."));
    };
    let text = bytes_ops::hex_separated(bytes, code, group);
    Ok(vm.new_str(&text.map_err(|error| vm.size_error(error, "result too long"))?))
}

pub(super) fn hex(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let bytes = receiver(vm, this)?.to_vec();
    let _held = super::search::hold(vm, this)?;
    hex_text(vm, &bytes, args[0], args[1])
}

pub(super) fn copy(vm: &Vm, this: &Value) -> PyResult {
    receiver(vm, this)?.with(|bytes| like(vm, this, bytes))
}
