//! `TextIOWrapper`: text over a buffered binary stream.
//!
//! UTF-8, ASCII and Latin-1 are decoded here, chunk by chunk; a chunk keeps its bytes, so that the position of any
//! character can be found again. Other encodings use the codec's incremental decoder. Newlines are translated after
//! decoding, here as well.

use super::base::{self, IoBase, unsupported};
use super::buffered;
use super::helpers;
use oriel_kernel::text::{Text, TextBuf};
use oriel_runtime::cells::OptionCell;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{
    Args, Body, Bound, GetSetDef, Layout, MethodDef, PyResult, Ref, TypeSpec, Value, Visitor, Vm, type_flags,
};
use std::cell::{Cell, RefCell};

/// Encodings that need no codec object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Native {
    Utf8,
    Ascii,
    Latin1,
}

/// How line ends are read and written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Newline {
    /// `None`: all kinds are read as `\n`; `\n` is written as the system's.
    Universal,
    /// `''`: all kinds end a line and stay as they are.
    Any,
    /// `'\n'`, `'\r'`, `'\r\n'`: only this ends a line; `\n` is written as it.
    Lf,
    Cr,
    CrLf,
}

/// The body of a text stream.
#[repr(C)]
pub struct TextIo {
    base: IoBase,
    buffer: OptionCell,
    encoding: OptionCell,
    errors: OptionCell,
    native: Cell<Option<Native>>,
    newline: Cell<Newline>,
    line_buffering: Cell<bool>,
    write_through: Cell<bool>,
    direct: Cell<bool>,
    detached: Cell<bool>,
    decoder: OptionCell,
    encoder: OptionCell,
    /// Encoded text that the buffer has not got yet.
    pending: RefCell<Vec<u8>>,
    /// Decoded text; `next` characters of it are handed out.
    decoded: OptionCell,
    next: Cell<usize>,
    /// The bytes that `decoded` was made of, and those at the end that are no whole character yet.
    chunk: RefCell<Vec<u8>>,
    rest: RefCell<Vec<u8>>,
    /// A carriage return at the end of a chunk waits for what follows.
    held_return: Cell<bool>,
    /// Which line ends were seen: bits for LF, CR, CRLF.
    seen: Cell<u8>,
    telling: Cell<bool>,
}

static LAYOUT: Layout = Layout::of::<TextIo>("_io.TextIOWrapper", Some(&base::LAYOUT));

impl Body for TextIo {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        for cell in [&self.buffer, &self.encoding, &self.errors, &self.decoder, &self.encoder, &self.decoded] {
            cell.visit(visitor);
        }
    }
    fn clear(&self) {
        self.buffer.set(None);
        self.decoder.set(None);
        self.encoder.set(None);
    }
}

