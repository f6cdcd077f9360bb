//! `BufferedReader`, `BufferedWriter`, `BufferedRandom`: a buffer before a raw stream. One body serves all three.
//!
//! ```text
//!  reading:  data = bytes read ahead, `next` of them handed out; the raw position is behind data
//!  writing:  pending = bytes not written yet; the raw position is before them
//! ```
//! A stream that does both writes out before it reads, and seeks back before it writes.

use super::base::{self, IoBase, unsupported};
use super::file_io;
use super::helpers;
use oriel_runtime::cells::OptionCell;
use oriel_runtime::platform::files;
use oriel_runtime::platform::parking::RawLock;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{
    Args, Body, Bound, GetSetDef, Layout, MethodDef, PyResult, Ref, TypeSpec, Value, Visitor, Vm, type_flags,
};
use std::cell::{Cell, RefCell};

/// The body of buffered streams.
#[repr(C)]
pub struct Buffered {
    base: IoBase,
    raw: OptionCell,
    reads: bool,
    writes: bool,
    room: Cell<usize>,
    data: RefCell<Vec<u8>>,
    next: Cell<usize>,
    pending: RefCell<Vec<u8>>,
    detached: Cell<bool>,
    finalizing: Cell<bool>,
    /// Held by the thread that works on the buffer.
    lock: RawLock,
    owner: Cell<u64>,
}

/// The lock of a stream, until dropped.
struct Locked<'a>(&'a Buffered);

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        self.0.owner.set(0);
        self.0.lock.unlock();
    }
}

/// Takes the lock of a stream, waiting for other threads; the thread that has it is told so.
fn enter<'a>(vm: &Vm, this: &Value, body: &'a Buffered) -> PyResult<Locked<'a>> {
    if !body.lock.try_lock() {
        if body.owner.get() == vm.ident {
            let shown = vm.repr_text(this)?;
            return Err(vm.runtime_error(format!("reentrant call inside {shown}")));
        }
        vm.system_call(|| body.lock.lock_until(None))?.map_err(|errno| vm.os_error(errno))?;
    }
    body.owner.set(vm.ident);
    Ok(Locked(body))
}

static LAYOUT: Layout = Layout::of::<Buffered>("_io.Buffered", Some(&base::LAYOUT));

impl Body for Buffered {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.raw.visit(visitor);
    }
    fn clear(&self) {
        self.raw.set(None);
    }
}

macro_rules! buffered_spec {
    ($name:ident, $python:literal, $doc:literal, $reads:literal, $writes:literal, $methods:expr) => {
        #[doc = $doc]
        pub static $name: TypeSpec = TypeSpec {
            flags: type_flags::BASE | type_flags::DICT | type_flags::WEAKREF,
            doc: $doc,
            slots: |slots| {
                slots.new.set(Some(|vm, class, _| make(vm, class, $reads, $writes)));
                slots.init.set(Some(init));
                slots.repr.set(Some(repr));
                slots.next.set(Some(next_line));
            },
            methods: $methods,
            getset: GETSET,
            extra: Some(|_, ty| {
                ty.head.finalize.set(Some(base::finalize));
                Ok(())
            }),
            ..TypeSpec::new($python, Buffered::layout)
        };
    };
}

const READ: MethodDef = MethodDef::bound("read", read, "($self, size=-1, /)", "Read bytes.");
const READ1: MethodDef = MethodDef::bound("read1", read1, "($self, size=-1, /)", "Read bytes with one call.");
const PEEK: MethodDef = MethodDef::bound("peek", peek, "($self, size=0, /)", "Return bytes without moving on.");
const READINTO: MethodDef = MethodDef::one(
    "readinto",
    |vm, this, target| readinto(vm, this, target, false),
    "($self, buffer, /)",
    "Read into a buffer.",
);
const READINTO1: MethodDef = MethodDef::one(
    "readinto1",
    |vm, this, target| readinto(vm, this, target, true),
    "($self, buffer, /)",
    "Read into a buffer with one call.",
);
const READLINE: MethodDef = MethodDef::bound("readline", readline, "($self, size=-1, /)", "Read a line.");
const WRITE: MethodDef = MethodDef::one("write", write, "($self, buffer, /)", "Write bytes.");
const SEEK: MethodDef =
    MethodDef::positional("seek", 1, 2, seek, "($self, target, whence=0, /)", "Change the position.");
