//! How arguments travel: one borrowed slice, the keyword values last, and the keyword names (CPython's vectorcall).

use crate::error::PyResult;
use crate::types::dict::Dict;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};

/// The arguments of a call, borrowed.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    /// The positional values, and behind them the values of the keywords.
    pub values: &'a [Value],
    /// The names of the keywords: strings.
    pub names: &'a [Value],
}

impl<'a> Args<'a> {
    /// No arguments.
    pub const EMPTY: Args<'static> = Args { values: &[], names: &[] };

    /// Positional arguments only.
    pub fn positional_only(values: &'a [Value]) -> Args<'a> {
        Args { values, names: &[] }
    }

    /// The positional values.
    #[inline]
    pub fn positional(&self) -> &'a [Value] {
        &self.values[..self.values.len() - self.names.len()]
    }

    /// The keyword values, in the order of `names`.
    #[inline]
    pub fn keyword_values(&self) -> &'a [Value] {
        &self.values[self.values.len() - self.names.len()..]
    }

    /// The keywords as pairs.
    pub fn keywords(&self) -> impl Iterator<Item = (&'a Value, &'a Value)> + use<'a> {
        self.names.iter().zip(self.keyword_values())
    }

    /// Whether there are no arguments at all.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Without the first positional argument.
    pub fn skip_first(&self) -> Args<'a> {
        Args { values: &self.values[1..], names: self.names }
    }

    /// Refuses keywords: `name() takes no keyword arguments`.
    pub fn no_keywords(&self, vm: &Vm, name: &str) -> PyResult<()> {
        if self.names.is_empty() {
            return Ok(());
        }
        Err(vm.type_error(format!("{name}() takes no keyword arguments")))
    }

    /// The positional arguments, with their number checked and keywords refused, worded as CPython's `PyArg_UnpackTuple`.
    pub fn unpack(&self, vm: &Vm, name: &str, least: usize, most: usize) -> PyResult<&'a [Value]> {
        self.no_keywords(vm, name)?;
        let given = self.values.len();
        check_count(vm, name, given, least, most)?;
        Ok(self.values)
    }

    /// The keywords as a new dict.
    pub fn keyword_dict(&self, vm: &Vm) -> PyResult<Ref<Dict>> {
        let dict = vm.new_dict();
        for (name, value) in self.keywords() {
            dict.set(vm, name, value.clone())?;
        }
        Ok(dict)
    }
}

/// Checks a number of positional arguments, worded as CPython's `_PyArg_CheckPositional`.
pub fn check_count(vm: &Vm, name: &str, given: usize, least: usize, most: usize) -> PyResult<()> {
    if given < least {
        let bound = if least == most { "" } else { "at least " };
        let plural = if least == 1 { "" } else { "s" };
        return Err(vm.type_error(format!("{name} expected {bound}{least} argument{plural}, got {given}")));
    }
    if given > most {
        let bound = if least == most { "" } else { "at most " };
        let plural = if most == 1 { "" } else { "s" };
        return Err(vm.type_error(format!("{name} expected {bound}{most} argument{plural}, got {given}")));
    }
    Ok(())
}

/// A native function's parameters, parsed from its text signature, e.g. `"($self, sep=None, /, *, maxsplit=-1)"`.
///
/// Bound arguments come as one optional value a parameter, `$self` and `$module` left out; a parameter `*args`
/// or `**kwargs` is not part of it (such functions take [`Args`] themselves).
#[derive(Debug, Default)]
pub struct Signature {
    /// Parameter names in order.
    pub names: Vec<String>,
    /// How many are positional-only.
    pub positional_only: usize,
    /// How many may be given by position.
    pub positional: usize,
    /// For each, whether it must be given.
    pub required: Vec<bool>,
    /// How many positional arguments are enough for all that must be given.
    least: usize,
}

/// The most parameters that a signature-bound native function can have.
pub const MAX_PARAMETERS: usize = 24;

/// Arguments bound to parameters.
pub type Bound<'a> = [Option<&'a Value>];

