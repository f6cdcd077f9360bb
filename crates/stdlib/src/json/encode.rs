//! `make_encoder`: objects to JSON text.

use hashbrown::HashSet;
use oriel_kernel::text::{Text, TextBuf};
use oriel_runtime::cells::{OptionCell, ValueCell};
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::float::float_of;
use oriel_runtime::types::list::List;
use oriel_runtime::types::native_function::NativeFunction;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, Layout, PyResult, Ref, TypeSpec, Value, Visitor, Vm, type_flags};

/// How strings are written.
#[derive(Clone, Copy, PartialEq)]
enum Quoting {
    Ascii,
    Unicode,
    Custom,
}

/// The settings of an encoder.
pub struct Encoder {
    markers: OptionCell,
    default: ValueCell,
    encoder: ValueCell,
    indent: OptionCell,
    key_separator: ValueCell,
    item_separator: ValueCell,
    sort_keys: bool,
    skip_keys: bool,
    allow_nan: bool,
    quoting: Quoting,
}

static LAYOUT: Layout = Layout::of::<Encoder>("_json.Encoder", None);

impl Body for Encoder {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.markers.visit(visitor);
        self.default.visit(visitor);
        self.encoder.visit(visitor);
    }
    fn clear(&self) {
        self.markers.set(None);
        self.default.set(Value::NONE);
    }
}

/// `_json.make_encoder`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "An encoder of JSON text.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.call.set(Some(call));
    },
    ..TypeSpec::new("_json.Encoder", Encoder::layout)
};

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let [markers, default, encoder, indent, key_separator, item_separator, sort_keys, skip_keys, allow_nan] =
        args.values
    else {
        let given = args.values.len();
        return Err(vm.type_error(format!("make_encoder() takes exactly 9 arguments ({given} given)")));
    };
    if !markers.is_none() && markers.downcast::<Dict>().is_none() {
        let given = vm.type_name(markers);
        return Err(vm.type_error(format!("make_encoder() argument 1 must be dict or None, not {given}")));
    }
    for (position, separator) in [(5, key_separator), (6, item_separator)] {
        if separator.downcast::<Str>().is_none() {
            let given = vm.type_name(separator);
            return Err(vm.type_error(format!("make_encoder() argument {position} must be str, not {given}")));
        }
    }
    let quoting = match encoder.downcast::<NativeFunction>().map(|function| function.def.name) {
        Some("encode_basestring_ascii") => Quoting::Ascii,
        Some("encode_basestring") => Quoting::Unicode,
        _ => Quoting::Custom,
    };
    let body = Encoder {
        markers: OptionCell::new(Some(markers.clone()).filter(|m| !m.is_none())),
        default: ValueCell::new(default.clone()),
        encoder: ValueCell::new(encoder.clone()),
        indent: OptionCell::new(Some(indent.clone()).filter(|i| !i.is_none())),
        key_separator: ValueCell::new(key_separator.clone()),
        item_separator: ValueCell::new(item_separator.clone()),
        sort_keys: vm.truth(sort_keys)?,
        skip_keys: vm.truth(skip_keys)?,
        allow_nan: vm.truth(allow_nan)?,
        quoting,
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn call(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    let Some(encoder) = this.downcast::<Encoder>() else { return Err(vm.type_error("an encoder is needed")) };
    let encoder = encoder.clone();
    let (object, level) = match args.values {
        [object, level] => (object, level),
        [] => return Err(vm.type_error("_iterencode() missing required argument 'obj' (pos 1)")),
        [_] => return Err(vm.type_error("_iterencode() missing required argument '_current_indent_level' (pos 2)")),
        more => {
            let given = more.len();
            return Err(vm.type_error(format!("_iterencode() takes at most 2 arguments ({given} given)")));
        }
    };
    let level = vm.to_isize(level)?.max(0) as usize;
    let separator = |cell: &ValueCell| cell.get();
    let mut run = Run {
        vm,
        encoder: &encoder,
        out: TextBuf::new(),
        key_separator: separator(&encoder.key_separator),
        item_separator: separator(&encoder.item_separator),
        indent: encoder.indent.get(),
        under_way: HashSet::new(),
    };
    run.object(object, level)?;
    let text = vm.new_text_buf(&run.out)?;
    Ok(vm.new_tuple(&[text]))
}

struct Run<'a> {
    vm: &'a Vm,
    encoder: &'a Ref<Encoder>,
    out: TextBuf,
    key_separator: Value,
    item_separator: Value,
    indent: Option<Value>,
    /// The containers being written, where cycles are looked for.
    under_way: HashSet<u64>,
}

