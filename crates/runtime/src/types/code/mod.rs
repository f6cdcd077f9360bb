//! Code objects: CPython's data, the constants and names as values, and the lowered forms. What Python sees is in [`methods`].
//!
//! Most of the library's functions are never called: the code of embedded modules is read from its image when something
//! looks at more than its name.

mod compare;
mod constants;
mod methods;

pub use methods::SPEC;

use crate::error::PyResult;
use crate::interpreter::feedback::Feedback;
use crate::lowered::{ExtraConstant, LoweredCode, Mode, lower};
use crate::monitoring::CodeWatch;
use crate::types::str::Str;
use crate::vm::{Interpreter, Vm};
use oriel_bytecode::image::{ImageCode, ImageConstant};
use oriel_bytecode::{CodeFlags, CodeObject, Text, positions};
use oriel_heap::{Body, Layout, Ref, Value, Visitor};
use std::cell::{Cell, OnceCell};
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;
use std::rc::Rc;

/// The body of a code object.
pub struct Code {
    contents: OnceCell<Box<Contents>>,
    image: Option<Deferred>,
    /// `co_flags`
    pub flags: CodeFlags,
    /// `co_name`
    pub name: Value,
    /// `co_qualname`
    pub qualname: Value,
    /// `co_filename`
    pub filename: crate::cells::ValueCell,
    /// Runs of the code so far, until it is warm.
    pub runs: Cell<u32>,
    watch: OnceCell<Box<crate::monitoring::CodeWatch>>,
    fast: OnceCell<Box<Runnable>>,
    exact: OnceCell<Box<Runnable>>,
}

/// What a code object holds; see it by the code object itself.
pub struct Contents {
    /// CPython's data.
    pub data: Rc<CodeObject>,
    /// The constants.
    pub constants: Box<[Value]>,
    /// The names, interned.
    pub names: Box<[Value]>,
    /// The names of the frame's variables, interned.
    pub variables: Box<[Value]>,
}

/// Where contents are that have not been read, and who they are for.
struct Deferred {
    code: ImageCode,
    interpreter: NonNull<Interpreter>,
}

impl Deref for Code {
    type Target = Contents;
    #[inline(always)]
    fn deref(&self) -> &Contents {
        match self.contents.get() {
            Some(contents) => contents,
            None => self.read_contents(),
        }
    }
}

/// A lowered form with the values that it names.
pub struct Runnable {
    /// The code object's data.
    pub code: Rc<CodeObject>,
    /// The instructions.
    pub lowered: LoweredCode,
    /// The constants that operands name.
    pub constants: Box<[Value]>,
    /// The names.
    pub names: Box<[Value]>,
    /// The names of variables.
    pub variables: Box<[Value]>,
    /// How many times four registers a frame has room for.
    pub register_quads: usize,
    /// Bytes of a frame.
    pub frame_bytes: usize,
    /// How many positional arguments fill the frame's first registers one by one and leave nothing else to do;
    /// `u32::MAX` where binding is more than that.
    pub simple_arguments: u32,
    /// The parameters, for binding.
    pub parameters: Parameters,
    /// What running has taught, once the code is warm.
    pub feedback: Cell<*const Feedback>,
    feedback_box: OnceCell<Box<Feedback>>,
    /// Counts calls and loops until the code is warm.
    pub heat: Cell<u32>,
    /// The code object that this is a form of, which keeps it.
    owner: *const Code,
}

/// The parameters of a function in numbers.
#[derive(Clone, Copy)]
pub struct Parameters {
    /// How many can be given by position.
    pub positional: u32,
    /// How many of these only by position.
    pub positional_only: u32,
    /// How many have a name of their own: the positional and the keyword-only ones.
    pub named: u32,
    /// Whether there is `*args`.
    pub variadic: bool,
    /// Whether there is `**kwargs`.
    pub keywords: bool,
}

/// How many calls and laps make code warm.
const WARM: u32 = 8;

impl Runnable {
    /// The code object that this is a form of.
    pub fn owner(&self) -> &Code {
        // SAFETY: the forms belong to the code object, which never moves.
        unsafe { &*self.owner }
    }

    /// The code object as a value.
    pub fn code_value(&self) -> Value {
        // SAFETY: an object's header lies right before its body; the clone owns a count of its own.
        unsafe {
            let header = NonNull::new_unchecked(self.owner.cast_mut().cast::<oriel_heap::Header>().sub(1));
            let value = ManuallyDrop::new(Value::from_header(header));
            Value::clone(&value)
        }
    }

