//! What the native types of the library share: bodies whose references the collector finds, and bound arguments.

use oriel_runtime::args::Signature;
use oriel_runtime::cells::{OptionCell, ValueCell};
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, PyResult, Ref, Value, Visitor, Vm};
use std::cell::{OnceCell, RefCell};
use std::collections::VecDeque;
use std::sync::OnceLock;

/// A part of a body that owns references.
pub(crate) trait Part {
    /// Calls the visitor for each of them.
    fn visit(&self, visitor: Visitor<'_>);
    /// Gives them up where that leaves the body valid.
    fn clear(&self) {}
}

impl Part for Value {
    fn visit(&self, visitor: Visitor<'_>) {
        visitor(self);
    }
}

impl Part for Option<Value> {
    fn visit(&self, visitor: Visitor<'_>) {
        if let Some(value) = self {
            visitor(value);
        }
    }
}

impl Part for Box<[Value]> {
    fn visit(&self, visitor: Visitor<'_>) {
        for value in self {
            visitor(value);
        }
    }
}

impl<T: Body> Part for Ref<T> {
    fn visit(&self, visitor: Visitor<'_>) {
        visitor(self.as_value());
    }
}

impl Part for ValueCell {
    fn visit(&self, visitor: Visitor<'_>) {
        ValueCell::visit(self, visitor);
    }
}

impl Part for OptionCell {
    fn visit(&self, visitor: Visitor<'_>) {
        OptionCell::visit(self, visitor);
    }
    fn clear(&self) {
        self.set(None);
    }
}

impl Part for RefCell<Vec<Value>> {
    fn visit(&self, visitor: Visitor<'_>) {
        for value in self.borrow().iter() {
            visitor(value);
        }
    }
    fn clear(&self) {
        drop(self.take());
    }
}

impl Part for RefCell<VecDeque<Value>> {
    fn visit(&self, visitor: Visitor<'_>) {
        for value in self.borrow().iter() {
            visitor(value);
        }
    }
    fn clear(&self) {
        drop(self.take());
    }
}

/// Implements `Body` for a struct whose named fields own references.
macro_rules! body {
    ($ty:ty, $name:literal, $($field:ident),*) => {
        impl oriel_runtime::Body for $ty {
            const CONTAINER: bool = true;
            fn layout() -> &'static oriel_runtime::Layout {
                static LAYOUT: oriel_runtime::Layout = oriel_runtime::Layout::of::<$ty>($name, None);
                &LAYOUT
            }
            fn visit(&self, visitor: oriel_runtime::Visitor<'_>) {
                $(crate::bodies::Part::visit(&self.$field, &mut *visitor);)*
            }
            fn clear(&self) {
                $(crate::bodies::Part::clear(&self.$field);)*
            }
        }
    };
}
pub(crate) use body;

/// Binds arguments to a text signature, which is parsed once.
pub(crate) fn bind<'a, const N: usize>(
    vm: &Vm,
    signature: &'static OnceLock<Signature>,
    text: &str,
    name: &str,
    args: Args<'a>,
) -> PyResult<[Option<&'a Value>; N]> {
    let mut bound = [None; N];
    signature.get_or_init(|| Signature::parse(text)).bind(vm, name, args, &mut bound)?;
    Ok(bound)
}

/// A type that a module has made for its own use.
pub(crate) fn made<'a>(vm: &Vm, cell: &'a OnceCell<TypeRef>) -> PyResult<&'a TypeRef> {
    cell.get().ok_or_else(|| vm.system_error("the module is not complete"))
}

/// The value of an argument that is always there after binding.
pub(crate) fn given<'a>(vm: &Vm, argument: Option<&'a Value>) -> PyResult<&'a Value> {
    argument.ok_or_else(|| vm.system_error("a required argument is missing"))
}

/// A new exception class of a module.
pub(crate) fn exception(vm: &Vm, module: &str, name: &str, base: &TypeRef) -> PyResult<TypeRef> {
    let namespace = vm.new_dict();
    namespace.set_str(&vm.names.__module__, vm.intern(module));
    let bases = vm.new_tuple(&[base.to_value()]);
    let class = vm.call(vm.types.type_.as_value(), &[vm.intern(name), bases, namespace.into_value()])?;
    TypeRef::try_from_value(class).map_err(|_| vm.system_error("type() made no class"))
}
