//! The library's Python half, compiled and embedded at build time.

#![forbid(unsafe_code)]
