//! `str.translate` and `str.maketrans`.

use super::Str;
use super::parts::itself;
use super::search::{bad_argument, str_argument};
use super::slots::string;
use crate::error::PyResult;
use crate::types::dict::Dict;
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::text::{Text, TextBuf};

/// What a table says of a character.
enum Meaning {
    Same,
    Deleted,
    Char(u32),
    Text(Value),
}

fn look_up(vm: &Vm, table: &Value, character: u32) -> PyResult<Meaning> {
    let key = Value::small(character as i32);
    let found = match table.downcast::<Dict>() {
        // A dict says without an exception that it does not have something.
        Some(dict) if vm.type_of(table).is(&vm.types.dict) => dict.get(vm, &key)?,
        _ => vm.catch(vm.get_item(table, &key), &vm.types.lookup_error)?,
    };
    let Some(found) = found else { return Ok(Meaning::Same) };
    if found.is_none() {
        return Ok(Meaning::Deleted);
    }
    if let Some(number) = vm.small_or_big(&found) {
        return match number.ok().and_then(|n| u32::try_from(n).ok()).filter(|c| *c <= 0x10_FFFF) {
            Some(character) => Ok(Meaning::Char(character)),
            None => Err(vm.value_error("character mapping must be in range(0x110000)")),
        };
    }
    if found.downcast::<Str>().is_some() {
        return Ok(Meaning::Text(found));
    }
    Err(vm.type_error("character mapping must return integer, None or str"))
}

/// The text with its characters exchanged as a table says; nothing where all stay.
pub fn translate_text(vm: &Vm, text: Text<'_>, table: &Value) -> PyResult<Option<TextBuf>> {
    // What is known of the ASCII characters: each is looked up once.
    let mut known: [Option<Meaning>; 128] = [const { None }; 128];
    let mut out = TextBuf::with_capacity(text.kind(), text.len());
    let mut changed = false;
    let mut done = 0;
    if let Text::Ascii(ascii) = text {
        done = translate_ascii(vm, ascii, table, &mut known, &mut out, &mut changed)?;
    }
    for character in text.slice(done, text.len()).chars() {
        let fresh;
        let meaning = match known.get_mut(character as usize) {
            Some(Some(meaning)) => &*meaning,
            Some(slot) => slot.insert(look_up(vm, table, character)?),
            None => {
                fresh = look_up(vm, table, character)?;
                &fresh
            }
        };
        changed |= !matches!(meaning, Meaning::Same);
        match meaning {
            Meaning::Same => out.push(character),
            Meaning::Deleted => {}
            Meaning::Char(other) => out.push(*other),
            Meaning::Text(other) => {
                if let Some(other) = other.downcast::<Str>() {
                    out.push_text(other.text());
                }
            }
        }
    }
    Ok(changed.then(|| out.finish()))
}

/// What becomes of an ASCII character: another one, or one of these.
const UNKNOWN: u8 = 0xff;
const DELETED: u8 = 0xfe;
const OTHER: u8 = 0xfd;

/// Exchanges ASCII characters for others as long as these are ASCII too or nothing; how many were done.
fn translate_ascii(
    vm: &Vm,
    text: &str,
    table: &Value,
    known: &mut [Option<Meaning>; 128],
    out: &mut TextBuf,
    changed: &mut bool,
) -> PyResult<usize> {
    let mut map = [UNKNOWN; 256];
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(text.len()).map_err(|_| vm.memory_error())?;
    let mut done = text.len();
    for (index, &byte) in text.as_bytes().iter().enumerate() {
        let mut to = map[usize::from(byte)];
        if to == UNKNOWN {
            let meaning = look_up(vm, table, u32::from(byte))?;
            to = match meaning {
                Meaning::Same => byte,
                Meaning::Deleted => DELETED,
                Meaning::Char(other) if other < 128 => other as u8,
                _ => OTHER,
            };
            map[usize::from(byte)] = to;
            *changed |= !matches!(meaning, Meaning::Same);
            known[usize::from(byte)] = Some(meaning);
        }
        match to {
            DELETED => {}
            OTHER => {
                done = index;
                break;
            }
            to => bytes.push(to),
        }
    }
    out.push_text(Text::Latin1(&bytes));
    Ok(done)
}

pub(super) fn translate(vm: &Vm, this: &Value, table: &Value) -> PyResult {
    match translate_text(vm, string(vm, this)?.text(), table)? {
        Some(text) => vm.new_text_buf(&text),
        None => itself(vm, this),
    }
}

pub(super) fn maketrans(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let table = vm.new_dict();
    match args {
        [mapping] => {
            let Some(mapping) = mapping.downcast::<Dict>().filter(|_| vm.type_of(mapping).is(&vm.types.dict)) else {
                return Err(vm.type_error("if you give only one argument to maketrans it must be a dict"));
            };
            for (key, value) in mapping.entries() {
                let key = if let Some(text) = key.downcast::<Str>() {
                    match text.text().get(0) {
                        Some(character) if text.len() == 1 => Value::small(character as i32),
                        _ => return Err(vm.value_error("string keys in translatetable must be of length 1")),
                    }
                } else if vm.small_or_big(&key).is_some() {
                    key
                } else {
                    return Err(vm.type_error("keys in translate table mustbe strings or integers"));
                };
                table.set(vm, &key, value)?;
            }
        }
        [from, to, rest @ ..] => {
            let to = str_argument(vm, to, "maketrans", "argument 2")?;
            if let Some(deleted) = rest.first()
                && deleted.downcast::<Str>().is_none()
            {
                return Err(bad_argument(vm, "maketrans", "argument 3", deleted));
            }
            let Some(from) = from.downcast::<Str>() else {
                return Err(vm.type_error("first maketrans argument must be a string if there is a second argument"));
            };
            if from.len() != to.len() {
                return Err(vm.value_error("the first two maketrans arguments must have equal length"));
            }
            for (old, new) in from.text().chars().zip(to.text().chars()) {
                table.set(vm, &Value::small(old as i32), Value::small(new as i32))?;
            }
            if let Some(deleted) = rest.first().and_then(|d| d.downcast::<Str>()) {
                for old in deleted.text().chars() {
                    table.set(vm, &Value::small(old as i32), Value::NONE)?;
                }
            }
        }
        [] => {}
    }
    Ok(table.into_value())
}
