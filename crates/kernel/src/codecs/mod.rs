//! Native codecs. Faults go to the built-in error handlers of [`ErrorMode`] right here, or to an [`ErrorHandler`] that
//! raises or runs a registered handler. Names, reasons and ranges are CPython's. The registry of codecs is not here.

pub mod charmap;
pub mod escapes;
pub mod handlers;
pub mod single_byte;
pub mod utf16;
pub mod utf32;
pub mod utf7;
pub mod utf8;

use crate::text::{Text, TextBuf};
use std::borrow::Cow;

/// What to do about faults: the handlers known by name, which run without a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorMode {
    /// Raise.
    Strict,
    /// Leave out.
    Ignore,
    /// U+FFFD, or a question mark.
    Replace,
    /// `\xhh`, `\uhhhh`, `\Uhhhhhhhh`.
    BackslashReplace,
    /// `&#n;`.
    XmlCharRefReplace,
    /// `\N{...}`.
    NameReplace,
    /// Bytes as lone surrogates U+DC80 to U+DCFF and back.
    SurrogateEscape,
    /// Surrogates coded like other code points.
    SurrogatePass,
    /// A registered handler.
    Custom,
}

impl ErrorMode {
    /// By Python's name.
    pub fn from_name(name: &str) -> ErrorMode {
        match name {
            "strict" => ErrorMode::Strict,
            "ignore" => ErrorMode::Ignore,
            "replace" => ErrorMode::Replace,
            "backslashreplace" => ErrorMode::BackslashReplace,
            "xmlcharrefreplace" => ErrorMode::XmlCharRefReplace,
            "namereplace" => ErrorMode::NameReplace,
            "surrogateescape" => ErrorMode::SurrogateEscape,
            "surrogatepass" => ErrorMode::SurrogatePass,
            _ => ErrorMode::Custom,
        }
    }
}

/// Bytes that cannot be decoded.
#[derive(Clone, Copy, Debug)]
pub struct DecodeFault<'f> {
    /// The codec's name.
    pub encoding: &'f str,
    /// All of the input.
    pub input: &'f [u8],
    /// Where the fault starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What is wrong.
    pub reason: &'f str,
}

/// Code points that cannot be encoded.
#[derive(Clone, Copy, Debug)]
pub struct EncodeFault<'f> {
    /// The codec's name.
    pub encoding: &'f str,
    /// All of the input.
    pub input: Text<'f>,
    /// Where the fault starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What is wrong.
    pub reason: &'f str,
}

/// What a handler says to a [`DecodeFault`].
#[derive(Debug)]
pub struct DecodeReply {
    /// Goes to the output.
    pub text: TextBuf,
    /// Where decoding goes on, within the input.
    pub position: usize,
    /// The input from now on, if the handler exchanged it.
    pub input: Option<Vec<u8>>,
}

/// What stands for code points that cannot be encoded.
#[derive(Debug)]
pub enum Replacement {
    /// Text, to be encoded in turn.
    Text(TextBuf),
    /// Bytes, copied.
    Bytes(Vec<u8>),
}

/// What a handler says to an [`EncodeFault`].
#[derive(Debug)]
pub struct EncodeReply {
    /// Goes to the output.
    pub replacement: Replacement,
    /// Where encoding goes on, within the input.
    pub position: usize,
}

/// The caller's side of error handling.
pub trait ErrorHandler {
    /// What a codec ends with when it fails.
    type Error;
    /// Makes UnicodeDecodeError.
    fn raise_decode(&mut self, fault: &DecodeFault<'_>) -> Self::Error;
    /// Makes UnicodeEncodeError.
    fn raise_encode(&mut self, fault: &EncodeFault<'_>) -> Self::Error;
    /// Runs the registered handler.
    fn decode(&mut self, fault: &DecodeFault<'_>) -> Result<DecodeReply, Self::Error>;
    /// Runs the registered handler.
    fn encode(&mut self, fault: &EncodeFault<'_>) -> Result<EncodeReply, Self::Error>;
}

/// What decoding gives.
#[derive(Debug)]
pub struct Decoded {
    /// The text.
    pub text: TextBuf,
    /// How many bytes it came from; fewer than given only if more input may follow.
    pub consumed: usize,
}

/// State of a decoder: input, output and what to do about faults.
struct Decoding<'a, 'h, H: ErrorHandler> {
    input: Cow<'a, [u8]>,
    out: TextBuf,
    mode: ErrorMode,
    handler: &'h mut H,
    encoding: &'static str,
}

impl<'a, 'h, H: ErrorHandler> Decoding<'a, 'h, H> {
    fn new(encoding: &'static str, input: &'a [u8], mode: ErrorMode, handler: &'h mut H) -> Self {
        Decoding { input: Cow::Borrowed(input), out: TextBuf::new(), mode, handler, encoding }
    }

    /// Handles a fault; the new position comes back.
    #[cold]
    fn fault(&mut self, start: usize, end: usize, reason: &str) -> Result<usize, H::Error> {
        let fault = DecodeFault { encoding: self.encoding, input: &self.input, start, end, reason };
        if let Some(position) = handlers::decode(self.mode, &fault, &mut self.out) {
            return Ok(position);
        }
        let named = matches!(self.mode, ErrorMode::XmlCharRefReplace | ErrorMode::NameReplace);
        if self.mode != ErrorMode::Custom && !named {
            return Err(self.handler.raise_decode(&fault));
        }
        let reply = self.handler.decode(&fault)?;
        if let Some(input) = reply.input {
            self.input = Cow::Owned(input);
        }
        self.out.push_text(reply.text.as_text());
        Ok(reply.position.min(self.input.len()))
    }

    fn finish(self, consumed: usize) -> Decoded {
        Decoded { text: self.out.finish(), consumed }
    }
}

/// Handles a run of code points that cannot be encoded: the replacement and the new position.
#[cold]
fn encode_fault<H: ErrorHandler>(
    fault: &EncodeFault<'_>,
    mode: ErrorMode,
    handler: &mut H,
) -> Result<EncodeReply, H::Error> {
    if let Some(reply) = handlers::encode(mode, fault) {
        return Ok(reply);
    }
    if mode != ErrorMode::Custom {
        return Err(handler.raise_encode(fault));
    }
    let mut reply = handler.encode(fault)?;
    reply.position = reply.position.min(fault.input.len());
    Ok(reply)
}
