//! Basic blocks in their final order to bytes: jump distances, caches, location table, exception table.

use oriel_bytecode::positions::{Location, PositionWriter};
use oriel_bytecode::{CodeFlags, CodeObject, Opcode, VariableKind, exception_table};

use crate::flowgraph::{self, Graph};
use crate::instruction_sequence::{AssembleError, InstructionSequence, UnitMetadata};

/// Code units between a SEND's end of line and the matching END_SEND, in the loop that `async for` makes.
const END_SEND_OFFSET: u32 = 5;

/// Makes the code object of a scope: optimizes the instructions, then writes the bytes.
pub fn optimize_and_assemble(seq: InstructionSequence, mut unit: UnitMetadata) -> Result<CodeObject, AssembleError> {
    let optimized = flowgraph::optimize(&seq, &mut unit)?;
    let mut flat = flatten(&optimized.graph)?;
    resolve_locations(&mut flat);
    resolve_unconditional_jumps(&mut flat);
    resolve_distances(&mut flat)?;

    let (localsplusnames, localspluskinds) = variables(&unit);
    let code = CodeObject {
        argcount: unit.posonlyargcount + unit.argcount,
        posonlyargcount: unit.posonlyargcount,
        kwonlyargcount: unit.kwonlyargcount,
        stacksize: optimized.stacksize.max(1),
        flags: unit.flags,
        code: bytecode(&flat).into(),
        consts: unit.consts.into_items(),
        names: unit.names.into_items(),
        localsplusnames,
        localspluskinds,
        filename: unit.filename,
        name: unit.name,
        qualname: unit.qualname,
        firstlineno: unit.firstlineno,
        linetable: location_table(&flat, unit.firstlineno).into(),
        exceptiontable: exception_table(&flat)?.into(),
    };
    #[cfg(debug_assertions)]
    if let Err(problem) = crate::verify::verify(&code) {
        return Err(AssembleError::Malformed(problem));
    }
    Ok(code)
}

/// A handler as an instruction sees it.
#[derive(Clone, Copy, PartialEq)]
struct Handler {
    /// The index of its first instruction.
    start: usize,
    depth: i32,
    preserve_lasti: bool,
}

struct Flat {
    opcode: Opcode,
    oparg: u32,
    location: Location,
    /// The index of the instruction that it jumps to.
    target: Option<usize>,
    handler: Option<Handler>,
    /// In code units.
    offset: u32,
}

impl Flat {
    fn size(&self) -> u32 {
        instruction_size(self.opcode, self.oparg)
    }
}

fn instruction_size(opcode: Opcode, oparg: u32) -> u32 {
    let extended = u32::from(oparg > 0xff) + u32::from(oparg > 0xffff) + u32::from(oparg > 0xff_ffff);
    extended + 1 + opcode.caches() as u32
}

fn flatten(graph: &Graph) -> Result<Vec<Flat>, AssembleError> {
    let order = graph.order();
    let mut starts = vec![usize::MAX; graph.blocks.len()];
    let mut count = 0;
    for &id in &order {
        starts[id.index()] = count;
        count += graph[id].instructions.len();
    }
    let start_of = |id: flowgraph::BlockId| {
        let start = starts[id.index()];
        if start < count { Ok(start) } else { Err(AssembleError::Malformed("a jump beyond the end")) }
    };
    let mut flat = Vec::with_capacity(count);
    for id in order {
        for instr in &graph[id].instructions {
            let target = match instr.target {
                Some(target) if instr.opcode.has_target() => Some(start_of(target)?),
                _ => None,
            };
            let handler = match instr.except {
                Some(handler) => Some(Handler {
                    start: start_of(handler)?,
                    depth: graph[handler].start_depth,
                    preserve_lasti: graph[handler].preserve_lasti,
                }),
                None => None,
            };
            // Distances begin as indices: the sizes that the search for a fixed point starts from.
            let oparg = target.map_or(instr.oparg, |target| target as u32);
            flat.push(Flat { opcode: instr.opcode, oparg, location: instr.location, target, handler, offset: 0 });
        }
    }
    Ok(flat)
}

/// Instructions that take the location of what follows them.
fn resolve_locations(flat: &mut [Flat]) {
    let mut next = Location::NONE;
    for instr in flat.iter_mut().rev() {
        if instr.location == Location::NEXT {
            instr.location = if instr.opcode.is_terminator() { Location::NONE } else { next };
        }
        next = instr.location;
    }
}

fn resolve_unconditional_jumps(flat: &mut [Flat]) {
    for (index, instr) in flat.iter_mut().enumerate() {
        let forward = instr.target.is_some_and(|target| target > index);
        instr.opcode = match instr.opcode {
            Opcode::JUMP if forward => Opcode::JUMP_FORWARD,
            Opcode::JUMP => Opcode::JUMP_BACKWARD,
            Opcode::JUMP_NO_INTERRUPT if forward => Opcode::JUMP_FORWARD,
            Opcode::JUMP_NO_INTERRUPT => Opcode::JUMP_BACKWARD_NO_INTERRUPT,
            other => other,
        };
    }
}

