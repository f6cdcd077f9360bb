//! Rows taken apart: a state machine over the characters of lines.

use super::dialect::{Dialect, Quoting};
use super::{State, error, field_limit, first_and_dialect};
use crate::bodies::{body, made};
use oriel_kernel::text::{Kind, TextBuf};
use oriel_runtime::types::str::Str;
use oriel_runtime::{Args, Body, GetSetDef, PyResult, Ref, TypeSpec, Value, Vm, type_flags};
use std::cell::{Cell, RefCell};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    StartRecord,
    StartField,
    Escaped,
    InField,
    InQuotedField,
    EscapedInQuotedField,
    QuoteInQuotedField,
    EatLineEnd,
    AfterEscapedLineEnd,
}

/// The body of a reader.
pub struct Reader {
    lines: Value,
    dialect: Ref<Dialect>,
    fields: RefCell<Vec<Value>>,
    field: RefCell<TextBuf>,
    place: Cell<Place>,
    unquoted: Cell<bool>,
    line_number: Cell<i64>,
    /// Counts the rows begun: the lines may come from code that uses this very reader.
    row: Cell<u64>,
}

body!(Reader, "_csv.reader", lines, fields);

/// The type of readers.
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    doc: "An iterator over the rows of lines.",
    slots: |slots| {
        slots.iter.set(Some(|_, this| Ok(this.clone())));
        slots.next.set(Some(next));
    },
    getset: &[
        GetSetDef::readonly("dialect", |vm, this| Ok(vm.body::<Reader>(this)?.dialect.to_value()), ""),
        GetSetDef::readonly("line_num", |vm, this| Ok(vm.new_int(vm.body::<Reader>(this)?.line_number.get())), ""),
    ],
    ..TypeSpec::new("_csv.reader", Reader::layout)
};

/// `reader(iterable, dialect='excel', **fmtparams)`
pub fn make(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    oriel_runtime::args::check_count(vm, "reader", args.positional().len(), 1, 2)?;
    let lines = vm.iter(&args.positional()[0])?;
    let (_, dialect) = first_and_dialect(vm, "reader", args)?;
    let body = Reader {
        lines,
        dialect,
        fields: RefCell::default(),
        field: RefCell::new(TextBuf::with_capacity(Kind::Ascii, 0)),
        place: Cell::new(Place::StartRecord),
        unquoted: Cell::new(true),
        line_number: Cell::new(0),
        row: Cell::new(0),
    };
    let state = vm.state::<State>();
    Ok(vm.new_instance(made(vm, &state.reader)?, body)?.into_value())
}

fn next(vm: &Vm, this: &Value) -> PyResult<Option<Value>> {
    let reader = vm.body::<Reader>(this)?;
    drop(reader.fields.take());
    reader.field.borrow_mut().clear();
    reader.unquoted.set(true);
    reader.place.set(Place::StartRecord);
    let limit = usize::try_from(field_limit(vm)).unwrap_or(0);
    let row = reader.row.get() + 1;
    reader.row.set(row);
    loop {
        let line = vm.next(&reader.lines)?;
        if reader.row.get() != row {
            return Err(error(vm, "iterator has already advanced the reader"));
        }
        let Some(line) = line else {
            if reader.field.borrow().is_empty() && reader.place.get() != Place::InQuotedField {
                return Ok(None);
            }
            if reader.dialect.strict {
                return Err(error(vm, "unexpected end of data"));
            }
            save(vm, reader)?;
            break;
        };
        let Some(text) = line.downcast::<Str>() else {
            let given = vm.type_name(&line);
            return Err(error(
                vm,
                format!("iterator should return strings, not {given} (the file should be opened in text mode)"),
            ));
        };
        reader.line_number.set(reader.line_number.get() + 1);
        for character in text.text().chars() {
            step(vm, reader, Some(character), limit)?;
        }
        step(vm, reader, None, limit)?;
        if reader.place.get() == Place::StartRecord {
            break;
        }
    }
    Ok(Some(vm.list(reader.fields.take())))
}

/// Ends the current field.
fn save(vm: &Vm, reader: &Reader) -> PyResult<()> {
    let quoting = reader.dialect.quoting;
    let unquoted = reader.unquoted.replace(true);
    let empty = reader.field.borrow().is_empty();
    let field = if unquoted && empty && matches!(quoting, Quoting::NotNull | Quoting::Strings) {
        Value::NONE
    } else {
        let text = vm.new_text_buf(&reader.field.borrow())?;
        reader.field.borrow_mut().clear();
        if unquoted && !empty && matches!(quoting, Quoting::NonNumeric | Quoting::Strings) {
            vm.call(vm.types.float.as_value(), &[text])?
        } else {
            text
        }
    };
    reader.fields.borrow_mut().push(field);
    Ok(())
}

