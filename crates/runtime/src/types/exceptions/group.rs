//! `BaseExceptionGroup` and `ExceptionGroup`, and how `except*` divides a group.

use crate::args::Args;
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec};
use crate::types::exceptions::{FLAGS, allocate, body, init, short_name};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::{Subtype, Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::{Body, Ref, Value};
use std::collections::HashSet;

exception_body! {
    /// The body of exception groups.
    ExceptionGroup as "BaseExceptionGroup" {
        /// The message: a `str`.
        message,
        /// The exceptions: a tuple.
        exceptions,
        /// The `repr` of a sequence of exceptions that is neither list nor tuple, as it was when the group was made.
        exceptions_repr,
    }
}

/// `BaseExceptionGroup`
pub static BASE_EXCEPTION_GROUP: TypeSpec = TypeSpec {
    flags: FLAGS,
    base: Some(|types| &types.base_exception),
    doc: "Several exceptions that belong together.",
    slots: |slots| {
        slots.new.set(Some(group_new));
        slots.init.set(Some(|vm, this, args| {
            args.no_keywords(vm, &vm.type_name(this))?;
            init(vm, this, args)
        }));
        slots.str.set(Some(group_str));
        slots.repr.set(Some(group_repr));
    },
    methods: &[
        MethodDef::one(
            "__class_getitem__",
            |vm, class, item| vm.new_generic_alias(class, item),
            "($type, object, /)",
            "See PEP 585",
        )
        .class_method(),
        MethodDef::one("derive", derive, "($self, excs, /)", "A group with the same message and other exceptions."),
        MethodDef::one(
            "split",
            |vm, this, condition| {
                let matcher = Matcher::new(vm, condition)?;
                let (matching, rest) = split(vm, this, &matcher, true)?;
                Ok(vm.new_tuple(&[matching.unwrap_or(Value::NONE), rest.unwrap_or(Value::NONE)]))
            },
            "($self, matcher_value, /)",
            "The group of those that match and the group of the others.",
        ),
        MethodDef::one(
            "subgroup",
            |vm, this, condition| {
                let matcher = Matcher::new(vm, condition)?;
                Ok(split(vm, this, &matcher, false)?.0.unwrap_or(Value::NONE))
            },
            "($self, matcher_value, /)",
            "The group of those that match.",
        ),
    ],
    getset: &[
        GetSetDef::readonly(
            "message",
            |vm, this| Ok(body::<ExceptionGroup>(vm, this)?.message.get().unwrap_or(Value::NONE)),
            "The message.",
        ),
        GetSetDef::readonly(
            "exceptions",
            |vm, this| Ok(body::<ExceptionGroup>(vm, this)?.exceptions.get().unwrap_or(Value::NONE)),
            "The exceptions.",
        ),
    ],
    ..TypeSpec::new("BaseExceptionGroup", ExceptionGroup::layout)
};

/// `ExceptionGroup`, which has two bases.
pub static EXCEPTION_GROUP: TypeSpec = TypeSpec {
    flags: FLAGS | crate::native::type_flags::WEAKREF,
    base: Some(|types| &types.base_exception_group),
    extra: Some(|vm, ty| {
        let types = &vm.types;
        ty.bases.set(Some(vm.new_tuple(&[types.base_exception_group.to_value(), types.exception.to_value()])));
        ty.mro.set(Some(vm.new_tuple(&[
            ty.to_value(),
            types.base_exception_group.to_value(),
            types.exception.to_value(),
            types.base_exception.to_value(),
            types.object.to_value(),
        ])));
        types.exception.subclasses.borrow_mut().push(ty.as_value().raw());
        vm.type_modified(ty);
        Ok(())
    }),
    ..TypeSpec::new("ExceptionGroup", ExceptionGroup::layout)
};

fn is_sequence(vm: &Vm, value: &Value) -> bool {
    let ty = vm.type_of(value);
    !ty.is_subtype(&vm.types.dict)
        && (ty.slots.sq_item.get().is_some() || vm.lookup(ty, &vm.names.__getitem__).is_some())
}

fn group_new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let [message, sequence] = args.positional() else {
        let given = args.positional().len();
        return Err(vm.type_error(format!("BaseExceptionGroup.__new__() takes exactly 2 arguments ({given} given)")));
    };
    if message.downcast::<Str>().is_none() {
        let given = vm.type_name(message);
        return Err(vm.type_error(format!("BaseExceptionGroup.__new__() argument 1 must be str, not {given}")));
    }
    if !is_sequence(vm, sequence) {
        return Err(vm.type_error("second argument (exceptions) must be a sequence"));
    }
    let ty = vm.type_of(sequence);
    let plain = ty.is(&vm.types.list) || ty.is(&vm.types.tuple);
    let shown = if plain { None } else { Some(vm.repr(sequence)?) };
    let exceptions = vm.collect(sequence)?;
    if exceptions.is_empty() {
        return Err(vm.value_error("second argument (exceptions) must be a non-empty sequence"));
    }
    let mut nested_base = false;
    for (index, exception) in exceptions.iter().enumerate() {
        if !vm.is_exception(exception) {
            let message = format!("Item {index} of second argument (exceptions) is not an exception");
            return Err(vm.value_error(message));
        }
        nested_base |= !vm.type_of(exception).is_subtype(&vm.types.exception);
    }
    let mut class = class;
    if class.is(&vm.types.exception_group) {
        if nested_base {
            return Err(vm.type_error("Cannot nest BaseExceptions in an ExceptionGroup"));
        }
    } else if class.is(&vm.types.base_exception_group) {
        if !nested_base {
            class = &vm.types.exception_group;
        }
    } else if nested_base && class.is_subtype(&vm.types.exception) {
        let name = vm.full_name(class);
        return Err(vm.type_error(format!("Cannot nest BaseExceptions in '{name}'")));
    }
    let this = allocate(vm, class, vm.new_tuple(args.positional()))?;
    let own = body::<ExceptionGroup>(vm, &this)?;
    own.message.set(Some(message.clone()));
    own.exceptions.set(Some(vm.new_tuple(&exceptions)));
    own.exceptions_repr.set(shown);
    Ok(this)
}

