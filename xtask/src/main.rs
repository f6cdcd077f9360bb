//! Developer commands: conformance, benchmarks, golden files, tidy.
fn main() {}
