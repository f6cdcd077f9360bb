//! Which way an instruction takes, told to the recorder beforehand: the same conditions as the handlers', in their order.
//! What is not here has one way only (constants, moves, jumps, building).

use super::caches::case;
use super::feedback::SiteCell;
use super::operators::both_floats;
use crate::attributes::{generic_get_attr, instance_dict_if_made};
use crate::native::type_flags;
use crate::observer::{Cache, Recorder, Scope, Step, Way};
use crate::slots::BinaryFn;
use crate::types::cell::CellBody;
use crate::types::function::Function;
use crate::types::method::Method;
use crate::types::type_object::{Subtype, Type, TypeRef};
use crate::vm::Vm;
use oriel_bytecode::Opcode;
use oriel_heap::{Value, flags};
use std::borrow::Cow;

/// The special methods of the binary operators, by operand, without those in place; and what the right side is asked for.
const OPERATORS: [(&str, &str); 13] = [
    ("__add__", "__radd__"),
    ("__and__", "__rand__"),
    ("__floordiv__", "__rfloordiv__"),
    ("__lshift__", "__rlshift__"),
    ("__matmul__", "__rmatmul__"),
    ("__mul__", "__rmul__"),
    ("__mod__", "__rmod__"),
    ("__or__", "__ror__"),
    ("__pow__", "__rpow__"),
    ("__rshift__", "__rrshift__"),
    ("__sub__", "__rsub__"),
    ("__truediv__", "__rtruediv__"),
    ("__xor__", "__rxor__"),
];
const SUBSCRIPT: u32 = 26;
const COMPARISONS: [(&str, &str); 6] = [
    ("__lt__", "__gt__"),
    ("__le__", "__ge__"),
    ("__eq__", "__eq__"),
    ("__ne__", "__ne__"),
    ("__gt__", "__lt__"),
    ("__ge__", "__le__"),
];
const SMALL: &str = "both operands are immediate integers";
const FLOATS: &str = "both operands are immediate floats";

/// Tells which way an instruction is about to take.
pub(super) fn tell_way(vm: &Vm, recorder: &dyn Recorder, step: &Step<'_>) {
    if tell_name(vm, recorder, step) {
        return;
    }
    let looker = Looker { vm, step, words: recorder.wants_words(vm, step) };
    if let Some(way) = looker.way() {
        recorder.path(vm, step.frame, step.opcode, &way);
    }
}

/// Tells where a name will be found; whether the instruction is about one.
fn tell_name(vm: &Vm, recorder: &dyn Recorder, step: &Step<'_>) -> bool {
    let frame = step.frame;
    let (names, function) = (&frame.runnable().names, &frame.function);
    let global = |name: &Value| {
        if let Some(found) = function.globals.get_str(name) {
            return (Scope::Globals, Some(found));
        }
        match function.builtins.get_str(name) {
            Some(found) => (Scope::Builtins, Some(found)),
            None => (Scope::Nowhere, None),
        }
    };
    match step.opcode {
        Opcode::LOAD_GLOBAL => {
            let Some(name) = names.get((step.oparg >> 1) as usize) else { return true };
            let (scope, found) = global(name);
            let cached = word(step)
                .and_then(|word| site(step, word.bc() as usize))
                .is_some_and(|site| site.global(function).is_some());
            recorder.name(vm, frame, &vm.str_text(name), scope, found.as_ref(), cached);
        }
        Opcode::LOAD_NAME => {
            let Some(name) = names.get(step.oparg as usize) else { return true };
            let locals = super::locals_of(frame);
            let here = locals.as_ref().and_then(|locals| super::exact_dict(vm, locals)?.get_str(name));
            let (scope, found) = if here.is_some() { (Scope::Locals, here) } else { global(name) };
            recorder.name(vm, frame, &vm.str_text(name), scope, found.as_ref(), false);
        }
        Opcode::LOAD_DEREF => {
            let cell = step.locals.get(step.oparg as usize).and_then(|local| local.downcast::<CellBody>());
            let found = cell.and_then(|cell| cell.content.get());
            let Some(name) = frame.runnable().code.localsplusnames.get(step.oparg as usize) else { return true };
            recorder.name(vm, frame, &name.to_string_lossy(), Scope::Cell, found.as_ref(), false);
        }
        Opcode::LOAD_FAST | Opcode::LOAD_FAST_BORROW | Opcode::LOAD_FAST_CHECK => {
            tell_local(vm, recorder, step, step.oparg);
        }
        Opcode::LOAD_FAST_LOAD_FAST | Opcode::LOAD_FAST_BORROW_LOAD_FAST_BORROW => {
            tell_local(vm, recorder, step, step.oparg >> 4);
            tell_local(vm, recorder, step, step.oparg & 15);
        }
        _ => return false,
    }
    true
}

