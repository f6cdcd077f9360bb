//! `mappingproxy`: a mapping that can only be read.

use crate::args::{Args, Bound, MAX_PARAMETERS, Signature};
use crate::arithmetic::BinaryOp;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::slots::CompareOp;
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::support::class_getitem;
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value, Visitor};

/// The body: the mapping.
pub struct MappingProxy {
    /// What is read.
    pub mapping: Value,
}

static LAYOUT: Layout = Layout::of::<MappingProxy>("mappingproxy", None);

impl Body for MappingProxy {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.mapping);
    }
}

/// `types.MappingProxyType`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::MAPPING,
    doc: "mappingproxy(mapping)\n--\n\nA mapping that can only be read.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.repr.set(Some(repr));
        slots.str.set(Some(|vm, proxy| vm.str(mapping(vm, proxy)?)));
        slots.hash.set(Some(|vm, proxy| vm.hash(mapping(vm, proxy)?)));
        slots.iter.set(Some(|vm, proxy| vm.iter(mapping(vm, proxy)?)));
        slots.richcompare.set(Some(compare));
        slots.nb_or.set(Some(or));
        slots.nb_inplace_or.set(Some(inplace_or));
        slots.sq_contains.set(Some(contains));
        slots.mp_length.set(Some(|vm, proxy| vm.len(mapping(vm, proxy)?)));
        slots.mp_subscript.set(Some(|vm, proxy, key| vm.get_item(mapping(vm, proxy)?, key)));
    },
    methods: &[
        MethodDef::positional(
            "get",
            1,
            2,
            get,
            "($self, key, default=None, /)",
            "The value of the key, or the default where the key is missing.",
        ),
        MethodDef::noargs(
            "keys",
            |vm, proxy| vm.call_method(mapping(vm, proxy)?, &vm.names.keys, &[]),
            "($self, /)",
            "A view of the keys.",
        ),
        MethodDef::noargs(
            "values",
            |vm, proxy| vm.call_method(mapping(vm, proxy)?, &vm.names.values, &[]),
            "($self, /)",
            "A view of the values.",
        ),
        MethodDef::noargs(
            "items",
            |vm, proxy| vm.call_method(mapping(vm, proxy)?, &vm.names.items, &[]),
            "($self, /)",
            "A view of the pairs.",
        ),
        MethodDef::noargs(
            "copy",
            |vm, proxy| vm.call_method(mapping(vm, proxy)?, &vm.names.copy, &[]),
            "($self, /)",
            "A copy of the mapping.",
        ),
        MethodDef::one("__class_getitem__", class_getitem, "($type, object, /)", "A generic alias.").class_method(),
        MethodDef::noargs(
            "__reversed__",
            |vm, proxy| vm.call_method_str(mapping(vm, proxy)?, "__reversed__", &[]),
            "($self, /)",
            "Iterate over the keys backwards.",
        ),
    ],
    ..TypeSpec::new("mappingproxy", MappingProxy::layout)
};

impl Vm {
    /// A read-only view of a mapping.
    pub fn new_mapping_proxy(&self, mapping: &Value) -> PyResult {
        let body = MappingProxy { mapping: mapping.clone() };
        Ok(self.new_instance(&self.types.mapping_proxy, body)?.into_value())
    }
}

fn mapping<'a>(vm: &Vm, proxy: &'a Value) -> PyResult<&'a Value> {
    Ok(&vm.body::<MappingProxy>(proxy)?.mapping)
}

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let signature = Signature::parse("(mapping)");
    let mut bound: [Option<&Value>; MAX_PARAMETERS] = [None; MAX_PARAMETERS];
    let bound: &mut Bound<'_> = &mut bound[..1];
    signature.bind(vm, "mappingproxy", args, bound)?;
    let Some(mapping) = bound[0] else { return Ok(Value::NONE) };
    let is_mapping = vm.type_of(mapping).slots.mp_subscript.get().is_some()
        && mapping.downcast::<List>().is_none()
        && mapping.downcast::<Tuple>().is_none();
    if !is_mapping {
        let name = vm.type_name(mapping);
        return Err(vm.type_error(format!("mappingproxy() argument must be a mapping, not {name}")));
    }
    Ok(vm.new_instance(class, MappingProxy { mapping: mapping.clone() })?.into_value())
}

fn repr(vm: &Vm, proxy: &Value) -> PyResult {
    let text = vm.repr(mapping(vm, proxy)?)?;
    let mut result = oriel_kernel::text::TextBuf::new();
    result.push_str("mappingproxy(");
    if let Some(text) = text.downcast::<crate::types::str::Str>() {
        result.push_text(text.text());
    }
    result.push_str(")");
    vm.new_text_buf(&result)
}

fn compare(vm: &Vm, proxy: &Value, other: &Value, op: CompareOp) -> PyResult {
    vm.rich_compare(mapping(vm, proxy)?, other, op)
}

fn or(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let inner = |value: &Value| value.downcast::<MappingProxy>().map_or_else(|| value.clone(), |p| p.mapping.clone());
    vm.binary(BinaryOp::Or, &inner(a), &inner(b))
}

fn inplace_or(vm: &Vm, proxy: &Value, _other: &Value) -> PyResult {
    let name = vm.type_name(proxy);
    Err(vm.type_error(format!("'|=' is not supported by {name}; use '|' instead")))
}

fn contains(vm: &Vm, proxy: &Value, key: &Value) -> PyResult<bool> {
    let mapping = mapping(vm, proxy)?;
    match mapping.downcast::<Dict>() {
        Some(dict) if vm.type_of(mapping).is(&vm.types.dict) => dict.contains(vm, key),
        _ => vm.contains(mapping, key),
    }
}

fn get(vm: &Vm, proxy: &Value, args: &[Value]) -> PyResult {
    let Some(key) = args.first() else { return Ok(Value::NONE) };
    let default = args.get(1).cloned().unwrap_or(Value::NONE);
    vm.call_method(mapping(vm, proxy)?, &vm.names.get, &[key.clone(), default])
}
