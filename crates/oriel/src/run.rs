//! Runs what the command line names, in the namespace of `__main__`, and finds the exit status.

use crate::help;
use crate::options::{Command, Target};
use oriel_runtime::bootstrap::{FrozenLibrary, LibraryModule, Runtime};
use oriel_runtime::types::code::Code;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::{PyResult, Ref, Value, Vm};
use oriel_trace::Stage;
use oriel_trace::record::session::Session;
use std::ffi::OsStr;
use std::io::{IsTerminal, Read, Seek, SeekFrom};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Instant;

fn library() -> FrozenLibrary {
    FrozenLibrary {
        find: |name| {
            let module = oriel_pylib::find(name)?;
            Some(LibraryModule {
                is_package: module.is_package(),
                frozen: module.code_name() == oriel_pylib::CodeName::Frozen,
                code: module.code().unwrap_or_default(),
                path: module.path(),
                origin: module.origname().map(str::to_owned),
            })
        },
        children: |package| oriel_pylib::children(package).map(|m| (m.name(), m.is_package())).collect(),
        file_size: oriel_pylib::file_size,
        file: oriel_pylib::file,
        frozen_names: || oriel_pylib::frozen_names().to_vec(),
    }
}

/// The signal of the keyboard's interrupt.
const INTERRUPT: i32 = 2;

/// Runs a command line, which a session may record; `at_end` is told the exit status before the process ends, which may be
/// by a signal. The exit status.
pub fn run(command: Command, session: Option<&Session>, at_end: impl FnOnce(u8)) -> u8 {
    let mut modules = oriel_stdlib::MODULES.to_vec();
    modules.push(&oriel_trace::record::api::MODULE);
    begin(session, None, Stage::Bootstrap, "");
    begin(session, None, Stage::Bootstrap, "heap, types, names, builtins");
    let runtime = match Runtime::new(command.config.clone(), &modules, library()) {
        Ok(runtime) => runtime,
        Err(_) => {
            eprintln!("Fatal Python error: the builtin types could not be made");
            return 1;
        }
    };
    let vm = runtime.vm();
    if let Some(session) = session {
        session.attach(vm);
    }
    end(session, vm, Stage::Bootstrap, "heap, types, names, builtins");
    let started = vm.start();
    end(session, vm, Stage::Bootstrap, "");
    let mut why = "start-up failed";
    let status = match started {
        Ok(()) => {
            if let Some(session) = session {
                session.ready(vm);
            }
            let result = run_target(vm, &command, session);
            why = match &result {
                Ok(_) => "the end of the program",
                Err(raised) if vm.raised_is(raised, &vm.types.system_exit) => "SystemExit",
                Err(_) => "an exception that nothing caught",
            };
            if let Some(session) = session {
                session.program_ended(vm);
            }
            let mut status = outcome(vm, result);
            if command.config.inspect
                && !matches!(command.target, Target::Stdin)
                && (command.config.interactive || is_terminal())
            {
                status = outcome(vm, statements(vm));
            }
            status
        }
        Err(raised) => vm.report_exception(raised),
    };
    begin(session, Some(vm), Stage::Teardown, "");
    let mut status = vm.finalize(status);
    end(session, vm, Stage::Teardown, "");
    match session {
        Some(session) => session.exit(vm, i32::from(status), why),
        None => {
            if let Err(message) = oriel_trace::record::api::finish(vm) {
                eprintln!("oriel_trace: {message}");
            }
        }
    }
    if vm.state::<oriel_runtime::signals::SignalHandlers>().unhandled_interrupt.get() {
        at_end(status);
        // Whoever started the process is to see that the keyboard ended it.
        status = oriel_runtime::platform::signals::die_of(INTERRUPT) as u8;
    } else {
        at_end(status);
    }
    runtime.end();
    // Buffers of the process itself were flushed with the streams above; what is left belongs to the system.
    status
}

fn outcome(vm: &Vm, result: PyResult) -> i32 {
    match result {
        Ok(_) => 0,
        Err(raised) => vm.report_exception(raised),
    }
}

