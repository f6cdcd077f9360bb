//! Which files of the library are embedded, and under which module names.

use std::fs;
use std::path::Path;

/// A file to embed.
pub struct Source {
    /// Its path below the library's root, with forward slashes.
    pub path: String,
    /// Its contents.
    pub bytes: Vec<u8>,
    /// The module it is, unless it is data.
    pub module: Option<Module>,
}

/// The module that a file defines.
pub struct Module {
    /// Its dotted name.
    pub name: String,
    /// Whether the file is a package's `__init__.py`.
    pub is_package: bool,
}

/// Left out: graphical programs and their libraries, an installer with its wheels, and modules that stand in for native
/// ones of another interpreter. The file written for Oriel replaces the library's of the same path.
const LEFT_OUT: &[&str] = &[
    "_dummy_os.py",
    "_dummy_thread.py",
    "_pycodecs.py",
    "dummy_threading.py",
    "ensurepip",
    "idlelib",
    "tkinter",
    "turtle.py",
    "turtledemo",
    "PSF-LICENSE",
    "README.md",
];

/// Data files that library modules read.
const DATA: &[&str] = &["css", "fish", "ps1", "csh", "bat"];

/// Reads the library at `library`, and over it the files at `overlay`.
pub fn sources(library: &Path, overlay: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    collect(library, "", &mut sources);
    let mut ours = Vec::new();
    collect(overlay, "", &mut ours);
    sources.retain(|source| !ours.iter().any(|own| own.path == source.path));
    sources.extend(ours);
    sources
}

fn collect(folder: &Path, prefix: &str, into: &mut Vec<Source>) {
    let listing = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in listing {
        let entry = entry.expect("a folder's entry");
        let name = entry.file_name().into_string().expect("the library's names are ASCII");
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        if LEFT_OUT.contains(&path.as_str()) || name == "__pycache__" || name == "test" {
            continue;
        }
        if entry.file_type().expect("a file's type").is_dir() {
            collect(&entry.path(), &path, into);
        } else if let Some(module) = module_of(&path) {
            into.push(Source { path, bytes: fs::read(entry.path()).expect("a readable file"), module: Some(module) });
        } else if is_data(&path) {
            into.push(Source { path, bytes: fs::read(entry.path()).expect("a readable file"), module: None });
        }
    }
}

fn module_of(path: &str) -> Option<Module> {
    let stem = path.strip_suffix(".py")?;
    Some(match stem.strip_suffix("/__init__") {
        Some(package) => Module { name: package.replace('/', "."), is_package: true },
        None => Module { name: stem.replace('/', "."), is_package: false },
    })
}

fn is_data(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    DATA.contains(&extension) || path.starts_with("venv/scripts/")
}
