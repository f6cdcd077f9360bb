//! What Python sees of lists.
use super::List;
use crate::native::TypeSpec;
use oriel_heap::Body;
/// `list`
pub static SPEC: TypeSpec = TypeSpec::new("list", List::layout);
