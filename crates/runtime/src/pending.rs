//! Doors of the core to parts that have their own files, where those are not there yet.

use crate::buffer::BufferView;
use crate::error::{PyResult, Raised};
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};

impl Dict {
    /// Takes over all entries of a mapping.
    pub fn update_from(&self, vm: &Vm, other: &Value, replace: bool) -> PyResult<()> {
        let entries = match other.downcast::<Dict>() {
            Some(dict) => dict.entries(),
            None => {
                let keys = vm.call_method(other, &vm.names.keys, &[])?;
                let mut entries = Vec::new();
                for key in vm.collect(&keys)? {
                    let value = vm.get_item(other, &key)?;
                    entries.push((key, value));
                }
                entries
            }
        };
        for (key, value) in entries {
            if replace || self.get(vm, &key)?.is_none() {
                self.set(vm, &key, value)?;
            }
        }
        Ok(())
    }
}

impl Vm {
    fn absent<T>(&self, what: &str) -> PyResult<T> {
        Err(self.not_implemented_error(format!("{what} is not there yet")))
    }

    /// `sys.audit`
    pub fn audit(&self, _event: &str, _args: &[Value]) -> PyResult<()> {
        Ok(())
    }

    /// Changes `co_filename` of a code object and those inside it.
    pub fn rename_code_file(&self, _code: &Value, _path: &Value) -> PyResult<()> {
        Ok(())
    }

    /// A code object.
    pub fn new_code(&self, _code: std::rc::Rc<oriel_bytecode::CodeObject>) -> PyResult<Ref<Dict>> {
        self.absent("code objects")
    }

    /// `warnings.warn`
    pub fn warn(&self, _category: &TypeRef, _message: &str, _stack_level: isize) -> PyResult<()> {
        Ok(())
    }

    /// The class and the first argument of the running method, for `super()` without arguments.
    pub fn super_arguments(&self) -> PyResult<(TypeRef, Value)> {
        Err(self.runtime_error("super(): no current frame"))
    }

    /// Prints an exception that nobody caught, by `sys.excepthook`.
    pub fn print_uncaught(&self, raised: Raised) {
        let text = self.str(&raised.0).map(|text| self.str_text(&text)).unwrap_or_default();
        eprintln!("{}: {text}", self.type_name(&raised.0));
    }

    /// Whether the value is a traceback.
    pub fn is_traceback(&self, _value: &Value) -> bool {
        false
    }

    /// The memory of an object.
    pub fn buffer(&self, value: &Value, writable: bool) -> PyResult<BufferView> {
        match self.type_of(value).slots.buffer.get() {
            Some(buffer) => buffer(self, value, writable),
            None => Err(self.type_error(format!("a bytes-like object is required, not '{}'", self.type_name(value)))),
        }
    }

    /// `str(bytes, encoding, errors)`
    pub fn decode_object(&self, _object: &Value, _encoding: Option<&Value>, _errors: Option<&Value>) -> PyResult {
        self.absent("decoding")
    }

    /// The text as UTF-8; UnicodeEncodeError for lone surrogates.
    pub fn encode_utf8(&self, text: &Ref<Str>) -> PyResult<Vec<u8>> {
        match text.text().to_rust() {
            Some(text) => Ok(text.into_bytes()),
            None => self.absent("encoding lone surrogates"),
        }
    }

    /// A path as text: `os.fspath` and decoding of bytes.
    pub fn filesystem_text(&self, path: &Value) -> PyResult<String> {
        Ok(self.str_text(path))
    }

    /// Whether the `str` is an identifier.
    pub fn is_identifier(&self, name: &Value) -> bool {
        name.downcast::<Str>().is_some_and(|name| name.text().is_identifier())
    }

    /// Source bytes as text: byte-order mark, encoding declaration, newlines.
    pub fn decode_source(&self, source: &[u8], _filename: &str, _flags: u32) -> PyResult<String> {
        match std::str::from_utf8(source) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => self.absent("decoding source"),
        }
    }

    /// Warns of something found at compile time.
    pub fn syntax_warning(&self, _warning: &oriel_syntax::Warning, _filename: &str) -> PyResult<()> {
        Ok(())
    }

    /// `sequence[0]`, `sequence[1]`, … until IndexError.
    pub fn new_sequence_iterator(&self, _sequence: &Value) -> PyResult {
        self.absent("iterating by position")
    }

    /// `iter(callable, sentinel)`
    pub fn new_callable_iterator(&self, _callable: &Value, _sentinel: &Value) -> Value {
        Value::NONE
    }

    /// `origin[args]`
    pub fn new_generic_alias(&self, _origin: &Value, _args: &Value) -> PyResult {
        self.absent("types.GenericAlias")
    }

    /// `a | b` of types.
    pub fn new_union(&self, _a: &Value, _b: &Value) -> PyResult {
        Ok(Value::NOT_IMPLEMENTED)
    }

    /// `types.MappingProxyType(mapping)`
    pub fn new_mapping_proxy(&self, mapping: &Value) -> PyResult {
        Ok(mapping.clone())
    }

    /// Reports an exception that nobody can catch.
    pub fn write_unraisable(&self, _raised: Raised, _object: Option<&Value>, _message: &str) {}

    /// Puts `__dict__` and `__weakref__` into a new class's namespace.
    pub fn add_dict_and_weakref_descriptors(&self, class: &TypeRef) {
        crate::types::type_dict::add(self, class);
    }

    /// The namespace of the running frame.
    pub fn current_globals(&self) -> PyResult<Ref<Dict>> {
        self.absent("frames")
    }

    /// The locals of the running frame.
    pub fn current_locals(&self) -> PyResult {
        self.absent("frames")
    }

    /// The builtins of the running frame.
    pub fn current_builtins(&self) -> Value {
        self.builtins.to_value()
    }

    /// `__future__` flags of the running frame's code.
    pub fn inherited_compiler_flags(&self) -> u32 {
        0
    }

    /// `__name__` of the running frame's globals.
    pub fn calling_module_name(&self) -> Option<Value> {
        None
    }

    /// Whether the value is a Python function.
    pub fn is_python_function(&self, _value: &Value) -> bool {
        false
    }

    /// Fills a cell; false where the value is none.
    pub fn set_cell(&self, _cell: &Value, _value: Value) -> bool {
        false
    }

    /// The content of a cell; the outer nothing where the value is no cell.
    pub fn cell_content(&self, _cell: &Value) -> Option<Option<Value>> {
        None
    }

    /// Runs a class body in a namespace; gives what it returns (the `__class__` cell or `None`).
    pub fn run_class_body(&self, _function: &Value, _namespace: &Value) -> PyResult {
        self.absent("class bodies")
    }

    /// Runs a code object.
    pub fn run_code(&self, _code: &Value, _globals: &Ref<Dict>, _locals: &Value, _closure: Option<&Value>) -> PyResult {
        self.absent("running code")
    }

    /// The value that a generator returned when it ended.
    pub fn take_generator_result(&self, _iterator: &Value) -> Option<Value> {
        None
    }

    /// `anext(iterator, default)`
    pub fn new_anext_awaitable(&self, _awaitable: &Value, _default: &Value) -> PyResult {
        self.absent("anext with a default")
    }

    /// The exception being handled, put aside for the time of a finalizer.
    pub fn save_raised_state(&self) -> Option<Value> {
        None
    }

    /// The opposite of [`Vm::save_raised_state`].
    pub fn restore_raised_state(&self, _saved: Option<Value>) {}
}