fn add(vm: &Vm, reader: &Reader, character: u32, limit: usize) -> PyResult<()> {
    let mut field = reader.field.borrow_mut();
    if field.len() >= limit {
        drop(field);
        return Err(error(vm, format!("field larger than field limit ({})", field_limit(vm))));
    }
    field.push(character);
    Ok(())
}

/// One character; nothing for the end of a line.
#[inline]
fn step(vm: &Vm, reader: &Reader, character: Option<u32>, limit: usize) -> PyResult<()> {
    let dialect = &*reader.dialect;
    let is_line_end = matches!(character, None | Some(10 | 13));
    let after_line_end = if character.is_none() { Place::StartRecord } else { Place::EatLineEnd };
    let is_delimiter = character == Some(dialect.delimiter);
    let is_escape = character.is_some() && character == dialect.escapechar;
    let is_quote = character.is_some() && character == dialect.quotechar && dialect.quoting != Quoting::None;
    let mut place = reader.place.get();
    if place == Place::StartRecord {
        match character {
            None => return Ok(()),
            Some(10 | 13) => {
                reader.place.set(Place::EatLineEnd);
                return Ok(());
            }
            Some(_) => place = Place::StartField,
        }
    }
    if place == Place::AfterEscapedLineEnd {
        if character.is_none() {
            return Ok(());
        }
        place = Place::InField;
    }
    let next = match (place, character) {
        (Place::InField, Some(plain)) if !is_line_end && !is_escape && !is_delimiter => {
            add(vm, reader, plain, limit)?;
            Place::InField
        }
        (Place::StartField | Place::InField, _) if is_line_end => {
            save(vm, reader)?;
            after_line_end
        }
        (Place::StartField, _) if is_quote => {
            reader.unquoted.set(false);
            Place::InQuotedField
        }
        (Place::StartField | Place::InField, _) if is_escape => Place::Escaped,
        (Place::StartField, Some(32)) if dialect.skipinitialspace => Place::StartField,
        (Place::StartField | Place::InField | Place::QuoteInQuotedField, _) if is_delimiter => {
            save(vm, reader)?;
            Place::StartField
        }
        (Place::StartField, Some(plain)) => {
            add(vm, reader, plain, limit)?;
            Place::InField
        }
        (Place::Escaped, Some(end @ (10 | 13))) => {
            add(vm, reader, end, limit)?;
            Place::AfterEscapedLineEnd
        }
        (Place::Escaped, character) => {
            add(vm, reader, character.unwrap_or(10), limit)?;
            Place::InField
        }
        (Place::InQuotedField, None) => Place::InQuotedField,
        (Place::InQuotedField, _) if is_escape => Place::EscapedInQuotedField,
        (Place::InQuotedField, _) if is_quote => {
            if dialect.doublequote {
                Place::QuoteInQuotedField
            } else {
                Place::InField
            }
        }
        (Place::InQuotedField, Some(plain)) => {
            add(vm, reader, plain, limit)?;
            Place::InQuotedField
        }
        (Place::EscapedInQuotedField, character) => {
            add(vm, reader, character.unwrap_or(10), limit)?;
            Place::InQuotedField
        }
        (Place::QuoteInQuotedField, Some(quote)) if is_quote => {
            add(vm, reader, quote, limit)?;
            Place::InQuotedField
        }
        (Place::QuoteInQuotedField, _) if is_line_end => {
            save(vm, reader)?;
            after_line_end
        }
        (Place::QuoteInQuotedField, Some(plain)) if !dialect.strict => {
            add(vm, reader, plain, limit)?;
            Place::InField
        }
        (Place::QuoteInQuotedField, _) => {
            let shown = |character: u32| char::from_u32(character).unwrap_or('\u{fffd}');
            let quote = shown(dialect.quotechar.unwrap_or(u32::from(b'"')));
            return Err(error(vm, format!("'{}' expected after '{quote}'", shown(dialect.delimiter))));
        }
        (Place::EatLineEnd, Some(10 | 13)) => Place::EatLineEnd,
        (Place::EatLineEnd, None) => Place::StartRecord,
        (Place::EatLineEnd, Some(_)) => {
            return Err(error(
                vm,
                "new-line character seen in unquoted field - do you need to open the file with newline=''?",
            ));
        }
        (place, _) => place,
    };
    reader.place.set(next);
    Ok(())
}
