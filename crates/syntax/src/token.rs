//! Tokens: their kinds, numbered as in CPython's `token` module, and where they lie. How text becomes tokens is in
//! `tokenizer`.

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $python:literal;)*) => {
        /// What a token is. The numbers below 100 are those of Python's `token` module; keywords follow.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        #[expect(missing_docs, reason = "the names are those of Python's token module")]
        pub enum TokenKind { $($name = $number,)* }

        impl TokenKind {
            /// The name in Python's `token` module; for a keyword or an operator, as it is written.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(TokenKind::$name => $python,)* }
            }
        }
    };
}

kinds! {
    EndMarker = 0, "ENDMARKER";
    Name = 1, "NAME";
    Number = 2, "NUMBER";
    String = 3, "STRING";
    Newline = 4, "NEWLINE";
    Indent = 5, "INDENT";
    Dedent = 6, "DEDENT";
    LPar = 7, "(";
    RPar = 8, ")";
    LSqb = 9, "[";
    RSqb = 10, "]";
    Colon = 11, ":";
    Comma = 12, ",";
    Semi = 13, ";";
    Plus = 14, "+";
    Minus = 15, "-";
    Star = 16, "*";
    Slash = 17, "/";
    VBar = 18, "|";
    Amper = 19, "&";
    Less = 20, "<";
    Greater = 21, ">";
    Equal = 22, "=";
    Dot = 23, ".";
    Percent = 24, "%";
    LBrace = 25, "{";
    RBrace = 26, "}";
    EqEqual = 27, "==";
    NotEqual = 28, "!=";
    LessEqual = 29, "<=";
    GreaterEqual = 30, ">=";
    Tilde = 31, "~";
    Circumflex = 32, "^";
    LeftShift = 33, "<<";
    RightShift = 34, ">>";
    DoubleStar = 35, "**";
    PlusEqual = 36, "+=";
    MinEqual = 37, "-=";
    StarEqual = 38, "*=";
    SlashEqual = 39, "/=";
    PercentEqual = 40, "%=";
    AmperEqual = 41, "&=";
    VBarEqual = 42, "|=";
    CircumflexEqual = 43, "^=";
    LeftShiftEqual = 44, "<<=";
    RightShiftEqual = 45, ">>=";
    DoubleStarEqual = 46, "**=";
    DoubleSlash = 47, "//";
    DoubleSlashEqual = 48, "//=";
    At = 49, "@";
    AtEqual = 50, "@=";
    RArrow = 51, "->";
    Ellipsis = 52, "...";
    ColonEqual = 53, ":=";
    Exclamation = 54, "!";
    Op = 55, "OP";
    TypeIgnore = 56, "TYPE_IGNORE";
    TypeComment = 57, "TYPE_COMMENT";
    FStringStart = 59, "FSTRING_START";
    FStringMiddle = 60, "FSTRING_MIDDLE";
    FStringEnd = 61, "FSTRING_END";
    TStringStart = 62, "TSTRING_START";
    TStringMiddle = 63, "TSTRING_MIDDLE";
    TStringEnd = 64, "TSTRING_END";
    Comment = 65, "COMMENT";
    Nl = 66, "NL";
    Error = 67, "ERRORTOKEN";
    KwFalse = 100, "False";
    KwNone = 101, "None";
    KwTrue = 102, "True";
    KwAnd = 103, "and";
    KwAs = 104, "as";
    KwAssert = 105, "assert";
    KwAsync = 106, "async";
    KwAwait = 107, "await";
    KwBreak = 108, "break";
    KwClass = 109, "class";
    KwContinue = 110, "continue";
    KwDef = 111, "def";
    KwDel = 112, "del";
    KwElif = 113, "elif";
    KwElse = 114, "else";
    KwExcept = 115, "except";
    KwFinally = 116, "finally";
    KwFor = 117, "for";
    KwFrom = 118, "from";
    KwGlobal = 119, "global";
    KwIf = 120, "if";
    KwImport = 121, "import";
    KwIn = 122, "in";
    KwIs = 123, "is";
    KwLambda = 124, "lambda";
    KwNonlocal = 125, "nonlocal";
    KwNot = 126, "not";
    KwOr = 127, "or";
    KwPass = 128, "pass";
    KwRaise = 129, "raise";
    KwReturn = 130, "return";
    KwTry = 131, "try";
    KwWhile = 132, "while";
    KwWith = 133, "with";
    KwYield = 134, "yield";
}