fn tell_local(vm: &Vm, recorder: &dyn Recorder, step: &Step<'_>, number: u32) {
    if let Some(name) = step.frame.runnable().code.localsplusnames.get(number as usize) {
        recorder.name(vm, step.frame, &name.to_string_lossy(), Scope::Register(number as u16), None, false);
    }
}

fn word(step: &Step<'_>) -> Option<crate::lowered::Instruction> {
    step.frame.runnable().lowered.words.get(step.word).copied()
}

/// A site of the frame's feedback vector, once the code is warm.
fn site<'a>(step: &'a Step<'_>, number: usize) -> Option<&'a SiteCell> {
    let runnable = step.frame.runnable();
    let feedback = runnable.feedback.get();
    if feedback.is_null() || number >= runnable.lowered.sites.len() {
        return None;
    }
    // SAFETY: the feedback vector belongs to the lowered code, lives as long and has all its sites.
    Some(unsafe { (*feedback).site(number) })
}

fn plain(path: &'static str, guard: &'static str) -> Option<Way> {
    Some(Way { path: Cow::Borrowed(path), guard: Cow::Borrowed(guard), held: true, cache: Cache::None })
}

/// Whether what a site has learnt serves for writing the object's attribute.
fn knows_store(site: &SiteCell, object: &Value) -> bool {
    let Some(header) = object.header() else { return false };
    let version = || header.type_value().downcast::<Type>().map_or(0, |ty| ty.version.get());
    match site.case.get() {
        case::INSTANCE | case::TRANSITION => header.shape() == site.guard.get(),
        case::MEMBER | case::DICT | case::SETTER => version() == site.second.get(),
        _ => false,
    }
}

/// An attribute along the MRO with the class that has it, as far as that is known without running code.
fn quiet_lookup(vm: &Vm, ty: &TypeRef, name: &Value) -> Option<(Value, TypeRef)> {
    let mro = ty.mro_tuple()?;
    let quiet = |class: &Value| class.downcast::<Type>().is_none_or(|class| class.namespace.has_str_keys_only());
    if mro.items().iter().all(quiet) { vm.lookup_where(ty, name) } else { None }
}

struct Looker<'a, 'b> {
    vm: &'a Vm,
    step: &'a Step<'b>,
    /// Whether the words matter, or only whether the guard holds.
    words: bool,
}

impl Looker<'_, '_> {
    fn top(&self, below: usize) -> Option<&Value> {
        let stack = self.step.stack;
        stack.len().checked_sub(below + 1).map(|position| &stack[position])
    }

    fn type_name(&self, value: &Value) -> String {
        self.vm.type_of(value).name_text()
    }

    fn is(&self, value: &Value, ty: &TypeRef) -> bool {
        self.vm.type_of(value).is(ty)
    }

    /// A way without a guard: what is told of it is only worked out where it is wanted.
    fn general(&self, path: impl FnOnce() -> String) -> Option<Way> {
        let path = if self.words { Cow::Owned(path()) } else { Cow::Borrowed("") };
        Some(Way { path, guard: Cow::Borrowed(""), held: false, cache: Cache::None })
    }

    /// A special method of an object's class, in words; nothing where the class has none.
    fn special(&self, object: &Value, name: &str) -> Option<String> {
        let ty = self.vm.type_of(object);
        let (found, owner) = quiet_lookup(self.vm, ty, &self.vm.intern(name))?;
        let inherited = if owner.is(ty) { String::new() } else { format!(", which {} inherits", ty.name_text()) };
        let owner = owner.name_text();
        Some(match found.downcast::<Function>() {
            Some(_) => format!("{name} of {owner}{inherited}: a Python function"),
            None => format!("slot for {name} of {owner}{inherited}: native code"),
        })
    }

    /// Of two operands.
    fn binary_slot(&self, left: &Value, right: &Value, (name, reflected): (&str, &str)) -> Option<Way> {
        self.general(|| {
            let (a, b) = (self.vm.type_of(left), self.vm.type_of(right));
            // The right operand goes first where its class is a subclass of the left one's.
            let right_first = !a.is(b) && b.is_subtype(a);
            let found = if right_first {
                self.special(right, reflected).or_else(|| self.special(left, name))
            } else {
                self.special(left, name).or_else(|| self.special(right, reflected))
            };
            found.unwrap_or_else(|| format!("neither {} nor {} has a slot for it", a.name_text(), b.name_text()))
        })
    }

