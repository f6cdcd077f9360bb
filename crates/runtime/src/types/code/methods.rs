//! `code`: what Python sees.

use super::{Code, compare};
use crate::args::{Args, Signature};
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_bytecode::code::DecodedInstruction;
use oriel_bytecode::positions::{self, Positions};
use oriel_bytecode::{CodeFlags, CodeObject, Constant, Opcode, Text, VariableKind};
use oriel_heap::{Body, Ref, Value};
use std::borrow::Cow;
use std::rc::Rc;

/// `code`
pub static SPEC: TypeSpec = TypeSpec {
    doc: "What the compiler makes of a function, class or module.",
    flags: type_flags::WEAKREF,
    slots: |slots| {
        slots.new.set(Some(new));
        slots.repr.set(Some(repr));
        slots.hash.set(Some(compare::hash));
        slots.richcompare.set(Some(compare::compare));
    },
    methods: &[
        MethodDef::args("replace", replace, "", "The same with other attributes."),
        MethodDef::args("__replace__", replace, "", "The same as replace()."),
        MethodDef::noargs("co_lines", lines, "($self, /)", "Iterates over (start, end, line)."),
        MethodDef::noargs("co_positions", co_positions, "($self, /)", "Iterates over the positions of instructions."),
        MethodDef::noargs("co_branches", branches, "($self, /)", "Iterates over (from, not taken, taken)."),
        MethodDef::noargs("__sizeof__", size, "($self, /)", "Bytes of memory."),
        MethodDef::one("_varname_from_oparg", variable_name, "($self, /, oparg)", "For dis: a variable's name."),
    ],
    getset: &[
        number("co_argcount", |vm, code| count(vm, code, |data| data.argcount)),
        number("co_posonlyargcount", |vm, code| count(vm, code, |data| data.posonlyargcount)),
        number("co_kwonlyargcount", |vm, code| count(vm, code, |data| data.kwonlyargcount)),
        number("co_stacksize", |vm, code| count(vm, code, |data| data.stacksize)),
        number("co_flags", |vm, code| count(vm, code, |data| data.flags.0)),
        number("co_nlocals", |vm, code| count(vm, code, |data| data.nlocals() as u32)),
        number("co_firstlineno", |vm, code| Ok(Value::small(this(vm, code)?.data.firstlineno))),
        number("co_code", |vm, code| Ok(vm.new_bytes(&this(vm, code)?.data.code))),
        number("_co_code_adaptive", |vm, code| Ok(vm.new_bytes(&this(vm, code)?.data.code))),
        number("co_linetable", |vm, code| Ok(vm.new_bytes(&this(vm, code)?.data.linetable))),
        number("co_exceptiontable", |vm, code| Ok(vm.new_bytes(&this(vm, code)?.data.exceptiontable))),
        number("co_lnotab", lnotab),
        number("co_consts", |vm, code| Ok(vm.new_tuple(&this(vm, code)?.constants))),
        number("co_names", |vm, code| Ok(vm.new_tuple(&this(vm, code)?.names))),
        number("co_varnames", |vm, code| variables(vm, code, VariableKind::is_local)),
        number("co_cellvars", |vm, code| variables(vm, code, VariableKind::is_cell)),
        number("co_freevars", |vm, code| variables(vm, code, VariableKind::is_free)),
        number("co_filename", |vm, code| Ok(this(vm, code)?.filename.get())),
        number("co_name", |vm, code| Ok(this(vm, code)?.name.clone())),
        number("co_qualname", |vm, code| Ok(this(vm, code)?.qualname.clone())),
    ],
    ..TypeSpec::new("code", Code::layout)
};

const fn number(name: &'static str, get: fn(&Vm, &Value) -> PyResult) -> GetSetDef {
    GetSetDef::readonly(name, get, "")
}

fn this<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<Code>> {
    value.downcast().ok_or_else(|| vm.type_error("a code object is needed"))
}

fn count(vm: &Vm, code: &Value, field: fn(&CodeObject) -> u32) -> PyResult {
    Ok(vm.new_int(i64::from(field(&this(vm, code)?.data))))
}

fn variables(vm: &Vm, code: &Value, wanted: fn(VariableKind) -> bool) -> PyResult {
    let names: Vec<Value> = this(vm, code)?.variables_of(wanted).cloned().collect();
    Ok(vm.tuple_of(names).into_value())
}

fn repr(vm: &Vm, value: &Value) -> PyResult {
    let code = this(vm, value)?;
    let (name, file) = (vm.str_text(&code.name), vm.str_text(&code.filename.get()));
    let line = if code.data.firstlineno != 0 { code.data.firstlineno } else { -1 };
    Ok(vm.new_str(&format!("<code object {name} at {:#x}, file \"{file}\", line {line}>", value.word())))
}

