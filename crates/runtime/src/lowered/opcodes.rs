//! What each bytecode instruction becomes in lowered code.

use super::instruction::{Op, flag};
use super::lowering::{Entry, Lowering};
use super::{ExtraConstant, LowerError, Mode, SiteKind};
use crate::lowered::Instruction;
use oriel_bytecode::Opcode;
use oriel_bytecode::oparg::{BinaryOperator, CompareOperator};

type Done = Result<(), LowerError>;

const NO: (u16, bool) = (0, false);

fn binary_op(operator: BinaryOperator) -> Op {
    use BinaryOperator::*;
    match operator.plain() {
        Add => Op::Add,
        And => Op::And,
        FloorDivide => Op::FloorDivide,
        LeftShift => Op::LeftShift,
        MatrixMultiply => Op::MatrixMultiply,
        Multiply => Op::Multiply,
        Remainder => Op::Remainder,
        Or => Op::Or,
        Power => Op::Power,
        RightShift => Op::RightShift,
        Subtract => Op::Subtract,
        TrueDivide => Op::TrueDivide,
        Xor => Op::Xor,
        _ => Op::Subscript,
    }
}

fn comparison(operator: CompareOperator) -> Op {
    use CompareOperator::*;
    match operator {
        Less => Op::Less,
        LessEqual => Op::LessEqual,
        Equal => Op::Equal,
        NotEqual => Op::NotEqual,
        Greater => Op::Greater,
        GreaterEqual => Op::GreaterEqual,
    }
}

/// The fused jumps of a test: with two operands, and with a number.
fn fused_jump(op: Op) -> Option<(Op, Option<Op>)> {
    Some(match op {
        Op::Less => (Op::JumpLess, Some(Op::JumpLessImmediate)),
        Op::LessEqual => (Op::JumpLessEqual, Some(Op::JumpLessEqualImmediate)),
        Op::Equal => (Op::JumpEqual, Some(Op::JumpEqualImmediate)),
        Op::NotEqual => (Op::JumpNotEqual, Some(Op::JumpNotEqualImmediate)),
        Op::Greater => (Op::JumpGreater, Some(Op::JumpGreaterImmediate)),
        Op::GreaterEqual => (Op::JumpGreaterEqual, Some(Op::JumpGreaterEqualImmediate)),
        Op::Is => (Op::JumpIs, None),
        Op::Contains => (Op::JumpContains, None),
        _ => return None,
    })
}

/// The flags of an instruction that is emitted anew without its temporary destination.
fn flags_without_destination(word: Instruction) -> u8 {
    let mut flags = word.flags();
    if word.b() == word.a() {
        flags |= flag::KILL_B;
    }
    if word.c() == word.a() {
        flags |= flag::KILL_C;
    }
    flags
}

