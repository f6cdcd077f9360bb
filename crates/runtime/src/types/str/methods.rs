//! The table of the methods of `str`, and those that are short: case, character classes, padding.

use super::build::{join, size_error};
use super::format::{dunder_format, format, format_map};
use super::parts::{
    itself, lstrip, partition, removeprefix, removesuffix, replace, rpartition, rsplit, rstrip, split, splitlines,
    strip,
};
use super::search::{count, endswith, find, index, rfind, rindex, startswith};
use super::slots::string;
use super::translate::{maketrans, translate};
use super::{Str, bytes_for};
use crate::args::Bound;
use crate::error::PyResult;
use crate::native::MethodDef;
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::text::{Kind, SizeError, Text, TextBuf};

const PADDING: &str = "($self, width, fillchar=' ', /)";
const NONE: &str = "($self, /)";

pub(super) const METHODS: &[MethodDef] = &[
    MethodDef::bound(
        "encode",
        encode,
        "($self, /, encoding='utf-8', errors='strict')",
        "The bytes of the string in an encoding; the second argument names what to do about characters without one.",
    ),
    MethodDef::bound("replace", replace, "($self, old, new, /, count=-1)", "A copy with parts exchanged."),
    MethodDef::bound("split", split, "($self, /, sep=None, maxsplit=-1)", "The parts between separators, as a list."),
    MethodDef::bound("rsplit", rsplit, "($self, /, sep=None, maxsplit=-1)", "As split, beginning at the end."),
    MethodDef::one("join", join, "($self, iterable, /)", "The strings of an iterable with this one between them."),
    MethodDef::noargs(
        "capitalize",
        |vm, this| changed(vm, this, Text::to_capitalized),
        NONE,
        "A copy whose first character is in upper case and the rest in lower case.",
    ),
    MethodDef::noargs(
        "casefold",
        |vm, this| changed(vm, this, Text::to_folded),
        NONE,
        "A copy for caseless comparison.",
    ),
    MethodDef::noargs("title", |vm, this| changed(vm, this, Text::to_title), NONE, "A copy with words in title case."),
    MethodDef::positional(
        "center",
        1,
        2,
        |vm, this, args| padded(vm, this, args, Text::centered),
        PADDING,
        "The string in the middle of a field of some width.",
    ),
    MethodDef::positional(
        "count",
        1,
        3,
        count,
        "($self, sub[, start[, end]], /)",
        "How often a string occurs, without overlap.",
    ),
    MethodDef::bound("expandtabs", expandtabs, "($self, /, tabsize=8)", "A copy with blanks in place of tabs."),
    MethodDef::positional("find", 1, 3, find, "($self, sub[, start[, end]], /)", "The first place of a string, or -1."),
    MethodDef::one(
        "partition",
        partition,
        "($self, sep, /)",
        "What is before a separator, the separator, what is behind.",
    ),
    MethodDef::positional(
        "index",
        1,
        3,
        index,
        "($self, sub[, start[, end]], /)",
        "The first place of a string; ValueError where there is none.",
    ),
    MethodDef::positional(
        "ljust",
        1,
        2,
        |vm, this, args| padded(vm, this, args, Text::left_justified),
        PADDING,
        "The string at the left of a field of some width.",
    ),
    MethodDef::noargs(
        "lower",
        |vm, this| in_case(vm, this, u8::to_ascii_lowercase, Text::to_lower),
        NONE,
        "A copy in lower case.",
    ),
    MethodDef::positional("lstrip", 0, 1, lstrip, "($self, chars=None, /)", "A copy without white space at its start."),
    MethodDef::positional(
        "rfind",
        1,
        3,
        rfind,
        "($self, sub[, start[, end]], /)",
        "The last place of a string, or -1.",
    ),
    MethodDef::positional(
        "rindex",
        1,
        3,
        rindex,
        "($self, sub[, start[, end]], /)",
        "The last place of a string; ValueError where there is none.",
    ),
    MethodDef::positional(
        "rjust",
        1,
        2,
        |vm, this, args| padded(vm, this, args, Text::right_justified),
        PADDING,
        "The string at the right of a field of some width.",
    ),
    MethodDef::positional("rstrip", 0, 1, rstrip, "($self, chars=None, /)", "A copy without white space at its end."),
    MethodDef::one("rpartition", rpartition, "($self, sep, /)", "As partition, at the last separator."),
    MethodDef::bound("splitlines", splitlines, "($self, /, keepends=False)", "The lines, as a list."),
    MethodDef::positional("strip", 0, 1, strip, "($self, chars=None, /)", "A copy without white space at its ends."),
    MethodDef::noargs("swapcase", |vm, this| changed(vm, this, Text::to_swapped), NONE, "A copy with cases exchanged."),
    MethodDef::one("translate", translate, "($self, table, /)", "A copy with characters exchanged as a table says."),
    MethodDef::noargs(
        "upper",
        |vm, this| in_case(vm, this, u8::to_ascii_uppercase, Text::to_upper),
        NONE,
        "A copy in upper case.",
    ),
    MethodDef::positional(
        "startswith",
        1,
        3,
        startswith,
        "($self, prefix[, start[, end]], /)",
        "Whether the string starts with another, or with one of a tuple.",
    ),
    MethodDef::positional(
        "endswith",
        1,
        3,
        endswith,
        "($self, suffix[, start[, end]], /)",
        "Whether the string ends with another, or with one of a tuple.",
    ),
    MethodDef::one("removeprefix", removeprefix, "($self, prefix, /)", "A copy without a prefix, if it has that."),
    MethodDef::one("removesuffix", removesuffix, "($self, suffix, /)", "A copy without a suffix, if it has that."),
    MethodDef::noargs(
        "isascii",
        |vm, this| Ok(Value::bool(string(vm, this)?.is_ascii())),
        NONE,
        "Whether all is ASCII.",
    ),
    MethodDef::noargs(
        "islower",
        |vm, this| asked(vm, this, Text::is_lower),
        NONE,
        "Whether all cased characters are lower.",
    ),
    MethodDef::noargs(
        "isupper",
        |vm, this| asked(vm, this, Text::is_upper),
        NONE,
        "Whether all cased characters are upper.",
    ),
    MethodDef::noargs("istitle", |vm, this| asked(vm, this, Text::is_title), NONE, "Whether words are in title case."),
    MethodDef::noargs("isspace", |vm, this| asked(vm, this, Text::is_space), NONE, "Whether all is white space."),
    MethodDef::noargs(
        "isdecimal",
        |vm, this| asked(vm, this, Text::is_decimal),
        NONE,
        "Whether all are decimal digits.",
    ),
    MethodDef::noargs("isdigit", |vm, this| asked(vm, this, Text::is_digit), NONE, "Whether all are digits."),
    MethodDef::noargs("isnumeric", |vm, this| asked(vm, this, Text::is_numeric), NONE, "Whether all are numeric."),
    MethodDef::noargs("isalpha", |vm, this| asked(vm, this, Text::is_alpha), NONE, "Whether all are letters."),
    MethodDef::noargs(
        "isalnum",
        |vm, this| asked(vm, this, Text::is_alnum),
        NONE,
        "Whether all are letters or numeric.",
    ),
    MethodDef::noargs(
        "isidentifier",
        |vm, this| asked(vm, this, Text::is_identifier),
        NONE,
        "Whether it is a valid name.",
    ),
    MethodDef::noargs(
        "isprintable",
        |vm, this| asked(vm, this, Text::is_printable),
        NONE,
        "Whether repr() shows all as it is.",
    ),
    MethodDef::one("zfill", zfill, "($self, width, /)", "The number padded with zeros behind its sign."),
    MethodDef::args(
        "format",
        format,
        "($self, /, *args, **kwargs)",
        "The string with its fields {} filled from the arguments.",
    ),
    MethodDef::one(
        "format_map",
        format_map,
        "($self, mapping, /)",
        "The string with its fields {} filled from a mapping.",
    ),
    MethodDef::one(
        "__format__",
        dunder_format,
        "($self, format_spec, /)",
        "The string laid out as a format specification says.",
    ),
    MethodDef::positional(
        "maketrans",
        1,
        3,
        maketrans,
        "(x, y=<unrepresentable>, z=<unrepresentable>, /)",
        "A table for translate, from a dict or from two or three strings.",
    )
    .static_method(),
    MethodDef::noargs("__sizeof__", sizeof, NONE, "Bytes that the string takes in memory."),
    MethodDef::noargs("__getnewargs__", getnewargs, NONE, ""),
];

