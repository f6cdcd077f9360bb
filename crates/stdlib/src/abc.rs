//! `_abc`: which classes count as subclasses of an abstract one, and what is already known about that.

use oriel_runtime::native::{MethodDef, ModuleSpec, TypeSpec, type_flags};
use oriel_runtime::types::str::Str;
use oriel_runtime::types::type_object::{Type, TypeRef};
use oriel_runtime::types::weakref::WeakRef;
use oriel_runtime::{Body, Layout, PyResult, Ref, Value, Visitor, Vm};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;

/// `_abc`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_abc",
    doc: "What the module abc needs to be fast.",
    functions: &[
        MethodDef::noargs(
            "get_cache_token",
            |vm, _| Ok(vm.new_uint(vm.state::<State>().version.get())),
            "($module, /)",
            "Return a number that changes whenever a class is registered.",
        ),
        MethodDef::one("_abc_init", init, "($module, self, /)", "Prepare a new abstract class."),
        MethodDef::positional("_abc_register", 2, 2, register, "($module, self, subclass, /)", "Register a subclass."),
        MethodDef::positional(
            "_abc_instancecheck",
            2,
            2,
            |vm, _, args| instance_check(vm, &args[0], &args[1]),
            "($module, self, instance, /)",
            "Return whether an object is an instance.",
        ),
        MethodDef::positional(
            "_abc_subclasscheck",
            2,
            2,
            |vm, _, args| Ok(Value::bool(subclass_check(vm, &args[0], &args[1])?)),
            "($module, self, subclass, /)",
            "Return whether a class is a subclass.",
        ),
        MethodDef::one("_get_dump", dump, "($module, self, /)", "Return what is known of a class."),
        MethodDef::one(
            "_reset_registry",
            |vm, _, class| {
                let old = data(vm, class)?.registry.take();
                drop(old);
                Ok(Value::NONE)
            },
            "($module, self, /)",
            "Forget the registered classes.",
        ),
        MethodDef::one(
            "_reset_caches",
            |vm, _, class| {
                let data = data(vm, class)?;
                let old = (data.cache.take(), data.negative.take());
                drop(old);
                Ok(Value::NONE)
            },
            "($module, self, /)",
            "Forget what is known.",
        ),
    ],
    exec: |vm, _| {
        let state = vm.state::<State>();
        if state.ty.get().is_none() {
            let _ = state.ty.set(vm.new_type(&DATA)?);
        }
        Ok(())
    },
};

#[derive(Default)]
struct State {
    ty: OnceCell<TypeRef>,
    /// Changes whenever a class is registered: what is known not to be a subclass may be one now.
    version: Cell<u64>,
}

/// Classes held weakly, by their address. A dead one's entry stays until the set has grown.
#[derive(Default)]
struct WeakClasses {
    classes: HashMap<u64, Value>,
    clean_at: usize,
}

impl WeakClasses {
    fn contains(&self, class: &Value) -> bool {
        self.classes.get(&class.word()).is_some_and(|reference| alive(reference).is_some_and(|other| other.is(class)))
    }

    fn all(&self) -> Vec<Value> {
        self.classes.values().filter_map(alive).collect()
    }
}

fn alive(reference: &Value) -> Option<Value> {
    reference.downcast::<WeakRef>()?.get()
}

/// What is known of an abstract class.
#[derive(Default)]
struct Data {
    registry: RefCell<WeakClasses>,
    cache: RefCell<WeakClasses>,
    negative: RefCell<WeakClasses>,
    negative_version: Cell<u64>,
}

static LAYOUT: Layout = Layout::of::<Data>("_abc_data", None);

impl Body for Data {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        for set in [&self.registry, &self.cache, &self.negative] {
            for reference in set.borrow().classes.values() {
                visitor(reference);
            }
        }
    }
    fn clear(&self) {
        let old = (self.registry.take(), self.cache.take(), self.negative.take());
        drop(old);
    }
}

static DATA: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    doc: "What is known of an abstract class.",
    ..TypeSpec::new("_abc._abc_data", Data::layout)
};

fn data(vm: &Vm, class: &Value) -> PyResult<Ref<Data>> {
    let found = vm.get_attr(class, &vm.names._abc_impl)?;
    Ref::try_from_value(found).map_err(|_| vm.type_error("_abc_impl is set to a wrong type"))
}

