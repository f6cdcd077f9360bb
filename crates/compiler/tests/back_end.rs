//! The back half of the compiler by itself: hand-made instructions in, code objects out.

use oriel_bytecode::oparg::BinaryOperator;
use oriel_bytecode::positions::Location;
use oriel_bytecode::{CodeObject, Constant, Opcode, Text, exception_table};
use oriel_compiler::instruction_sequence::{AssembleError, InstructionSequence, UnitMetadata};
use oriel_compiler::optimize_and_assemble;
use oriel_compiler::verify::verify;

const HERE: Location = Location::new(1, 1, 0, 1);

fn unit(consts: &[Constant]) -> UnitMetadata {
    UnitMetadata {
        name: Text::from("f"),
        consts: consts.iter().cloned().collect(),
        firstlineno: 1,
        varnames: [Text::from("x")].into_iter().collect(),
        parameter_count: 1,
        argcount: 1,
        ..UnitMetadata::default()
    }
}

fn start() -> InstructionSequence {
    let mut seq = InstructionSequence::new();
    seq.add_op(Opcode::RESUME, 0, HERE);
    seq
}

#[track_caller]
fn check(seq: InstructionSequence, unit: UnitMetadata, expected: &[&str]) -> CodeObject {
    let code = optimize_and_assemble(seq, unit).expect("the instructions are well formed");
    let listed: Vec<String> = code
        .instructions()
        .map(|i| if i.opcode.has_arg() { format!("{:?} {}", i.opcode, i.oparg) } else { format!("{:?}", i.opcode) })
        .collect();
    assert_eq!(listed, expected);
    code
}

#[test]
fn folds_operations_on_constants() {
    let mut seq = start();
    seq.add_op(Opcode::LOAD_CONST, 0, HERE);
    seq.add_op(Opcode::LOAD_CONST, 1, HERE);
    seq.add_op(Opcode::BINARY_OP, BinaryOperator::Power.oparg(), HERE);
    seq.add_op0(Opcode::UNARY_NEGATIVE, HERE);
    seq.add_op0(Opcode::RETURN_VALUE, HERE);
    let code = check(seq, unit(&[Constant::int(2), Constant::int(60)]), &["RESUME 0", "LOAD_CONST 1", "RETURN_VALUE"]);
    assert_eq!(code.consts[1], Constant::Int(-(oriel_bytecode::IBig::ONE << 60)));
}

#[test]
fn leaves_what_raises_to_run_time() {
    for (left, operator, right) in [
        (Constant::int(1), BinaryOperator::TrueDivide, Constant::int(0)),
        (Constant::int(1), BinaryOperator::LeftShift, Constant::int(1u64 << 40)),
        (Constant::str("a"), BinaryOperator::Add, Constant::int(1)),
        (Constant::str("ab"), BinaryOperator::Multiply, Constant::int(1u64 << 40)),
        (Constant::str("ab"), BinaryOperator::Subscript, Constant::int(2)),
        (Constant::Float(1e300), BinaryOperator::Power, Constant::int(2)),
    ] {
        let mut seq = start();
        seq.add_op(Opcode::LOAD_CONST, 0, HERE);
        seq.add_op(Opcode::LOAD_CONST, 1, HERE);
        seq.add_op(Opcode::BINARY_OP, operator.oparg(), HERE);
        seq.add_op0(Opcode::RETURN_VALUE, HERE);
        let code = optimize_and_assemble(seq, unit(&[left, right])).expect("the instructions are well formed");
        assert!(code.instructions().any(|i| i.opcode == Opcode::BINARY_OP), "{operator:?}");
    }
}

