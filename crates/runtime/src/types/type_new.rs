//! `type.__new__`: a class from its name, bases and namespace; the MRO; `__bases__` and annotations of classes.

use crate::args::Args;
use crate::cells::{OptionCell, ValueCell};
use crate::error::PyResult;
use crate::native::type_flags;
use crate::slots::Slots;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::{Subtype, Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::{Ref, TypeHead, Value};
use std::cell::{Cell, RefCell};

/// Inline attribute slots of instances whose class says nothing of its attributes, and at most.
const FEWEST_INLINE: usize = 4;
const FEWEST_ANNOTATED: usize = 10;
/// Attributes that others may give to instances.
const SPARE_INLINE: usize = 2;
const MOST_INLINE: usize = 30;

/// `type.__new__(metaclass, name, bases, namespace, **keywords)`
pub fn new(vm: &Vm, metaclass: &TypeRef, args: Args<'_>) -> PyResult {
    let [name, bases, namespace] = args.positional() else {
        let given = args.positional().len();
        return Err(vm.type_error(format!("type.__new__() takes exactly 3 arguments ({given} given)")));
    };
    if name.downcast::<Str>().is_none() {
        let given = vm.type_name(name);
        return Err(vm.type_error(format!("type.__new__() argument 1 must be str, not {given}")));
    }
    let Some(base_tuple) = bases.downcast::<Tuple>() else {
        let given = vm.type_name(bases);
        return Err(vm.type_error(format!("type.__new__() argument 2 must be tuple, not {given}")));
    };
    let Some(source) = namespace.downcast::<Dict>() else {
        let given = vm.type_name(namespace);
        return Err(vm.type_error(format!("type.__new__() argument 3 must be dict, not {given}")));
    };
    let mut base_types = Vec::new();
    for base in base_tuple.items() {
        match base.downcast::<Type>() {
            Some(base) => base_types.push(base.clone()),
            None => {
                if vm.lookup(vm.type_of(base), &vm.names.__mro_entries__).is_some()
                    || vm.get_attr_opt(base, &vm.names.__mro_entries__)?.is_some()
                {
                    return Err(vm.type_error("type() doesn't support MRO entry resolution; use types.new_class()"));
                }
                return Err(vm.type_error("bases must be types"));
            }
        }
    }
    let winner = best_metaclass(vm, metaclass, base_tuple.items())?;
    if !winner.is(metaclass)
        && winner.slots.new.get().map(|f| f as usize) != Some(new as *const () as usize)
        && let Some(other) = winner.slots.new.get()
    {
        return other(vm, &winner, args);
    }
    if base_types.is_empty() {
        base_types.push(vm.types.object.clone());
    }
    let class = make(vm, &winner, name, base_types, source)?;
    finish(vm, &class, args)?;
    Ok(class.into_value())
}

/// The most derived metaclass of those given and of the bases.
pub fn best_metaclass(vm: &Vm, metaclass: &TypeRef, bases: &[Value]) -> PyResult<TypeRef> {
    let mut winner = metaclass.clone();
    for base in bases {
        let candidate = vm.type_of(base);
        if winner.is_subtype(candidate) {
            continue;
        }
        if candidate.is_subtype(&winner) {
            winner = candidate.clone();
            continue;
        }
        return Err(vm.type_error(
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases",
        ));
    }
    Ok(winner)
}

/// The base whose layout the others' layouts are prefixes of.
fn best_base(vm: &Vm, bases: &[TypeRef]) -> PyResult<TypeRef> {
    let mut winner: Option<(TypeRef, TypeRef)> = None;
    for base in bases {
        if !base.has(type_flags::BASE) {
            let name = vm.full_name(base);
            return Err(vm.type_error(format!("type '{name}' is not an acceptable base type")));
        }
        let solid = solid_base(base);
        winner = Some(match winner {
            None => (base.clone(), solid),
            Some((kept, kept_solid)) if kept_solid.is_subtype(&solid) => (kept, kept_solid),
            Some((_, kept_solid)) if solid.is_subtype(&kept_solid) => (base.clone(), solid),
            Some(_) => return Err(vm.type_error("multiple bases have instance lay-out conflict")),
        });
    }
    Ok(winner.map_or_else(|| vm.types.object.clone(), |(base, _)| base))
}

/// The most derived class among a class and its bases that adds something to the layout.
fn solid_base(ty: &TypeRef) -> TypeRef {
    let mut class = ty.clone();
    loop {
        let Some(base) = class.base() else { return class };
        let own_body = !std::ptr::eq(class.head.layout.get(), base.head.layout.get());
        if own_body || class.member_slots.get() > base.member_slots.get() {
            return class;
        }
        class = base;
    }
}

fn make(vm: &Vm, metaclass: &TypeRef, name: &Value, bases: Vec<TypeRef>, source: &Ref<Dict>) -> PyResult<TypeRef> {
    let base = best_base(vm, &bases)?;
    let namespace = source.copy(vm)?;
    vm.check_utf8(name)?;
    if vm.str_text(name).contains('\0') {
        return Err(vm.value_error("type name must not contain null characters"));
    }
    let qualname = match namespace.get_str(&vm.names.__qualname__) {
        Some(qualname) if qualname.downcast::<Str>().is_some() => qualname,
        Some(other) => {
            let given = vm.type_name(&other);
            return Err(vm.type_error(format!("type __qualname__ must be a str, not {given}")));
        }
        None => name.clone(),
    };
    namespace.delete_str(&vm.names.__qualname__);
    let mut flags = type_flags::HEAP | type_flags::BASE | type_flags::READY;
    flags |= base.flags.get()
        & (type_flags::DICT | type_flags::WEAKREF | type_flags::MATCH_SELF | type_flags::EXCEPTION | type_flags::TYPE);
    let slots = slot_declaration(vm, name, &namespace, &base, &bases)?;
    match &slots {
        Some(declared) => {
            if declared.dict {
                flags |= type_flags::DICT;
            }
            if declared.weakref {
                flags |= type_flags::WEAKREF;
            }
            let inherited = bases.iter().fold(0, |all, other| all | other.flags.get());
            flags |= inherited & (type_flags::DICT | type_flags::WEAKREF);
        }
        None => {
            flags |= type_flags::WEAKREF;
            if !base.is_subtype(&vm.types.type_) {
                flags |= type_flags::DICT;
            }
        }
    }
    let body = Type {
        head: TypeHead::new(base.head.layout.get()),
        version: Cell::new(0),
        flags: Cell::new(flags),
        slots: Slots::default(),
        name: ValueCell::new(if vm.is_exact_str(name) { name.clone() } else { vm.str(name)? }),
        qualname: ValueCell::new(qualname),
        base: OptionCell::new(Some(base.to_value())),
        bases: OptionCell::new(Some(vm.new_tuple(&bases.iter().map(TypeRef::to_value).collect::<Vec<_>>()))),
        mro: OptionCell::default(),
        namespace,
        spec: None,
        module: "",
        subclasses: RefCell::default(),
        slot_names: RefCell::new(base.slot_names.borrow().clone()),
        member_slots: Cell::new(0),
        getattr_hook: OptionCell::default(),
    };
    let class = vm.new_instance(metaclass, body)?;
    fill_namespace(vm, &class)?;
    place_slots(vm, &class, &base, slots)?;
    set_mro(vm, &class)?;
    vm.register_subclass(&class);
    inherit_pattern_flags(&class);
    vm.update_all_slots(&class);
    Ok(class)
}

/// Whether instances match the patterns of sequences or of mappings is as in the first class that says so.
fn inherit_pattern_flags(class: &TypeRef) {
    const KINDS: u32 = type_flags::SEQUENCE | type_flags::MAPPING;
    let order = class.mro_tuple();
    let kinds = order.iter().flat_map(|order| order.items()).filter_map(|other| other.downcast::<Type>());
    if let Some(kind) = kinds.map(|other| other.flags.get() & KINDS).find(|kind| *kind != 0) {
        class.flags.set(class.flags.get() | kind);
    }
}

struct SlotDeclaration {
    names: Vec<Value>,
    dict: bool,
    weakref: bool,
}

fn slot_declaration(
    vm: &Vm,
    class: &Value,
    namespace: &Ref<Dict>,
    base: &TypeRef,
    bases: &[TypeRef],
) -> PyResult<Option<SlotDeclaration>> {
    let Some(declared) = namespace.get_str(&vm.names.__slots__) else { return Ok(None) };
    let listed = if declared.downcast::<Str>().is_some() { vec![declared] } else { vm.collect(&declared)? };
    let mut result = SlotDeclaration { names: Vec::new(), dict: false, weakref: false };
    let class_name = vm.str_text(class);
    for name in listed {
        let Some(text) = name.downcast::<Str>() else {
            let given = vm.type_name(&name);
            return Err(vm.type_error(format!("__slots__ items must be strings, not '{given}'")));
        };
        let text = text.to_text();
        let is_identifier = vm.is_identifier(&name);
        if !is_identifier {
            return Err(vm.type_error("__slots__ must be identifiers"));
        }
        // The types whose instances CPython makes as long as what they hold.
        let types = [&vm.types.int, &vm.types.tuple, &vm.types.bytes, &vm.types.type_];
        let sized = types.iter().any(|sized| base.is_subtype(sized));
        if sized && text != "__dict__" && text != "__weakref__" {
            let base = vm.full_name(base);
            return Err(vm.type_error(format!("nonempty __slots__ not supported for subtype of '{base}'")));
        }
        match text.as_str() {
            "__dict__" => {
                if result.dict || base.has_dict() {
                    return Err(vm.type_error("__dict__ slot disallowed: we already got one"));
                }
                result.dict = true;
            }
            "__weakref__" => {
                if result.weakref || base.has(type_flags::WEAKREF) {
                    return Err(vm.type_error("__weakref__ slot disallowed: we already got one"));
                }
                result.weakref = true;
            }
            _ => {
                let mangled = vm.intern(&mangle(&class_name, &text));
                if namespace.get_str(&mangled).is_some() && text != "__qualname__" && text != "__classcell__" {
                    let shown = vm.repr_text(&mangled)?;
                    return Err(vm.value_error(format!("{shown} in __slots__ conflicts with class variable")));
                }
                result.names.push(mangled);
            }
        }
    }
    let _ = bases;
    result.names.sort_by_key(|name| vm.str_text(name));
    result.names.dedup_by(|a, b| a.is(b));
    Ok(Some(result))
}

/// A private name as it is stored: `_Class__name`.
pub fn mangle(class: &str, name: &str) -> String {
    let stripped = class.trim_start_matches('_');
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') || stripped.is_empty() {
        return name.to_owned();
    }
    format!("_{stripped}{name}")
}