    fn unary_slot(&self, value: &Value, names: &[&str], otherwise: &str) -> Option<Way> {
        self.general(|| names.iter().find_map(|name| self.special(value, name)).unwrap_or_else(|| otherwise.to_owned()))
    }

    fn way(&self) -> Option<Way> {
        let types = &self.vm.types;
        match self.step.opcode {
            Opcode::BINARY_OP => self.binary(self.top(1)?, self.top(0)?),
            Opcode::COMPARE_OP => {
                let (left, right) = (self.top(1)?, self.top(0)?);
                if Value::both_small_ints(left, right) {
                    return plain("integer fast path", SMALL);
                }
                if both_floats(left, right).is_some() {
                    return plain("float fast path", FLOATS);
                }
                self.binary_slot(left, right, *COMPARISONS.get((self.step.oparg >> 5) as usize)?)
            }
            Opcode::CONTAINS_OP => self.unary_slot(self.top(0)?, &["__contains__", "__iter__"], "no slot for it"),
            Opcode::IS_OP => plain("comparison of words", ""),
            Opcode::UNARY_NEGATIVE => self.unary(self.top(0)?, "__neg__", true),
            Opcode::UNARY_INVERT => self.unary(self.top(0)?, "__invert__", false),
            Opcode::UNARY_NOT | Opcode::TO_BOOL | Opcode::POP_JUMP_IF_TRUE | Opcode::POP_JUMP_IF_FALSE => {
                let value = self.top(0)?;
                if value.as_bool().is_some() {
                    return plain("truth of a bool", "the operand is True or False");
                }
                self.unary_slot(value, &["__bool__", "__len__"], "true: the class has neither __bool__ nor __len__")
            }
            Opcode::LOAD_ATTR => self.attribute(self.top(0)?, self.step.oparg >> 1, self.step.oparg & 1 != 0),
            Opcode::STORE_ATTR => self.store_attribute(self.top(0)?, self.step.oparg),
            Opcode::DELETE_ATTR => self.unary_slot(self.top(0)?, &["__delattr__"], "no slot for it"),
            Opcode::LOAD_SUPER_ATTR => {
                self.general(|| "look-up behind the class in the MRO of self's class".to_owned())
            }
            Opcode::CALL | Opcode::CALL_KW | Opcode::CALL_FUNCTION_EX => self.call(),
            Opcode::GET_ITER => self.unary_slot(self.top(0)?, &["__iter__", "__getitem__"], "no slot for it"),
            Opcode::FOR_ITER => {
                let iterator = self.top(1).filter(|_| self.top(0).is_some_and(Value::is_unbound)).or(self.top(0))?;
                if self.is(iterator, &types.range_iterator) {
                    return plain("range fast path", "the iterator is an exact range iterator");
                }
                if self.is(iterator, &types.list_iterator) {
                    return plain("list fast path", "the iterator is an exact list iterator");
                }
                if self.is(iterator, &types.generator) {
                    return plain("generator's frame, entered in the same loop", "the iterator is a generator");
                }
                self.unary_slot(iterator, &["__next__"], "no slot for it")
            }
            Opcode::SEND => {
                let receiver = self.top(1)?;
                if self.is(receiver, &types.generator) || self.is(receiver, &types.coroutine) {
                    return plain("its frame, entered in the same loop", "the receiver is a generator or coroutine");
                }
                self.unary_slot(receiver, &["send", "__next__"], "no slot for it")
            }
            Opcode::UNPACK_SEQUENCE => {
                let source = self.top(0)?;
                if self.is(source, &types.tuple) || self.is(source, &types.list) {
                    return plain("items copied", "the source is an exact tuple or list");
                }
                self.unary_slot(source, &["__iter__", "__getitem__"], "no slot for it")
            }
            Opcode::STORE_SUBSCR => {
                let (container, key) = (self.top(1)?, self.top(0)?);
                if self.is(container, &types.list) && key.is_small_int() {
                    return plain("item of a list by position", "an exact list, an immediate integer");
                }
                self.unary_slot(container, &["__setitem__"], "no slot for it")
            }
            Opcode::DELETE_SUBSCR => self.unary_slot(self.top(1)?, &["__delitem__"], "no slot for it"),
            Opcode::BINARY_SLICE => self.unary_slot(self.top(2)?, &["__getitem__"], "no slot for it"),
            Opcode::STORE_SLICE => self.unary_slot(self.top(2)?, &["__setitem__"], "no slot for it"),
            _ => None,
        }
    }

