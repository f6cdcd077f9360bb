//! The functions in the slots of Python classes: each looks its dunder up on the type and calls it.

use crate::args::Args;
use crate::arithmetic::BinaryOp;
use crate::buffer::BufferView;
use crate::error::PyResult;
use crate::slots::{BinaryFn, CompareOp};
use crate::types::type_object::{Subtype, TypeRef};
use crate::vm::{Vm, vm_of};
use oriel_heap::Value;

fn required(vm: &Vm, this: &Value, name: &Value, args: &[Value]) -> PyResult {
    match vm.call_special(this, name, args)? {
        Some(value) => Ok(value),
        None => Err(vm.no_attribute(this, name)),
    }
}

/// `__repr__`
pub fn repr(vm: &Vm, this: &Value) -> PyResult {
    required(vm, this, &vm.names.__repr__, &[])
}

/// `__str__`
pub fn str(vm: &Vm, this: &Value) -> PyResult {
    required(vm, this, &vm.names.__str__, &[])
}

/// `__hash__`; `None` means unhashable.
pub fn hash(vm: &Vm, this: &Value) -> PyResult<i64> {
    let found = vm.lookup(vm.type_of(this), &vm.names.__hash__);
    if found.as_ref().is_none_or(Value::is_none) {
        return Err(vm.unhashable(this));
    }
    let result = required(vm, this, &vm.names.__hash__, &[])?;
    let number = match vm.small_or_big(&result) {
        Some(Ok(number)) => number,
        Some(Err(_)) => vm.hash(&vm.index(&result)?)?,
        None => return Err(vm.type_error("__hash__ method should return an integer")),
    };
    Ok(oriel_kernel::hash::fix(number))
}

/// `__call__`
pub fn call(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    match vm.lookup_method(this, &vm.names.__call__)? {
        None => Err(vm.type_error(format!("'{}' object is not callable", vm.type_name(this)))),
        Some((method, false)) => vm.call_args(&method, args),
        Some((method, true)) => {
            let mut values = Vec::with_capacity(args.values.len() + 1);
            values.push(this.clone());
            values.extend_from_slice(args.values);
            vm.call_args(&method, Args { values: &values, names: args.names })
        }
    }
}

/// `__getattribute__` and, where that raises AttributeError, `__getattr__`.
pub fn getattro(vm: &Vm, this: &Value, name: &Value) -> PyResult {
    let ty = vm.type_of(this);
    let hook = ty.getattr_hook.get();
    let own = vm.lookup(ty, &vm.names.__getattribute__);
    let is_generic = own.as_ref().is_none_or(|found| {
        found
            .downcast::<crate::types::descriptors::WrapperDescriptor>()
            .is_some_and(|w| w.owner.get().is(vm.types.object.as_value()))
    });
    let result = if is_generic {
        match vm.generic_get_attr_opt(this, name) {
            Ok(Some(value)) => return Ok(value),
            Ok(None) if hook.is_none() => return Err(vm.no_attribute(this, name)),
            Ok(None) => Ok(None),
            Err(raised) => Err(raised),
        }
    } else {
        required(vm, this, &vm.names.__getattribute__, std::slice::from_ref(name)).map(Some)
    };
    match (result, hook) {
        (Ok(Some(value)), _) => Ok(value),
        (Ok(None), Some(hook)) => call_hook(vm, this, &hook, name),
        (Err(raised), Some(hook)) if vm.raised_is(&raised, &vm.types.attribute_error) => {
            drop(raised);
            call_hook(vm, this, &hook, name)
        }
        (Err(raised), _) => Err(raised),
        (Ok(None), None) => Err(vm.no_attribute(this, name)),
    }
}

/// Calls the `__getattr__` of a class.
pub(crate) fn call_hook(vm: &Vm, this: &Value, hook: &Value, name: &Value) -> PyResult {
    let owner = vm.type_of(this).to_value();
    let bound = vm.bind(hook, Some(this), &owner)?;
    vm.call(&bound, std::slice::from_ref(name))
}

/// `__setattr__` and `__delattr__`
pub fn setattro(vm: &Vm, this: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    match value {
        Some(value) => required(vm, this, &vm.names.__setattr__, &[name.clone(), value.clone()])?,
        None => required(vm, this, &vm.names.__delattr__, std::slice::from_ref(name))?,
    };
    Ok(())
}