/// Gives the class its tail: the base's `__slots__` members, its own, then inline attributes.
fn place_slots(vm: &Vm, class: &TypeRef, base: &TypeRef, declared: Option<SlotDeclaration>) -> PyResult<()> {
    let mut members = base.member_slots.get() as usize;
    if let Some(declared) = declared {
        for name in &declared.names {
            class.namespace.set_str(name, vm.new_member(name, members, class));
            class.slot_names.borrow_mut().push(name.clone());
            members += 1;
        }
    }
    let attributes = if class.has_dict() { inline_attributes(vm, class, base) } else { 0 };
    if members + attributes > 0 {
        vm.give_tail(class, members, attributes);
    }
    Ok(())
}

/// How many attributes instances are expected to have: what the compiler saw assigned to `self` in the class's
/// methods (`__static_attributes__`), and what the base expects.
fn inline_attributes(vm: &Vm, class: &TypeRef, base: &TypeRef) -> usize {
    // Modules keep their attributes in a dict from birth, and may change their class.
    if base.is_subtype(&vm.types.module) {
        return 1;
    }
    let inherited = (base.head.tail_len.get() - base.member_slots.get()) as usize;
    let inherited = if base.is_heap_type() { inherited } else { 0 };
    let own = class
        .namespace
        .get_str(&vm.names.__static_attributes__)
        .and_then(|names| names.downcast::<Tuple>().map(|names| names.items().len()))
        .unwrap_or(0);
    let known = inherited + own;
    let spare = if own > 0 { SPARE_INLINE } else { 0 };
    // Methods that a decorator is going to make assign what is annotated.
    let is_annotated = class.namespace.get_str(&vm.names.__annotate_func__).is_some();
    let fewest = if is_annotated && own == 0 { FEWEST_ANNOTATED } else { FEWEST_INLINE };
    (known + spare).clamp(fewest, MOST_INLINE)
}

