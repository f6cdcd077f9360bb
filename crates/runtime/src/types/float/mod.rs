//! The body of `float` objects outside the immediates' range. The functions of the type are in the files beside this one.

mod methods;
pub use methods::format;
pub mod operators;

use crate::native::{TypeSpec, type_flags};
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value};

/// The body of a boxed `float`.
#[repr(C)]
pub struct Float {
    /// The number.
    pub value: f64,
}

static LAYOUT: Layout = Layout::of::<Float>("float", None);

/// `float`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::MATCH_SELF,
    doc: "float(x=0, /)\n--\n\nA floating-point number of double precision.",
    slots: |slots| {
        operators::fill(slots);
        slots.new.set(Some(methods::new));
        slots.repr.set(Some(methods::repr));
    },
    methods: methods::METHODS,
    getset: methods::GETSET,
    ..TypeSpec::new("float", Float::layout)
};

impl Body for Float {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

impl Vm {
    /// A `float`.
    #[inline(always)]
    pub fn new_float(&self, number: f64) -> Value {
        match Value::try_float(number) {
            Some(value) => value,
            None => self.new_boxed_float(number),
        }
    }

    #[cold]
    fn new_boxed_float(&self, number: f64) -> Value {
        // SAFETY: `types.float` is the type whose layout is that of `Float`.
        unsafe { self.heap.new_object(self.types.float.as_value().raw(), Float { value: number }) }.into_value()
    }
}

/// The number of a `float` value, immediate, boxed or of a subclass.
#[inline(always)]
pub fn float_of(value: &Value) -> Option<f64> {
    match value.as_immediate_float() {
        Some(number) => Some(number),
        None => value.downcast::<Float>().map(|float| float.value),
    }
}