const TELL: MethodDef =
    MethodDef::noargs("tell", |vm, this| Ok(vm.new_int(tell(vm, this)?)), "($self, /)", "Return the position.");
const FLUSH: MethodDef = MethodDef::noargs("flush", flush, "($self, /)", "Write what is buffered.");
const CLOSE: MethodDef = MethodDef::noargs("close", close, "($self, /)", "Flush and close.");
const DETACH: MethodDef = MethodDef::noargs("detach", detach, "($self, /)", "Separate the raw stream.");
const TRUNCATE: MethodDef = MethodDef::bound("truncate", truncate, "($self, pos=None, /)", "Cut the file.");
const FILENO: MethodDef =
    MethodDef::noargs("fileno", |vm, this| ask_raw(vm, this, "fileno"), "($self, /)", "Return the descriptor.");
const ISATTY: MethodDef = MethodDef::noargs(
    "isatty",
    |vm, this| ask_raw(vm, this, "isatty"),
    "($self, /)",
    "Return whether this is a terminal.",
);
const SEEKABLE: MethodDef = MethodDef::noargs(
    "seekable",
    |vm, this| ask_raw(vm, this, "seekable"),
    "($self, /)",
    "Return whether the position can be changed.",
);
const READABLE: MethodDef = MethodDef::noargs(
    "readable",
    |vm, this| ask_raw(vm, this, "readable"),
    "($self, /)",
    "Return whether the stream can be read.",
);
const WRITABLE: MethodDef = MethodDef::noargs(
    "writable",
    |vm, this| ask_raw(vm, this, "writable"),
    "($self, /)",
    "Return whether the stream can be written.",
);
const WARN: MethodDef = MethodDef::one(
    "_dealloc_warn",
    |vm, this, source| {
        if let Ok(raw) = raw(vm, this) {
            // Nothing comes of errors: not every raw stream has such a method.
            let _ = vm.call_method_str(&raw, "_dealloc_warn", std::slice::from_ref(source));
        }
        Ok(Value::NONE)
    },
    "",
    "Warn that the stream was not closed.",
);
const GETSTATE: MethodDef =
    MethodDef::noargs("__getstate__", helpers::cannot_pickle, "($self, /)", "Streams cannot be pickled.");
const REDUCE: MethodDef =
    MethodDef::positional("__reduce_ex__", 1, 1, helpers::reduce, "($self, protocol, /)", "Helper for pickle.");
const SIMPLE_FLUSH: MethodDef =
    MethodDef::noargs("flush", |vm, this| ask_raw(vm, this, "flush"), "($self, /)", "Flush the raw stream.");

const GETSET: &[GetSetDef] = &[
    GetSetDef::readonly("raw", |vm, this| Ok(stream(vm, this)?.raw.get().unwrap_or(Value::NONE)), "The raw stream."),
    GetSetDef::new(
        "_finalizing",
        |vm, this| Ok(Value::bool(stream(vm, this)?.finalizing.get())),
        |vm, this, value| helpers::set_flag(vm, &stream(vm, this)?.finalizing, value),
        "Whether nobody refers to the stream any more.",
    ),
    GetSetDef::readonly(
        "closed",
        |vm, this| {
            let raw = raw(vm, this)?;
            vm.get_attr(&raw, &vm.names.closed)
        },
        "Whether the stream is closed.",
    ),
    GetSetDef::readonly(
        "name",
        |vm, this| {
            let raw = raw(vm, this)?;
            vm.get_attr(&raw, &vm.names.name)
        },
        "The raw stream's name.",
    ),
    GetSetDef::readonly(
        "mode",
        |vm, this| {
            let raw = raw(vm, this)?;
            vm.get_attr(&raw, &vm.names.mode)
        },
        "The raw stream's mode.",
    ),
];