fn fill_namespace(vm: &Vm, class: &TypeRef) -> PyResult<()> {
    let namespace = &class.namespace;
    let names = &vm.names;
    if namespace.get_str(&names.__module__).is_none()
        && let Some(module) = vm.calling_module_name()
    {
        namespace.set_str(&names.__module__, module);
    }
    match namespace.get_str(&names.__doc__) {
        Some(doc) => vm.check_utf8(&doc)?,
        None => namespace.set_str(&names.__doc__, Value::NONE),
    }
    for (name, as_class_method) in
        [(&names.__new__, false), (&names.__init_subclass__, true), (&names.__class_getitem__, true)]
    {
        if let Some(function) = namespace.get_str(name)
            && vm.is_python_function(&function)
        {
            let wrapped =
                if as_class_method { vm.new_class_method(&function) } else { vm.new_static_method(&function) };
            namespace.set_str(name, wrapped);
        }
    }
    if namespace.get_str(&names.__eq__).is_some() && namespace.get_str(&names.__hash__).is_none() {
        namespace.set_str(&names.__hash__, Value::NONE);
    }
    if let Some(cell) = namespace.delete_str(&names.__classcell__)
        && !vm.set_cell(&cell, class.to_value())
    {
        let given = vm.type_name(&cell);
        return Err(vm.type_error(format!("__classcell__ must be a nonlocal cell, not <class '{given}'>")));
    }
    if let Some(cell) = namespace.delete_str(&names.__classdictcell__)
        && !vm.set_cell(&cell, namespace.to_value())
    {
        let given = vm.type_name(&cell);
        return Err(vm.type_error(format!("__classdictcell__ must be a nonlocal cell, not <class '{given}'>")));
    }
    if !namespace.has_str_keys_only() && namespace.keys().iter().any(|key| key.downcast::<Str>().is_none()) {
        let name = vm.full_name(class);
        let message = format!("non-string key in the __dict__ of class {name}");
        vm.warn(&vm.types.runtime_warning, &message, 1)?;
    }
    crate::types::type_dict::add(vm, class);
    Ok(())
}