/// The six comparison dunders.
pub fn richcompare(vm: &Vm, this: &Value, other: &Value, op: CompareOp) -> PyResult {
    let name = comparison_name(vm, op);
    optional(vm, this, name, other)
}

/// Calls a method that may be missing: then, as where it declines, the result is `NotImplemented`.
pub(crate) fn optional(vm: &Vm, this: &Value, name: &Value, other: &Value) -> PyResult {
    Ok(vm.call_special(this, name, std::slice::from_ref(other))?.unwrap_or(Value::NOT_IMPLEMENTED))
}

/// `__iter__`; `None` means not iterable.
pub fn iter(vm: &Vm, this: &Value) -> PyResult {
    if vm.lookup(vm.type_of(this), &vm.names.__iter__).is_some_and(|found| found.is_none()) {
        return Err(vm.type_error(format!("'{}' object is not iterable", vm.type_name(this))));
    }
    required(vm, this, &vm.names.__iter__, &[])
}

/// `__next__`
pub fn next(vm: &Vm, this: &Value) -> PyResult<Option<Value>> {
    match required(vm, this, &vm.names.__next__, &[]) {
        Ok(value) => Ok(Some(value)),
        Err(raised) if vm.raised_is(&raised, &vm.types.stop_iteration) => Ok(None),
        Err(raised) => Err(raised),
    }
}

/// `__get__`
pub fn descr_get(vm: &Vm, this: &Value, object: Option<&Value>, owner: Option<&Value>) -> PyResult {
    let object = object.cloned().unwrap_or(Value::NONE);
    let owner = owner.cloned().unwrap_or(Value::NONE);
    match vm.call_special(this, &vm.names.__get__, &[object, owner])? {
        Some(value) => Ok(value),
        None => Ok(this.clone()),
    }
}

/// `__set__` and `__delete__`
pub fn descr_set(vm: &Vm, this: &Value, object: &Value, value: Option<&Value>) -> PyResult<()> {
    let done = match value {
        Some(value) => vm.call_special(this, &vm.names.__set__, &[object.clone(), value.clone()])?,
        None => vm.call_special(this, &vm.names.__delete__, std::slice::from_ref(object))?,
    };
    if done.is_none() {
        return Err(vm.attribute_error(if value.is_some() { "__set__" } else { "__delete__" }));
    }
    Ok(())
}

/// `__init__`
pub fn init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let result = match vm.lookup_method(this, &vm.names.__init__)? {
        None => return Ok(()),
        Some((method, false)) => vm.call_args(&method, args)?,
        Some((method, true)) => {
            let mut values = Vec::with_capacity(args.values.len() + 1);
            values.push(this.clone());
            values.extend_from_slice(args.values);
            vm.call_args(&method, Args { values: &values, names: args.names })?
        }
    };
    if !result.is_none() {
        let name = vm.type_name(&result);
        return Err(vm.type_error(format!("__init__() should return None, not '{name}'")));
    }
    Ok(())
}

/// `__new__`
pub fn new(vm: &Vm, ty: &TypeRef, args: Args<'_>) -> PyResult {
    let function = vm.get_attr(ty.as_value(), &vm.names.__new__)?;
    let mut values = Vec::with_capacity(args.values.len() + 1);
    values.push(ty.to_value());
    values.extend_from_slice(args.values);
    vm.call_args(&function, Args { values: &values, names: args.names })
}

/// `__del__`; what it raises is reported and dropped.
pub fn finalize(this: &Value) {
    let Some(vm) = vm_of(this) else { return };
    let saved = vm.save_raised_state();
    let ty = vm.type_of(this).clone();
    vm.tell(|recorder| recorder.finalizing(vm, this));
    if let Some(function) = vm.lookup(&ty, &vm.names.__del__)
        && let Err(raised) = vm.bind(&function, Some(this), ty.as_value()).and_then(|method| vm.call(&method, &[]))
    {
        vm.write_unraisable(raised, Some(&function), "Exception ignored while calling deallocator");
    }
    vm.restore_raised_state(saved);
}

/// `__await__`
pub fn am_await(vm: &Vm, this: &Value) -> PyResult {
    required(vm, this, &vm.names.__await__, &[])
}

/// `__aiter__`
pub fn am_aiter(vm: &Vm, this: &Value) -> PyResult {
    required(vm, this, &vm.names.__aiter__, &[])
}

