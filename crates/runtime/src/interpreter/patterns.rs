//! Instructions of `match` statements.

use super::activation::{Activation, Flow};
use crate::error::PyResult;
use crate::lowered::Instruction;
use crate::native::type_flags;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::Type;
use crate::vm::Vm;
use oriel_heap::Value;

impl Activation<'_> {
    #[inline(always)]
    pub(super) fn get_len(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = self.vm.len(self.operand(i.b())).map(|length| self.vm.new_int(length as i64));
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn match_flag(&mut self, i: Instruction, flag: u32) -> Flow {
        let matches = self.vm.type_of(self.operand(i.b())).has(flag);
        self.set(i.a(), Value::bool(matches));
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn match_keys(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = match_keys(self.vm, self.operand(i.b()), self.operand(i.c()));
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn match_class(&mut self, i: Instruction) -> Flow {
        self.save();
        let operand = |index| self.operand(self.listed(index));
        let result = match_class(self.vm, operand(0), operand(1), operand(2), usize::from(i.c()));
        self.drop_listed(i.b(), 3);
        self.skip(1);
        match result {
            Ok(value) => {
                self.set(i.a(), value);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }
}

#[inline(never)]
fn match_keys(vm: &Vm, subject: &Value, keys: &Value) -> PyResult {
    let keys = vm.tuple_items(keys);
    if keys.is_empty() {
        return Ok(vm.empty_tuple().into_value());
    }
    let get = vm.get_attr(subject, &vm.names.get)?;
    let seen = vm.new_dict();
    // No value of the mapping can be this object.
    let missing = vm.new_list(Vec::new()).into_value();
    let mut values = Vec::with_capacity(keys.len());
    for key in keys {
        if seen.contains(vm, key)? {
            let text = vm.repr_text(key)?;
            return Err(vm.value_error(format!("mapping pattern checks duplicate key ({text})")));
        }
        seen.set(vm, key, Value::NONE)?;
        let value = vm.call(&get, &[key.clone(), missing.clone()])?;
        if value.is(&missing) {
            return Ok(Value::NONE);
        }
        values.push(value);
    }
    Ok(vm.tuple_of(values).into_value())
}

fn attribute(vm: &Vm, subject: &Value, class: &Type, name: &Value, seen: &mut Vec<Value>) -> PyResult<Option<Value>> {
    if seen.iter().any(|known| known.is(name)) {
        let (class, text) = (class.name_text(), vm.repr_text(name)?);
        return Err(vm.type_error(format!("{class}() got multiple sub-patterns for attribute {text}")));
    }
    seen.push(name.clone());
    vm.get_attr_opt(subject, name)
}

#[inline(never)]
fn match_class(vm: &Vm, subject: &Value, class: &Value, names: &Value, positional: usize) -> PyResult {
    let Some(ty) = class.downcast::<Type>() else {
        return Err(vm.type_error("called match pattern must be a class"));
    };
    if !vm.is_instance(subject, class)? {
        return Ok(Value::NONE);
    }
    let mut values = Vec::new();
    let mut seen = Vec::new();
    if positional > 0 {
        let names = vm.get_attr_opt(class, &vm.intern("__match_args__"))?;
        let (match_self, found) = match &names {
            Some(names) => match names.downcast::<Tuple>() {
                Some(tuple) if vm.type_of(names).is(&vm.types.tuple) => (false, tuple.items().to_vec()),
                _ => {
                    let (class, name) = (ty.name_text(), vm.type_name(names));
                    return Err(vm.type_error(format!("{class}.__match_args__ must be a tuple (got {name})")));
                }
            },
            None => (ty.has(type_flags::MATCH_SELF), Vec::new()),
        };
        let allowed = if match_self { 1 } else { found.len() };
        if allowed < positional {
            let plural = if allowed == 1 { "" } else { "s" };
            let class = ty.name_text();
            return Err(vm.type_error(format!(
                "{class}() accepts {allowed} positional sub-pattern{plural} ({positional} given)"
            )));
        }
        if match_self {
            values.push(subject.clone());
        } else {
            for name in &found[..positional] {
                if name.downcast::<Str>().is_none() {
                    let kind = vm.type_name(name);
                    return Err(vm.type_error(format!("__match_args__ elements must be strings (got {kind})")));
                }
                match attribute(vm, subject, ty, &vm.intern_value(name), &mut seen)? {
                    Some(value) => values.push(value),
                    None => return Ok(Value::NONE),
                }
            }
        }
    }
    for name in vm.tuple_items(names) {
        match attribute(vm, subject, ty, name, &mut seen)? {
            Some(value) => values.push(value),
            None => return Ok(Value::NONE),
        }
    }
    Ok(vm.tuple_of(values).into_value())
}
