//! Stage 2's second half: what depends on the environment. The import system, the standard streams, `sys.path`, `site`.

use crate::error::PyResult;
use crate::native::{MethodDef, ModuleSpec};
use crate::observer::stage;
use crate::types::list::List;
use crate::vm::Vm;
use oriel_heap::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Where the library's version is named in paths.
const VERSIONED: &str = "lib/python3.14";

/// What stands for `sys.stderr` until there are streams: the import system may have something to say (`-v`).
static EARLY_STDERR: ModuleSpec = ModuleSpec {
    name: "stderrprinter",
    doc: "Writes to the descriptor for errors.",
    functions: &[
        MethodDef::one(
            "write",
            |vm, _, text| {
                let bytes = vm.str_text(text).into_bytes();
                // There is nowhere to complain.
                let _ = std::io::stderr().write_all(&bytes);
                Ok(vm.new_uint(bytes.len() as u64))
            },
            "($module, text, /)",
            "Write a text at once.",
        ),
        MethodDef::noargs("flush", |_, _| Ok(Value::NONE), "($module, /)", "Nothing is held back."),
    ],
    exec: |_, _| Ok(()),
};

impl Vm {
    /// `sys.prefix`: the folder above the `bin` folder of the executable, else the executable's own folder.
    pub fn prefix(&self) -> String {
        let executable = Path::new(&self.config.executable);
        let folder = executable.parent().map(Path::to_path_buf).unwrap_or_default();
        let prefix = match folder.file_name() {
            Some(name) if name == "bin" => folder.parent().map(Path::to_path_buf).unwrap_or(folder),
            _ => folder,
        };
        if prefix.as_os_str().is_empty() { "/usr/local".to_owned() } else { prefix.to_string_lossy().into_owned() }
    }

    /// The folder that the embedded library seems to be in.
    pub fn library_root(&self) -> String {
        format!("{}/{VERSIONED}", self.prefix().trim_end_matches('/'))
    }

    /// Runs importlib, makes the standard streams, and imports `site` unless the command line forbids it.
    pub fn start(&self) -> PyResult<()> {
        // Nothing that is made here becomes garbage worth a search.
        self.heap.collector().set_enabled(false);
        let result = self.start_all();
        self.heap.collector().set_enabled(true);
        self.heap.set_aside();
        crate::platform::memory::release_program();
        result
    }

    fn start_all(&self) -> PyResult<()> {
        self.step_of(stage::BOOTSTRAP, "import system", || self.start_import_system())?;
        self.step_of(stage::BOOTSTRAP, "locale and signals", || {
            crate::platform::locale::start();
            self.start_signals();
            self.import_module("_signal")
        })?;
        crate::platform::memory::release_program();
        self.step_of(stage::BOOTSTRAP, "standard streams", || self.start_streams())?;
        crate::platform::memory::release_program();
        let warnings_wanted =
            self.sys.get_str(&self.names.warnoptions).is_some_and(|o| self.truth(&o).unwrap_or(false));
        if warnings_wanted {
            self.import_module("warnings")?;
        }
        if !self.config.no_site {
            // The module does its work when it is imported.
            self.step_of(stage::BOOTSTRAP, "site", || self.import_module("site"))?;
        }
        Ok(())
    }

    /// `importlib._bootstrap` and `_bootstrap_external` from the embedded library, and the importers they install.
    pub fn start_import_system(&self) -> PyResult<()> {
        let Some(sys) = self.native_module("sys")? else { return Err(self.system_error("no module sys")) };
        self.modules.set_str(&self.names.sys, sys.clone());
        self.sys.set_str(&self.names.modules, self.modules.to_value());
        self.sys.set_str(&self.names.stderr, self.make_native_module(&EARLY_STDERR)?);
        let bootstrap = self.run_library_module("_frozen_importlib")?;
        self.importlib_module.set(Some(bootstrap.clone()));
        let Some(imp) = self.native_module("_imp")? else { return Err(self.system_error("no module _imp")) };
        self.modules.set_str(&self.intern("_imp"), imp.clone());
        self.call_method_str(&bootstrap, "_install", &[sys, imp])?;
        self.call_method_str(&bootstrap, "_install_external_importers", &[])?;
        self.set_search_path()?;
        // The embedded library's finder claims its folder before the file system is asked.
        let finder = self.import_frozen_top_level("_library_importer")?;
        let hooks = self.sys_list(&self.names.path_hooks)?;
        hooks.insert(0, self.get_attr_str(&finder, "LibraryFinder")?);
        if (self.library.find)("zipimport").is_some() {
            let zipimport = self.import_module("zipimport")?;
            hooks.insert(0, self.get_attr_str(&zipimport, "zipimporter")?);
        }
        self.import_module("encodings")?;
        Ok(())
    }

    fn run_library_module(&self, name: &str) -> PyResult {
        match (self.library.find)(name) {
            Some(module) => self.run_frozen(name, &module),
            None => Err(self.import_error(format!("the embedded library has no module '{name}'"))),
        }
    }

    /// Runs an embedded module that is needed before its finder is there.
    fn import_frozen_top_level(&self, name: &str) -> PyResult {
        let module = self.run_library_module(name)?;
        if let Some(found) = (self.library.find)(name) {
            let file = self.new_str(&format!("{}/{}", self.library_root(), found.path));
            self.set_attr(&module, &self.names.__file__, &file)?;
        }
        Ok(module)
    }

