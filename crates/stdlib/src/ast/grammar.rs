//! The abstract grammar of Python 3.14 as data: the classes of the module `ast`, their fields and attributes.

/// One line a sum type or product type: `name[attributes] = Class(type field, type? field, type* field) | …`.
pub const GRAMMAR: &str = "\
mod = Module(stmt* body, type_ignore* type_ignores) | Interactive(stmt* body) | Expression(expr body) \
| FunctionType(expr* argtypes, expr returns)
stmt[P] = FunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params) \
| AsyncFunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params) \
| ClassDef(identifier name, expr* bases, keyword* keywords, stmt* body, expr* decorator_list, type_param* type_params) \
| Return(expr? value) | Delete(expr* targets) | Assign(expr* targets, expr value, string? type_comment) \
| TypeAlias(expr name, type_param* type_params, expr value) | AugAssign(expr target, operator op, expr value) \
| AnnAssign(expr target, expr annotation, expr? value, int simple) \
| For(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment) \
| AsyncFor(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment) \
| While(expr test, stmt* body, stmt* orelse) | If(expr test, stmt* body, stmt* orelse) \
| With(withitem* items, stmt* body, string? type_comment) | AsyncWith(withitem* items, stmt* body, string? type_comment) \
| Match(expr subject, match_case* cases) | Raise(expr? exc, expr? cause) \
| Try(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody) \
| TryStar(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody) | Assert(expr test, expr? msg) \
| Import(alias* names) | ImportFrom(identifier? module, alias* names, int? level) | Global(identifier* names) \
| Nonlocal(identifier* names) | Expr(expr value) | Pass | Break | Continue
expr[P] = BoolOp(boolop op, expr* values) | NamedExpr(expr target, expr value) | BinOp(expr left, operator op, expr right) \
| UnaryOp(unaryop op, expr operand) | Lambda(arguments args, expr body) | IfExp(expr test, expr body, expr orelse) \
| Dict(expr?* keys, expr* values) | Set(expr* elts) | ListComp(expr elt, comprehension* generators) \
| SetComp(expr elt, comprehension* generators) | DictComp(expr key, expr value, comprehension* generators) \
| GeneratorExp(expr elt, comprehension* generators) | Await(expr value) | Yield(expr? value) | YieldFrom(expr value) \
| Compare(expr left, cmpop* ops, expr* comparators) | Call(expr func, expr* args, keyword* keywords) \
| FormattedValue(expr value, int conversion, expr? format_spec) \
| Interpolation(expr value, constant str, int conversion, expr? format_spec) | JoinedStr(expr* values) \
| TemplateStr(expr* values) | Constant(constant value, string? kind) | Attribute(expr value, identifier attr, expr_context ctx) \
| Subscript(expr value, expr slice, expr_context ctx) | Starred(expr value, expr_context ctx) \
| Name(identifier id, expr_context ctx) | List(expr* elts, expr_context ctx) | Tuple(expr* elts, expr_context ctx) \
| Slice(expr? lower, expr? upper, expr? step)
expr_context = Load | Store | Del
boolop = And | Or
operator = Add | Sub | Mult | MatMult | Div | Mod | Pow | LShift | RShift | BitOr | BitXor | BitAnd | FloorDiv
unaryop = Invert | Not | UAdd | USub
cmpop = Eq | NotEq | Lt | LtE | Gt | GtE | Is | IsNot | In | NotIn
comprehension := (expr target, expr iter, expr* ifs, int is_async)
excepthandler[P] = ExceptHandler(expr? type, identifier? name, stmt* body)
arguments := (arg* posonlyargs, arg* args, arg? vararg, arg* kwonlyargs, expr?* kw_defaults, arg? kwarg, expr* defaults)
arg[P] := (identifier arg, expr? annotation, string? type_comment)
keyword[P] := (identifier? arg, expr value)
alias[P] := (identifier name, identifier? asname)
withitem := (expr context_expr, expr? optional_vars)
match_case := (pattern pattern, expr? guard, stmt* body)
pattern[R] = MatchValue(expr value) | MatchSingleton(constant value) | MatchSequence(pattern* patterns) \
| MatchMapping(expr* keys, pattern* patterns, identifier? rest) \
| MatchClass(expr cls, pattern* patterns, identifier* kwd_attrs, pattern* kwd_patterns) | MatchStar(identifier? name) \
| MatchAs(pattern? pattern, identifier? name) | MatchOr(pattern* patterns)
type_ignore = TypeIgnore(int lineno, string tag)
type_param[R] = TypeVar(identifier name, expr? bound, expr? default_value) | ParamSpec(identifier name, expr? default_value) \
| TypeVarTuple(identifier name, expr? default_value)";

