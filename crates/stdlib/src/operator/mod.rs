//! `_operator`: the operators as functions. The callables made of attribute names, keys and methods are [`getters`].

mod getters;

use oriel_runtime::arithmetic::BinaryOp;
use oriel_runtime::types::str::Str;
use oriel_runtime::{Args, CompareOp, MethodDef, ModuleSpec, PyResult, Value, Vm};

macro_rules! binary {
    ($name:literal, $op:ident, $doc:literal) => {
        MethodDef::positional(
            $name,
            2,
            2,
            |vm, _, args| vm.binary(BinaryOp::$op, &args[0], &args[1]),
            "($module, a, b, /)",
            $doc,
        )
    };
}

macro_rules! inplace {
    ($name:literal, $op:ident, $doc:literal) => {
        MethodDef::positional(
            $name,
            2,
            2,
            |vm, _, args| vm.inplace(BinaryOp::$op, &args[0], &args[1]),
            "($module, a, b, /)",
            $doc,
        )
    };
}

macro_rules! comparison {
    ($name:literal, $op:ident, $doc:literal) => {
        MethodDef::positional(
            $name,
            2,
            2,
            |vm, _, args| vm.rich_compare(&args[0], &args[1], CompareOp::$op),
            "($module, a, b, /)",
            $doc,
        )
    };
}

