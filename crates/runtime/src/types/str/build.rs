//! Strings built in place: concatenation, joining, repetition, and appending to a string that nobody else holds.
//! One of the places with unsafe code: a string's characters change only before anybody else can see them.

use super::{Str, bytes_for, kind_code};
use crate::error::{PyResult, Raised};
use crate::types::list::List;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};
use oriel_kernel::text::{Kind, SizeError, Text};

/// Writes the characters of a new string, one text behind the other.
pub struct Filler {
    data: *mut u8,
    kind: Kind,
    at: usize,
    len: usize,
}

impl Filler {
    /// Appends a text of the string's kind or a narrower one. Text beyond the string's length is left out.
    #[inline]
    pub fn push(&mut self, text: Text<'_>) {
        let text = if text.len() > self.len - self.at { text.slice(0, self.len - self.at) } else { text };
        // SAFETY: the characters from `at` on have room for the text, as was just made sure.
        unsafe { copy_text(self.data.add(self.at * self.kind.width()), self.kind, text) };
        self.at += text.len();
    }

    /// Appends ASCII to a string of units of one byte.
    #[inline(always)]
    fn push_ascii(&mut self, text: &str) {
        let bytes = text.as_bytes();
        if self.kind.width() != 1 || bytes.len() > self.len - self.at {
            return self.push(Text::Ascii(text));
        }
        // SAFETY: the bytes from `at` on have room for the text, as was just made sure.
        unsafe {
            let to = self.data.add(self.at);
            if let [byte] = bytes {
                to.write(*byte);
            } else {
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len());
            }
        }
        self.at += bytes.len();
    }

    /// Appends an ASCII character several times.
    pub fn push_repeated(&mut self, unit: u8, count: usize) {
        let count = count.min(self.len - self.at);
        if self.kind.width() == 1 {
            // SAFETY: the characters from `at` on have room for so many.
            unsafe { std::ptr::write_bytes(self.data.add(self.at), unit, count) };
            self.at += count;
        } else {
            let unit = [unit];
            (0..count).for_each(|_| self.push(Text::Latin1(&unit)));
        }
    }

    /// Appends ASCII with each byte changed to another of ASCII.
    #[inline]
    pub fn push_mapped(&mut self, text: &str, change: impl Fn(u8) -> u8) {
        let bytes = text.as_bytes();
        if self.kind.width() != 1 || bytes.len() > self.len - self.at {
            return;
        }
        for (i, byte) in bytes.iter().enumerate() {
            // SAFETY: the characters from `at` on have room for the text.
            unsafe { self.data.add(self.at + i).write(change(*byte) & 0x7f) };
        }
        self.at += bytes.len();
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        debug_assert_eq!(self.at, self.len);
        let width = self.kind.width();
        // SAFETY: the rest of the characters lies inside the string.
        unsafe { std::ptr::write_bytes(self.data.add(self.at * width), 0, (self.len - self.at) * width) };
    }
}

/// Copies a text to units of a width that holds them.
///
/// # Safety
/// `to` has room for the text in units of `kind`, is aligned for them, and the text lies elsewhere.
#[inline]
unsafe fn copy_text(to: *mut u8, kind: Kind, text: Text<'_>) {
    // SAFETY: as the caller says.
    unsafe {
        match (kind, text) {
            (Kind::Ascii | Kind::Latin1, Text::Ascii(units)) => {
                std::ptr::copy_nonoverlapping(units.as_ptr(), to, units.len());
            }
            (Kind::Ascii | Kind::Latin1, Text::Latin1(units)) => {
                std::ptr::copy_nonoverlapping(units.as_ptr(), to, units.len());
            }
            (Kind::Ucs2, Text::Ucs2(units)) => std::ptr::copy_nonoverlapping(units.as_ptr(), to.cast(), units.len()),
            (Kind::Ucs4, Text::Ucs4(units)) => std::ptr::copy_nonoverlapping(units.as_ptr(), to.cast(), units.len()),
            (Kind::Ascii | Kind::Latin1, text) => {
                text.chars().enumerate().for_each(|(i, c)| to.add(i).write(c as u8));
            }
            (Kind::Ucs2, text) => {
                let to = to.cast::<u16>();
                text.chars().enumerate().for_each(|(i, c)| to.add(i).write(c as u16));
            }
            (Kind::Ucs4, text) => {
                let to = to.cast::<u32>();
                text.chars().enumerate().for_each(|(i, c)| to.add(i).write(c));
            }
        }
    }
}

