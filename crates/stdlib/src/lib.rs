//! The native halves of the library's modules.

#![forbid(unsafe_code)]

mod ast;
mod bisect;
mod bodies;
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
mod struct_module;
mod string;
mod suggestions;
mod unicodedata;

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
    &string::SPEC,
    &suggestions::SPEC,
    &cmath::SPEC,
    &math::SPEC,
    &random::SPEC,
    &struct_module::SPEC,
    &unicodedata::SPEC,
];
