//! `FileIO`: a descriptor as a raw stream.

use super::base::{self, IoBase, unsupported};
use super::helpers;
use oriel_runtime::platform::files;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, Bound, GetSetDef, Layout, MethodDef, PyResult, Ref, TypeSpec, Value, Vm, type_flags};
use std::cell::Cell;
use std::ffi::CString;

/// The body of a raw file.
#[repr(C)]
pub struct FileIo {
    base: IoBase,
    descriptor: Cell<i32>,
    readable: Cell<bool>,
    writable: Cell<bool>,
    created: Cell<bool>,
    appending: Cell<bool>,
    close_descriptor: Cell<bool>,
    seekable: Cell<Option<bool>>,
    block_size: Cell<i64>,
    /// The size when it was opened; nothing for what is no regular file.
    size: Cell<Option<i64>>,
    /// Whether it can be a terminal.
    character_device: Cell<bool>,
    finalizing: Cell<bool>,
}

static LAYOUT: Layout = Layout::of::<FileIo>("_io.FileIO", Some(&base::LAYOUT));

impl Body for FileIo {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

/// `FileIO`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::DICT | type_flags::WEAKREF,
    doc: "Open a file.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(init));
        slots.repr.set(Some(repr));
    },
    methods: &[
        MethodDef::bound("read", read, "($self, size=-1, /)", "Read at most size bytes."),
        MethodDef::noargs("readall", readall, "($self, /)", "Read until the end."),
        MethodDef::one("readinto", readinto, "($self, buffer, /)", "Read into a buffer."),
        MethodDef::one("write", write, "($self, b, /)", "Write bytes; return how many were written."),
        MethodDef::positional("seek", 1, 2, seek, "($self, pos, whence=0, /)", "Change the position."),
        MethodDef::noargs("tell", tell, "($self, /)", "Return the position."),
        MethodDef::bound("truncate", truncate, "($self, size=None, /)", "Cut or lengthen the file."),
        MethodDef::noargs("close", close, "($self, /)", "Close the file."),
        MethodDef::noargs(
            "seekable",
            |vm, this| Ok(Value::bool(is_seekable(vm, this)?)),
            "($self, /)",
            "Return whether the position can be changed.",
        ),
        MethodDef::noargs(
            "readable",
            |vm, this| {
                open(vm, this)?;
                Ok(Value::bool(file(vm, this)?.readable.get()))
            },
            "($self, /)",
            "Return whether the file can be read.",
        ),
        MethodDef::noargs(
            "writable",
            |vm, this| {
                open(vm, this)?;
                Ok(Value::bool(file(vm, this)?.writable.get()))
            },
            "($self, /)",
            "Return whether the file can be written.",
        ),
        MethodDef::noargs(
            "fileno",
            |vm, this| Ok(Value::small(open(vm, this)?)),
            "($self, /)",
            "Return the descriptor.",
        ),
        MethodDef::noargs(
            "isatty",
            |vm, this| {
                let d = open(vm, this)?;
                Ok(Value::bool(oriel_runtime::platform::is_terminal(d)))
            },
            "($self, /)",
            "Return whether this is a terminal.",
        ),
        MethodDef::noargs(
            "_isatty_open_only",
            |vm, this| {
                let d = open(vm, this)?;
                let can = file(vm, this)?.character_device.get();
                Ok(Value::bool(can && oriel_runtime::platform::is_terminal(d)))
            },
            "($self, /)",
            "Return whether this is a terminal.",
        ),
        MethodDef::one("_dealloc_warn", dealloc_warn, "($self, source, /)", "Warn that the file was not closed."),
        MethodDef::noargs("__getstate__", cannot_pickle, "($self, /)", "Files cannot be pickled."),
    ],
    getset: &[
        GetSetDef::readonly(
            "closed",
            |vm, this| Ok(Value::bool(file(vm, this)?.descriptor.get() < 0)),
            "True if the file is closed",
        ),
        GetSetDef::readonly(
            "closefd",
            |vm, this| Ok(Value::bool(file(vm, this)?.close_descriptor.get())),
            "Whether closing closes the descriptor.",
        ),
        GetSetDef::readonly("mode", |vm, this| Ok(vm.intern(mode_of(file(vm, this)?))), "The mode."),
        GetSetDef::readonly(
            "_blksize",
            |vm, this| Ok(vm.new_int(file(vm, this)?.block_size.get())),
            "The file system's block size.",
        ),
        GetSetDef::new(
            "_finalizing",
            |vm, this| Ok(Value::bool(file(vm, this)?.finalizing.get())),
            |vm, this, value| helpers::set_flag(vm, &file(vm, this)?.finalizing, value),
            "Whether nobody refers to the file any more.",
        ),
    ],
    extra: Some(|_, ty| {
        ty.head.finalize.set(Some(base::finalize));
        Ok(())
    }),
    ..TypeSpec::new("_io.FileIO", FileIo::layout)
};

