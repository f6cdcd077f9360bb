//! `OSError`: its subclasses by error number, and the errors of system calls.

use crate::args::Args;
use crate::error::{PyResult, Raised};
use crate::native::{GetSetDef, MethodDef, TypeSpec};
use crate::types::exceptions::{FLAGS, allocate, body, init_args, own_dict, reduce_with, str};
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Ref, Value};

exception_body! {
    /// The body of `OSError`.
    OsError as "OSError" {
        /// `errno`
        errno,
        /// `strerror`
        strerror,
        /// `filename`
        filename,
        /// `filename2`
        filename2,
        /// `characters_written` of a `BlockingIOError`: an int.
        characters_written,
    }
}

/// `OSError`
pub static OS_ERROR: TypeSpec = TypeSpec {
    flags: FLAGS,
    base: Some(|types| &types.exception),
    doc: "The base of errors of the operating system.",
    slots: |slots| {
        slots.new.set(Some(os_new));
        slots.init.set(Some(os_init));
        slots.str.set(Some(os_str));
    },
    methods: &[MethodDef::noargs("__reduce__", os_reduce, "($self, /)", "How the exception is pickled.")],
    getset: &[
        field!(OsError, errno, "errno", "The error number."),
        field!(OsError, strerror, "strerror", "What the number means."),
        field!(OsError, filename, "filename", "The file."),
        field!(OsError, filename2, "filename2", "The second file."),
        GetSetDef::new(
            "characters_written",
            |vm, this| {
                body::<OsError>(vm, this)?
                    .characters_written
                    .get()
                    .ok_or_else(|| vm.attribute_error("characters_written"))
            },
            |vm, this, value| {
                let own = body::<OsError>(vm, this)?;
                match value {
                    Some(value) => own.characters_written.set(Some(vm.index(value)?)),
                    None if own.characters_written.is_some() => own.characters_written.set(None),
                    None => return Err(vm.attribute_error("characters_written")),
                }
                Ok(())
            },
            "How much was written before it blocked.",
        ),
    ],
    ..TypeSpec::new("OSError", OsError::layout)
};

macro_rules! subclasses {
    ($($constant:ident $name:literal: $base:ident, $doc:literal;)*) => {
        $(#[doc = concat!("`", $name, "`")]
        pub static $constant: TypeSpec = TypeSpec {
            flags: FLAGS,
            base: Some(|types| &types.$base),
            doc: $doc,
            ..TypeSpec::new($name, OsError::layout)
        };)*
    };
}

subclasses! {
    BLOCKING_IO_ERROR "BlockingIOError": os_error, "The operation would block.";
    CHILD_PROCESS_ERROR "ChildProcessError": os_error, "There is no such child process.";
    CONNECTION_ERROR "ConnectionError": os_error, "The base of connection errors.";
    BROKEN_PIPE_ERROR "BrokenPipeError": connection_error, "The other end is closed.";
    CONNECTION_ABORTED_ERROR "ConnectionAbortedError": connection_error, "The connection was aborted.";
    CONNECTION_REFUSED_ERROR "ConnectionRefusedError": connection_error, "The connection was refused.";
    CONNECTION_RESET_ERROR "ConnectionResetError": connection_error, "The connection was reset.";
    FILE_EXISTS_ERROR "FileExistsError": os_error, "The file exists already.";
    FILE_NOT_FOUND_ERROR "FileNotFoundError": os_error, "There is no such file.";
    INTERRUPTED_ERROR "InterruptedError": os_error, "A signal interrupted the call.";
    IS_A_DIRECTORY_ERROR "IsADirectoryError": os_error, "A directory where a file is needed.";
    NOT_A_DIRECTORY_ERROR "NotADirectoryError": os_error, "A file where a directory is needed.";
    PERMISSION_ERROR "PermissionError": os_error, "Not permitted.";
    PROCESS_LOOKUP_ERROR "ProcessLookupError": os_error, "There is no such process.";
    TIMEOUT_ERROR "TimeoutError": os_error, "The time is over.";
}

/// The subclass for an error number.
fn class_of_errno(vm: &Vm, errno: i64) -> Option<&TypeRef> {
    let types = &vm.types;
    Some(match i32::try_from(errno).ok()? {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => &types.blocking_io_error,
        libc::EPIPE | libc::ESHUTDOWN => &types.broken_pipe_error,
        libc::ECHILD => &types.child_process_error,
        libc::ECONNABORTED => &types.connection_aborted_error,
        libc::ECONNREFUSED => &types.connection_refused_error,
        libc::ECONNRESET => &types.connection_reset_error,
        libc::EEXIST => &types.file_exists_error,
        libc::ENOENT => &types.file_not_found_error,
        libc::EISDIR => &types.is_a_directory_error,
        libc::ENOTDIR => &types.not_a_directory_error,
        libc::EINTR => &types.interrupted_error,
        libc::EACCES | libc::EPERM => &types.permission_error,
        libc::ESRCH => &types.process_lookup_error,
        libc::ETIMEDOUT => &types.timeout_error,
        _ => return None,
    })
}

/// A subclass with its own `__init__` but not its own `__new__` gets its arguments there.
fn uses_init(class: &TypeRef) -> bool {
    let own_init = class.slots.init.get().is_none_or(|f| !std::ptr::fn_addr_eq(f, os_init as crate::slots::InitFn));
    let same_new = class.slots.new.get().is_some_and(|f| std::ptr::fn_addr_eq(f, os_new as crate::slots::NewFn));
    own_init && same_new
}

