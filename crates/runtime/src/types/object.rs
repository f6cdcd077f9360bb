//! `object`: what every instance can do.

use crate::args::Args;
use crate::attributes;
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::slots::CompareOp;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::{Subtype, Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value, tail_of};

/// The body of instances that have nothing but attributes.
pub struct Plain;

static LAYOUT: Layout = Layout::of::<Plain>("object", None);

impl Body for Plain {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

/// `object`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "The base class of the class hierarchy.",
    slots: |slots| {
        slots.repr.set(Some(repr));
        slots.str.set(Some(|vm, this| vm.repr(this)));
        slots.hash.set(Some(identity_hash));
        slots.getattro.set(Some(attributes::generic_get_attr));
        slots.setattro.set(Some(attributes::generic_set_attr));
        slots.richcompare.set(Some(compare));
        slots.init.set(Some(init));
        slots.new.set(Some(new));
    },
    methods: &[
        MethodDef::one("__format__", format, "($self, format_spec, /)", "Default object formatter."),
        MethodDef::noargs("__sizeof__", sizeof, "($self, /)", "Size of object in memory, in bytes."),
        MethodDef::noargs(
            "__reduce__",
            |vm, this| super::object::reduce(vm, this, 0),
            "($self, /)",
            "Helper for pickle.",
        ),
        MethodDef::one("__reduce_ex__", reduce_ex, "($self, protocol, /)", "Helper for pickle."),
        MethodDef::noargs("__getstate__", getstate, "($self, /)", "Helper for pickle."),
        MethodDef::noargs("__dir__", dir, "($self, /)", "Default dir() implementation."),
        MethodDef::args("__init_subclass__", init_subclass, "($type, /)", "Called when a class is subclassed.")
            .class_method(),
        MethodDef::one(
            "__subclasshook__",
            |_, _, _| Ok(Value::NOT_IMPLEMENTED),
            "($type, object, /)",
            "Lets an abstract class decide what its subclasses are.",
        )
        .class_method(),
    ],
    getset: &[GetSetDef::new(
        "__class__",
        |vm, this| Ok(vm.type_of(this).to_value()),
        set_class,
        "The object's class.",
    )],
    ..TypeSpec::new("object", Plain::layout)
};

