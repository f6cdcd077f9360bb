//! The backtracking machine.
//!
//! Going forward, it executes operations and pushes what must be undone or may be tried otherwise onto one stack of
//! frames; when an operation fails, frames are popped until one offers another way. Marks and repeat counters are
//! undone by frames of their own, so that every way sees exactly the state it was left in.
//!
//! Lookaround, atomic groups and possessive repeats put a barrier on the stack. When their inside has matched, the
//! choices above the barrier are thrown away and only what undoes marks is kept.

use super::chars;
use super::opcodes::At;
use super::program::{Op, Program, Single, Tail};
use super::search::{self, Mode, Subject};
use super::set::{First, Fold};
use super::unit::Unit;

/// Why a match could not be finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// The machine's stack could not grow.
    Memory,
    /// The interrupt callback asked to stop.
    Interrupted,
}

/// A mark that has not been set.
const UNSET: usize = usize::MAX;
/// No repeat is under way.
const NO_REPEAT: u32 = u32::MAX;
/// Failures and iterations between two calls of the interrupt callback.
const POLL_INTERVAL: u32 = 1 << 14;

/// What the stack holds; see the module's description.
#[derive(Debug, Clone, Copy)]
enum Frame {
    /// Alternatives left to try at `at`, a bit each.
    Branch { branch: u32, at: usize, left: u64 },
    /// A greedy single-character repeat at `at` that may shrink down to `low`.
    Greedy { single: u32, at: usize, low: usize },
    /// A lazy one at `at` that may take `left` more.
    Lazy { single: u32, at: usize, left: usize },
    /// Undo a mark.
    Mark { mark: u32, old: usize, last_mark: i32, last_index: i32 },
    /// Undo an iteration of a repeat.
    Iteration { repeat: u32, last_at: usize },
    /// As `Iteration`, then go on after the repeat from `at`.
    Leave { repeat: u32, at: usize, last_at: usize },
    /// Try another iteration of a lazy repeat from `at`.
    Again { repeat: u32, at: usize },
    /// Make this repeat the current one again.
    Current { repeat: u32 },
    /// Undo the start of a repeat.
    EndRepeat,
    /// The inside of an atomic group or an assertion has no other way: neither has the whole.
    Barrier,
    /// The inside of a negative assertion has no way: go on.
    BarrierNot { next: u32 },
    /// A further iteration of a possessive repeat has no way: go on after the repeat.
    BarrierLeave { next: u32 },
}

const _: () = assert!(size_of::<Frame>() == 24);

/// A repeat under way.
#[derive(Debug, Clone, Copy)]
struct Running {
    index: u32,
    /// The repeat around it.
    outer: u32,
    /// Iterations begun, minus one.
    count: isize,
    /// Where the last optional iteration began: one that consumes nothing is the last.
    last_at: usize,
}

/// A part that is matched on its own.
#[derive(Debug, Clone, Copy)]
struct Enclosed {
    stack: usize,
    repeats: usize,
    current: u32,
    at: usize,
    /// For possessive repeats: iterations done and where the last optional one began.
    count: usize,
    last_at: usize,
}

/// What a whole match has to fulfil.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// It ends with the subject.
    pub(super) to_end: bool,
    /// It does not end here.
    pub(super) must_leave: Option<usize>,
}

/// The machine's memory, kept from one attempt to the next.
#[derive(Debug)]
pub(super) struct Machine {
    marks: Vec<usize>,
    last_mark: i32,
    last_index: i32,
    stack: Vec<Frame>,
    repeats: Vec<Running>,
    enclosed: Vec<Enclosed>,
    current: u32,
    fuel: u32,
}

impl Machine {
    pub(super) fn reset(&mut self) {
        self.last_mark = -1;
        self.last_index = -1;
    }

    #[inline(always)]
    fn push(&mut self, frame: Frame) -> Result<(), Error> {
        if self.stack.len() == self.stack.capacity() {
            self.grow()?;
        }
        self.stack.push(frame);
        Ok(())
    }

