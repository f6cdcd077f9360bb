//! `product`, `permutations`, `combinations` and `combinations_with_replacement`.

use crate::bodies::{bind, body, given};
use oriel_runtime::args::Signature;
use oriel_runtime::cells::OptionCell;
use oriel_runtime::types::support::{iterator_slots, size_value};
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, MethodDef, PyResult, TypeSpec, Value, Vm, type_flags};
use std::cell::{Cell, RefCell};
use std::sync::OnceLock;

/// The body of all four: pools of items and positions in them.
pub(super) struct Combine {
    /// One pool after the other.
    pools: Box<[Box<[Value]>]>,
    /// The positions of the result given last; for permutations of all items, used and unused.
    indices: RefCell<Vec<usize>>,
    /// For permutations: how often each place is still to be changed.
    cycles: RefCell<Vec<usize>>,
    /// The result given last.
    last: OptionCell,
    /// How many items a result has.
    width: usize,
    started: Cell<bool>,
    ended: Cell<bool>,
}

impl crate::bodies::Part for Box<[Box<[Value]>]> {
    fn visit(&self, visitor: oriel_runtime::Visitor<'_>) {
        for value in self.iter().flat_map(|pool| pool.iter()) {
            visitor(value);
        }
    }
}
body!(Combine, "itertools.combine", pools, last);

const SIZEOF: MethodDef = MethodDef::noargs(
    "__sizeof__",
    |vm, iterator| {
        let body = vm.body::<Combine>(iterator)?;
        let words = body.indices.borrow().len() + body.cycles.borrow().len();
        size_value(vm, 64 + words * 8)
    },
    "($self, /)",
    "Bytes of memory.",
);

macro_rules! combine_spec {
    ($spec:ident, $name:literal, $doc:literal, $new:ident, $step:ident) => {
        pub(super) static $spec: TypeSpec = TypeSpec {
            flags: type_flags::BASE,
            doc: $doc,
            slots: |slots| {
                iterator_slots(slots, |vm, iterator| next(vm, iterator, $step));
                slots.new.set(Some($new));
            },
            methods: &[SIZEOF],
            ..TypeSpec::new($name, Combine::layout)
        };
    };
}

combine_spec!(
    PRODUCT_SPEC,
    "itertools.product",
    "product(*iterables, repeat=1)\n--\n\nGive all tuples of one item from each iterable, as nested loops would.",
    product_new,
    product_step
);
combine_spec!(
    PERMUTATIONS_SPEC,
    "itertools.permutations",
    "permutations(iterable, r=None)\n--\n\nGive all arrangements of r items.",
    permutations_new,
    permutations_step
);
combine_spec!(
    COMBINATIONS_SPEC,
    "itertools.combinations",
    "combinations(iterable, r)\n--\n\nGive all selections of r items, in the order of the iterable.",
    combinations_new,
    combinations_step
);
combine_spec!(
    WITH_REPLACEMENT_SPEC,
    "itertools.combinations_with_replacement",
    "combinations_with_replacement(iterable, r)\n--\n\nGive all selections of r items where an item may be taken again.",
    with_replacement_new,
    with_replacement_step
);

/// The next result: the first is ready from the start, the others come by a step of the positions.
#[inline(always)]
fn next(vm: &Vm, iterator: &Value, step: fn(&Combine) -> Option<usize>) -> PyResult<Option<Value>> {
    let body = vm.body::<Combine>(iterator)?;
    if body.ended.get() {
        return Ok(None);
    }
    let mut changed = 0;
    if body.started.replace(true) {
        match step(body) {
            Some(place) => changed = place,
            None => {
                body.ended.set(true);
                body.last.set(None);
                return Ok(None);
            }
        }
    }
    let indices = body.indices.borrow();
    let index = |place: usize| indices.get(place).copied().unwrap_or(0);
    let none = &Value::NONE;
    let made = match &*body.pools {
        [pool] => vm.next_choice(&body.last, body.width, changed, |place| pool.get(index(place)).unwrap_or(none)),
        pools if pools.len() == body.width => vm.next_choice(&body.last, body.width, changed, |place| {
            pools.get(place).and_then(|pool| pool.get(index(place))).unwrap_or(none)
        }),
        pools => vm.next_choice(&body.last, body.width, changed, |place| {
            pools.get(place % pools.len().max(1)).and_then(|pool| pool.get(index(place))).unwrap_or(none)
        }),
    };
    drop(indices);
    let (items, old) = made?;
    drop(old);
    Ok(Some(items))
}

fn indices(vm: &Vm, count: usize, value: impl Fn(usize) -> usize) -> PyResult<Vec<usize>> {
    let mut indices = Vec::new();
    indices.try_reserve_exact(count).map_err(|_| vm.memory_error())?;
    indices.extend((0..count).map(value));
    Ok(indices)
}