/// How often a field's value occurs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Many {
    /// Once.
    One,
    /// Once or not at all.
    Optional,
    /// A list.
    List,
}

/// A field of a class.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name.
    pub name: &'static str,
    /// The grammar's name of its type.
    pub ty: &'static str,
    /// How often it occurs.
    pub many: Many,
}

/// A class of the module.
#[derive(Clone, Debug)]
pub struct Class {
    /// The name.
    pub name: &'static str,
    /// The sum type that it belongs to; empty for sum types and products, whose base is `AST`.
    pub base: &'static str,
    /// Its fields.
    pub fields: Vec<Field>,
    /// Whether positions are attributes, and whether their ends are required.
    pub positions: Positions,
    /// Its grammar, as the documentation shows it.
    pub shown: String,
}

/// Which attributes a class has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Positions {
    /// None.
    No,
    /// `lineno`, `col_offset` and, optionally, their ends.
    Optional,
    /// All four.
    Required,
}

/// The classes in the order of the grammar.
pub fn classes() -> Vec<Class> {
    let mut classes = Vec::new();
    for line in GRAMMAR.lines() {
        let (head, rest, is_product) = match line.split_once(" := ") {
            Some((head, rest)) => (head, rest, true),
            None => {
                let (head, rest) = line.split_once(" = ").unwrap_or((line, ""));
                (head, rest, false)
            }
        };
        let (name, positions) = match head.split_once('[') {
            Some((name, "P]")) => (name, Positions::Optional),
            Some((name, _)) => (name, Positions::Required),
            None => (head, Positions::No),
        };
        if is_product {
            let shown = format!("{name}{}", spaced(rest));
            let fields = fields(rest.trim_matches(['(', ')']));
            classes.push(Class { name, base: "", fields, positions, shown });
            continue;
        }
        let variants: Vec<&'static str> = rest.split(" | ").map(str::trim).collect();
        let listed: Vec<String> = variants.iter().map(|variant| spaced(variant)).collect();
        let plain = listed.iter().all(|variant| !variant.contains('('));
        let between = if plain { " | ".to_owned() } else { format!("\n{:1$}| ", "", name.len() + 1) };
        let shown = format!("{name} = {}", listed.join(&between));
        classes.push(Class { name, base: "", fields: Vec::new(), positions, shown });
        for variant in variants {
            let (class, list) = variant.split_once('(').unwrap_or((variant, ""));
            let fields = fields(list.trim_end_matches(')'));
            classes.push(Class { name: class, base: name, fields, positions, shown: spaced(variant) });
        }
    }
    classes
}

fn spaced(variant: &str) -> String {
    variant.replace("?*", "?* ").replace("  ", " ").trim().to_owned()
}

fn fields(list: &'static str) -> Vec<Field> {
    list.split(", ")
        .filter_map(|field| {
            let (ty, name) = field.trim().split_once(' ')?;
            let many = if ty.ends_with('*') {
                Many::List
            } else if ty.ends_with('?') {
                Many::Optional
            } else {
                Many::One
            };
            Some(Field { name, ty: ty.trim_end_matches(['*', '?']), many })
        })
        .collect()
}
