//! Stage 11, teardown: threads joined, `atexit` called, streams flushed, modules cleared in CPython's order, cycles
//! collected. And what the exit status is.

use crate::error::{PyResult, Raised};
use crate::observer::stage;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::weakref::WeakRef;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};

impl Vm {
    /// The namespace of `__main__`, made at the first time.
    pub fn main_namespace(&self) -> PyResult<Ref<Dict>> {
        let name = &self.names.__main__;
        if let Some(module) = self.modules.get_str(name) {
            return self.instance_dict(&module);
        }
        let module = self.new_module("__main__");
        let dict = self.instance_dict(&module)?;
        let names = &self.names;
        dict.set_str(&names.__name__, name.clone());
        dict.set_str(&names.__builtins__, self.builtins_module()?);
        for key in [&names.__doc__, &names.__package__, &names.__spec__] {
            dict.set_str(key, Value::NONE);
        }
        if let Ok(importlib) = self.importlib()
            && let Some(importer) = self.get_attr_opt(&importlib, &self.intern("BuiltinImporter"))?
        {
            dict.set_str(&names.__loader__, importer);
        }
        self.modules.set_str(name, module);
        Ok(dict)
    }

    fn builtins_module(&self) -> PyResult {
        self.modules.get_str(&self.names.builtins).ok_or_else(|| self.runtime_error("lost builtins"))
    }

    /// `__loader__` of a script, so that its source can be found.
    pub fn set_main_loader(&self, namespace: &Ref<Dict>, path: &str) -> PyResult<()> {
        let external = self.import_module("_frozen_importlib_external")?;
        let class = if path.ends_with(".pyc") { "SourcelessFileLoader" } else { "SourceFileLoader" };
        let class = self.get_attr_str(&external, class)?;
        let loader = self.call(&class, &[self.names.__main__.clone(), self.new_str(path)])?;
        namespace.set_str(&self.names.__loader__, loader);
        Ok(())
    }

    /// Reports the exception that ended the program; the exit status.
    pub fn report_exception(&self, raised: Raised) -> i32 {
        if self.raised_is(&raised, &self.types.system_exit) {
            return self.exit_status(&raised);
        }
        let interrupted = self.raised_is(&raised, &self.types.keyboard_interrupt);
        match self.print_uncaught(raised) {
            Some(status) => status,
            None if interrupted => {
                self.state::<crate::signals::SignalHandlers>().unhandled_interrupt.set(true);
                130
            }
            None => 1,
        }
    }

    /// The status that a SystemExit asks for; a message is printed.
    pub(crate) fn exit_status(&self, raised: &Raised) -> i32 {
        let code = match self.get_attr_str(&raised.0, "code") {
            Ok(code) => code,
            Err(_) => return 1,
        };
        if code.is_none() {
            return 0;
        }
        match self.small_or_big(&code) {
            Some(Ok(number)) => return number as i32,
            Some(Err(_)) => return -1,
            None => {}
        }
        if let Ok(text) = self.str(&code)
            && self.write_stderr_text(&text).is_ok()
        {
            let _ = self.write_stderr_text(&self.new_str("\n"));
        }
        1
    }

    /// Writes to `sys.stderr`, or to the descriptor where there is no such stream.
    pub fn write_stderr_text(&self, text: &Value) -> PyResult<()> {
        match self.sys.get_str(&self.names.stderr) {
            Some(stream) if !stream.is_none() => {
                self.call_method(&stream, &self.names.write, std::slice::from_ref(text))?;
            }
            _ => {
                if let Some(string) = text.downcast::<Str>() {
                    crate::platform::write_stderr(string.to_text().as_bytes());
                }
            }
        }
        Ok(())
    }

    /// Ends the interpreter; the exit status, changed where standard output cannot be flushed.
    pub fn finalize(&self, status: i32) -> u8 {
        self.step_of(stage::TEARDOWN, "threads", || self.wait_for_threads());
        self.step_of(stage::TEARDOWN, "exit functions", || self.run_exit_functions());
        self.set_finalizing(self);
        self.set_trace_function(crate::monitoring::legacy::Which::Trace, None);
        self.set_trace_function(crate::monitoring::legacy::Which::Profile, None);
        self.monitoring.clear();
        self.watch_changed();
        self.state::<crate::modules::sys::limits::Limits>().finalizing.set(true);
        let mut status = status;
        let flushed = self.step_of(stage::TEARDOWN, "streams", || self.flush_streams());
        if !flushed {
            status = 120;
        }
        self.step_of(stage::TEARDOWN, "modules", || self.clear_modules(flushed));
        if cfg!(feature = "stress") {
            let _ = self.heap.collect(2, false);
            self.audit_counts();
        }
        (status & 0xff) as u8
    }

    /// The stress build's last act: no object may be referred to more often than it has been counted.
    fn audit_counts(&self) {
        let audit = self.heap.audit();
        for found in &audit.overdrawn {
            eprintln!("audit: {found:?}");
        }
        assert!(audit.overdrawn.is_empty(), "audit: {} objects with too small counts", audit.overdrawn.len());
    }

