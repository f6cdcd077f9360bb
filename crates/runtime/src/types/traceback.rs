//! Tracebacks: one entry a frame that an exception went through.

use crate::args::Args;
use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec};
use crate::types::frame_object::FrameObject;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_bytecode::CodeObject;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};
use std::rc::Rc;

/// The body of a traceback entry.
pub struct Traceback {
    /// `tb_next`: the entry nearer to where the exception was raised.
    pub next: OptionCell,
    /// `tb_frame`
    pub frame: OptionCell,
    /// `tb_lasti`: the byte offset of the instruction.
    pub lasti: i32,
    /// `tb_lineno`
    pub line: Line,
}

/// The line of a traceback entry.
pub enum Line {
    /// As it was given.
    Given(i32),
    /// That of the entry's instruction: most tracebacks are dropped without being looked at.
    In(Rc<CodeObject>),
}

impl Traceback {
    /// `tb_lineno`; nothing if no line owns the instruction.
    pub fn line(&self) -> Option<i32> {
        match &self.line {
            Line::Given(line) => Some(*line),
            Line::In(code) if self.lasti < 0 => Some(code.firstlineno),
            Line::In(code) => {
                oriel_bytecode::positions::line_at(&code.linetable, code.firstlineno, self.lasti as usize)
            }
        }
    }
}

static LAYOUT: Layout = Layout::of::<Traceback>("traceback", None);

impl Body for Traceback {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.next.visit(visitor);
        self.frame.visit(visitor);
    }
    fn clear(&self) {
        self.next.set(None);
        self.frame.set(None);
    }
}

/// `traceback`
pub static SPEC: TypeSpec = TypeSpec {
    doc: "A frame that an exception went through, and the entry behind it.",
    slots: |slots| slots.new.set(Some(new)),
    methods: &[MethodDef::noargs("__dir__", dir, "($self, /)", "The names of the attributes.")],
    getset: &[
        GetSetDef::new(
            "tb_next",
            |vm, this| Ok(body(vm, this)?.next.get().unwrap_or(Value::NONE)),
            set_next,
            "The entry behind this one.",
        ),
        GetSetDef::readonly(
            "tb_frame",
            |vm, this| Ok(body(vm, this)?.frame.get().unwrap_or(Value::NONE)),
            "The frame.",
        ),
        GetSetDef::readonly(
            "tb_lasti",
            |vm, this| Ok(Value::small(body(vm, this)?.lasti)),
            "The instruction's offset.",
        ),
        GetSetDef::readonly(
            "tb_lineno",
            |vm, this| Ok(body(vm, this)?.line().map_or(Value::NONE, Value::small)),
            "The line.",
        ),
    ],
    ..TypeSpec::new("traceback", Traceback::layout)
};

fn body<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Traceback>> {
    this.downcast().ok_or_else(|| vm.type_error("a traceback is needed"))
}

impl Vm {
    /// A traceback entry in front of others.
    pub fn new_traceback(
        &self,
        next: Option<Value>,
        frame: Ref<FrameObject>,
        lasti: i32,
        code: Rc<CodeObject>,
    ) -> Value {
        let body = Traceback {
            next: OptionCell::new(next),
            frame: OptionCell::new(Some(frame.into_value())),
            lasti,
            line: Line::In(code),
        };
        // SAFETY: the type's layout is that of the body.
        unsafe { self.heap.new_object(self.types.traceback.as_value().raw(), body) }.into_value()
    }
}

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let signature = crate::args::Signature::parse("(tb_next, tb_frame, tb_lasti, tb_lineno)");
    let mut bound: [Option<&Value>; 4] = [None; 4];
    signature.bind(vm, "traceback", args, &mut bound)?;
    let [Some(next), Some(frame), Some(lasti), Some(line)] = bound else {
        return Err(vm.type_error("traceback() needs four arguments"));
    };
    let next = if next.is_none() {
        None
    } else if next.downcast::<Traceback>().is_some() {
        Some(next.clone())
    } else {
        let name = vm.type_name(next);
        return Err(vm.type_error(format!("expected traceback object or None, got '{name}'")));
    };
    if frame.downcast::<FrameObject>().is_none() {
        let name = vm.type_name(frame);
        return Err(vm.type_error(format!("traceback() argument 'tb_frame' must be frame, not {name}")));
    }
    let body = Traceback {
        next: OptionCell::new(next),
        frame: OptionCell::new(Some(frame.clone())),
        lasti: vm.to_i32(lasti)?,
        line: Line::Given(vm.to_i32(line)?),
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn set_next(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let own = body(vm, this)?;
    let Some(value) = value else { return Err(vm.type_error("can't delete tb_next attribute")) };
    if value.is_none() {
        own.next.set(None);
        return Ok(());
    }
    if value.downcast::<Traceback>().is_none() {
        let name = vm.type_name(value);
        return Err(vm.type_error(format!("expected traceback object, got '{name}'")));
    }
    let mut cursor = Some(value.clone());
    while let Some(entry) = cursor {
        if entry.is(this) {
            return Err(vm.value_error("traceback loop detected"));
        }
        cursor = entry.downcast::<Traceback>().and_then(|entry| entry.next.get());
    }
    own.next.set(Some(value.clone()));
    Ok(())
}

fn dir(vm: &Vm, _: &Value) -> PyResult {
    let names = ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"];
    Ok(vm.new_list(names.iter().map(|name| vm.intern(name)).collect()).into_value())
}
