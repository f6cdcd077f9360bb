//! Stage 5's door: `import` statements and `__import__`, over the library's own importlib.

use crate::error::PyResult;
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::traceback::Traceback;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};

impl Vm {
    /// `__import__(name, globals, fromlist, level)` (CPython's `PyImport_ImportModuleLevelObject`).
    pub fn import_name(&self, name: &Value, globals: &Value, fromlist: &Value, level: i32) -> PyResult {
        self.import_untrimmed(name, globals, fromlist, level).inspect_err(|raised| self.trim_import_frames(&raised.0))
    }

    /// Takes the import system's own frames out of a traceback: all of them of an ImportError, of other exceptions
    /// those between the import and the code of the module.
    #[cold]
    fn trim_import_frames(&self, exception: &Value) {
        if self.config.verbose > 0 {
            return;
        }
        let always = self.is_instance_exact(exception, &self.types.import_error);
        let mut entries = Vec::new();
        let mut current = self.traceback_of(exception);
        while let Some(entry) = current {
            current = entry.downcast::<Traceback>().and_then(|entry| entry.next.get());
            entries.push(entry);
        }
        let mut kept: Vec<Value> = Vec::new();
        let mut chunk_start = 0;
        let mut inside = false;
        for entry in &entries {
            let (internal, removes) = import_frame(self, entry);
            if internal && !inside {
                chunk_start = kept.len();
            }
            inside = internal;
            kept.push(entry.clone());
            if internal && (always || removes) {
                kept.truncate(chunk_start);
            }
        }
        if kept.len() == entries.len() {
            return;
        }
        for (index, entry) in kept.iter().enumerate() {
            if let Some(entry) = entry.downcast::<Traceback>() {
                entry.next.set(kept.get(index + 1).cloned());
            }
        }
        self.set_traceback(exception, kept.into_iter().next());
    }

    fn import_untrimmed(&self, name: &Value, globals: &Value, fromlist: &Value, level: i32) -> PyResult {
        let Some(text) = name.downcast::<Str>() else {
            return Err(self.type_error("module name must be a string"));
        };
        if level < 0 {
            return Err(self.value_error("level must be >= 0"));
        }
        let absolute = if level > 0 {
            self.resolve_relative(text, globals, level)?
        } else {
            if text.len() == 0 {
                return Err(self.value_error("Empty module name"));
            }
            name.clone()
        };
        let module = match self.get_imported(&absolute)? {
            Some(module) => {
                self.wait_until_initialized(&module, &absolute)?;
                module
            }
            None => {
                let importlib = self.importlib()?;
                self.tell(|recorder| recorder.import(self, &absolute, true));
                let args = [absolute.clone(), self.builtin("__import__")?];
                let found = self.call_method(&importlib, &self.names._find_and_load, &args);
                self.tell(|recorder| recorder.import(self, &absolute, false));
                found?
            }
        };
        if self.truth(fromlist)? {
            if self.get_attr_opt(&module, &self.names.__path__)?.is_some() {
                let importlib = self.importlib()?;
                let import = self.builtin("__import__")?;
                return self.call_method(&importlib, &self.names._handle_fromlist, &[module, fromlist.clone(), import]);
            }
            return Ok(module);
        }
        // `import a.b` binds `a`.
        if text.as_ascii().is_some_and(|text| !text.contains('.')) {
            return Ok(module);
        }
        let full = self.str_text(name);
        let Some((first, _)) = full.split_once('.') else {
            if level > 0 && full.is_empty() {
                return Ok(module);
            }
            return Ok(module);
        };
        if level == 0 {
            return self.import_name(&self.intern(first), &Value::NONE, &self.constants.empty_tuple, 0);
        }
        let absolute_text = self.str_text(&absolute);
        let cut = full.len() - first.len();
        let top = &absolute_text[..absolute_text.len() - cut];
        match self.get_imported(&self.intern(top))? {
            Some(module) => Ok(module),
            None => {
                let shown = self.repr_text(&self.new_str(top))?;
                Err(self.key_error(&self.new_str(&format!("{shown} not in sys.modules as expected"))))
            }
        }
    }

    /// The entry of `sys.modules`, whatever `sys.modules` is by now.
    pub fn get_imported(&self, name: &Value) -> PyResult<Option<Value>> {
        let modules = match self.sys.get_str(&self.names.modules) {
            Some(modules) => modules,
            None => self.modules.to_value(),
        };
        let found = match modules.downcast::<Dict>() {
            Some(dict) => dict.get(self, name)?,
            None => self.catch(self.get_item(&modules, name), &self.types.key_error)?,
        };
        Ok(found.filter(|module| !module.is_none()))
    }

    fn wait_until_initialized(&self, module: &Value, name: &Value) -> PyResult<()> {
        let Some(spec) = self.get_attr_opt(module, &self.names.__spec__)? else { return Ok(()) };
        if spec.is_none() {
            return Ok(());
        }
        if let Some(initializing) = self.get_attr_opt(&spec, &self.names._initializing)?
            && self.truth(&initializing)?
        {
            let importlib = self.importlib()?;
            self.call_method_str(&importlib, "_lock_unlock_module", std::slice::from_ref(name))?;
        }
        Ok(())
    }

