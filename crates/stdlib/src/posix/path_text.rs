//! Paths as text: `fspath`, splitting off the root, normalizing.

use super::given;
use oriel_kernel::text::TextBuf;
use oriel_runtime::native::MethodDef;
use oriel_runtime::types::str::Str;
use oriel_runtime::{Bound, PyResult, Value, Vm};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound(
        "fspath",
        |vm, _, args| vm.fs_path(given(vm, args[0])?),
        "($module, /, path)",
        "Return the path that an object stands for.",
    ),
    MethodDef::bound(
        "_path_splitroot_ex",
        split_root,
        "($module, /, p)",
        "Split a path into drive, root and the rest.",
    ),
    MethodDef::bound("_path_normpath", normalize, "($module, /, path)", "Return a path without needless parts."),
];

/// A path's units, whichever kind of object it is.
enum Units {
    Text(Vec<u32>),
    Bytes(Vec<u32>),
}

impl Units {
    fn of(vm: &Vm, value: &Value) -> PyResult<Units> {
        let path = vm.fs_path(value)?;
        if let Some(bytes) = vm.as_bytes(&path) {
            return Ok(Units::Bytes(bytes.as_slice().iter().map(|byte| u32::from(*byte)).collect()));
        }
        match path.downcast::<Str>() {
            Some(text) => Ok(Units::Text(text.text().chars().collect())),
            None => Err(vm.type_error("a path is needed")),
        }
    }

    fn units(&self) -> &[u32] {
        match self {
            Units::Text(units) | Units::Bytes(units) => units,
        }
    }

    fn make(&self, vm: &Vm, units: &[u32]) -> PyResult {
        match self {
            Units::Text(_) => vm.new_text_buf(&TextBuf::from_ucs4(units.to_vec())),
            Units::Bytes(_) => Ok(vm.new_bytes(&units.iter().map(|unit| *unit as u8).collect::<Vec<_>>())),
        }
    }
}

const SLASH: u32 = '/' as u32;

/// How many slashes are the root: two exactly are their own root, three or more count as one.
fn root_length(units: &[u32]) -> usize {
    match units {
        [SLASH, SLASH, SLASH, ..] => 1,
        [SLASH, SLASH, ..] => 2,
        [SLASH, ..] => 1,
        _ => 0,
    }
}

fn split_root(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let units = Units::of(vm, given(vm, args[0])?)?;
    let root = root_length(units.units());
    let (head, tail) = units.units().split_at(root);
    Ok(vm.new_tuple(&[units.make(vm, &[])?, units.make(vm, head)?, units.make(vm, tail)?]))
}

fn normalize(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let units = Units::of(vm, given(vm, args[0])?)?;
    let all = units.units();
    if all.is_empty() {
        return units.make(vm, &['.' as u32]);
    }
    let root = root_length(all);
    let dot = '.' as u32;
    let mut parts: Vec<&[u32]> = Vec::new();
    for part in all[root..].split(|unit| *unit == SLASH) {
        let is_up = part == [dot, dot];
        if part.is_empty() || part == [dot] {
            continue;
        }
        if !is_up || root == 0 && parts.last().is_none_or(|last| *last == [dot, dot]) {
            parts.push(part);
        } else {
            parts.pop();
        }
    }
    let mut result = all[..root].to_vec();
    result.extend_from_slice(&parts.join(&SLASH));
    if result.is_empty() {
        result.push(dot);
    }
    units.make(vm, &result)
}
