//! All tokens of a source, as the parser wants them.

use crate::Mode;
use crate::token::{Token, TokenKind};
use crate::tokenizer::{Failure, Ignore, Tokenizer, TokenizerOptions};

/// The tokens of a source; the last is an ENDMARKER or an error.
#[derive(Debug)]
pub struct TokenStream {
    /// The tokens.
    pub tokens: Vec<Token>,
    /// Why the last is an error.
    pub failure: Option<Box<Failure>>,
    /// The `# type: ignore` comments.
    pub ignores: Vec<Ignore>,
    /// The tokenizer's warnings.
    pub warnings: Vec<crate::error::Warning>,
    /// How many tokens there were when each warning came.
    pub warned_at: Vec<u32>,
}

impl TokenStream {
    /// Tokenizes `src`.
    #[must_use]
    pub fn new(src: &str, mode: Mode, type_comments: bool, dont_imply_dedent: bool) -> TokenStream {
        let mut tokenizer = Tokenizer::new(src, TokenizerOptions { extra_tokens: false, type_comments });
        let mut tokens = Vec::with_capacity(src.len() / 4 + 8);
        let mut warnings = Vec::new();
        let mut warned_at = Vec::new();
        // In interactive mode the first end of input ends the line, and the blocks.
        let mut started = false;
        loop {
            let mut token = tokenizer.next_token();
            if tokenizer.has_warnings() {
                for warning in tokenizer.take_warnings() {
                    warnings.push(warning);
                    warned_at.push(token.start);
                }
            }
            match token.kind {
                TokenKind::EndMarker if mode == Mode::Single && started => {
                    token.kind = TokenKind::Newline;
                    started = false;
                    if tokenizer.indentation_depth() > 0 && !dont_imply_dedent {
                        tokenizer.close_blocks();
                    }
                }
                TokenKind::EndMarker | TokenKind::Error => {
                    tokens.push(token);
                    break;
                }
                _ => started = true,
            }
            tokens.push(token);
        }
        TokenStream {
            tokens,
            failure: tokenizer.take_failure(),
            ignores: tokenizer.take_ignores(),
            warnings,
            warned_at,
        }
    }
}
