//! Struct sequences: tuples with named fields, as `sys.flags`, `os.stat_result` and `time.struct_time` are.
//!
//! The visible fields are the tuple's items; hidden ones lie in the tail of the instance, as `__slots__` do.

use crate::args::Args;
use crate::attributes::{read_slot, write_slot};
use crate::cells::ValueCell;
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::{Subtype, Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};
use std::cell::RefCell;
use std::collections::HashMap;

/// The declaration of a struct sequence type.
pub struct StructSpec {
    /// The type, made by [`struct_type`].
    pub ty: TypeSpec,
    /// The fields in order with what they are; visible ones first. A field named `""` is reached by position only.
    pub fields: &'static [(&'static str, &'static str)],
    /// How many fields are items of the tuple.
    pub visible: usize,
}

/// The type of a struct sequence whose instances only native code makes.
pub const fn struct_type_without_new(name: &'static str, doc: &'static str) -> TypeSpec {
    TypeSpec {
        flags: type_flags::NO_NEW | type_flags::SEQUENCE,
        base: Some(|types| &types.tuple),
        doc,
        slots: |slots| slots.repr.set(Some(repr)),
        methods: METHODS,
        ..TypeSpec::new(name, Tuple::layout)
    }
}

/// The type of a struct sequence.
pub const fn struct_type(name: &'static str, doc: &'static str) -> TypeSpec {
    TypeSpec {
        flags: type_flags::SEQUENCE,
        base: Some(|types| &types.tuple),
        doc,
        slots: |slots| {
            slots.repr.set(Some(repr));
            slots.new.set(Some(new));
        },
        methods: METHODS,
        ..TypeSpec::new(name, Tuple::layout)
    }
}

const METHODS: &[MethodDef] = &[
    MethodDef::noargs("__reduce__", reduce, "", "How the object is pickled."),
    MethodDef::args("__replace__", replace, "", "A copy with other values for the given fields."),
];

/// Which types are struct sequences.
#[derive(Default)]
struct Known(RefCell<HashMap<u64, &'static StructSpec>>);

/// A field as a class's namespace holds it.
pub struct StructMember {
    name: &'static str,
    doc: &'static str,
    /// The item, or the place in the tail.
    place: Place,
    owner: ValueCell,
}

#[derive(Clone, Copy)]
enum Place {
    Item(usize),
    Tail(usize),
}

static LAYOUT: Layout = Layout::of::<StructMember>("member_descriptor", None);

impl Body for StructMember {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.owner.visit(visitor);
    }
}

/// `member_descriptor`, the one of struct sequences' fields.
pub static MEMBER_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.repr.set(Some(|vm, this| {
            let own = member(vm, this)?;
            Ok(vm.new_str(&format!("<member '{}' of '{}' objects>", own.name, owner_name(vm, own))))
        }));
        slots.descr_get.set(Some(|vm, this, object, _| {
            let own = member(vm, this)?;
            let Some(object) = object else { return Ok(this.clone()) };
            check_owner(vm, own, object)?;
            Ok(read(object, own.place).unwrap_or(Value::NONE))
        }));
        slots.descr_set.set(Some(|vm, this, object, _| {
            check_owner(vm, member(vm, this)?, object)?;
            Err(vm.attribute_error("readonly attribute"))
        }));
    },
    getset: &[
        GetSetDef::readonly("__name__", |vm, this| Ok(vm.intern(member(vm, this)?.name)), "The name."),
        GetSetDef::readonly(
            "__qualname__",
            |vm, this| {
                let own = member(vm, this)?;
                Ok(vm.new_str(&format!("{}.{}", short_name(&owner_name(vm, own)), own.name)))
            },
            "The name with the class's.",
        ),
        GetSetDef::readonly("__objclass__", |vm, this| Ok(member(vm, this)?.owner.get()), "The class."),
        GetSetDef::readonly(
            "__doc__",
            |vm, this| {
                let doc = member(vm, this)?.doc;
                Ok(if doc.is_empty() { Value::NONE } else { vm.new_str(doc) })
            },
            "What it is.",
        ),
    ],
    ..TypeSpec::new("member_descriptor", StructMember::layout)
};

fn member<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<StructMember>> {
    value.downcast().ok_or_else(|| vm.type_error("a field of a struct sequence is needed"))
}

