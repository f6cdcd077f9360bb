//! What is wrong with a source that did not parse. The source is read again as CPython reads it: by a backtracking
//! parser that follows the grammar's rules in their order, first without and then with the rules that only find
//! errors, because which message a source gets, and where, depends on that order. Nothing here makes a tree.

mod arguments;
mod atoms;
mod compound;
mod expressions;
mod parameters;
mod patterns;
mod raise;
mod simple;
mod strings;
mod targets;

pub use raise::place_in_text;

use crate::ast::{Arena, Expr, ExprKind, ExprRef, Range};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::stream::TokenStream;
use crate::token::{Token, TokenKind};
use crate::tokenizer::Stop;
use crate::{Mode, ParseOptions};
use std::collections::HashMap;

/// How deep rules may nest.
pub const MAX_LEVEL: u32 = 6000;

type E<'a> = ExprRef<'a>;

/// The rules whose results are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Rule {
    Expression,
    StarExpression,
    Disjunction,
    Conjunction,
    Inversion,
    BitwiseOr,
    BitwiseXor,
    BitwiseAnd,
    ShiftExpr,
    Sum,
    Term,
    Factor,
    AwaitPrimary,
    Primary,
    TPrimary,
    Strings,
    StarTarget,
    TargetWithStarAtom,
    DelTarget,
    InvalidNamed,
    SimpleStmt,
    Block,
    ClosedPattern,
    StarPattern,
    TypeParam,
    DottedName,
    Attr,
    NameOrAttr,
    Arguments,
}

/// The arguments of a call, as far as errors look at them.
#[derive(Clone, Copy, Debug)]
struct Args<'a> {
    positional: &'a [E<'a>],
    /// Whether one is `**mapping`.
    unpacks_mapping: bool,
}

/// What a rule yielded and where it ended.
type Remembered<T> = HashMap<(Rule, u32), (Option<T>, u32)>;

/// The backtracking parser.
struct Reader<'a, 't> {
    arena: &'a Arena,
    src: &'a str,
    stream: &'t TokenStream,
    options: ParseOptions,
    mode: Mode,
    mark: usize,
    /// How many tokens have been asked for.
    fill: usize,
    level: u32,
    /// Whether the rules that find errors are followed.
    invalid: bool,
    /// Set when an error was found: nothing matches any more.
    stopped: bool,
    error: Option<SyntaxError>,
    barry: bool,
    last_stmt: (i32, i32),
    /// How many brackets are open after each token.
    levels: Vec<u16>,
    exprs: Remembered<E<'a>>,
    units: Remembered<()>,
    args: Remembered<Args<'a>>,
}

/// The error for `src`, which did not parse.
pub fn diagnose(arena: &Arena, src: &str, stream: &TokenStream, mode: Mode, options: &ParseOptions) -> SyntaxError {
    Reader::new(arena, src, stream, mode, options).diagnose()
}

/// An error if more than white space and comments follows the one statement of interactive input, whose last token is
/// the one before `end`.
pub fn check_single(
    arena: &Arena,
    src: &str,
    stream: &TokenStream,
    options: &ParseOptions,
    end: usize,
) -> Option<SyntaxError> {
    let mut reader = Reader::new(arena, src, stream, Mode::Single, options);
    reader.fill = end;
    let read = reader.token_at(end.saturating_sub(1)).end as usize;
    let mut rest = src.get(read..).unwrap_or_default();
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\x0c']);
        match rest.strip_prefix('#') {
            Some(comment) => rest = comment.trim_start_matches(|c| c != '\n'),
            None if rest.is_empty() => return None,
            None => break,
        }
    }
    reader.raise::<()>("multiple statements found while compiling a single statement");
    reader.error.take()
}

impl<'a, 't> Reader<'a, 't> {
    fn new(
        arena: &'a Arena,
        src: &'a str,
        stream: &'t TokenStream,
        mode: Mode,
        options: &ParseOptions,
    ) -> Reader<'a, 't> {
        Reader {
            arena,
            src,
            stream,
            options: *options,
            mode,
            mark: 0,
            fill: 0,
            level: 0,
            invalid: false,
            stopped: false,
            error: None,
            barry: options.barry_as_flufl,
            last_stmt: (0, 0),
            levels: levels(&stream.tokens),
            exprs: HashMap::new(),
            units: HashMap::new(),
            args: HashMap::new(),
        }
    }
}