fn group_str(vm: &Vm, this: &Value) -> PyResult {
    let own = body::<ExceptionGroup>(vm, this)?;
    let count = members(this).map_or(0, |members| members.len());
    let plural = if count == 1 { "" } else { "s" };
    let message = vm.str(&own.message.get().unwrap_or(Value::NONE))?;
    Ok(vm.new_str(&format!("{} ({count} sub-exception{plural})", vm.str_text(&message))))
}

fn group_repr(vm: &Vm, this: &Value) -> PyResult {
    let own = body::<ExceptionGroup>(vm, this)?;
    let exceptions = own.exceptions.get().unwrap_or(Value::NONE);
    let shown = match own.exceptions_repr.get() {
        Some(shown) => shown,
        None => {
            // The sequence may have changed since; what the group holds has not. It is shown as what was given.
            let given = vm.exception_args(this);
            let as_list = given.items().get(1).is_some_and(|given| vm.type_of(given).is(&vm.types.list));
            if as_list { vm.repr(vm.new_list(vm.collect(&exceptions)?).as_value())? } else { vm.repr(&exceptions)? }
        }
    };
    let message = vm.repr_text(&own.message.get().unwrap_or(Value::NONE))?;
    Ok(vm.new_str(&format!("{}({message}, {})", short_name(vm, this), vm.str_text(&shown))))
}

fn members(group: &Value) -> Option<Ref<Tuple>> {
    Ref::try_from_value(group.downcast::<ExceptionGroup>()?.exceptions.get()?).ok()
}

fn derive(vm: &Vm, this: &Value, exceptions: &Value) -> PyResult {
    let message = body::<ExceptionGroup>(vm, this)?.message.get().unwrap_or(Value::NONE);
    vm.call(vm.types.base_exception_group.as_value(), &[message, exceptions.clone()])
}

/// A group like another one, with part of its exceptions; nothing where there are none.
fn subset(vm: &Vm, group: &Value, exceptions: Vec<Value>) -> PyResult<Option<Value>> {
    if exceptions.is_empty() {
        return Ok(None);
    }
    let list = vm.new_list(exceptions).into_value();
    let part = vm.call_method_str(group, "derive", &[list])?;
    if part.downcast::<ExceptionGroup>().is_none() {
        return Err(vm.type_error("derive must return an instance of BaseExceptionGroup"));
    }
    vm.set_traceback(&part, vm.traceback_of(group));
    vm.set_context(&part, vm.context_of(group));
    vm.set_cause(&part, vm.cause_of(group));
    if let Some(notes) = vm.get_attr_opt(group, &vm.names.__notes__)?
        && is_sequence(vm, &notes)
    {
        let copy = vm.new_list(vm.collect(&notes)?).into_value();
        vm.set_attr(&part, &vm.names.__notes__, &copy)?;
    }
    Ok(Some(part))
}

