//! `FrameLocalsProxy`: the locals of a frame as a mapping that writes through (PEP 667).

use super::FrameObject;
use crate::error::PyResult;
use crate::frame::FrameRef;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::slots::CompareOp;
use crate::types::cell::CellBody;
use crate::types::dict::Dict;
use crate::vm::Vm;
use oriel_bytecode::CodeFlags;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};

/// The body of the view.
pub struct LocalsProxy {
    frame: Ref<FrameObject>,
}

static LAYOUT: Layout = Layout::of::<LocalsProxy>("FrameLocalsProxy", None);

impl Body for LocalsProxy {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        visitor(self.frame.as_value());
    }
}

/// `FrameLocalsProxy`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::MAPPING,
    slots: |slots| {
        slots.repr.set(Some(repr));
        slots.iter.set(Some(|vm, this| vm.iter(&vm.new_list(keys(vm, body(vm, this)?)?).into_value())));
        slots.richcompare.set(Some(compare));
        slots.mp_length.set(Some(|vm, this| Ok(keys(vm, body(vm, this)?)?.len())));
        slots.mp_subscript.set(Some(subscript));
        slots.mp_ass_subscript.set(Some(assign));
        slots.sq_contains.set(Some(|vm, this, key| Ok(get(vm, body(vm, this)?, key)?.is_some())));
        slots.nb_or.set(Some(or));
        slots.nb_inplace_or.set(Some(|vm, this, other| {
            update(vm, this, other)?;
            Ok(this.clone())
        }));
        slots.new.set(Some(|vm, _, args| {
            let values = args.unpack(vm, "FrameLocalsProxy", 1, 1)?;
            match values[0].downcast::<FrameObject>() {
                Some(frame) => Ok(vm.new_frame_locals_proxy(frame)),
                None => {
                    let name = vm.type_name(&values[0]);
                    Err(vm.type_error(format!("expect frame, not {name}")))
                }
            }
        }));
    },
    methods: &[
        MethodDef::noargs("keys", |vm, this| list(vm, keys(vm, body(vm, this)?)?), "", "The names."),
        MethodDef::noargs(
            "values",
            |vm, this| list(vm, items(vm, this)?.into_iter().map(|(_, v)| v).collect()),
            "",
            "The values.",
        ),
        MethodDef::noargs(
            "items",
            |vm, this| {
                let pairs = items(vm, this)?.into_iter().map(|(k, v)| vm.tuple_of([k, v]).into_value()).collect();
                list(vm, pairs)
            },
            "",
            "Pairs of name and value.",
        ),
        MethodDef::noargs("copy", |vm, this| Ok(snapshot(vm, this)?.into_value()), "", "A dict of the locals now."),
        MethodDef::noargs("__reversed__", reversed, "", "The names from the last on."),
        MethodDef::positional(
            "get",
            1,
            2,
            |vm, this, args| {
                Ok(get(vm, body(vm, this)?, &args[0])?.unwrap_or_else(|| args.get(1).cloned().unwrap_or(Value::NONE)))
            },
            "",
            "The value of a name, or a default.",
        ),
        MethodDef::positional(
            "setdefault",
            1,
            2,
            set_default,
            "",
            "The value of a name, which is set first if need be.",
        ),
        MethodDef::positional("pop", 1, 2, pop, "", "Takes a name out that is no local of the code."),
        MethodDef::one(
            "update",
            |vm, this, other| update(vm, this, other).map(|()| Value::NONE),
            "",
            "Sets all of a mapping.",
        ),
    ],
    ..TypeSpec::new("FrameLocalsProxy", LocalsProxy::layout)
};

impl Vm {
    /// The view of a frame's locals.
    pub fn new_frame_locals_proxy(&self, frame: &Ref<FrameObject>) -> Value {
        // SAFETY: the type's layout is that of the body.
        unsafe {
            self.heap.new_object(self.types.frame_locals_proxy.as_value().raw(), LocalsProxy { frame: frame.clone() })
        }
        .into_value()
    }

    /// The locals of a frame as a new dict, or its namespace: `locals()`.
    pub fn frame_locals(&self, frame: FrameRef) -> PyResult {
        if !has_fast_locals(frame) {
            return Ok(crate::interpreter::locals_of(frame).unwrap_or(Value::NONE));
        }
        let dict = self.new_dict();
        for (register, name) in visible(frame) {
            if let Some(value) = read(frame, register) {
                dict.set_str(&name, value);
            }
        }
        // SAFETY: cloning runs no code that could replace the object meanwhile.
        if let Some(object) = unsafe { (*frame.object.as_ptr()).clone() }
            && let Some(extra) = object.extra_locals.get()
            && let Some(extra) = extra.downcast::<Dict>()
        {
            for (name, value) in extra.entries() {
                dict.set(self, &name, value)?;
            }
        }
        Ok(dict.into_value())
    }
}