buffered_spec!(
    READER,
    "_io.BufferedReader",
    "A buffer before a raw stream that is read.",
    true,
    false,
    &[
        READ,
        READ1,
        PEEK,
        READINTO,
        READINTO1,
        READLINE,
        SEEK,
        TELL,
        SIMPLE_FLUSH,
        CLOSE,
        DETACH,
        TRUNCATE,
        FILENO,
        ISATTY,
        SEEKABLE,
        READABLE,
        WARN,
        GETSTATE,
        REDUCE
    ]
);
buffered_spec!(
    WRITER,
    "_io.BufferedWriter",
    "A buffer before a raw stream that is written.",
    false,
    true,
    &[WRITE, SEEK, TELL, FLUSH, CLOSE, DETACH, TRUNCATE, FILENO, ISATTY, SEEKABLE, WRITABLE, WARN, GETSTATE, REDUCE]
);
buffered_spec!(
    RANDOM,
    "_io.BufferedRandom",
    "A buffer before a raw stream that is read and written.",
    true,
    true,
    &[
        READ, READ1, PEEK, READINTO, READINTO1, READLINE, WRITE, SEEK, TELL, FLUSH, CLOSE, DETACH, TRUNCATE, FILENO,
        ISATTY, SEEKABLE, READABLE, WRITABLE, WARN, GETSTATE, REDUCE
    ]
);

fn make(vm: &Vm, class: &TypeRef, reads: bool, writes: bool) -> PyResult {
    let body = Buffered {
        base: IoBase,
        raw: OptionCell::default(),
        reads,
        writes,
        room: Cell::new(super::DEFAULT_BUFFER_SIZE),
        data: RefCell::default(),
        next: Cell::new(0),
        pending: RefCell::default(),
        detached: Cell::new(false),
        finalizing: Cell::new(false),
        lock: RawLock::default(),
        owner: Cell::new(0),
    };
    let made = vm.new_instance(class, body)?;
    let _ = &made.base;
    Ok(made.into_value())
}

fn init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: std::sync::OnceLock<oriel_runtime::args::Signature> = std::sync::OnceLock::new();
    let signature = SIGNATURE.get_or_init(|| oriel_runtime::args::Signature::parse("(raw, buffer_size=DEFAULT)"));
    let mut bound = [None; 2];
    let name = vm.type_name(this);
    signature.bind(vm, name.rsplit('.').next().unwrap_or("Buffered"), args, &mut bound)?;
    let [Some(raw), size] = bound else { return Ok(()) };
    let body = stream(vm, this)?;
    body.raw.set(None);
    let size = size.map_or(Ok(super::DEFAULT_BUFFER_SIZE as isize), |size| vm.to_isize(size))?;
    if size <= 0 {
        return Err(vm.value_error("buffer size must be strictly positive"));
    }
    for (wanted, method, message) in [
        (body.reads, "readable", "File or stream is not readable."),
        (body.writes, "writable", "File or stream is not writable."),
        (body.reads && body.writes, "seekable", "File or stream is not seekable."),
    ] {
        if wanted {
            let can = vm.call_method_str(raw, method, &[])?;
            if !vm.truth(&can)? {
                return Err(unsupported(vm, message));
            }
        }
    }
    body.room.set(size as usize);
    body.data.borrow_mut().clear();
    body.next.set(0);
    body.pending.borrow_mut().clear();
    body.detached.set(false);
    body.raw.set(Some(raw.clone()));
    // Only to know early; a stream without a position is as good.
    match raw_tell(vm, raw) {
        Err(raised) if !vm.raised_is(&raised, &vm.types.exception) => Err(raised),
        _ => Ok(()),
    }
}

/// The raw stream's position.
fn raw_tell(vm: &Vm, raw: &Value) -> PyResult<i64> {
    let position = vm.call_method(raw, &vm.names.tell, &[])?;
    valid_position(vm, &position)
}

fn valid_position(vm: &Vm, position: &Value) -> PyResult<i64> {
    match vm.to_i64(position)? {
        negative @ ..0 => Err(helpers::os_error_text(vm, &format!("Raw stream returned invalid position {negative}"))),
        position => Ok(position),
    }
}

/// Moves the raw stream.
fn raw_seek(vm: &Vm, raw: &Value, target: i64, whence: i32) -> PyResult<i64> {
    let position = vm.call_method(raw, &vm.names.seek, &[vm.new_int(target), Value::small(whence)])?;
    valid_position(vm, &position)
}