    #[cold]
    fn grow(&mut self) -> Result<(), Error> {
        self.stack.try_reserve(64.max(self.stack.len() / 2)).map_err(|_| Error::Memory)
    }

    fn enclose(&mut self, at: usize) -> Result<(), Error> {
        self.enclosed.try_reserve(1).map_err(|_| Error::Memory)?;
        self.enclosed.push(Enclosed {
            stack: self.stack.len(),
            repeats: self.repeats.len(),
            current: self.current,
            at,
            count: 0,
            last_at: UNSET,
        });
        Ok(())
    }

    /// An enclosed part has matched: forget its choices, keep what undoes its marks.
    fn commit(&mut self, part: &Enclosed) {
        let mut kept = part.stack;
        for i in part.stack..self.stack.len() {
            if let Frame::Mark { .. } = self.stack[i] {
                self.stack[kept] = self.stack[i];
                kept += 1;
            }
        }
        self.stack.truncate(kept);
        self.repeats.truncate(part.repeats);
        self.current = part.current;
    }

    #[inline(always)]
    fn set_mark(&mut self, mark: u32, at: usize) -> Result<(), Error> {
        let index = mark as usize;
        let frame =
            Frame::Mark { mark, old: self.marks[index], last_mark: self.last_mark, last_index: self.last_index };
        self.push(frame)?;
        if mark & 1 == 1 {
            self.last_index = (mark / 2) as i32 + 1;
        }
        let known = (self.last_mark + 1) as usize;
        if index >= known {
            self.marks[known..index].fill(UNSET);
            self.last_mark = mark as i32;
        }
        self.marks[index] = at;
        Ok(())
    }

    #[inline(always)]
    fn undo_mark(&mut self, mark: u32, old: usize, last_mark: i32, last_index: i32) {
        self.marks[mark as usize] = old;
        self.last_mark = last_mark;
        self.last_index = last_index;
    }

    fn group(&self, group: u32) -> Option<(usize, usize)> {
        let mark = group as usize * 2;
        if mark as i64 >= i64::from(self.last_mark) {
            return None;
        }
        let (start, end) = (*self.marks.get(mark)?, *self.marks.get(mark + 1)?);
        (start != UNSET && end != UNSET && start <= end).then_some((start, end))
    }

    /// Calls the interrupt callback now and then. Whatever can go on for long passes here: failures and iterations.
    #[inline(always)]
    fn poll(&mut self, interrupt: &mut dyn FnMut() -> bool) -> Result<(), Error> {
        self.fuel -= 1;
        if self.fuel == 0 {
            self.fuel = POLL_INTERVAL;
            if interrupt() {
                return Err(Error::Interrupted);
            }
        }
        Ok(())
    }

