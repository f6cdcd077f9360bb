//! `BaseException`: its body, methods and attributes, and what the core asks of exceptions. The other classes are in
//! the files beside this one; printing exceptions is not here.

/// A settable attribute that is a field of an exception's body; `None` while the field is empty.
macro_rules! field {
    ($body:ty, $field:ident, $name:literal, $doc:literal) => {
        $crate::native::GetSetDef::new(
            $name,
            |vm, this| {
                Ok($crate::types::exceptions::body::<$body>(vm, this)?.$field.get().unwrap_or(oriel_heap::Value::NONE))
            },
            |vm, this, value| {
                $crate::types::exceptions::body::<$body>(vm, this)?.$field.set(value.cloned());
                Ok(())
            },
            $doc,
        )
    };
}

/// The body of an exception class with fields of its own behind those of `BaseException`.
macro_rules! exception_body {
    ($(#[$doc:meta])* $name:ident as $text:literal { $($(#[$field_doc:meta])* $field:ident,)* }) => {
        $(#[$doc])*
        #[repr(C)]
        pub struct $name {
            /// What every exception has.
            pub base: $crate::types::exceptions::BaseException,
            $($(#[$field_doc])* pub $field: $crate::cells::OptionCell,)*
        }

        const _: () = {
            static LAYOUT: oriel_heap::Layout =
                oriel_heap::Layout::of::<$name>($text, Some(&$crate::types::exceptions::BASE_LAYOUT));

            impl oriel_heap::Body for $name {
                const CONTAINER: bool = true;
                fn layout() -> &'static oriel_heap::Layout {
                    &LAYOUT
                }
                fn visit(&self, visitor: oriel_heap::Visitor<'_>) {
                    self.base.visit(visitor);
                    $(self.$field.visit(visitor);)*
                }
                fn clear(&self) {
                    self.base.clear();
                    $(self.$field.set(None);)*
                }
            }
        };

        impl From<$crate::types::exceptions::BaseException> for $name {
            fn from(base: $crate::types::exceptions::BaseException) -> $name {
                $name { base, $($field: $crate::cells::OptionCell::default(),)* }
            }
        }
    };
}

pub mod attribute;
pub mod group;
pub mod os_error;
pub mod simple;
pub mod syntax_error;
pub mod unicode;

use crate::args::Args;
use crate::attributes::instance_dict_if_made;
use crate::cells::{OptionCell, ValueCell};
use crate::error::{PyResult, Raised};
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::{Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};
use std::cell::Cell;

/// The flags of every exception class.
pub(crate) const FLAGS: u32 = type_flags::BASE | type_flags::DICT | type_flags::EXCEPTION;

/// The body that the bodies of all exceptions begin with.
#[repr(C)]
pub struct BaseException {
    /// `args`: a tuple.
    pub args: ValueCell,
    /// `__traceback__`
    pub traceback: OptionCell,
    /// `__context__`
    pub context: OptionCell,
    /// `__cause__`
    pub cause: OptionCell,
    /// `__suppress_context__`
    pub suppress_context: Cell<bool>,
}

pub(crate) static BASE_LAYOUT: Layout = Layout::of::<BaseException>("BaseException", None);

impl Body for BaseException {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &BASE_LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.args.visit(visitor);
        self.traceback.visit(visitor);
        self.context.visit(visitor);
        self.cause.visit(visitor);
    }

    fn clear(&self) {
        self.args.set(Value::NONE);
        self.traceback.set(None);
        self.context.set(None);
        self.cause.set(None);
    }
}

/// `BaseException`
pub static BASE_SPEC: TypeSpec = TypeSpec {
    flags: FLAGS,
    doc: "The root of all exception classes.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(init));
        slots.str.set(Some(str));
        slots.repr.set(Some(repr));
    },
    methods: &[
        MethodDef::noargs("__reduce__", reduce, "($self, /)", "How the exception is pickled."),
        MethodDef::one("__setstate__", set_state, "($self, object, /)", "Sets attributes from a dict."),
        MethodDef::one(
            "with_traceback",
            |vm, this, traceback| {
                set_traceback(vm, this, Some(traceback))?;
                Ok(this.clone())
            },
            "($self, object, /)",
            "Sets the traceback and gives the exception back.",
        ),
        MethodDef::one(
            "add_note",
            |vm, this, note| {
                if note.downcast::<Str>().is_none() {
                    let given = vm.type_name(note);
                    return Err(vm.type_error(format!("add_note() argument must be str, not {given}")));
                }
                add_note(vm, this, note)?;
                Ok(Value::NONE)
            },
            "($self, note, /)",
            "Adds a note that is printed below the exception.",
        ),
    ],
    getset: &[
        GetSetDef::new(
            "__dict__",
            |vm, this| Ok(vm.instance_dict(this)?.into_value()),
            |vm, this, value| match value {
                None => Err(vm.type_error("cannot delete __dict__")),
                Some(value) => match Ref::<Dict>::try_from_value(value.clone()) {
                    Ok(dict) => vm.set_instance_dict(this, Some(dict)),
                    Err(other) => {
                        let given = vm.type_name(&other);
                        Err(vm.type_error(format!("__dict__ must be set to a dictionary, not a '{given}'")))
                    }
                },
            },
            "The attributes.",
        ),
        GetSetDef::new("args", |vm, this| Ok(vm.exception_args(this).into_value()), set_args, "The arguments."),
        GetSetDef::new(
            "__traceback__",
            |vm, this| Ok(body::<BaseException>(vm, this)?.traceback.get().unwrap_or(Value::NONE)),
            set_traceback,
            "Where it was raised.",
        ),
        GetSetDef::new(
            "__context__",
            |vm, this| Ok(body::<BaseException>(vm, this)?.context.get().unwrap_or(Value::NONE)),
            |vm, this, value| {
                let value = linked(vm, value, "__context__", "exception context")?;
                body::<BaseException>(vm, this)?.context.set(value);
                Ok(())
            },
            "The exception that was being handled.",
        ),
        GetSetDef::new(
            "__cause__",
            |vm, this| Ok(body::<BaseException>(vm, this)?.cause.get().unwrap_or(Value::NONE)),
            |vm, this, value| {
                let value = linked(vm, value, "__cause__", "exception cause")?;
                vm.set_cause(this, value);
                Ok(())
            },
            "The exception that this one was raised from.",
        ),
        GetSetDef::new(
            "__suppress_context__",
            |vm, this| Ok(Value::bool(body::<BaseException>(vm, this)?.suppress_context.get())),
            |vm, this, value| {
                let Some(value) = value else { return Err(vm.type_error("can't delete numeric/char attribute")) };
                let Some(flag) = value.as_bool() else {
                    return Err(vm.type_error("attribute value type must be bool"));
                };
                body::<BaseException>(vm, this)?.suppress_context.set(flag);
                Ok(())
            },
            "Whether the context is not printed.",
        ),
    ],
    ..TypeSpec::new("BaseException", BaseException::layout)
};

/// An exception's body of the given kind.
pub(crate) fn body<'a, T: Body>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<T>> {
    value.downcast::<T>().ok_or_else(|| vm.type_error("the exception has another layout"))
}