fn stream<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Buffered>> {
    this.downcast().ok_or_else(|| vm.type_error("a buffered stream is needed"))
}

fn raw(vm: &Vm, this: &Value) -> PyResult {
    let body = stream(vm, this)?;
    match body.raw.get() {
        Some(raw) => Ok(raw),
        None if body.detached.get() => Err(vm.value_error("raw stream has been detached")),
        None => Err(vm.value_error("I/O operation on uninitialized object")),
    }
}

fn ask_raw(vm: &Vm, this: &Value, method: &str) -> PyResult {
    let raw = raw(vm, this)?;
    vm.call_method_str(&raw, method, &[])
}

fn check_open(vm: &Vm, this: &Value, message: &str) -> PyResult {
    let raw = raw(vm, this)?;
    let closed = match file_io::direct(vm, &raw, false).or_else(|| file_io::direct(vm, &raw, true)) {
        Some(_) => false,
        None => base::is_closed(vm, &raw)?,
    };
    if closed { Err(vm.value_error(message)) } else { Ok(raw) }
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let class = vm.type_name(this);
    let name = match vm.get_attr_opt(this, &vm.names.name) {
        Ok(name) => name,
        Err(raised) if vm.raised_is(&raised, &vm.types.value_error) => None,
        Err(raised) => return Err(raised),
    };
    match name {
        None => Ok(vm.new_str(&format!("<{class}>"))),
        Some(name) => {
            if !vm.enter_repr(this) {
                return Err(vm.runtime_error(format!("reentrant call inside {class}.__repr__")));
            }
            let shown = vm.repr_text(&name);
            vm.leave_repr(this);
            Ok(vm.new_str(&format!("<{class} name={}>", shown?)))
        }
    }
}

/// One read of the raw stream; nothing where it would block.
fn raw_read(vm: &Vm, raw: &Value, size: usize) -> PyResult<Option<Vec<u8>>> {
    if let Some(descriptor) = file_io::direct(vm, raw, false) {
        let mut buffer = helpers::zeroed(vm, size)?;
        return match file_io::told_read(vm, descriptor, size, || files::read(descriptor, &mut buffer))? {
            Ok(count) => {
                buffer.truncate(count);
                Ok(Some(buffer))
            }
            Err(libc::EAGAIN) => Ok(None),
            Err(number) => Err(vm.os_error(number)),
        };
    }
    let target = vm.call(&vm.builtin("bytearray")?, &[vm.new_int(size as i64)])?;
    let view = vm.new_memoryview(&target, true)?.into_value();
    let count = vm.call_method(raw, &vm.names.readinto, std::slice::from_ref(&view))?;
    if count.is_none() {
        return Ok(None);
    }
    let number = match vm.to_isize(&count) {
        Ok(number) => number as i64,
        Err(cause) => {
            let raised = helpers::os_error_text(vm, "raw readinto() failed");
            vm.set_cause(&raised.0, Some(cause.0.clone()));
            vm.set_context(&raised.0, Some(cause.0));
            return Err(raised);
        }
    };
    if number < 0 || number as usize > size {
        return Err(helpers::os_error_text(
            vm,
            &format!("raw readinto() returned invalid length {number} (should have been between 0 and {size})"),
        ));
    }
    Ok(Some(vm.buffer(&target, false)?.with_bytes(|bytes| bytes[..bytes.len().min(number as usize)].to_vec())))
}

/// One write to the raw stream; how much went, nothing where it would block.
fn raw_write(vm: &Vm, raw: &Value, bytes: &[u8]) -> PyResult<Option<usize>> {
    if let Some(descriptor) = file_io::direct(vm, raw, true) {
        return match vm.told_write(descriptor, bytes, || files::write(descriptor, bytes))? {
            Ok(count) => Ok(Some(count)),
            Err(libc::EAGAIN) => Ok(None),
            Err(number) => Err(vm.os_error(number)),
        };
    }
    let count = vm.call_method(raw, &vm.names.write, &[vm.try_new_bytes(bytes)?])?;
    if count.is_none() {
        return Ok(None);
    }
    let number = vm.to_isize(&count)?;
    if number < 0 || number as usize > bytes.len() {
        return Err(helpers::os_error_text(
            vm,
            &format!("raw write() returned invalid length {number} (should have been between 0 and {})", bytes.len()),
        ));
    }
    Ok(Some(number as usize))
}

