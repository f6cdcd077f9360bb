//! Functions: code with globals, defaults and a closure.

use crate::args::Args;
use crate::cells::{OptionCell, RefCellOf, ValueCell};
use crate::error::PyResult;
use crate::native::{GetSetDef, TypeSpec, type_flags};
use crate::types::cell::CellBody;
use crate::types::code::{Code, Runnable};
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};
use std::cell::{Cell, RefCell};

/// The body of a function.
pub struct Function {
    /// `__code__`
    pub code: RefCellOf<Code>,
    /// `__globals__`
    pub globals: Ref<Dict>,
    /// `__builtins__`: a dict; an empty one where they are another mapping.
    pub builtins: Ref<Dict>,
    /// `__builtins__` where they are no plain dict.
    pub builtins_mapping: Option<Value>,
    /// `__name__`: a `str`.
    pub name: ValueCell,
    /// `__qualname__`: a `str`.
    pub qualname: ValueCell,
    /// `__defaults__`: a tuple.
    pub defaults: OptionCell,
    /// `__kwdefaults__`: a dict.
    pub kwdefaults: OptionCell,
    /// `__closure__`: a tuple of cells.
    pub closure: OptionCell,
    /// `__doc__`; unbound as long as it is the docstring of the code and nobody has asked.
    doc: OptionCell,
    /// `__module__`
    pub module: OptionCell,
    /// `__annotations__`: a dict, or a tuple of names and values that becomes one.
    pub annotations: OptionCell,
    /// `__annotate__`
    pub annotate: OptionCell,
    /// `__type_params__`: a tuple.
    pub type_params: OptionCell,
    /// Changes when code, defaults or closure do; call sites remember it. 0 while nobody has asked.
    pub version: Cell<u32>,
    /// The lowered code, once it has been asked for; null before.
    pub runnable: Cell<*const Runnable>,
    /// Code objects that the function had before: frames may still run them.
    retired: RefCell<Vec<Ref<Code>>>,
}

static LAYOUT: Layout = Layout::of::<Function>("function", None);

impl Body for Function {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.code.visit(visitor);
        visitor(self.globals.as_value());
        visitor(self.builtins.as_value());
        if let Some(mapping) = &self.builtins_mapping {
            visitor(mapping);
        }
        for cell in [&self.name, &self.qualname] {
            cell.visit(visitor);
        }
        for cell in [
            &self.defaults,
            &self.kwdefaults,
            &self.closure,
            &self.doc,
            &self.module,
            &self.annotations,
            &self.annotate,
            &self.type_params,
        ] {
            cell.visit(visitor);
        }
        for code in self.retired.borrow().iter() {
            visitor(code.as_value());
        }
    }
    fn clear(&self) {
        for cell in [
            &self.defaults,
            &self.kwdefaults,
            &self.closure,
            &self.doc,
            &self.module,
            &self.annotations,
            &self.annotate,
            &self.type_params,
        ] {
            cell.set(None);
        }
    }
}