/// The module.
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_operator",
    doc: "The operators of the language as functions.",
    functions: &[
        MethodDef::one("truth", |vm, _, a| vm.truth(a).map(Value::bool), "($module, a, /)", "Whether a is true."),
        MethodDef::positional(
            "contains",
            2,
            2,
            |vm, _, args| vm.contains(&args[0], &args[1]).map(Value::bool),
            "($module, a, b, /)",
            "Same as b in a (note reversed operands).",
        ),
        MethodDef::positional("indexOf", 2, 2, index_of, "($module, a, b, /)", "The first position of b in a."),
        MethodDef::positional("countOf", 2, 2, count_of, "($module, a, b, /)", "How many items of a equal b."),
        MethodDef::positional(
            "is_",
            2,
            2,
            |_, _, args| Ok(Value::bool(args[0].is(&args[1]))),
            "($module, a, b, /)",
            "Same as a is b.",
        ),
        MethodDef::positional(
            "is_not",
            2,
            2,
            |_, _, args| Ok(Value::bool(!args[0].is(&args[1]))),
            "($module, a, b, /)",
            "Same as a is not b.",
        ),
        MethodDef::one("is_none", |_, _, a| Ok(Value::bool(a.is_none())), "($module, a, /)", "Same as a is None."),
        MethodDef::one(
            "is_not_none",
            |_, _, a| Ok(Value::bool(!a.is_none())),
            "($module, a, /)",
            "Same as a is not None.",
        ),
        binary!("add", Add, "Same as a + b."),
        binary!("sub", Subtract, "Same as a - b."),
        binary!("mul", Multiply, "Same as a * b."),
        binary!("matmul", MatrixMultiply, "Same as a @ b."),
        binary!("floordiv", FloorDivide, "Same as a // b."),
        binary!("truediv", TrueDivide, "Same as a / b."),
        binary!("mod", Remainder, "Same as a % b."),
        MethodDef::one("neg", |vm, _, a| vm.negative(a), "($module, a, /)", "Same as -a."),
        MethodDef::one("pos", |vm, _, a| vm.positive(a), "($module, a, /)", "Same as +a."),
        MethodDef::one("abs", |vm, _, a| vm.absolute(a), "($module, a, /)", "Same as abs(a)."),
        MethodDef::one("inv", |vm, _, a| vm.invert(a), "($module, a, /)", "Same as ~a."),
        MethodDef::one("invert", |vm, _, a| vm.invert(a), "($module, a, /)", "Same as ~a."),
        MethodDef::one("index", |vm, _, a| vm.index(a), "($module, a, /)", "Same as a.__index__()."),
        binary!("lshift", Lshift, "Same as a << b."),
        binary!("rshift", Rshift, "Same as a >> b."),
        MethodDef::one(
            "not_",
            |vm, _, a| vm.truth(a).map(|truth| Value::bool(!truth)),
            "($module, a, /)",
            "Same as not a.",
        ),
        binary!("and_", And, "Same as a & b."),
        binary!("xor", Xor, "Same as a ^ b."),
        binary!("or_", Or, "Same as a | b."),
        binary!("pow", Power, "Same as a ** b."),
        inplace!("iadd", Add, "Same as a += b."),
        inplace!("isub", Subtract, "Same as a -= b."),
        inplace!("imul", Multiply, "Same as a *= b."),
        inplace!("imatmul", MatrixMultiply, "Same as a @= b."),
        inplace!("ifloordiv", FloorDivide, "Same as a //= b."),
        inplace!("itruediv", TrueDivide, "Same as a /= b."),
        inplace!("imod", Remainder, "Same as a %= b."),
        inplace!("ilshift", Lshift, "Same as a <<= b."),
        inplace!("irshift", Rshift, "Same as a >>= b."),
        inplace!("iand", And, "Same as a &= b."),
        inplace!("ixor", Xor, "Same as a ^= b."),
        inplace!("ior", Or, "Same as a |= b."),
        inplace!("ipow", Power, "Same as a **= b."),
        MethodDef::positional(
            "concat",
            2,
            2,
            |vm, _, args| concat(vm, args, false),
            "($module, a, b, /)",
            "Same as a + b, for sequences.",
        ),
        MethodDef::positional(
            "iconcat",
            2,
            2,
            |vm, _, args| concat(vm, args, true),
            "($module, a, b, /)",
            "Same as a += b, for sequences.",
        ),
        MethodDef::positional(
            "getitem",
            2,
            2,
            |vm, _, args| vm.get_item(&args[0], &args[1]),
            "($module, a, b, /)",
            "Same as a[b].",
        ),
        MethodDef::positional(
            "setitem",
            3,
            3,
            |vm, _, args| vm.set_item(&args[0], &args[1], &args[2]).map(|()| Value::NONE),
            "($module, a, b, c, /)",
            "Same as a[b] = c.",
        ),
        MethodDef::positional(
            "delitem",
            2,
            2,
            |vm, _, args| vm.del_item(&args[0], &args[1]).map(|()| Value::NONE),
            "($module, a, b, /)",
            "Same as del a[b].",
        ),
        comparison!("lt", Lt, "Same as a < b."),
        comparison!("le", Le, "Same as a <= b."),
        comparison!("eq", Eq, "Same as a == b."),
        comparison!("ne", Ne, "Same as a != b."),
        comparison!("ge", Ge, "Same as a >= b."),
        comparison!("gt", Gt, "Same as a > b."),
        MethodDef::positional(
            "_compare_digest",
            2,
            2,
            |vm, _, args| compare_digest(vm, args),
            "($module, a, b, /)",
            "Compare two strings of bytes or ASCII text in a time that does not tell where they differ.",
        ),
        MethodDef::positional(
            "length_hint",
            1,
            2,
            length_hint,
            "($module, obj, default=0, /)",
            "How many items the object probably has.",
        ),
        MethodDef::args("call", call, "($module, obj, /, *args, **kwargs)", "Same as obj(*args, **kwargs)."),
    ],
    exec: |vm, module| {
        for (spec, name) in [
            (&getters::ATTRGETTER_SPEC, "attrgetter"),
            (&getters::ITEMGETTER_SPEC, "itemgetter"),
            (&getters::METHODCALLER_SPEC, "methodcaller"),
        ] {
            let ty = vm.new_type(spec)?;
            vm.module_set(module, name, ty.to_value())?;
        }
        Ok(())
    },
};

fn not_iterable(vm: &Vm, value: &Value) -> PyResult {
    vm.iter(value).map_err(|raised| {
        if vm.raised_is(&raised, &vm.types.type_error) {
            let name = vm.type_name(value);
            return vm.type_error(format!("argument of type '{name}' is not iterable"));
        }
        raised
    })
}

