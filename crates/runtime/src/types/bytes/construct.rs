//! How `bytes` and `bytearray` are made from Python: arguments of the constructor, `fromhex`.

use super::operand::bytes_of_class;
use super::{Bytes, collect_bytes};
use crate::args::{Args, Signature};
use crate::error::PyResult;
use crate::types::str::Str;
use crate::types::type_object::{Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::bytes_ops::FromHexError;
use oriel_kernel::text::Text;

/// The arguments of both constructors.
#[derive(Default)]
pub(super) struct Source<'a> {
    /// `source`
    pub source: Option<&'a Value>,
    /// `encoding`
    pub encoding: Option<&'a Value>,
    /// `errors`
    pub errors: Option<&'a Value>,
}

/// Binds `(source=b'', encoding='utf-8', errors='strict')`.
pub(super) fn bind<'a>(vm: &Vm, name: &str, args: Args<'a>) -> PyResult<Source<'a>> {
    let mut bound: [Option<&Value>; 3] = [None; 3];
    if args.names.is_empty() && args.values.len() <= 1 {
        bound[0] = args.values.first();
    } else {
        let signature = Signature::parse("(source=b'', encoding='utf-8', errors='strict')");
        signature.bind(vm, name, args, &mut bound)?;
    }
    for (value, argument) in [(bound[1], "encoding"), (bound[2], "errors")] {
        if let Some(value) = value
            && value.downcast::<Str>().is_none()
        {
            let given = vm.type_name(value);
            return Err(vm.type_error(format!("{name}() argument '{argument}' must be str, not {given}")));
        }
    }
    Ok(Source { source: bound[0], encoding: bound[1], errors: bound[2] })
}

impl Source<'_> {
    /// The encoded text, where text and an encoding are given; an error where only one of them is.
    pub fn encoded(&self, vm: &Vm) -> PyResult<Option<Value>> {
        let text = self.source.filter(|source| source.downcast::<Str>().is_some());
        match (text, self.encoding, self.errors) {
            (Some(text), Some(_), _) => vm.encode_object(text, "encode", self.encoding, self.errors).map(Some),
            (Some(_), None, Some(_)) => Err(vm.type_error("string argument without an encoding")),
            (None, Some(_), _) => Err(vm.type_error("encoding without a string argument")),
            (None, None, Some(_)) => Err(vm.type_error("errors without a string argument")),
            (_, None, None) => Ok(None),
        }
    }
}

/// A count of zero bytes, where the object is a number.
pub(super) fn count_of(vm: &Vm, source: &Value) -> PyResult<Option<usize>> {
    if vm.type_of(source).slots.nb_index.get().is_none() {
        return Ok(None);
    }
    let index = match vm.index(source) {
        Ok(index) => index,
        Err(raised) if vm.raised_is(&raised, &vm.types.type_error) => return Ok(None),
        Err(raised) => return Err(raised),
    };
    match vm.small_or_big(&index) {
        Some(Ok(count)) if count >= 0 => Ok(Some(count as usize)),
        Some(Ok(_)) => Err(vm.value_error("negative count")),
        _ => {
            let name = vm.type_name(source);
            Err(vm.overflow_error(format!("cannot fit '{name}' into an index-sized integer")))
        }
    }
}

/// `bytes(source, encoding, errors)`
pub(super) fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let made = plain(vm, &bind(vm, "bytes", args)?)?;
    if class.is(&vm.types.bytes) {
        return Ok(made);
    }
    match made.downcast::<Bytes>() {
        Some(bytes) => bytes_of_class(vm, class, bytes.as_slice()),
        None => Ok(made),
    }
}

fn plain(vm: &Vm, source: &Source<'_>) -> PyResult {
    if let Some(encoded) = source.encoded(vm)? {
        return Ok(encoded);
    }
    let Some(object) = source.source else { return vm.try_new_bytes(b"") };
    bytes_of_object(vm, object)
}

/// `bytes(object)`
fn bytes_of_object(vm: &Vm, object: &Value) -> PyResult {
    if vm.is_exact_bytes(object) {
        return Ok(object.clone());
    }
    if let Some(made) = vm.call_special(object, &vm.names.__bytes__, &[])? {
        if made.downcast::<Bytes>().is_none() {
            let name = vm.type_name(&made);
            return Err(vm.type_error(format!("__bytes__ returned non-bytes (type {name})")));
        }
        return Ok(made);
    }
    if object.downcast::<Str>().is_some() {
        return Err(vm.type_error("string argument without an encoding"));
    }
    if let Some(count) = count_of(vm, object)? {
        return vm.new_bytes_filled(&vm.types.bytes, count, |_| {});
    }
    match collect_bytes(vm, object, "bytes")? {
        Some(bytes) => vm.try_new_bytes(&bytes),
        None => {
            let name = vm.type_name(object);
            Err(vm.type_error(format!("cannot convert '{name}' object to bytes")))
        }
    }
}

/// `fromhex(string)` of both types.
pub(super) fn from_hex(vm: &Vm, class: &Value, text: &Value) -> PyResult {
    let parse = |text: Text<'_>| oriel_kernel::bytes_ops::from_hex(text);
    let parsed = if let Some(string) = text.downcast::<Str>() {
        parse(string.text())
    } else if let Some(operand) = vm.operand_opt(text)? {
        operand.with(|bytes| parse(Text::Latin1(bytes)))
    } else {
        let name = vm.type_name(text);
        return Err(vm.type_error(format!("fromhex() argument must be str or bytes-like, not {name}")));
    };
    let bytes = parsed.map_err(|error| match error {
        FromHexError::NotADigit(at) => {
            vm.value_error(format!("non-hexadecimal number found in fromhex() arg at position {at}"))
        }
        FromHexError::Odd => vm.value_error("fromhex() arg must contain an even number of hexadecimal digits"),
    })?;
    if class.is(vm.types.bytearray.as_value()) {
        return vm.new_bytearray_of(&vm.types.bytearray, bytes).map(Into::into);
    }
    let made = vm.try_new_bytes(&bytes)?;
    match class.downcast::<Type>() {
        Some(class) if !class.is(&vm.types.bytes) => vm.call(class.as_value(), &[made]),
        _ => Ok(made),
    }
}
