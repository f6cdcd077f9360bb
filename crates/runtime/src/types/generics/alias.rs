//! `types.GenericAlias`: a class with arguments, such as `list[int]`; all else is asked of the class.

use super::{collect_parameters, push_type_repr, substitute};
use crate::args::Args;
use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::slots::{CompareOp, Slots};
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::support::iterator_slots;
use crate::types::tuple::Tuple;
use crate::types::type_object::{Subtype, TypeRef};
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value, Visitor};
use oriel_kernel::text::TextBuf;

/// The body of an alias.
pub struct GenericAlias {
    /// The class.
    pub origin: Value,
    /// The arguments: a tuple.
    pub args: Value,
    /// The type parameters among the arguments, found at the first time: a tuple.
    parameters: OptionCell,
    /// Whether the alias is unpacked: `*tuple[int]`.
    starred: bool,
}

/// The body of the iterator that `*alias` uses: it gives one unpacked alias.
pub struct AliasIterator {
    alias: OptionCell,
}

static LAYOUT: Layout = Layout::of::<GenericAlias>("GenericAlias", None);
static ITERATOR_LAYOUT: Layout = Layout::of::<AliasIterator>("generic_alias_iterator", None);

impl Body for GenericAlias {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.origin);
        visitor(&self.args);
        self.parameters.visit(visitor);
    }
}

impl Body for AliasIterator {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &ITERATOR_LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.alias.visit(visitor);
    }
}

/// `types.GenericAlias`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::WEAKREF,
    doc: "GenericAlias(origin, args, /)\n--\n\nA class with arguments, such as list[int].",
    slots: fill,
    methods: &[
        MethodDef::one(
            "__mro_entries__",
            |vm, alias, _| Ok(vm.tuple([body(vm, alias)?.origin.clone()])),
            "($self, object, /)",
            "",
        ),
        MethodDef::one(
            "__instancecheck__",
            |vm, _, _| Err(vm.type_error("isinstance() argument 2 cannot be a parameterized generic")),
            "($self, object, /)",
            "",
        ),
        MethodDef::one(
            "__subclasscheck__",
            |vm, _, _| Err(vm.type_error("issubclass() argument 2 cannot be a parameterized generic")),
            "($self, object, /)",
            "",
        ),
        MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling."),
        MethodDef::noargs("__dir__", dir, "($self, /)", "The attributes."),
    ],
    getset: &[
        GetSetDef::readonly("__origin__", |vm, alias| Ok(body(vm, alias)?.origin.clone()), ""),
        GetSetDef::readonly("__args__", |vm, alias| Ok(body(vm, alias)?.args.clone()), ""),
        GetSetDef::readonly("__unpacked__", |vm, alias| Ok(Value::bool(body(vm, alias)?.starred)), ""),
        GetSetDef::readonly("__parameters__", parameters, "The type parameters."),
        GetSetDef::readonly("__typing_unpacked_tuple_args__", unpacked_tuple_args, ""),
    ],
    ..TypeSpec::new("types.GenericAlias", GenericAlias::layout)
};

/// `generic_alias_iterator`
pub static ITERATOR_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| iterator_slots(slots, iterator_next),
    methods: &[MethodDef::noargs("__reduce__", iterator_reduce, "($self, /)", "State for pickling.")],
    ..TypeSpec::new("generic_alias_iterator", AliasIterator::layout)
};

fn fill(slots: &Slots) {
    slots.new.set(Some(new));
    slots.repr.set(Some(repr));
    slots.hash.set(Some(hash));
    slots.call.set(Some(call));
    slots.getattro.set(Some(getattro));
    slots.richcompare.set(Some(compare));
    slots.iter.set(Some(iter));
    slots.nb_or.set(Some(|vm, a, b| vm.new_union(a, b)));
    slots.mp_subscript.set(Some(subscript));
}

fn body<'a>(vm: &Vm, alias: &'a Value) -> PyResult<&'a GenericAlias> {
    Ok(vm.body::<GenericAlias>(alias)?)
}

impl Vm {
    /// `origin[args]` as a generic alias.
    pub fn new_generic_alias(&self, origin: &Value, args: &Value) -> PyResult {
        make(self, &self.types.generic_alias, origin, args, false)
    }
}

fn make(vm: &Vm, class: &TypeRef, origin: &Value, args: &Value, starred: bool) -> PyResult {
    let args = if args.downcast::<Tuple>().is_some() { args.clone() } else { vm.tuple([args.clone()]) };
    let body = GenericAlias { origin: origin.clone(), args, parameters: OptionCell::default(), starred };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn items(args: &Value) -> &[Value] {
    args.downcast::<Tuple>().map_or(&[], |tuple| tuple.items())
}

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    args.no_keywords(vm, "GenericAlias")?;
    let [origin, arguments] = args.unpack(vm, "GenericAlias", 2, 2)? else { return Ok(Value::NONE) };
    make(vm, class, origin, arguments, false)
}

fn push_argument(vm: &Vm, text: &mut TextBuf, arg: &Value) -> PyResult<()> {
    let Some(list) = arg.downcast::<List>() else { return push_type_repr(vm, text, arg) };
    vm.check_stack()?;
    text.push_str("[");
    let mut index = 0;
    while let Some(item) = list.get(index) {
        if index > 0 {
            text.push_str(", ");
        }
        push_argument(vm, text, &item)?;
        index += 1;
    }
    text.push_str("]");
    Ok(())
}

