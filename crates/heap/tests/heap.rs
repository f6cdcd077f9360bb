//! Values, allocation, freeing, cycles: the heap on its own, with a small type of nodes.

use oriel_heap::{Body, Header, Heap, Hooks, Kind, Layout, Ref, TypeHead, Value, Visitor, heap_of, tail_of};
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

#[repr(C)]
struct NodeType {
    head: TypeHead,
}

static TYPE_LAYOUT: Layout = Layout::of::<NodeType>("type", None);

impl Body for NodeType {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &TYPE_LAYOUT
    }
}

struct Node {
    next: Cell<Option<Value>>,
    number: u64,
}

static NODE_LAYOUT: Layout = Layout::of::<Node>("node", None);

thread_local! {
    static DROPPED: Cell<u64> = const { Cell::new(0) };
    static FINALIZED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
    static SAVED: RefCell<Option<Value>> = const { RefCell::new(None) };
}

impl Drop for Node {
    fn drop(&mut self) {
        DROPPED.with(|count| count.set(count.get() + 1));
    }
}

impl Body for Node {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &NODE_LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        let held = self.next.take();
        if let Some(next) = &held {
            visitor(next);
        }
        self.next.set(held);
    }
    fn clear(&self) {
        drop(self.next.take());
    }
}

struct World {
    /// Dropped before the heap that it lives in.
    node_type: Ref<NodeType>,
    heap: Box<Heap>,
}

impl World {
    fn new(slots: u32) -> World {
        DROPPED.with(|count| count.set(0));
        let heap = Box::new(Heap::new());
        // SAFETY: `NodeType` begins with its `TypeHead`.
        let root = unsafe { heap.new_root_type(NodeType { head: TypeHead::new(&TYPE_LAYOUT) }) };
        let head = TypeHead::new(&NODE_LAYOUT);
        head.tail_offset.set(16 + NODE_LAYOUT.size as u32);
        head.tail_len.set(slots);
        // SAFETY: the root's instances have the layout of `NodeType`.
        let node_type = unsafe { heap.new_object(root.as_value().raw(), NodeType { head }) };
        World { node_type, heap }
    }

    fn node(&self, number: u64, next: Option<Value>) -> Ref<Node> {
        let body = Node { next: Cell::new(next), number };
        // SAFETY: the node type's instances have the layout of `Node`.
        unsafe { self.heap.new_object(self.node_type.as_value().raw(), body) }
    }
}

fn dropped() -> u64 {
    DROPPED.with(Cell::get)
}

#[test]
fn immediates_round_trip() {
    for number in [0, 1, -1, 42, Value::INT_MAX, Value::INT_MIN] {
        let value = Value::try_int(number);
        assert_eq!(value.and_then(|v| v.as_small_int()), Some(number));
    }
    assert!(Value::try_int(Value::INT_MAX + 1).is_none());
    assert!(Value::try_int(i64::MIN).is_none());
    for number in [0.0, -0.0, 1.0, -2.5, 1e76, 2e-77, 3.25e10, f64::MIN_POSITIVE] {
        if let Some(value) = Value::try_float(number) {
            assert_eq!(value.as_immediate_float().map(f64::to_bits), Some(number.to_bits()));
            assert!(matches!(value.kind(), Kind::Float(_)));
        }
    }
    for number in [f64::INFINITY, f64::NAN, 1e200, -1e-200] {
        assert!(Value::try_float(number).is_none());
    }
    assert!(Value::try_float(1.5).is_some() && Value::try_float(0.0).is_some());
    assert_eq!(Value::bool(true).as_bool(), Some(true));
    assert_eq!(Value::NONE.as_small_int(), None);
    assert!(!Value::TRUE.is_small_int() && !Value::NONE.is_immediate_float() && !Value::UNBOUND.is_heap());
}

