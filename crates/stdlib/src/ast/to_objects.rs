//! Trees of the parser as objects, and the grammar's shapes for both directions.

use super::classes::{Node, State, node_index};
use super::convert::{Part, enumeration, product, sum};
use super::from_objects::Reader;
use oriel_kernel::text::TextBuf;
use oriel_runtime::{PyResult, Value, Vm};
use oriel_syntax::ast::*;

/// Writes trees as objects.
pub struct Writer<'v> {
    /// The interpreter.
    pub vm: &'v Vm,
    /// The classes.
    pub state: &'v State,
}

impl Writer<'_> {
    /// A node of a class with its fields.
    #[inline(always)]
    pub fn node<const N: usize>(&self, class: usize, range: Option<&Range>, fields: [Value; N]) -> PyResult {
        let plan = self.state.plan(class);
        match range {
            Some(range) => {
                let positions = [range.lineno, range.col_offset, range.end_lineno, range.end_col_offset];
                plan.make(self.vm, Node, fields, &positions.map(Value::small))
            }
            None => plan.make(self.vm, Node, fields, &[]),
        }
    }

    /// A whole module.
    pub fn module(&self, module: &Mod<'_>) -> PyResult {
        match module {
            Mod::Module { body, type_ignores } => {
                self.node(const { node_index("Module") }, None, [body.write(self)?, type_ignores.write(self)?])
            }
            Mod::Interactive { body } => self.node(const { node_index("Interactive") }, None, [body.write(self)?]),
            Mod::Expression { body } => self.node(const { node_index("Expression") }, None, [body.write(self)?]),
            Mod::FunctionType { argtypes, returns } => {
                self.node(const { node_index("FunctionType") }, None, [argtypes.write(self)?, returns.write(self)?])
            }
        }
    }
}

impl<'a> Part<'a> for &'a str {
    fn write(&self, writer: &Writer<'_>) -> PyResult {
        Ok(writer.vm.intern(self))
    }
    fn read(reader: &Reader<'_, 'a>, value: &Value) -> PyResult<Self> {
        reader.text(value)
    }
}

impl<'a> Part<'a> for i32 {
    fn write(&self, _: &Writer<'_>) -> PyResult {
        Ok(Value::small(*self))
    }
    fn read(reader: &Reader<'_, 'a>, value: &Value) -> PyResult<Self> {
        reader.number(value)
    }
    fn absent(reader: &Reader<'_, 'a>, field: &str, class: &str) -> PyResult<Self> {
        // `ImportFrom.level` is the one optional number.
        if field == "level" {
            return Ok(0);
        }
        Err(reader.vm.type_error(format!("required field \"{field}\" missing from {class}")))
    }
}

impl<'a> Part<'a> for bool {
    fn write(&self, _: &Writer<'_>) -> PyResult {
        Ok(Value::small(i32::from(*self)))
    }
    fn read(reader: &Reader<'_, 'a>, value: &Value) -> PyResult<Self> {
        Ok(reader.number(value)? != 0)
    }
}

impl<'a, T: Part<'a>> Part<'a> for Option<T> {
    fn write(&self, writer: &Writer<'_>) -> PyResult {
        match self {
            Some(part) => part.write(writer),
            None => Ok(Value::NONE),
        }
    }
    fn read(reader: &Reader<'_, 'a>, value: &Value) -> PyResult<Self> {
        if value.is_none() { Ok(None) } else { T::read(reader, value).map(Some) }
    }
    fn absent(_: &Reader<'_, 'a>, _: &str, _: &str) -> PyResult<Self> {
        Ok(None)
    }
}

impl<'a, T: Part<'a> + Copy> Part<'a> for &'a [T] {
    fn write(&self, writer: &Writer<'_>) -> PyResult {
        let mut items = Vec::with_capacity(self.len());
        for part in self.iter() {
            items.push(part.write(writer)?);
        }
        Ok(writer.vm.new_list(items).into_value())
    }
    fn read(reader: &Reader<'_, 'a>, value: &Value) -> PyResult<Self> {
        reader.list(value)
    }
    fn absent(_: &Reader<'_, 'a>, _: &str, _: &str) -> PyResult<Self> {
        Ok(&[])
    }
}

macro_rules! referenced {
    ($($ty:ident)*) => {
        $(impl<'a> Part<'a> for &'a $ty<'a> {
            fn write(&self, writer: &Writer<'_>) -> PyResult {
                (**self).write(writer)
            }
            fn read(reader: &Reader<'_, 'a>, value: &Value) -> PyResult<Self> {
                Ok(reader.arena.alloc($ty::read(reader, value)?))
            }
        })*
    };
}

referenced! { Expr Stmt Pattern Arguments Arg }

