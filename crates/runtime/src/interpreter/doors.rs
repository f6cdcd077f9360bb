//! What the rest of the runtime asks of frames, functions and code.

use super::names::locals_of;
use crate::error::PyResult;
use crate::frame::FrameRef;
use crate::types::cell::CellBody;
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::set::Set;
use crate::types::traceback::Traceback;
use crate::types::type_object::{Subtype, Type, TypeRef};
use crate::vm::Vm;
use oriel_bytecode::CodeFlags;
use oriel_heap::{Ref, Value};

impl Vm {
    fn frame_or_error(&self) -> PyResult<FrameRef> {
        self.current_frame().ok_or_else(|| self.system_error("there is no frame"))
    }

    /// The namespace of globals of the running frame.
    pub fn current_globals(&self) -> PyResult<Ref<Dict>> {
        Ok(self.frame_or_error()?.function.globals.clone())
    }

    /// The locals of the running frame: its namespace, or a new dict.
    pub fn current_locals(&self) -> PyResult {
        self.frame_locals(self.frame_or_error()?)
    }

    /// The builtins of the running frame.
    pub fn current_builtins(&self) -> Value {
        match self.current_frame() {
            Some(frame) => frame.function.builtins_value(),
            None => self.builtins.to_value(),
        }
    }

    /// `__future__` flags of the running frame's code.
    pub fn inherited_compiler_flags(&self) -> u32 {
        const MASK: u32 = CodeFlags::FUTURE_DIVISION.0
            | CodeFlags::FUTURE_ABSOLUTE_IMPORT.0
            | CodeFlags::FUTURE_WITH_STATEMENT.0
            | CodeFlags::FUTURE_PRINT_FUNCTION.0
            | CodeFlags::FUTURE_UNICODE_LITERALS.0
            | CodeFlags::FUTURE_BARRY_AS_BDFL.0
            | CodeFlags::FUTURE_GENERATOR_STOP.0
            | CodeFlags::FUTURE_ANNOTATIONS.0;
        self.current_frame().map_or(0, |frame| frame.runnable().code.flags.0 & MASK)
    }

    /// `__name__` of the running frame's globals.
    pub fn calling_module_name(&self) -> Option<Value> {
        self.current_frame()?.function.globals.get_str(&self.names.__name__)
    }

    /// Whether the value is a Python function.
    pub fn is_python_function(&self, value: &Value) -> bool {
        value.downcast::<Function>().is_some()
    }

    /// Whether the value is a traceback.
    pub fn is_traceback(&self, value: &Value) -> bool {
        value.downcast::<Traceback>().is_some()
    }

    /// Fills a cell; false where the value is none.
    pub fn set_cell(&self, cell: &Value, value: Value) -> bool {
        match cell.downcast::<CellBody>() {
            Some(cell) => {
                cell.content.set(Some(value));
                true
            }
            None => false,
        }
    }

    /// The content of a cell; the outer nothing where the value is no cell.
    pub fn cell_content(&self, cell: &Value) -> Option<Option<Value>> {
        cell.downcast::<CellBody>().map(|cell| cell.content.get())
    }

    /// The class and the first argument of the running method, for `super()` without arguments.
    pub fn super_arguments(&self) -> PyResult<(TypeRef, Value)> {
        let Some(frame) = self.current_frame() else {
            return Err(self.runtime_error("super(): no current frame"));
        };
        let runnable = frame.runnable();
        if runnable.code.argcount == 0 {
            return Err(self.runtime_error("super(): no arguments"));
        }
        // SAFETY: parameters have registers; the borrow ends with the clone.
        let mut first = unsafe { frame.get(0) }.clone();
        if runnable.code.localspluskinds.first().is_some_and(|kind| kind.is_cell())
            && let Some(cell) = first.downcast::<CellBody>()
        {
            first = cell.content.get().unwrap_or(Value::UNBOUND);
        }
        if first.is_unbound() {
            return Err(self.runtime_error("super(): arg[0] deleted"));
        }
        let kinds = &runnable.code.localspluskinds;
        for (register, name) in runnable.variables.iter().enumerate() {
            if !name.is(&self.names.__class__) || !kinds.get(register).is_some_and(|kind| kind.is_free()) {
                continue;
            }
            // SAFETY: variables have registers; the borrow ends with the clone.
            let cell = unsafe { frame.get(register as u16) }.clone();
            let Some(cell) = cell.downcast::<CellBody>() else {
                return Err(self.runtime_error("super(): bad __class__ cell"));
            };
            let Some(class) = cell.content.get() else {
                return Err(self.runtime_error("super(): empty __class__ cell"));
            };
            return match class.downcast::<Type>() {
                Some(class) => Ok((class.clone(), first)),
                None => {
                    let name = self.type_name(&class);
                    Err(self.runtime_error(format!("super(): __class__ is not a type ({name})")))
                }
            };
        }
        Err(self.runtime_error("super(): __class__ cell not found"))
    }

