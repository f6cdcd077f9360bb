//! `_opcode`: what is known of instructions.

use oriel_bytecode::oparg::{BinaryOperator, Intrinsic1, Intrinsic2, SpecialMethod};
use oriel_bytecode::{Opcode, opcode::flag};
use oriel_runtime::native::{MethodDef, ModuleSpec};
use oriel_runtime::{Bound, PyResult, Value, Vm};

/// `_opcode`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_opcode",
    doc: "What is known of instructions.",
    functions: FUNCTIONS,
    exec: |vm, module| {
        vm.module_set(module, "ENABLE_SPECIALIZATION", Value::small(1))?;
        vm.module_set(module, "ENABLE_SPECIALIZATION_FT", Value::small(1))
    },
};

macro_rules! question {
    ($name:literal, $test:expr, $doc:literal) => {
        MethodDef::bound(
            $name,
            |vm, _, args| {
                let test: fn(Opcode) -> bool = $test;
                Ok(Value::bool(instruction(vm, args)?.is_some_and(|opcode| test(opcode.deoptimized()))))
            },
            "($module, /, opcode)",
            $doc,
        )
    };
}

const FUNCTIONS: &[MethodDef] = &[
    question!("is_valid", |_| true, "Return whether there is an instruction of the number."),
    question!("has_arg", |opcode| opcode.has_arg(), "Return whether the instruction has an operand."),
    question!("has_const", |opcode| opcode.has(flag::CONST), "Return whether the operand is a constant."),
    question!("has_name", |opcode| opcode.has(flag::NAME), "Return whether the operand is a name."),
    question!("has_jump", |opcode| opcode.has_jump(), "Return whether the instruction jumps."),
    question!("has_free", |opcode| opcode.has(flag::FREE), "Return whether the operand is a free variable."),
    question!("has_local", |opcode| opcode.has(flag::LOCAL), "Return whether the operand is a local."),
    question!("has_exc", |opcode| opcode.is_block_push(), "Return whether the instruction sets up a handler."),
    MethodDef::bound(
        "stack_effect",
        stack_effect,
        "($module, opcode, oparg=None, /, *, jump=None)",
        "Return how an instruction changes the depth of the stack.",
    ),
    MethodDef::noargs(
        "get_nb_ops",
        |vm, _| {
            let pair = |operator: &BinaryOperator| {
                vm.new_tuple(&[vm.new_str(&operator_name(*operator)), vm.new_str(operator.text())])
            };
            Ok(vm.new_list(BinaryOperator::ALL.iter().map(pair).collect()).into_value())
        },
        "($module, /)",
        "Return the operators' names and symbols.",
    ),
    MethodDef::noargs(
        "get_special_method_names",
        |vm, _| Ok(texts(vm, SpecialMethod::ALL.iter().map(|method| method.text()))),
        "($module, /)",
        "Return the names of special methods.",
    ),
    MethodDef::noargs(
        "get_intrinsic1_descs",
        |vm, _| Ok(texts(vm, Intrinsic1::ALL.iter().map(|intrinsic| intrinsic.text()))),
        "($module, /)",
        "Return the names of the unary intrinsics.",
    ),
    MethodDef::noargs(
        "get_intrinsic2_descs",
        |vm, _| Ok(texts(vm, Intrinsic2::ALL.iter().map(|intrinsic| intrinsic.text()))),
        "($module, /)",
        "Return the names of the binary intrinsics.",
    ),
    MethodDef::noargs(
        "get_specialization_stats",
        |_, _| Ok(Value::NONE),
        "($module, /)",
        "Return figures of specialization; there are none.",
    ),
    MethodDef::bound(
        "get_executor",
        |vm, _, args| {
            let code = args[0].cloned().unwrap_or(Value::NONE);
            if !vm.type_of(&code).is(&vm.types.code) {
                let name = vm.type_name(&code);
                return Err(vm.type_error(format!("expected a code object, not '{name}'")));
            }
            Err(vm.value_error("no executor at given byte offset"))
        },
        "($module, /, code, offset)",
        "Return the compiled form at an offset.",
    ),
];

/// CPython's name of an operator: `NB_` and the words in capitals.
fn operator_name(operator: BinaryOperator) -> String {
    let words = match operator {
        BinaryOperator::LeftShift => "Lshift".to_owned(),
        BinaryOperator::RightShift => "Rshift".to_owned(),
        BinaryOperator::InplaceLeftShift => "InplaceLshift".to_owned(),
        BinaryOperator::InplaceRightShift => "InplaceRshift".to_owned(),
        operator => format!("{operator:?}"),
    };
    let mut name = String::from("NB");
    for character in words.chars() {
        if character.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(character.to_ascii_uppercase());
    }
    name.replace("SUBSCRIPT", "SUBSCR")
}

fn texts<'a>(vm: &Vm, texts: impl Iterator<Item = &'a str>) -> Value {
    vm.new_list(texts.map(|text| vm.new_str(text)).collect()).into_value()
}

fn instruction(vm: &Vm, args: &Bound<'_>) -> PyResult<Option<Opcode>> {
    let number = args[0].map_or(Ok(0), |number| vm.to_i32(number))?;
    Ok(u16::try_from(number).ok().map(Opcode).filter(|opcode| opcode.name().is_some()))
}

fn stack_effect(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let opcode = instruction(vm, args)?;
    let oparg = match args[1].filter(|oparg| !oparg.is_none()) {
        Some(oparg) => vm.to_i32(oparg)? as u32,
        None => 0,
    };
    let Some(opcode) = opcode.filter(|opcode| opcode.deoptimized() == *opcode) else {
        return Err(vm.value_error("invalid opcode or oparg"));
    };
    let effect = match args[2].filter(|jump| !jump.is_none()) {
        None => opcode.stack_effect(oparg, false).max(opcode.stack_effect(oparg, true)),
        Some(jump) => match jump.as_bool() {
            Some(jump) => opcode.stack_effect(oparg, jump),
            None => return Err(vm.value_error("stack_effect: jump must be False, True or None")),
        },
    };
    Ok(Value::small(effect))
}
