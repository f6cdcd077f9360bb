//! What of a run is recorded: which functions, lines, instructions and depths.

use std::collections::HashSet;

/// How much is recorded of a piece of code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Interest {
    /// Only that it was called.
    Calls,
    /// Its lines too.
    Lines,
    /// Its instructions too.
    Steps,
}

/// What is asked for on the command line.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only stages: neither lines nor calls.
    pub stages_only: bool,
    /// Instructions of these functions (`--function`).
    pub functions: HashSet<String>,
    /// Instructions of these lines of the script (`--lines`).
    pub lines: Option<(u32, u32)>,
    /// The instructions with these numbers, counted from 1 (`--steps`); all of the script's where the end is open.
    pub steps: Option<(u64, u64)>,
    /// Only frames down to this depth below the module (`--calls`).
    pub calls: Option<u32>,
    /// The library's lines, too (`--library`).
    pub library: bool,
    /// Names whose objects are drawn (`--memory`).
    pub memory: Vec<String>,
    /// Whether memory is drawn at all.
    pub draw: bool,
    /// The moment at which memory and the environments are looked at: a line of the script, and which arrival there.
    pub at: Option<(u32, u64)>,
}

/// Instructions that are recorded where nothing is selected: enough for a short script to be seen whole.
pub const UNASKED_STEPS: u64 = 2_000;

impl Selection {
    /// Whether something narrower than the whole was asked for.
    pub fn is_narrow(&self) -> bool {
        !self.functions.is_empty() || self.lines.is_some() || self.steps.is_some()
    }

    /// How much is wanted of a code object.
    pub fn interest(&self, name: &str, in_library: bool, in_script: bool) -> Interest {
        if self.names(name) {
            return Interest::Steps;
        }
        if in_library {
            return if self.library { Interest::Lines } else { Interest::Calls };
        }
        if !self.functions.is_empty() || (self.lines.is_some() && !in_script) {
            Interest::Lines
        } else {
            Interest::Steps
        }
    }

    fn names(&self, name: &str) -> bool {
        self.functions.contains(name) || name.rsplit('.').next().is_some_and(|last| self.functions.contains(last))
    }

    /// The instructions that are recorded at most, by number.
    pub fn step_range(&self) -> (u64, u64) {
        match self.steps {
            Some(range) => range,
            None if self.is_narrow() => (1, u64::MAX),
            None => (1, UNASKED_STEPS),
        }
    }

    /// The selection in words, for the recording's first event.
    pub fn words(&self) -> String {
        if self.stages_only {
            return "stages".to_owned();
        }
        let mut words = vec!["lines and calls".to_owned()];
        if !self.functions.is_empty() {
            let mut names: Vec<&str> = self.functions.iter().map(String::as_str).collect();
            names.sort_unstable();
            words.push(format!("instructions of {}", names.join(", ")));
        }
        if let Some((first, last)) = self.lines {
            words.push(format!("instructions of lines {first} to {last}"));
        }
        match self.steps {
            Some((1, u64::MAX)) => words.push("instructions".to_owned()),
            Some((first, u64::MAX)) => words.push(format!("instructions from {first} on")),
            Some((first, last)) => words.push(format!("instructions {first} to {last}")),
            None if !self.is_narrow() => words.push(format!("the first {UNASKED_STEPS} instructions")),
            None => {}
        }
        if let Some(depth) = self.calls {
            words.push(format!("frames down to depth {depth}"));
        }
        words.join(", ")
    }
}

/// Reads `A-B`, `A-`, or `A`.
pub fn range(text: &str) -> Option<(u64, u64)> {
    let (first, last) = match text.split_once('-') {
        None => {
            let number = text.parse().ok()?;
            (number, number)
        }
        Some((first, "")) => (first.parse().ok()?, u64::MAX),
        Some((first, last)) => (first.parse().ok()?, last.parse().ok()?),
    };
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::{Interest, Selection, range};

    #[test]
    fn ranges_are_read() {
        assert_eq!(range("3-7"), Some((3, 7)));
        assert_eq!(range("3-"), Some((3, u64::MAX)));
        assert_eq!(range("5"), Some((5, 5)));
        assert_eq!(range("7-3"), None);
        assert_eq!(range("x"), None);
    }

    #[test]
    fn a_function_is_chosen_by_its_last_name() {
        let mut selection = Selection::default();
        selection.functions.insert("area".to_owned());
        assert_eq!(selection.interest("Box.area", false, true), Interest::Steps);
        assert_eq!(selection.interest("main", false, true), Interest::Lines);
        assert_eq!(selection.interest("main", true, false), Interest::Calls);
    }
}