/// `TextIOWrapper`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::DICT | type_flags::WEAKREF,
    doc: "Text over a buffered binary stream.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(init));
        slots.repr.set(Some(repr));
        slots.next.set(Some(next_line));
    },
    methods: &[
        MethodDef::one("write", write, "($self, text, /)", "Write text."),
        MethodDef::bound("read", read, "($self, size=-1, /)", "Read text."),
        MethodDef::bound("readline", readline, "($self, size=-1, /)", "Read a line."),
        MethodDef::noargs("flush", flush, "($self, /)", "Write what is buffered."),
        MethodDef::noargs("close", close, "($self, /)", "Flush and close."),
        MethodDef::noargs("detach", detach, "($self, /)", "Separate the buffer."),
        MethodDef::args(
            "reconfigure",
            reconfigure,
            "($self, /, *, encoding=None, errors=None, newline=None,\n            line_buffering=None, write_through=None)",
            "Change the settings.",
        ),
        MethodDef::positional("seek", 1, 2, seek, "($self, cookie, whence=0, /)", "Change the position."),
        MethodDef::noargs("tell", tell, "($self, /)", "Return a cookie for the position."),
        MethodDef::bound("truncate", truncate, "($self, pos=None, /)", "Cut the file."),
        MethodDef::noargs("fileno", |vm, this| ask(vm, this, "fileno"), "($self, /)", "Return the descriptor."),
        MethodDef::noargs(
            "isatty",
            |vm, this| ask(vm, this, "isatty"),
            "($self, /)",
            "Return whether this is a terminal.",
        ),
        MethodDef::noargs(
            "seekable",
            |vm, this| ask(vm, this, "seekable"),
            "($self, /)",
            "Return whether the position can be changed.",
        ),
        MethodDef::noargs(
            "readable",
            |vm, this| ask(vm, this, "readable"),
            "($self, /)",
            "Return whether the stream can be read.",
        ),
        MethodDef::noargs(
            "writable",
            |vm, this| ask(vm, this, "writable"),
            "($self, /)",
            "Return whether the stream can be written.",
        ),
        MethodDef::noargs(
            "__getstate__",
            |vm, this| Err(vm.type_error(format!("cannot pickle '{}' instances", vm.type_name(this)))),
            "($self, /)",
            "Streams cannot be pickled.",
        ),
    ],
    getset: &[
        GetSetDef::readonly("buffer", buffer_of, "The binary stream."),
        GetSetDef::readonly(
            "encoding",
            |vm, this| Ok(stream(vm, this)?.encoding.get().unwrap_or(Value::NONE)),
            "The encoding.",
        ),
        GetSetDef::readonly(
            "errors",
            |vm, this| Ok(stream(vm, this)?.errors.get().unwrap_or(Value::NONE)),
            "The error handler.",
        ),
        GetSetDef::readonly(
            "line_buffering",
            |vm, this| Ok(Value::bool(stream(vm, this)?.line_buffering.get())),
            "Whether lines are flushed.",
        ),
        GetSetDef::readonly(
            "write_through",
            |vm, this| Ok(Value::bool(stream(vm, this)?.write_through.get())),
            "Whether writes are flushed.",
        ),
        GetSetDef::readonly(
            "closed",
            |vm, this| {
                let buffer = buffer_of(vm, this)?;
                vm.get_attr(&buffer, &vm.names.closed)
            },
            "Whether the stream is closed.",
        ),
        GetSetDef::readonly(
            "name",
            |vm, this| {
                let buffer = buffer_of(vm, this)?;
                vm.get_attr(&buffer, &vm.names.name)
            },
            "The buffer's name.",
        ),
        GetSetDef::readonly("newlines", newlines, "The kinds of line ends seen."),
        GetSetDef::new("_CHUNK_SIZE", |vm, _| Ok(vm.new_int(CHUNK as i64)), |_, _, _| Ok(()), "Bytes read at once."),
    ],
    extra: Some(|_, ty| {
        ty.head.finalize.set(Some(base::finalize));
        Ok(())
    }),
    ..TypeSpec::new("_io.TextIOWrapper", TextIo::layout)
};

/// Bytes read at once.
const CHUNK: usize = 8192;

fn new(vm: &Vm, class: &TypeRef, _: Args<'_>) -> PyResult {
    let body = TextIo {
        base: IoBase,
        buffer: OptionCell::default(),
        encoding: OptionCell::default(),
        errors: OptionCell::default(),
        native: Cell::new(None),
        newline: Cell::new(Newline::Universal),
        line_buffering: Cell::new(false),
        write_through: Cell::new(false),
        direct: Cell::new(false),
        detached: Cell::new(false),
        decoder: OptionCell::default(),
        encoder: OptionCell::default(),
        pending: RefCell::default(),
        decoded: OptionCell::default(),
        next: Cell::new(0),
        chunk: RefCell::default(),
        rest: RefCell::default(),
        held_return: Cell::new(false),
        seen: Cell::new(0),
        telling: Cell::new(true),
    };
    let made = vm.new_instance(class, body)?;
    let _ = &made.base;
    Ok(made.into_value())
}

fn stream<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<TextIo>> {
    let body: &Ref<TextIo> = this.downcast().ok_or_else(|| vm.type_error("a text stream is needed"))?;
    if body.buffer.is_some() {
        return Ok(body);
    }
    Err(vm.value_error(if body.detached.get() {
        "underlying buffer has been detached"
    } else {
        "I/O operation on uninitialized object"
    }))
}

fn buffer_of(vm: &Vm, this: &Value) -> PyResult {
    Ok(stream(vm, this)?.buffer.get().unwrap_or(Value::NONE))
}

fn ask(vm: &Vm, this: &Value, method: &str) -> PyResult {
    let buffer = buffer_of(vm, this)?;
    vm.call_method_str(&buffer, method, &[])
}

fn parse_newline(vm: &Vm, value: Option<&Value>) -> PyResult<Newline> {
    let Some(value) = value.filter(|value| !value.is_none()) else { return Ok(Newline::Universal) };
    let Some(text) = value.downcast::<Str>() else {
        let given = vm.type_name(value);
        return Err(vm.type_error(format!("TextIOWrapper() argument 'newline' must be str or None, not {given}")));
    };
    Ok(match text.to_text().as_str() {
        "" => Newline::Any,
        "\n" => Newline::Lf,
        "\r" => Newline::Cr,
        "\r\n" => Newline::CrLf,
        other => return Err(vm.value_error(format!("illegal newline value: {other}"))),
    })
}