/// `function`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::DICT | type_flags::WEAKREF | type_flags::METHOD_DESCRIPTOR,
    doc: "A function made by a def statement or a lambda expression.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.call.set(Some(call));
        slots.repr.set(Some(repr));
        slots.descr_get.set(Some(descr_get));
    },
    getset: &[
        GetSetDef::new("__code__", |vm, f| Ok(function(vm, f)?.code.get().into_value()), set_code, "The code object."),
        GetSetDef::new(
            "__defaults__",
            |vm, f| Ok(or_none(&function(vm, f)?.defaults)),
            set_defaults,
            "The defaults of positional parameters.",
        ),
        GetSetDef::new(
            "__kwdefaults__",
            |vm, f| Ok(or_none(&function(vm, f)?.kwdefaults)),
            set_kwdefaults,
            "The defaults of keyword-only parameters.",
        ),
        GetSetDef::readonly(
            "__closure__",
            |vm, f| Ok(or_none(&function(vm, f)?.closure)),
            "The cells of free variables.",
        ),
        GetSetDef::readonly(
            "__globals__",
            |vm, f| Ok(function(vm, f)?.globals.to_value()),
            "The namespace of globals.",
        ),
        GetSetDef::readonly(
            "__builtins__",
            |vm, f| Ok(function(vm, f)?.builtins_value()),
            "The namespace of builtins.",
        ),
        GetSetDef::new("__name__", |vm, f| Ok(function(vm, f)?.name.get()), set_name, "The name."),
        GetSetDef::new("__qualname__", |vm, f| Ok(function(vm, f)?.qualname.get()), set_qualname, "The dotted name."),
        GetSetDef::new(
            "__module__",
            |vm, f| Ok(or_none(&function(vm, f)?.module)),
            |vm, f, value| {
                function(vm, f)?.module.set(Some(value.cloned().unwrap_or(Value::NONE)));
                Ok(())
            },
            "The module's name.",
        ),
        GetSetDef::new(
            "__doc__",
            |vm, f| Ok(function(vm, f)?.documentation()),
            |vm, f, value| {
                function(vm, f)?.doc.set(value.cloned());
                Ok(())
            },
            "The documentation.",
        ),
        GetSetDef::new(
            "__annotations__",
            get_annotations,
            set_annotations,
            "The annotations of parameters and result.",
        ),
        GetSetDef::new("__annotate__", get_annotate, set_annotate, "The function that makes the annotations."),
        GetSetDef::new("__type_params__", get_type_params, set_type_params, "The type parameters."),
    ],
    ..TypeSpec::new("function", Function::layout)
};

impl Function {
    /// `__doc__`
    fn documentation(&self) -> Value {
        let doc = or_none(&self.doc);
        if !doc.is_unbound() {
            return doc;
        }
        let doc = self.code.get().constants.first().cloned();
        self.doc.set(doc.clone());
        doc.unwrap_or(Value::NONE)
    }
}

/// The function that a value is.
pub fn function<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<Function>> {
    value.downcast().ok_or_else(|| vm.type_error("a function is needed"))
}

fn or_none(cell: &OptionCell) -> Value {
    cell.get().unwrap_or(Value::NONE)
}

impl Vm {
    /// A function of a code object in a namespace of globals.
    pub fn new_function(&self, code: &Ref<Code>, globals: &Ref<Dict>) -> PyResult<Ref<Function>> {
        let module = globals.get_str(&self.names.__name__);
        let (builtins, builtins_mapping) = self.builtins_of(globals)?;
        let documented = code.flags.contains(oriel_bytecode::CodeFlags::HAS_DOCSTRING);
        let body = Function {
            code: RefCellOf::new(code.clone()),
            globals: globals.clone(),
            builtins,
            builtins_mapping,
            name: ValueCell::new(code.name.clone()),
            qualname: ValueCell::new(code.qualname.clone()),
            defaults: OptionCell::default(),
            kwdefaults: OptionCell::default(),
            closure: OptionCell::default(),
            doc: OptionCell::new(documented.then_some(Value::UNBOUND)),
            module: OptionCell::new(module),
            annotations: OptionCell::default(),
            annotate: OptionCell::default(),
            type_params: OptionCell::default(),
            version: Cell::new(0),
            runnable: Cell::new(std::ptr::null()),
            retired: RefCell::default(),
        };
        // SAFETY: the type's layout is that of the body.
        Ok(unsafe { self.heap.new_object(self.types.function.as_value().raw(), body) })
    }

