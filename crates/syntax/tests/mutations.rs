//! Sources broken in thousands of ways, the same each time: whatever comes in, the parser ends, and with an error or a
//! tree; and what it calls an error has a place in the source.

use oriel_syntax::{Arena, Mode, ParseOptions, parse, tokens};
use std::path::Path;

/// A small generator of numbers, so that every run breaks the same things.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

const SCRAPS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "'",
    "\"",
    "\"\"\"",
    "f'",
    "t\"{",
    "\\",
    "\n",
    "\n  ",
    "\t",
    ":",
    ":=",
    "=",
    "*",
    "**",
    ",",
    ";",
    "!",
    "#",
    "é",
    "\u{20ac}",
    "0x",
    "1_",
    "if ",
    "else ",
    "lambda ",
    "not ",
    "async ",
    "match x:\n",
    "\r",
    "\u{c}",
    "@",
    "...",
    " for ",
    " in ",
    "yield ",
];

fn broken(source: &str, random: &mut Random) -> String {
    let mut chars: Vec<char> = source.chars().collect();
    for _ in 0..=random.below(3) {
        let at = random.below(chars.len() + 1);
        match random.below(4) {
            0 if at < chars.len() => {
                chars.remove(at);
            }
            1 => chars.truncate(at),
            2 => {
                let end = (at + random.below(12)).min(chars.len());
                let piece: Vec<char> = chars.drain(at..end).collect();
                let to = random.below(chars.len() + 1);
                chars.splice(to..to, piece);
            }
            _ => {
                let scrap = SCRAPS[random.below(SCRAPS.len())];
                chars.splice(at..at, scrap.chars());
            }
        }
    }
    chars.into_iter().collect()
}

fn check(source: &str) {
    for mode in [Mode::Exec, Mode::Single, Mode::Eval] {
        let arena = Arena::new();
        let found = parse(&arena, source, mode, &ParseOptions::default(), &mut Vec::new());
        if let Err(error) = found {
            let lines = source.replace("\r\n", "\n").replace('\r', "\n").split('\n').count() as i32;
            assert!(error.lineno <= lines && !error.message.is_empty(), "{source:?}: {error:?}");
        }
    }
    let source = tokens::TokensSource::new(source.to_owned());
    let mut last = (0, 0);
    for token in tokens::Tokens::new(&source, true).map_while(Result::ok) {
        assert!(token.start >= last, "tokens go back: {token:?}");
        last = token.start;
    }
}

#[test]
fn broken_sources_end_in_errors() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut sources: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    sources.sort();
    for path in sources.iter().filter(|path| path.extension().is_some_and(|extension| extension == "py")) {
        let source = std::fs::read_to_string(path).unwrap();
        check(&source);
        for _ in 0..300 {
            check(&broken(&source, &mut random));
        }
    }
}