/// `__new__` of all exception classes without rules of their own: an instance of the class's layout.
pub(crate) fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    allocate(vm, class, vm.new_tuple(args.positional()))
}

/// An instance with the args, whatever the layout of the class: `__new__` of one exception class serves those that
/// derive from several.
pub(crate) fn allocate(vm: &Vm, class: &TypeRef, args: Value) -> PyResult {
    let layout = class.head.layout.get();
    let base = BaseException {
        args: ValueCell::new(args),
        traceback: OptionCell::default(),
        context: OptionCell::default(),
        cause: OptionCell::default(),
        suppress_context: Cell::new(false),
    };
    macro_rules! by_layout {
        ($($body:ty,)*) => {
            if std::ptr::eq(layout, BaseException::layout()) {
                return Ok(vm.new_instance(class, base)?.into_value());
            }
            $(if std::ptr::eq(layout, <$body>::layout()) {
                return Ok(vm.new_instance(class, <$body>::from(base))?.into_value());
            })*
        };
    }
    by_layout! {
        attribute::AttributeError,
        attribute::NameError,
        attribute::StopIteration,
        attribute::SystemExit,
        attribute::ImportError,
        os_error::OsError,
        syntax_error::SyntaxError,
        unicode::UnicodeError,
        group::ExceptionGroup,
    }
    Err(vm.type_error(format!("cannot create '{}' instances as exceptions", vm.full_name(class))))
}

/// `BaseException.__init__`
pub(crate) fn init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    if !args.names.is_empty() {
        args.no_keywords(vm, &vm.type_name(this))?;
    }
    init_args(vm, this, args.positional())
}

