//! `TextIOWrapper`: text over a buffered binary stream. Here are the object and its settings; [`codec`] turns bytes into
//! text and back, [`read`] and [`write`] move it, [`position`] knows where it is.

mod codec;
mod position;
mod read;
mod write;

use super::base::{self, IoBase, unsupported};
use super::buffered;
use super::helpers;
use super::newlines::{LineEnd, Newlines};
use codec::{Native, Snapshot, set_codec};
use oriel_runtime::cells::OptionCell;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{
    Args, Body, GetSetDef, Layout, MethodDef, PyResult, Ref, TypeSpec, Value, Visitor, Vm, type_flags,
};
use std::cell::{Cell, RefCell};

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

impl Newline {
    /// Whether a decoder has to look at line ends.
    fn is_universal(self) -> bool {
        matches!(self, Newline::Universal | Newline::Any)
    }

    /// What ends a line of decoded text.
    fn line_end(self) -> LineEnd {
        match self {
            Newline::Universal | Newline::Lf => LineEnd::Newline,
            Newline::Any => LineEnd::Universal,
            Newline::Cr => LineEnd::Return,
            Newline::CrLf => LineEnd::ReturnNewline,
        }
    }
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
    /// Whether the buffer is a native, exact writer.
    direct: Cell<bool>,
    detached: Cell<bool>,
    finalizing: Cell<bool>,
    seekable: Cell<bool>,
    has_read1: Cell<bool>,
    readable: Cell<bool>,
    writable: Cell<bool>,
    decoder: OptionCell,
    encoder: OptionCell,
    /// Encoded text that the buffer has not got yet.
    pending: RefCell<Vec<u8>>,
    /// Decoded text; `next` characters of it are handed out.
    decoded: OptionCell,
    next: Cell<usize>,
    /// What the decoded text was made of.
    snapshot: RefCell<Option<Snapshot>>,
    /// For native encodings: bytes that are no whole character yet, and what is known of line ends.
    rest: RefCell<Vec<u8>>,
    newlines: Newlines,
    telling: Cell<bool>,
    chunk_size: Cell<usize>,
    bytes_per_character: Cell<f64>,
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
        slots.next.set(Some(read::next_line));
    },
    methods: &[
        MethodDef::one("write", write::write, "($self, text, /)", "Write text."),
        MethodDef::bound("read", read::read, "($self, size=-1, /)", "Read text."),
        MethodDef::bound("readline", read::readline, "($self, size=-1, /)", "Read a line."),
        MethodDef::noargs("flush", write::flush, "($self, /)", "Write what is buffered."),
        MethodDef::noargs("close", close, "($self, /)", "Flush and close."),
        MethodDef::noargs("detach", detach, "($self, /)", "Separate the buffer."),
        MethodDef::args(
            "reconfigure",
            reconfigure,
            "($self, /, *, encoding=None, errors=None, newline=None,\n            line_buffering=None, write_through=None)",
            "Change the settings.",
        ),
        MethodDef::positional("seek", 1, 2, position::seek, "($self, cookie, whence=0, /)", "Change the position."),
        MethodDef::noargs("tell", position::tell, "($self, /)", "Return a cookie for the position."),
        MethodDef::bound("truncate", position::truncate, "($self, pos=None, /)", "Cut the file."),
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
        MethodDef::noargs("__getstate__", helpers::cannot_pickle, "($self, /)", "Streams cannot be pickled."),
        MethodDef::positional("__reduce_ex__", 1, 1, helpers::reduce, "($self, protocol, /)", "Helper for pickle."),
    ],
    getset: &[
        GetSetDef::readonly("buffer", buffer_of, "The binary stream."),
        GetSetDef::readonly(
            "encoding",
            |vm, this| Ok(text(vm, this)?.encoding.get().unwrap_or(Value::NONE)),
            "The encoding.",
        ),
        GetSetDef::readonly(
            "errors",
            |vm, this| {
                stream_or_detached(vm, this)?;
                Ok(text(vm, this)?.errors.get().unwrap_or(Value::NONE))
            },
            "The error handler.",
        ),
        GetSetDef::readonly(
            "line_buffering",
            |vm, this| Ok(Value::bool(text(vm, this)?.line_buffering.get())),
            "Whether lines are flushed.",
        ),
        GetSetDef::readonly(
            "write_through",
            |vm, this| Ok(Value::bool(text(vm, this)?.write_through.get())),
            "Whether writes are flushed.",
        ),
        GetSetDef::readonly(
            "closed",
            |vm, this| {
                let body = text(vm, this)?;
                if !body.buffer.is_some() && !body.detached.get() {
                    return Ok(Value::TRUE);
                }
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
        GetSetDef::new("_CHUNK_SIZE", chunk_size, set_chunk_size, "Bytes read at once."),
        GetSetDef::new(
            "_finalizing",
            |vm, this| Ok(Value::bool(text(vm, this)?.finalizing.get())),
            |vm, this, value| helpers::set_flag(vm, &text(vm, this)?.finalizing, value),
            "Whether nobody refers to the stream any more.",
        ),
    ],
    extra: Some(|_, ty| {
        ty.head.finalize.set(Some(base::finalize));
        Ok(())
    }),
    ..TypeSpec::new("_io.TextIOWrapper", TextIo::layout)
};

/// Bytes read at once, until told otherwise.
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
        finalizing: Cell::new(false),
        seekable: Cell::new(false),
        has_read1: Cell::new(false),
        readable: Cell::new(false),
        writable: Cell::new(false),
        decoder: OptionCell::default(),
        encoder: OptionCell::default(),
        pending: RefCell::default(),
        decoded: OptionCell::default(),
        next: Cell::new(0),
        snapshot: RefCell::default(),
        rest: RefCell::default(),
        newlines: Newlines::default(),
        telling: Cell::new(true),
        chunk_size: Cell::new(CHUNK),
        bytes_per_character: Cell::new(0.0),
    };
    let made = vm.new_instance(class, body)?;
    let _ = &made.base;
    Ok(made.into_value())
}

