//! The loop: fetch a word, choose its instruction, execute it.

use super::activation::{Activation, Flow};
use super::observed::{Before, Disabled, Observer};
use super::unwind::Unwound;
use crate::error::{PyResult, Raised};
use crate::frame::FrameRef;
use crate::lowered::{Instruction, Op};
use crate::native::type_flags;
use crate::slots::CompareOp;
use crate::vm::Vm;
use oriel_heap::Value;

/// Why the loop ended without a value.
pub(super) enum Stop {
    /// An exception is for native code.
    Raised(Raised),
    /// Observation went on or off: the other form of the loop takes over. What is to be raised is kept by the thread.
    Switch,
    /// The same, the current frame standing where it goes on.
    Settled,
}

/// Runs a frame, which is the thread's current one, until it returns, yields or raises; first raises an exception
/// where it stands, if one is given.
pub fn run(vm: &Vm, frame: FrameRef, raised: Option<Raised>) -> PyResult {
    if vm.observed.get() {
        return super::observed::run(vm, frame, raised);
    }
    match execute(vm, frame, raised.map(|raised| (raised, true)), &mut Disabled) {
        Ok(value) => Ok(value),
        Err(Stop::Raised(raised)) => Err(raised),
        Err(Stop::Switch | Stop::Settled) => super::observed::take_over(vm),
    }
}

