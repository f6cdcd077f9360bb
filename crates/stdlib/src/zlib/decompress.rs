//! `zlib.Decompress`: decompression piece by piece, in zlib's own style.

use super::{DEF_BUF_SIZE, FINISH, MAX_WBITS, SYNC_FLUSH, State, error, number};
use crate::bodies::made;
use crate::compression::busy;
use oriel_runtime::cells::ValueCell;
use oriel_runtime::platform::zlib::{Stream, codes};
use oriel_runtime::types::bytes::Bytes;
use oriel_runtime::{Body, Bound, GetSetDef, Layout, MethodDef, PyResult, Raised, TypeSpec, Value, Vm, type_flags};
use std::cell::{Cell, RefCell};

/// The body of a `Decompress`.
pub struct Decompress {
    stream: RefCell<Stream>,
    dictionary: Option<Box<[u8]>>,
    unused: ValueCell,
    unconsumed: ValueCell,
    eof: Cell<bool>,
    /// Whether the stream was given up at its end.
    ended: Cell<bool>,
}

static LAYOUT: Layout = Layout::of::<Decompress>("zlib.Decompress", None);

impl Body for Decompress {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

/// The type of what `decompressobj()` makes.
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    methods: &[
        MethodDef::bound(
            "decompress",
            decompress,
            "($self, data, /, max_length=0)",
            "Take compressed bytes, return what they stand for.",
        ),
        MethodDef::bound(
            "flush",
            flush,
            "($self, length=zlib.DEF_BUF_SIZE, /)",
            "Return what is still to come of the input.",
        ),
        MethodDef::noargs("copy", copy, "($self, /)", "Return a copy of the object as it is."),
        MethodDef::noargs("__copy__", copy, "($self, /)", "Return a copy of the object as it is."),
        MethodDef::one("__deepcopy__", |vm, this, _| copy(vm, this), "($self, memo, /)", "Return a copy."),
    ],
    getset: &[
        GetSetDef::readonly("unused_data", |vm, this| Ok(vm.body::<Decompress>(this)?.unused.get()), ""),
        GetSetDef::readonly("unconsumed_tail", |vm, this| Ok(vm.body::<Decompress>(this)?.unconsumed.get()), ""),
        GetSetDef::readonly("eof", |vm, this| Ok(Value::bool(vm.body::<Decompress>(this)?.eof.get())), ""),
    ],
    ..TypeSpec::new("zlib.Decompress", Decompress::layout)
};

/// `decompressobj(wbits, zdict)`
pub fn make(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let window_bits = number(vm, args[0], MAX_WBITS)?;
    let dictionary = dictionary(vm, args[1])?;
    let stream = start(vm, window_bits, dictionary.as_deref())?;
    wrap(
        vm,
        Decompress {
            stream: RefCell::new(stream),
            dictionary,
            unused: ValueCell::new(vm.new_bytes(b"")),
            unconsumed: ValueCell::new(vm.new_bytes(b"")),
            eof: Cell::new(false),
            ended: Cell::new(false),
        },
    )
}

/// The dictionary of an argument.
pub fn dictionary(vm: &Vm, argument: Option<&Value>) -> PyResult<Option<Box<[u8]>>> {
    match argument {
        None => Ok(None),
        Some(value) => match vm.operand_opt(value)? {
            Some(operand) => Ok(Some(operand.to_vec().into())),
            None => Err(vm.type_error("zdict argument must support the buffer protocol")),
        },
    }
}

/// A new decompressing stream; raw ones get their dictionary at once.
pub fn start(vm: &Vm, window_bits: i32, dictionary: Option<&[u8]>) -> PyResult<Stream> {
    let mut stream = Stream::inflating(window_bits).map_err(|code| match code {
        codes::STREAM_ERROR => vm.value_error("Invalid initialization option"),
        code => error(vm, None, code, "while creating decompression object"),
    })?;
    if window_bits < 0
        && let Some(dictionary) = dictionary
    {
        give_dictionary(vm, &mut stream, dictionary)?;
    }
    Ok(stream)
}

/// Sets the dictionary that a stream asks for.
pub fn give_dictionary(vm: &Vm, stream: &mut Stream, dictionary: &[u8]) -> PyResult<()> {
    match stream.set_dictionary(dictionary) {
        codes::OK => Ok(()),
        code => Err(error(vm, Some(stream), code, "while setting zdict")),
    }
}

fn wrap(vm: &Vm, body: Decompress) -> PyResult {
    let state = vm.state::<State>();
    Ok(vm.new_instance(made(vm, &state.decompress)?, body)?.into_value())
}

/// What a run over input came to.
struct Run<'a> {
    output: Vec<u8>,
    rest: &'a [u8],
    code: i32,
    failure: Option<Raised>,
}