fn body<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<FrameObject>> {
    match this.downcast::<LocalsProxy>() {
        Some(proxy) => {
            let proxy: &LocalsProxy = proxy;
            Ok(&proxy.frame)
        }
        None => Err(vm.type_error("a FrameLocalsProxy is needed")),
    }
}

/// Whether the locals are in registers: those of a function, or inside a comprehension that is part of a class's or
/// module's body.
pub fn has_fast_locals(frame: FrameRef) -> bool {
    frame.runnable().code.flags.contains(CodeFlags::OPTIMIZED)
        || visible(frame).iter().any(|(register, _)| read(frame, *register).is_some())
}

/// The variables that programs see, with their registers.
fn visible(frame: FrameRef) -> Vec<(u16, Value)> {
    let runnable = frame.runnable();
    let kinds = &runnable.code.localspluskinds;
    // The body of a class has its free variables from outside; hidden are the variables of inlined comprehensions.
    let optimized = runnable.code.flags.contains(CodeFlags::OPTIMIZED);
    (runnable.variables.iter().zip(kinds).enumerate())
        .filter(|(_, (_, kind))| if optimized { !kind.is_hidden() } else { kind.is_hidden() })
        .map(|(register, (name, _))| (register as u16, name.clone()))
        .collect()
}

/// What a variable is bound to; the content where it is in a cell.
fn read(frame: FrameRef, register: u16) -> Option<Value> {
    // SAFETY: variables have registers; the borrow ends with the clone.
    let value = unsafe { frame.get(register) }.clone();
    if value.is_unbound() {
        return None;
    }
    let kind = frame.runnable().code.localspluskinds.get(usize::from(register)).copied().unwrap_or_default();
    if (kind.is_cell() || kind.is_free())
        && let Some(cell) = value.downcast::<CellBody>()
    {
        return cell.content.get();
    }
    Some(value)
}

/// Binds a variable from outside; the old value stays alive, as the frame may be using it.
fn write(object: &FrameObject, frame: FrameRef, register: u16, value: Value) {
    let kind = frame.runnable().code.localspluskinds.get(usize::from(register)).copied().unwrap_or_default();
    // SAFETY: variables have registers; the borrow ends at once.
    let current = unsafe { frame.get(register) };
    if (kind.is_cell() || kind.is_free())
        && let Some(cell) = current.downcast::<CellBody>()
    {
        cell.content.set(Some(value));
        return;
    }
    // SAFETY: variables have registers.
    let old = unsafe { std::ptr::replace(frame.register(register), value) };
    if old.is_heap() {
        object.overwritten.borrow_mut().push(old);
    }
}

fn find(vm: &Vm, frame: FrameRef, key: &Value) -> PyResult<Option<u16>> {
    if vm.is_exact_str(key) {
        let key = vm.intern_value(key);
        return Ok(visible(frame).into_iter().find(|(_, name)| name.is(&key)).map(|(register, _)| register));
    }
    // Something else may equal a name, as in any mapping.
    let hash = vm.hash(key)?;
    for (register, name) in visible(frame) {
        if vm.hash(&name)? == hash && vm.equal(&name, key)? {
            return Ok(Some(register));
        }
    }
    Ok(None)
}

fn extra(object: &FrameObject) -> Option<Ref<Dict>> {
    object.extra_locals.get().and_then(|extra| Ref::try_from_value(extra).ok())
}

fn get(vm: &Vm, object: &Ref<FrameObject>, key: &Value) -> PyResult<Option<Value>> {
    if let Some(frame) = object.frame()
        && let Some(register) = find(vm, frame, key)?
        && let Some(value) = read(frame, register)
    {
        return Ok(Some(value));
    }
    match extra(object) {
        Some(extra) => extra.get(vm, key),
        None => {
            vm.hash(key)?;
            Ok(None)
        }
    }
}

fn keys(_vm: &Vm, object: &Ref<FrameObject>) -> PyResult<Vec<Value>> {
    let mut keys = Vec::new();
    if let Some(frame) = object.frame() {
        keys.extend(visible(frame).into_iter().filter(|(r, _)| read(frame, *r).is_some()).map(|(_, name)| name));
    }
    if let Some(extra) = extra(object) {
        keys.extend(extra.keys());
    }
    Ok(keys)
}

