//! `str.format`, `str.format_map` and `str.__format__`.

use super::Str;
use super::parts::itself;
use super::slots::string;
use crate::args::Args;
use crate::error::PyResult;
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::format::fields::{Field, First, Pieces, Step, split_name};
use oriel_kernel::format::{Align, format_str};
use oriel_kernel::text::{Kind, Text, TextBuf};
use std::ops::Range;

impl Vm {
    /// The conversion `!r`, `!s` or `!a` of a value.
    pub fn convert_value(&self, value: &Value, conversion: u32) -> PyResult {
        match char::from_u32(conversion) {
            Some('r') => self.repr(value),
            Some('s') => self.str(value),
            Some('a') => self.ascii(value),
            Some(c @ '!'..='~') => Err(self.value_error(format!("Unknown conversion specifier {c}"))),
            _ => Err(self.value_error(format!("Unknown conversion specifier \\x{conversion:x}"))),
        }
    }

    /// `ascii(value)`: its `repr` with all but ASCII escaped.
    pub fn ascii(&self, value: &Value) -> PyResult {
        let repr = self.repr(value)?;
        match repr.downcast::<Str>() {
            Some(text) if !text.is_ascii() => {
                self.new_text_buf(&oriel_kernel::text::repr::escape_non_ascii(text.text()))
            }
            _ => Ok(repr),
        }
    }
}

/// `str.__format__`
pub(crate) fn dunder_format(vm: &Vm, this: &Value, spec: &Value) -> PyResult {
    if vm.is_empty_format(spec)? {
        return if vm.is_exact_str(this) { Ok(this.clone()) } else { vm.str(this) };
    }
    let text = string(vm, this)?.text();
    let spec = vm.format_spec(spec, Align::Left, "str")?;
    let layout = format_str(text.len(), &spec).map_err(|e| vm.format_error(e))?;
    if layout.left == 0 && layout.right == 0 && layout.taken == text.len() {
        return itself(vm, this);
    }
    let taken = text.slice(0, layout.taken);
    if text.kind() == Kind::Ascii && layout.fill < 128 {
        let total = layout.left.checked_add(layout.right).and_then(|pads| pads.checked_add(layout.taken));
        return vm.build_str(Kind::Ascii, total.unwrap_or(usize::MAX), |out| {
            out.push_repeated(layout.fill as u8, layout.left);
            out.push(taken);
            out.push_repeated(layout.fill as u8, layout.right);
        });
    }
    match taken.padded(layout.left, layout.right, layout.fill) {
        Ok(text) => vm.new_text_buf(&text),
        Err(_) => Err(vm.memory_error()),
    }
}

/// Whether fields are numbered by position or by themselves.
#[derive(Default)]
struct Numbering {
    next: usize,
    automatic: Option<bool>,
}

impl Numbering {
    fn check(&mut self, vm: &Vm, automatic: bool) -> PyResult<()> {
        match self.automatic {
            Some(known) if known != automatic => Err(vm.value_error(if known {
                "cannot switch from automatic field numbering to manual field specification"
            } else {
                "cannot switch from manual field specification to automatic field numbering"
            })),
            _ => {
                self.automatic = Some(automatic);
                Ok(())
            }
        }
    }
}

/// Where the fields' values come from.
#[derive(Clone, Copy)]
enum Source<'a> {
    Args(Args<'a>),
    Mapping(&'a Value),
}

struct Formatter<'a> {
    vm: &'a Vm,
    source: Source<'a>,
    numbering: Numbering,
}