/// The hash of objects that compare by identity.
pub fn identity_hash(_vm: &Vm, this: &Value) -> PyResult<i64> {
    Ok(oriel_kernel::hash::hash_pointer(this.word() as usize))
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let ty = vm.type_of(this);
    let module = vm.type_module_text(ty);
    let name = vm.str_text(&ty.qualname.get());
    let address = this.word();
    match module.as_deref() {
        Some("builtins") | None => Ok(vm.new_str(&format!("<{name} object at {address:#x}>"))),
        Some(module) => Ok(vm.new_str(&format!("<{module}.{name} object at {address:#x}>"))),
    }
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    match op {
        CompareOp::Eq if a.is(b) => Ok(Value::TRUE),
        CompareOp::Ne => {
            // The opposite of `==`, unless that has no answer.
            let Some(compare) = vm.type_of(a).slots.richcompare.get() else { return Ok(Value::NOT_IMPLEMENTED) };
            let result = compare(vm, a, b, CompareOp::Eq)?;
            if result.is_not_implemented() {
                return Ok(result);
            }
            Ok(Value::bool(!vm.truth(&result)?))
        }
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn is_object_init(vm: &Vm, ty: &TypeRef) -> bool {
    ty.slots.init.get().map(|f| f as usize) == vm.types.object.slots.init.get().map(|f| f as usize)
}

fn is_object_new(vm: &Vm, ty: &TypeRef) -> bool {
    ty.slots.new.get().map(|f| f as usize) == vm.types.object.slots.new.get().map(|f| f as usize)
}

fn init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    if args.is_empty() {
        return Ok(());
    }
    let ty = vm.type_of(this);
    if !is_object_init(vm, ty) {
        return Err(vm.type_error("object.__init__() takes exactly one argument (the instance to initialize)"));
    }
    if is_object_new(vm, ty) {
        let name = vm.full_name(ty);
        return Err(vm.type_error(format!("{name}.__init__() takes exactly one argument (the instance to initialize)")));
    }
    Ok(())
}

/// `object.__new__`
pub fn new(vm: &Vm, ty: &TypeRef, args: Args<'_>) -> PyResult {
    if !args.is_empty() {
        if !is_object_new(vm, ty) {
            return Err(vm.type_error("object.__new__() takes exactly one argument (the type to instantiate)"));
        }
        if is_object_init(vm, ty) {
            return Err(vm.type_error(format!("{}() takes no arguments", vm.full_name(ty))));
        }
    }
    if ty.has(type_flags::ABSTRACT) {
        return Err(abstract_error(vm, ty)?);
    }
    // Fresh instances have the class's root shape, so that the first attribute is cached.
    vm.shapes.root_of(ty);
    Ok(vm.new_instance(ty, Plain)?.into_value())
}

fn abstract_error(vm: &Vm, ty: &TypeRef) -> PyResult<crate::error::Raised> {
    let methods = vm.get_attr(ty.as_value(), &vm.names.__abstractmethods__)?;
    let mut names = Vec::new();
    for name in vm.collect(&methods)? {
        names.push(vm.str_text(&name));
    }
    names.sort();
    let plural = if names.len() > 1 { "s" } else { "" };
    let list = names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let class = vm.full_name(ty);
    Ok(vm.type_error(format!(
        "Can't instantiate abstract class {class} without an implementation for abstract method{plural} {list}"
    )))
}

fn format(vm: &Vm, this: &Value, spec: &Value) -> PyResult {
    let Some(spec) = spec.downcast::<Str>() else {
        return Err(vm.type_error(format!("__format__() argument must be str, not {}", vm.type_name(spec))));
    };
    if spec.len() > 0 {
        let name = vm.type_name(this);
        return Err(vm.type_error(format!("unsupported format string passed to {name}.__format__")));
    }
    vm.str(this)
}

fn sizeof(vm: &Vm, this: &Value) -> PyResult {
    let bytes = match this.downcast::<Tuple>() {
        Some(tuple) => 32 + 8 * tuple.len(),
        None => oriel_heap::block_capacity(this).max(16),
    };
    Ok(vm.new_uint(bytes as u64))
}

fn init_subclass(vm: &Vm, class: &Value, args: Args<'_>) -> PyResult {
    if !args.is_empty() {
        let name = class.downcast::<Type>().map(|ty| vm.full_name(ty)).unwrap_or_default();
        return Err(vm.type_error(match args.names.is_empty() {
            true => format!("{name}.__init_subclass__() takes no arguments ({} given)", args.values.len()),
            false => format!("{name}.__init_subclass__() takes no keyword arguments"),
        }));
    }
    Ok(Value::NONE)
}

fn dir(vm: &Vm, this: &Value) -> PyResult {
    let names = vm.new_dict();
    if let Some(dict) = vm.get_attr_opt(this, &vm.names.__dict__)?
        && vm.is_instance_exact(&dict, &vm.types.dict)
    {
        names.update_from(vm, &dict, true)?;
    }
    if let Some(class) = vm.get_attr_opt(this, &vm.names.__class__)? {
        vm.merge_class_dict(&names, &class)?;
    }
    let keys = vm.call(vm.types.list.as_value(), &[names.into_value()])?;
    Ok(keys)
}

fn set_class(vm: &Vm, this: &Value, class: Option<&Value>) -> PyResult<()> {
    let Some(class) = class else { return Err(vm.type_error("can't delete __class__ attribute")) };
    let Some(new) = class.downcast::<Type>() else {
        let name = vm.type_name(class);
        return Err(vm.type_error(format!("__class__ must be set to a class, not '{name}' object")));
    };
    let old = vm.type_of(this).clone();
    let is_module = |ty: &TypeRef| ty.is_subtype(&vm.types.module);
    if !(is_module(&old) && is_module(new)) && !(new.is_heap_type() && old.is_heap_type()) {
        return Err(vm.type_error("__class__ assignment only supported for mutable types or ModuleType subclasses"));
    }
    if !compatible(&old, new) {
        let (to, from) = (vm.full_name(new), vm.full_name(&old));
        return Err(vm.type_error(format!("__class__ assignment: '{to}' object layout differs from '{from}'")));
    }
    if new.has_dict() {
        let names = this.header().map(|h| vm.shapes.names(h.shape())).unwrap_or_default();
        if new.head.tail_len.get() != old.head.tail_len.get() || !names.is_empty() {
            vm.instance_dict(this)?;
        }
        if new.head.tail_len.get() != old.head.tail_len.get() {
            let (to, from) = (vm.full_name(new), vm.full_name(&old));
            // Tails of another size need a block of another size: only equal ones can be exchanged in place.
            if new.head.tail_len.get() > old.head.tail_len.get() {
                return Err(vm.type_error(format!("__class__ assignment: '{to}' object layout differs from '{from}'")));
            }
        }
    }
    if let Some(header) = this.header() {
        if !header.has(oriel_heap::flags::DICT_MODE) {
            header.set_shape(vm.shapes.root_of(new));
        }
        // SAFETY: body layout and tail were found to agree.
        unsafe { oriel_heap::Heap::set_type(this, class) };
    }
    Ok(())
}

/// Whether objects of one class can become objects of another: both add the same to the same.
fn compatible(old: &TypeRef, new: &TypeRef) -> bool {
    const SPECIAL: u32 = type_flags::DICT | type_flags::WEAKREF;
    let special = |ty: &TypeRef| ty.flags.get() & SPECIAL;
    // The class that added the last slot.
    let solid = |ty: &TypeRef| {
        let mut class = ty.clone();
        while let Some(base) = class.base() {
            let adds_nothing = std::ptr::eq(class.head.layout.get(), base.head.layout.get())
                && class.member_slots.get() == base.member_slots.get()
                && special(&class) == special(&base);
            if !adds_nothing {
                break;
            }
            class = base;
        }
        class
    };
    let (a, b) = (solid(old), solid(new));
    let same_additions = || {
        let (x, y) = (a.slot_names.borrow(), b.slot_names.borrow());
        let same_base = matches!((a.base(), b.base()), (Some(p), Some(q)) if p.is(&q));
        same_base && special(&a) == special(&b) && x.len() == y.len() && x.iter().zip(y.iter()).all(|(p, q)| p.is(q))
    };
    std::ptr::eq(old.head.layout.get(), new.head.layout.get())
        && old.head.tail_offset.get() == new.head.tail_offset.get()
        && (a.is(&b) || same_additions())
}

/// Attributes for pickling: the `__dict__`, and with `__slots__` a pair of it and the slots' values.
fn getstate(vm: &Vm, this: &Value) -> PyResult {
    default_state(vm, this, false)
}

fn default_state(vm: &Vm, this: &Value, required: bool) -> PyResult {
    let ty = vm.type_of(this);
    if required && ty.head.layout.get().size > 0 && !std::ptr::eq(ty.head.layout.get(), &LAYOUT) {
        return Err(vm.type_error(format!("cannot pickle '{}' object", vm.full_name(ty))));
    }
    let dict = match vm.get_attr_opt(this, &vm.names.__dict__)? {
        Some(dict) => dict,
        None => Value::NONE,
    };
    let copyreg = vm.import_module("copyreg")?;
    let slot_names = vm.call_method(&copyreg, &vm.names._slotnames, &[ty.to_value()])?;
    let state = if dict.is_none() { Value::NONE } else { vm.call_method(&dict, &vm.names.copy, &[])? };
    let state = if !dict.is_none() && vm.len(&dict)? == 0 { Value::NONE } else { state };
    if !slot_names.is_none() && tail_of(this).len() + vm.len(&slot_names)? > 0 {
        let slots = vm.new_dict();
        for name in vm.collect(&slot_names)? {
            if let Some(value) = vm.get_attr_opt(this, &name)? {
                slots.set(vm, &name, value)?;
            }
        }
        if !slots.is_empty() {
            return Ok(vm.new_tuple(&[state, slots.into_value()]));
        }
    }
    Ok(state)
}

fn reduce_ex(vm: &Vm, this: &Value, protocol: &Value) -> PyResult {
    let protocol = vm.to_i32(protocol)?;
    let own = vm.get_attr(this, &vm.names.__reduce__)?;
    let class_reduce = vm.lookup(vm.type_of(this), &vm.names.__reduce__);
    let object_reduce = vm.types.object.namespace.get_str(&vm.names.__reduce__);
    let overridden = match (&class_reduce, &object_reduce) {
        (Some(a), Some(b)) => !a.is(b),
        _ => true,
    };
    if overridden { vm.call(&own, &[]) } else { reduce(vm, this, protocol) }
}

/// `object.__reduce_ex__` of a protocol: by `copyreg`.
pub fn reduce(vm: &Vm, this: &Value, protocol: i32) -> PyResult {
    let copyreg = vm.import_module("copyreg")?;
    if protocol < 2 {
        return vm.call_method_str(&copyreg, "_reduce_ex", &[this.clone(), vm.new_int(protocol.into())]);
    }
    let ty = vm.type_of(this).to_value();
    let (args, kwargs) = new_arguments(vm, this)?;
    let has_args = args.is_some();
    let (function, arguments) = match kwargs {
        Some(kwargs) if vm.len(&kwargs)? > 0 => {
            let args = args.unwrap_or_else(|| vm.constants.empty_tuple.clone());
            (vm.get_attr(&copyreg, &vm.names.__newobj_ex__)?, vm.new_tuple(&[ty.clone(), args, kwargs]))
        }
        _ => {
            let mut values = vec![ty.clone()];
            if let Some(args) = &args {
                values.extend(vm.collect(args)?);
            }
            (vm.get_attr(&copyreg, &vm.names.__newobj__)?, vm.new_tuple(&values))
        }
    };
    let is_list = vm.is_instance_exact(this, &vm.types.list);
    let is_dict = vm.is_instance_exact(this, &vm.types.dict);
    let getstate = vm.get_attr(this, &vm.names.__getstate__)?;
    let own_getstate = vm.lookup(vm.type_of(this), &vm.names.__getstate__);
    let default = vm.types.object.namespace.get_str(&vm.names.__getstate__);
    let is_default = matches!((&own_getstate, &default), (Some(a), Some(b)) if a.is(b));
    let state =
        if is_default { default_state(vm, this, !(has_args || is_list || is_dict))? } else { vm.call(&getstate, &[])? };
    let list_items = if is_list { vm.iter(this)? } else { Value::NONE };
    let dict_items = if is_dict {
        let items = vm.call_method(this, &vm.names.items, &[])?;
        vm.iter(&items)?
    } else {
        Value::NONE
    };
    Ok(vm.new_tuple(&[function, arguments, state, list_items, dict_items]))
}

type NewArguments = (Option<Value>, Option<Value>);

fn new_arguments(vm: &Vm, this: &Value) -> PyResult<NewArguments> {
    if let Some(method) = vm.lookup_special(this, &vm.names.__getnewargs_ex__)? {
        let pair = vm.call(&method, &[])?;
        if !vm.is_instance_exact(&pair, &vm.types.tuple) {
            let name = vm.type_name(&pair);
            return Err(vm.type_error(format!("__getnewargs_ex__ should return a tuple, not '{name}'")));
        }
        let items = vm.collect(&pair)?;
        let [args, kwargs] = items.as_slice() else {
            let message = format!("__getnewargs_ex__ should return a tuple of length 2, not {}", items.len());
            return Err(vm.value_error(message));
        };
        if !vm.is_instance_exact(args, &vm.types.tuple) {
            return Err(vm.type_error(format!(
                "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '{}'",
                vm.type_name(args)
            )));
        }
        if !vm.is_instance_exact(kwargs, &vm.types.dict) {
            return Err(vm.type_error(format!(
                "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '{}'",
                vm.type_name(kwargs)
            )));
        }
        return Ok((Some(args.clone()), Some(kwargs.clone())));
    }
    if let Some(method) = vm.lookup_special(this, &vm.names.__getnewargs__)? {
        let args = vm.call(&method, &[])?;
        if !vm.is_instance_exact(&args, &vm.types.tuple) {
            let name = vm.type_name(&args);
            return Err(vm.type_error(format!("__getnewargs__ should return a tuple, not '{name}'")));
        }
        return Ok((Some(args), None));
    }
    Ok((None, None))
}
