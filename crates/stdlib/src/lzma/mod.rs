//! `_lzma`: compression in the formats of xz. Here are the module and its two types; [`filters`] reads the chains of
//! filters that a program describes, [`properties`] their encoded form.

mod filters;
mod properties;

use crate::bodies::{bind, given};
use crate::compression::{Continue, Engine, Feed, Step, busy, drain};
use liblzma::stream::{Action, Check, Error, Filters, Status, Stream};
use oriel_runtime::args::Signature;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{
    Args, Body, Bound, GetSetDef, Layout, MethodDef, ModuleSpec, PyResult, Raised, TypeSpec, Value, Vm, type_flags,
};
use std::cell::{Cell, OnceCell, RefCell};
use std::sync::OnceLock;

#[derive(Default)]
struct State {
    error: OnceCell<TypeRef>,
}

const AUTO: i32 = 0;
const XZ: i32 = 1;
const ALONE: i32 = 2;
const RAW: i32 = 3;
const CHECK_NONE: i32 = 0;
const CHECK_CRC64: i32 = 4;
const CHECK_UNKNOWN: i32 = 16;
const PRESET_DEFAULT: u32 = 6;

const CONSTANTS: &[(&str, i64)] = &[
    ("FORMAT_AUTO", AUTO as i64),
    ("FORMAT_XZ", XZ as i64),
    ("FORMAT_ALONE", ALONE as i64),
    ("FORMAT_RAW", RAW as i64),
    ("CHECK_NONE", CHECK_NONE as i64),
    ("CHECK_CRC32", 1),
    ("CHECK_CRC64", CHECK_CRC64 as i64),
    ("CHECK_SHA256", 10),
    ("CHECK_ID_MAX", 15),
    ("CHECK_UNKNOWN", CHECK_UNKNOWN as i64),
    ("FILTER_LZMA1", filters::LZMA1 as i64),
    ("FILTER_LZMA2", filters::LZMA2 as i64),
    ("FILTER_DELTA", filters::DELTA as i64),
    ("FILTER_X86", 4),
    ("FILTER_IA64", 6),
    ("FILTER_ARM", 7),
    ("FILTER_ARMTHUMB", 8),
    ("FILTER_SPARC", 9),
    ("FILTER_POWERPC", 5),
    ("MF_HC3", 3),
    ("MF_HC4", 4),
    ("MF_BT2", 0x12),
    ("MF_BT3", 0x13),
    ("MF_BT4", 0x14),
    ("MODE_FAST", 1),
    ("MODE_NORMAL", 2),
    ("PRESET_DEFAULT", PRESET_DEFAULT as i64),
    ("PRESET_EXTREME", 1 << 31),
];

/// `_lzma`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_lzma",
    doc: "Compression in the formats of xz.",
    functions: &[
        MethodDef::one(
            "is_check_supported",
            |vm, _, check| Ok(Value::bool(to_check(vm.to_i32(check)?).is_some_and(|check| check.is_supported()))),
            "($module, check_id, /)",
            "Whether the integrity check is there.",
        ),
        MethodDef::one(
            "_encode_filter_properties",
            properties::encode,
            "($module, filter, /)",
            "Return the options of a filter as bytes.",
        ),
        MethodDef::positional(
            "_decode_filter_properties",
            2,
            2,
            properties::decode,
            "($module, filter_id, encoded_props, /)",
            "Return a filter from its options as bytes.",
        ),
    ],
    exec: |vm, module| {
        let state = vm.state::<State>();
        for (name, value) in CONSTANTS {
            vm.module_set(module, name, vm.new_int(*value))?;
        }
        let error = match state.error.get() {
            Some(error) => error.clone(),
            None => crate::bodies::exception(vm, "_lzma", "LZMAError", &vm.types.exception)?,
        };
        vm.module_set(module, "LZMAError", error.to_value())?;
        let _ = state.error.set(error);
        vm.module_type(module, &COMPRESSOR)?;
        vm.module_type(module, &DECOMPRESSOR)?;
        Ok(())
    },
};

/// `LZMAError` with a message.
#[cold]
fn lzma_error(vm: &Vm, message: &str) -> Raised {
    match vm.state::<State>().error.get() {
        Some(class) => vm.new_exception(class, message),
        None => vm.value_error(message),
    }
}

/// The exception of an error of the library.
#[cold]
fn failure(vm: &Vm, error: Error) -> Raised {
    lzma_error(
        vm,
        match error {
            Error::Mem => return vm.memory_error(),
            Error::NoCheck | Error::UnsupportedCheck => "Unsupported integrity check",
            Error::MemLimit => "Memory usage limit exceeded",
            Error::Format => "Input format not supported by decoder",
            Error::Options => "Invalid or unsupported options",
            Error::Data => "Corrupt input data",
            Error::Program => "Internal error",
        },
    )
}