/// The body, whatever its state.
fn text<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<TextIo>> {
    this.downcast().ok_or_else(|| vm.type_error("a text stream is needed"))
}

/// The body of a stream that is complete or was.
fn stream_or_detached<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<TextIo>> {
    let body = text(vm, this)?;
    if body.buffer.is_some() || body.detached.get() {
        return Ok(body);
    }
    Err(vm.value_error("I/O operation on uninitialized object"))
}

/// The body of a stream that is complete.
fn stream<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<TextIo>> {
    let body = stream_or_detached(vm, this)?;
    if body.detached.get() {
        return Err(vm.value_error("underlying buffer has been detached"));
    }
    Ok(body)
}

fn buffer_of(vm: &Vm, this: &Value) -> PyResult {
    Ok(stream(vm, this)?.buffer.get().unwrap_or(Value::NONE))
}

fn ask(vm: &Vm, this: &Value, method: &str) -> PyResult {
    let buffer = buffer_of(vm, this)?;
    vm.call_method_str(&buffer, method, &[])
}

fn check_open(vm: &Vm, this: &Value) -> PyResult {
    let buffer = buffer_of(vm, this)?;
    let closed =
        if vm.type_of(this).is_heap_type() { base::is_closed(vm, this)? } else { base::is_closed(vm, &buffer)? };
    if closed {
        return Err(vm.value_error("I/O operation on closed file."));
    }
    Ok(buffer)
}

fn parse_newline(vm: &Vm, value: Option<&Value>, function: &str) -> PyResult<Newline> {
    let Some(value) = value.filter(|value| !value.is_none()) else { return Ok(Newline::Universal) };
    let Some(text) = value.downcast::<Str>() else {
        let given = vm.type_name(value);
        return Err(vm.type_error(format!("{function}() argument 'newline' must be str or None, not {given}")));
    };
    Ok(match text.to_text().as_str() {
        "" => Newline::Any,
        "\n" => Newline::Lf,
        "\r" => Newline::Cr,
        "\r\n" => Newline::CrLf,
        other => {
            if text.text().find_char(0).is_some() {
                return Err(vm.value_error("embedded null character"));
            }
            return Err(vm.value_error(format!("illegal newline value: {other}")));
        }
    })
}

