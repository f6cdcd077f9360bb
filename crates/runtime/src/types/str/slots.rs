//! The slots of `str`.

use crate::args::{Args, Bound};
use crate::error::PyResult;
use crate::modules::codecs::check_name;
use crate::native::{TypeSpec, type_flags};
use crate::slots::CompareOp;
use crate::types::str::Str;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Ref, Value};
use oriel_kernel::text::{Kind, Text};

/// `str`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::MATCH_SELF,
    doc: "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\nText of Unicode characters.",
    slots: |slots| {
        slots.repr.set(Some(repr));
        slots.str.set(Some(to_str));
        slots.hash.set(Some(|vm, this| Ok(string(vm, this)?.hash(vm))));
        slots.richcompare.set(Some(compare));
        slots.sq_length.set(Some(|vm, this| Ok(string(vm, this)?.len())));
        slots.mp_length.set(Some(|vm, this| Ok(string(vm, this)?.len())));
        slots.sq_concat.set(Some(super::build::concat));
        slots.sq_repeat.set(Some(super::build::repeat));
        slots.sq_item.set(Some(super::subscript::item));
        slots.mp_subscript.set(Some(super::subscript::subscript));
        slots.sq_contains.set(Some(super::search::contains));
        slots.iter.set(Some(super::iterator::iter));
        slots.nb_remainder.set(Some(super::percent::remainder));
        slots.new.set(Some(new));
    },
    methods: super::methods::METHODS,
    ..TypeSpec::new("str", Str::layout)
};

/// The receiver of a method of `str`.
pub fn string<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<Str>> {
    value.downcast().ok_or_else(|| vm.type_error(format!("a str is needed, not '{}'", vm.type_name(value))))
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let text = string(vm, this)?.text();
    if let Text::Ascii(plain) = text
        && plain.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b'\'' && byte != b'\\')
    {
        return vm.build_str(Kind::Ascii, plain.len() + 2, |out| {
            out.push(Text::Ascii("'"));
            out.push(text);
            out.push(Text::Ascii("'"));
        });
    }
    vm.new_text_buf(&oriel_kernel::text::repr::repr(text))
}

fn to_str(vm: &Vm, this: &Value) -> PyResult {
    if vm.is_exact_str(this) {
        return Ok(this.clone());
    }
    vm.new_text(string(vm, this)?.text())
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Str>(), b.downcast::<Str>()) else { return Ok(Value::NOT_IMPLEMENTED) };
    let _ = vm;
    Ok(Value::bool(match op {
        CompareOp::Eq => x.same(y),
        CompareOp::Ne => !x.same(y),
        _ => op.of(x.text().compare(y.text())),
    }))
}

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    static SIGNATURE: std::sync::OnceLock<crate::args::Signature> = std::sync::OnceLock::new();
    let signature = SIGNATURE.get_or_init(|| crate::args::Signature::parse("(object='', encoding='', errors='')"));
    let mut bound: [Option<&Value>; 3] = [None; 3];
    if args.values.len() > 3 && args.names.is_empty() {
        return Err(vm.type_error(format!("str expected at most 3 arguments, got {}", args.values.len())));
    }
    signature.bind(vm, "str", args, &mut bound)?;
    let value = made(vm, &bound)?;
    if class.is(&vm.types.str) {
        return Ok(value);
    }
    vm.new_str_of(class, string(vm, &value)?.text())
}

fn made(vm: &Vm, bound: &Bound<'_>) -> PyResult {
    match (bound[0], bound[1], bound[2]) {
        (None, encoding, errors) => {
            check_name(vm, "str", "'encoding'", encoding)?;
            check_name(vm, "str", "'errors'", errors)?;
            Ok(vm.empty_str())
        }
        (Some(object), None, None) => vm.str(object),
        (Some(object), encoding, errors) => vm.decode_object(object, encoding, errors),
    }
}
