//! `posix`: the operating system's functions. One file a concept; the calls themselves are in the runtime's `platform`.

mod access;
mod constants;
mod descriptors;
mod directories;
mod environment;
mod extended;
mod identity;
mod names;
mod path_text;
mod processes;
mod scheduling;
mod spawn;
mod stat;
mod structs;
mod system;
mod terminals;
mod transfer;
mod wait;

pub use processes::strings as program_strings;

use oriel_runtime::native::{MethodDef, ModuleSpec};
use oriel_runtime::paths::{PathArgument, PathOptions};
use oriel_runtime::{PyResult, Value, Vm};

/// `posix`
pub static SPEC: ModuleSpec =
    ModuleSpec { name: "posix", doc: "The functions of a POSIX operating system.", functions: &[], exec };

fn exec(vm: &Vm, module: &Value) -> PyResult<()> {
    let tables: [&'static [MethodDef]; 15] = [
        access::FUNCTIONS,
        descriptors::FUNCTIONS,
        directories::FUNCTIONS,
        environment::FUNCTIONS,
        extended::FUNCTIONS,
        identity::FUNCTIONS,
        names::FUNCTIONS,
        path_text::FUNCTIONS,
        processes::FUNCTIONS,
        scheduling::FUNCTIONS,
        spawn::FUNCTIONS,
        stat::FUNCTIONS,
        system::FUNCTIONS,
        terminals::FUNCTIONS,
        transfer::FUNCTIONS,
    ];
    for table in tables {
        vm.module_functions(module, table)?;
    }
    vm.module_functions(module, wait::FUNCTIONS)?;
    for (name, value) in constants::CONSTANTS {
        vm.module_set(module, name, vm.new_int(*value))?;
    }
    for (name, table) in [
        ("pathconf_names", constants::PATHCONF_NAMES),
        ("confstr_names", constants::CONFSTR_NAMES),
        ("sysconf_names", constants::SYSCONF_NAMES),
    ] {
        let dict = vm.new_dict();
        for (name, value) in table {
            dict.set_str(&vm.intern(name), vm.new_int((*value).into()));
        }
        vm.module_set(module, name, dict)?;
    }
    let have = constants::HAVE_FUNCTIONS.iter().map(|name| vm.new_str(name)).collect();
    vm.module_set(module, "_have_functions", vm.new_list(have))?;
    vm.module_set(module, "environ", environment::read(vm)?)?;
    vm.module_set(module, "error", vm.types.os_error.to_value())?;
    structs::add(vm, module)?;
    directories::add_types(vm, module)
}

/// A path argument that is a path and nothing else.
fn path(vm: &Vm, value: Option<&Value>, function: &str) -> PyResult<PathArgument> {
    vm.path_argument(value, function, "path", PathOptions::default())
}

/// A path argument that may be a descriptor.
fn path_or_fd(vm: &Vm, value: Option<&Value>, function: &str) -> PyResult<PathArgument> {
    vm.path_argument(value, function, "path", PathOptions { descriptor: true, nullable: false })
}

/// The argument `dir_fd`.
fn folder(vm: &Vm, value: Option<&Value>) -> PyResult<i32> {
    match value.filter(|value| !value.is_none()) {
        None => Ok(libc::AT_FDCWD),
        Some(value) if vm.type_of(value).slots.nb_index.get().is_some() => {
            if value.as_bool().is_some() {
                vm.warn(&vm.types.runtime_warning, "bool is used as a file descriptor", 1)?;
            }
            vm.descriptor_number(value)
        }
        Some(value) => {
            let name = vm.type_name(value);
            Err(vm.type_error(format!("argument should be integer or None, not {name}")))
        }
    }
}

/// A flag argument with its default.
fn flag(vm: &Vm, value: Option<&Value>, default: bool) -> PyResult<bool> {
    value.map_or(Ok(default), |value| vm.truth(value))
}

/// An integer argument with its default.
fn number(vm: &Vm, value: Option<&Value>, default: i32) -> PyResult<i32> {
    value.map_or(Ok(default), |value| vm.to_i32(value))
}

/// A required argument, which binding has made sure of.
fn given<'a>(vm: &Vm, value: Option<&'a Value>) -> PyResult<&'a Value> {
    value.ok_or_else(|| vm.type_error("an argument is missing"))
}

/// A required descriptor.
fn fd(vm: &Vm, value: Option<&Value>) -> PyResult<i32> {
    vm.to_i32(given(vm, value)?)
}

/// `None`, or the error of a call.
fn done<T>(vm: &Vm, result: oriel_runtime::platform::Result<T>) -> PyResult {
    match result {
        Ok(_) => Ok(Value::NONE),
        Err(errno) => Err(vm.os_error(errno)),
    }
}

/// `None`, or the error of a call about a path.
fn done_path<T>(vm: &Vm, result: oriel_runtime::platform::Result<T>, path: &PathArgument) -> PyResult {
    match result {
        Ok(_) => Ok(Value::NONE),
        Err(errno) => Err(vm.path_error(errno, path)),
    }
}

/// The error of a call, raised.
trait OrRaise<T> {
    /// The value, or an OSError.
    fn or_raise(self, vm: &Vm) -> PyResult<T>;
}

impl<T> OrRaise<T> for oriel_runtime::platform::Result<T> {
    fn or_raise(self, vm: &Vm) -> PyResult<T> {
        self.map_err(|errno| vm.os_error(errno))
    }
}

/// A user or group number; -1 is allowed and means "unchanged".
fn identity_number(vm: &Vm, value: &Value, what: &str) -> PyResult<u32> {
    let Ok(index) = vm.index(value) else {
        let name = vm.type_name(value);
        return Err(vm.type_error(format!("{what} should be integer, not {name}")));
    };
    match vm.small_or_big(&index) {
        Some(Ok(-1)) => Ok(u32::MAX),
        Some(Ok(number)) if number < 0 => Err(vm.overflow_error(format!("{what} is less than minimum"))),
        Some(Ok(number)) => {
            u32::try_from(number).map_err(|_| vm.overflow_error(format!("{what} is greater than maximum")))
        }
        Some(Err(big)) if big.value.sign() == dashu_int::Sign::Negative => {
            Err(vm.overflow_error(format!("{what} is less than minimum")))
        }
        _ => Err(vm.overflow_error(format!("{what} is greater than maximum"))),
    }
}
