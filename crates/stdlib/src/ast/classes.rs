//! The classes of the module `ast`: `AST` natively, the others as classes derived from it.

use super::grammar::{self, Many, Positions};
use oriel_runtime::shape::InstancePlan;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, Layout, MethodDef, PyResult, Ref, TypeSpec, Value, Vm, type_flags};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// The classes that have instances, in the order of the grammar.
#[rustfmt::skip]
const NODES: &[&str] = &[
    "Module", "Interactive", "Expression", "FunctionType", "FunctionDef", "AsyncFunctionDef", "ClassDef", "Return",
    "Delete", "Assign", "TypeAlias", "AugAssign", "AnnAssign", "For", "AsyncFor", "While", "If", "With", "AsyncWith",
    "Match", "Raise", "Try", "TryStar", "Assert", "Import", "ImportFrom", "Global", "Nonlocal", "Expr", "Pass",
    "Break", "Continue", "BoolOp", "NamedExpr", "BinOp", "UnaryOp", "Lambda", "IfExp", "Dict", "Set", "ListComp",
    "SetComp", "DictComp", "GeneratorExp", "Await", "Yield", "YieldFrom", "Compare", "Call", "FormattedValue",
    "Interpolation", "JoinedStr", "TemplateStr", "Constant", "Attribute", "Subscript", "Starred", "Name", "List",
    "Tuple", "Slice", "Load", "Store", "Del", "And", "Or", "Add", "Sub", "Mult", "MatMult", "Div", "Mod", "Pow",
    "LShift", "RShift", "BitOr", "BitXor", "BitAnd", "FloorDiv", "Invert", "Not", "UAdd", "USub", "Eq", "NotEq",
    "Lt", "LtE", "Gt", "GtE", "Is", "IsNot", "In", "NotIn", "comprehension", "ExceptHandler", "arguments", "arg",
    "keyword", "alias", "withitem", "match_case", "MatchValue", "MatchSingleton", "MatchSequence", "MatchMapping",
    "MatchClass", "MatchStar", "MatchAs", "MatchOr", "TypeIgnore", "TypeVar", "ParamSpec", "TypeVarTuple",
];

/// Where a class stands in the list of those that have instances; for use in constants.
pub const fn node_index(name: &str) -> usize {
    let name = name.as_bytes();
    let mut index = 0;
    loop {
        let other = NODES[index].as_bytes();
        let mut at = 0;
        while at < name.len() && at < other.len() && name[at] == other[at] {
            at += 1;
        }
        if at == name.len() && at == other.len() {
            return index;
        }
        index += 1;
    }
}

/// The body of tree nodes: they have only attributes.
pub struct Node;

static LAYOUT: Layout = Layout::of::<Node>("ast.AST", None);

impl Body for Node {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

/// The classes by name.
#[derive(Default)]
pub struct State {
    root: OnceCell<TypeRef>,
    classes: RefCell<Vec<(&'static str, Value)>>,
    index: RefCell<HashMap<&'static str, Value>>,
    /// How nodes are made, and the shared instances of the classes without fields.
    nodes: OnceCell<Vec<(InstancePlan, OnceCell<Value>)>>,
}

impl State {
    /// Every class with its name.
    pub fn each(&self) -> Vec<(&'static str, Value)> {
        self.classes.borrow().clone()
    }

    /// A class by name; `None` for a name that the grammar does not have.
    pub fn class(&self, name: &str) -> Value {
        self.index.borrow().get(name).cloned().unwrap_or(Value::NONE)
    }

    /// How the nodes of a class are made, by its [`node_index`].
    pub fn plan(&self, index: usize) -> &InstancePlan {
        &self.nodes()[index].0
    }

    /// The shared instance of a class without fields, by its [`node_index`].
    pub fn singleton(&self, vm: &Vm, index: usize) -> PyResult {
        let (plan, shared) = &self.nodes()[index];
        if let Some(found) = shared.get() {
            return Ok(found.clone());
        }
        let made = vm.call(plan.class(), &[])?;
        Ok(shared.get_or_init(|| made).clone())
    }

    fn nodes(&self) -> &[(InstancePlan, OnceCell<Value>)] {
        self.nodes.get().map_or(&[], Vec::as_slice)
    }

    /// Whether the value is a node.
    pub fn is_tree(&self, vm: &Vm, value: &Value) -> bool {
        self.root.get().is_some_and(|root| vm.is_instance_exact(value, root))
    }