fn enter(vm: &Vm, set: &RefCell<WeakClasses>, class: &Value) -> PyResult<()> {
    let reference = vm.new_weak_reference(&vm.types.weak_reference, class, None)?;
    let mut dead = Vec::new();
    {
        let mut set = set.borrow_mut();
        if set.classes.len() >= set.clean_at {
            let gone: Vec<u64> =
                set.classes.iter().filter(|(_, r)| alive(r).is_none()).map(|(word, _)| *word).collect();
            dead.extend(gone.iter().filter_map(|word| set.classes.remove(word)));
            set.clean_at = set.classes.len() * 2 + 16;
        }
        dead.extend(set.classes.insert(class.word(), reference));
    }
    drop(dead);
    Ok(())
}

fn is_abstract(vm: &Vm, value: &Value) -> PyResult<bool> {
    match vm.get_attr_opt(value, &vm.names.__isabstractmethod__)? {
        Some(flag) => vm.truth(&flag),
        None => Ok(false),
    }
}

/// The names of abstract methods: the class's own, and inherited ones that are still abstract.
fn abstract_methods(vm: &Vm, class: &TypeRef) -> PyResult {
    let mut names = Vec::new();
    for (name, value) in class.namespace.entries() {
        if is_abstract(vm, &value)? {
            names.push(name);
        }
    }
    let bases = vm.get_attr(class.as_value(), &vm.names.__bases__)?;
    for base in vm.collect(&bases)? {
        let Some(inherited) = vm.get_attr_opt(&base, &vm.names.__abstractmethods__)? else { continue };
        for name in vm.collect(&inherited)? {
            if name.downcast::<Str>().is_some()
                && let Some(value) = vm.get_attr_opt(class.as_value(), &name)?
                && is_abstract(vm, &value)?
            {
                names.push(name);
            }
        }
    }
    vm.call(vm.types.frozenset.as_value(), &[vm.new_tuple(&names)])
}

/// Set by classes whose subclasses match patterns: the bits of CPython's type flags.
const SEQUENCE_BIT: i64 = 1 << 5;
const MAPPING_BIT: i64 = 1 << 6;

fn init(vm: &Vm, _: &Value, class: &Value) -> PyResult {
    let Some(class) = class.downcast::<Type>() else { return Err(vm.type_error("a class is needed")) };
    let abstract_names = abstract_methods(vm, class)?;
    vm.set_attr(class.as_value(), &vm.names.__abstractmethods__, &abstract_names)?;
    let state = vm.state::<State>();
    let Some(ty) = state.ty.get() else { return Err(vm.runtime_error("the module _abc is not there yet")) };
    let fresh = Data::default();
    fresh.negative_version.set(state.version.get());
    let fresh = vm.new_instance(ty, fresh)?.into_value();
    vm.set_attr(class.as_value(), &vm.names._abc_impl, &fresh)?;
    let key = vm.intern("__abc_tpflags__");
    if let Some(flags) = class.namespace.get_str(&key) {
        if let Some(Ok(bits)) = vm.small_or_big(&flags) {
            if bits & SEQUENCE_BIT != 0 && bits & MAPPING_BIT != 0 {
                return Err(vm.type_error("__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING"));
            }
            class.set_flag(type_flags::SEQUENCE, bits & SEQUENCE_BIT != 0);
            class.set_flag(type_flags::MAPPING, bits & MAPPING_BIT != 0);
        }
        class.namespace.delete(vm, &key)?;
        vm.type_modified(class);
    }
    Ok(Value::NONE)
}

/// Passes what a registered class is for patterns on to it and its subclasses.
fn spread_pattern_flags(vm: &Vm, class: &TypeRef, sequence: bool, mapping: bool) {
    // Builtin classes say themselves what they match; `str` is no sequence here.
    if !class.is_heap_type() || class.has(type_flags::SEQUENCE) == sequence && class.has(type_flags::MAPPING) == mapping
    {
        return;
    }
    class.set_flag(type_flags::SEQUENCE, sequence);
    class.set_flag(type_flags::MAPPING, mapping);
    for subclass in vm.subclasses_of(class) {
        spread_pattern_flags(vm, &subclass, sequence, mapping);
    }
}

