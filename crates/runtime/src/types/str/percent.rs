//! The `%` operator of `str`.

use super::Str;
use super::format::push;
use super::slots::string;
use crate::error::{PyResult, Raised};
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::format::percent::{Amount, Conversion, Segment, Segments, Settled, format_float, format_int};
use oriel_kernel::format::quick::Digits;
use oriel_kernel::format::{Align, Grouping, IntRef, Spec, quick};
use oriel_kernel::text::{Text, TextBuf};

/// `str % values`
pub(super) fn remainder(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    match a.downcast::<Str>() {
        Some(_) => percent(vm, a, b),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// The values in the order in which they are used up.
pub(crate) struct Values<'a> {
    values: Value,
    /// How many there are; nothing where one value stands alone.
    count: Option<usize>,
    used: usize,
    mapping: Option<&'a Value>,
}

impl<'a> Values<'a> {
    /// The right-hand side of `%`.
    pub(crate) fn of(values: &'a Value, is_mapping: bool) -> Values<'a> {
        let count = values.downcast::<Tuple>().map(|tuple| tuple.len());
        Values { values: values.clone(), count, used: 0, mapping: is_mapping.then_some(values) }
    }

    /// Whether values are left that no conversion took.
    pub(crate) fn are_left(&self) -> bool {
        let left = match self.count {
            None => self.used == 0,
            Some(count) => self.used < count,
        };
        left && self.mapping.is_none()
    }

    pub(crate) fn next(&mut self, vm: &Vm) -> PyResult {
        let found = match self.count {
            None if self.used == 0 => Some(self.values.clone()),
            None => None,
            Some(_) => self.values.downcast::<Tuple>().and_then(|tuple| tuple.items().get(self.used).cloned()),
        };
        self.used += 1;
        found.ok_or_else(|| vm.type_error("not enough arguments for format string"))
    }

    /// The value of a key becomes the only one.
    pub(crate) fn by_key(&mut self, vm: &Vm, key: &Value) -> PyResult<()> {
        let Some(mapping) = self.mapping else { return Err(vm.type_error("format requires a mapping")) };
        self.values = vm.get_item(mapping, key)?;
        self.count = None;
        self.used = 0;
        Ok(())
    }
}

/// Whether `%` takes keys from the value: a mapping that is neither tuple nor text.
pub(crate) fn is_mapping(vm: &Vm, value: &Value) -> bool {
    if value.downcast::<Dict>().is_some() {
        return true;
    }
    let plain = value.downcast::<Tuple>().is_some() || value.downcast::<Str>().is_some();
    !plain && (value.downcast::<List>().is_some() || vm.type_of(value).slots.mp_subscript.get().is_some())
}

fn percent(vm: &Vm, format: &Value, values: &Value) -> PyResult {
    let text = string(vm, format)?.text();
    match text {
        Text::Ascii(ascii) => fill_in(vm, text, |i| ascii.as_bytes().get(i).copied().map_or(0, u32::from), values),
        _ => fill_in(vm, text, |i| text.at(i), values),
    }
}

fn fill_in(vm: &Vm, text: Text<'_>, char_at: impl Fn(usize) -> u32, values: &Value) -> PyResult {
    let mut source = Values::of(values, is_mapping(vm, values));
    let mut out = TextBuf::with_capacity(text.kind(), text.len() + 16);
    for segment in Segments::new(text.len(), char_at) {
        match segment.map_err(|e| vm.format_error(e))? {
            Segment::Literal(range) => push(vm, &mut out, text.slice(range.start, range.end))?,
            Segment::Conversion(conversion) => {
                if let Some(key) = &conversion.key {
                    source.by_key(vm, &vm.new_text(text.slice(key.start, key.end))?)?;
                }
                let code = u8::try_from(conversion.code).unwrap_or(0);
                if matches!(code, b's' | b'd' | b'i' | b'u') && conversion.is_bare() {
                    let value = source.next(vm)?;
                    if let Some(number) = value.as_small_int() {
                        out.push_text(Text::Ascii(Digits::of(number).as_str()));
                    } else if code == b's' {
                        let shown = vm.str(&value)?;
                        if let Some(shown) = shown.downcast::<Str>() {
                            push(vm, &mut out, shown.text())?;
                        }
                    } else {
                        let settled = settle(vm, &conversion, || Ok(Value::NONE))?;
                        convert(vm, &mut out, &conversion, &settled, &value)?;
                    }
                    continue;
                }
                let settled = settle(vm, &conversion, || source.next(vm))?;
                if conversion.code == u32::from('%') && conversion.is_bare() {
                    out.push(conversion.code);
                    continue;
                }
                let value = source.next(vm)?;
                convert(vm, &mut out, &conversion, &settled, &value)?;
            }
        }
    }
    if source.are_left() {
        return Err(vm.type_error("not all arguments converted during string formatting"));
    }
    vm.new_text_buf(&out.finish())
}

/// A conversion with its stars replaced by values.
pub(crate) fn settle(vm: &Vm, conversion: &Conversion, mut next: impl FnMut() -> PyResult) -> PyResult<Settled> {
    let mut settled = Settled {
        left: conversion.left,
        plus: conversion.plus,
        blank: conversion.blank,
        alternate: conversion.alternate,
        zero: conversion.zero,
        width: 0,
        precision: None,
        code: u8::try_from(conversion.code).unwrap_or(0),
    };
    let star = |value: Value| match vm.small_or_big(&value) {
        None => Err(vm.type_error("* wants int")),
        Some(_) => Ok(value),
    };
    match conversion.width {
        Amount::None => {}
        Amount::Given(width) => settled.width = width,
        Amount::Star => {
            let width = vm.to_isize(&star(next()?)?)?;
            if width == isize::MIN {
                return Err(vm.overflow_error("width too big"));
            }
            settled.left |= width < 0;
            settled.width = width.unsigned_abs();
        }
    }
    match conversion.precision {
        Amount::None => {}
        Amount::Given(precision) if precision > i32::MAX as usize => return Err(vm.value_error("precision too big")),
        Amount::Given(precision) => settled.precision = Some(precision),
        Amount::Star => {
            let value = star(next()?)?;
            let precision = match vm.small_or_big(&value) {
                Some(Ok(number)) => i32::try_from(number).ok(),
                _ => None,
            };
            let Some(precision) = precision else {
                return Err(vm.overflow_error("Python int too large to convert to C int"));
            };
            settled.precision = Some(precision.max(0) as usize);
        }
    }
    Ok(settled)
}

fn convert(vm: &Vm, out: &mut TextBuf, conversion: &Conversion, settled: &Settled, value: &Value) -> PyResult<()> {
    let text = match settled.code {
        b's' => vm.str(value)?,
        b'r' => vm.repr(value)?,
        b'a' => vm.ascii(value)?,
        b'c' => character(vm, value)?,
        b'd' | b'i' | b'u' | b'o' | b'x' | b'X' => return integer(vm, out, settled, value),
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
            let number = vm.to_f64(value)?;
            if let Some(text) = spec_of(settled).and_then(|spec| quick::float(number, &spec)) {
                out.push_text(Text::Ascii(text.as_str()));
                return Ok(());
            }
            let layout = format_float(number, settled).map_err(|e| vm.format_error(e))?;
            return vm.push_layout(out, &layout);
        }
        _ => return Err(vm.format_error(conversion.unsupported())),
    };
    let Some(text) = text.downcast::<Str>() else { return Ok(()) };
    let text = text.text();
    // A character is never cut short.
    let taken = if settled.code == b'c' { text.len() } else { settled.precision.unwrap_or(usize::MAX).min(text.len()) };
    pad(vm, out, text.slice(0, taken), settled)
}

fn pad(vm: &Vm, out: &mut TextBuf, text: Text<'_>, settled: &Settled) -> PyResult<()> {
    let missing = settled.width.saturating_sub(text.len());
    if missing > 0 && out.try_reserve(settled.width).is_err() {
        return Err(vm.memory_error());
    }
    if !settled.left {
        out.push_repeated(b' '.into(), missing);
    }
    push(vm, out, text)?;
    if settled.left {
        out.push_repeated(b' '.into(), missing);
    }
    Ok(())
}

fn character(vm: &Vm, value: &Value) -> PyResult {
    if let Some(text) = value.downcast::<Str>() {
        if text.len() == 1 {
            return Ok(value.clone());
        }
        let given = text.len();
        return Err(vm.type_error(format!("%c requires an int or a unicode character, not a string of length {given}")));
    }
    if vm.small_or_big(value).is_none() && vm.type_of(value).slots.nb_index.get().is_none() {
        let given = vm.qualified_type_name(vm.type_of(value))?;
        return Err(vm.type_error(format!("%c requires an int or a unicode character, not {given}")));
    }
    let index = vm.index(value)?;
    match vm.small_or_big(&index) {
        Some(Ok(code)) if (0..0x11_0000).contains(&code) => Ok(vm.new_char(code as u32)),
        _ => Err(vm.overflow_error("%c arg not in range(0x110000)")),
    }
}

#[cold]
fn not_a_number(vm: &Vm, settled: &Settled, value: &Value) -> Raised {
    let what = if matches!(settled.code, b'o' | b'x' | b'X') { "an integer" } else { "a real number" };
    let (code, given) = (settled.code as char, vm.type_name(value));
    vm.type_error(format!("%{code} format: {what} is required, not {given}"))
}

/// The format specification that means the same.
fn spec_of(settled: &Settled) -> Option<Spec> {
    Some(Spec {
        fill: if settled.zero && !settled.left { b'0'.into() } else { b' '.into() },
        align: match (settled.left, settled.zero) {
            (true, _) => Align::Left,
            (_, true) => Align::AfterSign,
            _ => Align::Right,
        },
        sign: match (settled.plus, settled.blank) {
            (true, _) => b'+',
            (_, true) => b' ',
            _ => 0,
        },
        no_negative_zero: false,
        alternate: settled.alternate,
        width: Some(settled.width),
        grouping: Grouping::None,
        precision: settled.precision,
        fraction_grouping: Grouping::None,
        code: match settled.code {
            b'i' | b'u' => b'd'.into(),
            code => code.into(),
        },
    })
}

/// Formats a value by an integer's conversion.
pub(crate) fn integer(vm: &Vm, out: &mut TextBuf, settled: &Settled, value: &Value) -> PyResult<()> {
    if let Some(number) = value.as_small_int()
        && let Some(text) = spec_of(settled).and_then(|spec| quick::int(number, &spec))
    {
        out.push_text(Text::Ascii(text.as_str()));
        return Ok(());
    }
    let number = if vm.small_or_big(value).is_some() {
        value.clone()
    } else {
        let slots = &vm.type_of(value).slots;
        let exact = matches!(settled.code, b'o' | b'x' | b'X');
        let convert = if exact { slots.nb_index.get() } else { slots.nb_int.get().or(slots.nb_index.get()) };
        let Some(convert) = convert else { return Err(not_a_number(vm, settled, value)) };
        match convert(vm, value) {
            Ok(number) => number,
            Err(raised) if vm.raised_is(&raised, &vm.types.type_error) => {
                return Err(not_a_number(vm, settled, value));
            }
            Err(raised) => return Err(raised),
        }
    };
    let number = match vm.small_or_big(&number) {
        Some(Ok(small)) => IntRef::Small(small),
        Some(Err(big)) => IntRef::Big(&big.value),
        None => return Err(not_a_number(vm, settled, value)),
    };
    let layout = format_int(number, settled, vm.int_max_str_digits.get()).map_err(|e| vm.format_error(e))?;
    vm.push_layout(out, &layout)
}