    fn enter(&self, name: &'static str, class: Value) {
        self.index.borrow_mut().insert(name, class.clone());
        self.classes.borrow_mut().push((name, class));
    }
}

static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::DICT | type_flags::WEAKREF | type_flags::MUTABLE,
    slots: |slots| {
        slots.new.set(Some(|vm, class, _| Ok(vm.new_instance(class, Node)?.into_value())));
        slots.init.set(Some(init));
        slots.repr.set(Some(super::convert::repr));
    },
    methods: &[
        MethodDef::noargs("__reduce__", reduce, "($self, /)", "How the node is pickled."),
        MethodDef::args("__replace__", replace, "($self, /, **fields)", "Return a copy with other fields."),
    ],
    ..TypeSpec::new("ast.AST", Node::layout)
};

/// The classes, made at the first time.
pub fn state(vm: &Vm) -> PyResult<Rc<State>> {
    let state = vm.state::<State>();
    if state.root.get().is_some() {
        return Ok(state);
    }
    let root = vm.new_type(&SPEC)?;
    let empty = vm.constants.empty_tuple.clone();
    for name in ["_fields", "_attributes", "__match_args__"] {
        root.namespace.set_str(&vm.intern(name), empty.clone());
    }
    root.namespace.set_str(&vm.names.__module__, vm.intern("ast"));
    root.namespace.set_str(&vm.intern("_field_types"), vm.new_dict().into_value());
    root.namespace.set_str(&vm.names.__dict__, vm.new_getset(&oriel_runtime::types::type_dict::DICT, &root));
    vm.type_modified(&root);
    state.enter("AST", root.to_value());
    let classes = grammar::classes();
    for class in &classes {
        make(vm, &state, class, root.as_value())?;
    }
    for class in &classes {
        set_field_types(vm, &state, class)?;
    }
    let plans = NODES.iter().map(|name| {
        let class = classes.iter().find(|class| class.name == *name);
        let names = class.map_or_else(Vec::new, attributes);
        let names = names.into_iter().map(|name| vm.intern(name)).collect();
        let Ok(ty) = TypeRef::try_from_value(state.class(name)) else {
            return Err(vm.system_error("a class of the syntax tree is missing"));
        };
        Ok((InstancePlan::new(vm, ty, names), OnceCell::new()))
    });
    let _ = state.nodes.set(plans.collect::<PyResult<Vec<_>>>()?);
    // From here on the state counts as complete.
    let _ = state.root.set(root);
    Ok(state)
}

const POSITIONS: [&str; 4] = ["lineno", "col_offset", "end_lineno", "end_col_offset"];

/// What instances made by the parser have, in order.
fn attributes(class: &grammar::Class) -> Vec<&'static str> {
    let positions: &[&str] = if class.positions == Positions::No { &[] } else { &POSITIONS };
    class.fields.iter().map(|field| field.name).chain(positions.iter().copied()).collect()
}

fn make(vm: &Vm, state: &State, class: &grammar::Class, root: &Value) -> PyResult<()> {
    let namespace = vm.new_dict();
    let set = |name: &str, value: Value| namespace.set_str(&vm.intern(name), value);
    set("__module__", vm.intern("ast"));
    set("__doc__", vm.new_str(&class.shown));
    let names: Vec<Value> = class.fields.iter().map(|field| vm.intern(field.name)).collect();
    let names = vm.new_tuple(&names);
    set("_fields", names.clone());
    set("__match_args__", names);
    let positions = POSITIONS.map(|name| vm.intern(name));
    if class.base.is_empty() {
        let listed: &[Value] = if class.positions == Positions::No { &[] } else { &positions };
        set("_attributes", vm.new_tuple(listed));
    }
    if class.positions == Positions::Optional && class.base.is_empty() {
        set("end_lineno", Value::NONE);
        set("end_col_offset", Value::NONE);
    }
    for field in class.fields.iter().filter(|field| field.many == Many::Optional) {
        set(field.name, Value::NONE);
    }
    let base = if class.base.is_empty() { root.clone() } else { state.class(class.base) };
    let made =
        vm.call(vm.types.type_.as_value(), &[vm.new_str(class.name), vm.new_tuple(&[base]), namespace.into_value()])?;
    state.enter(class.name, made);
    Ok(())
}

fn set_field_types(vm: &Vm, state: &State, class: &grammar::Class) -> PyResult<()> {
    let types = vm.new_dict();
    for field in &class.fields {
        let plain = match field.ty {
            "identifier" | "string" => vm.types.str.to_value(),
            "int" => vm.types.int.to_value(),
            "constant" => vm.types.object.to_value(),
            other => state.class(other),
        };
        let ty = match field.many {
            Many::One => plain,
            Many::Optional => vm.binary(oriel_runtime::arithmetic::BinaryOp::Or, &plain, &Value::NONE)?,
            Many::List => vm.new_generic_alias(vm.types.list.as_value(), &plain)?,
        };
        types.set_str(&vm.intern(field.name), ty);
    }
    let object = state.class(class.name);
    vm.set_attr(&object, &vm.intern("_field_types"), types.as_value())?;
    vm.set_attr(&object, &vm.intern("__annotations__"), types.as_value())
}

fn tuple_attr(vm: &Vm, this: &Value, name: &str) -> PyResult<Vec<Value>> {
    let class = vm.type_of(this).to_value();
    match vm.get_attr_opt(&class, &vm.intern(name))? {
        Some(names) => vm.collect(&names),
        None => Ok(Vec::new()),
    }
}