/// What tells the exceptions of one part from those of the other.
enum Matcher {
    Class(Value),
    Predicate(Value),
    Members(HashSet<u64>),
}

impl Matcher {
    fn new(vm: &Vm, condition: &Value) -> PyResult<Matcher> {
        let is_class = condition.downcast::<Type>().is_some();
        if !is_class && vm.type_of(condition).slots.call.get().is_some() {
            return Ok(Matcher::Predicate(condition.clone()));
        }
        let all_classes = match condition.downcast::<Tuple>() {
            Some(classes) => classes.items().iter().all(|class| vm.is_exception_class(class)),
            None => vm.is_exception_class(condition),
        };
        if !all_classes {
            return Err(vm.type_error(
                "expected an exception type, a tuple of exception types, or a callable (other than a class)",
            ));
        }
        Ok(Matcher::Class(condition.clone()))
    }

    fn matches(&self, vm: &Vm, exception: &Value) -> PyResult<bool> {
        match self {
            Matcher::Class(class) => Ok(vm.exception_matches(exception, class)),
            Matcher::Predicate(predicate) => {
                let answer = vm.call(predicate, std::slice::from_ref(exception))?;
                vm.truth(&answer)
            }
            Matcher::Members(words) => {
                Ok(exception.downcast::<ExceptionGroup>().is_none() && words.contains(&exception.word()))
            }
        }
    }
}

type Parts = (Option<Value>, Option<Value>);

fn split(vm: &Vm, exception: &Value, matcher: &Matcher, with_rest: bool) -> PyResult<Parts> {
    if matcher.matches(vm, exception)? {
        return Ok((Some(exception.clone()), None));
    }
    let Some(members) = members(exception) else {
        return Ok((None, with_rest.then(|| exception.clone())));
    };
    vm.check_stack_for(" in exceptiongroup_split_recursive")?;
    let (mut matching, mut others) = (Vec::new(), Vec::new());
    for member in members.items() {
        let (match_part, rest_part) = split(vm, member, matcher, with_rest)?;
        matching.extend(match_part);
        others.extend(rest_part);
    }
    let matching = subset(vm, exception, matching)?;
    let rest = if with_rest { subset(vm, exception, others)? } else { None };
    Ok((matching, rest))
}

fn leaves(vm: &Vm, exception: &Value, into: &mut HashSet<u64>) -> PyResult<()> {
    match members(exception) {
        Some(members) => {
            vm.check_stack_for(" in collect_exception_group_leaf_ids")?;
            members.items().iter().try_for_each(|member| leaves(vm, member, into))
        }
        None => {
            into.insert(exception.word());
            Ok(())
        }
    }
}

/// Whether the two carry the same traceback, context, cause and notes: then one is a part of the other, re-raised.
fn same_metadata(vm: &Vm, a: &Value, b: &Value) -> PyResult<bool> {
    if a.downcast::<ExceptionGroup>().is_none() || b.downcast::<ExceptionGroup>().is_none() {
        return Ok(false);
    }
    let same = |x: Option<Value>, y: Option<Value>| x.map(|x| x.word()) == y.map(|y| y.word());
    Ok(same(vm.traceback_of(a), vm.traceback_of(b))
        && same(vm.context_of(a), vm.context_of(b))
        && same(vm.cause_of(a), vm.cause_of(b))
        && same(vm.get_attr_opt(a, &vm.names.__notes__)?, vm.get_attr_opt(b, &vm.names.__notes__)?))
}

/// What the instructions of `except*` need.
impl Vm {
    /// Whether an exception is an instance of a class or of one of a tuple of classes, by the types alone.
    pub fn exception_matches(&self, exception: &Value, classes: &Value) -> bool {
        if let Some(class) = classes.downcast::<Type>() {
            return self.type_of(exception).is_subtype(class);
        }
        match classes.downcast::<Tuple>() {
            Some(classes) => classes.items().iter().any(|class| self.exception_matches(exception, class)),
            None => false,
        }
    }

