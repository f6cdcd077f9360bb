//! Values of the program as texts, made without running any of its code and without changing anything.

use crate::event::Val;
use dashu_int::ops::BitTest;
use oriel_runtime::types::bytes::Bytes;
use oriel_runtime::types::cell::CellBody;
use oriel_runtime::types::code::Code;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::exceptions::BaseException;
use oriel_runtime::types::float::float_of;
use oriel_runtime::types::function::Function;
use oriel_runtime::types::int::Int;
use oriel_runtime::types::list::List;
use oriel_runtime::types::native_function::NativeFunction;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::types::type_object::Type;
use oriel_runtime::{Value, Vm};

/// How many characters of a string, items of a container and levels of nesting are shown.
const CHARACTERS: usize = 60;
const ITEMS: usize = 8;
const LEVELS: u32 = 3;

/// A value for an event; nothing for an empty slot.
pub fn describe(vm: &Vm, value: &Value) -> Option<Val> {
    if value.is_unbound() {
        return None;
    }
    let text = text(vm, value, 0);
    Some(match value.header() {
        None => Val::Immediate(text),
        Some(_) => Val::Object(value.word(), vm.type_of(value).name_text(), text),
    })
}

/// A value that is surely there.
pub fn value(vm: &Vm, value: &Value) -> Val {
    describe(vm, value).unwrap_or_else(|| Val::Immediate("NULL".to_owned()))
}

/// The text of a value.
pub fn text(vm: &Vm, value: &Value, level: u32) -> String {
    let types = &vm.types;
    let exactly = |ty| vm.type_of(value).is(ty);
    if value.is_unbound() {
        return "NULL".to_owned();
    }
    if let Some(number) = value.as_small_int() {
        return number.to_string();
    }
    if let Some(truth) = value.as_bool() {
        return if truth { "True" } else { "False" }.to_owned();
    }
    if value.is_none() {
        return "None".to_owned();
    }
    if value.is_not_implemented() {
        return "NotImplemented".to_owned();
    }
    if let Some(number) = float_of(value)
        && (value.header().is_none() || exactly(&types.float))
    {
        return oriel_bytecode::display::repr(&oriel_bytecode::Constant::Float(number));
    }
    if value.header().is_none() {
        return "Ellipsis".to_owned();
    }
    if exactly(&types.str)
        && let Some(string) = value.downcast::<Str>()
    {
        let whole = string.text();
        return quoted(&whole.slice(0, string.len().min(CHARACTERS)).to_rust_lossy(), string.len());
    }
    if exactly(&types.int)
        && let Some(number) = value.downcast::<Int>()
    {
        // Digits of a large number take long to find.
        let bits = number.value.bit_len();
        return if bits <= 512 { number.value.to_string() } else { format!("<int of {bits} bits>") };
    }
    if exactly(&types.bytes)
        && let Some(bytes) = value.downcast::<Bytes>()
    {
        let shown = &bytes.as_slice()[..bytes.as_slice().len().min(CHARACTERS)];
        let text = oriel_bytecode::display::repr(&oriel_bytecode::Constant::Bytes(shown.into()));
        return if shown.len() < bytes.as_slice().len() { format!("{text}…") } else { text };
    }
    container(vm, value, level).unwrap_or_else(|| object(vm, value))
}

/// A list, tuple or dict; nothing for other objects.
fn container(vm: &Vm, value: &Value, level: u32) -> Option<String> {
    let ty = vm.type_of(value);
    let items = |items: &[Value], count: usize| {
        if level >= LEVELS && count > 0 {
            return "…".to_owned();
        }
        let mut texts: Vec<String> = items.iter().take(ITEMS).map(|item| text(vm, item, level + 1)).collect();
        if count > ITEMS {
            texts.push(format!("… {count} items"));
        }
        texts.join(", ")
    };
    if ty.is(&vm.types.list) {
        let list = value.downcast::<List>()?;
        let shown: Vec<Value> = (0..list.len().min(ITEMS)).filter_map(|index| list.get(index)).collect();
        return Some(format!("[{}]", items(&shown, list.len())));
    }
    if ty.is(&vm.types.tuple) {
        let tuple = value.downcast::<Tuple>()?;
        let comma = if tuple.len() == 1 { "," } else { "" };
        return Some(format!("({}{comma})", items(tuple.items(), tuple.len())));
    }
    if ty.is(&vm.types.dict) {
        let dict = value.downcast::<Dict>()?;
        if level >= LEVELS && !dict.is_empty() {
            return Some("{…}".to_owned());
        }
        let mut position = 0;
        let mut texts = Vec::new();
        while texts.len() < ITEMS
            && let Some((key, item)) = dict.next_entry(&mut position)
        {
            texts.push(format!("{}: {}", text(vm, &key, level + 1), text(vm, &item, level + 1)));
        }
        if dict.len() > ITEMS {
            texts.push(format!("… {} items", dict.len()));
        }
        return Some(format!("{{{}}}", texts.join(", ")));
    }
    None
}

/// What an exception says, as far as that is known without calling its `__str__`.
pub fn message(vm: &Vm, exception: &Value) -> String {
    let Some(body) = exception.downcast::<BaseException>() else { return String::new() };
    let args = body.args.get();
    let Some(args) = args.downcast::<Tuple>() else { return String::new() };
    match args.items() {
        [] => String::new(),
        [only] if only.downcast::<Str>().is_some() => vm.str_text(only).chars().take(200).collect(),
        items => items.iter().take(ITEMS).map(|item| text(vm, item, 1)).collect::<Vec<_>>().join(", "),
    }
}

/// An object that has no literal.
fn object(vm: &Vm, value: &Value) -> String {
    let name = vm.type_of(value).name_text();
    if let Some(function) = value.downcast::<Function>() {
        return format!("<function {}>", vm.str_text(&function.qualname.get()));
    }
    if let Some(function) = value.downcast::<NativeFunction>() {
        return format!("<built-in {}>", function.def.name);
    }
    if let Some(class) = value.downcast::<Type>() {
        return format!("<class '{}'>", class.name_text());
    }
    if let Some(code) = value.downcast::<Code>() {
        return format!("<code {}>", code.data.qualname.to_string_lossy());
    }
    if let Some(cell) = value.downcast::<CellBody>() {
        return match cell.content.get() {
            Some(content) => format!("<cell: {}>", text(vm, &content, LEVELS)),
            None => "<cell: empty>".to_owned(),
        };
    }
    if vm.is_module(value) {
        let dict = vm.module_dict(value);
        let name = dict.and_then(|dict| dict.get_str(&vm.names.__name__)).map(|name| vm.str_text(&name));
        return format!("<module '{}'>", name.unwrap_or_default());
    }
    if let Some(exception) = value.downcast::<BaseException>() {
        let args = exception.args.get();
        let items = args.downcast::<Tuple>().map(|args| args.items().to_vec()).unwrap_or_default();
        let shown: Vec<String> = items.iter().take(ITEMS).map(|item| text(vm, item, 1)).collect();
        return format!("{name}({})", shown.join(", "));
    }
    format!("<{name} object>")
}

/// A string in quotes, cut where it is long.
fn quoted(text: &str, length: usize) -> String {
    let shown: String = text.chars().take(CHARACTERS).collect();
    let quoted =
        oriel_bytecode::display::repr(&oriel_bytecode::Constant::Str(oriel_bytecode::Text::from(shown.as_str())));
    if length > CHARACTERS { format!("{quoted}… {length} characters") } else { quoted }
}