/// `__anext__`
pub fn am_anext(vm: &Vm, this: &Value) -> PyResult {
    required(vm, this, &vm.names.__anext__, &[])
}

/// `__buffer__`: the memory of the memoryview that it returns.
pub fn buffer(vm: &Vm, this: &Value, writable: bool) -> PyResult<BufferView> {
    let flags = vm.new_int(if writable { 0x11d } else { 0x11c });
    let view = required(vm, this, &vm.names.__buffer__, &[flags])?;
    crate::types::memoryview::wrapped::lend(vm, this, &view, writable)
}

fn binary(
    vm: &Vm,
    a: &Value,
    b: &Value,
    name: &Value,
    reflected: &Value,
    own: fn(&TypeRef) -> Option<BinaryFn>,
    this: BinaryFn,
) -> PyResult {
    let (type_a, type_b) = (vm.type_of(a).clone(), vm.type_of(b).clone());
    let is_this = |ty: &TypeRef| own(ty).is_some_and(|f| std::ptr::fn_addr_eq(f, this));
    let mut ask_other = !type_a.is(&type_b) && is_this(&type_b);
    if is_this(&type_a) {
        if ask_other && type_b.is_subtype(&type_a) && overrides(vm, &type_a, &type_b, reflected) {
            let result = optional(vm, b, reflected, a)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
            ask_other = false;
        }
        let result = optional(vm, a, name, b)?;
        if !result.is_not_implemented() || type_a.is(&type_b) {
            return Ok(result);
        }
    }
    if ask_other { optional(vm, b, reflected, a) } else { Ok(Value::NOT_IMPLEMENTED) }
}

fn overrides(vm: &Vm, base: &TypeRef, derived: &TypeRef, name: &Value) -> bool {
    match (vm.lookup(base, name), vm.lookup(derived, name)) {
        (Some(a), Some(b)) => !a.is(&b),
        (None, Some(_)) => true,
        _ => false,
    }
}

macro_rules! binaries {
    ($($slot:ident $name:ident $reflected:ident,)*) => {
        $(#[doc = concat!("`", stringify!($name), "` and `", stringify!($reflected), "`")]
        pub fn $slot(vm: &Vm, a: &Value, b: &Value) -> PyResult {
            binary(vm, a, b, &vm.names.$name, &vm.names.$reflected, |ty| ty.slots.$slot.get(), $slot)
        })*
    };
}

/// The name of a comparison's method.
pub(crate) fn comparison_name(vm: &Vm, op: CompareOp) -> &Value {
    let names = &vm.names;
    match op {
        CompareOp::Lt => &names.__lt__,
        CompareOp::Le => &names.__le__,
        CompareOp::Eq => &names.__eq__,
        CompareOp::Ne => &names.__ne__,
        CompareOp::Gt => &names.__gt__,
        CompareOp::Ge => &names.__ge__,
    }
}

/// The function in the slot of an operator of Python classes, with the names of the methods that it calls.
pub(crate) fn dunders_of(vm: &Vm, op: BinaryOp) -> Option<(BinaryFn, &Value, &Value)> {
    let names = &vm.names;
    Some(match op {
        BinaryOp::Add => (nb_add, &names.__add__, &names.__radd__),
        BinaryOp::Subtract => (nb_subtract, &names.__sub__, &names.__rsub__),
        BinaryOp::Multiply => (nb_multiply, &names.__mul__, &names.__rmul__),
        BinaryOp::Remainder => (nb_remainder, &names.__mod__, &names.__rmod__),
        BinaryOp::Lshift => (nb_lshift, &names.__lshift__, &names.__rlshift__),
        BinaryOp::Rshift => (nb_rshift, &names.__rshift__, &names.__rrshift__),
        BinaryOp::And => (nb_and, &names.__and__, &names.__rand__),
        BinaryOp::Xor => (nb_xor, &names.__xor__, &names.__rxor__),
        BinaryOp::Or => (nb_or, &names.__or__, &names.__ror__),
        BinaryOp::FloorDivide => (nb_floor_divide, &names.__floordiv__, &names.__rfloordiv__),
        BinaryOp::TrueDivide => (nb_true_divide, &names.__truediv__, &names.__rtruediv__),
        BinaryOp::MatrixMultiply => (nb_matrix_multiply, &names.__matmul__, &names.__rmatmul__),
        BinaryOp::Power => return None,
    })
}

