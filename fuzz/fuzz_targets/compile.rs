//! Any bytes as a source: `cargo +nightly fuzz run compile`.

#![no_main]

#[path = "../checks/compile.rs"]
mod compile;

libfuzzer_sys::fuzz_target!(|data: &[u8]| compile::check(data));
