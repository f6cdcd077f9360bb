//! `_IOBase`, `_RawIOBase`, `_BufferedIOBase`, `_TextIOBase`: what all streams share, in terms of their other methods.

use super::State;
use super::helpers;
use oriel_runtime::types::list::List;
use oriel_runtime::{
    Args, Body, Bound, GetSetDef, Layout, MethodDef, PyResult, Raised, TypeSpec, Value, Vm, type_flags,
};

/// The body of streams that have only attributes.
#[repr(C)]
pub struct IoBase;

pub static LAYOUT: Layout = Layout::of::<IoBase>("_io._IOBase", None);

impl Body for IoBase {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

const BASE: u32 = type_flags::BASE | type_flags::DICT | type_flags::WEAKREF;

/// `io.UnsupportedOperation(message)`
#[cold]
pub fn unsupported(vm: &Vm, message: &str) -> Raised {
    let state = vm.state::<State>();
    match state.unsupported.get() {
        Some(class) => match vm.call(class, &[vm.new_str(message)]) {
            Ok(error) => Raised(error),
            Err(raised) => raised,
        },
        None => vm.value_error(message),
    }
}

/// `_IOBase`
pub static IO_BASE: TypeSpec = TypeSpec {
    flags: BASE,
    doc: "The base of all streams.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, _| Ok(vm.new_instance(class, IoBase)?.into_value())));
        slots.iter.set(Some(|vm, this| {
            check_closed(vm, this)?;
            Ok(this.clone())
        }));
        slots.next.set(Some(next));
    },
    methods: &[
        MethodDef::args(
            "seek",
            |vm, _, _| Err(unsupported(vm, "seek")),
            "($self, offset, whence=os.SEEK_SET, /)",
            "Change the position.",
        ),
        MethodDef::noargs("tell", tell, "($self, /)", "Return the position."),
        MethodDef::args(
            "truncate",
            |vm, _, _| Err(unsupported(vm, "truncate")),
            "($self, size=None, /)",
            "Cut the file.",
        ),
        MethodDef::noargs("flush", flush, "($self, /)", "Write what is buffered."),
        MethodDef::noargs("close", close, "($self, /)", "Flush and close."),
        MethodDef::noargs(
            "seekable",
            |_, _| Ok(Value::FALSE),
            "($self, /)",
            "Return whether the position can be changed.",
        ),
        MethodDef::noargs("readable", |_, _| Ok(Value::FALSE), "($self, /)", "Return whether the stream can be read."),
        MethodDef::noargs(
            "writable",
            |_, _| Ok(Value::FALSE),
            "($self, /)",
            "Return whether the stream can be written.",
        ),
        MethodDef::noargs(
            "_checkClosed",
            |vm, this| check_closed(vm, this).map(|()| Value::NONE),
            "",
            "Raise if closed.",
        ),
        MethodDef::noargs(
            "_checkSeekable",
            |vm, this| check_can(vm, this, "seekable", "File or stream is not seekable."),
            "",
            "Raise if not seekable.",
        ),
        MethodDef::noargs(
            "_checkReadable",
            |vm, this| check_can(vm, this, "readable", "File or stream is not readable."),
            "",
            "Raise if not readable.",
        ),
        MethodDef::noargs(
            "_checkWritable",
            |vm, this| check_can(vm, this, "writable", "File or stream is not writable."),
            "",
            "Raise if not writable.",
        ),
        MethodDef::noargs("fileno", |vm, _| Err(unsupported(vm, "fileno")), "($self, /)", "Return the descriptor."),
        MethodDef::noargs(
            "isatty",
            |vm, this| check_closed(vm, this).map(|()| Value::FALSE),
            "($self, /)",
            "Return whether this is a terminal.",
        ),
        MethodDef::noargs(
            "__enter__",
            |vm, this| check_closed(vm, this).map(|()| this.clone()),
            "($self, /)",
            "Enter a with block.",
        ),
        MethodDef::args("__exit__", exit, "($self, /, *args)", "Close."),
        MethodDef::noargs("__del__", del, "($self, /)", "Close."),
        MethodDef::bound("readline", readline, "($self, size=-1, /)", "Read a line."),
        MethodDef::bound("readlines", readlines, "($self, hint=-1, /)", "Read lines into a list."),
        MethodDef::one("writelines", writelines, "($self, lines, /)", "Write a list of lines."),
    ],
    getset: &[GetSetDef::readonly(
        "closed",
        |vm, this| Ok(Value::bool(vm.get_attr_opt(this, &vm.intern("__IOBase_closed"))?.is_some())),
        "Whether the stream is closed.",
    )],
    extra: Some(|_, ty| {
        ty.head.finalize.set(Some(finalize));
        Ok(())
    }),
    ..TypeSpec::new("_io._IOBase", IoBase::layout)
};

