//! The frame's variables: indices of cells become indices of the frame, and cells are made at the start.

use oriel_bytecode::positions::Location;
use oriel_bytecode::{CodeFlags, Opcode};

use super::{ENTRY, Graph, Instr};
use crate::instruction_sequence::{AssembleError, UnitMetadata};

impl Graph {
    /// Adds the instructions that every call begins with and renumbers uses of cells.
    pub(super) fn prepare_variables(&mut self, unit: &UnitMetadata) -> Result<(), AssembleError> {
        let locals = unit.varnames.len();
        let cells = unit.cellvars.len();
        // A cell that holds a local has the local's place.
        let mut places: Vec<usize> = (locals..locals + cells + unit.freevars.len()).collect();
        for (cell, name) in unit.cellvars.items().iter().enumerate() {
            if let Some(local) = unit.varnames.get(name) {
                places[cell] = local as usize;
            }
        }
        self.insert_prologue(unit, &places[..cells]);

        let mut dropped = 0;
        for (index, place) in places.iter_mut().enumerate() {
            if *place == index + locals {
                *place -= dropped;
            } else {
                dropped += 1;
            }
        }
        for block in &mut self.blocks {
            for instr in &mut block.instructions {
                if matches!(
                    instr.opcode,
                    Opcode::MAKE_CELL
                        | Opcode::LOAD_CLOSURE
                        | Opcode::LOAD_DEREF
                        | Opcode::STORE_DEREF
                        | Opcode::DELETE_DEREF
                        | Opcode::LOAD_FROM_DICT_OR_DEREF
                ) {
                    let place = places.get(instr.oparg as usize);
                    instr.oparg = *place.ok_or(AssembleError::Malformed("a cell that does not exist"))? as u32;
                }
            }
        }
        Ok(())
    }

    fn insert_prologue(&mut self, unit: &UnitMetadata, cell_places: &[usize]) {
        let mut prologue = Vec::new();
        if !unit.freevars.is_empty() {
            prologue.push(Instr::new(Opcode::COPY_FREE_VARS, unit.freevars.len() as u32, Location::NONE));
        }
        let mut by_place: Vec<(usize, usize)> =
            cell_places.iter().enumerate().map(|(cell, &place)| (place, cell)).collect();
        by_place.sort_unstable();
        for (_, cell) in by_place {
            prologue.push(Instr::new(Opcode::MAKE_CELL, cell as u32, Location::NONE));
        }
        let generators = CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR;
        if unit.flags.intersects(generators) {
            let location = Location::line(unit.firstlineno);
            prologue.push(Instr::new(Opcode::RETURN_GENERATOR, 0, location));
            prologue.push(Instr::new(Opcode::POP_TOP, 0, location));
        }
        self[ENTRY].insert(0, prologue);
    }
}
