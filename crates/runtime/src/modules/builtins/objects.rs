//! Functions of `builtins` that ask something of an object: attributes, classes, identity, numbers, representation.

use crate::args::{Args, Bound};
use crate::error::PyResult;
use crate::native::MethodDef;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::Value;

pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::one("abs", |vm, _, x| vm.absolute(x), "($module, x, /)", "Return the absolute value of the argument."),
    MethodDef::one("ascii", ascii, "($module, obj, /)", "Return an ASCII-only representation of an object."),
    MethodDef::one(
        "bin",
        |vm, _, x| radix(vm, x, 2),
        "($module, number, /)",
        "Return the binary representation of an integer.",
    ),
    MethodDef::one(
        "oct",
        |vm, _, x| radix(vm, x, 8),
        "($module, number, /)",
        "Return the octal representation of an integer.",
    ),
    MethodDef::one(
        "hex",
        |vm, _, x| radix(vm, x, 16),
        "($module, number, /)",
        "Return the hexadecimal representation of an integer.",
    ),
    MethodDef::one(
        "callable",
        |vm, _, x| Ok(Value::bool(vm.type_of(x).slots.call.get().is_some())),
        "($module, obj, /)",
        "Return whether the object can be called.",
    ),
    MethodDef::one("chr", chr, "($module, i, /)", "Return the character of a code point."),
    MethodDef::one("ord", ord, "($module, character, /)", "Return the code point of a character."),
    MethodDef::positional("delattr", 2, 2, delattr, "($module, obj, name, /)", "Delete the named attribute."),
    MethodDef::positional("dir", 0, 1, dir, "", "Return the names that an object or the current scope has."),
    MethodDef::positional(
        "divmod",
        2,
        2,
        |vm, _, a| vm.divmod(&a[0], &a[1]),
        "($module, x, y, /)",
        "Return (x//y, x%y).",
    ),
    MethodDef::positional(
        "format",
        1,
        2,
        format,
        "($module, value, format_spec='', /)",
        "Return value.__format__(format_spec).",
    ),
    MethodDef::positional("getattr", 2, 3, getattr, "", "Get a named attribute, or the default where there is none."),
    MethodDef::positional(
        "hasattr",
        2,
        2,
        hasattr,
        "($module, obj, name, /)",
        "Return whether the object has the named attribute.",
    ),
    MethodDef::one(
        "hash",
        |vm, _, x| Ok(vm.new_int(vm.hash(x)?)),
        "($module, obj, /)",
        "Return the hash value of an object.",
    ),
    MethodDef::one(
        "id",
        |vm, _, x| Ok(vm.new_uint(x.word())),
        "($module, obj, /)",
        "Return the identity of an object.",
    ),
    MethodDef::positional(
        "isinstance",
        2,
        2,
        |vm, _, a| Ok(Value::bool(vm.is_instance(&a[0], &a[1])?)),
        "($module, obj, class_or_tuple, /)",
        "Return whether an object is an instance of a class.",
    ),
    MethodDef::positional(
        "issubclass",
        2,
        2,
        |vm, _, a| Ok(Value::bool(vm.is_subclass(&a[0], &a[1])?)),
        "($module, cls, class_or_tuple, /)",
        "Return whether a class is derived from another.",
    ),
    MethodDef::one(
        "len",
        |vm, _, x| Ok(vm.new_int(vm.len(x)? as i64)),
        "($module, obj, /)",
        "Return the number of items in a container.",
    ),
    MethodDef::bound(
        "pow",
        pow,
        "($module, base, exp, mod=None)",
        "Return base to the power exp, modulo mod if given.",
    ),
    MethodDef::one(
        "repr",
        |vm, _, x| vm.repr(x),
        "($module, obj, /)",
        "Return the string representation of an object.",
    ),
    MethodDef::bound("round", round, "($module, number, ndigits=None)", "Round a number to a given precision."),
    MethodDef::positional("setattr", 3, 3, setattr, "($module, obj, name, value, /)", "Set the named attribute."),
    MethodDef::positional("vars", 0, 1, vars, "", "Return the __dict__ of an object or the locals."),
    MethodDef::args("__build_class__", build_class, "", "Internal helper of the class statement."),
];

fn ascii(vm: &Vm, _: &Value, x: &Value) -> PyResult {
    vm.ascii(x)
}

fn radix(vm: &Vm, x: &Value, radix: u32) -> PyResult {
    let index = vm.index(x)?;
    let prefix = match radix {
        2 => "0b",
        8 => "0o",
        _ => "0x",
    };
    Ok(match vm.small_or_big(&index) {
        Some(Ok(number)) => {
            let sign = if number < 0 { "-" } else { "" };
            let magnitude = number.unsigned_abs();
            vm.new_str(&match radix {
                2 => format!("{sign}0b{magnitude:b}"),
                8 => format!("{sign}0o{magnitude:o}"),
                _ => format!("{sign}0x{magnitude:x}"),
            })
        }
        Some(Err(big)) => {
            let digits = big.value.in_radix(radix as u8).to_string();
            match digits.strip_prefix('-') {
                Some(digits) => vm.new_str(&format!("-{prefix}{digits}")),
                None => vm.new_str(&format!("{prefix}{digits}")),
            }
        }
        None => return Err(vm.type_error("an integer is needed")),
    })
}