/// The exception for a size that cannot be.
#[cold]
pub fn size_error(vm: &Vm, error: SizeError, too_long: &str) -> Raised {
    match error {
        SizeError::TooLong => vm.overflow_error(too_long),
        SizeError::NoMemory => vm.memory_error(),
    }
}

impl Vm {
    /// A new `str` of `len` characters, at least one of which needs `kind`, that the function writes.
    pub fn build_str(&self, kind: Kind, len: usize, fill: impl FnOnce(&mut Filler)) -> PyResult {
        match len {
            0 => return Ok(self.empty_str()),
            _ if len > oriel_kernel::text::MAX_LEN => return Err(self.memory_error()),
            _ => {}
        }
        let made = self.raw_str(&self.types.str, kind, len, |data| fill(&mut Filler { data, kind, at: 0, len }));
        made.map(Ref::into_value).ok_or_else(|| self.memory_error())
    }

    /// The two strings' characters, one behind the other.
    pub fn concat_str(&self, left: &Str, right: &Str) -> PyResult {
        let len = left.len() + right.len();
        if len > oriel_kernel::text::MAX_LEN {
            return Err(self.overflow_error("strings are too large to concat"));
        }
        let (left, right) = (left.text(), right.text());
        self.build_str(left.kind().max(right.kind()), len, |out| {
            out.push(left);
            out.push(right);
        })
    }

    /// `left += right` where nobody else holds the left operand: in place where its block has room, else in a new
    /// block with slack, so that a loop of appending takes linear time. All other cases are those of `+`.
    pub fn append_in_place(&self, left: Value, right: &Value) -> PyResult {
        if !self.is_exact_str(&left) || !self.is_exact_str(right) {
            return self.binary(crate::arithmetic::BinaryOp::Add, &left, right);
        }
        let (Some(head), Some(tail)) = (left.downcast::<Str>(), right.downcast::<Str>()) else {
            return self.binary(crate::arithmetic::BinaryOp::Add, &left, right);
        };
        if tail.len() == 0 {
            return Ok(left);
        }
        if head.len() == 0 {
            return Ok(right.clone());
        }
        let (old_kind, more) = (head.text().kind(), tail.text());
        let kind = old_kind.max(more.kind());
        let len = head.len() + more.len();
        let needed = bytes_for(kind, len).filter(|_| len <= oriel_kernel::text::MAX_LEN);
        let Some(needed) = needed else { return Err(self.overflow_error("strings are too large to concat")) };
        let fixed = 16 + size_of::<Str>();
        if kind == old_kind && left.is_unique() && fixed + needed <= oriel_heap::block_capacity(&left) {
            let width = kind.width();
            let old_len = head.len();
            let (body, data) = (head.body_pointer(), head.data().cast_mut());
            // SAFETY: nobody else holds the string, and its block has room for the longer text and its NUL. The right
            // operand is another object, as the left is held once.
            unsafe {
                copy_text(data.add(old_len * width), kind, more);
                std::ptr::write_bytes(data.add(len * width), 0, width);
                (*body.as_ptr()).length = len;
                (*body.as_ptr()).hash.set(-1);
            }
            return Ok(left);
        }
        if !left.is_unique() {
            return self.concat_str(head, tail);
        }
        let slack = (len / 8).min(1 << 28) * kind.width();
        let first = head.text();
        let made = self.raw_str_with_room(&self.types.str, kind, len, slack, |data| {
            let mut out = Filler { data, kind, at: 0, len };
            out.push(first);
            out.push(more);
        });
        made.map(Ref::into_value).ok_or_else(|| self.memory_error())
    }

    #[inline(always)]
    pub(super) fn raw_str_with_room(
        &self,
        class: &crate::types::type_object::TypeRef,
        kind: Kind,
        length: usize,
        room: usize,
        fill: impl FnOnce(*mut u8),
    ) -> Option<Ref<Str>> {
        let body = Str {
            length,
            hash: std::cell::Cell::new(-1),
            state: std::cell::Cell::new(kind_code(kind) << super::KIND_SHIFT),
            _pad: 0,
        };
        let bytes = bytes_for(kind, length)?.checked_add(room)?;
        // SAFETY: the class is `str` or a subclass, whose layout is that of `Str`; the extra bytes are filled below, the
        // terminating NUL included, but for the room behind it, at which nothing looks.
        unsafe {
            let object = self.heap.try_new_object(class.as_value().raw(), body, bytes)?;
            let mut data = object.body_pointer().as_ptr().add(1).cast::<u8>();
            if kind != Kind::Ascii {
                data.cast::<[usize; 2]>().write([0, 0]);
                data = data.add(super::WIDE_EXTRA);
            }
            fill(data);
            std::ptr::write_bytes(data.add(length * kind.width()), 0, kind.width());
            Some(object)
        }
    }

