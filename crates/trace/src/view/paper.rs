//! Text for terminals: lines of at most a hundred columns, headings, tables, bars, and colours where they are wanted.

/// The width of a report.
pub const WIDTH: usize = 100;

/// A way to print words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ink {
    /// As it is.
    Plain,
    /// Headings.
    Strong,
    /// What matters less.
    Faint,
    /// Names of stages and functions.
    Name,
    /// Values of the program.
    Value,
    /// What is current, or good.
    Good,
    /// What went wrong.
    Bad,
    /// Addresses and offsets.
    Address,
}

impl Ink {
    fn code(self) -> &'static str {
        match self {
            Ink::Plain => "",
            Ink::Strong => "1",
            Ink::Faint => "2",
            Ink::Name => "36",
            Ink::Value => "33",
            Ink::Good => "32",
            Ink::Bad => "31",
            Ink::Address => "35",
        }
    }
}

/// A text under construction.
pub struct Paper {
    out: String,
    colour: bool,
    column: usize,
}

impl Paper {
    /// An empty one.
    pub fn new(colour: bool) -> Paper {
        Paper { out: String::new(), colour, column: 0 }
    }

    /// The text.
    pub fn into_text(self) -> String {
        self.out
    }

    /// Columns left in the line.
    pub fn room(&self) -> usize {
        WIDTH.saturating_sub(self.column)
    }

    /// Words of the current line.
    pub fn put(&mut self, ink: Ink, words: &str) -> &mut Paper {
        self.column += columns(words);
        if self.colour && ink != Ink::Plain && !words.is_empty() {
            self.out.push_str("\x1b[");
            self.out.push_str(ink.code());
            self.out.push('m');
            self.out.push_str(words);
            self.out.push_str("\x1b[0m");
        } else {
            self.out.push_str(words);
        }
        self
    }

    /// Words cut to what is left of the line.
    pub fn fit(&mut self, ink: Ink, words: &str) -> &mut Paper {
        let room = self.room();
        self.put(ink, &cut(words, room))
    }

    /// Words in a column of a width, cut where they are longer.
    pub fn column(&mut self, ink: Ink, words: &str, width: usize) -> &mut Paper {
        let words = cut(words, width);
        let padding = width.saturating_sub(columns(&words));
        self.put(ink, &words);
        self.put(Ink::Plain, &" ".repeat(padding))
    }

    /// Words at the right of a column.
    pub fn right(&mut self, ink: Ink, words: &str, width: usize) -> &mut Paper {
        let words = cut(words, width);
        let padding = width.saturating_sub(columns(&words));
        self.put(Ink::Plain, &" ".repeat(padding));
        self.put(ink, &words)
    }

    /// Spaces up to a column.
    pub fn to(&mut self, column: usize) -> &mut Paper {
        let padding = column.saturating_sub(self.column);
        self.put(Ink::Plain, &" ".repeat(padding))
    }

    /// Ends the line.
    pub fn end(&mut self) -> &mut Paper {
        let kept = self.out.trim_end_matches(' ').len();
        self.out.truncate(kept);
        self.out.push('\n');
        self.column = 0;
        self
    }

    /// A whole line.
    pub fn line(&mut self, ink: Ink, words: &str) -> &mut Paper {
        self.fit(ink, words).end()
    }

    /// A text of several lines, indented; lines that are too long go on below.
    pub fn block(&mut self, ink: Ink, text: &str, indent: usize) {
        for line in text.lines() {
            let mut rest = line;
            let mut first = true;
            loop {
                let width = WIDTH - indent - if first { 0 } else { 4 };
                let at = rest.char_indices().nth(width).map_or(rest.len(), |(at, _)| at);
                let (now, later) = rest.split_at(at);
                self.to(indent + if first { 0 } else { 4 }).put(ink, now).end();
                first = false;
                if later.is_empty() {
                    break;
                }
                rest = later;
            }
        }
    }

    /// A name and what it is.
    pub fn pair(&mut self, name: &str, ink: Ink, words: &str) {
        let indent = 20;
        self.put(Ink::Plain, "  ").put(Ink::Faint, name).put(Ink::Plain, " ").to(indent);
        let mut rest = words;
        loop {
            let room = WIDTH.saturating_sub(self.column.max(indent));
            let at = rest.char_indices().nth(room).map_or(rest.len(), |(at, _)| at);
            let at = if at < rest.len() { rest[..at].rfind(' ').filter(|at| *at > 0).unwrap_or(at) } else { at };
            let (now, later) = rest.split_at(at);
            self.to(indent).put(ink, now).end();
            rest = later.trim_start();
            if rest.is_empty() {
                break;
            }
        }
    }
}

/// How many columns a text takes: characters, which is right for all but wide ones.
pub fn columns(words: &str) -> usize {
    if words.is_ascii() { words.len() } else { words.chars().count() }
}

/// A text without control characters and cut to a width, with an ellipsis where something is missing.
pub fn cut(words: &str, width: usize) -> String {
    let clean = |c: char| {
        if c == '\t' || c == '\n' {
            ' '
        } else if c.is_control() {
            '\u{fffd}'
        } else {
            c
        }
    };
    if columns(words) <= width {
        return words.chars().map(clean).collect();
    }
    let mut text: String = words.chars().take(width.saturating_sub(1)).map(clean).collect();
    if width > 0 {
        text.push('…');
    }
    text
}

/// A bar from one place to another of a range, drawn with eighths of a column.
pub fn bar(start: u64, end: u64, whole: u64, width: usize) -> String {
    let eighths = |value: u64| (value as u128 * width as u128 * 8 / u128::from(whole.max(1))) as usize;
    let (from, to) = (eighths(start) / 8, eighths(end).max(eighths(start) / 8 * 8 + 1));
    let mut out = " ".repeat(from.min(width.saturating_sub(1)));
    let full = to / 8;
    for _ in from..full.min(width) {
        out.push('█');
    }
    let rest = to % 8;
    if rest > 0 && full < width {
        out.push(['▏', '▎', '▍', '▌', '▋', '▊', '▉'][rest - 1]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{bar, cut};

    #[test]
    fn bars_fill_their_part() {
        assert_eq!(bar(0, 8, 8, 4), "████");
        assert_eq!(bar(4, 6, 8, 4), "  █");
        assert_eq!(bar(0, 1, 1000, 4), "▏");
    }

    #[test]
    fn long_words_are_cut() {
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("a\tb", 4), "a b");
    }
}