/// A name of an encoding or error handler: text without surrogates and NUL.
fn name_argument(vm: &Vm, value: &Value, function: &str, argument: &str) -> PyResult<String> {
    let Some(text) = value.downcast::<Str>() else {
        let given = vm.type_name(value);
        return Err(vm.type_error(format!("{function}() argument '{argument}' must be str or None, not {given}")));
    };
    if text.text().find_char(0).is_some() {
        return Err(vm.value_error("embedded null character"));
    }
    match text.text().to_rust() {
        Some(name) => Ok(name),
        None => {
            vm.encode_text(value, Some("utf-8"), None)?;
            Ok(text.to_text())
        }
    }
}

/// The encoding of the locale.
fn locale_encoding(vm: &Vm) -> String {
    if vm.config.utf8_mode_forced { "utf-8".to_owned() } else { "UTF-8".to_owned() }
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
    let body = text(vm, this)?.clone();
    body.buffer.set(None);
    body.detached.set(false);
    let encoding = encoding.filter(|encoding| !encoding.is_none());
    let encoding = match encoding {
        None => None,
        Some(value) => Some(name_argument(vm, value, "TextIOWrapper", "encoding")?),
    };
    let errors = match errors.filter(|errors| !errors.is_none()) {
        None => vm.intern("strict"),
        Some(value) => {
            name_argument(vm, value, "TextIOWrapper", "errors")?;
            value.clone()
        }
    };
    if vm.config.dev_mode {
        vm.lookup_error_handler(&vm.str_text(&errors))?;
    }
    let newline = parse_newline(vm, newline, "TextIOWrapper")?;
    let encoding = match encoding {
        None => {
            if vm.config.warn_default_encoding {
                vm.warn(&vm.types.encoding_warning, "'encoding' argument not specified", 1)?;
            }
            locale_encoding(vm)
        }
        Some(name) if name == "locale" => locale_encoding(vm),
        Some(name) => name,
    };
    body.newline.set(newline);
    body.line_buffering.set(line_buffering.map_or(Ok(false), |flag| vm.truth(flag))?);
    body.write_through.set(write_through.map_or(Ok(false), |flag| vm.truth(flag))?);
    body.pending.borrow_mut().clear();
    body.chunk_size.set(CHUNK);
    body.bytes_per_character.set(0.0);
    forget_decoded(&body);
    body.decoded.set(None);
    set_codec(vm, &body, buffer, &encoding, &errors)?;
    let seekable = vm.call_method(buffer, &vm.names.seekable, &[])?;
    let seekable = vm.truth(&seekable)?;
    body.seekable.set(seekable);
    body.telling.set(seekable);
    body.has_read1.set(vm.get_attr_opt(buffer, &vm.names.read1)?.is_some());
    codec::start_encoder(vm, &body, buffer)?;
    body.direct.set(buffered::is_writer(vm, buffer));
    body.buffer.set(Some(buffer.clone()));
    Ok(())
}

