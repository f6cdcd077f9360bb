//! The command line and the environment variables that stand for options, as CPython's `PyConfig` reads them.

use crate::help;
use oriel_runtime::config::Config;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// What is to be run.
#[derive(Clone, Debug)]
pub enum Target {
    /// `-c`
    Command(OsString),
    /// `-m`
    Module(String),
    /// A file, a folder or an archive.
    Script(OsString),
    /// Standard input; by a prompt where it is a terminal.
    Stdin,
}

/// What the command line asks for.
#[derive(Clone, Debug)]
pub struct Command {
    /// What is to be run.
    pub target: Target,
    /// How.
    pub config: Config,
}

/// Reasons to end before anything is run.
pub enum Stop {
    /// Something was asked for that is just printed.
    Print(String),
    /// The command line is wrong.
    Usage(String),
}

/// Reads the command line.
pub fn parse(arguments: Vec<OsString>) -> Result<Command, Stop> {
    let program = arguments.first().map(|a| a.to_string_lossy().into_owned()).unwrap_or_else(|| "oriel".to_owned());
    let mut config = Config { orig_argv: arguments.clone(), executable: executable(), ..Config::default() };
    let mut rest = arguments.into_iter().skip(1).peekable();
    let mut target = None;
    let mut versions = 0;
    'words: while let Some(word) = rest.peek().cloned() {
        let bytes = word.as_bytes().to_vec();
        if bytes == b"--" {
            rest.next();
            break;
        }
        if bytes.len() < 2 || bytes[0] != b'-' {
            break;
        }
        rest.next();
        if bytes.starts_with(b"--") {
            long_option(&program, &bytes, &mut rest, &mut config)?;
            continue;
        }
        let mut index = 1;
        while index < bytes.len() {
            let option = bytes[index];
            index += 1;
            match option {
                b'b' => config.bytes_warning += 1,
                b'B' => config.dont_write_bytecode = true,
                b'd' => config.debug += 1,
                b'E' => config.ignore_environment = true,
                b'h' | b'?' => return Err(Stop::Print(help::full(&program))),
                b'i' => {
                    config.inspect = true;
                    config.interactive = true;
                }
                b'I' => {
                    config.isolated = true;
                    config.ignore_environment = true;
                    config.no_user_site = true;
                    config.safe_path = true;
                }
                b'O' => config.optimize += 1,
                b'P' => config.safe_path = true,
                b'q' => config.quiet = true,
                b's' => config.no_user_site = true,
                b'S' => config.no_site = true,
                b'u' => config.unbuffered = true,
                b'v' => config.verbose += 1,
                b'V' => versions += 1,
                b'x' => config.skip_first_line = true,
                b't' | b'R' => {}
                b'c' | b'm' | b'W' | b'X' => {
                    let value = match bytes.get(index..) {
                        Some(value) if !value.is_empty() => OsString::from_vec(value.to_vec()),
                        _ => match rest.next() {
                            Some(value) => value,
                            None => {
                                let letter = option as char;
                                return Err(Stop::Usage(format!(
                                    "Argument expected for the -{letter} option\n{}",
                                    help::try_help(&program)
                                )));
                            }
                        },
                    };
                    match option {
                        b'c' => target = Some(Target::Command(value)),
                        b'm' => target = Some(Target::Module(value.to_string_lossy().into_owned())),
                        b'W' => config.warn_options.push(value.to_string_lossy().into_owned()),
                        _ => config.x_options.push(value.to_string_lossy().into_owned()),
                    }
                    if target.is_some() {
                        break 'words;
                    }
                    break;
                }
                other => {
                    let text = match other {
                        b'J' => "-J is reserved for Jython\n".to_owned(),
                        other => format!("Unknown option: -{}\n", other as char),
                    };
                    return Err(Stop::Usage(text + &help::try_help(&program)));
                }
            }
        }
    }
    match versions {
        0 => {}
        1 => return Err(Stop::Print(help::version())),
        _ => return Err(Stop::Print(help::long_version())),
    }
    let mut arguments: Vec<OsString> = rest.collect();
    let target = match target {
        Some(Target::Command(command)) => {
            arguments.insert(0, "-c".into());
            Target::Command(command)
        }
        Some(Target::Module(module)) => {
            arguments.insert(0, "-m".into());
            Target::Module(module)
        }
        _ => match arguments.first() {
            None => {
                arguments.push("".into());
                Target::Stdin
            }
            Some(first) if first == "-" => Target::Stdin,
            Some(first) => Target::Script(first.clone()),
        },
    };
    config.argv = arguments;
    environment(&program, &mut config)?;
    x_options(&mut config)?;
    Ok(Command { target, config })
}

fn long_option(
    program: &str,
    bytes: &[u8],
    rest: &mut impl Iterator<Item = OsString>,
    config: &mut Config,
) -> Result<(), Stop> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (name, inline) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (text.as_str(), None),
    };
    match name {
        "--help" => Err(Stop::Print(help::full(program))),
        "--help-env" | "--help-xoptions" | "--help-all" => Err(Stop::Print(help::full(program))),
        "--version" => Err(Stop::Print(help::version())),
        "--check-hash-based-pycs" => {
            let value = inline.or_else(|| rest.next().map(|value| value.to_string_lossy().into_owned()));
            match value.as_deref() {
                Some(mode @ ("always" | "never" | "default")) => {
                    config.check_hash_based_pycs = mode.to_owned();
                    Ok(())
                }
                Some(_) => Err(Stop::Usage(format!(
                    "--check-hash-based-pycs must be one of 'default', 'always', or 'never'\n{}",
                    help::try_help(program)
                ))),
                None => Err(Stop::Usage(format!(
                    "Argument expected for the --check-hash-based-pycs option\n{}",
                    help::try_help(program)
                ))),
            }
        }
        _ => Err(Stop::Usage(format!("Unknown option: {name}\n{}", help::try_help(program)))),
    }
}