/// Distances decide on sizes and sizes on distances, so until nothing changes.
fn resolve_distances(flat: &mut [Flat]) -> Result<(), AssembleError> {
    const TOO_LARGE: AssembleError = AssembleError::TooLarge("bytecode");
    loop {
        let mut total = 0u32;
        for instr in flat.iter_mut() {
            instr.offset = total;
            total = total.checked_add(instr.size()).filter(|total| *total < 1 << 30).ok_or(TOO_LARGE)?;
        }
        let mut changed = false;
        for index in 0..flat.len() {
            let Some(target) = flat[index].target else { continue };
            let place = flat[target].offset;
            let instr = &mut flat[index];
            let size = instr.size();
            let end = instr.offset + size;
            instr.oparg = if instr.opcode == Opcode::END_ASYNC_FOR {
                (end - place.min(end)).saturating_sub(END_SEND_OFFSET)
            } else {
                end.abs_diff(place)
            };
            changed |= instr.size() != size;
        }
        if !changed {
            return Ok(());
        }
    }
}

fn bytecode(flat: &[Flat]) -> Vec<u8> {
    let mut code = Vec::with_capacity(flat.len() * 4);
    for instr in flat {
        for shift in [24, 16, 8] {
            if instr.oparg >> shift != 0 {
                code.extend([Opcode::EXTENDED_ARG.byte(), (instr.oparg >> shift) as u8]);
            }
        }
        code.extend([instr.opcode.byte(), instr.oparg as u8]);
        code.resize(code.len() + 2 * instr.opcode.caches(), 0);
    }
    code
}

fn location_table(flat: &[Flat], firstlineno: i32) -> Vec<u8> {
    let mut writer = PositionWriter::new(firstlineno);
    let mut location = Location::NONE;
    let mut units = 0;
    for instr in flat {
        if instr.location != location {
            writer.push(location, units);
            location = instr.location;
            units = 0;
        }
        units += instr.size() as usize;
    }
    writer.push(location, units);
    writer.finish()
}

fn exception_table(flat: &[Flat]) -> Result<Vec<u8>, AssembleError> {
    let mut table = Vec::new();
    let mut open: Option<(Handler, u32)> = None;
    let mut close = |open: Option<(Handler, u32)>, end: u32| -> Result<(), AssembleError> {
        let Some((handler, start)) = open else { return Ok(()) };
        let depth = handler.depth - 1 - i32::from(handler.preserve_lasti);
        exception_table::push(
            &mut table,
            exception_table::Entry {
                start: start as usize * 2,
                end: end as usize * 2,
                target: flat[handler.start].offset as usize * 2,
                depth: usize::try_from(depth).map_err(|_| AssembleError::Malformed("a handler without a stack"))?,
                lasti: handler.preserve_lasti,
            },
        );
        Ok(())
    };
    for instr in flat {
        if instr.handler.map(|handler| handler.start) != open.map(|(handler, _)| handler.start) {
            close(open, instr.offset)?;
            open = instr.handler.map(|handler| (handler, instr.offset));
        }
    }
    let end = flat.last().map_or(0, |last| last.offset + last.size());
    close(open, end)?;
    Ok(table)
}

fn variables(unit: &UnitMetadata) -> (Vec<oriel_bytecode::Text>, Vec<VariableKind>) {
    let positional = (unit.posonlyargcount + unit.argcount) as usize;
    let keyword = positional + unit.kwonlyargcount as usize;
    let variadic = keyword + usize::from(unit.flags.contains(CodeFlags::VARARGS));
    let parameters = variadic + usize::from(unit.flags.contains(CodeFlags::VARKEYWORDS));
    let most = unit.varnames.len() + unit.cellvars.len() + unit.freevars.len();
    let mut names = Vec::with_capacity(most);
    let mut kinds = Vec::with_capacity(most);
    for (index, name) in unit.varnames.items().iter().enumerate() {
        let mut kind = VariableKind::LOCAL;
        kind |= if index < unit.posonlyargcount as usize {
            VariableKind::ARG_POS
        } else if index < positional {
            VariableKind::ARG_POS | VariableKind::ARG_KW
        } else if index < keyword {
            VariableKind::ARG_KW
        } else if index < variadic {
            VariableKind::ARG_VAR | VariableKind::ARG_POS
        } else if index < parameters {
            VariableKind::ARG_VAR | VariableKind::ARG_KW
        } else {
            0
        };
        if unit.fasthidden.contains(name) {
            kind |= VariableKind::HIDDEN;
        }
        if unit.cellvars.get(name).is_some() {
            kind |= VariableKind::CELL;
        }
        names.push(name.clone());
        kinds.push(VariableKind(kind));
    }
    for name in unit.cellvars.items() {
        if unit.varnames.get(name).is_none() {
            names.push(name.clone());
            kinds.push(VariableKind(VariableKind::CELL));
        }
    }
    for name in unit.freevars.items() {
        names.push(name.clone());
        kinds.push(VariableKind(VariableKind::FREE));
    }
    (names, kinds)
}
