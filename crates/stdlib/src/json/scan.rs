//! `make_scanner`: JSON text to objects.

use super::decode_error;
use hashbrown::HashMap;
use oriel_kernel::text::{Text, TextBuf};
use oriel_runtime::cells::OptionCell;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, GetSetDef, Layout, PyResult, Ref, TypeSpec, Value, Visitor, Vm, type_flags};

/// The settings of a scanner: a `JSONDecoder`'s attributes.
pub struct Scanner {
    strict: bool,
    object_hook: OptionCell,
    object_pairs_hook: OptionCell,
    parse_float: OptionCell,
    parse_int: OptionCell,
    parse_constant: OptionCell,
}

static LAYOUT: Layout = Layout::of::<Scanner>("_json.Scanner", None);

impl Body for Scanner {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        for cell in
            [&self.object_hook, &self.object_pairs_hook, &self.parse_float, &self.parse_int, &self.parse_constant]
        {
            cell.visit(visitor);
        }
    }
    fn clear(&self) {
        for cell in
            [&self.object_hook, &self.object_pairs_hook, &self.parse_float, &self.parse_int, &self.parse_constant]
        {
            cell.set(None);
        }
    }
}

fn shown(cell: &OptionCell) -> PyResult {
    Ok(cell.get().unwrap_or(Value::NONE))
}

fn scanner<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<Scanner>> {
    value.downcast().ok_or_else(|| vm.type_error("a scanner is needed"))
}

/// `_json.make_scanner`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "A scanner of JSON text.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.call.set(Some(call));
    },
    getset: &[
        GetSetDef::readonly("strict", |vm, s| Ok(Value::bool(scanner(vm, s)?.strict)), "No control characters."),
        GetSetDef::readonly("object_hook", |vm, s| shown(&scanner(vm, s)?.object_hook), "Called with each dict."),
        GetSetDef::readonly(
            "object_pairs_hook",
            |vm, s| shown(&scanner(vm, s)?.object_pairs_hook),
            "Called with each list of pairs.",
        ),
        GetSetDef::readonly("parse_float", |vm, s| shown(&scanner(vm, s)?.parse_float), "Makes floats."),
        GetSetDef::readonly("parse_int", |vm, s| shown(&scanner(vm, s)?.parse_int), "Makes integers."),
        GetSetDef::readonly("parse_constant", |vm, s| shown(&scanner(vm, s)?.parse_constant), "Makes constants."),
    ],
    ..TypeSpec::new("_json.Scanner", Scanner::layout)
};

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let context = match args.values {
        [context] => context,
        _ => {
            let given = args.values.len();
            return Err(vm.type_error(format!("make_scanner() takes exactly 1 argument ({given} given)")));
        }
    };
    let attribute = |name: &str| vm.get_attr_str(context, name);
    let optional =
        |name: &str| -> PyResult<OptionCell> { Ok(OptionCell::new(Some(attribute(name)?).filter(|v| !v.is_none()))) };
    // Builtin conversions need no call.
    let number = |name: &str, builtin: &TypeRef| -> PyResult<OptionCell> {
        Ok(OptionCell::new(Some(attribute(name)?).filter(|function| !function.is(builtin.as_value()))))
    };
    let body = Scanner {
        strict: vm.truth(&attribute("strict")?)?,
        object_hook: optional("object_hook")?,
        object_pairs_hook: optional("object_pairs_hook")?,
        parse_float: number("parse_float", &vm.types.float)?,
        parse_int: number("parse_int", &vm.types.int)?,
        parse_constant: optional("parse_constant")?,
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn call(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    let scanner = scanner(vm, this)?.clone();
    let values = match (args.values, args.names) {
        ([document, index], []) => [document, index],
        ([document, index], [name]) if vm.str_text(name) == "idx" => [document, index],
        ([document, index], [first, second]) if vm.str_text(first) == "string" && vm.str_text(second) == "idx" => {
            [document, index]
        }
        _ => return Err(vm.type_error("scan_once() takes exactly 2 arguments")),
    };
    let [document, index] = values;
    let Some(string) = document.downcast::<Str>() else {
        let given = vm.type_name(document);
        return Err(vm.type_error(format!("first argument must be a string, not {given}")));
    };
    let index = vm.to_isize(index)?;
    if index < 0 {
        return Err(vm.value_error("idx cannot be negative"));
    }
    let text = string.text();
    let ascii = if let Text::Ascii(ascii) = text { ascii } else { "" };
    let mut run = Run { vm, scanner: &scanner, document, string, text, ascii, memo: HashMap::new() };
    let (value, next) = run.value(index as usize)?;
    Ok(vm.new_tuple(&[value, vm.new_int(next as i64)]))
}

struct Run<'a> {
    vm: &'a Vm,
    scanner: &'a Ref<Scanner>,
    document: &'a Value,
    string: &'a Ref<Str>,
    text: Text<'a>,
    /// The document where it is ASCII, else empty.
    ascii: &'a str,
    /// Equal keys become the same object.
    memo: HashMap<Vec<u8>, Value>,
}

