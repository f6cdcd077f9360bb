//! `types.SimpleNamespace`: an object that is its attributes.

use crate::args::{Args, check_count};
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::slots::CompareOp;
use crate::types::str::Str;
use crate::types::support::{push_repr, repr_between};
use crate::types::type_object::Subtype;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value};

/// The body: nothing but attributes.
pub struct Namespace;

static LAYOUT: Layout = Layout::of::<Namespace>("SimpleNamespace", None);

impl Body for Namespace {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

/// `types.SimpleNamespace`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::DICT,
    doc: "SimpleNamespace(mapping_or_iterable=(), /, **kwargs)\n--\n\nAn object whose attributes are given when it is made.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, _| Ok(vm.new_instance(class, Namespace)?.into_value())));
        slots.init.set(Some(init));
        slots.repr.set(Some(repr));
        slots.richcompare.set(Some(compare));
    },
    methods: &[
        MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling."),
        MethodDef::args(
            "__replace__",
            replace,
            "($self, /, **changes)",
            "A copy with other values for some attributes.",
        ),
    ],
    ..TypeSpec::new("types.SimpleNamespace", Namespace::layout)
};

impl Vm {
    /// A namespace with these attributes.
    pub fn new_namespace(&self, attributes: &[(&str, Value)]) -> PyResult {
        let namespace = self.new_instance(&self.types.simple_namespace, Namespace)?.into_value();
        for (name, value) in attributes {
            self.set_attr(&namespace, &self.intern(name), value)?;
        }
        Ok(namespace)
    }
}

fn init(vm: &Vm, namespace: &Value, args: Args<'_>) -> PyResult<()> {
    let positional = args.positional();
    let name = vm.full_name(vm.type_of(namespace));
    let name = name.rsplit('.').next().unwrap_or_default();
    check_count(vm, name, positional.len(), 0, 1)?;
    let dict = vm.instance_dict(namespace)?;
    if let Some(source) = positional.first() {
        let given = vm.new_dict();
        given.update_from(vm, source, true)?;
        if given.keys().iter().any(|key| key.downcast::<Str>().is_none()) {
            return Err(vm.type_error("keywords must be strings"));
        }
        dict.update_from(vm, given.as_value(), true)?;
    }
    for (name, value) in args.keywords() {
        dict.set(vm, name, value.clone())?;
    }
    Ok(())
}

fn repr(vm: &Vm, namespace: &Value) -> PyResult {
    let ty = vm.type_of(namespace);
    let name = if ty.is(&vm.types.simple_namespace) { "namespace".to_owned() } else { vm.str_text(&ty.name.get()) };
    let dict = vm.instance_dict(namespace)?;
    let keys: Vec<Value> =
        dict.keys().into_iter().filter(|key| key.downcast::<Str>().is_some_and(|key| key.len() > 0)).collect();
    repr_between(vm, namespace, &format!("{name}("), ")", &format!("{name}(...)"), |index, text| {
        let Some(key) = keys.get(index) else { return Ok(false) };
        let Some(value) = dict.get(vm, key)? else { return Err(vm.key_error(key)) };
        if let Some(key) = key.downcast::<Str>() {
            text.push_text(key.text());
        }
        text.push_str("=");
        push_repr(vm, text, &value).map(|()| true)
    })
}

fn is_namespace(vm: &Vm, value: &Value) -> bool {
    vm.type_of(value).is_subtype(&vm.types.simple_namespace)
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if !is_namespace(vm, a) || !is_namespace(vm, b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (left, right) = (vm.instance_dict(a)?, vm.instance_dict(b)?);
    vm.rich_compare(left.as_value(), right.as_value(), op)
}

fn reduce(vm: &Vm, namespace: &Value) -> PyResult {
    let dict = vm.instance_dict(namespace)?.into_value();
    Ok(vm.tuple([vm.type_of(namespace).to_value(), vm.empty_tuple().into_value(), dict]))
}

fn replace(vm: &Vm, namespace: &Value, args: Args<'_>) -> PyResult {
    if !args.positional().is_empty() {
        return Err(vm.type_error("__replace__() takes no positional arguments"));
    }
    let class = vm.type_of(namespace).to_value();
    let copy = vm.call(&class, &[])?;
    if !is_namespace(vm, &copy) {
        let (wanted, got) = (vm.type_name(namespace), vm.type_name(&copy));
        return Err(vm.type_error(format!("expect {wanted} type, but {got}() returned '{got}' object")));
    }
    let dict = vm.instance_dict(&copy)?;
    dict.update_from(vm, vm.instance_dict(namespace)?.as_value(), true)?;
    for (name, value) in args.keywords() {
        dict.set(vm, name, value.clone())?;
    }
    Ok(copy)
}