    /// Matches the whole program from `start`; the answer is where the match ends.
    pub(super) fn run<C: Unit>(
        &mut self,
        program: &Program,
        subject: &[C],
        start: usize,
        rules: Rules,
        interrupt: &mut dyn FnMut() -> bool,
    ) -> Result<Option<usize>, Error> {
        self.reset();
        self.stack.clear();
        self.repeats.clear();
        self.enclosed.clear();
        self.current = NO_REPEAT;
        let ops = &program.ops[..];
        let (mut pc, mut at) = (0usize, start);
        loop {
            // Forward, as long as operations succeed. `break` is failure.
            loop {
                match ops[pc] {
                    Op::Literal(c) => {
                        if at >= subject.len() || subject[at].code() != c {
                            break;
                        }
                        at += 1;
                        pc += 1;
                    }
                    Op::Literals { at: first, len } => {
                        let literals = &program.literals[first as usize..][..len as usize];
                        let Some(text) = subject.get(at..at + literals.len()) else { break };
                        if !text.iter().zip(literals).all(|(unit, &c)| unit.code() == c) {
                            break;
                        }
                        at += literals.len();
                        pc += 1;
                    }
                    Op::Set(set) => {
                        if at >= subject.len() || !subject[at].is_in(&program.sets[set as usize]) {
                            break;
                        }
                        at += 1;
                        pc += 1;
                    }
                    Op::NotLiteral(c) => {
                        if at >= subject.len() || subject[at].code() == c {
                            break;
                        }
                        at += 1;
                        pc += 1;
                    }
                    Op::Any => {
                        if at >= subject.len() || subject[at].code() == 10 {
                            break;
                        }
                        at += 1;
                        pc += 1;
                    }
                    Op::AnyAll => {
                        if at >= subject.len() {
                            break;
                        }
                        at += 1;
                        pc += 1;
                    }
                    Op::Mark(mark) => {
                        self.set_mark(mark, at)?;
                        pc += 1;
                    }
                    Op::Jump(to) => pc = to as usize,
                    Op::At(position) => {
                        if !holds(position, subject, at) {
                            break;
                        }
                        pc += 1;
                    }
                    Op::Branch(index) => {
                        let branch = &program.branches[index as usize];
                        let left = match subject.get(at) {
                            None => branch.mask_end,
                            Some(unit) => branch.masks.get(unit.code() as usize).copied().unwrap_or(branch.mask_high),
                        };
                        if left == 0 {
                            break;
                        }
                        let rest = left & (left - 1);
                        if rest != 0 {
                            self.push(Frame::Branch { branch: index, at, left: rest })?;
                        }
                        pc = branch.alternatives[left.trailing_zeros() as usize] as usize;
                    }
                    Op::Greedy(index) => {
                        let single = &program.singles[index as usize];
                        let end = run_end(program, single.what, subject, at, single.max);
                        if end - at < single.min {
                            break;
                        }
                        let low = at + single.min;
                        if let Tail::Disjoint = single.tail {
                            at = end;
                        } else {
                            let Some(place) = last_place(&single.tail, subject, low, end) else { break };
                            if place > low {
                                self.push(Frame::Greedy { single: index, at: place, low })?;
                            }
                            at = place;
                        }
                        pc = single.next as usize;
                    }
                    Op::Lazy(index) => {
                        let single = &program.singles[index as usize];
                        let low = run_end(program, single.what, subject, at, single.min);
                        if low - at < single.min {
                            break;
                        }
                        let left = single.max - single.min;
                        let Some((place, left)) = next_place(program, single.what, &single.tail, subject, low, left)
                        else {
                            break;
                        };
                        if left > 0 {
                            self.push(Frame::Lazy { single: index, at: place, left })?;
                        }
                        at = place;
                        pc = single.next as usize;
                    }
                    Op::Possessive(index) => {
                        let single = &program.singles[index as usize];
                        let end = run_end(program, single.what, subject, at, single.max);
                        if end - at < single.min {
                            break;
                        }
                        at = end;
                        pc = single.next as usize;
                    }
                    Op::Repeat(index) => {
                        self.repeats.try_reserve(1).map_err(|_| Error::Memory)?;
                        self.push(Frame::EndRepeat)?;
                        let started = self.repeats.len() as u32;
                        self.repeats.push(Running { index, outer: self.current, count: -1, last_at: UNSET });
                        self.current = started;
                        pc = program.repeats[index as usize].until as usize;
                    }
                    Op::MaxUntil(index) => {
                        self.poll(interrupt)?;
                        let repeat = &program.repeats[index as usize];
                        let current = self.current;
                        let running = &mut self.repeats[current as usize];
                        let count = (running.count + 1) as usize;
                        let last_at = running.last_at;
                        if count < repeat.min {
                            running.count += 1;
                            self.push(Frame::Iteration { repeat: current, last_at })?;
                            pc = repeat.body as usize;
                        } else if count < repeat.max && at != last_at {
                            running.count += 1;
                            running.last_at = at;
                            self.push(Frame::Leave { repeat: current, at, last_at })?;
                            pc = repeat.body as usize;
                        } else {
                            self.current = running.outer;
                            self.push(Frame::Current { repeat: current })?;
                            pc += 1;
                        }
                    }
                    Op::MinUntil(index) => {
                        self.poll(interrupt)?;
                        let repeat = &program.repeats[index as usize];
                        let current = self.current;
                        let running = &mut self.repeats[current as usize];
                        let count = (running.count + 1) as usize;
                        if count < repeat.min {
                            let last_at = running.last_at;
                            running.count += 1;
                            self.push(Frame::Iteration { repeat: current, last_at })?;
                            pc = repeat.body as usize;
                        } else {
                            self.current = running.outer;
                            self.push(Frame::Again { repeat: current, at })?;
                            pc += 1;
                        }
                    }
                    Op::PossessiveRepeat(index) => {
                        self.enclose(at)?;
                        pc = match self.next_possessive(program, index, at)? {
                            Some(body) => body as usize,
                            None => program.repeats[index as usize].until as usize + 1,
                        };
                    }
                    Op::PossessiveEnd(index) => {
                        self.poll(interrupt)?;
                        if let Some(part) = self.enclosed.last_mut() {
                            part.count += 1;
                            let part = *part;
                            self.commit(&part);
                            // Marks kept lie below the next iteration's barrier.
                            if let Some(part) = self.enclosed.last_mut() {
                                part.stack = self.stack.len();
                            }
                        }
                        pc = match self.next_possessive(program, index, at)? {
                            Some(body) => body as usize,
                            None => pc + 1,
                        };
                    }
                    Op::Atomic => {
                        self.enclose(at)?;
                        self.push(Frame::Barrier)?;
                        pc += 1;
                    }
                    Op::AtomicEnd => {
                        if let Some(part) = self.enclosed.pop() {
                            self.commit(&part);
                        }
                        pc += 1;
                    }
                    Op::Assert { back } => {
                        let Some(behind) = at.checked_sub(back as usize) else { break };
                        self.enclose(at)?;
                        self.push(Frame::Barrier)?;
                        at = behind;
                        pc += 1;
                    }
                    Op::AssertEnd => {
                        if let Some(part) = self.enclosed.pop() {
                            self.commit(&part);
                            at = part.at;
                        }
                        pc += 1;
                    }
                    Op::AssertNot { back, next } => match at.checked_sub(back as usize) {
                        Some(behind) => {
                            self.enclose(at)?;
                            self.push(Frame::BarrierNot { next })?;
                            at = behind;
                            pc += 1;
                        }
                        None => pc = next as usize,
                    },
                    Op::AssertNotEnd => {
                        if let Some(part) = self.enclosed.pop() {
                            while self.stack.len() > part.stack {
                                if let Some(Frame::Mark { mark, old, last_mark, last_index }) = self.stack.pop() {
                                    self.undo_mark(mark, old, last_mark, last_index);
                                }
                            }
                            self.repeats.truncate(part.repeats);
                            self.current = part.current;
                        }
                        break;
                    }
                    Op::GroupRef(group, fold) => {
                        let Some((from, to)) = self.group(group) else { break };
                        let Some(text) = subject.get(at..at + (to - from)) else { break };
                        let same = match fold {
                            Fold::None => text == &subject[from..to],
                            _ => {
                                let pairs = text.iter().zip(&subject[from..to]);
                                pairs.fold(true, |same, (a, b)| same && fold.lower(a.code()) == fold.lower(b.code()))
                            }
                        };
                        if !same {
                            break;
                        }
                        at += to - from;
                        pc += 1;
                    }
                    Op::GroupExists { group, otherwise } => {
                        pc = if self.group(group).is_some() { pc + 1 } else { otherwise as usize };
                    }
                    Op::Success => {
                        if (rules.to_end && at != subject.len()) || rules.must_leave == Some(at) {
                            break;
                        }
                        return Ok(Some(at));
                    }
                    Op::Fail => break,
                }
            }
            // Back, to the last choice that offers another way.
            self.poll(interrupt)?;
            loop {
                let Some(frame) = self.stack.last_mut() else { return Ok(None) };
                match frame {
                    Frame::Mark { mark, old, last_mark, last_index } => {
                        let (mark, old, last_mark, last_index) = (*mark, *old, *last_mark, *last_index);
                        self.undo_mark(mark, old, last_mark, last_index);
                        self.stack.pop();
                    }
                    Frame::Branch { branch, at: place, left } => {
                        let alternative = left.trailing_zeros() as usize;
                        *left &= *left - 1;
                        at = *place;
                        pc = program.branches[*branch as usize].alternatives[alternative] as usize;
                        if *left == 0 {
                            self.stack.pop();
                        }
                        break;
                    }
                    Frame::Greedy { single, at: place, low } => {
                        let single = &program.singles[*single as usize];
                        match last_place(&single.tail, subject, *low, *place - 1) {
                            None => {
                                self.stack.pop();
                            }
                            Some(found) => {
                                at = found;
                                pc = single.next as usize;
                                if found > *low {
                                    *place = found;
                                } else {
                                    self.stack.pop();
                                }
                                break;
                            }
                        }
                    }
                    Frame::Lazy { single, at: place, left } => {
                        let single = &program.singles[*single as usize];
                        let taken = *place < subject.len() && is_one(program, single.what, subject[*place]);
                        let next = if taken {
                            next_place(program, single.what, &single.tail, subject, *place + 1, *left - 1)
                        } else {
                            None
                        };
                        match next {
                            None => {
                                self.stack.pop();
                            }
                            Some((found, rest)) => {
                                at = found;
                                pc = single.next as usize;
                                if rest > 0 {
                                    (*place, *left) = (found, rest);
                                } else {
                                    self.stack.pop();
                                }
                                break;
                            }
                        }
                    }
                    Frame::Iteration { repeat, last_at } => {
                        let running = &mut self.repeats[*repeat as usize];
                        running.count -= 1;
                        running.last_at = *last_at;
                        self.current = *repeat;
                        self.stack.pop();
                    }
                    Frame::Leave { repeat, at: place, last_at } => {
                        let repeat = *repeat;
                        let running = &mut self.repeats[repeat as usize];
                        running.count -= 1;
                        running.last_at = *last_at;
                        at = *place;
                        self.current = running.outer;
                        pc = program.repeats[running.index as usize].until as usize + 1;
                        *frame = Frame::Current { repeat };
                        break;
                    }
                    Frame::Again { repeat, at: place } => {
                        let (current, place) = (*repeat, *place);
                        self.current = current;
                        let running = &mut self.repeats[current as usize];
                        let repeat = &program.repeats[running.index as usize];
                        let count = (running.count + 1) as usize;
                        let last_at = running.last_at;
                        if count >= repeat.max || place == last_at {
                            self.stack.pop();
                            continue;
                        }
                        running.count += 1;
                        running.last_at = place;
                        at = place;
                        pc = repeat.body as usize;
                        *frame = Frame::Iteration { repeat: current, last_at };
                        break;
                    }
                    Frame::Current { repeat } => {
                        self.current = *repeat;
                        self.stack.pop();
                    }
                    Frame::EndRepeat => {
                        if let Some(running) = self.repeats.pop() {
                            self.current = running.outer;
                        }
                        self.stack.pop();
                    }
                    Frame::Barrier => {
                        self.enclosed.pop();
                        self.stack.pop();
                    }
                    Frame::BarrierNot { next } => {
                        pc = *next as usize;
                        self.stack.pop();
                        if let Some(part) = self.enclosed.pop() {
                            at = part.at;
                            self.current = part.current;
                        }
                        break;
                    }
                    Frame::BarrierLeave { next } => {
                        pc = *next as usize;
                        self.stack.pop();
                        if let Some(part) = self.enclosed.pop() {
                            at = part.last_at;
                            self.current = part.current;
                        }
                        break;
                    }
                }
            }
        }
    }

