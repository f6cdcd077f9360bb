//! `re.Match`.

use super::pattern::{Pattern, Search, own as own_pattern};
use super::subject::Subject;
use super::template;
use oriel_runtime::cells::{OptionCell, ValueCell};
use oriel_runtime::native::GetSetDef;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{Body, Layout, MethodDef, PyResult, Ref, TypeSpec, Value, Visitor, Vm, type_flags};

/// A match.
pub(crate) struct Match {
    string: ValueCell,
    pattern: ValueCell,
    pos: usize,
    endpos: usize,
    /// Where each group lies, the whole match first; nothing for groups that have not matched.
    spans: Box<[Option<(usize, usize)>]>,
    last_index: Option<usize>,
    regs: OptionCell,
}

static LAYOUT: Layout = Layout::of::<Match>("re.Match", None);

impl Body for Match {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.string.visit(visitor);
        self.pattern.visit(visitor);
        self.regs.visit(visitor);
    }
    fn clear(&self) {
        self.string.set(Value::NONE);
        self.pattern.set(Value::NONE);
        self.regs.set(None);
    }
}

/// `re.Match`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    doc: "What a pattern has matched.",
    slots: |slots| {
        slots.repr.set(Some(repr));
        slots.mp_subscript.set(Some(|vm, this, key| {
            let this = own(vm, this)?;
            this.text(vm, this.number(vm, Some(key))?, &Value::NONE)
        }));
    },
    methods: &[
        MethodDef::args("group", group, "", "The text of one group or more."),
        MethodDef::positional(
            "start",
            0,
            1,
            |vm, this, args| Ok(vm.new_int(span(vm, this, args)?.0)),
            "($self, group=0, /)",
            "Where a group starts.",
        ),
        MethodDef::positional(
            "end",
            0,
            1,
            |vm, this, args| Ok(vm.new_int(span(vm, this, args)?.1)),
            "($self, group=0, /)",
            "Where a group ends.",
        ),
        MethodDef::positional(
            "span",
            0,
            1,
            |vm, this, args| {
                let (start, end) = span(vm, this, args)?;
                Ok(vm.new_tuple(&[vm.new_int(start), vm.new_int(end)]))
            },
            "($self, group=0, /)",
            "Where a group starts and ends.",
        ),
        MethodDef::bound(
            "groups",
            |vm, this, args| {
                let this = own(vm, this)?;
                let default = args[0].cloned().unwrap_or(Value::NONE);
                let string = this.string.get();
                let texts: PyResult<Vec<Value>> =
                    (1..this.spans.len()).map(|group| this.text_of(vm, &string, group, &default)).collect();
                Ok(vm.tuple_of(texts?).into_value())
            },
            "($self, /, default=None)",
            "The texts of all groups.",
        ),
        MethodDef::bound("groupdict", groupdict, "($self, /, default=None)", "The texts of all groups with names."),
        MethodDef::bound(
            "expand",
            |vm, this, args| {
                let Some(text) = args[0] else { return Err(vm.type_error("a template is needed")) };
                let this = own(vm, this)?;
                let template = template::compile(vm, &this.pattern.get(), text)?;
                template::expand(vm, &template, this)
            },
            "($self, /, template)",
            "A template with the groups filled in.",
        ),
        MethodDef::noargs("__copy__", |_, this| Ok(this.clone()), "($self, /)", "The match itself."),
        MethodDef::one("__deepcopy__", |_, this, _| Ok(this.clone()), "($self, memo, /)", "The match itself."),
        MethodDef::one(
            "__class_getitem__",
            |vm, class, item| vm.new_generic_alias(class, item),
            "($type, object, /)",
            "A generic alias.",
        )
        .class_method(),
    ],
    getset: &[
        GetSetDef::readonly("string", |vm, this| Ok(own(vm, this)?.string.get()), "The string searched."),
        GetSetDef::readonly("re", |vm, this| Ok(own(vm, this)?.pattern.get()), "The pattern."),
        GetSetDef::readonly(
            "pos",
            |vm, this| Ok(vm.new_int(own(vm, this)?.pos as i64)),
            "Where the search was to start.",
        ),
        GetSetDef::readonly(
            "endpos",
            |vm, this| Ok(vm.new_int(own(vm, this)?.endpos as i64)),
            "Where the search was to end.",
        ),
        GetSetDef::readonly(
            "lastindex",
            |vm, this| Ok(own(vm, this)?.last_index.map_or(Value::NONE, |index| vm.new_int(index as i64))),
            "The number of the last group that matched.",
        ),
        GetSetDef::readonly("lastgroup", last_group, "The name of the last group that matched."),
        GetSetDef::readonly("regs", regs, "Where all groups lie."),
    ],
    ..TypeSpec::new("re.Match", Match::layout)
};

/// The receiver of a method of matches.
pub(super) fn own<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Match>> {
    this.downcast().ok_or_else(|| vm.type_error(format!("a match is needed, not '{}'", vm.type_name(this))))
}

