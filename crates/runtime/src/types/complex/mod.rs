//! `complex`.

mod construct;
mod operators;

pub use construct::Parts;

use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value};
use oriel_kernel::format::{self, Align, Grouping, Spec};
use oriel_kernel::number::complex::Complex;

/// The body of a `complex`.
#[repr(C)]
pub struct ComplexBody {
    /// The number.
    pub value: Complex,
}

static LAYOUT: Layout = Layout::of::<ComplexBody>("complex", None);

impl Body for ComplexBody {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

/// `complex`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "complex(real=0, imag=0)\n--\n\nA number with a real and an imaginary part.",
    slots: |slots| {
        operators::fill(slots);
        slots.new.set(Some(construct::new));
        slots.repr.set(Some(repr));
    },
    methods: &[
        MethodDef::one(
            "from_number",
            construct::from_number,
            "($type, number, /)",
            "A complex number made of a number.",
        )
        .class_method(),
        MethodDef::noargs(
            "conjugate",
            |vm, this| {
                let z = own(vm, this)?;
                Ok(vm.new_complex(Complex::new(z.re, -z.im)))
            },
            "($self, /)",
            "The number with the sign of its imaginary part changed.",
        ),
        MethodDef::noargs("__complex__", itself, "($self, /)", "The number itself."),
        MethodDef::noargs(
            "__getnewargs__",
            |vm, this| {
                let z = own(vm, this)?;
                Ok(vm.new_tuple(&[vm.new_float(z.re), vm.new_float(z.im)]))
            },
            "($self, /)",
            "How it is copied.",
        ),
        MethodDef::one("__format__", format_by, "($self, format_spec, /)", "The number by a format specification."),
        MethodDef::noargs("__sizeof__", |_, _| Ok(Value::small(32)), "($self, /)", "Bytes of memory."),
    ],
    getset: &[
        GetSetDef::member("real", |vm, this| Ok(vm.new_float(own(vm, this)?.re)), "the real part of a complex number"),
        GetSetDef::member(
            "imag",
            |vm, this| Ok(vm.new_float(own(vm, this)?.im)),
            "the imaginary part of a complex number",
        ),
    ],
    ..TypeSpec::new("complex", ComplexBody::layout)
};

/// The number of a `complex` or of an instance of a subclass.
pub fn complex_of(value: &Value) -> Option<Complex> {
    value.downcast::<ComplexBody>().map(|body| body.value)
}

/// The receiver of a method of `complex`.
fn own(vm: &Vm, this: &Value) -> PyResult<Complex> {
    complex_of(this).ok_or_else(|| vm.type_error(format!("a complex is needed, not '{}'", vm.type_name(this))))
}

fn itself(vm: &Vm, this: &Value) -> PyResult {
    if vm.type_of(this).is(&vm.types.complex) {
        return Ok(this.clone());
    }
    Ok(vm.new_complex(own(vm, this)?))
}

impl Vm {
    /// A `complex`.
    pub fn new_complex(&self, value: Complex) -> Value {
        match self.new_instance(&self.types.complex, ComplexBody { value }) {
            Ok(object) => object.into_value(),
            Err(raised) => raised.0,
        }
    }
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let spec = Spec {
        fill: u32::from(' '),
        align: Align::Right,
        sign: 0,
        no_negative_zero: false,
        alternate: false,
        width: None,
        grouping: Grouping::None,
        precision: None,
        fraction_grouping: Grouping::None,
        code: 0,
    };
    vm.formatted(format::format_complex(own(vm, this)?, &spec))
}

fn format_by(vm: &Vm, this: &Value, spec: &Value) -> PyResult {
    if vm.is_empty_format(spec)? {
        return vm.str(this);
    }
    let spec = vm.format_spec(spec, Align::Right, "complex")?;
    vm.formatted(format::format_complex(own(vm, this)?, &spec))
}
