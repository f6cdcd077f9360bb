//! What is timed: the small programs of `benches/programs`, the start-up, and pyperformance's programs, which come
//! with their few pure-Python dependencies from PyPI into a cache folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use crate::{places, reference};

/// A program to time.
pub struct Program {
    /// What it is called in the table.
    pub name: String,
    /// The arguments after the interpreter.
    pub arguments: Vec<String>,
    /// The folder it runs in.
    pub folder: PathBuf,
    /// Variables it needs.
    pub environment: Vec<(String, String)>,
    /// Whether its output is a result that all interpreters must agree on.
    pub is_checked: bool,
    /// Whether it counts for the mean.
    pub is_counted: bool,
    /// How many times as many runs it gets: the shortest programs need more for a steady figure.
    pub repeats: usize,
}

/// The small programs: each does one kind of thing and prints what it computed.
pub fn small() -> Result<Vec<Program>> {
    let folder = places::root().join("benches/programs");
    let listing = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut files: Vec<_> = listing.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    files.sort();
    let program = |name: String, arguments: Vec<String>| Program {
        name,
        arguments,
        folder: folder.clone(),
        environment: Vec::new(),
        is_checked: true,
        is_counted: true,
        repeats: 1,
    };
    let startup = Program { repeats: 6, ..program("startup".into(), vec!["-c".into(), "pass".into()]) };
    let mut programs = vec![startup];
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        programs.push(program(name, vec![file.to_string_lossy().into_owned()]));
    }
    Ok(programs)
}

/// Programs of pyperformance, with their arguments; not counted are those that time an accelerator in C.
const PYPERFORMANCE: &[(&str, &[&str], bool)] = &[
    ("argparse", &["many_optionals"], true),
    ("argparse", &["subparsers"], true),
    ("async_generators", &[], true),
    ("async_tree", &["none"], true),
    ("async_tree", &["io"], true),
    ("barnes_hut", &[], true),
    ("bpe_tokeniser", &[], true),
    ("chaos", &[], true),
    ("comprehensions", &[], true),
    ("coroutines", &[], true),
    ("crypto_pyaes", &[], true),
    ("deepcopy", &[], true),
    ("deltablue", &[], true),
    ("fannkuch", &[], true),
    ("float", &[], true),
    ("gc_traversal", &[], true),
    ("generators", &[], true),
    ("go", &[], true),
    ("hexiom", &[], true),
    ("json_dumps", &[], true),
    ("json_loads", &[], true),
    ("logging", &[], true),
    ("mdp", &[], true),
    ("meteor_contest", &[], true),
    ("nbody", &[], true),
    ("nqueens", &[], true),
    ("pathlib", &[], true),
    ("pickle", &["pickle"], false),
    ("pickle", &["--pure-python", "pickle"], true),
    ("pickle", &["unpickle"], false),
    ("pickle", &["--pure-python", "unpickle"], true),
    ("pidigits", &[], true),
    ("pprint", &[], true),
    ("pyflate", &[], true),
    ("raytrace", &[], true),
    ("regex_compile", &[], true),
    ("regex_dna", &[], true),
    ("regex_effbot", &[], true),
    ("regex_v8", &[], true),
    ("richards", &[], true),
    ("richards_super", &[], true),
    ("scimark", &[], true),
    ("spectral_norm", &[], true),
    ("telco", &[], false),
    ("tomli_loads", &[], true),
    ("typing_runtime_protocols", &[], true),
    ("unpack_sequence", &[], true),
];

/// What they need beside themselves.
const DEPENDENCIES: &[&str] = &["pyperf", "tomli==2.0.1", "pyaes==1.6.1"];

/// pyperformance's programs, fetched if they are not there yet. Each measures itself once, cold, or in the same process
/// after so many values that warm it up.
pub fn pyperformance(warmups: Option<u32>) -> Result<Vec<Program>> {
    let cache = reference::programs_folder()?;
    let benchmarks = cache.join("lib/pyperformance/data-files/benchmarks");
    if !cache.join("complete").exists() {
        fetch(&cache)?;
    }
    let mut programs = Vec::new();
    for (name, arguments, is_counted) in PYPERFORMANCE {
        let folder = benchmarks.join(format!("bm_{name}"));
        let script = folder.join("run_benchmark.py");
        ensure!(script.exists(), "{} is not there; remove {} to fetch it again", script.display(), cache.display());
        let mut all = vec![script.to_string_lossy().into_owned()];
        match warmups {
            None => all.push("--debug-single-value".into()),
            Some(count) => {
                let single = ["--worker".into(), "-n1".into(), "-l1".into(), format!("-w{count}")];
                all.extend(single);
            }
        }
        all.extend(["--inherit-environ".into(), "PYTHONPATH,PYTHON_JIT,PYTHONHASHSEED".into()]);
        all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        let mut title = (*name).to_owned();
        for argument in arguments.iter().filter(|argument| **argument != *name) {
            title = format!("{title}_{}", argument.trim_start_matches("--").replace('-', "_"));
        }
        programs.push(Program {
            name: if title == "nbody" { "pyperf_nbody".into() } else { title },
            arguments: all,
            folder,
            environment: vec![("PYTHONPATH".into(), cache.join("lib").to_string_lossy().into_owned())],
            is_checked: false,
            is_counted: *is_counted,
            repeats: 1,
        });
    }
    Ok(programs)
}

/// Installs pyperformance and the dependencies into the cache with the machine's own pip. Only pure-Python wheels are
/// taken, so that every interpreter can use the same ones.
fn fetch(cache: &Path) -> Result<()> {
    eprintln!("fetching pyperformance into {}", cache.display());
    let mut command = Command::new("python3");
    command.args(["-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target"]).arg(cache.join("lib"));
    command.args(["pyperformance==1.14.0"]).args(DEPENDENCIES);
    let status = command.env("PIP_ROOT_USER_ACTION", "ignore").status();
    match status {
        Ok(status) if status.success() => {}
        Ok(_) => bail!("pip could not install pyperformance"),
        Err(error) => bail!("python3 with pip is needed to fetch pyperformance: {error}"),
    }
    std::fs::write(cache.join("complete"), "")?;
    Ok(())
}

/// The sum of the times that pyperf reports: lines such as `nbody: 66.1 ms`.
pub fn inside_seconds(stdout: &[u8]) -> Option<f64> {
    let text = String::from_utf8_lossy(stdout);
    let times: Vec<f64> = text.lines().filter_map(|line| time_of(line.split_once(": ")?.1)).collect();
    (!times.is_empty()).then(|| times.iter().sum())
}

fn time_of(text: &str) -> Option<f64> {
    let mut words = text.split_whitespace();
    let value: f64 = words.next()?.parse().ok()?;
    let unit = match words.next()? {
        "sec" => 1.0,
        "ms" => 1e-3,
        "us" => 1e-6,
        "ns" => 1e-9,
        _ => return None,
    };
    words.next().is_none().then_some(value * unit)
}
