//! `UnicodeEncodeError`, `UnicodeDecodeError` and `UnicodeTranslateError`; their base `UnicodeError` has no fields.

use crate::args::Args;
use crate::cells::OptionCell;
use crate::error::{PyResult, Raised};
use crate::native::{GetSetDef, TypeSpec};
use crate::types::exceptions::{BASE_LAYOUT, BaseException, FLAGS, body, init_args, new};
use crate::types::str::Str;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value, Visitor};
use std::cell::Cell;

/// The body of the three classes.
#[repr(C)]
pub struct UnicodeError {
    /// What every exception has.
    pub base: BaseException,
    /// The codec's name.
    pub encoding: OptionCell,
    /// What was to be converted.
    pub object: OptionCell,
    /// The first bad position.
    pub start: Cell<isize>,
    /// The position behind the last bad one.
    pub end: Cell<isize>,
    /// What is wrong.
    pub reason: OptionCell,
}

static LAYOUT: Layout = Layout::of::<UnicodeError>("UnicodeError", Some(&BASE_LAYOUT));

impl Body for UnicodeError {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.base.visit(visitor);
        self.encoding.visit(visitor);
        self.object.visit(visitor);
        self.reason.visit(visitor);
    }

    fn clear(&self) {
        self.base.clear();
        self.encoding.set(None);
        self.object.set(None);
        self.reason.set(None);
    }
}

impl From<BaseException> for UnicodeError {
    fn from(base: BaseException) -> UnicodeError {
        UnicodeError {
            base,
            encoding: OptionCell::default(),
            object: OptionCell::default(),
            start: Cell::new(0),
            end: Cell::new(0),
            reason: OptionCell::default(),
        }
    }
}

macro_rules! position {
    ($field:ident, $name:literal, $doc:literal) => {
        GetSetDef::new(
            $name,
            |vm, this| Ok(vm.new_int(body::<UnicodeError>(vm, this)?.$field.get() as i64)),
            |vm, this, value| {
                let position = new_position(vm, value)?;
                body::<UnicodeError>(vm, this)?.$field.set(position);
                Ok(())
            },
            $doc,
        )
    };
}

fn new_position(vm: &Vm, value: Option<&Value>) -> PyResult<isize> {
    let Some(value) = value else { return Err(vm.type_error("can't delete numeric/char attribute")) };
    if vm.small_or_big(value).is_none() {
        return Err(vm.type_error("an integer is required"));
    }
    vm.to_isize(value)
}

/// `UnicodeEncodeError`
pub static UNICODE_ENCODE_ERROR: TypeSpec = TypeSpec {
    flags: FLAGS,
    base: Some(|types| &types.unicode_error),
    doc: "Text that a codec cannot encode.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(encode_init));
        slots.str.set(Some(encode_str));
    },
    getset: ENCODING_FIELDS,
    ..TypeSpec::new("UnicodeEncodeError", UnicodeError::layout)
};

/// `UnicodeDecodeError`
pub static UNICODE_DECODE_ERROR: TypeSpec = TypeSpec {
    flags: FLAGS,
    base: Some(|types| &types.unicode_error),
    doc: "Bytes that a codec cannot decode.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(decode_init));
        slots.str.set(Some(decode_str));
    },
    getset: ENCODING_FIELDS,
    ..TypeSpec::new("UnicodeDecodeError", UnicodeError::layout)
};

/// `UnicodeTranslateError`
pub static UNICODE_TRANSLATE_ERROR: TypeSpec = TypeSpec {
    flags: FLAGS,
    base: Some(|types| &types.unicode_error),
    doc: "Text that cannot be translated.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(translate_init));
        slots.str.set(Some(translate_str));
    },
    getset: ENCODING_FIELDS,
    ..TypeSpec::new("UnicodeTranslateError", UnicodeError::layout)
};

static ENCODING_FIELDS: &[GetSetDef] = &[
    field!(UnicodeError, encoding, "encoding", "The codec."),
    field!(UnicodeError, object, "object", "What was to be converted."),
    position!(start, "start", "The first bad position."),
    position!(end, "end", "The position behind the last bad one."),
    field!(UnicodeError, reason, "reason", "What is wrong."),
];

fn begin<'a>(vm: &Vm, this: &Value, args: Args<'a>, count: usize) -> PyResult<&'a [Value]> {
    args.no_keywords(vm, &vm.type_name(this))?;
    let values = args.positional();
    init_args(vm, this, values)?;
    if values.len() != count {
        let given = values.len();
        return Err(vm.type_error(format!("function takes exactly {count} arguments ({given} given)")));
    }
    Ok(values)
}

fn check_str(vm: &Vm, value: &Value, position: usize) -> PyResult<Value> {
    if value.downcast::<Str>().is_none() {
        let given = vm.type_name(value);
        return Err(vm.type_error(format!("argument {position} must be str, not {given}")));
    }
    Ok(value.clone())
}

fn encode_init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let values = begin(vm, this, args, 5)?;
    let (encoding, object) = (check_str(vm, &values[0], 1)?, check_str(vm, &values[1], 2)?);
    fill(vm, this, Some(encoding), object, &values[2..], 5)
}

fn decode_init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let values = begin(vm, this, args, 5)?;
    let encoding = check_str(vm, &values[0], 1)?;
    let (start, end) = (vm.to_isize(&values[2])?, vm.to_isize(&values[3])?);
    let reason = check_str(vm, &values[4], 5)?;
    let bytes_type = vm.builtin("bytes")?;
    let object = if vm.is_instance(&values[1], &bytes_type)? {
        values[1].clone()
    } else {
        vm.buffer(&values[1], false)?;
        vm.call(&bytes_type, &[values[1].clone()])?
    };
    let own = body::<UnicodeError>(vm, this)?;
    own.encoding.set(Some(encoding));
    own.object.set(Some(object));
    own.start.set(start);
    own.end.set(end);
    own.reason.set(Some(reason));
    Ok(())
}