    fn wait_for_threads(&self) {
        if let Some(threading) = self.modules.get_str(&self.names.threading)
            && let Err(raised) = self.call_method(&threading, &self.names._shutdown, &[])
        {
            self.write_unraisable(raised, Some(&threading), "Exception ignored on threading shutdown");
        }
    }

    fn run_exit_functions(&self) {
        // The functions are the interpreter's, not those of one of the module's instances.
        let imported = self.modules.get_str(&self.intern("atexit")).filter(|module| self.is_module(module));
        let atexit = imported.or_else(|| self.native_module("atexit").ok().flatten());
        if let Some(atexit) = atexit {
            let _ = self.call_method_str(&atexit, "_run_exitfuncs", &[]);
        }
    }

    /// Flushes standard output and error; false where that failed for standard output.
    fn flush_streams(&self) -> bool {
        let mut flushed = true;
        for (name, important) in [(&self.names.stdout, true), (&self.names.stderr, false)] {
            let Some(stream) = self.sys.get_str(name).filter(|stream| !stream.is_none()) else { continue };
            let closed = match self.get_attr_opt(&stream, &self.names.closed) {
                Ok(Some(closed)) => self.truth(&closed).unwrap_or(true),
                _ => false,
            };
            if closed {
                continue;
            }
            if let Err(raised) = self.call_method(&stream, &self.names.flush, &[])
                && important
            {
                self.write_unraisable(raised, Some(&stream), "Exception ignored while flushing sys.stdout");
                flushed = false;
            }
        }
        flushed
    }

    /// Clears the modules as CPython does: names of `sys` that hold user objects, then each module once nothing else
    /// holds it, then the namespaces of those that live on: private names first, the rest afterwards.
    fn clear_modules(&self, flush_again: bool) {
        for name in [
            &self.names.last_exc,
            &self.names.last_type,
            &self.names.last_value,
            &self.names.last_traceback,
            &self.names.ps1,
            &self.names.ps2,
            &self.names.path_hooks,
            &self.names.path_importer_cache,
            &self.names.meta_path,
        ] {
            if self.sys.get_str(name).is_some() {
                self.sys.set_str(name, Value::NONE);
            }
        }
        for (name, original) in [("stdin", "__stdin__"), ("stdout", "__stdout__"), ("stderr", "__stderr__")] {
            let kept = self.sys.get_str(&self.intern(original)).unwrap_or(Value::NONE);
            self.sys.set_str(&self.intern(name), kept);
        }
        let mut alive = Vec::new();
        for (name, module) in self.modules.entries() {
            if !self.is_module(&module) || self.is_core_module(&name) {
                continue;
            }
            if let Ok(reference) = self.new_weak_reference(&self.types.weak_reference, &module, None) {
                // The collector does not find what start-up made, so these namespaces are emptied in any case.
                let aside = oriel_heap::Heap::is_set_aside(&module).then(|| self.instance_dict(&module).ok()).flatten();
                alive.push((reference, aside));
            }
            drop(module);
            self.told_end(
                || format!("sys.modules[{:?}]", self.str_text(&name)),
                || {
                    self.modules.set_str(&name, Value::NONE);
                },
            );
        }
        self.told_end(
            || "cycles".to_owned(),
            || {
                let _ = self.heap.collect(2, false);
            },
        );
        // What only its own functions held is gone by now. Modules that live on are emptied, the newest first.
        for (reference, aside) in alive.iter().rev() {
            if let Some(dict) = aside {
                self.told_end(|| self.namespace_name(dict), || self.clear_namespace(dict));
            } else if let Some(module) = reference.downcast::<WeakRef>().and_then(|reference| reference.get())
                && let Ok(dict) = self.instance_dict(&module)
            {
                self.told_end(|| self.namespace_name(&dict), || self.clear_namespace(&dict));
            }
        }
        self.told_end(
            || "cycles".to_owned(),
            || {
                drop(alive);
                let _ = self.heap.collect(2, false);
            },
        );
        if flush_again {
            self.flush_streams();
        }
    }

    fn is_core_module(&self, name: &Value) -> bool {
        name.is(&self.names.sys) || name.is(&self.names.builtins)
    }

    fn namespace_name(&self, namespace: &Ref<Dict>) -> String {
        let name = namespace.get_str(&self.names.__name__).filter(|name| name.downcast::<Str>().is_some());
        let name = name.map(|name| self.str_text(&name));
        format!("namespace of {}", name.as_deref().unwrap_or("a module"))
    }

    /// `_PyModule_ClearDict`
    fn clear_namespace(&self, namespace: &Ref<Dict>) {
        for private in [true, false] {
            for (name, value) in namespace.entries() {
                let Some(text) = name.downcast::<Str>() else { continue };
                let text = text.to_text();
                let is_private = text.starts_with('_') && !text.starts_with("__");
                if value.is_none() || text == "__builtins__" || is_private != private {
                    continue;
                }
                drop(value);
                namespace.set_str(&name, Value::NONE);
            }
        }
    }
}