fn asked<'a>(vm: &Vm, this: &'a Value, question: fn(Text<'a>) -> bool) -> PyResult {
    Ok(Value::bool(question(string(vm, this)?.text())))
}

fn changed<'a>(vm: &Vm, this: &'a Value, change: fn(Text<'a>) -> TextBuf) -> PyResult {
    let text = string(vm, this)?.text();
    // A changed character takes up to three, of twelve bytes in all.
    if text.len() > usize::MAX >> 8 {
        return Err(vm.memory_error());
    }
    vm.new_text_buf(&change(text))
}

fn in_case<'a>(vm: &Vm, this: &'a Value, ascii: fn(&u8) -> u8, change: fn(Text<'a>) -> TextBuf) -> PyResult {
    match string(vm, this)?.text() {
        Text::Ascii(text) => vm.build_str(Kind::Ascii, text.len(), |out| out.push_mapped(text, |byte| ascii(&byte))),
        _ => changed(vm, this, change),
    }
}

type Padding<'a> = fn(Text<'a>, usize, u32) -> Result<TextBuf, SizeError>;

fn padded<'a>(vm: &Vm, this: &'a Value, args: &[Value], pad: Padding<'a>) -> PyResult {
    let width = vm.to_isize(&args[0])?;
    let fill = match args.get(1) {
        None => b' '.into(),
        Some(fill) => {
            let Some(fill) = fill.downcast::<Str>() else {
                let given = vm.type_name(fill);
                return Err(vm.type_error(format!("The fill character must be a unicode character, not {given}")));
            };
            match fill.text().get(0) {
                Some(character) if fill.len() == 1 => character,
                _ => return Err(vm.type_error("The fill character must be exactly one character long")),
            }
        }
    };
    let text = string(vm, this)?.text();
    if width <= text.len() as isize {
        return itself(vm, this);
    }
    match pad(text, width as usize, fill) {
        Ok(text) => vm.new_text_buf(&text),
        Err(error) => Err(size_error(vm, error, "padded string is too long")),
    }
}

