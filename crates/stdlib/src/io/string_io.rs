//! `StringIO`: a text stream in memory.

use super::base;
use super::newlines::{LineEnd, Newlines};
use crate::bodies::bind;
use oriel_kernel::text::{Text, TextBuf};
use oriel_runtime::args::Signature;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, GetSetDef, Layout, MethodDef, PyResult, Ref, TypeSpec, Value, Vm, type_flags};
use std::cell::{Cell, RefCell};
use std::sync::OnceLock;

/// The content, in the form that suits what is done with it.
enum Store {
    /// Only read so far.
    Text(Ref<Str>),
    /// Only added to at the end so far.
    Appending(TextBuf),
    /// Read and written anywhere.
    Chars(Vec<u32>),
}

impl Store {
    fn len(&self) -> usize {
        match self {
            Store::Text(text) => text.len(),
            Store::Appending(text) => text.len(),
            Store::Chars(chars) => chars.len(),
        }
    }

    fn text(&self) -> Text<'_> {
        match self {
            Store::Text(text) => text.text(),
            Store::Appending(text) => text.as_text(),
            Store::Chars(chars) => Text::Ucs4(chars),
        }
    }
}

/// The body of a `StringIO`.
#[repr(C)]
pub struct StringIo {
    content: RefCell<Store>,
    position: Cell<usize>,
    closed: Cell<bool>,
    ready: Cell<bool>,
    /// `newline` as given: `None`, or one of the texts.
    newline: RefCell<Option<String>>,
    /// What translates and notes line ends, where lines may end in any way.
    newlines: Newlines,
    universal: Cell<bool>,
}

static LAYOUT: Layout = Layout::of::<StringIo>("_io.StringIO", Some(&base::LAYOUT));

impl Body for StringIo {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

/// `StringIO`
#[rustfmt::skip]
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::DICT | type_flags::WEAKREF,
    doc: "A text stream in memory.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(init));
        slots.next.set(Some(next));
    },
    methods: &[
        MethodDef::noargs("close", close, "($self, /)", "Give the content up."),
        MethodDef::noargs("getvalue", get_value, "($self, /)", "The content."),
        MethodDef::positional("read", 0, 1, read, "($self, size=-1, /)", "Read text."),
        MethodDef::positional("readline", 0, 1, read_line, "($self, size=-1, /)", "Read a line."),
        MethodDef::noargs("tell", |vm, this| Ok(vm.new_int(opened(vm, this)?.position.get() as i64)), "($self, /)", "The position."),
        MethodDef::positional("truncate", 0, 1, truncate, "($self, pos=None, /)", "Cut the content."),
        MethodDef::positional("seek", 1, 2, seek, "($self, pos, whence=0, /)", "Change the position."),
        MethodDef::one("write", write, "($self, s, /)", "Write text; return its length."),
        MethodDef::noargs("seekable", yes, "($self, /)", "True."),
        MethodDef::noargs("readable", yes, "($self, /)", "True."),
        MethodDef::noargs("writable", yes, "($self, /)", "True."),
        MethodDef::noargs("__getstate__", get_state, "($self, /)", "State for pickling."),
        MethodDef::one("__setstate__", set_state, "($self, state, /)", "Take a state over."),
    ],
    getset: &[
        GetSetDef::readonly("closed", |vm, this| Ok(Value::bool(ready(vm, this)?.closed.get())), "Whether the stream is closed."),
        GetSetDef::readonly("newlines", |vm, this| {
            let body = opened(vm, this)?;
            Ok(if body.universal.get() { body.newlines.kinds(vm) } else { Value::NONE })
        }, "The kinds of line ends seen."),
        GetSetDef::readonly("line_buffering", |vm, this| opened(vm, this).map(|_| Value::FALSE), "False."),
    ],
    ..TypeSpec::new("_io.StringIO", StringIo::layout)
};

fn ready<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<StringIo>> {
    let body = vm.body::<StringIo>(this)?;
    if !body.ready.get() {
        return Err(vm.value_error("I/O operation on uninitialized object"));
    }
    Ok(body)
}

/// The receiver, open.
fn opened<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<StringIo>> {
    let body = ready(vm, this)?;
    if body.closed.get() {
        return Err(vm.value_error("I/O operation on closed file"));
    }
    Ok(body)
}

