//! `re.Pattern`.

use super::matches::Match;
use super::scanner::Scanner;
use super::subject::Subject;
use super::{Types, substitute, types};
use oriel_kernel::sre::{Error, Matcher, Mode, Program};
use oriel_runtime::cells::ValueCell;
use oriel_runtime::native::GetSetDef;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::int::{Num, num_of};
use oriel_runtime::types::list::List;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{
    Body, Bound, CompareOp, Layout, MethodDef, PyResult, Ref, TypeSpec, Value, Visitor, Vm, type_flags,
};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::Ordering;

/// A compiled pattern.
pub(crate) struct Pattern {
    /// The source, or `None`.
    source: ValueCell,
    flags: u32,
    /// From names to group numbers; `None` if no group has a name.
    pub(super) groupindex: ValueCell,
    /// From group numbers to names; `None` if no group has a name.
    pub(super) indexgroup: ValueCell,
    /// Whether it is for bytes; nothing if for both.
    is_bytes: Option<bool>,
    code: Box<[u32]>,
    pub(super) program: Rc<Program>,
    /// The engine's memory, kept from one search to the next.
    matcher: Cell<Option<Box<Matcher>>>,
    pub(super) types: Rc<Types>,
}

static LAYOUT: Layout = Layout::of::<Pattern>("re.Pattern", None);

impl Body for Pattern {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.source.visit(visitor);
        self.groupindex.visit(visitor);
        self.indexgroup.visit(visitor);
    }
    fn clear(&self) {
        self.source.set(Value::NONE);
        self.groupindex.set(Value::NONE);
        self.indexgroup.set(Value::NONE);
    }
}

const FLAG_NAMES: [(&str, u32); 8] = [
    ("re.IGNORECASE", 2),
    ("re.LOCALE", 4),
    ("re.MULTILINE", 8),
    ("re.DOTALL", 16),
    ("re.UNICODE", 32),
    ("re.VERBOSE", 64),
    ("re.DEBUG", 128),
    ("re.ASCII", 256),
];

const RANGE: &str = "($self, /, string, pos=0, endpos=sys.maxsize)";

/// `re.Pattern`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW | type_flags::WEAKREF,
    doc: "Compiled regular expression object.",
    slots: |slots| {
        slots.repr.set(Some(repr));
        slots.hash.set(Some(hash));
        slots.richcompare.set(Some(compare));
    },
    methods: &[
        MethodDef::bound(
            "match",
            |vm, this, args| find_one(vm, this, args, Mode::Match),
            RANGE,
            "The match at the beginning, if there is one.",
        ),
        MethodDef::bound(
            "fullmatch",
            |vm, this, args| find_one(vm, this, args, Mode::FullMatch),
            RANGE,
            "The match of the whole string, if there is one.",
        ),
        MethodDef::bound(
            "search",
            |vm, this, args| find_one(vm, this, args, Mode::Search),
            RANGE,
            "The first match, if there is one.",
        ),
        MethodDef::bound(
            "sub",
            |vm, this, args| substitute::substitute(vm, this, args, false),
            "($self, /, repl, string, count=0)",
            "The string with the matches replaced.",
        ),
        MethodDef::bound(
            "subn",
            |vm, this, args| substitute::substitute(vm, this, args, true),
            "($self, /, repl, string, count=0)",
            "The string with the matches replaced, and their number.",
        ),
        MethodDef::bound("findall", find_all, RANGE, "All matches."),
        MethodDef::bound("split", split, "($self, /, string, maxsplit=0)", "The string split at the matches."),
        MethodDef::bound("finditer", find_iter, RANGE, "An iterator over the matches."),
        MethodDef::bound("scanner", scan, RANGE, "A scanner."),
        MethodDef::noargs("__copy__", |_, this| Ok(this.clone()), "($self, /)", "The pattern itself."),
        MethodDef::one("__deepcopy__", |_, this, _| Ok(this.clone()), "($self, memo, /)", "The pattern itself."),
        MethodDef::one(
            "__class_getitem__",
            |vm, class, item| vm.new_generic_alias(class, item),
            "($type, object, /)",
            "A generic alias.",
        )
        .class_method(),
    ],
    getset: &[
        GetSetDef::readonly("pattern", |vm, this| Ok(own(vm, this)?.source.get()), "The source."),
        GetSetDef::readonly("flags", |vm, this| Ok(vm.new_int(i64::from(own(vm, this)?.flags))), "The flags."),
        GetSetDef::readonly(
            "groups",
            |vm, this| Ok(vm.new_int(own(vm, this)?.program.groups() as i64)),
            "The number of groups.",
        ),
        GetSetDef::readonly("groupindex", groupindex, "From names to group numbers."),
    ],
    ..TypeSpec::new("re.Pattern", Pattern::layout)
};

