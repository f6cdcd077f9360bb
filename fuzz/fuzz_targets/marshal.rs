//! Any bytes as a marshal stream: `cargo +nightly fuzz run marshal`.

#![no_main]

#[path = "../checks/marshal.rs"]
mod marshal;

libfuzzer_sys::fuzz_target!(|data: &[u8]| marshal::check(data));
