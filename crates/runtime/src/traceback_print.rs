//! Printing exceptions: by the library's `traceback`, which knows carets, suggestions and colours; where that cannot
//! be imported or fails, by a plainer printer of our own.

use crate::error::{PyResult, Raised};
use crate::types::exceptions::syntax_error::SyntaxError;
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::Value;
use std::collections::HashSet;
use std::fmt::Write;

/// Entries of a traceback that are printed where `sys.tracebacklimit` says nothing.
const MOST_ENTRIES: usize = 1000;
/// How often the same line is printed before its repetitions are counted.
const MOST_REPEATS: usize = 3;

impl Vm {
    /// Reports an exception that ended the program, through `sys.excepthook`; leaves it in `sys.last_exc`. The exit
    /// status, where the hook asks for one by SystemExit.
    pub fn print_uncaught(&self, raised: Raised) -> Option<i32> {
        let exception = raised.0;
        let class = self.type_of(&exception).to_value();
        let traceback = self.traceback_of(&exception).unwrap_or(Value::NONE);
        let names = &self.names;
        for (name, value) in [
            (&names.last_exc, &exception),
            (&names.last_type, &class),
            (&names.last_value, &exception),
            (&names.last_traceback, &traceback),
        ] {
            self.sys.set_str(name, value.clone());
        }
        let hook = self.sys.get_str(&names.excepthook);
        let event = [hook.clone().unwrap_or(Value::NONE), class.clone(), exception.clone(), traceback.clone()];
        if let Err(raised) = self.audit("sys.excepthook", &event)
            && !self.raised_is(&raised, &self.types.runtime_error)
        {
            self.write_unraisable(raised, None, "Exception ignored in audit hook");
        }
        let Some(hook) = hook else {
            self.write_stderr("sys.excepthook is missing\n");
            self.display_exception(&exception);
            return None;
        };
        let second = self.call(&hook, &[class, exception.clone(), traceback]).err()?;
        if self.raised_is(&second, &self.types.system_exit) {
            return Some(self.exit_status(&second));
        }
        self.write_stderr("Error in sys.excepthook:\n");
        self.display_exception(&second.0);
        self.write_stderr("\nOriginal exception was:\n");
        self.display_exception(&exception);
        None
    }

    /// Prints a value that should be an exception, with a traceback that it may not have itself.
    pub fn display_exception_with(&self, value: &Value, traceback: &Value) {
        if self.is_exception(value) && self.is_traceback(traceback) && self.traceback_of(value).is_none() {
            self.set_traceback(value, Some(traceback.clone()));
        }
        self.display_exception(value);
    }

    /// Prints an exception to `sys.stderr`, as `sys.__excepthook__` does.
    pub fn display_exception(&self, exception: &Value) {
        let stream = self.sys.get_str(&self.names.stderr);
        if stream.as_ref().is_some_and(Value::is_none) {
            return;
        }
        if !self.is_exception(exception) {
            let given = self.type_name(exception);
            self.write_stderr(&format!("TypeError: print_exception(): Exception expected for value, {given} found\n"));
            return;
        }
        if stream.is_none() || !self.print_by_library(exception) {
            let mut printer = Printer { vm: self, text: String::new(), seen: HashSet::new() };
            printer.chain(exception);
            let text = printer.text;
            self.write_stderr(&text);
        }
        if let Some(stream) = self.sys.get_str(&self.names.stderr).filter(|stream| !stream.is_none()) {
            let _ = self.call_method(&stream, &self.names.flush, &[]);
        }
    }

    /// Prints an exception that was ignored to `sys.stderr`: its own traceback only, and no marks below the lines.
    pub fn display_ignored(&self, exception: &Value) {
        let mut printer = Printer { vm: self, text: String::new(), seen: HashSet::new() };
        if let Some(traceback) = self.traceback_of(exception) {
            printer.traceback(&traceback);
        }
        printer.header(exception);
        let text = printer.text;
        self.write_stderr(&text);
        if let Some(stream) = self.sys.get_str(&self.names.stderr).filter(|stream| !stream.is_none()) {
            let _ = self.call_method(&stream, &self.names.flush, &[]);
        }
    }