impl Signature {
    /// Parses a text signature; brackets around optional groups are read as defaults.
    pub fn parse(text: &str) -> Signature {
        let mut signature = Signature::default();
        let mut keyword_only = false;
        let inner = text.trim().trim_start_matches('(').trim_end_matches(')');
        let mut optional = false;
        for part in split_parameters(inner) {
            let opens = part.contains('[');
            let part = part.replace(['[', ']'], "");
            let part = part.trim();
            match part {
                "" => {}
                "/" => signature.positional_only = signature.names.len(),
                "*" => keyword_only = true,
                _ if part.starts_with('$') => {}
                _ => {
                    let (name, default) = match part.split_once('=') {
                        Some((name, default)) => (name, Some(default)),
                        None => (part, None),
                    };
                    signature.required.push(default.is_none() && !optional);
                    signature.names.push(name.to_owned());
                    if !keyword_only {
                        signature.positional = signature.names.len();
                    }
                }
            }
            optional |= opens;
        }
        signature.least = signature.required.iter().rposition(|required| *required).map_or(0, |last| last + 1);
        signature
    }

    /// Binds arguments, with CPython's (Argument Clinic's) checks and messages.
    pub fn bind<'a>(&self, vm: &Vm, function: &str, args: Args<'a>, bound: &mut Bound<'a>) -> PyResult<()> {
        let positional = args.positional();
        let total = self.names.len();
        if args.names.is_empty() && (self.least..=self.positional).contains(&positional.len()) {
            for (slot, value) in bound.iter_mut().zip(positional) {
                *slot = Some(value);
            }
            return Ok(());
        }
        if self.positional_only == total && total > 0 || total == 0 {
            // All positional: the same words as `PyArg_UnpackTuple`.
            args.no_keywords(vm, function)?;
            let least = self.required.iter().filter(|r| **r).count();
            check_count(vm, function, positional.len(), least, total)?;
            for (slot, value) in bound.iter_mut().zip(positional) {
                *slot = Some(value);
            }
            return Ok(());
        }
        if positional.len() + args.names.len() > total {
            let given = positional.len() + args.names.len();
            let what = if positional.is_empty() && !args.names.is_empty() { "keyword " } else { "" };
            let plural = if total == 1 { "" } else { "s" };
            return Err(
                vm.type_error(format!("{function}() takes at most {total} {what}argument{plural} ({given} given)"))
            );
        }
        if positional.len() > self.positional {
            let given = positional.len();
            if self.positional == 0 {
                return Err(vm.type_error(format!("{function}() takes no positional arguments")));
            }
            let least = self.required[..self.positional].iter().filter(|r| **r).count();
            let bound_word = if least == self.positional { "exactly" } else { "at most" };
            let plural = if self.positional == 1 { "" } else { "s" };
            return Err(vm.type_error(format!(
                "{function}() takes {bound_word} {} positional argument{plural} ({given} given)",
                self.positional
            )));
        }
        for (slot, value) in bound.iter_mut().zip(positional) {
            *slot = Some(value);
        }
        for (name, value) in args.keywords() {
            let text = vm.str_text(name);
            let index = self.names.iter().position(|known| *known == text);
            match index {
                Some(index) if index >= self.positional_only => {
                    if bound[index].is_some() {
                        return Err(vm.type_error(format!(
                            "argument for {function}() given by name ('{text}') and position ({})",
                            index + 1
                        )));
                    }
                    bound[index] = Some(value);
                }
                _ => {
                    return Err(vm.type_error(format!("{function}() got an unexpected keyword argument '{text}'")));
                }
            }
        }
        for (index, required) in self.required.iter().enumerate() {
            if *required && bound[index].is_none() {
                if index < self.positional_only {
                    let least = self.required[..self.positional_only].iter().filter(|r| **r).count();
                    let bound_word = if least == self.positional && !self.required.contains(&false) {
                        "exactly"
                    } else {
                        "at least"
                    };
                    let plural = if least == 1 { "" } else { "s" };
                    return Err(vm.type_error(format!(
                        "{function}() takes {bound_word} {least} positional argument{plural} ({} given)",
                        positional.len()
                    )));
                }
                return Err(vm.type_error(format!(
                    "{function}() missing required argument '{}' (pos {})",
                    self.names[index],
                    index + 1
                )));
            }
        }
        Ok(())
    }
}

/// Splits at commas that are not inside brackets or quotes of a default.
fn split_parameters(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start, mut quote) = (Vec::new(), 0, 0, None);
    for (index, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(' | b'{') => depth += 1,
            (None, b')' | b'}') => depth -= 1,
            (None, b',') if depth == 0 => {
                parts.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}
