//! The rare operations that the bytecode numbers, and well-known constants.

use super::activation::{Activation, Flow};
use crate::error::{PyResult, Raised};
use crate::frame::FrameRef;
use crate::lowered::Instruction;
use crate::types::function::Function;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_bytecode::CodeFlags;
use oriel_bytecode::oparg::{CommonConstant, Intrinsic1, Intrinsic2};
use oriel_heap::Value;

impl Activation<'_> {
    #[inline(always)]
    pub(super) fn intrinsic_1(&mut self, i: Instruction) -> Flow {
        self.save();
        match one(self.vm, self.frame, u32::from(i.c()), self.operand(i.b())) {
            Ok(value) => {
                self.set(i.a(), value);
                self.kill_b(i);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    #[inline(always)]
    pub(super) fn intrinsic_2(&mut self, i: Instruction) -> Flow {
        self.save();
        let number = self.extension(0).as_number();
        self.skip(1);
        let result = two(self.vm, number, self.operand(i.b()), self.operand(i.c()));
        self.finish(i, result)
    }
}

impl Vm {
    /// The object that a number of LOAD_COMMON_CONSTANT names.
    pub fn common_constant(&self, number: u32) -> PyResult {
        match CommonConstant::from_oparg(number) {
            Some(CommonConstant::AssertionError) => Ok(self.types.assertion_error.to_value()),
            Some(CommonConstant::NotImplementedError) => Ok(self.types.not_implemented_error.to_value()),
            Some(CommonConstant::BuiltinTuple) => Ok(self.types.tuple.to_value()),
            Some(CommonConstant::BuiltinAll) => self.builtin("all"),
            Some(CommonConstant::BuiltinAny) => self.builtin("any"),
            None => Err(self.system_error("bad operand of LOAD_COMMON_CONSTANT")),
        }
    }
}

#[inline(never)]
fn one(vm: &Vm, frame: FrameRef, number: u32, value: &Value) -> PyResult {
    match Intrinsic1::from_oparg(number) {
        Some(Intrinsic1::Print) => {
            let Some(hook) = vm.sys.get_str(&vm.names.displayhook) else {
                return Err(vm.runtime_error("lost sys.displayhook"));
            };
            vm.call(&hook, std::slice::from_ref(value))
        }
        Some(Intrinsic1::ImportStar) => super::imports::import_star(vm, frame, value).map(|()| Value::NONE),
        Some(Intrinsic1::StopIterationError) => Ok(stop_iteration_error(vm, frame, value)),
        Some(Intrinsic1::AsyncGeneratorWrap) => Ok(crate::types::generator::async_generator::wrap(vm, value)),
        Some(Intrinsic1::UnaryPositive) => vm.positive(value),
        Some(Intrinsic1::ListToTuple) => match value.downcast::<List>() {
            Some(list) => Ok(vm.try_new_tuple(list.snapshot())?.into_value()),
            None => Err(vm.system_error("bytecode makes a tuple of what is not a list")),
        },
        Some(Intrinsic1::TypeVar) => vm.typing_intrinsic("TypeVar", std::slice::from_ref(value)),
        Some(Intrinsic1::ParamSpec) => vm.typing_intrinsic("ParamSpec", std::slice::from_ref(value)),
        Some(Intrinsic1::TypeVarTuple) => vm.typing_intrinsic("TypeVarTuple", std::slice::from_ref(value)),
        Some(Intrinsic1::SubscriptGeneric) => vm.typing_intrinsic("Generic", std::slice::from_ref(value)),
        Some(Intrinsic1::TypeAlias) => vm.typing_intrinsic("TypeAlias", std::slice::from_ref(value)),
        _ => Err(vm.system_error("bad operand of CALL_INTRINSIC_1")),
    }
}

#[inline(never)]
fn two(vm: &Vm, number: u32, first: &Value, second: &Value) -> PyResult {
    match Intrinsic2::from_oparg(number) {
        Some(Intrinsic2::PrepareReraiseStar) => prepare_reraise_star(vm, first, second),
        Some(Intrinsic2::TypeVarWithBound) => vm.typing_intrinsic("TypeVarWithBound", &[first.clone(), second.clone()]),
        Some(Intrinsic2::TypeVarWithConstraints) => {
            vm.typing_intrinsic("TypeVarWithConstraints", &[first.clone(), second.clone()])
        }
        Some(Intrinsic2::SetFunctionTypeParams) => {
            if let Some(function) = first.downcast::<Function>() {
                function.type_params.set(Some(second.clone()));
            }
            Ok(first.clone())
        }
        Some(Intrinsic2::SetTypeParamDefault) => vm.typing_intrinsic("SetDefault", &[first.clone(), second.clone()]),
        _ => Err(vm.system_error("bad operand of CALL_INTRINSIC_2")),
    }
}

/// A StopIteration that leaves a generator becomes a RuntimeError; so does a StopAsyncIteration in an asynchronous one.
fn stop_iteration_error(vm: &Vm, frame: FrameRef, exception: &Value) -> Value {
    let flags = frame.runnable().code.flags;
    let is = |class| vm.is_instance_exact(exception, class);
    let message = if is(&vm.types.stop_iteration) {
        if flags.contains(CodeFlags::ASYNC_GENERATOR) {
            "async generator raised StopIteration"
        } else if flags.contains(CodeFlags::COROUTINE) {
            "coroutine raised StopIteration"
        } else {
            "generator raised StopIteration"
        }
    } else if flags.contains(CodeFlags::ASYNC_GENERATOR) && is(&vm.types.stop_async_iteration) {
        "async generator raised StopAsyncIteration"
    } else {
        return exception.clone();
    };
    let Raised(error) = vm.runtime_error(message);
    vm.set_cause(&error, Some(exception.clone()));
    vm.set_context(&error, Some(exception.clone()));
    error
}

fn prepare_reraise_star(vm: &Vm, original: &Value, list: &Value) -> PyResult {
    match list.downcast::<List>() {
        Some(list) => Ok(vm.prepare_reraise_star(original, &list.snapshot())?.unwrap_or(Value::NONE)),
        None => Err(vm.system_error("bytecode reraises what is not a list")),
    }
}

impl Vm {
    /// Joins strings.
    pub fn join_strings(&self, parts: &[Value]) -> PyResult {
        if let [only] = parts {
            return Ok(only.clone());
        }
        if parts.iter().all(|part| part.downcast::<Str>().is_some_and(|part| part.is_ascii())) {
            let mut text =
                String::with_capacity(parts.iter().filter_map(|p| p.downcast::<Str>()).map(|p| p.len()).sum());
            for part in parts {
                if let Some(part) = part.downcast::<Str>().and_then(|part| part.as_ascii()) {
                    text.push_str(part);
                }
            }
            return Ok(self.new_str(&text));
        }
        let mut buffer = oriel_kernel::text::TextBuf::default();
        for part in parts {
            match part.downcast::<Str>() {
                Some(part) => buffer.push_text(part.text()),
                None => return Err(self.system_error("bytecode joins what is not a string")),
            }
        }
        self.new_text_buf(&buffer)
    }

    /// A tuple of the items of a tuple of pairs.
    pub fn tuple_items<'a>(&self, value: &'a Value) -> &'a [Value] {
        value.downcast::<Tuple>().map_or(&[], |tuple| tuple.items())
    }
}