/// `_RawIOBase`
pub static RAW_IO_BASE: TypeSpec = TypeSpec {
    flags: BASE,
    doc: "The base of unbuffered binary streams.",
    slots: |slots| slots.new.set(Some(|vm, class, _| Ok(vm.new_instance(class, IoBase)?.into_value()))),
    methods: &[
        MethodDef::bound("read", raw_read, "($self, size=-1, /)", "Read bytes."),
        MethodDef::noargs("readall", raw_readall, "($self, /)", "Read until the end."),
        MethodDef::args("readinto", |vm, _, _| Err(unsupported(vm, "readinto")), "", "Read into a buffer."),
        MethodDef::args("write", |vm, _, _| Err(unsupported(vm, "write")), "", "Write bytes."),
    ],
    ..TypeSpec::new("_io._RawIOBase", IoBase::layout)
};

/// `_BufferedIOBase`
pub static BUFFERED_IO_BASE: TypeSpec = TypeSpec {
    flags: BASE,
    doc: "The base of buffered binary streams.",
    slots: |slots| slots.new.set(Some(|vm, class, _| Ok(vm.new_instance(class, IoBase)?.into_value()))),
    methods: &[
        MethodDef::noargs("detach", |vm, _| Err(unsupported(vm, "detach")), "($self, /)", "Separate the raw stream."),
        MethodDef::args("read", |vm, _, _| Err(unsupported(vm, "read")), "($self, size=-1, /)", "Read bytes."),
        MethodDef::args(
            "read1",
            |vm, _, _| Err(unsupported(vm, "read1")),
            "($self, size=-1, /)",
            "Read bytes with one call.",
        ),
        MethodDef::args("write", |vm, _, _| Err(unsupported(vm, "write")), "($self, b, /)", "Write bytes."),
        MethodDef::one(
            "readinto",
            |vm, this, target| buffered_readinto(vm, this, target, "read"),
            "($self, buffer, /)",
            "Read into a buffer.",
        ),
        MethodDef::one(
            "readinto1",
            |vm, this, target| buffered_readinto(vm, this, target, "read1"),
            "($self, buffer, /)",
            "Read into a buffer with one call.",
        ),
    ],
    ..TypeSpec::new("_io._BufferedIOBase", IoBase::layout)
};

/// `_TextIOBase`
pub static TEXT_IO_BASE: TypeSpec = TypeSpec {
    flags: BASE,
    doc: "The base of text streams.",
    slots: |slots| slots.new.set(Some(|vm, class, _| Ok(vm.new_instance(class, IoBase)?.into_value()))),
    methods: &[
        MethodDef::noargs("detach", |vm, _| Err(unsupported(vm, "detach")), "($self, /)", "Separate the buffer."),
        MethodDef::args("read", |vm, _, _| Err(unsupported(vm, "read")), "($self, size=-1, /)", "Read text."),
        MethodDef::args("readline", |vm, _, _| Err(unsupported(vm, "readline")), "($self, size=-1, /)", "Read a line."),
        MethodDef::args("write", |vm, _, _| Err(unsupported(vm, "write")), "($self, s, /)", "Write text."),
    ],
    getset: &[
        GetSetDef::readonly("encoding", |_, _| Ok(Value::NONE), "The encoding."),
        GetSetDef::readonly("newlines", |_, _| Ok(Value::NONE), "The kinds of line ends seen."),
        GetSetDef::readonly("errors", |_, _| Ok(Value::NONE), "The error handler."),
    ],
    ..TypeSpec::new("_io._TextIOBase", IoBase::layout)
};

/// Whether the stream says that it is closed.
pub fn is_closed(vm: &Vm, this: &Value) -> PyResult<bool> {
    let closed = vm.get_attr(this, &vm.names.closed)?;
    vm.truth(&closed)
}