fn init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: std::sync::OnceLock<oriel_runtime::args::Signature> = std::sync::OnceLock::new();
    let signature = SIGNATURE.get_or_init(|| {
        oriel_runtime::args::Signature::parse(
            "(buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)",
        )
    });
    let mut bound = [None; 6];
    signature.bind(vm, "TextIOWrapper", args, &mut bound)?;
    let [Some(buffer), encoding, errors, newline, line_buffering, write_through] = bound else { return Ok(()) };
    let body: &Ref<TextIo> = this.downcast().ok_or_else(|| vm.type_error("a text stream is needed"))?;
    body.buffer.set(None);
    let newline = parse_newline(vm, newline)?;
    let encoding = match encoding.filter(|encoding| !encoding.is_none()) {
        None => {
            if vm.config.warn_default_encoding {
                vm.warn(&vm.types.encoding_warning, "'encoding' argument not specified", 1)?;
            }
            "utf-8".to_owned()
        }
        Some(value) => match value.downcast::<Str>().map(|text| text.to_text()) {
            Some(name) if name == "locale" => "utf-8".to_owned(),
            Some(name) => name,
            None => {
                let given = vm.type_name(value);
                return Err(
                    vm.type_error(format!("TextIOWrapper() argument 'encoding' must be str or None, not {given}"))
                );
            }
        },
    };
    let errors = match errors.filter(|errors| !errors.is_none()) {
        None => vm.intern("strict"),
        Some(value) if value.downcast::<Str>().is_some() => value.clone(),
        Some(value) => {
            let given = vm.type_name(value);
            return Err(vm.type_error(format!("TextIOWrapper() argument 'errors' must be str or None, not {given}")));
        }
    };
    if vm.config.dev_mode {
        vm.lookup_error_handler(&vm.str_text(&errors))?;
    }
    body.newline.set(newline);
    body.line_buffering.set(line_buffering.map_or(Ok(false), |flag| vm.truth(flag))?);
    body.write_through.set(write_through.map_or(Ok(false), |flag| vm.truth(flag))?);
    set_codec(vm, body, &encoding, &errors)?;
    body.direct.set(buffered::is_writer(vm, buffer));
    body.pending.borrow_mut().clear();
    forget_decoded(body);
    body.detached.set(false);
    body.buffer.set(Some(buffer.clone()));
    Ok(())
}

/// Chooses how text is encoded and decoded.
fn set_codec(vm: &Vm, body: &Ref<TextIo>, encoding: &str, errors: &Value) -> PyResult<()> {
    let normalized = encoding.to_ascii_lowercase().replace(['_', ' '], "-");
    let native = match normalized.as_str() {
        "utf-8" | "utf8" | "u8" | "cp65001" => Some(Native::Utf8),
        "ascii" | "us-ascii" | "646" | "ansi-x3.4-1968" => Some(Native::Ascii),
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" | "8859" => Some(Native::Latin1),
        _ => None,
    };
    body.decoder.set(None);
    body.encoder.set(None);
    if native.is_none() {
        let info = vm.lookup_codec(encoding)?;
        if let Some(is_text) = vm.get_attr_opt(&info, &vm.intern("_is_text_encoding"))?
            && !vm.truth(&is_text)?
        {
            let shown = vm.repr_text(&vm.new_str(encoding))?.trim_matches('\'').to_owned();
            return Err(vm.lookup_error(format!(
                "'{shown}' is not a text encoding; use codecs.open() to handle arbitrary codecs"
            )));
        }
        let make = |name: &str| -> PyResult {
            let factory = vm.get_attr_str(&info, name)?;
            if factory.is_none() { Ok(Value::NONE) } else { vm.call(&factory, std::slice::from_ref(errors)) }
        };
        body.decoder.set(Some(make("incrementaldecoder")?));
        body.encoder.set(Some(make("incrementalencoder")?));
    }
    body.native.set(native);
    body.encoding.set(Some(vm.new_str(encoding)));
    body.errors.set(Some(errors.clone()));
    Ok(())
}

fn forget_decoded(body: &Ref<TextIo>) {
    body.decoded.set(None);
    body.next.set(0);
    body.chunk.borrow_mut().clear();
    body.rest.borrow_mut().clear();
    body.held_return.set(false);
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let body = stream(vm, this)?;
    let class = vm.type_name(this);
    let mut text = format!("<{class}");
    if !vm.enter_repr(this) {
        return Err(vm.runtime_error(format!("reentrant call inside {class}.__repr__")));
    }
    let result = (|| -> PyResult<()> {
        for name in [&vm.names.name, &vm.names.mode] {
            let found = match vm.get_attr_opt(this, name) {
                Err(raised) if vm.raised_is(&raised, &vm.types.value_error) => None,
                other => other?,
            };
            if let Some(value) = found {
                text.push_str(&format!(" {}={}", vm.str_text(name), vm.repr_text(&value)?));
            }
        }
        Ok(())
    })();
    vm.leave_repr(this);
    result?;
    let encoding = vm.repr_text(&body.encoding.get().unwrap_or(Value::NONE))?;
    Ok(vm.new_str(&format!("{text} encoding={encoding}>")))
}