fn size(vm: &Vm, value: &Value) -> PyResult {
    let code = this(vm, value)?;
    let data = &code.data;
    let bytes = data.code.len() + data.linetable.len() + data.exceptiontable.len();
    Ok(vm.new_int((200 + bytes + 8 * (code.constants.len() + code.names.len() + code.variables.len())) as i64))
}

fn or_none(number: Option<i32>) -> Value {
    number.map_or(Value::NONE, Value::small)
}

fn iterate(vm: &Vm, items: Vec<Value>) -> PyResult {
    vm.iter(&vm.new_list(items).into_value())
}

fn lines(vm: &Vm, value: &Value) -> PyResult {
    let data = &this(vm, value)?.data;
    let items = positions::lines(&data.linetable, data.firstlineno).map(|(start, end, line)| {
        vm.tuple_of([vm.new_int(start as i64), vm.new_int(end as i64), or_none(line)]).into_value()
    });
    iterate(vm, items.collect())
}

fn co_positions(vm: &Vm, value: &Value) -> PyResult {
    let data = &this(vm, value)?.data;
    let mut items = Vec::new();
    for range in Positions::new(&data.linetable, data.firstlineno) {
        for _ in 0..(range.end - range.start) / 2 {
            let fields = [range.lineno, range.end_lineno, range.col_offset, range.end_col_offset].map(or_none);
            items.push(vm.tuple_of(fields).into_value());
        }
    }
    iterate(vm, items)
}

fn branches(vm: &Vm, value: &Value) -> PyResult {
    let data = &this(vm, value)?.data;
    let mut items = Vec::new();
    let mut push = |from: usize, not_taken: usize, taken: usize| {
        let fields = [from, not_taken, taken].map(|offset| vm.new_int(offset as i64));
        items.push(vm.tuple_of(fields).into_value());
    };
    for instruction in data.instructions() {
        let DecodedInstruction { opcode, offset, .. } = instruction;
        let Some(target) = instruction.jump_target() else { continue };
        match opcode {
            Opcode::FOR_ITER => {
                push(offset, instruction.end(), target + 4);
            }
            Opcode::POP_JUMP_IF_FALSE
            | Opcode::POP_JUMP_IF_TRUE
            | Opcode::POP_JUMP_IF_NONE
            | Opcode::POP_JUMP_IF_NOT_NONE => {
                let next = instruction.end();
                let skipped = data.code.get(next).copied() == Some(Opcode::NOT_TAKEN.byte());
                push(offset, if skipped { next + 2 } else { next }, target);
            }
            Opcode::END_ASYNC_FOR => push(target, target + 4, instruction.end()),
            _ => {}
        }
    }
    iterate(vm, items)
}

fn lnotab(vm: &Vm, value: &Value) -> PyResult {
    vm.warn(&vm.types.deprecation_warning, "co_lnotab is deprecated, use co_lines instead.", 1)?;
    let data = &this(vm, value)?.data;
    let mut table = Vec::new();
    let (mut last_offset, mut last_line) = (0usize, data.firstlineno);
    for (start, _, line) in positions::lines(&data.linetable, data.firstlineno) {
        let Some(line) = line else { continue };
        if line == last_line {
            continue;
        }
        let (mut offset, mut delta) = (start - last_offset, line - last_line);
        while offset > 255 {
            table.extend([255, 0]);
            offset -= 255;
        }
        while !(-128..=127).contains(&delta) {
            let step = delta.clamp(-128, 127);
            table.extend([offset as u8, step as i8 as u8]);
            offset = 0;
            delta -= step;
        }
        table.extend([offset as u8, delta as i8 as u8]);
        (last_offset, last_line) = (start, line);
    }
    Ok(vm.new_bytes(&table))
}

fn variable_name(vm: &Vm, value: &Value, index: &Value) -> PyResult {
    let code = this(vm, value)?;
    let index = vm.to_isize(index)?;
    usize::try_from(index)
        .ok()
        .and_then(|index| code.variables.get(index).cloned())
        .ok_or_else(|| vm.index_error("tuple index out of range"))
}

