//! `module`: a namespace with attributes. How modules are found and made is not here.

use crate::attributes::instance_dict_if_made;
use crate::error::{PyResult, Raised};
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::type_object::Subtype;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value};
use std::cell::RefCell;

/// The body of a module: its namespace is the instance dict, in the tail.
pub struct Module;

static LAYOUT: Layout = Layout::of::<Module>("module", None);

impl Body for Module {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

/// `module`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::DICT | type_flags::WEAKREF,
    doc: "module(name, doc=None)\n--\n\nA module: a namespace with a name.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, _| {
            let module = vm.new_instance(class, Module)?.into_value();
            vm.set_instance_dict(&module, Some(vm.new_dict()))?;
            Ok(module)
        }));
        slots.init.set(Some(init));
        slots.repr.set(Some(repr));
        slots.getattro.set(Some(get_attribute));
    },
    methods: &[MethodDef::noargs("__dir__", dir, "($self, /)", "The names in the module.")],
    getset: &[
        GetSetDef::new(
            "__dict__",
            |vm, this| Ok(namespace(vm, this)?.into_value()),
            |vm, _, _| Err(vm.attribute_error("readonly attribute")),
            "The namespace.",
        ),
        GetSetDef::new("__annotations__", annotations, set_annotations, "The annotations."),
        GetSetDef::new("__annotate__", annotate, set_annotate, "The function that makes the annotations."),
    ],
    ..TypeSpec::new("module", Module::layout)
};

fn namespace(vm: &Vm, this: &Value) -> PyResult<Ref<Dict>> {
    vm.instance_dict(this)
}

fn init(vm: &Vm, this: &Value, args: crate::args::Args<'_>) -> PyResult<()> {
    let positional = args.positional();
    let given = positional.len() + args.names.len();
    if given > 2 {
        return Err(vm.type_error(format!("module() takes at most 2 arguments ({given} given)")));
    }
    let mut values = [positional.first().cloned(), positional.get(1).cloned()];
    for (name, value) in args.keywords() {
        let text = vm.str_text(name);
        let Some(index) = ["name", "doc"].iter().position(|known| *known == text) else {
            return Err(vm.type_error(format!("module() got an unexpected keyword argument '{text}'")));
        };
        if values[index].is_some() {
            let place = index + 1;
            return Err(vm.type_error(format!("argument for module() given by name ('{text}') and position ({place})")));
        }
        values[index] = Some(value.clone());
    }
    let [name, doc] = values;
    let Some(name) = name else { return Err(vm.type_error("module() missing required argument 'name' (pos 1)")) };
    if name.downcast::<Str>().is_none() {
        let given = vm.type_name(&name);
        return Err(vm.type_error(format!("module() argument 'name' must be str, not {given}")));
    }
    fill(vm, &namespace(vm, this)?, &name, doc.unwrap_or(Value::NONE));
    Ok(())
}

fn fill(vm: &Vm, dict: &Ref<Dict>, name: &Value, doc: Value) {
    let names = &vm.names;
    dict.set_str(&names.__name__, name.clone());
    dict.set_str(&names.__doc__, doc);
    for name in [&names.__package__, &names.__loader__, &names.__spec__] {
        dict.set_str(name, Value::NONE);
    }
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    for name in ["_frozen_importlib", "importlib._bootstrap"] {
        if let Some(bootstrap) = vm.modules.get_str(&vm.intern(name)) {
            return vm.call_method_str(&bootstrap, "_module_repr", std::slice::from_ref(this));
        }
    }
    // Before the import system is there.
    let name = namespace(vm, this)?.get_str(&vm.names.__name__);
    let name = match name {
        Some(name) => vm.repr_text(&name)?,
        None => "'?'".to_owned(),
    };
    Ok(vm.new_str(&format!("<module {name}>")))
}

fn get_attribute(vm: &Vm, this: &Value, name: &Value) -> PyResult {
    if let Some(found) = vm.generic_get_attr_opt(this, name)? {
        return Ok(found);
    }
    let dict = namespace(vm, this)?;
    if let Some(hook) = dict.get_str(&vm.names.__getattr__) {
        return vm.call(&hook, std::slice::from_ref(name));
    }
    Err(missing(vm, this, &dict, name))
}

