//! Shapes: which attribute lies in which inline slot of an instance, and of which class the instance is.
//!
//! A class has one tree of shapes. Its root has no attributes; adding an attribute leads to a child shape. The
//! number of an instance's shape is in its header, so one compare guards class and layout.

use crate::error::PyResult;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, SHAPE_LIMIT, Value, flags, tail_of};
use std::cell::{Cell, RefCell};

/// A class whose instances differ more than this at one point keeps their attributes in dicts.
const MOST_CHILDREN: usize = 64;

/// Where an attribute is added: the shape it leads from, the word of its name, the shape it leads to.
struct Entry {
    parent: u32,
    /// The attribute that this shape adds, interned (and so immortal); nothing for a root.
    name: Option<Value>,
    /// Attributes of instances of this shape.
    count: u32,
    /// The shapes that one more attribute leads to.
    children: Vec<(u64, u32)>,
}

/// All shapes of an interpreter.
pub struct Shapes {
    entries: RefCell<Vec<Entry>>,
}

impl Default for Shapes {
    fn default() -> Shapes {
        // Shape 0 says nothing: types that have not needed a shape yet, and all when numbers have run out.
        let nothing = Entry { parent: 0, name: None, count: 0, children: Vec::new() };
        Shapes { entries: RefCell::new(vec![nothing]) }
    }
}

impl Shapes {
    fn add(&self, parent: u32, name: Option<Value>, count: u32) -> u32 {
        let mut entries = self.entries.borrow_mut();
        let number = entries.len() as u32;
        if number >= SHAPE_LIMIT {
            return 0;
        }
        entries.push(Entry { parent, name, count, children: Vec::new() });
        number
    }

    /// A root for a class.
    pub fn new_root(&self) -> u32 {
        self.add(0, None, 0)
    }

    /// The class's root, made now if need be.
    pub fn root_of(&self, ty: &TypeRef) -> u32 {
        let root = ty.head.root_shape.get();
        if root != 0 {
            return root;
        }
        let root = self.new_root();
        ty.head.root_shape.set(root);
        root
    }

    /// The slot of an attribute; the name must be interned.
    pub fn find(&self, shape: u32, name: &Value) -> Option<usize> {
        let entries = self.entries.borrow();
        let mut shape = shape as usize;
        while let Some(entry) = entries.get(shape) {
            let own = entry.name.as_ref()?;
            if own.is(name) {
                return Some(entry.count as usize - 1);
            }
            shape = entry.parent as usize;
        }
        None
    }

    /// How many attributes instances of the shape have.
    pub fn count(&self, shape: u32) -> usize {
        self.entries.borrow().get(shape as usize).map_or(0, |entry| entry.count as usize)
    }

    /// The shape with one more attribute; nothing when numbers have run out.
    pub fn with(&self, shape: u32, name: &Value) -> Option<u32> {
        let (count, known) = {
            let entries = self.entries.borrow();
            let entry = entries.get(shape as usize)?;
            (entry.count, entry.children.iter().find(|(word, _)| *word == name.word()).map(|(_, child)| *child))
        };
        if let Some(child) = known {
            return Some(child);
        }
        if self.entries.borrow()[shape as usize].children.len() >= MOST_CHILDREN {
            return None;
        }
        let child = self.add(shape, Some(name.clone()), count + 1);
        if child == 0 {
            return None;
        }
        self.entries.borrow_mut()[shape as usize].children.push((name.word(), child));
        Some(child)
    }

    /// The names of the attributes in slot order.
    pub fn names(&self, shape: u32) -> Vec<Value> {
        let entries = self.entries.borrow();
        let mut names = Vec::new();
        let mut shape = shape as usize;
        while let Some(entry) = entries.get(shape) {
            let Some(name) = &entry.name else { break };
            names.push(name.clone());
            shape = entry.parent as usize;
        }
        names.reverse();
        names
    }

    /// How many shapes there are.
    pub fn len(&self) -> usize {
        self.entries.borrow().len()
    }

    /// Whether there is no shape besides the empty one.
    pub fn is_empty(&self) -> bool {
        self.len() <= 1
    }
}

/// How instances of a class are made whose attributes are known beforehand: into their slots, without looking up names.
pub struct InstancePlan {
    ty: TypeRef,
    /// The names of the attributes in order, interned.
    names: Vec<Value>,
    /// The class's root shape when `full` was found.
    root: Cell<u32>,
    /// The shape of an instance with all attributes; 0 while it is not known.
    full: Cell<u32>,
}

impl InstancePlan {
    /// A plan for a class that has no instances yet; they get a slot for each attribute.
    pub fn new(vm: &Vm, ty: TypeRef, names: Vec<Value>) -> InstancePlan {
        if ty.head.tail_len.get() < names.len() as u32 {
            vm.give_tail(&ty, 0, names.len());
        }
        InstancePlan { ty, names, root: Cell::new(0), full: Cell::new(0) }
    }

    /// The class.
    pub fn class(&self) -> &Value {
        self.ty.as_value()
    }

    /// An instance whose attributes are `first` and then `rest`.
    #[inline]
    pub fn make<T: Body, const N: usize>(&self, vm: &Vm, body: T, first: [Value; N], rest: &[Value]) -> PyResult {
        let object = vm.new_instance(&self.ty, body)?.into_value();
        let Some(header) = object.header() else { return Ok(object) };
        let tail = tail_of(&object);
        if header.shape() == 0 || header.shape() != self.root.get() || tail.len() < N + rest.len() {
            self.make_by_names(vm, &object, first.into_iter().chain(rest.iter().cloned()))?;
            return Ok(object);
        }
        let (slots, others) = tail.split_at(N);
        for (slot, value) in slots.iter().zip(first) {
            slot.set(Some(value));
        }
        for (slot, value) in others.iter().zip(rest) {
            slot.set(Some(value.clone()));
        }
        header.set_shape(self.full.get());
        Ok(object)
    }

    /// Sets one attribute after the other, and keeps the shape that this led to.
    #[cold]
    fn make_by_names(&self, vm: &Vm, object: &Value, values: impl Iterator<Item = Value>) -> PyResult<()> {
        for (name, value) in self.names.iter().zip(values) {
            vm.set_instance_attr(object, name, &value)?;
        }
        if let Some(header) = object.header()
            && !header.has(flags::DICT_MODE)
            && self.ty.member_slots.get() == 0
            && vm.shapes.count(header.shape()) == self.names.len()
        {
            self.root.set(self.ty.head.root_shape.get());
            self.full.set(header.shape());
        }
        Ok(())
    }
}
