//! The persistent map of a context: a radix tree over the numbers of variables whose nodes are never changed, so that
//! a copy shares everything. Nodes are heap objects, so that the collector counts a shared one once.

use super::types;
use oriel_runtime::cells::OptionCell;
use oriel_runtime::native::{TypeSpec, type_flags};
use oriel_runtime::{Body, Layout, PyResult, Ref, Value, Visitor, Vm};
use std::cell::{Cell, RefCell};

/// Bits of a number that one level looks at.
const BITS: u32 = 5;
const MASK: u64 = (1 << BITS) - 1;

/// What is in one of the places of a node.
enum Child {
    /// A further node, for all numbers with the bits so far.
    Node(Ref<Node>),
    /// A variable and its value.
    Leaf(u64, Value, Value),
}

impl Clone for Child {
    fn clone(&self) -> Child {
        match self {
            Child::Node(node) => Child::Node(node.clone()),
            Child::Leaf(number, key, value) => Child::Leaf(*number, key.clone(), value.clone()),
        }
    }
}

/// A node: the children that there are, and at which places.
pub struct Node {
    places: u32,
    children: RefCell<Vec<Child>>,
}

static LAYOUT: Layout = Layout::of::<Node>("hamt_node", None);

impl Body for Node {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        for child in self.children.borrow().iter() {
            match child {
                Child::Node(node) => visitor(node.as_value()),
                Child::Leaf(_, key, value) => {
                    visitor(key);
                    visitor(value);
                }
            }
        }
    }
    fn clear(&self) {
        let children = self.children.take();
        drop(children);
    }
}

/// The type of nodes, which no program sees.
pub static NODE: TypeSpec =
    TypeSpec { flags: type_flags::NO_NEW, ..TypeSpec::new("_contextvars.hamt_node", Node::layout) };

impl Node {
    fn place(number: u64, shift: u32) -> u32 {
        1 << (number.checked_shr(shift).unwrap_or(0) & MASK)
    }

    fn child(&self, place: u32) -> Option<Child> {
        if self.places & place == 0 {
            return None;
        }
        // A node that the collector has cleared has no children left.
        self.children.borrow().get((self.places & (place - 1)).count_ones() as usize).cloned()
    }

    /// A new node with a child put at a place, or taken away.
    fn with(&self, vm: &Vm, place: u32, child: Option<Child>) -> PyResult<Ref<Node>> {
        let index = (self.places & (place - 1)).count_ones() as usize;
        let mut children = self.children.borrow().clone();
        let there = self.places & place != 0 && index < children.len();
        let mut places = self.places;
        match child {
            Some(child) if there => children[index] = child,
            Some(child) => {
                children.insert(index.min(children.len()), child);
                places |= place;
            }
            None if there => {
                children.remove(index);
                places &= !place;
            }
            None => {}
        }
        make(vm, places, children)
    }

    fn insert(&self, vm: &Vm, shift: u32, leaf: (u64, &Value, &Value)) -> PyResult<(Ref<Node>, bool)> {
        let (number, key, value) = leaf;
        let place = Node::place(number, shift);
        let (child, added) = match self.child(place) {
            None => (Child::Leaf(number, key.clone(), value.clone()), true),
            Some(Child::Leaf(other, ..)) if other == number => (Child::Leaf(number, key.clone(), value.clone()), false),
            Some(Child::Leaf(other, other_key, other_value)) => {
                let below = make(vm, 0, Vec::new())?;
                let (below, _) = below.insert(vm, shift + BITS, (other, &other_key, &other_value))?;
                let (below, _) = below.insert(vm, shift + BITS, leaf)?;
                (Child::Node(below), true)
            }
            Some(Child::Node(node)) => {
                let (node, added) = node.insert(vm, shift + BITS, leaf)?;
                (Child::Node(node), added)
            }
        };
        Ok((self.with(vm, place, Some(child))?, added))
    }

    fn remove(&self, vm: &Vm, shift: u32, number: u64) -> PyResult<Option<Ref<Node>>> {
        let place = Node::place(number, shift);
        match self.child(place) {
            Some(Child::Leaf(other, ..)) if other == number => self.with(vm, place, None).map(Some),
            Some(Child::Node(node)) => match node.remove(vm, shift + BITS, number)? {
                Some(node) => {
                    let child = if node.places == 0 { None } else { Some(Child::Node(node)) };
                    self.with(vm, place, child).map(Some)
                }
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn collect(&self, entries: &mut Vec<(Value, Value)>) {
        for child in self.children.borrow().iter() {
            match child {
                Child::Node(node) => node.collect(entries),
                Child::Leaf(_, key, value) => entries.push((key.clone(), value.clone())),
            }
        }
    }
}

fn make(vm: &Vm, places: u32, children: Vec<Child>) -> PyResult<Ref<Node>> {
    vm.new_instance(&types(vm)?.node, Node { places, children: RefCell::new(children) })
}

/// The map of a context.
#[derive(Default)]
pub struct Map {
    root: OptionCell,
    len: Cell<usize>,
}

impl Map {
    fn root(&self) -> Option<Ref<Node>> {
        Ref::try_from_value(self.root.get()?).ok()
    }

    /// How many variables have a value.
    pub fn len(&self) -> usize {
        self.len.get()
    }

    /// A copy, which shares all nodes.
    pub fn share(&self) -> Map {
        Map { root: OptionCell::new(self.root.get()), len: Cell::new(self.len.get()) }
    }

    /// The value of a variable.
    pub fn get(&self, number: u64) -> Option<Value> {
        let mut node = self.root()?;
        let mut shift = 0;
        loop {
            match node.child(Node::place(number, shift))? {
                Child::Leaf(other, _, value) => return (other == number).then_some(value),
                Child::Node(next) => node = next,
            }
            shift += BITS;
        }
    }

    /// Sets the value of a variable.
    pub fn set(&self, vm: &Vm, number: u64, key: &Value, value: &Value) -> PyResult<()> {
        let root = match self.root() {
            Some(root) => root,
            None => make(vm, 0, Vec::new())?,
        };
        let (root, added) = root.insert(vm, 0, (number, key, value))?;
        self.len.set(self.len.get() + usize::from(added));
        self.root.set(Some(root.into_value()));
        Ok(())
    }

    /// Takes the value of a variable away.
    pub fn remove(&self, vm: &Vm, number: u64) -> PyResult<()> {
        let Some(root) = self.root() else { return Ok(()) };
        if let Some(root) = root.remove(vm, 0, number)? {
            self.len.set(self.len.get() - 1);
            self.root.set(Some(root.into_value()));
        }
        Ok(())
    }

    /// All variables and their values.
    pub fn entries(&self) -> Vec<(Value, Value)> {
        let mut entries = Vec::with_capacity(self.len.get());
        if let Some(root) = self.root() {
            root.collect(&mut entries);
        }
        entries
    }

    /// For the collector.
    pub fn visit(&self, visitor: Visitor<'_>) {
        self.root.visit(visitor);
    }

    /// For the collector.
    pub fn clear(&self) {
        self.len.set(0);
        self.root.set(None);
    }
}