impl Run<'_> {
    fn push(&mut self, text: &Value) {
        if let Some(text) = text.downcast::<Str>() {
            self.out.push_text(text.text());
        }
    }

    fn string(&mut self, value: &Value) -> PyResult<()> {
        let Some(text) = value.downcast::<Str>() else { return Ok(()) };
        match self.encoder.quoting {
            Quoting::Ascii => push_quoted(&mut self.out, text, true),
            Quoting::Unicode => push_quoted(&mut self.out, text, false),
            Quoting::Custom => {
                let quoted = self.vm.call(&self.encoder.encoder.get(), std::slice::from_ref(value))?;
                if quoted.downcast::<Str>().is_none() {
                    let given = self.vm.type_name(&quoted);
                    return Err(self.vm.type_error(format!("encoder() must return a string, not {given}")));
                }
                self.push(&quoted);
            }
        }
        Ok(())
    }

    fn integer(&mut self, number: i64) {
        let mut digits = [0; 20];
        let mut start = digits.len();
        let mut left = number.unsigned_abs();
        loop {
            start -= 1;
            digits[start] = b'0' + (left % 10) as u8;
            left /= 10;
            if left == 0 {
                break;
            }
        }
        if number < 0 {
            self.out.push(u32::from(b'-'));
        }
        self.out.push_str(std::str::from_utf8(&digits[start..]).unwrap_or_default());
    }

    fn float(&mut self, number: f64, value: &Value) -> PyResult<()> {
        if !number.is_finite() {
            if !self.encoder.allow_nan {
                let shown = self.vm.repr_text(value)?;
                return Err(self.vm.value_error(format!("Out of range float values are not JSON compliant: {shown}")));
            }
            self.out.push_str(if number.is_nan() {
                "NaN"
            } else if number > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            });
            return Ok(());
        }
        self.out.push_str(&oriel_kernel::number::float_text::repr(number));
        Ok(())
    }

    fn object(&mut self, value: &Value, level: usize) -> PyResult<()> {
        let vm = self.vm;
        if value.is_none() {
            self.out.push_str("null");
        } else if let Some(flag) = value.as_bool() {
            self.out.push_str(if flag { "true" } else { "false" });
        } else if value.downcast::<Str>().is_some() {
            self.string(value)?;
        } else if let Some(number) = value.as_small_int() {
            self.integer(number);
        } else if vm.small_or_big(value).is_some() {
            let Some(repr) = vm.types.int.slots.repr.get() else { return Ok(()) };
            let text = repr(vm, value)?;
            self.push(&text);
        } else if let Some(number) = float_of(value) {
            self.float(number, value)?;
        } else if vm.is_instance_exact(value, &vm.types.list) || vm.is_instance_exact(value, &vm.types.tuple) {
            vm.check_stack_for(" while encoding a JSON object")?;
            self.marked(value, |run| run.list(value, level))?;
        } else if value.downcast::<Dict>().is_some() {
            vm.check_stack_for(" while encoding a JSON object")?;
            self.marked(value, |run| run.dict(value, level))?;
        } else {
            vm.check_stack_for(" while encoding a JSON object")?;
            self.marked(value, |run| {
                let replaced = vm.call(&run.encoder.default.get(), std::slice::from_ref(value))?;
                run.object(&replaced, level).map_err(|raised| {
                    let note = format!("when serializing {} object", vm.type_name(value));
                    match vm.add_note(&raised, &note) {
                        Ok(()) => raised,
                        Err(other) => other,
                    }
                })
            })?;
        }
        Ok(())
    }

    /// Runs with the container marked, so that a cycle is found.
    fn marked(&mut self, value: &Value, function: impl FnOnce(&mut Self) -> PyResult<()>) -> PyResult<()> {
        if !self.encoder.markers.is_some() {
            return function(self);
        }
        if !self.under_way.insert(value.word()) {
            return Err(self.vm.value_error("Circular reference detected"));
        }
        function(self)?;
        self.under_way.remove(&value.word());
        Ok(())
    }

    fn new_line(&mut self, level: usize) {
        if let Some(indent) = self.indent.clone() {
            self.out.push(10);
            for _ in 0..level {
                self.push(&indent);
            }
        }
    }

    fn list(&mut self, value: &Value, level: usize) -> PyResult<()> {
        let vm = self.vm;
        // A list may change while its items are written, and is written as it then is.
        let list = value.downcast::<List>().cloned();
        let items = if list.is_some() { Vec::new() } else { vm.collect(value)? };
        let item_at = |index: usize| match &list {
            Some(list) => list.get(index),
            None => items.get(index).cloned(),
        };
        if item_at(0).is_none() {
            self.out.push_str("[]");
            return Ok(());
        }
        self.out.push(u32::from(b'['));
        self.new_line(level + 1);
        let mut index = 0;
        while let Some(item) = item_at(index) {
            if index > 0 {
                let separator = self.item_separator.clone();
                self.push(&separator);
                self.new_line(level + 1);
            }
            if let Err(raised) = self.object(&item, level + 1) {
                vm.add_note(&raised, &format!("when serializing {} item {index}", vm.type_name(value)))?;
                return Err(raised);
            }
            index += 1;
        }
        self.new_line(level);
        self.out.push(u32::from(b']'));
        Ok(())
    }

    fn dict(&mut self, value: &Value, level: usize) -> PyResult<()> {
        let vm = self.vm;
        let entries = match value.downcast::<Dict>() {
            Some(dict) if vm.type_of(value).is(&vm.types.dict) && !self.encoder.sort_keys => dict.entries(),
            _ => {
                let items = vm.call_method(value, &vm.names.items, &[])?;
                let list = vm.new_list(vm.collect(&items)?);
                if self.encoder.sort_keys {
                    vm.call_method(list.as_value(), &vm.names.sort, &[])?;
                }
                let mut entries = Vec::new();
                for pair in list.snapshot() {
                    match vm.collect(&pair)?.as_slice() {
                        [key, value] => entries.push((key.clone(), value.clone())),
                        _ => return Err(vm.value_error("items must return 2-tuples")),
                    }
                }
                entries
            }
        };
        if entries.is_empty() {
            self.out.push_str("{}");
            return Ok(());
        }
        self.out.push(u32::from(b'{'));
        let mut first = true;
        for (key, item) in entries {
            let Some(text) = self.key_text(&key)? else { continue };
            if first {
                self.new_line(level + 1);
            } else {
                let separator = self.item_separator.clone();
                self.push(&separator);
                self.new_line(level + 1);
            }
            first = false;
            self.string(&text)?;
            let separator = self.key_separator.clone();
            self.push(&separator);
            if let Err(raised) = self.object(&item, level + 1) {
                let note = format!("when serializing {} item {}", vm.type_name(value), vm.repr_text(&key)?);
                vm.add_note(&raised, &note)?;
                return Err(raised);
            }
        }
        if !first {
            self.new_line(level);
        }
        self.out.push(u32::from(b'}'));
        Ok(())
    }

    /// A key as a `str`; nothing where it is to be skipped.
    fn key_text(&mut self, key: &Value) -> PyResult<Option<Value>> {
        let vm = self.vm;
        if key.downcast::<Str>().is_some() {
            return Ok(Some(key.clone()));
        }
        if let Some(number) = float_of(key) {
            let kept = std::mem::take(&mut self.out);
            let result = self.float(number, key);
            let text = std::mem::replace(&mut self.out, kept);
            result?;
            return vm.new_text_buf(&text).map(Some);
        }
        if key.is_none() {
            return Ok(Some(vm.new_str("null")));
        }
        if let Some(flag) = key.as_bool() {
            return Ok(Some(vm.new_str(if flag { "true" } else { "false" })));
        }
        if vm.small_or_big(key).is_some()
            && let Some(repr) = vm.types.int.slots.repr.get()
        {
            return repr(vm, key).map(Some);
        }
        if self.encoder.skip_keys {
            return Ok(None);
        }
        let given = vm.type_name(key);
        Err(vm.type_error(format!("keys must be str, int, float, bool or None, not {given}")))
    }
}