/// What a code object is made of, as Python values.
#[derive(Default)]
struct Parts {
    argcount: u32,
    posonlyargcount: u32,
    kwonlyargcount: u32,
    stacksize: u32,
    flags: u32,
    nlocals: u32,
    code: Cow<'static, [u8]>,
    constants: Vec<Value>,
    names: Vec<Text>,
    varnames: Vec<Text>,
    filename: Text,
    name: Text,
    qualname: Text,
    firstlineno: i32,
    linetable: Cow<'static, [u8]>,
    exceptiontable: Cow<'static, [u8]>,
    freevars: Vec<Text>,
    cellvars: Vec<Text>,
}

fn text(vm: &Vm, value: &Value, what: &str) -> PyResult<Text> {
    match value.downcast::<Str>() {
        Some(string) => {
            let points: Vec<u32> = string.text().chars().collect();
            Text::from_code_points(points).ok_or_else(|| vm.value_error("character out of range"))
        }
        None => {
            let name = vm.type_name(value);
            Err(vm.type_error(format!("{what} must be a str, not {name}")))
        }
    }
}

fn texts(vm: &Vm, value: &Value) -> PyResult<Vec<Text>> {
    let Some(tuple) = value.downcast::<Tuple>() else {
        let name = vm.type_name(value);
        return Err(vm.type_error(format!("expected tuple, got '{name}'")));
    };
    tuple
        .items()
        .iter()
        .map(|name| match name.downcast::<Str>() {
            Some(_) => text(vm, name, "name"),
            None => {
                let kind = vm.type_name(name);
                Err(vm.type_error(format!("name tuples must contain only strings, not '{kind}'")))
            }
        })
        .collect()
}

fn bytes(vm: &Vm, value: &Value) -> PyResult<Cow<'static, [u8]>> {
    vm.bytes_of(value).map(Cow::Owned).ok_or_else(|| {
        let name = vm.type_name(value);
        vm.type_error(format!("expected bytes, got '{name}'"))
    })
}

fn natural(vm: &Vm, value: &Value, what: &str) -> PyResult<u32> {
    u32::try_from(vm.to_i32(value)?).map_err(|_| vm.value_error(format!("code: {what} must not be negative")))
}

impl Parts {
    fn of(code: &Code) -> Parts {
        let data = &code.data;
        Parts {
            argcount: data.argcount,
            posonlyargcount: data.posonlyargcount,
            kwonlyargcount: data.kwonlyargcount,
            stacksize: data.stacksize,
            flags: data.flags.0,
            nlocals: data.nlocals() as u32,
            code: data.code.clone(),
            constants: code.constants.to_vec(),
            names: data.names.clone(),
            varnames: data.varnames().cloned().collect(),
            filename: data.filename.clone(),
            name: data.name.clone(),
            qualname: data.qualname.clone(),
            firstlineno: data.firstlineno,
            linetable: data.linetable.clone(),
            exceptiontable: data.exceptiontable.clone(),
            freevars: data.freevars().cloned().collect(),
            cellvars: data.cellvars().cloned().collect(),
        }
    }

    fn set(&mut self, vm: &Vm, field: &str, value: &Value) -> PyResult<()> {
        match field {
            "co_argcount" => self.argcount = natural(vm, value, "argcount")?,
            "co_posonlyargcount" => self.posonlyargcount = natural(vm, value, "posonlyargcount")?,
            "co_kwonlyargcount" => self.kwonlyargcount = natural(vm, value, "kwonlyargcount")?,
            "co_nlocals" => self.nlocals = natural(vm, value, "nlocals")?,
            "co_stacksize" => self.stacksize = natural(vm, value, "stacksize")?,
            "co_flags" => self.flags = natural(vm, value, "flags")?,
            "co_firstlineno" => self.firstlineno = vm.to_i32(value)?,
            "co_code" => self.code = bytes(vm, value)?,
            "co_consts" => {
                self.constants = match value.downcast::<Tuple>() {
                    Some(tuple) => tuple.items().to_vec(),
                    None => return Err(vm.type_error("co_consts must be a tuple")),
                };
            }
            "co_names" => self.names = texts(vm, value)?,
            "co_varnames" => self.varnames = texts(vm, value)?,
            "co_freevars" => self.freevars = texts(vm, value)?,
            "co_cellvars" => self.cellvars = texts(vm, value)?,
            "co_filename" => self.filename = text(vm, value, "filename")?,
            "co_name" => self.name = text(vm, value, "name")?,
            "co_qualname" => self.qualname = text(vm, value, "qualname")?,
            "co_linetable" => self.linetable = bytes(vm, value)?,
            "co_exceptiontable" => self.exceptiontable = bytes(vm, value)?,
            _ => return Err(vm.type_error(format!("replace() got an unexpected keyword argument '{field}'"))),
        }
        Ok(())
    }

