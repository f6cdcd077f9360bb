//! The stages of a run, in their order: they are the headings of every view.

use serde::{Deserialize, Serialize};

macro_rules! stages {
    ($($(#[doc = $doc:literal])* $name:ident $number:literal $word:literal;)*) => {
        /// A stage of the way from the shell's words to the exit status.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Stage { $($(#[doc = $doc])* $name),* }

        impl Stage {
            /// All of them, in order.
            pub const ALL: &[Stage] = &[$(Stage::$name),*];

            /// The number in headings.
            pub const fn number(self) -> &'static str {
                match self { $(Stage::$name => $number),* }
            }

            /// The name in headings and options.
            pub const fn name(self) -> &'static str {
                match self { $(Stage::$name => $word),* }
            }

            /// What it turns into what, in a line.
            pub const fn summary(self) -> &'static str {
                match self { $(Stage::$name => concat!($($doc),*)),* }
            }
        }
    };
}

stages! {
    /// Shell words become options and a script.
    Command "0" "command";
    /// An exec'd binary becomes an address space.
    Process "1" "process";
    /// From nothing to an interpreter.
    Bootstrap "2" "bootstrap";
    /// A path becomes bytes, and bytes become text.
    Source "3" "source";
    /// Text becomes tokens.
    Tokens "4.1" "tokens";
    /// Tokens become a syntax tree.
    Ast "4.2" "ast";
    /// The tree becomes scopes, a flow graph and a code object.
    Bytecode "4.3" "bytecode";
    /// The code object gets a namespace.
    Module "5" "module";
    /// Lowered code is fetched, decoded and executed.
    Interpreter "6" "interpreter";
    /// Code, globals, defaults and cells become function objects.
    Functions "7" "functions";
    /// A call becomes a frame.
    Frames "8" "frames";
    /// Values, their memory and their counts.
    Objects "9" "objects";
    /// Names are found, native functions called, bytes written.
    Output "10" "output";
    /// Frames gone, modules cleared, memory returned, exit status.
    Teardown "11" "teardown";
}

impl Stage {
    /// The stage of a name or number as a user types it; `symbols` and `lowered` belong to the making of bytecode.
    pub fn parse(word: &str) -> Option<Stage> {
        let word = word.to_ascii_lowercase();
        match word.as_str() {
            "symbols" | "lowered" | "compilation" | "4" => return Some(Stage::Bytecode),
            "tree" => return Some(Stage::Ast),
            "execution" | "loop" => return Some(Stage::Interpreter),
            _ => {}
        }
        Stage::ALL.iter().copied().find(|stage| stage.name() == word || stage.number() == word)
    }

    /// The position in [`Stage::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }
}