impl Run<'_> {
    #[inline(always)]
    fn at(&self, index: usize) -> Option<u32> {
        match self.ascii.as_bytes().get(index) {
            Some(byte) => Some(u32::from(*byte)),
            None if self.ascii.is_empty() => self.text.get(index),
            None => None,
        }
    }

    fn skip_space(&self, mut index: usize) -> usize {
        while matches!(self.at(index), Some(0x20 | 0x09 | 0x0a | 0x0d)) {
            index += 1;
        }
        index
    }

    fn is_at(&self, index: usize, word: &str) -> bool {
        word.bytes().enumerate().all(|(offset, byte)| self.at(index + offset) == Some(u32::from(byte)))
    }

    fn error<T>(&self, message: &str, position: usize) -> PyResult<T> {
        Err(decode_error(self.vm, message, self.document, position))
    }

    fn value(&mut self, index: usize) -> PyResult<(Value, usize)> {
        let vm = self.vm;
        let Some(character) = self.at(index) else {
            return Err(vm.stop_iteration(vm.new_int(index as i64)));
        };
        match char::from_u32(character).unwrap_or(' ') {
            '"' => string(vm, self.document, self.string, index + 1, self.scanner.strict),
            '{' => {
                vm.check_stack_for(" while decoding a JSON object from a unicode string")?;
                self.object(index + 1)
            }
            '[' => {
                vm.check_stack_for(" while decoding a JSON array from a unicode string")?;
                self.array(index + 1)
            }
            'n' if self.is_at(index, "null") => Ok((Value::NONE, index + 4)),
            't' if self.is_at(index, "true") => Ok((Value::TRUE, index + 4)),
            'f' if self.is_at(index, "false") => Ok((Value::FALSE, index + 5)),
            'N' if self.is_at(index, "NaN") => self.constant("NaN", f64::NAN, index + 3),
            'I' if self.is_at(index, "Infinity") => self.constant("Infinity", f64::INFINITY, index + 8),
            '-' if self.is_at(index, "-Infinity") => self.constant("-Infinity", f64::NEG_INFINITY, index + 9),
            _ => self.number(index),
        }
    }

    fn constant(&self, name: &str, number: f64, next: usize) -> PyResult<(Value, usize)> {
        let value = match self.scanner.parse_constant.get() {
            Some(function) => self.vm.call(&function, &[self.vm.intern(name)])?,
            None => self.vm.new_float(number),
        };
        Ok((value, next))
    }

    fn number(&self, start: usize) -> PyResult<(Value, usize)> {
        let vm = self.vm;
        let is_digit = |index: usize| matches!(self.at(index), Some(0x30..=0x39));
        let stop = || Err(vm.stop_iteration(vm.new_int(start as i64)));
        let mut index = start;
        if self.at(index) == Some(0x2d) {
            index += 1;
        }
        match self.at(index) {
            Some(0x31..=0x39) => {
                while is_digit(index) {
                    index += 1;
                }
            }
            Some(0x30) => index += 1,
            _ => return stop(),
        }
        let mut is_float = false;
        if self.at(index) == Some(0x2e) && is_digit(index + 1) {
            is_float = true;
            index += 2;
            while is_digit(index) {
                index += 1;
            }
        }
        if matches!(self.at(index), Some(0x65 | 0x45)) {
            let mut exponent = index + 1;
            if matches!(self.at(exponent), Some(0x2b | 0x2d)) {
                exponent += 1;
            }
            if is_digit(exponent) {
                is_float = true;
                index = exponent;
                while is_digit(index) {
                    index += 1;
                }
            }
        }
        let copied: String;
        let digits = match self.ascii.get(start..index) {
            Some(digits) => digits,
            None => {
                copied = (start..index).filter_map(|i| self.at(i).and_then(char::from_u32)).collect();
                &copied
            }
        };
        let custom = if is_float { self.scanner.parse_float.get() } else { self.scanner.parse_int.get() };
        let value = match custom {
            Some(function) => vm.call(&function, &[vm.new_str(digits)])?,
            None if is_float => vm.new_float(digits.parse().unwrap_or(0.0)),
            None => match digits.parse::<i64>() {
                Ok(number) => vm.new_int(number),
                Err(_) => vm.call(vm.types.int.as_value(), &[vm.new_str(digits)])?,
            },
        };
        Ok((value, index))
    }

    fn array(&mut self, index: usize) -> PyResult<(Value, usize)> {
        let mut items = Vec::new();
        let mut index = self.skip_space(index);
        if self.at(index) != Some(u32::from(b']')) {
            loop {
                let (value, next) = self.value(index)?;
                items.push(value);
                index = self.skip_space(next);
                match self.at(index) {
                    Some(0x5d) => break,
                    Some(0x2c) => {
                        let comma = index;
                        index = self.skip_space(index + 1);
                        if self.at(index) == Some(u32::from(b']')) {
                            return self.error("Illegal trailing comma before end of array", comma);
                        }
                    }
                    _ => return self.error("Expecting ',' delimiter", index),
                }
            }
        }
        Ok((self.vm.new_list(items).into_value(), index + 1))
    }

    fn key(&mut self, index: usize) -> PyResult<(Value, usize)> {
        if let Some(length) = plain_length(self.ascii.as_bytes().get(index..).unwrap_or_default())
            && let Some(slice) = self.ascii.get(index..index + length)
        {
            let next = index + length + 1;
            if let Some(known) = self.memo.get(slice.as_bytes()) {
                return Ok((known.clone(), next));
            }
            let key = self.vm.try_new_text(Text::Ascii(slice))?;
            self.memo.insert(slice.as_bytes().to_vec(), key.clone());
            return Ok((key, next));
        }
        let (key, next) = string(self.vm, self.document, self.string, index, self.scanner.strict)?;
        if let Some(text) = key.downcast::<Str>() {
            let owned;
            let bytes = match text.as_ascii() {
                Some(ascii) => ascii.as_bytes(),
                None => match text.text().to_rust() {
                    Some(text) => {
                        owned = text;
                        owned.as_bytes()
                    }
                    // Lone surrogates: such keys are not shared.
                    None => return Ok((key, next)),
                },
            };
            if let Some(known) = self.memo.get(bytes) {
                return Ok((known.clone(), next));
            }
            self.memo.insert(bytes.to_vec(), key.clone());
        }
        Ok((key, next))
    }

    fn object(&mut self, index: usize) -> PyResult<(Value, usize)> {
        let vm = self.vm;
        let pairs_hook = self.scanner.object_pairs_hook.get();
        let dict = vm.new_dict();
        let mut pairs = Vec::new();
        let mut index = self.skip_space(index);
        if self.at(index) != Some(u32::from(b'}')) {
            loop {
                if self.at(index) != Some(u32::from(b'"')) {
                    return self.error("Expecting property name enclosed in double quotes", index);
                }
                let (key, next) = self.key(index + 1)?;
                index = self.skip_space(next);
                if self.at(index) != Some(u32::from(b':')) {
                    return self.error("Expecting ':' delimiter", index);
                }
                index = self.skip_space(index + 1);
                let (value, next) = self.value(index)?;
                if pairs_hook.is_some() {
                    pairs.push(vm.new_tuple(&[key, value]));
                } else {
                    dict.set_str(&key, value);
                }
                index = self.skip_space(next);
                match self.at(index) {
                    Some(0x7d) => break,
                    Some(0x2c) => {
                        let comma = index;
                        index = self.skip_space(index + 1);
                        if self.at(index) == Some(u32::from(b'}')) {
                            return self.error("Illegal trailing comma before end of object", comma);
                        }
                    }
                    _ => return self.error("Expecting ',' delimiter", index),
                }
            }
        }
        let next = index + 1;
        if let Some(hook) = pairs_hook {
            return Ok((vm.call(&hook, &[vm.new_list(pairs).into_value()])?, next));
        }
        match self.scanner.object_hook.get() {
            Some(hook) => Ok((vm.call(&hook, &[dict.into_value()])?, next)),
            None => Ok((dict.into_value(), next)),
        }
    }
}

