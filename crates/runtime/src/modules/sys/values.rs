//! The constants of `sys`, and what the configuration decides.

use super::names::STDLIB_MODULE_NAMES;
use super::structs;
use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::types::float::float_of;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};

/// The version of the language and library.
pub const VERSION: (i64, i64, i64) = (3, 14, 10);
/// `sys.hexversion`
pub const HEX_VERSION: i64 = (VERSION.0 << 24) | (VERSION.1 << 16) | (VERSION.2 << 8) | 0xf0;
/// The tag in the names of cached bytecode.
pub const CACHE_TAG: &str = "cpython-314";

/// What `sys` keeps besides its namespace.
#[derive(Default)]
pub struct SysState {
    /// `type(sys.flags)`
    pub flags_type: OptionCell,
    /// The class of what `sys.unraisablehook` is handed.
    pub unraisable_type: OptionCell,
    /// The class of `sys.get_asyncgen_hooks()`.
    pub asyncgen_hooks_type: OptionCell,
}

/// A struct type kept in a cell, made at the first use.
pub(super) fn struct_type(
    vm: &Vm,
    cell: &OptionCell,
    spec: &'static crate::types::struct_sequence::StructSpec,
) -> PyResult<TypeRef> {
    if let Some(ty) = cell.get().and_then(|ty| Ref::try_from_value(ty).ok()) {
        return Ok(ty);
    }
    let ty = vm.new_struct_type(spec)?;
    cell.set(Some(ty.to_value()));
    Ok(ty)
}

/// Puts the values into the module.
pub(super) fn fill(vm: &Vm, module: &Value) -> PyResult<()> {
    let text = |text: &str| vm.new_str(text);
    let set = |name: &str, value: Value| vm.module_set(module, name, value);
    let config = &vm.config;
    let (major, minor, micro) = VERSION;
    let version = vm.new_struct(
        &vm.new_struct_type(&structs::VERSION_INFO)?,
        vec![vm.new_int(major), vm.new_int(minor), vm.new_int(micro), text("final"), Value::small(0)],
    )?;
    set("version", text(&format!("{major}.{minor}.{micro} (main) [Oriel {}]", env!("CARGO_PKG_VERSION"))))?;
    set("version_info", version.clone())?;
    set("hexversion", vm.new_int(HEX_VERSION))?;
    set("api_version", Value::small(1013))?;
    set("_git", vm.new_tuple(&[text("Oriel"), text(""), text("")]))?;
    set("copyright", text("Copyright (c) the Oriel developers."))?;
    set("platform", text("linux"))?;
    set("byteorder", text(if cfg!(target_endian = "little") { "little" } else { "big" }))?;
    set("maxsize", vm.new_int(i64::MAX))?;
    set("maxunicode", Value::small(0x10_ffff))?;
    set("float_repr_style", text("short"))?;
    set("abiflags", text(""))?;
    set("_framework", text(""))?;
    set("platlibdir", text("lib"))?;
    set("dont_write_bytecode", Value::bool(config.dont_write_bytecode))?;
    set("flags", flags(vm)?)?;
    set("implementation", implementation(vm, version)?)?;
    numbers(vm, module)?;
    let names = STDLIB_MODULE_NAMES.iter().map(|name| vm.intern(name)).collect();
    let names = vm.new_list(names).into_value();
    let frozenset = vm.builtins.get_str(&vm.intern("frozenset"));
    let names = match frozenset {
        Some(frozenset) => vm.call(&frozenset, &[names])?,
        None => names,
    };
    set("stdlib_module_names", names)?;
    let mut native: Vec<&str> = vm.native_modules.borrow().keys().copied().collect();
    native.sort_unstable();
    let native: Vec<Value> = native.into_iter().map(|name| vm.intern(name)).collect();
    set("builtin_module_names", vm.new_tuple(&native))?;
    set("modules", vm.modules.to_value())?;
    set("warnoptions", list_of_text(vm, &config.warn_options))?;
    set("_xoptions", x_options(vm)?)?;
    set("pycache_prefix", optional_path(vm, config.pycache_prefix.as_deref()))?;
    paths(vm, module)
}

fn list_of_text(vm: &Vm, texts: &[String]) -> Value {
    vm.new_list(texts.iter().map(|text| vm.new_str(text)).collect()).into_value()
}

fn optional_path(vm: &Vm, path: Option<&std::ffi::OsStr>) -> Value {
    path.map_or(Value::NONE, |path| vm.new_os_str(path))
}

fn x_options(vm: &Vm) -> PyResult {
    let options = vm.new_dict();
    for option in &vm.config.x_options {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, vm.new_str(value)),
            None => (option.as_str(), Value::TRUE),
        };
        options.set(vm, &vm.new_str(name), value)?;
    }
    Ok(options.into_value())
}

