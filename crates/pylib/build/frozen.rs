//! The modules that CPython freezes into its binary. `_imp` lists them, their code calls itself `<frozen NAME>`, and
//! some of them appear under a second name.

/// A second name for a module's code.
pub struct Alias {
    /// The name it is found by.
    pub name: &'static str,
    /// The module whose code it is.
    pub of: &'static str,
    /// Whether it is to be imported as a package.
    pub is_package: bool,
    /// The name that CPython reports as its origin.
    pub origname: Option<&'static str>,
}

const fn alias(name: &'static str, of: &'static str, is_package: bool, origname: Option<&'static str>) -> Alias {
    Alias { name, of, is_package, origname }
}

/// All second names.
pub const ALIASES: &[Alias] = &[
    alias("_frozen_importlib", "importlib._bootstrap", false, Some("importlib._bootstrap")),
    alias("_frozen_importlib_external", "importlib._bootstrap_external", false, Some("importlib._bootstrap_external")),
    alias("__hello_alias__", "__hello__", false, Some("__hello__")),
    alias("__hello_only__", "__hello__", false, None),
    alias("__phello_alias__", "__hello__", true, Some("__hello__")),
    alias("__phello_alias__.spam", "__hello__", false, Some("__hello__")),
    alias("__phello__.__init__", "__phello__", false, Some("<__phello__")),
    alias("__phello__.ham.__init__", "__phello__.ham", false, Some("<__phello__.ham")),
];

/// The names that `_imp._frozen_module_names()` returns, in its order.
pub const NAMES: &[&str] = &[
    "_frozen_importlib",
    "_frozen_importlib_external",
    "zipimport",
    "abc",
    "codecs",
    "io",
    "_collections_abc",
    "_sitebuiltins",
    "genericpath",
    "ntpath",
    "posixpath",
    "os",
    "site",
    "stat",
    "importlib.util",
    "importlib.machinery",
    "runpy",
    "__hello__",
    "__hello_alias__",
    "__phello_alias__",
    "__phello_alias__.spam",
    "__phello__",
    "__phello__.__init__",
    "__phello__.ham",
    "__phello__.ham.__init__",
    "__phello__.ham.eggs",
    "__phello__.spam",
    "__hello_only__",
];

/// Whether the code of module `name` calls itself `<frozen NAME>`.
pub fn is_frozen(name: &str) -> bool {
    NAMES.contains(&name) || matches!(name, "importlib._bootstrap" | "importlib._bootstrap_external")
}

/// Further modules that every start reads.
pub const READ_AT_START: &[&str] = &["_library_importer", "encodings", "encodings.aliases", "linecache"];