    fn resolve_relative(&self, name: &Ref<Str>, globals: &Value, level: i32) -> PyResult {
        let Some(globals) = globals.downcast::<Dict>() else {
            return Err(self.type_error("globals must be a dict"));
        };
        let importlib = self.importlib()?;
        let package = self.call_method_str(&importlib, "_calc___package__", &[globals.to_value()])?;
        if self.str_text(&package).is_empty() {
            return Err(self.import_error("attempted relative import with no known parent package"));
        }
        let level = self.new_int(level.into());
        self.call_method_str(&importlib, "_resolve_name", &[name.to_value(), package, level])
    }

    /// `importlib._bootstrap`, once the import system runs.
    pub fn importlib(&self) -> PyResult {
        self.importlib_module.get().ok_or_else(|| self.import_error("the import system has not been started"))
    }

    /// `from module import name`: the attribute, or the submodule that is in `sys.modules`.
    pub fn import_from_module(&self, module: &Value, name: &Value) -> PyResult {
        if let Some(value) = self.get_attr_opt(module, name)? {
            return Ok(value);
        }
        let package = self.get_attr_opt(module, &self.names.__name__)?;
        if let Some(package) = package.as_ref().and_then(|package| package.downcast::<Str>()) {
            let full = self.new_str(&format!("{}.{}", package.to_text(), self.str_text(name)));
            if let Some(submodule) = self.get_imported(&full)? {
                return Ok(submodule);
            }
        }
        Err(self.cannot_import_name(module, name, package)?)
    }

    /// The ImportError of a missing name, with CPython's hints about circular imports and shadowed modules.
    #[cold]
    fn cannot_import_name(
        &self,
        module: &Value,
        name: &Value,
        package: Option<Value>,
    ) -> PyResult<crate::error::Raised> {
        let package = package.filter(|package| package.downcast::<Str>().is_some());
        let shown_package = match &package {
            Some(package) => self.repr_text(package)?,
            None => "'<unknown module name>'".to_owned(),
        };
        let shown_name = self.str_text(name);
        let spec = self.get_attr_opt(module, &self.names.__spec__)?.unwrap_or(Value::NONE);
        let mut origin = match self.get_attr_opt(&spec, &self.intern("origin"))? {
            Some(origin) if self.has_location(&spec)? => origin,
            _ => Value::NONE,
        };
        if origin.is_none()
            && let Some(file) = self.get_attr_opt(module, &self.names.__file__)?
        {
            origin = file;
        }
        let initializing = match self.get_attr_opt(&spec, &self.names._initializing)? {
            Some(flag) => self.truth(&flag)?,
            None => false,
        };
        let place = match origin.downcast::<Str>() {
            Some(origin) => origin.to_text(),
            None => "unknown location".to_owned(),
        };
        let message = if initializing && package.is_some() {
            format!(
                "cannot import name '{shown_name}' from partially initialized module {shown_package} (most likely due to a circular import) ({place})"
            )
        } else {
            format!("cannot import name '{shown_name}' from {shown_package} ({place})")
        };
        let raised = self.import_error(message);
        for (key, value) in [
            (&self.names.name, package.unwrap_or(Value::NONE)),
            (&self.names.path, origin),
            (&self.names.name_from, name.clone()),
        ] {
            self.set_attr(&raised.0, key, &value)?;
        }
        Ok(raised)
    }

    fn has_location(&self, spec: &Value) -> PyResult<bool> {
        match self.get_attr_opt(spec, &self.intern("has_location"))? {
            Some(flag) => self.truth(&flag),
            None => Ok(false),
        }
    }

    /// `from module import *` into a namespace.
    pub fn import_star(&self, module: &Value, namespace: &Value) -> PyResult<()> {
        let (names, skip_private) = match self.get_attr_opt(module, &self.names.__all__)? {
            Some(all) => (self.collect(&all)?, false),
            None => {
                let Some(dict) = self.get_attr_opt(module, &self.names.__dict__)? else {
                    return Err(self.import_error("from-import-* object has no __dict__ and no __all__"));
                };
                let keys = self.call_method(&dict, &self.names.keys, &[])?;
                (self.collect(&keys)?, true)
            }
        };
        for name in names {
            let Some(text) = name.downcast::<Str>() else {
                let module_name = self.get_attr(module, &self.names.__name__)?;
                let (module_name, given) = (self.str_text(&module_name), self.type_name(&name));
                return Err(self.type_error(if skip_private {
                    format!("Key in {module_name}.__dict__ must be str, not {given}")
                } else {
                    format!("Item in {module_name}.__all__ must be str, not {given}")
                }));
            };
            if skip_private && text.text().get(0) == Some(u32::from(b'_')) {
                continue;
            }
            let value = self.get_attr(module, &self.intern_value(&name))?;
            self.set_item(namespace, &name, &value)?;
        }
        Ok(())
    }
}

/// Whether a traceback entry is of the import system, and of the function that calls a module's code.
fn import_frame(vm: &Vm, entry: &Value) -> (bool, bool) {
    let Some(frame) = entry.downcast::<Traceback>().and_then(|entry| entry.frame.get()) else { return (false, false) };
    let Ok(code) = vm.get_attr_str(&frame, "f_code") else { return (false, false) };
    let Some(code) = code.downcast::<Code>() else { return (false, false) };
    let internal = matches!(
        vm.str_text(&code.filename.get()).as_str(),
        "<frozen importlib._bootstrap>" | "<frozen importlib._bootstrap_external>"
    );
    (internal, internal && vm.str_text(&code.name) == "_call_with_frames_removed")
}