    /// The namespace of builtins that code with these globals sees.
    fn builtins_of(&self, globals: &Ref<Dict>) -> PyResult<(Ref<Dict>, Option<Value>)> {
        let Some(found) = globals.get_str(&self.names.__builtins__) else {
            return Ok(match self.current_frame() {
                Some(frame) => (frame.function.builtins.clone(), frame.function.builtins_mapping.clone()),
                None => (self.builtins.clone(), None),
            });
        };
        if let Some(dict) = crate::interpreter::exact_dict(self, &found) {
            return Ok((dict.clone(), None));
        }
        if self.is_module(&found)
            && let Some(dict) = self.module_dict(&found)
        {
            return Ok((dict, None));
        }
        Ok((self.new_dict(), Some(found)))
    }

    /// A name in the builtins that the running frame sees.
    pub fn frame_builtin(&self, name: &str) -> PyResult {
        let key = self.intern(name);
        let found = match self.current_frame() {
            Some(frame) => frame.function.find_builtin(self, &key)?,
            None => self.builtins.get(self, &key)?,
        };
        found.ok_or_else(|| self.attribute_error(name))
    }
}

impl Function {
    /// `__builtins__`
    pub fn builtins_value(&self) -> Value {
        self.builtins_mapping.clone().unwrap_or_else(|| self.builtins.to_value())
    }

    /// A name in the builtins.
    #[inline]
    pub fn find_builtin(&self, vm: &Vm, name: &Value) -> PyResult<Option<Value>> {
        match &self.builtins_mapping {
            None if self.builtins.has_str_keys_only() => Ok(self.builtins.get_str(name)),
            None => self.builtins.get(vm, name),
            Some(mapping) => vm.catch(vm.get_item(mapping, name), &vm.types.key_error),
        }
    }
}

impl Function {
    /// The function's version, assigned now if need be.
    pub fn version(&self, vm: &Vm) -> u32 {
        if self.version.get() == 0 {
            self.version.set(vm.next_type_version());
        }
        self.version.get()
    }

    /// The code, borrowed: it stays alive as long as the function, even when it is replaced.
    #[inline(always)]
    pub fn code_ref(&self) -> &Code {
        // SAFETY: a code object that is replaced is kept among the retired ones, so its body lives as long as the
        // function.
        unsafe { self.code.borrow().body_pointer().as_ref() }
    }

    /// The lowered code of the function, if it has run before.
    #[inline(always)]
    pub fn known_runnable(&self) -> Option<&Runnable> {
        // SAFETY: the code object, which lives as long as the function even when it is replaced, owns it.
        unsafe { self.runnable.get().as_ref() }
    }

    /// The lowered code of the function.
    pub fn find_runnable(&self, vm: &Vm) -> PyResult<&Runnable> {
        let runnable = self.code_ref().runnable(vm)?;
        self.runnable.set(runnable);
        Ok(runnable)
    }

