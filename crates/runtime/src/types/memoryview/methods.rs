//! The declaration of `memoryview`: its slots, methods and attributes.

use super::{MAX_DIMENSIONS, MemoryView, buffer, items, iterator, release, subscript};
use crate::args::{Args, Bound, Signature};
use crate::buffer::{Dimensions, Structure, for_each_offset};
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::slots::CompareOp;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Ref, Value};
use std::borrow::Cow;

/// `memoryview`
#[rustfmt::skip]
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::SEQUENCE | type_flags::WEAKREF,
    doc: "A window on the memory of another object.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.repr.set(Some(repr));
        slots.hash.set(Some(hash));
        slots.richcompare.set(Some(compare));
        slots.iter.set(Some(iterator::iter));
        slots.buffer.set(Some(buffer));
        slots.mp_length.set(Some(length));
        slots.sq_length.set(Some(length));
        slots.sq_item.set(Some(subscript::item));
        slots.mp_subscript.set(Some(subscript::subscript));
        slots.mp_ass_subscript.set(Some(subscript::assign));
    },
    methods: &[
        MethodDef::noargs("release", release, "($self, /)", "Give the memory back."),
        MethodDef::bound("tobytes", to_bytes, "($self, /, order='C')", "The items' bytes."),
        MethodDef::bound("hex", hex, "($self, /, sep=<unrepresentable>, bytes_per_sep=1)", "Hexadecimal digits of the bytes."),
        MethodDef::noargs("tolist", to_list, "($self, /)", "The items as a list."),
        MethodDef::bound("cast", cast, "($self, /, format, shape=<unrepresentable>)", "The same memory with another format or shape."),
        MethodDef::noargs("toreadonly", to_readonly, "($self, /)", "The same memory, not to be written."),
        MethodDef::bound("_from_flags", from_flags, "($type, /, object, flags)", "A view asked for with the given flags.").class_method(),
        MethodDef::one("count", count, "($self, value, /)", "Number of items equal to the value."),
        MethodDef::positional("index", 1, 3, index, "($self, value, start=0, stop=sys.maxsize, /)", "The first place of the value."),
        MethodDef::noargs("__enter__", enter, "($self, /)", "The view itself."),
        MethodDef::args("__exit__", |vm, this, _| release(vm, this), "($self, /, *exc_info)", "Release the view."),
        MethodDef::one("__class_getitem__", |vm, class, item| vm.new_generic_alias(class, item), "($type, object, /)", "A generic alias.").class_method(),
    ],
    getset: &[
        GetSetDef::readonly("obj", |vm, v| Ok(own(vm, v)?.buffer.owner().unwrap_or(Value::NONE)), "The object whose memory it is."),
        GetSetDef::readonly("nbytes", |vm, v| Ok(vm.new_int(own(vm, v)?.nbytes() as i64)), "Bytes in all."),
        GetSetDef::readonly("readonly", |vm, v| Ok(Value::bool(own(vm, v)?.readonly)), "Whether it must not be written."),
        GetSetDef::readonly("itemsize", |vm, v| Ok(vm.new_int(own(vm, v)?.structure.item_size as i64)), "Bytes of an item."),
        GetSetDef::readonly("format", |vm, v| Ok(vm.new_str(&own(vm, v)?.structure.format)), "The items' struct format."),
        GetSetDef::readonly("ndim", |vm, v| Ok(vm.new_int(own(vm, v)?.ndim() as i64)), "Number of dimensions."),
        GetSetDef::readonly("shape", |vm, v| Ok(numbers(vm, own(vm, v)?.shape())), "Items in each dimension."),
        GetSetDef::readonly("strides", |vm, v| Ok(numbers(vm, &own(vm, v)?.structure.strides)), "Bytes from item to item in each dimension."),
        GetSetDef::readonly("suboffsets", |vm, v| own(vm, v).map(|_| vm.empty_tuple().into_value()), "Empty: no indirection."),
        GetSetDef::readonly("c_contiguous", |vm, v| Ok(Value::bool(own(vm, v)?.is_c_contiguous())), "Whether items lie in C order."),
        GetSetDef::readonly("f_contiguous", |vm, v| Ok(Value::bool(own(vm, v)?.is_f_contiguous())), "Whether items lie in Fortran's order."),
        GetSetDef::readonly("contiguous", contiguous, "Whether items lie without gaps."),
    ],
    ..TypeSpec::new("memoryview", MemoryView::layout)
};

/// The receiver, not released.
fn own<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<MemoryView>> {
    let view = vm.body::<MemoryView>(value)?;
    view.check(vm)?;
    Ok(view)
}

fn numbers(vm: &Vm, numbers: &[isize]) -> Value {
    vm.tuple_of(numbers.iter().map(|number| vm.new_int(*number as i64)).collect::<Vec<_>>()).into_value()
}

fn contiguous(vm: &Vm, this: &Value) -> PyResult {
    let view = own(vm, this)?;
    Ok(Value::bool(view.is_c_contiguous() || view.is_f_contiguous()))
}

