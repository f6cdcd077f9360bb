//! Tokens to tree: a recursive-descent parser for sources that are right. It builds the tree in one pass, nearly
//! without going back, and says nothing about what is wrong: where it fails, `errors` reads the source again, as
//! CPython reads it, and finds the words.

mod expression;
mod fstring;
mod params;
mod pattern;
mod simple;
mod statement;
mod string;
pub use string::string_parts;
mod target;

use crate::ast::{Alias, Arena, Comprehension, ExceptHandler, Expr, ExprKind, ExprRef, Identifier, Keyword, MatchCase};
use crate::ast::{Mod, PatternRef, Range, Seq, Stmt, StmtKind, StmtRef, TypeIgnore, TypeParam, WithItem};
use crate::error::Warning;
use crate::stream::TokenStream;
use crate::token::{Token, TokenKind};
use crate::{Mode, ParseOptions};

/// The source is not right. What is wrong is for `errors` to say.
#[derive(Clone, Copy, Debug)]
pub struct Fail;

/// What every part of the parser yields.
pub type Parse<T> = Result<T, Fail>;

/// How deep CPython's parser may nest its rules, less those that it needs for the innermost expression.
const MAX_DEPTH: u32 = crate::errors::MAX_LEVEL - 32;

/// Gathers the nodes of lists without an allocation for each list: a list is the end of the vector, from a mark on.
#[derive(Default)]
struct Scratch<'a> {
    exprs: Vec<ExprRef<'a>>,
    optional: Vec<Option<ExprRef<'a>>>,
    stmts: Vec<StmtRef<'a>>,
    keywords: Vec<Keyword<'a>>,
    names: Vec<Identifier<'a>>,
    aliases: Vec<Alias<'a>>,
    comprehensions: Vec<Comprehension<'a>>,
    handlers: Vec<ExceptHandler<'a>>,
    items: Vec<WithItem<'a>>,
    cases: Vec<MatchCase<'a>>,
    patterns: Vec<PatternRef<'a>>,
    type_params: Vec<TypeParam<'a>>,
}

/// The parser: a position among the tokens.
pub struct Parser<'a, 't> {
    arena: &'a Arena,
    src: &'a str,
    tokens: &'t [Token],
    pos: usize,
    depth: u32,
    options: ParseOptions,
    barry: bool,
    scratch: Scratch<'a>,
    warnings: Vec<(u32, Warning)>,
}

impl<'a, 't> Parser<'a, 't> {
    /// A parser of `stream`, whose source is `src`.
    pub fn new(arena: &'a Arena, src: &'a str, stream: &'t TokenStream, options: &ParseOptions) -> Parser<'a, 't> {
        Parser {
            arena,
            src,
            tokens: &stream.tokens,
            pos: 0,
            depth: 0,
            options: *options,
            barry: options.barry_as_flufl,
            scratch: Scratch::default(),
            warnings: Vec::new(),
        }
    }

