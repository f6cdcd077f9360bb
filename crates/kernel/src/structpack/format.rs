//! Reading a struct format: byte order, sizes, alignment, repeat counts.

use super::FormatError;

/// One item of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// The format character.
    pub code: u8,
    /// Where it starts.
    pub offset: usize,
    /// Bytes of one value; for `s` and `p`, of the whole.
    pub size: usize,
    /// Values in a row.
    pub repeat: usize,
}

/// A struct format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    /// The items that take values, pad bytes left aside.
    pub items: Vec<Item>,
    /// Bytes in all.
    pub size: usize,
    /// Values in all.
    pub values: usize,
    /// Most significant byte first.
    pub big_endian: bool,
    /// Sizes are the platform's.
    pub native: bool,
}

/// Size and alignment of a format character.
fn measure(code: u8, native: bool) -> Option<(usize, usize)> {
    let size = match code {
        b'x' | b'c' | b'b' | b'B' | b'?' | b's' | b'p' => 1,
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'f' => 4,
        b'l' | b'L' => {
            if native {
                8
            } else {
                4
            }
        }
        b'q' | b'Q' | b'd' => 8,
        b'n' | b'N' | b'P' if native => 8,
        b'F' => 8,
        b'D' => 16,
        _ => return None,
    };
    let align = match code {
        _ if !native => 1,
        b'F' => 4,
        b'D' => 8,
        _ => size,
    };
    Some((size, align))
}

const TOO_LONG: FormatError = FormatError("total struct size too long");

impl Format {
    /// Reads a format.
    pub fn parse(text: &[u8]) -> Result<Format, FormatError> {
        if text.contains(&0) {
            return Err(FormatError("embedded null character"));
        }
        let little = cfg!(target_endian = "little");
        let (big_endian, native, body) = match text {
            [b'<', body @ ..] => (false, false, body),
            [b'>' | b'!', body @ ..] => (true, false, body),
            [b'=', body @ ..] => (!little, false, body),
            [b'@', body @ ..] => (!little, true, body),
            body => (!little, true, body),
        };
        let mut format = Format { items: Vec::new(), size: 0, values: 0, big_endian, native };
        let mut at = 0;
        while let Some(&first) = body.get(at) {
            at += 1;
            if matches!(first, 9..=13 | b' ') {
                continue;
            }
            let (mut code, mut repeat) = (first, 1usize);
            if first.is_ascii_digit() {
                repeat = usize::from(first - b'0');
                loop {
                    let &next = body.get(at).ok_or(FormatError("repeat count given without format specifier"))?;
                    at += 1;
                    if !next.is_ascii_digit() {
                        code = next;
                        break;
                    }
                    let more = repeat.checked_mul(10).and_then(|r| r.checked_add(usize::from(next - b'0')));
                    repeat = more.filter(|&r| isize::try_from(r).is_ok()).ok_or(TOO_LONG)?;
                }
            }
            format.add(code, repeat)?;
        }
        Ok(format)
    }

    fn add(&mut self, code: u8, repeat: usize) -> Result<(), FormatError> {
        let (size, align) = measure(code, self.native).ok_or(FormatError("bad char in struct format"))?;
        let offset = self.size.checked_next_multiple_of(align).ok_or(TOO_LONG)?;
        let end = repeat.checked_mul(size).and_then(|bytes| bytes.checked_add(offset)).ok_or(TOO_LONG)?;
        if isize::try_from(end).is_err() {
            return Err(TOO_LONG);
        }
        self.size = end;
        match code {
            b'x' => {}
            b's' | b'p' => {
                self.values += 1;
                self.items.push(Item { code, offset, size: repeat, repeat: 1 });
            }
            _ if repeat == 0 => {}
            _ => {
                self.values = self.values.checked_add(repeat).ok_or(TOO_LONG)?;
                self.items.push(Item { code, offset, size, repeat });
            }
        }
        Ok(())
    }
}