#[test]
fn arithmetic_on_immediates() {
    let int = |n: i64| Value::try_int(n).unwrap_or(Value::NONE);
    assert!(Value::add_small(&int(40), &int(2)).is_some_and(|v| v.is(&int(42))));
    assert!(Value::sub_small(&int(-40), &int(2)).is_some_and(|v| v.is(&int(-42))));
    assert!(Value::mul_small(&int(-6), &int(7)).is_some_and(|v| v.is(&int(-42))));
    assert!(Value::add_small(&int(Value::INT_MAX), &int(1)).is_none());
    assert!(Value::sub_small(&int(Value::INT_MIN), &int(1)).is_none());
    assert!(Value::mul_small(&int(1 << 40), &int(1 << 40)).is_none());
    assert!(Value::add_small(&int(1), &Value::NONE).is_none());
}

#[test]
fn dropping_the_last_reference_frees() {
    let world = World::new(0);
    let node = world.node(1, None);
    let other = node.clone();
    assert_eq!(node.as_value().count(), 2);
    assert!(heap_of(node.as_value()).is_some_and(|heap| std::ptr::eq(heap, &*world.heap)));
    drop(node);
    assert_eq!(dropped(), 0);
    assert_eq!(other.number, 1);
    drop(other);
    assert_eq!(dropped(), 1);
}

#[test]
fn a_long_chain_is_freed_without_recursion() {
    let world = World::new(0);
    let length = if cfg!(miri) { 2_000 } else { 1_000_000 };
    let mut head = None;
    for number in 0..length {
        head = Some(world.node(number, head).into_value());
    }
    drop(head);
    assert_eq!(dropped(), length);
}

#[test]
fn tails_hold_references() {
    let world = World::new(3);
    let node = world.node(1, None);
    let tail = tail_of(node.as_value());
    assert_eq!(tail.len(), 3);
    tail[2].set(Some(world.node(2, None).into_value()));
    drop(node);
    assert_eq!(dropped(), 2);
}

#[test]
fn cycles_are_collected_and_live_objects_are_not() {
    let world = World::new(1);
    let live = world.node(0, None);
    for number in 1..=10 {
        let a = world.node(number, None);
        let b = world.node(number + 100, Some(a.to_value()));
        a.next.set(Some(b.to_value()));
        tail_of(a.as_value())[0].set(Some(live.to_value()));
    }
    let outcome = world.heap.collect(2, false);
    assert_eq!(outcome.collected, 20);
    assert_eq!(dropped(), 20);
    assert_eq!(live.as_value().count(), 1);
    drop(live);
    assert_eq!(dropped(), 21);
}

#[test]
fn young_collections_leave_old_cycles_to_older_ones() {
    let world = World::new(0);
    let a = world.node(1, None);
    world.heap.collect(0, false);
    world.heap.collect(1, false);
    a.next.set(Some(a.to_value()));
    drop(a);
    assert_eq!(world.heap.collect(0, false).collected, 0);
    assert_eq!(world.heap.collect(2, false).collected, 1);
}

#[test]
fn finalizers_run_once_and_may_resurrect() {
    let world = World::new(0);
    world.node_type.head.finalize.set(Some(|value| {
        if let Some(node) = value.downcast::<Node>() {
            FINALIZED.with(|list| list.borrow_mut().push(node.number));
            SAVED.with(|saved| *saved.borrow_mut() = Some(value.clone()));
        }
    }));
    drop(world.node(7, None));
    assert_eq!(FINALIZED.with(|list| list.borrow().clone()), [7]);
    assert_eq!(dropped(), 0);
    let saved = SAVED.with(|saved| saved.borrow_mut().take());
    drop(saved);
    assert_eq!(FINALIZED.with(|list| list.borrow().clone()), [7]);
    assert_eq!(dropped(), 1);
}

#[test]
fn large_objects_have_pages_of_their_own() {
    let world = World::new(4_000);
    let node = world.node(1, None);
    assert!(world.heap.statistics().large_bytes > 32_000);
    tail_of(node.as_value())[3_999].set(Some(Value::small(5)));
    drop(node);
    assert_eq!(world.heap.statistics().large_bytes, 0);
}

