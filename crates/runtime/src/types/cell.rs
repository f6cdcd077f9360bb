//! Cells: variables that nested functions share.

use crate::args::Args;
use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{GetSetDef, TypeSpec};
use crate::slots::CompareOp;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};

/// The body of a cell.
#[derive(Default)]
pub struct CellBody {
    /// The content; nothing while the variable is unbound.
    pub content: OptionCell,
}

static LAYOUT: Layout = Layout::of::<CellBody>("cell", None);

impl Body for CellBody {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.content.visit(visitor);
    }
    fn clear(&self) {
        self.content.set(None);
    }
}

/// `cell`
pub static SPEC: TypeSpec = TypeSpec {
    doc: "A variable shared by a function and the functions inside it.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.repr.set(Some(repr));
        slots.richcompare.set(Some(compare));
        slots.hash.set(None);
    },
    getset: &[GetSetDef::new("cell_contents", get_contents, set_contents, "What the variable is bound to.")],
    ..TypeSpec::new("cell", CellBody::layout)
};

impl Vm {
    /// A new cell.
    #[inline]
    pub fn new_cell(&self, content: Option<Value>) -> Value {
        let body = CellBody { content: OptionCell::new(content) };
        // SAFETY: the type's layout is that of the body.
        unsafe { self.heap.new_object(self.types.cell.as_value().raw(), body) }.into_value()
    }
}

fn cell<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<CellBody>> {
    value.downcast().ok_or_else(|| vm.type_error("a cell is needed"))
}

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let values = args.unpack(vm, "cell", 0, 1)?;
    let body = CellBody { content: OptionCell::new(values.first().cloned()) };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let text = match cell(vm, this)?.content.get() {
        None => format!("<cell at {:#x}: empty>", this.word()),
        Some(content) => {
            format!("<cell at {:#x}: {} object at {:#x}>", this.word(), vm.type_name(&content), content.word())
        }
    };
    Ok(vm.new_str(&text))
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<CellBody>(), b.downcast::<CellBody>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match (x.content.get(), y.content.get()) {
        (Some(x), Some(y)) => vm.rich_compare(&x, &y, op),
        (x, y) => Ok(Value::bool(op.of(x.is_some().cmp(&y.is_some())))),
    }
}

fn get_contents(vm: &Vm, this: &Value) -> PyResult {
    cell(vm, this)?.content.get().ok_or_else(|| vm.value_error("cell is empty"))
}

fn set_contents(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    cell(vm, this)?.content.set(value.cloned());
    Ok(())
}
