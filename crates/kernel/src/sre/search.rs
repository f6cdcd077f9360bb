//! Where matching is tried: at one place, at a whole subject, or at every place worth trying.

use aho_corasick::Span;

use super::machine::{Error, Machine, Rules};
use super::program::{Program, Start};
use super::unit::Unit;

/// The text that is searched, by the width of its units.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// Bytes, or characters below 256.
    One(&'a [u8]),
    /// Characters below 65536.
    Two(&'a [u16]),
    /// Any characters.
    Four(&'a [u32]),
}

impl Subject<'_> {
    /// Units in the subject.
    pub fn len(&self) -> usize {
        match self {
            Subject::One(s) => s.len(),
            Subject::Two(s) => s.len(),
            Subject::Four(s) => s.len(),
        }
    }

    /// Whether the subject is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How a match has to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It starts at the given place.
    Match,
    /// It starts there and ends with the subject.
    FullMatch,
    /// It starts there or later.
    Search,
}

/// Runs one attempt after the other until one succeeds; the answer is the match's start and end.
pub(super) fn run<C: Unit>(
    machine: &mut Machine,
    program: &Program,
    subject: &[C],
    start: usize,
    mode: Mode,
    must_advance: bool,
    interrupt: &mut dyn FnMut() -> bool,
) -> Result<Option<(usize, usize)>, Error> {
    let Some(room) = subject.len().checked_sub(start) else { return Ok(None) };
    if room < program.info.min_width {
        return Ok(None);
    }
    let mut attempt = |machine: &mut Machine, at: usize| {
        let must_leave = (must_advance && at == start).then_some(at);
        let rules = Rules { to_end: mode == Mode::FullMatch, must_leave };
        machine.run(program, subject, at, rules, interrupt).map(|end| end.map(|end| (at, end)))
    };
    if mode != Mode::Search {
        return attempt(machine, start);
    }
    let last = subject.len() - program.info.min_width;
    let places = match &program.start {
        Start::Texts(searcher, others) => match C::as_bytes(subject) {
            Some(bytes) => {
                let mut at = start;
                while let Some(found) = searcher.find_in(bytes, Span { start: at, end: bytes.len() }) {
                    at = found.start();
                    if at > last {
                        break;
                    }
                    if let found @ Some(_) = attempt(machine, at)? {
                        return Ok(found);
                    }
                    at += 1;
                }
                return Ok(None);
            }
            None => &**others,
        },
        places => places,
    };
    match places {
        // Replaced by its other way above.
        Start::Texts(..) => Ok(None),
        Start::Anchored => attempt(machine, start),
        Start::Lines => {
            let mut at = start;
            while at <= last {
                if let found @ Some(_) = attempt(machine, at)? {
                    return Ok(found);
                }
                let newline = C::from_code(10).and_then(|newline| C::find(&subject[at..], newline));
                let Some(skip) = newline else { break };
                at += skip + 1;
            }
            Ok(None)
        }
        Start::Everywhere => {
            for at in start..=last {
                if let found @ Some(_) = attempt(machine, at)? {
                    return Ok(found);
                }
            }
            Ok(None)
        }
        Start::First(first) => {
            let mut at = start;
            while let Some(skip) = subject[at..].iter().position(|unit| first.may_start(unit.code())) {
                at += skip;
                if at > last {
                    return Ok(None);
                }
                if let found @ Some(_) = attempt(machine, at)? {
                    return Ok(found);
                }
                at += 1;
            }
            if first.end && last == subject.len() { attempt(machine, subject.len()) } else { Ok(None) }
        }
        Start::Bytes(a, b) => {
            let (Some(a), Some(b)) = (C::from_code(u32::from(*a)), C::from_code(u32::from(*b))) else {
                return Ok(None);
            };
            let mut at = start;
            while let Some(skip) = if a == b { C::find(&subject[at..], a) } else { C::find2(&subject[at..], a, b) } {
                at += skip;
                if at > last {
                    return Ok(None);
                }
                if let found @ Some(_) = attempt(machine, at)? {
                    return Ok(found);
                }
                at += 1;
            }
            Ok(None)
        }
        Start::Prefix(prefix) => {
            let Some(text) = prefix.text.iter().map(|&c| C::from_code(c)).collect::<Option<Vec<C>>>() else {
                return Ok(None);
            };
            let mut at = start;
            while let Some(skip) = C::find_text(&subject[at..], &text, prefix) {
                at += skip;
                if program.info.literal {
                    machine.reset();
                    return Ok(Some((at, at + text.len())));
                }
                if let found @ Some(_) = attempt(machine, at)? {
                    return Ok(found);
                }
                at += 1;
            }
            Ok(None)
        }
    }
}