    /// Whether the library could print it.
    fn print_by_library(&self, exception: &Value) -> bool {
        if self.importlib().is_err() {
            return false;
        }
        let Ok(module) = self.import_module("traceback") else { return false };
        self.call_method_str(&module, "_print_exception_bltin", std::slice::from_ref(exception)).is_ok()
    }

    /// Writes to `sys.stderr`; where there is none or it fails, to the descriptor.
    pub fn write_stderr(&self, text: &str) {
        if !text.is_empty() && self.write_stderr_text(&self.new_str(text)).is_err() {
            crate::platform::write_stderr(text.as_bytes());
        }
    }

    /// A line of a source file, without its end, from the file system or the embedded library.
    pub fn source_line(&self, filename: &str, line: i64) -> Option<String> {
        let index = usize::try_from(line.checked_sub(1)?).ok()?;
        let content = match std::fs::read(filename) {
            Ok(content) => content,
            Err(_) => {
                let root = self.library_root();
                let below = filename.strip_prefix(&root)?.strip_prefix('/')?;
                (self.library.file)(below)?
            }
        };
        let text = match self.decode_source(&content, filename, 0) {
            Ok(text) => text,
            Err(_) => String::from_utf8_lossy(&content).into_owned(),
        };
        text.lines().nth(index).map(str::to_owned)
    }
}

/// Collects the text of one report.
struct Printer<'a> {
    vm: &'a Vm,
    text: String,
    seen: HashSet<u64>,
}

/// An entry of a traceback.
#[derive(PartialEq)]
struct Entry {
    filename: String,
    line: i64,
    function: String,
}

