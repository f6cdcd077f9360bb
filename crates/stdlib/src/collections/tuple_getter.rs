//! `_tuplegetter`: the descriptor of a named tuple's field.

use crate::bodies::body;
use oriel_runtime::cells::ValueCell;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{Body, GetSetDef, MethodDef, PyResult, TypeSpec, Value, Vm};

pub(super) struct TupleGetter {
    index: usize,
    doc: ValueCell,
}
body!(TupleGetter, "collections._tuplegetter", doc);

pub(super) static SPEC: TypeSpec = TypeSpec {
    slots: |slots| {
        slots.new.set(Some(|vm, class, args| {
            let [index, doc] = args.unpack(vm, "_tuplegetter", 2, 2)? else { return Ok(Value::NONE) };
            let index = vm.to_isize(index)?;
            let Ok(index) = usize::try_from(index) else {
                return Err(vm.value_error("_tuplegetter index must not be negative"));
            };
            Ok(vm.new_instance(class, TupleGetter { index, doc: ValueCell::new(doc.clone()) })?.into_value())
        }));
        slots.repr.set(Some(|vm, getter| {
            let body = vm.body::<TupleGetter>(getter)?;
            let name = vm.type_name(getter);
            let name = name.rsplit('.').next().unwrap_or_default();
            Ok(vm.new_str(&format!("{name}({}, {})", body.index, vm.repr_text(&body.doc.get())?)))
        }));
        slots.descr_get.set(Some(get));
        slots.descr_set.set(Some(|vm, _, _, value| {
            Err(vm.attribute_error(if value.is_some() { "can't set attribute" } else { "can't delete attribute" }))
        }));
    },
    methods: &[MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling.")],
    getset: &[GetSetDef::new(
        "__doc__",
        |vm, getter| Ok(vm.body::<TupleGetter>(getter)?.doc.get()),
        |vm, getter, value| {
            vm.body::<TupleGetter>(getter)?.doc.set(value.cloned().unwrap_or(Value::NONE));
            Ok(())
        },
        "",
    )],
    ..TypeSpec::new("collections._tuplegetter", TupleGetter::layout)
};

fn get(vm: &Vm, getter: &Value, object: Option<&Value>, _owner: Option<&Value>) -> PyResult {
    let Some(object) = object.filter(|object| !object.is_none()) else { return Ok(getter.clone()) };
    let index = vm.body::<TupleGetter>(getter)?.index;
    let Some(tuple) = object.downcast::<Tuple>() else {
        let name = vm.type_name(object);
        return Err(vm.type_error(format!(
            "descriptor for index '{index}' for tuple subclasses doesn't apply to '{name}' object"
        )));
    };
    tuple.items().get(index).cloned().ok_or_else(|| vm.index_error("tuple index out of range"))
}

fn reduce(vm: &Vm, getter: &Value) -> PyResult {
    let body = vm.body::<TupleGetter>(getter)?;
    let parts = vm.tuple([vm.new_uint(body.index as u64), body.doc.get()]);
    Ok(vm.tuple([vm.type_of(getter).to_value(), parts]))
}
