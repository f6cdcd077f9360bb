//! Compiles the Python library and writes what the crate embeds: the code of all modules in one file, the
//! compressed sources in another, and an index over both.
//!
//! Which files go in is decided in `select`, what is changed in them in `patches`, and the names under which a module
//! appears a second time in `frozen`.

mod frozen;
mod patches;
mod select;

use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

use oriel_bytecode::image;
use oriel_bytecode::text::Text;
use oriel_compiler::{Options, compile_source};
use oriel_syntax::Mode;

/// The compiler recurses with the nesting of the source.
const STACK: usize = 64 << 20;

/// A file after its turn: its compressed text and, for a module, the image of its code.
struct Product {
    packed: Vec<u8>,
    size: usize,
    code: Option<Result<Vec<u8>, String>>,
}

fn main() {
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=overlay");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let overlay = Path::new(&env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("overlay");
    let mut sources = select::sources(Path::new(rustpython_pylib::LIB_PATH), &overlay);
    patches::apply(&mut sources);
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    let products = make(&sources);
    write(&out, &sources, &products);
}

/// Compiles one module: the only place that knows the compiler's interface.
fn compile(source: &str, file_name: &str) -> Result<Vec<u8>, String> {
    let options = Options { stack_budget: STACK / 2, ..Options::default() };
    // The library has no warnings that its users could act on.
    let mut warnings = Vec::new();
    let code = compile_source(source, &Text::from(file_name), Mode::Exec, &options, &mut warnings)
        .map_err(|error| format!("line {}: {}", error.lineno, error.message))?;
    Ok(image::write(&code))
}

/// Works through all files on as many threads as Cargo allows.
fn make(sources: &[select::Source]) -> Vec<Product> {
    let threads = env::var("NUM_JOBS").ok().and_then(|jobs| jobs.parse().ok()).unwrap_or(2).clamp(1, 16);
    let next = AtomicUsize::new(0);
    let done: Vec<Mutex<Option<Product>>> = sources.iter().map(|_| Mutex::new(None)).collect();
    thread::scope(|scope| {
        for _ in 0..threads {
            let work = || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(source), Some(slot)) = (sources.get(at), done.get(at)) else { break };
                    *slot.lock().expect("no thread panics while it holds this") = Some(product(source));
                }
            };
            thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).expect("a thread");
        }
    });
    done.into_iter().map(|slot| slot.into_inner().expect("unlocked").expect("every file had its turn")).collect()
}

fn product(source: &select::Source) -> Product {
    let code = source.module.as_ref().map(|module| {
        let text = std::str::from_utf8(&source.bytes).map_err(|error| error.to_string())?;
        let name =
            if frozen::is_frozen(&module.name) { format!("<frozen {}>", module.name) } else { source.path.clone() };
        std::panic::catch_unwind(AssertUnwindSafe(|| compile(text, &name)))
            .unwrap_or_else(|_| Err("the compiler panicked".into()))
    });
    Product { packed: miniz_oxide::deflate::compress_to_vec(&source.bytes, 6), size: source.bytes.len(), code }
}

/// Writes `code.bin`, `files.bin` and `index.rs`.
fn write(out: &Path, sources: &[select::Source], products: &[Product]) {
    let (mut code, mut files, mut file_index) = (Vec::new(), Vec::new(), String::new());
    let mut modules = Vec::new();
    let mut refused = Vec::new();
    // What every start reads lies together, in few pages.
    let is_early = |source: &select::Source| {
        source.module.as_ref().is_some_and(|module| {
            frozen::is_frozen(&module.name) || frozen::READ_AT_START.contains(&module.name.as_str())
        })
    };
    let mut ranges = vec![(0, 0); sources.len()];
    for early in [true, false] {
        for ((source, product), range) in sources.iter().zip(products).zip(&mut ranges) {
            if let (Some(Ok(bytes)), true) = (&product.code, is_early(source) == early) {
                *range = (code.len(), bytes.len());
                code.extend_from_slice(bytes);
            }
        }
    }
    for ((source, product), range) in sources.iter().zip(products).zip(ranges) {
        let line = (files.len(), product.packed.len(), product.size);
        files.extend_from_slice(&product.packed);
        writeln!(file_index, "    File {{ path: {:?}, bytes: {line:?} }},", source.path).expect("memory");
        let (Some(module), Some(result)) = (&source.module, &product.code) else { continue };
        if let Err(error) = result {
            refused.push(format!("{}: {error}", source.path));
        }
        let is_frozen = frozen::is_frozen(&module.name);
        let origname = is_frozen.then(|| module.name.clone());
        modules.push((module.name.clone(), source.path.clone(), module.is_package, origname, is_frozen, range));
    }
    for alias in frozen::ALIASES {
        let original = modules.iter().find(|module| module.0 == alias.of).expect("an alias of a module that is there");
        let (path, range) = (original.1.clone(), original.5);
        modules.push((alias.name.into(), path, alias.is_package, alias.origname.map(Into::into), true, range));
    }
    modules.sort();
    let mut index = String::from("pub static MODULES: &[Entry] = &[\n");
    for (name, path, is_package, origname, is_frozen, range) in &modules {
        let code_name = if *is_frozen { "Frozen" } else { "Path" };
        writeln!(
            index,
            "    Entry {{ name: {name:?}, path: {path:?}, is_package: {is_package}, origname: {origname:?}, \
             code_name: CodeName::{code_name}, code: {range:?} }},"
        )
        .expect("memory");
    }
    writeln!(index, "];\npub static FILES_INDEX: &[File] = &[\n{file_index}];").expect("memory");
    writeln!(index, "pub static FROZEN_NAMES: &[&str] = &{:?};", frozen::NAMES).expect("memory");
    fs::write(out.join("code.bin"), code).expect("writing code.bin");
    fs::write(out.join("files.bin"), files).expect("writing files.bin");
    fs::write(out.join("index.rs"), index).expect("writing index.rs");
    if !refused.is_empty() {
        for line in refused.iter().take(5) {
            println!("cargo:warning={}", line.replace('\n', " "));
        }
        println!("cargo:warning={} of {} library modules did not compile", refused.len(), modules.len());
    }
}
