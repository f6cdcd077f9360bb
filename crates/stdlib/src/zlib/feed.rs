//! `zlib._ZlibDecompressor`: decompression piece by piece, in the style that all decompressors of the library have.

use super::decompress::{dictionary, give_dictionary, start};
use super::{MAX_WBITS, SYNC_FLUSH, error, number};
use crate::bodies::{bind, given};
use crate::compression::{Engine, Feed, Step};
use oriel_runtime::args::Signature;
use oriel_runtime::platform::zlib::{Stream, codes};
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, Bound, GetSetDef, Layout, MethodDef, PyResult, TypeSpec, Value, Vm, type_flags};
use std::sync::OnceLock;

struct Inflate {
    stream: Stream,
    dictionary: Option<Box<[u8]>>,
}

impl Engine for Inflate {
    const KEEPS_OUTPUT: bool = false;

    fn step(&mut self, vm: &Vm, input: &mut &[u8], output: &mut [u8]) -> PyResult<Step> {
        loop {
            let (code, put) = self.stream.step(input, output, SYNC_FLUSH);
            return match code {
                codes::OK | codes::BUF_ERROR => Ok(Step::Put(put)),
                codes::STREAM_END => Ok(Step::End(put)),
                codes::NEED_DICT if self.dictionary.is_some() => {
                    give_dictionary(vm, &mut self.stream, self.dictionary.as_deref().unwrap_or_default())?;
                    continue;
                }
                code => Err(error(vm, Some(&self.stream), code, "while decompressing data")),
            };
        }
    }
}

/// The body of a `_ZlibDecompressor`.
pub struct Decompressor(Feed<Inflate>);

static LAYOUT: Layout = Layout::of::<Decompressor>("zlib._ZlibDecompressor", None);

impl Body for Decompressor {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

/// `_ZlibDecompressor`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "_ZlibDecompressor(wbits=15, zdict=b'')\n--\n\nWhat decompresses piece by piece.",
    slots: |slots| slots.new.set(Some(new)),
    methods: &[MethodDef::bound(
        "decompress",
        decompress,
        "($self, /, data, max_length=-1)",
        "Take compressed bytes, return what they stand for.",
    )],
    getset: &[
        GetSetDef::readonly("eof", |vm, this| Ok(vm.body::<Decompressor>(this)?.0.eof()), ""),
        GetSetDef::readonly("unused_data", |vm, this| Ok(vm.body::<Decompressor>(this)?.0.unused()), ""),
        GetSetDef::readonly("needs_input", |vm, this| Ok(vm.body::<Decompressor>(this)?.0.needs_input()), ""),
    ],
    ..TypeSpec::new("zlib._ZlibDecompressor", Decompressor::layout)
};

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let [window_bits, given_dictionary] = bind(vm, &SIGNATURE, "(wbits=15, zdict=b'')", "_ZlibDecompressor", args)?;
    let window_bits = number(vm, window_bits, MAX_WBITS)?;
    let dictionary = dictionary(vm, given_dictionary)?;
    let stream = start(vm, window_bits, dictionary.as_deref())?;
    let feed = Feed::new(vm, Inflate { stream, dictionary });
    Ok(vm.new_instance(class, Decompressor(feed))?.into_value())
}

fn decompress(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let body = vm.body::<Decompressor>(this)?;
    let limit = args[1].map_or(Ok(-1), |limit| vm.to_isize_index(limit))?;
    body.0.decompress(vm, given(vm, args[0])?, limit)
}
