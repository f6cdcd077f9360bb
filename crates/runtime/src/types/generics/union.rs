//! `typing.Union`: what `int | str` makes.

use super::alias::is_alias;
use super::{collect_parameters, push_type_repr, substitute};
use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::slots::CompareOp;
use crate::types::set::Set;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::Type;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};
use oriel_kernel::text::TextBuf;

/// The body of a union.
pub struct Union {
    /// The members in order, none of them twice: a tuple.
    pub args: Value,
    /// The hashable members: a frozenset.
    hashable: Ref<Set>,
    /// The others.
    unhashable: Box<[Value]>,
    /// The type parameters among the members, found at the first time: a tuple.
    parameters: OptionCell,
}

static LAYOUT: Layout = Layout::of::<Union>("Union", None);

impl Body for Union {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.args);
        visitor(self.hashable.as_value());
        for arg in &self.unhashable {
            visitor(arg);
        }
        self.parameters.visit(visitor);
    }
}

/// `typing.Union`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW | type_flags::WEAKREF,
    doc: "A value of one of several types, such as int | str.",
    slots: |slots| {
        slots.repr.set(Some(repr));
        slots.hash.set(Some(hash));
        slots.getattro.set(Some(getattro));
        slots.richcompare.set(Some(compare));
        slots.nb_or.set(Some(or));
        slots.mp_subscript.set(Some(subscript));
    },
    methods: &[
        MethodDef::one("__mro_entries__", mro_entries, "($self, object, /)", ""),
        MethodDef::one("__class_getitem__", class_getitem, "($type, object, /)", "A union of the given types.")
            .class_method(),
    ],
    getset: &[
        GetSetDef::readonly("__args__", |vm, union| Ok(body(vm, union)?.args.clone()), ""),
        GetSetDef::readonly("__name__", |vm, _| Ok(vm.intern("Union")), "The name of the type."),
        GetSetDef::readonly("__qualname__", |vm, _| Ok(vm.intern("Union")), "The qualified name of the type."),
        GetSetDef::readonly("__origin__", |vm, _| Ok(vm.types.union.to_value()), "Always the type."),
        GetSetDef::readonly("__parameters__", parameters, "The type parameters."),
    ],
    ..TypeSpec::new("typing.Union", Union::layout)
};

fn body<'a>(vm: &Vm, union: &'a Value) -> PyResult<&'a Union> {
    Ok(vm.body::<Union>(union)?)
}

fn items(args: &Value) -> &[Value] {
    args.downcast::<Tuple>().map_or(&[], |tuple| tuple.items())
}

impl Union {
    /// The members.
    pub fn members(&self) -> &[Value] {
        items(&self.args)
    }
}

/// The union in the making.
struct Builder {
    args: Vec<Value>,
    hashable: Ref<Set>,
    unhashable: Vec<Value>,
    /// Whether members that are no types are handed to `typing` to be checked or converted.
    checked: bool,
}

impl Builder {
    fn new(vm: &Vm, checked: bool) -> Builder {
        Builder { args: Vec::new(), hashable: vm.new_frozenset(), unhashable: Vec::new(), checked }
    }

    fn add(&mut self, vm: &Vm, arg: &Value) -> PyResult<()> {
        if let Some(union) = arg.downcast::<Union>() {
            for member in union.members() {
                self.add_single(vm, member)?;
            }
            return Ok(());
        }
        if arg.is_none() {
            return self.add_single(vm, vm.types.none_type.as_value());
        }
        if self.checked && !is_unionable(vm, arg) {
            let typing = vm.import_module("typing")?;
            let message = vm.new_str("Union[arg, ...]: each arg must be a type.");
            let arg = vm.call_method_str(&typing, "_type_check", &[arg.clone(), message])?;
            return self.add_single(vm, &arg);
        }
        self.add_single(vm, arg)
    }

    fn add_single(&mut self, vm: &Vm, arg: &Value) -> PyResult<()> {
        match vm.hash(arg) {
            Ok(hash) => {
                if !self.hashable.add_hashed(vm, arg, hash)? {
                    return Ok(());
                }
            }
            Err(raised) if vm.raised_is(&raised, &vm.types.type_error) => {
                for known in &self.unhashable {
                    if vm.equal(known, arg)? {
                        return Ok(());
                    }
                }
                self.unhashable.push(arg.clone());
            }
            Err(raised) => return Err(raised),
        }
        self.args.push(arg.clone());
        Ok(())
    }

