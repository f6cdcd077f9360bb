//! Template strings: `Template`, `Interpolation` and the iterator over both kinds of parts (`string.templatelib`).

use crate::args::{Args, Bound, Signature};
use crate::error::{PyResult, Raised};
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::types::str::Str;
use crate::types::support::{class_getitem, iterator_slots};
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};
use std::cell::{Cell, OnceCell};

/// The body of a template: one string more than interpolations.
pub struct Template {
    /// The literal parts: a tuple of `str`.
    pub strings: Value,
    /// What is between them: a tuple of interpolations.
    pub interpolations: Value,
}

/// The body of an interpolation.
pub struct Interpolation {
    /// The value.
    pub value: Value,
    /// The source of the expression: a `str`.
    pub expression: Value,
    /// `'s'`, `'r'`, `'a'` or `None`.
    pub conversion: Value,
    /// The format specification: a `str`.
    pub format_spec: Value,
}

/// The body of an iterator: strings at even places, interpolations at odd ones.
struct TemplateIterator {
    template: Value,
    place: Cell<usize>,
}

static TEMPLATE_LAYOUT: Layout = Layout::of::<Template>("Template", None);
static INTERPOLATION_LAYOUT: Layout = Layout::of::<Interpolation>("Interpolation", None);
static ITERATOR_LAYOUT: Layout = Layout::of::<TemplateIterator>("TemplateIter", None);

impl Body for Template {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &TEMPLATE_LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.strings);
        visitor(&self.interpolations);
    }
}

impl Body for Interpolation {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &INTERPOLATION_LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        for part in [&self.value, &self.expression, &self.conversion, &self.format_spec] {
            visitor(part);
        }
    }
}

impl Body for TemplateIterator {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &ITERATOR_LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.template);
    }
}

fn readonly(vm: &Vm, _: &Value, _: Option<&Value>) -> PyResult<()> {
    Err(vm.attribute_error("readonly attribute"))
}

/// `string.templatelib.Template`
pub static TEMPLATE: TypeSpec = TypeSpec {
    doc: "Template object",
    slots: |slots| {
        slots.new.set(Some(new_template));
        slots.repr.set(Some(template_repr));
        slots.iter.set(Some(template_iter));
        slots.sq_concat.set(Some(concat));
    },
    methods: &[
        MethodDef::noargs("__reduce__", template_reduce, "($self, /)", ""),
        MethodDef::one("__class_getitem__", class_getitem, "($type, object, /)", "A generic alias.").class_method(),
    ],
    getset: &[
        GetSetDef::new("strings", |vm, this| Ok(vm.body::<Template>(this)?.strings.clone()), readonly, "Strings"),
        GetSetDef::new(
            "interpolations",
            |vm, this| Ok(vm.body::<Template>(this)?.interpolations.clone()),
            readonly,
            "Interpolations",
        ),
        GetSetDef::readonly("values", values, "Values of interpolations"),
    ],
    ..TypeSpec::new("string.templatelib.Template", Template::layout)
};

/// `string.templatelib.Interpolation`
pub static INTERPOLATION: TypeSpec = TypeSpec {
    doc: "Interpolation object",
    slots: |slots| {
        slots.new.set(Some(new_interpolation));
        slots.repr.set(Some(interpolation_repr));
    },
    methods: &[
        MethodDef::noargs("__reduce__", interpolation_reduce, "($self, /)", "How the interpolation is pickled."),
        MethodDef::one("__class_getitem__", class_getitem, "($type, object, /)", "A generic alias.").class_method(),
    ],
    getset: &[
        GetSetDef::new("value", |vm, this| Ok(vm.body::<Interpolation>(this)?.value.clone()), readonly, "Value"),
        GetSetDef::new(
            "expression",
            |vm, this| Ok(vm.body::<Interpolation>(this)?.expression.clone()),
            readonly,
            "Expression",
        ),
        GetSetDef::new(
            "conversion",
            |vm, this| Ok(vm.body::<Interpolation>(this)?.conversion.clone()),
            readonly,
            "Conversion",
        ),
        GetSetDef::new(
            "format_spec",
            |vm, this| Ok(vm.body::<Interpolation>(this)?.format_spec.clone()),
            readonly,
            "Format specifier",
        ),
    ],
    extra: Some(|vm, class| {
        let names = ["value", "expression", "conversion", "format_spec"].map(|name| vm.intern(name));
        class.namespace.set_str(&vm.intern("__match_args__"), vm.new_tuple(&names));
        Ok(())
    }),
    ..TypeSpec::new("string.templatelib.Interpolation", Interpolation::layout)
};