fn owner_name(vm: &Vm, own: &StructMember) -> String {
    own.owner.get().downcast::<Type>().map(|ty| vm.full_name(ty)).unwrap_or_default()
}

fn short_name(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn check_owner(vm: &Vm, own: &StructMember, object: &Value) -> PyResult<()> {
    let owner = own.owner.get();
    match owner.downcast::<Type>() {
        Some(owner) if vm.type_of(object).is_subtype(owner) => Ok(()),
        _ => Err(vm.type_error(format!(
            "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
            own.name,
            owner_name(vm, own),
            vm.type_name(object)
        ))),
    }
}

fn read(object: &Value, place: Place) -> Option<Value> {
    match place {
        Place::Item(index) => object.downcast::<Tuple>()?.items().get(index).cloned(),
        Place::Tail(slot) => read_slot(object, slot),
    }
}

fn spec_of(vm: &Vm, ty: &TypeRef) -> PyResult<&'static StructSpec> {
    let known = vm.state::<Known>();
    let found = known.0.borrow().get(&ty.as_value().word()).copied();
    found.ok_or_else(|| vm.type_error("a struct sequence type is needed"))
}

impl StructSpec {
    fn place(&self, index: usize) -> Place {
        if index < self.visible { Place::Item(index) } else { Place::Tail(index - self.visible) }
    }
}

impl Vm {
    /// The type of a declaration.
    pub fn new_struct_type(&self, spec: &'static StructSpec) -> PyResult<TypeRef> {
        let ty = self.new_type(&spec.ty)?;
        if spec.fields.len() > spec.visible {
            self.give_tail(&ty, spec.fields.len() - spec.visible, 0);
        }
        self.state::<Known>().0.borrow_mut().insert(ty.as_value().word(), spec);
        let unnamed = spec.fields.iter().filter(|(name, _)| name.is_empty()).count();
        for (name, number) in
            [("n_sequence_fields", spec.visible), ("n_fields", spec.fields.len()), ("n_unnamed_fields", unnamed)]
        {
            ty.namespace.set_str(&self.intern(name), self.new_int(number as i64));
        }
        let mut matched = Vec::new();
        for (index, (name, doc)) in spec.fields.iter().enumerate() {
            if name.is_empty() {
                continue;
            }
            let body = StructMember { name, doc, place: spec.place(index), owner: ValueCell::new(ty.to_value()) };
            let descriptor = self.new_instance(&self.types.struct_member, body)?;
            ty.namespace.set_str(&self.intern(name), descriptor.into_value());
            if index < spec.visible {
                matched.push(self.intern(name));
            }
        }
        ty.namespace.set_str(&self.intern("__match_args__"), self.new_tuple(&matched));
        self.type_modified(&ty);
        Ok(ty)
    }

    /// A struct sequence of all fields' values, in order; what is missing at the end is `None`.
    pub fn new_struct(&self, ty: &TypeRef, mut values: Vec<Value>) -> PyResult {
        let spec = spec_of(self, ty)?;
        values.resize(spec.fields.len(), Value::NONE);
        let hidden = values.split_off(spec.visible);
        let Some(tuple) = self.new_tuple_of(ty, values) else { return Err(self.memory_error()) };
        let object = tuple.into_value();
        for (slot, value) in hidden.into_iter().enumerate() {
            write_slot(&object, slot, Some(value));
        }
        Ok(object)
    }
}

