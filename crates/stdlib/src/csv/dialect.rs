//! How the rows of a file are written: separators, quotes and escapes.

use super::registered;
use oriel_kernel::text::Text;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, GetSetDef, Layout, MethodDef, PyResult, Raised, Ref, TypeSpec, Value, Vm, type_flags};

/// When fields are quoted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    Minimal,
    All,
    NonNumeric,
    None,
    Strings,
    NotNull,
}

/// The styles of quoting by name and number.
pub const STYLES: &[(&str, i64)] = &[
    ("QUOTE_MINIMAL", 0),
    ("QUOTE_ALL", 1),
    ("QUOTE_NONNUMERIC", 2),
    ("QUOTE_NONE", 3),
    ("QUOTE_STRINGS", 4),
    ("QUOTE_NOTNULL", 5),
];

/// The body of a `Dialect`, which never changes.
pub struct Dialect {
    pub delimiter: u32,
    pub quotechar: Option<u32>,
    pub escapechar: Option<u32>,
    pub doublequote: bool,
    pub skipinitialspace: bool,
    pub strict: bool,
    pub quoting: Quoting,
    terminator: Box<[u32]>,
    terminator_text: Value,
}

static LAYOUT: Layout = Layout::of::<Dialect>("_csv.Dialect", None);

impl Body for Dialect {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

impl Dialect {
    /// What ends a row.
    pub fn terminator(&self) -> &[u32] {
        &self.terminator
    }
}

const NAMES: [&str; 9] = [
    "dialect",
    "delimiter",
    "doublequote",
    "escapechar",
    "lineterminator",
    "quotechar",
    "quoting",
    "skipinitialspace",
    "strict",
];

/// `Dialect`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "How the rows of a file are written.",
    slots: |slots| slots.new.set(Some(new)),
    methods: &[
        MethodDef::noargs("__reduce__", |vm, this| Err(refuse_pickling(vm, this)), "($self, /)", "Refuse."),
        MethodDef::positional(
            "__reduce_ex__",
            0,
            1,
            |vm, this, _| Err(refuse_pickling(vm, this)),
            "($self, protocol, /)",
            "Refuse.",
        ),
    ],
    getset: &[
        GetSetDef::readonly("skipinitialspace", |vm, this| Ok(Value::bool(of(vm, this)?.skipinitialspace)), ""),
        GetSetDef::readonly("doublequote", |vm, this| Ok(Value::bool(of(vm, this)?.doublequote)), ""),
        GetSetDef::readonly("strict", |vm, this| Ok(Value::bool(of(vm, this)?.strict)), ""),
        GetSetDef::readonly("delimiter", |vm, this| Ok(vm.new_char(of(vm, this)?.delimiter)), ""),
        GetSetDef::readonly("escapechar", |vm, this| Ok(optional(vm, of(vm, this)?.escapechar)), ""),
        GetSetDef::readonly("lineterminator", |vm, this| Ok(of(vm, this)?.terminator_text.clone()), ""),
        GetSetDef::readonly("quotechar", |vm, this| Ok(optional(vm, of(vm, this)?.quotechar)), ""),
        GetSetDef::readonly("quoting", |vm, this| Ok(vm.new_int(of(vm, this)?.quoting as i64)), ""),
    ],
    ..TypeSpec::new("_csv.Dialect", Dialect::layout)
};

fn of<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Dialect>> {
    vm.body(this)
}

fn optional(vm: &Vm, character: Option<u32>) -> Value {
    character.map_or(Value::NONE, |character| vm.new_char(character))
}

fn refuse_pickling(vm: &Vm, this: &Value) -> Raised {
    vm.type_error(format!("cannot pickle '{}' instances", vm.type_of(this).name_text()))
}