#[test]
fn long_jumps_are_extended() {
    let mut seq = start();
    let end = seq.new_label();
    seq.add_op(Opcode::LOAD_FAST, 0, HERE);
    seq.add_op0(Opcode::TO_BOOL, HERE);
    seq.add_jump(Opcode::POP_JUMP_IF_FALSE, end, HERE);
    for line in 0..70_000 {
        seq.add_op(Opcode::LOAD_FAST, 0, Location::line(line));
        seq.add_op(Opcode::STORE_FAST, 0, Location::line(line));
    }
    seq.use_label(end);
    seq.add_op(Opcode::LOAD_CONST, 0, HERE);
    seq.add_op0(Opcode::RETURN_VALUE, HERE);
    let code = optimize_and_assemble(seq, unit(&[Constant::None])).expect("the instructions are well formed");
    let jump = code.instructions().find(|i| i.opcode == Opcode::POP_JUMP_IF_FALSE).expect("the jump is there");
    assert_eq!((jump.oparg, jump.offset - jump.start), (140_001, 4));
    assert_eq!(verify(&code), Ok(()));
}

#[test]
fn handlers_cover_their_region() {
    let mut seq = start();
    let handler = seq.new_label();
    seq.add_jump(Opcode::SETUP_FINALLY, handler, HERE);
    seq.add_op(Opcode::LOAD_FAST, 0, HERE);
    seq.add_op0(Opcode::GET_LEN, HERE);
    seq.add_op0(Opcode::POP_BLOCK, HERE);
    seq.add_op0(Opcode::RETURN_VALUE, HERE);
    seq.use_label(handler);
    seq.add_op0(Opcode::PUSH_EXC_INFO, HERE);
    seq.add_op(Opcode::RERAISE, 0, HERE);
    let code = check(
        seq,
        unit(&[Constant::None]),
        &["RESUME 0", "LOAD_FAST 0", "GET_LEN", "RETURN_VALUE", "PUSH_EXC_INFO", "RERAISE 0"],
    );
    let entries: Vec<_> = exception_table::entries(&code.exceptiontable).collect();
    assert_eq!(entries, [exception_table::Entry { start: 2, end: 6, target: 8, depth: 0, lasti: false }]);
}

#[test]
fn malformed_instructions_are_errors() {
    let mut underflow = start();
    underflow.add_op0(Opcode::POP_TOP, HERE);
    underflow.add_op(Opcode::LOAD_CONST, 0, HERE);
    underflow.add_op0(Opcode::RETURN_VALUE, HERE);
    let mut unplaced = start();
    let label = unplaced.new_label();
    unplaced.add_jump(Opcode::JUMP, label, HERE);
    let mut unbalanced = start();
    unbalanced.add_op0(Opcode::POP_BLOCK, HERE);
    for seq in [underflow, unplaced, unbalanced] {
        let result = optimize_and_assemble(seq, unit(&[Constant::None]));
        assert!(matches!(result, Err(AssembleError::Malformed(_))), "{result:?}");
    }
}

#[test]
fn the_verifier_refuses_damaged_code() {
    let mut seq = start();
    seq.add_op(Opcode::LOAD_FAST, 0, HERE);
    seq.add_op0(Opcode::RETURN_VALUE, HERE);
    let good = optimize_and_assemble(seq, unit(&[Constant::None])).expect("the instructions are well formed");
    assert_eq!(verify(&good), Ok(()));
    let damaged = |change: fn(&mut CodeObject)| {
        let mut code = good.clone();
        change(&mut code);
        verify(&code)
    };
    assert_eq!(damaged(|code| code.stacksize = 0), Err("the stack overflows"));
    assert_eq!(damaged(|code| code.code.to_mut().truncate(4)), Err("the location table does not cover the code"));
    assert_eq!(damaged(|code| code.code.to_mut()[3] = 9), Err("a variable that does not exist"));
    assert_eq!(damaged(|code| code.code.to_mut()[2] = Opcode::POP_TOP.byte()), Err("the stack underflows"));
    assert_eq!(damaged(|code| code.code.to_mut()[4] = 122), Err("an unknown instruction"));
    assert_eq!(damaged(|code| code.code.to_mut()[4] = Opcode::NOP.byte()), Err("a path runs off the end"));
}
