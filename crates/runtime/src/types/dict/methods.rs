//! What Python sees of dicts.
use super::Dict;
use crate::native::TypeSpec;
use oriel_heap::Body;
/// `dict`
pub static SPEC: TypeSpec = TypeSpec::new("dict", Dict::layout);
