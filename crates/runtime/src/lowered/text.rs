//! The text form of lowered code, for golden files and for looking at.

use super::{DISCARD, Extension, ExtraConstant, FIRST_CONSTANT, Field, Instruction, LoweredCode, flag};
use oriel_bytecode::{CodeObject, Constant, Opcode};
use std::fmt::Write;

/// Lowered code with the names of its code object.
pub struct Listing<'a> {
    /// The code object.
    pub code: &'a CodeObject,
    /// Its lowered form.
    pub lowered: &'a LoweredCode,
}

impl Listing<'_> {
    fn operand(&self, operand: u16) -> String {
        if operand == DISCARD {
            return "_".to_owned();
        }
        if operand >= FIRST_CONSTANT {
            let index = usize::from(operand - FIRST_CONSTANT);
            return match self.code.consts.get(index) {
                Some(constant) => constant_text(constant),
                None => match self.lowered.extra.get(index - self.code.consts.len()) {
                    Some(ExtraConstant::Nothing) => "nothing".to_owned(),
                    Some(ExtraConstant::Int(number)) => number.to_string(),
                    Some(ExtraConstant::Common(number)) => format!("common{number}"),
                    None => format!("constant{index}"),
                },
            };
        }
        match self.code.localsplusnames.get(usize::from(operand)) {
            Some(name) => name.to_string_lossy().into_owned(),
            None => format!("t{}", operand - self.lowered.variables),
        }
    }

    fn name(&self, index: u32) -> String {
        self.code.names.get(index as usize).map_or_else(|| format!("name{index}"), |n| n.to_string_lossy().into_owned())
    }

    fn site(&self, number: u32) -> String {
        match self.lowered.sites.get(number as usize) {
            Some(site) if site.kind == super::SiteKind::Call => format!("#{number}"),
            Some(site) => format!(".{}#{number}", self.name(site.name)),
            None => format!("#{number}?"),
        }
    }

    /// One instruction.
    pub fn instruction(&self, index: usize) -> String {
        let word = self.lowered.words[index];
        let Some(op) = word.op() else { return "?".to_owned() };
        let mut text = format!("{:<18}", op.name());
        let mut fields = Vec::new();
        let dying = [flag::KILL_A, flag::KILL_B, flag::KILL_C];
        let has_flags = op.extension() != Extension::ListOfFlags;
        for (number, field) in op.fields().into_iter().enumerate() {
            let value = [word.a(), word.b(), word.c()][number];
            let dies = if has_flags && word.has(dying[number]) && field == Field::Use { "!" } else { "" };
            let target = |distance: i64| format!("-> {}", index as i64 + 1 + distance);
            fields.push(match field {
                Field::No => continue,
                Field::Dst => format!("{} =", self.operand(value)),
                Field::Use => format!("{}{dies}", self.operand(value)),
                Field::Slot => self.operand(value),
                Field::Imm => (value as i16).to_string(),
                Field::Num => value.to_string(),
                Field::Near => target(i64::from(value as i16)),
                Field::Site => self.site(u32::from(value)),
                Field::Far => target(i64::from(word.bc() as i32)),
                Field::Name => self.name(word.bc()),
                Field::WideSite => self.site(word.bc()),
                Field::WideConst => format!("constant {}", word.bc()),
            });
        }
        let extension = |at: usize| self.lowered.words.get(index + at).copied().unwrap_or(Instruction::number(0));
        match op.extension() {
            Extension::No => {}
            Extension::Target => {
                fields.push(format!("-> {}", index as i64 + 1 + i64::from(extension(1).as_number() as i32)));
            }
            Extension::Name => fields.push(self.name(extension(1).as_number())),
            Extension::ListOfFlags | Extension::ListOfC | Extension::Four => {
                let (count, _) = word.extension_len();
                let list: Vec<String> =
                    (0..count).map(|item| self.operand(extension(1 + item / 4).operands()[item % 4])).collect();
                fields.push(format!("[{}]", list.join(", ")));
            }
        }
        if has_flags {
            for (bit, name) in [(flag::INPLACE, "inplace"), (flag::SENSE, "if true"), (flag::INVERT, "invert")] {
                if word.has(bit) {
                    fields.push(name.to_owned());
                }
            }
        }
        text.push_str(&fields.join(" "));
        text.trim_end().to_owned()
    }

    /// All of it: word number, bytecode offset, instruction.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut index = 0;
        while index < self.lowered.words.len() {
            let offset = self.lowered.offsets[index];
            let _ = writeln!(text, "{index:5} {offset:5}  {}", self.instruction(index));
            index += 1 + self.lowered.words[index].extension_len().1;
        }
        for handler in &self.lowered.handlers {
            let lasti = if handler.lasti { " lasti" } else { "" };
            let _ = writeln!(
                text,
                "  {} to {} -> {} [{}]{lasti}",
                handler.start, handler.end, handler.target, handler.depth
            );
        }
        text
    }
}

fn constant_text(constant: &Constant) -> String {
    match constant {
        Constant::None => "None".to_owned(),
        Constant::True => "True".to_owned(),
        Constant::False => "False".to_owned(),
        Constant::Ellipsis => "...".to_owned(),
        Constant::Int(number) => number.to_string(),
        Constant::Float(number) => format!("{number:?}"),
        Constant::Complex(real, imag) => format!("({real:?}+{imag:?}j)"),
        Constant::Str(text) => format!("{text:?}"),
        Constant::Bytes(bytes) => format!("bytes[{}]", bytes.len()),
        Constant::Tuple(items) => format!("({})", items.iter().map(constant_text).collect::<Vec<_>>().join(", ")),
        Constant::FrozenSet(items) => format!("frozenset[{}]", items.len()),
        Constant::Slice(_) => "slice".to_owned(),
        Constant::Code(code) => format!("<code {}>", code.qualname.to_string_lossy()),
    }
}

/// The stack bytecode beside which the lowered form is read: offset, name and operand.
pub fn bytecode_text(code: &CodeObject) -> String {
    let mut text = String::new();
    for instruction in code.instructions() {
        let name = instruction.opcode.name().unwrap_or("?");
        let arg = if instruction.opcode.has_arg() || instruction.opcode == Opcode::RESUME {
            format!(" {}", instruction.oparg)
        } else {
            String::new()
        };
        let _ = writeln!(text, "{:5}  {name}{arg}", instruction.offset);
    }
    text
}
