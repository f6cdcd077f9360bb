//! `from __future__ import ...`: which features a module asks for. Where else such imports stand is an error that the
//! symbol table reports.

use oriel_bytecode::CodeFlags;
use oriel_syntax::ast::{Alias, Mod, StmtKind};

use crate::error::{CompileError, Location, NO_LOCATION};

/// The features in force.
#[derive(Clone, Copy, Debug)]
pub struct Future {
    /// The features as flags of code objects.
    pub flags: CodeFlags,
    /// Annotations stay strings.
    pub annotations: bool,
    /// `await` may stand at the top of a module (a flag of `compile()`, not an import).
    pub allow_top_level_await: bool,
    /// The last future import at the beginning of the module.
    pub location: Location,
}

impl Future {
    /// The features that `module` imports and those that `inherited` brings along.
    ///
    /// # Errors
    /// A SyntaxError for a feature that does not exist.
    pub fn of_module(
        module: &Mod<'_>,
        inherited: CodeFlags,
        allow_top_level_await: bool,
    ) -> Result<Future, CompileError> {
        let mut future = Future { flags: inherited, annotations: false, allow_top_level_await, location: NO_LOCATION };
        if let Mod::Module { body, .. } | Mod::Interactive { body } = *module {
            let body = if crate::preprocess::docstring(body).is_some() { &body[1..] } else { body };
            for stmt in body {
                let StmtKind::ImportFrom { module: Some("__future__"), names, level: 0 } = stmt.kind else { break };
                for alias in names {
                    future.import(alias)?;
                }
                future.location = stmt.range;
            }
        }
        future.annotations = future.flags.contains(CodeFlags::FUTURE_ANNOTATIONS);
        Ok(future)
    }

    fn import(&mut self, alias: &Alias<'_>) -> Result<(), CompileError> {
        match alias.name {
            "nested_scopes" | "generators" | "division" | "absolute_import" | "with_statement" | "print_function"
            | "unicode_literals" | "generator_stop" => {}
            "barry_as_FLUFL" => self.flags |= CodeFlags::FUTURE_BARRY_AS_BDFL,
            "annotations" => self.flags |= CodeFlags::FUTURE_ANNOTATIONS,
            "braces" => return Err(CompileError::syntax("not a chance", alias.range)),
            name => {
                return Err(CompileError::syntax(format!("future feature {name} is not defined"), alias.range));
            }
        }
        Ok(())
    }
}
