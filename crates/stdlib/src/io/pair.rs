//! `BufferedRWPair`: one buffered stream to read and another to write, as one.

use super::base::{self, check_can};
use oriel_runtime::cells::OptionCell;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, GetSetDef, Layout, MethodDef, PyResult, TypeSpec, Value, Visitor, Vm, type_flags};

/// The body: the two streams.
#[repr(C)]
pub struct BufferedPair {
    reader: OptionCell,
    writer: OptionCell,
}

static LAYOUT: Layout = Layout::of::<BufferedPair>("_io.BufferedRWPair", Some(&base::LAYOUT));

impl Body for BufferedPair {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.reader.visit(visitor);
        self.writer.visit(visitor);
    }

    fn clear(&self) {
        self.reader.set(None);
        self.writer.set(None);
    }
}

/// A method that one of the two streams answers.
macro_rules! forwarded {
    ($name:literal, $side:ident, $signature:literal, $doc:literal) => {
        MethodDef::args(
            $name,
            |vm, this, args| {
                let stream = $side(vm, this)?;
                let method = vm.get_attr_str(&stream, $name)?;
                vm.call_args(&method, args)
            },
            $signature,
            $doc,
        )
    };
}

/// `BufferedRWPair`
#[rustfmt::skip]
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::DICT | type_flags::WEAKREF,
    doc: "A stream to read and a stream to write, as one.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(init));
    },
    methods: &[
        forwarded!("read", reader, "", "Read bytes."),
        forwarded!("peek", reader, "", "Bytes that are next, without taking them."),
        forwarded!("read1", reader, "", "Read bytes with at most one call of the raw stream."),
        forwarded!("readinto", reader, "", "Read into a buffer."),
        forwarded!("readinto1", reader, "", "Read into a buffer with at most one call of the raw stream."),
        forwarded!("write", writer, "", "Write bytes."),
        forwarded!("flush", writer, "($self, /)", "Write what is buffered."),
        forwarded!("readable", reader, "($self, /)", "Whether the reader can be read."),
        forwarded!("writable", writer, "($self, /)", "Whether the writer can be written."),
        MethodDef::noargs("close", close, "($self, /)", "Close both."),
        MethodDef::noargs("isatty", is_terminal, "($self, /)", "Whether either is a terminal."),
    ],
    getset: &[GetSetDef::readonly("closed", |vm, this| {
        let stream = writer(vm, this)?;
        vm.get_attr(&stream, &vm.names.closed)
    }, "Whether the writer is closed.")],
    ..TypeSpec::new("_io.BufferedRWPair", BufferedPair::layout)
};

fn new(vm: &Vm, class: &TypeRef, _: Args<'_>) -> PyResult {
    let body = BufferedPair { reader: OptionCell::new(None), writer: OptionCell::new(None) };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let values = args.unpack(vm, "BufferedRWPair", 2, 3)?;
    let [raw_reader, raw_writer, size @ ..] = values else { return Ok(()) };
    let size = match size.first() {
        Some(size) => vm.to_isize(size)?,
        None => super::DEFAULT_BUFFER_SIZE as isize,
    };
    check_can(vm, raw_reader, "readable", "File or stream is not readable.")?;
    check_can(vm, raw_writer, "writable", "File or stream is not writable.")?;
    let state = vm.state::<super::State>();
    let size = vm.new_int(size as i64);
    let reader = vm.call(crate::bodies::made(vm, &state.reader)?.as_value(), &[raw_reader.clone(), size.clone()])?;
    let writer = vm.call(crate::bodies::made(vm, &state.writer)?.as_value(), &[raw_writer.clone(), size])?;
    let body = vm.body::<BufferedPair>(this)?;
    body.reader.set(Some(reader));
    body.writer.set(Some(writer));
    Ok(())
}

fn uninitialized(vm: &Vm) -> oriel_runtime::Raised {
    vm.value_error("I/O operation on uninitialized object")
}

fn reader(vm: &Vm, this: &Value) -> PyResult {
    vm.body::<BufferedPair>(this)?.reader.get().ok_or_else(|| uninitialized(vm))
}

fn writer(vm: &Vm, this: &Value) -> PyResult {
    vm.body::<BufferedPair>(this)?.writer.get().ok_or_else(|| uninitialized(vm))
}

fn close(vm: &Vm, this: &Value) -> PyResult {
    let first = writer(vm, this).and_then(|writer| vm.call_method(&writer, &vm.names.close, &[]));
    let second = reader(vm, this).and_then(|reader| vm.call_method(&reader, &vm.names.close, &[]));
    base::both(vm, first, second)
}

fn is_terminal(vm: &Vm, this: &Value) -> PyResult {
    let answer = vm.call_method(&writer(vm, this)?, &vm.names.isatty, &[])?;
    if vm.truth(&answer)? {
        return Ok(answer);
    }
    vm.call_method(&reader(vm, this)?, &vm.names.isatty, &[])
}
