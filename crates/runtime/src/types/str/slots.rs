//! The slots of `str`.

use crate::args::{Args, Bound};
use crate::error::PyResult;
use crate::native::{TypeSpec, type_flags};
use crate::slots::CompareOp;
use crate::types::str::Str;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Ref, Value};
use oriel_kernel::text::TextBuf;

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
        slots.sq_concat.set(Some(concat));
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
    vm.new_text_buf(&oriel_kernel::text::repr::repr(string(vm, this)?.text()))
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

fn concat(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let Some(right) = b.downcast::<Str>() else {
        let given = vm.type_name(b);
        return Err(vm.type_error(format!("can only concatenate str (not \"{given}\") to str")));
    };
    let left = string(vm, a)?;
    if right.len() == 0 && vm.is_exact_str(a) {
        return Ok(a.clone());
    }
    if left.len() == 0 && vm.is_exact_str(b) {
        return Ok(b.clone());
    }
    let mut buffer = TextBuf::new();
    buffer.push_text(left.text());
    buffer.push_text(right.text());
    vm.new_text_buf(&buffer)
}

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    static SIGNATURE: std::sync::OnceLock<crate::args::Signature> = std::sync::OnceLock::new();
    let signature = SIGNATURE.get_or_init(|| crate::args::Signature::parse("(object='', encoding='', errors='')"));
    let mut bound: [Option<&Value>; 3] = [None; 3];
    signature.bind(vm, "str", args, &mut bound)?;
    let value = made(vm, &bound)?;
    if class.is(&vm.types.str) {
        return Ok(value);
    }
    vm.new_str_of(class, string(vm, &value)?.text())
}

fn made(vm: &Vm, bound: &Bound<'_>) -> PyResult {
    match (bound[0], bound[1], bound[2]) {
        (None, _, _) => Ok(vm.empty_str()),
        (Some(object), None, None) => vm.str(object),
        (Some(object), encoding, errors) => vm.decode_object(object, encoding, errors),
    }
}
