//! `unicodedata`: the Unicode character database, and its version 3.2.0 as an object with the same methods.

use oriel_kernel::text::TextBuf;
use oriel_kernel::unicode::names::{self, Named};
use oriel_kernel::unicode::normalize::{Form, normalize as normal_form, quick_check};
use oriel_kernel::unicode::{Database, VERSION};
use oriel_runtime::types::str::Str;
use oriel_runtime::{
    Body, GetSetDef, Layout, MethodDef, ModuleSpec, PyResult, Raised, Ref, TypeSpec, Value, Vm, type_flags,
};

/// The module.
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "unicodedata",
    doc: "The properties of characters, as the Unicode database has them.",
    functions: FUNCTIONS,
    exec: |vm, module| {
        vm.module_set(module, "unidata_version", vm.new_str(VERSION))?;
        let class = vm.module_type(module, &UCD)?;
        let old = vm.new_instance(&class, OldDatabase)?.into_value();
        vm.module_set(module, "ucd_3_2_0", old)
    },
};

/// The body of the one `UCD` object.
struct OldDatabase;

static LAYOUT: Layout = Layout::of::<OldDatabase>("UCD", None);

impl Body for OldDatabase {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

static UCD: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    methods: FUNCTIONS,
    getset: &[GetSetDef::readonly("unidata_version", |vm, _| Ok(vm.new_str("3.2.0")), "The version of Unicode.")],
    ..TypeSpec::new("unicodedata.UCD", OldDatabase::layout)
};

const CHARACTER: &str = "($self, chr, /)";
const WITH_DEFAULT: &str = "($self, chr, default=<unrepresentable>, /)";
const WITH_FORM: &str = "($self, form, unistr, /)";

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::positional("decimal", 1, 2, decimal, WITH_DEFAULT, "The value of a decimal digit."),
    MethodDef::positional("digit", 1, 2, digit, WITH_DEFAULT, "The value of a digit."),
    MethodDef::positional("numeric", 1, 2, numeric, WITH_DEFAULT, "The value of a numeric character, a float."),
    MethodDef::one(
        "category",
        |vm, this, chr| property(vm, this, chr, "category", Database::category),
        CHARACTER,
        "The general category, two letters.",
    ),
    MethodDef::one(
        "bidirectional",
        |vm, this, chr| property(vm, this, chr, "bidirectional", Database::bidirectional),
        CHARACTER,
        "The bidirectional class.",
    ),
    MethodDef::one("combining", combining, CHARACTER, "The canonical combining class."),
    MethodDef::one("mirrored", mirrored, CHARACTER, "1 for a character mirrored in bidirectional text."),
    MethodDef::one(
        "east_asian_width",
        |vm, this, chr| property(vm, this, chr, "east_asian_width", Database::east_asian_width),
        CHARACTER,
        "The East Asian width.",
    ),
    MethodDef::one("decomposition", decomposition, CHARACTER, "The decomposition, in hexadecimal."),
    MethodDef::positional("name", 1, 2, name, WITH_DEFAULT, "The name of a character."),
    MethodDef::one("lookup", lookup, "($self, name, /)", "The character or sequence of a name."),
    MethodDef::positional("is_normalized", 2, 2, is_normalized, WITH_FORM, "Whether a text is in a normal form."),
    MethodDef::positional("normalize", 2, 2, normalize, WITH_FORM, "The normal form of a text."),
];

/// The version that a function is asked of: the module's own, or that of the object.
fn database(this: &Value) -> Database {
    if this.downcast::<OldDatabase>().is_some() { Database::V3_2 } else { Database::Current }
}

/// The character that an argument is.
fn character(vm: &Vm, value: &Value, function: &str, which: &str) -> PyResult<u32> {
    let Some(text) = value.downcast::<Str>() else {
        let given = vm.type_name(value);
        return Err(vm.type_error(format!("{function}() {which} must be a unicode character, not {given}")));
    };
    match text.text().get(0) {
        Some(character) if text.len() == 1 => Ok(character),
        _ => {
            let given = text.len();
            Err(vm.type_error(format!(
                "{function}(): {which} must be a unicode character, not a string of length {given}"
            )))
        }
    }
}

fn text<'a>(vm: &Vm, value: &'a Value, function: &str, place: usize) -> PyResult<&'a Ref<Str>> {
    let given = if value.is_none() { "None".to_owned() } else { vm.type_name(value) };
    vm.expect_str(value, |_| format!("{function}() argument {place} must be str, not {given}"))
}

/// What was found, or the default, or a ValueError.
fn found(vm: &Vm, found: Option<Value>, args: &[Value], missing: &str) -> PyResult {
    found.or_else(|| args.get(1).cloned()).ok_or_else(|| vm.value_error(missing))
}

