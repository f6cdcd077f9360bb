//! Writing values in the marshal format, byte for byte as CPython does.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::{CodeParts, MAX_DEPTH, STACK_BUDGET, Singleton, Source, StackLimit, View, WriteError, tag};

/// The bytes of a value, in the given version of the format.
pub fn dump<S: Source>(source: &S, value: &S::Value, version: i32, allow_code: bool) -> Result<Vec<u8>, WriteError> {
    dump_within(source, value, version, allow_code, STACK_BUDGET)
}

/// As [`dump`], with so many bytes of native stack.
pub fn dump_within<S: Source>(
    source: &S,
    value: &S::Value,
    version: i32,
    allow_code: bool,
    stack_budget: usize,
) -> Result<Vec<u8>, WriteError> {
    let keys = RefCell::default();
    dump_held(source, value, (version, allow_code), false, StackLimit::after(stack_budget), &keys)
}

fn dump_held<S: Source>(
    source: &S,
    value: &S::Value,
    (version, allow_code): (i32, bool),
    held: bool,
    stack: StackLimit,
    keys: &Keys<S::Value>,
) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer {
        source,
        version,
        allow_code,
        out: Vec::new(),
        seen: HashMap::new(),
        open: HashSet::new(),
        depth: 0,
        stack,
        keys,
    };
    writer.object(value, held)?;
    Ok(writer.out)
}

/// The bytes by which items of sets are sorted, by the items' identity: with each item, so that it stays what it is.
/// Without them the cost of nested sets would double with every level.
type Keys<V> = RefCell<HashMap<usize, (V, Rc<[u8]>)>>;

struct Writer<'s, S: Source> {
    source: &'s S,
    version: i32,
    allow_code: bool,
    out: Vec<u8>,
    /// The identity of each value that can be referred to, and its number.
    seen: HashMap<usize, u32>,
    /// The code objects and slices that are being written: no reader could make one that holds itself.
    open: HashSet<usize>,
    depth: usize,
    stack: StackLimit,
    keys: &'s Keys<S::Value>,
}