impl Match {
    /// The match that a search has found.
    pub(super) fn of(vm: &Vm, search: &Search<'_>, pattern: &Value) -> PyResult {
        let groups = search.pattern.program.groups();
        let spans: Box<[_]> = (0..=groups).map(|group| search.group(group)).collect();
        if spans.iter().flatten().any(|(start, end)| start > end) {
            return Err(vm.system_error("The span of capturing group is wrong, please report a bug for the re module."));
        }
        let matched = Match {
            string: ValueCell::new(search.string.clone()),
            pattern: ValueCell::new(pattern.clone()),
            pos: search.pos,
            endpos: search.endpos,
            spans,
            last_index: search.last_index(),
            regs: OptionCell::default(),
        };
        Ok(vm.new_instance(&search.pattern.types.matched, matched)?.into_value())
    }

    /// The number of groups, the whole match included.
    pub(super) fn group_count(&self) -> usize {
        self.spans.len()
    }

    /// The text of a group, or the default.
    pub(super) fn text(&self, vm: &Vm, group: usize, default: &Value) -> PyResult {
        self.text_of(vm, &self.string.get(), group, default)
    }

    fn text_of(&self, vm: &Vm, string: &Value, group: usize, default: &Value) -> PyResult {
        let Some((start, end)) = self.spans[group].filter(|_| !string.is_none()) else { return Ok(default.clone()) };
        let subject = Subject::of(vm, string)?;
        // A subject that can change may have become shorter.
        let (start, end) = (start.min(subject.len()), end.min(subject.len()));
        subject.slice(vm, string, start, end)
    }

    /// The number of a group given by number or name.
    fn number(&self, vm: &Vm, group: Option<&Value>) -> PyResult<usize> {
        let Some(group) = group else { return Ok(0) };
        let number = if vm.type_of(group).slots.nb_index.get().is_some() {
            Some(vm.to_isize_clipped(group)?)
        } else {
            let pattern = self.pattern.get();
            let names = own_pattern(vm, &pattern)?.groupindex.get();
            match names.downcast::<Dict>() {
                Some(names) => match names.get(vm, group)? {
                    Some(number) if vm.small_or_big(&number).is_some() => Some(vm.to_isize_clipped(&number)?),
                    _ => None,
                },
                None => None,
            }
        };
        match number.and_then(|number| usize::try_from(number).ok()) {
            Some(number) if number < self.spans.len() => Ok(number),
            _ => Err(vm.index_error("no such group")),
        }
    }
}

fn group(vm: &Vm, this: &Value, args: oriel_runtime::Args<'_>) -> PyResult {
    args.no_keywords(vm, "re.Match.group")?;
    let this = own(vm, this)?;
    match args.values {
        [] => this.text(vm, 0, &Value::NONE),
        [one] => this.text(vm, this.number(vm, Some(one))?, &Value::NONE),
        many => {
            let mut texts = Vec::with_capacity(many.len());
            for group in many {
                texts.push(this.text(vm, this.number(vm, Some(group))?, &Value::NONE)?);
            }
            Ok(vm.new_tuple(&texts))
        }
    }
}

fn span(vm: &Vm, this: &Value, args: &[Value]) -> PyResult<(i64, i64)> {
    let this = own(vm, this)?;
    let group = this.number(vm, args.first())?;
    Ok(this.spans[group].map_or((-1, -1), |(start, end)| (start as i64, end as i64)))
}

fn groupdict(vm: &Vm, this: &Value, args: &oriel_runtime::Bound<'_>) -> PyResult {
    let this = own(vm, this)?;
    let default = args[0].cloned().unwrap_or(Value::NONE);
    let result = vm.new_dict();
    let pattern = this.pattern.get();
    let names = own_pattern(vm, &pattern)?.groupindex.get();
    if let Some(names) = names.downcast::<Dict>() {
        for (name, _) in names.entries() {
            let text = this.text(vm, this.number(vm, Some(&name))?, &default)?;
            result.set(vm, &name, text)?;
        }
    }
    Ok(result.into_value())
}

fn last_group(vm: &Vm, this: &Value) -> PyResult {
    let this = own(vm, this)?;
    let pattern = this.pattern.get();
    let names = match pattern.downcast::<Pattern>() {
        Some(pattern) => pattern.indexgroup.get(),
        None => Value::NONE,
    };
    let name = match (names.downcast::<Tuple>(), this.last_index) {
        (Some(names), Some(index)) => names.items().get(index).cloned(),
        _ => None,
    };
    Ok(name.unwrap_or(Value::NONE))
}

fn regs(vm: &Vm, this: &Value) -> PyResult {
    let this = own(vm, this)?;
    if let Some(regs) = this.regs.get() {
        return Ok(regs);
    }
    let pair = |span: &Option<(usize, usize)>| {
        let (start, end) = span.map_or((-1, -1), |(start, end)| (start as i64, end as i64));
        vm.new_tuple(&[vm.new_int(start), vm.new_int(end)])
    };
    let pairs: Vec<Value> = this.spans.iter().map(pair).collect();
    let regs = vm.new_tuple(&pairs);
    this.regs.set(Some(regs.clone()));
    Ok(regs)
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let matched = own(vm, this)?;
    let text = matched.text(vm, 0, &Value::NONE)?;
    let shown: String = vm.repr_text(&text)?.chars().take(50).collect();
    let (start, end) = matched.spans[0].unwrap_or((0, 0));
    Ok(vm.new_str(&format!("<re.Match object; span=({start}, {end}), match={shown}>")))
}
