//! `BytesIO`: a binary stream in memory, and the object that lends its memory.

use super::base;
use crate::bodies::bind;
use oriel_runtime::args::Signature;
use oriel_runtime::buffer::BufferView;
use oriel_runtime::types::bytes::Bytes;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{
    Args, Body, GetSetDef, Layout, MethodDef, PyResult, Ref, TypeSpec, Value, Visitor, Vm, type_flags,
};
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;
use std::sync::OnceLock;

/// The content: a `bytes` that others may hold, until something is written.
enum Store {
    Shared(Ref<Bytes>),
    Own(Vec<u8>),
}

impl Store {
    fn as_slice(&self) -> &[u8] {
        match self {
            Store::Shared(bytes) => bytes.as_slice(),
            Store::Own(bytes) => bytes,
        }
    }
}

/// The body of a `BytesIO`.
#[repr(C)]
pub struct BytesIo {
    content: RefCell<Store>,
    position: Cell<usize>,
    exports: Cell<usize>,
    closed: Cell<bool>,
}

static LAYOUT: Layout = Layout::of::<BytesIo>("_io.BytesIO", Some(&base::LAYOUT));

impl Body for BytesIo {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

/// The body of `_BytesIOBuffer`: lends the memory of a `BytesIO` as long as it lives.
pub struct BytesIoBuffer {
    stream: Value,
}

static BUFFER_LAYOUT: Layout = Layout::of::<BytesIoBuffer>("_io._BytesIOBuffer", None);

impl Body for BytesIoBuffer {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &BUFFER_LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.stream);
    }
}

/// `_BytesIOBuffer`
pub static BUFFER_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| slots.buffer.set(Some(lend)),
    ..TypeSpec::new("_io._BytesIOBuffer", BytesIoBuffer::layout)
};

/// `BytesIO`
#[rustfmt::skip]
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::DICT | type_flags::WEAKREF,
    doc: "A binary stream in memory.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(init));
        slots.iter.set(Some(|vm, this| {
            opened(vm, this)?;
            Ok(this.clone())
        }));
        slots.next.set(Some(next));
    },
    methods: &[
        MethodDef::noargs("readable", yes, "($self, /)", "True."),
        MethodDef::noargs("seekable", yes, "($self, /)", "True."),
        MethodDef::noargs("writable", yes, "($self, /)", "True."),
        MethodDef::noargs("close", close, "($self, /)", "Give the content up."),
        MethodDef::noargs("flush", |vm, this| opened(vm, this).map(|_| Value::NONE), "($self, /)", "Do nothing."),
        MethodDef::noargs("isatty", |vm, this| opened(vm, this).map(|_| Value::FALSE), "($self, /)", "False."),
        MethodDef::noargs("tell", |vm, this| Ok(vm.new_int(opened(vm, this)?.position.get() as i64)), "($self, /)", "The position."),
        MethodDef::one("write", write, "($self, b, /)", "Write bytes; return how many."),
        MethodDef::one("writelines", write_lines, "($self, lines, /)", "Write the items of an iterable."),
        MethodDef::positional("read1", 0, 1, read, "($self, size=-1, /)", "Read bytes."),
        MethodDef::one("readinto", read_into, "($self, buffer, /)", "Read into a buffer."),
        MethodDef::positional("readline", 0, 1, read_line, "($self, size=-1, /)", "Read a line."),
        MethodDef::positional("readlines", 0, 1, read_lines, "($self, size=None, /)", "Read lines into a list."),
        MethodDef::positional("read", 0, 1, read, "($self, size=-1, /)", "Read bytes."),
        MethodDef::noargs("getbuffer", get_buffer, "($self, /)", "A view of the content."),
        MethodDef::noargs("getvalue", get_value, "($self, /)", "The content."),
        MethodDef::positional("seek", 1, 2, seek, "($self, pos, whence=0, /)", "Change the position."),
        MethodDef::positional("truncate", 0, 1, truncate, "($self, size=None, /)", "Cut the content."),
        MethodDef::noargs("__getstate__", get_state, "($self, /)", "State for pickling."),
        MethodDef::one("__setstate__", set_state, "($self, object, /)", "Take a state over."),
        MethodDef::noargs("__sizeof__", size_of_stream, "($self, /)", "Bytes of memory in all."),
    ],
    getset: &[GetSetDef::readonly("closed", |vm, this| Ok(Value::bool(vm.body::<BytesIo>(this)?.closed.get())), "Whether the stream is closed.")],
    ..TypeSpec::new("_io.BytesIO", BytesIo::layout)
};