/// The JSON form of a string.
pub fn quote(vm: &Vm, value: &Value, ascii: bool) -> PyResult {
    let Some(text) = value.downcast::<Str>() else {
        let given = vm.type_name(value);
        return Err(vm.type_error(format!("first argument must be a string, not {given}")));
    };
    let mut out = TextBuf::new();
    push_quoted(&mut out, text, ascii);
    vm.new_text_buf(&out)
}

fn push_quoted(out: &mut TextBuf, text: &Ref<Str>, ascii: bool) {
    out.push(0x22);
    let text = text.text();
    if let Text::Ascii(ascii) = text
        && ascii
            .bytes()
            .fold(true, |plain, byte| plain & (byte >= 0x20) & (byte != 0x22) & (byte != 0x5c) & (byte < 0x7f))
    {
        out.push_text(text);
        out.push(0x22);
        return;
    }
    let plain = |c: u32| c >= 0x20 && c != 0x22 && c != 0x5c && (!ascii || c < 0x7f);
    let mut start = 0;
    for (index, character) in text.chars().enumerate() {
        if plain(character) {
            continue;
        }
        out.push_text(text.slice(start, index));
        start = index + 1;
        match character {
            0x22 => out.push_str("\\\""),
            0x5c => out.push_str("\\\\"),
            8 => out.push_str("\\b"),
            12 => out.push_str("\\f"),
            10 => out.push_str("\\n"),
            13 => out.push_str("\\r"),
            9 => out.push_str("\\t"),
            c if c > 0xffff => {
                let c = c - 0x10000;
                out.push_str(&format!("\\u{:04x}\\u{:04x}", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff)));
            }
            c => out.push_str(&format!("\\u{c:04x}")),
        }
    }
    out.push_text(text.slice(start, text.len()));
    out.push(0x22);
}
