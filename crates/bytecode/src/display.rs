//! The text form of a code object: what `dis.dis` prints, but without addresses. Traces and golden files share it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::code::CodeObject;
use crate::constant::Constant;
use crate::exception_table;
use crate::oparg::{
    BinaryOperator, CommonConstant, CompareOperator, Conversion, Intrinsic1, Intrinsic2, SpecialMethod,
};
use crate::opcode::{Opcode, flag};
use crate::positions;
use crate::text::Text;

/// What to show.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The byte offset of each instruction.
    pub offsets: bool,
    /// The byte offset of an instruction to mark as current.
    pub current: Option<usize>,
}

const NAME_WIDTH: usize = 20;
const OPERAND_WIDTH: usize = 5;
const NO_LINE: &str = "  --";

/// One code object.
pub fn disassemble(code: &CodeObject, options: Options) -> String {
    let mut out = String::new();
    Listing::new(code, options).write(&mut out);
    out
}

/// A code object and those among its constants, to any depth.
pub fn disassemble_recursive(code: &CodeObject, options: Options) -> String {
    let mut out = String::new();
    // Code objects nest as deep as scopes do, which the parser limits; a stack of our own needs no such limit.
    let mut todo = vec![code];
    let mut first = true;
    while let Some(code) = todo.pop() {
        if !first {
            let _ = writeln!(out, "\nDisassembly of {}:", code_repr(code));
        }
        first = false;
        Listing::new(code, options).write(&mut out);
        let nested: Vec<_> = code.nested().collect();
        todo.extend(nested.into_iter().rev().map(|nested| &**nested));
    }
    out
}

/// What the operand of each instruction means, in the words of the listing, by byte offset.
pub fn meanings(code: &CodeObject) -> Vec<(usize, String)> {
    let listing = Listing::new(code, Options::default());
    let rows = listing.rows.iter().filter_map(|row| Some((row.offset, listing.meaning(row, row.oparg?))));
    rows.filter(|(_, meaning)| !meaning.is_empty()).collect()
}

/// An instruction as it is listed: EXTENDED_ARG has a line of its own.
struct Row {
    offset: usize,
    opcode: Opcode,
    oparg: Option<u32>,
}

impl Row {
    fn end(&self) -> usize {
        self.offset + 2 + 2 * self.opcode.caches()
    }

    fn target(&self) -> Option<usize> {
        let distance = self.oparg.filter(|_| self.opcode.has_jump())? as usize * 2;
        if self.opcode.is_backward_jump() { self.end().checked_sub(distance) } else { Some(self.end() + distance) }
    }
}

struct Listing<'a> {
    code: &'a CodeObject,
    options: Options,
    rows: Vec<Row>,
    /// Number of each place that is jumped to or bounds a protected range.
    labels: BTreeMap<usize, usize>,
    /// Where a line starts, and which.
    lines: BTreeMap<usize, Option<i32>>,
    line_width: usize,
}