fn check_open(vm: &Vm, this: &Value) -> PyResult {
    let buffer = buffer_of(vm, this)?;
    if base::is_closed(vm, &buffer)? {
        return Err(vm.value_error("I/O operation on closed file."));
    }
    Ok(buffer)
}

fn push_encoded(vm: &Vm, body: &Ref<TextIo>, value: &Value, text: &Ref<Str>) -> PyResult<()> {
    if let (Some(_), Some(ascii)) = (body.native.get(), text.as_ascii()) {
        body.pending.borrow_mut().extend_from_slice(ascii.as_bytes());
        return Ok(());
    }
    let bytes = match body.native.get() {
        Some(native) => {
            let name = match native {
                Native::Utf8 => "utf-8",
                Native::Ascii => "ascii",
                Native::Latin1 => "latin-1",
            };
            let errors = vm.str_text(&body.errors.get().unwrap_or(Value::NONE));
            vm.encode_text(value, Some(name), Some(&errors))?
        }
        None => {
            let encoder = body.encoder.get().unwrap_or(Value::NONE);
            if encoder.is_none() {
                return Err(unsupported(vm, "not writable"));
            }
            vm.call_method(&encoder, &vm.names.encode, std::slice::from_ref(value))?
        }
    };
    match vm.bytes_of(&bytes) {
        Some(bytes) => {
            body.pending.borrow_mut().extend_from_slice(&bytes);
            Ok(())
        }
        None => {
            let given = vm.type_name(&bytes);
            Err(vm.type_error(format!("encoder should return a bytes object, not '{given}'")))
        }
    }
}

fn write(vm: &Vm, this: &Value, value: &Value) -> PyResult {
    let Some(text) = value.downcast::<Str>() else {
        let given = vm.type_name(value);
        return Err(vm.type_error(format!("write() argument must be str, not {given}")));
    };
    let body = stream(vm, this)?.clone();
    // A native writer tells itself whether it is closed, when it gets the bytes.
    if !body.direct.get() || body.pending.borrow().is_empty() {
        check_open(vm, this)?;
    }
    let length = text.len();
    let translate = matches!(body.newline.get(), Newline::Cr | Newline::CrLf);
    let has_newline = (translate || body.line_buffering.get()) && text.text().chars().any(|c| c == 10);
    let has_return = body.line_buffering.get() && text.text().chars().any(|c| c == 13);
    if translate && has_newline {
        let mut buffer = TextBuf::new();
        for character in text.text().chars() {
            match (character, body.newline.get()) {
                (10, Newline::Cr) => buffer.push(13),
                (10, _) => buffer.push_str("\r\n"),
                (other, _) => buffer.push(other),
            }
        }
        let translated = vm.new_text_buf(&buffer)?;
        if let Some(text) = translated.downcast::<Str>() {
            push_encoded(vm, &body, &translated, text)?;
        }
    } else {
        push_encoded(vm, &body, value, text)?;
    }
    let flush_now = body.line_buffering.get() && (has_newline || has_return);
    let full = body.pending.borrow().len() >= CHUNK;
    if full || flush_now || body.write_through.get() {
        write_pending(vm, &body)?;
    }
    if flush_now && let Some(buffer) = body.buffer.get() {
        vm.call_method(&buffer, &vm.names.flush, &[])?;
    }
    if body.decoded.is_some() {
        forget_decoded(&body);
    }
    Ok(vm.new_int(length as i64))
}

/// Hands the encoded text to the buffer.
fn write_pending(vm: &Vm, body: &Ref<TextIo>) -> PyResult<()> {
    if body.pending.borrow().is_empty() {
        return Ok(());
    }
    let Some(buffer) = body.buffer.get() else { return Ok(()) };
    let bytes = std::mem::take(&mut *body.pending.borrow_mut());
    if body.direct.get() {
        buffered::write_bytes(vm, &buffer, &bytes)?;
        if body.pending.borrow().is_empty() {
            let mut bytes = bytes;
            bytes.clear();
            *body.pending.borrow_mut() = bytes;
        }
        return Ok(());
    }
    vm.call_method(&buffer, &vm.names.write, &[vm.try_new_bytes(&bytes)?])?;
    Ok(())
}

fn flush(vm: &Vm, this: &Value) -> PyResult {
    let buffer = check_open(vm, this)?;
    let body = stream(vm, this)?.clone();
    body.telling.set(true);
    write_pending(vm, &body)?;
    vm.call_method(&buffer, &vm.names.flush, &[])
}