fn run_target(vm: &Vm, command: &Command, session: Option<&Session>) -> PyResult {
    let main = vm.main_namespace()?;
    match &command.target {
        Target::Command(source) => {
            if !command.config.safe_path {
                prepend_path(vm, "")?;
            }
            let mut source = source.as_bytes().to_vec();
            source.push(b'\n');
            let code = compiled(vm, &source, "<string>", 0, session)?;
            // Tracebacks show lines of the command, too.
            let register = vm.import_from("linecache", "_register_code")?;
            let text = vm.new_str(&String::from_utf8_lossy(&source));
            vm.call(&register, &[code.clone(), text, vm.new_str("<string>")])?;
            run_main(vm, &code, &main, session)
        }
        Target::Module(module) => {
            if !command.config.safe_path {
                let folder = std::env::current_dir().unwrap_or_default();
                prepend_path(vm, &folder.to_string_lossy())?;
            }
            if let Some(session) = session {
                session.recorder.look(vm);
            }
            run_module(vm, module, true)
        }
        Target::Script(path) => run_script(vm, command, path, session),
        Target::Stdin => {
            if !command.config.safe_path {
                prepend_path(vm, "")?;
            }
            if command.config.interactive || is_terminal() {
                return prompt(vm);
            }
            let mut source = Vec::new();
            if let Err(error) = std::io::stdin().read_to_end(&mut source) {
                return Err(vm.os_error(error.raw_os_error().unwrap_or(libc::EIO)));
            }
            let code = compiled(vm, &source, "<stdin>", 0, session)?;
            run_main(vm, &code, &main, session)
        }
    }
}

fn prepend_path(vm: &Vm, entry: &str) -> PyResult<()> {
    let path = vm.sys.get_str(&vm.names.path).unwrap_or(Value::NONE);
    vm.call_method_str(&path, "insert", &[Value::small(0), vm.new_str(entry)])?;
    Ok(())
}

fn run_module(vm: &Vm, module: &str, alter_argv: bool) -> PyResult {
    let runpy = vm.import_module("runpy")?;
    let function = vm.get_attr_str(&runpy, "_run_module_as_main")?;
    vm.call(&function, &[vm.new_str(module), Value::bool(alter_argv)])
}

fn run_script(vm: &Vm, command: &Command, path: &OsStr, session: Option<&Session>) -> PyResult {
    let program = command.config.orig_argv.first().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    let shown = path.to_string_lossy().into_owned();
    let file = Path::new(path);
    let is_folder = file.is_dir();
    begin(session, Some(vm), Stage::Source, "");
    if is_folder || is_archive(file, session) {
        end(session, vm, Stage::Source, "");
        // A folder or archive with a `__main__` module.
        prepend_path(vm, &shown)?;
        if let Some(session) = session {
            session.recorder.look(vm);
        }
        return run_module(vm, "__main__", false);
    }
    let read = read_source(file, session);
    end(session, vm, Stage::Source, "");
    let mut source = match read {
        Ok(source) => source,
        Err(error) => {
            let number = error.raw_os_error().unwrap_or(libc::EIO);
            let reason = oriel_runtime::platform::error_text(number);
            let name = vm.repr_text(&vm.new_str(&shown))?;
            eprintln!("{program}: can't open file {name}: [Errno {number}] {reason}");
            return Err(vm.new_exception_with(&vm.types.system_exit, &[Value::small(2)]));
        }
    };
    if !command.config.safe_path {
        let real = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf());
        let folder = real.parent().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
        prepend_path(vm, &folder)?;
    }
    if command.config.skip_first_line {
        let end = source.iter().position(|byte| *byte == b'\n').unwrap_or(source.len());
        source.drain(..end);
    }
    if source.contains(&0) && file.extension() != Some(OsStr::new("pyc")) {
        return Err(vm.new_exception(&vm.types.syntax_error, "source code cannot contain null bytes"));
    }
    let main = vm.main_namespace()?;
    let name = vm.new_str(&shown);
    main.set_str(&vm.names.__file__, name);
    main.set_str(&vm.names.__cached__, Value::NONE);
    vm.set_main_loader(&main, &shown)?;
    let code = match pyc_code(vm, file, &source)? {
        Some(code) => code,
        None => compiled(vm, &source, &shown, oriel_runtime::compile::FROM_FILE, session)?,
    };
    run_main(vm, &code, &main, session)
}

