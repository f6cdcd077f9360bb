//! Iteration and unpacking.

use super::activation::{Activation, Flow};
use crate::error::PyResult;
use crate::frame::{Continuation, FrameRef, Link, Owner};
use crate::lowered::{Instruction, Mode, Op, flag};
use crate::slots::NextFn;
use crate::types::dict::DictIterator;
use crate::types::generator::{self, Generator};
use crate::types::iterators::enumerate::Enumerate;
use crate::types::iterators::zip::Lockstep;
use crate::types::list::List;
use crate::types::list::iterators::ListIterator;
use crate::types::range::iterators::RangeIterator;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};
use smallvec::SmallVec;
use std::sync::atomic::Ordering;

impl Activation<'_> {
    #[inline(always)]
    pub(super) fn get_iter(&mut self, i: Instruction) -> Flow {
        self.save();
        let iterable = self.operand(i.b());
        if let Some(flow) = self.enter_iter(iterable) {
            return flow;
        }
        let result = self.vm.iter(iterable);
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn for_iter(&mut self, i: Instruction) -> Flow {
        self.iterate(i, 1)
    }

    #[inline(always)]
    pub(super) fn for_iter_backward(&mut self, i: Instruction) -> Flow {
        if self.vm.pending.load(Ordering::Relaxed) {
            self.save();
            if let Err(raised) = self.vm.handle_pending() {
                return Flow::Raise(raised);
            }
            if self.vm.must_switch() {
                return Flow::Switch;
            }
        }
        self.frame.runnable().warm_up();
        self.iterate(i, i.c() as i16 as isize)
    }

    /// Takes the next item and goes so far on, or leaves the loop.
    #[inline(always)]
    fn iterate(&mut self, i: Instruction, body: isize) -> Flow {
        let iterator = self.register(i.b());
        let types = &self.vm.types;
        if let Some(header) = iterator.header() {
            let ty = header.type_pointer();
            if ty == types.range_iterator.as_value().raw() {
                // SAFETY: the type says what the body is.
                match unsafe { iterator.downcast_unchecked::<RangeIterator>() }.advance() {
                    Some(number) => {
                        self.set(i.a(), self.vm.new_int(number));
                        self.jump(body);
                    }
                    None => self.jump(self.extension(0).as_number() as i32 as isize),
                }
                return Flow::Next;
            }
            if ty == types.list_iterator.as_value().raw() {
                // SAFETY: the type says what the body is.
                match unsafe { iterator.downcast_unchecked::<ListIterator>() }.advance() {
                    Some(item) => {
                        self.set(i.a(), item);
                        self.jump(body);
                    }
                    None => self.jump(self.extension(0).as_number() as i32 as isize),
                }
                return Flow::Next;
            }
        }
        if let Some(generator) = self.as_generator(iterator) {
            self.save();
            return self.iterate_generator(i, generator, body);
        }
        self.outside(i, iterate_general)
    }

    #[inline(always)]
    fn as_generator<'b>(&self, value: &'b Value) -> Option<&'b Ref<Generator>> {
        let header = value.header()?;
        if header.type_pointer() == self.vm.types.generator.as_value().raw() {
            // SAFETY: the type says that the body is a generator's.
            Some(unsafe { value.downcast_unchecked::<Generator>() })
        } else {
            None
        }
    }

    #[inline(always)]
    fn iterate_generator(&mut self, i: Instruction, generator: &Ref<Generator>, body: isize) -> Flow {
        let link = Link {
            continuation: Continuation::Iterate,
            owner: Owner::Generator,
            dst: i.a(),
            skip: body as i16 as u16,
            slot: 0,
        };
        match generator::begin_resume(self.vm, generator, Value::NONE, link) {
            Ok(Some(frame)) => {
                self.enter(frame);
                Flow::Next
            }
            Ok(None) => {
                self.jump(self.extension(0).as_number() as i32 as isize);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    #[inline(always)]
    pub(super) fn send(&mut self, i: Instruction) -> Flow {
        self.save();
        let receiver = self.register(i.b());
        let value = self.own(i, i.c(), flag::KILL_C);
        if let Some(generator) = generator::resumable(self.vm, receiver) {
            let link =
                Link { continuation: Continuation::Delegate, owner: Owner::Generator, dst: i.a(), skip: 1, slot: 0 };
            return match generator::begin_resume(self.vm, generator, value, link) {
                Ok(Some(frame)) => {
                    self.enter(frame);
                    Flow::Next
                }
                Ok(None) => {
                    self.set(i.a(), Value::NONE);
                    self.jump(self.extension(0).as_number() as i32 as isize);
                    Flow::Next
                }
                Err(raised) => Flow::Raise(raised),
            };
        }
        match send(self.vm, receiver, value) {
            Ok((value, finished)) => {
                self.set(i.a(), value);
                self.jump(if finished { self.extension(0).as_number() as i32 as isize } else { 1 });
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    #[inline(always)]
    pub(super) fn unpack(&mut self, i: Instruction) -> Flow {
        let count = usize::from(i.c());
        let source = self.own(i, i.b(), flag::KILL_B);
        let words = count.div_ceil(4);
        if let Some(header) = source.header()
            && header.type_pointer() == self.vm.types.tuple.as_value().raw()
        {
            // SAFETY: exact tuples have the layout of tuples.
            let tuple = unsafe { source.downcast_unchecked::<Tuple>() };
            if tuple.len() == count {
                for (index, item) in tuple.items().iter().enumerate() {
                    self.set(self.listed(index), item.clone());
                }
                self.skip(words);
                return Flow::Next;
            }
        }
        if let Some(header) = source.header()
            && header.type_pointer() == self.vm.types.list.as_value().raw()
        {
            // SAFETY: exact lists have the layout of lists.
            let list = unsafe { source.downcast_unchecked::<List>() };
            if list.len() == count {
                // Replacing a local may run code that changes the list, so the items come first.
                let items: SmallVec<[Value; 4]> = (0..count).map_while(|index| list.get(index)).collect();
                for (index, item) in items.into_iter().enumerate() {
                    self.set(self.listed(index), item);
                }
                self.skip(words);
                return Flow::Next;
            }
        }
        self.save();
        match unpack(self.vm, &source, count) {
            Ok(items) => {
                for (index, item) in items.into_iter().enumerate() {
                    self.set(self.listed(index), item);
                }
                self.skip(words);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    #[inline(always)]
    pub(super) fn unpack_ex(&mut self, i: Instruction) -> Flow {
        self.save();
        let (before, after) = (usize::from(i.c() & 0xff), usize::from(i.c() >> 8));
        let source = self.own(i, i.b(), flag::KILL_B);
        match unpack_ex(self.vm, &source, before, after) {
            Ok(items) => {
                for (index, item) in items.into_iter().rev().enumerate() {
                    self.set(i.a() + index as u16, item);
                }
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }
}

/// How far the instruction under way in a frame jumps when what it iterates or delegates to has ended.
pub(super) fn exit_distance(caller: FrameRef) -> isize {
    // SAFETY: the frame stands behind the first word of an instruction with an extension.
    unsafe { (*caller.pc.get()).as_number() as i32 as isize }
}

/// Takes the next item of an iterator that makes pairs, where the loop's body begins with unpacking them: then no tuple
/// is made.
#[inline(always)]
fn iterate_pairs(state: &mut Activation<'_>, i: Instruction, iterator: &Value, body: isize) -> Option<Flow> {
    let vm = state.vm;
    // SAFETY: a loop's body begins with an instruction.
    let unpack = unsafe { *state.pc.offset(body) };
    if unpack.op() != Some(Op::Unpack)
        || unpack.c() != 2
        || unpack.b() != i.a()
        || !unpack.has(flag::KILL_B)
        || state.frame.runnable().lowered.mode != Mode::Fast
    {
        return None;
    }
    let ty = vm.type_of(iterator);
    let pair = if ty.is(&vm.types.dict_item_iterator) {
        iterator.downcast::<DictIterator>()?.advance(vm)
    } else if ty.is(&vm.types.enumerate) {
        iterator.downcast::<Enumerate>()?.next_pair(vm)
    } else if ty.is(&vm.types.zip) {
        let zip = iterator.downcast::<Lockstep>()?;
        if !zip.is_pair() {
            return None;
        }
        zip.next_pair(vm)
    } else {
        return None;
    };
    Some(match pair {
        Ok(Some((first, second))) => {
            // On to the list of targets behind the unpacking, and then behind that.
            state.jump(body + 1);
            let (one, other) = (state.listed(0), state.listed(1));
            state.skip(1);
            state.set(one, first);
            state.set(other, second);
            Flow::Next
        }
        Ok(None) => {
            state.jump(state.extension(0).as_number() as i32 as isize);
            Flow::Next
        }
        Err(raised) => Flow::Raise(raised),
    })
}

/// Takes the next item of an iterator that the loop does not know.
#[inline(never)]
fn iterate_general(state: &mut Activation<'_>, i: Instruction) -> Flow {
    state.save();
    let iterator = state.register(i.b());
    let next = state.vm.type_of(iterator).slots.next.get();
    if next.is_some_and(|next| std::ptr::fn_addr_eq(next, crate::types::slot_functions::next as NextFn))
        && let Some(flow) = state.enter_next(iterator)
    {
        return flow;
    }
    let body = if i.op() == Some(Op::ForIter) { 1 } else { i.c() as i16 as isize };
    if let Some(flow) = iterate_pairs(state, i, iterator, body) {
        return flow;
    }
    let item = match next {
        Some(next) => next(state.vm, iterator),
        None => state.vm.next(iterator),
    };
    match item {
        Ok(Some(item)) => {
            state.set(i.a(), item);
            state.jump(body);
            Flow::Next
        }
        Ok(None) => {
            state.jump(state.extension(0).as_number() as i32 as isize);
            Flow::Next
        }
        Err(raised) => Flow::Raise(raised),
    }
}

/// Sends to what is not a generator: the value, and whether that was the end.
#[inline(never)]
fn send(vm: &Vm, receiver: &Value, value: Value) -> PyResult<(Value, bool)> {
    generator::send_to(vm, receiver, value)
}

#[inline(never)]
fn unpack(vm: &Vm, source: &Value, count: usize) -> PyResult<Vec<Value>> {
    let too_many = |given: Option<usize>| match given {
        Some(given) => vm.value_error(format!("too many values to unpack (expected {count}, got {given})")),
        None => vm.value_error(format!("too many values to unpack (expected {count})")),
    };
    let too_few = |given| vm.value_error(format!("not enough values to unpack (expected {count}, got {given})"));
    let ty = vm.type_of(source);
    let known = if ty.is(&vm.types.list) {
        source.downcast::<List>().map(|list| list.len())
    } else if ty.is(&vm.types.tuple) {
        source.downcast::<Tuple>().map(|tuple| tuple.len())
    } else {
        None
    };
    if let Some(given) = known {
        return match given.cmp(&count) {
            std::cmp::Ordering::Less => Err(too_few(given)),
            std::cmp::Ordering::Equal => vm.collect(source),
            std::cmp::Ordering::Greater => Err(too_many(Some(given))),
        };
    }
    if ty.slots.iter.get().is_none() && ty.slots.sq_item.get().is_none() {
        return Err(vm.type_error(format!("cannot unpack non-iterable {} object", vm.type_name(source))));
    }
    let iterator = vm.iter(source)?;
    let mut items = Vec::with_capacity(count);
    while items.len() < count {
        match vm.next(&iterator)? {
            Some(item) => items.push(item),
            None => return Err(too_few(items.len())),
        }
    }
    if vm.next(&iterator)?.is_some() {
        // A mapping's length is exact; that of others would have to be counted.
        let given = if super::exact_dict(vm, source).is_some() { vm.len(source).ok() } else { None };
        return Err(too_many(given));
    }
    Ok(items)
}

#[inline(never)]
fn unpack_ex(vm: &Vm, source: &Value, before: usize, after: usize) -> PyResult<SmallVec<[Value; 8]>> {
    let ty = vm.type_of(source);
    if ty.is(&vm.types.tuple)
        && let Some(tuple) = source.downcast::<Tuple>()
        && tuple.len() >= before + after
    {
        let items = tuple.items();
        let (head, rest) = items.split_at(before);
        let (middle, tail) = rest.split_at(rest.len() - after);
        let mut unpacked: SmallVec<[Value; 8]> = head.iter().cloned().collect();
        unpacked.push(vm.new_list(middle.to_vec()).into_value());
        unpacked.extend(tail.iter().cloned());
        return Ok(unpacked);
    }
    if ty.slots.iter.get().is_none() && ty.slots.sq_item.get().is_none() {
        return Err(vm.type_error(format!("cannot unpack non-iterable {} object", vm.type_name(source))));
    }
    let iterator = vm.iter(source)?;
    let mut items = SmallVec::new();
    let too_few = |given: usize| {
        vm.value_error(format!("not enough values to unpack (expected at least {}, got {given})", before + after))
    };
    while items.len() < before {
        match vm.next(&iterator)? {
            Some(item) => items.push(item),
            None => {
                let given = items.len();
                return Err(too_few(given));
            }
        }
    }
    let mut rest = vm.collect(&iterator)?;
    if rest.len() < after {
        return Err(too_few(before + rest.len()));
    }
    let tail = rest.split_off(rest.len() - after);
    items.push(vm.new_list(rest).into_value());
    items.extend(tail);
    Ok(items)
}
