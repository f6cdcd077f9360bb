//! `zlib`: the module's functions and errors. The objects that work piece by piece are in [`compress`],
//! [`decompress`] and [`feed`].

mod compress;
mod decompress;
mod feed;

use crate::bodies::given;
use crate::compression::{Continue, drain};
use oriel_runtime::platform::zlib::{self, Deflating, Stream, codes};
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Bound, MethodDef, ModuleSpec, PyResult, Raised, Value, Vm};
use std::cell::OnceCell;

#[derive(Default)]
struct State {
    error: OnceCell<TypeRef>,
    compress: OnceCell<TypeRef>,
    decompress: OnceCell<TypeRef>,
}

const CONSTANTS: &[(&str, i64)] = &[
    ("MAX_WBITS", MAX_WBITS as i64),
    ("DEFLATED", DEFLATED as i64),
    ("DEF_MEM_LEVEL", DEF_MEM_LEVEL as i64),
    ("DEF_BUF_SIZE", DEF_BUF_SIZE as i64),
    ("Z_NO_COMPRESSION", 0),
    ("Z_BEST_SPEED", 1),
    ("Z_BEST_COMPRESSION", 9),
    ("Z_DEFAULT_COMPRESSION", -1),
    ("Z_FILTERED", 1),
    ("Z_HUFFMAN_ONLY", 2),
    ("Z_RLE", 3),
    ("Z_FIXED", 4),
    ("Z_DEFAULT_STRATEGY", 0),
    ("Z_NO_FLUSH", 0),
    ("Z_PARTIAL_FLUSH", 1),
    ("Z_SYNC_FLUSH", 2),
    ("Z_FULL_FLUSH", 3),
    ("Z_FINISH", 4),
    ("Z_BLOCK", 5),
    ("Z_TREES", 6),
];

const MAX_WBITS: i32 = 15;
const DEFLATED: i32 = 8;
const DEF_MEM_LEVEL: i32 = 8;
const DEF_BUF_SIZE: isize = 16 * 1024;
const NO_FLUSH: i32 = 0;
const SYNC_FLUSH: i32 = 2;
const FINISH: i32 = 4;

/// `zlib`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "zlib",
    doc: "Compression in the format of zlib and gzip.",
    functions: FUNCTIONS,
    exec: |vm, module| {
        let state = vm.state::<State>();
        for (name, value) in CONSTANTS {
            vm.module_set(module, name, vm.new_int(*value))?;
        }
        let version = zlib::version();
        // The library behind adds its own name to the number.
        let number = version.split(['-', '.']).take(3).collect::<Vec<_>>().join(".");
        vm.module_set(module, "ZLIB_VERSION", vm.new_str(&number))?;
        vm.module_set(module, "ZLIB_RUNTIME_VERSION", vm.new_str(&number))?;
        vm.module_set(module, "__version__", vm.new_str("1.0"))?;
        let error = match state.error.get() {
            Some(error) => error.clone(),
            None => crate::bodies::exception(vm, "zlib", "error", &vm.types.exception)?,
        };
        vm.module_set(module, "error", error.to_value())?;
        let _ = state.error.set(error);
        let _ = state.compress.set(vm.new_type(&compress::SPEC)?);
        let _ = state.decompress.set(vm.new_type(&decompress::SPEC)?);
        vm.module_type(module, &feed::SPEC)?;
        Ok(())
    },
};

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound("adler32", adler32, "($module, data, value=1, /)", "Return the Adler-32 check sum of bytes."),
    MethodDef::bound(
        "compress",
        compress_all,
        "($module, data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)",
        "Return the bytes compressed.",
    ),
    MethodDef::bound(
        "compressobj",
        compress::make,
        "($module, /, level=Z_DEFAULT_COMPRESSION, method=DEFLATED,\n            wbits=MAX_WBITS, \
         memLevel=DEF_MEM_LEVEL,\n            strategy=Z_DEFAULT_STRATEGY, zdict=<unrepresentable>)",
        "Return an object that compresses piece by piece.",
    ),
    MethodDef::bound("crc32", crc32, "($module, data, value=0, /)", "Return the CRC-32 check sum of bytes."),
    MethodDef::bound(
        "decompress",
        decompress_all,
        "($module, data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)",
        "Return the bytes decompressed.",
    ),
    MethodDef::bound(
        "decompressobj",
        decompress::make,
        "($module, /, wbits=MAX_WBITS, zdict=b'')",
        "Return an object that decompresses piece by piece.",
    ),
];