impl<'a> Part<'a> for Constant<'a> {
    fn write(&self, writer: &Writer<'_>) -> PyResult {
        let vm = writer.vm;
        Ok(match self {
            Constant::None => Value::NONE,
            Constant::True => Value::TRUE,
            Constant::False => Value::FALSE,
            Constant::Ellipsis => Value::ELLIPSIS,
            Constant::Int(Int::Small(number)) => vm.new_int(*number),
            Constant::Int(Int::Big(big)) => match oriel_bytecode::IBig::from_str_radix(big.digits, big.radix) {
                Ok(number) => vm.new_big_int(number),
                Err(_) => return Err(vm.value_error("an integer literal that is none")),
            },
            Constant::Float(number) => vm.new_float(*number),
            Constant::Complex { real, imag } => {
                vm.call(vm.types.complex.as_value(), &[vm.new_float(*real), vm.new_float(*imag)])?
            }
            Constant::Str(Text::Utf8(text)) => vm.new_str(text),
            Constant::Str(Text::CodePoints(points)) => {
                let mut buffer = TextBuf::new();
                points.iter().for_each(|point| buffer.push(*point));
                vm.new_text_buf(&buffer)?
            }
            Constant::Bytes(bytes) => vm.new_bytes(bytes),
            Constant::Tuple(items) => {
                let items = items.iter().map(|item| item.write(writer)).collect::<PyResult<Vec<_>>>()?;
                vm.new_tuple(&items)
            }
            Constant::FrozenSet(items) => {
                let items = items.iter().map(|item| item.write(writer)).collect::<PyResult<Vec<_>>>()?;
                vm.call(vm.types.frozenset.as_value(), &[vm.new_tuple(&items)])?
            }
        })
    }
    fn read(reader: &Reader<'_, 'a>, value: &Value) -> PyResult<Self> {
        reader.constant(value)
    }
}

impl<'a> Part<'a> for TypeIgnore<'a> {
    fn write(&self, writer: &Writer<'_>) -> PyResult {
        let fields = [self.lineno.write(writer)?, self.tag.write(writer)?];
        writer.node(const { node_index("TypeIgnore") }, None, fields)
    }
    fn read(reader: &Reader<'_, 'a>, value: &Value) -> PyResult<Self> {
        Ok(TypeIgnore {
            lineno: reader.field(value, "lineno", "TypeIgnore")?,
            tag: reader.field(value, "tag", "TypeIgnore")?,
        })
    }
}

enumeration!(ExprContext, "expr_context": Load Store Del);
enumeration!(BoolOp, "boolop": And Or);
enumeration!(Operator, "operator": Add Sub Mult MatMult Div Mod Pow LShift RShift BitOr BitXor BitAnd FloorDiv);
enumeration!(UnaryOp, "unaryop": Invert Not UAdd USub);
enumeration!(CmpOp, "cmpop": Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn);

product!(Comprehension, "comprehension": target as "target", iter as "iter", ifs as "ifs", is_async as "is_async");
product!(ExceptHandler, "ExceptHandler", located: typ as "type", name as "name", body as "body");
product!(Arguments, "arguments": posonlyargs as "posonlyargs", args as "args", vararg as "vararg",
    kwonlyargs as "kwonlyargs", kw_defaults as "kw_defaults", kwarg as "kwarg", defaults as "defaults");
product!(Arg, "arg", located: arg as "arg", annotation as "annotation", type_comment as "type_comment");
product!(Keyword, "keyword", located: arg as "arg", value as "value");
product!(Alias, "alias", located: name as "name", asname as "asname");
product!(WithItem, "withitem": context_expr as "context_expr", optional_vars as "optional_vars");
product!(MatchCase, "match_case": pattern as "pattern", guard as "guard", body as "body");

sum!(Stmt, StmtKind, "stmt":
    Return { value }
    Delete { targets }
    Assign { targets, value, type_comment }
    TypeAlias { name, type_params, value }
    AugAssign { target, op, value }
    AnnAssign { target, annotation, value, simple }
    While { test, body, orelse }
    If { test, body, orelse }
    Match { subject, cases }
    Raise { exc, cause }
    Assert { test, msg }
    Import { names }
    ImportFrom { module, names, level }
    Global { names }
    Nonlocal { names }
    Expr { value }
    Pass { }
    Break { }
    Continue { }
    ; FunctionDef => FunctionDef { name, args, body, decorator_list, returns, type_comment, type_params }
    AsyncFunctionDef => FunctionDef { name, args, body, decorator_list, returns, type_comment, type_params }
    ClassDef => ClassDef { name, bases, keywords, body, decorator_list, type_params }
    For => For { target, iter, body, orelse, type_comment }
    AsyncFor => For { target, iter, body, orelse, type_comment }
    With => With { items, body, type_comment }
    AsyncWith => With { items, body, type_comment }
    Try => Try { body, handlers, orelse, finalbody }
    TryStar => Try { body, handlers, orelse, finalbody }
);

sum!(Expr, ExprKind, "expr":
    BoolOp { op, values }
    NamedExpr { target, value }
    BinOp { left, op, right }
    UnaryOp { op, operand }
    Lambda { args, body }
    IfExp { test, body, orelse }
    Dict { keys, values }
    Set { elts }
    ListComp { elt, generators }
    SetComp { elt, generators }
    DictComp { key, value, generators }
    GeneratorExp { elt, generators }
    Await { value }
    Yield { value }
    YieldFrom { value }
    Compare { left, ops, comparators }
    Call { func, args, keywords }
    FormattedValue { value, conversion, format_spec }
    JoinedStr { values }
    TemplateStr { values }
    Constant { value, kind }
    Attribute { value, attr, ctx }
    Subscript { value, slice, ctx }
    Starred { value, ctx }
    Name { id, ctx }
    List { elts, ctx }
    Tuple { elts, ctx }
    Slice { lower, upper, step }
    ; Interpolation => Interpolation { value, str, conversion, format_spec }
);

sum!(Pattern, PatternKind, "pattern":
    MatchValue { value }
    MatchSingleton { value }
    MatchSequence { patterns }
    MatchMapping { keys, patterns, rest }
    MatchClass { cls, patterns, kwd_attrs, kwd_patterns }
    MatchStar { name }
    MatchAs { pattern, name }
    MatchOr { patterns }
    ;
);

sum!(TypeParam, TypeParamKind, "type_param":
    TypeVar { name, bound, default_value }
    ParamSpec { name, default_value }
    TypeVarTuple { name, default_value }
    ;
);