fn new(vm: &Vm, _: &TypeRef, args: Args<'_>) -> PyResult {
    let mut bound: [Option<&Value>; 1] = [None];
    Signature::parse("(object)").bind(vm, "memoryview", args, &mut bound)?;
    match bound[0] {
        Some(object) => Ok(vm.new_memoryview(object, false)?.into_value()),
        None => Ok(Value::NONE),
    }
}

fn from_flags(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let (Some(object), Some(flags)) = (args[0], args[1]) else { return Ok(Value::NONE) };
    let writable = vm.to_i32(flags)? & 1 != 0;
    Ok(vm.new_memoryview(object, writable)?.into_value())
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let released = if vm.body::<MemoryView>(this)?.is_released() { "released " } else { "" };
    Ok(vm.new_str(&format!("<{released}memory at {:#x}>", this.word())))
}

fn hash(vm: &Vm, this: &Value) -> PyResult<i64> {
    let view = vm.body::<MemoryView>(this)?;
    if view.hash.get() != -1 {
        return Ok(view.hash.get());
    }
    view.check(vm)?;
    if !view.readonly {
        return Err(vm.value_error("cannot hash writable memoryview object"));
    }
    if !items::native_opt(&view.structure.format).is_some_and(|item| matches!(item.code, b'B' | b'b' | b'c')) {
        return Err(vm.value_error("memoryview: hashing is restricted to formats 'B', 'b' or 'c'"));
    }
    if let Some(owner) = view.buffer.owner()
        && !owner.is_none()
    {
        // The owner's own code must not release the view meanwhile.
        let _held = view.hold();
        vm.hash(&owner)?;
    }
    let bytes = view.to_vec(vm)?;
    let hash = oriel_kernel::hash::hash_bytes(vm.string_hash_key(), &bytes);
    view.hash.set(hash);
    Ok(hash)
}

