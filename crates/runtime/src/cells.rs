//! Cells that hold values inside object bodies. Named in the design as one of the places with unsafe code: a
//! shared borrow of the content is made only for a clone, which runs no Python code.

use oriel_heap::{Body, Ref, Value, Visitor};
use std::cell::Cell;

/// A value that can be replaced.
pub struct ValueCell(Cell<Value>);

impl ValueCell {
    /// A cell that holds the value.
    pub fn new(value: Value) -> ValueCell {
        ValueCell(Cell::new(value))
    }

    /// A new count of the content.
    #[inline(always)]
    pub fn get(&self) -> Value {
        // SAFETY: cloning runs no code that could replace the content meanwhile.
        unsafe { (*self.0.as_ptr()).clone() }
    }

    /// The content, borrowed: for cells that never change.
    #[inline(always)]
    pub fn borrow(&self) -> &Value {
        // SAFETY: the cells that this is used for are set when their object is made and change only when it dies.
        unsafe { &*self.0.as_ptr() }
    }

    /// The word of the content, for comparisons.
    #[inline(always)]
    pub fn word(&self) -> u64 {
        // SAFETY: reading a word runs no code.
        unsafe { (*self.0.as_ptr()).word() }
    }

    /// Puts a value in; the old one is dropped after the cell holds the new.
    #[inline(always)]
    pub fn set(&self, value: Value) {
        drop(self.0.replace(value));
    }

    /// Puts a value in and gives the old one.
    #[inline(always)]
    pub fn replace(&self, value: Value) -> Value {
        self.0.replace(value)
    }

    /// For [`Body::visit`].
    pub fn visit(&self, visitor: Visitor<'_>) {
        // SAFETY: a visitor of the collector runs no Python code.
        visitor(unsafe { &*self.0.as_ptr() });
    }
}

/// A value that may be missing.
#[derive(Default)]
pub struct OptionCell(Cell<Option<Value>>);

impl OptionCell {
    /// A cell with or without content.
    pub fn new(value: Option<Value>) -> OptionCell {
        OptionCell(Cell::new(value))
    }

    /// A new count of the content.
    #[inline(always)]
    pub fn get(&self) -> Option<Value> {
        // SAFETY: cloning runs no code that could replace the content meanwhile.
        unsafe { (*self.0.as_ptr()).clone() }
    }

    /// Lends the content to a function that must not change the cell or run Python code.
    #[inline(always)]
    pub(crate) fn with<R>(&self, function: impl FnOnce(Option<&Value>) -> R) -> R {
        // SAFETY: the functions given only look and clone.
        function(unsafe { (*self.0.as_ptr()).as_ref() })
    }

    /// The content, borrowed: for cells that never change while their object lives.
    #[inline(always)]
    pub fn borrow(&self) -> Option<&Value> {
        // SAFETY: the cells that this is used for are set when their object is made and change only when it dies.
        unsafe { (*self.0.as_ptr()).as_ref() }
    }

    /// Whether there is content.
    #[inline(always)]
    pub fn is_some(&self) -> bool {
        // SAFETY: looking runs no code.
        unsafe { (*self.0.as_ptr()).is_some() }
    }

    /// Puts a value in or empties the cell; the old content is dropped afterwards.
    #[inline(always)]
    pub fn set(&self, value: Option<Value>) {
        drop(self.0.replace(value));
    }

    /// Puts a value in or empties the cell and gives the old content.
    #[inline(always)]
    pub fn replace(&self, value: Option<Value>) -> Option<Value> {
        self.0.replace(value)
    }

    /// Empties the cell.
    #[inline(always)]
    pub fn take(&self) -> Option<Value> {
        self.0.take()
    }

    /// For [`Body::visit`].
    pub fn visit(&self, visitor: Visitor<'_>) {
        // SAFETY: a visitor of the collector runs no Python code.
        if let Some(value) = unsafe { &*self.0.as_ptr() } {
            visitor(value);
        }
    }
}

/// A typed reference that can be replaced.
pub struct RefCellOf<T: Body>(Cell<Ref<T>>);

impl<T: Body> RefCellOf<T> {
    /// The content, borrowed.
    ///
    /// # Safety
    /// The content must outlive the borrow, even if it is replaced.
    #[inline(always)]
    pub unsafe fn borrow(&self) -> &Ref<T> {
        // SAFETY: as the caller says.
        unsafe { &*self.0.as_ptr() }
    }

    /// A cell that holds the reference.
    pub fn new(reference: Ref<T>) -> RefCellOf<T> {
        RefCellOf(Cell::new(reference))
    }

    /// A new count of the content.
    #[inline(always)]
    pub fn get(&self) -> Ref<T> {
        // SAFETY: cloning runs no code that could replace the content meanwhile.
        unsafe { (*self.0.as_ptr()).clone() }
    }

    /// Puts a reference in.
    pub fn set(&self, reference: Ref<T>) {
        drop(self.0.replace(reference));
    }

    /// For [`Body::visit`].
    pub fn visit(&self, visitor: Visitor<'_>) {
        // SAFETY: a visitor of the collector runs no Python code.
        visitor(unsafe { (*self.0.as_ptr()).as_value() });
    }
}
