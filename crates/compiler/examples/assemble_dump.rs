//! Assembles instruction sequences dumped by CPython and compares the code objects with CPython's.
//!
//! Each file holds a marshalled tuple of cases: instructions (opcode, operand, four positions; operands of jumps are
//! indices), constants, names, variables, cells, free variables, the wanted code object.

use std::rc::Rc;

use oriel_bytecode::positions::Location;
use oriel_bytecode::{CodeObject, Constant, Opcode, Text, VariableKind, marshal};
use oriel_compiler::instruction_sequence::{InstructionSequence, Label, NameTable, UnitMetadata};
use oriel_compiler::optimize_and_assemble;

fn main() {
    let (mut total, mut same) = (0, 0);
    for path in std::env::args().skip(1) {
        let Ok(data) = std::fs::read(&path) else { continue };
        let cases = match marshal::plain::load_constant(&data) {
            Ok(cases) => cases,
            Err(error) => {
                println!("{path}: {error}");
                continue;
            }
        };
        for case in tuple(&cases) {
            total += 1;
            let [instructions, consts, names, varnames, cellvars, freevars, wanted] = tuple(case) else { continue };
            let Constant::Code(wanted) = wanted else { continue };
            let unit = UnitMetadata {
                name: wanted.name.clone(),
                qualname: wanted.qualname.clone(),
                filename: wanted.filename.clone(),
                flags: wanted.flags,
                consts: tuple(consts).iter().cloned().collect(),
                names: texts(names),
                varnames: texts(varnames),
                cellvars: texts(cellvars),
                freevars: texts(freevars),
                firstlineno: wanted.firstlineno,
                fasthidden: wanted
                    .localsplusnames
                    .iter()
                    .zip(&wanted.localspluskinds)
                    .filter(|(_, kind)| kind.0 & VariableKind::HIDDEN != 0)
                    .map(|(name, _)| name.clone())
                    .collect(),
                ..UnitMetadata::default()
            };
            match optimize_and_assemble(sequence(instructions), unit) {
                Ok(made) if made == **wanted => same += 1,
                Ok(made) => println!(
                    "{path}:{} {}: {}",
                    wanted.firstlineno,
                    wanted.name.to_string_lossy(),
                    difference(&made, wanted)
                ),
                Err(error) => println!("{path}: {error}"),
            }
        }
    }
    println!("{same} of {total} the same");
}

fn tuple(constant: &Constant) -> &[Constant] {
    match constant {
        Constant::Tuple(items) => items,
        _ => &[],
    }
}

fn texts(constant: &Constant) -> NameTable {
    let text = |item: &Constant| match item {
        Constant::Str(text) => text.clone(),
        _ => Text::default(),
    };
    tuple(constant).iter().map(text).collect()
}

fn sequence(instructions: &Constant) -> InstructionSequence {
    let mut seq = InstructionSequence::new();
    let instructions = tuple(instructions);
    let labels: Vec<Label> = instructions.iter().map(|_| seq.new_label()).collect();
    for (instr, &label) in instructions.iter().zip(&labels) {
        let numbers: Vec<i32> = tuple(instr).iter().map(|item| item.as_i64().unwrap_or(0) as i32).collect();
        let [opcode, oparg, lineno, end_lineno, col, end_col] = numbers[..] else { continue };
        let (opcode, location) = (Opcode(opcode as u16), Location::new(lineno, end_lineno, col, end_col));
        seq.use_label(label);
        if opcode.has_target() {
            seq.add_jump(opcode, labels[oparg as usize], location);
        } else if opcode.has_arg() {
            seq.add_op(opcode, oparg as u32, location);
        } else {
            seq.add_op0(opcode, location);
        }
    }
    seq
}

fn difference(made: &CodeObject, wanted: &Rc<CodeObject>) -> String {
    let list = |code: &CodeObject| -> Vec<String> {
        code.instructions().map(|i| format!("{} {:?} {}", i.offset, i.opcode, i.oparg)).collect()
    };
    let (ours, theirs) = (list(made), list(wanted));
    if let Some(at) = (0..ours.len().max(theirs.len())).find(|&at| ours.get(at) != theirs.get(at)) {
        let from = at.saturating_sub(3);
        return format!(
            "\n   ours {:?}\n theirs {:?}",
            &ours[from.min(ours.len())..ours.len().min(at + 4)],
            &theirs[from.min(theirs.len())..theirs.len().min(at + 4)]
        );
    }
    let mut fields = Vec::new();
    if made.consts != wanted.consts {
        fields.push("consts");
    }
    if made.linetable != wanted.linetable {
        fields.push("linetable");
    }
    if made.exceptiontable != wanted.exceptiontable {
        let list = |code: &CodeObject| -> Vec<String> {
            oriel_bytecode::exception_table::entries(&code.exceptiontable).map(|entry| format!("{entry:?}")).collect()
        };
        println!("{:#?}{:#?}", list(made), list(wanted));
        fields.push("exceptiontable");
    }
    if made.stacksize != wanted.stacksize {
        println!("stacksize {} {}", made.stacksize, wanted.stacksize);
        fields.push("stacksize");
    }
    if made.localsplusnames != wanted.localsplusnames || made.localspluskinds != wanted.localspluskinds {
        fields.push("variables");
    }
    if made.names != wanted.names {
        fields.push("names");
    }
    fields.join(" ")
}