/// The receiver of a method of patterns.
pub(super) fn own<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Pattern>> {
    this.downcast().ok_or_else(|| vm.type_error(format!("a pattern is needed, not '{}'", vm.type_name(this))))
}

/// `_sre.compile`
pub(super) fn compile(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let [Some(source), Some(flags), Some(code), Some(groups), Some(groupindex), Some(indexgroup)] = *args else {
        return Err(vm.type_error("compile() needs six arguments"));
    };
    let flags = vm.to_i32(flags)? as u32;
    let wrong = |name: &str, wanted: &str, value: &Value| {
        vm.type_error(format!("compile() argument '{name}' must be {wanted}, not {}", vm.type_name(value)))
    };
    let Some(code) = code.downcast::<List>() else { return Err(wrong("code", "list", code)) };
    let groups = vm.to_isize(groups)?;
    let Some(names) = groupindex.downcast::<Dict>() else { return Err(wrong("groupindex", "dict", groupindex)) };
    let Some(numbers) = indexgroup.downcast::<Tuple>() else { return Err(wrong("indexgroup", "tuple", indexgroup)) };
    let mut words = Vec::new();
    for word in code.snapshot() {
        words.push(code_word(vm, &word)?);
    }
    let is_bytes = if source.is_none() { None } else { Some(Subject::of(vm, source)?.is_bytes()) };
    let program = usize::try_from(groups).ok().and_then(|groups| Program::decode(&words, groups).ok());
    let Some(program) = program else { return Err(vm.runtime_error("invalid SRE code")) };
    let types = types(vm)?;
    let named = !names.is_empty();
    let keep = |value: &Value, condition: bool| ValueCell::new(if condition { value.clone() } else { Value::NONE });
    let pattern = Pattern {
        source: ValueCell::new(source.clone()),
        flags,
        groupindex: keep(groupindex, named),
        indexgroup: keep(indexgroup, named && !numbers.is_empty()),
        is_bytes,
        code: words.into(),
        program: Rc::new(program),
        matcher: Cell::new(None),
        types: types.clone(),
    };
    Ok(vm.new_instance(&types.pattern, pattern)?.into_value())
}

fn code_word(vm: &Vm, word: &Value) -> PyResult<u32> {
    match num_of(word) {
        None => Err(vm.type_error("an integer is required")),
        Some(number) if number.is_negative() => Err(vm.overflow_error("can't convert negative value to unsigned int")),
        Some(Num::Big(number)) if u64::try_from(number).is_err() => {
            Err(vm.overflow_error("Python int too large to convert to C unsigned long"))
        }
        Some(number) => match number.small().and_then(|number| u32::try_from(number).ok()) {
            Some(word) => Ok(word),
            None => Err(vm.overflow_error("regular expression code size limit exceeded")),
        },
    }
}

/// A search under way: the engine's memory, borrowed from the pattern.
pub(super) struct Search<'a> {
    pub(super) pattern: &'a Ref<Pattern>,
    matcher: Option<Box<Matcher>>,
    pub(super) subject: Subject<'a>,
    /// The subject's object.
    pub(super) string: &'a Value,
    pub(super) pos: usize,
    pub(super) endpos: usize,
    /// Where the next search starts.
    pub(super) start: usize,
    /// The next match must not be empty at `start`.
    pub(super) must_advance: bool,
}

impl Drop for Search<'_> {
    fn drop(&mut self) {
        self.pattern.matcher.set(self.matcher.take());
    }
}

