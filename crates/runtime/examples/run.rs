//! Runs the code object of a .pyc file in a fresh interpreter: for trying the loop without compiler and import system.

use oriel_bytecode::marshal;
use oriel_runtime::bootstrap::{FrozenLibrary, Runtime};
use oriel_runtime::config::Config;
use oriel_runtime::{MethodDef, Value};

static PRINT: MethodDef = MethodDef::args(
    "print",
    |vm, _, args| {
        let mut line = Vec::new();
        for value in args.positional() {
            line.push(vm.str_text(&vm.str(value)?));
        }
        println!("{}", line.join(" "));
        Ok(Value::NONE)
    },
    "",
    "",
);

fn main() {
    let path = std::env::args().nth(1).unwrap_or_default();
    let data = std::fs::read(&path).unwrap_or_default();
    let Ok(code) = marshal::plain::load_code(data.get(16..).unwrap_or_default()) else {
        eprintln!("{path}: not a code object");
        std::process::exit(2);
    };
    let runtime = match Runtime::new(Config::default(), &[], FrozenLibrary::EMPTY) {
        Ok(runtime) => runtime,
        Err(_) => {
            eprintln!("the interpreter does not start");
            std::process::exit(2);
        }
    };
    let vm = runtime.vm();
    let globals = vm.new_dict();
    globals.set_str(&vm.intern("__builtins__"), vm.builtins.to_value());
    globals.set_str(&vm.intern("__name__"), vm.intern("__main__"));
    globals.set_str(&vm.intern("print"), vm.new_native_function(&PRINT, None, None));
    vm.builtins.set_str(&vm.intern("print"), vm.new_native_function(&PRINT, None, None));
    if let Ok(Some(sys)) = vm.native_module("sys") {
        globals.set_str(&vm.intern("sys"), sys);
    }
    let result =
        vm.new_code(code).and_then(|code| oriel_runtime::interpreter::run_code(vm, &code, &globals, None, None));
    if let Err(raised) = result {
        let name = vm.type_name(&raised.0);
        let text = vm.str(&raised.0).map(|text| vm.str_text(&text)).unwrap_or_default();
        let mut entry = vm.traceback_of(&raised.0);
        while let Some(traceback) = entry {
            let line = vm.get_attr_str(&traceback, "tb_lineno").and_then(|line| vm.repr_text(&line));
            eprintln!("  line {}", line.unwrap_or_default());
            entry = vm.get_attr_str(&traceback, "tb_next").ok().filter(|next| !next.is_none());
        }
        eprintln!("{name}: {text}");
        std::process::exit(1);
    }
}