    /// The strings with the separator between them: one pass to measure, one to write.
    pub fn join_str(&self, separator: &Value, items: &[Value]) -> PyResult {
        let between = super::slots::string(self, separator)?.text();
        if let [only] = items
            && self.is_exact_str(only)
        {
            return Ok(only.clone());
        }
        let (mut kind, mut len) = (Kind::Ascii, 0usize);
        for (index, item) in items.iter().enumerate() {
            let Some(item) = item.downcast::<Str>() else {
                let given = self.type_name(item);
                return Err(self.type_error(format!("sequence item {index}: expected str instance, {given} found")));
            };
            kind = kind.max(item.text().kind());
            len = len.saturating_add(item.len());
        }
        if items.len() > 1 {
            kind = kind.max(between.kind());
            len = len.saturating_add(between.len().saturating_mul(items.len() - 1));
        }
        if len > oriel_kernel::text::MAX_LEN {
            return Err(self.overflow_error("join() result is too long for a Python string"));
        }
        self.build_str(kind, len, |out| {
            if kind == Kind::Ascii {
                let between = between.as_ascii().unwrap_or_default();
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push_ascii(between);
                    }
                    out.push_ascii(item.downcast::<Str>().and_then(|item| item.as_ascii()).unwrap_or_default());
                }
                return;
            }
            for (index, item) in items.iter().enumerate() {
                if index > 0 && !between.is_empty() {
                    out.push(between);
                }
                if let Some(item) = item.downcast::<Str>() {
                    out.push(item.text());
                }
            }
        })
    }
}

/// `str.join`
pub(super) fn join(vm: &Vm, this: &Value, iterable: &Value) -> PyResult {
    if let Some(tuple) = iterable.downcast::<Tuple>() {
        return vm.join_str(this, tuple.items());
    }
    if let Some(list) = iterable.downcast::<List>() {
        // SAFETY: joining strings runs no Python code and drops no reference, so the list does not change; only the
        // exception for a wrong item is made while the items are borrowed, and that reads them no more.
        return vm.join_str(this, unsafe { list.items_ref() });
    }
    let items = match vm.collect(iterable) {
        Ok(items) => items,
        Err(raised) if vm.raised_is(&raised, &vm.types.type_error) && !is_iterable(vm, iterable) => {
            return Err(vm.type_error("can only join an iterable"));
        }
        Err(raised) => return Err(raised),
    };
    vm.join_str(this, &items)
}

/// `str * count`
pub(super) fn repeat(vm: &Vm, this: &Value, count: isize) -> PyResult {
    let string = super::slots::string(vm, this)?;
    if count < 1 || string.len() == 0 {
        return Ok(vm.empty_str());
    }
    if count == 1 && vm.is_exact_str(this) {
        return Ok(this.clone());
    }
    let count = count as usize;
    let text = string.text();
    let len = text.len().checked_mul(count).filter(|len| *len <= oriel_kernel::text::MAX_LEN);
    let Some(len) = len else { return Err(vm.overflow_error("repeated string is too long")) };
    vm.build_str(text.kind(), len, |out| (0..count).for_each(|_| out.push(text)))
}

/// `str + str`
pub(super) fn concat(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let Some(right) = b.downcast::<Str>() else {
        let given = vm.type_name(b);
        return Err(vm.type_error(format!("can only concatenate str (not \"{given}\") to str")));
    };
    let left = super::slots::string(vm, a)?;
    if right.len() == 0 && vm.is_exact_str(a) {
        return Ok(a.clone());
    }
    if left.len() == 0 && vm.is_exact_str(b) {
        return Ok(b.clone());
    }
    vm.concat_str(left, right)
}

fn is_iterable(vm: &Vm, value: &Value) -> bool {
    let slots = &vm.type_of(value).slots;
    slots.iter.get().is_some() || slots.sq_item.get().is_some()
}