/// Fields by position and by name; those not given get an empty list, `None` or `Load()`, or are missed.
fn init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let fields = vm.collect(&vm.get_attr_str(&vm.type_of(this).to_value(), "_fields")?)?;
    let class = vm.type_name(this).trim_start_matches("ast.").to_owned();
    let positional = args.positional();
    if positional.len() > fields.len() {
        let (most, plural) = (fields.len(), if fields.len() == 1 { "" } else { "s" });
        return Err(vm.type_error(format!("{class} constructor takes at most {most} positional argument{plural}")));
    }
    let mut missing = fields.clone();
    for (name, value) in fields.iter().zip(positional) {
        vm.set_attr(this, name, value)?;
        missing.retain(|other| !other.is(name));
    }
    for (name, value) in args.keywords() {
        let known = fields.iter().position(|field| vm.equal(field, name).unwrap_or(false));
        match known {
            Some(index) if index < positional.len() => {
                let name = vm.str_text(name);
                return Err(vm.type_error(format!("{class} got multiple values for argument '{name}'")));
            }
            Some(index) => missing.retain(|other| !other.is(&fields[index])),
            None => {
                let attributes = tuple_attr(vm, this, "_attributes")?;
                if !attributes.iter().any(|attribute| vm.equal(attribute, name).unwrap_or(false)) {
                    let name = vm.str_text(name);
                    vm.warn(
                        &vm.types.deprecation_warning,
                        &format!(
                            "{class}.__init__ got an unexpected keyword argument '{name}'. Support for arbitrary keyword arguments is deprecated and will be removed in Python 3.15."
                        ),
                        1,
                    )?;
                }
            }
        }
        vm.set_attr(this, name, value)?;
    }
    if missing.is_empty() {
        return Ok(());
    }
    let object = vm.type_of(this).to_value();
    let Some(types) = vm.get_attr_opt(&object, &vm.intern("_field_types"))? else { return Ok(()) };
    let Some(types) = types.downcast::<Dict>().cloned() else { return Ok(()) };
    for name in missing {
        fill(vm, this, &class, &name, &types)?;
    }
    Ok(())
}

fn fill(vm: &Vm, this: &Value, class: &str, name: &Value, types: &Ref<Dict>) -> PyResult<()> {
    let Some(ty) = types.get(vm, name)? else {
        let name = vm.repr_text(name)?;
        return vm.warn(
            &vm.types.deprecation_warning,
            &format!("Field {name} is missing from {class}._field_types. This will become an error in Python 3.15."),
            1,
        );
    };
    if vm.type_name(&ty) == "types.GenericAlias" {
        return vm.set_attr(this, name, vm.new_list(Vec::new()).as_value());
    }
    if vm.type_name(&ty) == "typing.Union" {
        // The class has `None` for it already.
        return Ok(());
    }
    let state = state(vm)?;
    if ty.is(&state.class("expr_context")) {
        return vm.set_attr(this, name, &state.singleton(vm, const { node_index("Load") })?);
    }
    let name = vm.str_text(name);
    vm.warn(
        &vm.types.deprecation_warning,
        &format!(
            "{class}.__init__ missing 1 required positional argument: '{name}'. This will become an error in Python 3.15."
        ),
        1,
    )
}

fn reduce(vm: &Vm, this: &Value) -> PyResult {
    let dict = vm.instance_dict(this)?;
    let class = vm.type_of(this).to_value();
    // Children come first, so that deep trees do not need the state's recursion for positional fields.
    let state = dict.copy(vm)?.into_value();
    Ok(vm.new_tuple(&[class, vm.constants.empty_tuple.clone(), state]))
}

fn replace(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    if !args.positional().is_empty() {
        let given = args.positional().len();
        return Err(vm.type_error(format!("__replace__() takes exactly 0 positional arguments ({given} given)")));
    }
    let class = vm.type_name(this).trim_start_matches("ast.").to_owned();
    let mut known = tuple_attr(vm, this, "_fields")?;
    known.extend(tuple_attr(vm, this, "_attributes")?);
    let values = vm.new_dict();
    for name in &known {
        if let Some(value) = vm.get_attr_opt(this, name)? {
            values.set(vm, name, value)?;
        }
    }
    for (name, value) in args.keywords() {
        if !known.iter().any(|field| vm.equal(field, name).unwrap_or(false)) {
            let name = vm.str_text(name);
            return Err(vm.type_error(format!("{class}.__replace__ got an unexpected keyword argument '{name}'.")));
        }
        values.set(vm, name, value.clone())?;
    }
    let entries = values.entries();
    let names: Vec<Value> = entries.iter().map(|(name, _)| name.clone()).collect();
    let given: Vec<Value> = entries.into_iter().map(|(_, value)| value).collect();
    let object = vm.type_of(this).to_value();
    debug_assert!(names.iter().all(|name| name.downcast::<Str>().is_some()));
    vm.call_args(&object, Args { values: &given, names: &names })
}