fn chr(vm: &Vm, _: &Value, x: &Value) -> PyResult {
    let index = vm.index(x)?;
    match vm.small_or_big(&index) {
        Some(Ok(code)) if (0..0x11_0000).contains(&code) => Ok(vm.new_char(code as u32)),
        Some(_) => Err(vm.value_error("chr() arg not in range(0x110000)")),
        None => Err(vm.type_error("an integer is needed")),
    }
}

fn ord(vm: &Vm, _: &Value, x: &Value) -> PyResult {
    if let Some(string) = x.downcast::<Str>() {
        if string.len() == 1 {
            return Ok(Value::small(string.text().at(0) as i32));
        }
        let given = string.len();
        return Err(vm.type_error(format!("ord() expected a character, but string of length {given} found")));
    }
    if let Some(bytes) = vm.bytes_of(x) {
        if let [byte] = bytes.as_slice() {
            return Ok(Value::small((*byte).into()));
        }
        return Err(vm.type_error(format!("ord() expected a character, but string of length {} found", bytes.len())));
    }
    Err(vm.type_error(format!("ord() expected string of length 1, but {} found", vm.type_name(x))))
}

fn check_name(vm: &Vm, name: &Value) -> PyResult<()> {
    match name.downcast::<Str>() {
        Some(_) => Ok(()),
        None => Err(vm.type_error(format!("attribute name must be string, not '{}'", vm.type_name(name)))),
    }
}

fn exact_name(vm: &Vm, name: &Value) -> PyResult {
    check_name(vm, name)?;
    Ok(if vm.is_exact_str(name) { name.clone() } else { vm.intern_value(name) })
}

fn getattr(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let name = exact_name(vm, &args[1])?;
    match args.get(2) {
        Some(default) => Ok(vm.get_attr_opt(&args[0], &name)?.unwrap_or_else(|| default.clone())),
        None => vm.get_attr(&args[0], &name),
    }
}

fn hasattr(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let name = exact_name(vm, &args[1])?;
    Ok(Value::bool(vm.get_attr_opt(&args[0], &name)?.is_some()))
}

fn setattr(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    check_name(vm, &args[1])?;
    vm.set_attr(&args[0], &args[1], &args[2])?;
    Ok(Value::NONE)
}

fn delattr(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    check_name(vm, &args[1])?;
    vm.del_attr(&args[0], &args[1])?;
    Ok(Value::NONE)
}

fn dir(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let names = match args.first() {
        None => {
            let locals = vm.current_locals()?;
            vm.call_method(&locals, &vm.names.keys, &[])?
        }
        Some(object) => match vm.call_special(object, &vm.names.__dir__, &[])? {
            Some(names) => names,
            None => return Err(vm.type_error("object does not provide __dir__")),
        },
    };
    let sorted = vm.new_list(vm.collect(&names)?);
    vm.call_method(sorted.as_value(), &vm.names.sort, &[])?;
    Ok(sorted.into_value())
}

fn vars(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    match args.first() {
        None => vm.current_locals(),
        Some(object) => match vm.get_attr_opt(object, &vm.names.__dict__)? {
            Some(dict) => Ok(dict),
            None => Err(vm.type_error("vars() argument must have __dict__ attribute")),
        },
    }
}

fn format(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let empty = vm.empty_str();
    vm.format(&args[0], args.get(1).unwrap_or(&empty))
}

impl Vm {
    /// `format(value, spec)`: a `str`.
    pub fn format(&self, value: &Value, spec: &Value) -> PyResult {
        let Some(spec_text) = spec.downcast::<Str>() else {
            return Err(self.type_error(format!("format() argument 2 must be str, not {}", self.type_name(spec))));
        };
        if spec_text.len() == 0 && (self.is_exact_str(value) || value.is_small_int()) {
            return self.str(value);
        }
        // The types that are formatted most have no other `__format__` than theirs.
        if value.is_small_int() {
            return crate::types::int::format(self, value, spec);
        }
        if value.is_immediate_float() {
            return crate::types::float::format(self, value, spec);
        }
        if self.is_exact_str(value) {
            return crate::types::str::dunder_format(self, value, spec);
        }
        match self.call_special(value, &self.names.__format__, std::slice::from_ref(spec))? {
            None => {
                let name = self.type_name(value);
                Err(self.type_error(format!("Type {name} doesn't define __format__")))
            }
            Some(text) if text.downcast::<Str>().is_none() => {
                let name = self.type_name(&text);
                Err(self.type_error(format!("__format__ must return a str, not {name}")))
            }
            Some(text) => Ok(text),
        }
    }
}

fn pow(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let (Some(base), Some(exponent)) = (args[0], args[1]) else { return Ok(Value::NONE) };
    vm.power(base, exponent, args[2].unwrap_or(&Value::NONE))
}

