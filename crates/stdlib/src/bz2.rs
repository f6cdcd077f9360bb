//! `_bz2`: compression in the format of bzip2.

use crate::bodies::given;
use crate::compression::{Continue, Engine, Feed, Step, busy, drain};
use bzip2::{Action, Compress, Compression, Decompress, Error, Status};
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{
    Args, Body, Bound, GetSetDef, Layout, MethodDef, ModuleSpec, PyResult, Raised, TypeSpec, Value, Vm, type_flags,
};
use std::cell::{Cell, RefCell};

/// `_bz2`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_bz2",
    doc: "Compression in the format of bzip2.",
    functions: &[],
    exec: |vm, module| {
        vm.module_type(module, &COMPRESSOR)?;
        vm.module_type(module, &DECOMPRESSOR)?;
        Ok(())
    },
};

struct Compressor {
    stream: RefCell<Compress>,
    flushed: Cell<bool>,
}

static COMPRESSOR_LAYOUT: Layout = Layout::of::<Compressor>("_bz2.BZ2Compressor", None);

impl Body for Compressor {
    fn layout() -> &'static Layout {
        &COMPRESSOR_LAYOUT
    }
}

static COMPRESSOR: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "BZ2Compressor(compresslevel=9, /)\n--\n\nWhat compresses piece by piece.",
    slots: |slots| slots.new.set(Some(new_compressor)),
    methods: &[
        MethodDef::one("compress", compress, "($self, data, /)", "Take bytes, return compressed ones."),
        MethodDef::noargs("flush", flush, "($self, /)", "End the stream and return what was held back."),
    ],
    ..TypeSpec::new("_bz2.BZ2Compressor", Compressor::layout)
};

#[cold]
fn failure(vm: &Vm, error: Error) -> Raised {
    match error {
        Error::Sequence => vm.runtime_error("Internal error - Invalid sequence of commands sent to libbzip2"),
        Error::Data | Error::DataMagic => vm.new_exception(&vm.types.os_error, "Invalid data stream"),
        Error::Param => vm.value_error("Internal error - invalid parameters passed to libbzip2"),
    }
}

fn new_compressor(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let args = args.unpack(vm, "BZ2Compressor", 0, 1)?;
    let level = args.first().map_or(Ok(9), |level| vm.to_i32(level))?;
    let level = match u32::try_from(level) {
        Ok(level @ 1..=9) => level,
        _ => return Err(vm.value_error("compresslevel must be between 1 and 9")),
    };
    let stream = RefCell::new(Compress::new(Compression::new(level), 0));
    Ok(vm.new_instance(class, Compressor { stream, flushed: Cell::new(false) })?.into_value())
}

/// One step: the status, and how much was put out.
fn step(
    vm: &Vm,
    stream: &mut Compress,
    input: &mut &[u8],
    output: &mut [u8],
    action: Action,
) -> PyResult<(Status, usize)> {
    let (taken, put) = (stream.total_in(), stream.total_out());
    let status = stream.compress(input, output, action).map_err(|error| failure(vm, error))?;
    *input = &input[(stream.total_in() - taken) as usize..];
    Ok((status, (stream.total_out() - put) as usize))
}

fn compress(vm: &Vm, this: &Value, data: &Value) -> PyResult {
    let data = vm.operand(data)?;
    let body = vm.body::<Compressor>(this)?;
    if body.flushed.get() {
        return Err(vm.value_error("Compressor has been flushed"));
    }
    let mut stream = body.stream.try_borrow_mut().map_err(|_| busy(vm))?;
    let output = data.with(|data| {
        drain(vm, data, |input, output| {
            if input.is_empty() {
                return Ok((0, Continue::Stop));
            }
            let (_, put) = step(vm, &mut stream, input, output, Action::Run)?;
            Ok((put, Continue::WhileInput))
        })
    })?;
    drop(stream);
    vm.try_new_bytes(&output)
}

fn flush(vm: &Vm, this: &Value) -> PyResult {
    let body = vm.body::<Compressor>(this)?;
    if body.flushed.replace(true) {
        return Err(vm.value_error("Repeated call to flush()"));
    }
    let mut stream = body.stream.try_borrow_mut().map_err(|_| busy(vm))?;
    let output = drain(vm, b"", |input, output| {
        let (status, put) = step(vm, &mut stream, input, output, Action::Finish)?;
        Ok((put, if status == Status::StreamEnd { Continue::Stop } else { Continue::Yes }))
    })?;
    drop(stream);
    vm.try_new_bytes(&output)
}

struct Expand(Decompress);

impl Engine for Expand {
    const KEEPS_OUTPUT: bool = false;
    const BREAKS: bool = true;

    fn step(&mut self, vm: &Vm, input: &mut &[u8], output: &mut [u8]) -> PyResult<Step> {
        let (taken, put) = (self.0.total_in(), self.0.total_out());
        let status = self.0.decompress(input, output).map_err(|error| failure(vm, error))?;
        *input = &input[(self.0.total_in() - taken) as usize..];
        let put = (self.0.total_out() - put) as usize;
        match status {
            Status::StreamEnd => Ok(Step::End(put)),
            Status::MemNeeded => Err(vm.memory_error()),
            _ => Ok(Step::Put(put)),
        }
    }
}

struct Decompressor(Feed<Expand>);

static DECOMPRESSOR_LAYOUT: Layout = Layout::of::<Decompressor>("_bz2.BZ2Decompressor", None);

impl Body for Decompressor {
    fn layout() -> &'static Layout {
        &DECOMPRESSOR_LAYOUT
    }
}

static DECOMPRESSOR: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "BZ2Decompressor()\n--\n\nWhat decompresses piece by piece.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, args| {
            args.unpack(vm, "BZ2Decompressor", 0, 0)?;
            let feed = Feed::new(vm, Expand(Decompress::new(false)));
            Ok(vm.new_instance(class, Decompressor(feed))?.into_value())
        }));
    },
    methods: &[MethodDef::bound(
        "decompress",
        decompress,
        "($self, /, data, max_length=-1)",
        "Take compressed bytes, return what they stand for.",
    )],
    getset: &[
        GetSetDef::readonly("eof", |vm, this| Ok(vm.body::<Decompressor>(this)?.0.eof()), "Whether the stream ended."),
        GetSetDef::readonly(
            "unused_data",
            |vm, this| Ok(vm.body::<Decompressor>(this)?.0.unused()),
            "What was given behind the end of the stream.",
        ),
        GetSetDef::readonly(
            "needs_input",
            |vm, this| Ok(vm.body::<Decompressor>(this)?.0.needs_input()),
            "Whether nothing more comes without more input.",
        ),
    ],
    ..TypeSpec::new("_bz2.BZ2Decompressor", Decompressor::layout)
};

fn decompress(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let body = vm.body::<Decompressor>(this)?;
    let limit = args[1].map_or(Ok(-1), |limit| vm.to_isize_index(limit))?;
    body.0.decompress(vm, given(vm, args[0])?, limit)
}