/// The same of an in-place operator.
pub(crate) fn inplace_dunder_of(vm: &Vm, op: BinaryOp) -> Option<(BinaryFn, &Value)> {
    let names = &vm.names;
    Some(match op {
        BinaryOp::Add => (nb_inplace_add, &names.__iadd__),
        BinaryOp::Subtract => (nb_inplace_subtract, &names.__isub__),
        BinaryOp::Multiply => (nb_inplace_multiply, &names.__imul__),
        BinaryOp::Remainder => (nb_inplace_remainder, &names.__imod__),
        BinaryOp::Lshift => (nb_inplace_lshift, &names.__ilshift__),
        BinaryOp::Rshift => (nb_inplace_rshift, &names.__irshift__),
        BinaryOp::And => (nb_inplace_and, &names.__iand__),
        BinaryOp::Xor => (nb_inplace_xor, &names.__ixor__),
        BinaryOp::Or => (nb_inplace_or, &names.__ior__),
        BinaryOp::FloorDivide => (nb_inplace_floor_divide, &names.__ifloordiv__),
        BinaryOp::TrueDivide => (nb_inplace_true_divide, &names.__itruediv__),
        BinaryOp::MatrixMultiply => (nb_inplace_matrix_multiply, &names.__imatmul__),
        BinaryOp::Power => return None,
    })
}

binaries! {
    nb_add __add__ __radd__,
    nb_subtract __sub__ __rsub__,
    nb_multiply __mul__ __rmul__,
    nb_remainder __mod__ __rmod__,
    nb_divmod __divmod__ __rdivmod__,
    nb_lshift __lshift__ __rlshift__,
    nb_rshift __rshift__ __rrshift__,
    nb_and __and__ __rand__,
    nb_xor __xor__ __rxor__,
    nb_or __or__ __ror__,
    nb_floor_divide __floordiv__ __rfloordiv__,
    nb_true_divide __truediv__ __rtruediv__,
    nb_matrix_multiply __matmul__ __rmatmul__,
}

/// `__pow__` and `__rpow__`
pub fn nb_power(vm: &Vm, a: &Value, b: &Value, modulus: &Value) -> PyResult {
    if modulus.is_none() {
        let this: crate::slots::TernaryFn = nb_power;
        let is_this = |ty: &TypeRef| ty.slots.nb_power.get().is_some_and(|f| std::ptr::fn_addr_eq(f, this));
        let (type_a, type_b) = (vm.type_of(a).clone(), vm.type_of(b).clone());
        let mut ask_other = !type_a.is(&type_b) && is_this(&type_b);
        if is_this(&type_a) {
            if ask_other && type_b.is_subtype(&type_a) && overrides(vm, &type_a, &type_b, &vm.names.__rpow__) {
                let result = optional(vm, b, &vm.names.__rpow__, a)?;
                if !result.is_not_implemented() {
                    return Ok(result);
                }
                ask_other = false;
            }
            let result = optional(vm, a, &vm.names.__pow__, b)?;
            if !result.is_not_implemented() || type_a.is(&type_b) {
                return Ok(result);
            }
        }
        return if ask_other { optional(vm, b, &vm.names.__rpow__, a) } else { Ok(Value::NOT_IMPLEMENTED) };
    }
    if vm.type_of(a).is_heap_type() && vm.lookup(vm.type_of(a), &vm.names.__pow__).is_some() {
        let result = vm.call_special(a, &vm.names.__pow__, &[b.clone(), modulus.clone()])?;
        return Ok(result.unwrap_or(Value::NOT_IMPLEMENTED));
    }
    if vm.type_of(b).is_heap_type() && vm.lookup(vm.type_of(b), &vm.names.__rpow__).is_some() {
        let result = vm.call_special(b, &vm.names.__rpow__, &[a.clone(), modulus.clone()])?;
        return Ok(result.unwrap_or(Value::NOT_IMPLEMENTED));
    }
    Ok(Value::NOT_IMPLEMENTED)
}

/// `__ipow__`
pub fn nb_inplace_power(vm: &Vm, a: &Value, b: &Value, _modulus: &Value) -> PyResult {
    optional(vm, a, &vm.names.__ipow__, b)
}