/// `string.templatelib.TemplateIter`
pub static ITERATOR: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| iterator_slots(slots, next),
    ..TypeSpec::new("string.templatelib.TemplateIter", TemplateIterator::layout)
};

impl Vm {
    /// A template string.
    pub fn new_template(&self, strings: &Value, interpolations: &Value) -> PyResult {
        let body = Template { strings: strings.clone(), interpolations: interpolations.clone() };
        Ok(self.new_instance(&self.types.template, body)?.into_value())
    }

    /// An interpolation of a template string: value, expression, perhaps the format; the conversion's number.
    pub fn new_interpolation(&self, parts: &[Value], conversion: u32) -> PyResult {
        let [value, expression, rest @ ..] = parts else {
            return Err(self.system_error("an interpolation needs a value and an expression"));
        };
        let conversion = match conversion {
            0 => Value::NONE,
            1 => self.new_char('s'.into()),
            2 => self.new_char('r'.into()),
            _ => self.new_char('a'.into()),
        };
        let body = Interpolation {
            value: value.clone(),
            expression: expression.clone(),
            conversion,
            format_spec: rest.first().cloned().unwrap_or_else(|| self.empty_str()),
        };
        Ok(self.new_instance(&self.types.interpolation, body)?.into_value())
    }
}

fn items(tuple: &Value) -> &[Value] {
    tuple.downcast::<Tuple>().map_or(&[], |tuple| tuple.items())
}

fn new_template(vm: &Vm, _: &TypeRef, args: Args<'_>) -> PyResult {
    if !args.names.is_empty() {
        return Err(vm.type_error("Template.__new__ only accepts *args arguments"));
    }
    let (mut strings, mut interpolations): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    // Neighbouring strings become one; between neighbouring interpolations there is an empty one.
    let mut open: Vec<Value> = Vec::new();
    let close = |open: &mut Vec<Value>| vm.join_str(&vm.empty_str(), &std::mem::take(open));
    for part in args.values {
        if part.downcast::<Str>().is_some() {
            open.push(part.clone());
        } else if part.downcast::<Interpolation>().is_some() {
            strings.push(close(&mut open)?);
            interpolations.push(part.clone());
        } else {
            let given = vm.type_name(part);
            return Err(vm.type_error(format!(
                "Template.__new__ *args need to be of type 'str' or 'Interpolation', got {given}"
            )));
        }
    }
    strings.push(close(&mut open)?);
    vm.new_template(&vm.new_tuple(&strings), &vm.new_tuple(&interpolations))
}

fn template_repr(vm: &Vm, this: &Value) -> PyResult {
    let body = vm.body::<Template>(this)?;
    let mut out = oriel_kernel::text::TextBuf::new();
    out.push_str("Template(strings=");
    crate::types::support::push_repr(vm, &mut out, &body.strings)?;
    out.push_str(", interpolations=");
    crate::types::support::push_repr(vm, &mut out, &body.interpolations)?;
    out.push_str(")");
    vm.new_text_buf(&out)
}

fn template_iter(vm: &Vm, this: &Value) -> PyResult {
    let body = TemplateIterator { template: this.clone(), place: Cell::new(0) };
    Ok(vm.new_instance(&vm.types.template_iterator, body)?.into_value())
}

fn next(vm: &Vm, this: &Value) -> PyResult<Option<Value>> {
    let own = vm.body::<TemplateIterator>(this)?;
    let template = vm.body::<Template>(&own.template)?;
    loop {
        let place = own.place.get();
        let source = if place % 2 == 0 { &template.strings } else { &template.interpolations };
        let Some(item) = items(source).get(place / 2) else { return Ok(None) };
        own.place.set(place + 1);
        if item.downcast::<Str>().is_none_or(|text| text.len() > 0) {
            return Ok(Some(item.clone()));
        }
    }
}

