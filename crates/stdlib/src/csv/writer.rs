//! Rows put together.

use super::dialect::{Dialect, Quoting};
use super::{State, error, first_and_dialect};
use crate::bodies::{body, made};
use oriel_kernel::text::{Kind, SizeError, Text, TextBuf};
use oriel_runtime::types::complex::ComplexBody;
use oriel_runtime::types::str::Str;
use oriel_runtime::{Args, Body, GetSetDef, MethodDef, PyResult, Ref, TypeSpec, Value, Vm, type_flags};

/// The body of a writer.
pub struct Writer {
    write: Value,
    dialect: Ref<Dialect>,
}

body!(Writer, "_csv.writer", write);

/// The type of writers.
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    doc: "What writes rows to a file.",
    methods: &[
        MethodDef::one(
            "writerow",
            write_row,
            "($self, row, /)",
            "Write a row; return what the file's write() returns.",
        ),
        MethodDef::one("writerows", write_rows, "($self, rows, /)", "Write the rows of an iterable."),
    ],
    getset: &[GetSetDef::readonly("dialect", |vm, this| Ok(vm.body::<Writer>(this)?.dialect.to_value()), "")],
    ..TypeSpec::new("_csv.writer", Writer::layout)
};

/// `writer(fileobj, dialect='excel', **fmtparams)`
pub fn make(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    let (file, dialect) = first_and_dialect(vm, "writer", args)?;
    let write = vm.get_attr_opt(file, &vm.intern("write"))?;
    let Some(write) = write.filter(|write| vm.type_of(write).slots.call.get().is_some()) else {
        return Err(vm.type_error("argument 1 must have a \"write\" method"));
    };
    let state = vm.state::<State>();
    Ok(vm.new_instance(made(vm, &state.writer)?, Writer { write, dialect })?.into_value())
}

/// A row in the making.
struct Row<'a> {
    dialect: &'a Dialect,
    text: TextBuf,
    fields: usize,
}

impl Row<'_> {
    /// Whether a character cannot stand in a field just so.
    fn is_special(&self, character: u32) -> bool {
        let dialect = self.dialect;
        character == dialect.delimiter
            || dialect.escapechar == Some(character)
            || dialect.quotechar == Some(character)
            || character == 10
            || character == 13
            || dialect.terminator().contains(&character)
    }

    fn append(&mut self, vm: &Vm, field: Option<Text<'_>>, mut quoted: bool) -> PyResult<()> {
        let dialect = self.dialect;
        if field.is_none_or(Text::is_empty) && dialect.delimiter == 32 && dialect.skipinitialspace {
            if dialect.quoting == Quoting::None
                || field.is_none() && matches!(dialect.quoting, Quoting::Strings | Quoting::NotNull)
            {
                return Err(error(
                    vm,
                    "empty field must be quoted if delimiter is a space and skipinitialspace is true",
                ));
            }
            quoted = true;
        }
        let text = field.unwrap_or(Text::Ascii(""));
        let room = text.len().saturating_mul(2).saturating_add(4);
        self.text.try_reserve(room).map_err(|error| out_of_room(vm, error))?;
        let mut special = false;
        for character in text.chars() {
            if !self.is_special(character) {
                continue;
            }
            special = true;
            let escaped = dialect.quoting == Quoting::None
                || dialect.quotechar == Some(character) && !dialect.doublequote
                || dialect.quotechar != Some(character) && dialect.escapechar == Some(character);
            if !escaped {
                quoted = true;
            } else if dialect.escapechar.is_none() {
                return Err(error(vm, "need to escape, but no escapechar set"));
            }
        }
        if self.fields > 0 {
            self.text.push(dialect.delimiter);
        }
        self.fields += 1;
        let quote = dialect.quotechar.filter(|_| quoted);
        if let Some(quote) = quote {
            self.text.push(quote);
        }
        if special {
            for character in text.chars() {
                if self.is_special(character) {
                    let doubled =
                        dialect.quoting != Quoting::None && dialect.quotechar == Some(character) && dialect.doublequote;
                    let escaped = dialect.quoting == Quoting::None
                        || dialect.quotechar == Some(character)
                        || dialect.escapechar == Some(character);
                    if doubled {
                        self.text.push(character);
                    } else if let Some(escape) = dialect.escapechar.filter(|_| escaped) {
                        self.text.push(escape);
                    }
                }
                self.text.push(character);
            }
        } else {
            self.text.push_text(text);
        }
        if let Some(quote) = quote {
            self.text.push(quote);
        }
        Ok(())
    }
}

#[cold]
fn out_of_room(vm: &Vm, error: SizeError) -> oriel_runtime::Raised {
    vm.size_error(error, "the row is too long")
}

fn is_number(vm: &Vm, value: &Value) -> bool {
    let slots = &vm.type_of(value).slots;
    slots.nb_index.get().is_some()
        || slots.nb_int.get().is_some()
        || slots.nb_float.get().is_some()
        || value.downcast::<ComplexBody>().is_some()
}

fn write_row(vm: &Vm, this: &Value, row: &Value) -> PyResult {
    let writer = vm.body::<Writer>(this)?;
    let dialect = writer.dialect.clone();
    let items = match vm.iter(row) {
        Ok(items) => items,
        Err(raised) if vm.raised_is(&raised, &vm.types.type_error) => {
            return Err(error(vm, format!("iterable expected, not {}", vm.type_name(row))));
        }
        Err(raised) => return Err(raised),
    };
    let mut made = Row { dialect: &dialect, text: TextBuf::with_capacity(Kind::Ascii, 64), fields: 0 };
    let mut null = false;
    while let Some(field) = vm.next(&items)? {
        let text = field.downcast::<Str>();
        let quoted = match dialect.quoting {
            Quoting::NonNumeric => text.is_some() || !is_number(vm, &field),
            Quoting::All => true,
            Quoting::Strings => text.is_some(),
            Quoting::NotNull => !field.is_none(),
            Quoting::Minimal | Quoting::None => false,
        };
        null = field.is_none();
        if let Some(text) = text {
            made.append(vm, Some(text.text()), quoted)?;
        } else if null {
            made.append(vm, None, quoted)?;
        } else {
            let text = vm.str(&field)?;
            let text = vm.expect_str(&text, |given| format!("str() returned {given}"))?;
            made.append(vm, Some(text.text()), quoted)?;
        }
    }
    if made.fields > 0 && made.text.is_empty() {
        if dialect.quoting == Quoting::None || null && matches!(dialect.quoting, Quoting::Strings | Quoting::NotNull) {
            return Err(error(vm, "single empty field record must be quoted"));
        }
        made.fields -= 1;
        made.append(vm, None, true)?;
    }
    for character in dialect.terminator() {
        made.text.push(*character);
    }
    let line = vm.new_text_buf(&made.text)?;
    vm.call(&writer.write, &[line])
}

fn write_rows(vm: &Vm, this: &Value, rows: &Value) -> PyResult {
    vm.for_each(rows, |row| write_row(vm, this, &row).map(|_| ()))?;
    Ok(Value::NONE)
}
