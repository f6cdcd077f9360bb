//! `sub` and `subn`.

use super::matches;
use super::pattern::{Search, own};
use super::subject::Subject;
use super::template;
use oriel_kernel::sre::Mode;
use oriel_kernel::text::TextBuf;
use oriel_runtime::types::bytes::Bytes;
use oriel_runtime::types::str::Str;
use oriel_runtime::{Bound, PyResult, Value, Vm};

/// Text or bytes being put together.
pub(super) struct Output {
    content: Content,
    /// Items put in so far, for messages.
    items: usize,
}

enum Content {
    Text(TextBuf),
    Bytes(Vec<u8>),
}

impl Output {
    pub(super) fn new(bytes: bool) -> Output {
        let content = if bytes { Content::Bytes(Vec::new()) } else { Content::Text(TextBuf::new()) };
        Output { content, items: 0 }
    }

    /// Appends a `str`, or a bytes-like object, as fits.
    pub(super) fn push(&mut self, vm: &Vm, item: &Value) -> PyResult<()> {
        let index = self.items;
        self.items += 1;
        match &mut self.content {
            Content::Text(out) => {
                let Some(text) = item.downcast::<Str>() else {
                    let name = vm.type_name(item);
                    return Err(vm.type_error(format!("sequence item {index}: expected str instance, {name} found")));
                };
                out.try_reserve(text.len()).map_err(|_| vm.memory_error())?;
                out.push_text(text.text());
            }
            Content::Bytes(out) => {
                if let Some(bytes) = item.downcast::<Bytes>() {
                    out.try_reserve(bytes.len()).map_err(|_| vm.memory_error())?;
                    out.extend_from_slice(bytes.as_slice());
                } else if vm.type_of(item).slots.buffer.get().is_some() {
                    out.extend_from_slice(&vm.buffer(item, false)?.to_vec());
                } else {
                    let name = vm.type_name(item);
                    return Err(
                        vm.type_error(format!("sequence item {index}: expected a bytes-like object, {name} found"))
                    );
                }
            }
        }
        Ok(())
    }

    /// Appends a part of a subject.
    fn push_part(&mut self, vm: &Vm, subject: &Subject<'_>, start: usize, end: usize) -> PyResult<()> {
        self.items += 1;
        match (&mut self.content, subject) {
            (Content::Text(out), Subject::Text(text)) => {
                out.try_reserve(end - start).map_err(|_| vm.memory_error())?;
                out.push_text(text.slice(start, end));
            }
            (Content::Bytes(out), Subject::Bytes(bytes)) => {
                out.try_reserve(end - start).map_err(|_| vm.memory_error())?;
                out.extend_from_slice(&bytes[start..end]);
            }
            _ => return Err(vm.type_error("cannot mix text and bytes")),
        }
        Ok(())
    }

    pub(super) fn finish(self, vm: &Vm) -> PyResult {
        match self.content {
            Content::Text(text) => vm.new_text_buf(&text),
            Content::Bytes(bytes) => vm.try_new_bytes(&bytes),
        }
    }
}

/// What a match is replaced by.
enum Replacement {
    Literal(Value),
    Template(Value),
    Callable(Value),
}

fn replacement(vm: &Vm, pattern: &Value, given: &Value) -> PyResult<Replacement> {
    if vm.type_of(given).slots.call.get().is_some() {
        return Ok(Replacement::Callable(given.clone()));
    }
    // Without a backslash there is nothing to compile.
    let literal = match Subject::of(vm, given) {
        Ok(Subject::Text(text)) => text.find_char(u32::from('\\')).is_none(),
        Ok(Subject::Bytes(bytes)) => !bytes.contains(&b'\\'),
        Err(_) => false,
    };
    if literal {
        return Ok(Replacement::Literal(given.clone()));
    }
    let compiled = template::compile(vm, pattern, given)?;
    Ok(match template::literal(&compiled) {
        Some(literal) => Replacement::Literal(literal),
        None => Replacement::Template(compiled),
    })
}

/// `Pattern.sub` and, with the number of replacements, `Pattern.subn`.
pub(super) fn substitute(vm: &Vm, this: &Value, args: &Bound<'_>, counted: bool) -> PyResult {
    let [Some(given), Some(string), count] = *args else { return Err(vm.type_error("a string is needed")) };
    let most = count.map_or(Ok(0), |count| vm.to_isize(count))?;
    let replacement = replacement(vm, this, given)?;
    let mut search = Search::new(vm, own(vm, this)?, string, 0, isize::MAX)?;
    let mut out = Output::new(search.subject.is_bytes());
    let (mut last, mut number) = (0, 0);
    while (most == 0 || number < most) && search.next(vm, Mode::Search)? {
        let (start, end) = search.span();
        if last < start {
            out.push_part(vm, &search.subject, last, start)?;
        }
        match &replacement {
            Replacement::Literal(literal) => out.push(vm, literal)?,
            Replacement::Template(template) => {
                let matched = search.to_match(vm, this)?;
                template::expand_to(vm, template, matches::own(vm, &matched)?, &mut out)?;
            }
            Replacement::Callable(callable) => {
                let matched = search.to_match(vm, this)?;
                let item = vm.call(callable, &[matched])?;
                if !item.is_none() {
                    out.push(vm, &item)?;
                }
            }
        }
        last = end;
        number += 1;
    }
    let result = if number == 0 {
        search.subject.slice(vm, string, 0, search.endpos)?
    } else {
        if last < search.endpos {
            out.push_part(vm, &search.subject, last, search.endpos)?;
        }
        out.finish(vm)?
    };
    Ok(if counted { vm.new_tuple(&[result, vm.new_int(number as i64)]) } else { result })
}
