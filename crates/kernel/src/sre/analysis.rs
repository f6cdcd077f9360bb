//! Facts about a decoded program that make matching quicker without changing what matches.
//!
//! The one tool is [`First`]: the characters that may come next if a match is to go on. It is always a superset, so
//! skipping what is not in it skips only what fails anyway.

use super::opcodes::At;
use super::prefixes;
use super::program::{Branch, Op, Prefix, Program, Single, Start, Tail};
use super::set::First;

/// Operations looked at for one question.
const BUDGET: u32 = 400;
const DEPTH: u32 = 60;

pub(super) fn prepare(program: &mut Program) {
    chain_long_branches(program);
    // Inner alternations come after the outer ones: from the last to the first, each finds those inside it done.
    for index in (0..program.branches.len()).rev() {
        prepare_branch(program, index);
    }
    for index in 0..program.singles.len() {
        let tail = tail_of(program, index);
        program.singles[index].tail = tail;
    }
    program.start = start_of(program);
}

/// Splits alternations longer than a mask: the last alternative of each piece is the next piece.
fn chain_long_branches(program: &mut Program) {
    for index in 0..program.branches.len() {
        let mut piece = index;
        while program.branches[piece].alternatives.len() > Branch::MAX {
            let rest = program.branches[piece].alternatives.split_off(Branch::MAX - 1);
            let next = program.branches.len();
            program.branches.push(Branch {
                alternatives: rest,
                masks: Box::new([]),
                mask_high: 0,
                mask_end: 0,
                first: None,
            });
            program.branches[piece].alternatives.push(program.ops.len() as u32);
            program.ops.push(Op::Branch(next as u32));
            piece = next;
        }
    }
}

fn prepare_branch(program: &mut Program, index: usize) {
    let mut masks = vec![0u64; 256].into_boxed_slice();
    let (mut mask_high, mut mask_end) = (0, 0);
    let mut whole = First::nothing();
    for (number, &pc) in program.branches[index].alternatives.iter().enumerate() {
        let first = first(program, pc);
        let bit = 1u64 << number;
        for (mask, &may) in masks.iter_mut().zip(first.table.iter()) {
            if may {
                *mask |= bit;
            }
        }
        if first.high {
            mask_high |= bit;
        }
        if first.end {
            mask_end |= bit;
        }
        whole.add(&first);
    }
    let branch = &mut program.branches[index];
    branch.masks = masks;
    branch.mask_high = mask_high;
    branch.mask_end = mask_end;
    branch.first = Some(whole);
}

fn single_first(program: &Program, what: Single) -> First {
    match what {
        Single::Any => First::all_but(10),
        Single::AnyAll => First { end: false, ..First::anything() },
        Single::Literal(c) => First::one(c),
        Single::NotLiteral(c) => First::all_but(c),
        Single::Set(set) => First::set(&program.sets[set as usize]),
        Single::Never => First::nothing(),
    }
}

fn tail_of(program: &Program, index: usize) -> Tail {
    let repeat = &program.singles[index];
    let tail = first(program, repeat.next);
    if tail.is_anything() {
        return Tail::Unknown;
    }
    // With the repeat's characters excluded from the tail, only the longest run can go on.
    if single_first(program, repeat.what).is_disjoint(&tail) {
        return Tail::Disjoint;
    }
    match program.ops[repeat.next as usize] {
        Op::Literal(c) => Tail::Literal(c),
        Op::Literals { at, .. } => Tail::Literal(program.literals[at as usize]),
        _ => Tail::First(Box::new(tail)),
    }
}

fn start_of(program: &Program) -> Start {
    if !program.info.prefix.is_empty() {
        let text = program.info.prefix.clone();
        let bytes: Option<Vec<u8>> = text.iter().map(|&c| u8::try_from(c).ok()).collect();
        let finder = bytes.map(|bytes| memchr::memmem::Finder::new(&bytes).into_owned());
        let overlap = overlaps(&text);
        return Start::Prefix(Box::new(Prefix { text, overlap, finder }));
    }
    match program.ops.first() {
        Some(Op::At(At::Beginning)) => return Start::Anchored,
        Some(Op::At(At::BeginningLine)) => return Start::Lines,
        _ => {}
    }
    let mut start = first(program, 0);
    if let Some(set) = &program.info.charset {
        start.keep(&First::set(set));
    }
    if start.is_anything() {
        return Start::Everywhere;
    }
    let members: Vec<u8> = (0..=255u8).filter(|&c| start.table[c as usize]).collect();
    let by_first = match members[..] {
        [a] if !start.high && !start.end => Start::Bytes(a, a),
        [a, b] if !start.high && !start.end => Start::Bytes(a, b),
        _ => Start::First(Box::new(start)),
    };
    match prefixes::searcher(program) {
        Some(searcher) => Start::Texts(Box::new(searcher), Box::new(by_first)),
        None => by_first,
    }
}