    /// Starts another iteration of a possessive repeat at `at` and returns its body, or ends the repeat.
    fn next_possessive(&mut self, program: &Program, index: u32, at: usize) -> Result<Option<u32>, Error> {
        let repeat = &program.repeats[index as usize];
        let Some(part) = self.enclosed.last_mut() else { return Ok(None) };
        if part.count < repeat.min {
            self.push(Frame::Barrier)?;
            return Ok(Some(repeat.body));
        }
        if part.count < repeat.max && part.last_at != at {
            part.last_at = at;
            self.push(Frame::BarrierLeave { next: repeat.until + 1 })?;
            return Ok(Some(repeat.body));
        }
        self.enclosed.pop();
        Ok(None)
    }
}

#[inline(always)]
fn is_one<C: Unit>(program: &Program, what: Single, unit: C) -> bool {
    match what {
        Single::Any => unit.code() != 10,
        Single::AnyAll => true,
        Single::Literal(c) => unit.code() == c,
        Single::NotLiteral(c) => unit.code() != c,
        Single::Set(set) => unit.is_in(&program.sets[set as usize]),
        Single::Never => false,
    }
}

/// Where the longest run of at most `max` characters from `at` ends.
#[inline]
fn run_end<C: Unit>(program: &Program, what: Single, subject: &[C], at: usize, max: usize) -> usize {
    let end = at.saturating_add(max).min(subject.len());
    let run = &subject[at..end];
    let len = match what {
        Single::AnyAll => None,
        Single::Any => C::from_code(10).and_then(|newline| C::find(run, newline)),
        Single::NotLiteral(c) => C::from_code(c).and_then(|c| C::find(run, c)),
        Single::Literal(c) => run.iter().position(|unit| unit.code() != c),
        Single::Set(set) => {
            let set = &program.sets[set as usize];
            run.iter().position(|unit| !unit.is_in(set))
        }
        Single::Never => Some(0),
    };
    len.map_or(end, |len| at + len)
}