/// Writes everything pending to the raw stream.
fn write_out(vm: &Vm, body: &Ref<Buffered>, raw: &Value) -> PyResult<()> {
    let mut pending = std::mem::take(&mut *body.pending.borrow_mut());
    let mut start = 0;
    while start < pending.len() {
        let result = raw_write(vm, raw, &pending[start..]);
        match result {
            Ok(Some(count)) => {
                start += count;
                // A signal cuts a write short without an error: its handler runs before the next one waits.
                if let Err(raised) = vm.check_signals() {
                    pending.drain(..start);
                    put_back(body, pending);
                    return Err(raised);
                }
            }
            Ok(None) => {
                pending.drain(..start);
                let kept = pending.len();
                put_back(body, pending);
                let _ = kept;
                return Err(helpers::blocking_error(vm, "write could not complete without blocking", 0));
            }
            Err(raised) => {
                pending.drain(..start);
                put_back(body, pending);
                return Err(raised);
            }
        }
    }
    if body.pending.borrow().is_empty() {
        // The memory serves the next writes.
        pending.clear();
        *body.pending.borrow_mut() = pending;
    }
    Ok(())
}

fn put_back(body: &Ref<Buffered>, mut bytes: Vec<u8>) {
    let mut pending = body.pending.borrow_mut();
    bytes.append(&mut pending);
    *pending = bytes;
}

/// Bytes read ahead that have not been handed out.
fn ahead(body: &Buffered) -> usize {
    body.data.borrow().len() - body.next.get()
}

/// Before reading: what is pending goes out.
fn prepare_read(vm: &Vm, this: &Value) -> PyResult {
    let raw = check_open(vm, this, "read of closed file")?;
    let body = stream(vm, this)?;
    if body.writes && !body.pending.borrow().is_empty() {
        write_out(vm, body, &raw)?;
    }
    Ok(raw)
}

/// Reads more into an empty buffer; how much, nothing where the raw stream would block.
fn fill(vm: &Vm, body: &Ref<Buffered>, raw: &Value) -> PyResult<Option<usize>> {
    let chunk = raw_read(vm, raw, body.room.get())?;
    Ok(chunk.map(|chunk| {
        let count = chunk.len();
        *body.data.borrow_mut() = chunk;
        body.next.set(0);
        count
    }))
}

fn take(body: &Buffered, most: usize, into: &mut Vec<u8>) -> usize {
    let data = body.data.borrow();
    let start = body.next.get();
    let count = most.min(data.len() - start);
    into.extend_from_slice(&data[start..start + count]);
    body.next.set(start + count);
    count
}

fn size_of(vm: &Vm, value: Option<&Value>) -> PyResult<isize> {
    match value.filter(|value| !value.is_none()) {
        None => Ok(-1),
        Some(value) if vm.type_of(value).slots.nb_index.get().is_none() => {
            let given = vm.type_name(value);
            Err(vm.type_error(format!("argument should be integer or None, not '{given}'")))
        }
        Some(value) => vm.to_isize(value),
    }
}

