//! Doors of the core to parts that have their own files, where those are not there yet.

use crate::error::PyResult;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::Value;

impl Vm {
    fn absent<T>(&self, what: &str) -> PyResult<T> {
        Err(self.not_implemented_error(format!("{what} is not there yet")))
    }

    /// Puts `__dict__` and `__weakref__` into a new class's namespace.
    pub fn add_dict_and_weakref_descriptors(&self, class: &TypeRef) {
        crate::types::type_dict::add(self, class);
    }

    /// What the intrinsics of type parameters make.
    pub fn typing_intrinsic(&self, _which: &str, _arguments: &[Value]) -> PyResult {
        self.absent("type parameters")
    }
}
