//! `filter`

use crate::args::Args;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::types::support::{iterator_slots, no_keywords_unless_derived};
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value, Visitor};

/// The body: what decides, and the iterator.
pub struct Filter {
    function: Value,
    iterator: Value,
}

static LAYOUT: Layout = Layout::of::<Filter>("filter", None);

impl Body for Filter {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.function);
        visitor(&self.iterator);
    }
}

/// `filter`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "filter(function, iterable, /)\n--\n\nGive the items of the iterable for which the function says true; without a function (None), the true items.",
    slots: |slots| {
        iterator_slots(slots, next);
        slots.new.set(Some(new));
    },
    methods: &[MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling.")],
    ..TypeSpec::new("filter", Filter::layout)
};

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    no_keywords_unless_derived(vm, class, &vm.types.filter, &args, "filter")?;
    let values = args.positional();
    crate::args::check_count(vm, "filter", values.len(), 2, 2)?;
    let [function, iterable] = values else { return Ok(Value::NONE) };
    let body = Filter { iterator: vm.iter(iterable)?, function: function.clone() };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<Filter>(iterator)?;
    let by_truth = body.function.is_none() || body.function.is(vm.types.bool.as_value());
    while let Some(item) = vm.next(&body.iterator)? {
        let good = if by_truth {
            vm.truth(&item)?
        } else {
            let answer = vm.call(&body.function, std::slice::from_ref(&item))?;
            vm.truth(&answer)?
        };
        if good {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

fn reduce(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<Filter>(iterator)?;
    let arguments = vm.tuple([body.function.clone(), body.iterator.clone()]);
    Ok(vm.tuple([vm.type_of(iterator).to_value(), arguments]))
}