/// `__set_name__` of the attributes, then `__init_subclass__` of the parent.
fn finish(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult<()> {
    let mut position = 0;
    let mut entries = Vec::new();
    while let Some((name, value)) = class.namespace.next_entry(&mut position) {
        entries.push((name, value));
    }
    for (name, value) in entries {
        if let Some((method, unbound)) = vm.lookup_method(&value, &vm.names.__set_name__)? {
            let mut values = vec![class.to_value(), name.clone()];
            if unbound {
                values.insert(0, value.clone());
            }
            if let Err(raised) = vm.call(&method, &values) {
                let (descriptor, class_name) = (vm.type_name(&value), vm.full_name(class));
                let note = format!(
                    "Error calling __set_name__ on '{descriptor}' instance {} in '{class_name}'",
                    vm.repr_text(&name)?
                );
                vm.add_note(&raised, &note)?;
                return Err(raised);
            }
        }
    }
    let parent = vm.super_attr(class, class.as_value(), &vm.names.__init_subclass__)?;
    let values = args.keyword_values();
    vm.call_args(&parent, Args { values, names: args.names })?;
    Ok(())
}

/// The C3 linearization of a class and its bases.
pub fn compute_mro(vm: &Vm, ty: &TypeRef) -> PyResult<Vec<Value>> {
    let bases = ty.bases.get().unwrap_or(Value::NONE);
    let Some(bases) = bases.downcast::<Tuple>() else { return Ok(vec![ty.to_value()]) };
    let mut lists: Vec<Vec<Value>> = Vec::new();
    for base in bases.items() {
        let Some(base) = base.downcast::<Type>() else { continue };
        match base.mro_tuple() {
            Some(mro) => lists.push(mro.items().to_vec()),
            None => {
                let name = vm.full_name(base);
                return Err(vm.type_error(format!("Cannot extend an incomplete type '{name}'")));
            }
        }
    }
    for (index, base) in bases.items().iter().enumerate() {
        if bases.items()[..index].iter().any(|other| other.is(base)) {
            let name = base.downcast::<Type>().map(|ty| vm.full_name(ty)).unwrap_or_default();
            return Err(vm.type_error(format!("duplicate base class {name}")));
        }
    }
    lists.push(bases.items().to_vec());
    let mut order = vec![ty.to_value()];
    let mut heads = vec![0; lists.len()];
    loop {
        let mut chosen = None;
        let mut left = false;
        for (list, head) in lists.iter().zip(&heads) {
            let Some(candidate) = list.get(*head) else { continue };
            left = true;
            let blocked = lists.iter().zip(&heads).any(|(other, head)| {
                other.get(head + 1..).is_some_and(|tail| tail.iter().any(|class| class.is(candidate)))
            });
            if !blocked {
                chosen = Some(candidate.clone());
                break;
            }
        }
        if !left {
            return Ok(order);
        }
        let Some(chosen) = chosen else {
            let mut names = Vec::new();
            for (list, head) in lists.iter().zip(&heads) {
                if let Some(class) = list.get(*head).and_then(|class| class.downcast::<Type>())
                    && !names.contains(&class.name_text())
                {
                    names.push(class.name_text());
                }
            }
            let list = names.join(", ");
            return Err(
                vm.type_error(format!("Cannot create a consistent method resolution order (MRO) for bases {list}"))
            );
        };
        for (list, head) in lists.iter().zip(heads.iter_mut()) {
            if list.get(*head).is_some_and(|class| class.is(&chosen)) {
                *head += 1;
            }
        }
        order.push(chosen);
    }
}

/// Computes and sets the MRO; false where the program's own `mro()` has set one meanwhile, which then stands.
fn set_mro(vm: &Vm, class: &TypeRef) -> PyResult<bool> {
    let metaclass = vm.type_of(class.as_value()).clone();
    let before = class.mro.get();
    let custom = vm.lookup(&metaclass, &vm.intern("mro"));
    let builtin = vm.types.type_.namespace.get_str(&vm.intern("mro"));
    let order = match (&custom, &builtin) {
        (Some(custom), Some(builtin)) if !custom.is(builtin) => {
            let method = vm.bind(custom, Some(class.as_value()), metaclass.as_value())?;
            let order = vm.call(&method, &[])?;
            let order = vm.collect(&order)?;
            check_mro(vm, class, &order)?;
            order
        }
        _ => compute_mro(vm, class)?,
    };
    let same = match (&before, class.mro.get()) {
        (Some(before), Some(now)) => before.is(&now),
        (before, now) => before.is_none() == now.is_none(),
    };
    if !same {
        return Ok(false);
    }
    class.mro.set(Some(vm.new_tuple(&order)));
    vm.type_modified(class);
    Ok(true)
}

/// What a program's own `mro()` gives must be classes whose methods can work on the instances.
fn check_mro(vm: &Vm, class: &TypeRef, order: &[Value]) -> PyResult<()> {
    if order.is_empty() {
        return Err(vm.type_error("type MRO must not be empty"));
    }
    let solid = solid_base(class);
    for entry in order {
        let Some(entry) = entry.downcast::<Type>() else {
            let given = vm.type_name(entry);
            return Err(vm.type_error(format!("mro() returned a non-class ('{given}')")));
        };
        if !solid.is_subtype(&solid_base(entry)) {
            let name = vm.full_name(entry);
            return Err(vm.type_error(format!("mro() returned base with unsuitable layout ('{name}')")));
        }
    }
    Ok(())
}

/// Assigns `__bases__`.
pub fn set_bases(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(class) = this.downcast::<Type>() else { return Ok(()) };
    let name = vm.full_name(class);
    if !class.is_heap_type() {
        return Err(vm.type_error(format!("cannot set '__bases__' attribute of immutable type '{name}'")));
    }
    let Some(value) = value else {
        return Err(vm.type_error(format!("cannot delete '__bases__' attribute of immutable type '{name}'")));
    };
    let Some(tuple) = value.downcast::<Tuple>() else {
        let given = vm.type_name(value);
        return Err(vm.type_error(format!("can only assign tuple to {name}.__bases__, not {given}")));
    };
    if tuple.items().is_empty() {
        return Err(vm.type_error(format!("can only assign non-empty tuple to {name}.__bases__, not ()")));
    }
    let mut bases = Vec::new();
    for base in tuple.items() {
        let Some(base) = base.downcast::<Type>() else {
            let given = vm.type_name(base);
            return Err(vm.type_error(format!("{name}.__bases__ must be tuple of classes, not '{given}'")));
        };
        if base.is_subtype(class) || (base.mro.is_some() && derives_by_base(base, class)) {
            return Err(vm.type_error("a __bases__ item causes an inheritance cycle"));
        }
        bases.push(base.clone());
    }
    let base = best_base(vm, &bases)?;
    let old_base = class.base().unwrap_or_else(|| vm.types.object.clone());
    let same_layout = std::ptr::eq(base.head.layout.get(), old_base.head.layout.get())
        && base.member_slots.get() == old_base.member_slots.get();
    if !same_layout {
        let (new, old) = (vm.full_name(&base), vm.full_name(&old_base));
        return Err(vm.type_error(format!("__bases__ assignment: '{new}' object layout differs from '{old}'")));
    }
    let old_bases = class.bases.replace(Some(value.clone()));
    // The new base stands before any `mro()` of the program's runs, so that cycles are noticed there.
    class.base.set(Some(base.into_value()));
    let mut changed = Vec::new();
    let updated = update_mro_tree(vm, class, &mut changed);
    let is_current = || class.bases.get().is_some_and(|bases| bases.is(value));
    if let Err(raised) = updated {
        for (class, new, old) in changed.into_iter().rev() {
            // What has changed again since is not taken back.
            if class.mro.get().is_some_and(|mro| new.as_ref().is_some_and(|new| mro.is(new))) {
                class.mro.set(old);
                vm.type_modified(&class);
            }
        }
        if is_current() {
            class.bases.set(old_bases);
            class.base.set(Some(old_base.into_value()));
            vm.type_modified(class);
        }
        return Err(raised);
    }
    if !is_current() {
        return Ok(());
    }
    let own = class.as_value().raw();
    if let Some(old) = old_bases.as_ref().and_then(|old| old.downcast::<Tuple>()) {
        for old in old.items() {
            if let Some(old) = old.downcast::<Type>() {
                old.subclasses.borrow_mut().retain(|header| *header != own);
            }
        }
    }
    vm.register_subclass(class);
    update_slots_tree(vm, class);
    Ok(())
}

fn derives_by_base(class: &TypeRef, other: &TypeRef) -> bool {
    let mut base = class.base();
    while let Some(candidate) = base {
        if candidate.is(other) {
            return true;
        }
        base = candidate.base();
    }
    false
}

type Change = (TypeRef, Option<Value>, Option<Value>);

fn update_mro_tree(vm: &Vm, class: &TypeRef, changed: &mut Vec<Change>) -> PyResult<()> {
    vm.check_stack()?;
    let old = class.mro.get();
    if !set_mro(vm, class)? {
        return Ok(());
    }
    changed.push((class.clone(), class.mro.get(), old));
    for subclass in vm.subclasses_of(class) {
        update_mro_tree(vm, &subclass, changed)?;
    }
    Ok(())
}

fn update_slots_tree(vm: &Vm, class: &TypeRef) {
    vm.type_modified(class);
    vm.revoke_shapes(class);
    vm.update_all_slots(class);
    for subclass in vm.subclasses_of(class) {
        update_slots_tree(vm, &subclass);
    }
}

fn own_class<'a>(vm: &Vm, this: &'a Value, what: &str) -> PyResult<&'a TypeRef> {
    match this.downcast::<Type>() {
        Some(class) if class.is_heap_type() => Ok(class),
        Some(class) => {
            let name = vm.full_name(class);
            Err(vm.attribute_error(format!("type object '{name}' has no attribute '{what}'")))
        }
        None => Err(vm.type_error("a type is needed")),
    }
}