impl<S: Source> Writer<'_, S> {
    /// `held`: the walk itself holds a reference, so the value counts as shared.
    fn object(&mut self, value: &S::Value, held: bool) -> Result<(), WriteError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH || self.stack.is_passed() {
            return Err(WriteError::TooDeep);
        }
        match self.source.view(value) {
            View::Singleton(which) => self.out.push(match which {
                Singleton::None => tag::NONE,
                Singleton::True => tag::TRUE,
                Singleton::False => tag::FALSE,
                Singleton::Ellipsis => tag::ELLIPSIS,
                Singleton::StopIteration => tag::STOP_ITERATION,
            }),
            view => {
                let mut flag = 0;
                if self.version >= 3 && (held || self.source.is_shared(value)) {
                    let next = self.seen.len() as u32;
                    match self.seen.entry(self.source.identity(value)) {
                        std::collections::hash_map::Entry::Occupied(entry) => {
                            if self.open.contains(entry.key()) {
                                return Err(WriteError::Unmarshallable);
                            }
                            self.out.push(tag::REF);
                            let number = *entry.get();
                            self.out.extend(number.to_le_bytes());
                            self.depth -= 1;
                            return Ok(());
                        }
                        std::collections::hash_map::Entry::Vacant(entry) => {
                            entry.insert(next);
                            flag = tag::FLAG_REF;
                        }
                    }
                }
                let closed = matches!(view, View::Code(_) | View::Slice(_)).then(|| self.source.identity(value));
                self.open.extend(closed);
                self.view(view, flag, value)?;
                if let Some(identity) = closed {
                    self.open.remove(&identity);
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn view(&mut self, view: View<'_, S::Value>, flag: u8, whole: &S::Value) -> Result<(), WriteError> {
        match view {
            View::Singleton(_) => {}
            View::Int(value) => self.int(value, flag),
            View::BigInt(value) => {
                let negative = value.sign() == dashu_int::Sign::Negative;
                let magnitude = value.into_owned().into_parts().1;
                self.digits(&magnitude.to_le_bytes(), negative, flag)?;
            }
            View::Float(value) => {
                if self.version > 1 {
                    self.out.push(tag::BINARY_FLOAT | flag);
                    self.out.extend(value.to_le_bytes());
                } else {
                    self.out.push(tag::FLOAT | flag);
                    self.text_float(value);
                }
            }
            View::Complex(real, imag) => {
                if self.version > 1 {
                    self.out.push(tag::BINARY_COMPLEX | flag);
                    self.out.extend(real.to_le_bytes());
                    self.out.extend(imag.to_le_bytes());
                } else {
                    self.out.push(tag::COMPLEX | flag);
                    self.text_float(real);
                    self.text_float(imag);
                }
            }
            View::Bytes(bytes) => {
                self.out.push(tag::STRING | flag);
                self.sized(&bytes)?;
            }
            View::Str(utf8, interned) => self.str(&utf8, interned, flag)?,
            View::Tuple(items) => {
                match u8::try_from(items.len()) {
                    Ok(size) if self.version >= 4 => self.out.extend([tag::SMALL_TUPLE | flag, size]),
                    _ => self.head(tag::TUPLE | flag, items.len())?,
                }
                self.objects(&items)?;
            }
            View::List(items) => {
                self.head(tag::LIST | flag, items.len())?;
                self.objects(&items)?;
            }
            View::Dict(pairs) => {
                self.out.push(tag::DICT | flag);
                for (key, value) in &pairs {
                    self.object(key, false)?;
                    self.object(value, false)?;
                }
                self.out.push(tag::NULL);
            }
            View::Set(items) => self.set(tag::SET | flag, items, whole)?,
            View::FrozenSet(items) => self.set(tag::FROZEN_SET | flag, items, whole)?,
            View::Slice(parts) => {
                if self.version < 5 {
                    self.out.push(tag::UNKNOWN | flag);
                    return Err(WriteError::Unmarshallable);
                }
                self.out.push(tag::SLICE | flag);
                self.objects(&parts)?;
            }
            View::Code(parts) => self.code(&parts, flag)?,
            View::Unmarshallable => return Err(WriteError::Unmarshallable),
        }
        Ok(())
    }

    fn objects(&mut self, items: &[S::Value]) -> Result<(), WriteError> {
        items.iter().try_for_each(|item| self.object(item, false))
    }

    fn head(&mut self, tag: u8, size: usize) -> Result<(), WriteError> {
        let size = i32::try_from(size).map_err(|_| WriteError::TooLarge)?;
        self.out.push(tag);
        self.out.extend(size.to_le_bytes());
        Ok(())
    }

    fn sized(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let size = i32::try_from(bytes.len()).map_err(|_| WriteError::TooLarge)?;
        self.out.extend(size.to_le_bytes());
        self.out.extend(bytes);
        Ok(())
    }

    fn int(&mut self, value: i64, flag: u8) {
        match i32::try_from(value) {
            Ok(value) => {
                self.out.push(tag::INT | flag);
                self.out.extend(value.to_le_bytes());
            }
            // At most five digits: the size always fits.
            Err(_) => drop(self.digits(&value.unsigned_abs().to_le_bytes(), value < 0, flag)),
        }
    }

    /// A large integer: digits of 15 bits, their number negative if the integer is.
    fn digits(&mut self, magnitude: &[u8], negative: bool, flag: u8) -> Result<(), WriteError> {
        let mut digits: Vec<u16> = Vec::with_capacity(magnitude.len() * 8 / 15 + 1);
        let (mut pending, mut bits) = (0u32, 0);
        for &byte in magnitude {
            pending |= u32::from(byte) << bits;
            bits += 8;
            if bits >= 15 {
                digits.push((pending & 0x7fff) as u16);
                pending >>= 15;
                bits -= 15;
            }
        }
        digits.push(pending as u16);
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let count = i32::try_from(digits.len()).map_err(|_| WriteError::TooLarge)?;
        self.out.push(tag::LONG | flag);
        self.out.extend(if negative { -count } else { count }.to_le_bytes());
        for digit in digits {
            self.out.extend(digit.to_le_bytes());
        }
        Ok(())
    }

    fn text_float(&mut self, value: f64) {
        let text = general_17(value);
        self.out.push(text.len() as u8);
        self.out.extend(text.as_bytes());
    }

    fn str(&mut self, utf8: &[u8], interned: bool, flag: u8) -> Result<(), WriteError> {
        if self.version >= 4 && utf8.is_ascii() {
            if let Ok(size) = u8::try_from(utf8.len()) {
                let tag = if interned { tag::SHORT_ASCII_INTERNED } else { tag::SHORT_ASCII };
                self.out.extend([tag | flag, size]);
                self.out.extend(utf8);
                return Ok(());
            }
            self.out.push(if interned { tag::ASCII_INTERNED } else { tag::ASCII } | flag);
        } else {
            let interned = interned && self.version >= 3;
            self.out.push(if interned { tag::INTERNED } else { tag::UNICODE } | flag);
        }
        self.sized(utf8)
    }

    /// Items go in the order of their own bytes, so that equal sets give equal bytes.
    fn set(&mut self, tag: u8, items: Vec<S::Value>, whole: &S::Value) -> Result<(), WriteError> {
        self.head(tag, items.len())?;
        let mut dumped = Vec::with_capacity(items.len());
        let size = items.len();
        for item in items {
            dumped.push((self.key(&item)?, item));
            if self.source.set_size(whole).is_some_and(|now| now != size) {
                return Err(WriteError::SetChanged);
            }
        }
        dumped.sort_by(|left, right| left.0.cmp(&right.0));
        dumped.iter().try_for_each(|(_, item)| self.object(item, true))
    }

    /// An item of a set as bytes of its own.
    fn key(&self, item: &S::Value) -> Result<Rc<[u8]>, WriteError> {
        let identity = self.source.identity(item);
        if let Some((_, known)) = self.keys.borrow().get(&identity) {
            return Ok(known.clone());
        }
        let form = (self.version, self.allow_code);
        let key: Rc<[u8]> = dump_held(self.source, item, form, true, self.stack, self.keys)?.into();
        self.keys.borrow_mut().insert(identity, (item.clone(), key.clone()));
        Ok(key)
    }

    fn code(&mut self, parts: &CodeParts<S::Value>, flag: u8) -> Result<(), WriteError> {
        if !self.allow_code {
            return Err(WriteError::CodeDisallowed);
        }
        self.out.push(tag::CODE | flag);
        let CodeParts { argcount, posonlyargcount, kwonlyargcount, stacksize, flags, .. } = parts;
        for number in [argcount, posonlyargcount, kwonlyargcount, stacksize, flags] {
            self.out.extend(number.to_le_bytes());
        }
        // The bytecode is made afresh for the writer and kept with the code object: held twice.
        self.object(&parts.code, true)?;
        for part in [&parts.consts, &parts.names, &parts.localsplusnames, &parts.localspluskinds] {
            self.object(part, false)?;
        }
        for part in [&parts.filename, &parts.name, &parts.qualname] {
            self.object(part, false)?;
        }
        self.out.extend(parts.firstlineno.to_le_bytes());
        self.object(&parts.linetable, false)?;
        self.object(&parts.exceptiontable, false)
    }
}

/// A float with up to 17 significant digits, as C's `%.17g`.
fn general_17(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.into();
    }
    let scientific = format!("{value:.16e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |text: &str| -> String {
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text.into() }
    };
    if (-4..17).contains(&exponent) {
        trim(&format!("{value:.*}", (16 - exponent) as usize))
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
    }
}
