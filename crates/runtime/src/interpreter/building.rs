//! Instructions that build containers, strings and slices, and that add to containers being built.

use super::activation::{Activation, Flow};
use crate::error::{PyResult, Raised};
use crate::lowered::Instruction;
use crate::types::dict::Dict;
use crate::types::dict::update::Merge;
use crate::types::list::List;
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};
use smallvec::SmallVec;

impl Activation<'_> {
    /// The listed operands as owned values.
    #[inline(always)]
    fn collect_listed(&mut self, i: Instruction) -> SmallVec<[Value; 8]> {
        let count = usize::from(i.c());
        let mut values = SmallVec::with_capacity(count);
        for index in 0..count {
            values.push(self.take_listed(i.b(), index));
        }
        self.skip(count.div_ceil(4));
        values
    }

    #[inline(always)]
    pub(super) fn build_tuple(&mut self, i: Instruction) -> Flow {
        let count = usize::from(i.c());
        let tuple = self.vm.tuple_of((0..count).map(|index| self.take_listed(i.b(), index)));
        self.skip(count.div_ceil(4));
        self.set(i.a(), tuple.into_value());
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn build_list(&mut self, i: Instruction) -> Flow {
        let count = usize::from(i.c());
        let mut values = Vec::with_capacity(count);
        for index in 0..count {
            values.push(self.take_listed(i.b(), index));
        }
        self.skip(count.div_ceil(4));
        self.set(i.a(), self.vm.new_list(values).into_value());
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn build_set(&mut self, i: Instruction) -> Flow {
        self.save();
        let values = self.collect_listed(i);
        match self.vm.new_set_of(&values) {
            Ok(set) => {
                self.set(i.a(), set);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    #[inline(always)]
    pub(super) fn build_map(&mut self, i: Instruction) -> Flow {
        self.save();
        let values = self.collect_listed(i);
        match build_map(self.vm, &values) {
            Ok(dict) => {
                self.set(i.a(), dict.into_value());
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    #[inline(always)]
    pub(super) fn build_string(&mut self, i: Instruction) -> Flow {
        self.save();
        let values = self.collect_listed(i);
        match self.vm.join_strings(&values) {
            Ok(text) => {
                self.set(i.a(), text);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    #[inline(always)]
    pub(super) fn build_slice(&mut self, i: Instruction) -> Flow {
        self.save();
        let values = self.collect_listed(i);
        if let [start, stop, rest @ ..] = &values[..] {
            match self.vm.slice_value(start, stop, rest.first().unwrap_or(&Value::NONE)) {
                Ok(slice) => self.set(i.a(), slice),
                Err(raised) => return Flow::Raise(raised),
            }
        }
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn build_interpolation(&mut self, i: Instruction) -> Flow {
        self.save();
        let values = self.collect_listed(i);
        match self.vm.new_interpolation(&values, u32::from(i.flags() & 3)) {
            Ok(interpolation) => {
                self.set(i.a(), interpolation);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    #[inline(always)]
    pub(super) fn build_template(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = self.vm.new_template(self.operand(i.b()), self.operand(i.c()));
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn list_append(&mut self, i: Instruction) -> Flow {
        let value = self.own(i, i.b(), crate::lowered::flag::KILL_B);
        match self.register(i.a()).downcast::<List>() {
            Some(list) => {
                list.push(value);
                Flow::Next
            }
            None => self.wrong_container(),
        }
    }

    #[inline(always)]
    fn wrong_container(&self) -> Flow {
        self.save();
        Flow::Raise(not_a_container(self.vm))
    }

    #[inline(always)]
    pub(super) fn set_add(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = self.vm.set_add(self.register(i.a()), self.operand(i.b()));
        self.kill_b(i);
        self.done(result)
    }

    #[inline(always)]
    pub(super) fn map_add(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = match self.register(i.a()).downcast::<Dict>() {
            Some(dict) => dict.set(self.vm, self.operand(i.b()), self.operand(i.c()).clone()),
            None => return self.wrong_container(),
        };
        self.kill(i);
        self.done(result)
    }

    #[inline(always)]
    pub(super) fn list_extend(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = list_extend(self.vm, self.register(i.a()), self.operand(i.b()));
        self.kill_b(i);
        self.done(result)
    }

    #[inline(always)]
    pub(super) fn set_update(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = self.vm.set_update(self.register(i.a()), self.operand(i.b()));
        self.kill_b(i);
        self.done(result)
    }

    #[inline(always)]
    pub(super) fn dict_update(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = dict_update(self.vm, self.register(i.a()), self.operand(i.b()));
        self.kill_b(i);
        self.done(result)
    }

    #[inline(always)]
    pub(super) fn dict_merge(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = dict_merge(self.vm, self.register(i.a()), self.operand(i.b()), self.operand(i.c()));
        self.kill_b(i);
        self.done(result)
    }

    #[inline(always)]
    pub(super) fn format_simple(&mut self, i: Instruction) -> Flow {
        let value = self.operand(i.b());
        if self.vm.is_exact_str(value) {
            let value = value.clone();
            self.set(i.a(), value);
            self.kill_b(i);
            return Flow::Next;
        }
        self.save();
        let result = self.vm.format(value, &self.vm.empty_str());
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn format_with_spec(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = self.vm.format(self.operand(i.b()), self.operand(i.c()));
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn convert_value(&mut self, i: Instruction) -> Flow {
        self.save();
        let value = self.operand(i.b());
        let result = match i.c() {
            1 => self.vm.str(value),
            2 => self.vm.repr(value),
            _ => self.vm.ascii(value),
        };
        match result {
            Ok(value) => {
                self.set(i.a(), value);
                self.kill_b(i);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }
}

#[cold]
#[inline(never)]
fn not_a_container(vm: &Vm) -> Raised {
    vm.system_error("bytecode builds what is not a container")
}

#[inline(never)]
fn build_map(vm: &Vm, pairs: &[Value]) -> PyResult<Ref<Dict>> {
    let dict = vm.new_dict_with_room(pairs.len() / 2);
    for pair in pairs.chunks_exact(2) {
        dict.set(vm, &pair[0], pair[1].clone())?;
    }
    Ok(dict)
}

#[inline(never)]
fn list_extend(vm: &Vm, list: &Value, iterable: &Value) -> PyResult<()> {
    let Some(list) = list.downcast::<List>() else {
        return Err(vm.system_error("bytecode extends what is not a list"));
    };
    let result = extend(vm, list, iterable);
    match result {
        Err(raised)
            if vm.raised_is(&raised, &vm.types.type_error)
                && vm.type_of(iterable).slots.iter.get().is_none()
                && vm.type_of(iterable).slots.sq_item.get().is_none() =>
        {
            let name = vm.type_name(iterable);
            Err(vm.type_error(format!("Value after * must be an iterable, not {name}")))
        }
        other => other,
    }
}

fn extend(vm: &Vm, list: &Ref<List>, iterable: &Value) -> PyResult<()> {
    let ty = vm.type_of(iterable);
    if ty.is(&vm.types.list) || ty.is(&vm.types.tuple) {
        return crate::types::list::extend_by(vm, list, iterable);
    }
    let iterator = vm.iter(iterable)?;
    while let Some(item) = vm.next(&iterator)? {
        list.push(item);
    }
    Ok(())
}

fn no_keys(vm: &Vm, raised: &Raised) -> bool {
    vm.raised_is(raised, &vm.types.attribute_error)
}

#[inline(never)]
fn dict_update(vm: &Vm, dict: &Value, other: &Value) -> PyResult<()> {
    let Some(dict) = dict.downcast::<Dict>() else {
        return Err(vm.system_error("bytecode updates what is not a dict"));
    };
    match dict.merge(vm, other, Merge::Override) {
        Err(raised) if no_keys(vm, &raised) => {
            let name = vm.type_name(other);
            Err(vm.type_error(format!("'{name}' object is not a mapping")))
        }
        result => result,
    }
}

/// How a callable is called in messages about its arguments: its qualified name and brackets.
pub fn function_text(vm: &Vm, callable: &Value) -> String {
    let qualname = match vm.get_attr_opt(callable, &vm.names.__qualname__) {
        Ok(Some(name)) if name.downcast::<Str>().is_some() => vm.str_text(&name),
        _ => return vm.str(callable).map(|text| vm.str_text(&text)).unwrap_or_default(),
    };
    match vm.get_attr_opt(callable, &vm.names.__module__) {
        Ok(Some(module)) if module.downcast::<Str>().is_some() && vm.str_text(&module) != "builtins" => {
            format!("{}.{qualname}()", vm.str_text(&module))
        }
        _ => format!("{qualname}()"),
    }
}

/// Merges keyword arguments into a dict for a call.
#[inline(never)]
pub(super) fn dict_merge(vm: &Vm, dict: &Value, other: &Value, callable: &Value) -> PyResult<()> {
    let Some(dict) = dict.downcast::<Dict>() else {
        return Err(vm.system_error("bytecode merges into what is not a dict"));
    };
    let duplicate = |key: &Value| {
        let text = function_text(vm, callable);
        match vm.str(key) {
            Ok(key) => {
                let key = vm.str_text(&key);
                vm.type_error(format!("{text} got multiple values for keyword argument '{key}'"))
            }
            Err(raised) => raised,
        }
    };
    if let Some(source) = super::exact_dict(vm, other) {
        if dict.is_empty() {
            return dict.merge(vm, other, Merge::Override);
        }
        let mut position = 0;
        while let Some((key, value)) = source.next_entry(&mut position) {
            if dict.contains(vm, &key)? {
                return Err(duplicate(&key));
            }
            dict.set(vm, &key, value)?;
        }
        return Ok(());
    }
    let keys = match vm.get_attr_opt(other, &vm.names.keys)? {
        Some(keys) => vm.call(&keys, &[])?,
        None => {
            let (text, name) = (function_text(vm, callable), vm.type_name(other));
            return Err(vm.type_error(format!("{text} argument after ** must be a mapping, not {name}")));
        }
    };
    let iterator = vm.iter(&keys)?;
    while let Some(key) = vm.next(&iterator)? {
        if dict.contains(vm, &key)? {
            return Err(duplicate(&key));
        }
        let value = vm.get_item(other, &key)?;
        dict.set(vm, &key, value)?;
    }
    Ok(())
}
