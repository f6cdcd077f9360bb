//! Making `int`s: of text, of bytes, of other numbers; and their text.

use super::Int;
use super::number::{Num, num_of};
use crate::args::Args;
use crate::error::PyResult;
use crate::types::str::Str;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};
use oriel_kernel::format::quick::Digits;
use oriel_kernel::number::int_text::{self, IntTextError};
use std::borrow::Cow;

/// `int(...)`
pub fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let number = number_of_args(vm, args)?;
    if class.is(&vm.types.int) {
        return Ok(number);
    }
    let value = match num_of(&number) {
        Some(number) => number.big().into_owned(),
        None => return Err(vm.type_error("int() did not make an int")),
    };
    Ok(vm.new_instance(class, Int { value })?.into_value())
}

fn number_of_args(vm: &Vm, args: Args<'_>) -> PyResult {
    let positional = args.positional();
    crate::args::check_count(vm, "int", args.values.len(), 0, 2)?;
    let mut base = positional.get(1);
    for (name, value) in args.keywords() {
        let text = vm.str_text(name);
        if text != "base" {
            return Err(vm.type_error(format!("int() got an unexpected keyword argument '{text}'")));
        }
        if base.is_some() {
            return Err(vm.type_error("argument for int() given by name ('base') and position (2)"));
        }
        base = Some(value);
    }
    match (positional.first(), base) {
        (None, None) => Ok(Value::small(0)),
        (None, Some(_)) => Err(vm.type_error("int() missing string argument")),
        (Some(value), None) => vm.to_int(value),
        (Some(value), Some(base)) => {
            let base = vm.to_isize_clipped(base)?;
            let base = match u32::try_from(base) {
                Ok(base @ (0 | 2..=36)) => base,
                _ => return Err(vm.value_error("int() base must be >= 2 and <= 36, or 0")),
            };
            if let Some(text) = value.downcast::<Str>() {
                return vm.int_of_text(&number_text(text), base, value);
            }
            match vm.bytes_of(value) {
                Some(bytes) => vm.int_of_text(&bytes, base, value),
                None => Err(vm.type_error("int() can't convert non-string with explicit base")),
            }
        }
    }
}

/// The text of a number with its digits and blanks made ASCII.
pub fn number_text<'a>(text: &'a Ref<Str>) -> Cow<'a, [u8]> {
    match text.as_ascii() {
        Some(text) => Cow::Borrowed(text.as_bytes()),
        None => Cow::Owned(int_text::to_ascii(text.text().chars())),
    }
}

impl Vm {
    /// Warns that a method gave an instance of a subclass of `int`.
    #[cold]
    pub fn warn_int_subclass(&self, method: &str, result: &Value) -> PyResult<()> {
        let name = self.type_name(result);
        let message = format!(
            "{method} returned non-int (type {name}).  The ability to return an instance of a strict subclass of int \
             is deprecated, and may not be supported in a future version of Python."
        );
        self.warn(&self.types.deprecation_warning, &message, 1)
    }

    /// `int(value)`
    pub fn to_int(&self, value: &Value) -> PyResult {
        if value.is_small_int() {
            return Ok(value.clone());
        }
        let slots = &self.type_of(value).slots;
        if let Some(nb_int) = slots.nb_int.get() {
            let result = nb_int(self, value)?;
            if num_of(&result).is_none() {
                let name = self.type_name(&result);
                return Err(self.type_error(format!("__int__ returned non-int (type {name})")));
            }
            let ty = self.type_of(&result);
            if !ty.is(&self.types.int) {
                self.warn_int_subclass("__int__", &result)?;
            }
            return Ok(self.exact_int(&result));
        }
        if slots.nb_index.get().is_some() {
            return Ok(self.exact_int(&self.index(value)?));
        }
        if let Some(text) = value.downcast::<Str>() {
            return self.int_of_text(&number_text(text), 10, value);
        }
        if let Some(bytes) = self.bytes_of(value) {
            return self.int_of_text(&bytes, 10, value);
        }
        if slots.buffer.get().is_some() {
            let bytes = self.buffer(value, false)?.to_vec();
            return self.int_of_text(&bytes, 10, value);
        }
        let name = self.type_name(value);
        Err(self
            .type_error(format!("int() argument must be a string, a bytes-like object or a real number, not '{name}'")))
    }

    /// The `int` a text says; `original` is for the message.
    pub fn int_of_text(&self, text: &[u8], base: u32, original: &Value) -> PyResult {
        match int_text::parse(text, base, self.int_max_str_digits.get()) {
            Ok(number) => Ok(self.new_integer(number)),
            Err(IntTextError::TooLong { digits }) => {
                let limit = self.int_max_str_digits.get();
                Err(self.value_error(format!(
                    "Exceeds the limit ({limit} digits) for integer string conversion: value has {digits} digits; \
                     use sys.set_int_max_str_digits() to increase the limit"
                )))
            }
            Err(_) => {
                let shown: String = self.repr_text(original)?.chars().take(200).collect();
                Err(self.value_error(format!("invalid literal for int() with base {base}: {shown}")))
            }
        }
    }

    /// The decimal text of a number, within the limit of digits.
    pub fn int_text(&self, number: Num<'_>) -> PyResult<String> {
        match number {
            Num::Small(number) => Ok(Digits::of(number).as_str().to_owned()),
            Num::Big(number) => {
                let limit = self.int_max_str_digits.get();
                int_text::to_decimal(number, limit).ok_or_else(|| {
                    self.value_error(format!(
                        "Exceeds the limit ({limit} digits) for integer string conversion; use \
                         sys.set_int_max_str_digits() to increase the limit"
                    ))
                })
            }
        }
    }
}

/// `repr(int)`
pub fn repr(vm: &Vm, this: &Value) -> PyResult {
    match num_of(this) {
        Some(Num::Small(number)) => vm.new_ascii(Digits::of(number).as_str()),
        Some(number) => vm.try_new_text(oriel_kernel::text::Text::Ascii(&vm.int_text(number)?)),
        None => Err(vm.type_error("an int is needed")),
    }
}