fn round(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let Some(number) = args[0] else { return Ok(Value::NONE) };
    let digits = args[1].filter(|digits| !digits.is_none());
    match vm.call_special(number, &vm.names.__round__, digits.map_or(&[], std::slice::from_ref))? {
        Some(value) => Ok(value),
        None => Err(vm.type_error(format!("type {} doesn't define __round__ method", vm.type_name(number)))),
    }
}

/// `__build_class__(function, name, *bases, metaclass=None, **keywords)`
fn build_class(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    let positional = args.positional();
    let [function, name, given @ ..] = positional else {
        return Err(vm.type_error("__build_class__: not enough arguments"));
    };
    if !vm.is_python_function(function) {
        return Err(vm.type_error("__build_class__: func must be a function"));
    }
    if name.downcast::<Str>().is_none() {
        return Err(vm.type_error("__build_class__: name is not a string"));
    }
    let bases = resolve_bases(vm, given)?;
    let replaced = bases.is_some();
    let bases = bases.unwrap_or_else(|| given.to_vec());
    let mut metaclass = None;
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for (key, value) in args.keywords() {
        if vm.str_text(key) == "metaclass" {
            metaclass = Some(value.clone());
        } else {
            names.push(key.clone());
            values.push(value.clone());
        }
    }
    let metaclass = pick_metaclass(vm, metaclass, &bases)?;
    let bases_tuple = vm.new_tuple(&bases);
    let namespace = match vm.get_attr_opt(&metaclass, &vm.names.__prepare__)? {
        None => vm.new_dict().into_value(),
        Some(prepare) => {
            let mut all = vec![name.clone(), bases_tuple.clone()];
            all.extend_from_slice(&values);
            vm.call_args(&prepare, Args { values: &all, names: &names })?
        }
    };
    if vm.type_of(&namespace).slots.mp_subscript.get().is_none() {
        let given = vm.type_name(&namespace);
        let meta = metaclass.downcast::<crate::types::type_object::Type>();
        let meta = meta.map_or_else(|| "<metaclass>".to_owned(), |ty| vm.full_name(ty));
        return Err(vm.type_error(format!("{meta}.__prepare__() must return a mapping, not {given}")));
    }
    let cell = vm.run_class_body(function, &namespace)?;
    if replaced {
        vm.set_item(&namespace, &vm.names.__orig_bases__, &vm.new_tuple(given))?;
    }
    let mut all = vec![name.clone(), bases_tuple, namespace];
    all.extend_from_slice(&values);
    let class = vm.call_args(&metaclass, Args { values: &all, names: &names })?;
    if class.downcast::<crate::types::type_object::Type>().is_some()
        && let Some(content) = vm.cell_content(&cell)
    {
        match content {
            None => {
                let shown = vm.repr_text(name)?;
                let class = vm.repr_text(&class)?;
                return Err(vm.runtime_error(format!(
                    "__class__ not set defining {shown} as {class}. Was __classcell__ propagated to type.__new__?"
                )));
            }
            Some(content) if !content.is(&class) => {
                let (content, shown, class) = (vm.repr_text(&content)?, vm.repr_text(name)?, vm.repr_text(&class)?);
                return Err(vm.type_error(format!("__class__ set to {content} defining {shown} as {class}")));
            }
            Some(_) => {}
        }
    }
    Ok(class)
}

/// Replaces bases that are not classes by what their `__mro_entries__` gives; nothing where all are classes.
fn resolve_bases(vm: &Vm, given: &[Value]) -> PyResult<Option<Vec<Value>>> {
    let mut resolved: Option<Vec<Value>> = None;
    let original = vm.new_tuple(given);
    for (index, base) in given.iter().enumerate() {
        let is_class = base.downcast::<crate::types::type_object::Type>().is_some();
        let method = if is_class { None } else { vm.get_attr_opt(base, &vm.names.__mro_entries__)? };
        match method {
            None => {
                if let Some(list) = &mut resolved {
                    list.push(base.clone());
                }
            }
            Some(method) => {
                let entries = vm.call(&method, std::slice::from_ref(&original))?;
                let Some(entries) = entries.downcast::<Tuple>() else {
                    return Err(vm.type_error("__mro_entries__ must return a tuple"));
                };
                resolved.get_or_insert_with(|| given[..index].to_vec()).extend_from_slice(entries.items());
            }
        }
    }
    Ok(resolved)
}

fn pick_metaclass(vm: &Vm, given: Option<Value>, bases: &[Value]) -> PyResult {
    let metaclass = match given {
        Some(metaclass) => metaclass,
        None => match bases.first() {
            Some(base) => vm.type_of(base).to_value(),
            None => vm.types.type_.to_value(),
        },
    };
    let Some(ty) = metaclass.downcast::<crate::types::type_object::Type>() else { return Ok(metaclass) };
    // What is not a class takes part with its type, so that the right error comes from `type.__new__`.
    Ok(crate::types::type_new::best_metaclass(vm, ty, bases)?.into_value())
}