/// The last place in `low..=high` where the tail may match.
#[inline]
fn last_place<C: Unit>(tail: &Tail, subject: &[C], low: usize, high: usize) -> Option<usize> {
    match tail {
        Tail::Unknown | Tail::Disjoint => Some(high),
        Tail::Literal(c) => {
            let c = C::from_code(*c)?;
            let end = (high + 1).min(subject.len());
            C::rfind(subject.get(low..end)?, c).map(|i| low + i)
        }
        Tail::First(first) => {
            let mut place = high;
            loop {
                if may_go_on(first, subject, place) {
                    return Some(place);
                }
                if place == low {
                    return None;
                }
                place -= 1;
            }
        }
    }
}

#[inline(always)]
fn may_go_on<C: Unit>(first: &First, subject: &[C], at: usize) -> bool {
    match subject.get(at) {
        Some(unit) => first.may_start(unit.code()),
        None => first.end,
    }
}

/// The next place from `at` where the tail may match, taking characters of the repeat, at most `left`; and how many
/// it may still take then.
#[inline]
fn next_place<C: Unit>(
    program: &Program,
    what: Single,
    tail: &Tail,
    subject: &[C],
    at: usize,
    left: usize,
) -> Option<(usize, usize)> {
    match tail {
        Tail::Unknown => Some((at, left)),
        Tail::Literal(c) => {
            let c = C::from_code(*c)?;
            let end = at.saturating_add(left).saturating_add(1).min(subject.len());
            let area = subject.get(at..end)?;
            let skipped = match what {
                Single::AnyAll => C::find(area, c)?,
                Single::Any => C::from_code(10).and_then(|newline| C::find2(area, c, newline))?,
                _ => area.iter().position(|&unit| unit == c || !is_one(program, what, unit))?,
            };
            (area[skipped] == c).then(|| (at + skipped, left - skipped))
        }
        Tail::First(_) | Tail::Disjoint => {
            let (mut at, mut left) = (at, left);
            loop {
                let viable = match tail {
                    Tail::First(first) => may_go_on(first, subject, at),
                    // A place inside the run is never viable.
                    _ => at >= subject.len() || !is_one(program, what, subject[at]),
                };
                if viable {
                    return Some((at, left));
                }
                if left == 0 || at >= subject.len() || !is_one(program, what, subject[at]) {
                    return None;
                }
                at += 1;
                left -= 1;
            }
        }
    }
}