/// Sets `args`.
pub(crate) fn init_args(vm: &Vm, this: &Value, values: &[Value]) -> PyResult<()> {
    let own = body::<BaseException>(vm, this)?;
    if let Some(old) = own.args.get().downcast::<Tuple>()
        && old.len() == values.len()
        && old.items().iter().zip(values).all(|(a, b)| a.is(b))
    {
        return Ok(());
    }
    own.args.set(vm.new_tuple(values));
    Ok(())
}

/// Reads the keywords that a class's `__init__` knows, worded as CPython's argument parser does.
pub(crate) fn keywords<const N: usize>(
    vm: &Vm,
    class: &str,
    args: Args<'_>,
    known: [&str; N],
) -> PyResult<[Option<Value>; N]> {
    let mut values = [const { None }; N];
    let given = args.names.len();
    if given > N {
        let plural = if N == 1 { "" } else { "s" };
        return Err(vm.type_error(format!("{class}() takes at most {N} keyword argument{plural} ({given} given)")));
    }
    for (name, value) in args.keywords() {
        let text = vm.str_text(name);
        match known.iter().position(|known| *known == text) {
            Some(index) => values[index] = Some(value.clone()),
            None => {
                return Err(vm.type_error(format!("{class}() got an unexpected keyword argument '{text}'")));
            }
        }
    }
    Ok(values)
}

/// `BaseException.__str__`
pub(crate) fn str(vm: &Vm, this: &Value) -> PyResult {
    let args = vm.exception_args(this);
    match args.items() {
        [] => Ok(vm.empty_str()),
        [only] => vm.str(only),
        _ => vm.str(args.as_value()),
    }
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let name = short_name(vm, this);
    let args = vm.exception_args(this);
    let inside = match args.items() {
        [only] => format!("({})", vm.repr_text(only)?),
        _ => vm.repr_text(args.as_value())?,
    };
    Ok(vm.new_str(&format!("{name}{inside}")))
}

/// The class's name without its module.
pub(crate) fn short_name(vm: &Vm, this: &Value) -> String {
    vm.type_of(this).name_text()
}

/// The attributes set on the exception, if there are any.
pub(crate) fn own_dict(vm: &Vm, this: &Value) -> PyResult<Option<Ref<Dict>>> {
    if let Some(dict) = instance_dict_if_made(this) {
        return Ok(Some(dict));
    }
    let has_attributes = this.header().is_some_and(|header| vm.shapes.count(header.shape()) > 0);
    if has_attributes { vm.instance_dict(this).map(Some) } else { Ok(None) }
}

/// `__reduce__` with the given arguments and state.
pub(crate) fn reduce_with(vm: &Vm, this: &Value, args: Value, state: Option<Value>) -> Value {
    let class = vm.type_of(this).to_value();
    match state {
        Some(state) if !state.is_none() => vm.new_tuple(&[class, args, state]),
        _ => vm.new_tuple(&[class, args]),
    }
}

fn reduce(vm: &Vm, this: &Value) -> PyResult {
    let state = own_dict(vm, this)?.map(Ref::into_value);
    Ok(reduce_with(vm, this, vm.exception_args(this).into_value(), state))
}

fn set_state(vm: &Vm, this: &Value, state: &Value) -> PyResult {
    if state.is_none() {
        return Ok(Value::NONE);
    }
    let Some(dict) = state.downcast::<Dict>() else { return Err(vm.type_error("state is not a dictionary")) };
    for (name, value) in dict.entries() {
        if name.downcast::<Str>().is_none() {
            let given = vm.type_name(&name);
            return Err(vm.type_error(format!("attribute name must be string, not '{given}'")));
        }
        vm.set_attr(this, &name, &value)?;
    }
    Ok(Value::NONE)
}

fn set_args(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(vm.type_error("args may not be deleted")) };
    let items = vm.collect(value)?;
    body::<BaseException>(vm, this)?.args.set(vm.new_tuple(&items));
    Ok(())
}

fn set_traceback(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(vm.type_error("__traceback__ may not be deleted")) };
    if !value.is_none() && !vm.is_traceback(value) {
        return Err(vm.type_error("__traceback__ must be a traceback or None"));
    }
    vm.set_traceback(this, Some(value.clone()));
    Ok(())
}