fn cannot_pickle(vm: &Vm, this: &Value) -> PyResult {
    Err(vm.type_error(format!("cannot pickle '{}' instances", vm.type_name(this))))
}

fn file<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<FileIo>> {
    value.downcast().ok_or_else(|| vm.type_error("a FileIO is needed"))
}

/// The descriptor of an open file.
fn open(vm: &Vm, this: &Value) -> PyResult<i32> {
    let descriptor = file(vm, this)?.descriptor.get();
    if descriptor < 0 { Err(vm.value_error("I/O operation on closed file")) } else { Ok(descriptor) }
}

/// The descriptor of an exact, open `FileIO` for reading or writing, so that buffered streams can go round calls.
pub fn direct(vm: &Vm, this: &Value, writing: bool) -> Option<i32> {
    let file = this.downcast::<FileIo>()?;
    let allowed = if writing { file.writable.get() } else { file.readable.get() };
    (allowed && file.descriptor.get() >= 0 && !vm.type_of(this).is_heap_type()).then(|| file.descriptor.get())
}

fn mode_of(file: &FileIo) -> &'static str {
    match (file.created.get(), file.appending.get(), file.readable.get(), file.writable.get()) {
        (true, _, true, _) => "xb+",
        (true, ..) => "xb",
        (_, true, true, _) => "ab+",
        (_, true, ..) => "ab",
        (_, _, true, true) => "rb+",
        (_, _, true, false) => "rb",
        _ => "wb",
    }
}

fn new(vm: &Vm, class: &TypeRef, _: Args<'_>) -> PyResult {
    let body = FileIo {
        base: IoBase,
        descriptor: Cell::new(-1),
        readable: Cell::new(false),
        writable: Cell::new(false),
        created: Cell::new(false),
        appending: Cell::new(false),
        close_descriptor: Cell::new(true),
        seekable: Cell::new(None),
        block_size: Cell::new(super::DEFAULT_BUFFER_SIZE as i64),
        size: Cell::new(None),
        character_device: Cell::new(true),
        finalizing: Cell::new(false),
    };
    let made = vm.new_instance(class, body)?;
    let _ = &made.base;
    Ok(made.into_value())
}

struct Flags {
    system: i32,
    readable: bool,
    writable: bool,
    created: bool,
    appending: bool,
}

fn parse_mode(vm: &Vm, mode: &str) -> PyResult<Flags> {
    let mut flags = Flags { system: 0, readable: false, writable: false, created: false, appending: false };
    let (mut kinds, mut plus) = (0, false);
    for letter in mode.chars() {
        match letter {
            'r' => {
                kinds += 1;
                flags.readable = true;
            }
            'w' => {
                kinds += 1;
                flags.writable = true;
                flags.system |= libc::O_CREAT | libc::O_TRUNC;
            }
            'x' => {
                kinds += 1;
                flags.created = true;
                flags.writable = true;
                flags.system |= libc::O_CREAT | libc::O_EXCL;
            }
            'a' => {
                kinds += 1;
                flags.appending = true;
                flags.writable = true;
                flags.system |= libc::O_CREAT | libc::O_APPEND;
            }
            'b' => {}
            '+' if !plus => {
                plus = true;
            }
            _ => return Err(vm.value_error(format!("invalid mode: {mode}"))),
        }
    }
    if kinds != 1 {
        return Err(vm.value_error("Must have exactly one of create/read/write/append mode and at most one plus"));
    }
    if plus {
        flags.readable = true;
        flags.writable = true;
    }
    flags.system |= libc::O_CLOEXEC
        | match (flags.readable, flags.writable) {
            (true, true) => libc::O_RDWR,
            (true, false) => libc::O_RDONLY,
            _ => libc::O_WRONLY,
        };
    Ok(flags)
}

