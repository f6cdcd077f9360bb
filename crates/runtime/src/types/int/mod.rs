//! The body of `int` objects wider than an immediate. The functions of the type are in the files beside this one.
//!
//! Unlike CPython's 30-bit digits the body is the number library's own form, so that arithmetic converts nothing.

mod construct;
mod methods;
pub use methods::format;
pub mod number;
mod operators;

pub use construct::number_text;
pub use number::{Num, num_of};
pub use operators::compare_float;

use crate::native::{TypeSpec, type_flags};
use crate::vm::Vm;
use dashu_int::IBig;
use oriel_heap::{Body, Layout, Value};

/// The body of a boxed `int`.
pub struct Int {
    /// The number.
    pub value: IBig,
}

static LAYOUT: Layout = Layout::of::<Int>("int", None);

/// `int`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::MATCH_SELF,
    doc: "int([x]) -> integer\nint(x, base=10) -> integer\n\nA whole number of any size.",
    slots: |slots| {
        operators::fill(slots);
        slots.new.set(Some(construct::new));
        slots.repr.set(Some(construct::repr));
    },
    methods: methods::METHODS,
    getset: methods::GETSET,
    ..TypeSpec::new("int", Int::layout)
};

impl Body for Int {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

impl Vm {
    /// An `int`.
    #[inline(always)]
    pub fn new_int(&self, number: i64) -> Value {
        match Value::try_int(number) {
            Some(value) => value,
            None => self.new_boxed_int(IBig::from(number)),
        }
    }

    /// An `int` of any size; immediate where it fits.
    pub fn new_big_int(&self, number: IBig) -> Value {
        if let Ok(small) = i64::try_from(&number)
            && let Some(value) = Value::try_int(small)
        {
            return value;
        }
        self.new_boxed_int(number)
    }

    /// An `int` of an unsigned number.
    pub fn new_uint(&self, number: u64) -> Value {
        match i64::try_from(number) {
            Ok(number) => self.new_int(number),
            Err(_) => self.new_big_int(IBig::from(number)),
        }
    }

    #[cold]
    fn new_boxed_int(&self, number: IBig) -> Value {
        // SAFETY: `types.int` is the type whose layout is that of `Int`.
        unsafe { self.heap.new_object(self.types.int.as_value().raw(), Int { value: number }) }.into_value()
    }
}