fn to_check(number: i32) -> Option<Check> {
    match number {
        0 => Some(Check::None),
        1 => Some(Check::Crc32),
        4 => Some(Check::Crc64),
        10 => Some(Check::Sha256),
        _ => None,
    }
}

/// A number of 32 bits without sign.
fn to_u32(vm: &Vm, value: &Value) -> PyResult<u32> {
    let number = vm.index(value)?;
    match vm.small_or_big(&number) {
        Some(Ok(number)) if number < 0 => Err(vm.value_error("Cannot convert negative int")),
        Some(Ok(number)) => u32::try_from(number).map_err(|_| vm.overflow_error("Python int too large for C uint32_t")),
        _ => Err(vm.overflow_error("Python int too large for C uint32_t")),
    }
}

/// A number of 64 bits without sign.
fn to_u64(vm: &Vm, value: &Value) -> PyResult<u64> {
    let number = vm.index(value)?;
    match vm.small_or_big(&number) {
        Some(Ok(number)) => u64::try_from(number).map_err(|_| vm.value_error("Cannot convert negative int")),
        Some(Err(big)) => {
            u64::try_from(&big.value).map_err(|_| vm.overflow_error("Python int too large for C uint64_t"))
        }
        None => Err(vm.type_error("an integer is required")),
    }
}

struct Compressor {
    stream: RefCell<Stream>,
    flushed: Cell<bool>,
}

static COMPRESSOR_LAYOUT: Layout = Layout::of::<Compressor>("_lzma.LZMACompressor", None);

impl Body for Compressor {
    fn layout() -> &'static Layout {
        &COMPRESSOR_LAYOUT
    }
}

static COMPRESSOR: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "What compresses piece by piece: LZMACompressor(format=FORMAT_XZ, check=-1, preset=None, filters=None)",
    slots: |slots| slots.new.set(Some(new_compressor)),
    methods: &[
        MethodDef::one("compress", compress, "($self, data, /)", "Take bytes, return compressed ones."),
        MethodDef::noargs("flush", flush, "($self, /)", "End the stream and return what was held back."),
    ],
    ..TypeSpec::new("_lzma.LZMACompressor", Compressor::layout)
};

fn some(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_none())
}

fn new_compressor(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let text = "(format=FORMAT_XZ, check=-1, preset=None, filters=None)";
    let [format, check, preset, chain] = bind::<4>(vm, &SIGNATURE, text, "LZMACompressor", args)?;
    let format = format.map_or(Ok(XZ), |format| vm.to_i32(format))?;
    let check = check.map_or(Ok(-1), |check| vm.to_i32(check))?;
    let (preset, chain) = (some(preset), some(chain));
    if preset.is_some() && chain.is_some() {
        return Err(vm.value_error("Cannot specify both preset and filter chain"));
    }
    let preset = preset.map_or(Ok(PRESET_DEFAULT), |preset| to_u32(vm, preset))?;
    if format != XZ && check != -1 && check != CHECK_NONE {
        return Err(vm.value_error("Integrity checks are only supported by FORMAT_XZ"));
    }
    let stream = match format {
        XZ => {
            let check = if check == -1 { CHECK_CRC64 } else { check };
            let chain = chain.map(|chain| filters::parse(vm, chain)).transpose()?;
            let check = to_check(check).ok_or_else(|| {
                let known = (0..=15).contains(&check);
                failure(vm, if known { Error::UnsupportedCheck } else { Error::Program })
            })?;
            match chain {
                None => Stream::new_easy_encoder(preset, check),
                Some(chain) => Stream::new_stream_encoder(&chain.build(vm)?, check),
            }
        }
        ALONE => match chain {
            None => Stream::new_lzma_encoder(&filters::preset(vm, preset)?),
            Some(chain) => match filters::parse(vm, chain)?.alone() {
                Some(options) => Stream::new_lzma_encoder(options),
                None => {
                    return Err(vm.value_error("Invalid filter chain for FORMAT_ALONE - must be a single LZMA1 filter"));
                }
            },
        },
        RAW => match chain {
            None => return Err(vm.value_error("Must specify filters for FORMAT_RAW")),
            Some(chain) => Stream::new_raw_encoder(&filters::parse(vm, chain)?.build(vm)?),
        },
        _ => return Err(vm.value_error(format!("Invalid container format: {format}"))),
    };
    let stream = stream.map_err(|error| failure(vm, error))?;
    let body = Compressor { stream: RefCell::new(stream), flushed: Cell::new(false) };
    Ok(vm.new_instance(class, body)?.into_value())
}

