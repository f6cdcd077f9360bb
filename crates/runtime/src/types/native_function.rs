//! `builtin_function_or_method` and `method_descriptor`: native functions as objects, and how they are called.

use crate::args::{Args, MAX_PARAMETERS, Signature, check_count};
use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{Binding, GetSetDef, MethodDef, NativeCall, TypeSpec, type_flags};
use crate::slots::CompareOp;
use crate::types::type_object::{Subtype, Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};
use std::cell::OnceCell;
use std::rc::Rc;

/// A native function bound to its first value: a module's function, a bound method, a class's static method.
pub struct NativeFunction {
    /// The declaration.
    pub def: &'static MethodDef,
    /// `__self__`: the module, the instance or the class.
    pub receiver: OptionCell,
    /// `__module__`: a `str`.
    pub module: OptionCell,
    /// The class that the method was found in, for `__qualname__`.
    pub owner: OptionCell,
    pub(crate) signature: OnceCell<Rc<Signature>>,
}

/// A native function found in a type's namespace, not bound yet.
pub struct MethodDescriptor {
    /// The declaration.
    pub def: &'static MethodDef,
    /// `__objclass__`
    pub owner: OptionCell,
    pub(crate) signature: OnceCell<Rc<Signature>>,
}

static FUNCTION_LAYOUT: Layout = Layout::of::<NativeFunction>("builtin_function_or_method", None);
static DESCRIPTOR_LAYOUT: Layout = Layout::of::<MethodDescriptor>("method_descriptor", None);

impl Body for NativeFunction {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &FUNCTION_LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.receiver.visit(visitor);
        self.module.visit(visitor);
        self.owner.visit(visitor);
    }
    fn clear(&self) {
        self.receiver.set(None);
        self.owner.set(None);
    }
}

impl Body for MethodDescriptor {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &DESCRIPTOR_LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.owner.visit(visitor);
    }
}

/// `builtin_function_or_method`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW | type_flags::WEAKREF,
    slots: |slots| {
        slots.call.set(Some(function_call));
        slots.repr.set(Some(function_repr));
        slots.richcompare.set(Some(function_compare));
        slots.hash.set(Some(function_hash));
    },
    methods: &[MethodDef::noargs("__reduce__", function_reduce, "($self, /)", "How the function is pickled.")],
    getset: &[
        GetSetDef::readonly("__name__", |vm, f| Ok(vm.intern(function(vm, f)?.def.name)), "The name."),
        GetSetDef::readonly("__qualname__", function_qualname, "The name with the class's."),
        GetSetDef::readonly(
            "__self__",
            |vm, f| Ok(function(vm, f)?.receiver.get().unwrap_or(Value::NONE)),
            "What it is bound to.",
        ),
        GetSetDef::new(
            "__module__",
            |vm, f| Ok(function(vm, f)?.module.get().unwrap_or(Value::NONE)),
            |vm, f, value| {
                function(vm, f)?.module.set(value.cloned());
                Ok(())
            },
            "The module's name.",
        ),
        GetSetDef::readonly("__doc__", |vm, f| Ok(doc_of(vm, function(vm, f)?.def)), "What it does."),
        GetSetDef::readonly(
            "__text_signature__",
            |vm, f| Ok(signature_of(vm, function(vm, f)?.def)),
            "Its parameters.",
        ),
    ],
    ..TypeSpec::new("builtin_function_or_method", NativeFunction::layout)
};

