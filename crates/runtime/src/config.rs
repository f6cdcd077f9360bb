//! What the command line and the environment ask of an interpreter (CPython's `PyConfig`).

use oriel_kernel::hash::HashKey;

/// The settings of an interpreter; the defaults are those of `python` without options.
#[derive(Clone, Debug)]
pub struct Config {
    /// `sys.argv`.
    pub argv: Vec<std::ffi::OsString>,
    /// `sys.orig_argv`.
    pub orig_argv: Vec<std::ffi::OsString>,
    /// The path of the executable.
    pub executable: std::ffi::OsString,
    /// `PYTHONHASHSEED` as a number; none for random keys.
    pub hash_seed: Option<u32>,
    /// `-d`
    pub debug: i32,
    /// `-i`
    pub inspect: bool,
    /// Whether a prompt is shown.
    pub interactive: bool,
    /// `-O`, `-OO`
    pub optimize: i32,
    /// `-B`
    pub dont_write_bytecode: bool,
    /// `-s`
    pub no_user_site: bool,
    /// `-S`
    pub no_site: bool,
    /// `-E`
    pub ignore_environment: bool,
    /// `-v`
    pub verbose: i32,
    /// `-b`
    pub bytes_warning: i32,
    /// `-q`
    pub quiet: bool,
    /// `-I`
    pub isolated: bool,
    /// `-X dev`
    pub dev_mode: bool,
    /// `-X utf8`
    pub utf8_mode: bool,
    /// Whether the command line or the environment asked for UTF-8 mode.
    pub utf8_mode_forced: bool,
    /// `-P`
    pub safe_path: bool,
    /// `-u`
    pub unbuffered: bool,
    /// `-x`
    pub skip_first_line: bool,
    /// `-W`, in order.
    pub warn_options: Vec<String>,
    /// `-X`, in order.
    pub x_options: Vec<String>,
    /// `-X no_debug_ranges`
    pub no_debug_ranges: bool,
    /// `-X int_max_str_digits`
    pub int_max_str_digits: i64,
    /// `--check-hash-based-pycs`
    pub check_hash_based_pycs: String,
    /// `PYTHONPYCACHEPREFIX`, `-X pycache_prefix`
    pub pycache_prefix: Option<std::ffi::OsString>,
    /// `PYTHONPATH`
    pub python_path: Option<std::ffi::OsString>,
    /// `-X importtime`
    pub import_time: i32,
    /// `-X warn_default_encoding`
    pub warn_default_encoding: bool,
    /// `-X context_aware_warnings`
    pub context_aware_warnings: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            argv: vec!["".into()],
            orig_argv: Vec::new(),
            executable: "".into(),
            hash_seed: None,
            debug: 0,
            inspect: false,
            interactive: false,
            optimize: 0,
            dont_write_bytecode: false,
            no_user_site: false,
            no_site: false,
            ignore_environment: false,
            verbose: 0,
            bytes_warning: 0,
            quiet: false,
            isolated: false,
            dev_mode: false,
            utf8_mode: true,
            utf8_mode_forced: false,
            safe_path: false,
            unbuffered: false,
            skip_first_line: false,
            warn_options: Vec::new(),
            x_options: Vec::new(),
            no_debug_ranges: false,
            int_max_str_digits: 4300,
            check_hash_based_pycs: "default".to_owned(),
            pycache_prefix: None,
            python_path: None,
            import_time: 0,
            warn_default_encoding: false,
            context_aware_warnings: false,
        }
    }
}

impl Config {
    /// The key of string hashes that the seed asks for.
    pub fn hash_key(&self) -> HashKey {
        match self.hash_seed {
            Some(seed) => HashKey::from_seed(seed),
            None => {
                let mut bytes = [0; 16];
                crate::platform::random_bytes(&mut bytes);
                HashKey::from_bytes(bytes)
            }
        }
    }
}
