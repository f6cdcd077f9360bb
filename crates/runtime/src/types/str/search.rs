//! The methods of `str` that look for something in it.

use super::Str;
use super::slots::string;
use crate::error::{PyResult, Raised};
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};
use oriel_kernel::text::{Text, clip};

/// The TypeError of an argument that is no `str`, worded as CPython's argument parser does.
#[cold]
pub(super) fn bad_argument(vm: &Vm, function: &str, which: &str, given: &Value) -> Raised {
    let given = if given.is_none() { "None".to_owned() } else { vm.type_name(given) };
    vm.type_error(format!("{function}() {which} must be str, not {given}"))
}

/// An argument that must be a `str`.
pub(super) fn str_argument<'a>(vm: &Vm, value: &'a Value, function: &str, which: &str) -> PyResult<&'a Ref<Str>> {
    value.downcast::<Str>().ok_or_else(|| bad_argument(vm, function, which, value))
}

/// A bound of a search: any index, clipped, or `None`.
pub(super) fn bound(vm: &Vm, value: Option<&Value>, default: isize) -> PyResult<isize> {
    match value {
        None => Ok(default),
        Some(value) if value.is_none() => Ok(default),
        Some(value) => {
            if let Some(number) = value.as_small_int() {
                return Ok(number as isize);
            }
            if vm.small_or_big(value).is_none() && vm.type_of(value).slots.nb_index.get().is_none() {
                return Err(vm.type_error("slice indices must be integers or None or have an __index__ method"));
            }
            vm.to_isize_clipped(value)
        }
    }
}

/// The bounds of a search in a text of some length, from the second and third argument.
fn range(vm: &Vm, args: &[Value], len: usize) -> PyResult<(usize, usize)> {
    let start = bound(vm, args.get(1), 0)?;
    let end = bound(vm, args.get(2), isize::MAX)?;
    Ok(clip(len, start, end))
}

type Search<'a> = fn(Text<'a>, Text<'a>, usize, usize) -> Option<usize>;

fn search<'a>(vm: &Vm, this: &'a Value, args: &'a [Value], name: &str, search: Search<'a>) -> PyResult<Option<usize>> {
    let text = string(vm, this)?.text();
    let needle = str_argument(vm, &args[0], name, "argument 1")?;
    let (start, end) = if args.len() == 1 { (0, text.len()) } else { range(vm, args, text.len())? };
    Ok(search(text, needle.text(), start, end))
}

fn found(vm: &Vm, place: Option<usize>) -> PyResult {
    Ok(place.map_or(Value::small(-1), |place| vm.new_int(place as i64)))
}

fn must_find(vm: &Vm, place: Option<usize>) -> PyResult {
    match place {
        Some(place) => Ok(vm.new_int(place as i64)),
        None => Err(vm.value_error("substring not found")),
    }
}

pub(super) fn find(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    found(vm, search(vm, this, args, "find", Text::find)?)
}

pub(super) fn rfind(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    found(vm, search(vm, this, args, "rfind", Text::rfind)?)
}

pub(super) fn index(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    must_find(vm, search(vm, this, args, "index", Text::find)?)
}

pub(super) fn rindex(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    must_find(vm, search(vm, this, args, "rindex", Text::rfind)?)
}

pub(super) fn count(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let text = string(vm, this)?.text();
    let needle = str_argument(vm, &args[0], "count", "argument 1")?;
    let (start, end) = range(vm, args, text.len())?;
    Ok(vm.new_int(text.count(needle.text(), start, end) as i64))
}

type Test<'a> = fn(Text<'a>, Text<'a>, usize, usize) -> bool;

fn affix<'a>(vm: &Vm, this: &'a Value, args: &'a [Value], name: &str, test: Test<'a>) -> PyResult {
    let text = string(vm, this)?.text();
    let (start, end) = if args.len() == 1 { (0, text.len()) } else { range(vm, args, text.len())? };
    if let Some(wanted) = args[0].downcast::<Str>() {
        return Ok(Value::bool(test(text, wanted.text(), start, end)));
    }
    let Some(tuple) = args[0].downcast::<Tuple>() else {
        let given = vm.type_name(&args[0]);
        return Err(vm.type_error(format!("{name} first arg must be str or a tuple of str, not {given}")));
    };
    for item in tuple.items() {
        let Some(wanted) = item.downcast::<Str>() else {
            let given = vm.type_name(item);
            return Err(vm.type_error(format!("tuple for {name} must only contain str, not {given}")));
        };
        if test(text, wanted.text(), start, end) {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

pub(super) fn startswith(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    affix(vm, this, args, "startswith", Text::starts_with)
}

pub(super) fn endswith(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    affix(vm, this, args, "endswith", Text::ends_with)
}

/// `item in str`
pub(super) fn contains(vm: &Vm, this: &Value, item: &Value) -> PyResult<bool> {
    let Some(needle) = item.downcast::<Str>() else {
        let given = vm.type_name(item);
        return Err(vm.type_error(format!("'in <string>' requires string as left operand, not {given}")));
    };
    Ok(string(vm, this)?.text().contains(needle.text()))
}
