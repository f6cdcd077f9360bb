//! Codecs made of a table: a string of 256 code points, or any mapping behind a callback.

use super::{Decoding, EncodeFault, ErrorHandler, ErrorMode, Replacement, encode_fault};
use crate::text::{Text, TextBuf};
use std::collections::HashMap;

const UNDEFINED: &str = "character maps to <undefined>";

/// What a byte decodes to.
#[derive(Debug)]
pub enum Meaning {
    /// Nothing: a fault.
    Undefined,
    /// One code point.
    Char(u32),
    /// Any text.
    Text(TextBuf),
}

/// Decodes with a table of code points; U+FFFE and places beyond its end are undefined.
pub fn decode_table<H: ErrorHandler>(
    input: &[u8],
    table: Text<'_>,
    mode: ErrorMode,
    handler: &mut H,
) -> Result<TextBuf, H::Error> {
    let meaning = |_: &mut H, byte: u8| match table.get(byte as usize) {
        None | Some(0xFFFE) => Ok(Meaning::Undefined),
        Some(c) => Ok(Meaning::Char(c)),
    };
    decode_with(input, mode, handler, meaning)
}

/// Decodes with a callback that says what a byte means.
pub fn decode_with<H: ErrorHandler>(
    input: &[u8],
    mode: ErrorMode,
    handler: &mut H,
    mut meaning: impl FnMut(&mut H, u8) -> Result<Meaning, H::Error>,
) -> Result<TextBuf, H::Error> {
    let mut d = Decoding::new("charmap", input, mode, handler);
    let mut at = 0;
    while let Some(byte) = d.input.get(at).copied() {
        match meaning(d.handler, byte)? {
            Meaning::Char(c) => d.out.push(c),
            Meaning::Text(text) => d.out.push_text(text.as_text()),
            Meaning::Undefined => {
                at = d.fault(at, at + 1, UNDEFINED)?;
                continue;
            }
        }
        at += 1;
    }
    Ok(d.finish(at).text)
}

/// Encodes with a callback that appends a code point's bytes, or returns false if it has none.
pub fn encode_with<H: ErrorHandler>(
    text: Text<'_>,
    mode: ErrorMode,
    handler: &mut H,
    mut encode: impl FnMut(&mut H, u32, &mut Vec<u8>) -> Result<bool, H::Error>,
) -> Result<Vec<u8>, H::Error> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = text.get(at) {
        if encode(handler, c, &mut out)? {
            at += 1;
            continue;
        }
        // The fault is the whole run that has no bytes.
        let mut end = at + 1;
        let mut scratch = Vec::new();
        while let Some(c) = text.get(end) {
            if encode(handler, c, &mut scratch)? {
                break;
            }
            end += 1;
        }
        let fault = EncodeFault { encoding: "charmap", input: text, start: at, end, reason: UNDEFINED };
        let reply = encode_fault(&fault, mode, handler)?;
        match &reply.replacement {
            Replacement::Bytes(bytes) => out.extend_from_slice(bytes),
            Replacement::Text(text) => {
                for c in text.as_text().chars() {
                    if !encode(handler, c, &mut out)? {
                        return Err(handler.raise_encode(&fault));
                    }
                }
            }
        }
        at = reply.position;
    }
    Ok(out)
}

/// A decoding table turned round.
#[derive(Clone, Debug, Default)]
pub struct EncodingMap {
    low: Vec<Option<u8>>,
    high: HashMap<u32, u8>,
}

impl EncodingMap {
    /// From a decoding table of up to 256 code points.
    pub fn new(table: Text<'_>) -> EncodingMap {
        let mut map = EncodingMap { low: vec![None; 256], high: HashMap::new() };
        for (byte, c) in table.chars().take(256).enumerate() {
            match map.low.get_mut(c as usize) {
                Some(slot) => *slot = Some(byte as u8),
                None if c != 0xFFFE => {
                    map.high.insert(c, byte as u8);
                }
                None => {}
            }
        }
        map
    }

    /// The byte for a code point.
    #[inline]
    pub fn get(&self, c: u32) -> Option<u8> {
        match self.low.get(c as usize) {
            Some(byte) => *byte,
            None => self.high.get(&c).copied(),
        }
    }

    /// Encodes with this table.
    pub fn encode<H: ErrorHandler>(
        &self,
        text: Text<'_>,
        mode: ErrorMode,
        handler: &mut H,
    ) -> Result<Vec<u8>, H::Error> {
        encode_with(text, mode, handler, |_, c, out| {
            let byte = self.get(c);
            out.extend(byte);
            Ok(byte.is_some())
        })
    }
}