    /// Counts a call or a lap of a loop; warm code gets its feedback vector.
    #[inline(always)]
    pub fn warm_up(&self) {
        let heat = self.heat.get();
        if heat < WARM {
            self.heat.set(heat + 1);
            if heat + 1 == WARM {
                self.make_feedback();
            }
        }
    }

    #[cold]
    fn make_feedback(&self) {
        let feedback = self.feedback_box.get_or_init(|| Box::new(Feedback::new(&self.lowered.sites)));
        self.feedback.set(std::ptr::from_ref(&**feedback));
    }
}

static LAYOUT: Layout = Layout::of::<Code>("code", None);

impl Body for Code {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        if let Some(contents) = self.contents.get() {
            for value in contents.constants.iter().chain(&contents.names).chain(&contents.variables) {
                visitor(value);
            }
        }
        for runnable in [self.fast.get(), self.exact.get()].into_iter().flatten() {
            for value in runnable.constants.iter().chain(&runnable.names).chain(&runnable.variables) {
                visitor(value);
            }
        }
        visitor(&self.name);
        visitor(&self.qualname);
        self.filename.visit(visitor);
    }
}

impl Code {
    #[cold]
    fn read_contents(&self) -> &Contents {
        self.contents.get_or_init(|| {
            let contents = self.image.as_ref().and_then(|deferred| {
                // SAFETY: the interpreter lives as long as its code objects, and its current thread looks at this one.
                let vm = unsafe { deferred.interpreter.as_ref().current() };
                vm.load_contents(deferred.code, &self.filename.get()).ok()
            });
            // A damaged image reads as code without instructions, which running refuses.
            Box::new(contents.unwrap_or_else(Contents::empty))
        })
    }

    /// The lowered form that runs; bytecode that would corrupt the interpreter raises SystemError.
    #[inline(always)]
    pub fn runnable(&self, vm: &Vm) -> PyResult<&Runnable> {
        match self.fast.get() {
            Some(runnable) => Ok(runnable),
            None => self.make_runnable(vm, Mode::Fast),
        }
    }

    /// What looking on keeps with the code.
    pub fn watch(&self) -> &CodeWatch {
        self.watch.get_or_init(|| {
            let filename = self.filename.get();
            let hidden = filename.downcast::<Str>().is_some_and(|name| name.to_text().contains("_library_importer"));
            Box::new(CodeWatch::new(hidden))
        })
    }

    /// The lowered form for looking on.
    pub fn exact(&self, vm: &Vm) -> PyResult<&Runnable> {
        match self.exact.get() {
            Some(runnable) => Ok(runnable),
            None => self.make_runnable(vm, Mode::Exact),
        }
    }

    #[cold]
    fn make_runnable(&self, vm: &Vm, mode: Mode) -> PyResult<&Runnable> {
        let lowered = lower(&self.data, mode).map_err(|error| vm.system_error(error.to_string()))?;
        let mut constants = self.constants.to_vec();
        for extra in &lowered.extra {
            constants.push(match extra {
                ExtraConstant::Nothing => Value::UNBOUND,
                ExtraConstant::Int(number) => Value::small(*number),
                ExtraConstant::Common(number) => vm.common_constant(*number)?,
            });
        }
        let register_quads = usize::from(lowered.registers).div_ceil(4);
        let frame_bytes = size_of::<crate::frame::Frame>() + register_quads * 4 * size_of::<Value>();
        let plain = !self.data.flags.intersects(CodeFlags::VARARGS | CodeFlags::VARKEYWORDS)
            && self.data.kwonlyargcount == 0
            && self.data.flags.contains(CodeFlags::OPTIMIZED | CodeFlags::NEWLOCALS);
        let runnable = Runnable {
            code: self.data.clone(),
            constants: constants.into(),
            names: self.names.clone(),
            variables: self.variables.clone(),
            frame_bytes,
            register_quads,
            simple_arguments: if plain { self.data.argcount } else { u32::MAX },
            parameters: Parameters {
                positional: self.data.argcount,
                positional_only: self.data.posonlyargcount,
                named: self.data.argcount.saturating_add(self.data.kwonlyargcount),
                variadic: self.data.flags.contains(CodeFlags::VARARGS),
                keywords: self.data.flags.contains(CodeFlags::VARKEYWORDS),
            },
            feedback: Cell::new(std::ptr::null()),
            feedback_box: OnceCell::new(),
            heat: Cell::new(0),
            owner: self,
            lowered,
        };
        let cell = if mode == Mode::Fast { &self.fast } else { &self.exact };
        Ok(cell.get_or_init(|| Box::new(runnable)))
    }

