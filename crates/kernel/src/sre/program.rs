//! The decoded program: what the machine executes. Decoding is in `decode`, the facts worked out beforehand in `analysis`.

use super::opcodes::At;
use super::set::{First, Fold, Set};
use super::{InvalidCode, analysis, decode};

/// A decoded, checked pattern.
#[derive(Debug)]
pub struct Program {
    pub(super) ops: Vec<Op>,
    pub(super) literals: Vec<u32>,
    pub(super) sets: Vec<Set>,
    pub(super) branches: Vec<Branch>,
    pub(super) singles: Vec<SingleRepeat>,
    pub(super) repeats: Vec<Repeat>,
    pub(super) info: Info,
    pub(super) groups: usize,
    pub(super) start: Start,
}

impl Program {
    /// Checks a code array for a pattern of `groups` groups and decodes it.
    pub fn decode(code: &[u32], groups: usize) -> Result<Program, InvalidCode> {
        let mut program = decode::decode(code, groups)?;
        analysis::prepare(&mut program);
        Ok(program)
    }

    /// The number of groups.
    pub fn groups(&self) -> usize {
        self.groups
    }
}

/// One operation. Code positions are indices into `Program::ops`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Op {
    Fail,
    Success,
    Literal(u32),
    /// Consecutive literals: a range of `Program::literals`.
    Literals {
        at: u32,
        len: u32,
    },
    NotLiteral(u32),
    Any,
    AnyAll,
    Set(u32),
    Mark(u32),
    At(At),
    Jump(u32),
    Branch(u32),
    /// Single-character repeats: indices into `Program::singles`.
    Greedy(u32),
    Lazy(u32),
    Possessive(u32),
    /// Other repeats: indices into `Program::repeats`.
    Repeat(u32),
    MaxUntil(u32),
    MinUntil(u32),
    PossessiveRepeat(u32),
    PossessiveEnd(u32),
    Atomic,
    AtomicEnd,
    /// Look `back` characters behind and match from there.
    Assert {
        back: u32,
    },
    AssertEnd,
    /// As `Assert`, but the operations up to `next` must not match.
    AssertNot {
        back: u32,
        next: u32,
    },
    AssertNotEnd,
    GroupRef(u32, Fold),
    /// Goes on if the group has matched, else at `otherwise`.
    GroupExists {
        group: u32,
        otherwise: u32,
    },
}

/// What a single-character repeat repeats.
#[derive(Debug, Clone, Copy)]
pub(super) enum Single {
    Any,
    AnyAll,
    Literal(u32),
    NotLiteral(u32),
    Set(u32),
    Never,
}

/// A repeat of a single character.
#[derive(Debug)]
pub(super) struct SingleRepeat {
    pub(super) what: Single,
    pub(super) min: usize,
    /// `usize::MAX` is without limit.
    pub(super) max: usize,
    /// Where the tail starts.
    pub(super) next: u32,
    pub(super) tail: Tail,
}

/// What is known of the operations after a single-character repeat.
#[derive(Debug)]
pub(super) enum Tail {
    /// Nothing.
    Unknown,
    /// They begin with this character.
    Literal(u32),
    /// They begin with one of these.
    First(Box<First>),
    /// They cannot begin with a character of the repeat: giving back characters never helps.
    Disjoint,
}

/// A repeat of anything else. The body starts right after its Repeat operation.
#[derive(Debug)]
pub(super) struct Repeat {
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) body: u32,
    /// The closing operation.
    pub(super) until: u32,
}

/// An alternation.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) alternatives: Vec<u32>,
    /// For each next character, a bit for every alternative that may match then. Set by the analysis.
    pub(super) masks: Box<[u64]>,
    pub(super) mask_high: u64,
    pub(super) mask_end: u64,
    pub(super) first: Option<First>,
}

impl Branch {
    /// The most alternatives one alternation holds: the bits of a mask.
    pub(super) const MAX: usize = 64;
}

/// The INFO block.
#[derive(Debug, Default)]
pub(super) struct Info {
    pub(super) min_width: usize,
    pub(super) prefix: Vec<u32>,
    /// The prefix is the whole pattern.
    pub(super) literal: bool,
    pub(super) charset: Option<Set>,
}

/// How a search finds the positions worth trying.
#[derive(Debug)]
pub(super) enum Start {
    /// Every position.
    Everywhere,
    /// Only where it starts.
    Anchored,
    /// Only where a line starts.
    Lines,
    /// Where this text is.
    Prefix(Box<Prefix>),
    /// Where one of these is next.
    First(Box<First>),
    /// Where one of two bytes is next.
    Bytes(u8, u8),
    /// Among bytes, where one of several short texts is; else as the other says.
    Texts(Box<aho_corasick::packed::Searcher>, Box<Start>),
}

/// A literal beginning, and a searcher for it among bytes if it fits them.
#[derive(Debug)]
pub(super) struct Prefix {
    pub(super) text: Vec<u32>,
    /// For each length of a partial match, the longest shorter one it ends with.
    pub(super) overlap: Vec<usize>,
    pub(super) finder: Option<memchr::memmem::Finder<'static>>,
}