impl<'a> Reader<'a, '_> {
    fn diagnose(&mut self) -> SyntaxError {
        self.start_rule();
        if self.options.allow_incomplete_input && self.fill > 0 && self.is_at_end_of_source() {
            self.stopped = false;
            self.error = None;
            self.raise_kind::<()>(SyntaxErrorKind::IncompleteInput, "incomplete input");
        } else if self.error.as_ref().is_none_or(|error| is_syntax_error(error.kind)) {
            let last = self.fill.saturating_sub(1);
            self.exprs.clear();
            self.units.clear();
            self.args.clear();
            self.mark = 0;
            self.level = 0;
            self.invalid = true;
            self.start_rule();
            self.settle(last);
        }
        let mut error = self.error.take().unwrap_or_else(|| self.error_at(self.token_at(0).place(), "invalid syntax"));
        if is_syntax_error(error.kind) {
            error.metadata = Some((self.last_stmt.0, self.last_stmt.1, self.src.to_owned()));
        }
        error
    }

    /// Chooses among what was found, the generic error at token `last`, and errors of the tokenizer further on.
    fn settle(&mut self, last: usize) {
        self.stopped = false;
        if let Some(error) = &self.error {
            if is_syntax_error(error.kind) && self.tokenizer_is_fine() {
                self.check_the_rest();
            }
            return;
        }
        if self.fill == 0 {
            self.raise::<()>("error at start before reading any input");
            return;
        }
        let token = *self.token_at(last);
        match token.kind {
            TokenKind::Indent => {
                self.raise_kind::<()>(SyntaxErrorKind::Indentation, "unexpected indent");
            }
            TokenKind::Dedent => {
                self.raise_kind::<()>(SyntaxErrorKind::Indentation, "unexpected unindent");
            }
            _ => {
                self.raise_at::<()>(token.place(), "invalid syntax");
                self.check_the_rest();
            }
        }
    }

    /// Whether the tokenizer had no trouble and did not reach the end.
    fn tokenizer_is_fine(&self) -> bool {
        let failed = self.token_at(self.fill.saturating_sub(1)).kind == TokenKind::Error;
        !failed && !self.is_at_end_of_source()
    }

    /// Whether the tokenizer has seen the end of the source.
    fn is_at_end_of_source(&self) -> bool {
        let token = self.token_at(self.fill.saturating_sub(1));
        let at_end = token.end as usize >= self.src.len();
        match token.kind {
            TokenKind::EndMarker => true,
            TokenKind::Error => self
                .stream
                .failure
                .as_ref()
                .is_some_and(|failure| matches!(failure.stop, Stop::Eof | Stop::EofInString)),
            TokenKind::Newline => at_end && token.start == token.end,
            TokenKind::String => {
                // Only after an empty string a third quote is looked for.
                let text = self.text(token);
                at_end && text.len() == crate::parser::string_parts(text).offset + 1
            }
            TokenKind::FStringEnd | TokenKind::TStringEnd => false,
            // An operator of three characters ends without a look at what follows.
            kind if kind.name().len() == 3 && !kind.is_keyword() => false,
            _ => at_end,
        }
    }

    /// An error of the tokenizer after what was read takes precedence.
    fn check_the_rest(&mut self) {
        let Some(failure) = &self.stream.failure else { return };
        if self.fill >= self.stream.tokens.len() {
            return;
        }
        // Inside an f-string what the tokenizer says may only follow from the parser's error.
        if failure.in_fstring {
            return;
        }
        if let Some(raised) = &failure.raised {
            self.error = Some(raised.clone().into_error());
            return;
        }
        let line = self.token_at(self.fill.saturating_sub(1)).lineno;
        if let Some(bracket) = failure.bracket
            && line > bracket.lineno
        {
            self.error = None;
            self.raise_unclosed(bracket);
        }
    }

    fn start_rule(&mut self) {
        match self.mode {
            Mode::Exec => {
                self.statements();
                self.expect(TokenKind::EndMarker);
            }
            Mode::Single => self.interactive(),
            Mode::Eval => {
                if self.expressions().is_some() {
                    while self.expect(TokenKind::Newline).is_some() {}
                    self.expect(TokenKind::EndMarker);
                }
            }
            Mode::FuncType => self.func_type(),
        }
    }

    fn token_at(&self, index: usize) -> &Token {
        let tokens = &self.stream.tokens;
        &tokens[index.min(tokens.len() - 1)]
    }

    /// Makes sure that the current token has been read; where that is an error, it is raised.
    fn fetch(&mut self) -> Option<Token> {
        if self.mark >= self.fill {
            if self.fill >= self.stream.tokens.len() {
                return None;
            }
            self.fill += 1;
            if self.token_at(self.mark).kind == TokenKind::Error {
                self.raise_tokenizer_error();
                return None;
            }
        }
        Some(*self.token_at(self.mark))
    }

    fn peek(&mut self) -> Option<TokenKind> {
        self.fetch().map(|token| token.kind)
    }

    /// The current token, if it is of `kind`.
    fn expect(&mut self, kind: TokenKind) -> Option<Token> {
        if self.stopped {
            return None;
        }
        let token = self.fetch()?;
        if token.kind != kind {
            return None;
        }
        self.mark += 1;
        Some(token)
    }

    /// The current token, if it is one of `kinds`.
    fn expect_any(&mut self, kinds: &[TokenKind]) -> Option<Token> {
        if self.stopped {
            return None;
        }
        let token = self.fetch()?;
        if !kinds.contains(&token.kind) {
            return None;
        }
        self.mark += 1;
        Some(token)
    }

    /// A name that is the soft keyword `word`.
    fn soft_keyword(&mut self, word: &str) -> Option<Token> {
        let token = self.fetch()?;
        if self.stopped || token.kind != TokenKind::Name || self.text(&token) != word {
            return None;
        }
        self.mark += 1;
        Some(token)
    }

    /// `&&`: the token must be there.
    fn force(&mut self, kind: TokenKind) -> Option<Token> {
        if self.stopped {
            return None;
        }
        let found = self.expect(kind);
        if found.is_none() && !self.stopped {
            let token = *self.token_at(self.mark);
            self.raise_at::<()>(token.place(), &format!("expected '{}'", kind.name()));
        }
        found
    }

    fn text(&self, token: &Token) -> &'a str {
        &self.src[token.start as usize..token.end as usize]
    }

    fn name(&mut self) -> Option<E<'a>> {
        let token = self.expect(TokenKind::Name)?;
        let id = crate::literal::identifier(self.arena, self.text(&token));
        Some(
            self.arena
                .alloc(Expr { kind: ExprKind::Name { id, ctx: crate::ast::ExprContext::Load }, range: token.place() }),
        )
    }

    /// Tries an alternative: goes back where it does not match.
    fn alt<T>(&mut self, body: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.stopped {
            return None;
        }
        let mark = self.mark;
        let found = body(self);
        if found.is_none() || self.stopped {
            self.mark = mark;
            return None;
        }
        found
    }

    /// Whether `body` matches here; reads nothing.
    fn sees<T>(&mut self, body: impl FnOnce(&mut Self) -> Option<T>) -> bool {
        let mark = self.mark;
        let found = body(self).is_some();
        self.mark = mark;
        found && !self.stopped
    }

    /// Whether one of `kinds` is next.
    fn sees_any(&mut self, kinds: &[TokenKind]) -> bool {
        self.sees(|p| p.expect_any(kinds))
    }

    /// `!kinds`: nothing where one of them is next.
    fn not_any(&mut self, kinds: &[TokenKind]) -> Option<()> {
        (!self.sees_any(kinds) && !self.stopped).then_some(())
    }

    /// `&kinds`.
    fn ahead(&mut self, kinds: &[TokenKind]) -> Option<()> {
        self.sees_any(kinds).then_some(())
    }

    /// `[body]`: fails only where an error was found.
    fn opt<T>(&mut self, body: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        let found = self.alt(body);
        if self.stopped { None } else { Some(found) }
    }

    /// `body*`.
    fn many<T>(&mut self, mut body: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut found = Vec::new();
        while let Some(item) = self.alt(&mut body) {
            found.push(item);
        }
        if self.stopped { None } else { Some(found) }
    }

    /// `body+`.
    fn many1<T>(&mut self, body: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.many(body).filter(|found| !found.is_empty())
    }

    /// `','.body+`.
    fn gather<T>(&mut self, mut body: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut found = vec![self.alt(&mut body)?];
        while let Some(item) = self.alt(|p| {
            p.expect(TokenKind::Comma)?;
            body(p)
        }) {
            found.push(item);
        }
        if self.stopped { None } else { Some(found) }
    }

    /// Runs a rule: counts how deep rules nest.
    fn rule<T>(&mut self, body: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.stopped {
            return None;
        }
        if self.level >= MAX_LEVEL {
            self.raise_overflow();
            return None;
        }
        self.level += 1;
        let found = self.alt(body);
        self.level -= 1;
        found
    }

    /// Runs a rule that yields an expression, once for each place.
    fn memo(&mut self, rule: Rule, body: impl FnOnce(&mut Self) -> Option<E<'a>>) -> Option<E<'a>> {
        if self.stopped {
            return None;
        }
        let key = (rule, self.mark as u32);
        if let Some(&(found, end)) = self.exprs.get(&key) {
            self.mark = end as usize;
            return found;
        }
        self.fetch()?;
        let found = self.rule(body);
        if !self.stopped {
            self.exprs.insert(key, (found, self.mark as u32));
        }
        found
    }

    /// The same for a rule that yields nothing but its end.
    fn memo_unit(&mut self, rule: Rule, body: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        if self.stopped {
            return None;
        }
        let key = (rule, self.mark as u32);
        if let Some(&(found, end)) = self.units.get(&key) {
            self.mark = end as usize;
            return found;
        }
        self.fetch()?;
        let found = self.rule(body);
        if !self.stopped {
            self.units.insert(key, (found, self.mark as u32));
        }
        found
    }

    fn expr(&self, kind: ExprKind<'a>, start: Range) -> E<'a> {
        self.arena.alloc(Expr { kind, range: self.range_from(start) })
    }

    /// Where the current token begins.
    fn start(&mut self) -> Range {
        self.fetch().map_or_else(Range::default, |token| token.place())
    }

    fn range_from(&self, start: Range) -> Range {
        let mut last = self.mark.saturating_sub(1);
        while last > 0
            && matches!(
                self.token_at(last).kind,
                TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent | TokenKind::EndMarker
            )
        {
            last -= 1;
        }
        start.to(self.token_at(last).place())
    }

    /// Raises an error where the grammar asked for is older than `minor`.
    fn version(&mut self, minor: u8, what: &str) -> Option<()> {
        if self.options.feature_version >= minor {
            return Some(());
        }
        self.raise(&format!("{what} only supported in Python 3.{minor} and greater"))
    }
}

/// Whether an error is a SyntaxError in Python.
fn is_syntax_error(kind: SyntaxErrorKind) -> bool {
    matches!(
        kind,
        SyntaxErrorKind::Syntax
            | SyntaxErrorKind::Indentation
            | SyntaxErrorKind::Tab
            | SyntaxErrorKind::IncompleteInput
    )
}

/// How many brackets are open after each of `tokens`.
fn levels(tokens: &[Token]) -> Vec<u16> {
    let mut level = 0_u16;
    tokens
        .iter()
        .map(|token| {
            match token.kind {
                TokenKind::LPar | TokenKind::LSqb | TokenKind::LBrace => level += 1,
                TokenKind::RPar | TokenKind::RSqb | TokenKind::RBrace => level = level.saturating_sub(1),
                _ => {}
            }
            level
        })
        .collect()
}