fn new(vm: &Vm, ty: &TypeRef, args: Args<'_>) -> PyResult {
    let spec = spec_of(vm, ty)?;
    let name = spec.ty.name;
    let positional = args.positional();
    let given = positional.len() + args.names.len();
    if given > 2 {
        return Err(vm.type_error(format!("structseq() takes at most 2 arguments ({given} given)")));
    }
    let mut values = [positional.first().cloned(), positional.get(1).cloned()];
    for (keyword, value) in args.keywords() {
        let text = vm.str_text(keyword);
        match ["sequence", "dict"].iter().position(|known| *known == text) {
            Some(index) if values[index].is_none() => values[index] = Some(value.clone()),
            Some(index) => {
                let place = index + 1;
                return Err(
                    vm.type_error(format!("argument for structseq() given by name ('{text}') and position ({place})"))
                );
            }
            None => return Err(vm.type_error(format!("structseq() got an unexpected keyword argument '{text}'"))),
        }
    }
    let [sequence, dict] = values;
    let Some(sequence) = sequence else {
        return Err(vm.type_error("structseq() missing required argument 'sequence' (pos 1)"));
    };
    let items = match vm.collect(&sequence) {
        Ok(items) => items,
        Err(raised) if vm.raised_is(&raised, &vm.types.type_error) => {
            return Err(vm.type_error("constructor requires a sequence"));
        }
        Err(raised) => return Err(raised),
    };
    let dict = match &dict {
        None => None,
        Some(dict) => match dict.downcast::<Dict>() {
            Some(dict) => Some(dict),
            None => return Err(vm.type_error(format!("{name}() takes a dict as second arg, if any"))),
        },
    };
    let (least, most, given) = (spec.visible, spec.fields.len(), items.len());
    if given < least || given > most {
        let bound = match (least == most, given < least) {
            (true, _) => format!("a {least}"),
            (false, true) => format!("an at least {least}"),
            (false, false) => format!("an at most {most}"),
        };
        return Err(vm.type_error(format!("{name}() takes {bound}-sequence ({given}-sequence given)")));
    }
    let mut values = items;
    let mut used = 0;
    for (field, _) in &spec.fields[given..] {
        let value = match dict {
            Some(dict) => dict.get_str(&vm.intern(field)),
            None => None,
        };
        used += usize::from(value.is_some());
        values.push(value.unwrap_or(Value::NONE));
    }
    if dict.is_some_and(|dict| dict.len() > used) {
        return Err(vm.type_error(format!("{name}() got duplicate or unexpected field name(s)")));
    }
    vm.new_struct(ty, values)
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let spec = spec_of(vm, vm.type_of(this))?;
    let Some(tuple) = this.downcast::<Tuple>() else { return Err(vm.type_error("a tuple is needed")) };
    let mut text = format!("{}(", spec.ty.name);
    for (index, (item, (field, _))) in tuple.items().iter().zip(spec.fields).enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text.push_str(field);
        text.push('=');
        text.push_str(&vm.repr_text(item)?);
    }
    text.push(')');
    Ok(vm.new_str(&text))
}

fn hidden_fields(vm: &Vm, this: &Value, spec: &StructSpec) -> Ref<Dict> {
    let dict = vm.new_dict();
    for (index, (field, _)) in spec.fields.iter().enumerate().skip(spec.visible) {
        dict.set_str(&vm.intern(field), read(this, spec.place(index)).unwrap_or(Value::NONE));
    }
    dict
}

fn reduce(vm: &Vm, this: &Value) -> PyResult {
    let ty = vm.type_of(this).clone();
    let spec = spec_of(vm, &ty)?;
    let Some(tuple) = this.downcast::<Tuple>() else { return Err(vm.type_error("a tuple is needed")) };
    let items = vm.new_tuple(tuple.items());
    let hidden = hidden_fields(vm, this, spec).into_value();
    Ok(vm.new_tuple(&[ty.into_value(), vm.new_tuple(&[items, hidden])]))
}

fn replace(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    let ty = vm.type_of(this).clone();
    let spec = spec_of(vm, &ty)?;
    if !args.positional().is_empty() {
        let given = args.positional().len();
        return Err(vm.type_error(format!("__replace__() takes 0 positional arguments but {given} were given")));
    }
    if spec.fields.iter().any(|(name, _)| name.is_empty()) {
        let name = spec.ty.name;
        return Err(vm.type_error(format!("__replace__() is not supported for {name} because it has unnamed field(s)")));
    }
    let mut values: Vec<Value> =
        (0..spec.fields.len()).map(|index| read(this, spec.place(index)).unwrap_or(Value::NONE)).collect();
    let mut unknown = Vec::new();
    for (keyword, value) in args.keywords() {
        let text = keyword.downcast::<Str>().map(|text| text.to_text()).unwrap_or_default();
        match spec.fields.iter().position(|(name, _)| *name == text) {
            Some(index) => values[index] = value.clone(),
            None => unknown.push(keyword.clone()),
        }
    }
    if !unknown.is_empty() {
        let list = vm.new_list(unknown).into_value();
        return Err(vm.type_error(format!("Got unexpected field name(s): {}", vm.repr_text(&list)?)));
    }
    vm.new_struct(&ty, values)
}