#[cold]
fn missing(vm: &Vm, this: &Value, dict: &Ref<Dict>, name: &Value) -> Raised {
    let raised = match missing_message(vm, dict, name) {
        Ok(message) => vm.attribute_error(message),
        Err(raised) => return raised,
    };
    vm.set_attribute_error_context(&raised, this, name);
    raised
}

fn missing_message(vm: &Vm, dict: &Ref<Dict>, name: &Value) -> PyResult<String> {
    let attribute = vm.str_text(name);
    let Some(module) = dict.get_str(&vm.names.__name__).filter(|module| module.downcast::<Str>().is_some()) else {
        return Ok(format!("module has no attribute '{attribute}'"));
    };
    let text = vm.str_text(&module);
    let plain = format!("module '{text}' has no attribute '{attribute}'");
    let Some(spec) = dict.get_str(&vm.names.__spec__) else { return Ok(plain) };
    let origin = vm.spec_origin(&spec)?;
    let shadowing = origin.as_deref().is_some_and(|origin| vm.may_shadow(origin));
    if shadowing && vm.is_stdlib_module(&module)? {
        return Ok(format!(
            "{plain} (consider renaming '{}' since it has the same name as the standard library module named '{text}' \
             and prevents importing that standard library module)",
            origin.unwrap_or_default()
        ));
    }
    if vm.spec_is_initializing(Some(&spec))? {
        return Ok(match origin {
            Some(origin) if shadowing => format!(
                "{plain} (consider renaming '{origin}' if it has the same name as a library you intended to import)"
            ),
            Some(origin) => format!(
                "partially initialized module '{text}' from '{origin}' has no attribute '{attribute}' \
                 (most likely due to a circular import)"
            ),
            None => format!(
                "partially initialized module '{text}' has no attribute '{attribute}' \
                 (most likely due to a circular import)"
            ),
        });
    }
    if let Some(pending) = vm.get_attr_opt(&spec, &vm.names._uninitialized_submodules)?
        && vm.contains(&pending, name)?
    {
        return Ok(format!(
            "cannot access submodule '{attribute}' of module '{text}' (most likely due to a circular import)"
        ));
    }
    Ok(plain)
}

fn dir(vm: &Vm, this: &Value) -> PyResult {
    let dict = vm.get_attr(this, &vm.names.__dict__)?;
    let Some(dict) = dict.downcast::<Dict>() else {
        return Err(vm.type_error("<module>.__dict__ is not a dictionary"));
    };
    match dict.get_str(&vm.names.__dir__) {
        Some(hook) => vm.call(&hook, &[]),
        None => Ok(vm.new_list(dict.keys()).into_value()),
    }
}

fn annotations(vm: &Vm, this: &Value) -> PyResult {
    let dict = namespace(vm, this)?;
    if let Some(annotations) = dict.get_str(&vm.names.__annotations__) {
        return Ok(annotations);
    }
    let initializing = vm.spec_is_initializing(dict.get_str(&vm.names.__spec__).as_ref())?;
    let annotate = dict.get_str(&vm.names.__annotate__);
    let annotations = match annotate.filter(|annotate| vm.type_of(annotate).slots.call.get().is_some()) {
        Some(annotate) => {
            let annotations = vm.call(&annotate, &[vm.new_int(1)])?;
            if annotations.downcast::<Dict>().is_none() {
                let given = vm.type_name(&annotations);
                return Err(vm.type_error(format!("__annotate__ returned non-dict of type '{given}'")));
            }
            annotations
        }
        None => vm.new_dict().into_value(),
    };
    if !initializing {
        dict.set_str(&vm.names.__annotations__, annotations.clone());
    }
    Ok(annotations)
}

fn set_annotations(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let dict = namespace(vm, this)?;
    match value {
        Some(value) => dict.set_str(&vm.names.__annotations__, value.clone()),
        None => {
            if dict.delete_str(&vm.names.__annotations__).is_none() {
                return Err(vm.attribute_error("__annotations__"));
            }
        }
    }
    dict.delete_str(&vm.names.__annotate__);
    Ok(())
}

