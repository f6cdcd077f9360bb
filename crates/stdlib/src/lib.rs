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
mod io;
mod itertools;
mod json;
mod math;
mod operator;
mod posix;
mod random;
mod resource;
mod signal;
mod sre;
mod stat_module;
mod string;
mod struct_module;
mod suggestions;
mod thread;
mod time;
mod unicodedata;

use oriel_runtime::ModuleSpec;

/// The modules, to be registered when an interpreter starts.
pub static MODULES: &[&ModuleSpec] = &[
    &ast::SPEC,
    &atexit::SPEC,
    &bisect::SPEC,
    &cmath::SPEC,
    &collections::SPEC,
    &errno::SPEC,
    &functools::SPEC,
    &heapq::SPEC,
    &itertools::SPEC,
    &io::SPEC,
    &json::SPEC,
    &math::SPEC,
    &operator::SPEC,
    &posix::SPEC,
    &random::SPEC,
    &resource::SPEC,
    &signal::SPEC,
    &sre::SPEC,
    &stat_module::SPEC,
    &string::SPEC,
    &struct_module::SPEC,
    &suggestions::SPEC,
    &thread::SPEC,
    &time::SPEC,
    &unicodedata::SPEC,
];