fn overlaps(text: &[u32]) -> Vec<usize> {
    let mut table = vec![0; text.len()];
    let mut matched = 0;
    for i in 1..text.len() {
        while matched > 0 && text[i] != text[matched] {
            matched = table[matched - 1];
        }
        if text[i] == text[matched] {
            matched += 1;
        }
        table[i] = matched;
    }
    table
}

fn first(program: &Program, pc: u32) -> First {
    let mut budget = BUDGET;
    at(program, pc, &mut budget, DEPTH, 0)
}

/// `inside` counts the atomic groups entered on the way. The end of any other is the end of what can be said: what a
/// group matches does not depend on what follows it.
fn at(program: &Program, mut pc: u32, budget: &mut u32, depth: u32, mut inside: u32) -> First {
    // What assertions on the way have already ruled out.
    let mut limit: Option<First> = None;
    let mut found = loop {
        if *budget == 0 || depth == 0 {
            break First::anything();
        }
        *budget -= 1;
        match program.ops[pc as usize] {
            Op::Fail => break First::nothing(),
            Op::Literal(c) => break First::one(c),
            Op::Literals { at, .. } => break First::one(program.literals[at as usize]),
            Op::NotLiteral(c) => break First::all_but(c),
            Op::Any => break First::all_but(10),
            Op::AnyAll => break First { end: false, ..First::anything() },
            Op::Set(set) => break First::set(&program.sets[set as usize]),
            Op::Mark(_) => pc += 1,
            Op::Atomic => {
                inside += 1;
                pc += 1;
            }
            Op::AtomicEnd => {
                if inside == 0 {
                    break First::anything();
                }
                inside -= 1;
                pc += 1;
            }
            Op::Jump(to) => pc = to,
            Op::AssertNot { next, .. } => pc = next,
            Op::At(position) => {
                let mut only = First { end: true, ..First::nothing() };
                match position {
                    At::End | At::EndLine => only.table[10] = true,
                    At::EndString => {}
                    _ => only = First::anything(),
                }
                narrow(&mut limit, only);
                pc += 1;
            }
            Op::Assert { back } => {
                if back == 0 {
                    let within = at(program, pc + 1, budget, depth - 1, 0);
                    narrow(&mut limit, within);
                }
                let mut nested = 0u32;
                // The matching end closes it; assertions nest.
                loop {
                    pc += 1;
                    match program.ops[pc as usize] {
                        Op::Assert { .. } => nested += 1,
                        Op::AssertEnd if nested == 0 => break,
                        Op::AssertEnd => nested -= 1,
                        _ => {}
                    }
                    *budget = budget.saturating_sub(1);
                }
                pc += 1;
            }
            Op::Branch(index) => {
                let branch = &program.branches[index as usize];
                if let Some(known) = &branch.first {
                    break known.clone();
                }
                let mut all = First::nothing();
                for &alternative in &branch.alternatives {
                    all.add(&at(program, alternative, budget, depth - 1, inside));
                }
                break all;
            }
            Op::Greedy(index) | Op::Lazy(index) | Op::Possessive(index) => {
                let repeat = &program.singles[index as usize];
                let mut all = if repeat.max == 0 { First::nothing() } else { single_first(program, repeat.what) };
                if repeat.min == 0 {
                    all.add(&at(program, repeat.next, budget, depth - 1, inside));
                }
                break all;
            }
            Op::Repeat(index) | Op::PossessiveRepeat(index) => {
                let repeat = &program.repeats[index as usize];
                let mut all = if repeat.max == 0 {
                    First::nothing()
                } else {
                    at(program, repeat.body, budget, depth - 1, inside)
                };
                if repeat.min == 0 {
                    all.add(&at(program, repeat.until + 1, budget, depth - 1, inside));
                }
                break all;
            }
            Op::GroupExists { otherwise, .. } => {
                let mut all = at(program, pc + 1, budget, depth - 1, inside);
                all.add(&at(program, otherwise, budget, depth - 1, inside));
                break all;
            }
            Op::Success
            | Op::MaxUntil(_)
            | Op::MinUntil(_)
            | Op::PossessiveEnd(_)
            | Op::AssertEnd
            | Op::AssertNotEnd
            | Op::GroupRef(..) => break First::anything(),
        }
    };
    if let Some(limit) = limit {
        found.keep(&limit);
    }
    found
}

fn narrow(limit: &mut Option<First>, by: First) {
    match limit {
        Some(limit) => limit.keep(&by),
        None => *limit = Some(by),
    }
}