/// Does system calls of the command itself and tells of them.
#[derive(Clone, Copy)]
struct Teller<'a>(Option<&'a Session>);

impl Teller<'_> {
    fn call<R>(
        self,
        name: &str,
        fd: Option<i32>,
        arguments: impl FnOnce() -> String,
        value: impl FnOnce(&R) -> i64,
        call: impl FnOnce() -> std::io::Result<R>,
    ) -> std::io::Result<R> {
        let begun = Instant::now();
        let result = call();
        if let Some(session) = self.0 {
            let time = begun.elapsed().as_nanos() as u64;
            let returned = match &result {
                Ok(result) => value(result),
                Err(error) => -i64::from(error.raw_os_error().unwrap_or(libc::EIO)),
            };
            session.system_call(name, fd, arguments(), returned, time);
        }
        result
    }

    fn open(self, file: &Path) -> std::io::Result<std::fs::File> {
        let shown = || format!("{file:?}, O_RDONLY|O_CLOEXEC");
        self.call("openat", None, shown, |file: &std::fs::File| file.as_raw_fd().into(), || std::fs::File::open(file))
    }

    fn metadata(self, file: &std::fs::File) -> std::io::Result<std::fs::Metadata> {
        self.call("statx", Some(file.as_raw_fd()), String::new, |_| 0, || file.metadata())
    }

    fn read(self, file: &mut std::fs::File, chunk: &mut [u8]) -> std::io::Result<usize> {
        let (fd, room) = (file.as_raw_fd(), chunk.len());
        self.call("read", Some(fd), || room.to_string(), |count| *count as i64, || file.read(chunk))
    }

    fn close(self, file: std::fs::File) {
        let fd = file.as_raw_fd();
        // What a file that was only read says when it is closed is of no interest.
        let _ = self.call(
            "close",
            Some(fd),
            String::new,
            |()| 0,
            || {
                drop(file);
                Ok(())
            },
        );
    }
}

