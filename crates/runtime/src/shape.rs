//! Shapes: which attribute lies in which inline slot of an instance, and of which class the instance is.
//!
//! A class has one tree of shapes. Its root has no attributes; adding an attribute leads to a child shape. The
//! number of an instance's shape is in its header, so one compare guards class and layout.

use crate::types::type_object::TypeRef;
use oriel_heap::{SHAPE_LIMIT, Value};
use std::cell::RefCell;

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
