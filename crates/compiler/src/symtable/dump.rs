//! The text form of a symbol table, for golden files and the tracer.

use std::fmt::Write;

use super::{BlockId, BlockKind, Flags, Scope, SymbolTable};

impl SymbolTable<'_> {
    /// All blocks with their symbols, nested by indentation.
    pub fn dump(&self) -> String {
        let mut out = String::new();
        let mut pending = vec![(self.top(), 0)];
        while let Some((id, depth)) = pending.pop() {
            self.dump_block(&mut out, id, depth);
            pending.extend(self.block(id).children.iter().rev().map(|child| (*child, depth + 1)));
        }
        out
    }

    fn dump_block(&self, out: &mut String, id: BlockId, depth: usize) {
        let block = self.block(id);
        let kind = match block.kind {
            BlockKind::Function => "function",
            BlockKind::Class => "class",
            BlockKind::Module => "module",
            BlockKind::Annotation => "annotation",
            BlockKind::TypeAlias => "type alias",
            BlockKind::TypeParameters => "type parameters",
            BlockKind::TypeVariable => "type variable",
        };
        let indent = "  ".repeat(depth);
        // Writing to a String cannot fail.
        let _ = write!(out, "{indent}{kind} {} line {}", block.name, block.location.lineno);
        for (word, set) in [
            ("nested", block.nested),
            ("generator", block.generator),
            ("coroutine", block.coroutine),
            ("inlined", block.comp_inlined),
            ("needs __class__", block.needs_class_closure),
            ("needs __classdict__", block.needs_classdict),
            ("sees class", block.can_see_class_scope),
        ] {
            if set {
                let _ = write!(out, ", {word}");
            }
        }
        out.push('\n');
        for (name, flags) in &block.symbols {
            let scope = match flags.scope() {
                Some(Scope::Local) => "local",
                Some(Scope::GlobalExplicit) => "global (declared)",
                Some(Scope::GlobalImplicit) => "global",
                Some(Scope::Free) => "free",
                Some(Scope::Cell) => "cell",
                None => "undecided",
            };
            let _ = write!(out, "{indent}  {name}: {scope}");
            for (word, bit) in [
                ("parameter", Flags::PARAM),
                ("bound", Flags::LOCAL),
                ("imported", Flags::IMPORT),
                ("used", Flags::USE),
                ("nonlocal", Flags::NONLOCAL),
                ("annotated", Flags::ANNOT),
                ("type parameter", Flags::TYPE_PARAM),
                ("iteration variable", Flags::COMP_ITER),
                ("free in class", Flags::FREE_CLASS),
                ("cell of a comprehension", Flags::COMP_CELL),
            ] {
                if flags.has(bit) {
                    let _ = write!(out, ", {word}");
                }
            }
            out.push('\n');
        }
    }
}
