//! What Python sees of tuples.
use super::Tuple;
use crate::native::TypeSpec;
use oriel_heap::Body;
/// `tuple`
pub static SPEC: TypeSpec = TypeSpec::new("tuple", Tuple::layout);
