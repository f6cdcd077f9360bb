//! The native halves of the library's modules.

#![forbid(unsafe_code)]

mod ast;
mod bisect;
mod bodies;

mod bisect;
mod cmath;
mod collections;
mod functools;
mod heapq;
mod itertools;
mod json;
mod math;
mod operator;
mod random;
mod sre;
mod suggestions;

use oriel_runtime::ModuleSpec;

/// The modules, to be registered when an interpreter starts: one a line.
#[rustfmt::skip]
pub static MODULES: &[&ModuleSpec] = &[
    &bisect::SPEC,
    &ast::SPEC,
    &cmath::SPEC,
    &collections::SPEC,
    &functools::SPEC,
    &heapq::SPEC,
    &itertools::SPEC,
    &json::SPEC,
    &math::SPEC,
    &operator::SPEC,
    &random::SPEC,
    &sre::SPEC,
    &suggestions::SPEC,
];