fn items(vm: &Vm, this: &Value) -> PyResult<Vec<(Value, Value)>> {
    Ok(snapshot(vm, this)?.entries())
}

fn snapshot(vm: &Vm, this: &Value) -> PyResult<Ref<Dict>> {
    let object = body(vm, this)?;
    let dict = vm.new_dict();
    for key in keys(vm, object)? {
        if let Some(value) = get(vm, object, &key)? {
            dict.set(vm, &key, value)?;
        }
    }
    Ok(dict)
}

fn list(vm: &Vm, items: Vec<Value>) -> PyResult {
    Ok(vm.new_list(items).into_value())
}

fn reversed(vm: &Vm, this: &Value) -> PyResult {
    let mut keys = keys(vm, body(vm, this)?)?;
    keys.reverse();
    list(vm, keys)
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    if !vm.enter_repr(this) {
        return Ok(vm.new_str("{...}"));
    }
    let text = snapshot(vm, this).and_then(|dict| vm.repr(dict.as_value()));
    vm.leave_repr(this);
    text
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if let (Some(x), Some(y)) = (a.downcast::<LocalsProxy>(), b.downcast::<LocalsProxy>()) {
        return Ok(Value::bool(x.frame.is(&y.frame) == (op == CompareOp::Eq)));
    }
    if b.downcast::<Dict>().is_some() {
        return vm.rich_compare(snapshot(vm, a)?.as_value(), b, op);
    }
    Ok(Value::NOT_IMPLEMENTED)
}

fn subscript(vm: &Vm, this: &Value, key: &Value) -> PyResult {
    get(vm, body(vm, this)?, key)?.ok_or_else(|| vm.key_error(key))
}

fn assign(vm: &Vm, this: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let object = body(vm, this)?;
    let frame = object.frame();
    let register = match frame {
        Some(frame) => find(vm, frame, key)?,
        None => None,
    };
    match (value, frame, register) {
        (Some(value), Some(frame), Some(register)) => {
            write(object, frame, register, value.clone());
            Ok(())
        }
        (None, _, Some(_)) => Err(vm.value_error("cannot remove local variables from FrameLocalsProxy")),
        (Some(value), ..) => {
            let dict = extra(object).unwrap_or_else(|| {
                let dict = vm.new_dict();
                object.extra_locals.set(Some(dict.to_value()));
                dict
            });
            dict.set(vm, key, value.clone())
        }
        (None, ..) => match extra(object) {
            Some(dict) if dict.delete(vm, key)?.is_some() => Ok(()),
            _ => Err(vm.key_error(key)),
        },
    }
}

fn set_default(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    if let Some(value) = get(vm, body(vm, this)?, &args[0])? {
        return Ok(value);
    }
    let default = args.get(1).cloned().unwrap_or(Value::NONE);
    assign(vm, this, &args[0], Some(&default))?;
    Ok(default)
}

fn pop(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let object = body(vm, this)?;
    if let Some(frame) = object.frame()
        && find(vm, frame, &args[0])?.is_some()
    {
        return Err(vm.value_error("cannot remove local variables from FrameLocalsProxy"));
    }
    let taken = match extra(object) {
        Some(dict) => dict.delete(vm, &args[0])?,
        None => None,
    };
    match (taken, args.get(1)) {
        (Some(value), _) => Ok(value),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(vm.key_error(&args[0])),
    }
}

fn update(vm: &Vm, this: &Value, other: &Value) -> PyResult<()> {
    let names = match vm.get_attr_opt(other, &vm.names.keys)? {
        Some(keys) => vm.collect(&vm.call(&keys, &[])?)?,
        None => {
            for pair in vm.collect(other)? {
                let pair = vm.collect(&pair)?;
                if let [name, value] = &pair[..] {
                    assign(vm, this, name, Some(value))?;
                } else {
                    return Err(vm.type_error("update() argument must be dict or another FrameLocalsProxy"));
                }
            }
            return Ok(());
        }
    };
    for name in names {
        let value = vm.get_item(other, &name)?;
        assign(vm, this, &name, Some(&value))?;
    }
    Ok(())
}

fn or(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let mapping = |value: &Value| value.downcast::<LocalsProxy>().is_some() || value.downcast::<Dict>().is_some();
    if !mapping(a) || !mapping(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let dict = vm.new_dict();
    for side in [a, b] {
        let entries = match side.downcast::<Dict>() {
            Some(dict) => dict.entries(),
            None => items(vm, side)?,
        };
        for (name, value) in entries {
            dict.set(vm, &name, value)?;
        }
    }
    Ok(dict.into_value())
}