/// `__annotations__` of a class: made by its `__annotate__` at the first time.
pub fn annotations(vm: &Vm, this: &Value) -> PyResult {
    let class = own_class(vm, this, "__annotations__")?;
    let names = &vm.names;
    for key in [&names.__annotations__, &names.__annotations_cache__] {
        if let Some(found) = class.namespace.get_str(key) {
            return match vm.type_of(&found).slots.descr_get.get() {
                Some(get) => get(vm, &found, None, Some(this)),
                None => Ok(found),
            };
        }
    }
    let function = annotate(vm, this)?;
    let made = if function.is_none() {
        vm.new_dict().into_value()
    } else {
        let made = vm.call(&function, &[vm.new_int(1)])?;
        if made.downcast::<Dict>().is_none() {
            let given = vm.type_name(&made);
            return Err(vm.type_error(format!("__annotate__ returned non-dict of type '{given}'")));
        }
        made
    };
    class.namespace.set_str(&names.__annotations_cache__, made.clone());
    vm.type_modified(class);
    Ok(made)
}

/// Sets or deletes `__annotations__` of a class.
pub fn set_annotations(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let class = match this.downcast::<Type>() {
        Some(class) if class.is_heap_type() => class,
        Some(class) => {
            let name = vm.full_name(class);
            return Err(vm.type_error(format!("cannot set '__annotations__' attribute of immutable type '{name}'")));
        }
        None => return Ok(()),
    };
    let names = &vm.names;
    let key = if class.namespace.get_str(&names.__annotations__).is_some() {
        &names.__annotations__
    } else {
        &names.__annotations_cache__
    };
    match value {
        Some(value) => class.namespace.set_str(key, value.clone()),
        None => {
            if class.namespace.delete_str(key).is_none() {
                return Err(vm.attribute_error("__annotations__"));
            }
        }
    }
    class.namespace.delete_str(&names.__annotate_func__);
    class.namespace.delete_str(&names.__annotate__);
    vm.type_modified(class);
    Ok(())
}