/// Whether a position assertion holds.
fn holds<C: Unit>(position: At, subject: &[C], at: usize) -> bool {
    let newline = |i: usize| subject.get(i).is_some_and(|unit| unit.code() == 10);
    match position {
        At::Beginning => at == 0,
        At::BeginningLine => at == 0 || newline(at - 1),
        At::End => at == subject.len() || (at + 1 == subject.len() && newline(at)),
        At::EndLine => at == subject.len() || newline(at),
        At::EndString => at == subject.len(),
        At::Boundary(kind) | At::NonBoundary(kind) => {
            let word = |i: usize| subject.get(i).is_some_and(|unit| chars::is_word(kind, unit.code()));
            let differ = (at > 0 && word(at - 1)) != word(at);
            differ == matches!(position, At::Boundary(_))
        }
    }
}

/// Matches programs against subjects; keeps its memory from one match to the next.
#[derive(Debug)]
pub struct Matcher {
    machine: Machine,
    start: usize,
    end: usize,
    groups: usize,
}

impl Matcher {
    /// A matcher for a program.
    pub fn new(program: &Program) -> Matcher {
        let machine = Machine {
            marks: vec![UNSET; 2 * program.groups],
            last_mark: -1,
            last_index: -1,
            stack: Vec::new(),
            repeats: Vec::new(),
            enclosed: Vec::new(),
            current: NO_REPEAT,
            fuel: POLL_INTERVAL,
        };
        Matcher { machine, start: 0, end: 0, groups: program.groups }
    }

