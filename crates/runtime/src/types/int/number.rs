//! The number of an `int` value, whatever its form: an immediate, `True` or `False`, boxed, of a subclass.

use super::Int;
use crate::error::{PyResult, Raised};
use crate::vm::Vm;
use dashu_int::IBig;
use oriel_heap::Value;
use oriel_kernel::format::IntRef;
use oriel_kernel::number::float_ops::int_to_float;
use oriel_kernel::number::int_text::is_negative;
use oriel_kernel::number::{Integer, NumberError};
use std::borrow::Cow;
use std::cmp::Ordering;

/// The number of an `int`, borrowed.
#[derive(Clone, Copy, Debug)]
pub enum Num<'a> {
    /// One that fits a machine word.
    Small(i64),
    /// One that does not.
    Big(&'a IBig),
}

/// The number of an `int` or of an instance of a subclass; nothing for all else.
#[inline]
pub fn num_of(value: &Value) -> Option<Num<'_>> {
    if let Some(number) = value.as_small_int() {
        return Some(Num::Small(number));
    }
    if let Some(flag) = value.as_bool() {
        return Some(Num::Small(i64::from(flag)));
    }
    let int = value.downcast::<Int>()?;
    Some(match i64::try_from(&int.value) {
        Ok(number) => Num::Small(number),
        Err(_) => Num::Big(&int.value),
    })
}

impl<'a> Num<'a> {
    /// The number in the library's form.
    #[inline]
    pub fn big(self) -> Cow<'a, IBig> {
        match self {
            Num::Small(number) => Cow::Owned(IBig::from(number)),
            Num::Big(number) => Cow::Borrowed(number),
        }
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        matches!(self, Num::Small(0))
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        match self {
            Num::Small(number) => number < 0,
            Num::Big(number) => is_negative(number),
        }
    }

    /// The machine word, if it fits.
    pub fn small(self) -> Option<i64> {
        match self {
            Num::Small(number) => Some(number),
            Num::Big(_) => None,
        }
    }

    /// The nearest float; OverflowError if there is none.
    pub fn to_float(self, vm: &Vm) -> PyResult<f64> {
        match self {
            Num::Small(number) => Ok(number as f64),
            Num::Big(number) => {
                int_to_float(number).ok_or_else(|| vm.overflow_error("int too large to convert to float"))
            }
        }
    }

    /// Compares two.
    pub fn compare(self, other: Num<'_>) -> Ordering {
        match (self, other) {
            (Num::Small(a), Num::Small(b)) => a.cmp(&b),
            (Num::Big(a), Num::Big(b)) => a.cmp(b),
            // A big one is beyond every small one.
            (Num::Big(a), Num::Small(_)) => {
                if is_negative(a) {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (Num::Small(_), Num::Big(b)) => {
                if is_negative(b) {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
        }
    }
}

impl<'a> From<Num<'a>> for IntRef<'a> {
    fn from(number: Num<'a>) -> IntRef<'a> {
        match number {
            Num::Small(number) => IntRef::Small(number),
            Num::Big(number) => IntRef::Big(number),
        }
    }
}

impl Vm {
    /// An `int` of a number that the kernel made.
    pub fn new_integer(&self, number: Integer) -> Value {
        match number {
            Integer::Small(number) => self.new_int(number),
            Integer::Big(number) => self.new_big_int(number),
        }
    }

    /// An `int` that is no instance of a subclass.
    pub fn exact_int(&self, value: &Value) -> Value {
        if value.is_small_int() || (self.type_of(value).is(&self.types.int) && value.is_heap()) {
            return value.clone();
        }
        match num_of(value) {
            Some(Num::Small(number)) => self.new_int(number),
            Some(Num::Big(number)) => self.new_big_int(number.clone()),
            None => value.clone(),
        }
    }

    /// What Python raises for a failed computation.
    #[cold]
    pub fn number_error(&self, error: NumberError) -> Raised {
        match error {
            NumberError::ZeroDivision => self.zero_division_error("division by zero"),
            NumberError::Overflow => self.overflow_error("math range error"),
            NumberError::Domain => self.value_error("math domain error"),
            NumberError::Memory => self.memory_error(),
        }
    }
}