fn close(vm: &Vm, this: &Value) -> PyResult {
    let buffer = buffer_of(vm, this)?;
    if base::is_closed(vm, &buffer)? {
        return Ok(Value::NONE);
    }
    if vm.get_attr_opt(this, &vm.intern("_finalizing"))?.is_some()
        && let Some(warn) = vm.get_attr_opt(&buffer, &vm.names._dealloc_warn)?
    {
        vm.call(&warn, std::slice::from_ref(this))?;
    }
    let flushed = vm.call_method(this, &vm.names.flush, &[]);
    let closed = vm.call_method(&buffer, &vm.names.close, &[]);
    helpers::after_both(vm, flushed, closed)
}

fn detach(vm: &Vm, this: &Value) -> PyResult {
    vm.call_method(this, &vm.names.flush, &[])?;
    let body = stream(vm, this)?;
    body.detached.set(true);
    Ok(body.buffer.take().unwrap_or(Value::NONE))
}

fn reconfigure(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    let body = stream(vm, this)?.clone();
    if !args.positional().is_empty() {
        return Err(vm.type_error("reconfigure() takes no positional arguments"));
    }
    let given = |wanted: &str| args.keywords().find(|(name, _)| vm.str_text(name) == wanted).map(|(_, value)| value);
    let known = ["encoding", "errors", "newline", "line_buffering", "write_through"];
    if let Some(other) = args.names.iter().map(|name| vm.str_text(name)).find(|name| !known.contains(&name.as_str())) {
        return Err(vm.type_error(format!("reconfigure() got an unexpected keyword argument '{other}'")));
    }
    let encoding = given("encoding").filter(|value| !value.is_none());
    let errors = given("errors").filter(|value| !value.is_none());
    let newline = given("newline");
    if body.decoded.is_some() && (encoding.is_some() || errors.is_some() || newline.is_some()) {
        return Err(unsupported(
            vm,
            "It is not possible to set the encoding or newline of stream after the first read",
        ));
    }
    let flags = [("line_buffering", &body.line_buffering), ("write_through", &body.write_through)];
    vm.call_method(this, &vm.names.flush, &[])?;
    for (name, cell) in flags {
        if let Some(value) = given(name).filter(|value| !value.is_none()) {
            cell.set(vm.truth(value)?);
        }
    }
    if let Some(newline) = newline {
        body.newline.set(parse_newline(vm, Some(newline))?);
    }
    if encoding.is_some() || errors.is_some() {
        let name = match encoding {
            Some(encoding) => match vm.str_text(encoding) {
                name if name == "locale" => "utf-8".to_owned(),
                name => name,
            },
            None => vm.str_text(&body.encoding.get().unwrap_or(Value::NONE)),
        };
        let errors = match (errors, encoding) {
            (Some(errors), _) => errors.clone(),
            (None, Some(_)) => vm.intern("strict"),
            (None, None) => body.errors.get().unwrap_or(Value::NONE),
        };
        set_codec(vm, &body, &name, &errors)?;
    }
    Ok(Value::NONE)
}

/// Decodes bytes with what was left over; keeps what is no whole character yet.
fn decode(vm: &Vm, body: &Ref<TextIo>, bytes: &[u8], last: bool) -> PyResult {
    let Some(native) = body.native.get() else {
        let decoder = body.decoder.get().unwrap_or(Value::NONE);
        if decoder.is_none() {
            return Err(unsupported(vm, "not readable"));
        }
        let text = vm.call_method(&decoder, &vm.names.decode, &[vm.try_new_bytes(bytes)?, Value::bool(last)])?;
        if text.downcast::<Str>().is_none() {
            let given = vm.type_name(&text);
            return Err(vm.type_error(format!("decoder should return a string result, not '{given}'")));
        }
        return Ok(text);
    };
    let mut all = std::mem::take(&mut *body.rest.borrow_mut());
    let joined;
    let bytes = if all.is_empty() {
        bytes
    } else {
        all.extend_from_slice(bytes);
        joined = all;
        &joined
    };
    if bytes.is_ascii()
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return vm.new_text(Text::Ascii(text));
    }
    let errors = vm.str_text(&body.errors.get().unwrap_or(Value::NONE));
    match native {
        Native::Latin1 => vm.decode_slice(bytes, "latin-1", Some(&errors)),
        Native::Ascii => vm.decode_slice(bytes, "ascii", Some(&errors)),
        Native::Utf8 => {
            // An unfinished sequence at the end waits for the next chunk.
            let whole = if last { bytes.len() } else { bytes.len() - unfinished(bytes) };
            *body.rest.borrow_mut() = bytes[whole..].to_vec();
            vm.decode_slice(&bytes[..whole], "utf-8", Some(&errors))
        }
    }
}

