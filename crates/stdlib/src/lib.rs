//! The native halves of the library's modules.

#![forbid(unsafe_code)]

mod bodies;

mod bisect;
mod functools;
mod heapq;
mod operator;

mod collections;
mod itertools;
mod json;

use oriel_runtime::ModuleSpec;

/// The modules, to be registered when an interpreter starts: one a line.
#[rustfmt::skip]
pub static MODULES: &[&ModuleSpec] = &[
    &collections::SPEC,
    &itertools::SPEC,
    &json::SPEC,
];
/// The modules, to be registered when an interpreter starts.
pub static MODULES: &[&ModuleSpec] = &[&bisect::SPEC, &functools::SPEC, &heapq::SPEC, &operator::SPEC, &collections::SPEC, &itertools::SPEC];
