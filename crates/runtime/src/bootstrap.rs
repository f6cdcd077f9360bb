//! Stage 2: from nothing to an interpreter. What is immortal and the same each time comes first, then what depends on
//! the environment.

use crate::config::Config;
use crate::error::PyResult;
use crate::names::Names;
use crate::native::ModuleSpec;
use crate::types::Types;
use crate::vm::{Interpreter, Vm};
use oriel_heap::{Heap, Hooks, Value};
use std::ptr::NonNull;

/// A module of the embedded library.
#[derive(Clone)]
pub struct LibraryModule {
    /// Whether it is a package.
    pub is_package: bool,
    /// Whether CPython freezes it, too: then the frozen importer serves it, else the library's path entry.
    pub frozen: bool,
    /// The image of its code object.
    pub code: &'static [u8],
    /// The path of its source below the library's root.
    pub path: &'static str,
    /// For a frozen one, the name of the module it was made from.
    pub origin: Option<String>,
}

/// Where the embedded library is found.
#[derive(Clone, Copy)]
pub struct FrozenLibrary {
    /// A module by its full name.
    pub find: fn(&str) -> Option<LibraryModule>,
    /// The full names of the modules directly inside a package, and whether they are packages.
    pub children: fn(&str) -> Vec<(&'static str, bool)>,
    /// The size of a file by its path below the library's root.
    pub file_size: fn(&str) -> Option<usize>,
    /// The content of a file by its path below the library's root.
    pub file: fn(&str) -> Option<Vec<u8>>,
    /// The names of the modules that CPython freezes, too.
    pub frozen_names: fn() -> Vec<&'static str>,
}

impl FrozenLibrary {
    /// A library without modules.
    pub const EMPTY: FrozenLibrary = FrozenLibrary {
        find: |_| None,
        children: |_| Vec::new(),
        file_size: |_| None,
        file: |_| None,
        frozen_names: Vec::new,
    };
}

/// An interpreter with its main thread. Dropping it finalizes the interpreter.
pub struct Runtime {
    vm: Box<Vm>,
    interpreter: NonNull<Interpreter>,
}

impl Runtime {
    /// The main thread.
    pub fn vm(&self) -> &Vm {
        &self.vm
    }

    /// Ends the process's use of the interpreter. What is still alive goes with the process.
    pub fn end(self) {
        std::mem::forget(self);
    }

    /// Builds an interpreter: types, names, builtins. The import system is started by [`Vm::start_import_system`].
    pub fn new(config: Config, modules: &[&'static ModuleSpec], library: FrozenLibrary) -> PyResult<Runtime> {
        let interpreter = NonNull::from(Box::leak(Box::new(Interpreter::bare(config, library))));
        // SAFETY: the interpreter is freed after its main thread, in `Drop`.
        let vm = Box::new(unsafe { Vm::new(interpreter) });
        vm.acquire_gil();
        vm.register_thread(&*vm);
        vm.heap.set_hooks(
            Hooks {
                clear_weak_references: crate::weak::clear_for,
                unreachable: crate::weak::clear_unreachable,
                want_collection: |heap: &Heap| {
                    if let Some(vm) = crate::vm::vm_of_heap(heap) {
                        vm.collection_wanted.set(true);
                        vm.set_pending();
                    }
                },
            },
            interpreter.as_ptr().cast_const().cast(),
        );
        // SAFETY: each late field is filled once, here, before anything reads it.
        unsafe {
            vm.types.fill(Types::allocate(&vm.heap));
            vm.constants.fill(vm.make_constants());
            vm.names.fill(Names::new(|name| vm.intern(name)));
            vm.builtins.fill(vm.new_dict());
            vm.sys.fill(vm.new_dict());
            vm.modules.fill(vm.new_dict());
        }
        vm.ready_builtin_types()?;
        for spec in modules {
            vm.add_native_module(spec);
        }
        crate::modules::register(&vm);
        vm.start_builtins()?;
        crate::platform::memory::release_program();
        Ok(Runtime { vm, interpreter })
    }
}

impl Vm {
    /// The namespace of `builtins`: functions, types, exceptions, constants.
    fn start_builtins(&self) -> PyResult<()> {
        let module = self.native_module("builtins")?;
        let Some(module) = module else { return Err(self.system_error("no builtins")) };
        let mut entries = Vec::new();
        self.types.each(|ty, spec| {
            if crate::modules::builtins::is_public_type(spec) {
                entries.push(ty.clone());
            }
        });
        for ty in entries {
            self.builtins.set_str(&ty.name.get(), ty.to_value());
        }
        for (name, value) in [
            ("None", Value::NONE),
            ("True", Value::TRUE),
            ("False", Value::FALSE),
            ("Ellipsis", Value::ELLIPSIS),
            ("NotImplemented", Value::NOT_IMPLEMENTED),
            ("__debug__", Value::bool(self.config.optimize == 0)),
            ("EnvironmentError", self.types.os_error.to_value()),
            ("IOError", self.types.os_error.to_value()),
            ("_IncompleteInputError", self.types.incomplete_input_error.to_value()),
        ] {
            self.builtins.set_str(&self.intern(name), value);
        }
        self.modules.set_str(&self.names.builtins, module);
        Ok(())
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.vm.set_current(&*self.vm);
        // The heap goes with the process or with the interpreter's last reference: objects that are still alive keep
        // Rust memory which only their own finalization would free.
        let _ = self.interpreter;
    }
}