    fn binary(&self, left: &Value, right: &Value) -> Option<Way> {
        let types = &self.vm.types;
        if self.step.oparg == SUBSCRIPT {
            if right.is_small_int() && (self.is(left, &types.list) || self.is(left, &types.tuple)) {
                return plain("item by position", "an exact list or tuple, an immediate integer");
            }
            if self.is(left, &types.dict) {
                return plain("look-up in the dict's table", "the container is an exact dict");
            }
            return self.unary_slot(left, &["__getitem__", "__class_getitem__"], "no slot for it");
        }
        let number = if self.step.oparg >= 13 { self.step.oparg - 13 } else { self.step.oparg };
        // Powers, matrix products and true quotients of integers have no fast path.
        if Value::both_small_ints(left, right) && !matches!(number, 4 | 8 | 11) {
            return plain("integer fast path", SMALL);
        }
        if both_floats(left, right).is_some() && matches!(number, 0 | 5 | 10 | 11) {
            return plain("float fast path", FLOATS);
        }
        if number == 0 && self.vm.is_exact_str(left) && self.vm.is_exact_str(right) {
            return plain("joining of texts", "both operands are exact strings");
        }
        self.binary_slot(left, right, *OPERATORS.get(number as usize)?)
    }

    fn unary(&self, value: &Value, name: &'static str, floats: bool) -> Option<Way> {
        if value.is_small_int() {
            return plain("integer fast path", "the operand is an immediate integer");
        }
        if floats && value.is_immediate_float() {
            return plain("float fast path", "the operand is an immediate float");
        }
        self.unary_slot(value, &[name], "no slot for it")
    }

    /// The site of the instruction, where it has one.
    fn site(&self) -> Option<&SiteCell> {
        site(self.step, usize::from(word(self.step)?.c()))
    }

    fn attribute(&self, object: &Value, name: u32, method: bool) -> Option<Way> {
        let name = self.step.frame.runnable().names.get(name as usize)?;
        let site = self.site();
        let answers = site.is_some_and(|site| {
            let value = !method && site.attribute(self.vm, object).is_some();
            let callable = method && site.method(self.vm, object).is_some();
            value || callable || site.getter(object).is_some() || site.native_getter(object).is_some()
        });
        let cache = match site {
            None => Cache::Cold,
            Some(_) if answers => Cache::Hit,
            Some(_) => Cache::Miss,
        };
        let (path, guard) =
            if self.words { self.place(object, name, method) } else { (Cow::Borrowed(""), Cow::Borrowed("")) };
        Some(Way { path, guard: if answers { guard } else { Cow::Borrowed("") }, held: answers, cache })
    }

    /// Where an attribute is found, and what a cache of it compares.
    fn place(&self, object: &Value, name: &Value, method: bool) -> (Cow<'static, str>, Cow<'static, str>) {
        let vm = self.vm;
        let ty = vm.type_of(object);
        let class = ty.name_text();
        if ty.slots.getattro.get().is_some_and(|f| !std::ptr::fn_addr_eq(f, generic_get_attr as BinaryFn)) {
            if let Some(this) = object.downcast::<Type>() {
                let found = object.downcast::<Type>().and_then(|_| {
                    let reference = oriel_heap::Ref::<Type>::try_from_value(object.clone()).ok()?;
                    quiet_lookup(vm, &reference, name)
                });
                return match found {
                    Some((_, owner)) => (
                        format!("attribute of the class {}", owner.name_text()).into(),
                        format!("the version of class {} and of its metaclass", this.name_text()).into(),
                    ),
                    None => (format!("look-up in the metaclass {class}").into(), "".into()),
                };
            }
            if vm.is_module(object) {
                return (
                    "namespace of the module".into(),
                    "the keys of the module's namespace are as they were".into(),
                );
            }
            return (format!("__getattribute__ of {class}").into(), "".into());
        }
        let found = quiet_lookup(vm, ty, name);
        if let Some((descriptor, owner)) = &found
            && vm.type_of(descriptor).slots.descr_set.get().is_some()
        {
            let kind = vm.type_of(descriptor).name_text();
            return (
                format!("data descriptor ({kind}) of {}", owner.name_text()).into(),
                format!("the version of class {class}").into(),
            );
        }
        if let Some(header) = object.header() {
            if header.has(flags::DICT_MODE) {
                if instance_dict_if_made(object).is_some_and(|dict| dict.get_str(name).is_some()) {
                    return ("the instance's dict".into(), format!("the version of class {class}").into());
                }
            } else if let Some(slot) = vm.shapes.names(header.shape()).iter().position(|other| other.is(name))
                && oriel_heap::tail_of(object).get(slot).is_some_and(|slot| {
                    let taken = slot.take();
                    let there = taken.is_some();
                    slot.set(taken);
                    there
                })
            {
                let shape = header.shape();
                return (format!("inline slot {slot} of the instance").into(), format!("shape {shape}").into());
            }
        }
        match found {
            Some((value, owner)) => {
                let owner = owner.name_text();
                let is_method = vm.type_of(&value).has(type_flags::METHOD_DESCRIPTOR);
                let words = match (is_method, method) {
                    (true, true) => format!("method of {owner}, called without being bound"),
                    (true, false) => format!("function of {owner}, bound to the instance"),
                    (false, _) => format!("value of {owner}"),
                };
                (words.into(), format!("the shape and the version of class {class}").into())
            }
            None if ty.getattr_hook.get().is_some() => (format!("__getattr__ of {class}").into(), "".into()),
            None => ("found nowhere: AttributeError".into(), "".into()),
        }
    }