impl TokenKind {
    /// The number in Python's `token` module.
    #[must_use]
    pub fn number(self) -> u8 {
        if self.is_keyword() { TokenKind::Name as u8 } else { self as u8 }
    }

    /// Whether this is a reserved word.
    #[inline]
    #[must_use]
    pub fn is_keyword(self) -> bool {
        self as u8 >= 100
    }

    /// The kind of the word `word`: a keyword or a name.
    #[inline]
    #[must_use]
    pub fn of_word(word: &[u8]) -> TokenKind {
        use TokenKind::*;
        match word.len() {
            2 => match word {
                b"if" => KwIf,
                b"in" => KwIn,
                b"is" => KwIs,
                b"or" => KwOr,
                b"as" => KwAs,
                _ => Name,
            },
            3 => match word {
                b"def" => KwDef,
                b"for" => KwFor,
                b"not" => KwNot,
                b"and" => KwAnd,
                b"try" => KwTry,
                b"del" => KwDel,
                _ => Name,
            },
            4 => match word {
                b"None" => KwNone,
                b"else" => KwElse,
                b"True" => KwTrue,
                b"from" => KwFrom,
                b"with" => KwWith,
                b"elif" => KwElif,
                b"pass" => KwPass,
                _ => Name,
            },
            5 => match word {
                b"False" => KwFalse,
                b"raise" => KwRaise,
                b"class" => KwClass,
                b"yield" => KwYield,
                b"while" => KwWhile,
                b"async" => KwAsync,
                b"await" => KwAwait,
                b"break" => KwBreak,
                _ => Name,
            },
            6 => match word {
                b"return" => KwReturn,
                b"import" => KwImport,
                b"except" => KwExcept,
                b"assert" => KwAssert,
                b"lambda" => KwLambda,
                b"global" => KwGlobal,
                _ => Name,
            },
            7 if word == b"finally" => KwFinally,
            8 => match word {
                b"continue" => KwContinue,
                b"nonlocal" => KwNonlocal,
                _ => Name,
            },
            _ => Name,
        }
    }
}

/// A token. Offsets are bytes in the source; columns are bytes from the start of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it begins.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// Its first line, from 1.
    pub lineno: u32,
    /// Its first column.
    pub col: u32,
    /// Its last line.
    pub end_lineno: u32,
    /// The column after its end.
    pub end_col: u32,
}

impl Token {
    /// Its lines and columns.
    #[inline]
    #[must_use]
    pub fn range(&self) -> crate::ast::Range {
        crate::ast::Range {
            lineno: self.lineno as i32,
            col_offset: self.col as i32,
            end_lineno: self.end_lineno as i32,
            end_col_offset: self.end_col as i32,
        }
    }

    /// Whether CPython gives this token no columns (it stands for no text).
    #[must_use]
    pub fn is_unplaced(&self) -> bool {
        matches!(self.kind, TokenKind::Indent | TokenKind::Dedent | TokenKind::EndMarker | TokenKind::Error)
            || (self.kind == TokenKind::Newline && self.start == self.end)
    }

    /// Its lines and columns as errors give them: columns of -1 where it has none.
    #[must_use]
    pub fn place(&self) -> crate::ast::Range {
        let range = self.range();
        if self.is_unplaced() { crate::ast::Range { col_offset: -1, end_col_offset: -1, ..range } } else { range }
    }
}
