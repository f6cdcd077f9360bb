//! `enumerate`

use crate::args::Args;
use crate::cells::{OptionCell, ValueCell};
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::types::slice::to_big;
use crate::types::support::{class_getitem, iterator_slots};
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use dashu_int::IBig;
use oriel_heap::{Body, Layout, Value, Visitor};

/// The body: the iterator and the next number, an `int` of any size.
pub struct Enumerate {
    iterator: Value,
    number: ValueCell,
    /// The pair given last.
    last: OptionCell,
}

static LAYOUT: Layout = Layout::of::<Enumerate>("enumerate", None);

impl Body for Enumerate {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.iterator);
        self.number.visit(visitor);
        self.last.visit(visitor);
    }
}

/// `enumerate`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "enumerate(iterable, start=0)\n--\n\nNumber the items of an iterable.\n\nGives pairs of a number, counted from start, and an item.",
    slots: |slots| {
        iterator_slots(slots, next);
        slots.new.set(Some(new));
    },
    methods: &[
        MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling."),
        MethodDef::one("__class_getitem__", class_getitem, "($type, object, /)", "A generic alias.").class_method(),
    ],
    ..TypeSpec::new("enumerate", Enumerate::layout)
};

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let given = args.values.len();
    if given > 2 {
        return Err(vm.type_error(format!("enumerate() takes at most 2 arguments ({given} given)")));
    }
    let mut parameters: [Option<&Value>; 2] = [None, None];
    for (parameter, value) in parameters.iter_mut().zip(args.positional()) {
        *parameter = Some(value);
    }
    for (name, value) in args.keywords() {
        let text = vm.str_text(name);
        let position = ["iterable", "start"].iter().position(|known| *known == text);
        match position {
            Some(position) if parameters[position].is_none() && (position == 0 || given == 2) => {
                parameters[position] = Some(value);
            }
            _ => return Err(vm.type_error(format!("'{text}' is an invalid keyword argument for enumerate()"))),
        }
    }
    let [Some(iterable), start] = parameters else {
        return Err(vm.type_error("enumerate() missing required argument 'iterable'"));
    };
    let number = match start {
        Some(start) => vm.new_big_int(to_big(vm, start)?),
        None => Value::small(0),
    };
    let body = Enumerate { iterator: vm.iter(iterable)?, number: ValueCell::new(number), last: OptionCell::default() };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<Enumerate>(iterator)?;
    Ok(body.next_pair(vm)?.map(|(number, item)| vm.next_pair(&body.last, [number, item])))
}

impl Enumerate {
    /// The next number and item; nothing at the end.
    pub fn next_pair(&self, vm: &Vm) -> PyResult<Option<(Value, Value)>> {
        let Some(item) = vm.next(&self.iterator)? else { return Ok(None) };
        let number = self.number.get();
        let following = match Value::add_small(&number, &Value::small(1)) {
            Some(following) => following,
            None => vm.new_big_int(to_big(vm, &number)? + IBig::ONE),
        };
        self.number.set(following);
        Ok(Some((number, item)))
    }
}

fn reduce(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<Enumerate>(iterator)?;
    let state = vm.tuple([body.iterator.clone(), body.number.get()]);
    Ok(vm.tuple([vm.type_of(iterator).to_value(), state]))
}