fn translate_init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let values = begin(vm, this, args, 4)?;
    let object = check_str(vm, &values[0], 1)?;
    fill(vm, this, None, object, &values[1..], 4)
}

fn fill(vm: &Vm, this: &Value, encoding: Option<Value>, object: Value, rest: &[Value], last: usize) -> PyResult<()> {
    let (start, end) = (vm.to_isize(&rest[0])?, vm.to_isize(&rest[1])?);
    let reason = check_str(vm, &rest[2], last)?;
    let own = body::<UnicodeError>(vm, this)?;
    own.encoding.set(encoding);
    own.object.set(Some(object));
    own.start.set(start);
    own.end.set(end);
    own.reason.set(Some(reason));
    Ok(())
}

/// The only bad position, if there is one and it lies in the object.
fn single(own: &UnicodeError, len: usize) -> Option<usize> {
    let (start, end, len) = (own.start.get(), own.end.get(), len as isize);
    (start >= 0 && start < len && end >= 0 && end <= len && end == start + 1).then_some(start as usize)
}

fn escaped(character: u32) -> String {
    match character {
        0..=0xff => format!("\\x{character:02x}"),
        0x100..=0xffff => format!("\\u{character:04x}"),
        _ => format!("\\U{character:08x}"),
    }
}

fn part_text(vm: &Vm, part: &OptionCell) -> PyResult<String> {
    let text = vm.str(&part.get().unwrap_or(Value::NONE))?;
    Ok(vm.str_text(&text))
}

fn text_error(vm: &Vm, own: &UnicodeError, head: impl FnOnce() -> PyResult<String>) -> PyResult {
    if !own.object.is_some() {
        return Ok(vm.empty_str());
    }
    let reason = part_text(vm, &own.reason)?;
    let head = head()?;
    // Making the texts may have changed the object.
    let object = own.object.get().ok_or_else(|| vm.type_error("UnicodeError 'object' attribute is not set"))?;
    let Some(text) = object.downcast::<Str>() else {
        return Err(vm.type_error("UnicodeError 'object' attribute must be a string"));
    };
    if let Some(position) = single(own, text.len()) {
        let shown = escaped(text.text().at(position));
        return Ok(vm.new_str(&format!("{head} character '{shown}' in position {position}: {reason}")));
    }
    let (start, last) = (own.start.get(), own.end.get().wrapping_sub(1));
    Ok(vm.new_str(&format!("{head} characters in position {start}-{last}: {reason}")))
}

fn encode_str(vm: &Vm, this: &Value) -> PyResult {
    let own = body::<UnicodeError>(vm, this)?;
    text_error(vm, own, || Ok(format!("'{}' codec can't encode", part_text(vm, &own.encoding)?)))
}

fn translate_str(vm: &Vm, this: &Value) -> PyResult {
    text_error(vm, body::<UnicodeError>(vm, this)?, || Ok("can't translate".to_owned()))
}

fn decode_str(vm: &Vm, this: &Value) -> PyResult {
    let own = body::<UnicodeError>(vm, this)?;
    if !own.object.is_some() {
        return Ok(vm.empty_str());
    }
    let (reason, encoding) = (part_text(vm, &own.reason)?, part_text(vm, &own.encoding)?);
    let object = own.object.get().ok_or_else(|| vm.type_error("UnicodeError 'object' attribute is not set"))?;
    if !vm.is_instance_exact(&object, &vm.types.bytes) {
        return Err(vm.type_error("UnicodeError 'object' attribute must be a bytes"));
    }
    let bytes = vm.buffer(&object, false)?;
    let bad = single(own, bytes.len).map(|position| (position, bytes.with_bytes(|bytes| bytes[position])));
    Ok(vm.new_str(&match bad {
        Some((position, byte)) => {
            format!("'{encoding}' codec can't decode byte 0x{byte:02x} in position {position}: {reason}")
        }
        None => {
            let (start, last) = (own.start.get(), own.end.get().wrapping_sub(1));
            format!("'{encoding}' codec can't decode bytes in position {start}-{last}: {reason}")
        }
    }))
}

impl Vm {
    fn new_codec_error(
        &self,
        class: &TypeRef,
        encoding: &str,
        object: &Value,
        start: usize,
        end: usize,
        reason: &str,
    ) -> Raised {
        let (start, end) = (self.new_int(start as i64), self.new_int(end as i64));
        self.new_exception_with(class, &[self.new_str(encoding), object.clone(), start, end, self.new_str(reason)])
    }

    /// The error of text that cannot be encoded.
    #[cold]
    pub fn unicode_encode_error(
        &self,
        encoding: &str,
        object: &Value,
        start: usize,
        end: usize,
        reason: &str,
    ) -> Raised {
        self.new_codec_error(&self.types.unicode_encode_error, encoding, object, start, end, reason)
    }

    /// The error of bytes that cannot be decoded; the object is `bytes`.
    #[cold]
    pub fn unicode_decode_error(
        &self,
        encoding: &str,
        object: &Value,
        start: usize,
        end: usize,
        reason: &str,
    ) -> Raised {
        self.new_codec_error(&self.types.unicode_decode_error, encoding, object, start, end, reason)
    }
}