/// Forgets decoded text and where it came from.
fn forget_decoded(body: &TextIo) {
    body.decoded.set(None);
    body.next.set(0);
    body.snapshot.replace(None);
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let body = stream_or_detached(vm, this)?;
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

fn close(vm: &Vm, this: &Value) -> PyResult {
    let buffer = buffer_of(vm, this)?;
    if base::is_closed(vm, &buffer)? {
        return Ok(Value::NONE);
    }
    let body = text(vm, this)?;
    if body.detached.get() {
        // Asking whether it is closed has separated the buffer.
        return Ok(Value::NONE);
    }
    if body.finalizing.get()
        && let Ok(Some(warn)) = vm.get_attr_opt(&buffer, &vm.names._dealloc_warn)
    {
        // Nothing comes of errors here: the stream is closed whatever happens.
        let _ = vm.call(&warn, std::slice::from_ref(this));
    }
    let flushed = vm.call_method(this, &vm.names.flush, &[]);
    let closed = vm.call_method(&buffer, &vm.names.close, &[]);
    helpers::after_both(vm, flushed, closed)
}

fn detach(vm: &Vm, this: &Value) -> PyResult {
    stream(vm, this)?;
    vm.call_method(this, &vm.names.flush, &[])?;
    // Flushing may have separated it already.
    let body = stream(vm, this)?;
    body.detached.set(true);
    Ok(body.buffer.take().unwrap_or(Value::NONE))
}

fn newlines(vm: &Vm, this: &Value) -> PyResult {
    let body = stream(vm, this)?;
    if !body.readable.get() {
        return Ok(Value::NONE);
    }
    match body.decoder.get() {
        Some(decoder) => Ok(vm.get_attr_opt(&decoder, &vm.intern("newlines"))?.unwrap_or(Value::NONE)),
        None if body.newline.get().is_universal() => Ok(body.newlines.kinds(vm)),
        None => Ok(Value::NONE),
    }
}

fn chunk_size(vm: &Vm, this: &Value) -> PyResult {
    Ok(vm.new_int(stream(vm, this)?.chunk_size.get() as i64))
}

fn set_chunk_size(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let body = stream(vm, this)?;
    let Some(value) = value else {
        let class = vm.type_name(this);
        return Err(vm.attribute_error(format!("attribute '_CHUNK_SIZE' of '{class}' objects cannot be deleted")));
    };
    let number = vm.index(value)?;
    let number = match vm.small_or_big(&number) {
        Some(Ok(number)) => number,
        _ => return Err(vm.value_error("cannot fit 'int' into an index-sized integer")),
    };
    if number <= 0 {
        return Err(vm.value_error("a strictly positive integer is required"));
    }
    body.chunk_size.set(number as usize);
    Ok(())
}

fn reconfigure(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    let body = stream(vm, this)?.clone();
    if !args.positional().is_empty() {
        let given = args.positional().len();
        return Err(vm.type_error(format!("reconfigure() takes 0 positional arguments but {given} were given")));
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
    for (name, value) in [("encoding", encoding), ("errors", errors)] {
        if let Some(value) = value
            && value.downcast::<Str>().is_none()
        {
            let given = vm.type_name(value);
            return Err(vm.type_error(format!("reconfigure() argument '{name}' must be str or None, not {given}")));
        }
    }
    let newline = newline.map(|newline| parse_newline(vm, Some(newline), "reconfigure")).transpose()?;
    let flag = |name: &str, current: bool| match given(name).filter(|value| !value.is_none()) {
        None => Ok(current),
        Some(value) => vm.to_i64(value).map(|number| number != 0),
    };
    let line_buffering = flag("line_buffering", body.line_buffering.get())?;
    let write_through = flag("write_through", body.write_through.get())?;
    vm.call_method(this, &vm.names.flush, &[])?;
    let old_newline = body.newline.get();
    if let Some(newline) = newline {
        body.newline.set(newline);
    }
    if encoding.is_some() || errors.is_some() || newline.is_some() {
        let changed = change_encoding(vm, this, &body, encoding, errors);
        if let Err(raised) = changed {
            body.newline.set(old_newline);
            return Err(raised);
        }
    }
    body.line_buffering.set(line_buffering);
    body.write_through.set(write_through);
    Ok(Value::NONE)
}

fn change_encoding(
    vm: &Vm,
    this: &Value,
    body: &Ref<TextIo>,
    encoding: Option<&Value>,
    errors: Option<&Value>,
) -> PyResult<()> {
    let handler = match (errors, encoding) {
        (Some(errors), _) => errors.clone(),
        (None, Some(_)) => vm.intern("strict"),
        (None, None) => body.errors.get().unwrap_or(Value::NONE),
    };
    let name = match encoding {
        Some(encoding) => encoding.clone(),
        None => body.encoding.get().unwrap_or(Value::NONE),
    };
    if let Some(text) = handler.downcast::<Str>()
        && text.text().to_rust().is_none()
    {
        vm.encode_text(&handler, Some("utf-8"), None)?;
    }
    let name = match name.downcast::<Str>().and_then(|name| name.text().to_rust()) {
        Some(name) if name == "locale" => locale_encoding(vm),
        Some(name) if name.contains('\0') => return Err(vm.lookup_error(format!("unknown encoding: {name}"))),
        Some(name) => name,
        None => {
            vm.encode_text(&name, Some("utf-8"), None)?;
            return Err(vm.lookup_error("unknown encoding"));
        }
    };
    let buffer = buffer_of(vm, this)?;
    set_codec(vm, body, &buffer, &name, &handler)?;
    codec::start_encoder(vm, body, &buffer)
}