fn yes(vm: &Vm, this: &Value) -> PyResult {
    opened(vm, this).map(|_| Value::TRUE)
}

fn new(vm: &Vm, class: &TypeRef, _: Args<'_>) -> PyResult {
    let body = StringIo {
        content: RefCell::new(Store::Appending(TextBuf::new())),
        position: Cell::new(0),
        closed: Cell::new(false),
        ready: Cell::new(false),
        newline: RefCell::default(),
        newlines: Newlines::default(),
        universal: Cell::new(false),
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn replace(body: &StringIo, store: Store) {
    let old = body.content.replace(store);
    drop(old);
}

/// The argument `newline`: `None`, or one of the texts that are line ends.
pub fn newline_argument(vm: &Vm, newline: Option<&Value>) -> PyResult<Option<String>> {
    let Some(newline) = newline.filter(|newline| !newline.is_none()) else { return Ok(None) };
    let Some(text) = newline.downcast::<Str>() else {
        let given = vm.type_name(newline);
        return Err(vm.type_error(format!("newline must be str or None, not {given}")));
    };
    let text = text.to_text();
    if !matches!(text.as_str(), "" | "\n" | "\r" | "\r\n") {
        let shown = vm.repr_text(newline)?;
        return Err(vm.value_error(format!("illegal newline value: {shown}")));
    }
    Ok(Some(text))
}

fn init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let [value, newline] = bind(vm, &SIGNATURE, "(initial_value='', newline='\\n')", "StringIO", args)?;
    let newline = match newline {
        None => Some("\n".to_owned()),
        given => newline_argument(vm, given)?,
    };
    let value = value.filter(|value| !value.is_none());
    if let Some(value) = value
        && value.downcast::<Str>().is_none()
    {
        let given = vm.type_name(value);
        return Err(vm.type_error(format!("initial_value must be str or None, not {given}")));
    }
    set_up(vm, this, newline)?;
    if let Some(text) = value.and_then(|value| value.downcast::<Str>())
        && text.len() > 0
    {
        let body = ready(vm, this)?;
        let plain = !body.universal.get() && matches!(body.newline.borrow().as_deref(), Some("" | "\n"));
        if plain && vm.is_exact_str(text.as_value()) {
            replace(body, Store::Text(text.clone()));
        } else {
            put(vm, this, text.as_value())?;
            body.position.set(0);
        }
    }
    Ok(())
}

fn set_up(vm: &Vm, this: &Value, newline: Option<String>) -> PyResult<()> {
    let body = vm.body::<StringIo>(this)?;
    body.universal.set(matches!(newline.as_deref(), None | Some("")));
    body.newlines.reset();
    body.newlines.translate.set(newline.is_none());
    body.newline.replace(newline);
    replace(body, Store::Appending(TextBuf::new()));
    body.position.set(0);
    body.closed.set(false);
    body.ready.set(true);
    Ok(())
}

fn close(vm: &Vm, this: &Value) -> PyResult {
    let body = vm.body::<StringIo>(this)?;
    body.closed.set(true);
    replace(body, Store::Appending(TextBuf::new()));
    Ok(Value::NONE)
}

/// Writes text at the position, line ends as the stream wants them.
fn put(vm: &Vm, this: &Value, text: &Value) -> PyResult<()> {
    let body = ready(vm, this)?;
    let text = if body.universal.get() { body.newlines.feed_object(vm, text, true)? } else { text.clone() };
    let Some(string) = text.downcast::<Str>() else { return Ok(()) };
    let replaced = match body.newline.borrow().as_deref() {
        Some(newline @ ("\r" | "\r\n")) => {
            let replaced = string.text().replace(Text::Ascii("\n"), Text::Ascii(newline), usize::MAX);
            replaced.map_err(|error| vm.size_error(error, "new string is too long"))?
        }
        _ => None,
    };
    let text = replaced.as_ref().map_or(string.text(), TextBuf::as_text);
    if text.is_empty() {
        return Ok(());
    }
    let start = body.position.get();
    let end = start.checked_add(text.len()).filter(|end| *end <= isize::MAX as usize / 4);
    let Some(end) = end else { return Err(vm.overflow_error("new position too large")) };
    let mut store = body.content.borrow_mut();
    if let Store::Appending(buffer) = &mut *store
        && start == buffer.len()
    {
        if buffer.try_reserve(text.len()).is_err() {
            return Err(vm.memory_error());
        }
        buffer.push_text(text);
    } else {
        let mut chars = match &mut *store {
            Store::Chars(chars) => std::mem::take(chars),
            other => {
                let mut chars = Vec::new();
                chars.try_reserve(other.len().max(end)).map_err(|_| vm.memory_error())?;
                chars.extend(other.text().chars());
                chars
            }
        };
        let room = end.saturating_sub(chars.len());
        let fits = chars.try_reserve(room).is_ok();
        if fits {
            if chars.len() < end {
                chars.resize(end, 0);
            }
            chars[start..end].iter_mut().zip(text.chars()).for_each(|(place, unit)| *place = unit);
        }
        let old = std::mem::replace(&mut *store, Store::Chars(chars));
        drop(store);
        drop(old);
        if !fits {
            return Err(vm.memory_error());
        }
    }
    body.position.set(end);
    Ok(())
}

fn write(vm: &Vm, this: &Value, text: &Value) -> PyResult {
    ready(vm, this)?;
    let Some(string) = text.downcast::<Str>() else {
        let given = vm.type_name(text);
        return Err(vm.type_error(format!("string argument expected, got '{given}'")));
    };
    opened(vm, this)?;
    if string.len() > 0 {
        put(vm, this, text)?;
    }
    Ok(vm.new_int(string.len() as i64))
}

/// The text between two places, as an object; the position moves behind it.
fn take(vm: &Vm, body: &StringIo, end: usize) -> PyResult {
    let start = body.position.get();
    let made = {
        let store = body.content.borrow();
        let end = end.min(store.len());
        if start >= end {
            return Ok(vm.empty_str());
        }
        body.position.set(end);
        match &*store {
            Store::Text(text) if start == 0 && end == text.len() => text.to_value(),
            other => vm.new_text(other.text().slice(start, end))?,
        }
    };
    // Reading after writing: from now on both are likely.
    let chars = match &*body.content.borrow() {
        Store::Appending(text) => Some(text.as_text().chars().collect()),
        _ => None,
    };
    if let Some(chars) = chars {
        replace(body, Store::Chars(chars));
    }
    Ok(made)
}

fn read(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let size = base::size_argument(vm, args.first())?;
    let body = opened(vm, this)?;
    let most = usize::try_from(size).unwrap_or(usize::MAX);
    take(vm, body, body.position.get().saturating_add(most))
}

fn line(vm: &Vm, body: &StringIo, most: usize) -> PyResult {
    let start = body.position.get();
    let end = {
        let store = body.content.borrow();
        let len = store.len();
        if start >= len || most == 0 {
            return Ok(vm.empty_str());
        }
        let limit = start.saturating_add(most).min(len);
        let rest = store.text().slice(start, limit);
        let how = match body.newline.borrow().as_deref() {
            None | Some("\n") => LineEnd::Newline,
            Some("\r") => LineEnd::Return,
            Some("\r\n") => LineEnd::ReturnNewline,
            Some(_) => LineEnd::Universal,
        };
        how.find(rest).map_or(limit, |length| start + length)
    };
    take(vm, body, end)
}

fn read_line(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let size = base::size_argument(vm, args.first())?;
    let body = opened(vm, this)?;
    line(vm, body, usize::try_from(size).unwrap_or(usize::MAX))
}

fn next(vm: &Vm, this: &Value) -> PyResult<Option<Value>> {
    let body = opened(vm, this)?;
    let state = vm.state::<super::State>();
    let exact = state.string_io.get().is_some_and(|class| vm.type_of(this).is(class));
    let line = if exact {
        line(vm, body, usize::MAX)?
    } else {
        let line = vm.call_method(this, &vm.names.readline, &[])?;
        if line.downcast::<Str>().is_none() {
            let given = vm.type_name(&line);
            return Err(super::helpers::os_error_text(
                vm,
                &format!("readline() should have returned a str object, not '{given}'"),
            ));
        }
        line
    };
    Ok(if vm.len(&line)? == 0 { None } else { Some(line) })
}

fn get_value(vm: &Vm, this: &Value) -> PyResult {
    let body = opened(vm, this)?;
    match &*body.content.borrow() {
        Store::Text(text) => Ok(text.to_value()),
        other => vm.new_text(other.text()),
    }
}

fn truncate(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let body = opened(vm, this)?;
    let size = match args.first().filter(|size| !size.is_none()) {
        None => body.position.get() as isize,
        Some(size) => vm.to_isize(size)?,
    };
    if size < 0 {
        return Err(vm.value_error(format!("Negative size value {size}")));
    }
    let wanted = size as usize;
    let len = body.content.borrow().len();
    if wanted < len {
        let mut store = body.content.borrow_mut();
        let shorter = match &mut *store {
            Store::Appending(text) => {
                text.truncate(wanted);
                None
            }
            Store::Chars(chars) => {
                chars.truncate(wanted);
                chars.shrink_to_fit();
                None
            }
            Store::Text(text) => Some(text.text().slice(0, wanted).chars().collect()),
        };
        drop(store);
        if let Some(chars) = shorter {
            replace(body, Store::Chars(chars));
        }
    }
    Ok(vm.new_int(size as i64))
}

fn seek(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let Some(position) = args.first() else { return Ok(Value::NONE) };
    let position = vm.to_isize(position)?;
    let whence = args.get(1).map_or(Ok(0), |whence| vm.to_i32(whence))?;
    let body = opened(vm, this)?;
    if !(0..=2).contains(&whence) {
        return Err(vm.value_error(format!("Invalid whence ({whence}, should be 0, 1 or 2)")));
    }
    if position < 0 && whence == 0 {
        return Err(vm.value_error(format!("Negative seek position {position}")));
    }
    if whence != 0 && position != 0 {
        return Err(super::helpers::os_error_text(vm, "Can't do nonzero cur-relative seeks"));
    }
    let target = match whence {
        0 => position as usize,
        1 => body.position.get(),
        _ => body.content.borrow().len(),
    };
    body.position.set(target);
    Ok(vm.new_int(target as i64))
}

fn get_state(vm: &Vm, this: &Value) -> PyResult {
    let value = get_value(vm, this)?;
    let body = ready(vm, this)?;
    let newline = body.newline.borrow().as_deref().map_or(Value::NONE, |newline| vm.new_str(newline));
    let dict = vm.instance_dict(this)?.copy(vm)?.into_value();
    Ok(vm.tuple([value, newline, vm.new_int(body.position.get() as i64), dict]))
}

fn set_state(vm: &Vm, this: &Value, state: &Value) -> PyResult {
    let body = vm.body::<StringIo>(this)?;
    if body.ready.get() && body.closed.get() {
        return Err(vm.value_error("I/O operation on closed file"));
    }
    let class = vm.type_name(this);
    let items = state.downcast::<Tuple>().map(|tuple| tuple.items());
    let Some([value, newline, position, dict, ..]) = items else {
        let given = vm.type_name(state);
        return Err(vm.type_error(format!("{class}.__setstate__ argument should be 4-tuple, got {given}")));
    };
    let newline = newline_argument(vm, Some(newline))?;
    let text = match value.downcast::<Str>() {
        Some(text) => Some(text.text()),
        None if value.is_none() => None,
        None => {
            let given = vm.type_name(value);
            return Err(vm.type_error(format!("initial_value must be str or None, not {given}")));
        }
    };
    set_up(vm, this, newline)?;
    // As it is: the text was translated when it was written first.
    if let Some(text) = text {
        replace(body, Store::Chars(text.chars().collect()));
    }
    if vm.small_or_big(position).is_none() {
        let given = vm.type_name(position);
        return Err(vm.type_error(format!("third item of state must be an integer, got {given}")));
    }
    let position = vm.to_isize(position)?;
    if position < 0 {
        return Err(vm.value_error("position value cannot be negative"));
    }
    body.position.set(position as usize);
    base::take_attributes(vm, this, dict, "fourth")?;
    Ok(Value::NONE)
}