fn init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: std::sync::OnceLock<oriel_runtime::args::Signature> = std::sync::OnceLock::new();
    let signature =
        SIGNATURE.get_or_init(|| oriel_runtime::args::Signature::parse("(file, mode='r', closefd=True, opener=None)"));
    let mut bound = [None; 4];
    signature.bind(vm, "FileIO", args, &mut bound)?;
    let [Some(name), mode, close_descriptor, opener] = bound else { return Ok(()) };
    let body = file(vm, this)?;
    if body.descriptor.get() >= 0 && body.close_descriptor.get() {
        close_number(vm, body)?;
    }
    let mode = match mode {
        None => "r".to_owned(),
        Some(mode) => match mode.downcast::<Str>() {
            Some(mode) => mode.to_text(),
            None => {
                let given = vm.type_name(mode);
                return Err(vm.type_error(format!("FileIO() argument 'mode' must be str, not {given}")));
            }
        },
    };
    let flags = parse_mode(vm, &mode)?;
    let close_descriptor = close_descriptor.map_or(Ok(true), |flag| vm.truth(flag))?;
    let opener = opener.filter(|opener| !opener.is_none());
    body.readable.set(flags.readable);
    body.writable.set(flags.writable);
    body.created.set(flags.created);
    body.appending.set(flags.appending);
    body.close_descriptor.set(close_descriptor);
    body.seekable.set(None);
    let given = if name.is_heap() && vm.small_or_big(name).is_none() { None } else { vm.small_or_big(name) };
    let descriptor = match given {
        Some(Ok(number)) if name.as_bool().is_none() || number >= 0 => {
            if name.as_bool().is_some() {
                vm.warn(&vm.types.runtime_warning, "bool is used as a file descriptor", 1)?;
            }
            if number < 0 {
                return Err(vm.value_error("negative file descriptor"));
            }
            i32::try_from(number).map_err(|_| vm.overflow_error("Python int too large to convert to C int"))?
        }
        Some(_) => return Err(vm.overflow_error("Python int too large to convert to C int")),
        None => {
            if !close_descriptor {
                return Err(vm.value_error("Cannot use closefd=False with file name"));
            }
            match opener {
                Some(opener) => {
                    let made = vm.call(opener, &[name.clone(), vm.new_int(i64::from(flags.system))])?;
                    let Some(Ok(number)) = vm.small_or_big(&made) else {
                        return Err(vm.type_error("expected integer from opener"));
                    };
                    if number < 0 {
                        return Err(vm.value_error(format!("opener returned {number}")));
                    }
                    let _ = files::set_inheritable(number as i32, false);
                    number as i32
                }
                None => {
                    let path = vm.fs_bytes(name)?;
                    let Ok(path) = CString::new(path) else { return Err(vm.value_error("embedded null byte")) };
                    vm.audit("open", &[name.clone(), vm.new_str(&mode), vm.new_int(i64::from(flags.system))])?;
                    let shown = || format!("{path:?}, {:#o}", flags.system);
                    let opened = vm.told_call(
                        "openat",
                        None,
                        shown,
                        |number| *number,
                        || files::openat(libc::AT_FDCWD, &path, flags.system, 0o666),
                    )?;
                    opened.map_err(|number| vm.os_error_with_path(number, name))? as i32
                }
            }
        }
    };
    body.descriptor.set(descriptor);
    match files::fstat(descriptor) {
        Ok(stat) if stat.st_mode & libc::S_IFMT == libc::S_IFDIR => {
            if given.is_none() {
                close_number(vm, body)?;
            }
            body.descriptor.set(-1);
            return Err(vm.os_error_with_path(libc::EISDIR, name));
        }
        Ok(stat) => {
            let kind = stat.st_mode & libc::S_IFMT;
            body.size.set((kind == libc::S_IFREG).then_some(stat.st_size));
            body.character_device.set(kind == libc::S_IFCHR);
            if stat.st_blksize > 1 {
                body.block_size.set(stat.st_blksize);
            }
        }
        Err(libc::EBADF) => {
            body.descriptor.set(-1);
            return Err(vm.os_error_with_path(libc::EBADF, name));
        }
        Err(_) => {}
    }
    if let Err(raised) = vm.set_attr(this, &vm.names.name, name) {
        // A descriptor that was given stays its giver's.
        if given.is_some() {
            body.descriptor.set(-1)
        } else {
            close_number(vm, body)?
        }
        return Err(raised);
    }
    if flags.appending {
        let _ = files::lseek(descriptor, 0, libc::SEEK_END);
    }
    Ok(())
}