/// `__annotate__` of a class.
pub fn annotate(vm: &Vm, this: &Value) -> PyResult {
    let class = own_class(vm, this, "__annotate__")?;
    for key in [&vm.names.__annotate__, &vm.names.__annotate_func__] {
        if let Some(found) = class.namespace.get_str(key) {
            return match vm.type_of(&found).slots.descr_get.get() {
                Some(get) => get(vm, &found, None, Some(this)),
                None => Ok(found),
            };
        }
    }
    class.namespace.set_str(&vm.names.__annotate_func__, Value::NONE);
    Ok(Value::NONE)
}

/// Sets `__annotate__` of a class.
pub fn set_annotate(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else {
        return Err(vm.type_error("cannot delete __annotate__ attribute"));
    };
    let class = match this.downcast::<Type>() {
        Some(class) if class.is_heap_type() => class,
        Some(class) => {
            let name = vm.full_name(class);
            return Err(vm.type_error(format!("cannot set '__annotate__' attribute of immutable type '{name}'")));
        }
        None => return Ok(()),
    };
    if !value.is_none() && vm.type_of(value).slots.call.get().is_none() {
        return Err(vm.type_error("__annotate__ must be callable or None"));
    }
    class.namespace.set_str(&vm.names.__annotate_func__, value.clone());
    if !value.is_none() {
        class.namespace.delete_str(&vm.names.__annotations_cache__);
    }
    vm.type_modified(class);
    Ok(())
}
