//! `defaultdict`

use oriel_runtime::cells::OptionCell;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::support::class_getitem;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, GetSetDef, Layout, MethodDef, PyResult, TypeSpec, Value, Visitor, Vm, type_flags};

/// The body: a dict's, and what makes missing values.
#[repr(C)]
pub(super) struct DefaultDict {
    dict: Dict,
    factory: OptionCell,
}

static LAYOUT: Layout = Layout::of::<DefaultDict>("defaultdict", Some(&oriel_runtime::types::dict::LAYOUT));

impl Body for DefaultDict {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.dict.visit(&mut *visitor);
        self.factory.visit(visitor);
    }

    fn clear(&self) {
        self.dict.clear_all();
        self.factory.set(None);
    }
}

const COPY: &str = "A shallow copy.";

pub(super) static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::MAPPING,
    doc: "defaultdict(default_factory=None, /, [...]) --> dict with default factory\n\nA dict that makes the value of a missing key by calling the factory, without arguments, and keeps it.\nThe other arguments are those of dict.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(init));
        slots.repr.set(Some(repr));
        slots.nb_or.set(Some(or));
    },
    methods: &[
        MethodDef::one("__missing__", missing, "($self, object, /)", "Make the value of a missing key and keep it."),
        MethodDef::noargs("copy", copy, "($self, /)", COPY),
        MethodDef::noargs("__copy__", copy, "($self, /)", COPY),
        MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling."),
        MethodDef::one("__class_getitem__", class_getitem, "($type, object, /)", "A generic alias.").class_method(),
    ],
    getset: &[GetSetDef::new(
        "default_factory",
        |vm, dict| Ok(vm.body::<DefaultDict>(dict)?.factory.get().unwrap_or(Value::NONE)),
        |vm, dict, value| {
            vm.body::<DefaultDict>(dict)?.factory.set(value.filter(|value| !value.is_none()).cloned());
            Ok(())
        },
        "What makes missing values, or None.",
    )],
    ..TypeSpec::new("collections.defaultdict", DefaultDict::layout)
};

fn new(vm: &Vm, class: &TypeRef, _args: Args<'_>) -> PyResult {
    let body = DefaultDict { dict: Dict::default(), factory: OptionCell::default() };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn init(vm: &Vm, dict: &Value, args: Args<'_>) -> PyResult<()> {
    let body = vm.body::<DefaultDict>(dict)?;
    let rest = match args.positional().first() {
        None => args,
        Some(factory) => {
            if !factory.is_none() && vm.type_of(factory).slots.call.get().is_none() {
                return Err(vm.type_error("first argument must be callable or None"));
            }
            body.factory.set(Some(factory.clone()).filter(|factory| !factory.is_none()));
            args.skip_first()
        }
    };
    vm.body::<Dict>(dict)?.update_from_args(vm, "dict", rest)
}

fn missing(vm: &Vm, dict: &Value, key: &Value) -> PyResult {
    let Some(factory) = vm.body::<DefaultDict>(dict)?.factory.get() else { return Err(vm.key_error(key)) };
    let value = vm.call(&factory, &[])?;
    // The factory may have set the key itself.
    vm.body::<Dict>(dict)?.setdefault(vm, key, &value)
}

fn repr(vm: &Vm, dict: &Value) -> PyResult {
    let Some(base_repr) = vm.types.dict.slots.repr.get() else { return Ok(vm.empty_str()) };
    let content = base_repr(vm, dict)?;
    let factory = vm.body::<DefaultDict>(dict)?.factory.get();
    let factory = match &factory {
        None => vm.new_str("None"),
        // A factory that is a method of the dict would print the dict again.
        Some(factory) => {
            if vm.enter_repr(factory) {
                let text = vm.repr(factory);
                vm.leave_repr(factory);
                text?
            } else {
                vm.new_str("...")
            }
        }
    };
    let name = vm.str_text(&vm.type_of(dict).name.get());
    let mut text = oriel_kernel::text::TextBuf::new();
    text.push_str(&format!("{name}("));
    for (part, end) in [(factory, ", "), (content, ")")] {
        if let Some(part) = part.downcast::<Str>() {
            text.push_text(part.text());
        }
        text.push_str(end);
    }
    vm.new_text_buf(&text)
}

fn copy(vm: &Vm, dict: &Value) -> PyResult {
    let factory = vm.body::<DefaultDict>(dict)?.factory.get().unwrap_or(Value::NONE);
    let class = vm.type_of(dict).to_value();
    vm.call(&class, &[factory, dict.clone()])
}

fn or(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let own = if a.downcast::<DefaultDict>().is_some() { a } else { b };
    if a.downcast::<Dict>().is_none() || b.downcast::<Dict>().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let factory = vm.body::<DefaultDict>(own)?.factory.get().unwrap_or(Value::NONE);
    let class = vm.type_of(own).to_value();
    let result = vm.call(&class, &[factory, a.clone()])?;
    vm.body::<Dict>(&result)?.update_from(vm, b, true)?;
    Ok(result)
}

fn reduce(vm: &Vm, dict: &Value) -> PyResult {
    let args = match vm.body::<DefaultDict>(dict)?.factory.get() {
        Some(factory) => vm.tuple([factory]),
        None => vm.empty_tuple().into_value(),
    };
    let items = vm.call_method(dict, &vm.names.items, &[])?;
    let items = vm.iter(&items)?;
    Ok(vm.tuple([vm.type_of(dict).to_value(), args, Value::NONE, Value::NONE, items]))
}
