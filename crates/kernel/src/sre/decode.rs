//! From a code array to a program, checking everything on the way: a hostile array is refused, never run.
//!
//! Nested parts are kept on a stack of open regions, so nesting is bounded by memory only.

use super::InvalidCode;
use super::opcodes::{At, Category, INFO_CHARSET, INFO_LITERAL, INFO_PREFIX, MAX_GROUPS, MAX_REPEAT, op};
use super::program::{Branch, Info, Op, Program, Repeat, Single, SingleRepeat, Start, Tail};
use super::set::{Fold, Set};

/// A part of the code array that is being read, up to `end` (exclusive), where its closing word stands.
struct Region {
    end: usize,
    kind: Kind,
}

enum Kind {
    Outer,
    Alternative {
        branch: u32,
        target: Option<usize>,
        jumps: Vec<u32>,
    },
    Repeat {
        index: u32,
    },
    PossessiveRepeat {
        index: u32,
    },
    Atomic,
    Assert,
    AssertNot {
        at: u32,
    },
    /// The part of a conditional that runs if the group has matched.
    Then {
        at: u32,
    },
    Else {
        jump: u32,
    },
}

struct Decoder<'a> {
    code: &'a [u32],
    at: usize,
    groups: usize,
    out: Program,
    regions: Vec<Region>,
    /// Operations before this one may be jumped behind, so that nothing may be merged into them.
    fence: usize,
}

pub(super) fn decode(code: &[u32], groups: usize) -> Result<Program, InvalidCode> {
    if groups > MAX_GROUPS || code.last() != Some(&op::SUCCESS) || u32::try_from(code.len()).is_err() {
        return Err(InvalidCode);
    }
    let out = Program {
        ops: Vec::new(),
        literals: Vec::new(),
        sets: Vec::new(),
        branches: Vec::new(),
        singles: Vec::new(),
        repeats: Vec::new(),
        info: Info::default(),
        groups,
        start: Start::Everywhere,
    };
    let regions = vec![Region { end: code.len() - 1, kind: Kind::Outer }];
    let mut decoder = Decoder { code, at: 0, groups, out, regions, fence: 0 };
    while !decoder.regions.is_empty() {
        decoder.step()?;
    }
    Ok(decoder.out)
}

