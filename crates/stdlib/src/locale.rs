//! `_locale`: the C library's locale.

use oriel_runtime::native::{MethodDef, ModuleSpec};
use oriel_runtime::platform::locale;
use oriel_runtime::{Bound, PyResult, Value, Vm};
use std::cell::OnceCell;
use std::ffi::CString;

/// `_locale`
pub static SPEC: ModuleSpec = ModuleSpec { name: "_locale", doc: "The locale.", functions: FUNCTIONS, exec };

#[derive(Default)]
struct State(OnceCell<Value>);

fn exec(vm: &Vm, module: &Value) -> PyResult<()> {
    for (name, value) in CONSTANTS {
        vm.module_set(module, name, Value::small(*value))?;
    }
    let state = vm.state::<State>();
    if state.0.get().is_none() {
        let namespace = vm.new_dict();
        namespace.set_str(&vm.names.__module__, vm.intern("locale"));
        let bases = vm.new_tuple(&[vm.types.exception.to_value()]);
        let class = vm.call(vm.types.type_.as_value(), &[vm.intern("Error"), bases, namespace.into_value()])?;
        let _ = state.0.set(class);
    }
    match state.0.get() {
        Some(class) => vm.module_set(module, "Error", class.clone()),
        None => Ok(()),
    }
}

const CONSTANTS: &[(&str, i32)] = &[
    ("ABDAY_1", 131072),
    ("ABDAY_2", 131073),
    ("ABDAY_3", 131074),
    ("ABDAY_4", 131075),
    ("ABDAY_5", 131076),
    ("ABDAY_6", 131077),
    ("ABDAY_7", 131078),
    ("ABMON_1", 131086),
    ("ABMON_10", 131095),
    ("ABMON_11", 131096),
    ("ABMON_12", 131097),
    ("ABMON_2", 131087),
    ("ABMON_3", 131088),
    ("ABMON_4", 131089),
    ("ABMON_5", 131090),
    ("ABMON_6", 131091),
    ("ABMON_7", 131092),
    ("ABMON_8", 131093),
    ("ABMON_9", 131094),
    ("ALT_DIGITS", 131119),
    ("AM_STR", 131110),
    ("CHAR_MAX", 127),
    ("CODESET", 14),
    ("CRNCYSTR", 262159),
    ("DAY_1", 131079),
    ("DAY_2", 131080),
    ("DAY_3", 131081),
    ("DAY_4", 131082),
    ("DAY_5", 131083),
    ("DAY_6", 131084),
    ("DAY_7", 131085),
    ("D_FMT", 131113),
    ("D_T_FMT", 131112),
    ("ERA", 131116),
    ("ERA_D_FMT", 131118),
    ("ERA_D_T_FMT", 131120),
    ("ERA_T_FMT", 131121),
    ("LC_ALL", 6),
    ("LC_COLLATE", 3),
    ("LC_CTYPE", 0),
    ("LC_MESSAGES", 5),
    ("LC_MONETARY", 4),
    ("LC_NUMERIC", 1),
    ("LC_TIME", 2),
    ("MON_1", 131098),
    ("MON_10", 131107),
    ("MON_11", 131108),
    ("MON_12", 131109),
    ("MON_2", 131099),
    ("MON_3", 131100),
    ("MON_4", 131101),
    ("MON_5", 131102),
    ("MON_6", 131103),
    ("MON_7", 131104),
    ("MON_8", 131105),
    ("MON_9", 131106),
    ("NOEXPR", 327681),
    ("PM_STR", 131111),
    ("RADIXCHAR", 65536),
    ("THOUSEP", 65537),
    ("T_FMT", 131114),
    ("T_FMT_AMPM", 131115),
    ("YESEXPR", 327680),
    ("_DATE_FMT", 131180),
];

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound("setlocale", setlocale, "($module, category, locale=None, /)", "Set or ask for a locale."),
    MethodDef::noargs("localeconv", |vm, _| localeconv(vm), "($module, /)", "Return how numbers are written."),
    MethodDef::noargs("getencoding", |vm, _| Ok(vm.new_str("UTF-8")), "($module, /)", "Return the encoding."),
    MethodDef::bound("nl_langinfo", nl_langinfo, "($module, key, /)", "Return an item of the locale."),
    MethodDef::bound(
        "strcoll",
        |vm, _, args| Ok(Value::small(locale::collate(&text(vm, args[0])?, &text(vm, args[1])?))),
        "($module, os1, os2, /)",
        "Compare two strings.",
    ),
    MethodDef::bound(
        "strxfrm",
        |vm, _, args| {
            let transformed = locale::transform(&text(vm, args[0])?);
            Ok(vm.fs_decode(&transformed))
        },
        "($module, string, /)",
        "Return a string that compares as the given one does in the locale.",
    ),
    MethodDef::bound(
        "gettext",
        |vm, _, args| Ok(vm.fs_decode(&locale::translation(None, &text(vm, args[0])?, None))),
        "($module, msg, /)",
        "Return a message's translation.",
    ),
    MethodDef::bound(
        "dgettext",
        |vm, _, args| {
            let domain = optional(vm, args[0])?;
            Ok(vm.fs_decode(&locale::translation(domain.as_ref(), &text(vm, args[1])?, None)))
        },
        "($module, domain, msg, /)",
        "Return a message's translation in a domain.",
    ),
    MethodDef::bound(
        "dcgettext",
        |vm, _, args| {
            let domain = optional(vm, args[0])?;
            let category = args[2].map_or(Ok(0), |category| vm.to_i32(category))?;
            Ok(vm.fs_decode(&locale::translation(domain.as_ref(), &text(vm, args[1])?, Some(category))))
        },
        "($module, domain, msg, category, /)",
        "Return a message's translation in a domain and category.",
    ),
    MethodDef::bound(
        "textdomain",
        |vm, _, args| Ok(vm.fs_decode(&locale::message_domain(optional(vm, args[0])?.as_ref()))),
        "($module, domain, /)",
        "Set the domain of messages.",
    ),
    MethodDef::bound(
        "bindtextdomain",
        |vm, _, args| {
            let domain = text(vm, args[0])?;
            if domain.is_empty() {
                return Err(error(vm, "domain must be a non-empty string"));
            }
            let folder = match args[1].filter(|folder| !folder.is_none()) {
                Some(folder) => Some(vm.fs_c_string(folder)?),
                None => None,
            };
            Ok(vm.fs_decode(&locale::domain_folder(&domain, folder.as_ref())))
        },
        "($module, domain, dir, /)",
        "Set the folder of a domain.",
    ),
    MethodDef::bound(
        "bind_textdomain_codeset",
        |vm, _, args| {
            let domain = text(vm, args[0])?;
            let found = locale::domain_codeset(&domain, optional(vm, args[1])?.as_ref());
            Ok(found.map_or(Value::NONE, |found| vm.fs_decode(&found)))
        },
        "($module, domain, codeset, /)",
        "Set the encoding of a domain.",
    ),
];

