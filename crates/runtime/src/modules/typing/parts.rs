//! `ParamSpecArgs`, `ParamSpecKwargs` and `NoDefault`.

use crate::args::Args;
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::slots::CompareOp;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};

/// The body of `P.args` and `P.kwargs`.
pub struct Part {
    origin: Value,
}

static LAYOUT: Layout = Layout::of::<Part>("ParamSpecArgs", None);

impl Body for Part {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.origin);
    }
}

/// The body of `NoDefault`.
pub struct NoDefault;

static NO_DEFAULT_LAYOUT: Layout = Layout::of::<NoDefault>("NoDefaultType", None);

impl Body for NoDefault {
    fn layout() -> &'static Layout {
        &NO_DEFAULT_LAYOUT
    }
}

/// `typing.NoDefaultType`
pub static NO_DEFAULT: TypeSpec = TypeSpec {
    doc: "The type of NoDefault.",
    slots: |slots| {
        slots.repr.set(Some(|vm, _| Ok(vm.new_str("typing.NoDefault"))));
        slots.new.set(Some(|vm, _, args| {
            if !args.is_empty() {
                return Err(vm.type_error("NoDefaultType takes no arguments"));
            }
            Ok(vm.typing_types()?.no_default.clone())
        }));
    },
    methods: &[MethodDef::noargs(
        "__reduce__",
        |vm, _| Ok(vm.new_str("NoDefault")),
        "($self, /)",
        "How it is pickled.",
    )],
    ..TypeSpec::new("NoDefaultType", NoDefault::layout)
};

/// `typing.ParamSpecArgs`
pub static ARGS: TypeSpec = TypeSpec {
    flags: type_flags::WEAKREF,
    doc: "The positional arguments of a ParamSpec.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.richcompare.set(Some(compare));
        slots.repr.set(Some(|vm, this| repr(vm, this, "args")));
    },
    methods: METHODS,
    getset: GETSET,
    ..TypeSpec::new("typing.ParamSpecArgs", Part::layout)
};

/// `typing.ParamSpecKwargs`
pub static KWARGS: TypeSpec = TypeSpec {
    flags: type_flags::WEAKREF,
    doc: "The keyword arguments of a ParamSpec.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.richcompare.set(Some(compare));
        slots.repr.set(Some(|vm, this| repr(vm, this, "kwargs")));
    },
    methods: METHODS,
    getset: GETSET,
    ..TypeSpec::new("typing.ParamSpecKwargs", Part::layout)
};

const GETSET: &[GetSetDef] =
    &[GetSetDef::readonly("__origin__", |vm, this| Ok(part(vm, this)?.origin.clone()), "The ParamSpec.")];

const METHODS: &[MethodDef] = &[MethodDef::one(
    "__mro_entries__",
    |vm, this, _| {
        let name = vm.type_name(this);
        let name = name.rsplit('.').next().unwrap_or_default().to_owned();
        Err(vm.type_error(format!("Cannot subclass an instance of {name}")))
    },
    "($self, bases, /)",
    "Refuse to be a base.",
)];

fn part<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Part>> {
    this.downcast().ok_or_else(|| vm.type_error("a part of a ParamSpec is needed"))
}

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let mut bound = [None];
    let name = vm.full_name(class);
    let short = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    crate::args::Signature::parse("($self, /, origin)").bind(vm, &short, args, &mut bound)?;
    make(vm, class, bound[0].cloned().unwrap_or(Value::NONE))
}

/// A part of a ParamSpec.
pub fn make(vm: &Vm, class: &TypeRef, origin: Value) -> PyResult {
    Ok(vm.new_instance(class, Part { origin })?.into_value())
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Part>(), b.downcast::<Part>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !vm.type_of(a).is(vm.type_of(b)) || !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    vm.rich_compare(&x.origin, &y.origin, op)
}

fn repr(vm: &Vm, this: &Value, which: &str) -> PyResult {
    let origin = &part(vm, this)?.origin;
    let types = vm.typing_types()?;
    if vm.type_of(origin).is(&types.param_spec) {
        let name = vm.get_attr(origin, &vm.names.__name__)?;
        return Ok(vm.new_str(&format!("{}.{which}", vm.str_text(&name))));
    }
    Ok(vm.new_str(&format!("{}.{which}", vm.repr_text(origin)?)))
}
