//! The native halves of the library's modules.

#![forbid(unsafe_code)]

mod abc;
mod accounts;
mod array;
mod ast;
mod asyncio;
mod atexit;
mod binascii;
mod bisect;
mod bodies;
mod bz2;
mod cmath;
mod collections;
mod compression;
mod contextvars;
mod csv;
mod errno;
mod fcntl;
mod functools;
mod hashes;
mod heapq;
mod io;
mod itertools;
mod json;
mod locale;
mod lsprof;
mod lzma;
mod marshal;
mod math;
mod mmap;
mod opcode;
mod operator;
mod pickle_buffer;
mod posix;
mod posixsubprocess;
mod queue;
mod random;
mod resource;
mod select;
mod signal;
mod socket;
mod sre;
mod stat_module;
mod string;
mod struct_module;
mod suggestions;
mod symtable;
mod sysconfig;
mod syslog;
mod termios;
mod thread;
mod time;
mod tokenize;
mod types_module;
mod unicodedata;
mod weakref;
mod zlib;

use oriel_runtime::ModuleSpec;

/// The modules, to be registered when an interpreter starts.
pub static MODULES: &[&ModuleSpec] = &[
    &accounts::GROUPS,
    &accounts::USERS,
    &fcntl::SPEC,
    &posixsubprocess::SPEC,
    &queue::SPEC,
    &select::SPEC,
    &abc::SPEC,
    &lsprof::SPEC,
    &array::SPEC,
    &binascii::SPEC,
    &hashes::BLAKE2,
    &hashes::MD5,
    &hashes::SHA1,
    &hashes::SHA2,
    &hashes::SHA3,
    &ast::SPEC,
    &asyncio::SPEC,
    &atexit::SPEC,
    &bisect::SPEC,
    &bz2::SPEC,
    &cmath::SPEC,
    &collections::SPEC,
    &contextvars::SPEC,
    &csv::SPEC,
    &errno::SPEC,
    &functools::SPEC,
    &heapq::SPEC,
    &itertools::SPEC,
    &io::SPEC,
    &json::SPEC,
    &locale::SPEC,
    &lzma::SPEC,
    &marshal::SPEC,
    &math::SPEC,
    &mmap::SPEC,
    &opcode::SPEC,
    &operator::SPEC,
    &pickle_buffer::SPEC,
    &posix::SPEC,
    &random::SPEC,
    &resource::SPEC,
    &signal::SPEC,
    &socket::SPEC,
    &sre::SPEC,
    &stat_module::SPEC,
    &string::SPEC,
    &struct_module::SPEC,
    &suggestions::SPEC,
    &symtable::SPEC,
    &sysconfig::SPEC,
    &termios::SPEC,
    &syslog::SPEC,
    &thread::SPEC,
    &time::SPEC,
    &tokenize::SPEC,
    &types_module::SPEC,
    &unicodedata::SPEC,
    &weakref::SPEC,
    &zlib::SPEC,
];
