//! `zip` and `map`: several iterators in step.

use crate::args::Args;
use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::types::support::iterator_slots;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value, Visitor};
use smallvec::SmallVec;
use std::cell::Cell;

/// The body of `zip` and `map`.
pub struct Lockstep {
    /// What `map` calls.
    function: Option<Value>,
    iterators: Box<[Value]>,
    /// Whether all must end together.
    strict: Cell<bool>,
    /// The pair given last.
    last: OptionCell,
}

static LAYOUT: Layout = Layout::of::<Lockstep>("lockstep", None);

impl Body for Lockstep {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        if let Some(function) = &self.function {
            visitor(function);
        }
        for iterator in &self.iterators {
            visitor(iterator);
        }
        self.last.visit(visitor);
    }
}

/// `zip`
pub static ZIP_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "zip(*iterables, strict=False)\n--\n\nGive tuples of one item from each iterable, until the shortest one ends.\n\nWith strict, all of them must end together, else ValueError is raised.",
    slots: |slots| {
        iterator_slots(slots, zip_next);
        slots.new.set(Some(zip_new));
    },
    methods: &[
        MethodDef::noargs("__reduce__", zip_reduce, "($self, /)", "State for pickling."),
        MethodDef::one("__setstate__", setstate, "($self, object, /)", "Set whether all must end together."),
    ],
    ..TypeSpec::new("zip", Lockstep::layout)
};

/// `map`
pub static MAP_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "map(function, iterable, /, *iterables, strict=False)\n--\n\nCall the function with one item from each iterable and give the results, until the shortest one ends.\n\nWith strict, all of them must end together, else ValueError is raised.",
    slots: |slots| {
        iterator_slots(slots, map_next);
        slots.new.set(Some(map_new));
    },
    methods: &[
        MethodDef::noargs("__reduce__", map_reduce, "($self, /)", "State for pickling."),
        MethodDef::one("__setstate__", setstate, "($self, object, /)", "Set whether all must end together."),
    ],
    ..TypeSpec::new("map", Lockstep::layout)
};

fn strict_argument(vm: &Vm, name: &str, args: &Args<'_>) -> PyResult<bool> {
    if args.names.len() > 1 {
        let given = args.names.len();
        return Err(vm.type_error(format!("{name}() takes at most 1 keyword argument ({given} given)")));
    }
    match args.keywords().next() {
        None => Ok(false),
        Some((keyword, value)) => match vm.str_text(keyword).as_str() {
            "strict" => vm.truth(value),
            other => Err(vm.type_error(format!("{name}() got an unexpected keyword argument '{other}'"))),
        },
    }
}

fn iterators(vm: &Vm, iterables: &[Value]) -> PyResult<Box<[Value]>> {
    iterables.iter().map(|iterable| vm.iter(iterable)).collect()
}

fn zip_new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let strict = strict_argument(vm, "zip", &args)?;
    let body = Lockstep {
        function: None,
        iterators: iterators(vm, args.positional())?,
        strict: Cell::new(strict),
        last: OptionCell::default(),
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn map_new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let strict = strict_argument(vm, "map", &args)?;
    let [function, iterables @ ..] = args.positional() else {
        return Err(vm.type_error("map() must have at least two arguments."));
    };
    if iterables.is_empty() {
        return Err(vm.type_error("map() must have at least two arguments."));
    }
    let body = Lockstep {
        function: Some(function.clone()),
        iterators: iterators(vm, iterables)?,
        strict: Cell::new(strict),
        last: OptionCell::default(),
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

/// One item of each iterator.
type Items = SmallVec<[Value; 4]>;

/// The next item of each iterator, or nothing when one has ended.
fn step(vm: &Vm, body: &Lockstep, name: &str) -> PyResult<Option<Items>> {
    let mut items = Items::with_capacity(body.iterators.len());
    for (index, iterator) in body.iterators.iter().enumerate() {
        match vm.next(iterator)? {
            Some(item) => items.push(item),
            None if body.strict.get() => return check_ends(vm, body, name, index),
            None => return Ok(None),
        }
    }
    Ok(Some(items))
}

/// One iterator has ended: with `strict` it must be the first, and all others must have ended too.
#[cold]
fn check_ends(vm: &Vm, body: &Lockstep, name: &str, ended: usize) -> PyResult<Option<Items>> {
    let others = |count: usize| if count == 1 { " 1".to_owned() } else { format!("s 1-{count}") };
    if ended > 0 {
        let others = others(ended);
        return Err(vm.value_error(format!("{name}() argument {} is shorter than argument{others}", ended + 1)));
    }
    for (index, iterator) in body.iterators.iter().enumerate().skip(1) {
        if vm.next(iterator)?.is_some() {
            let others = others(index);
            return Err(vm.value_error(format!("{name}() argument {} is longer than argument{others}", index + 1)));
        }
    }
    Ok(None)
}

impl Lockstep {
    /// Whether it is a plain `zip` of two.
    pub fn is_pair(&self) -> bool {
        self.function.is_none() && self.iterators.len() == 2 && !self.strict.get()
    }

    /// The next item of each of two iterators.
    pub fn next_pair(&self, vm: &Vm) -> PyResult<Option<(Value, Value)>> {
        let [first, second] = &*self.iterators else { return Ok(None) };
        let Some(left) = vm.next(first)? else { return Ok(None) };
        let Some(right) = vm.next(second)? else { return Ok(None) };
        Ok(Some((left, right)))
    }
}

fn zip_next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<Lockstep>(iterator)?;
    if body.is_pair() {
        return Ok(body.next_pair(vm)?.map(|(left, right)| vm.next_pair(&body.last, [left, right])));
    }
    if body.iterators.is_empty() {
        return Ok(None);
    }
    Ok(step(vm, body, "zip")?.map(|items| vm.tuple_of(items).into_value()))
}

fn map_next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<Lockstep>(iterator)?;
    let Some(function) = &body.function else { return Ok(None) };
    if let [only] = &*body.iterators {
        let Some(item) = vm.next(only)? else { return Ok(None) };
        return vm.call(function, std::slice::from_ref(&item)).map(Some);
    }
    match step(vm, body, "map")? {
        Some(items) => vm.call(function, &items).map(Some),
        None => Ok(None),
    }
}

fn zip_reduce(vm: &Vm, iterator: &Value) -> PyResult {
    reduce(vm, iterator)
}

fn map_reduce(vm: &Vm, iterator: &Value) -> PyResult {
    reduce(vm, iterator)
}

fn reduce(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<Lockstep>(iterator)?;
    let arguments: Vec<Value> = body.function.iter().chain(&*body.iterators).cloned().collect();
    let (class, arguments) = (vm.type_of(iterator).to_value(), vm.new_tuple(&arguments));
    if body.strict.get() { Ok(vm.tuple([class, arguments, Value::TRUE])) } else { Ok(vm.tuple([class, arguments])) }
}

fn setstate(vm: &Vm, iterator: &Value, state: &Value) -> PyResult {
    let strict = vm.truth(state)?;
    vm.body::<Lockstep>(iterator)?.strict.set(strict);
    Ok(Value::NONE)
}
