//! Tree objects as trees of the compiler, checked: fields there and of the right kind, positions in order.

use super::classes::State;
use super::convert::Part;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{PyResult, Raised, Value, Vm};
use oriel_syntax::Arena;
use oriel_syntax::ast::{BigInt, Constant, Int, Mod, Range, Text};

/// Reads tree objects.
pub struct Reader<'v, 'a> {
    /// The interpreter.
    pub vm: &'v Vm,
    /// The classes.
    pub state: &'v State,
    /// Where the tree is made.
    pub arena: &'a Arena,
}

impl<'a> Reader<'_, 'a> {
    /// A whole module.
    pub fn module(&self, value: &Value) -> PyResult<Mod<'a>> {
        if self.is(value, "Module")? {
            return Ok(Mod::Module {
                body: self.field(value, "body", "Module")?,
                type_ignores: self.field(value, "type_ignores", "Module")?,
            });
        }
        if self.is(value, "Interactive")? {
            return Ok(Mod::Interactive { body: self.field(value, "body", "Interactive")? });
        }
        if self.is(value, "Expression")? {
            return Ok(Mod::Expression { body: self.field(value, "body", "Expression")? });
        }
        if self.is(value, "FunctionType")? {
            return Ok(Mod::FunctionType {
                argtypes: self.field(value, "argtypes", "FunctionType")?,
                returns: self.field(value, "returns", "FunctionType")?,
            });
        }
        Err(self.unexpected("mod", value))
    }

    /// Whether the value is an instance of a class of the grammar.
    pub fn is(&self, value: &Value, class: &str) -> PyResult<bool> {
        self.vm.is_instance(value, &self.state.class(class))
    }

    /// The TypeError of a value that is no node of a kind.
    pub fn unexpected(&self, sum: &str, value: &Value) -> Raised {
        let shown = self.vm.repr_text(value).unwrap_or_default();
        self.vm.type_error(format!("expected some sort of {sum}, but got {shown}"))
    }

    /// Requires an instance of a class.
    pub fn expect(&self, value: &Value, class: &str) -> PyResult<()> {
        if self.is(value, class)? {
            return Ok(());
        }
        Err(self.unexpected(class, value))
    }

    /// The class of a sum that a node belongs to.
    pub fn class_name(&self, value: &Value, sum: &str) -> PyResult<String> {
        if !self.is(value, sum)? {
            return Err(self.unexpected(sum, value));
        }
        // A subclass of a node class counts as that class.
        let mro = self.vm.type_of(value).mro_tuple();
        for class in mro.iter().flat_map(|mro| mro.items()) {
            if let Some(ty) = class.downcast::<oriel_runtime::types::type_object::Type>() {
                let name = ty.name_text();
                if name != sum && self.state.class(&name).is(class) {
                    return Ok(name);
                }
            }
        }
        Err(self.unexpected(sum, value))
    }

    /// A field of a node.
    pub fn field<T: Part<'a>>(&self, value: &Value, name: &str, class: &str) -> PyResult<T> {
        match self.vm.get_attr_opt(value, &self.vm.intern(name))? {
            None => T::absent(self, name, class),
            Some(found) if found.is_none() && name == "level" => T::absent(self, name, class),
            Some(found) => T::read(self, &found).map_err(|raised| {
                // Which field is wrong is known only here.
                self.named(raised, &found, name, class)
            }),
        }
    }

    fn named(&self, raised: Raised, found: &Value, name: &str, class: &str) -> Raised {
        let types = &self.vm.types;
        let is_wrong = |class| self.vm.raised_is(&raised, class);
        if found.is_none() && (is_wrong(&types.value_error) || is_wrong(&types.type_error)) {
            return self.vm.value_error(format!("field '{name}' is required for {class}"));
        }
        raised
    }

    /// A list field.
    pub fn list<T: Part<'a> + Copy>(&self, value: &Value) -> PyResult<&'a [T]> {
        if !self.vm.is_instance_exact(value, &self.vm.types.list) {
            let given = self.vm.type_name(value);
            return Err(self.vm.type_error(format!("field must be a list, not a {given}")));
        }
        let mut parts = Vec::new();
        for item in self.vm.collect(value)? {
            parts.push(T::read(self, &item)?);
        }
        Ok(self.arena.slice(&parts))
    }

    /// Positions of a node.
    pub fn range(&self, value: &Value, class: &str) -> PyResult<Range> {
        let vm = self.vm;
        let required = |name: &str| -> PyResult<i32> {
            match vm.get_attr_opt(value, &vm.intern(name))? {
                Some(number) => self.number(&number),
                None => Err(vm.type_error(format!("required field \"{name}\" missing from {class}"))),
            }
        };
        let optional = |name: &str, default: i32| -> PyResult<i32> {
            match vm.get_attr_opt(value, &vm.intern(name))? {
                Some(number) if !number.is_none() => self.number(&number),
                _ => Ok(default),
            }
        };
        let (lineno, col_offset) = (required("lineno")?, required("col_offset")?);
        let range = Range {
            lineno,
            col_offset,
            end_lineno: optional("end_lineno", lineno)?,
            end_col_offset: optional("end_col_offset", col_offset)?,
        };
        let (first, last) = (range.lineno, range.end_lineno);
        if first > last {
            return Err(vm.value_error(format!("AST node line range ({first}, {last}) is not valid")));
        }
        if first < 0 && last != first || range.col_offset < 0 && range.end_col_offset != range.col_offset {
            let (start, end) = (range.col_offset, range.end_col_offset);
            return Err(vm.value_error(format!(
                "AST node column range ({start}, {end}) for line range ({first}, {last}) is not valid"
            )));
        }
        if first == last && range.col_offset > range.end_col_offset {
            let (start, end) = (range.col_offset, range.end_col_offset);
            return Err(vm.value_error(format!("line {first}, column {start}-{end} is not a valid range")));
        }
        Ok(range)
    }

    /// A number.
    pub fn number(&self, value: &Value) -> PyResult<i32> {
        match self.vm.small_or_big(value) {
            Some(Ok(number)) => {
                i32::try_from(number).map_err(|_| self.vm.overflow_error("Python int too large to convert to C int"))
            }
            Some(Err(_)) => Err(self.vm.overflow_error("Python int too large to convert to C int")),
            None => {
                let shown = self.vm.repr_text(value)?;
                Err(self.vm.value_error(format!("invalid integer value: {shown}")))
            }
        }
    }

    /// An identifier or string.
    pub fn text(&self, value: &Value) -> PyResult<&'a str> {
        match value.downcast::<Str>() {
            Some(text) => match text.text().to_rust() {
                Some(text) => Ok(self.arena.str(&text)),
                None => Err(self.vm.value_error("identifiers must not contain surrogates")),
            },
            None => Err(self.vm.type_error("AST identifier must be of type str")),
        }
    }

    /// The value of a `Constant`.
    pub fn constant(&self, value: &Value) -> PyResult<Constant<'a>> {
        let vm = self.vm;
        if value.is_none() {
            return Ok(Constant::None);
        }
        if let Some(flag) = value.as_bool() {
            return Ok(if flag { Constant::True } else { Constant::False });
        }
        if value.is(&Value::ELLIPSIS) {
            return Ok(Constant::Ellipsis);
        }
        let ty = vm.type_of(value);
        if ty.is(&vm.types.int) {
            return Ok(Constant::Int(match vm.small_or_big(value) {
                Some(Ok(number)) => Int::Small(number),
                Some(Err(big)) => {
                    let digits = big.value.in_radix(16).to_string();
                    Int::Big(self.arena.alloc(BigInt { radix: 16, digits: self.arena.str(&digits) }))
                }
                None => Int::Small(0),
            }));
        }
        if ty.is(&vm.types.float)
            && let Some(number) = oriel_runtime::types::float::float_of(value)
        {
            return Ok(Constant::Float(number));
        }
        if ty.is(&vm.types.complex) {
            let part = |name: &str| -> PyResult<f64> {
                let part = vm.get_attr_str(value, name)?;
                Ok(oriel_runtime::types::float::float_of(&part).unwrap_or(0.0))
            };
            return Ok(Constant::Complex { real: part("real")?, imag: part("imag")? });
        }
        if ty.is(&vm.types.str)
            && let Some(text) = value.downcast::<Str>()
        {
            return Ok(Constant::Str(match text.text().to_rust() {
                Some(text) => Text::Utf8(self.arena.str(&text)),
                None => {
                    let points: Vec<u32> = text.text().chars().collect();
                    Text::CodePoints(self.arena.slice(&points))
                }
            }));
        }
        if ty.is(&vm.types.bytes)
            && let Some(bytes) = vm.bytes_of(value)
        {
            return Ok(Constant::Bytes(self.arena.slice(&bytes)));
        }
        if ty.is(&vm.types.tuple)
            && let Some(items) = value.downcast::<Tuple>()
        {
            vm.check_stack_for(" during compilation")?;
            let items = items.items().iter().map(|item| self.constant(item)).collect::<PyResult<Vec<_>>>()?;
            return Ok(Constant::Tuple(self.arena.slice(&items)));
        }
        if ty.is(&vm.types.frozenset) {
            vm.check_stack_for(" during compilation")?;
            let items = vm.collect(value)?.iter().map(|item| self.constant(item)).collect::<PyResult<Vec<_>>>()?;
            return Ok(Constant::FrozenSet(self.arena.slice(&items)));
        }
        let given = vm.type_name(value);
        Err(vm.type_error(format!("got an invalid type in Constant: {given}")))
    }
}