fn variable(config: &Config, name: &str) -> Option<OsString> {
    if config.ignore_environment {
        return None;
    }
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// A flag that may be given as a number: any other text counts as 1.
fn level(config: &Config, name: &str) -> i32 {
    match variable(config, name) {
        None => 0,
        Some(value) => value.to_str().and_then(|text| text.parse().ok()).filter(|n: &i32| *n >= 0).unwrap_or(1),
    }
}

fn environment(program: &str, config: &mut Config) -> Result<(), Stop> {
    config.optimize = config.optimize.max(level(config, "PYTHONOPTIMIZE"));
    config.debug = config.debug.max(level(config, "PYTHONDEBUG"));
    config.verbose = config.verbose.max(level(config, "PYTHONVERBOSE"));
    config.dont_write_bytecode |= level(config, "PYTHONDONTWRITEBYTECODE") > 0;
    config.no_user_site |= level(config, "PYTHONNOUSERSITE") > 0;
    config.unbuffered |= level(config, "PYTHONUNBUFFERED") > 0;
    config.safe_path |= variable(config, "PYTHONSAFEPATH").is_some();
    config.inspect |= variable(config, "PYTHONINSPECT").is_some();
    config.dev_mode |= variable(config, "PYTHONDEVMODE").is_some();
    config.no_debug_ranges |= variable(config, "PYTHONNODEBUGRANGES").is_some();
    config.python_path = variable(config, "PYTHONPATH");
    config.pycache_prefix = variable(config, "PYTHONPYCACHEPREFIX");
    config.import_time = level(config, "PYTHONPROFILEIMPORTTIME");
    config.warn_default_encoding |= variable(config, "PYTHONWARNDEFAULTENCODING").is_some();
    if let Some(value) = variable(config, "PYTHONUTF8") {
        match value.as_bytes() {
            b"0" => config.utf8_mode = false,
            b"1" => config.utf8_mode_forced = true,
            _ => return Err(fatal("invalid PYTHONUTF8 environment variable value")),
        }
    }
    if let Some(value) = variable(config, "PYTHONWARNINGS") {
        let listed = value.to_string_lossy().split(',').map(str::to_owned).collect::<Vec<_>>();
        let given = std::mem::replace(&mut config.warn_options, listed);
        config.warn_options.extend(given);
    }
    if let Some(value) = variable(config, "PYTHONINTMAXSTRDIGITS") {
        config.int_max_str_digits = digits_limit(&value)
            .ok_or_else(|| fatal("PYTHONINTMAXSTRDIGITS: invalid limit; must be >= 640 or 0 for unlimited."))?;
    }
    if let Some(value) = variable(config, "PYTHONHASHSEED")
        && value != "random"
    {
        match value.to_str().and_then(|text| text.parse::<u32>().ok()) {
            Some(seed) => config.hash_seed = Some(seed),
            None => {
                return Err(fatal("PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]"));
            }
        }
    }
    let _ = program;
    Ok(())
}

fn digits_limit(value: &OsStr) -> Option<i64> {
    value.to_str()?.parse::<i64>().ok().filter(|limit| *limit == 0 || *limit >= 640)
}

/// The message of an environment that CPython refuses to start in.
fn fatal(message: &str) -> Stop {
    Stop::Usage(format!("Fatal Python error: config_init: {message}\nPython runtime state: preinitialized\n\n"))
}

fn x_options(config: &mut Config) -> Result<(), Stop> {
    for option in config.x_options.clone() {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (option.as_str(), None),
        };
        match name {
            "dev" => config.dev_mode = true,
            "utf8" => match value {
                None | Some("1") => config.utf8_mode_forced = true,
                Some("0") => config.utf8_mode = false,
                Some(_) => return Err(fatal("invalid -X utf8 option value")),
            },
            "importtime" => config.import_time = value.and_then(|v| v.parse().ok()).unwrap_or(1),
            "pycache_prefix" => config.pycache_prefix = value.filter(|v| !v.is_empty()).map(Into::into),
            "no_debug_ranges" => config.no_debug_ranges = true,
            "warn_default_encoding" => config.warn_default_encoding = true,
            "int_max_str_digits" => {
                let limit = value.and_then(|value| digits_limit(OsStr::new(value)));
                config.int_max_str_digits = limit
                    .ok_or_else(|| fatal("-X int_max_str_digits: invalid limit; must be >= 640 or 0 for unlimited."))?;
            }
            _ => {}
        }
    }
    if config.dev_mode {
        config.warn_options.insert(0, "default".to_owned());
    }
    match config.bytes_warning {
        0 => {}
        1 => config.warn_options.push("default::BytesWarning".to_owned()),
        _ => config.warn_options.push("error::BytesWarning".to_owned()),
    }
    Ok(())
}

fn executable() -> OsString {
    std::env::current_exe().map(Into::into).unwrap_or_default()
}
