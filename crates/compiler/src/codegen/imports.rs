//! `import` and `from ... import`.

use oriel_bytecode::oparg::Intrinsic1;
use oriel_bytecode::{Constant, Opcode};
use oriel_syntax::ast::{Alias, Seq};

use super::{Compiler, Result};
use crate::error::{Location, NO_LOCATION};
use crate::symtable::Name;

impl<'a> Compiler<'a> {
    pub(super) fn import(&mut self, location: Location, names: Seq<'a, Alias<'a>>) -> Result {
        for alias in names {
            self.load_const(location, Constant::int(0));
            self.load_none(location);
            self.op_name(location, Opcode::IMPORT_NAME, alias.name);
            match alias.asname {
                Some(asname) => self.import_as(location, alias.name, asname)?,
                None => self.store_name(location, alias.name.split('.').next().unwrap_or(alias.name))?,
            }
        }
        Ok(())
    }

    /// `import a.b.c as name` binds the innermost module.
    fn import_as(&mut self, location: Location, name: Name<'a>, asname: Name<'a>) -> Result {
        let mut inner = name.split('.').skip(1).peekable();
        if inner.peek().is_none() {
            return self.store_name(location, asname);
        }
        while let Some(attribute) = inner.next() {
            self.op_plain_name(location, Opcode::IMPORT_FROM, attribute);
            if inner.peek().is_some() {
                self.op_arg(location, Opcode::SWAP, 2);
                self.op(location, Opcode::POP_TOP);
            }
        }
        self.store_name(location, asname)?;
        self.op(location, Opcode::POP_TOP);
        Ok(())
    }

    pub(super) fn import_from(
        &mut self,
        location: Location,
        module: Option<Name<'a>>,
        names: Seq<'a, Alias<'a>>,
        level: i32,
    ) -> Result {
        self.load_const(location, Constant::int(level));
        let wanted = self.names_tuple(names.iter().map(|alias| alias.name));
        self.load_const(location, wanted);
        self.op_name(location, Opcode::IMPORT_NAME, module.unwrap_or(""));
        if let [alias, ..] = names
            && alias.name == "*"
        {
            self.op_arg(location, Opcode::CALL_INTRINSIC_1, Intrinsic1::ImportStar.oparg());
            self.op(NO_LOCATION, Opcode::POP_TOP);
            return Ok(());
        }
        for alias in names {
            self.op_name(location, Opcode::IMPORT_FROM, alias.name);
            self.store_name(location, alias.asname.unwrap_or(alias.name))?;
        }
        self.op(location, Opcode::POP_TOP);
        Ok(())
    }
}
