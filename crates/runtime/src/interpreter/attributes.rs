//! Attributes: reading, calling, writing, `super()`, and special methods.

use super::activation::{Activation, Flow};
use crate::error::PyResult;
use crate::lowered::{Instruction, flag};
use crate::vm::Vm;
use oriel_heap::Value;

impl Activation<'_> {
    #[inline(always)]
    pub(super) fn load_attr(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = self.vm.get_attr(self.operand(i.b()), self.site_name(i.c()));
        match result {
            Ok(value) => {
                self.set(i.a(), value);
                self.kill_b(i);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    #[inline(always)]
    pub(super) fn load_attr_far(&mut self, i: Instruction) -> Flow {
        self.save();
        let name = self.name(self.extension(0).as_number());
        let result = self.vm.get_attr(self.operand(i.b()), name);
        self.skip(1);
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn load_method(&mut self, i: Instruction) -> Flow {
        self.save();
        let name = self.site_name(i.c());
        self.load_method_named(i, name)
    }

    #[inline(always)]
    pub(super) fn load_method_far(&mut self, i: Instruction) -> Flow {
        self.save();
        let name = self.name(self.extension(0).as_number());
        self.skip(1);
        self.load_method_named(i, name)
    }

    #[inline(always)]
    fn load_method_named(&mut self, i: Instruction, name: &Value) -> Flow {
        match self.vm.load_method(self.operand(i.b()), name) {
            Ok((method, unbound)) => {
                let in_place = i.b() == i.a() || i.has(flag::KILL_B);
                let receiver = if !unbound {
                    if i.has(flag::KILL_B) {
                        drop(self.take(i.b()));
                    }
                    Value::UNBOUND
                } else if in_place {
                    self.take(i.b())
                } else {
                    self.operand(i.b()).clone()
                };
                self.set(i.a(), method);
                self.set(i.a() + 1, receiver);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    #[inline(always)]
    pub(super) fn store_attr(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = self.vm.set_attr(self.operand(i.a()), self.site_name(i.c()), self.operand(i.b()));
        self.kill_a(i);
        self.kill_b(i);
        self.done(result)
    }

    #[inline(always)]
    pub(super) fn store_attr_far(&mut self, i: Instruction) -> Flow {
        self.save();
        let name = self.name(self.extension(0).as_number());
        let result = self.vm.set_attr(self.operand(i.a()), name, self.operand(i.b()));
        self.skip(1);
        self.kill_a(i);
        self.kill_b(i);
        self.done(result)
    }

    #[inline(always)]
    pub(super) fn delete_attr(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = self.vm.del_attr(self.operand(i.a()), self.name(i.bc()));
        self.kill_a(i);
        self.done(result)
    }

    #[inline(always)]
    pub(super) fn load_super_attr(&mut self, i: Instruction) -> Flow {
        self.save();
        let operand = |index| self.operand(self.listed(index));
        let name = self.site_name(i.c());
        let with_arguments = i.has(flag::SENSE);
        let method = i.has(flag::INVERT);
        let result = load_super(self.vm, [operand(0), operand(1), operand(2)], name, with_arguments, method);
        let (value, receiver) = match result {
            Ok((value, true)) => (Ok(value), operand(2).clone()),
            Ok((value, false)) => (Ok(value), Value::UNBOUND),
            Err(raised) => (Err(raised), Value::UNBOUND),
        };
        self.drop_listed(i.b(), 3);
        self.skip(1);
        match value {
            Ok(value) => {
                self.set(i.a(), value);
                if i.has(flag::INVERT) {
                    self.set(i.a() + 1, receiver);
                }
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    #[inline(always)]
    pub(super) fn load_special(&mut self, i: Instruction) -> Flow {
        self.save();
        match load_special(self.vm, self.operand(i.b()), i.c()) {
            Ok((method, unbound)) => {
                let owner =
                    if i.b() == i.a() || i.has(flag::KILL_B) { self.take(i.b()) } else { self.operand(i.b()).clone() };
                self.set(i.a(), method);
                self.set(i.a() + 1, if unbound { owner } else { Value::UNBOUND });
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }
}

impl Vm {
    /// An attribute that is to be called: unbound (then the object is to be the first argument) where that saves
    /// a method object, else as it is.
    pub fn load_method(&self, object: &Value, name: &Value) -> PyResult<(Value, bool)> {
        let ty = self.type_of(object);
        if ty
            .slots
            .getattro
            .get()
            .is_some_and(|f| std::ptr::fn_addr_eq(f, crate::attributes::generic_get_attr as crate::slots::BinaryFn))
            && let Some(found) = self.lookup(ty, name)
            && self.type_of(&found).has(crate::native::type_flags::METHOD_DESCRIPTOR)
            && self.instance_attr(object, name)?.is_none()
        {
            return Ok((found, true));
        }
        Ok((self.get_attr(object, name)?, false))
    }
}

/// What `super(class, self).name` finds: the value, and whether self must be given to it.
#[inline(never)]
fn load_super(
    vm: &Vm,
    [global_super, class, this]: [&Value; 3],
    name: &Value,
    with_arguments: bool,
    method: bool,
) -> PyResult<(Value, bool)> {
    if global_super.is(vm.types.super_type.as_value()) {
        return vm.super_lookup(class, this, name, method);
    }
    let arguments = [class.clone(), this.clone()];
    let object = vm.call(global_super, if with_arguments { &arguments } else { &[] })?;
    Ok((vm.get_attr(&object, name)?, false))
}

#[inline(never)]
fn load_special(vm: &Vm, owner: &Value, which: u16) -> PyResult<(Value, bool)> {
    let names = &vm.names;
    let name = match which {
        0 => &names.__enter__,
        1 => &names.__exit__,
        2 => &names.__aenter__,
        _ => &names.__aexit__,
    };
    if let Some(found) = vm.lookup_method(owner, name)? {
        return Ok(found);
    }
    let ty = vm.type_name(owner);
    let missing = vm.str_text(name);
    let has = |name: &Value| vm.lookup(vm.type_of(owner), name).is_some();
    let (kind, other, other_kind, with) = if which < 2 {
        ("context manager", [&names.__aenter__, &names.__aexit__], "asynchronous context manager", "async with")
    } else {
        ("asynchronous context manager", [&names.__enter__, &names.__exit__], "context manager", "with")
    };
    let hint = if other.iter().all(|name| has(name)) {
        format!(" but it supports the {other_kind} protocol. Did you mean to use '{with}'?")
    } else {
        String::new()
    };
    let method = if which == 0 || which == 2 { String::new() } else { format!(" (missed {missing} method)") };
    Err(vm.type_error(format!("'{ty}' object does not support the {kind} protocol{method}{hint}")))
}