fn make(
    vm: &Vm,
    class: &TypeRef,
    pools: Vec<Box<[Value]>>,
    indices: Vec<usize>,
    cycles: Vec<usize>,
    width: usize,
    empty: bool,
) -> PyResult {
    let body = Combine {
        pools: pools.into_boxed_slice(),
        indices: RefCell::new(indices),
        cycles: RefCell::new(cycles),
        last: OptionCell::default(),
        width,
        started: Cell::new(false),
        ended: Cell::new(empty),
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn product_new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let mut repeat = 1;
    for (name, value) in args.keywords() {
        let text = vm.str_text(name);
        if text != "repeat" {
            return Err(vm.type_error(format!("product() got an unexpected keyword argument '{text}'")));
        }
        repeat = vm.to_isize(value)?;
    }
    if repeat < 0 {
        return Err(vm.value_error("repeat argument cannot be negative"));
    }
    let iterables = if repeat == 0 { &[] } else { args.positional() };
    let Some(width) = iterables.len().checked_mul(repeat as usize).filter(|width| *width < usize::MAX >> 4) else {
        return Err(vm.overflow_error("repeat argument too large"));
    };
    let mut pools = Vec::with_capacity(iterables.len());
    for iterable in iterables {
        pools.push(vm.collect(iterable)?.into_boxed_slice());
    }
    let empty = pools.iter().any(|pool| pool.is_empty());
    let indices = indices(vm, width, |_| 0)?;
    make(vm, class, pools, indices, Vec::new(), width, empty)
}

// Each step gives the first place that it has changed, nothing at the end.

fn product_step(body: &Combine) -> Option<usize> {
    let mut indices = body.indices.borrow_mut();
    let pools = body.pools.len();
    // The pool of the place, without a division for each.
    let mut pool = if pools == 0 { 0 } else { indices.len() % pools };
    for (place, index) in indices.iter_mut().enumerate().rev() {
        pool = if pool == 0 { pools.saturating_sub(1) } else { pool - 1 };
        *index += 1;
        if *index < body.pools.get(pool).map_or(0, |pool| pool.len()) {
            return Some(place);
        }
        *index = 0;
    }
    None
}

fn pool_and_width<'a>(
    vm: &Vm,
    signature: &'static OnceLock<Signature>,
    name: &str,
    args: Args<'a>,
) -> PyResult<(Box<[Value]>, usize)> {
    let [iterable, width] = bind::<2>(vm, signature, "(iterable, r)", name, args)?;
    let width = vm.to_isize(given(vm, width)?)?;
    let pool = vm.collect(given(vm, iterable)?)?.into_boxed_slice();
    if width < 0 {
        return Err(vm.value_error("r must be non-negative"));
    }
    Ok((pool, width as usize))
}

fn combinations_new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let (pool, width) = pool_and_width(vm, &SIGNATURE, "combinations", args)?;
    let empty = width > pool.len();
    let indices = indices(vm, width, |index| index)?;
    make(vm, class, vec![pool], indices, Vec::new(), width, empty)
}

fn combinations_step(body: &Combine) -> Option<usize> {
    let mut indices = body.indices.borrow_mut();
    let len = body.pools.first().map_or(0, |pool| pool.len());
    let width = indices.len();
    let place = (0..width).rev().find(|&place| indices[place] != place + len - width)?;
    indices[place] += 1;
    for following in place + 1..width {
        indices[following] = indices[following - 1] + 1;
    }
    Some(place)
}

fn with_replacement_new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let (pool, width) = pool_and_width(vm, &SIGNATURE, "combinations_with_replacement", args)?;
    let empty = pool.is_empty() && width > 0;
    let indices = indices(vm, width, |_| 0)?;
    make(vm, class, vec![pool], indices, Vec::new(), width, empty)
}

fn with_replacement_step(body: &Combine) -> Option<usize> {
    let mut indices = body.indices.borrow_mut();
    let len = body.pools.first().map_or(0, |pool| pool.len());
    let place = indices.iter().rposition(|&index| index + 1 != len)?;
    let index = indices[place] + 1;
    indices[place..].fill(index);
    Some(place)
}

fn permutations_new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let [iterable, width] = bind::<2>(vm, &SIGNATURE, "(iterable, r=None)", "permutations", args)?;
    let pool = vm.collect(given(vm, iterable)?)?.into_boxed_slice();
    let width = match width.filter(|width| !width.is_none()) {
        None => pool.len(),
        Some(width) if vm.small_or_big(width).is_none() => return Err(vm.type_error("Expected int as r")),
        Some(width) => {
            let width = vm.to_isize(width)?;
            if width < 0 {
                return Err(vm.value_error("r must be non-negative"));
            }
            width as usize
        }
    };
    let len = pool.len();
    if width > len {
        return make(vm, class, vec![pool], Vec::new(), Vec::new(), 0, true);
    }
    let (places, cycles) = (indices(vm, len, |index| index)?, indices(vm, width, |index| len - index)?);
    make(vm, class, vec![pool], places, cycles, width, false)
}

fn permutations_step(body: &Combine) -> Option<usize> {
    let (mut indices, mut cycles) = (body.indices.borrow_mut(), body.cycles.borrow_mut());
    let len = indices.len();
    for place in (0..body.width).rev() {
        cycles[place] -= 1;
        if cycles[place] == 0 {
            indices[place..].rotate_left(1);
            cycles[place] = len - place;
        } else {
            let other = len - cycles[place];
            indices.swap(place, other);
            return Some(place);
        }
    }
    None
}
