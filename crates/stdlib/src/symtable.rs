//! `_symtable`: the compiler's symbol tables as objects.

use crate::bodies::{body, made};
use oriel_compiler::symtable::{BlockKind, Flags, Scope, SymbolTable};
use oriel_runtime::native::{GetSetDef, MethodDef, ModuleSpec, TypeSpec, type_flags};
use oriel_runtime::types::str::Str;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Mode, PyResult, Ref, Value, Vm};
use oriel_syntax::Arena;
use std::cell::OnceCell;

/// `_symtable`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_symtable",
    doc: "",
    functions: &[MethodDef::positional(
        "symtable",
        3,
        3,
        symtable,
        "($module, source, filename, startstr, /)",
        "Return the symbol table of a source.",
    )],
    exec: |vm, module| {
        let _ = vm.state::<State>().entry.set(vm.new_type(&ENTRY)?);
        for (name, flags) in [
            ("USE", Flags::USE),
            ("DEF_GLOBAL", Flags::GLOBAL),
            ("DEF_NONLOCAL", Flags::NONLOCAL),
            ("DEF_LOCAL", Flags::LOCAL),
            ("DEF_PARAM", Flags::PARAM),
            ("DEF_TYPE_PARAM", Flags::TYPE_PARAM),
            ("DEF_FREE_CLASS", Flags::FREE_CLASS),
            ("DEF_IMPORT", Flags::IMPORT),
            ("DEF_BOUND", Flags::BOUND),
            ("DEF_ANNOT", Flags::ANNOT),
            ("DEF_COMP_ITER", Flags::COMP_ITER),
            ("DEF_COMP_CELL", Flags::COMP_CELL),
        ] {
            vm.module_set(module, name, Value::small(flags.0 as i32))?;
        }
        for (name, kind) in [
            ("TYPE_FUNCTION", BlockKind::Function),
            ("TYPE_CLASS", BlockKind::Class),
            ("TYPE_MODULE", BlockKind::Module),
            ("TYPE_ANNOTATION", BlockKind::Annotation),
            ("TYPE_TYPE_ALIAS", BlockKind::TypeAlias),
            ("TYPE_TYPE_PARAMETERS", BlockKind::TypeParameters),
            ("TYPE_TYPE_VARIABLE", BlockKind::TypeVariable),
        ] {
            vm.module_set(module, name, Value::small(kind as i32))?;
        }
        for (name, scope) in [
            ("LOCAL", Scope::Local),
            ("GLOBAL_EXPLICIT", Scope::GlobalExplicit),
            ("GLOBAL_IMPLICIT", Scope::GlobalImplicit),
            ("FREE", Scope::Free),
            ("CELL", Scope::Cell),
        ] {
            vm.module_set(module, name, Value::small(scope as i32))?;
        }
        vm.module_set(module, "SCOPE_OFF", Value::small(Flags::SCOPE_OFFSET as i32))?;
        vm.module_set(module, "SCOPE_MASK", Value::small(0xf))
    },
};

/// The body of one block's entry.
struct Entry {
    name: Value,
    kind: Value,
    lineno: Value,
    nested: Value,
    symbols: Value,
    varnames: Value,
    children: Value,
}

body!(Entry, "symtable entry", name, kind, lineno, nested, symbols, varnames, children);

fn entry<'v>(vm: &Vm, this: &'v Value) -> PyResult<&'v Ref<Entry>> {
    this.downcast::<Entry>().ok_or_else(|| vm.type_error("a symtable entry is required"))
}

/// What CPython takes the address for.
fn identity(vm: &Vm, this: &Value) -> Value {
    vm.new_uint(this.word())
}

macro_rules! member {
    ($name:literal, $field:ident) => {
        GetSetDef::new(
            $name,
            |vm, this| Ok(entry(vm, this)?.$field.clone()),
            |vm, _, _| Err(vm.attribute_error("readonly attribute")),
            "",
        )
    };
}

static ENTRY: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.repr.set(Some(|vm, this| {
            let body = entry(vm, this)?;
            let (name, id, line) = (vm.str_text(&body.name), identity(vm, this), &body.lineno);
            let (id, line) = (vm.str_text(&vm.str(&id)?), vm.str_text(&vm.str(line)?));
            Ok(vm.new_str(&format!("<symtable entry {name}({id}), line {line}>")))
        }));
    },
    getset: &[
        GetSetDef::new(
            "id",
            |vm, this| Ok(identity(vm, this)),
            |vm, _, _| Err(vm.attribute_error("readonly attribute")),
            "",
        ),
        member!("name", name),
        member!("symbols", symbols),
        member!("varnames", varnames),
        member!("children", children),
        member!("nested", nested),
        member!("type", kind),
        member!("lineno", lineno),
    ],
    ..TypeSpec::new("symtable entry", <Entry as oriel_runtime::Body>::layout)
};

fn symtable(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let [source, filename, start] = args else { return Ok(Value::NONE) };
    let Some(start_text) = start.downcast::<Str>() else {
        return Err(vm.type_error(format!("symtable() argument 3 must be str, not {}", vm.type_name(start))));
    };
    let filename = vm.filesystem_text(filename)?;
    let bytes = vm.source_text(source, "symtable() arg 1 must be a string or bytes object")?;
    let mode = match start_text.to_text().as_str() {
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        _ => return Err(vm.value_error("symtable() arg 3 must be 'exec' or 'eval' or 'single'")),
    };
    let flags = if source.downcast::<Str>().is_some() { oriel_runtime::compile::SOURCE_IS_UTF8 } else { 0 };
    let text = vm.decode_source(&bytes, &filename, flags)?;
    let options = vm.compiler_options(0, -1, -1);
    let arena = Arena::for_source(text.len());
    let mut warnings = Vec::new();
    let tree = oriel_syntax::parse(&arena, &text, mode, &options.parse, &mut warnings);
    for warning in &warnings {
        vm.syntax_warning(warning, &filename)?;
    }
    let table = tree
        .and_then(|tree| oriel_compiler::symbol_table(&arena, &tree, &options))
        .map_err(|error| vm.raise_syntax_error(&error, &filename))?;
    entries(vm, &table)
}

/// The objects of a table; that of the module comes out.
fn entries(vm: &Vm, table: &SymbolTable<'_>) -> PyResult {
    let state = vm.state::<State>();
    let class = made(vm, &state.entry)?;
    // Blocks come after those that they are in, so their objects are there when they are wanted.
    let mut objects = vec![Value::NONE; table.blocks.len()];
    for (index, block) in table.blocks.iter().enumerate().rev() {
        let symbols = vm.new_dict();
        for (name, flags) in &block.symbols {
            symbols.set(vm, &vm.new_str(name), vm.new_uint(u64::from(flags.0)))?;
        }
        let varnames = block.varnames.iter().map(|name| vm.new_str(name)).collect();
        let children = block.children.iter().filter_map(|child| objects.get(child.0).cloned()).collect();
        let body = Entry {
            name: vm.new_str(block.name),
            kind: Value::small(block.kind as i32),
            lineno: Value::small(block.location.lineno),
            nested: Value::small(i32::from(block.nested)),
            symbols: symbols.into_value(),
            varnames: vm.new_list(varnames).into_value(),
            children: vm.new_list(children).into_value(),
        };
        objects[index] = vm.new_instance(class, body)?.into_value();
    }
    Ok(objects.swap_remove(0))
}

#[derive(Default)]
struct State {
    entry: OnceCell<TypeRef>,
}