    fn sys_list(&self, name: &Value) -> PyResult<oriel_heap::Ref<List>> {
        let value = self.sys.get_str(name).unwrap_or(Value::NONE);
        oriel_heap::Ref::try_from_value(value).map_err(|_| {
            let name = self.str_text(name);
            self.runtime_error(format!("sys.{name} must be a list"))
        })
    }

    /// `sys.path` without the script's folder: `PYTHONPATH`, the library.
    fn set_search_path(&self) -> PyResult<()> {
        let mut entries: Vec<String> = Vec::new();
        if let Some(path) = &self.config.python_path
            && !path.is_empty()
        {
            for entry in std::env::split_paths(path) {
                let entry = if entry.as_os_str().is_empty() { PathBuf::from(".") } else { entry };
                let absolute = std::path::absolute(&entry).unwrap_or(entry);
                entries.push(absolute.to_string_lossy().into_owned());
            }
        }
        let root = self.library_root();
        entries.push(format!("{}/lib/python314.zip", self.prefix().trim_end_matches('/')));
        entries.push(root.clone());
        entries.push(format!("{root}/lib-dynload"));
        let list = self.new_list(entries.iter().map(|entry| self.new_str(entry)).collect());
        self.sys.set_str(&self.names.path, list.into_value());
        Ok(())
    }

    /// `sys.stdin`, `sys.stdout`, `sys.stderr` and `open`, by the module `_io`.
    fn start_streams(&self) -> PyResult<()> {
        let io = self.import_module("_io")?;
        let open = self.get_attr(&io, &self.names.open)?;
        self.builtins.set_str(&self.names.open, open);
        for (descriptor, name) in [(0, &self.names.stdin), (1, &self.names.stdout), (2, &self.names.stderr)] {
            let stream =
                if crate::platform::is_open(descriptor) { self.standard_stream(&io, descriptor)? } else { Value::NONE };
            self.sys.set_str(&self.intern(&format!("__{}__", self.str_text(name))), stream.clone());
            self.sys.set_str(name, stream);
        }
        Ok(())
    }

    /// One standard stream (CPython's `create_stdio`).
    fn standard_stream(&self, io: &Value, descriptor: i32) -> PyResult {
        let writing = descriptor > 0;
        let unbuffered = self.config.unbuffered && writing;
        let (mode, name, errors) = match descriptor {
            0 => ("rb", "<stdin>", "strict"),
            1 => ("wb", "<stdout>", "strict"),
            _ => ("wb", "<stderr>", "backslashreplace"),
        };
        let (encoding, errors) = self.standard_encoding(descriptor, errors)?;
        let names = &self.names;
        let buffering = if unbuffered { 0 } else { -1 };
        let keywords = [self.intern("closefd")];
        let values = [
            self.new_int(descriptor.into()),
            self.new_str(mode),
            self.new_int(buffering),
            Value::NONE,
            Value::NONE,
            Value::NONE,
            Value::FALSE,
        ];
        let open = self.get_attr(io, &names.open)?;
        let buffer = self.call_args(&open, crate::Args { values: &values, names: &keywords })?;
        let raw = if unbuffered { buffer.clone() } else { self.get_attr(&buffer, &names.raw)? };
        self.set_attr(&raw, &names.name, &self.new_str(name))?;
        let terminal = self.call_method(&raw, &names.isatty, &[])?;
        let line_buffering = writing && (unbuffered || descriptor == 2 || self.truth(&terminal)?);
        let newline = if descriptor == 0 { Value::NONE } else { self.new_str("\n") };
        let wrapper = self.get_attr_str(io, "TextIOWrapper")?;
        let stream = self.call(
            &wrapper,
            &[
                buffer,
                self.new_str(&encoding),
                self.new_str(&errors),
                newline,
                Value::bool(line_buffering),
                Value::bool(unbuffered),
            ],
        )?;
        let shown = self.new_str(if writing { "w" } else { "r" });
        self.set_attr(&stream, &names.mode, &shown)?;
        Ok(stream)
    }

    /// Encoding and error handler of a standard stream: `PYTHONIOENCODING`, else UTF-8.
    fn standard_encoding(&self, descriptor: i32, errors: &str) -> PyResult<(String, String)> {
        let mut encoding = "utf-8".to_owned();
        let mut handler = errors.to_owned();
        if errors == "strict" && (self.config.utf8_mode_forced || crate::platform::locale_is_c()) {
            handler = "surrogateescape".to_owned();
        }
        if !self.config.ignore_environment
            && let Ok(setting) = std::env::var("PYTHONIOENCODING")
        {
            let (name, errors) = setting.split_once(':').unwrap_or((&setting, ""));
            if !name.is_empty() {
                // The stream says what the codec is called, not what it was asked for by.
                let codec = self.lookup_codec(name)?;
                encoding = self.str_text(&self.get_attr_str(&codec, "name")?);
            }
            if !errors.is_empty() && descriptor != 2 {
                handler = errors.to_owned();
            } else if !name.is_empty() && descriptor != 2 {
                handler = "strict".to_owned();
            }
        }
        Ok((encoding, handler))
    }
}
