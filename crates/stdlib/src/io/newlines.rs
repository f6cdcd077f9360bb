//! `IncrementalNewlineDecoder`: line ends translated and noted while text comes in pieces; finding line ends.

use crate::bodies::{bind, given};
use oriel_kernel::text::{Text, TextBuf};
use oriel_runtime::args::Signature;
use oriel_runtime::cells::{OptionCell, ValueCell};
use oriel_runtime::types::str::Str;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, Bound, GetSetDef, MethodDef, PyResult, TypeSpec, Value, Vm, type_flags};
use std::cell::Cell;
use std::sync::OnceLock;

const CR: u8 = 1;
const LF: u8 = 2;
const CRLF: u8 = 4;

/// What is known of the line ends so far.
#[derive(Default)]
pub struct Newlines {
    /// Whether all line ends become `\n`.
    pub translate: Cell<bool>,
    pending_return: Cell<bool>,
    seen: Cell<u8>,
}

impl Newlines {
    /// Forgets everything.
    pub fn reset(&self) {
        self.pending_return.set(false);
        self.seen.set(0);
    }

    /// Whether a return waits for what follows.
    pub fn pending(&self) -> bool {
        self.pending_return.get()
    }

    /// Sets whether a return waits.
    pub fn set_pending(&self, pending: bool) {
        self.pending_return.set(pending);
    }

    /// The next piece of text, translated; nothing where it can be taken as it is.
    pub fn feed(&self, text: Text<'_>, last: bool) -> Option<TextBuf> {
        let mut joined = None;
        if self.pending_return.get() && (last || !text.is_empty()) {
            let mut longer = TextBuf::with_capacity(text.kind(), text.len() + 1);
            longer.push(13);
            longer.push_text(text);
            joined = Some(longer);
            self.pending_return.set(false);
        }
        let cut = {
            let whole = joined.as_ref().map_or(text, TextBuf::as_text);
            !last && !whole.is_empty() && whole.at(whole.len() - 1) == 13
        };
        if cut {
            self.pending_return.set(true);
            let whole = joined.as_ref().map_or(text, TextBuf::as_text);
            joined = Some(TextBuf::from(whole.slice(0, whole.len() - 1)));
        }
        let whole = joined.as_ref().map_or(text, TextBuf::as_text);
        if whole.find_char(13).is_none() {
            if self.seen.get() & LF == 0 && whole.find_char(10).is_some() {
                self.seen.set(self.seen.get() | LF);
            }
            return joined;
        }
        let all_seen = self.seen.get() == CR | LF | CRLF;
        if all_seen && !self.translate.get() {
            return joined;
        }
        let mut out = TextBuf::with_capacity(whole.kind(), whole.len());
        let (mut seen, mut after_return) = (self.seen.get(), false);
        for unit in whole.chars() {
            match unit {
                10 if after_return => seen |= CRLF,
                10 => {
                    seen |= LF;
                    out.push(10);
                }
                13 => {
                    if after_return {
                        seen |= CR;
                    }
                    out.push(10);
                }
                other => {
                    if after_return {
                        seen |= CR;
                    }
                    out.push(other);
                }
            }
            after_return = unit == 13;
        }
        if after_return {
            seen |= CR;
        }
        self.seen.set(seen);
        if self.translate.get() { Some(out) } else { joined }
    }

    /// The next piece as an object.
    pub fn feed_object(&self, vm: &Vm, text: &Value, last: bool) -> PyResult {
        let Some(string) = text.downcast::<Str>() else { return Ok(text.clone()) };
        match self.feed(string.text(), last) {
            None => Ok(text.clone()),
            Some(text) => vm.new_text_buf(&text),
        }
    }

    /// The kinds of line ends seen: `None`, one, or a tuple.
    pub fn kinds(&self, vm: &Vm) -> Value {
        let mut kinds = Vec::new();
        for (bit, text) in [(CR, "\r"), (LF, "\n"), (CRLF, "\r\n")] {
            if self.seen.get() & bit != 0 {
                kinds.push(vm.new_str(text));
            }
        }
        match kinds.as_slice() {
            [] => Value::NONE,
            [one] => one.clone(),
            several => vm.new_tuple(several),
        }
    }
}

/// How the lines of a text end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// `\n`: all others have been translated.
    Newline,
    /// `\n`, `\r` or `\r\n`.
    Universal,
    /// `\r`
    Return,
    /// `\r\n`
    ReturnNewline,
}

impl LineEnd {
    /// Where the first line ends, counted from the start: behind its line end. Nothing where there is no line end.
    pub fn find(self, text: Text<'_>) -> Option<usize> {
        match self {
            LineEnd::Newline => text.find_char(10).map(|at| at + 1),
            LineEnd::Return => text.find_char(13).map(|at| at + 1),
            LineEnd::ReturnNewline => text.find(Text::Ascii("\r\n"), 0, text.len()).map(|at| at + 2),
            LineEnd::Universal => {
                let newline = text.find_char(10);
                let part = newline.map_or(text, |at| text.slice(0, at));
                match part.find_char(13) {
                    Some(at) if newline == Some(at + 1) => Some(at + 2),
                    Some(at) => Some(at + 1),
                    None => newline.map(|at| at + 1),
                }
            }
        }
    }
}