/// ValueError where the stream is closed.
pub fn check_closed(vm: &Vm, this: &Value) -> PyResult<()> {
    if is_closed(vm, this)? { Err(vm.value_error("I/O operation on closed file.")) } else { Ok(()) }
}

/// UnsupportedOperation where a method does not say yes.
pub fn check_can(vm: &Vm, this: &Value, method: &str, message: &str) -> PyResult {
    let can = vm.call_method_str(this, method, &[])?;
    if vm.truth(&can)? { Ok(Value::TRUE) } else { Err(unsupported(vm, message)) }
}

fn tell(vm: &Vm, this: &Value) -> PyResult {
    vm.call_method(this, &vm.names.seek, &[Value::small(0), Value::small(1)])
}

fn flush(vm: &Vm, this: &Value) -> PyResult {
    if vm.get_attr_opt(this, &vm.intern("__IOBase_closed"))?.is_some() {
        return Err(vm.value_error("I/O operation on closed file."));
    }
    Ok(Value::NONE)
}

fn close(vm: &Vm, this: &Value) -> PyResult {
    let mark = vm.intern("__IOBase_closed");
    if vm.get_attr_opt(this, &mark)?.is_some() {
        return Ok(Value::NONE);
    }
    let flushed = vm.call_method(this, &vm.names.flush, &[]);
    let marked = vm.set_attr(this, &mark, &Value::TRUE);
    flushed?;
    marked?;
    Ok(Value::NONE)
}

fn exit(vm: &Vm, this: &Value, _: Args<'_>) -> PyResult {
    vm.call_method(this, &vm.names.close, &[])?;
    Ok(Value::NONE)
}

fn del(vm: &Vm, this: &Value) -> PyResult {
    finalize_with(vm, this);
    Ok(Value::NONE)
}

/// Closes a stream that nobody refers to any more.
pub fn finalize(this: &Value) {
    let Some(vm) = oriel_runtime::vm::vm_of(this) else { return };
    finalize_with(vm, this);
}

fn finalize_with(vm: &Vm, this: &Value) {
    let saved = vm.save_raised_state();
    // One that cannot tell is in no state to be closed.
    let closed = is_closed(vm, this).unwrap_or(true);
    if !closed {
        // Native streams look at the mark and warn of what was not closed.
        let _ = vm.set_attr(this, &vm.intern("_finalizing"), &Value::TRUE);
        if let Err(raised) = vm.call_method(this, &vm.names.close, &[]) {
            let shown = vm.repr_text(this).unwrap_or_else(|_| "<object repr() failed>".to_owned());
            vm.write_unraisable(raised, None, &format!("Exception ignored while finalizing file {shown}"));
        }
    }
    vm.restore_raised_state(saved);
}

fn next(vm: &Vm, this: &Value) -> PyResult<Option<Value>> {
    let line = vm.call_method(this, &vm.names.readline, &[])?;
    if vm.len(&line)? == 0 { Ok(None) } else { Ok(Some(line)) }
}

/// A size that may be missing or `None`: then -1.
pub fn size_argument(vm: &Vm, value: Option<&Value>) -> PyResult<isize> {
    match value {
        None => Ok(-1),
        Some(value) if value.is_none() => Ok(-1),
        Some(value) => {
            if vm.type_of(value).slots.nb_index.get().is_none() {
                let given = vm.type_name(value);
                return Err(vm.type_error(format!("argument should be integer or None, not '{given}'")));
            }
            vm.to_isize(value)
        }
    }
}

fn readline(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let limit = size_argument(vm, args[0])?;
    let peek = vm.get_attr_opt(this, &vm.names.peek)?;
    let read = vm.get_attr(this, &vm.names.read)?;
    let mut line = Vec::new();
    while limit < 0 || (line.len() as isize) < limit {
        let mut want = 1;
        if let Some(peek) = &peek {
            let ahead = vm.call(peek, &[Value::small(1)])?;
            let Some(ahead) = vm.bytes_of(&ahead) else {
                let given = vm.type_name(&ahead);
                return Err(helpers::os_error_text(
                    vm,
                    &format!("peek() should have returned a bytes object, not '{given}'"),
                ));
            };
            if !ahead.is_empty() {
                want = memchr::memchr(b'\n', &ahead).map_or(ahead.len(), |at| at + 1);
                if limit >= 0 {
                    want = want.min(limit as usize - line.len());
                }
            }
        }
        let chunk = vm.call(&read, &[vm.new_int(want as i64)])?;
        let Some(bytes) = vm.bytes_of(&chunk) else {
            let given = vm.type_name(&chunk);
            return Err(helpers::os_error_text(
                vm,
                &format!("read() should have returned a bytes object, not '{given}'"),
            ));
        };
        if bytes.is_empty() {
            break;
        }
        line.extend_from_slice(&bytes);
        if line.last() == Some(&b'\n') {
            break;
        }
    }
    vm.try_new_bytes(&line)
}

