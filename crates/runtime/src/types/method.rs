//! `method`: a function bound to an instance.

use crate::args::Args;
use crate::cells::ValueCell;
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::slots::CompareOp;
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};

/// The body of a bound method; neither part ever changes.
pub struct Method {
    /// `__func__`
    pub function: ValueCell,
    /// `__self__`
    pub receiver: ValueCell,
}

static LAYOUT: Layout = Layout::of::<Method>("method", None);

impl Body for Method {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.function.visit(visitor);
        self.receiver.visit(visitor);
    }

    fn clear(&self) {
        self.function.set(Value::NONE);
        self.receiver.set(Value::NONE);
    }
}

/// `method`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::WEAKREF,
    doc: "method(function, instance, /)\n--\n\nA function bound to an instance.",
    slots: |slots| {
        slots.new.set(Some(|vm, _, args| {
            let values = args.unpack(vm, "method", 2, 2)?;
            if vm.type_of(&values[0]).slots.call.get().is_none() {
                return Err(vm.type_error("first argument must be callable"));
            }
            if values[1].is_none() {
                return Err(vm.type_error("instance must not be None"));
            }
            Ok(vm.new_method(&values[0], &values[1]))
        }));
        slots.call.set(Some(call));
        slots.repr.set(Some(repr));
        slots.hash.set(Some(|vm, this| {
            let own = method(vm, this)?;
            let receiver = oriel_kernel::hash::hash_pointer(own.receiver.word() as usize);
            Ok(oriel_kernel::hash::fix(receiver ^ vm.hash(&own.function.get())?))
        }));
        slots.richcompare.set(Some(compare));
        slots.getattro.set(Some(get_attribute));
        slots.descr_get.set(Some(|_, this, _, _| Ok(this.clone())));
    },
    methods: &[MethodDef::noargs(
        "__reduce__",
        |vm, this| {
            let own = method(vm, this)?;
            let name = vm.get_attr(&own.function.get(), &vm.names.__name__)?;
            let getattr = vm.frame_builtin("getattr")?;
            Ok(vm.new_tuple(&[getattr, vm.new_tuple(&[own.receiver.get(), name])]))
        },
        "($self, /)",
        "How the method is pickled.",
    )],
    getset: &[
        GetSetDef::readonly("__func__", |vm, this| Ok(method(vm, this)?.function.get()), "The function."),
        GetSetDef::readonly("__self__", |vm, this| Ok(method(vm, this)?.receiver.get()), "What it is bound to."),
        GetSetDef::readonly(
            "__doc__",
            |vm, this| vm.get_attr(&method(vm, this)?.function.get(), &vm.names.__doc__),
            "The function's documentation.",
        ),
    ],
    ..TypeSpec::new("method", Method::layout)
};

fn method<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<Method>> {
    value.downcast().ok_or_else(|| vm.type_error("a method is needed"))
}

/// Values that fit here are passed without an allocation.
const FEW: usize = 8;

fn call(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    let own = method(vm, this)?;
    let (function, receiver) = (own.function.get(), own.receiver.get());
    if args.values.len() < FEW {
        let mut values = [const { Value::NONE }; FEW];
        values[0] = receiver;
        for (slot, value) in values[1..].iter_mut().zip(args.values) {
            *slot = value.clone();
        }
        return vm.call_args(&function, Args { values: &values[..=args.values.len()], names: args.names });
    }
    let mut values = vm.try_vec(args.values.len() + 1)?;
    values.push(receiver);
    values.extend_from_slice(args.values);
    vm.call_args(&function, Args { values: &values, names: args.names })
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let own = method(vm, this)?;
    let function = own.function.get();
    let name = match vm.get_attr_opt(&function, &vm.names.__qualname__)? {
        Some(name) => Some(name),
        None => vm.get_attr_opt(&function, &vm.names.__name__)?,
    };
    let name = match name {
        Some(name) if name.downcast::<Str>().is_some() => vm.str_text(&name),
        _ => "?".to_owned(),
    };
    let receiver = vm.repr_text(&own.receiver.get())?;
    Ok(vm.new_str(&format!("<bound method {name} of {receiver}>")))
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Method>(), b.downcast::<Method>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let wanted = match op {
        CompareOp::Eq => true,
        CompareOp::Ne => false,
        _ => return Ok(Value::NOT_IMPLEMENTED),
    };
    let same = vm.equal(&x.function.get(), &y.function.get())? && x.receiver.word() == y.receiver.word();
    Ok(Value::bool(same == wanted))
}

/// What the type has goes first; all else is the function's.
fn get_attribute(vm: &Vm, this: &Value, name: &Value) -> PyResult {
    let ty = vm.type_of(this);
    if let Some(found) = vm.lookup(ty, name) {
        return vm.bind(&found, Some(this), ty.as_value());
    }
    vm.get_attr(&method(vm, this)?.function.get(), name)
}

impl Vm {
    /// A function bound to an instance.
    #[inline]
    pub fn new_method(&self, function: &Value, receiver: &Value) -> Value {
        let body = Method { function: ValueCell::new(function.clone()), receiver: ValueCell::new(receiver.clone()) };
        // SAFETY: the type's layout is that of the body.
        unsafe { self.heap.new_object(self.types.method.as_value().raw(), body) }.into_value()
    }
}