fn close_number(vm: &Vm, body: &Ref<FileIo>) -> PyResult<()> {
    let descriptor = body.descriptor.replace(-1);
    if descriptor >= 0 {
        vm.told_once("close", Some(descriptor), String::new, |_| 0, || files::close(descriptor))
            .map_err(|number| vm.os_error(number))?;
    }
    Ok(())
}

fn close(vm: &Vm, this: &Value) -> PyResult {
    let body = file(vm, this)?.clone();
    if body.finalizing.get() && body.close_descriptor.get() && body.descriptor.get() >= 0 {
        dealloc_warn(vm, this, this)?;
    }
    // The base's `close` flushes and marks the stream.
    let state = vm.state::<super::State>();
    let marked = match state.io_base.get() {
        Some(class) => {
            let close = vm.get_attr(class, &vm.names.close)?;
            vm.call(&close, std::slice::from_ref(this))
        }
        None => Ok(Value::NONE),
    };
    if !body.close_descriptor.get() {
        body.descriptor.set(-1);
        return marked;
    }
    close_number(vm, &body)?;
    marked
}

fn dealloc_warn(vm: &Vm, this: &Value, source: &Value) -> PyResult {
    let body = file(vm, this)?;
    if body.descriptor.get() >= 0 && body.close_descriptor.get() {
        let shown = vm.repr_text(source)?;
        if let Err(raised) = vm.warn_about(&vm.types.resource_warning, &format!("unclosed file {shown}"), source, 1) {
            vm.write_unraisable(raised, Some(this), "Exception ignored while finalizing file");
        }
    }
    Ok(Value::NONE)
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let body = file(vm, this)?;
    let descriptor = body.descriptor.get();
    let class = vm.type_name(this);
    if descriptor < 0 {
        return Ok(vm.new_str(&format!("<{class} [closed]>")));
    }
    let mode = mode_of(body);
    let closes = if body.close_descriptor.get() { "True" } else { "False" };
    match vm.get_attr_opt(this, &vm.names.name)? {
        None => Ok(vm.new_str(&format!("<{class} fd={descriptor} mode='{mode}' closefd={closes}>"))),
        Some(name) => {
            if !vm.enter_repr(this) {
                return Err(vm.runtime_error(format!("reentrant call inside {class}.__repr__")));
            }
            let shown = vm.repr_text(&name);
            vm.leave_repr(this);
            Ok(vm.new_str(&format!("<{class} name={} mode='{mode}' closefd={closes}>", shown?)))
        }
    }
}

fn mode_error(vm: &Vm, action: &str) -> oriel_runtime::Raised {
    unsupported(vm, &format!("File not open for {action}"))
}

fn read(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let descriptor = open(vm, this)?;
    if !file(vm, this)?.readable.get() {
        return Err(mode_error(vm, "reading"));
    }
    let size = args[0].filter(|size| !size.is_none()).map_or(Ok(-1), |size| vm.to_isize(size))?;
    if size < 0 {
        return readall(vm, this);
    }
    let mut buffer = helpers::zeroed(vm, size as usize)?;
    let room = buffer.len();
    match told_read(vm, descriptor, room, || files::read(descriptor, &mut buffer))? {
        Ok(count) => vm.try_new_bytes(&buffer[..count]),
        Err(libc::EAGAIN) => Ok(Value::NONE),
        Err(number) => Err(vm.os_error(number)),
    }
}

/// A read of which the recorder is told.
pub(super) fn told_read(
    vm: &Vm,
    descriptor: i32,
    room: usize,
    read: impl FnMut() -> oriel_runtime::platform::Result<usize>,
) -> PyResult<oriel_runtime::platform::Result<usize>> {
    vm.told_call("read", Some(descriptor), || room.to_string(), |count| *count as i64, read)
}

/// Files above this size are asked for their position before all of them is read.
const LARGE: i64 = 64 * 1024;