/// How many bytes at the end begin a UTF-8 sequence without ending it.
fn unfinished(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let byte = bytes[bytes.len() - back];
        let needed = match byte {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            0x80..=0xbf => continue,
            _ => return 0,
        };
        return if needed > back { back } else { 0 };
    }
    0
}

/// Translates line ends and notes which kinds there were.
fn translate(vm: &Vm, body: &Ref<TextIo>, text: Value, last: bool) -> PyResult {
    if !matches!(body.newline.get(), Newline::Universal | Newline::Any) {
        return Ok(text);
    }
    let Some(string) = text.downcast::<Str>() else { return Ok(text) };
    let source = string.text();
    let has_return = match source {
        Text::Ascii(text) => memchr::memchr(b'\r', text.as_bytes()).is_some(),
        other => other.chars().any(|c| c == 13),
    };
    if !has_return && !body.held_return.get() {
        if body.seen.get() & 1 == 0 && source.chars().any(|c| c == 10) {
            body.seen.set(body.seen.get() | 1);
        }
        return Ok(text);
    }
    let mut out = TextBuf::new();
    let keep = body.newline.get() == Newline::Any;
    let mut held = body.held_return.replace(false);
    let mut seen = body.seen.get();
    for character in source.chars() {
        if held {
            held = false;
            if character == 10 {
                seen |= 4;
                out.push_str(if keep { "\r\n" } else { "\n" });
                continue;
            }
            seen |= 2;
            out.push(if keep { 13 } else { 10 });
        }
        match character {
            13 => held = true,
            10 => {
                seen |= 1;
                out.push(10);
            }
            other => out.push(other),
        }
    }
    if held {
        if last {
            seen |= 2;
            out.push(if keep { 13 } else { 10 });
        } else {
            body.held_return.set(true);
        }
    }
    body.seen.set(seen);
    vm.new_text_buf(&out)
}

/// Reads and decodes the next chunk; false at the end.
fn read_chunk(vm: &Vm, body: &Ref<TextIo>) -> PyResult<bool> {
    let Some(buffer) = body.buffer.get() else { return Ok(false) };
    let size = vm.new_int(CHUNK as i64);
    let data = match vm.get_attr_opt(&buffer, &vm.names.read1)? {
        Some(read1) => vm.call(&read1, &[size])?,
        None => vm.call_method(&buffer, &vm.names.read, &[size])?,
    };
    let bytes = match vm.bytes_of(&data) {
        Some(bytes) => bytes,
        None if data.is_none() => return Err(helpers::blocking_error(vm, "read would block", 0)),
        None if vm.type_of(&data).slots.buffer.get().is_some() => vm.buffer(&data, false)?.to_vec(),
        None => {
            let given = vm.type_name(&data);
            return Err(
                vm.type_error(format!("underlying read1() should have returned a bytes-like object, not '{given}'"))
            );
        }
    };
    let last = bytes.is_empty();
    let mut raw = body.rest.borrow().clone();
    if body.held_return.get() {
        raw.insert(0, b'\r');
    }
    raw.extend_from_slice(&bytes);
    let text = decode(vm, body, &bytes, last)?;
    let text = translate(vm, body, text, last)?;
    let got = vm.len(&text)? > 0;
    *body.chunk.borrow_mut() = raw;
    body.decoded.set(Some(text));
    body.next.set(0);
    Ok(got || !last)
}

fn check_readable(vm: &Vm, this: &Value) -> PyResult<Ref<TextIo>> {
    let buffer = check_open(vm, this)?;
    let body = stream(vm, this)?.clone();
    if !body.decoded.is_some() {
        let readable = vm.call_method(&buffer, &vm.names.readable, &[])?;
        if !vm.truth(&readable)? {
            return Err(unsupported(vm, "not readable"));
        }
    }
    write_pending(vm, &body)?;
    Ok(body)
}

/// What is decoded and not handed out yet, up to so many characters.
fn take(body: &Ref<TextIo>, most: usize, into: &mut TextBuf) -> usize {
    let Some(decoded) = body.decoded.get() else { return 0 };
    let Some(string) = decoded.downcast::<Str>() else { return 0 };
    let start = body.next.get().min(string.len());
    let end = start + most.min(string.len() - start);
    into.push_text(string.text().slice(start, end));
    body.next.set(end);
    end - start
}

fn size_of(vm: &Vm, value: Option<&Value>) -> PyResult<isize> {
    match value.filter(|value| !value.is_none()) {
        None => Ok(-1),
        Some(value) if vm.type_of(value).slots.nb_index.get().is_none() => {
            let given = vm.type_name(value);
            Err(vm.type_error(format!("argument should be integer or None, not '{given}'")))
        }
        Some(value) => vm.to_isize(value),
    }
}