impl Decoder<'_> {
    fn word(&mut self) -> Result<u32, InvalidCode> {
        let word = *self.code.get(self.at).ok_or(InvalidCode)?;
        self.at += 1;
        Ok(word)
    }

    /// Reads a skip and returns the position it leads to, which must lie in the region being read.
    fn skip(&mut self) -> Result<usize, InvalidCode> {
        let base = self.at;
        let target = base + self.word()? as usize;
        if target < self.at || target > self.end()? { Err(InvalidCode) } else { Ok(target) }
    }

    fn end(&self) -> Result<usize, InvalidCode> {
        self.regions.last().map(|region| region.end).ok_or(InvalidCode)
    }

    fn here(&self) -> u32 {
        self.out.ops.len() as u32
    }

    fn emit(&mut self, op: Op) {
        self.out.ops.push(op);
    }

    fn open(&mut self, end: usize, kind: Kind) -> Result<(), InvalidCode> {
        if end < self.at || end > self.end()? {
            return Err(InvalidCode);
        }
        self.fence = self.out.ops.len();
        self.regions.push(Region { end, kind });
        Ok(())
    }

    /// What comes next can be reached by a jump.
    fn label(&mut self) -> u32 {
        self.fence = self.out.ops.len();
        self.here()
    }

    fn closing(&mut self, expected: u32) -> Result<(), InvalidCode> {
        if self.word()? == expected { Ok(()) } else { Err(InvalidCode) }
    }

    fn add_set(&mut self, set: Set) -> u32 {
        self.out.sets.push(set);
        (self.out.sets.len() - 1) as u32
    }

    fn bounds(&mut self) -> Result<(usize, usize), InvalidCode> {
        let (min, max) = (self.word()?, self.word()?);
        if min > max {
            return Err(InvalidCode);
        }
        Ok((min as usize, if max == MAX_REPEAT { usize::MAX } else { max as usize }))
    }

    fn step(&mut self) -> Result<(), InvalidCode> {
        let end = self.end()?;
        if self.at > end {
            return Err(InvalidCode);
        }
        if self.at == end {
            return self.close();
        }
        let code = self.word()?;
        match code {
            op::MARK => {
                let mark = self.word()?;
                if mark as usize >= 2 * self.groups {
                    return Err(InvalidCode);
                }
                self.emit(Op::Mark(mark));
            }
            op::AT => {
                let at = At::from_code(self.word()?).ok_or(InvalidCode)?;
                self.emit(Op::At(at));
            }
            op::SUCCESS => self.emit(Op::Success),
            op::INFO => self.info()?,
            op::BRANCH => {
                self.out.branches.push(Branch {
                    alternatives: Vec::new(),
                    masks: Box::new([]),
                    mask_high: 0,
                    mask_end: 0,
                    first: None,
                });
                let branch = (self.out.branches.len() - 1) as u32;
                self.emit(Op::Branch(branch));
                self.alternative(branch, None, Vec::new())?;
            }
            op::REPEAT_ONE | op::MIN_REPEAT_ONE | op::POSSESSIVE_REPEAT_ONE => {
                let tail = self.skip()?;
                let (min, max) = self.bounds()?;
                let first = self.word()?;
                let item = self.single(first)?.ok_or(InvalidCode)?;
                self.closing(op::SUCCESS)?;
                if self.at != tail {
                    return Err(InvalidCode);
                }
                let what = match item {
                    Op::Any => Single::Any,
                    Op::AnyAll => Single::AnyAll,
                    Op::Literal(c) => Single::Literal(c),
                    Op::NotLiteral(c) => Single::NotLiteral(c),
                    Op::Set(set) => Single::Set(set),
                    _ => Single::Never,
                };
                let index = self.out.singles.len() as u32;
                let next = self.here() + 1;
                self.out.singles.push(SingleRepeat { what, min, max, next, tail: Tail::Unknown });
                self.emit(match code {
                    op::REPEAT_ONE => Op::Greedy(index),
                    op::MIN_REPEAT_ONE => Op::Lazy(index),
                    _ => Op::Possessive(index),
                });
                self.label();
            }
            op::REPEAT | op::POSSESSIVE_REPEAT => {
                let close = self.skip()?;
                let (min, max) = self.bounds()?;
                let index = self.out.repeats.len() as u32;
                let possessive = code == op::POSSESSIVE_REPEAT;
                self.emit(if possessive { Op::PossessiveRepeat(index) } else { Op::Repeat(index) });
                let body = self.here();
                self.out.repeats.push(Repeat { min, max, body, until: 0 });
                self.open(close, if possessive { Kind::PossessiveRepeat { index } } else { Kind::Repeat { index } })?;
            }
            op::ATOMIC_GROUP => {
                let tail = self.skip()?;
                self.emit(Op::Atomic);
                self.open(tail.checked_sub(1).ok_or(InvalidCode)?, Kind::Atomic)?;
            }
            op::ASSERT | op::ASSERT_NOT => {
                let tail = self.skip()?;
                let back = self.word()?;
                let close = tail.checked_sub(1).ok_or(InvalidCode)?;
                let at = self.here();
                if code == op::ASSERT {
                    self.emit(Op::Assert { back });
                    self.open(close, Kind::Assert)?;
                } else {
                    self.emit(Op::AssertNot { back, next: 0 });
                    self.open(close, Kind::AssertNot { at })?;
                }
            }
            op::GROUPREF | op::GROUPREF_IGNORE | op::GROUPREF_LOC_IGNORE | op::GROUPREF_UNI_IGNORE => {
                let group = self.group()?;
                let fold = match code {
                    op::GROUPREF => Fold::None,
                    op::GROUPREF_IGNORE => Fold::Ascii,
                    op::GROUPREF_LOC_IGNORE => Fold::Locale,
                    _ => Fold::Unicode,
                };
                self.emit(Op::GroupRef(group, fold));
            }
            op::GROUPREF_EXISTS => {
                let group = self.group()?;
                // This skip counts from the word before it.
                let target = (self.at + self.word()? as usize).checked_sub(1).ok_or(InvalidCode)?;
                let at = self.here();
                self.emit(Op::GroupExists { group, otherwise: 0 });
                self.open(target, Kind::Then { at })?;
            }
            op::JUMP => {
                // The only jump that stands alone ends the first part of a conditional with two.
                let region_end = self.end()?;
                let Some(&Region { kind: Kind::Then { at }, .. }) = self.regions.last() else {
                    return Err(InvalidCode);
                };
                if self.at + 1 != region_end {
                    return Err(InvalidCode);
                }
                let target = self.at + self.word()? as usize;
                self.regions.pop();
                let jump = self.here();
                self.emit(Op::Jump(0));
                let otherwise = self.label();
                self.patch(at, otherwise);
                self.open(target, Kind::Else { jump })?;
            }
            op::LITERAL => {
                let c = self.word()?;
                self.literal(c);
            }
            _ => {
                let op = self.single(code)?.ok_or(InvalidCode)?;
                self.emit(op);
            }
        }
        Ok(())
    }

    fn group(&mut self) -> Result<u32, InvalidCode> {
        let group = self.word()?;
        if group as usize >= self.groups { Err(InvalidCode) } else { Ok(group) }
    }

    /// Appends a literal, merging it with those just before it.
    fn literal(&mut self, c: u32) {
        let mergeable = self.out.ops.len() > self.fence;
        match self.out.ops.last_mut() {
            Some(op @ &mut Op::Literal(before)) if mergeable => {
                *op = Op::Literals { at: self.out.literals.len() as u32, len: 2 };
                self.out.literals.extend([before, c]);
            }
            Some(Op::Literals { len, .. }) if mergeable => {
                *len += 1;
                self.out.literals.push(c);
            }
            _ => self.emit(Op::Literal(c)),
        }
    }

    /// The operations that consume exactly one character (and FAILURE, which consumes none it could).
    fn single(&mut self, code: u32) -> Result<Option<Op>, InvalidCode> {
        let folded = |this: &mut Self, fold, negated| {
            let c = this.word()?;
            let set = Set::folded(c, fold, negated);
            Ok(Some(Op::Set(this.add_set(set))))
        };
        Ok(Some(match code {
            op::FAILURE => Op::Fail,
            op::ANY => Op::Any,
            op::ANY_ALL => Op::AnyAll,
            op::LITERAL => Op::Literal(self.word()?),
            op::NOT_LITERAL => Op::NotLiteral(self.word()?),
            op::LITERAL_IGNORE => return folded(self, Fold::Ascii, false),
            op::NOT_LITERAL_IGNORE => return folded(self, Fold::Ascii, true),
            op::LITERAL_LOC_IGNORE => return folded(self, Fold::Locale, false),
            op::NOT_LITERAL_LOC_IGNORE => return folded(self, Fold::Locale, true),
            op::LITERAL_UNI_IGNORE => return folded(self, Fold::Unicode, false),
            op::NOT_LITERAL_UNI_IGNORE => return folded(self, Fold::Unicode, true),
            op::CATEGORY => {
                let category = Category::from_code(self.word()?).ok_or(InvalidCode)?;
                Op::Set(self.add_set(Set::category(category)))
            }
            op::IN | op::IN_IGNORE | op::IN_LOC_IGNORE | op::IN_UNI_IGNORE => {
                let fold = match code {
                    op::IN => Fold::None,
                    op::IN_IGNORE => Fold::Ascii,
                    op::IN_LOC_IGNORE => Fold::Locale,
                    _ => Fold::Unicode,
                };
                let tail = self.skip()?;
                let set = self.charset(tail, fold)?;
                Op::Set(self.add_set(set))
            }
            _ => return Ok(None),
        }))
    }

    /// A charset from here to `tail`, its closing FAILURE included.
    fn charset(&mut self, tail: usize, fold: Fold) -> Result<Set, InvalidCode> {
        let (last, items) = self.code.get(self.at..tail).and_then(<[u32]>::split_last).ok_or(InvalidCode)?;
        if *last != op::FAILURE {
            return Err(InvalidCode);
        }
        self.at = tail;
        Set::from_code(items, fold)
    }

    fn info(&mut self) -> Result<(), InvalidCode> {
        let opening = self.at == 1;
        let tail = self.skip()?;
        let flags = self.word()?;
        let (min, _max) = (self.word()?, self.word()?);
        let bad = flags & !(INFO_PREFIX | INFO_LITERAL | INFO_CHARSET) != 0
            || flags & (INFO_PREFIX | INFO_CHARSET) == INFO_PREFIX | INFO_CHARSET
            || flags & (INFO_PREFIX | INFO_LITERAL) == INFO_LITERAL;
        if bad {
            return Err(InvalidCode);
        }
        let mut info = Info { min_width: min as usize, literal: flags & INFO_LITERAL != 0, ..Info::default() };
        if flags & INFO_PREFIX != 0 {
            let len = self.word()?;
            let _skip = self.word()?;
            let words = self.code.get(self.at..tail).ok_or(InvalidCode)?;
            if words.len() != 2 * len as usize || words[len as usize..].iter().any(|&overlap| overlap >= len) {
                return Err(InvalidCode);
            }
            info.prefix = words[..len as usize].to_vec();
            self.at = tail;
        } else if flags & INFO_CHARSET != 0 {
            info.charset = Some(self.charset(tail, Fold::None)?);
        }
        if self.at != tail {
            return Err(InvalidCode);
        }
        if opening {
            self.out.info = info;
        }
        Ok(())
    }

    /// Starts an alternative, or ends the alternation if its skip is zero.
    fn alternative(&mut self, branch: u32, target: Option<usize>, jumps: Vec<u32>) -> Result<(), InvalidCode> {
        let base = self.at;
        let skip = self.word()? as usize;
        if skip == 0 {
            if target != Some(self.at) {
                return Err(InvalidCode);
            }
            let here = self.label();
            for jump in jumps {
                self.out.ops[jump as usize] = Op::Jump(here);
            }
            return Ok(());
        }
        let here = self.label();
        self.out.branches[branch as usize].alternatives.push(here);
        let close = (base + skip).checked_sub(2).ok_or(InvalidCode)?;
        self.open(close, Kind::Alternative { branch, target, jumps })
    }

    fn patch(&mut self, at: u32, to: u32) {
        match &mut self.out.ops[at as usize] {
            Op::GroupExists { otherwise: target, .. } | Op::AssertNot { next: target, .. } | Op::Jump(target) => {
                *target = to;
            }
            _ => {}
        }
    }

    /// The end of a region has been reached: reads what closes it.
    fn close(&mut self) -> Result<(), InvalidCode> {
        let Some(region) = self.regions.pop() else { return Err(InvalidCode) };
        let here = self.label();
        match region.kind {
            Kind::Outer => {
                self.emit(Op::Success);
                return Ok(());
            }
            Kind::Alternative { branch, target, mut jumps } => {
                self.closing(op::JUMP)?;
                let lands = self.at + self.code.get(self.at).copied().ok_or(InvalidCode)? as usize;
                self.at += 1;
                if target.is_some_and(|target| target != lands) {
                    return Err(InvalidCode);
                }
                jumps.push(here);
                self.emit(Op::Jump(0));
                self.alternative(branch, Some(lands), jumps)?;
            }
            Kind::Repeat { index } => {
                let op = match self.word()? {
                    op::MAX_UNTIL => Op::MaxUntil(index),
                    op::MIN_UNTIL => Op::MinUntil(index),
                    _ => return Err(InvalidCode),
                };
                self.out.repeats[index as usize].until = here;
                self.emit(op);
            }
            Kind::PossessiveRepeat { index } => {
                self.closing(op::SUCCESS)?;
                self.out.repeats[index as usize].until = here;
                self.emit(Op::PossessiveEnd(index));
            }
            Kind::Atomic => {
                self.closing(op::SUCCESS)?;
                self.emit(Op::AtomicEnd);
            }
            Kind::Assert => {
                self.closing(op::SUCCESS)?;
                self.emit(Op::AssertEnd);
            }
            Kind::AssertNot { at } => {
                self.closing(op::SUCCESS)?;
                self.emit(Op::AssertNotEnd);
                let next = self.label();
                self.patch(at, next);
            }
            Kind::Then { at } => self.patch(at, here),
            Kind::Else { jump } => self.patch(jump, here),
        }
        self.label();
        Ok(())
    }
}