    fn finish(self, vm: &Vm) -> PyResult {
        match &self.args[..] {
            [] => Err(vm.type_error("Cannot take a Union of no types.")),
            [only] => Ok(only.clone()),
            args => {
                let body = Union {
                    args: vm.new_tuple(args),
                    hashable: self.hashable,
                    unhashable: self.unhashable.into_boxed_slice(),
                    parameters: OptionCell::default(),
                };
                Ok(vm.new_instance(&vm.types.union, body)?.into_value())
            }
        }
    }
}

fn is_unionable(vm: &Vm, value: &Value) -> bool {
    value.is_none()
        || value.downcast::<Type>().is_some()
        || is_alias(vm, value)
        || value.downcast::<Union>().is_some()
        || vm.full_name(vm.type_of(value)) == "typing.TypeAliasType"
}

impl Vm {
    /// `a | b` of types; `NotImplemented` where one of them is none.
    pub fn new_union(&self, a: &Value, b: &Value) -> PyResult {
        if !is_unionable(self, a) || !is_unionable(self, b) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let mut builder = Builder::new(self, false);
        builder.add(self, a)?;
        builder.add(self, b)?;
        builder.finish(self)
    }

    /// `a | b` where typing has the word on what may be a member (type variables and their like).
    pub fn new_checked_union(&self, a: &Value, b: &Value) -> PyResult {
        let mut builder = Builder::new(self, true);
        builder.add(self, a)?;
        builder.add(self, b)?;
        builder.finish(self)
    }
}

fn or(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    vm.new_checked_union(a, b)
}

fn class_getitem(vm: &Vm, _class: &Value, args: &Value) -> PyResult {
    let mut builder = Builder::new(vm, true);
    match args.downcast::<Tuple>() {
        Some(tuple) => {
            for arg in tuple.items() {
                builder.add(vm, arg)?;
            }
        }
        None => builder.add(vm, args)?,
    }
    builder.finish(vm)
}

fn repr(vm: &Vm, union: &Value) -> PyResult {
    let mut text = TextBuf::new();
    for (index, arg) in body(vm, union)?.members().iter().enumerate() {
        if index > 0 {
            text.push_str(" | ");
        }
        push_type_repr(vm, &mut text, arg)?;
    }
    vm.new_text_buf(&text)
}

fn hash(vm: &Vm, union: &Value) -> PyResult<i64> {
    let union = body(vm, union)?;
    for arg in &union.unhashable {
        vm.hash(arg)?;
    }
    if !union.unhashable.is_empty() {
        let count = union.unhashable.len();
        return Err(vm.type_error(format!("union contains {count} unhashable elements")));
    }
    Ok(union.hashable.frozen_hash())
}

fn getattro(vm: &Vm, union: &Value, name: &Value) -> PyResult {
    if name.downcast::<Str>().and_then(|name| name.as_ascii()) == Some("__module__") {
        return vm.get_attr(vm.type_of(union).as_value(), name);
    }
    crate::attributes::generic_get_attr(vm, union, name)
}

fn equal(vm: &Vm, a: &Union, b: &Union) -> PyResult<bool> {
    if !vm.equal(a.hashable.as_value(), b.hashable.as_value())? || a.unhashable.len() != b.unhashable.len() {
        return Ok(false);
    }
    for arg in &a.unhashable {
        let mut found = false;
        for other in &b.unhashable {
            found = found || vm.equal(arg, other)?;
        }
        if !found {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Union>(), b.downcast::<Union>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match op {
        CompareOp::Eq => equal(vm, x, y).map(Value::bool),
        CompareOp::Ne => Ok(Value::bool(!equal(vm, x, y)?)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn parameters(vm: &Vm, union: &Value) -> PyResult {
    let union = body(vm, union)?;
    if let Some(known) = union.parameters.get() {
        return Ok(known);
    }
    let found = vm.new_tuple(&collect_parameters(vm, union.members())?);
    union.parameters.set(Some(found.clone()));
    Ok(found)
}

fn subscript(vm: &Vm, union: &Value, item: &Value) -> PyResult {
    let own = parameters(vm, union)?;
    let args = substitute(vm, union, body(vm, union)?.members(), items(&own), item)?;
    let mut builder = Builder::new(vm, true);
    for arg in &args {
        builder.add(vm, arg)?;
    }
    builder.finish(vm)
}

fn mro_entries(vm: &Vm, union: &Value, _bases: &Value) -> PyResult {
    Err(vm.type_error(format!("Cannot subclass {}", vm.repr_text(union)?)))
}
