//! `_ast`: syntax trees as objects, and `compile()` to and from them.

mod classes;
mod convert;
mod from_objects;
mod grammar;
mod to_objects;

use classes::State;
use oriel_runtime::compile::{AstHooks, OPTIMIZED_AST, SOURCE_IS_UTF8};
use oriel_runtime::{Mode, ModuleSpec, PyResult, Value, Vm};
use oriel_syntax::Arena;

/// `_ast`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_ast",
    doc: "The classes of syntax trees.",
    functions: &[],
    exec: |vm, module| {
        install(vm);
        let state = classes::state(vm)?;
        for (name, class) in state.each() {
            vm.module_set(module, name, class.clone())?;
        }
        for (name, flag) in [
            ("PyCF_ALLOW_TOP_LEVEL_AWAIT", 0x2000),
            ("PyCF_ONLY_AST", 0x400),
            ("PyCF_TYPE_COMMENTS", 0x1000),
            ("PyCF_OPTIMIZED_AST", 0x8400),
        ] {
            vm.module_set(module, name, Value::small(flag))?;
        }
        Ok(())
    },
};

/// Lets `compile()` make and take trees.
fn install(vm: &Vm) {
    vm.ast_hooks.set(Some(AstHooks { is_tree, compile, parse }));
}

fn is_tree(vm: &Vm, value: &Value) -> bool {
    vm.state::<State>().is_tree(vm, value)
}

fn parse(
    vm: &Vm,
    source: &[u8],
    filename: &str,
    mode: Mode,
    flags: u32,
    optimize: i32,
    feature_version: i32,
) -> PyResult {
    let text = vm.decode_source(source, filename, flags & SOURCE_IS_UTF8)?;
    let options = vm.compiler_options(flags, optimize, feature_version);
    let arena = Arena::for_source(text.len());
    let mut warnings = Vec::new();
    let tree = oriel_syntax::parse(&arena, &text, mode, &options.parse, &mut warnings);
    for warning in &warnings {
        vm.syntax_warning(warning, filename)?;
    }
    let tree = tree.map_err(|error| vm.raise_syntax_error(&error, filename))?;
    let tree = if flags & OPTIMIZED_AST == OPTIMIZED_AST {
        oriel_compiler::optimize_tree(&arena, &tree, &options)
            .map_err(|error| vm.raise_syntax_error(&error, filename))?
    } else {
        tree
    };
    let state = classes::state(vm)?;
    to_objects::Writer { vm, state: &state }.module(&tree)
}

fn compile(vm: &Vm, tree: &Value, filename: &str, mode: Mode, flags: u32, optimize: i32) -> PyResult {
    let state = classes::state(vm)?;
    let expected = match mode {
        Mode::Exec => "Module",
        Mode::Eval => "Expression",
        Mode::Single => "Interactive",
        Mode::FuncType => "FunctionType",
    };
    if !vm.is_instance(tree, &state.class(expected))? {
        let given = vm.type_name(tree);
        return Err(vm.type_error(format!("expected {expected} node, got {given}")));
    }
    if flags & oriel_runtime::compile::ONLY_AST != 0 && flags & OPTIMIZED_AST != OPTIMIZED_AST {
        return Ok(tree.clone());
    }
    let arena = Arena::new();
    let module = from_objects::Reader { vm, state: &state, arena: &arena }.module(tree)?;
    let options = vm.compiler_options(flags, optimize, -1);
    oriel_compiler::validate(&module, &options).map_err(|error| vm.raise_syntax_error(&error, filename))?;
    if flags & oriel_runtime::compile::ONLY_AST != 0 {
        let module = oriel_compiler::optimize_tree(&arena, &module, &options)
            .map_err(|error| vm.raise_syntax_error(&error, filename))?;
        return to_objects::Writer { vm, state: &state }.module(&module);
    }
    let mut warnings = Vec::new();
    let result =
        oriel_compiler::compile(&arena, &module, &oriel_bytecode::Text::from(filename), &options, &mut warnings);
    for warning in &warnings {
        vm.syntax_warning(warning, filename)?;
    }
    match result {
        Ok(code) => Ok(vm.new_code(std::rc::Rc::new(code))?.into_value()),
        Err(error) => Err(vm.raise_syntax_error(&error, filename)),
    }
}
