//! The short texts that a match must begin with, if they are few: several can be looked for at once with vector
//! instructions.

use aho_corasick::packed::{Config, MatchKind, Searcher};

use super::program::{Op, Program, Single};
use super::set::Set;

/// Characters of a prefix looked at.
const LONGEST: usize = 3;
/// Shorter prefixes are found too often to help.
const SHORTEST: usize = 2;
/// More texts than these are not looked for at once.
const MOST: usize = 32;
/// A set of more characters ends a prefix.
const WIDEST: usize = 4;
/// Steps of the walk.
const BUDGET: usize = 600;

/// A searcher for the beginnings of all matches in a subject of bytes; nothing if they are too many or too short.
pub(super) fn searcher(program: &Program) -> Option<Searcher> {
    let texts = texts(program)?;
    let mut builder = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
    builder.extend(texts);
    builder.build()
}

/// A way under way: the next operation, and the characters before it. Without an operation the way has ended.
type Way = (Option<u32>, Vec<u8>);

fn texts(program: &Program) -> Option<Vec<Vec<u8>>> {
    let mut ways: Vec<Way> = vec![(Some(0), Vec::new())];
    let mut found: Vec<Vec<u8>> = Vec::new();
    let mut steps = 0;
    while let Some((pc, text)) = ways.pop() {
        steps += 1;
        if steps > BUDGET {
            return None;
        }
        let Some(pc) = pc.filter(|_| text.len() < LONGEST) else {
            if text.len() < SHORTEST || found.len() >= MOST {
                return None;
            }
            if !found.contains(&text) {
                found.push(text);
            }
            continue;
        };
        step(program, pc, text, &mut ways);
    }
    // Without a text nothing can match; that is left to the machine.
    (!found.is_empty()).then_some(found)
}

fn step(program: &Program, pc: u32, text: Vec<u8>, ways: &mut Vec<Way>) {
    let next = Some(pc + 1);
    let with = |c: u8| {
        let mut longer = text.clone();
        longer.push(c);
        longer
    };
    match program.ops[pc as usize] {
        Op::Fail => {}
        // Characters beyond a byte are in no subject of bytes.
        Op::Literal(c) => ways.extend(u8::try_from(c).ok().map(|c| (next, with(c)))),
        Op::Literals { at, len } => {
            let literals = &program.literals[at as usize..][..len as usize];
            let taken = &literals[..literals.len().min(LONGEST - text.len())];
            let bytes: Option<Vec<u8>> = taken.iter().map(|&c| u8::try_from(c).ok()).collect();
            if let Some(bytes) = bytes {
                let whole = taken.len() == literals.len();
                ways.push((if whole { next } else { None }, [text, bytes].concat()));
            }
        }
        Op::Set(set) => match members(&program.sets[set as usize]) {
            Some(members) => ways.extend(members.into_iter().map(|c| (next, with(c)))),
            None => ways.push((None, text)),
        },
        Op::Mark(_) | Op::Atomic | Op::AtomicEnd | Op::At(_) => ways.push((next, text)),
        Op::Jump(to) => ways.push((Some(to), text)),
        Op::AssertNot { next, .. } => ways.push((Some(next), text)),
        Op::Branch(branch) => {
            let alternatives = &program.branches[branch as usize].alternatives;
            ways.extend(alternatives.iter().map(|&alternative| (Some(alternative), text.clone())));
        }
        Op::Greedy(index) | Op::Lazy(index) | Op::Possessive(index) => {
            let repeat = &program.singles[index as usize];
            if repeat.min == 0 {
                ways.push((Some(repeat.next), text.clone()));
            }
            let members = match repeat.what {
                Single::Literal(c) => Some(u8::try_from(c).into_iter().collect()),
                Single::Set(set) => members(&program.sets[set as usize]),
                Single::Never => Some(Vec::new()),
                _ => None,
            };
            match members {
                _ if repeat.max == 0 => {}
                // After one round it goes on if just one was wanted; else another may follow.
                Some(members) => {
                    let after = if repeat.max == 1 { Some(repeat.next) } else { None };
                    ways.extend(members.into_iter().map(|c| (after, with(c))));
                }
                None => ways.push((None, text)),
            }
        }
        Op::Repeat(index) | Op::PossessiveRepeat(index) => {
            let repeat = &program.repeats[index as usize];
            if repeat.min == 0 {
                ways.push((Some(repeat.until + 1), text.clone()));
            }
            if repeat.max > 0 {
                ways.push((Some(repeat.body), text));
            }
        }
        Op::GroupExists { otherwise, .. } => {
            ways.push((Some(otherwise), text.clone()));
            ways.push((next, text));
        }
        _ => ways.push((None, text)),
    }
}

/// The members of a set below 256, if they are few.
fn members(set: &Set) -> Option<Vec<u8>> {
    let members: Vec<u8> = (0..=255u8).filter(|&c| set.table[c as usize]).collect();
    (members.len() <= WIDEST).then_some(members)
}