fn decimal(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let c = character(vm, &args[0], "decimal", "argument 1")?;
    found(vm, database(this).decimal(c).map(|value| Value::small(value.into())), args, "not a decimal")
}

fn digit(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let c = character(vm, &args[0], "digit", "argument 1")?;
    found(vm, database(this).digit(c).map(|value| Value::small(value.into())), args, "not a digit")
}

fn numeric(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let c = character(vm, &args[0], "numeric", "argument 1")?;
    found(vm, database(this).numeric(c).map(|value| vm.new_float(value)), args, "not a numeric character")
}

fn property(vm: &Vm, this: &Value, chr: &Value, function: &str, of: fn(Database, u32) -> &'static str) -> PyResult {
    let c = character(vm, chr, function, "argument")?;
    Ok(vm.new_str(of(database(this), c)))
}

fn combining(vm: &Vm, this: &Value, chr: &Value) -> PyResult {
    let c = character(vm, chr, "combining", "argument")?;
    Ok(Value::small(database(this).combining(c).into()))
}

fn mirrored(vm: &Vm, this: &Value, chr: &Value) -> PyResult {
    let c = character(vm, chr, "mirrored", "argument")?;
    Ok(Value::small(database(this).mirrored(c).into()))
}

fn decomposition(vm: &Vm, this: &Value, chr: &Value) -> PyResult {
    let c = character(vm, chr, "decomposition", "argument")?;
    let Some((tag, parts)) = database(this).decomposition(c) else { return Ok(vm.empty_str()) };
    let mut words = Vec::with_capacity(parts.len() + 1);
    if !tag.is_empty() {
        words.push(tag.to_owned());
    }
    words.extend(parts.iter().map(|part| format!("{part:04X}")));
    Ok(vm.new_str(&words.join(" ")))
}

fn name(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let c = character(vm, &args[0], "name", "argument 1")?;
    let known = database(this).is_assigned(c);
    let name = if known { names::name(c) } else { None };
    found(vm, name.map(|name| vm.new_str(&name)), args, "no such name")
}

#[cold]
fn undefined(vm: &Vm, message: &str) -> Raised {
    vm.key_error(&vm.new_str(message))
}

fn lookup(vm: &Vm, this: &Value, name: &Value) -> PyResult {
    let name = match name.downcast::<Str>() {
        Some(text) => String::from_utf8_lossy(&vm.encode_utf8(text)?).into_owned(),
        None => String::from_utf8_lossy(&vm.buffer(name, false)?.to_vec()).into_owned(),
    };
    if name.len() > 256 {
        return Err(undefined(vm, "name too long"));
    }
    let database = database(this);
    let current = database == Database::Current;
    match names::lookup(&name, current) {
        Some(Named::Character(c)) if current || database.is_assigned(c) && !is_alias(&name, c) => Ok(vm.new_char(c)),
        Some(Named::Sequence(sequence)) => vm.new_text_buf(&sequence.iter().copied().collect::<TextBuf>()),
        _ => Err(undefined(vm, &format!("undefined character name '{name}'"))),
    }
}

/// Whether a character was found by a name that is not its own. The old database has no such.
fn is_alias(name: &str, c: u32) -> bool {
    names::name(c).is_some_and(|own| !own.eq_ignore_ascii_case(name))
}

fn form(vm: &Vm, value: &Value, function: &str) -> PyResult<String> {
    Ok(text(vm, value, function, 1)?.to_text())
}

fn invalid(vm: &Vm) -> Raised {
    vm.value_error("invalid normalization form")
}

fn is_normalized(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let name = form(vm, &args[0], "is_normalized")?;
    let text = text(vm, &args[1], "is_normalized", 2)?.text();
    let form = Form::from_name(&name).ok_or_else(|| invalid(vm))?;
    let database = database(this);
    if text.is_empty() || database == Database::Current && quick_check(form, text.chars()) {
        return Ok(Value::TRUE);
    }
    Ok(Value::bool(normal_form(form, database, text.chars()).into_iter().eq(text.chars())))
}

fn normalize(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let name = form(vm, &args[0], "normalize")?;
    let text = text(vm, &args[1], "normalize", 2)?.text();
    let database = database(this);
    let form = Form::from_name(&name);
    let same = match form {
        _ if text.is_empty() => true,
        Some(form) => database == Database::Current && quick_check(form, text.chars()),
        None => return Err(invalid(vm)),
    };
    match form {
        Some(form) if !same => vm.new_text_buf(&TextBuf::from_ucs4(normal_form(form, database, text.chars()))),
        _ => vm.str(&args[1]),
    }
}