    /// The names of the variables of a kind.
    pub fn variables_of(&self, wanted: fn(oriel_bytecode::VariableKind) -> bool) -> impl Iterator<Item = &Value> {
        self.variables.iter().zip(&self.data.localspluskinds).filter(move |(_, kind)| wanted(**kind)).map(|(n, _)| n)
    }
}

impl Contents {
    fn empty() -> Contents {
        let data = CodeObject {
            argcount: 0,
            posonlyargcount: 0,
            kwonlyargcount: 0,
            stacksize: 0,
            flags: CodeFlags::default(),
            code: Default::default(),
            consts: Vec::new(),
            names: Vec::new(),
            localsplusnames: Vec::new(),
            localspluskinds: Vec::new(),
            filename: Text::default(),
            name: Text::default(),
            qualname: Text::default(),
            firstlineno: 0,
            linetable: Default::default(),
            exceptiontable: Default::default(),
        };
        Contents { data: Rc::new(data), constants: Box::default(), names: Box::default(), variables: Box::default() }
    }
}

impl Vm {
    /// A code object of an embedded module, whose contents are read when they are needed.
    pub fn new_deferred_code(&self, code: ImageCode, filename: &Value) -> PyResult {
        let Some(head) = code.head() else { return Err(self.import_error("the embedded code of a module is damaged")) };
        let body = Code {
            contents: OnceCell::new(),
            image: Some(Deferred { code, interpreter: self.interpreter_pointer() }),
            flags: head.flags,
            name: self.interned_text(&head.name)?,
            qualname: self.interned_text(&head.qualname)?,
            filename: crate::cells::ValueCell::new(filename.clone()),
            runs: Cell::new(0),
            watch: OnceCell::new(),
            fast: OnceCell::new(),
            exact: OnceCell::new(),
        };
        // SAFETY: the type's layout is that of the body.
        Ok(unsafe { self.heap.new_object(self.types.code.as_value().raw(), body) }.into_value())
    }

    fn load_contents(&self, code: ImageCode, filename: &Value) -> PyResult<Contents> {
        let Some(loaded) = code.load() else { return Err(self.system_error("damaged image")) };
        let constant = |constant: &ImageConstant| match constant {
            ImageConstant::Plain(constant) => self.constant_value(constant),
            ImageConstant::Code(code) => self.new_deferred_code(*code, filename),
        };
        let constants = loaded.constants.iter().map(constant).collect::<PyResult<Box<[_]>>>()?;
        self.contents_of(Rc::new(loaded.data), constants)
    }

    fn contents_of(&self, mut data: Rc<CodeObject>, constants: Box<[Value]>) -> PyResult<Contents> {
        if self.config.no_debug_ranges {
            let lines = positions::without_columns(&data.linetable, data.firstlineno);
            Rc::make_mut(&mut data).linetable = lines.into();
        }
        let names = data.names.iter().map(|text| self.interned_text(text)).collect::<PyResult<Box<[_]>>>()?;
        let variables =
            data.localsplusnames.iter().map(|text| self.interned_text(text)).collect::<PyResult<Box<[_]>>>()?;
        Ok(Contents { data, constants, names, variables })
    }

    fn interned_text(&self, text: &Text) -> PyResult {
        if let Some(found) = self.interned.find(text.as_bytes()) {
            return Ok(found);
        }
        match text.as_str() {
            Some(text) => Ok(self.intern(text)),
            None => Ok(self.intern_value(&self.text_value(text)?)),
        }
    }

    /// A code object of its data.
    pub fn new_code(&self, data: Rc<CodeObject>) -> PyResult<Ref<Code>> {
        let constants = data.consts.iter().map(|c| self.constant_value(c)).collect::<PyResult<Box<[_]>>>()?;
        self.new_code_with(data, constants)
    }

    /// A code object whose constants are given as values; those of the data are not looked at, but must be as many.
    pub fn new_code_with(&self, data: Rc<CodeObject>, constants: Box<[Value]>) -> PyResult<Ref<Code>> {
        data.check_variables().map_err(|problem| self.value_error(format!("code: {problem}")))?;
        let (name, qualname) = (self.interned_text(&data.name)?, self.interned_text(&data.qualname)?);
        let (filename, flags) = (self.interned_text(&data.filename)?, data.flags);
        let contents = self.contents_of(data, constants)?;
        let body = Code {
            contents: OnceCell::from(Box::new(contents)),
            image: None,
            flags,
            name,
            qualname,
            filename: crate::cells::ValueCell::new(filename),
            runs: Cell::new(0),
            watch: OnceCell::new(),
            fast: OnceCell::new(),
            exact: OnceCell::new(),
        };
        // SAFETY: the type's layout is that of the body.
        Ok(unsafe { self.heap.new_object(self.types.code.as_value().raw(), body) })
    }
}