impl Printer<'_> {
    /// The exception with those that it was caused by or raised in handling, innermost first.
    fn chain(&mut self, exception: &Value) {
        let mut links = Vec::new();
        let mut current = Some(exception.clone());
        while let Some(exception) = current.take() {
            if !self.seen.insert(exception.word()) {
                break;
            }
            let link = match self.vm.cause_of(&exception) {
                Some(cause) => {
                    current = Some(cause);
                    "\nThe above exception was the direct cause of the following exception:\n\n"
                }
                None => {
                    if !self.vm.suppresses_context(&exception) {
                        current = self.vm.context_of(&exception);
                    }
                    "\nDuring handling of the above exception, another exception occurred:\n\n"
                }
            };
            links.push((exception, link));
        }
        let last = links.len();
        for (index, (exception, _)) in links.iter().rev().enumerate() {
            self.single(exception, 0);
            if index + 1 < last {
                // What leads from this one to the next printed is what the next says of its origin.
                let next = &links[last - 2 - index];
                self.text.push_str(next.1);
            }
        }
    }

    fn single(&mut self, exception: &Value, depth: usize) {
        let margin = "  | ".repeat(depth);
        let start = self.text.len();
        if let Some(traceback) = self.vm.traceback_of(exception) {
            self.traceback(&traceback);
        }
        self.header(exception);
        self.notes(exception);
        if depth > 0 {
            let block = self.text.split_off(start);
            for line in block.lines() {
                let _ = writeln!(self.text, "{margin}{line}");
            }
        }
        if !self.vm.is_exception_group(exception) || depth >= 10 || self.vm.stack_is_low() {
            return;
        }
        let Ok(members) = self.vm.get_attr(exception, &self.vm.names.exceptions) else { return };
        for member in self.vm.collect(&members).unwrap_or_default() {
            if self.seen.insert(member.word()) {
                self.single(&member, depth + 1);
            }
        }
    }

    /// `module.Class: text`
    fn header(&mut self, exception: &Value) {
        let vm = self.vm;
        if let Some(error) = exception.downcast::<SyntaxError>()
            && let (Some(filename), Some(line)) = (error.filename.get(), error.lineno.get())
            && let Some(Ok(line)) = vm.small_or_big(&line)
        {
            self.syntax_place(&vm.str_text(&filename), line, error.text.get(), error.offset.get());
        }
        let class = vm.type_of(exception);
        let module = vm.type_module_text(class);
        if let Some(module) = module.filter(|module| module != "builtins" && module != "__main__") {
            let _ = write!(self.text, "{module}.");
        }
        self.text.push_str(&vm.str_text(&class.qualname.get()));
        let shown = match exception.downcast::<SyntaxError>().and_then(|error| error.msg.get()) {
            Some(msg) if msg.downcast::<Str>().is_some() => Ok(msg),
            _ => vm.str(exception),
        };
        match shown {
            Ok(text) => {
                let text = vm.str_text(&text);
                if !text.is_empty() {
                    let _ = write!(self.text, ": {text}");
                }
            }
            Err(_) => self.text.push_str(": <exception str() failed>"),
        }
        self.text.push('\n');
    }

    fn syntax_place(&mut self, filename: &str, line: i64, text: Option<Value>, offset: Option<Value>) {
        let _ = writeln!(self.text, "  File \"{filename}\", line {line}");
        let Some(source) = text.and_then(|text| text.downcast::<Str>().map(|text| text.to_text())) else { return };
        let source = source.trim_end();
        let shown = source.trim_start();
        if shown.is_empty() {
            return;
        }
        let _ = writeln!(self.text, "    {shown}");
        if let Some(Ok(offset)) = offset.as_ref().and_then(|offset| self.vm.small_or_big(offset))
            && offset > 0
        {
            let cut = source.chars().count() - shown.chars().count();
            let column = (offset as usize - 1).saturating_sub(cut).min(shown.chars().count());
            let _ = writeln!(self.text, "    {}^", " ".repeat(column));
        }
    }

    fn notes(&mut self, exception: &Value) {
        let Ok(Some(notes)) = self.vm.get_attr_opt(exception, &self.vm.names.__notes__) else { return };
        for note in self.vm.collect(&notes).unwrap_or_default() {
            if let Ok(text) = self.vm.str(&note) {
                let _ = writeln!(self.text, "{}", self.vm.str_text(&text));
            }
        }
    }

    fn traceback(&mut self, traceback: &Value) {
        let limit = match self.vm.sys.get_str(&self.vm.names.tracebacklimit) {
            None => MOST_ENTRIES,
            Some(limit) => match self.vm.small_or_big(&limit) {
                Some(Ok(limit)) if limit <= 0 => return,
                Some(Ok(limit)) => limit as usize,
                _ => MOST_ENTRIES,
            },
        };
        let mut entries = Vec::new();
        let mut current = traceback.clone();
        while !current.is_none() {
            let Ok(entry) = entry(self.vm, &current) else { break };
            entries.push(entry);
            match self.vm.get_attr_str(&current, "tb_next") {
                Ok(next) => current = next,
                Err(_) => break,
            }
        }
        self.text.push_str("Traceback (most recent call last):\n");
        let first = entries.len().saturating_sub(limit);
        let mut repeats = 0;
        let mut last: Option<&Entry> = None;
        for entry in &entries[first..] {
            if last == Some(entry) {
                repeats += 1;
            } else {
                self.repetitions(repeats);
                repeats = 1;
                last = Some(entry);
            }
            if repeats <= MOST_REPEATS {
                let Entry { filename, line, function } = entry;
                let _ = writeln!(self.text, "  File \"{filename}\", line {line}, in {function}");
                if let Some(source) = self.vm.source_line(filename, *line) {
                    let _ = writeln!(self.text, "    {}", source.trim());
                }
            }
        }
        self.repetitions(repeats);
    }

    fn repetitions(&mut self, repeats: usize) {
        if let Some(more) = repeats.checked_sub(MOST_REPEATS).filter(|more| *more > 0) {
            let plural = if more == 1 { "" } else { "s" };
            let _ = writeln!(self.text, "  [Previous line repeated {more} more time{plural}]");
        }
    }
}

fn entry(vm: &Vm, traceback: &Value) -> PyResult<Entry> {
    let line = vm.get_attr_str(traceback, "tb_lineno")?;
    let frame = vm.get_attr_str(traceback, "tb_frame")?;
    let code = vm.get_attr_str(&frame, "f_code")?;
    let filename = vm.get_attr_str(&code, "co_filename")?;
    let function = vm.get_attr_str(&code, "co_name")?;
    let line = match vm.small_or_big(&line) {
        Some(Ok(line)) => line,
        _ => 0,
    };
    Ok(Entry { filename: vm.str_text(&filename), line, function: vm.str_text(&function) })
}