fn length(vm: &Vm, this: &Value) -> PyResult<usize> {
    match own(vm, this)?.shape().first() {
        Some(len) => Ok(*len as usize),
        None => Err(vm.type_error("0-dim memory has no length")),
    }
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let Some(view) = a.downcast::<MemoryView>() else { return Ok(Value::NOT_IMPLEMENTED) };
    let wanted = op == CompareOp::Eq;
    if view.is_released() || b.downcast::<MemoryView>().is_some_and(|other| other.is_released()) {
        return Ok(Value::bool(a.is(b) == wanted));
    }
    if !vm.has_buffer(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let Ok(other) = vm.full_buffer(b, false) else { return Ok(Value::NOT_IMPLEMENTED) };
    let own = vm.full_buffer(a, false)?;
    Ok(Value::bool(items::equal(vm, &own, &other)? == wanted))
}

fn to_bytes(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let order = match args[0] {
        Some(order) if !order.is_none() => {
            let text = order.downcast::<Str>().ok_or_else(|| {
                let given = vm.type_name(order);
                vm.type_error(format!("tobytes() argument 'order' must be str or None, not {given}"))
            })?;
            text.to_text()
        }
        _ => "C".to_owned(),
    };
    let view = own(vm, this)?;
    let fortran = match order.as_str() {
        "C" => false,
        "F" => true,
        "A" => view.is_f_contiguous() && !view.is_c_contiguous(),
        _ => return Err(vm.value_error("order must be 'C', 'F' or 'A'")),
    };
    if !fortran || view.ndim() < 2 {
        return view.with_window(vm, |window| window.with_bytes(|bytes| vm.try_new_bytes(bytes)))?;
    }
    let mut structure = view.structure.clone();
    structure.shape.reverse();
    structure.strides.reverse();
    vm.sibling_view(view, view.offset, structure, true)?
        .with_window(vm, |window| window.with_bytes(|bytes| vm.try_new_bytes(bytes)))?
}

fn hex(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let view = own(vm, this)?;
    let bytes = view.to_vec(vm)?;
    let _held = view.hold();
    crate::types::bytes::hex_text(vm, &bytes, args[0], args[1])
}

fn list_of(vm: &Vm, view: &MemoryView, shape: &[isize], strides: &[isize], offset: isize) -> PyResult {
    let ([len, shape @ ..], [stride, strides @ ..]) = (shape, strides) else {
        return view.item_at(vm, offset);
    };
    let mut values = vm.try_vec(*len as usize)?;
    for index in 0..*len {
        values.push(list_of(vm, view, shape, strides, offset + index * stride)?);
    }
    Ok(vm.list(values))
}

fn to_list(vm: &Vm, this: &Value) -> PyResult {
    let view = own(vm, this)?;
    items::native(vm, &view.structure.format)?;
    list_of(vm, view, view.shape(), &view.structure.strides, view.offset)
}

fn to_readonly(vm: &Vm, this: &Value) -> PyResult {
    let view = own(vm, this)?;
    Ok(vm.sibling_view(view, view.offset, view.structure.clone(), true)?.into_value())
}

fn enter(vm: &Vm, this: &Value) -> PyResult {
    own(vm, this)?;
    Ok(this.clone())
}

fn cast(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let Some(format) = args[0] else { return Ok(Value::NONE) };
    let Some(format) = format.downcast::<Str>() else {
        let given = vm.type_name(format);
        return Err(vm.type_error(format!("cast() argument 'format' must be str, not {given}")));
    };
    let view = own(vm, this)?;
    if !view.is_c_contiguous() {
        return Err(vm.type_error("memoryview: casts are restricted to C-contiguous views"));
    }
    let shape = args[1].map(|shape| cast_shape(vm, view, shape)).transpose()?;
    let format = format.to_text();
    let Some(to) = items::native_opt(&format) else {
        return Err(vm.value_error(
            "memoryview: destination format must be a native single character format prefixed with an optional '@'",
        ));
    };
    let from = items::native_opt(&view.structure.format).ok_or_else(|| {
        vm.value_error(
            "memoryview: source format must be a native single character format prefixed with an optional '@'",
        )
    })?;
    let is_byte = |code: u8| matches!(code, b'b' | b'B' | b'c');
    if !is_byte(from.code) && !is_byte(to.code) {
        return Err(vm.type_error("memoryview: cannot cast between two non-byte formats"));
    }
    let total = view.nbytes();
    if total % to.size != 0 {
        return Err(vm.type_error("memoryview: length is not a multiple of itemsize"));
    }
    let mut dimensions = Dimensions::new();
    match shape {
        None => dimensions.push((total / to.size) as isize),
        Some(shape) => {
            let items = shape.iter().try_fold(to.size as isize, |product, len| product.checked_mul(*len));
            let Some(bytes) = items else {
                return Err(vm.value_error("memoryview.cast(): product(shape) > SSIZE_MAX"));
            };
            if bytes != total as isize {
                return Err(vm.type_error("memoryview: product(shape) * itemsize != buffer size"));
            }
            dimensions.extend(shape);
        }
    }
    let mut strides = dimensions.clone();
    let mut stride = to.size as isize;
    for (place, len) in strides.iter_mut().zip(&dimensions).rev() {
        *place = stride;
        stride *= len;
    }
    let structure = Structure { shape: dimensions, strides, item_size: to.size, format: Cow::Owned(format) };
    Ok(vm.sibling_view(view, view.offset, structure, view.readonly)?.into_value())
}

fn cast_shape(vm: &Vm, view: &MemoryView, shape: &Value) -> PyResult<Vec<isize>> {
    if shape.downcast::<List>().is_none() && shape.downcast::<Tuple>().is_none() {
        return Err(vm.type_error("shape must be a list or a tuple"));
    }
    let values = vm.collect(shape)?;
    if values.len() > MAX_DIMENSIONS {
        return Err(vm.value_error("memoryview: number of dimensions must not exceed 64"));
    }
    if view.ndim() != 1 && values.len() != 1 {
        return Err(vm.type_error("memoryview: cast must be 1D -> ND or ND -> 1D"));
    }
    let mut numbers = Vec::with_capacity(values.len());
    for value in &values {
        let number = match vm.small_or_big(value) {
            None => return Err(vm.type_error("memoryview.cast(): elements of shape must be integers")),
            Some(Ok(number)) if number > 0 => number as isize,
            Some(_) => return Err(vm.value_error("memoryview.cast(): elements of shape must be integers > 0")),
        };
        numbers.push(number);
    }
    Ok(numbers)
}

fn one_dimension(vm: &Vm, view: &MemoryView) -> PyResult<isize> {
    match view.shape().as_slice() {
        [] => Err(vm.type_error("invalid lookup on 0-dim memory")),
        [len] => Ok(*len),
        _ => Err(vm.not_implemented_error("multi-dimensional lookup is not implemented")),
    }
}

fn count(vm: &Vm, this: &Value, value: &Value) -> PyResult {
    let view = own(vm, this)?;
    one_dimension(vm, view)?;
    let mut offsets = Vec::new();
    for_each_offset(view.shape(), &view.structure.strides, view.offset, &mut |offset| offsets.push(offset));
    let mut found = 0;
    for offset in offsets {
        let item = view.item_at(vm, offset)?;
        if vm.equal(&item, value)? {
            found += 1;
        }
    }
    Ok(vm.new_int(found))
}

fn index(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let Some(value) = args.first() else { return Ok(Value::NONE) };
    let view = own(vm, this)?;
    let len = one_dimension(vm, view)?;
    let bound = |value: Option<&Value>, default: isize| match value {
        Some(value) => vm.to_isize_clipped(value),
        None => Ok(default),
    };
    let (start, stop) = (bound(args.get(1), 0)?, bound(args.get(2), isize::MAX)?);
    let fix = |at: isize| if at < 0 { at.saturating_add(len).max(0) } else { at.min(len) };
    let stride = view.structure.strides.first().copied().unwrap_or(1);
    for at in fix(start)..fix(stop) {
        let item = view.item_at(vm, view.offset + at * stride)?;
        if vm.equal(&item, value)? {
            return Ok(vm.new_int(at as i64));
        }
    }
    Err(vm.value_error("memoryview.index(x): x not found"))
}