fn read(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let size = size_of(vm, args[0])?;
    let body = check_readable(vm, this)?;
    let mut out = TextBuf::new();
    if size < 0 {
        take(&body, usize::MAX, &mut out);
        let Some(buffer) = body.buffer.get() else { return Ok(Value::NONE) };
        let data = vm.call_method(&buffer, &vm.names.read, &[])?;
        let bytes = match vm.bytes_of(&data) {
            Some(bytes) => bytes,
            None if data.is_none() => return Err(helpers::blocking_error(vm, "Read returned None.", 0)),
            None => vm.buffer(&data, false)?.to_vec(),
        };
        let text = decode(vm, &body, &bytes, true)?;
        let text = translate(vm, &body, text, true)?;
        forget_decoded(&body);
        body.decoded.set(Some(vm.empty_str()));
        if out.is_empty() {
            return Ok(text);
        }
        if let Some(string) = text.downcast::<Str>() {
            out.push_text(string.text());
        }
        return vm.new_text_buf(&out);
    }
    let size = size as usize;
    let mut got = take(&body, size, &mut out);
    while got < size && read_chunk(vm, &body)? {
        got += take(&body, size - got, &mut out);
    }
    vm.new_text_buf(&out)
}

/// The end of the first line in text, behind its line end; nothing where there is none.
fn line_end(text: Text<'_>, newline: Newline) -> Option<usize> {
    match newline {
        Newline::Universal | Newline::Lf => match text {
            Text::Ascii(text) => memchr::memchr(b'\n', text.as_bytes()).map(|at| at + 1),
            other => other.chars().position(|c| c == 10).map(|at| at + 1),
        },
        Newline::Cr => text.chars().position(|c| c == 13).map(|at| at + 1),
        Newline::CrLf => {
            let mut before = 0;
            for (index, character) in text.chars().enumerate() {
                if before == 13 && character == 10 {
                    return Some(index + 1);
                }
                before = character;
            }
            None
        }
        Newline::Any => {
            let mut characters = text.chars().enumerate().peekable();
            while let Some((index, character)) = characters.next() {
                match character {
                    10 => return Some(index + 1),
                    13 => {
                        return Some(if characters.peek().is_some_and(|(_, next)| *next == 10) {
                            index + 2
                        } else {
                            index + 1
                        });
                    }
                    _ => {}
                }
            }
            None
        }
    }
}

fn line(vm: &Vm, this: &Value, limit: isize) -> PyResult {
    let body = check_readable(vm, this)?;
    let mut out: Option<TextBuf> = None;
    let newline = body.newline.get();
    loop {
        if let Some(decoded) = body.decoded.get()
            && let Some(string) = decoded.downcast::<Str>()
            && body.next.get() < string.len()
        {
            let start = body.next.get();
            let ahead = string.text().slice(start, string.len());
            let had = out.as_ref().map_or(0, TextBuf::len);
            let most = if limit < 0 { usize::MAX } else { limit as usize - had };
            let found = if newline == Newline::CrLf && out.is_some() {
                // The line end may lie across the chunks.
                let mut joined = TextBuf::new();
                if let Some(out) = &out {
                    joined.push_text(out.as_text());
                }
                joined.push_text(ahead);
                line_end(joined.as_text(), newline).map(|end| end.saturating_sub(had))
            } else {
                line_end(ahead, newline)
            };
            let end = found.unwrap_or(usize::MAX).min(most).min(ahead.len());
            body.next.set(start + end);
            let done = found.is_some_and(|found| found <= end) || limit >= 0 && had + end >= limit as usize;
            match &mut out {
                None if done => return vm.new_text(ahead.slice(0, end)),
                None => {
                    let mut buffer = TextBuf::new();
                    buffer.push_text(ahead.slice(0, end));
                    out = Some(buffer);
                }
                Some(buffer) => {
                    buffer.push_text(ahead.slice(0, end));
                    if done {
                        return vm.new_text_buf(buffer);
                    }
                }
            }
            continue;
        }
        if limit == 0 || !read_chunk(vm, &body)? {
            return match out {
                Some(buffer) => vm.new_text_buf(&buffer),
                None => Ok(vm.empty_str()),
            };
        }
    }
}

fn readline(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let limit = size_of(vm, args[0])?;
    line(vm, this, limit)
}

fn next_line(vm: &Vm, this: &Value) -> PyResult<Option<Value>> {
    let body = stream(vm, this)?.clone();
    body.telling.set(false);
    let line = if vm.type_of(this).is_heap_type() {
        vm.call_method(this, &vm.names.readline, &[])?
    } else {
        line(vm, this, -1)?
    };
    if vm.len(&line)? == 0 {
        body.telling.set(true);
        return Ok(None);
    }
    Ok(Some(line))
}

