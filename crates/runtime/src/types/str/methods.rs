//! The methods of `str`.

use crate::native::MethodDef;

pub(super) const METHODS: &[MethodDef] = &[];
