//! How native functions and builtin types are declared: plain `const` tables of ordinary Rust functions.
//!
//! ```text
//! pub static SPEC: TypeSpec = TypeSpec {
//!     methods: &[MethodDef::noargs("copy", copy, "($self, /)", "Return a shallow copy.")],
//!     slots: |slots| slots.repr.set(Some(repr)),
//!     ..TypeSpec::new("list", List::layout)
//! };
//! ```

use crate::args::{Args, Bound};
use crate::error::PyResult;
use crate::slots::Slots;
use crate::types::Types;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Layout, Value};

/// A native function with its calling convention. The first value is `self`, the class, or the module.
#[derive(Clone, Copy)]
pub enum NativeCall {
    /// No arguments.
    NoArgs(fn(&Vm, &Value) -> PyResult),
    /// Exactly one positional argument.
    One(fn(&Vm, &Value, &Value) -> PyResult),
    /// Positional arguments, at least and at most so many.
    Positional(u8, u8, fn(&Vm, &Value, &[Value]) -> PyResult),
    /// Bound to the parameters of the text signature.
    Bound(fn(&Vm, &Value, &Bound<'_>) -> PyResult),
    /// As they come.
    Args(fn(&Vm, &Value, Args<'_>) -> PyResult),
}

/// What a method binds to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Binding {
    /// The instance (or the module, for a module's function).
    Instance,
    /// The class.
    Class,
    /// Nothing.
    Static,
}

/// A native function of a type or module.
pub struct MethodDef {
    /// The name.
    pub name: &'static str,
    /// The function.
    pub call: NativeCall,
    /// `__text_signature__`, e.g. `"($self, iterable=(), /)"`; empty for none.
    pub signature: &'static str,
    /// `__doc__` without the signature.
    pub doc: &'static str,
    /// What it binds to.
    pub binding: Binding,
}

impl MethodDef {
    const fn new(name: &'static str, call: NativeCall, signature: &'static str, doc: &'static str) -> MethodDef {
        MethodDef { name, call, signature, doc, binding: Binding::Instance }
    }

    /// A function without arguments.
    pub const fn noargs(
        name: &'static str,
        function: fn(&Vm, &Value) -> PyResult,
        signature: &'static str,
        doc: &'static str,
    ) -> MethodDef {
        MethodDef::new(name, NativeCall::NoArgs(function), signature, doc)
    }

    /// A function of one positional argument.
    pub const fn one(
        name: &'static str,
        function: fn(&Vm, &Value, &Value) -> PyResult,
        signature: &'static str,
        doc: &'static str,
    ) -> MethodDef {
        MethodDef::new(name, NativeCall::One(function), signature, doc)
    }

    /// A function of positional arguments.
    pub const fn positional(
        name: &'static str,
        least: u8,
        most: u8,
        function: fn(&Vm, &Value, &[Value]) -> PyResult,
        signature: &'static str,
        doc: &'static str,
    ) -> MethodDef {
        MethodDef::new(name, NativeCall::Positional(least, most, function), signature, doc)
    }

    /// A function whose arguments are bound by its text signature.
    pub const fn bound(
        name: &'static str,
        function: fn(&Vm, &Value, &Bound<'_>) -> PyResult,
        signature: &'static str,
        doc: &'static str,
    ) -> MethodDef {
        MethodDef::new(name, NativeCall::Bound(function), signature, doc)
    }

    /// A function that takes its arguments as they come.
    pub const fn args(
        name: &'static str,
        function: fn(&Vm, &Value, Args<'_>) -> PyResult,
        signature: &'static str,
        doc: &'static str,
    ) -> MethodDef {
        MethodDef::new(name, NativeCall::Args(function), signature, doc)
    }

    /// The same as a class method.
    pub const fn class_method(self) -> MethodDef {
        MethodDef { binding: Binding::Class, ..self }
    }

    /// The same as a static method.
    pub const fn static_method(self) -> MethodDef {
        MethodDef { binding: Binding::Static, ..self }
    }
}

/// A computed attribute of a type.
pub struct GetSetDef {
    /// The name.
    pub name: &'static str,
    /// Reads it.
    pub get: fn(&Vm, &Value) -> PyResult,
    /// Sets (`Some`) or deletes (`None`) it.
    pub set: Option<fn(&Vm, &Value, Option<&Value>) -> PyResult<()>>,
    /// `__doc__`.
    pub doc: &'static str,
    /// Whether it is a field of the object's structure (`member_descriptor`), not computed.
    pub is_member: bool,
}

impl GetSetDef {
    /// A read-only field of the object's structure.
    pub const fn member(name: &'static str, get: fn(&Vm, &Value) -> PyResult, doc: &'static str) -> GetSetDef {
        GetSetDef { name, get, set: None, doc, is_member: true }
    }

    /// A read-only attribute.
    pub const fn readonly(name: &'static str, get: fn(&Vm, &Value) -> PyResult, doc: &'static str) -> GetSetDef {
        GetSetDef { name, get, set: None, doc, is_member: false }
    }

    /// An attribute that can be set.
    pub const fn new(
        name: &'static str,
        get: fn(&Vm, &Value) -> PyResult,
        set: fn(&Vm, &Value, Option<&Value>) -> PyResult<()>,
        doc: &'static str,
    ) -> GetSetDef {
        GetSetDef { name, get, set: Some(set), doc, is_member: false }
    }
}

/// What a type can do and be, as bits of [`TypeSpec::flags`].
pub mod type_flags {
    /// May be subclassed from Python.
    pub const BASE: u32 = 1;
    /// Instances have a `__dict__`.
    pub const DICT: u32 = 2;
    /// Instances can be weakly referenced.
    pub const WEAKREF: u32 = 4;
    /// Instances cannot be made by calling the type.
    pub const NO_NEW: u32 = 8;
    /// Matches sequence patterns.
    pub const SEQUENCE: u32 = 16;
    /// Matches mapping patterns.
    pub const MAPPING: u32 = 32;
    /// A class pattern's single positional sub-pattern matches the subject itself.
    pub const MATCH_SELF: u32 = 64;
    /// Attributes of the type can be changed from Python.
    pub const MUTABLE: u32 = 128;
    /// Made by a class statement or `type()`.
    pub const HEAP: u32 = 256;
    /// Has abstract methods, so no instances.
    pub const ABSTRACT: u32 = 512;
    /// Instances are callable objects whose look-up as methods does not need binding (functions).
    pub const METHOD_DESCRIPTOR: u32 = 1024;
    /// The type is complete.
    pub const READY: u32 = 2048;
    /// A subclass of `BaseException`.
    pub const EXCEPTION: u32 = 4096;
    /// A subclass of `type`.
    pub const TYPE: u32 = 8192;
    /// Instances of a class statement keep their attributes in the tail by shape.
    pub const MANAGED: u32 = 1 << 14;
}

/// The declaration of a builtin type.
pub struct TypeSpec {
    /// `module.name`; without a module part, `builtins`.
    pub name: &'static str,
    /// The layout of the instances.
    pub layout: fn() -> &'static Layout,
    /// The base, `object` where there is none.
    pub base: Option<fn(&Types) -> &TypeRef>,
    /// Bits of [`type_flags`].
    pub flags: u32,
    /// `__doc__`; empty for none.
    pub doc: &'static str,
    /// Fills the slots.
    pub slots: fn(&Slots),
    /// Methods.
    pub methods: &'static [MethodDef],
    /// Computed attributes.
    pub getset: &'static [GetSetDef],
    /// More entries for the namespace, made when the type is.
    pub extra: Option<fn(&Vm, &TypeRef) -> PyResult<()>>,
}

impl TypeSpec {
    /// A type with nothing of its own.
    pub const fn new(name: &'static str, layout: fn() -> &'static Layout) -> TypeSpec {
        TypeSpec { name, layout, base: None, flags: 0, doc: "", slots: |_| {}, methods: &[], getset: &[], extra: None }
    }
}

/// A native module: its functions and what fills its namespace when it is imported.
pub struct ModuleSpec {
    /// The full name.
    pub name: &'static str,
    /// `__doc__`.
    pub doc: &'static str,
    /// Functions; their first value is the module.
    pub functions: &'static [MethodDef],
    /// Fills the rest: types, constants.
    pub exec: fn(&Vm, &Value) -> PyResult<()>,
}