fn readlines(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let hint = size_argument(vm, args[0])?;
    let lines: oriel_runtime::Ref<List> = vm.new_list(Vec::new());
    let mut total = 0;
    let iterator = vm.iter(this)?;
    while let Some(line) = vm.next(&iterator)? {
        total += vm.len(&line)? as isize;
        lines.push(line);
        if hint > 0 && total > hint {
            break;
        }
    }
    Ok(lines.into_value())
}

fn writelines(vm: &Vm, this: &Value, lines: &Value) -> PyResult {
    check_closed(vm, this)?;
    vm.for_each(lines, |line| vm.call_method(this, &vm.names.write, &[line]).map(|_| ()))?;
    Ok(Value::NONE)
}

fn raw_read(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let size = size_argument(vm, args[0])?;
    if size < 0 {
        return vm.call_method_str(this, "readall", &[]);
    }
    let buffer = vm.call(&vm.builtin("bytearray")?, &[vm.new_int(size as i64)])?;
    let count = vm.call_method(this, &vm.names.readinto, std::slice::from_ref(&buffer))?;
    if count.is_none() {
        return Ok(count);
    }
    let count = vm.to_isize(&count)?;
    if count < 0 || count > size {
        return Err(vm.value_error(format!("readinto returned {count} outside buffer size {size}")));
    }
    let bytes = vm.buffer(&buffer, false)?.with_bytes(|bytes| bytes[..count as usize].to_vec());
    vm.try_new_bytes(&bytes)
}

fn raw_readall(vm: &Vm, this: &Value) -> PyResult {
    let mut all = Vec::new();
    loop {
        let chunk = vm.call_method(this, &vm.names.read, &[vm.new_int(super::DEFAULT_BUFFER_SIZE as i64)])?;
        if chunk.is_none() {
            if all.is_empty() {
                return Ok(chunk);
            }
            break;
        }
        let Some(bytes) = vm.bytes_of(&chunk) else {
            return Err(vm.type_error("read() should return bytes"));
        };
        if bytes.is_empty() {
            break;
        }
        all.extend_from_slice(&bytes);
    }
    vm.try_new_bytes(&all)
}

fn buffered_readinto(vm: &Vm, this: &Value, target: &Value, method: &str) -> PyResult {
    let name = if method == "read" { "readinto() argument" } else { "readinto1() argument" };
    let view = vm.writable_argument(target, name)?;
    let data = vm.call_method_str(this, method, &[vm.new_int(view.len as i64)])?;
    let Some(bytes) = vm.bytes_of(&data) else {
        return Err(vm.type_error("read() should return bytes"));
    };
    if bytes.len() > view.len {
        return Err(vm.value_error(format!(
            "read() returned too much data: {} bytes requested, {} returned",
            view.len,
            bytes.len()
        )));
    }
    view.with_bytes_mut(|room| room[..bytes.len()].copy_from_slice(&bytes));
    Ok(vm.new_int(bytes.len() as i64))
}

/// The results of two steps that both had to be tried; the second error has the first as its context.
pub fn both(vm: &Vm, first: PyResult, second: PyResult) -> PyResult {
    helpers::after_both(vm, first, second)
}

/// Takes over the attributes of a pickled stream.
pub fn take_attributes(vm: &Vm, this: &Value, dict: &Value, position: &str) -> PyResult<()> {
    if dict.is_none() {
        return Ok(());
    }
    let Some(attributes) = dict.downcast::<oriel_runtime::types::dict::Dict>() else {
        let given = vm.type_name(dict);
        return Err(vm.type_error(format!("{position} item of state should be a dict, got a {given}")));
    };
    for (name, value) in attributes.entries() {
        vm.set_attr(this, &name, &value)?;
    }
    Ok(())
}