impl Lowering<'_> {
    /// Lowers one instruction.
    pub(super) fn opcode(&mut self, index: usize, opcode: Opcode, oparg: u32) -> Done {
        match opcode {
            Opcode::NOP | Opcode::NOT_TAKEN => {}
            // Calls and backward jumps look at what is pending, which is often enough.
            Opcode::RESUME if self.mode == Mode::Fast => self.no_producer(),
            Opcode::RESUME => {
                self.emit(Op::Resume, 0, oparg as u16, 0, 0);
            }
            Opcode::LOAD_FAST | Opcode::LOAD_FAST_BORROW => {
                let local = self.local(oparg)?;
                self.stack.push(Entry::Local(local));
            }
            Opcode::LOAD_FAST_CHECK => {
                let local = self.local(oparg)?;
                self.emit(Op::CheckBound, 0, local, 0, 0);
                self.stack.push(Entry::Local(local));
            }
            Opcode::LOAD_FAST_LOAD_FAST | Opcode::LOAD_FAST_BORROW_LOAD_FAST_BORROW => {
                let (first, second) = (self.local(oparg >> 4)?, self.local(oparg & 15)?);
                self.stack.extend([Entry::Local(first), Entry::Local(second)]);
            }
            Opcode::LOAD_FAST_AND_CLEAR => {
                let local = self.local(oparg)?;
                self.materialize_local(local);
                let register = self.next_register();
                self.emit(Op::Take, 0, register, local, 0);
                self.stack.push(Entry::Temporary);
            }
            Opcode::STORE_FAST => {
                let local = self.local(oparg)?;
                self.store_local(local);
            }
            Opcode::STORE_FAST_LOAD_FAST => {
                let (store, load) = (self.local(oparg >> 4)?, self.local(oparg & 15)?);
                self.store_local(store);
                self.stack.push(Entry::Local(load));
            }
            Opcode::STORE_FAST_STORE_FAST => {
                let (first, second) = (self.local(oparg >> 4)?, self.local(oparg & 15)?);
                self.store_local(first);
                self.store_local(second);
            }
            Opcode::DELETE_FAST => {
                let local = self.local(oparg)?;
                self.materialize_local(local);
                self.emit(Op::Delete, 0, local, 0, 0);
            }
            Opcode::LOAD_CONST => self.push_constant(oparg)?,
            Opcode::LOAD_SMALL_INT => self.push_extra(ExtraConstant::Int(oparg as i32)),
            Opcode::LOAD_COMMON_CONSTANT => {
                if oparg > 4 {
                    return Err(LowerError::BadOperand);
                }
                self.push_extra(ExtraConstant::Common(oparg));
            }
            Opcode::PUSH_NULL => self.push_extra(ExtraConstant::Nothing),
            Opcode::POP_TOP | Opcode::POP_ITER | Opcode::END_FOR => self.drop_top(),
            Opcode::COPY => {
                let position =
                    self.stack.len().checked_sub(oparg as usize).filter(|_| oparg > 0).ok_or(LowerError::BadStack)?;
                match self.stack[position] {
                    Entry::Temporary => {
                        let register = self.register(position);
                        self.emit_push(Op::Move, 0, (register, false), NO);
                    }
                    alias => self.stack.push(alias),
                }
            }
            Opcode::SWAP => self.swap(oparg)?,
            Opcode::MAKE_CELL => {
                let local = self.local(oparg)?;
                self.materialize_local(local);
                self.emit(Op::MakeCell, 0, local, 0, 0);
            }
            Opcode::COPY_FREE_VARS => {
                let first = u32::from(self.variables).checked_sub(oparg).ok_or(LowerError::BadOperand)?;
                self.emit(Op::CopyFreeVars, 0, first as u16, oparg as u16, 0);
            }
            Opcode::LOAD_DEREF => {
                let cell = self.local(oparg)?;
                self.emit_push(Op::LoadCell, 0, (cell, false), NO);
            }
            Opcode::STORE_DEREF => {
                let cell = self.local(oparg)?;
                let (value, temporary) = self.pop();
                self.emit(Op::StoreCell, kill(temporary, flag::KILL_B), cell, value, 0);
            }
            Opcode::DELETE_DEREF => {
                let cell = self.local(oparg)?;
                self.emit(Op::DeleteCell, 0, cell, 0, 0);
            }
            Opcode::LOAD_FROM_DICT_OR_DEREF => {
                let cell = self.local(oparg)?;
                let mapping = self.pop();
                self.emit_push(Op::LoadFromDictOrCell, 0, mapping, (cell, false));
            }
            Opcode::LOAD_NAME
            | Opcode::STORE_NAME
            | Opcode::DELETE_NAME
            | Opcode::LOAD_GLOBAL
            | Opcode::STORE_GLOBAL
            | Opcode::DELETE_GLOBAL
            | Opcode::LOAD_FROM_DICT_OR_GLOBALS
            | Opcode::LOAD_ATTR
            | Opcode::STORE_ATTR
            | Opcode::DELETE_ATTR
            | Opcode::LOAD_SUPER_ATTR
            | Opcode::IMPORT_NAME
            | Opcode::IMPORT_FROM => self.named(opcode, oparg)?,
            Opcode::LOAD_LOCALS => self.emit_push(Op::LoadLocals, 0, NO, NO),
            Opcode::LOAD_BUILD_CLASS => self.emit_push(Op::LoadBuildClass, 0, NO, NO),
            Opcode::SETUP_ANNOTATIONS => {
                self.emit(Op::SetupAnnotations, 0, 0, 0, 0);
            }
            Opcode::LOAD_SPECIAL => {
                if oparg > 3 {
                    return Err(LowerError::BadOperand);
                }
                let (owner, temporary) = self.pop();
                let dst = self.next_register();
                let flags = kill(temporary && owner != dst, flag::KILL_B);
                self.emit(Op::LoadSpecial, flags, dst, owner, oparg as u16);
                self.stack.extend([Entry::Temporary; 2]);
            }
            Opcode::BINARY_OP => self.binary(oparg)?,
            Opcode::COMPARE_OP => {
                let operator = CompareOperator::from_compare_oparg(oparg).ok_or(LowerError::BadOperand)?;
                let flags = if oparg & CompareOperator::TO_BOOL != 0 { flag::INVERT } else { 0 };
                self.two(comparison(operator), flags);
            }
            Opcode::IS_OP => self.two(Op::Is, kill(oparg & 1 != 0, flag::INVERT)),
            Opcode::CONTAINS_OP => self.two(Op::Contains, kill(oparg & 1 != 0, flag::INVERT)),
            Opcode::UNARY_NEGATIVE => self.one(Op::Negate),
            Opcode::UNARY_INVERT => self.one(Op::Invert),
            Opcode::UNARY_NOT => match self.producer_of_top(|op| op == Op::ToBool) {
                Some(word) => {
                    let truth = self.unemit(word);
                    self.stack.pop();
                    let word = self.emit(Op::Not, truth.flags(), truth.a(), truth.b(), 0);
                    self.pushed(word);
                }
                None => self.one(Op::Not),
            },
            Opcode::TO_BOOL => self.one(Op::ToBool),
            Opcode::STORE_SUBSCR => {
                let (key, key_dies) = self.pop();
                let (container, container_dies) = self.pop();
                let (value, value_dies) = self.pop();
                let flags =
                    kill(container_dies, flag::KILL_A) | kill(key_dies, flag::KILL_B) | kill(value_dies, flag::KILL_C);
                self.emit(Op::StoreSubscript, flags, container, key, value);
            }
            Opcode::DELETE_SUBSCR => {
                let (key, key_dies) = self.pop();
                let (container, container_dies) = self.pop();
                let flags = kill(container_dies, flag::KILL_A) | kill(key_dies, flag::KILL_B);
                self.emit(Op::DeleteSubscript, flags, container, key, 0);
            }
            Opcode::BINARY_SLICE => self.emit_list_op(Op::Slice, 0, 3, 0),
            Opcode::STORE_SLICE => {
                self.emit_list_op(Op::StoreSlice, 0, 4, 0);
                self.stack.pop();
                self.no_producer();
            }
            _ => return self.opcode_more(index, opcode, oparg),
        }
        Ok(())
    }

    fn opcode_more(&mut self, index: usize, opcode: Opcode, oparg: u32) -> Done {
        let count = oparg as usize;
        match opcode {
            Opcode::JUMP_FORWARD => {
                let target = self.jump_target(index)?;
                self.materialize_all();
                self.emit_jump(Op::Jump, 0, 0, target);
            }
            Opcode::JUMP_BACKWARD | Opcode::JUMP_BACKWARD_NO_INTERRUPT => {
                let target = self.jump_target(index)?;
                self.materialize_all();
                let header = self.analysis.instructions[target].opcode == Opcode::FOR_ITER;
                match self.word_of(target) {
                    Some(word) if header && self.may_be_near() && opcode == Opcode::JUMP_BACKWARD => {
                        let exit = self.jump_target(target)?;
                        self.emit_for_backward(word, exit)?;
                    }
                    _ => {
                        let op = if opcode == Opcode::JUMP_BACKWARD { Op::JumpBackward } else { Op::Jump };
                        self.emit_jump(op, 0, 0, target);
                    }
                }
            }
            Opcode::POP_JUMP_IF_TRUE => self.conditional(index, true)?,
            Opcode::POP_JUMP_IF_FALSE => self.conditional(index, false)?,
            Opcode::POP_JUMP_IF_NONE | Opcode::POP_JUMP_IF_NOT_NONE => {
                let target = self.jump_target(index)?;
                let (operand, temporary) = self.pop();
                self.materialize_all();
                let op = if opcode == Opcode::POP_JUMP_IF_NONE { Op::JumpIfNone } else { Op::JumpIfNotNone };
                self.emit_jump(op, kill(temporary, flag::KILL_A), operand, target);
            }
            Opcode::GET_ITER => self.one(Op::GetIter),
            Opcode::FOR_ITER => {
                let target = self.jump_target(index)?;
                self.materialize_all();
                let iterator = self.register(self.stack.len() - 1);
                let dst = self.next_register();
                let word = self.emit_extension_jump(Op::ForIter, 0, dst, iterator, 0, target);
                self.pushed(word);
            }
            Opcode::UNPACK_SEQUENCE => {
                let (source, temporary) = self.pop();
                let first = self.stack.len();
                let targets: Vec<u16> = (0..count).rev().map(|item| self.register(first + item)).collect();
                let word = self.emit(Op::Unpack, kill(temporary, flag::KILL_B), 0, source, self.count_operand(count)?);
                self.emit_list(&targets);
                self.stack.resize(first + count, Entry::Temporary);
                self.unpacked(word);
            }
            Opcode::UNPACK_EX => {
                let (source, temporary) = self.pop();
                let base = self.next_register();
                let total = (count & 0xff) + 1 + (count >> 8);
                let counts = self.count_operand(count)?;
                self.emit(Op::UnpackEx, kill(temporary, flag::KILL_B), base, source, counts);
                self.stack.resize(self.stack.len() + total, Entry::Temporary);
            }
            Opcode::CALL => self.call(count)?,
            Opcode::CALL_KW => self.emit_counted(Op::CallKeywords, 0, count + 3)?,
            Opcode::CALL_FUNCTION_EX => self.emit_list_op(Op::CallEx, 0, 4, 0),
            Opcode::RETURN_VALUE => {
                let (value, temporary) = self.pop();
                self.emit(Op::Return, kill(temporary, flag::KILL_B), 0, value, 0);
            }
            Opcode::BUILD_TUPLE => self.emit_counted(Op::BuildTuple, 0, count)?,
            Opcode::BUILD_LIST => self.emit_counted(Op::BuildList, 0, count)?,
            Opcode::BUILD_SET => self.emit_counted(Op::BuildSet, 0, count)?,
            Opcode::BUILD_MAP => self.emit_counted(Op::BuildMap, 0, count * 2)?,
            Opcode::BUILD_STRING => self.emit_counted(Op::BuildString, 0, count)?,
            Opcode::BUILD_SLICE if count == 2 || count == 3 => self.emit_counted(Op::BuildSlice, 0, count)?,
            Opcode::BUILD_INTERPOLATION => {
                self.emit_counted(Op::BuildInterpolation, (oparg >> 2) as u8 & 3, 2 + (count & 1))?;
            }
            Opcode::BUILD_TEMPLATE => self.two(Op::BuildTemplate, 0),
            Opcode::LIST_APPEND => self.into_container(Op::ListAppend, count)?,
            Opcode::SET_ADD => self.into_container(Op::SetAdd, count)?,
            Opcode::LIST_EXTEND => self.into_container(Op::ListExtend, count)?,
            Opcode::SET_UPDATE => self.into_container(Op::SetUpdate, count)?,
            Opcode::DICT_UPDATE => self.into_container(Op::DictUpdate, count)?,
            Opcode::DICT_MERGE if self.only_forwards(index, count) => {
                // The call reads the mapping itself instead of a copy.
                let mapping = self.stack.pop();
                self.stack.pop();
                self.unemit_last();
                self.stack.extend(mapping);
            }
            Opcode::DICT_MERGE => {
                let (update, temporary) = self.pop();
                let dict = self.container(count)?;
                let callable = (dict - self.variables).checked_sub(3).ok_or(LowerError::BadStack)?;
                let callable = self.operand(usize::from(callable));
                self.emit(Op::DictMerge, kill(temporary, flag::KILL_B), dict, update, callable);
            }
            Opcode::MAP_ADD => {
                let (value, value_dies) = self.pop();
                let (key, key_dies) = self.pop();
                let dict = self.container(count)?;
                let flags = kill(key_dies, flag::KILL_B) | kill(value_dies, flag::KILL_C);
                self.emit(Op::MapAdd, flags, dict, key, value);
            }
            Opcode::FORMAT_SIMPLE => self.one(Op::FormatSimple),
            Opcode::FORMAT_WITH_SPEC => self.two(Op::FormatWithSpec, 0),
            Opcode::CONVERT_VALUE => self.one_with(Op::ConvertValue, oparg),
            Opcode::MAKE_FUNCTION => self.one(Op::MakeFunction),
            Opcode::SET_FUNCTION_ATTRIBUTE => {
                let function = self.pop();
                let attribute = self.pop();
                self.emit_push(Op::SetFunctionAttribute, 0, function, attribute);
                self.push_word(Instruction::four([oparg as u16, 0, 0, 0]));
                self.pushed_before(1);
            }
            _ => return self.opcode_rare(index, opcode, oparg),
        }
        Ok(())
    }

    fn opcode_rare(&mut self, index: usize, opcode: Opcode, oparg: u32) -> Done {
        match opcode {
            Opcode::RETURN_GENERATOR => self.emit_push(Op::ReturnGenerator, 0, NO, NO),
            Opcode::YIELD_VALUE => self.one_with(Op::Yield, oparg),
            Opcode::SEND => {
                let target = self.jump_target(index)?;
                let (value, temporary) = self.pop();
                self.materialize_all();
                let receiver = self.register(self.stack.len() - 1);
                let dst = self.next_register();
                let flags = kill(temporary && value != dst, flag::KILL_C);
                self.emit_extension_jump(Op::Send, flags, dst, receiver, value, target);
                self.stack.push(Entry::Temporary);
            }
            Opcode::END_SEND => {
                let value = self.pop();
                let receiver = self.pop_register();
                self.emit_push(Op::EndSend, 0, (receiver, false), value);
            }
            Opcode::GET_YIELD_FROM_ITER => self.one(Op::GetYieldFromIter),
            Opcode::GET_AWAITABLE => self.one_with(Op::GetAwaitable, oparg),
            Opcode::GET_AITER => self.one(Op::GetAiter),
            Opcode::GET_ANEXT => self.peek(Op::GetAnext),
            Opcode::END_ASYNC_FOR => {
                let exception = self.pop_register();
                let iterator = self.pop_register();
                self.emit(Op::EndAsyncFor, 0, iterator, exception, 0);
            }
            Opcode::CLEANUP_THROW => {
                self.materialize_all();
                let base = self.register(self.stack.len() - 3);
                self.emit(Op::CleanupThrow, 0, base, 0, 0);
                self.stack.pop();
            }
            Opcode::PUSH_EXC_INFO => {
                let register = self.pop_register();
                self.emit(Op::PushExcInfo, 0, register, 0, 0);
                self.stack.extend([Entry::Temporary; 2]);
            }
            Opcode::POP_EXCEPT => {
                let register = self.pop_register();
                self.emit(Op::PopExcept, 0, 0, register, 0);
            }
            Opcode::CHECK_EXC_MATCH => {
                let ty = self.pop();
                let exception = self.operand(self.stack.len() - 1);
                self.emit_push(Op::CheckExcMatch, 0, (exception, false), ty);
            }
            Opcode::CHECK_EG_MATCH => {
                let (ty, temporary) = self.pop();
                let exception = self.pop_register();
                self.emit(Op::CheckEgMatch, kill(temporary, flag::KILL_C), exception, exception, ty);
                self.stack.extend([Entry::Temporary; 2]);
            }
            Opcode::RAISE_VARARGS => {
                let (cause, cause_dies) = if oparg == 2 { self.pop() } else { NO };
                let (exception, dies) = if oparg >= 1 { self.pop() } else { NO };
                if oparg > 2 {
                    return Err(LowerError::BadOperand);
                }
                let flags = kill(dies, flag::KILL_B) | kill(cause_dies, flag::KILL_C);
                self.emit(Op::Raise, flags, oparg as u16, exception, cause);
            }
            Opcode::RERAISE => {
                let exception = self.pop_register();
                let place = if oparg > 0 { self.container(oparg as usize)? } else { 0 };
                self.emit(Op::Reraise, 0, place, exception, u16::from(oparg > 0));
            }
            Opcode::WITH_EXCEPT_START => {
                self.materialize_all();
                let function = self.register(self.stack.len() - 5);
                self.emit_push(Op::WithExceptStart, 0, (function, false), NO);
            }
            Opcode::GET_LEN => self.peek(Op::GetLen),
            Opcode::MATCH_MAPPING => self.peek(Op::MatchMapping),
            Opcode::MATCH_SEQUENCE => self.peek(Op::MatchSequence),
            Opcode::MATCH_KEYS => {
                let (subject, keys) = (self.operand(self.stack.len() - 2), self.operand(self.stack.len() - 1));
                self.emit_push(Op::MatchKeys, 0, (subject, false), (keys, false));
            }
            Opcode::MATCH_CLASS => {
                let positional = self.count_operand(oparg as usize)?;
                self.emit_list_op(Op::MatchClass, 0, 3, positional);
            }
            Opcode::CALL_INTRINSIC_1 => self.one_with(Op::Intrinsic1, oparg),
            Opcode::CALL_INTRINSIC_2 => {
                let second = self.pop();
                let first = self.pop();
                self.emit_push(Op::Intrinsic2, 0, first, second);
                self.push_word(Instruction::number(oparg));
                self.pushed_before(1);
            }
            other => return Err(LowerError::UnknownOpcode(other.0)),
        }
        Ok(())
    }

    fn named(&mut self, opcode: Opcode, oparg: u32) -> Done {
        match opcode {
            Opcode::LOAD_NAME => {
                let name = self.name(oparg)?;
                self.emit_wide(Op::LoadName, name);
            }
            Opcode::STORE_NAME | Opcode::STORE_GLOBAL => {
                let name = self.name(oparg)?;
                let (value, temporary) = self.pop();
                let op = if opcode == Opcode::STORE_NAME { Op::StoreName } else { Op::StoreGlobal };
                self.push_word(Instruction::wide(op, kill(temporary, flag::KILL_A), value, name));
            }
            Opcode::DELETE_NAME | Opcode::DELETE_GLOBAL => {
                let name = self.name(oparg)?;
                let op = if opcode == Opcode::DELETE_NAME { Op::DeleteName } else { Op::DeleteGlobal };
                self.push_word(Instruction::wide(op, 0, 0, name));
            }
            Opcode::LOAD_GLOBAL => {
                let name = self.name(oparg >> 1)?;
                let site = self.wide_site(SiteKind::Global, name);
                self.emit_wide(Op::LoadGlobal, site);
                if oparg & 1 != 0 {
                    self.push_extra(ExtraConstant::Nothing);
                }
            }
            Opcode::LOAD_FROM_DICT_OR_GLOBALS => {
                let name = self.name(oparg)?;
                let mapping = self.pop();
                self.emit_push(Op::LoadFromDictOrGlobals, 0, mapping, NO);
                self.push_word(Instruction::number(name));
                self.pushed_before(1);
            }
            Opcode::LOAD_ATTR => self.load_attr(oparg)?,
            Opcode::STORE_ATTR => {
                let name = self.name(oparg)?;
                let (object, object_dies) = self.pop();
                let (value, value_dies) = self.pop();
                let flags = kill(object_dies, flag::KILL_A) | kill(value_dies, flag::KILL_B);
                match self.site(SiteKind::StoreAttribute, name) {
                    Some(site) => {
                        self.emit(Op::StoreAttr, flags, object, value, site);
                    }
                    None => {
                        self.emit(Op::StoreAttrFar, flags, object, value, 0);
                        self.push_word(Instruction::number(name));
                    }
                }
            }
            Opcode::DELETE_ATTR => {
                let name = self.name(oparg)?;
                let (object, temporary) = self.pop();
                self.push_word(Instruction::wide(Op::DeleteAttr, kill(temporary, flag::KILL_A), object, name));
            }
            Opcode::LOAD_SUPER_ATTR => {
                let name = self.name(oparg >> 2)?;
                let site = self.site(SiteKind::Super, name).ok_or(LowerError::TooLarge)?;
                // Who looks on sees a method bound, as in CPython.
                let exact_method = oparg & 1 != 0 && self.mode == Mode::Exact;
                let method = oparg & 1 != 0 && !exact_method;
                // SENSE tells a call of super() with arguments from one without, for its error messages.
                let flags = kill(method, flag::INVERT) | kill(oparg & 2 != 0, flag::SENSE);
                self.emit_list_op(Op::LoadSuperAttr, flags, 3, site);
                if method {
                    self.no_producer();
                    self.stack.push(Entry::Temporary);
                } else if exact_method {
                    self.push_extra(ExtraConstant::Nothing);
                }
            }
            Opcode::IMPORT_NAME => {
                let name = self.name(oparg)?;
                let from = self.pop();
                let level = self.pop();
                self.emit_push(Op::ImportName, 0, level, from);
                self.push_word(Instruction::number(name));
                self.pushed_before(1);
            }
            _ => {
                let name = self.name(oparg)?;
                let module = self.operand(self.stack.len() - 1);
                self.emit_push(Op::ImportFrom, 0, (module, false), NO);
                self.push_word(Instruction::number(name));
                self.pushed_before(1);
            }
        }
        Ok(())
    }

    fn load_attr(&mut self, oparg: u32) -> Done {
        let name = self.name(oparg >> 1)?;
        let method = oparg & 1 != 0;
        let object = self.pop();
        let kind = if method { SiteKind::Method } else { SiteKind::Attribute };
        let site = self.site(kind, name);
        if method {
            let dst = self.next_register();
            let flags = kill(object.1 && object.0 != dst, flag::KILL_B);
            match site {
                Some(site) => {
                    let word = self.emit(Op::LoadMethod, flags, dst, object.0, site);
                    self.note_method(word);
                }
                None => {
                    self.emit(Op::LoadMethodFar, flags, dst, object.0, 0);
                    self.push_word(Instruction::number(name));
                }
            }
            self.stack.extend([Entry::Temporary; 2]);
            return Ok(());
        }
        match site {
            Some(site) => self.emit_push(Op::LoadAttr, 0, object, (site, false)),
            None => {
                self.emit_push(Op::LoadAttrFar, 0, object, NO);
                self.push_word(Instruction::number(name));
                self.pushed_before(1);
            }
        }
        Ok(())
    }

    fn call(&mut self, arguments: usize) -> Done {
        let count = arguments + 2;
        let first = self.stack.len().checked_sub(count).ok_or(LowerError::BadStack)?;
        let base = self.register(first);
        if let Some(method) = self.noted_method()
            && self.word(method).a() == base
            && count <= 255
        {
            // Nothing happens between the look-up and the call, so they can be one.
            let look_up = self.unemit(method);
            let mut operands = vec![look_up.b()];
            operands.extend((first + 2..self.stack.len()).map(|position| self.operand(position)));
            self.stack.truncate(first);
            let word = self.emit(Op::CallMethod, operands.len() as u8, base, base, look_up.c());
            self.emit_list(&operands);
            self.pushed(word);
            return Ok(());
        }
        let nothing = self.extra(ExtraConstant::Nothing).ok();
        if self.mode == Mode::Fast && count <= 255 && Some(self.operand(first + 1)) == nothing {
            let Some(site) = self.site(SiteKind::Call, 0) else { return self.emit_counted(Op::CallMany, 0, count) };
            let mut operands = vec![self.operand(first)];
            operands.extend((first + 2..self.stack.len()).map(|position| self.operand(position)));
            self.stack.truncate(first);
            let word = self.emit(Op::CallFunction, operands.len() as u8, base, base, site);
            self.emit_list(&operands);
            self.pushed(word);
            return Ok(());
        }
        match if count <= 255 { self.site(SiteKind::Call, 0) } else { None } {
            Some(site) => self.emit_list_op(Op::Call, count as u8, count, site),
            None => self.emit_counted(Op::CallMany, 0, count)?,
        }
        Ok(())
    }

    /// A list operation that tells its count in `c`.
    fn emit_counted(&mut self, op: Op, flags: u8, count: usize) -> Done {
        let c = self.count_operand(count)?;
        self.emit_list_op(op, flags, count, c);
        Ok(())
    }

    fn count_operand(&self, count: usize) -> Result<u16, LowerError> {
        u16::try_from(count).map_err(|_| LowerError::TooLarge)
    }

    fn one(&mut self, op: Op) {
        let operand = self.pop();
        self.emit_push(op, 0, operand, NO);
    }

    fn one_with(&mut self, op: Op, number: u32) {
        let operand = self.pop();
        self.emit_push(op, 0, operand, (number as u16, false));
    }

    fn two(&mut self, op: Op, flags: u8) {
        let right = self.pop();
        let left = self.pop();
        self.emit_push(op, flags, left, right);
    }

    /// An instruction that looks at the top and pushes its result.
    fn peek(&mut self, op: Op) {
        let operand = self.operand(self.stack.len() - 1);
        self.emit_push(op, 0, (operand, false), NO);
    }

    fn binary(&mut self, oparg: u32) -> Done {
        let operator = BinaryOperator::from_oparg(oparg).ok_or(LowerError::BadOperand)?;
        let op = binary_op(operator);
        let flags = kill(operator.is_inplace(), flag::INPLACE);
        let right = self.pop();
        let left = self.pop();
        let immediate = match op {
            Op::Add => Some(Op::AddImmediate),
            Op::Subtract => Some(Op::SubtractImmediate),
            _ => None,
        };
        if self.mode == Mode::Fast
            && let (Some(immediate), Some(number)) = (immediate, self.small_constant(right.0))
        {
            self.emit_push(immediate, flags, left, (number as u16, false));
        } else {
            self.emit_push(op, flags, left, right);
        }
        Ok(())
    }

    fn swap(&mut self, oparg: u32) -> Done {
        let top = self.stack.len() - 1;
        let other = self.stack.len().checked_sub(oparg as usize).filter(|_| oparg > 0).ok_or(LowerError::BadStack)?;
        match (self.stack[top], self.stack[other]) {
            (Entry::Temporary, Entry::Temporary) => {
                let (a, b) = (self.register(top), self.register(other));
                if a != b {
                    self.emit(Op::Swap, 0, a, b, 0);
                }
            }
            (Entry::Temporary, alias) => {
                let (from, to) = (self.register(top), self.register(other));
                self.emit(Op::Take, 0, to, from, 0);
                self.stack[other] = Entry::Temporary;
                self.stack[top] = alias;
            }
            (alias, Entry::Temporary) => {
                let (from, to) = (self.register(other), self.register(top));
                self.emit(Op::Take, 0, to, from, 0);
                self.stack[top] = Entry::Temporary;
                self.stack[other] = alias;
            }
            _ => self.stack.swap(top, other),
        }
        Ok(())
    }

    /// Whether a DICT_MERGE copies a local into a fresh dict only to hand it to the call that follows.
    fn only_forwards(&self, index: usize, count: usize) -> bool {
        let calls = |next: &super::analysis::Decoded| {
            next.opcode == Opcode::CALL_FUNCTION_EX && !next.label && next.protect.is_none()
        };
        let Some(position) = self.stack.len().checked_sub(2) else { return false };
        self.mode == Mode::Fast
            && count == 1
            && matches!(self.stack[position + 1], Entry::Local(_))
            && self.stack[position] == Entry::Temporary
            && self.analysis.instructions.get(index + 1).is_some_and(calls)
            && self.last_is(Op::BuildMap, self.register(position))
    }

    fn jump_target(&self, index: usize) -> Result<usize, LowerError> {
        self.analysis.target(self.code, index)?.ok_or(LowerError::BadJump)
    }

    fn conditional(&mut self, index: usize, sense: bool) -> Done {
        let target = self.jump_target(index)?;
        let near = self.may_be_near();
        let fusable = |op| matches!(op, Op::ToBool | Op::Not) || near && fused_jump(op).is_some();
        let test = self.producer_of_top(fusable);
        let (operand, temporary) = self.pop();
        let Some(word) = test else {
            self.materialize_all();
            let op = if sense { Op::JumpIfTrue } else { Op::JumpIfFalse };
            self.emit_jump(op, kill(temporary, flag::KILL_A), operand, target);
            return Ok(());
        };
        let test = self.unemit(word);
        let op = test.op().ok_or(LowerError::BadOperand)?;
        self.materialize_all();
        match fused_jump(op) {
            None => {
                let op = if sense != (op == Op::Not) { Op::JumpIfTrue } else { Op::JumpIfFalse };
                let dies = test.has(flag::KILL_B) || test.a() == test.b();
                self.emit_jump(op, kill(dies, flag::KILL_A), test.b(), target);
            }
            Some((fused, immediate)) => {
                let invert = matches!(op, Op::Is | Op::Contains) && test.has(flag::INVERT);
                let dying = flags_without_destination(test) & (flag::KILL_B | flag::KILL_C);
                let flags = dying | kill(sense != invert, flag::SENSE);
                match (immediate, self.small_constant(test.c())) {
                    (Some(immediate), Some(number)) => {
                        self.emit_near_jump(immediate, flags, test.b(), number as u16, target);
                    }
                    _ => self.emit_near_jump(fused, flags, test.b(), test.c(), target),
                }
            }
        }
        Ok(())
    }

    /// The register of the container that lies `count` below the top.
    fn container(&mut self, count: usize) -> Result<u16, LowerError> {
        let position = self.stack.len().checked_sub(count).filter(|_| count > 0).ok_or(LowerError::BadStack)?;
        self.materialize(position);
        Ok(self.register(position))
    }

    fn into_container(&mut self, op: Op, count: usize) -> Done {
        let (value, temporary) = self.pop();
        let container = self.container(count)?;
        self.emit(op, kill(temporary, flag::KILL_B), container, value, 0);
        Ok(())
    }
}

fn kill(condition: bool, flag: u8) -> u8 {
    if condition { flag } else { 0 }
}
