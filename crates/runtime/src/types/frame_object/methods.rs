//! `frame`: what Python sees.

use super::FrameObject;
use crate::error::PyResult;
use crate::frame::{FrameRef, Owner};
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::types::generator::{self, State};
use crate::vm::Vm;
use oriel_heap::{Body, Ref, Value};

/// `frame`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| slots.repr.set(Some(repr)),
    methods: &[
        MethodDef::noargs("clear", clear, "($self, /)", "Drops what the frame, which must not be running, holds."),
        MethodDef::noargs("__sizeof__", size, "($self, /)", "Bytes of memory."),
    ],
    getset: &[
        GetSetDef::readonly("f_back", back, "The frame of the caller."),
        GetSetDef::readonly("f_code", |vm, this| Ok(code(vm, frame(vm, this)?)), "The code object."),
        GetSetDef::readonly("f_globals", |vm, this| Ok(frame(vm, this)?.function.globals.to_value()), "The globals."),
        GetSetDef::readonly("f_builtins", |vm, this| Ok(frame(vm, this)?.function.builtins_value()), "The builtins."),
        GetSetDef::readonly("f_locals", f_locals, "The locals: a view that writes through."),
        GetSetDef::readonly(
            "f_lasti",
            |vm, this| Ok(Value::small(frame(vm, this)?.lasti())),
            "The instruction's offset.",
        ),
        GetSetDef::new("f_lineno", line, set_line, "The line."),
        GetSetDef::new("f_trace", trace, set_trace, "The trace function."),
        GetSetDef::new("f_trace_lines", trace_lines, set_trace_lines, "Whether lines are traced."),
        GetSetDef::new("f_trace_opcodes", trace_opcodes, set_trace_opcodes, "Whether instructions are traced."),
        GetSetDef::readonly("f_generator", generator_of, "The generator that the frame belongs to."),
    ],
    ..TypeSpec::new("frame", FrameObject::layout)
};

/// The frame object that a value is.
pub fn body<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<FrameObject>> {
    this.downcast().ok_or_else(|| vm.type_error("a frame is needed"))
}

/// The frame of a frame object.
pub fn frame(vm: &Vm, this: &Value) -> PyResult<FrameRef> {
    body(vm, this)?.frame().ok_or_else(|| vm.runtime_error("the frame has been cleared"))
}

fn code(_vm: &Vm, frame: FrameRef) -> Value {
    frame.runnable().code_value()
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let frame = frame(vm, this)?;
    let code = frame.runnable().owner();
    let file = vm.repr_text(&code.filename.get())?;
    let line = current_line(vm, this)?.map_or("None".to_owned(), |line| line.to_string());
    let name = vm.str_text(&code.name);
    Ok(vm.new_str(&format!("<frame at {:#x}, file {file}, line {line}, code {name}>", this.word())))
}

fn size(vm: &Vm, this: &Value) -> PyResult {
    let registers = usize::from(frame(vm, this)?.register_count());
    Ok(vm.new_int((size_of::<FrameObject>() + 16 + 64 + registers * 8) as i64))
}

fn back(vm: &Vm, this: &Value) -> PyResult {
    let own = body(vm, this)?;
    if !own.is_live() {
        return Ok(own.back.get().unwrap_or(Value::NONE));
    }
    let waits = |frame: FrameRef| {
        // SAFETY: such a frame lies in a generator.
        frame.link.get().owner == Owner::Generator
            && unsafe { generator::generator_of(frame) }.state.get() != State::Running
    };
    let mut caller = own.frame().filter(|frame| !waits(*frame)).and_then(FrameRef::caller);
    while let Some(frame) = caller {
        if frame.is_complete() {
            return Ok(vm.frame_object(frame).into_value());
        }
        caller = frame.caller();
    }
    Ok(Value::NONE)
}

fn current_line(vm: &Vm, this: &Value) -> PyResult<Option<i32>> {
    let own = body(vm, this)?;
    let traced = own.traced_line.get();
    if traced != 0 {
        return Ok(Some(traced));
    }
    Ok(frame(vm, this)?.line())
}

fn line(vm: &Vm, this: &Value) -> PyResult {
    Ok(current_line(vm, this)?.map_or(Value::NONE, Value::small))
}

fn set_line(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(vm.attribute_error("cannot delete attribute")) };
    vm.jump_to_line(body(vm, this)?, frame(vm, this)?, value)
}

fn trace(vm: &Vm, this: &Value) -> PyResult {
    Ok(body(vm, this)?.trace.get().unwrap_or(Value::NONE))
}

fn set_trace(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    body(vm, this)?.trace.set(value.filter(|value| !value.is_none()).cloned());
    Ok(())
}

fn trace_lines(vm: &Vm, this: &Value) -> PyResult {
    Ok(Value::bool(body(vm, this)?.trace_lines.get()))
}

fn bool_of(vm: &Vm, value: Option<&Value>) -> PyResult<bool> {
    match value.map(Value::as_bool) {
        Some(Some(flag)) => Ok(flag),
        Some(None) => Err(vm.type_error("attribute value type must be bool")),
        None => Err(vm.type_error("can't delete numeric/char attribute")),
    }
}

fn set_trace_lines(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    body(vm, this)?.trace_lines.set(bool_of(vm, value)?);
    Ok(())
}

fn trace_opcodes(vm: &Vm, this: &Value) -> PyResult {
    Ok(Value::bool(body(vm, this)?.trace_opcodes.get()))
}

fn set_trace_opcodes(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let wanted = bool_of(vm, value)?;
    body(vm, this)?.trace_opcodes.set(wanted);
    if wanted {
        vm.trace_instructions();
    }
    Ok(())
}

fn generator_of(vm: &Vm, this: &Value) -> PyResult {
    let frame = frame(vm, this)?;
    if frame.link.get().owner != Owner::Generator {
        return Ok(Value::NONE);
    }
    // SAFETY: the frame lies in a generator.
    Ok(unsafe { generator::value_of(frame) })
}

fn f_locals(vm: &Vm, this: &Value) -> PyResult {
    let frame = frame(vm, this)?;
    if super::locals::has_fast_locals(frame) {
        return Ok(vm.new_frame_locals_proxy(body(vm, this)?));
    }
    Ok(crate::interpreter::locals_of(frame).unwrap_or(Value::NONE))
}

fn clear(vm: &Vm, this: &Value) -> PyResult {
    let own = body(vm, this)?;
    let Some(frame) = own.frame() else { return Ok(Value::NONE) };
    match frame.link.get().owner {
        Owner::Stack => return Err(vm.runtime_error("cannot clear an executing frame")),
        Owner::Generator => {
            // SAFETY: the frame lies in a generator.
            let generator = unsafe { generator::generator_of(frame) };
            if generator.state.get() == State::Running {
                return Err(vm.runtime_error("cannot clear an executing frame"));
            }
            if generator.state.get() == State::Suspended {
                return Err(vm.runtime_error("cannot clear a suspended frame"));
            }
            // SAFETY: as above.
            let value = unsafe { generator::value_of(frame) };
            generator::finalize(&value);
            generator.end();
        }
        Owner::Object => {
            frame.locals.set(None);
            // SAFETY: the frame has ended; nothing borrows its registers.
            unsafe { frame.clear_from(0) };
        }
    }
    own.trace.set(None);
    own.extra_locals.set(None);
    let overwritten = std::mem::take(&mut *own.overwritten.borrow_mut());
    drop(overwritten);
    Ok(Value::NONE)
}