    /// Whether the value is an exception group.
    pub fn is_exception_group(&self, value: &Value) -> bool {
        value.downcast::<ExceptionGroup>().is_some()
    }

    /// `ExceptionGroup(message, exceptions)`, or its base class where the exceptions ask for that.
    pub fn new_exception_group(&self, message: &str, exceptions: Vec<Value>) -> PyResult {
        let list = self.new_list(exceptions).into_value();
        self.call(self.types.base_exception_group.as_value(), &[self.new_str(message), list])
    }

    /// Divides what an `except*` clause is handed: the part for it and the rest. An exception that is no group comes
    /// wrapped in one, to which the caller's function adds the traceback of the frame.
    pub fn exception_group_match(
        &self,
        exception: &Value,
        classes: &Value,
        add_traceback: impl FnOnce(&Value),
    ) -> PyResult<(Option<Value>, Option<Value>)> {
        if exception.is_none() {
            return Ok((None, None));
        }
        if self.exception_matches(exception, classes) {
            if self.is_exception_group(exception) {
                return Ok((Some(exception.clone()), None));
            }
            let members = self.new_tuple(std::slice::from_ref(exception));
            let group = self.call(self.types.base_exception_group.as_value(), &[self.empty_str(), members])?;
            add_traceback(&group);
            return Ok((Some(group), None));
        }
        if !self.is_exception_group(exception) {
            return Ok((None, Some(exception.clone())));
        }
        let pair = self.call_method_str(exception, "split", std::slice::from_ref(classes))?;
        let Some(parts) = pair.downcast::<Tuple>() else {
            let (class, given) = (self.type_name(exception), self.type_name(&pair));
            return Err(self.type_error(format!("{class}.split must return a tuple, not {given}")));
        };
        let [matching, rest, ..] = parts.items() else {
            let (class, len) = (self.type_name(exception), parts.len());
            return Err(self.type_error(format!("{class}.split must return a 2-tuple, got tuple of size {len}")));
        };
        let part = |value: &Value| if value.is_none() { None } else { Some(value.clone()) };
        Ok((part(matching), part(rest)))
    }

    /// What is left to raise after the `except*` clauses: of the original and what the clauses raised or passed on.
    pub fn prepare_reraise_star(&self, original: &Value, exceptions: &[Value]) -> PyResult<Option<Value>> {
        let Some(first) = exceptions.first() else { return Ok(None) };
        if !self.is_exception_group(original) {
            // An exception that was no group has at most one part.
            return Ok(if first.is_none() { None } else { Some(first.clone()) });
        }
        let (mut raised, mut reraised) = (Vec::new(), HashSet::new());
        let mut any_reraised = false;
        for exception in exceptions.iter().filter(|exception| !exception.is_none()) {
            if same_metadata(self, exception, original)? {
                any_reraised = true;
                leaves(self, exception, &mut reraised)?;
            } else {
                raised.push(exception.clone());
            }
        }
        let projection = if any_reraised { split(self, original, &Matcher::Members(reraised), false)?.0 } else { None };
        if raised.is_empty() {
            return Ok(projection);
        }
        raised.extend(projection);
        if raised.len() > 1 {
            return self.new_exception_group("", raised).map(Some);
        }
        Ok(raised.pop())
    }

    /// Checks the classes of an `except*` clause, as CPython does before the clause is tried.
    pub fn check_except_star_classes(&self, classes: &Value) -> PyResult<()> {
        self.check_except_classes(classes)?;
        let is_group = |class: &Value| {
            class.downcast::<Type>().is_some_and(|class| class.is_subtype(&self.types.base_exception_group))
        };
        let found = match classes.downcast::<Tuple>() {
            Some(tuple) => tuple.items().iter().any(is_group),
            None => is_group(classes),
        };
        if found {
            return Err(self.type_error("catching ExceptionGroup with except* is not allowed. Use except instead."));
        }
        Ok(())
    }

    /// Checks the classes of an `except` clause.
    pub fn check_except_classes(&self, classes: &Value) -> PyResult<()> {
        let fine = match classes.downcast::<Tuple>() {
            Some(tuple) => tuple.items().iter().all(|class| self.is_exception_class(class)),
            None => self.is_exception_class(classes),
        };
        if fine {
            return Ok(());
        }
        Err(self.type_error("catching classes that do not inherit from BaseException is not allowed"))
    }
}