/// `method_descriptor`
pub static DESCRIPTOR_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW | type_flags::METHOD_DESCRIPTOR,
    slots: |slots| {
        slots.call.set(Some(descriptor_call));
        slots.repr.set(Some(descriptor_repr));
        slots.descr_get.set(Some(descriptor_get));
    },
    methods: &[MethodDef::noargs("__reduce__", descriptor_reduce, "($self, /)", "How the descriptor is pickled.")],
    getset: &[
        GetSetDef::readonly("__name__", |vm, f| Ok(vm.intern(descriptor(vm, f)?.def.name)), "The name."),
        GetSetDef::readonly("__qualname__", descriptor_qualname, "The name with the class's."),
        GetSetDef::readonly(
            "__objclass__",
            |vm, f| Ok(descriptor(vm, f)?.owner.get().unwrap_or(Value::NONE)),
            "The class.",
        ),
        GetSetDef::readonly("__doc__", |vm, f| Ok(doc_of(vm, descriptor(vm, f)?.def)), "What it does."),
        GetSetDef::readonly(
            "__text_signature__",
            |vm, f| Ok(signature_of(vm, descriptor(vm, f)?.def)),
            "Its parameters.",
        ),
    ],
    ..TypeSpec::new("method_descriptor", MethodDescriptor::layout)
};

/// `classmethod_descriptor`
pub static CLASS_DESCRIPTOR_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.call.set(Some(class_descriptor_call));
        slots.repr.set(Some(descriptor_repr));
        slots.descr_get.set(Some(class_descriptor_get));
    },
    getset: DESCRIPTOR_SPEC.getset,
    ..TypeSpec::new("classmethod_descriptor", MethodDescriptor::layout)
};

fn function<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<NativeFunction>> {
    value.downcast().ok_or_else(|| vm.type_error("a builtin function is needed"))
}

fn descriptor<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<MethodDescriptor>> {
    value.downcast().ok_or_else(|| vm.type_error("a method descriptor is needed"))
}

fn doc_of(vm: &Vm, def: &MethodDef) -> Value {
    if def.doc.is_empty() { Value::NONE } else { vm.new_str(def.doc) }
}

fn signature_of(vm: &Vm, def: &MethodDef) -> Value {
    if def.signature.is_empty() { Value::NONE } else { vm.new_str(def.signature) }
}

impl Vm {
    /// A native function bound to a receiver.
    pub fn new_native_function(
        &self,
        def: &'static MethodDef,
        receiver: Option<Value>,
        module: Option<Value>,
    ) -> Value {
        let body = NativeFunction {
            def,
            receiver: OptionCell::new(receiver),
            module: OptionCell::new(module),
            owner: OptionCell::default(),
            signature: OnceCell::new(),
        };
        // SAFETY: the type's layout is that of the body.
        unsafe { self.heap.new_object(self.types.native_function.as_value().raw(), body) }.into_value()
    }

    /// What a type's namespace holds for a native method.
    pub fn new_method_descriptor(&self, def: &'static MethodDef, owner: &TypeRef) -> Value {
        if def.binding == Binding::Static {
            let function = self.new_native_function(def, Some(owner.to_value()), None);
            if let Some(native) = function.downcast::<NativeFunction>() {
                native.owner.set(Some(owner.to_value()));
            }
            return self.new_static_method(&function);
        }
        let body = MethodDescriptor { def, owner: OptionCell::new(Some(owner.to_value())), signature: OnceCell::new() };
        let ty = if def.binding == Binding::Class {
            &self.types.class_method_descriptor
        } else {
            &self.types.method_descriptor
        };
        // SAFETY: both types have the layout of the body.
        unsafe { self.heap.new_object(ty.as_value().raw(), body) }.into_value()
    }