/// `zlib.error` for a code of zlib's.
#[cold]
fn error(vm: &Vm, stream: Option<&Stream>, code: i32, doing: &str) -> Raised {
    if code == codes::MEM_ERROR {
        return vm.memory_error();
    }
    let own = stream.and_then(Stream::message);
    let reason = match (code, &own) {
        (codes::VERSION_ERROR, _) => Some("library version mismatch"),
        (_, Some(message)) => Some(message.as_str()),
        (codes::BUF_ERROR, None) => Some("incomplete or truncated stream"),
        (codes::STREAM_ERROR, None) => Some("inconsistent stream state"),
        (codes::DATA_ERROR, None) => Some("invalid input data"),
        _ => None,
    };
    raise(
        vm,
        &match reason {
            Some(reason) => format!("Error {code} {doing}: {reason}"),
            None => format!("Error {code} {doing}"),
        },
    )
}

#[cold]
fn raise(vm: &Vm, message: &str) -> Raised {
    match vm.state::<State>().error.get() {
        Some(class) => vm.new_exception(class, message),
        None => vm.value_error(message),
    }
}

fn number(vm: &Vm, value: Option<&Value>, default: i32) -> PyResult<i32> {
    value.map_or(Ok(default), |value| vm.to_i32(value))
}

/// The start of a check sum: any integer, of which the low 32 bits count.
fn start_value(vm: &Vm, value: Option<&Value>, default: u32) -> PyResult<u32> {
    let Some(value) = value else { return Ok(default) };
    let value = vm.index(value)?;
    match vm.small_or_big(&value) {
        Some(Ok(number)) => Ok(number as u32),
        _ => {
            let mask = vm.new_int(0xffff_ffff);
            let low = vm.binary(oriel_runtime::arithmetic::BinaryOp::And, &value, &mask)?;
            Ok(vm.to_i64(&low)? as u32)
        }
    }
}

fn adler32(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let data = vm.operand(given(vm, args[0])?)?;
    let start = start_value(vm, args[1], 1)?;
    Ok(vm.new_int(data.with(|data| zlib::adler32(start, data)).into()))
}

fn crc32(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let data = vm.operand(given(vm, args[0])?)?;
    let mut hasher = crc32fast::Hasher::new_with_initial(start_value(vm, args[1], 0)?);
    data.with(|data| hasher.update(data));
    Ok(vm.new_int(hasher.finalize().into()))
}

fn compress_all(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let data = vm.operand(given(vm, args[0])?)?;
    let how = Deflating {
        level: number(vm, args[1], -1)?,
        method: DEFLATED,
        window_bits: number(vm, args[2], MAX_WBITS)?,
        memory_level: DEF_MEM_LEVEL,
        strategy: 0,
    };
    let mut stream = Stream::deflating(how).map_err(|code| match code {
        codes::STREAM_ERROR => raise(vm, "Bad compression level"),
        code => error(vm, None, code, "while compressing data"),
    })?;
    let output = data.with(|data| {
        drain(vm, data, |input, output| {
            let (code, put) = stream.step(input, output, FINISH);
            match code {
                codes::STREAM_END => Ok((put, Continue::Stop)),
                codes::OK | codes::BUF_ERROR => Ok((put, Continue::Yes)),
                code => Err(error(vm, Some(&stream), code, "while compressing data")),
            }
        })
    })?;
    vm.try_new_bytes(&output)
}

fn decompress_all(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let data = vm.operand(given(vm, args[0])?)?;
    let window_bits = number(vm, args[1], MAX_WBITS)?;
    if args[2].map_or(Ok(DEF_BUF_SIZE), |size| vm.to_isize_index(size))? < 0 {
        return Err(vm.value_error("bufsize must be non-negative"));
    }
    let mut stream =
        Stream::inflating(window_bits).map_err(|code| error(vm, None, code, "while preparing to decompress data"))?;
    let output = data.with(|data| {
        drain(vm, data, |input, output| {
            let before = input.len();
            let (code, put) = stream.step(input, output, SYNC_FLUSH);
            match code {
                codes::STREAM_END => Ok((put, Continue::Stop)),
                codes::OK | codes::BUF_ERROR if put > 0 || input.len() < before => Ok((put, Continue::Yes)),
                codes::OK => Err(error(vm, Some(&stream), codes::BUF_ERROR, "while decompressing data")),
                code => Err(error(vm, Some(&stream), code, "while decompressing data")),
            }
        })
    })?;
    vm.try_new_bytes(&output)
}