/// The loop, for one kind of observer. The disabled one leaves nothing of itself in it.
pub(super) fn execute<O: Observer>(
    vm: &Vm,
    frame: FrameRef,
    raised: Option<(Raised, bool)>,
    observer: &mut O,
) -> Result<Value, Stop> {
    let mut state = Activation::new(vm, frame);
    let mut pending = raised;
    loop {
        if let Some((raised, fresh)) = pending.take() {
            match observer.unwind(vm, state.frame, raised, fresh) {
                Unwound::Handler(frame) => state.load(frame),
                Unwound::Escaped(raised) => return Err(Stop::Raised(raised)),
                Unwound::Switch => return Err(Stop::Switch),
            }
        }
        pending = loop {
            if O::ON {
                match observer.before(&mut state) {
                    Before::Go => {}
                    Before::Again => continue,
                    Before::Raise(raised) => break Some((raised, true)),
                    Before::Switch => return Err(Stop::Settled),
                }
            }
            // SAFETY: lowering ends code with an instruction that does not fall through, and jumps lead to first words.
            let i: Instruction = unsafe { *state.pc };
            state.pc = state.pc.wrapping_add(1);
            // Executes an instruction in the loop itself.
            macro_rules! step {
                ($flow:expr) => {
                    match $flow {
                        Flow::Next => {
                            if O::ON
                                && let Some(raised) = observer.after(&mut state)
                            {
                                break Some((raised, true));
                            }
                            continue;
                        }
                        other => other,
                    }
                };
            }
            // Executes an instruction outside the loop, on a copy of the state: so the loop's own state stays in machine
            // registers.
            macro_rules! cold {
                ($state:ident, $word:ident, |$s:ident, $i:ident| $flow:expr) => {{
                    #[inline(never)]
                    fn part($s: &mut Activation<'_>, $i: Instruction) -> Flow {
                        let _ = $i;
                        $flow
                    }
                    step!($state.outside($word, part))
                }};
            }
            // SAFETY: the word is an instruction's first.
            let flow = match unsafe { i.op_unchecked() } {
                Op::Nop => step!(Flow::Next),
                Op::Move => step!(state.move_(i)),
                Op::Take => step!(state.take_(i)),
                Op::Swap => step!(state.swap(i)),
                Op::Drop => step!(state.drop_(i)),
                Op::CheckBound => step!(state.check_bound(i)),
                Op::Delete => cold!(state, i, |s, i| s.delete(i)),
                Op::LoadConst => cold!(state, i, |s, i| s.load_const(i)),
                Op::MakeCell => cold!(state, i, |s, i| s.make_cell(i)),
                Op::CopyFreeVars => cold!(state, i, |s, i| s.copy_free_vars(i)),
                Op::LoadCell => step!(state.load_cell(i)),
                Op::StoreCell => step!(state.store_cell(i)),
                Op::DeleteCell => cold!(state, i, |s, i| s.delete_cell(i)),
                Op::LoadName => cold!(state, i, |s, i| s.load_name(i)),
                Op::StoreName => cold!(state, i, |s, i| s.store_name(i)),
                Op::DeleteName => cold!(state, i, |s, i| s.delete_name(i)),
                Op::LoadGlobal => step!(state.load_global(i)),
                Op::StoreGlobal => cold!(state, i, |s, i| s.store_global(i)),
                Op::DeleteGlobal => cold!(state, i, |s, i| s.delete_global(i)),
                Op::LoadLocals => cold!(state, i, |s, i| s.load_locals(i)),
                Op::LoadFromDictOrGlobals => cold!(state, i, |s, i| s.load_from_dict_or_globals(i)),
                Op::LoadFromDictOrCell => cold!(state, i, |s, i| s.load_from_dict_or_cell(i)),
                Op::LoadBuildClass => cold!(state, i, |s, i| s.load_build_class(i)),
                Op::SetupAnnotations => cold!(state, i, |s, i| s.setup_annotations()),
                Op::LoadAttr => step!(state.load_attr(i)),
                Op::LoadAttrFar => cold!(state, i, |s, i| s.load_attr_far(i)),
                Op::LoadMethod => step!(state.load_method(i)),
                Op::LoadMethodFar => cold!(state, i, |s, i| s.load_method_far(i)),
                Op::StoreAttr => step!(state.store_attr(i)),
                Op::StoreAttrFar => cold!(state, i, |s, i| s.store_attr_far(i)),
                Op::DeleteAttr => cold!(state, i, |s, i| s.delete_attr(i)),
                Op::LoadSuperAttr => cold!(state, i, |s, i| s.load_super_attr(i)),
                Op::LoadSpecial => cold!(state, i, |s, i| s.load_special(i)),
                Op::Add => step!(state.add(i)),
                Op::Subtract => step!(state.subtract(i)),
                Op::Multiply => step!(state.multiply(i)),
                Op::TrueDivide => step!(state.true_divide(i)),
                Op::FloorDivide => step!(state.floor_divide(i)),
                Op::Remainder => step!(state.remainder(i)),
                Op::Power => cold!(state, i, |s, i| s.power(i)),
                Op::MatrixMultiply => cold!(state, i, |s, i| s.matrix_multiply(i)),
                Op::LeftShift => step!(state.left_shift(i)),
                Op::RightShift => step!(state.right_shift(i)),
                Op::And => step!(state.and(i)),
                Op::Or => step!(state.or(i)),
                Op::Xor => step!(state.xor(i)),
                Op::Subscript => step!(state.subscript(i)),
                Op::AddImmediate => step!(state.add_immediate(i)),
                Op::SubtractImmediate => step!(state.subtract_immediate(i)),
                Op::Negate => cold!(state, i, |s, i| s.negate(i)),
                Op::Invert => cold!(state, i, |s, i| s.invert(i)),
                Op::Not => step!(state.not(i)),
                Op::ToBool => cold!(state, i, |s, i| s.to_bool(i)),
                Op::Less => step!(state.compare(i, CompareOp::Lt, |a, b| a < b, |a, b| a < b)),
                Op::LessEqual => step!(state.compare(i, CompareOp::Le, |a, b| a <= b, |a, b| a <= b)),
                Op::Equal => step!(state.compare(i, CompareOp::Eq, |a, b| a == b, |a, b| a == b)),
                Op::NotEqual => step!(state.compare(i, CompareOp::Ne, |a, b| a != b, |a, b| a != b)),
                Op::Greater => step!(state.compare(i, CompareOp::Gt, |a, b| a > b, |a, b| a > b)),
                Op::GreaterEqual => step!(state.compare(i, CompareOp::Ge, |a, b| a >= b, |a, b| a >= b)),
                Op::Is => step!(state.is(i)),
                Op::Contains => cold!(state, i, |s, i| s.contains(i)),
                Op::StoreSubscript => step!(state.store_subscript(i)),
                Op::DeleteSubscript => cold!(state, i, |s, i| s.delete_subscript(i)),
                Op::Slice => cold!(state, i, |s, i| s.slice(i)),
                Op::StoreSlice => cold!(state, i, |s, i| s.store_slice(i)),
                Op::Jump => step!(state.jump_always(i)),
                Op::JumpBackward => step!(state.jump_backward(i)),
                Op::JumpIfTrue => step!(state.jump_if(i, true)),
                Op::JumpIfFalse => step!(state.jump_if(i, false)),
                Op::JumpIfNone => step!(state.jump_if_none(i, true)),
                Op::JumpIfNotNone => step!(state.jump_if_none(i, false)),
                Op::JumpLess => step!(state.jump_compare(i, CompareOp::Lt, |a, b| a < b, |a, b| a < b)),
                Op::JumpLessEqual => step!(state.jump_compare(i, CompareOp::Le, |a, b| a <= b, |a, b| a <= b)),
                Op::JumpEqual => step!(state.jump_compare(i, CompareOp::Eq, |a, b| a == b, |a, b| a == b)),
                Op::JumpNotEqual => step!(state.jump_compare(i, CompareOp::Ne, |a, b| a != b, |a, b| a != b)),
                Op::JumpGreater => step!(state.jump_compare(i, CompareOp::Gt, |a, b| a > b, |a, b| a > b)),
                Op::JumpGreaterEqual => step!(state.jump_compare(i, CompareOp::Ge, |a, b| a >= b, |a, b| a >= b)),
                Op::JumpLessImmediate => {
                    step!(state.jump_compare_immediate(i, CompareOp::Lt, |a, b| a < b, |a, b| a < b))
                }
                Op::JumpLessEqualImmediate => {
                    step!(state.jump_compare_immediate(i, CompareOp::Le, |a, b| a <= b, |a, b| a <= b))
                }
                Op::JumpEqualImmediate => {
                    step!(state.jump_compare_immediate(i, CompareOp::Eq, |a, b| a == b, |a, b| a == b))
                }
                Op::JumpNotEqualImmediate => {
                    step!(state.jump_compare_immediate(i, CompareOp::Ne, |a, b| a != b, |a, b| a != b))
                }
                Op::JumpGreaterImmediate => {
                    step!(state.jump_compare_immediate(i, CompareOp::Gt, |a, b| a > b, |a, b| a > b))
                }
                Op::JumpGreaterEqualImmediate => {
                    step!(state.jump_compare_immediate(i, CompareOp::Ge, |a, b| a >= b, |a, b| a >= b))
                }
                Op::JumpIs => step!(state.jump_is(i)),
                Op::JumpContains => cold!(state, i, |s, i| s.jump_contains(i)),
                Op::GetIter => cold!(state, i, |s, i| s.get_iter(i)),
                Op::ForIter => step!(state.for_iter(i)),
                Op::ForIterBackward => step!(state.for_iter_backward(i)),
                Op::Unpack => step!(state.unpack(i)),
                Op::UnpackEx => cold!(state, i, |s, i| s.unpack_ex(i)),
                Op::Call => step!(state.call(i)),
                Op::CallFunction => step!(state.call_function(i)),
                Op::CallMany => cold!(state, i, |s, i| s.call_many(i)),
                Op::CallMethod => step!(state.call_method(i)),
                Op::CallKeywords => cold!(state, i, |s, i| s.call_keywords(i)),
                Op::CallEx => cold!(state, i, |s, i| s.call_ex(i)),
                Op::Return => step!(state.return_(i)),
                Op::BuildTuple => cold!(state, i, |s, i| s.build_tuple(i)),
                Op::BuildList => cold!(state, i, |s, i| s.build_list(i)),
                Op::BuildSet => cold!(state, i, |s, i| s.build_set(i)),
                Op::BuildMap => cold!(state, i, |s, i| s.build_map(i)),
                Op::BuildString => cold!(state, i, |s, i| s.build_string(i)),
                Op::BuildSlice => cold!(state, i, |s, i| s.build_slice(i)),
                Op::BuildInterpolation => cold!(state, i, |s, i| s.build_interpolation(i)),
                Op::BuildTemplate => cold!(state, i, |s, i| s.build_template(i)),
                Op::ListAppend => step!(state.list_append(i)),
                Op::SetAdd => cold!(state, i, |s, i| s.set_add(i)),
                Op::MapAdd => cold!(state, i, |s, i| s.map_add(i)),
                Op::ListExtend => cold!(state, i, |s, i| s.list_extend(i)),
                Op::SetUpdate => cold!(state, i, |s, i| s.set_update(i)),
                Op::DictUpdate => cold!(state, i, |s, i| s.dict_update(i)),
                Op::DictMerge => cold!(state, i, |s, i| s.dict_merge(i)),
                Op::FormatSimple => cold!(state, i, |s, i| s.format_simple(i)),
                Op::FormatWithSpec => cold!(state, i, |s, i| s.format_with_spec(i)),
                Op::ConvertValue => cold!(state, i, |s, i| s.convert_value(i)),
                Op::MakeFunction => cold!(state, i, |s, i| s.make_function(i)),
                Op::SetFunctionAttribute => cold!(state, i, |s, i| s.set_function_attribute(i)),
                Op::ReturnGenerator => cold!(state, i, |s, i| s.return_generator()),
                Op::Yield => step!(state.yield_(i)),
                Op::Resume => cold!(state, i, |s, i| s.resume(i)),
                Op::Send => cold!(state, i, |s, i| s.send(i)),
                Op::EndSend => cold!(state, i, |s, i| s.end_send(i)),
                Op::GetYieldFromIter => cold!(state, i, |s, i| s.get_yield_from_iter(i)),
                Op::GetAwaitable => cold!(state, i, |s, i| s.get_awaitable(i)),
                Op::GetAiter => cold!(state, i, |s, i| s.get_aiter(i)),
                Op::GetAnext => cold!(state, i, |s, i| s.get_anext(i)),
                Op::EndAsyncFor => cold!(state, i, |s, i| s.end_async_for(i)),
                Op::CleanupThrow => cold!(state, i, |s, i| s.cleanup_throw(i)),
                Op::PushExcInfo => cold!(state, i, |s, i| s.push_exc_info(i)),
                Op::PopExcept => cold!(state, i, |s, i| s.pop_except(i)),
                Op::CheckExcMatch => cold!(state, i, |s, i| s.check_exc_match(i)),
                Op::CheckEgMatch => cold!(state, i, |s, i| s.check_eg_match(i)),
                Op::Raise => cold!(state, i, |s, i| s.raise(i)),
                Op::Reraise => cold!(state, i, |s, i| s.reraise(i)),
                Op::WithExceptStart => cold!(state, i, |s, i| s.with_except_start(i)),
                Op::GetLen => cold!(state, i, |s, i| s.get_len(i)),
                Op::MatchMapping => cold!(state, i, |s, i| s.match_flag(i, type_flags::MAPPING)),
                Op::MatchSequence => cold!(state, i, |s, i| s.match_flag(i, type_flags::SEQUENCE)),
                Op::MatchKeys => cold!(state, i, |s, i| s.match_keys(i)),
                Op::MatchClass => cold!(state, i, |s, i| s.match_class(i)),
                Op::ImportName => cold!(state, i, |s, i| s.import_name(i)),
                Op::ImportFrom => cold!(state, i, |s, i| s.import_from(i)),
                Op::Intrinsic1 => cold!(state, i, |s, i| s.intrinsic_1(i)),
                Op::Intrinsic2 => cold!(state, i, |s, i| s.intrinsic_2(i)),
            };
            match flow {
                Flow::Next => {}
                Flow::Raise(raised) => break Some((raised, true)),
                Flow::Reraise(raised) => break Some((raised, false)),
                Flow::Exit(value) => return Ok(value),
                Flow::Abort(raised) => return Err(Stop::Raised(raised)),
                Flow::Switch => return Err(Stop::Switch),
            }
        };
    }
}