    /// Runs a class body in a namespace; gives what it returns (the `__class__` cell or `None`).
    pub fn run_class_body(&self, function: &Value, namespace: &Value) -> PyResult {
        match function.downcast::<Function>() {
            Some(function) => super::run_function_in(self, function, Some(namespace.clone())),
            None => Err(self.type_error("__build_class__: func must be a function")),
        }
    }

    /// Runs a code object.
    pub fn run_code(&self, code: &Value, globals: &Ref<Dict>, locals: &Value, closure: Option<&Value>) -> PyResult {
        match code.downcast::<Code>() {
            Some(code) => super::run_code(self, code, globals, Some(locals.clone()), closure.cloned()),
            None => Err(self.type_error("a code object is needed")),
        }
    }

    /// Changes `co_filename` of a code object and those inside it.
    pub fn rename_code_file(&self, code: &Value, path: &Value) -> PyResult<()> {
        let mut work = vec![code.clone()];
        while let Some(value) = work.pop() {
            if let Some(code) = value.downcast::<Code>() {
                code.filename.set(path.clone());
                work.extend(code.constants.iter().filter(|value| value.downcast::<Code>().is_some()).cloned());
            }
        }
        Ok(())
    }

    /// The value that a generator returned when it ended: `next` raises it itself.
    pub fn take_generator_result(&self, _iterator: &Value) -> Option<Value> {
        None
    }

    /// The exception being handled, put aside for the time of a finalizer.
    pub fn save_raised_state(&self) -> Option<Value> {
        self.thread.handled().value.get()
    }

    /// The opposite of [`Vm::save_raised_state`].
    pub fn restore_raised_state(&self, saved: Option<Value>) {
        self.thread.handled().value.set(saved);
    }

    /// The namespace of locals that a frame was given.
    pub fn frame_namespace(&self, frame: FrameRef) -> Option<Value> {
        locals_of(frame)
    }

    /// A complex constant.
    pub fn complex_constant(&self, real: f64, imag: f64) -> PyResult {
        Ok(self.new_complex(oriel_kernel::number::complex::Complex::new(real, imag)))
    }

    /// A frozen set of constants, which are added in their order.
    pub fn frozenset_constant(&self, items: Vec<Value>) -> PyResult {
        let set = self.new_frozenset();
        for item in &items {
            set.add(self, item)?;
        }
        Ok(set.into_value())
    }

    /// A slice.
    pub fn slice_value(&self, start: &Value, stop: &Value, step: &Value) -> PyResult {
        Ok(self.new_slice(start.clone(), stop.clone(), step.clone()).into_value())
    }

    /// A set of values, which are added in their order.
    pub fn new_set_of(&self, values: &[Value]) -> PyResult {
        let set = self.new_set();
        for value in values {
            set.add(self, value)?;
        }
        Ok(set.into_value())
    }

    /// Adds to a set that is being built.
    pub fn set_add(&self, set: &Value, item: &Value) -> PyResult<()> {
        match set.downcast::<Set>() {
            Some(body) if self.type_of(set).is_subtype(&self.types.set) => body.add(self, item).map(drop),
            _ => {
                let given = self.type_name(set);
                Err(self.type_error(format!("'{given}' object is not a set")))
            }
        }
    }

    /// Adds all of an iterable to a set that is being built.
    pub fn set_update(&self, set: &Value, items: &Value) -> PyResult<()> {
        match set.downcast::<Set>() {
            Some(set) => set.update(self, items),
            None => Err(self.system_error("bytecode updates what is not a set")),
        }
    }
}