/// Reads the script.
fn read_source(file: &Path, session: Option<&Session>) -> std::io::Result<Vec<u8>> {
    let teller = Teller(session);
    let mut opened = teller.open(file)?;
    let size = teller.metadata(&opened).map(|data| data.len());
    // Devices and pipes have no size.
    let room = size.unwrap_or(0).min(1 << 30) as usize + 1;
    let mut source = Vec::new();
    let mut chunk = vec![0; room.max(4096)];
    loop {
        match teller.read(&mut opened, &mut chunk) {
            Ok(0) => break,
            Ok(count) => source.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    teller.close(opened);
    Ok(source)
}

/// Compiles the program's source: stages 4.1 to 4.3.
fn compiled(vm: &Vm, source: &[u8], file: &str, flags: u32, session: Option<&Session>) -> PyResult {
    if let Some(session) = session {
        session.source(file, source);
    }
    begin(session, Some(vm), Stage::Bytecode, "");
    let code = vm.compile_text(source, file, oriel_runtime::Mode::Exec, flags, -1, -1);
    end(session, vm, Stage::Bytecode, "");
    code
}

/// Runs the program's code object in `__main__`: stage 6 and those inside it.
fn run_main(vm: &Vm, code: &Value, main: &Ref<Dict>, session: Option<&Session>) -> PyResult {
    begin(session, Some(vm), Stage::Interpreter, "");
    if let Some(session) = session
        && let Some(code) = code.downcast::<Code>()
    {
        session.code(vm, &code.data);
    }
    // The program runs long without what compiling it has touched.
    oriel_runtime::platform::memory::release_program();
    let result = vm.run_code(code, main, main.as_value(), None);
    end(session, vm, Stage::Interpreter, "");
    result
}

fn begin(session: Option<&Session>, vm: Option<&Vm>, stage: Stage, name: &str) {
    if let Some(session) = session {
        session.recorder.begin(vm, stage, name);
    }
}

fn end(session: Option<&Session>, vm: &Vm, stage: Stage, name: &str) {
    if let Some(session) = session {
        session.recorder.end(Some(vm), stage, name, "");
    }
}

/// The code of a `.pyc` file given as the script.
fn pyc_code(vm: &Vm, file: &Path, content: &[u8]) -> PyResult<Option<Value>> {
    if file.extension() != Some(OsStr::new("pyc")) || content.len() < 16 {
        return Ok(None);
    }
    if content[..4] != *b"\x2b\x0e\r\n" {
        return Err(vm.runtime_error("Bad magic number in .pyc file"));
    }
    vm.load_code_bytes(&content[16..]).map(Some)
}

/// Whether a file is a ZIP archive, which the import system reads.
fn is_archive(file: &Path, session: Option<&Session>) -> bool {
    // An archive ends with a record of at least 22 bytes that begins with this mark.
    const LEAST: u64 = 22;
    let teller = Teller(session);
    let Ok(mut opened) = teller.open(file) else { return false };
    let length = teller.metadata(&opened).map_or(0, |data| if data.is_file() { data.len() } else { 0 });
    let window = length.min(LEAST + 65_535);
    let mut found = false;
    if length >= LEAST {
        let seek = |opened: &mut std::fs::File| opened.seek(SeekFrom::End(-(window as i64)));
        let (fd, shown) = (opened.as_raw_fd(), || format!("-{window}, SEEK_END"));
        let mut tail = vec![0; window as usize];
        let mut filled = 0;
        if teller.call("lseek", Some(fd), shown, |at| *at as i64, || seek(&mut opened)).is_ok() {
            while filled < tail.len()
                && let Ok(count @ 1..) = teller.read(&mut opened, &mut tail[filled..])
            {
                filled += count;
            }
            found = filled == tail.len() && tail.windows(4).rev().any(|mark| mark == b"PK\x05\x06");
        }
    }
    teller.close(opened);
    found
}

fn is_terminal() -> bool {
    std::io::stdin().is_terminal()
}

/// What a user wants to have run before the first prompt: `PYTHONSTARTUP`, then `sys.__interactivehook__`.
fn before_prompt(vm: &Vm) -> PyResult<()> {
    if !vm.config.ignore_environment
        && let Some(path) = std::env::var_os("PYTHONSTARTUP").filter(|path| !path.is_empty())
    {
        match std::fs::read(&path) {
            Ok(source) => {
                let main = vm.main_namespace()?;
                let shown = path.to_string_lossy();
                let done = vm
                    .compile_text(&source, &shown, oriel_runtime::Mode::Exec, oriel_runtime::compile::FROM_FILE, -1, -1)
                    .and_then(|code| vm.run_code(&code, &main, main.as_value(), None));
                // An error in it is shown and ends nothing.
                if let Err(raised) = done {
                    vm.report_exception(raised);
                }
            }
            Err(error) => {
                let number = error.raw_os_error().unwrap_or(libc::EIO);
                let reason = oriel_runtime::platform::error_text(number);
                eprintln!("Could not open PYTHONSTARTUP\n[Errno {number}] {reason}: '{}'", path.to_string_lossy());
            }
        }
    }
    if !vm.config.isolated
        && let Some(hook) = vm.sys.get_str(&vm.intern("__interactivehook__"))
        && let Err(raised) = vm.call(&hook, &[])
    {
        eprintln!("Failed calling sys.__interactivehook__");
        vm.report_exception(raised);
    }
    Ok(())
}

/// The prompt that standard input asks for from the beginning.
fn prompt(vm: &Vm) -> PyResult {
    if !vm.config.quiet {
        eprintln!("{} on {}", help::long_version(), std::env::consts::OS);
        eprintln!("Type \"help\", \"copyright\", \"credits\" or \"license\" for more information.");
    }
    before_prompt(vm)?;
    statements(vm)
}

/// Statements of standard input: by the library's line editor on a terminal, else line by line.
fn statements(vm: &Vm) -> PyResult {
    let basic = !vm.config.ignore_environment && std::env::var_os("PYTHON_BASIC_REPL").is_some_and(|v| !v.is_empty());
    if basic || !std::io::stdin().is_terminal() {
        let run = vm.import_from("_basic_repl", "run")?;
        return vm.call(&run, &[]);
    }
    let console = vm.import_from("_pyrepl.main", "interactive_console")?;
    let main = vm.modules.get_str(&vm.intern("__main__")).unwrap_or(Value::NONE);
    vm.call(&console, &[main])
}