fn read(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let size = size_of(vm, args[0])?;
    if size < -1 {
        return Err(vm.value_error("read length must be non-negative or -1"));
    }
    let body = stream(vm, this)?.clone();
    check_open(vm, this, "read of closed file")?;
    let _lock = enter(vm, this, &body)?;
    let raw = prepare_read(vm, this)?;
    let mut bytes = Vec::new();
    if size < 0 {
        take(&body, usize::MAX, &mut bytes);
        let rest = match vm.get_attr_opt(&raw, &vm.intern("readall"))? {
            Some(readall) => vm.call(&readall, &[])?,
            None => return read_all_by_chunks(vm, &body, &raw, bytes),
        };
        if rest.is_none() {
            return if bytes.is_empty() { Ok(rest) } else { vm.try_new_bytes(&bytes) };
        }
        if bytes.is_empty() && rest.downcast::<oriel_runtime::types::bytes::Bytes>().is_some() {
            return Ok(rest);
        }
        let Some(rest) = vm.bytes_of(&rest) else { return Err(vm.type_error("readall() should return bytes")) };
        bytes.extend_from_slice(&rest);
        return vm.try_new_bytes(&bytes);
    }
    let size = size as usize;
    take(&body, size, &mut bytes);
    while bytes.len() < size {
        let missing = size - bytes.len();
        if missing >= body.room.get() {
            // A large rest goes past the buffer.
            match raw_read(vm, &raw, missing)? {
                None if bytes.is_empty() => return Ok(Value::NONE),
                None => break,
                Some(chunk) if chunk.is_empty() => break,
                Some(chunk) => bytes.extend_from_slice(&chunk),
            }
        } else {
            match fill(vm, &body, &raw)? {
                None if bytes.is_empty() => return Ok(Value::NONE),
                None | Some(0) => break,
                Some(_) => {
                    take(&body, missing, &mut bytes);
                }
            }
        }
    }
    vm.try_new_bytes(&bytes)
}

fn read_all_by_chunks(vm: &Vm, body: &Ref<Buffered>, raw: &Value, mut bytes: Vec<u8>) -> PyResult {
    loop {
        match raw_read(vm, raw, body.room.get())? {
            None if bytes.is_empty() => return Ok(Value::NONE),
            None => break,
            Some(chunk) if chunk.is_empty() => break,
            Some(chunk) => bytes.extend_from_slice(&chunk),
        }
    }
    vm.try_new_bytes(&bytes)
}

fn read1(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let size = size_of(vm, args[0])?;
    let body = stream(vm, this)?.clone();
    check_open(vm, this, "read of closed file")?;
    let _lock = enter(vm, this, &body)?;
    let raw = prepare_read(vm, this)?;
    let size = if size < 0 { body.room.get() } else { size as usize };
    let mut bytes = Vec::new();
    if size > 0 && take(&body, size, &mut bytes) == 0 {
        match raw_read(vm, &raw, size)? {
            Some(chunk) => bytes = chunk,
            None => return vm.try_new_bytes(&[]),
        }
    }
    vm.try_new_bytes(&bytes)
}

fn peek(vm: &Vm, this: &Value, _: &Bound<'_>) -> PyResult {
    let raw = check_open(vm, this, "peek of closed file")?;
    let body = stream(vm, this)?.clone();
    let _lock = enter(vm, this, &body)?;
    if body.writes && !body.pending.borrow().is_empty() {
        write_out(vm, &body, &raw)?;
    }
    if ahead(&body) == 0 {
        fill(vm, &body, &raw)?;
    }
    let bytes = body.data.borrow()[body.next.get()..].to_vec();
    vm.try_new_bytes(&bytes)
}

fn readinto(vm: &Vm, this: &Value, target: &Value, once: bool) -> PyResult {
    let raw = check_open(vm, this, "readinto of closed file")?;
    let body = stream(vm, this)?.clone();
    let name = if once { "readinto1() argument" } else { "readinto() argument" };
    let view = vm.writable_argument(target, name)?;
    let _lock = enter(vm, this, &body)?;
    if body.writes && !body.pending.borrow().is_empty() {
        write_out(vm, &body, &raw)?;
    }
    let mut bytes = Vec::new();
    take(&body, view.len, &mut bytes);
    while bytes.len() < view.len {
        let missing = view.len - bytes.len();
        let chunk = if missing > body.room.get() {
            // A large rest goes past the buffer.
            let chunk = raw_read(vm, &raw, missing)?;
            if once && let Some(chunk) = &chunk {
                bytes.extend_from_slice(chunk);
                break;
            }
            chunk
        } else if once && !bytes.is_empty() {
            // There is something to return already, and one call is all that is allowed.
            break;
        } else {
            match fill(vm, &body, &raw)? {
                None => None,
                Some(_) => {
                    let mut part = Vec::new();
                    take(&body, missing, &mut part);
                    Some(part)
                }
            }
        };
        match chunk {
            None if bytes.is_empty() => return Ok(Value::NONE),
            None => break,
            Some(chunk) if chunk.is_empty() => break,
            Some(chunk) => bytes.extend_from_slice(&chunk),
        }
    }
    view.with_bytes_mut(|room| room[..bytes.len()].copy_from_slice(&bytes));
    Ok(vm.new_int(bytes.len() as i64))
}