fn repr(vm: &Vm, alias: &Value) -> PyResult {
    let alias = body(vm, alias)?;
    let mut text = TextBuf::new();
    if alias.starred {
        text.push_str("*");
    }
    push_type_repr(vm, &mut text, &alias.origin)?;
    text.push_str("[");
    let args = items(&alias.args);
    for (index, arg) in args.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        push_argument(vm, &mut text, arg)?;
    }
    if args.is_empty() {
        text.push_str("()");
    }
    text.push_str("]");
    vm.new_text_buf(&text)
}

fn hash(vm: &Vm, alias: &Value) -> PyResult<i64> {
    let alias = body(vm, alias)?;
    let hash = vm.hash(&alias.origin)? ^ vm.hash(&alias.args)?;
    Ok(if hash == -1 { -2 } else { hash })
}

fn call(vm: &Vm, alias: &Value, args: Args<'_>) -> PyResult {
    let result = vm.call_args(&body(vm, alias)?.origin, args)?;
    match vm.set_attr(&result, &vm.names.__orig_class__, alias) {
        Ok(()) => Ok(result),
        // Not every object takes attributes.
        Err(raised)
            if vm.raised_is(&raised, &vm.types.attribute_error) || vm.raised_is(&raised, &vm.types.type_error) =>
        {
            Ok(result)
        }
        Err(raised) => Err(raised),
    }
}

/// What is the alias's own and not asked of the class.
const OWN: &[&str] = &[
    "__class__",
    "__origin__",
    "__args__",
    "__unpacked__",
    "__parameters__",
    "__typing_unpacked_tuple_args__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
];
/// What the class must not answer for the alias.
const BLOCKED: &[&str] = &["__bases__", "__copy__", "__deepcopy__"];

fn getattro(vm: &Vm, alias: &Value, name: &Value) -> PyResult {
    let own = match name.downcast::<Str>().and_then(|name| name.as_ascii()) {
        Some(text) if text.starts_with("__") => OWN.contains(&text) || BLOCKED.contains(&text),
        _ => false,
    };
    if own {
        return crate::attributes::generic_get_attr(vm, alias, name);
    }
    vm.get_attr(&body(vm, alias)?.origin, name)
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<GenericAlias>(), b.downcast::<GenericAlias>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let equal = x.starred == y.starred && vm.equal(&x.origin, &y.origin)? && vm.equal(&x.args, &y.args)?;
    Ok(Value::bool(equal == (op == CompareOp::Eq)))
}

fn parameters(vm: &Vm, alias: &Value) -> PyResult {
    let alias = body(vm, alias)?;
    if let Some(known) = alias.parameters.get() {
        return Ok(known);
    }
    let found = vm.new_tuple(&collect_parameters(vm, items(&alias.args))?);
    alias.parameters.set(Some(found.clone()));
    Ok(found)
}

fn subscript(vm: &Vm, alias: &Value, item: &Value) -> PyResult {
    let own = parameters(vm, alias)?;
    let inner = body(vm, alias)?;
    let args = substitute(vm, alias, items(&inner.args), items(&own), item)?;
    make(vm, &vm.types.generic_alias, &inner.origin, &vm.new_tuple(&args), inner.starred)
}

fn unpacked_tuple_args(vm: &Vm, alias: &Value) -> PyResult {
    let alias = body(vm, alias)?;
    Ok(if alias.starred && alias.origin.is(vm.types.tuple.as_value()) { alias.args.clone() } else { Value::NONE })
}

fn iter(vm: &Vm, alias: &Value) -> PyResult {
    let body = AliasIterator { alias: OptionCell::new(Some(alias.clone())) };
    Ok(vm.new_instance(&vm.types.generic_alias_iterator, body)?.into_value())
}

fn iterator_next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let Some(alias) = vm.body::<AliasIterator>(iterator)?.alias.take() else { return Ok(None) };
    let inner = body(vm, &alias)?;
    make(vm, &vm.types.generic_alias, &inner.origin, &inner.args, true).map(Some)
}

fn iterator_reduce(vm: &Vm, iterator: &Value) -> PyResult {
    // Asking for the builtin may run code that exhausts the iterator.
    let function = vm.frame_builtin("iter")?;
    let source = vm.body::<AliasIterator>(iterator)?.alias.get();
    let source = source.unwrap_or_else(|| vm.empty_tuple().into_value());
    Ok(vm.tuple([function, vm.tuple([source])]))
}

fn reduce(vm: &Vm, alias: &Value) -> PyResult {
    let inner = body(vm, alias)?;
    if inner.starred {
        let plain = make(vm, &vm.types.generic_alias, &inner.origin, &inner.args, false)?;
        return Ok(vm.tuple([vm.builtin("next")?, vm.tuple([iter(vm, &plain)?])]));
    }
    let parts = vm.tuple([inner.origin.clone(), inner.args.clone()]);
    Ok(vm.tuple([vm.type_of(alias).to_value(), parts]))
}

fn dir(vm: &Vm, alias: &Value) -> PyResult {
    let function = vm.builtin("dir")?;
    let names = vm.call(&function, &[body(vm, alias)?.origin.clone()])?;
    if let Some(list) = names.downcast::<List>() {
        for name in OWN {
            let name = vm.intern(name);
            if !vm.contains(&names, &name)? {
                list.push(name);
            }
        }
    }
    Ok(names)
}

/// Whether the value is an alias (or of a class derived from it).
pub(crate) fn is_alias(vm: &Vm, value: &Value) -> bool {
    vm.type_of(value).is_subtype(&vm.types.generic_alias)
}