/// A position clipped to the subject.
fn clip(position: isize, len: usize) -> usize {
    usize::try_from(position).unwrap_or(0).min(len)
}

impl<'a> Search<'a> {
    pub(super) fn new(
        vm: &Vm,
        pattern: &'a Ref<Pattern>,
        string: &'a Value,
        pos: isize,
        endpos: isize,
    ) -> PyResult<Search<'a>> {
        let subject = Subject::of(vm, string)?;
        match (subject.is_bytes(), pattern.is_bytes) {
            (true, Some(false)) => {
                return Err(vm.type_error("cannot use a string pattern on a bytes-like object"));
            }
            (false, Some(true)) => {
                return Err(vm.type_error("cannot use a bytes pattern on a string-like object"));
            }
            _ => {}
        }
        let (pos, endpos) = (clip(pos, subject.len()), clip(endpos, subject.len()));
        let matcher = pattern.matcher.take().unwrap_or_else(|| Box::new(Matcher::new(&pattern.program)));
        Ok(Search { pattern, matcher: Some(matcher), subject, string, pos, endpos, start: pos, must_advance: false })
    }

    /// Looks for the next match and moves on behind it.
    pub(super) fn next(&mut self, vm: &Vm, mode: Mode) -> PyResult<bool> {
        let Some(matcher) = &mut self.matcher else { return Ok(false) };
        if self.start > self.endpos {
            return Ok(false);
        }
        let mut raised = None;
        let mut interrupt = || {
            if vm.pending.load(Ordering::Relaxed)
                && let Err(error) = vm.handle_pending()
            {
                raised = Some(error);
            }
            raised.is_some()
        };
        let units = self.subject.units(self.endpos);
        let found = matcher.find(&self.pattern.program, units, self.start, mode, self.must_advance, &mut interrupt);
        match found {
            Ok(true) => {
                self.must_advance = matcher.start() == matcher.end();
                self.start = matcher.end();
                Ok(true)
            }
            Ok(false) => Ok(false),
            Err(Error::Memory) => Err(vm.memory_error()),
            Err(Error::Interrupted) => Err(raised.unwrap_or_else(|| vm.runtime_error("matching was interrupted"))),
        }
    }

    /// Where the match found starts and ends.
    pub(super) fn span(&self) -> (usize, usize) {
        self.matcher.as_ref().map_or((0, 0), |matcher| (matcher.start(), matcher.end()))
    }

    /// Where a group of the match found lies.
    pub(super) fn group(&self, group: usize) -> Option<(usize, usize)> {
        self.matcher.as_ref().and_then(|matcher| matcher.group(group))
    }

    pub(super) fn last_index(&self) -> Option<usize> {
        self.matcher.as_ref().and_then(|matcher| matcher.last_index())
    }

    /// The text of a group, empty if it has not matched.
    fn group_or_empty(&self, vm: &Vm, group: usize) -> PyResult {
        let (start, end) = self.group(group).unwrap_or((0, 0));
        self.subject.slice(vm, self.string, start, end)
    }

    /// The match found as an object.
    pub(super) fn to_match(&self, vm: &Vm, pattern: &Value) -> PyResult {
        Match::of(vm, self, pattern)
    }
}

/// The arguments `string, pos, endpos`.
fn range<'a>(vm: &Vm, args: &Bound<'a>) -> PyResult<(&'a Value, isize, isize)> {
    let Some(string) = args[0] else { return Err(vm.type_error("a string is needed")) };
    let pos = args[1].map_or(Ok(0), |pos| vm.to_isize(pos))?;
    let endpos = args[2].map_or(Ok(isize::MAX), |endpos| vm.to_isize(endpos))?;
    Ok((string, pos, endpos))
}

fn find_one(vm: &Vm, this: &Value, args: &Bound<'_>, mode: Mode) -> PyResult {
    let (string, pos, endpos) = range(vm, args)?;
    let mut search = Search::new(vm, own(vm, this)?, string, pos, endpos)?;
    if search.next(vm, mode)? { search.to_match(vm, this) } else { Ok(Value::NONE) }
}

