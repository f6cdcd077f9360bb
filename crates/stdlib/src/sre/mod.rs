//! `_sre`: compiled patterns, matches and scanners around the kernel's regular-expression engine.

mod matches;
mod pattern;
mod scanner;
mod subject;
mod substitute;
mod template;

use oriel_kernel::sre::{self, chars};
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{MethodDef, ModuleSpec, PyResult, Value, Vm};
use std::cell::OnceCell;
use std::rc::Rc;

/// The module's types, shared by its objects.
pub(crate) struct Types {
    pattern: TypeRef,
    matched: TypeRef,
    scanner: TypeRef,
    template: TypeRef,
}

/// The module's state.
#[derive(Default)]
struct State {
    types: OnceCell<Rc<Types>>,
}

fn types(vm: &Vm) -> PyResult<Rc<Types>> {
    let state = vm.state::<State>();
    if let Some(types) = state.types.get() {
        return Ok(types.clone());
    }
    let fresh = Rc::new(Types {
        pattern: vm.new_type(&pattern::SPEC)?,
        matched: vm.new_type(&matches::SPEC)?,
        scanner: vm.new_type(&scanner::SPEC)?,
        template: vm.new_type(&template::SPEC)?,
    });
    Ok(state.types.get_or_init(|| fresh).clone())
}

/// `_sre`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_sre",
    doc: "",
    functions: &[
        MethodDef::bound(
            "compile",
            pattern::compile,
            "($module, /, pattern, flags, code, groups, groupindex,\n        indexgroup)",
            "A pattern of a code array.",
        ),
        MethodDef::positional(
            "template",
            2,
            2,
            template::new,
            "($module, pattern, template, /)",
            "A replacement template of its parts.",
        ),
        MethodDef::noargs(
            "getcodesize",
            |vm, _| Ok(vm.new_int(sre::CODE_SIZE as i64)),
            "($module, /)",
            "Bytes of a code word.",
        ),
        MethodDef::one(
            "ascii_iscased",
            |vm, _, c| Ok(Value::bool(chars::is_cased_ascii(vm.to_i32(c)? as u32))),
            "($module, character, /)",
            "Whether an ASCII character has case.",
        ),
        MethodDef::one(
            "unicode_iscased",
            |vm, _, c| Ok(Value::bool(chars::is_cased_unicode(vm.to_i32(c)? as u32))),
            "($module, character, /)",
            "Whether a character has case.",
        ),
        MethodDef::one(
            "ascii_tolower",
            |vm, _, c| Ok(vm.new_int(i64::from(chars::lower_ascii(vm.to_i32(c)? as u32) as i32))),
            "($module, character, /)",
            "The lower-case form among ASCII characters.",
        ),
        MethodDef::one(
            "unicode_tolower",
            |vm, _, c| Ok(vm.new_int(i64::from(chars::lower_unicode(vm.to_i32(c)? as u32) as i32))),
            "($module, character, /)",
            "The lower-case form.",
        ),
    ],
    exec: |vm, module| {
        types(vm)?;
        vm.module_set(module, "MAGIC", vm.new_int(i64::from(sre::MAGIC)))?;
        vm.module_set(module, "CODESIZE", vm.new_int(sre::CODE_SIZE as i64))?;
        vm.module_set(module, "MAXREPEAT", vm.new_int(i64::from(sre::MAX_REPEAT)))?;
        vm.module_set(module, "MAXGROUPS", vm.new_int(sre::MAX_GROUPS as i64))?;
        vm.module_set(module, "copyright", vm.new_str(" SRE 2.2.2 Copyright (c) 1997-2002 by Secret Labs AB "))
    },
};