/// The body of a decoder.
pub struct NewlineDecoder {
    decoder: OptionCell,
    errors: ValueCell,
    newlines: Newlines,
}

crate::bodies::body!(NewlineDecoder, "_io.IncrementalNewlineDecoder", decoder, errors);

/// `IncrementalNewlineDecoder`
#[rustfmt::skip]
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "A decoder that translates and notes line ends.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(init));
    },
    methods: &[
        MethodDef::bound("decode", decode, "($self, /, input, final=False)", "The text of the next piece."),
        MethodDef::noargs("getstate", get_state, "($self, /)", "The state."),
        MethodDef::one("setstate", set_state, "($self, state, /)", "Take a state over."),
        MethodDef::noargs("reset", reset, "($self, /)", "Start anew."),
    ],
    getset: &[GetSetDef::readonly("newlines", |vm, this| Ok(vm.body::<NewlineDecoder>(this)?.newlines.kinds(vm)), "The kinds of line ends seen.")],
    ..TypeSpec::new("_io.IncrementalNewlineDecoder", NewlineDecoder::layout)
};

fn new(vm: &Vm, class: &TypeRef, _: Args<'_>) -> PyResult {
    let body = NewlineDecoder {
        decoder: OptionCell::new(None),
        errors: ValueCell::new(Value::NONE),
        newlines: Newlines::default(),
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let text = "(decoder, translate, errors='strict')";
    let [decoder, translate, errors] = bind(vm, &SIGNATURE, text, "IncrementalNewlineDecoder", args)?;
    let body = vm.body::<NewlineDecoder>(this)?;
    let translate = vm.truth(given(vm, translate)?)?;
    body.decoder.set(Some(given(vm, decoder)?.clone()));
    body.errors.set(errors.cloned().unwrap_or_else(|| vm.intern("strict")));
    body.newlines.translate.set(translate);
    body.newlines.reset();
    Ok(())
}

fn inner(vm: &Vm, body: &NewlineDecoder) -> PyResult {
    body.decoder.get().ok_or_else(|| vm.value_error("IncrementalNewlineDecoder.__init__() not called"))
}

fn decode(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let input = given(vm, args[0])?;
    let last = args[1].map_or(Ok(false), |last| vm.truth(last))?;
    decode_piece(vm, this, input, last)
}

/// `decoder.decode(input, last)` of an exact decoder.
pub fn decode_piece(vm: &Vm, this: &Value, input: &Value, last: bool) -> PyResult {
    let body = vm.body::<NewlineDecoder>(this)?;
    let decoder = inner(vm, body)?;
    let text = if decoder.is_none() {
        input.clone()
    } else {
        vm.call_method_str(&decoder, "decode", &[input.clone(), Value::bool(last)])?
    };
    if text.downcast::<Str>().is_none() {
        let given = vm.type_name(&text);
        return Err(vm.type_error(format!("decoder should return a string result, not '{given}'")));
    }
    body.newlines.feed_object(vm, &text, last)
}

fn get_state(vm: &Vm, this: &Value) -> PyResult {
    let body = vm.body::<NewlineDecoder>(this)?;
    let decoder = inner(vm, body)?;
    let (buffer, flag) = if decoder.is_none() {
        (vm.new_bytes(b""), 0)
    } else {
        let state = vm.call_method_str(&decoder, "getstate", &[])?;
        match state.downcast::<Tuple>().map(|tuple| tuple.items()) {
            Some([buffer, flag]) => (buffer.clone(), vm.to_i64(flag)?),
            _ => return Err(vm.type_error("illegal decoder state")),
        }
    };
    let flag = (flag as u64) << 1 | u64::from(body.newlines.pending());
    Ok(vm.tuple([buffer, vm.new_uint(flag)]))
}

fn set_state(vm: &Vm, this: &Value, state: &Value) -> PyResult {
    let body = vm.body::<NewlineDecoder>(this)?;
    let decoder = inner(vm, body)?;
    let Some(tuple) = state.downcast::<Tuple>() else {
        return Err(vm.type_error("state argument must be a tuple"));
    };
    let [buffer, flag] = tuple.items() else {
        return Err(vm.type_error("IncrementalNewlineDecoder.setstate(): illegal state argument"));
    };
    let flag = vm.to_i64(flag)? as u64;
    body.newlines.set_pending(flag & 1 != 0);
    if decoder.is_none() {
        return Ok(Value::NONE);
    }
    let state = vm.tuple([buffer.clone(), vm.new_uint(flag >> 1)]);
    vm.call_method_str(&decoder, "setstate", &[state])
}

fn reset(vm: &Vm, this: &Value) -> PyResult {
    let body = vm.body::<NewlineDecoder>(this)?;
    let decoder = inner(vm, body)?;
    body.newlines.reset();
    if decoder.is_none() { Ok(Value::NONE) } else { vm.call_method_str(&decoder, "reset", &[]) }
}