fn text(vm: &Vm, value: Option<&Value>) -> PyResult<CString> {
    let bytes = vm.fs_encode(value.unwrap_or(&Value::NONE))?;
    CString::new(bytes).map_err(|_| vm.value_error("embedded null character"))
}

fn optional(vm: &Vm, value: Option<&Value>) -> PyResult<Option<CString>> {
    match value.filter(|value| !value.is_none()) {
        Some(value) => text(vm, Some(value)).map(Some),
        None => Ok(None),
    }
}

fn error(vm: &Vm, message: &str) -> oriel_runtime::Raised {
    let state = vm.state::<State>();
    match state.0.get().map(|class| vm.call(class, &[vm.new_str(message)])) {
        Some(Ok(error)) => oriel_runtime::Raised(error),
        Some(Err(raised)) => raised,
        None => vm.value_error(message),
    }
}

fn setlocale(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let category = args[0].map_or(Ok(0), |category| vm.to_i32(category))?;
    let wanted = optional(vm, args[1])?;
    match locale::setlocale(category, wanted.as_deref()) {
        Some(name) => Ok(vm.fs_decode(&name)),
        None if wanted.is_some() => Err(error(vm, "unsupported locale setting")),
        None => Err(error(vm, "locale query failed")),
    }
}

fn localeconv(vm: &Vm) -> PyResult {
    let conventions = locale::conventions();
    let dict = vm.new_dict();
    for (name, text) in &conventions.texts {
        dict.set_str(&vm.intern(name), vm.fs_decode(text));
    }
    for (name, sizes) in &conventions.groupings {
        let mut groups: Vec<Value> = Vec::new();
        for size in sizes {
            groups.push(Value::small((*size).into()));
            if *size == 127 {
                break;
            }
        }
        if !groups.is_empty() && sizes.last() != Some(&127) {
            groups.push(Value::small(0));
        }
        dict.set_str(&vm.intern(name), vm.new_list(groups).into_value());
    }
    for (name, number) in conventions.numbers {
        dict.set_str(&vm.intern(name), Value::small(number));
    }
    Ok(dict.into_value())
}

fn nl_langinfo(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let item = args[0].map_or(Ok(0), |item| vm.to_i32(item))?;
    let known = CONSTANTS.iter().any(|(name, value)| *value == item && !name.starts_with("LC_") && *name != "CHAR_MAX");
    if !known {
        return Err(vm.value_error("unsupported langinfo constant"));
    }
    Ok(vm.fs_decode(&locale::langinfo(item)))
}