fn line(vm: &Vm, this: &Value, limit: isize) -> PyResult<Vec<u8>> {
    let raw = check_open(vm, this, "readline of closed file")?;
    let body = stream(vm, this)?.clone();
    let _lock = enter(vm, this, &body)?;
    if body.writes && !body.pending.borrow().is_empty() {
        write_out(vm, &body, &raw)?;
    }
    let mut bytes = Vec::new();
    loop {
        let most = if limit < 0 { usize::MAX } else { limit as usize - bytes.len() };
        let found = {
            let data = body.data.borrow();
            memchr::memchr(b'\n', &data[body.next.get()..])
        };
        let want = found.map_or(most, |at| most.min(at + 1));
        take(&body, want, &mut bytes);
        if bytes.last() == Some(&b'\n') && found.is_some() || limit >= 0 && bytes.len() >= limit as usize {
            return Ok(bytes);
        }
        match fill(vm, &body, &raw)? {
            None | Some(0) => return Ok(bytes),
            Some(_) => {}
        }
    }
}

fn readline(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let limit = size_of(vm, args[0])?;
    let bytes = line(vm, this, limit)?;
    vm.try_new_bytes(&bytes)
}

fn next_line(vm: &Vm, this: &Value) -> PyResult<Option<Value>> {
    if vm.type_of(this).is_heap_type() {
        let line = vm.call_method(this, &vm.names.readline, &[])?;
        return Ok(if vm.len(&line)? == 0 { None } else { Some(line) });
    }
    let bytes = line(vm, this, -1)?;
    if bytes.is_empty() { Ok(None) } else { vm.try_new_bytes(&bytes).map(Some) }
}

fn write(vm: &Vm, this: &Value, data: &Value) -> PyResult {
    if data.downcast::<oriel_runtime::types::str::Str>().is_some() {
        return Err(vm.type_error("a bytes-like object is required, not 'str'"));
    }
    let bytes = vm.buffer(data, false)?.to_vec();
    write_bytes(vm, this, &bytes)?;
    Ok(vm.new_int(bytes.len() as i64))
}

/// Writes bytes into the buffer, and out where it is full.
pub fn write_bytes(vm: &Vm, this: &Value, bytes: &[u8]) -> PyResult<()> {
    let body = stream(vm, this)?.clone();
    let _lock = enter(vm, this, &body)?;
    // Another thread may have closed it while this one waited.
    let raw = check_open(vm, this, "write to closed file")?;
    if body.reads {
        rewind(vm, &body, &raw)?;
    }
    if body.pending.borrow().len() + bytes.len() > body.room.get() {
        write_out(vm, &body, &raw)?;
        let mut start = 0;
        while bytes.len() - start > body.room.get() {
            match raw_write(vm, &raw, &bytes[start..])? {
                Some(count) => {
                    start += count;
                    vm.check_signals()?;
                }
                None => {
                    // As much as there is room for is kept; the rest is refused.
                    let kept = (bytes.len() - start).min(body.room.get());
                    body.pending.borrow_mut().extend_from_slice(&bytes[start..start + kept]);
                    if start + kept < bytes.len() {
                        return Err(helpers::blocking_error(
                            vm,
                            "write could not complete without blocking",
                            start + kept,
                        ));
                    }
                    return Ok(());
                }
            }
        }
        body.pending.borrow_mut().extend_from_slice(&bytes[start..]);
        return Ok(());
    }
    body.pending.borrow_mut().extend_from_slice(bytes);
    Ok(())
}

/// Gives back what was read ahead: the raw position becomes the logical one.
fn rewind(vm: &Vm, body: &Ref<Buffered>, raw: &Value) -> PyResult<()> {
    let ahead = ahead(body);
    body.data.borrow_mut().clear();
    body.next.set(0);
    if ahead > 0 {
        raw_seek(vm, raw, -(ahead as i64), 1)?;
    }
    Ok(())
}

