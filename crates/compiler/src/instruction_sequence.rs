//! What code generation emits: a flat list of instructions with labels, and what else a code object needs.
//!
//! Nothing is optimized here; [`crate::flowgraph`] makes basic blocks of it and [`crate::assemble`] bytes of those.

use rustc_hash::{FxHashMap, FxHashSet};

use oriel_bytecode::{CodeFlags, Constant, Opcode, Text};

pub use oriel_bytecode::positions::Location;

/// A place to jump to, or the start of an exception handler. Made by [`InstructionSequence::new_label`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Label(pub u32);

/// One instruction; where the opcode has a target, the operand is a label's number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instruction {
    /// What it does; pseudo instructions allowed.
    pub opcode: Opcode,
    /// Its operand, 0 if it has none.
    pub oparg: u32,
    /// Where it came from.
    pub location: Location,
}

/// Instructions in the order of their emission.
#[derive(Clone, Debug, Default)]
pub struct InstructionSequence {
    instructions: Vec<Instruction>,
    /// Where each label stands: the index of the instruction that follows it.
    labels: Vec<Option<u32>>,
    nested: Vec<InstructionSequence>,
    annotations: Option<Box<InstructionSequence>>,
}

impl InstructionSequence {
    /// An empty sequence.
    pub fn new() -> InstructionSequence {
        InstructionSequence::default()
    }

    /// A label that stands nowhere yet.
    pub fn new_label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() as u32 - 1)
    }

    /// Puts a label before the next instruction.
    pub fn use_label(&mut self, label: Label) {
        let here = self.instructions.len() as u32;
        if let Some(place) = self.labels.get_mut(label.0 as usize) {
            *place = Some(here);
        }
    }

    /// Appends an instruction without an operand.
    pub fn add_op0(&mut self, opcode: Opcode, location: Location) {
        debug_assert!(!opcode.has_arg(), "{opcode:?} needs an operand");
        self.instructions.push(Instruction { opcode, oparg: 0, location });
    }

    /// Appends an instruction with an operand.
    pub fn add_op(&mut self, opcode: Opcode, oparg: u32, location: Location) {
        debug_assert!(opcode.has_arg() || oparg == 0, "{opcode:?} takes no operand");
        debug_assert!(!opcode.has_target(), "{opcode:?} needs a label");
        self.instructions.push(Instruction { opcode, oparg, location });
    }

    /// Appends a jump or the set-up of a handler.
    pub fn add_jump(&mut self, opcode: Opcode, target: Label, location: Location) {
        debug_assert!(opcode.has_target(), "{opcode:?} takes no label");
        self.instructions.push(Instruction { opcode, oparg: target.0, location });
    }

    /// Inserts an instruction before the one at `index`; labels after it move along.
    pub fn insert(&mut self, index: usize, instruction: Instruction) {
        let index = index.min(self.instructions.len());
        self.instructions.insert(index, instruction);
        for place in self.labels.iter_mut().flatten() {
            if *place as usize >= index {
                *place += 1;
            }
        }
    }

    /// The instructions so far.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// The last instruction.
    pub fn last(&self) -> Option<&Instruction> {
        self.instructions.last()
    }

    /// The last instruction, to change it.
    pub fn last_mut(&mut self) -> Option<&mut Instruction> {
        self.instructions.last_mut()
    }

    /// How many instructions there are.
    pub fn len(&self) -> usize {
        self.instructions.len()
    }

    /// Whether there is no instruction.
    pub fn is_empty(&self) -> bool {
        self.instructions.is_empty()
    }

    /// The index of the instruction that a label stands before.
    pub fn label_index(&self, label: Label) -> Option<usize> {
        self.labels.get(label.0 as usize).copied().flatten().map(|index| index as usize)
    }

    /// Keeps the sequence of a nested scope, for tools that show unoptimized code.
    pub fn add_nested(&mut self, nested: InstructionSequence) {
        self.nested.push(nested);
    }

    /// The sequences of nested scopes.
    pub fn nested(&self) -> &[InstructionSequence] {
        &self.nested
    }

    /// Sets the instructions that take the place of `ANNOTATIONS_PLACEHOLDER`; they hold no label.
    pub fn set_annotations(&mut self, annotations: InstructionSequence) {
        self.annotations = Some(Box::new(annotations));
    }

    /// The instructions that take the place of `ANNOTATIONS_PLACEHOLDER`.
    pub fn annotations(&self) -> Option<&InstructionSequence> {
        self.annotations.as_deref()
    }
}