    /// Looks for a match from `start`. What comes before `start` can be looked behind at; the subject's end is the end.
    ///
    /// With `must_advance`, a match at `start` must not be empty: this is how iteration goes on after an empty match.
    /// `interrupt` is called now and then; if it returns true, matching ends with [`Error::Interrupted`].
    pub fn find(
        &mut self,
        program: &Program,
        subject: Subject<'_>,
        start: usize,
        mode: Mode,
        must_advance: bool,
        interrupt: &mut dyn FnMut() -> bool,
    ) -> Result<bool, Error> {
        if program.groups != self.groups {
            *self = Matcher::new(program);
        }
        let machine = &mut self.machine;
        machine.reset();
        let found = match subject {
            Subject::One(s) => search::run(machine, program, s, start, mode, must_advance, interrupt),
            Subject::Two(s) => search::run(machine, program, s, start, mode, must_advance, interrupt),
            Subject::Four(s) => search::run(machine, program, s, start, mode, must_advance, interrupt),
        }?;
        if let Some((start, end)) = found {
            (self.start, self.end) = (start, end);
        }
        Ok(found.is_some())
    }

    /// Where the last match found starts.
    pub fn start(&self) -> usize {
        self.start
    }

    /// Where the last match found ends.
    pub fn end(&self) -> usize {
        self.end
    }

    /// Where a group of the last match found lies; group 0 is the whole match.
    pub fn group(&self, group: usize) -> Option<(usize, usize)> {
        match group.checked_sub(1) {
            None => Some((self.start, self.end)),
            Some(group) => {
                let mark = group.checked_mul(2)?;
                if mark as i64 >= i64::from(self.machine.last_mark) {
                    return None;
                }
                let (start, end) = (*self.machine.marks.get(mark)?, *self.machine.marks.get(mark + 1)?);
                (start != UNSET && end != UNSET).then_some((start, end))
            }
        }
    }

    /// The number of the last group closed, if any.
    pub fn last_index(&self) -> Option<usize> {
        usize::try_from(self.machine.last_index).ok().filter(|&index| index > 0)
    }
}