fn readall(vm: &Vm, this: &Value) -> PyResult {
    let descriptor = open(vm, this)?;
    if !file(vm, this)?.readable.get() {
        return Err(mode_error(vm, "reading"));
    }
    // As large as the rest of the file, if that is known.
    let mut room = match file(vm, this)?.size.get() {
        Some(size @ 1..) if size > LARGE => {
            let position = files::lseek(descriptor, 0, libc::SEEK_CUR).unwrap_or(0);
            (size - position.clamp(0, size)) as usize + 1
        }
        Some(size @ 1..) => size as usize + 1,
        _ => 8192,
    };
    let mut all = Vec::new();
    loop {
        let start = all.len();
        if all.try_reserve(room).is_err() {
            return Err(vm.memory_error());
        }
        all.resize(start + room, 0);
        let result = told_read(vm, descriptor, room, || files::read(descriptor, &mut all[start..]))?;
        match result {
            Ok(0) => {
                all.truncate(start);
                break;
            }
            Ok(count) => all.truncate(start + count),
            Err(libc::EAGAIN) => {
                all.truncate(start);
                if start == 0 {
                    return Ok(Value::NONE);
                }
                break;
            }
            Err(number) => return Err(vm.os_error(number)),
        }
        room = all.len().clamp(8192, 1 << 24);
    }
    vm.try_new_bytes(&all)
}

fn readinto(vm: &Vm, this: &Value, target: &Value) -> PyResult {
    let descriptor = open(vm, this)?;
    if !file(vm, this)?.readable.get() {
        return Err(mode_error(vm, "reading"));
    }
    let view = vm.writable_argument(target, "readinto() argument")?;
    let mut buffer = helpers::zeroed(vm, view.len)?;
    let room = buffer.len();
    match told_read(vm, descriptor, room, || files::read(descriptor, &mut buffer))? {
        Ok(count) => {
            view.with_bytes_mut(|room| room[..count].copy_from_slice(&buffer[..count]));
            Ok(vm.new_int(count as i64))
        }
        Err(libc::EAGAIN) => Ok(Value::NONE),
        Err(number) => Err(vm.os_error(number)),
    }
}

fn write(vm: &Vm, this: &Value, data: &Value) -> PyResult {
    let descriptor = open(vm, this)?;
    if !file(vm, this)?.writable.get() {
        return Err(mode_error(vm, "writing"));
    }
    let bytes = vm.buffer(data, false)?.to_vec();
    match vm.told_write(descriptor, &bytes, || files::write(descriptor, &bytes))? {
        Ok(count) => Ok(vm.new_int(count as i64)),
        Err(libc::EAGAIN) => Ok(Value::NONE),
        Err(number) => Err(vm.os_error(number)),
    }
}

fn seek(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let descriptor = open(vm, this)?;
    let offset = vm.to_i64(&args[0])?;
    let whence = args.get(1).map_or(Ok(0), |whence| vm.to_i32(whence))?;
    let body = file(vm, this)?;
    let result = files::lseek(descriptor, offset, whence);
    if body.seekable.get().is_none() {
        body.seekable.set(Some(result.is_ok()));
    }
    match result {
        Ok(position) => Ok(vm.new_int(position)),
        Err(number) => Err(vm.os_error(number)),
    }
}

fn tell(vm: &Vm, this: &Value) -> PyResult {
    seek(vm, this, &[Value::small(0), Value::small(1)])
}

fn is_seekable(vm: &Vm, this: &Value) -> PyResult<bool> {
    let descriptor = open(vm, this)?;
    let body = file(vm, this)?;
    if let Some(known) = body.seekable.get() {
        return Ok(known);
    }
    let seekable = files::lseek(descriptor, 0, libc::SEEK_CUR).is_ok();
    body.seekable.set(Some(seekable));
    Ok(seekable)
}

fn truncate(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let descriptor = open(vm, this)?;
    if !file(vm, this)?.writable.get() {
        return Err(mode_error(vm, "writing"));
    }
    let size = match args[0].filter(|size| !size.is_none()) {
        Some(size) => size.clone(),
        None => tell(vm, this)?,
    };
    let length = vm.to_i64(&size)?;
    match vm.system_call(|| files::ftruncate(descriptor, length))? {
        Ok(_) => {
            file(vm, this)?.size.set(None);
            Ok(size)
        }
        Err(number) => Err(vm.os_error(number)),
    }
}