/// Whether this is a native, exact writer, so that text streams can hand it bytes.
pub fn is_writer(vm: &Vm, this: &Value) -> bool {
    this.downcast::<Buffered>().is_some_and(|body| body.writes) && !vm.type_of(this).is_heap_type()
}

fn flush(vm: &Vm, this: &Value) -> PyResult {
    let raw = check_open(vm, this, "flush of closed file")?;
    let body = stream(vm, this)?.clone();
    let _lock = enter(vm, this, &body)?;
    write_out(vm, &body, &raw)?;
    if body.reads && ahead(&body) > 0 {
        rewind(vm, &body, &raw)?;
    }
    Ok(Value::NONE)
}

fn close(vm: &Vm, this: &Value) -> PyResult {
    let raw = raw(vm, this)?;
    let body = stream(vm, this)?.clone();
    {
        let _lock = enter(vm, this, &body)?;
        if base::is_closed(vm, &raw)? {
            return Ok(Value::NONE);
        }
        if body.finalizing.get() {
            // Nothing comes of errors: not every raw stream has such a method.
            let _ = vm.call_method_str(&raw, "_dealloc_warn", std::slice::from_ref(this));
        }
    }
    let flushed = vm.call_method(this, &vm.names.flush, &[]);
    let _lock = enter(vm, this, &body)?;
    let closed = vm.call_method(&raw, &vm.names.close, &[]);
    helpers::after_both(vm, flushed, closed)
}

fn detach(vm: &Vm, this: &Value) -> PyResult {
    vm.call_method(this, &vm.names.flush, &[])?;
    let raw = raw(vm, this)?;
    let body = stream(vm, this)?;
    body.raw.set(None);
    body.detached.set(true);
    Ok(raw)
}

fn tell(vm: &Vm, this: &Value) -> PyResult<i64> {
    let raw = raw(vm, this)?;
    let position = raw_tell(vm, &raw)?;
    let body = stream(vm, this)?;
    // Devices may have no position of their own.
    Ok((position - ahead(body) as i64 + body.pending.borrow().len() as i64).max(0))
}

fn seek(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let raw = check_open(vm, this, "seek of closed file")?;
    let body = stream(vm, this)?.clone();
    let whence = args.get(1).map_or(Ok(0), |whence| vm.to_i32(whence))?;
    if !matches!(whence, 0..=2) && !matches!(whence, libc::SEEK_DATA | libc::SEEK_HOLE) {
        return Err(vm.value_error(format!("whence value {whence} unsupported")));
    }
    let can = vm.call_method_str(&raw, "seekable", &[])?;
    if !vm.truth(&can)? {
        return Err(unsupported(vm, "File or stream is not seekable."));
    }
    let mut offset = vm.to_i64(&args[0])?;
    if body.reads && whence != 2 && ahead(&body) > 0 && body.pending.borrow().is_empty() {
        // A target inside the buffer needs no call.
        let here = tell(vm, this)?;
        let delta = if whence == 0 { offset - here } else { offset };
        let target = body.next.get() as i64 + delta;
        if target >= 0 && target <= body.data.borrow().len() as i64 {
            body.next.set(target as usize);
            return Ok(vm.new_int(here + delta));
        }
    }
    let _lock = enter(vm, this, &body)?;
    if body.writes {
        write_out(vm, &body, &raw)?;
    }
    if whence == 1 {
        offset -= ahead(&body) as i64;
    }
    let position = raw_seek(vm, &raw, offset, whence)?;
    body.data.borrow_mut().clear();
    body.next.set(0);
    Ok(vm.new_int(position))
}

fn truncate(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let raw = check_open(vm, this, "truncate of closed file")?;
    let body = stream(vm, this)?.clone();
    if !body.writes {
        return Err(unsupported(vm, "truncate"));
    }
    let _lock = enter(vm, this, &body)?;
    write_out(vm, &body, &raw)?;
    let position = match args[0].filter(|position| !position.is_none()) {
        Some(position) => position.clone(),
        None => vm.new_int(tell(vm, this)?),
    };
    vm.call_method(&raw, &vm.names.truncate, &[position])
}
