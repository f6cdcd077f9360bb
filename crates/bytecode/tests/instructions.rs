//! The table of instructions against facts about CPython 3.14.

use oriel_bytecode::Opcode;
use oriel_bytecode::oparg::{BinaryOperator, CompareOperator};
use oriel_bytecode::opcode::{ALL, SPECIALIZED};

#[track_caller]
fn check(name: &str, number: u16, caches: usize, oparg: u32, effect: i32) {
    let opcode = Opcode::from_name(name).expect("a known name");
    assert_eq!((opcode.0, opcode.caches(), opcode.stack_effect(oparg, true)), (number, caches, effect), "{name}");
}

#[test]
fn numbers_caches_and_effects() {
    check("CACHE", 0, 0, 0, 0);
    check("CALL", 52, 3, 2, -3);
    check("CALL_KW", 55, 3, 1, -3);
    check("BINARY_OP", 44, 5, 0, -1);
    check("LOAD_ATTR", 80, 9, 3, 1);
    check("LOAD_GLOBAL", 92, 4, 1, 2);
    check("UNPACK_EX", 118, 0, 0x0203, 5);
    check("WITH_EXCEPT_START", 43, 0, 0, 1);
    check("SETUP_CLEANUP", 263, 0, 0, 2);
    check("RESUME", 128, 0, 0, 0);
}

#[test]
fn names_and_numbers_are_unique() {
    let mut seen = std::collections::HashSet::new();
    for opcode in ALL.iter().chain(SPECIALIZED.iter().map(|entry| &entry.0)) {
        assert!(seen.insert(opcode.0), "{opcode:?} shares its number");
        assert_eq!(opcode.name().and_then(Opcode::from_name), Some(*opcode));
    }
}

#[test]
fn set_up_of_handlers_leaves_the_stack_alone_unless_they_run() {
    assert_eq!(Opcode::SETUP_FINALLY.stack_effect(0, false), 0);
    assert_eq!(Opcode::SETUP_FINALLY.stack_effect(0, true), 1);
}

#[test]
fn operands() {
    assert_eq!(BinaryOperator::Add.inplace(), BinaryOperator::InplaceAdd);
    assert_eq!(BinaryOperator::InplaceXor.plain(), BinaryOperator::Xor);
    assert_eq!(CompareOperator::GreaterEqual.compare_oparg(), 172);
    assert_eq!(CompareOperator::Equal.compare_oparg(), 72);
}
