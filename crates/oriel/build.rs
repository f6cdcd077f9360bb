//! How the command is linked.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = |name: &str| env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    // The tables of types and functions are full of addresses. Where the program lies at a fixed place the linker fills
    // them in; else each start of it would, and every process would have its own copy of the pages.
    if target("OS") == "linux" && target("ENV") == "gnu" && target("ARCH") == "x86_64" {
        println!("cargo:rustc-link-arg-bin=oriel=-no-pie");
    }
}