impl Formatter<'_> {
    fn positional(&self, index: usize) -> PyResult {
        let Source::Args(args) = self.source else {
            return Err(self.vm.value_error("Format string contains positional fields"));
        };
        args.positional().get(index).cloned().ok_or_else(|| {
            self.vm.index_error(format!("Replacement index {index} out of range for positional args tuple"))
        })
    }

    fn first(&mut self, format: Text<'_>, first: First) -> PyResult {
        let vm = self.vm;
        match first {
            First::Auto => {
                self.numbering.check(vm, true)?;
                let index = self.numbering.next;
                self.numbering.next += 1;
                self.positional(index)
            }
            First::Index(index) => {
                self.numbering.check(vm, false)?;
                self.positional(index)
            }
            First::Name(range) => {
                let name = format.slice(range.start, range.end);
                match self.source {
                    Source::Args(args) => {
                        let named = |(key, _): &(&Value, &Value)| {
                            key.downcast::<Str>().is_some_and(|key| key.text().equals(name))
                        };
                        match args.keywords().find(named) {
                            Some((_, value)) => Ok(value.clone()),
                            None => Err(vm.key_error(&vm.new_text(name)?)),
                        }
                    }
                    Source::Mapping(mapping) => vm.get_item(mapping, &vm.new_text(name)?),
                }
            }
        }
    }

    fn value(&mut self, format: Text<'_>, name: Range<usize>) -> PyResult {
        let vm = self.vm;
        let (first, steps) = split_name(name, |i| format.at(i)).map_err(|e| vm.format_error(e))?;
        let mut value = self.first(format, first)?;
        for step in steps {
            value = match step.map_err(|e| vm.format_error(e))? {
                Step::Attribute(range) => {
                    let name = vm.intern_value(&vm.new_text(format.slice(range.start, range.end))?);
                    vm.get_attr(&value, &name)?
                }
                Step::Index(index) => vm.get_item(&value, &vm.new_int(index as i64))?,
                Step::Key(range) => {
                    let key = vm.new_text(format.slice(range.start, range.end))?;
                    vm.get_item(&value, &key)?
                }
            };
        }
        Ok(value)
    }

    fn field(&mut self, format: Text<'_>, field: Field, depth: u32, out: &mut TextBuf) -> PyResult<()> {
        let vm = self.vm;
        let mut value = self.value(format, field.name)?;
        if let Some(conversion) = field.conversion {
            value = vm.convert_value(&value, conversion)?;
        }
        if field.spec.is_empty() && vm.is_exact_str(&value) {
            if let Some(text) = value.downcast::<Str>() {
                push(vm, out, text.text())?;
            }
            return Ok(());
        }
        let spec = format.slice(field.spec.start, field.spec.end);
        let spec = if field.nested {
            let mut text = TextBuf::new();
            self.run(spec, depth - 1, &mut text)?;
            vm.new_text_buf(&text)?
        } else if spec.is_empty() {
            vm.empty_str()
        } else {
            vm.new_text(spec)?
        };
        let text = vm.format(&value, &spec)?;
        if let Some(text) = text.downcast::<Str>() {
            push(vm, out, text.text())?;
        }
        Ok(())
    }

    fn run(&mut self, format: Text<'_>, depth: u32, out: &mut TextBuf) -> PyResult<()> {
        let vm = self.vm;
        if depth == 0 {
            return Err(vm.value_error("Max string recursion exceeded"));
        }
        for piece in Pieces::new(0..format.len(), |i| format.at(i)) {
            let piece = piece.map_err(|e| vm.format_error(e))?;
            push(vm, out, format.slice(piece.literal.start, piece.literal.end))?;
            if let Some(field) = piece.field {
                self.field(format, field, depth, out)?;
            }
        }
        Ok(())
    }
}

/// Appends to a text that a program makes as long as it likes.
pub(super) fn push(vm: &Vm, out: &mut TextBuf, text: Text<'_>) -> PyResult<()> {
    if text.len() > 1 << 16 && out.try_reserve(text.len()).is_err() {
        return Err(vm.memory_error());
    }
    out.push_text(text);
    Ok(())
}

fn run(vm: &Vm, this: &Value, source: Source<'_>) -> PyResult {
    let text = string(vm, this)?.text();
    let mut out = TextBuf::with_capacity(text.kind(), text.len() + 16);
    Formatter { vm, source, numbering: Numbering::default() }.run(text, 2, &mut out)?;
    vm.new_text_buf(&out.finish())
}

pub(super) fn format(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    run(vm, this, Source::Args(args))
}

pub(super) fn format_map(vm: &Vm, this: &Value, mapping: &Value) -> PyResult {
    run(vm, this, Source::Mapping(mapping))
}