    fn build(self, vm: &Vm) -> PyResult {
        if self.varnames.len() != self.nlocals as usize {
            return Err(vm.value_error("code: co_nlocals != len(co_varnames)"));
        }
        if !self.code.len().is_multiple_of(2) {
            return Err(vm.value_error("code: co_code is malformed"));
        }
        let flags = CodeFlags(self.flags);
        let variadic =
            u32::from(flags.contains(CodeFlags::VARARGS)) + u32::from(flags.contains(CodeFlags::VARKEYWORDS));
        let parameters = self.argcount.saturating_add(self.kwonlyargcount);
        let mut localsplusnames = self.varnames.clone();
        let mut kinds: Vec<VariableKind> = (0..self.nlocals)
            .map(|index| {
                let mut kind = VariableKind::LOCAL;
                if index < self.argcount {
                    kind |= VariableKind::ARG_POS;
                    if index >= self.posonlyargcount {
                        kind |= VariableKind::ARG_KW;
                    }
                } else if index < parameters {
                    kind |= VariableKind::ARG_KW;
                } else if index < parameters.saturating_add(variadic) {
                    let positional = flags.contains(CodeFlags::VARARGS) && index == parameters;
                    kind |=
                        VariableKind::ARG_VAR | if positional { VariableKind::ARG_POS } else { VariableKind::ARG_KW };
                }
                VariableKind(kind)
            })
            .collect();
        for cell in &self.cellvars {
            match self.varnames.iter().position(|name| name == cell) {
                Some(index) => kinds[index] = VariableKind(kinds[index].0 | VariableKind::CELL),
                None => {
                    localsplusnames.push(cell.clone());
                    kinds.push(VariableKind(VariableKind::CELL));
                }
            }
        }
        for free in &self.freevars {
            localsplusnames.push(free.clone());
            kinds.push(VariableKind(VariableKind::FREE));
        }
        let consts = self.constants.iter().map(plain_constant).collect();
        let data = CodeObject {
            argcount: self.argcount,
            posonlyargcount: self.posonlyargcount,
            kwonlyargcount: self.kwonlyargcount,
            stacksize: self.stacksize,
            flags,
            code: self.code,
            consts,
            names: self.names,
            localsplusnames,
            localspluskinds: kinds,
            filename: self.filename,
            name: self.name,
            qualname: self.qualname,
            firstlineno: self.firstlineno,
            linetable: self.linetable,
            exceptiontable: self.exceptiontable,
        };
        Ok(vm.new_code_with(Rc::new(data), self.constants.into())?.into_value())
    }
}

/// What lowering looks at in a constant: whether it is a small integer, and whether the first one is a docstring.
fn plain_constant(value: &Value) -> Constant {
    match value.as_small_int() {
        Some(number) => Constant::int(number),
        None if value.downcast::<Str>().is_some() => Constant::str(""),
        None => Constant::None,
    }
}

fn replace(vm: &Vm, value: &Value, args: Args<'_>) -> PyResult {
    if !args.positional().is_empty() {
        return Err(vm.type_error("replace() takes 0 positional arguments"));
    }
    let code = this(vm, value)?;
    let mut parts = Parts::of(code);
    let mut given_varnames = false;
    for (name, value) in args.keywords() {
        let name = vm.str_text(name);
        given_varnames |= name == "co_varnames" || name == "co_nlocals";
        parts.set(vm, &name, value)?;
    }
    if !given_varnames {
        parts.nlocals = parts.varnames.len() as u32;
    }
    parts.build(vm)
}

fn new(vm: &Vm, _class: &TypeRef, args: Args<'_>) -> PyResult {
    const FIELDS: [&str; 18] = [
        "co_argcount",
        "co_posonlyargcount",
        "co_kwonlyargcount",
        "co_nlocals",
        "co_stacksize",
        "co_flags",
        "co_code",
        "co_consts",
        "co_names",
        "co_varnames",
        "co_filename",
        "co_name",
        "co_qualname",
        "co_firstlineno",
        "co_linetable",
        "co_exceptiontable",
        "co_freevars",
        "co_cellvars",
    ];
    let signature = Signature::parse(
        "(argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize, flags, codestring, constants, names, varnames, \
         filename, name, qualname, firstlineno, linetable, exceptiontable, freevars=(), cellvars=(), /)",
    );
    let mut bound: [Option<&Value>; 18] = [None; 18];
    signature.bind(vm, "code", args, &mut bound)?;
    let mut parts = Parts::default();
    for (field, value) in FIELDS.iter().zip(bound) {
        if let Some(value) = value {
            parts.set(vm, field, value)?;
        }
    }
    parts.build(vm)
}
