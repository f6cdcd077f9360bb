//! The loop: fetch a word, choose its instruction, execute it.

use super::activation::{Activation, Flow};
use super::unwind::{Unwound, unwind};
use crate::error::{PyResult, Raised};
use crate::frame::FrameRef;
use crate::lowered::{Instruction, Op};
use crate::native::type_flags;
use crate::slots::CompareOp;
use crate::vm::Vm;

/// Runs a frame, which is the thread's current one, until it returns, yields or raises; first raises an exception
/// where it stands, if one is given.
pub fn run(vm: &Vm, frame: FrameRef, raised: Option<Raised>) -> PyResult {
    let mut state = Activation::new(vm, frame);
    let mut pending = raised.map(|raised| (raised, true));
    loop {
        if let Some((raised, fresh)) = pending.take() {
            match unwind(vm, state.frame, raised, fresh) {
                Unwound::Handler(frame) => state.load(frame),
                Unwound::Escaped(raised) => return Err(raised),
            }
        }
        pending = loop {
            // SAFETY: lowering ends code with an instruction that does not fall through, and jumps lead to first words.
            let i: Instruction = unsafe { *state.pc };
            state.pc = state.pc.wrapping_add(1);
            // SAFETY: the word is an instruction's first.
            let flow = match unsafe { i.op_unchecked() } {
                Op::Nop => Flow::Next,
                Op::Move => state.move_(i),
                Op::Take => state.take_(i),
                Op::Swap => state.swap(i),
                Op::Drop => state.drop_(i),
                Op::CheckBound => state.check_bound(i),
                Op::Delete => state.delete(i),
                Op::LoadConst => state.load_const(i),
                Op::MakeCell => state.make_cell(i),
                Op::CopyFreeVars => state.copy_free_vars(i),
                Op::LoadCell => state.load_cell(i),
                Op::StoreCell => state.store_cell(i),
                Op::DeleteCell => state.delete_cell(i),
                Op::LoadName => state.load_name(i),
                Op::StoreName => state.store_name(i),
                Op::DeleteName => state.delete_name(i),
                Op::LoadGlobal => state.load_global(i),
                Op::StoreGlobal => state.store_global(i),
                Op::DeleteGlobal => state.delete_global(i),
                Op::LoadLocals => state.load_locals(i),
                Op::LoadFromDictOrGlobals => state.load_from_dict_or_globals(i),
                Op::LoadFromDictOrCell => state.load_from_dict_or_cell(i),
                Op::LoadBuildClass => state.load_build_class(i),
                Op::SetupAnnotations => state.setup_annotations(),
                Op::LoadAttr => state.load_attr(i),
                Op::LoadAttrFar => state.load_attr_far(i),
                Op::LoadMethod => state.load_method(i),
                Op::LoadMethodFar => state.load_method_far(i),
                Op::StoreAttr => state.store_attr(i),
                Op::StoreAttrFar => state.store_attr_far(i),
                Op::DeleteAttr => state.delete_attr(i),
                Op::LoadSuperAttr => state.load_super_attr(i),
                Op::LoadSpecial => state.load_special(i),
                Op::Add => state.add(i),
                Op::Subtract => state.subtract(i),
                Op::Multiply => state.multiply(i),
                Op::TrueDivide => state.true_divide(i),
                Op::FloorDivide => state.floor_divide(i),
                Op::Remainder => state.remainder(i),
                Op::Power => state.power(i),
                Op::MatrixMultiply => state.matrix_multiply(i),
                Op::LeftShift => state.left_shift(i),
                Op::RightShift => state.right_shift(i),
                Op::And => state.and(i),
                Op::Or => state.or(i),
                Op::Xor => state.xor(i),
                Op::Subscript => state.subscript(i),
                Op::AddImmediate => state.add_immediate(i),
                Op::SubtractImmediate => state.subtract_immediate(i),
                Op::Negate => state.negate(i),
                Op::Invert => state.invert(i),
                Op::Not => state.not(i),
                Op::ToBool => state.to_bool(i),
                Op::Less => state.compare(i, CompareOp::Lt, |a, b| a < b, |a, b| a < b),
                Op::LessEqual => state.compare(i, CompareOp::Le, |a, b| a <= b, |a, b| a <= b),
                Op::Equal => state.compare(i, CompareOp::Eq, |a, b| a == b, |a, b| a == b),
                Op::NotEqual => state.compare(i, CompareOp::Ne, |a, b| a != b, |a, b| a != b),
                Op::Greater => state.compare(i, CompareOp::Gt, |a, b| a > b, |a, b| a > b),
                Op::GreaterEqual => state.compare(i, CompareOp::Ge, |a, b| a >= b, |a, b| a >= b),
                Op::Is => state.is(i),
                Op::Contains => state.contains(i),
                Op::StoreSubscript => state.store_subscript(i),
                Op::DeleteSubscript => state.delete_subscript(i),
                Op::Slice => state.slice(i),
                Op::StoreSlice => state.store_slice(i),
                Op::Jump => state.jump_always(i),
                Op::JumpBackward => state.jump_backward(i),
                Op::JumpIfTrue => state.jump_if(i, true),
                Op::JumpIfFalse => state.jump_if(i, false),
                Op::JumpIfNone => state.jump_if_none(i, true),
                Op::JumpIfNotNone => state.jump_if_none(i, false),
                Op::JumpLess => state.jump_compare(i, CompareOp::Lt, |a, b| a < b, |a, b| a < b),
                Op::JumpLessEqual => state.jump_compare(i, CompareOp::Le, |a, b| a <= b, |a, b| a <= b),
                Op::JumpEqual => state.jump_compare(i, CompareOp::Eq, |a, b| a == b, |a, b| a == b),
                Op::JumpNotEqual => state.jump_compare(i, CompareOp::Ne, |a, b| a != b, |a, b| a != b),
                Op::JumpGreater => state.jump_compare(i, CompareOp::Gt, |a, b| a > b, |a, b| a > b),
                Op::JumpGreaterEqual => state.jump_compare(i, CompareOp::Ge, |a, b| a >= b, |a, b| a >= b),
                Op::JumpLessImmediate => state.jump_compare_immediate(i, CompareOp::Lt, |a, b| a < b, |a, b| a < b),
                Op::JumpLessEqualImmediate => {
                    state.jump_compare_immediate(i, CompareOp::Le, |a, b| a <= b, |a, b| a <= b)
                }
                Op::JumpEqualImmediate => state.jump_compare_immediate(i, CompareOp::Eq, |a, b| a == b, |a, b| a == b),
                Op::JumpNotEqualImmediate => {
                    state.jump_compare_immediate(i, CompareOp::Ne, |a, b| a != b, |a, b| a != b)
                }
                Op::JumpGreaterImmediate => state.jump_compare_immediate(i, CompareOp::Gt, |a, b| a > b, |a, b| a > b),
                Op::JumpGreaterEqualImmediate => {
                    state.jump_compare_immediate(i, CompareOp::Ge, |a, b| a >= b, |a, b| a >= b)
                }
                Op::JumpIs => state.jump_is(i),
                Op::JumpContains => state.jump_contains(i),
                Op::GetIter => state.get_iter(i),
                Op::ForIter => state.for_iter(i),
                Op::ForIterBackward => state.for_iter_backward(i),
                Op::Unpack => state.unpack(i),
                Op::UnpackEx => state.unpack_ex(i),
                Op::Call => state.call(i),
                Op::CallMany => state.call_many(i),
                Op::CallMethod => state.call_method(i),
                Op::CallKeywords => state.call_keywords(i),
                Op::CallEx => state.call_ex(i),
                Op::Return => state.return_(i),
                Op::BuildTuple => state.build_tuple(i),
                Op::BuildList => state.build_list(i),
                Op::BuildSet => state.build_set(i),
                Op::BuildMap => state.build_map(i),
                Op::BuildString => state.build_string(i),
                Op::BuildSlice => state.build_slice(i),
                Op::BuildInterpolation => state.build_interpolation(i),
                Op::BuildTemplate => state.build_template(i),
                Op::ListAppend => state.list_append(i),
                Op::SetAdd => state.set_add(i),
                Op::MapAdd => state.map_add(i),
                Op::ListExtend => state.list_extend(i),
                Op::SetUpdate => state.set_update(i),
                Op::DictUpdate => state.dict_update(i),
                Op::DictMerge => state.dict_merge(i),
                Op::FormatSimple => state.format_simple(i),
                Op::FormatWithSpec => state.format_with_spec(i),
                Op::ConvertValue => state.convert_value(i),
                Op::MakeFunction => state.make_function(i),
                Op::SetFunctionAttribute => state.set_function_attribute(i),
                Op::ReturnGenerator => state.return_generator(),
                Op::Yield => state.yield_(i),
                Op::Resume => state.resume(i),
                Op::Send => state.send(i),
                Op::EndSend => state.end_send(i),
                Op::GetYieldFromIter => state.get_yield_from_iter(i),
                Op::GetAwaitable => state.get_awaitable(i),
                Op::GetAiter => state.get_aiter(i),
                Op::GetAnext => state.get_anext(i),
                Op::EndAsyncFor => state.end_async_for(i),
                Op::CleanupThrow => state.cleanup_throw(i),
                Op::PushExcInfo => state.push_exc_info(i),
                Op::PopExcept => state.pop_except(i),
                Op::CheckExcMatch => state.check_exc_match(i),
                Op::CheckEgMatch => state.check_eg_match(i),
                Op::Raise => state.raise(i),
                Op::Reraise => state.reraise(i),
                Op::WithExceptStart => state.with_except_start(i),
                Op::GetLen => state.get_len(i),
                Op::MatchMapping => state.match_flag(i, type_flags::MAPPING),
                Op::MatchSequence => state.match_flag(i, type_flags::SEQUENCE),
                Op::MatchKeys => state.match_keys(i),
                Op::MatchClass => state.match_class(i),
                Op::ImportName => state.import_name(i),
                Op::ImportFrom => state.import_from(i),
                Op::Intrinsic1 => state.intrinsic_1(i),
                Op::Intrinsic2 => state.intrinsic_2(i),
            };
            match flow {
                Flow::Next => {}
                Flow::Raise(raised) => break Some((raised, true)),
                Flow::Reraise(raised) => break Some((raised, false)),
                Flow::Exit(value) => return Ok(value),
                Flow::Abort(raised) => return Err(raised),
            }
        };
    }
}