    /// Calls a native function with its receiver.
    #[inline]
    pub fn call_native(
        &self,
        def: &'static MethodDef,
        receiver: &Value,
        args: Args<'_>,
        signature: &OnceCell<Rc<Signature>>,
    ) -> PyResult {
        match def.call {
            NativeCall::NoArgs(function) => {
                if !args.values.is_empty() {
                    return Err(self.wrong_count(def, receiver, args, 0));
                }
                function(self, receiver)
            }
            NativeCall::One(function) => match args.values {
                [value] if args.names.is_empty() => function(self, receiver, value),
                _ => Err(self.wrong_count(def, receiver, args, 1)),
            },
            NativeCall::Positional(least, most, function) => {
                if !args.names.is_empty() {
                    return Err(self.wrong_count(def, receiver, args, most as usize));
                }
                let given = args.values.len();
                if given < least as usize || given > most as usize {
                    check_count(self, def.name, given, least as usize, most as usize)?;
                }
                function(self, receiver, args.values)
            }
            NativeCall::Bound(function) => {
                let signature = signature.get_or_init(|| Rc::new(Signature::parse(def.signature)));
                let mut bound = [None; MAX_PARAMETERS];
                let bound = &mut bound[..signature.names.len().min(MAX_PARAMETERS)];
                signature.bind(self, def.name, args, bound)?;
                function(self, receiver, bound)
            }
            NativeCall::Args(function) => function(self, receiver, args),
        }
    }

    #[cold]
    fn wrong_count(&self, def: &MethodDef, receiver: &Value, args: Args<'_>, expected: usize) -> crate::error::Raised {
        let name = self.qualified_name(def, receiver);
        if !args.names.is_empty() {
            return self.type_error(format!("{name}() takes no keyword arguments"));
        }
        let given = args.values.len();
        match expected {
            0 => self.type_error(format!("{name}() takes no arguments ({given} given)")),
            _ => self.type_error(format!("{name}() takes exactly one argument ({given} given)")),
        }
    }

    /// The name with that of the class or module it is found in, as CPython's errors show it.
    fn qualified_name(&self, def: &MethodDef, receiver: &Value) -> String {
        let plain = def.name.to_owned();
        if self.type_of(receiver).is_subtype(&self.types.module) {
            let module = self.instance_attr(receiver, &self.names.__name__).ok().flatten();
            let module = module.map(|module| self.str_text(&module)).unwrap_or_default();
            return if module.is_empty() || module == "builtins" { plain } else { format!("{module}.{plain}") };
        }
        let class = match receiver.downcast::<Type>() {
            Some(class) if def.binding != Binding::Instance => class,
            _ => self.type_of(receiver),
        };
        let name = self.intern(def.name);
        let classes = class.mro_tuple();
        let owner =
            classes.iter().flat_map(|classes| classes.items()).filter_map(|class| class.downcast::<Type>()).find(
                |class| {
                    let found = class.namespace.get_str(&name);
                    let found = found.as_ref().and_then(|found| found.downcast::<MethodDescriptor>());
                    found.is_some_and(|found| std::ptr::eq(found.def, def))
                },
            );
        match owner {
            Some(owner) => format!("{}.{plain}", owner.name_text()),
            None => plain,
        }
    }
}

fn function_call(vm: &Vm, callable: &Value, args: Args<'_>) -> PyResult {
    let native = function(vm, callable)?;
    let receiver = native.receiver.get().unwrap_or(Value::NONE);
    let result = vm.call_native(native.def, &receiver, args, &native.signature);
    match result {
        Err(raised) if args.names.is_empty() || !matches!(native.def.call, NativeCall::One(_)) => Err(raised),
        other => other,
    }
}

fn descriptor_call(vm: &Vm, callable: &Value, args: Args<'_>) -> PyResult {
    let method = descriptor(vm, callable)?;
    let owner = method.owner.get().unwrap_or(Value::NONE);
    let (Some(receiver), Some(owner)) = (args.positional().first(), owner.downcast::<Type>()) else {
        let class = owner.downcast::<Type>().map(|ty| vm.full_name(ty)).unwrap_or_default();
        return Err(vm.type_error(format!("unbound method {class}.{}() needs an argument", method.def.name)));
    };
    if !vm.type_of(receiver).is_subtype(owner) {
        return Err(vm.type_error(format!(
            "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
            method.def.name,
            vm.full_name(owner),
            vm.type_name(receiver)
        )));
    }
    vm.call_native(method.def, receiver, args.skip_first(), &method.signature)
}

impl NativeFunction {
    /// Calls the function with its receiver.
    #[inline]
    pub fn call_with(&self, vm: &Vm, receiver: &Value, args: Args<'_>) -> PyResult {
        vm.call_native(self.def, receiver, args, &self.signature)
    }
}