impl<'a> Listing<'a> {
    fn new(code: &'a CodeObject, options: Options) -> Listing<'a> {
        let rows = rows(&code.code);
        let mut places: BTreeSet<usize> = rows.iter().filter_map(Row::target).collect();
        for entry in exception_table::entries(&code.exceptiontable) {
            places.extend([entry.start, entry.end, entry.target]);
        }
        let labels = places.into_iter().enumerate().map(|(index, place)| (place, index + 1)).collect();
        let lines: BTreeMap<usize, Option<i32>> =
            positions::lines(&code.linetable, code.firstlineno).map(|(start, _, line)| (start, line)).collect();
        let largest = lines.values().flatten().copied().filter(|line| *line != 0).max();
        let mut line_width = largest.map_or(0, |line| line.to_string().len().max(3));
        if line_width > 0 && line_width < NO_LINE.len() && lines.values().any(Option::is_none) {
            line_width = NO_LINE.len();
        }
        Listing { code, options, rows, labels, lines, line_width }
    }

    fn write(&self, out: &mut String) {
        for row in &self.rows {
            self.write_row(row, out);
        }
        let mut entries = exception_table::entries(&self.code.exceptiontable).peekable();
        if entries.peek().is_some() {
            out.push_str("ExceptionTable:\n");
        }
        for entry in entries {
            let label = |place: usize| self.labels.get(&place).copied().unwrap_or_default();
            let lasti = if entry.lasti { " lasti" } else { "" };
            let (start, end, target) = (label(entry.start), label(entry.end), label(entry.target));
            let _ = writeln!(out, "  L{start} to L{end} -> L{target} [{}]{lasti}", entry.depth);
        }
    }

    fn write_row(&self, row: &Row, out: &mut String) {
        let mut fields: Vec<String> = Vec::new();
        if self.line_width > 0 {
            let width = self.line_width;
            match self.lines.get(&row.offset) {
                Some(line) => {
                    if row.offset > 0 {
                        out.push('\n');
                    }
                    fields.push(match line {
                        Some(line) => format!("{line:>width$}"),
                        None => format!("{NO_LINE:>width$}"),
                    });
                }
                None => fields.push(" ".repeat(width)),
            }
        }
        let label = self.labels.get(&row.offset).map_or(String::new(), |label| format!("L{label}:"));
        fields.push(format!("{label:>width$}", width = 4 + self.labels.len().to_string().len()));
        if self.options.offsets {
            let width = self.code.code.len().saturating_sub(2).max(9999).to_string().len();
            fields.push(format!("{:>width$}  ", row.offset));
        }
        let current = self.options.current.is_some_and(|current| (row.offset..row.end()).contains(&current));
        fields.push(if current { "-->" } else { "   " }.into());
        let name = row.opcode.name().map_or_else(|| format!("<{}>", row.opcode.0), str::to_string);
        fields.push(format!("{name:<NAME_WIDTH$}"));
        if let Some(oparg) = row.oparg {
            let width = OPERAND_WIDTH.saturating_sub(name.len().saturating_sub(NAME_WIDTH));
            fields.push(format!("{oparg:>width$}"));
            let meaning = self.meaning(row, oparg);
            if !meaning.is_empty() {
                fields.push(format!("({meaning})"));
            }
        }
        out.push_str(fields.join(" ").trim_end());
        out.push('\n');
    }

    fn meaning(&self, row: &Row, oparg: u32) -> String {
        let opcode = row.opcode.deoptimized();
        let text = |list: &[Text], index: u32| {
            list.get(index as usize).map_or_else(String::new, |name| name.to_string_lossy().into_owned())
        };
        let variable = |index| text(&self.code.localsplusnames, index);
        let name = |index, suffix: &str| {
            let suffix = if oparg & 1 != 0 { suffix } else { "" };
            text(&self.code.names, index) + suffix
        };
        if let Some(target) = row.target() {
            let label = self.labels.get(&target).copied().unwrap_or_default();
            let way = if opcode == Opcode::END_ASYNC_FOR { "from" } else { "to" };
            return format!("{way} L{label}");
        }
        match opcode {
            Opcode::LOAD_GLOBAL => name(oparg >> 1, " + NULL"),
            Opcode::LOAD_ATTR => name(oparg >> 1, " + NULL|self"),
            Opcode::LOAD_SUPER_ATTR => name(oparg >> 2, " + NULL|self"),
            Opcode::LOAD_FAST_LOAD_FAST
            | Opcode::LOAD_FAST_BORROW_LOAD_FAST_BORROW
            | Opcode::STORE_FAST_LOAD_FAST
            | Opcode::STORE_FAST_STORE_FAST => format!("{}, {}", variable(oparg >> 4), variable(oparg & 15)),
            Opcode::COMPARE_OP => {
                let operator = CompareOperator::from_compare_oparg(oparg).map_or("", CompareOperator::text);
                if oparg & CompareOperator::TO_BOOL != 0 { format!("bool({operator})") } else { operator.into() }
            }
            Opcode::CONVERT_VALUE => Conversion::from_oparg(oparg).map_or("", Conversion::text).into(),
            Opcode::SET_FUNCTION_ATTRIBUTE => {
                let names = ["defaults", "kwdefaults", "annotations", "closure", "annotate"];
                let set = names.iter().enumerate().filter(|(bit, _)| oparg & 1 << bit != 0).map(|(_, name)| *name);
                set.collect::<Vec<_>>().join(", ")
            }
            Opcode::BINARY_OP => BinaryOperator::from_oparg(oparg).map_or("", BinaryOperator::text).into(),
            Opcode::CALL_INTRINSIC_1 => Intrinsic1::from_oparg(oparg).map_or("", Intrinsic1::text).into(),
            Opcode::CALL_INTRINSIC_2 => Intrinsic2::from_oparg(oparg).map_or("", Intrinsic2::text).into(),
            Opcode::LOAD_COMMON_CONSTANT => match CommonConstant::from_oparg(oparg) {
                Some(constant @ (CommonConstant::BuiltinAll | CommonConstant::BuiltinAny)) => {
                    format!("<built-in function {}>", constant.text())
                }
                constant => constant.map_or("", CommonConstant::text).into(),
            },
            Opcode::LOAD_SPECIAL => SpecialMethod::from_oparg(oparg).map_or("", SpecialMethod::text).into(),
            Opcode::IS_OP => if oparg != 0 { "is not" } else { "is" }.into(),
            Opcode::CONTAINS_OP => if oparg != 0 { "not in" } else { "in" }.into(),
            // As `dis` has it, the constants that these numbers are indices of are the code's own.
            _ if opcode.has(flag::CONST) => self.code.consts.get(oparg as usize).map_or(String::new(), repr),
            _ if opcode.has(flag::NAME) => text(&self.code.names, oparg),
            _ if opcode.has(flag::LOCAL) || opcode.has(flag::FREE) => variable(oparg),
            _ => String::new(),
        }
    }
}

fn rows(code: &[u8]) -> Vec<Row> {
    let mut rows = Vec::new();
    let (mut offset, mut extended) = (0, 0u32);
    while let Some(&[opcode, low]) = code.get(offset..offset + 2) {
        let opcode = Opcode(u16::from(opcode));
        let oparg = extended << 8 | u32::from(low);
        extended = if opcode == Opcode::EXTENDED_ARG { oparg } else { 0 };
        let row = Row { offset, opcode, oparg: opcode.has_arg().then_some(oparg) };
        offset = row.end();
        rows.push(row);
    }
    rows
}

fn code_repr(code: &CodeObject) -> String {
    let (name, file) = (code.name.to_string_lossy(), code.filename.to_string_lossy());
    format!("<code object {name}, file \"{file}\", line {}>", code.firstlineno)
}

/// A constant as Python's `repr` shows it; code objects without their address.
pub fn repr(constant: &Constant) -> String {
    match constant {
        Constant::None => "None".into(),
        Constant::True => "True".into(),
        Constant::False => "False".into(),
        Constant::Ellipsis => "Ellipsis".into(),
        Constant::Int(value) => value.to_string(),
        Constant::Float(value) => float_repr(*value, true),
        Constant::Complex(real, imag) => {
            let imag_text = float_repr(*imag, false);
            if *real == 0.0 && real.is_sign_positive() {
                format!("{imag_text}j")
            } else {
                let sign = if imag_text.starts_with('-') { "" } else { "+" };
                format!("({}{sign}{imag_text}j)", float_repr(*real, false))
            }
        }
        Constant::Str(text) => str_repr(text),
        Constant::Bytes(bytes) => bytes_repr(bytes),
        Constant::Tuple(items) => match &items[..] {
            [only] => format!("({},)", repr(only)),
            items => format!("({})", list(items)),
        },
        Constant::FrozenSet(items) if items.is_empty() => "frozenset()".into(),
        Constant::FrozenSet(items) => format!("frozenset({{{}}})", list(items)),
        Constant::Slice(parts) => format!("slice({})", list(&parts[..])),
        Constant::Code(code) => code_repr(code),
    }
}

fn list(items: &[Constant]) -> String {
    items.iter().map(repr).collect::<Vec<_>>().join(", ")
}

/// The shortest digits that give the same float; positional from 1e-4 up to 1e16.
fn float_repr(value: f64, point: bool) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.into();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let text = format!("{value}");
        if point && !text.contains('.') { text + ".0" } else { text }
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{mantissa}e{sign}{:02}", exponent.abs())
    }
}

fn str_repr(text: &Text) -> String {
    let bytes = text.as_bytes();
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for point in text.code_points() {
        match char::from_u32(point) {
            Some(c) if c == quote || c == '\\' => out.extend(['\\', c]),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            // Without tables of Unicode, what is not a letter, digit or sign of its own is escaped only if it is
            // certain to be invisible.
            Some(c) if c == ' ' || !(c.is_control() || c.is_whitespace() || c == '\u{ad}') => out.push(c),
            _ => {
                let _ = match point {
                    0..=0xff => write!(out, "\\x{point:02x}"),
                    0x100..=0xffff => write!(out, "\\u{point:04x}"),
                    _ => write!(out, "\\U{point:08x}"),
                };
            }
        }
    }
    out.push(quote);
    out
}

fn bytes_repr(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut out = format!("b{quote}");
    for &byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            _ if char::from(byte) == quote => out.extend(['\\', quote]),
            0x20..=0x7e => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push(quote);
    out
}
