//! `_types`: the types of things that have no name elsewhere.

use oriel_runtime::native::{ModuleSpec, TypeSpec, type_flags};
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Body, Layout};
use std::cell::OnceCell;

/// `_types`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_types",
    doc: "The types of things that have no name elsewhere.",
    functions: &[],
    exec: |vm, module| {
        let types = &vm.types;
        let capsule = vm.state::<State>();
        if capsule.0.get().is_none() {
            let _ = capsule.0.set(vm.new_type(&CAPSULE)?);
        }
        if let Some(capsule) = capsule.0.get() {
            vm.module_set(module, "CapsuleType", capsule.to_value())?;
        }
        for (name, ty) in [
            ("AsyncGeneratorType", &types.async_generator),
            ("BuiltinFunctionType", &types.native_function),
            ("BuiltinMethodType", &types.native_function),
            ("CellType", &types.cell),
            ("ClassMethodDescriptorType", &types.class_method_descriptor),
            ("CodeType", &types.code),
            ("CoroutineType", &types.coroutine),
            ("EllipsisType", &types.ellipsis),
            ("FrameType", &types.frame),
            ("FunctionType", &types.function),
            ("GeneratorType", &types.generator),
            ("GenericAlias", &types.generic_alias),
            ("GetSetDescriptorType", &types.getset_descriptor),
            ("LambdaType", &types.function),
            ("MappingProxyType", &types.mapping_proxy),
            ("MemberDescriptorType", &types.member_descriptor),
            ("MethodDescriptorType", &types.method_descriptor),
            ("MethodType", &types.method),
            ("MethodWrapperType", &types.method_wrapper),
            ("ModuleType", &types.module),
            ("NoneType", &types.none_type),
            ("NotImplementedType", &types.not_implemented_type),
            ("SimpleNamespace", &types.simple_namespace),
            ("TracebackType", &types.traceback),
            ("UnionType", &types.union),
            ("WrapperDescriptorType", &types.wrapper_descriptor),
        ] {
            vm.module_set(module, name, ty.to_value())?;
        }
        Ok(())
    },
};

#[derive(Default)]
struct State(OnceCell<TypeRef>);

/// What extension modules hand to each other; nothing makes one here.
struct Capsule;

static LAYOUT: Layout = Layout::of::<Capsule>("PyCapsule", None);

impl Body for Capsule {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

static CAPSULE: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    doc: "An opaque thing that extension modules hand to each other.",
    ..TypeSpec::new("types.CapsuleType", Capsule::layout)
};