    /// Sets a part that `MAKE_FUNCTION`'s followers give.
    pub fn set_attribute(&self, which: u32, value: Value) {
        use oriel_bytecode::oparg::function_attribute as attribute;
        match which {
            attribute::DEFAULTS => self.defaults.set(Some(value)),
            attribute::KWDEFAULTS => self.kwdefaults.set(Some(value)),
            attribute::ANNOTATIONS => self.annotations.set(Some(value)),
            attribute::CLOSURE => self.closure.set(Some(value)),
            attribute::ANNOTATE => self.annotate.set(Some(value)),
            _ => {}
        }
    }
}

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    const NAMES: [&str; 6] = ["code", "globals", "name", "argdefs", "closure", "kwdefaults"];
    let mut bound: [Option<&Value>; 6] = [None; 6];
    let signature =
        crate::args::Signature::parse("(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)");
    debug_assert_eq!(signature.names.len(), NAMES.len());
    signature.bind(vm, "function", args, &mut bound)?;
    let (Some(code), Some(globals)) = (bound[0], bound[1]) else {
        return Err(vm.type_error("function() needs code and globals"));
    };
    let wrong = |number: usize, expected: &str, value: &Value| {
        vm.type_error(format!(
            "function() argument '{}' must be {expected}, not {}",
            NAMES[number],
            vm.type_name(value)
        ))
    };
    let code = code.downcast::<Code>().ok_or_else(|| wrong(0, "code", code))?;
    let globals = globals.downcast::<Dict>().ok_or_else(|| wrong(1, "dict", globals))?;
    let given = |number: usize| bound[number].filter(|value| !value.is_none());
    if let Some(name) = given(2)
        && name.downcast::<Str>().is_none()
    {
        return Err(vm.type_error("arg 3 (name) must be None or string"));
    }
    if let Some(defaults) = given(3)
        && defaults.downcast::<Tuple>().is_none()
    {
        return Err(vm.type_error("arg 4 (defaults) must be None or tuple"));
    }
    let free = code.data.freevars().count();
    let closure = given(4);
    let cells = closure.map(|closure| closure.downcast::<Tuple>());
    match cells {
        Some(None) => {
            let expected =
                if free > 0 { "arg 5 (closure) must be tuple" } else { "arg 5 (closure) must be None or tuple" };
            return Err(vm.type_error(expected));
        }
        None if free > 0 => return Err(vm.type_error("arg 5 (closure) must be tuple")),
        _ => {}
    }
    let cells = cells.flatten();
    let count = cells.map_or(0, |cells| cells.len());
    if count != free {
        let name = vm.str_text(&code.name);
        return Err(vm.value_error(format!("{name} requires closure of length {free}, not {count}")));
    }
    for cell in cells.map_or(&[][..], |cells| cells.items()) {
        if cell.downcast::<CellBody>().is_none() {
            let name = vm.type_name(cell);
            return Err(vm.type_error(format!("arg 5 (closure) expected cell, found {name}")));
        }
    }
    if let Some(kwdefaults) = given(5)
        && kwdefaults.downcast::<Dict>().is_none()
    {
        return Err(vm.type_error("arg 6 (kwdefaults) must be None or dict"));
    }
    let _ = class;
    let function = vm.new_function(code, globals)?;
    if let Some(name) = given(2) {
        function.name.set(name.clone());
    }
    function.defaults.set(given(3).cloned());
    function.closure.set(closure.cloned());
    function.kwdefaults.set(given(5).cloned());
    Ok(function.into_value())
}

fn call(vm: &Vm, callable: &Value, args: Args<'_>) -> PyResult {
    crate::interpreter::call_function(vm, function(vm, callable)?, args)
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let name = vm.str_text(&function(vm, this)?.qualname.get());
    Ok(vm.new_str(&format!("<function {name} at {:#x}>", this.word())))
}

fn descr_get(vm: &Vm, this: &Value, object: Option<&Value>, _owner: Option<&Value>) -> PyResult {
    match object {
        Some(object) if !object.is_none() => Ok(vm.new_method(this, object)),
        // Functions in the class of None bind to it, but that class cannot be given functions.
        _ => Ok(this.clone()),
    }
}

fn set_code(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let this = function(vm, this)?;
    let Some(code) = value.and_then(|value| value.downcast::<Code>()) else {
        return Err(vm.type_error("__code__ must be set to a code object"));
    };
    let free = code.data.freevars().count();
    let closure =
        this.closure.get().and_then(|closure| closure.downcast::<Tuple>().map(|cells| cells.len())).unwrap_or(0);
    if free != closure {
        let name = vm.str_text(&this.name.get());
        return Err(vm.value_error(format!("{name}() requires a code object with {closure} free vars, not {free}")));
    }
    let old = this.code.get();
    this.documentation();
    use oriel_bytecode::CodeFlags;
    let kind = CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR;
    if (old.data.flags.0 ^ code.data.flags.0) & kind.0 != 0 {
        vm.warn(
            &vm.types.deprecation_warning,
            "Assigning a code object of non-matching type is deprecated (e.g., from a generator to a plain function)",
            1,
        )?;
    }
    this.retired.borrow_mut().push(old);
    this.code.set(code.clone());
    this.runnable.set(std::ptr::null());
    this.version.set(0);
    Ok(())
}