#[test]
fn growth_asks_for_a_collection() {
    thread_local! {
        static ASKED: Cell<bool> = const { Cell::new(false) };
    }
    let world = World::new(0);
    world.heap.set_hooks(
        Hooks {
            clear_weak_references: |_, _| {},
            unreachable: |_, _| {},
            want_collection: |_| ASKED.with(|asked| asked.set(true)),
        },
        std::ptr::null(),
    );
    world.heap.collector().set_thresholds([100, 10, 10]);
    let mut kept = Vec::new();
    for number in 0..200 {
        kept.push(world.node(number, None));
    }
    assert!(ASKED.with(Cell::get));
    assert!(world.heap.collect_as_due().is_some_and(|(generation, outcome)| generation == 0 && outcome.collected == 0));
    assert!(world.heap.collect_as_due().is_none());
}

#[test]
fn a_limit_refuses_memory() {
    let world = World::new(0);
    world.heap.set_limit(1);
    let ty: NonNull<Header> = world.node_type.as_value().raw();
    let body = Node { next: Cell::new(None), number: 1 };
    // SAFETY: the node type's instances have the layout of `Node`; the extra bytes are never looked at.
    assert!(unsafe { world.heap.try_new_object(ty, body, 1 << 20) }.is_none());
}

#[test]
fn single_blocks_are_seen_while_somebody_looks() {
    let world = World::new(0);
    let before = world.node(1, None);
    assert!(world.heap.motions().kept.is_empty(), "nobody looks");
    world.heap.watch(true, true);
    let first = world.node(2, None);
    let address = first.as_value().word() as usize;
    assert_eq!(world.heap.count_at(address), Some(1));
    let second = first.clone();
    assert_eq!(world.heap.count_at(address), Some(2));
    drop((first, second));
    assert_eq!(world.heap.count_at(address), Some(0), "a free block counts nothing");
    assert_eq!(world.heap.count_at(address + 8), None, "no block begins there");
    assert_eq!(world.heap.count_at(0), None);
    // The block is handed out again, and what was there before is given back.
    let third = world.node(3, None);
    assert_eq!(third.as_value().word() as usize, address);
    drop(before);
    let motions = world.heap.motions();
    let told: Vec<(bool, bool)> = motions.kept.iter().map(|motion| (motion.freed, motion.address == address)).collect();
    assert_eq!(told, [(false, true), (true, true), (false, true), (true, false)]);
    for motion in &motions.kept {
        let ty = motion.ty.as_ref().expect("the type is known");
        assert!(ty.is(world.node_type.as_value()));
        assert_eq!(motion.bytes, 32);
    }
    assert_eq!(world.heap.traffic().allocated, 64);
    assert!(world.heap.motions().kept.is_empty(), "each is told once");
    world.heap.watch(false, false);
    drop(third);
    assert!(world.heap.motions().kept.is_empty());
    assert_eq!(world.heap.traffic().freed, 64, "what moved unseen is not counted");
    // Everything works as before.
    let many: Vec<_> = (0..10_000).map(|number| world.node(number, None)).collect();
    world.heap.watch(true, true);
    drop(many);
    let motions = world.heap.motions();
    assert_eq!(motions.kept.len() as u64 + motions.more, 10_000);
    assert!(motions.more > 0 && motions.kept.iter().all(|motion| motion.ty.is_none()));
    world.heap.watch(false, false);
}

#[test]
fn a_large_block_is_seen_too() {
    let world = World::new(0);
    world.heap.watch(true, true);
    let body = Node { next: Cell::new(None), number: 7 };
    // SAFETY: the extra bytes are read by nobody.
    let large = unsafe { world.heap.try_new_object(world.node_type.as_value().raw(), body, 100_000) }.unwrap();
    assert_eq!(large.number, 7);
    assert_eq!(world.heap.count_at(large.as_value().word() as usize), Some(1));
    let address = large.as_value().word() as usize;
    drop(large);
    assert_eq!(world.heap.count_at(address), None);
    let motions = world.heap.motions();
    assert!(motions.kept.len() == 2 && motions.kept.iter().all(|motion| motion.bytes > 100_000));
    assert_eq!(world.heap.statistics().large_bytes, 0);
    world.heap.watch(false, false);
}