macro_rules! in_place {
    ($($slot:ident $name:ident,)*) => {
        $(#[doc = concat!("`", stringify!($name), "`")]
        pub fn $slot(vm: &Vm, a: &Value, b: &Value) -> PyResult {
            optional(vm, a, &vm.names.$name, b)
        })*
    };
}

in_place! {
    nb_inplace_add __iadd__,
    nb_inplace_subtract __isub__,
    nb_inplace_multiply __imul__,
    nb_inplace_remainder __imod__,
    nb_inplace_lshift __ilshift__,
    nb_inplace_rshift __irshift__,
    nb_inplace_and __iand__,
    nb_inplace_xor __ixor__,
    nb_inplace_or __ior__,
    nb_inplace_floor_divide __ifloordiv__,
    nb_inplace_true_divide __itruediv__,
    nb_inplace_matrix_multiply __imatmul__,
}

macro_rules! unaries {
    ($($slot:ident $name:ident,)*) => {
        $(#[doc = concat!("`", stringify!($name), "`")]
        pub fn $slot(vm: &Vm, a: &Value) -> PyResult {
            required(vm, a, &vm.names.$name, &[])
        })*
    };
}

unaries! {
    nb_negative __neg__,
    nb_positive __pos__,
    nb_absolute __abs__,
    nb_invert __invert__,
    nb_int __int__,
    nb_float __float__,
    nb_index __index__,
}

/// `__bool__`; without it, `__len__`.
pub fn nb_bool(vm: &Vm, this: &Value) -> PyResult<bool> {
    let Some(result) = vm.call_special(this, &vm.names.__bool__, &[])? else {
        return match vm.len_opt(this)? {
            Some(length) => Ok(length > 0),
            None => Ok(true),
        };
    };
    result
        .as_bool()
        .ok_or_else(|| vm.type_error(format!("__bool__ should return bool, returned {}", vm.type_name(&result))))
}

/// `__len__`
pub fn length(vm: &Vm, this: &Value) -> PyResult<usize> {
    let result = required(vm, this, &vm.names.__len__, &[])?;
    let index = vm.index(&result)?;
    match vm.small_or_big(&index) {
        Some(Ok(number)) if number < 0 => Err(vm.value_error("__len__() should return >= 0")),
        Some(Ok(number)) => Ok(number as usize),
        Some(Err(big)) if big.value < dashu_int::IBig::ZERO => Err(vm.value_error("__len__() should return >= 0")),
        _ => Err(vm.overflow_error(format!("cannot fit '{}' into an index-sized integer", vm.type_name(&result)))),
    }
}

/// `__getitem__`
pub fn mp_subscript(vm: &Vm, this: &Value, key: &Value) -> PyResult {
    required(vm, this, &vm.names.__getitem__, std::slice::from_ref(key))
}

/// `__getitem__` with a position
pub fn sq_item(vm: &Vm, this: &Value, index: isize) -> PyResult {
    required(vm, this, &vm.names.__getitem__, &[vm.new_int(index as i64)])
}

/// `__setitem__` and `__delitem__`
pub fn mp_ass_subscript(vm: &Vm, this: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    match value {
        Some(value) => required(vm, this, &vm.names.__setitem__, &[key.clone(), value.clone()])?,
        None => required(vm, this, &vm.names.__delitem__, std::slice::from_ref(key))?,
    };
    Ok(())
}

/// `__setitem__` and `__delitem__` with a position
pub fn sq_ass_item(vm: &Vm, this: &Value, index: isize, value: Option<&Value>) -> PyResult<()> {
    mp_ass_subscript(vm, this, &vm.new_int(index as i64), value)
}

/// `__contains__`; `None` means not a container, absence means iterating.
pub fn sq_contains(vm: &Vm, this: &Value, item: &Value) -> PyResult<bool> {
    if vm.lookup(vm.type_of(this), &vm.names.__contains__).is_some_and(|found| found.is_none()) {
        return Err(vm.type_error(format!("'{}' object is not a container", vm.type_name(this))));
    }
    match vm.call_special(this, &vm.names.__contains__, std::slice::from_ref(item))? {
        Some(result) => vm.truth(&result),
        None => {
            let iterator = vm.iter(this)?;
            while let Some(candidate) = vm.next(&iterator)? {
                if vm.equal(&candidate, item)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}
