//! The scanner: matches one after the other, each asked for by itself.

use super::pattern::{Search, own as own_pattern};
use super::subject::Subject;
use oriel_kernel::sre::Mode;
use oriel_runtime::cells::ValueCell;
use oriel_runtime::native::GetSetDef;
use oriel_runtime::{Body, Layout, MethodDef, PyResult, Ref, TypeSpec, Value, Visitor, Vm, type_flags};
use std::borrow::Cow;
use std::cell::Cell;

/// A scanner.
pub(crate) struct Scanner {
    pattern: ValueCell,
    string: ValueCell,
    /// What is searched: the string, or of an object that can change a copy, so that it is copied once only.
    source: ValueCell,
    pos: usize,
    endpos: usize,
    /// Where the next search starts; nothing once one has failed.
    start: Cell<Option<usize>>,
    must_advance: Cell<bool>,
    running: Cell<bool>,
}

static LAYOUT: Layout = Layout::of::<Scanner>("_sre.SRE_Scanner", None);

impl Body for Scanner {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.pattern.visit(visitor);
        self.string.visit(visitor);
        self.source.visit(visitor);
    }
    fn clear(&self) {
        self.pattern.set(Value::NONE);
        self.string.set(Value::NONE);
        self.source.set(Value::NONE);
    }
}

/// The scanner's type.
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    methods: &[
        MethodDef::noargs("match", |vm, this| step(vm, this, Mode::Match), "($self, /)", "The match right here."),
        MethodDef::noargs("search", |vm, this| step(vm, this, Mode::Search), "($self, /)", "The next match."),
    ],
    getset: &[GetSetDef::readonly("pattern", |vm, this| Ok(own(vm, this)?.pattern.get()), "The pattern.")],
    ..TypeSpec::new("_sre.SRE_Scanner", Scanner::layout)
};

fn own<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Scanner>> {
    this.downcast().ok_or_else(|| vm.type_error("a scanner is needed"))
}

impl Scanner {
    /// A scanner over a part of a string.
    pub(super) fn of(vm: &Vm, pattern: &Value, string: &Value, pos: usize, endpos: usize) -> PyResult {
        let types = own_pattern(vm, pattern)?.types.clone();
        let source = match Subject::of(vm, string)? {
            Subject::Bytes(Cow::Owned(bytes)) => vm.try_new_bytes(&bytes)?,
            _ => string.clone(),
        };
        let scanner = Scanner {
            pattern: ValueCell::new(pattern.clone()),
            string: ValueCell::new(string.clone()),
            source: ValueCell::new(source),
            pos,
            endpos,
            start: Cell::new(Some(pos)),
            must_advance: Cell::new(false),
            running: Cell::new(false),
        };
        Ok(vm.new_instance(&types.scanner, scanner)?.into_value())
    }
}

fn step(vm: &Vm, this: &Value, mode: Mode) -> PyResult {
    let scanner = own(vm, this)?;
    if scanner.running.replace(true) {
        return Err(vm.value_error("regular expression scanner already executing"));
    }
    let result = advance(vm, scanner, mode);
    scanner.running.set(false);
    result
}

fn advance(vm: &Vm, scanner: &Ref<Scanner>, mode: Mode) -> PyResult {
    let Some(start) = scanner.start.get() else { return Ok(Value::NONE) };
    let (pattern, string, source) = (scanner.pattern.get(), scanner.string.get(), scanner.source.get());
    let (pos, endpos) = (scanner.pos as isize, scanner.endpos as isize);
    let mut search = Search::new(vm, own_pattern(vm, &pattern)?, &source, pos, endpos)?;
    search.string = &string;
    search.start = start;
    search.must_advance = scanner.must_advance.get();
    if !search.next(vm, mode)? {
        scanner.start.set(None);
        return Ok(Value::NONE);
    }
    let found = search.to_match(vm, &pattern)?;
    scanner.start.set(Some(search.start));
    scanner.must_advance.set(search.must_advance);
    Ok(found)
}
