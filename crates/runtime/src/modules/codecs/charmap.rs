//! Codecs made of tables: `charmap_encode`, `charmap_decode`, `charmap_build` and the type `EncodingMap`.

use super::arguments::{Input, errors, pair, text};
use super::handler::Handler;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::types::bytes::Bytes;
use crate::types::str::Str;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value};
use oriel_kernel::codecs::charmap::{self, Meaning};
use oriel_kernel::codecs::single_byte;
use oriel_kernel::text::{Text, TextBuf};
use std::cell::OnceCell;

/// The body of an `EncodingMap`.
struct EncodingMap(charmap::EncodingMap);

static LAYOUT: Layout = Layout::of::<EncodingMap>("EncodingMap", None);

impl Body for EncodingMap {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

static MAP_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    methods: &[MethodDef::noargs(
        "size",
        |vm, _| Ok(vm.new_int(size_of::<EncodingMap>() as i64)),
        "($self, /)",
        "Return the size (in bytes) of this object.",
    )],
    ..TypeSpec::new("EncodingMap", EncodingMap::layout)
};

#[derive(Default)]
struct MapType(OnceCell<TypeRef>);

fn map_type(vm: &Vm) -> PyResult<TypeRef> {
    let state = vm.state::<MapType>();
    if let Some(ty) = state.0.get() {
        return Ok(ty.clone());
    }
    let ty = vm.new_type(&MAP_SPEC)?;
    Ok(state.0.get_or_init(|| ty).clone())
}

pub(super) fn charmap_build(vm: &Vm, _: &Value, map: &Value) -> PyResult {
    let Some(table) = map.downcast::<Str>() else {
        let given = if map.is_none() { "None".to_owned() } else { vm.type_name(map) };
        return Err(vm.type_error(format!("charmap_build() argument must be str, not {given}")));
    };
    let text = table.text();
    let text = text.slice(0, text.len().min(256));
    let odd = text.get(0) != Some(0) || text.chars().skip(1).any(|c| c == 0 || c > 0xFFFF);
    if odd {
        let dict = vm.new_dict();
        for (byte, character) in text.chars().enumerate() {
            dict.set(vm, &Value::small(character as i32), Value::small(byte as i32))?;
        }
        return Ok(dict.into_value());
    }
    Ok(vm.new_instance(&map_type(vm)?, EncodingMap(charmap::EncodingMap::new(text)))?.into_value())
}

fn mapping(args: &[Value]) -> Option<&Value> {
    args.get(2).filter(|mapping| !mapping.is_none())
}

pub(super) fn charmap_decode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let input = Input::of(vm, &args[0])?;
    let errors = errors(vm, "charmap_decode", args)?;
    let len = input.slice().len();
    let Some(mapping) = mapping(args) else {
        return pair(vm, vm.new_text(Text::Latin1(input.slice()))?, len);
    };
    let mut handler = Handler::new(vm, errors.as_deref(), input.object());
    let mode = handler.mode();
    let text = match mapping.downcast::<Str>() {
        Some(table) => charmap::decode_table(input.slice(), table.text(), mode, &mut handler)?,
        None => charmap::decode_with(input.slice(), mode, &mut handler, |_, byte| meaning(vm, mapping, byte))?,
    };
    pair(vm, vm.new_text_buf(&text)?, len)
}

fn meaning(vm: &Vm, mapping: &Value, byte: u8) -> PyResult<Meaning> {
    let found = vm.get_item(mapping, &Value::small(byte.into()));
    let Some(found) = vm.catch(found, &vm.types.lookup_error)? else { return Ok(Meaning::Undefined) };
    if found.is_none() {
        return Ok(Meaning::Undefined);
    }
    if let Some(number) = vm.small_or_big(&found) {
        return match number.ok().and_then(|number| u32::try_from(number).ok()) {
            Some(0xFFFE) => Ok(Meaning::Undefined),
            Some(character) if character <= 0x10_FFFF => Ok(Meaning::Char(character)),
            _ => Err(vm.type_error("character mapping must be in range(0x110000)")),
        };
    }
    match found.downcast::<Str>() {
        Some(text) if text.len() == 1 && text.text().at(0) == 0xFFFE => Ok(Meaning::Undefined),
        Some(text) => Ok(Meaning::Text(TextBuf::from(text.text()))),
        None => Err(vm.type_error("character mapping must return integer, None or str")),
    }
}

pub(super) fn charmap_encode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let string = text(vm, "charmap_encode", args)?;
    let errors = errors(vm, "charmap_encode", args)?;
    let mut handler = Handler::new(vm, errors.as_deref(), Some(&args[0]));
    let mode = handler.mode();
    let bytes = match mapping(args) {
        None => single_byte::encode_latin1(string.text(), mode, &mut handler)?,
        Some(mapping) => match mapping.downcast::<EncodingMap>() {
            Some(map) => map.0.encode(string.text(), mode, &mut handler)?,
            None => charmap::encode_with(string.text(), mode, &mut handler, |_, character, out| {
                bytes_for(vm, mapping, character, out)
            })?,
        },
    };
    pair(vm, vm.try_new_bytes(&bytes)?, string.len())
}

fn bytes_for(vm: &Vm, mapping: &Value, character: u32, out: &mut Vec<u8>) -> PyResult<bool> {
    let found = vm.get_item(mapping, &Value::small(character as i32));
    let Some(found) = vm.catch(found, &vm.types.lookup_error)? else { return Ok(false) };
    if found.is_none() {
        return Ok(false);
    }
    if let Some(number) = vm.small_or_big(&found) {
        return match number.ok().and_then(|number| u8::try_from(number).ok()) {
            Some(byte) => {
                out.push(byte);
                Ok(true)
            }
            None => Err(vm.type_error("character mapping must be in range(256)")),
        };
    }
    match found.downcast::<Bytes>() {
        Some(bytes) => {
            out.extend_from_slice(bytes.as_slice());
            Ok(true)
        }
        None => {
            let given = vm.type_name(&found);
            Err(vm.type_error(format!("character mapping must return integer, bytes or None, not {given}")))
        }
    }
}