/// Distinct items in the order of their first use.
#[derive(Clone, Debug)]
pub struct Table<T> {
    items: Vec<T>,
    /// Where each item is first, once there are too many to look at all of them.
    index: Option<FxHashMap<T, u32>>,
}

/// The names of a code object.
pub type NameTable = Table<Text>;
/// The constants of a code object.
pub type ConstTable = Table<Constant>;

/// The most items that are searched one by one.
const FEW: usize = 8;

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table { items: Vec::new(), index: None }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Table<T> {
    /// An empty table.
    pub fn new() -> Table<T> {
        Table::default()
    }

    /// The index of an item, which is appended if it is not there.
    pub fn add(&mut self, item: T) -> u32 {
        match self.get(&item) {
            Some(index) => index,
            None => self.add_distinct(item),
        }
    }

    /// Appends an item whether or not an equal one is there.
    pub fn add_distinct(&mut self, item: T) -> u32 {
        let index = self.items.len() as u32;
        if let Some(known) = &mut self.index {
            known.entry(item.clone()).or_insert(index);
        }
        self.items.push(item);
        if self.index.is_none() && self.items.len() > FEW {
            let mut known = FxHashMap::default();
            for (index, item) in self.items.iter().enumerate() {
                known.entry(item.clone()).or_insert(index as u32);
            }
            self.index = Some(known);
        }
        index
    }

    /// The index of an item that is there.
    pub fn get(&self, item: &T) -> Option<u32> {
        match &self.index {
            Some(index) => index.get(item).copied(),
            None => self.items.iter().position(|known| known == item).map(|index| index as u32),
        }
    }

    /// The items in order.
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// The items, without the index.
    pub fn into_items(self) -> Vec<T> {
        self.items
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl<T: Clone + Eq + std::hash::Hash> FromIterator<T> for Table<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Table<T> {
        let mut table = Table::new();
        for item in items {
            table.add(item);
        }
        table
    }
}

/// What a code object needs besides its instructions.
///
/// Operands of instructions on cells count the cells first, then the free variables: a free variable's operand is
/// `cellvars.len()` plus its index in `freevars`. The assembler makes indices of the frame's variables of them.
#[derive(Clone, Debug, Default)]
pub struct UnitMetadata {
    /// `co_name`
    pub name: Text,
    /// `co_qualname`
    pub qualname: Text,
    /// `co_filename`
    pub filename: Text,
    /// Positional parameters that are not positional-only.
    pub argcount: u32,
    /// Positional-only parameters (not counted in `argcount`, unlike in the code object).
    pub posonlyargcount: u32,
    /// Keyword-only parameters.
    pub kwonlyargcount: u32,
    /// `co_flags`
    pub flags: CodeFlags,
    /// Constants; the first one is kept even if no instruction uses it, as it may be the docstring.
    pub consts: ConstTable,
    /// Globals and attributes.
    pub names: NameTable,
    /// Parameters, then other locals (those that are also cells included).
    pub varnames: NameTable,
    /// Cells.
    pub cellvars: NameTable,
    /// Free variables.
    pub freevars: NameTable,
    /// Locals that `locals()` does not show (variables of inlined comprehensions).
    pub fasthidden: FxHashSet<Text>,
    /// Number of parameters of all kinds, `*args` and `**kwargs` included: they are bound at the start.
    pub parameter_count: u32,
    /// `co_firstlineno`
    pub firstlineno: i32,
}

/// Why no code object could be made. Both kinds are bugs or limits of the compiler, not errors of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssembleError {
    /// The instructions contradict each other.
    Malformed(&'static str),
    /// A table or the bytecode is larger than its format can tell.
    TooLarge(&'static str),
}

impl std::fmt::Display for AssembleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AssembleError::Malformed(what) => write!(f, "malformed code: {what}"),
            AssembleError::TooLarge(what) => write!(f, "code too large: {what}"),
        }
    }
}

impl std::error::Error for AssembleError {}
