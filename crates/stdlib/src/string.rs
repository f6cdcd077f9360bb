//! `_string`: taking formats apart for `string.Formatter`.

use oriel_kernel::format::FormatError;
use oriel_kernel::format::fields::{First, Piece, Pieces, Step, split_name};
use oriel_runtime::cells::ValueCell;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Body, Layout, MethodDef, ModuleSpec, PyResult, Ref, TypeSpec, Value, Visitor, Vm, type_flags};
use std::cell::{Cell, OnceCell};
use std::ops::Range;

/// The module.
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_string",
    doc: "string helper module",
    functions: &[
        MethodDef::one("formatter_field_name_split", field_name_split, "($self, object, /)", "Split a field's name."),
        MethodDef::one("formatter_parser", parser, "($self, object, /)", "Parse a format string."),
    ],
    exec: |_, _| Ok(()),
};

/// The body of both iterators: the text, and what it was found to be made of.
struct Parts<T: 'static> {
    text: ValueCell,
    parts: Vec<Result<T, FormatError>>,
    place: Cell<usize>,
}

static PIECES_LAYOUT: Layout = Layout::of::<Parts<Piece>>("formatteriterator", None);
static STEPS_LAYOUT: Layout = Layout::of::<Parts<Step>>("fieldnameiterator", None);

impl Body for Parts<Piece> {
    fn layout() -> &'static Layout {
        &PIECES_LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.text.visit(visitor);
    }
}

impl Body for Parts<Step> {
    fn layout() -> &'static Layout {
        &STEPS_LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.text.visit(visitor);
    }
}

static PIECES: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.iter.set(Some(|_, this| Ok(this.clone())));
        slots.next.set(Some(next_piece));
    },
    ..TypeSpec::new("formatteriterator", <Parts<Piece> as Body>::layout)
};

static STEPS: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.iter.set(Some(|_, this| Ok(this.clone())));
        slots.next.set(Some(next_step));
    },
    ..TypeSpec::new("fieldnameiterator", <Parts<Step> as Body>::layout)
};

/// The two types, made when they are first needed.
#[derive(Default)]
struct Types {
    pieces: OnceCell<TypeRef>,
    steps: OnceCell<TypeRef>,
}

fn made(vm: &Vm, cell: &OnceCell<TypeRef>, spec: &'static TypeSpec) -> PyResult<TypeRef> {
    if let Some(class) = cell.get() {
        return Ok(class.clone());
    }
    let class = vm.new_type(spec)?;
    Ok(cell.get_or_init(|| class).clone())
}

fn format<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<Str>> {
    vm.expect_str(value, |given| format!("expected str, got {given}"))
}

fn parser(vm: &Vm, _: &Value, format: &Value) -> PyResult {
    let text = self::format(vm, format)?.text();
    let parts = Pieces::new(0..text.len(), |i| text.at(i)).collect();
    let class = made(vm, &vm.state::<Types>().pieces, &PIECES)?;
    let body = Parts { text: ValueCell::new(format.clone()), parts, place: Cell::new(0) };
    Ok(vm.new_instance(&class, body)?.into_value())
}

fn field_name_split(vm: &Vm, _: &Value, name: &Value) -> PyResult {
    let text = format(vm, name)?.text();
    let (first, steps) = split_name(0..text.len(), |i| text.at(i)).map_err(|error| vm.format_error(error))?;
    let first = match first {
        First::Auto => vm.empty_str(),
        First::Index(index) => vm.new_uint(index as u64),
        First::Name(range) => part(vm, name, range)?,
    };
    let parts = steps.collect();
    let class = made(vm, &vm.state::<Types>().steps, &STEPS)?;
    let body = Parts { text: ValueCell::new(name.clone()), parts, place: Cell::new(0) };
    Ok(vm.new_tuple(&[first, vm.new_instance(&class, body)?.into_value()]))
}

fn part(vm: &Vm, text: &Value, range: Range<usize>) -> PyResult {
    vm.new_text(format(vm, text)?.text().slice(range.start, range.end))
}

impl<T: Clone> Parts<T> {
    fn advance(&self, vm: &Vm) -> PyResult<Option<T>> {
        let place = self.place.get();
        let Some(part) = self.parts.get(place) else { return Ok(None) };
        self.place.set(place + 1);
        part.clone().map(Some).map_err(|error| vm.format_error(error))
    }
}

fn own<'a, T: Body>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<T>> {
    this.downcast().ok_or_else(|| vm.type_error("an iterator of _string is needed"))
}

fn next_piece(vm: &Vm, this: &Value) -> PyResult<Option<Value>> {
    let own = own::<Parts<Piece>>(vm, this)?;
    let Some(piece) = own.advance(vm)? else { return Ok(None) };
    let text = own.text.get();
    let literal = part(vm, &text, piece.literal)?;
    let Some(field) = piece.field else {
        return Ok(Some(vm.new_tuple(&[literal, Value::NONE, Value::NONE, Value::NONE])));
    };
    let conversion = field.conversion.map_or(Value::NONE, |conversion| vm.new_char(conversion));
    let (name, spec) = (part(vm, &text, field.name)?, part(vm, &text, field.spec)?);
    Ok(Some(vm.new_tuple(&[literal, name, spec, conversion])))
}

fn next_step(vm: &Vm, this: &Value) -> PyResult<Option<Value>> {
    let own = own::<Parts<Step>>(vm, this)?;
    let Some(step) = own.advance(vm)? else { return Ok(None) };
    let text = own.text.get();
    let (attribute, value) = match step {
        Step::Attribute(range) => (true, part(vm, &text, range)?),
        Step::Index(index) => (false, vm.new_uint(index as u64)),
        Step::Key(range) => (false, part(vm, &text, range)?),
    };
    Ok(Some(vm.new_tuple(&[Value::bool(attribute), value])))
}
