//! The Python half of the standard library, compiled by `oriel-compiler` when this crate is built, and embedded.
//!
//! Here lives the index of what is embedded and the ways to look things up in it. How the files are chosen, patched and
//! compiled is in `build/`; modules written for Oriel are in `overlay/`. Nothing here knows of the runtime: code is
//! handed out as the compiler crates' images, sources as text.
//!
//! A file is named by its path below the library's root, with forward slashes (`json/decoder.py`). The runtime decides
//! where that root seems to be.

#![forbid(unsafe_code)]

use std::borrow::Cow;

mod index {
    //! The table that the build script writes.
    use super::{CodeName, Entry, File};
    include!(concat!(env!("OUT_DIR"), "/index.rs"));
}

static CODE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/code.bin"));
static FILES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/files.bin"));

/// A module of the index as the build script writes it.
struct Entry {
    name: &'static str,
    path: &'static str,
    is_package: bool,
    origname: Option<&'static str>,
    code_name: CodeName,
    code: (u32, u32),
}

/// An embedded file, compressed.
struct File {
    path: &'static str,
    /// Where its compressed bytes start, how many there are, and how many they become.
    bytes: (u32, u32, u32),
}

/// What `co_filename` says in a module's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeName {
    /// The modules that CPython freezes, too, are called `<frozen NAME>`.
    Frozen,
    /// All others carry their path below the library's root; the importer puts the root in front.
    Path,
}

/// One embedded module.
#[derive(Clone, Copy)]
pub struct FrozenModule(&'static Entry);

impl FrozenModule {
    /// The module's dotted name.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Whether the module is a package.
    pub fn is_package(self) -> bool {
        self.0.is_package
    }

    /// The path of its source below the library's root. Several modules may share one (aliases).
    pub fn path(self) -> &'static str {
        self.0.path
    }

    /// For a module that CPython freezes: the name of the module it was made from, with CPython's `<` before the name
    /// of a package's `__init__`. `None` for one that has no source of its own to point to.
    pub fn origname(self) -> Option<&'static str> {
        self.0.origname
    }

    /// What the code objects' `co_filename` holds.
    pub fn code_name(self) -> CodeName {
        self.0.code_name
    }

    /// The image of the module's code object. `None` if the compiler refused the source when
    /// this crate was built: compile [`FrozenModule::source`] then, and let the error speak.
    pub fn code(self) -> Option<&'static [u8]> {
        let (start, length) = (self.0.code.0 as usize, self.0.code.1 as usize);
        let code = CODE.get(start..start + length)?;
        (!code.is_empty()).then_some(code)
    }

    /// The module's source text.
    pub fn source(self) -> Cow<'static, str> {
        let bytes = file(self.0.path).unwrap_or_default();
        Cow::Owned(
            String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
        )
    }
}

/// Finds a module by its dotted name.
pub fn find(name: &str) -> Option<FrozenModule> {
    let at = index::MODULES.binary_search_by(|entry| entry.name.cmp(name)).ok()?;
    index::MODULES.get(at).map(FrozenModule)
}

/// All modules, sorted by name.
pub fn modules() -> impl ExactSizeIterator<Item = FrozenModule> {
    index::MODULES.iter().map(FrozenModule)
}

/// The modules directly inside package `package`, sorted by name; the top-level ones for an empty name.
pub fn children(package: &str) -> impl Iterator<Item = FrozenModule> {
    let prefix = if package.is_empty() { String::new() } else { format!("{package}.") };
    let start = index::MODULES.partition_point(|entry| entry.name < prefix.as_str());
    let length = prefix.len();
    index::MODULES[start..]
        .iter()
        .take_while(move |entry| entry.name.starts_with(&prefix))
        .filter(move |entry| !entry.name[length..].contains('.'))
        .map(FrozenModule)
}

/// The names of modules that CPython freezes, in its order.
pub fn frozen_names() -> &'static [&'static str] {
    index::FROZEN_NAMES
}

/// The contents of an embedded file (sources, and the few data files packages come with).
pub fn file(path: &str) -> Option<Vec<u8>> {
    let at = index::FILES_INDEX.binary_search_by(|file| file.path.cmp(path)).ok()?;
    let (start, length, size) = index::FILES_INDEX.get(at)?.bytes;
    let packed = FILES.get(start as usize..(start + length) as usize)?;
    miniz_oxide::inflate::decompress_to_vec_with_limit(packed, size as usize).ok()
}

/// The source text of the file at `path` below the library's root.
pub fn source_of_path(path: &str) -> Option<String> {
    String::from_utf8(file(path)?).ok()
}

/// Whether `path` is an embedded file, and its size.
pub fn file_size(path: &str) -> Option<usize> {
    let at = index::FILES_INDEX.binary_search_by(|file| file.path.cmp(path)).ok()?;
    index::FILES_INDEX.get(at).map(|file| file.bytes.2 as usize)
}

/// The paths of all embedded files, sorted.
pub fn paths() -> impl ExactSizeIterator<Item = &'static str> {
    index::FILES_INDEX.iter().map(|file| file.path)
}
