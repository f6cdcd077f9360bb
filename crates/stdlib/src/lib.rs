//! The native halves of the library's modules.

#![forbid(unsafe_code)]

mod ast;
mod bisect;
mod bodies;
mod collections;
mod functools;
mod heapq;
mod itertools;
mod json;
mod operator;
mod sre;
mod suggestions;

use oriel_runtime::ModuleSpec;

/// The modules, to be registered when an interpreter starts.
pub static MODULES: &[&ModuleSpec] = &[
    &bisect::SPEC,
    &ast::SPEC,
    &collections::SPEC,
    &functools::SPEC,
    &heapq::SPEC,
    &itertools::SPEC,
    &json::SPEC,
    &operator::SPEC,
    &sre::SPEC,
    &suggestions::SPEC,
];