fn find_all(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let (string, pos, endpos) = range(vm, args)?;
    let mut search = Search::new(vm, own(vm, this)?, string, pos, endpos)?;
    let groups = search.pattern.program.groups();
    let mut found = Vec::new();
    while search.next(vm, Mode::Search)? {
        found.push(match groups {
            0 | 1 => search.group_or_empty(vm, groups)?,
            _ => {
                let texts: PyResult<Vec<Value>> = (1..=groups).map(|g| search.group_or_empty(vm, g)).collect();
                vm.new_tuple(&texts?)
            }
        });
    }
    Ok(vm.new_list(found).into())
}

fn split(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let Some(string) = args[0] else { return Err(vm.type_error("a string is needed")) };
    let most = args[1].map_or(Ok(0), |most| vm.to_isize(most))?;
    let mut search = Search::new(vm, own(vm, this)?, string, 0, isize::MAX)?;
    let groups = search.pattern.program.groups();
    let (mut parts, mut last, mut count) = (Vec::new(), 0, 0);
    while (most == 0 || count < most) && search.next(vm, Mode::Search)? {
        let (start, end) = search.span();
        parts.push(search.subject.slice(vm, string, last, start)?);
        for group in 1..=groups {
            parts.push(match search.group(group) {
                Some((start, end)) => search.subject.slice(vm, string, start, end)?,
                None => Value::NONE,
            });
        }
        last = end;
        count += 1;
    }
    parts.push(search.subject.slice(vm, string, last, search.endpos)?);
    Ok(vm.new_list(parts).into())
}

fn scan(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let (string, pos, endpos) = range(vm, args)?;
    // What does not fit is refused now, not at the first search.
    let (pos, endpos) = {
        let search = Search::new(vm, own(vm, this)?, string, pos, endpos)?;
        (search.pos, search.endpos)
    };
    Scanner::of(vm, this, string, pos, endpos)
}

fn find_iter(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let scanner = scan(vm, this, args)?;
    let search = vm.get_attr_str(&scanner, "search")?;
    Ok(vm.new_callable_iterator(&search, &Value::NONE))
}

fn groupindex(vm: &Vm, this: &Value) -> PyResult {
    let names = own(vm, this)?.groupindex.get();
    if names.is_none() {
        return Ok(vm.new_dict().into_value());
    }
    vm.new_mapping_proxy(&names)
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let pattern = own(vm, this)?;
    let mut flags = pattern.flags;
    // That a string pattern follows Unicode goes without saying.
    if pattern.is_bytes == Some(false) && flags & (4 | 32 | 256) == 32 {
        flags &= !32;
    }
    let mut names = Vec::new();
    for (name, flag) in FLAG_NAMES {
        if flags & flag != 0 {
            names.push(name.to_owned());
            flags &= !flag;
        }
    }
    if flags != 0 {
        names.push(format!("0x{flags:x}"));
    }
    let source: String = vm.repr_text(&pattern.source.get())?.chars().take(200).collect();
    Ok(vm.new_str(&match names.is_empty() {
        true => format!("re.compile({source})"),
        false => format!("re.compile({source}, {})", names.join("|")),
    }))
}

fn hash(vm: &Vm, this: &Value) -> PyResult<i64> {
    let pattern = own(vm, this)?;
    let bytes: Vec<u8> = pattern.code.iter().flat_map(|word| word.to_ne_bytes()).collect();
    let code = oriel_kernel::hash::hash_bytes(vm.string_hash_key(), &bytes);
    let kind = pattern.is_bytes.map_or(-1, i64::from);
    let hash = vm.hash(&pattern.source.get())? ^ code ^ i64::from(pattern.flags) ^ kind ^ pattern.code.len() as i64;
    Ok(if hash == -1 { -2 } else { hash })
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Pattern>(), b.downcast::<Pattern>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let alike = a.is(b)
        || (x.flags == y.flags
            && x.is_bytes == y.is_bytes
            && x.code == y.code
            && vm.equal(&x.source.get(), &y.source.get())?);
    Ok(Value::bool(alike == (op == CompareOp::Eq)))
}