fn index_of(vm: &Vm, _module: &Value, args: &[Value]) -> PyResult {
    let iterator = not_iterable(vm, &args[0])?;
    let mut index = 0;
    while let Some(item) = vm.next(&iterator)? {
        if vm.equal(&item, &args[1])? {
            return Ok(vm.new_uint(index));
        }
        index += 1;
    }
    Err(vm.value_error("sequence.index(x): x not in sequence"))
}

fn count_of(vm: &Vm, _module: &Value, args: &[Value]) -> PyResult {
    let iterator = not_iterable(vm, &args[0])?;
    let mut found = 0;
    while let Some(item) = vm.next(&iterator)? {
        found += u64::from(vm.equal(&item, &args[1])?);
    }
    Ok(vm.new_uint(found))
}

fn concat(vm: &Vm, args: &[Value], inplace: bool) -> PyResult {
    let slots = &vm.type_of(&args[0]).slots;
    let own = if inplace { slots.sq_inplace_concat.get() } else { None };
    if let Some(concat) = own.or(slots.sq_concat.get()) {
        return concat(vm, &args[0], &args[1]);
    }
    // Sequences written in Python have `__add__` alone.
    if slots.sq_item.get().is_some() && vm.type_of(&args[1]).slots.sq_item.get().is_some() {
        let op = BinaryOp::Add;
        return if inplace { vm.inplace(op, &args[0], &args[1]) } else { vm.binary(op, &args[0], &args[1]) };
    }
    Err(vm.type_error(format!("'{}' object can't be concatenated", vm.type_name(&args[0]))))
}

fn length_hint(vm: &Vm, _module: &Value, args: &[Value]) -> PyResult {
    let default = match args.get(1) {
        None => 0,
        Some(default) if vm.small_or_big(default).is_none() => {
            let name = vm.type_name(default);
            return Err(vm.type_error(format!("'{name}' object cannot be interpreted as an integer")));
        }
        Some(default) => vm.to_isize(default)?,
    };
    if let Ok(default) = usize::try_from(default) {
        return Ok(vm.new_uint(vm.length_hint(&args[0], default)? as u64));
    }
    let hint = vm.length_hint(&args[0], usize::MAX)?;
    Ok(if hint == usize::MAX { vm.new_int(default as i64) } else { vm.new_uint(hint as u64) })
}

fn call(vm: &Vm, _module: &Value, args: Args<'_>) -> PyResult {
    match args.positional().first() {
        Some(callable) => vm.call_args(callable, args.skip_first()),
        None => Err(vm.type_error("call expected at least 1 argument, got 0")),
    }
}

/// Compares in a time that depends on the length of the second alone.
fn constant_time_equal(a: &[u8], b: &[u8]) -> bool {
    let mut difference = u8::from(a.len() != b.len());
    let reference = if a.len() == b.len() { a } else { b };
    for (x, y) in reference.iter().zip(b) {
        difference |= std::hint::black_box(x ^ y);
    }
    std::hint::black_box(difference) == 0
}

pub(crate) fn compare_digest(vm: &Vm, args: &[Value]) -> PyResult {
    let (a, b) = (&args[0], &args[1]);
    if let (Some(x), Some(y)) = (a.downcast::<Str>(), b.downcast::<Str>()) {
        return match (x.as_ascii(), y.as_ascii()) {
            (Some(x), Some(y)) => Ok(Value::bool(constant_time_equal(x.as_bytes(), y.as_bytes()))),
            _ => Err(vm.type_error("comparing strings with non-ASCII characters is not supported")),
        };
    }
    let slots = |value: &Value| vm.type_of(value).slots.buffer.get().is_some();
    if !slots(a) || !slots(b) {
        let (a, b) = (vm.type_name(a), vm.type_name(b));
        return Err(vm.type_error(format!("unsupported operand types(s) or combination of types: '{a}' and '{b}'")));
    }
    let (a, b) = (vm.buffer(a, false)?, vm.buffer(b, false)?);
    if a.shape.len() > 1 || b.shape.len() > 1 {
        return Err(vm.buffer_error("Buffer must be single dimension"));
    }
    Ok(Value::bool(constant_time_equal(&a.to_vec(), &b.to_vec())))
}