impl Decompress {
    fn run<'a>(&self, vm: &Vm, input: &'a [u8], limit: usize, finish: bool) -> PyResult<Run<'a>> {
        let mut stream = self.stream.try_borrow_mut().map_err(|_| busy(vm))?;
        let mut run = Run { output: Vec::new(), rest: input, code: codes::OK, failure: None };
        loop {
            let start = run.output.len();
            let room = (32 * 1024).max(start.min(1 << 20)).min(limit - start);
            run.output.try_reserve(room).map_err(|_| vm.memory_error())?;
            run.output.resize(start + room, 0);
            let before = run.rest.len();
            let flush = if finish { FINISH } else { SYNC_FLUSH };
            let (code, put) = stream.step(&mut run.rest, &mut run.output[start..], flush);
            run.output.truncate(start + put);
            run.code = code;
            match code {
                codes::OK | codes::BUF_ERROR => {}
                codes::NEED_DICT if self.dictionary.is_some() => {
                    give_dictionary(vm, &mut stream, self.dictionary.as_deref().unwrap_or_default())?;
                    continue;
                }
                codes::STREAM_END => break,
                code => {
                    run.failure = Some(error(vm, Some(&stream), code, "while decompressing data"));
                    break;
                }
            }
            let stuck = put == 0 && run.rest.len() == before;
            if run.output.len() >= limit || stuck || put < room && run.rest.is_empty() {
                break;
            }
        }
        Ok(run)
    }

    fn keep_rest(&self, vm: &Vm, run: &Run<'_>) -> PyResult<()> {
        let mut rest = run.rest;
        if run.code == codes::STREAM_END {
            if !rest.is_empty() {
                let unused = self.unused.get();
                let mut joined = vm.bytes_of(&unused).unwrap_or_default();
                joined.try_reserve(rest.len()).map_err(|_| vm.memory_error())?;
                joined.extend_from_slice(rest);
                self.unused.set(vm.try_new_bytes(&joined)?);
                rest = b"";
            }
            self.eof.set(true);
        }
        let had = self.unconsumed.get().downcast::<Bytes>().is_some_and(|bytes| bytes.len() > 0);
        if !rest.is_empty() || had {
            self.unconsumed.set(vm.try_new_bytes(rest)?);
        }
        Ok(())
    }
}

fn decompress(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let body = vm.body::<Decompress>(this)?;
    let data = vm.operand(crate::bodies::given(vm, args[0])?)?;
    let limit = args[1].map_or(Ok(0), |limit| vm.to_isize_index(limit))?;
    let limit = match usize::try_from(limit) {
        Err(_) => return Err(vm.value_error("max_length must be non-negative")),
        Ok(0) => usize::MAX,
        Ok(limit) => limit,
    };
    data.with(|data| {
        let run = body.run(vm, data, limit, false)?;
        body.keep_rest(vm, &run)?;
        match run.failure {
            Some(failure) => Err(failure),
            None => vm.try_new_bytes(&run.output),
        }
    })
}

fn flush(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let body = vm.body::<Decompress>(this)?;
    if args[0].map_or(Ok(DEF_BUF_SIZE), |length| vm.to_isize_index(length))? <= 0 {
        return Err(vm.value_error("length must be greater than zero"));
    }
    if body.ended.get() {
        return Ok(vm.new_bytes(b""));
    }
    let input = vm.bytes_of(&body.unconsumed.get()).unwrap_or_default();
    let run = body.run(vm, &input, usize::MAX, true)?;
    body.keep_rest(vm, &run)?;
    if run.code == codes::STREAM_END {
        let mut stream = body.stream.try_borrow_mut().map_err(|_| busy(vm))?;
        let code = stream.end();
        body.ended.set(true);
        if code != codes::OK {
            return Err(error(vm, Some(&stream), code, "while finishing decompression"));
        }
    } else if let Some(failure) = run.failure {
        return Err(failure);
    }
    vm.try_new_bytes(&run.output)
}

fn copy(vm: &Vm, this: &Value) -> PyResult {
    let body = vm.body::<Decompress>(this)?;
    let copied = body.stream.try_borrow_mut().map_err(|_| busy(vm))?.copy().map_err(|code| match code {
        codes::STREAM_ERROR => vm.value_error("Inconsistent stream state"),
        code => error(vm, None, code, "while copying decompression object"),
    })?;
    wrap(
        vm,
        Decompress {
            stream: RefCell::new(copied),
            dictionary: body.dictionary.clone(),
            unused: ValueCell::new(body.unused.get()),
            unconsumed: ValueCell::new(body.unconsumed.get()),
            eof: Cell::new(body.eof.get()),
            ended: Cell::new(body.ended.get()),
        },
    )
}
