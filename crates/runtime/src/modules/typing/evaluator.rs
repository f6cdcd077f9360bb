//! Values that are computed when first asked for, and the evaluators that the module `annotationlib` asks.

use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{TypeSpec, type_flags};
use crate::types::generics::push_type_repr;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value, Visitor};
use oriel_kernel::text::TextBuf;

/// A value, or the function that computes it.
#[derive(Default)]
pub struct Lazy {
    value: OptionCell,
    function: OptionCell,
}

impl Lazy {
    /// Sets the value.
    pub fn set(&self, value: Option<Value>) {
        self.value.set(value);
    }

    /// Sets the function that computes the value.
    pub fn set_lazy(&self, function: Value) {
        self.function.set(Some(function));
    }

    /// The value, computed if need be; nothing where there is none.
    pub fn get(&self, vm: &Vm) -> PyResult<Option<Value>> {
        if let Some(value) = self.value.get() {
            return Ok(Some(value));
        }
        let Some(function) = self.function.get() else { return Ok(None) };
        let value = vm.call(&function, &[])?;
        self.value.set(Some(value.clone()));
        Ok(Some(value))
    }

    /// What computes the value in any format; nothing where there is no value.
    pub fn evaluator(&self, vm: &Vm) -> PyResult<Option<Value>> {
        if let Some(function) = self.function.get() {
            return Ok(Some(function));
        }
        match self.value.get() {
            Some(value) => constant(vm, value).map(Some),
            None => Ok(None),
        }
    }

    /// Whether there is a function, or a value other than the given one.
    pub fn is_other_than(&self, value: &Value) -> bool {
        self.function.is_some() || self.value.get().is_some_and(|own| !own.is(value))
    }

    /// For the collector.
    pub fn visit(&self, visitor: Visitor<'_>) {
        self.value.visit(visitor);
        self.function.visit(visitor);
    }

    /// For the collector.
    pub fn clear(&self) {
        self.value.set(None);
        self.function.set(None);
    }
}

/// An evaluator of a value that is there.
struct Constant {
    value: Value,
}

static LAYOUT: Layout = Layout::of::<Constant>("_ConstEvaluator", None);

impl Body for Constant {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.value);
    }
}

/// The type of evaluators of values that are there.
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.repr.set(Some(|vm, this| {
            let value = value(vm, this)?;
            Ok(vm.new_str(&format!("<constevaluator {}>", vm.repr_text(&value)?)))
        }));
        slots.call.set(Some(|vm, this, args| {
            args.no_keywords(vm, "constevaluator.__call__")?;
            let [format] = args.values else {
                let given = args.values.len();
                return Err(
                    vm.type_error(format!("constevaluator.__call__() takes exactly 1 argument ({given} given)"))
                );
            };
            let format = vm.to_i32(format)?;
            let value = value(vm, this)?;
            // The format of source text.
            if format == 4 { text(vm, &value) } else { Ok(value) }
        }));
    },
    ..TypeSpec::new("_typing._ConstEvaluator", Constant::layout)
};

fn value(vm: &Vm, this: &Value) -> PyResult {
    match this.downcast::<Constant>() {
        Some(body) => Ok(body.value.clone()),
        None => Err(vm.type_error("an evaluator is needed")),
    }
}

fn constant(vm: &Vm, value: Value) -> PyResult {
    Ok(vm.new_instance(&vm.typing_types()?.evaluator, Constant { value })?.into_value())
}

/// A type as annotations show it as text.
fn text(vm: &Vm, value: &Value) -> PyResult {
    let mut text = TextBuf::new();
    match value.downcast::<Tuple>() {
        Some(tuple) => {
            text.push_str("(");
            for (index, item) in tuple.items().iter().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                push_type_repr(vm, &mut text, item)?;
            }
            text.push_str(")");
        }
        None => push_type_repr(vm, &mut text, value)?,
    }
    vm.new_text_buf(&text)
}
