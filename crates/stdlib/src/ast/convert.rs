//! How the parts of nodes become objects and back: one trait, and macros that follow the grammar's shape.

use super::from_objects::Reader;
use super::to_objects::Writer;
use oriel_runtime::{PyResult, Value, Vm};

/// A part of the tree.
pub trait Part<'a>: Sized {
    /// As an object.
    fn write(&self, writer: &Writer<'_>) -> PyResult;
    /// From an object.
    fn read(reader: &Reader<'_, 'a>, value: &Value) -> PyResult<Self>;
    /// From a field that is not there; the error says which.
    fn absent(reader: &Reader<'_, 'a>, field: &str, class: &str) -> PyResult<Self> {
        Err(reader.vm.type_error(format!("required field \"{field}\" missing from {class}")))
    }
}

/// `repr(node)`: the class with its fields, long lists and deep nodes cut.
pub fn repr(vm: &Vm, this: &Value) -> PyResult {
    let text = shown(vm, this, 3)?;
    Ok(vm.new_str(&text))
}

fn shown(vm: &Vm, this: &Value, depth: usize) -> PyResult<String> {
    let class = vm.type_of(this).to_value();
    let class_name = vm.str_text(&vm.get_attr(&class, &vm.names.__name__)?);
    let fields = vm.collect(&vm.get_attr_str(&class, "_fields")?)?;
    if depth == 0 {
        return Ok(format!("{class_name}(...)"));
    }
    let mut parts = Vec::new();
    for field in fields {
        let value = vm.get_attr(this, &field)?;
        parts.push(format!("{}={}", vm.str_text(&field), shown_value(vm, &value, depth)?));
    }
    Ok(format!("{class_name}({})", parts.join(", ")))
}

fn shown_value(vm: &Vm, value: &Value, depth: usize) -> PyResult<String> {
    let state = super::classes::state(vm)?;
    if state.is_tree(vm, value) {
        return shown(vm, value, depth - 1);
    }
    if vm.is_instance_exact(value, &vm.types.list) || vm.is_instance_exact(value, &vm.types.tuple) {
        let items = vm.collect(value)?;
        let (open, close) = if vm.is_instance_exact(value, &vm.types.list) { ("[", "]") } else { ("(", ")") };
        let mut texts = Vec::new();
        match items.as_slice() {
            [] => {}
            [one] => texts.push(shown_value(vm, one, depth)?),
            [first, .., last] => {
                texts.push(shown_value(vm, first, depth)?);
                if items.len() > 2 {
                    texts.push("...".to_owned());
                }
                texts.push(shown_value(vm, last, depth)?);
            }
        }
        return Ok(format!("{open}{}{close}", texts.join(", ")));
    }
    vm.repr_text(value)
}

/// Names of a plain enumeration, both ways.
macro_rules! enumeration {
    ($ty:ty, $sum:literal: $($variant:ident)*) => {
        impl<'a> Part<'a> for $ty {
            fn write(&self, writer: &Writer<'_>) -> PyResult {
                let class = match self { $(<$ty>::$variant => const { node_index(stringify!($variant)) },)* };
                writer.state.singleton(writer.vm, class)
            }
            fn read(reader: &Reader<'_, 'a>, value: &Value) -> PyResult<Self> {
                $(if reader.is(value, stringify!($variant))? { return Ok(<$ty>::$variant); })*
                Err(reader.unexpected($sum, value))
            }
        }
    };
}

/// The fields of a struct of the tree, both ways.
macro_rules! product {
    ($ty:ident, $class:literal: $($field:ident as $name:literal),*) => {
        impl<'a> Part<'a> for $ty<'a> {
            fn write(&self, writer: &Writer<'_>) -> PyResult {
                writer.node(const { node_index($class) }, None, [$(self.$field.write(writer)?),*])
            }
            fn read(reader: &Reader<'_, 'a>, value: &Value) -> PyResult<Self> {
                reader.expect(value, $class)?;
                Ok($ty { $($field: reader.field(value, $name, $class)?),* })
            }
        }
    };
    ($ty:ident, $class:literal, located: $($field:ident as $name:literal),*) => {
        impl<'a> Part<'a> for $ty<'a> {
            fn write(&self, writer: &Writer<'_>) -> PyResult {
                writer.node(const { node_index($class) }, Some(&self.range), [$(self.$field.write(writer)?),*])
            }
            fn read(reader: &Reader<'_, 'a>, value: &Value) -> PyResult<Self> {
                reader.expect(value, $class)?;
                Ok($ty { range: reader.range(value, $class)?, $($field: reader.field(value, $name, $class)?),* })
            }
        }
    };
}

/// The variants of a sum of the tree, both ways. A variant with `=>` keeps its fields in a struct of its own.
macro_rules! sum {
    ($node:ident, $kind:ident, $sum:literal:
        $($variant:ident { $($field:ident),* })*
        ; $($boxed:ident => $body:ident { $($inner:ident),* })*
    ) => {
        impl<'a> Part<'a> for $node<'a> {
            fn write(&self, writer: &Writer<'_>) -> PyResult {
                writer.vm.check_stack_for(" during ast construction")?;
                match &self.kind {
                    $($kind::$variant { $($field),* } => writer.node(
                        const { node_index(stringify!($variant)) }, Some(&self.range), [$($field.write(writer)?),*],
                    ),)*
                    $($kind::$boxed(body) => writer.node(
                        const { node_index(stringify!($boxed)) }, Some(&self.range), [$(body.$inner.write(writer)?),*],
                    ),)*
                }
            }
            fn read(reader: &Reader<'_, 'a>, value: &Value) -> PyResult<Self> {
                reader.vm.check_stack_for(" during compilation")?;
                if value.is_none() {
                    return Err(reader.vm.value_error(concat!("None disallowed in ", $sum, " list")));
                }
                let class = reader.class_name(value, $sum)?;
                let range = reader.range(value, $sum)?;
                let kind = match class.as_str() {
                    $(stringify!($variant) => $kind::$variant {
                        $($field: reader.field(value, stringify!($field), stringify!($variant))?),*
                    },)*
                    $(stringify!($boxed) => $kind::$boxed(reader.arena.alloc($body {
                        $($inner: reader.field(value, stringify!($inner), stringify!($boxed))?),*
                    })),)*
                    _ => return Err(reader.unexpected($sum, value)),
                };
                Ok($node { kind, range })
            }
        }
    };
}

pub(super) use {enumeration, product, sum};
