//! `zlib.Compress`: compression piece by piece.

use super::{DEF_MEM_LEVEL, DEFLATED, FINISH, MAX_WBITS, NO_FLUSH, State, error, number};
use crate::bodies::made;
use crate::compression::{Continue, busy, drain};
use oriel_runtime::platform::zlib::{Deflating, Stream, codes};
use oriel_runtime::{Body, Bound, Layout, MethodDef, PyResult, TypeSpec, Value, Vm, type_flags};
use std::cell::{RefCell, RefMut};

/// The body of a `Compress`.
pub struct Compress {
    stream: RefCell<Stream>,
}

static LAYOUT: Layout = Layout::of::<Compress>("zlib.Compress", None);

impl Body for Compress {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

/// The type of what `compressobj()` makes.
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    methods: &[
        MethodDef::one("compress", compress, "($self, data, /)", "Take bytes, return compressed ones."),
        MethodDef::bound("flush", flush, "($self, mode=zlib.Z_FINISH, /)", "Return what is still held back."),
        MethodDef::noargs("copy", copy, "($self, /)", "Return a copy of the object as it is."),
        MethodDef::noargs("__copy__", copy, "($self, /)", "Return a copy of the object as it is."),
        MethodDef::one("__deepcopy__", |vm, this, _| copy(vm, this), "($self, memo, /)", "Return a copy."),
    ],
    ..TypeSpec::new("zlib.Compress", Compress::layout)
};

/// `compressobj(level, method, wbits, memLevel, strategy, zdict)`
pub fn make(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let how = Deflating {
        level: number(vm, args[0], -1)?,
        method: number(vm, args[1], DEFLATED)?,
        window_bits: number(vm, args[2], MAX_WBITS)?,
        memory_level: number(vm, args[3], DEF_MEM_LEVEL)?,
        strategy: number(vm, args[4], 0)?,
    };
    let dictionary = args[5].map(|dictionary| vm.operand(dictionary)).transpose()?;
    let mut stream = Stream::deflating(how).map_err(|code| match code {
        codes::STREAM_ERROR => vm.value_error("Invalid initialization option"),
        code => error(vm, None, code, "while creating compression object"),
    })?;
    if let Some(dictionary) = dictionary {
        match dictionary.with(|dictionary| stream.set_dictionary(dictionary)) {
            codes::OK => {}
            codes::STREAM_ERROR => return Err(vm.value_error("Invalid dictionary")),
            _ => return Err(vm.value_error("deflateSetDictionary()")),
        }
    }
    let state = vm.state::<State>();
    Ok(vm.new_instance(made(vm, &state.compress)?, Compress { stream: RefCell::new(stream) })?.into_value())
}

fn stream<'a>(vm: &Vm, this: &'a Value) -> PyResult<RefMut<'a, Stream>> {
    vm.body::<Compress>(this)?.stream.try_borrow_mut().map_err(|_| busy(vm))
}

fn compress(vm: &Vm, this: &Value, data: &Value) -> PyResult {
    let data = vm.operand(data)?;
    let mut stream = stream(vm, this)?;
    let output = data.with(|data| {
        drain(vm, data, |input, output| {
            let (code, put) = stream.step(input, output, NO_FLUSH);
            if code == codes::STREAM_ERROR {
                return Err(error(vm, Some(&stream), code, "while compressing data"));
            }
            Ok((put, Continue::WhileInput))
        })
    })?;
    drop(stream);
    vm.try_new_bytes(&output)
}

fn flush(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let mode = number(vm, args[0], FINISH)?;
    if mode == NO_FLUSH {
        return Ok(vm.new_bytes(b""));
    }
    let mut stream = stream(vm, this)?;
    let mut last = codes::OK;
    let output = drain(vm, b"", |input, output| {
        let (code, put) = stream.step(input, output, mode);
        last = code;
        if code == codes::STREAM_ERROR {
            return Err(error(vm, Some(&stream), code, "while flushing"));
        }
        Ok((put, Continue::WhileInput))
    })?;
    if last == codes::STREAM_END && mode == FINISH {
        let code = stream.end();
        if code != codes::OK {
            return Err(error(vm, Some(&stream), code, "while finishing compression"));
        }
    } else if last != codes::OK && last != codes::BUF_ERROR {
        return Err(error(vm, Some(&stream), last, "while flushing"));
    }
    drop(stream);
    vm.try_new_bytes(&output)
}

fn copy(vm: &Vm, this: &Value) -> PyResult {
    let copied = stream(vm, this)?.copy().map_err(|code| match code {
        codes::STREAM_ERROR => vm.value_error("Inconsistent stream state"),
        code => error(vm, None, code, "while copying compression object"),
    })?;
    let state = vm.state::<State>();
    Ok(vm.new_instance(made(vm, &state.compress)?, Compress { stream: RefCell::new(copied) })?.into_value())
}