fn newlines(vm: &Vm, this: &Value) -> PyResult {
    let seen = stream(vm, this)?.seen.get();
    let kinds: Vec<Value> = [(2, "\r"), (1, "\n"), (4, "\r\n")]
        .iter()
        .filter(|(bit, _)| seen & bit != 0)
        .map(|(_, text)| vm.new_str(text))
        .collect();
    Ok(match kinds.as_slice() {
        [] => Value::NONE,
        [one] => one.clone(),
        many => vm.new_tuple(many),
    })
}

/// How many bytes of the chunk the characters handed out were made of.
fn consumed_bytes(vm: &Vm, body: &Ref<TextIo>) -> PyResult<usize> {
    let wanted = body.next.get();
    let chunk = body.chunk.borrow();
    let utf8 = match body.native.get() {
        Some(Native::Utf8) => true,
        Some(_) => false,
        None => return Err(unsupported(vm, "telling the position inside text of this encoding is not possible")),
    };
    let joins = body.newline.get() == Newline::Universal;
    let (mut index, mut characters) = (0, 0);
    while characters < wanted && index < chunk.len() {
        let byte = chunk[index];
        let width = match byte {
            0xf0..=0xf4 if utf8 => 4,
            0xe0..=0xef if utf8 => 3,
            0xc2..=0xdf if utf8 => 2,
            b'\r' if joins && chunk.get(index + 1) == Some(&b'\n') => 2,
            _ => 1,
        };
        index += width;
        characters += 1;
    }
    Ok(index.min(chunk.len()))
}

fn tell(vm: &Vm, this: &Value) -> PyResult {
    let buffer = check_open(vm, this)?;
    let body = stream(vm, this)?.clone();
    let seekable = vm.call_method(&buffer, &vm.names.seekable, &[])?;
    if !vm.truth(&seekable)? {
        return Err(unsupported(vm, "underlying stream is not seekable"));
    }
    if !body.telling.get() {
        return Err(helpers::os_error_text(vm, "telling position disabled by next() call"));
    }
    write_pending(vm, &body)?;
    vm.call_method(this, &vm.names.flush, &[])?;
    let position = vm.call_method(&buffer, &vm.names.tell, &[])?;
    if !body.decoded.is_some() || body.chunk.borrow().is_empty() {
        return Ok(position);
    }
    let ahead = body.chunk.borrow().len() - consumed_bytes(vm, &body)?;
    Ok(vm.new_int(vm.to_i64(&position)? - ahead as i64))
}

fn seek(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let buffer = check_open(vm, this)?;
    let body = stream(vm, this)?.clone();
    let seekable = vm.call_method(&buffer, &vm.names.seekable, &[])?;
    if !vm.truth(&seekable)? {
        return Err(unsupported(vm, "underlying stream is not seekable"));
    }
    let whence = args.get(1).map_or(Ok(0), |whence| vm.to_i32(whence))?;
    let mut target = args[0].clone();
    match whence {
        1 => {
            if !matches!(vm.small_or_big(&target), Some(Ok(0))) {
                return Err(unsupported(vm, "can't do nonzero cur-relative seeks"));
            }
            target = tell(vm, this)?;
        }
        2 => {
            if !matches!(vm.small_or_big(&target), Some(Ok(0))) {
                return Err(unsupported(vm, "can't do nonzero end-relative seeks"));
            }
            vm.call_method(this, &vm.names.flush, &[])?;
            forget_decoded(&body);
            return vm.call_method(&buffer, &vm.names.seek, &[Value::small(0), Value::small(2)]);
        }
        0 => {}
        other => return Err(vm.value_error(format!("invalid whence ({other}, should be 0, 1 or 2)"))),
    }
    let position = vm.to_i64(&target)?;
    if position < 0 {
        return Err(vm.value_error(format!("negative seek position {position}")));
    }
    vm.call_method(this, &vm.names.flush, &[])?;
    vm.call_method(&buffer, &vm.names.seek, &[target.clone()])?;
    forget_decoded(&body);
    if let Some(decoder) = body.decoder.get().filter(|decoder| !decoder.is_none()) {
        vm.call_method_str(&decoder, "reset", &[])?;
    }
    body.telling.set(true);
    Ok(target)
}

fn truncate(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let buffer = buffer_of(vm, this)?;
    vm.call_method(this, &vm.names.flush, &[])?;
    match args[0] {
        Some(position) if !position.is_none() => vm.call_method(&buffer, &vm.names.truncate, &[position.clone()]),
        _ => vm.call_method(&buffer, &vm.names.truncate, &[tell(vm, this)?]),
    }
}