/// Scans a string from behind its opening quote; gives it and the index behind its end.
pub fn string(vm: &Vm, document: &Value, source: &Ref<Str>, begin: usize, strict: bool) -> PyResult<(Value, usize)> {
    let text = source.text();
    if let Text::Ascii(ascii) = text {
        // A string without escapes is a slice of the document.
        let bytes = ascii.as_bytes().get(begin..).unwrap_or_default();
        if let Some(length) = plain_length(bytes)
            && let Some(slice) = ascii.get(begin..begin + length)
        {
            return Ok((vm.try_new_text(Text::Ascii(slice))?, begin + length + 1));
        }
    }
    let fail = |message: &str, position: usize| Err(decode_error(vm, message, document, position));
    let mut buffer = TextBuf::new();
    let mut index = begin;
    loop {
        let start = index;
        loop {
            match text.get(index) {
                None => return fail("Unterminated string starting at", begin - 1),
                Some(0x22 | 0x5c) => break,
                Some(character) if character < 0x20 && strict => return fail("Invalid control character at", index),
                Some(_) => index += 1,
            }
        }
        buffer.push_text(text.slice(start, index));
        if text.get(index) == Some(0x22) {
            return Ok((vm.new_text_buf(&buffer)?, index + 1));
        }
        index += 1;
        let Some(escape) = text.get(index) else { return fail("Unterminated string starting at", begin - 1) };
        index += 1;
        let character = match char::from_u32(escape).unwrap_or(' ') {
            '"' => 0x22,
            '\\' => 0x5c,
            '/' => 0x2f,
            'b' => 8,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'u' => {
                let Some(unit) = hex4(text, index) else { return fail("Invalid \\uXXXX escape", index - 1) };
                index += 4;
                if (0xd800..0xdc00).contains(&unit)
                    && text.get(index) == Some(0x5c)
                    && text.get(index + 1) == Some(0x75)
                    && let Some(low) = hex4(text, index + 2)
                    && (0xdc00..0xe000).contains(&low)
                {
                    index += 6;
                    0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
                } else {
                    unit
                }
            }
            _ => return fail("Invalid \\escape", index - 2),
        };
        buffer.push(character);
    }
}

/// How long a string without escapes and control characters is; nothing for others.
#[inline]
fn plain_length(bytes: &[u8]) -> Option<usize> {
    const MOST_STEPS: usize = 32;
    for (index, byte) in bytes.iter().take(MOST_STEPS).enumerate() {
        match byte {
            b'"' => return Some(index),
            b'\\' | 0..0x20 => return None,
            _ => {}
        }
    }
    let length = memchr::memchr2(b'"', b'\\', bytes)?;
    let has_control = bytes[..length].iter().fold(false, |found, byte| found | (*byte < 0x20));
    (bytes[length] == b'"' && !has_control).then_some(length)
}

fn hex4(text: Text<'_>, index: usize) -> Option<u32> {
    let mut value = 0;
    for offset in 0..4 {
        let digit = text.get(index + offset).and_then(char::from_u32)?.to_digit(16)?;
        value = value * 16 + digit;
    }
    Some(value)
}