    fn store_attribute(&self, object: &Value, name: u32) -> Option<Way> {
        let name = self.step.frame.runnable().names.get(name as usize)?;
        let site = self.site();
        let knows = site.is_some_and(|site| knows_store(site, object));
        let cache = match site {
            None => Cache::Cold,
            Some(_) if knows => Cache::Hit,
            Some(_) => Cache::Miss,
        };
        let path = if self.words { self.store_place(object, name) } else { "".into() };
        let guard = match object.header() {
            Some(header) if knows && self.words => format!("shape {}", header.shape()).into(),
            _ => "".into(),
        };
        Some(Way { path, guard, held: knows, cache })
    }

    fn store_place(&self, object: &Value, name: &Value) -> Cow<'static, str> {
        let vm = self.vm;
        let ty = vm.type_of(object);
        if let Some((descriptor, owner)) = quiet_lookup(vm, ty, name)
            && vm.type_of(&descriptor).slots.descr_set.get().is_some()
        {
            let kind = vm.type_of(&descriptor).name_text();
            return format!("data descriptor ({kind}) of {}", owner.name_text()).into();
        }
        let Some(header) = object.header() else { return "no attributes: AttributeError".into() };
        if header.has(flags::DICT_MODE) {
            return "the instance's dict".into();
        }
        match vm.shapes.names(header.shape()).iter().position(|other| other.is(name)) {
            Some(slot) => format!("inline slot {slot} of the instance").into(),
            None => format!("a new attribute: the instance gets another shape than {}", header.shape()).into(),
        }
    }

    fn call(&self) -> Option<Way> {
        let step = self.step;
        let count = match step.opcode {
            Opcode::CALL => step.oparg as usize + 2,
            Opcode::CALL_KW => step.oparg as usize + 3,
            _ => 4,
        };
        let callable = step.stack.get(step.stack.len().checked_sub(count)?)?;
        let inner = callable.downcast::<Method>().map(|method| method.function.borrow().clone());
        let callable = inner.as_ref().unwrap_or(callable);
        if callable.downcast::<Function>().is_some() {
            return plain("Python function: a frame is pushed", "the callable is a Python function");
        }
        if callable.downcast::<Type>().is_some() {
            return self.general(|| {
                let class = oriel_heap::Ref::<Type>::try_from_value(callable.clone()).ok();
                let init = class.and_then(|class| {
                    let (found, owner) = quiet_lookup(self.vm, &class, &self.vm.names.__init__)?;
                    found.downcast::<Function>().map(|_| owner.name_text())
                });
                match init {
                    Some(owner) => format!("class: its instance is made, then __init__ of {owner} is called"),
                    None => "class: native code makes its instance".to_owned(),
                }
            });
        }
        if callable.downcast::<crate::types::native_function::NativeFunction>().is_some()
            || callable.downcast::<crate::types::native_function::MethodDescriptor>().is_some()
        {
            return plain("native function", "the callable is native");
        }
        self.general(|| {
            let class = self.type_name(callable);
            self.special(callable, "__call__").unwrap_or_else(|| format!("{class} objects cannot be called"))
        })
    }
}