fn os_new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    if uses_init(class) {
        return allocate(vm, class, vm.constants.empty_tuple.clone());
    }
    args.no_keywords(vm, &vm.full_name(class))?;
    let values = args.positional();
    let mut class = class;
    if (2..=5).contains(&values.len())
        && class.is(&vm.types.os_error)
        && let Some(Ok(errno)) = vm.small_or_big(&values[0])
        && let Some(subclass) = class_of_errno(vm, errno)
    {
        class = subclass;
    }
    let this = allocate(vm, class, vm.constants.empty_tuple.clone())?;
    fill(vm, &this, values)?;
    Ok(this)
}

fn os_init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    if !uses_init(vm.type_of(this)) {
        return Ok(());
    }
    args.no_keywords(vm, &vm.type_name(this))?;
    fill(vm, this, args.positional())
}

fn fill(vm: &Vm, this: &Value, values: &[Value]) -> PyResult<()> {
    let own = body::<OsError>(vm, this)?;
    let mut kept = values;
    if (2..=5).contains(&values.len()) {
        own.errno.set(Some(values[0].clone()));
        own.strerror.set(Some(values[1].clone()));
        if let Some(filename) = values.get(2).filter(|filename| !filename.is_none()) {
            let is_number = vm.type_of(filename).slots.nb_index.get().is_some();
            if vm.type_of(this).is(&vm.types.blocking_io_error) && is_number {
                own.characters_written.set(Some(vm.index(filename)?));
            } else {
                own.filename.set(Some(filename.clone()));
                if let Some(second) = values.get(4).filter(|second| !second.is_none()) {
                    own.filename2.set(Some(second.clone()));
                }
                kept = &values[..2];
            }
        }
    }
    init_args(vm, this, kept)
}

fn os_str(vm: &Vm, this: &Value) -> PyResult {
    let own = body::<OsError>(vm, this)?;
    let (errno, strerror) = (own.errno.get(), own.strerror.get());
    let text = |value: &Option<Value>| vm.str(value.as_ref().unwrap_or(&Value::NONE)).map(|text| vm.str_text(&text));
    if let Some(filename) = own.filename.get() {
        let head = format!("[Errno {}] {}: {}", text(&errno)?, text(&strerror)?, vm.repr_text(&filename)?);
        return Ok(match own.filename2.get() {
            Some(second) => vm.new_str(&format!("{head} -> {}", vm.repr_text(&second)?)),
            None => vm.new_str(&head),
        });
    }
    if errno.is_some() && strerror.is_some() {
        return Ok(vm.new_str(&format!("[Errno {}] {}", text(&errno)?, text(&strerror)?)));
    }
    str(vm, this)
}

fn os_reduce(vm: &Vm, this: &Value) -> PyResult {
    let own = body::<OsError>(vm, this)?;
    let mut args = vm.exception_args(this).into_value();
    if let Some(tuple) = args.downcast::<Tuple>()
        && let [errno, strerror] = tuple.items()
        && let Some(filename) = own.filename.get()
    {
        let mut values = vec![errno.clone(), strerror.clone(), filename];
        if let Some(second) = own.filename2.get() {
            values.push(Value::NONE);
            values.push(second);
        }
        args = vm.new_tuple(&values);
    }
    let state = own_dict(vm, this)?.map(Ref::into_value);
    Ok(reduce_with(vm, this, args, state))
}

/// What an error number means, as the C library words it.
pub fn strerror(errno: i32) -> String {
    let text = std::io::Error::from_raw_os_error(errno).to_string();
    match text.rfind(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

impl Vm {
    /// The OSError, or its subclass, of an error number.
    #[cold]
    pub fn os_error(&self, errno: i32) -> Raised {
        let strerror = self.new_str(&strerror(errno));
        self.new_exception_with(&self.types.os_error, &[self.new_int(errno.into()), strerror])
    }

    /// The OSError of an error number and the file it is about.
    #[cold]
    pub fn os_error_with_path(&self, errno: i32, path: &Value) -> Raised {
        let strerror = self.new_str(&strerror(errno));
        self.new_exception_with(&self.types.os_error, &[self.new_int(errno.into()), strerror, path.clone()])
    }

    /// The OSError of an error number and two files, as of a rename.
    #[cold]
    pub fn os_error_with_paths(&self, errno: i32, path: &Value, second: &Value) -> Raised {
        let strerror = self.new_str(&strerror(errno));
        let args = [self.new_int(errno.into()), strerror, path.clone(), Value::NONE, second.clone()];
        self.new_exception_with(&self.types.os_error, &args)
    }

    /// The OSError of an error of Rust's library.
    #[cold]
    pub fn io_error(&self, error: &std::io::Error) -> Raised {
        match error.raw_os_error() {
            Some(errno) => self.os_error(errno),
            None => self.new_exception(&self.types.os_error, &error.to_string()),
        }
    }

    /// The error number of an OSError, where it is a machine number.
    pub fn errno_of(&self, raised: &Raised) -> Option<i32> {
        let errno = raised.0.downcast::<OsError>()?.errno.get()?;
        self.small_or_big(&errno)?.ok()?.try_into().ok()
    }
}