fn concat(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (Some(left), Some(right)) = (a.downcast::<Template>(), b.downcast::<Template>()) else {
        let (class, given) = (vm.full_name(&vm.types.template), vm.type_name(b));
        return Err(vm.type_error(format!("can only concatenate {class} (not \"{given}\") to {class}")));
    };
    let mut strings = items(&left.strings).to_vec();
    let mut rest = items(&right.strings).iter();
    if let (Some(last), Some(first)) = (strings.pop(), rest.next()) {
        strings.push(vm.binary(crate::arithmetic::BinaryOp::Add, &last, first)?);
    }
    strings.extend(rest.cloned());
    let mut interpolations = items(&left.interpolations).to_vec();
    interpolations.extend_from_slice(items(&right.interpolations));
    vm.new_template(&vm.new_tuple(&strings), &vm.new_tuple(&interpolations))
}

fn values(vm: &Vm, this: &Value) -> PyResult {
    let body = vm.body::<Template>(this)?;
    let values: Vec<Value> = items(&body.interpolations)
        .iter()
        .filter_map(|item| item.downcast::<Interpolation>().map(|item| item.value.clone()))
        .collect();
    Ok(vm.new_tuple(&values))
}

fn template_reduce(vm: &Vm, this: &Value) -> PyResult {
    let body = vm.body::<Template>(this)?;
    let function = vm.import_from("string.templatelib", "_template_unpickle")?;
    let parts = vm.new_tuple(&[body.strings.clone(), body.interpolations.clone()]);
    Ok(vm.new_tuple(&[function, parts]))
}

#[cold]
fn not_str(vm: &Vm, which: &str, given: &Value) -> Raised {
    let given = if given.is_none() { "None".to_owned() } else { vm.type_name(given) };
    vm.type_error(format!("Interpolation() argument '{which}' must be str, not {given}"))
}

/// The signature of `Interpolation`, parsed once.
#[derive(Default)]
struct Parameters(OnceCell<Signature>);

fn new_interpolation(vm: &Vm, _: &TypeRef, args: Args<'_>) -> PyResult {
    let state = vm.state::<Parameters>();
    let signature = state.0.get_or_init(|| Signature::parse("(value, expression='', conversion=None, format_spec='')"));
    let mut bound: [Option<&Value>; 4] = [None; 4];
    signature.bind(vm, "Interpolation", args, &mut bound)?;
    let bound: &Bound<'_> = &bound;
    let text = |place: usize, which: &str| match bound[place] {
        None => Ok(vm.empty_str()),
        Some(text) if text.downcast::<Str>().is_some() => Ok(text.clone()),
        Some(other) => Err(not_str(vm, which, other)),
    };
    let expression = text(1, "expression")?;
    let conversion = match bound[2] {
        Some(conversion) if !conversion.is_none() => {
            let Some(text) = conversion.downcast::<Str>() else { return Err(not_str(vm, "conversion", conversion)) };
            if !matches!(text.as_ascii(), Some("s" | "a" | "r")) {
                return Err(vm.value_error("Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'"));
            }
            conversion.clone()
        }
        _ => Value::NONE,
    };
    let format_spec = text(3, "format_spec")?;
    let value = bound[0].cloned().unwrap_or(Value::NONE);
    let body = Interpolation { value, expression, conversion, format_spec };
    Ok(vm.new_instance(&vm.types.interpolation, body)?.into_value())
}

fn parts(body: &Ref<Interpolation>) -> [Value; 4] {
    [body.value.clone(), body.expression.clone(), body.conversion.clone(), body.format_spec.clone()]
}

fn interpolation_repr(vm: &Vm, this: &Value) -> PyResult {
    let mut out = oriel_kernel::text::TextBuf::new();
    out.push_str("Interpolation(");
    for (index, part) in parts(vm.body(this)?).iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        crate::types::support::push_repr(vm, &mut out, part)?;
    }
    out.push_str(")");
    vm.new_text_buf(&out)
}

fn interpolation_reduce(vm: &Vm, this: &Value) -> PyResult {
    let parts = vm.new_tuple(&parts(vm.body(this)?));
    Ok(vm.new_tuple(&[vm.type_of(this).to_value(), parts]))
}