fn annotate(vm: &Vm, this: &Value) -> PyResult {
    let dict = namespace(vm, this)?;
    if let Some(annotate) = dict.get_str(&vm.names.__annotate__) {
        return Ok(annotate);
    }
    dict.set_str(&vm.names.__annotate__, Value::NONE);
    Ok(Value::NONE)
}

fn set_annotate(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(vm.type_error("cannot delete __annotate__ attribute")) };
    if !value.is_none() && vm.type_of(value).slots.call.get().is_none() {
        return Err(vm.type_error("__annotate__ must be callable or None"));
    }
    let dict = namespace(vm, this)?;
    dict.set_str(&vm.names.__annotate__, value.clone());
    if !value.is_none() {
        dict.delete_str(&vm.names.__annotations__);
    }
    Ok(())
}

/// `sys.path[0]` as start-up made it: where a script lies, the empty string for the current directory.
#[derive(Default)]
struct ScriptDirectory(RefCell<Option<String>>);

/// Modules, as the core sees them.
impl Vm {
    /// A module with the name and the usual attributes, all `None`.
    pub fn new_module(&self, name: &str) -> Value {
        // SAFETY: the type's layout is that of the body.
        let module = unsafe { self.heap.new_object(self.types.module.as_value().raw(), Module) }.into_value();
        let dict = self.new_dict();
        fill(self, &dict, &self.intern(name), Value::NONE);
        // A module has a tail, which is all that could fail.
        let _ = self.set_instance_dict(&module, Some(dict));
        module
    }

    /// Whether the value is a module.
    pub fn is_module(&self, value: &Value) -> bool {
        self.type_of(value).is_subtype(&self.types.module)
    }

    /// The namespace of a module; nothing for all else.
    pub fn module_dict(&self, value: &Value) -> Option<Ref<Dict>> {
        if self.is_module(value) { instance_dict_if_made(value) } else { None }
    }

    /// Remembers what start-up put before all else in `sys.path`.
    pub fn set_script_directory(&self, directory: Option<String>) {
        *self.state::<ScriptDirectory>().0.borrow_mut() = directory;
    }

    /// Whether a module is being executed for the first time, by its `__spec__`.
    pub fn spec_is_initializing(&self, spec: Option<&Value>) -> PyResult<bool> {
        let Some(spec) = spec.filter(|spec| !spec.is_none()) else { return Ok(false) };
        match self.get_attr_opt(spec, &self.names._initializing)? {
            Some(flag) => self.truth(&flag),
            None => Ok(false),
        }
    }

    /// The file that a `__spec__` says the module is from.
    pub fn spec_origin(&self, spec: &Value) -> PyResult<Option<String>> {
        if spec.is_none() {
            return Ok(None);
        }
        let has_location = match self.get_attr_opt(spec, &self.intern("has_location"))? {
            Some(flag) => self.truth(&flag)?,
            None => false,
        };
        if !has_location {
            return Ok(None);
        }
        let origin = self.get_attr_opt(spec, &self.intern("origin"))?;
        Ok(origin.and_then(|origin| origin.downcast::<Str>().map(|origin| origin.to_text())))
    }

    /// Whether a file lies beside the script, so that it may stand in the way of a library module.
    pub fn may_shadow(&self, origin: &str) -> bool {
        if self.config.safe_path {
            return false;
        }
        let state = self.state::<ScriptDirectory>();
        let directory = state.0.borrow();
        let Some(directory) = directory.as_deref() else { return false };
        let Some((mut folder, file)) = origin.rsplit_once('/') else { return false };
        if file == "__init__.py" {
            let Some((outer, _)) = folder.rsplit_once('/') else { return false };
            folder = outer;
        }
        if !directory.is_empty() {
            return folder == directory;
        }
        std::env::current_dir().is_ok_and(|current| current.as_os_str() == folder)
    }

    /// Whether `sys.stdlib_module_names` has the name.
    pub fn is_stdlib_module(&self, name: &Value) -> PyResult<bool> {
        match self.sys.get_str(&self.intern("stdlib_module_names")) {
            Some(names) => self.contains(&names, name),
            None => Ok(false),
        }
    }
}