fn flag_values(vm: &Vm, max_digits: i64) -> Vec<Value> {
    let config = &vm.config;
    let number = |number: i32| Value::small(number);
    let flag = |flag: bool| Value::small(flag.into());
    vec![
        number(config.debug),
        flag(config.inspect),
        flag(config.interactive),
        number(config.optimize),
        flag(config.dont_write_bytecode),
        flag(config.no_user_site),
        flag(config.no_site),
        flag(config.ignore_environment),
        number(config.verbose),
        number(config.bytes_warning),
        flag(config.quiet),
        flag(config.hash_seed != Some(0)),
        flag(config.isolated),
        Value::bool(config.dev_mode),
        flag(config.utf8_mode),
        flag(config.warn_default_encoding),
        Value::bool(config.safe_path),
        vm.new_int(max_digits),
        number(1),
        number(0),
        flag(config.context_aware_warnings),
    ]
}

fn flags(vm: &Vm) -> PyResult {
    let ty = struct_type(vm, &vm.state::<SysState>().flags_type, &structs::FLAGS)?;
    vm.new_struct(&ty, flag_values(vm, vm.int_max_str_digits.get() as i64))
}

impl Vm {
    /// Puts the limit of digits in conversions into `sys.flags` anew.
    pub fn renew_sys_flags(&self) -> PyResult<()> {
        let flags = flags(self)?;
        self.sys.set_str(&self.intern("flags"), flags);
        Ok(())
    }
}

fn implementation(vm: &Vm, version: Value) -> PyResult {
    let machine = if cfg!(target_arch = "aarch64") { "aarch64-linux-gnu" } else { "x86_64-linux-gnu" };
    vm.new_namespace(&[
        ("name", vm.new_str("oriel")),
        ("cache_tag", vm.new_str(CACHE_TAG)),
        ("version", version),
        ("hexversion", vm.new_int(HEX_VERSION)),
        ("_multiarch", vm.new_str(machine)),
        ("supports_isolated_interpreters", Value::TRUE),
    ])
}

fn numbers(vm: &Vm, module: &Value) -> PyResult<()> {
    let int = |number: i64| vm.new_int(number);
    let float = |number: f64| vm.new_float(number);
    let text = |text: &str| vm.new_str(text);
    let floats = vec![
        float(f64::MAX),
        int(f64::MAX_EXP.into()),
        int(f64::MAX_10_EXP.into()),
        float(f64::MIN_POSITIVE),
        int(f64::MIN_EXP.into()),
        int(f64::MIN_10_EXP.into()),
        int(f64::DIGITS.into()),
        int(f64::MANTISSA_DIGITS.into()),
        float(f64::EPSILON),
        int(f64::RADIX.into()),
        int(1),
    ];
    let hashes = vec![
        int(64),
        int((1 << 61) - 1),
        int(314_159),
        int(0),
        int(1_000_003),
        text("siphash13"),
        int(64),
        int(128),
        int(0),
    ];
    let threads = vec![text("pthread"), text("semaphore"), Value::NONE];
    for (name, spec, values) in [
        ("float_info", &structs::FLOAT_INFO, floats),
        ("int_info", &structs::INT_INFO, vec![int(30), int(4), int(4300), int(640)]),
        ("hash_info", &structs::HASH_INFO, hashes),
        ("thread_info", &structs::THREAD_INFO, threads),
    ] {
        let value = vm.new_struct(&vm.new_struct_type(spec)?, values)?;
        vm.module_set(module, name, value)?;
    }
    Ok(())
}

fn paths(vm: &Vm, module: &Value) -> PyResult<()> {
    let config = &vm.config;
    let set = |name: &str, value: Value| vm.module_set(module, name, value);
    let executable = vm.new_os_str(&config.executable);
    set("executable", executable.clone())?;
    set("_base_executable", executable)?;
    set("argv", vm.new_list(config.argv.iter().map(|arg| vm.new_os_str(arg)).collect()).into_value())?;
    set("orig_argv", vm.new_list(config.orig_argv.iter().map(|arg| vm.new_os_str(arg)).collect()).into_value())?;
    let prefix = vm.new_str(&vm.prefix());
    for name in ["prefix", "exec_prefix", "base_prefix", "base_exec_prefix"] {
        set(name, prefix.clone())?;
    }
    set("_stdlib_dir", vm.new_str(&vm.library_root()))?;
    set("_home", Value::NONE)?;
    set("path", vm.new_list(Vec::new()).into_value())?;
    set("meta_path", vm.new_list(Vec::new()).into_value())?;
    set("path_hooks", vm.new_list(Vec::new()).into_value())?;
    set("path_importer_cache", vm.new_dict().into_value())
}

/// A float argument, as CPython's argument parser reads it.
pub(super) fn float_argument(vm: &Vm, value: &Value) -> PyResult<f64> {
    if let Some(number) = float_of(value) {
        return Ok(number);
    }
    vm.to_f64(value)
}
