//! `tee`: iterators over the same items, which are kept in a chain of blocks as long as one of them needs them.

use super::State;
use crate::bodies::{body, made};
use oriel_runtime::cells::{OptionCell, ValueCell};
use oriel_runtime::types::list::List;
use oriel_runtime::types::support::iterator_slots;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, MethodDef, PyResult, TypeSpec, Value, Vm, type_flags};
use std::cell::{Cell, RefCell};

/// Items of a block.
const BLOCK: usize = 57;

/// Items that have been taken from the source, and the block behind.
pub(super) struct Block {
    source: Value,
    items: RefCell<Vec<Value>>,
    next: OptionCell,
    running: Cell<bool>,
}
body!(Block, "itertools._tee_dataobject", source, items, next);

impl Drop for Block {
    fn drop(&mut self) {
        // A long chain is taken apart here: block by block, as long as nobody else holds the next one.
        let mut next = self.next.take();
        while let Some(value) = next {
            next = if value.is_unique() { value.downcast::<Block>().and_then(|block| block.next.take()) } else { None };
        }
    }
}

/// A place in the chain.
pub(super) struct Tee {
    block: ValueCell,
    index: Cell<usize>,
}
body!(Tee, "itertools._tee", block);

pub(super) static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::WEAKREF,
    doc: "_tee(iterable, /)\n--\n\nAn iterator that can be copied at any time.",
    slots: |slots| {
        iterator_slots(slots, next);
        slots.new.set(Some(|vm, _, args| {
            let iterator = vm.iter(&args.unpack(vm, "_tee", 1, 1)?[0])?;
            of_iterator(vm, &iterator)
        }));
    },
    methods: &[MethodDef::noargs("__copy__", copy, "($self, /)", "Another iterator over the items from here on.")],
    ..TypeSpec::new("itertools._tee", Tee::layout)
};

pub(super) static BLOCK_SPEC: TypeSpec = TypeSpec {
    doc: "Items that copies of an iterator share.",
    slots: |slots| slots.new.set(Some(block_new)),
    ..TypeSpec::new("itertools._tee_dataobject", Block::layout)
};

fn block_new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let [source, items, next] = args.unpack(vm, "_tee_dataobject", 3, 3)? else { return Ok(Value::NONE) };
    let items = vm.body::<List>(items)?.snapshot();
    if items.len() > BLOCK || !next.is_none() && (items.len() != BLOCK || next.downcast::<Block>().is_none()) {
        return Err(vm.value_error("Invalid arguments"));
    }
    let body = Block {
        source: source.clone(),
        items: RefCell::new(items),
        next: OptionCell::new(Some(next.clone()).filter(|next| !next.is_none())),
        running: Cell::new(false),
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn new_block(vm: &Vm, source: &Value) -> PyResult {
    let body = Block {
        source: source.clone(),
        items: RefCell::default(),
        next: OptionCell::default(),
        running: Cell::new(false),
    };
    let state = vm.state::<State>();
    Ok(vm.new_instance(made(vm, &state.tee_block)?, body)?.into_value())
}

fn new_tee(vm: &Vm, block: Value, index: usize) -> PyResult {
    let state = vm.state::<State>();
    let body = Tee { block: ValueCell::new(block), index: Cell::new(index) };
    Ok(vm.new_instance(made(vm, &state.tee)?, body)?.into_value())
}

fn of_iterator(vm: &Vm, iterator: &Value) -> PyResult {
    if iterator.downcast::<Tee>().is_some() {
        return copy(vm, iterator);
    }
    new_tee(vm, new_block(vm, iterator)?, 0)
}

fn copy(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<Tee>(iterator)?;
    new_tee(vm, body.block.get(), body.index.get())
}

fn next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<Tee>(iterator)?;
    let mut value = body.block.get();
    if body.index.get() >= BLOCK {
        let block = vm.body::<Block>(&value)?;
        let following = match block.next.get() {
            Some(following) => following,
            None => {
                let following = new_block(vm, &block.source)?;
                block.next.set(Some(following.clone()));
                following
            }
        };
        body.block.set(following.clone());
        body.index.set(0);
        value = following;
    }
    let block = vm.body::<Block>(&value)?;
    let index = body.index.get();
    let known = block.items.borrow().get(index).cloned();
    let item = match known {
        Some(item) => item,
        None => {
            if block.running.replace(true) {
                return Err(vm.runtime_error("cannot re-enter the tee iterator"));
            }
            let item = vm.next(&block.source);
            block.running.set(false);
            let Some(item) = item? else { return Ok(None) };
            block.items.borrow_mut().push(item.clone());
            item
        }
    };
    body.index.set(index + 1);
    Ok(Some(item))
}

/// `tee(iterable, n=2)`
pub(super) fn tee(vm: &Vm, _module: &Value, args: &[Value]) -> PyResult {
    let count = match args.get(1) {
        Some(count) => vm.to_isize(count)?,
        None => 2,
    };
    if count < 0 {
        return Err(vm.value_error("n must be >= 0"));
    }
    if count == 0 {
        return Ok(vm.empty_tuple().into_value());
    }
    let mut items = vm.try_vec(count as usize)?;
    let iterator = vm.iter(&args[0])?;
    let name = vm.intern("__copy__");
    let (first, copier) = match vm.get_attr_opt(&iterator, &name)? {
        // A copy of its own also for the first, so that the one given stays independent.
        Some(_) if iterator.downcast::<Tee>().is_some() => {
            let first = copy(vm, &iterator)?;
            let copier = vm.get_attr(&first, &name)?;
            (first, copier)
        }
        Some(copier) => (iterator, copier),
        None => {
            let first = of_iterator(vm, &iterator)?;
            let copier = vm.get_attr(&first, &name)?;
            (first, copier)
        }
    };
    items.push(first);
    for _ in 1..count {
        items.push(vm.call(&copier, &[])?);
    }
    Ok(vm.try_new_tuple(items)?.into_value())
}
