//! The native halves of the library's modules.

#![forbid(unsafe_code)]