fn linked(vm: &Vm, value: Option<&Value>, name: &str, what: &str) -> PyResult<Option<Value>> {
    match value {
        None => Err(vm.type_error(format!("{name} may not be deleted"))),
        Some(value) if value.is_none() => Ok(None),
        Some(value) if vm.is_exception(value) => Ok(Some(value.clone())),
        Some(_) => Err(vm.type_error(format!("{what} must be None or derive from BaseException"))),
    }
}

fn add_note(vm: &Vm, this: &Value, note: &Value) -> PyResult<()> {
    let notes = match vm.get_attr_opt(this, &vm.names.__notes__)? {
        Some(notes) => notes,
        None => {
            let notes = vm.new_list(Vec::new()).into_value();
            vm.set_attr(this, &vm.names.__notes__, &notes)?;
            notes
        }
    };
    let Some(list) = notes.downcast::<List>() else {
        return Err(vm.type_error("Cannot add note: __notes__ is not a list"));
    };
    list.push(note.clone());
    Ok(())
}

/// What the core asks of exceptions.
impl Vm {
    /// Whether the value is an instance of an exception class.
    #[inline]
    pub fn is_exception(&self, value: &Value) -> bool {
        self.type_of(value).has(type_flags::EXCEPTION)
    }

    /// Whether the value is an exception class.
    #[inline]
    pub fn is_exception_class(&self, value: &Value) -> bool {
        value.downcast::<Type>().is_some_and(|class| class.has(type_flags::EXCEPTION))
    }

    /// The `args` of an exception; empty for anything else.
    pub fn exception_args(&self, exception: &Value) -> Ref<Tuple> {
        exception
            .downcast::<BaseException>()
            .and_then(|own| Ref::try_from_value(own.args.get()).ok())
            .unwrap_or_else(|| self.empty_tuple())
    }

    /// `__traceback__`, if there is one.
    pub fn traceback_of(&self, exception: &Value) -> Option<Value> {
        exception.downcast::<BaseException>()?.traceback.get()
    }

    /// Sets `__traceback__`; `None` is none.
    pub fn set_traceback(&self, exception: &Value, traceback: Option<Value>) {
        if let Some(own) = exception.downcast::<BaseException>() {
            own.traceback.set(traceback.filter(|traceback| !traceback.is_none()));
        }
    }

    /// `__context__`, if there is one.
    pub fn context_of(&self, exception: &Value) -> Option<Value> {
        exception.downcast::<BaseException>()?.context.get()
    }

    /// Sets `__context__`.
    pub fn set_context(&self, exception: &Value, context: Option<Value>) {
        if let Some(own) = exception.downcast::<BaseException>() {
            own.context.set(context.filter(|context| !context.is_none()));
        }
    }

    /// `__cause__`, if there is one.
    pub fn cause_of(&self, exception: &Value) -> Option<Value> {
        exception.downcast::<BaseException>()?.cause.get()
    }

    /// Sets `__cause__`, and that the context is not to be printed.
    pub fn set_cause(&self, exception: &Value, cause: Option<Value>) {
        if let Some(own) = exception.downcast::<BaseException>() {
            own.cause.set(cause.filter(|cause| !cause.is_none()));
            own.suppress_context.set(true);
        }
    }

    /// Whether the context is not to be printed.
    pub fn suppresses_context(&self, exception: &Value) -> bool {
        exception.downcast::<BaseException>().is_some_and(|own| own.suppress_context.get())
    }

    /// Makes the exception being handled the context of one that is raised now, without making a cycle.
    pub fn chain_context(&self, exception: &Value, handled: &Value) {
        if handled.is_none() || exception.is(handled) {
            return;
        }
        // A chain that a program has made cyclic ends where the slow walker meets the fast one.
        let mut fast = handled.clone();
        let mut slow = handled.clone();
        let mut step = false;
        while let Some(next) = self.context_of(&fast) {
            if next.is(exception) {
                self.set_context(&fast, None);
                break;
            }
            fast = next;
            if fast.is(&slow) {
                break;
            }
            if step {
                slow = self.context_of(&slow).unwrap_or(slow);
            }
            step = !step;
        }
        self.set_context(exception, Some(handled.clone()));
    }

    /// Adds a note to a raised exception.
    pub fn add_note(&self, raised: &Raised, note: &str) -> PyResult<()> {
        add_note(self, &raised.0, &self.new_str(note))
    }
}
