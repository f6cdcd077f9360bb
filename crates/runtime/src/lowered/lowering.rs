//! Lowering: the virtual operand stack, the emission of words, the fusing of neighbours and the resolution of jumps.
//! What each bytecode instruction becomes is in [`super::opcodes`].
//!
//! While code is lowered, each slot of the operand stack is a temporary (its register holds it), an alias of a
//! local or a constant. An alias is materialized before its local changes; all slots are at the boundaries of
//! blocks, and those that a handler keeps are where its protected region begins.

use super::analysis::{Analysis, NOWHERE};
use super::instruction::{DISCARD, Extension, FIRST_CONSTANT, Field, Instruction, Op, flag};
use super::{ExtraConstant, Handler, LowerError, LoweredCode, Site, SiteKind};
use oriel_bytecode::{CodeObject, Constant};

/// Which form is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// The form that is fast.
    Fast,
    /// Each bytecode instruction on its own, the operand stack always in its registers: for looking on.
    Exact,
}

/// A slot of the virtual operand stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry {
    /// In the slot's own register.
    Temporary,
    /// The same as a local.
    Local(u16),
    /// A constant, by its operand.
    Constant(u16),
}

#[derive(Clone, Copy)]
enum Patch {
    /// The displacement is in `b` and `c`.
    Far,
    /// It is in `a`.
    Near,
    /// It is in the next word.
    Extension,
}

/// The instruction that made the top of the stack, while nothing came after it.
#[derive(Clone, Copy)]
enum Producer {
    None,
    /// The word at this index has the top's register as its destination.
    Word(usize),
    /// The Unpack at this index made the top; so many of its targets are already locals.
    Unpack(usize, u16),
}

/// The state of lowering one code object.
pub struct Lowering<'a> {
    pub(super) code: &'a CodeObject,
    pub(super) mode: Mode,
    pub(super) stack: Vec<Entry>,
    pub(super) variables: u16,
    pub(super) offset: u32,
    pub(super) analysis: Analysis,
    words: Vec<Instruction>,
    offsets: Vec<u32>,
    word_of: Vec<u32>,
    patches: Vec<(usize, Patch, usize)>,
    producer: Producer,
    sites: Vec<Site>,
    extra: Vec<ExtraConstant>,
    near: bool,
    method: Option<usize>,
    /// The number of words when the last label was met.
    last_label: usize,
    /// A word, and the entries below its operands when it was emitted.
    watched: Option<(usize, Vec<Entry>)>,
}

/// The entries that lie below the operands of the instruction at a word of the fast form: what the operand stack holds
/// while that instruction waits for a call.
pub fn entries_at(code: &CodeObject, word: usize) -> Result<Vec<Entry>, LowerError> {
    let watch = |near| {
        let mut lowering = Lowering::new(code, Mode::Fast, near)?;
        lowering.watched = Some((word, Vec::new()));
        lowering.run_watched()
    };
    match watch(true) {
        Err(LowerError::TooLarge) => watch(false),
        done => done,
    }
}

/// Lowers a code object.
pub fn lower(code: &CodeObject, mode: Mode) -> Result<LoweredCode, LowerError> {
    match Lowering::new(code, mode, true)?.run() {
        // Some jump was too long for the short forms.
        Err(LowerError::TooLarge) => Lowering::new(code, mode, false)?.run(),
        done => done,
    }
}

