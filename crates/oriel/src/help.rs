//! What `--help`, `--version` and wrong options print.

/// `oriel -V`
pub fn version() -> String {
    "Python 3.14.0".to_owned()
}

/// `oriel -VV`
pub fn long_version() -> String {
    format!("Python 3.14.0 (Oriel {}, {})", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH)
}

/// The line that follows every wrong use.
pub fn usage_line(program: &str) -> String {
    format!("usage: {program} [option] ... [-c cmd | -m mod | file | -] [arg] ...\n")
}

/// What to do after a wrong option.
pub fn try_help(program: &str) -> String {
    format!("{}Try `{program} -h' for more information.\n", usage_line(program))
}

/// `oriel -h`
pub fn full(program: &str) -> String {
    let mut text = usage_line(program);
    text.push_str("Options (and corresponding environment variables):\n");
    for (option, meaning) in OPTIONS {
        text.push_str(&format!("{option:<10} : {meaning}\n"));
    }
    text.push_str("\nThe options have the meaning that they have for python 3.14.");
    text
}

const OPTIONS: &[(&str, &str)] = &[
    ("-b", "warn about bytes compared with str or int; -bb makes it an error"),
    ("-B", "write no .pyc files; also PYTHONDONTWRITEBYTECODE=x"),
    ("-c cmd", "run the program given as a string (ends the option list)"),
    ("-d", "has no effect; also PYTHONDEBUG=x"),
    ("-E", "ignore PYTHON* environment variables"),
    ("-h", "print this help and exit; also -? and --help"),
    ("-i", "prompt after the script; also PYTHONINSPECT=x"),
    ("-I", "isolate from the user's environment: -E, -P and -s"),
    ("-m mod", "run a library module as a script (ends the option list)"),
    ("-O", "drop assertions and set __debug__ to false; also PYTHONOPTIMIZE=x"),
    ("-OO", "-O, and drop docstrings"),
    ("-P", "do not put an unsafe path before sys.path; also PYTHONSAFEPATH=x"),
    ("-q", "print no version at the prompt"),
    ("-s", "leave the user's site folder out of sys.path; also PYTHONNOUSERSITE=x"),
    ("-S", "do not import site"),
    ("-u", "do not buffer standard output and error; also PYTHONUNBUFFERED=x"),
    ("-v", "say what is imported; also PYTHONVERBOSE=x"),
    ("-V", "print the version and exit; -VV prints more"),
    ("-W arg", "control warnings: action:message:category:module:lineno; also PYTHONWARNINGS=arg"),
    ("-x", "skip the first line of the source"),
    ("-X opt", "set an implementation option"),
    ("--check-hash-based-pycs always|default|never", "how hash-based .pyc files are checked"),
    ("file", "run the program in a file"),
    ("-", "run the program read from standard input (default)"),
    ("arg ...", "arguments passed to the program in sys.argv[1:]"),
];