fn set_defaults(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let this = function(vm, this)?;
    let value = value.filter(|value| !value.is_none());
    if value.is_some_and(|value| value.downcast::<Tuple>().is_none()) {
        return Err(vm.type_error("__defaults__ must be set to a tuple object"));
    }
    this.version.set(0);
    this.defaults.set(value.cloned());
    Ok(())
}

fn set_kwdefaults(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let this = function(vm, this)?;
    let value = value.filter(|value| !value.is_none());
    if value.is_some_and(|value| value.downcast::<Dict>().is_none()) {
        return Err(vm.type_error("__kwdefaults__ must be set to a dict object"));
    }
    this.version.set(0);
    this.kwdefaults.set(value.cloned());
    Ok(())
}

fn set_name(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    match value.filter(|value| value.downcast::<Str>().is_some()) {
        Some(value) => {
            function(vm, this)?.name.set(value.clone());
            Ok(())
        }
        None => Err(vm.type_error("__name__ must be set to a string object")),
    }
}

fn set_qualname(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    match value.filter(|value| value.downcast::<Str>().is_some()) {
        Some(value) => {
            function(vm, this)?.qualname.set(value.clone());
            Ok(())
        }
        None => Err(vm.type_error("__qualname__ must be set to a string object")),
    }
}

fn get_annotations(vm: &Vm, this: &Value) -> PyResult {
    let this = function(vm, this)?;
    match this.annotations.get() {
        Some(annotations) => match annotations.downcast::<Tuple>() {
            None => Ok(annotations),
            Some(pairs) => {
                let dict = vm.new_dict();
                for pair in pairs.items().chunks_exact(2) {
                    dict.set(vm, &pair[0], pair[1].clone())?;
                }
                this.annotations.set(Some(dict.to_value()));
                Ok(dict.into_value())
            }
        },
        None => {
            let annotations = match this.annotate.get().filter(|annotate| !annotate.is_none()) {
                None => vm.new_dict().into_value(),
                Some(annotate) => {
                    let made = vm.call(&annotate, &[Value::small(1)])?;
                    if made.downcast::<Dict>().is_none() {
                        let name = vm.type_name(&made);
                        return Err(vm.type_error(format!("__annotate__ returned non-dict of type '{name}'")));
                    }
                    made
                }
            };
            this.annotations.set(Some(annotations.clone()));
            Ok(annotations)
        }
    }
}

fn set_annotations(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let this = function(vm, this)?;
    let value = value.filter(|value| !value.is_none());
    if value.is_some_and(|value| value.downcast::<Dict>().is_none()) {
        return Err(vm.type_error("__annotations__ must be set to a dict object"));
    }
    this.annotations.set(value.cloned());
    this.annotate.set(None);
    Ok(())
}

fn get_annotate(vm: &Vm, this: &Value) -> PyResult {
    Ok(or_none(&function(vm, this)?.annotate))
}

fn set_annotate(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let this = function(vm, this)?;
    let Some(value) = value else {
        return Err(vm.type_error("__annotate__ cannot be deleted"));
    };
    if value.is_none() {
        this.annotate.set(Some(value.clone()));
        return Ok(());
    }
    if vm.type_of(value).slots.call.get().is_none() {
        return Err(vm.type_error("__annotate__ must be callable or None"));
    }
    this.annotate.set(Some(value.clone()));
    this.annotations.set(None);
    Ok(())
}

fn get_type_params(vm: &Vm, this: &Value) -> PyResult {
    Ok(function(vm, this)?.type_params.get().unwrap_or_else(|| vm.empty_tuple().into_value()))
}

fn set_type_params(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    match value.filter(|value| value.downcast::<Tuple>().is_some()) {
        Some(value) => {
            function(vm, this)?.type_params.set(Some(value.clone()));
            Ok(())
        }
        None => Err(vm.type_error("__type_params__ must be set to a tuple")),
    }
}