impl MethodDescriptor {
    /// The method bound to a receiver; what was parsed of its signature goes along.
    fn bound(&self, vm: &Vm, receiver: Value) -> Value {
        let bound = vm.new_native_function(self.def, Some(receiver), None);
        if matches!(self.def.call, NativeCall::Bound(_))
            && let Some(native) = bound.downcast::<NativeFunction>()
        {
            let signature = self.signature.get_or_init(|| Rc::new(Signature::parse(self.def.signature)));
            let _ = native.signature.set(signature.clone());
        }
        bound
    }

    /// Calls the method of a receiver that is known to be of the right class.
    #[inline]
    pub fn call_checked(&self, vm: &Vm, receiver: &Value, args: Args<'_>) -> PyResult {
        vm.call_native(self.def, receiver, args, &self.signature)
    }
}

fn class_descriptor_call(vm: &Vm, callable: &Value, args: Args<'_>) -> PyResult {
    let method = descriptor(vm, callable)?;
    let owner = method.owner.get().unwrap_or(Value::NONE);
    let (Some(receiver), Some(owner)) = (args.positional().first(), owner.downcast::<Type>()) else {
        let class = owner.downcast::<Type>().map(|ty| vm.full_name(ty)).unwrap_or_default();
        return Err(vm.type_error(format!("descriptor '{}' of '{class}' object needs an argument", method.def.name)));
    };
    let Some(class) = receiver.downcast::<Type>() else {
        return Err(vm.type_error(format!(
            "descriptor '{}' requires a type but received a '{}' instance",
            method.def.name,
            vm.type_name(receiver)
        )));
    };
    if !class.is_subtype(owner) {
        return Err(vm.type_error(format!(
            "descriptor '{}' requires a subtype of '{}' but received '{}'",
            method.def.name,
            vm.full_name(owner),
            vm.full_name(class)
        )));
    }
    vm.call_native(method.def, receiver, args.skip_first(), &method.signature)
}

fn descriptor_get(vm: &Vm, descr: &Value, object: Option<&Value>, _owner: Option<&Value>) -> PyResult {
    let Some(object) = object.filter(|o| !o.is_none() || descr_owner_is_none_type(vm, descr)) else {
        return Ok(descr.clone());
    };
    let method = descriptor(vm, descr)?;
    let owner = method.owner.get().unwrap_or(Value::NONE);
    if let Some(owner) = owner.downcast::<Type>()
        && !vm.type_of(object).is_subtype(owner)
    {
        return Err(vm.type_error(format!(
            "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
            method.def.name,
            vm.full_name(owner),
            vm.type_name(object)
        )));
    }
    let bound = method.bound(vm, object.clone());
    if let Some(native) = bound.downcast::<NativeFunction>() {
        native.owner.set(Some(owner));
    }
    Ok(bound)
}

fn descr_owner_is_none_type(vm: &Vm, descr: &Value) -> bool {
    descr
        .downcast::<MethodDescriptor>()
        .and_then(|d| d.owner.get())
        .is_some_and(|o| o.is(vm.types.none_type.as_value()) || o.is(vm.types.object.as_value()))
}

fn class_descriptor_get(vm: &Vm, descr: &Value, object: Option<&Value>, owner: Option<&Value>) -> PyResult {
    let class = match (owner, object) {
        (Some(owner), _) => owner.clone(),
        (None, Some(object)) => vm.type_of(object).to_value(),
        (None, None) => return Err(vm.type_error("__get__(None, None) is invalid")),
    };
    Ok(descriptor(vm, descr)?.bound(vm, class))
}