/// One step: the status, and how much was put out.
fn step(
    vm: &Vm,
    stream: &mut Stream,
    input: &mut &[u8],
    output: &mut [u8],
    action: Action,
) -> PyResult<(Status, usize)> {
    let (taken, put) = (stream.total_in(), stream.total_out());
    let status = stream.process(input, output, action).map_err(|error| failure(vm, error))?;
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

/// The bytes before the integrity check's number in a stream of the xz format.
const MAGIC: &[u8] = b"\xfd7zXZ\0\0";

struct Expand {
    stream: Stream,
    /// The first bytes of the input, until the integrity check is known.
    head: Vec<u8>,
    check: i32,
}

impl Expand {
    /// Looks for the number of the integrity check.
    fn look(&mut self, taken: &[u8]) {
        if self.check != CHECK_UNKNOWN {
            return;
        }
        let wanted = MAGIC.len() + 1 - self.head.len().min(MAGIC.len());
        self.head.extend_from_slice(&taken[..taken.len().min(wanted)]);
        let known = self.head.len().min(MAGIC.len());
        if self.head[..known] != MAGIC[..known] {
            self.check = CHECK_NONE;
        } else if let Some(check) = self.head.get(MAGIC.len()) {
            self.check = i32::from(check & 15);
        }
    }
}

impl Engine for Expand {
    const KEEPS_OUTPUT: bool = true;
    const AT_END: &'static str = "Already at end of stream";

    fn step(&mut self, vm: &Vm, input: &mut &[u8], output: &mut [u8]) -> PyResult<Step> {
        let before = *input;
        let (status, put) = step(vm, &mut self.stream, input, output, Action::Run)?;
        self.look(&before[..before.len() - input.len()]);
        Ok(if status == Status::StreamEnd { Step::End(put) } else { Step::Put(put) })
    }
}

struct Decompressor(Feed<Expand>);

static DECOMPRESSOR_LAYOUT: Layout = Layout::of::<Decompressor>("_lzma.LZMADecompressor", None);

impl Body for Decompressor {
    fn layout() -> &'static Layout {
        &DECOMPRESSOR_LAYOUT
    }
}

static DECOMPRESSOR: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "LZMADecompressor(format=FORMAT_AUTO, memlimit=None, filters=None)\n--\n\nWhat decompresses piece by piece.",
    slots: |slots| slots.new.set(Some(new_decompressor)),
    methods: &[MethodDef::bound(
        "decompress",
        decompress,
        "($self, /, data, max_length=-1)",
        "Take compressed bytes, return what they stand for.",
    )],
    getset: &[
        GetSetDef::readonly(
            "check",
            |vm, this| Ok(vm.new_int(vm.body::<Decompressor>(this)?.0.engine(vm)?.check.into())),
            "The number of the integrity check.",
        ),
        GetSetDef::readonly("eof", |vm, this| Ok(vm.body::<Decompressor>(this)?.0.eof()), "Whether the stream ended."),
        GetSetDef::readonly(
            "needs_input",
            |vm, this| Ok(vm.body::<Decompressor>(this)?.0.needs_input()),
            "Whether nothing more comes without more input.",
        ),
        GetSetDef::readonly(
            "unused_data",
            |vm, this| Ok(vm.body::<Decompressor>(this)?.0.unused()),
            "What was given behind the end of the stream.",
        ),
    ],
    ..TypeSpec::new("_lzma.LZMADecompressor", Decompressor::layout)
};

fn new_decompressor(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let text = "(format=FORMAT_AUTO, memlimit=None, filters=None)";
    let [format, limit, chain] = bind::<3>(vm, &SIGNATURE, text, "LZMADecompressor", args)?;
    let format = format.map_or(Ok(AUTO), |format| vm.to_i32(format))?;
    let (limit, chain) = (some(limit), some(chain));
    if limit.is_some() && format == RAW {
        return Err(vm.value_error("Cannot specify memory limit with FORMAT_RAW"));
    }
    let limit = limit.map_or(Ok(u64::MAX), |limit| to_u64(vm, limit))?;
    if format == RAW && chain.is_none() {
        return Err(vm.value_error("Must specify filters for FORMAT_RAW"));
    }
    if format != RAW && chain.is_some() {
        return Err(vm.value_error("Cannot specify filters except with FORMAT_RAW"));
    }
    let (stream, check) = match (format, chain) {
        (AUTO, _) => (Stream::new_auto_decoder(limit, 0), CHECK_UNKNOWN),
        (XZ, _) => (Stream::new_stream_decoder(limit, 0), CHECK_UNKNOWN),
        (ALONE, _) => (Stream::new_lzma_decoder(limit), CHECK_NONE),
        (RAW, Some(chain)) => {
            let chain: Filters = filters::parse(vm, chain)?.build(vm)?;
            (Stream::new_raw_decoder(&chain), CHECK_NONE)
        }
        _ => return Err(vm.value_error(format!("Invalid container format: {format}"))),
    };
    let stream = stream.map_err(|error| failure(vm, error))?;
    let feed = Feed::new(vm, Expand { stream, head: Vec::new(), check });
    Ok(vm.new_instance(class, Decompressor(feed))?.into_value())
}

fn decompress(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let body = vm.body::<Decompressor>(this)?;
    let limit = args[1].map_or(Ok(-1), |limit| vm.to_isize_index(limit))?;
    body.0.decompress(vm, given(vm, args[0])?, limit)
}