fn register(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let (class, subclass) = (&args[0], &args[1]);
    let Some(subtype) = subclass.downcast::<Type>() else {
        return Err(vm.type_error("Can only register classes"));
    };
    if vm.is_subclass(subclass, class)? {
        return Ok(subclass.clone());
    }
    // The reverse would make a circle.
    if vm.is_subclass(class, subclass)? {
        return Err(vm.runtime_error("Refusing to create an inheritance cycle"));
    }
    enter(vm, &data(vm, class)?.registry, subclass)?;
    let state = vm.state::<State>();
    state.version.set(state.version.get() + 1);
    if let Some(ty) = class.downcast::<Type>() {
        let (sequence, mapping) = (ty.has(type_flags::SEQUENCE), ty.has(type_flags::MAPPING));
        if sequence || mapping {
            spread_pattern_flags(vm, subtype, sequence, mapping);
        }
    }
    Ok(subclass.clone())
}

fn instance_check(vm: &Vm, class: &Value, instance: &Value) -> PyResult {
    let own = data(vm, class)?;
    let claimed = vm.catch(vm.get_attr(instance, &vm.names.__class__), &vm.types.attribute_error)?;
    let subclass = claimed.unwrap_or_else(|| vm.type_of(instance).to_value());
    if own.cache.borrow().contains(&subclass) {
        return Ok(Value::TRUE);
    }
    let subtype = vm.type_of(instance).to_value();
    let same = subtype.is(&subclass);
    if same && own.negative_version.get() == vm.state::<State>().version.get() {
        let known = own.negative.borrow().contains(&subclass);
        if known {
            return Ok(Value::FALSE);
        }
    }
    let result = vm.call_method(class, &vm.names.__subclasscheck__, &[subclass])?;
    if same || vm.truth(&result)? {
        return Ok(result);
    }
    vm.call_method(class, &vm.names.__subclasscheck__, &[subtype])
}

fn subclass_check(vm: &Vm, class: &Value, subclass: &Value) -> PyResult<bool> {
    let Some(subtype) = subclass.downcast::<Type>() else {
        return Err(vm.type_error("issubclass() arg 1 must be a class"));
    };
    vm.check_stack()?;
    let own = data(vm, class)?;
    if own.cache.borrow().contains(subclass) {
        return Ok(true);
    }
    let version = vm.state::<State>().version.get();
    if own.negative_version.get() < version {
        let old = own.negative.take();
        drop(old);
        own.negative_version.set(version);
    } else if own.negative.borrow().contains(subclass) {
        return Ok(false);
    }
    let hook = vm.call_method(class, &vm.names.__subclasshook__, std::slice::from_ref(subclass))?;
    match hook.as_bool() {
        Some(true) => {
            enter(vm, &own.cache, subclass)?;
            return Ok(true);
        }
        Some(false) => {
            enter(vm, &own.negative, subclass)?;
            return Ok(false);
        }
        None if hook.is_not_implemented() => {}
        None => {
            return Err(vm.assertion_error("__subclasshook__ must return either False, True, or NotImplemented"));
        }
    }
    let inherits = subtype.mro_tuple().is_some_and(|mro| mro.items().iter().any(|base| base.is(class)));
    if inherits {
        enter(vm, &own.cache, subclass)?;
        return Ok(true);
    }
    let registered = own.registry.borrow().all();
    for known in registered {
        if vm.is_subclass(subclass, &known)? {
            enter(vm, &own.cache, subclass)?;
            return Ok(true);
        }
    }
    let subclasses = vm.call_method_str(class, "__subclasses__", &[])?;
    for known in vm.collect(&subclasses)? {
        if vm.is_subclass(subclass, &known)? {
            enter(vm, &own.cache, subclass)?;
            return Ok(true);
        }
    }
    enter(vm, &own.negative, subclass)?;
    Ok(false)
}

fn dump(vm: &Vm, _: &Value, class: &Value) -> PyResult {
    let own = data(vm, class)?;
    let set = |classes: &RefCell<WeakClasses>| {
        let references: Vec<Value> = classes.borrow().classes.values().cloned().collect();
        vm.call(vm.types.set.as_value(), &[vm.new_tuple(&references)])
    };
    let version = vm.new_uint(own.negative_version.get());
    Ok(vm.new_tuple(&[set(&own.registry)?, set(&own.cache)?, set(&own.negative)?, version]))
}