impl<'a> Lowering<'a> {
    fn new(code: &'a CodeObject, mode: Mode, near: bool) -> Result<Lowering<'a>, LowerError> {
        let analysis = Analysis::new(code)?;
        let variables = code.localsplusnames.len();
        if variables != code.localspluskinds.len() {
            return Err(LowerError::BadOperand);
        }
        if variables + code.stacksize as usize + 2 >= usize::from(FIRST_CONSTANT) {
            return Err(LowerError::TooLarge);
        }
        let count = analysis.instructions.len();
        Ok(Lowering {
            code,
            mode,
            stack: Vec::with_capacity(code.stacksize as usize),
            variables: variables as u16,
            offset: 0,
            analysis,
            words: Vec::with_capacity(count * 3 / 2),
            offsets: Vec::with_capacity(count * 3 / 2),
            word_of: vec![NOWHERE; count],
            patches: Vec::new(),
            producer: Producer::None,
            sites: Vec::new(),
            extra: Vec::new(),
            near: near && mode == Mode::Fast,
            method: None,
            last_label: 0,
            watched: None,
        })
    }

    fn run(mut self) -> Result<LoweredCode, LowerError> {
        self.lower_all()?;
        self.finish()
    }

    fn run_watched(mut self) -> Result<Vec<Entry>, LowerError> {
        self.lower_all()?;
        let entries = self.watched.take().map(|(_, entries)| entries);
        self.finish()?;
        Ok(entries.unwrap_or_default())
    }

    fn lower_all(&mut self) -> Result<(), LowerError> {
        let mut falls_through = true;
        for index in 0..self.analysis.instructions.len() {
            let decoded = &self.analysis.instructions[index];
            if decoded.depth < 0 {
                falls_through = false;
                continue;
            }
            let (opcode, oparg, offset) = (decoded.opcode, decoded.oparg, decoded.offset);
            let (depth, label, protect) = (decoded.depth as usize, decoded.label, decoded.protect);
            if !falls_through {
                self.stack.clear();
                self.stack.resize(depth, Entry::Temporary);
                self.producer = Producer::None;
            } else if label {
                // The moves belong to the instruction before, which falls through to here.
                self.materialize_all();
                self.producer = Producer::None;
            }
            if label {
                self.last_label = self.words.len();
            }
            debug_assert_eq!(self.stack.len(), depth);
            if let Some(depth) = protect {
                for position in 0..(depth as usize).min(self.stack.len()) {
                    self.materialize(position);
                }
            }
            self.offset = offset;
            self.word_of[index] = self.words.len() as u32;
            if self.mode == Mode::Exact {
                self.producer = Producer::None;
            }
            self.opcode(index, opcode, oparg)?;
            if self.mode == Mode::Exact {
                self.materialize_all();
                if self.word_of[index] as usize == self.words.len() {
                    self.emit(Op::Nop, 0, 0, 0, 0);
                }
            }
            falls_through = !(opcode.is_scope_exit() || opcode.is_unconditional_jump());
        }
        Ok(())
    }

    fn finish(mut self) -> Result<LoweredCode, LowerError> {
        for (word, patch, target) in std::mem::take(&mut self.patches) {
            let target = *self.word_of.get(target).filter(|&&w| w != NOWHERE).ok_or(LowerError::BadJump)?;
            let distance = i64::from(target) - (word as i64 + 1);
            let near = i16::try_from(distance);
            let instruction = self.words[word];
            match patch {
                Patch::Far => self.words[word] = instruction.with_bc(distance as i32 as u32),
                Patch::Near => {
                    self.words[word] = instruction.with_a(near.map_err(|_| LowerError::TooLarge)? as u16);
                }
                Patch::Extension => self.words[word + 1] = Instruction::number(distance as i32 as u32),
            }
        }
        let mut handlers = Vec::with_capacity(self.analysis.handlers.len());
        for entry in &self.analysis.handlers {
            let target = self.word_of[self.analysis.at(entry.target)?];
            if target == NOWHERE {
                return Err(LowerError::BadJump);
            }
            handlers.push(Handler {
                start: entry.start as u32,
                end: entry.end as u32,
                target,
                depth: entry.depth as u32,
                lasti: entry.lasti,
            });
        }
        if handlers.windows(2).any(|pair| pair[0].end > pair[1].start) {
            return Err(LowerError::BadJump);
        }
        Ok(LoweredCode {
            words: self.words.into(),
            offsets: self.offsets.into(),
            handlers: handlers.into(),
            sites: self.sites.into(),
            extra: self.extra.into(),
            variables: self.variables,
            registers: self.variables + self.code.stacksize as u16 + 1,
            mode: self.mode,
        })
    }

    // The virtual stack.

    /// The register of a stack position.
    pub(super) fn register(&self, position: usize) -> u16 {
        self.variables + position as u16
    }

    /// The register that the next pushed value would have.
    pub(super) fn next_register(&self) -> u16 {
        self.register(self.stack.len())
    }

    /// What an entry is called as an operand.
    pub(super) fn operand(&self, position: usize) -> u16 {
        match self.stack[position] {
            Entry::Temporary => self.register(position),
            Entry::Local(local) => local,
            Entry::Constant(constant) => constant,
        }
    }

    /// Takes the top off the stack: its operand, and whether it is a temporary.
    pub(super) fn pop(&mut self) -> (u16, bool) {
        let position = self.stack.len() - 1;
        let operand = self.operand(position);
        let temporary = self.stack.pop() == Some(Entry::Temporary);
        (operand, temporary)
    }

    /// Brings an entry into its own register.
    pub(super) fn materialize(&mut self, position: usize) {
        if self.stack[position] != Entry::Temporary {
            let operand = self.operand(position);
            let register = self.register(position);
            self.stack[position] = Entry::Temporary;
            self.emit(Op::Move, 0, register, operand, 0);
        }
    }

    /// Brings the whole stack into its registers.
    pub(super) fn materialize_all(&mut self) {
        for position in 0..self.stack.len() {
            self.materialize(position);
        }
    }

    /// Brings the entries into their registers that are aliases of the local.
    pub(super) fn materialize_local(&mut self, local: u16) {
        for position in 0..self.stack.len() {
            if self.stack[position] == Entry::Local(local) {
                self.materialize(position);
            }
        }
    }

    /// Makes the top entry a temporary and gives its register.
    pub(super) fn pop_register(&mut self) -> u16 {
        let position = self.stack.len() - 1;
        self.materialize(position);
        self.stack.pop();
        self.register(position)
    }

    /// A local, checked to exist.
    pub(super) fn local(&self, number: u32) -> Result<u16, LowerError> {
        if number < u32::from(self.variables) { Ok(number as u16) } else { Err(LowerError::BadOperand) }
    }

    /// A name's index, checked to exist.
    pub(super) fn name(&self, number: u32) -> Result<u32, LowerError> {
        if (number as usize) < self.code.names.len() { Ok(number) } else { Err(LowerError::BadOperand) }
    }

    /// Pushes a constant that is not the code object's.
    pub(super) fn push_extra(&mut self, constant: ExtraConstant) {
        let operand = self.extra(constant);
        match operand {
            Ok(operand) => self.stack.push(Entry::Constant(operand)),
            Err(index) => self.emit_wide(Op::LoadConst, index),
        }
    }

    /// The operand of a constant that is not the code object's, or its index if that is too large.
    pub(super) fn extra(&mut self, constant: ExtraConstant) -> Result<u16, u32> {
        let found = self.extra.iter().rev().take(64).position(|known| *known == constant);
        let index = match found {
            Some(back) => self.extra.len() - 1 - back,
            None => {
                self.extra.push(constant);
                self.extra.len() - 1
            }
        };
        let index = self.code.consts.len() + index;
        if index < usize::from(DISCARD - FIRST_CONSTANT) {
            Ok(FIRST_CONSTANT + index as u16)
        } else {
            Err(index as u32)
        }
    }

    /// Pushes a constant of the code object.
    pub(super) fn push_constant(&mut self, index: u32) -> Result<(), LowerError> {
        if index as usize >= self.code.consts.len() {
            return Err(LowerError::BadOperand);
        }
        if index < u32::from(DISCARD - FIRST_CONSTANT) {
            self.stack.push(Entry::Constant(FIRST_CONSTANT + index as u16));
        } else {
            self.emit_wide(Op::LoadConst, index);
        }
        Ok(())
    }

    /// The number of an operand that is a constant integer of 16 bits.
    pub(super) fn small_constant(&self, operand: u16) -> Option<i16> {
        let index = usize::from(operand.checked_sub(FIRST_CONSTANT)?);
        match self.code.consts.get(index) {
            Some(constant @ Constant::Int(_)) => i16::try_from(constant.as_i64()?).ok(),
            Some(_) => None,
            None => match self.extra.get(index - self.code.consts.len())? {
                ExtraConstant::Int(number) => i16::try_from(*number).ok(),
                _ => None,
            },
        }
    }

    // Emission.

    /// Appends a word.
    pub(super) fn emit(&mut self, op: Op, flags: u8, a: u16, b: u16, c: u16) -> usize {
        self.push_word(Instruction::new(op, flags, a, b, c))
    }

    pub(super) fn push_word(&mut self, word: Instruction) -> usize {
        if let Some((watched, entries)) = &mut self.watched
            && *watched == self.words.len()
        {
            entries.clone_from(&self.stack);
        }
        self.words.push(word);
        self.offsets.push(self.offset);
        self.producer = Producer::None;
        self.words.len() - 1
    }

    /// Appends an instruction that pushes its result, whose operands have been popped, with the flags that say which
    /// of them die.
    pub(super) fn emit_push(&mut self, op: Op, flags: u8, b: (u16, bool), c: (u16, bool)) {
        let dst = self.next_register();
        let mut flags = flags;
        if b.1 && b.0 != dst {
            flags |= flag::KILL_B;
        }
        if c.1 && c.0 != dst {
            flags |= flag::KILL_C;
        }
        let word = self.emit(op, flags, dst, b.0, c.0);
        self.pushed(word);
    }

    /// Notes that the instruction at the index pushed its destination.
    pub(super) fn pushed(&mut self, word: usize) {
        self.stack.push(Entry::Temporary);
        self.producer = Producer::Word(word);
    }

    /// Notes that the instruction with so many extension words pushed its destination: its entry is already there.
    pub(super) fn pushed_before(&mut self, extension: usize) {
        self.producer = Producer::Word(self.words.len() - 1 - extension);
    }

    /// Forgets what made the top.
    pub(super) fn no_producer(&mut self) {
        self.producer = Producer::None;
    }

    /// Notes that a method was looked up here.
    pub(super) fn note_method(&mut self, word: usize) {
        self.method = Some(word);
    }

    /// The look-up of a method, if it is the last word.
    pub(super) fn noted_method(&self) -> Option<usize> {
        self.method
            .filter(|&word| word + 1 == self.words.len() && self.mode == Mode::Fast && !self.labelled_after(word))
    }

    fn labelled_after(&self, word: usize) -> bool {
        self.last_label > word
    }

    /// Appends an instruction with a wide operand that pushes its result.
    pub(super) fn emit_wide(&mut self, op: Op, number: u32) {
        let word = self.push_word(Instruction::wide(op, 0, self.next_register(), number));
        self.pushed(word);
    }

    /// Appends extension words with a list of operands.
    pub(super) fn emit_list(&mut self, operands: &[u16]) {
        for chunk in operands.chunks(4) {
            let mut four = [0; 4];
            four[..chunk.len()].copy_from_slice(chunk);
            self.push_word(Instruction::four(four));
        }
    }

    /// Appends an instruction with a list of the top `count` entries, which it takes off, and pushes its result.
    pub(super) fn emit_list_op(&mut self, op: Op, flags: u8, count: usize, c: u16) {
        let first = self.stack.len() - count;
        let operands: Vec<u16> = (first..self.stack.len()).map(|position| self.operand(position)).collect();
        self.stack.truncate(first);
        let base = self.register(first);
        let word = self.emit(op, flags, base, base, c);
        self.emit_list(&operands);
        self.pushed(word);
    }

    /// A new feedback site, if it can be numbered with 16 bits.
    pub(super) fn site(&mut self, kind: SiteKind, name: u32) -> Option<u16> {
        let number = u16::try_from(self.sites.len()).ok()?;
        self.sites.push(Site { kind, name });
        Some(number)
    }

    /// A new feedback site.
    pub(super) fn wide_site(&mut self, kind: SiteKind, name: u32) -> u32 {
        self.sites.push(Site { kind, name });
        self.sites.len() as u32 - 1
    }

    /// The word that made the top of the stack, if it is the last and of one of the given operations.
    pub(super) fn producer_of_top(&self, accept: impl Fn(Op) -> bool) -> Option<usize> {
        match self.producer {
            Producer::Word(word) if self.mode == Mode::Fast && self.words[word].op().is_some_and(accept) => Some(word),
            _ => None,
        }
    }

    /// Removes the last instruction, which must be one word long, to emit another in its place.
    pub(super) fn unemit(&mut self, word: usize) -> Instruction {
        debug_assert_eq!(word + 1, self.words.len());
        let instruction = self.words[word];
        self.words.truncate(word);
        self.offsets.truncate(word);
        self.producer = Producer::None;
        instruction
    }

    /// Whether the last word is an instruction without operands behind it that made the register, and no jump leads
    /// behind it.
    pub(super) fn last_is(&self, op: Op, register: u16) -> bool {
        let Some(last) = self.words.last() else { return false };
        matches!(self.producer, Producer::Word(word) if word + 1 == self.words.len())
            && last.op() == Some(op)
            && last.a() == register
            && last.c() == 0
            && !self.labelled_after(self.words.len() - 1)
    }

    /// Removes the last word.
    pub(super) fn unemit_last(&mut self) {
        self.unemit(self.words.len() - 1);
    }

    /// The word at an index.
    pub(super) fn word(&self, index: usize) -> Instruction {
        self.words[index]
    }

    /// The first word of a bytecode instruction, if it has been lowered.
    pub(super) fn word_of(&self, index: usize) -> Option<usize> {
        self.word_of.get(index).filter(|&&word| word != NOWHERE).map(|&word| word as usize)
    }

    /// Whether jumps of 16 bits may be used.
    pub(super) fn may_be_near(&self) -> bool {
        self.near
    }

    /// Marks that an Unpack made the top of the stack.
    pub(super) fn unpacked(&mut self, word: usize) {
        if self.mode == Mode::Fast && self.words[word].c() > 0 {
            self.producer = Producer::Unpack(word, 0);
        }
    }

    /// Pops the top into a local.
    pub(super) fn store_local(&mut self, local: u16) {
        let position = self.stack.len() - 1;
        let entry = self.stack[position];
        self.stack.pop();
        self.materialize_local(local);
        match (entry, self.producer) {
            (Entry::Temporary, Producer::Word(word)) => {
                let temporary = self.register(position);
                self.retarget(word, temporary, local);
            }
            (Entry::Temporary, Producer::Unpack(word, done)) => {
                let index = word + 1 + usize::from(done) / 4;
                let mut operands = self.words[index].operands();
                operands[usize::from(done) % 4] = local;
                self.words[index] = Instruction::four(operands);
                let more = done + 1 < self.words[word].c();
                self.producer = if more { Producer::Unpack(word, done + 1) } else { Producer::None };
            }
            (Entry::Temporary, Producer::None) => {
                let temporary = self.register(position);
                self.emit(Op::Take, 0, local, temporary, 0);
            }
            (Entry::Local(other), _) if other == local => {}
            (Entry::Local(operand) | Entry::Constant(operand), _) => {
                self.emit(Op::Move, 0, local, operand, 0);
            }
        }
    }

    /// Makes an instruction write elsewhere than to the temporary.
    fn retarget(&mut self, word: usize, temporary: u16, register: u16) {
        let mut instruction = self.words[word].with_a(register);
        if let Some(op) = instruction.op()
            && op.extension() != Extension::ListOfC
            && op.extension() != Extension::ListOfFlags
        {
            let fields = op.fields();
            if fields[1] == Field::Use && instruction.b() == temporary {
                instruction = instruction.with_flags(flag::KILL_B);
            }
            if fields[2] == Field::Use && instruction.c() == temporary {
                instruction = instruction.with_flags(flag::KILL_C);
            }
        }
        self.words[word] = instruction;
        self.producer = Producer::None;
    }

    /// Pops the top and drops it.
    pub(super) fn drop_top(&mut self) {
        let position = self.stack.len() - 1;
        let is_call = |op| {
            matches!(op, Op::Call | Op::CallFunction | Op::CallMany | Op::CallMethod | Op::CallKeywords | Op::CallEx)
        };
        let call = self.producer_of_top(is_call);
        match self.stack.pop() {
            Some(Entry::Temporary) => match call {
                Some(word) => {
                    self.words[word] = self.words[word].with_a(DISCARD);
                    self.producer = Producer::None;
                }
                None => {
                    let register = self.register(position);
                    self.emit(Op::Drop, 0, register, 0, 0);
                }
            },
            _ => self.producer = Producer::None,
        }
    }

    // Jumps.

    /// Appends a jump with a long displacement in its word.
    pub(super) fn emit_jump(&mut self, op: Op, flags: u8, a: u16, target: usize) {
        let word = self.push_word(Instruction::wide(op, flags, a, 0));
        self.patches.push((word, Patch::Far, target));
    }

    /// Appends a fused jump, whose displacement is in `a`.
    pub(super) fn emit_near_jump(&mut self, op: Op, flags: u8, b: u16, c: u16, target: usize) {
        let word = self.emit(op, flags, 0, b, c);
        self.patches.push((word, Patch::Near, target));
    }

    /// Appends an instruction whose displacement is in the next word.
    pub(super) fn emit_extension_jump(&mut self, op: Op, flags: u8, a: u16, b: u16, c: u16, target: usize) -> usize {
        let word = self.emit(op, flags, a, b, c);
        self.push_word(Instruction::number(0));
        self.patches.push((word, Patch::Extension, target));
        word
    }

    /// Appends the copy of a FOR_ITER that ends its loop's body.
    pub(super) fn emit_for_backward(&mut self, header: usize, exit: usize) -> Result<(), LowerError> {
        let for_iter = self.words[header];
        let body = header + 2;
        let word = self.emit(Op::ForIterBackward, 0, for_iter.a(), for_iter.b(), 0);
        let distance = body as i64 - (word as i64 + 1);
        let near = i16::try_from(distance).map_err(|_| LowerError::TooLarge)?;
        self.words[word] = self.words[word].with_c(near as u16);
        self.offsets[word] = self.offsets[header];
        self.push_word(Instruction::number(0));
        self.patches.push((word, Patch::Extension, exit));
        Ok(())
    }
}
