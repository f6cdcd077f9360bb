//! `_pickle_buffer`: `PickleBuffer`, which marks memory to be pickled beside the stream. The rest of pickling is the
//! library's.

use oriel_runtime::buffer::{BufferView, Structure, is_f_contiguous};
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{
    Args, Body, Layout, MethodDef, ModuleSpec, PyResult, Raised, TypeSpec, Value, Visitor, Vm, type_flags,
};
use std::borrow::Cow;
use std::cell::RefCell;

/// `_pickle_buffer`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_pickle_buffer",
    doc: "Memory to be pickled beside the stream.",
    functions: &[],
    exec: |vm, module| vm.module_type(module, &TYPE).map(|_| ()),
};

/// The body of a `PickleBuffer`.
struct PickleBuffer {
    view: RefCell<Option<BufferView>>,
}

static LAYOUT: Layout = Layout::of::<PickleBuffer>("pickle.PickleBuffer", None);

impl Body for PickleBuffer {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        if let Some(view) = &*self.view.borrow() {
            visitor(&view.owner);
        }
    }
    fn clear(&self) {
        drop(self.view.take());
    }
}

static TYPE: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::WEAKREF,
    doc: "Memory that may be pickled beside the stream.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.buffer.set(Some(|vm, this, writable| vm.full_buffer(&base(vm, this)?, writable)));
    },
    methods: &[
        MethodDef::noargs("raw", raw, "", "Return the memory as one row of bytes."),
        MethodDef::noargs("release", release, "", "Give the memory back."),
    ],
    ..TypeSpec::new("pickle.PickleBuffer", PickleBuffer::layout)
};

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    args.no_keywords(vm, "PickleBuffer")?;
    let given = args.positional().len();
    let [object] = args.positional() else {
        return Err(vm.type_error(format!("function takes exactly 1 argument ({given} given)")));
    };
    let view = vm.full_buffer(object, false)?;
    Ok(vm.new_instance(class, PickleBuffer { view: RefCell::new(Some(view)) })?.into_value())
}

#[cold]
fn released(vm: &Vm) -> Raised {
    vm.value_error("operation forbidden on released PickleBuffer object")
}

/// The object whose memory it is.
fn base(vm: &Vm, this: &Value) -> PyResult {
    let body = vm.body::<PickleBuffer>(this)?;
    let owner = body.view.borrow().as_ref().map(|view| view.owner.clone());
    owner.ok_or_else(|| released(vm))
}

fn raw(vm: &Vm, this: &Value) -> PyResult {
    let base = base(vm, this)?;
    let (contiguous, readonly, len) = {
        let view = vm.full_buffer(&base, false)?;
        let in_order = view.is_contiguous() || is_f_contiguous(&view.shape, &view.strides, view.item_size);
        (in_order, view.readonly, view.len)
    };
    if !contiguous {
        return Err(vm.buffer_error("cannot extract raw buffer from non-contiguous buffer"));
    }
    let view = vm.new_memoryview(this, false)?;
    let row = Structure {
        shape: [len as isize].into_iter().collect(),
        strides: [1].into_iter().collect(),
        item_size: 1,
        format: Cow::Borrowed("B"),
    };
    Ok(vm.sibling_view(&view, view.offset, row, readonly)?.into_value())
}

fn release(vm: &Vm, this: &Value) -> PyResult {
    let view = vm.body::<PickleBuffer>(this)?.view.take();
    drop(view);
    Ok(Value::NONE)
}