fn function_repr(vm: &Vm, value: &Value) -> PyResult {
    let native = function(vm, value)?;
    match native.receiver.get() {
        Some(receiver) if !vm.is_module(&receiver) => {
            let class = vm.type_name(&receiver);
            let address = receiver.word();
            Ok(vm.new_str(&format!("<built-in method {} of {class} object at {address:#x}>", native.def.name)))
        }
        _ => Ok(vm.new_str(&format!("<built-in function {}>", native.def.name))),
    }
}

fn descriptor_repr(vm: &Vm, value: &Value) -> PyResult {
    let method = descriptor(vm, value)?;
    let owner = method.owner.get().unwrap_or(Value::NONE);
    let class = owner.downcast::<Type>().map(|ty| vm.full_name(ty)).unwrap_or_default();
    Ok(vm.new_str(&format!("<method '{}' of '{class}' objects>", method.def.name)))
}

fn function_compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<NativeFunction>(), b.downcast::<NativeFunction>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let _ = vm;
    let same_receiver = match (x.receiver.get(), y.receiver.get()) {
        (Some(p), Some(q)) => p.is(&q),
        (None, None) => true,
        _ => false,
    };
    let same = same_receiver && std::ptr::eq(x.def, y.def);
    match op {
        CompareOp::Eq => Ok(Value::bool(same)),
        CompareOp::Ne => Ok(Value::bool(!same)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn function_hash(vm: &Vm, value: &Value) -> PyResult<i64> {
    let native = function(vm, value)?;
    let receiver = native.receiver.get().map_or(0, |r| r.word() as usize);
    let own = std::ptr::from_ref(native.def).addr();
    Ok(oriel_kernel::hash::fix(oriel_kernel::hash::hash_pointer(receiver) ^ oriel_kernel::hash::hash_pointer(own)))
}

fn function_qualname(vm: &Vm, value: &Value) -> PyResult {
    let native = function(vm, value)?;
    let class = match (native.owner.get(), native.receiver.get()) {
        (Some(owner), _) => Some(owner),
        (None, Some(receiver)) if vm.is_module(&receiver) => None,
        (None, Some(receiver)) if receiver.downcast::<Type>().is_some() => Some(receiver),
        (None, Some(receiver)) => Some(vm.type_of(&receiver).to_value()),
        (None, None) => None,
    };
    match class.as_ref().and_then(|class| class.downcast::<Type>()) {
        Some(class) => {
            // What a class is asked for belongs to the class itself, an instance's method to the class it is found in.
            let receiver = native.receiver.get();
            let class = match &receiver {
                Some(receiver) => receiver.downcast::<Type>().unwrap_or_else(|| vm.type_of(receiver)),
                None => class,
            };
            let prefix = vm.str_text(&class.qualname.get());
            Ok(vm.new_str(&format!("{prefix}.{}", native.def.name)))
        }
        None => Ok(vm.intern(native.def.name)),
    }
}

fn descriptor_qualname(vm: &Vm, value: &Value) -> PyResult {
    let method = descriptor(vm, value)?;
    let owner = method.owner.get().unwrap_or(Value::NONE);
    let class = owner.downcast::<Type>().map(|ty| vm.str_text(&ty.qualname.get())).unwrap_or_default();
    Ok(vm.new_str(&format!("{class}.{}", method.def.name)))
}

fn function_reduce(vm: &Vm, value: &Value) -> PyResult {
    let native = function(vm, value)?;
    match native.receiver.get() {
        Some(receiver) if !vm.is_module(&receiver) => {
            let getattr = vm.frame_builtin("getattr")?;
            Ok(vm.new_tuple(&[getattr, vm.new_tuple(&[receiver, vm.intern(native.def.name)])]))
        }
        _ => Ok(vm.intern(native.def.name)),
    }
}

fn descriptor_reduce(vm: &Vm, value: &Value) -> PyResult {
    let method = descriptor(vm, value)?;
    let getattr = vm.frame_builtin("getattr")?;
    let owner = method.owner.get().unwrap_or(Value::NONE);
    Ok(vm.new_tuple(&[getattr, vm.new_tuple(&[owner, vm.intern(method.def.name)])]))
}