/// The receiver, open.
fn opened<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<BytesIo>> {
    let body = vm.body::<BytesIo>(this)?;
    if body.closed.get() {
        return Err(vm.value_error("I/O operation on closed file."));
    }
    Ok(body)
}

fn check_exports(vm: &Vm, body: &BytesIo) -> PyResult<()> {
    if body.exports.get() > 0 {
        return Err(vm.buffer_error("Existing exports of data: object cannot be re-sized"));
    }
    Ok(())
}

fn yes(vm: &Vm, this: &Value) -> PyResult {
    opened(vm, this).map(|_| Value::TRUE)
}

fn new(vm: &Vm, class: &TypeRef, _: Args<'_>) -> PyResult {
    let body = BytesIo {
        content: RefCell::new(Store::Own(Vec::new())),
        position: Cell::new(0),
        exports: Cell::new(0),
        closed: Cell::new(false),
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let [initial] = bind(vm, &SIGNATURE, "(initial_bytes=b'')", "BytesIO", args)?;
    let body = vm.body::<BytesIo>(this)?;
    check_exports(vm, body)?;
    replace(body, Store::Own(Vec::new()));
    body.position.set(0);
    body.closed.set(false);
    if let Some(initial) = initial.filter(|initial| !initial.is_none()) {
        let store = match initial.downcast::<Bytes>() {
            Some(bytes) if vm.is_exact_bytes(initial) => Store::Shared(bytes.clone()),
            _ => Store::Own(vm.operand(initial)?.to_vec()),
        };
        replace(body, store);
    }
    Ok(())
}

fn replace(body: &BytesIo, store: Store) {
    let old = body.content.replace(store);
    drop(old);
}

/// The content as memory of the stream's own.
fn own<R>(vm: &Vm, body: &BytesIo, function: impl FnOnce(&mut Vec<u8>) -> R) -> PyResult<R> {
    let shared = match &*body.content.borrow() {
        Store::Shared(bytes) => Some(bytes.clone()),
        Store::Own(_) => None,
    };
    if let Some(bytes) = shared {
        let mut copy = Vec::new();
        copy.try_reserve_exact(bytes.len()).map_err(|_| vm.memory_error())?;
        copy.extend_from_slice(bytes.as_slice());
        replace(body, Store::Own(copy));
    }
    match &mut *body.content.borrow_mut() {
        Store::Own(bytes) => Ok(function(bytes)),
        Store::Shared(_) => Err(vm.system_error("the content of a BytesIO is shared")),
    }
}

fn close(vm: &Vm, this: &Value) -> PyResult {
    let body = vm.body::<BytesIo>(this)?;
    check_exports(vm, body)?;
    body.closed.set(true);
    replace(body, Store::Own(Vec::new()));
    Ok(Value::NONE)
}

fn put(vm: &Vm, body: &BytesIo, bytes: &[u8]) -> PyResult<()> {
    check_exports(vm, body)?;
    if bytes.is_empty() {
        return Ok(());
    }
    let start = body.position.get();
    let end = start.checked_add(bytes.len()).filter(|end| *end <= isize::MAX as usize);
    let Some(end) = end else { return Err(vm.overflow_error("new buffer size too large")) };
    let written = own(vm, body, |content| {
        if end > content.len() {
            let more = end - content.len();
            if content.capacity() - content.len() < more && content.try_reserve(more).is_err() {
                return false;
            }
            if start == content.len() {
                content.extend_from_slice(bytes);
                return true;
            }
            content.resize(end, 0);
        }
        content[start..end].copy_from_slice(bytes);
        true
    })?;
    if !written {
        return Err(vm.memory_error());
    }
    body.position.set(end);
    Ok(())
}

fn write(vm: &Vm, this: &Value, data: &Value) -> PyResult {
    let body = opened(vm, this)?;
    check_exports(vm, body)?;
    let operand = vm.operand(data)?;
    // Asking for the memory may have run code that closed the stream.
    let body = opened(vm, body.as_value())?;
    let count = operand.len();
    operand.with(|bytes| put(vm, body, bytes))?;
    Ok(vm.new_int(count as i64))
}

fn write_lines(vm: &Vm, this: &Value, lines: &Value) -> PyResult {
    opened(vm, this)?;
    vm.for_each(lines, |line| write(vm, this, &line).map(|_| ()))?;
    Ok(Value::NONE)
}

/// The part of the content from the position on, at most so long; the position moves behind it.
fn take(vm: &Vm, body: &BytesIo, most: usize) -> PyResult {
    let content = body.content.borrow();
    let bytes = content.as_slice();
    let start = body.position.get().min(bytes.len());
    let end = start.saturating_add(most).min(bytes.len());
    if end > start {
        body.position.set(end);
    }
    if let Store::Shared(whole) = &*content
        && start == 0
        && end == bytes.len()
    {
        return Ok(whole.to_value());
    }
    vm.try_new_bytes(&bytes[start..end])
}

fn read(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let body = opened(vm, this)?;
    let size = base::size_argument(vm, args.first())?;
    take(vm, body, usize::try_from(size).unwrap_or(usize::MAX))
}

/// How long the line at the position is, at most so long.
fn line_length(body: &BytesIo, most: usize) -> usize {
    let content = body.content.borrow();
    let rest = content.as_slice().get(body.position.get()..).unwrap_or_default();
    let line = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
    line.min(most)
}

fn read_line(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let body = opened(vm, this)?;
    let size = base::size_argument(vm, args.first())?;
    let length = line_length(body, usize::try_from(size).unwrap_or(usize::MAX));
    take(vm, body, length)
}

fn next(vm: &Vm, this: &Value) -> PyResult<Option<Value>> {
    let body = opened(vm, this)?;
    match line_length(body, usize::MAX) {
        0 => Ok(None),
        length => take(vm, body, length).map(Some),
    }
}

fn read_lines(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let body = opened(vm, this)?;
    let most = match args.first().filter(|size| !size.is_none()) {
        None => 0,
        Some(size) if vm.small_or_big(size).is_none() => {
            let given = vm.type_name(size);
            return Err(vm.type_error(format!("integer argument expected, got '{given}'")));
        }
        Some(size) => vm.to_isize(size)?,
    };
    let (mut lines, mut total) = (Vec::new(), 0);
    loop {
        let length = line_length(body, usize::MAX);
        if length == 0 {
            break;
        }
        lines.push(take(vm, body, length)?);
        total += length as isize;
        if most > 0 && total >= most {
            break;
        }
    }
    Ok(vm.list(lines))
}

fn read_into(vm: &Vm, this: &Value, target: &Value) -> PyResult {
    let view = vm.writable_argument(target, "readinto() argument")?;
    let body = opened(vm, this)?;
    // Copied first: the target may be this very memory.
    let bytes = {
        let content = body.content.borrow();
        let rest = content.as_slice().get(body.position.get()..).unwrap_or_default();
        rest[..rest.len().min(view.len)].to_vec()
    };
    view.with_bytes_mut(|room| room[..bytes.len()].copy_from_slice(&bytes));
    body.position.set(body.position.get() + bytes.len());
    Ok(vm.new_int(bytes.len() as i64))
}

fn get_buffer(vm: &Vm, this: &Value) -> PyResult {
    opened(vm, this)?;
    let state = vm.state::<super::State>();
    let class = crate::bodies::made(vm, &state.bytes_buffer)?;
    let lender = vm.new_instance(class, BytesIoBuffer { stream: this.clone() })?;
    Ok(vm.new_memoryview(lender.as_value(), false)?.into_value())
}

fn lend(vm: &Vm, this: &Value, _writable: bool) -> PyResult<BufferView> {
    let lender = vm.body::<BytesIoBuffer>(this)?;
    let body = vm.body::<BytesIo>(&lender.stream)?;
    let view = own(vm, body, |content| {
        let start = NonNull::from(content.as_mut_slice());
        BufferView::bytes(this.clone(), start.cast(), start.len(), false, Some(give_back))
    })?;
    body.exports.set(body.exports.get() + 1);
    Ok(view)
}

fn give_back(owner: &Value) {
    if let Some(lender) = owner.downcast::<BytesIoBuffer>()
        && let Some(body) = lender.stream.downcast::<BytesIo>()
    {
        body.exports.set(body.exports.get().saturating_sub(1));
    }
}

fn get_value(vm: &Vm, this: &Value) -> PyResult {
    let body = opened(vm, this)?;
    let made = match &*body.content.borrow() {
        Store::Shared(bytes) => return Ok(bytes.to_value()),
        Store::Own(bytes) => vm.try_new_bytes(bytes)?,
    };
    // From now on both are the same memory, until something is written.
    if body.exports.get() == 0
        && let Some(bytes) = made.downcast::<Bytes>()
    {
        replace(body, Store::Shared(bytes.clone()));
    }
    Ok(made)
}

fn seek(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let Some(position) = args.first() else { return Ok(Value::NONE) };
    let position = vm.to_isize(position)?;
    let whence = args.get(1).map_or(Ok(0), |whence| vm.to_i32(whence))?;
    let body = opened(vm, this)?;
    if position < 0 && whence == 0 {
        return Err(vm.value_error(format!("negative seek value {position}")));
    }
    let start = match whence {
        0 => 0,
        1 => body.position.get() as isize,
        2 => body.content.borrow().as_slice().len() as isize,
        _ => return Err(vm.value_error(format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
    };
    let Some(target) = start.checked_add(position) else {
        return Err(vm.overflow_error("new position too large"));
    };
    let target = target.max(0);
    body.position.set(target as usize);
    Ok(vm.new_int(target as i64))
}

fn truncate(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let body = opened(vm, this)?;
    check_exports(vm, body)?;
    let size = match args.first().filter(|size| !size.is_none()) {
        None => body.position.get() as isize,
        Some(size) => vm.to_isize(size)?,
    };
    // Asking for the number may have closed the stream or lent its memory.
    let body = opened(vm, body.as_value())?;
    check_exports(vm, body)?;
    if size < 0 {
        return Err(vm.value_error(format!("negative size value {size}")));
    }
    let longer = body.content.borrow().as_slice().len() > size as usize;
    if longer {
        own(vm, body, |content| {
            content.truncate(size as usize);
            content.shrink_to_fit();
        })?;
    }
    Ok(vm.new_int(size as i64))
}

fn get_state(vm: &Vm, this: &Value) -> PyResult {
    let content = get_value(vm, this)?;
    let body = opened(vm, this)?;
    let dict = vm.instance_dict(this)?.copy(vm)?.into_value();
    Ok(vm.tuple([content, vm.new_int(body.position.get() as i64), dict]))
}

fn set_state(vm: &Vm, this: &Value, state: &Value) -> PyResult {
    let class = vm.type_name(this);
    let items = state.downcast::<Tuple>().map(|tuple| tuple.items());
    let Some([content, position, dict, ..]) = items else {
        let given = vm.type_name(state);
        return Err(vm.type_error(format!("{class}.__setstate__ argument should be 3-tuple, got {given}")));
    };
    let body = opened(vm, this)?;
    check_exports(vm, body)?;
    replace(body, Store::Own(Vec::new()));
    body.position.set(0);
    write(vm, this, content)?;
    if vm.small_or_big(position).is_none() {
        let given = vm.type_name(position);
        return Err(vm.type_error(format!("second item of state must be an integer, got {given}")));
    }
    let position = vm.to_isize(position)?;
    if position < 0 {
        return Err(vm.value_error("position value cannot be negative"));
    }
    body.position.set(position as usize);
    base::take_attributes(vm, this, dict, "third")?;
    Ok(Value::NONE)
}

fn size_of_stream(vm: &Vm, this: &Value) -> PyResult {
    let body = vm.body::<BytesIo>(this)?;
    let held = match &*body.content.borrow() {
        Store::Own(bytes) => bytes.capacity(),
        Store::Shared(bytes) => bytes.len(),
    };
    Ok(vm.new_int((16 + size_of::<BytesIo>() + held) as i64))
}