fn zfill(vm: &Vm, this: &Value, width: &Value) -> PyResult {
    let width = vm.to_isize(width)?;
    let text = string(vm, this)?.text();
    if width <= text.len() as isize {
        return itself(vm, this);
    }
    if let Text::Ascii(ascii) = text {
        let sign = usize::from(ascii.starts_with(['+', '-']));
        return vm.build_str(Kind::Ascii, width as usize, |out| {
            out.push(text.slice(0, sign));
            out.push_repeated(b'0', width as usize - ascii.len());
            out.push(text.slice(sign, ascii.len()));
        });
    }
    match text.zero_filled(width as usize) {
        Ok(text) => vm.new_text_buf(&text),
        Err(error) => Err(size_error(vm, error, "padded string is too long")),
    }
}

fn expandtabs(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let size = match args[0] {
        None => 8,
        Some(size) => vm.to_i32(size)?,
    };
    let text = string(vm, this)?.text();
    if text.find_char(9).is_none() {
        return itself(vm, this);
    }
    match text.expand_tabs(size.max(0) as usize) {
        Ok(text) => vm.new_text_buf(&text),
        Err(error) => Err(size_error(vm, error, "new string is too long")),
    }
}

fn encode(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    if args[0].is_none()
        && args[1].is_none()
        && let Some(text) = string(vm, this)?.as_ascii()
    {
        return vm.try_new_bytes(text.as_bytes());
    }
    vm.encode_object(this, "encode", args[0], args[1])
}

fn sizeof(vm: &Vm, this: &Value) -> PyResult {
    let string = string(vm, this)?;
    let bytes = bytes_for(string.text().kind(), string.len()).unwrap_or(0);
    Ok(vm.new_int((16 + size_of::<Str>() + bytes) as i64))
}

fn getnewargs(vm: &Vm, this: &Value) -> PyResult {
    let exact = vm.new_text(string(vm, this)?.text())?;
    Ok(vm.new_tuple(&[exact]))
}
