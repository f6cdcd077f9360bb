//! What lines and functions cost: time and memory are charged to what ran, everything else is counted where it happens.

use super::quick::NumberMap;
use crate::event::{Counters, FunctionCosts, LineCosts};
use oriel_runtime::Vm;

/// What time and memory of a thread are charged to.
#[derive(Clone, Copy, Default)]
struct Account {
    code: u32,
    line: u32,
    /// The place of the line in the ledger.
    place: usize,
    since: u64,
    allocations: u64,
    bytes: u64,
}

/// Lines of a direct-mapped cache of 32 KiB: the stated model of cache behaviour.
const MODEL_LINES: usize = 512;

/// The costs so far.
pub(super) struct Ledger {
    accounts: Vec<Account>,
    places: NumberMap<u64, usize>,
    lines: Vec<LineCosts>,
    functions: Vec<FunctionCosts>,
    /// How many frames of a function are under way: only the outermost one's time is its total.
    active: Vec<u32>,
    pub total: Counters,
    pub collections: (u64, u64, u64),
    cache: Box<[u64; MODEL_LINES]>,
}

impl Ledger {
    pub fn new() -> Ledger {
        Ledger {
            accounts: Vec::new(),
            places: NumberMap::default(),
            lines: Vec::new(),
            functions: Vec::new(),
            active: Vec::new(),
            total: Counters::default(),
            collections: (0, 0, 0),
            cache: Box::new([0; MODEL_LINES]),
        }
    }

    fn place(&mut self, code: u32, line: u32) -> usize {
        let next = self.lines.len();
        let place = *self.places.entry(u64::from(code) << 32 | u64::from(line)).or_insert(next);
        if place == next {
            self.lines.push(LineCosts { code, line, costs: Counters::default() });
        }
        place
    }

    fn function(&mut self, code: u32) -> &mut FunctionCosts {
        let index = code as usize;
        while self.functions.len() <= index {
            let code = self.functions.len() as u32;
            self.functions.push(FunctionCosts { code, ..FunctionCosts::default() });
            self.active.push(0);
        }
        &mut self.functions[index]
    }

    fn account(&mut self, vm: &Vm) -> &mut Account {
        // Numbers of threads are small and are not used again; the last place serves all that are very large.
        let index = vm.number.min(4096) as usize;
        if self.accounts.len() <= index {
            self.accounts.resize(index + 1, Account::default());
        }
        &mut self.accounts[index]
    }

    /// Charges time and allocations to what ran until now, and begins anew.
    pub fn charge(&mut self, vm: &Vm, now: u64, code: u32, line: u32) {
        let (allocations, bytes) = (vm.heap.statistics().allocations, vm.heap.traffic().allocated);
        let old = *self.account(vm);
        let place = if old.code == code && old.line == line { old.place } else { self.place(code, line) };
        *self.account(vm) = Account { code, line, place, since: now, allocations, bytes };
        if old.code == 0 {
            return;
        }
        let spent = Counters {
            time: now.saturating_sub(old.since),
            allocations: allocations.saturating_sub(old.allocations),
            bytes: bytes.saturating_sub(old.bytes),
            ..Counters::default()
        };
        let charge = |costs: &mut Counters| {
            costs.time += spent.time;
            costs.allocations += spent.allocations;
            costs.bytes += spent.bytes;
        };
        charge(&mut self.lines[old.place].costs);
        charge(&mut self.function(old.code).costs);
        charge(&mut self.total);
    }

    /// Time that the recorder took for something that is done once is not the program's.
    pub fn forgive(&mut self, vm: &Vm, time: u64) {
        let account = self.account(vm);
        account.since = account.since.saturating_add(time);
    }

    /// Nothing is charged for the time until code is looked at again.
    pub fn settle(&mut self) {
        self.accounts.clear();
    }

    /// Counts something for the line that runs.
    pub fn count(&mut self, vm: &Vm, add: impl Fn(&mut Counters)) {
        let account = *self.account(vm);
        if account.code != 0 {
            add(&mut self.lines[account.place].costs);
            add(&mut self.function(account.code).costs);
        }
        add(&mut self.total);
    }

    /// A thread has waited for the interpreter lock.
    pub fn wait(&mut self, thread: u64, nanoseconds: u64) {
        let account = self.accounts.get(thread.min(4096) as usize).copied().unwrap_or_default();
        if account.code != 0 {
            self.lines[account.place].costs.gil += nanoseconds;
            self.function(account.code).costs.gil += nanoseconds;
        }
        self.total.gil += nanoseconds;
    }

    /// A line began.
    pub fn line_ran(&mut self, vm: &Vm) {
        let account = *self.account(vm);
        if account.code != 0 {
            self.lines[account.place].costs.runs += 1;
        }
    }

    /// A frame of a function was pushed.
    pub fn called(&mut self, code: u32) {
        self.function(code).costs.runs += 1;
    }

    /// A frame of a function begins to run or goes on.
    pub fn entered(&mut self, code: u32) {
        self.function(code);
        self.active[code as usize] += 1;
    }

    /// It is left after so many nanoseconds.
    pub fn left(&mut self, code: u32, time: u64) {
        self.function(code);
        let active = &mut self.active[code as usize];
        *active = active.saturating_sub(1);
        if *active == 0 {
            self.functions[code as usize].total_time += time;
        }
    }

    /// Touches an address in the model of a cache; whether its line had to be brought in.
    pub fn touch(&mut self, address: u64) -> u64 {
        let line = address >> 6;
        let place = &mut self.cache[line as usize % MODEL_LINES];
        u64::from(std::mem::replace(place, line) != line)
    }

    /// The costs of lines and of functions, those of nothing left out.
    pub fn tables(&self) -> (Vec<LineCosts>, Vec<FunctionCosts>) {
        let empty = Counters::default();
        let mut lines: Vec<LineCosts> = self.lines.iter().filter(|line| line.costs != empty).cloned().collect();
        lines.sort_by_key(|line| (line.code, line.line));
        let functions = self.functions.iter().filter(|function| function.costs != empty).cloned().collect();
        (lines, functions)
    }
}
