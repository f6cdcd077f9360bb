//! The native halves of the library's modules.

#![forbid(unsafe_code)]

mod ast;
mod atexit;
mod bisect;
mod bodies;
mod cmath;
mod collections;
mod errno;
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
mod posix;
mod resource;
mod signal;
mod sre;
mod stat_module;
mod suggestions;
mod thread;
mod time;

use oriel_runtime::ModuleSpec;

/// The modules, to be registered when an interpreter starts.
pub static MODULES: &[&ModuleSpec] = &[
    &ast::SPEC,
    &atexit::SPEC,
    &bisect::SPEC,
    &collections::SPEC,
    &errno::SPEC,
    &functools::SPEC,
    &heapq::SPEC,
    &itertools::SPEC,
    &json::SPEC,
    &operator::SPEC,
    &posix::SPEC,
    &resource::SPEC,
    &signal::SPEC,
    &sre::SPEC,
    &string::SPEC,
    &suggestions::SPEC,
    &cmath::SPEC,
    &math::SPEC,
    &random::SPEC,
    &struct_module::SPEC,
    &unicodedata::SPEC,
    &stat_module::SPEC,
    &suggestions::SPEC,
    &thread::SPEC,
    &time::SPEC,
];