    /// Parses the whole source.
    ///
    /// # Errors
    /// When the source is not right.
    pub fn parse(&mut self, mode: Mode, stream: &TokenStream) -> Parse<Mod<'a>> {
        match mode {
            Mode::Exec => {
                let body = self.statements()?;
                self.expect(TokenKind::EndMarker)?;
                let ignores: Vec<TypeIgnore<'a>> = stream
                    .ignores
                    .iter()
                    .map(|ignore| TypeIgnore {
                        lineno: ignore.lineno as i32,
                        tag: &self.src[ignore.start as usize..ignore.end as usize],
                    })
                    .collect();
                Ok(Mod::Module { body, type_ignores: self.arena.slice(&ignores) })
            }
            Mode::Single => self.interactive(),
            Mode::Eval => {
                let body = self.expressions()?;
                self.end_of_input()?;
                Ok(Mod::Expression { body })
            }
            Mode::FuncType => self.func_type(),
        }
    }

    /// How many tokens have been read.
    pub fn position(&self) -> usize {
        self.pos
    }

    /// The warnings, each with the offset where it was found.
    pub fn take_warnings(&mut self) -> Vec<(u32, Warning)> {
        std::mem::take(&mut self.warnings)
    }

    fn interactive(&mut self) -> Parse<Mod<'a>> {
        let mark = self.scratch.stmts.len();
        if self.at(TokenKind::Newline) {
            let range = self.token().range();
            self.bump();
            let pass: StmtRef<'a> = self.arena.alloc(Stmt { kind: StmtKind::Pass, range });
            return Ok(Mod::Interactive { body: self.arena.slice(&[pass]) });
        }
        if self.statement()? {
            self.expect(TokenKind::Newline)?;
        }
        Ok(Mod::Interactive { body: self.finish_stmts(mark) })
    }

    fn func_type(&mut self) -> Parse<Mod<'a>> {
        self.expect(TokenKind::LPar)?;
        let mark = self.scratch.exprs.len();
        let mut stars = 0;
        while !self.at(TokenKind::RPar) {
            match self.kind() {
                TokenKind::Star if stars == 0 => {
                    stars = 1;
                    self.bump();
                }
                TokenKind::DoubleStar if stars < 2 => {
                    stars = 2;
                    self.bump();
                }
                _ if stars > 0 => return Err(Fail),
                _ => {}
            }
            let argument = self.expression()?;
            self.scratch.exprs.push(argument);
            if !self.eat(TokenKind::Comma) {
                break;
            }
            if self.at(TokenKind::RPar) {
                return Err(Fail);
            }
        }
        self.expect(TokenKind::RPar)?;
        let argtypes = self.finish_exprs(mark);
        self.expect(TokenKind::RArrow)?;
        let returns = self.expression()?;
        self.end_of_input()?;
        Ok(Mod::FunctionType { argtypes, returns })
    }

    fn end_of_input(&mut self) -> Parse<()> {
        while self.eat(TokenKind::Newline) {}
        self.expect(TokenKind::EndMarker)
    }

    #[inline]
    fn kind(&self) -> TokenKind {
        self.tokens[self.pos].kind
    }

    #[inline]
    fn kind_at(&self, ahead: usize) -> TokenKind {
        self.tokens.get(self.pos + ahead).map_or(TokenKind::EndMarker, |token| token.kind)
    }

    #[inline]
    fn token(&self) -> &'t Token {
        &self.tokens[self.pos]
    }

    #[inline]
    fn text(&self, token: &Token) -> &'a str {
        &self.src[token.start as usize..token.end as usize]
    }

    /// Goes to the next token; stays at the last.
    #[inline]
    fn bump(&mut self) {
        if self.pos + 1 < self.tokens.len() {
            self.pos += 1;
        }
    }

    #[inline]
    fn at(&self, kind: TokenKind) -> bool {
        self.kind() == kind
    }

    #[inline]
    fn eat(&mut self, kind: TokenKind) -> bool {
        let there = self.at(kind);
        if there {
            self.bump();
        }
        there
    }

    #[inline]
    fn expect(&mut self, kind: TokenKind) -> Parse<()> {
        if self.eat(kind) { Ok(()) } else { Err(Fail) }
    }

    /// Where the current token begins.
    #[inline]
    fn start(&self) -> Range {
        self.token().range()
    }

    /// From `start` to the end of what has been read.
    #[inline]
    fn range_from(&self, start: Range) -> Range {
        let mut last = self.pos.saturating_sub(1);
        while last > 0 && matches!(self.tokens[last].kind, TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent) {
            last -= 1;
        }
        start.to(self.tokens[last].range())
    }

    #[inline]
    fn expr(&self, kind: ExprKind<'a>, range: Range) -> ExprRef<'a> {
        self.arena.alloc(Expr { kind, range })
    }

    #[inline]
    fn stmt(&self, kind: StmtKind<'a>, range: Range) -> StmtRef<'a> {
        self.arena.alloc(Stmt { kind, range })
    }

    /// The name at the current token.
    #[inline]
    fn name(&mut self) -> Parse<Identifier<'a>> {
        if !self.at(TokenKind::Name) {
            return Err(Fail);
        }
        let name = crate::literal::identifier(self.arena, self.text(self.token()));
        self.bump();
        Ok(name)
    }

    /// Fails where the grammar asked for is older than `minor`.
    #[inline]
    fn version(&self, minor: u8) -> Parse<()> {
        if self.options.feature_version < minor { Err(Fail) } else { Ok(()) }
    }

    /// Goes `weight` rules deeper. CPython's rules nest; the weights say by how many each construct nests them.
    #[inline]
    fn deeper(&mut self, weight: u32) -> Parse<()> {
        self.depth += weight;
        if self.depth > MAX_DEPTH {
            return Err(Fail);
        }
        Ok(())
    }

    #[inline]
    fn finish_exprs(&mut self, mark: usize) -> Seq<'a, ExprRef<'a>> {
        let list = self.arena.slice(&self.scratch.exprs[mark..]);
        self.scratch.exprs.truncate(mark);
        list
    }

    #[inline]
    fn finish_stmts(&mut self, mark: usize) -> Seq<'a, StmtRef<'a>> {
        let list = self.arena.slice(&self.scratch.stmts[mark..]);
        self.scratch.stmts.truncate(mark);
        list
    }

    #[inline]
    fn finish_patterns(&mut self, mark: usize) -> Seq<'a, PatternRef<'a>> {
        let list = self.arena.slice(&self.scratch.patterns[mark..]);
        self.scratch.patterns.truncate(mark);
        list
    }

    #[inline]
    fn finish_names(&mut self, mark: usize) -> Seq<'a, Identifier<'a>> {
        let list = self.arena.slice(&self.scratch.names[mark..]);
        self.scratch.names.truncate(mark);
        list
    }

    #[inline]
    fn finish_keywords(&mut self, mark: usize) -> Seq<'a, Keyword<'a>> {
        let list = self.arena.slice(&self.scratch.keywords[mark..]);
        self.scratch.keywords.truncate(mark);
        list
    }

    /// The type comment here, where type comments are read.
    fn type_comment(&mut self) -> Option<&'a str> {
        if !self.at(TokenKind::TypeComment) {
            return None;
        }
        let text = self.text(self.token());
        self.bump();
        Some(text)
    }
}