/// The arguments in the order of [`NAMES`].
fn collect(vm: &Vm, args: Args<'_>) -> PyResult<[Option<Value>; 9]> {
    let positional = args.positional();
    if args.values.len() > NAMES.len() {
        let given = args.values.len();
        return Err(vm.type_error(format!("function takes at most 9 arguments ({given} given)")));
    }
    let mut values: [Option<Value>; 9] = Default::default();
    for (slot, value) in values.iter_mut().zip(positional) {
        *slot = Some(value.clone());
    }
    for (name, value) in args.keywords() {
        let text = vm.str_text(name);
        let Some(place) = NAMES.iter().position(|known| *known == text) else {
            return Err(vm.type_error(format!("this function got an unexpected keyword argument '{text}'")));
        };
        if values[place].is_some() {
            let position = place + 1;
            return Err(
                vm.type_error(format!("argument for function given by name ('{text}') and position ({position})"))
            );
        }
        values[place] = Some(value.clone());
    }
    Ok(values)
}

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let mut values = collect(vm, args)?;
    if let Some(dialect) = values[0].take() {
        let dialect = if dialect.downcast::<Str>().is_some() { registered(vm, &dialect)? } else { dialect };
        if dialect.downcast::<Dialect>().is_some() && values[1..].iter().all(Option::is_none) {
            return Ok(dialect);
        }
        for (value, name) in values.iter_mut().zip(NAMES).skip(1) {
            if value.is_none() {
                *value = vm.get_attr_str(&dialect, name).ok();
            }
        }
    }
    let [_, delimiter, doublequote, escapechar, lineterminator, quotechar, quoting, skipinitialspace, strict] = values;
    let flag = |value: &Option<Value>, default| value.as_ref().map_or(Ok(default), |value| vm.truth(value));
    let delimiter = match &delimiter {
        None => u32::from(b','),
        Some(value) => character(vm, "delimiter", value, "")?,
    };
    let doublequote = flag(&doublequote, true)?;
    let escapechar = character_or_none(vm, "escapechar", escapechar.as_ref(), None)?;
    let terminator_text = match lineterminator {
        None => vm.intern("\r\n"),
        Some(text) => text,
    };
    let Some(terminator) = terminator_text.downcast::<Str>() else {
        let given = vm.type_name(&terminator_text);
        return Err(vm.type_error(format!("\"lineterminator\" must be a string, not {given}")));
    };
    let terminator: Box<[u32]> = terminator.text().chars().collect();
    let no_quotes = quotechar.as_ref().is_some_and(Value::is_none) && quoting.is_none();
    let quotechar = character_or_none(vm, "quotechar", quotechar.as_ref(), Some(u32::from(b'"')))?;
    let quoting = match &quoting {
        None => 0,
        Some(number) if vm.type_of(number).is(&vm.types.int) => vm.to_i32(number)?,
        Some(other) => {
            let given = vm.type_name(other);
            return Err(vm.type_error(format!("\"quoting\" must be an integer, not {given}")));
        }
    };
    let skipinitialspace = flag(&skipinitialspace, false)?;
    let strict = flag(&strict, false)?;
    let quoting = match quoting {
        0 => Quoting::Minimal,
        1 => Quoting::All,
        2 => Quoting::NonNumeric,
        3 => Quoting::None,
        4 => Quoting::Strings,
        5 => Quoting::NotNull,
        _ => return Err(vm.type_error("bad \"quoting\" value")),
    };
    let quoting = if no_quotes { Quoting::None } else { quoting };
    if quoting != Quoting::None && quotechar.is_none() {
        return Err(vm.type_error("quotechar must be set if quoting enabled"));
    }
    for (name, character, space) in [
        ("delimiter", Some(delimiter), true),
        ("escapechar", escapechar, !skipinitialspace),
        ("quotechar", quotechar, !skipinitialspace),
    ] {
        let Some(character) = character else { continue };
        if character == 10 || character == 13 || character == 32 && !space {
            return Err(vm.value_error(format!("bad {name} value")));
        }
        if terminator.contains(&character) {
            return Err(vm.value_error(format!("bad {name} or lineterminator value")));
        }
    }
    for (one, other, same) in [
        ("delimiter", "escapechar", escapechar == Some(delimiter)),
        ("delimiter", "quotechar", quotechar == Some(delimiter)),
        ("escapechar", "quotechar", escapechar.is_some() && escapechar == quotechar),
    ] {
        if same {
            return Err(vm.value_error(format!("bad {one} or {other} value")));
        }
    }
    let body = Dialect {
        delimiter,
        quotechar,
        escapechar,
        doublequote,
        skipinitialspace,
        strict,
        quoting,
        terminator,
        terminator_text: terminator_text.clone(),
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn character_or_none(vm: &Vm, name: &str, value: Option<&Value>, default: Option<u32>) -> PyResult<Option<u32>> {
    match value {
        None => Ok(default),
        Some(value) if value.is_none() => Ok(None),
        Some(value) => character(vm, name, value, " or None").map(Some),
    }
}

fn character(vm: &Vm, name: &str, value: &Value, or: &str) -> PyResult<u32> {
    let Some(text) = value.downcast::<Str>() else {
        let given = vm.type_name(value);
        return Err(vm.type_error(format!("\"{name}\" must be a unicode character{or}, not {given}")));
    };
    let text: Text<'_> = text.text();
    if text.len() != 1 {
        let len = text.len();
        return Err(vm.type_error(format!("\"{name}\" must be a unicode character{or}, not a string of length {len}")));
    }
    Ok(text.at(0))
}
