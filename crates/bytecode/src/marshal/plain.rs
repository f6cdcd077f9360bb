//! Marshal of code objects and constants as plain data.
//!
//! What is one object in CPython is found by value here: the compiler merges equal constants, names, tables and
//! tuples of a module, and interns strings that look like identifiers, so equal means identical but for a few parts.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use dashu_int::IBig;

use super::{CodeParts, ReadError, ReadErrorKind, Singleton, Sink, Source, VERSION, View, WriteError, read, write};
use crate::code::{CodeFlags, CodeObject, VariableKind};
use crate::constant::Constant;
use crate::text::Text;

/// The bytes of a code object, as in a `.pyc` file after its header.
pub fn dump_code(code: &Rc<CodeObject>) -> Result<Vec<u8>, WriteError> {
    dump_constant(&Constant::Code(code.clone()))
}

/// The bytes of a constant.
pub fn dump_constant(constant: &Constant) -> Result<Vec<u8>, WriteError> {
    let mut graph = Graph::default();
    graph.collect_interned(constant, 0)?;
    let root = graph.constant(constant, 0)?;
    // The caller holds it too.
    graph.holders[root as usize] += 1;
    write::dump(&graph, &root, VERSION, true)
}

/// Reads a code object.
pub fn load_code(data: &[u8]) -> Result<Rc<CodeObject>, ReadError> {
    match load_constant(data)? {
        Constant::Code(code) => Ok(code),
        _ => Err(ReadError { kind: ReadErrorKind::Type, message: "not a code object" }),
    }
}

/// Reads a constant; lists, dicts and sets are not constants.
pub fn load_constant(data: &[u8]) -> Result<Constant, ReadError> {
    read::load(&mut PlainSink, data, true).map(|(constant, _)| constant)
}

/// One object of the graph that is written; the children are indices.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Node<'a> {
    Singleton(u8),
    Int(&'a IBig),
    Float(u64),
    Complex(u64, u64),
    /// A string, and whether it is interned.
    Str(&'a [u8], bool),
    Bytes(&'a [u8]),
    /// Bytes that are an object of their own, equal ones or not: the code object and which part.
    OwnBytes(*const CodeObject, &'a [u8]),
    /// The kinds of a code object's variables.
    Kinds(*const CodeObject),
    Tuple(Vec<u32>),
    /// A tuple that is an object of its own.
    OwnTuple(*const CodeObject, Vec<u32>),
    FrozenSet(Vec<u32>),
    Slice([u32; 3]),
    Code(*const CodeObject),
}

#[derive(Default)]
struct Graph<'a> {
    nodes: Vec<Node<'a>>,
    index: HashMap<Node<'a>, u32>,
    /// How many holders each node has.
    holders: Vec<u32>,
    interned: HashSet<&'a [u8]>,
    codes: HashMap<u32, Box<CodeParts<u32>>>,
    slices: HashMap<&'a Constant, u32>,
    kinds_of: HashMap<*const CodeObject, &'a [VariableKind]>,
}

impl<'a> Graph<'a> {
    fn check_depth(depth: usize) -> Result<(), WriteError> {
        // The walk over constants takes more stack a level than the one over bytes.
        if depth > super::MAX_DEPTH / 4 { Err(WriteError::TooDeep) } else { Ok(()) }
    }

    /// The qualified names that are also constants of their own code object, as in class bodies: one object.
    fn collect_interned(&mut self, constant: &'a Constant, depth: usize) -> Result<(), WriteError> {
        Self::check_depth(depth)?;
        if let Constant::Code(code) = constant {
            let is_class = !code.flags.contains(CodeFlags::OPTIMIZED);
            for item in &code.consts {
                match item {
                    Constant::Str(text) if is_class && *text == code.qualname => {
                        self.interned.insert(text.as_bytes());
                    }
                    Constant::Code(_) => self.collect_interned(item, depth + 1)?,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Constants are interned if they look like identifiers.
    fn is_interned(&self, text: &Text) -> bool {
        text.is_identifier_like() || is_one_latin_character(text.as_bytes()) || self.interned.contains(text.as_bytes())
    }

    fn name(&mut self, text: &'a Text) -> u32 {
        self.node(Node::Str(text.as_bytes(), true))
    }

    fn node(&mut self, node: Node<'a>) -> u32 {
        if let Some(&id) = self.index.get(&node) {
            self.holders[id as usize] += 1;
            return id;
        }
        let id = self.push(node.clone());
        self.index.insert(node, id);
        id
    }

    /// Adds an object that is not merged with equal ones.
    fn push(&mut self, node: Node<'a>) -> u32 {
        self.nodes.push(node);
        self.holders.push(1);
        self.nodes.len() as u32 - 1
    }

    /// Adds an object made of parts that were just added: if it was there already, its parts have one holder less.
    fn compound(&mut self, node: Node<'a>) -> u32 {
        let known = self.index.contains_key(&node);
        if known {
            let children: &[u32] = match &node {
                Node::Tuple(items) | Node::FrozenSet(items) => items,
                Node::Slice(parts) => parts,
                _ => &[],
            };
            for &child in children {
                self.holders[child as usize] -= 1;
            }
        }
        self.node(node)
    }

    fn constant(&mut self, constant: &'a Constant, depth: usize) -> Result<u32, WriteError> {
        Self::check_depth(depth)?;
        Ok(match constant {
            Constant::None => self.node(Node::Singleton(0)),
            Constant::True => self.node(Node::Singleton(1)),
            Constant::False => self.node(Node::Singleton(2)),
            Constant::Ellipsis => self.node(Node::Singleton(3)),
            Constant::Int(value) => self.node(Node::Int(value)),
            Constant::Float(value) if value.is_nan() => self.push(Node::Float(value.to_bits())),
            Constant::Float(value) => self.node(Node::Float(value.to_bits())),
            Constant::Complex(real, imag) if real.is_nan() || imag.is_nan() => {
                self.push(Node::Complex(real.to_bits(), imag.to_bits()))
            }
            Constant::Complex(real, imag) => self.node(Node::Complex(real.to_bits(), imag.to_bits())),
            Constant::Str(text) => {
                let interned = self.is_interned(text);
                self.node(Node::Str(text.as_bytes(), interned))
            }
            Constant::Bytes(bytes) => self.node(Node::Bytes(bytes)),
            Constant::Tuple(items) => {
                let items = self.constants(items, depth)?;
                self.compound(Node::Tuple(items))
            }
            Constant::FrozenSet(items) => {
                let mut items = self.constants(items, depth)?;
                items.sort_unstable();
                let renewed = items.iter().any(|&item| matches!(self.nodes[item as usize], Node::Str(_, true)));
                // Interning the items of a set makes a new set of them, in every code object anew.
                if renewed { self.push(Node::FrozenSet(items)) } else { self.compound(Node::FrozenSet(items)) }
            }
            Constant::Slice(parts) => {
                let [start, stop, step] = &**parts;
                if let Some(&id) = self.slices.get(constant) {
                    self.holders[id as usize] += 1;
                    return Ok(id);
                }
                let parts =
                    [self.slice_part(start, depth)?, self.slice_part(stop, depth)?, self.slice_part(step, depth)?];
                let id = self.push(Node::Slice(parts));
                self.slices.insert(constant, id);
                id
            }
            Constant::Code(code) => self.code(code, depth)?,
        })
    }

    /// The parts of slices are not merged with other constants.
    fn slice_part(&mut self, part: &'a Constant, depth: usize) -> Result<u32, WriteError> {
        match part {
            Constant::Int(value) if !is_small(value) => Ok(self.push(Node::Int(value))),
            _ => self.constant(part, depth + 1),
        }
    }

    fn constants(&mut self, items: &'a [Constant], depth: usize) -> Result<Vec<u32>, WriteError> {
        items.iter().map(|item| self.constant(item, depth + 1)).collect()
    }

    fn names(&mut self, names: &'a [Text]) -> u32 {
        let items = names.iter().map(|name| self.name(name)).collect();
        self.compound(Node::Tuple(items))
    }

    fn code(&mut self, code: &'a Rc<CodeObject>, depth: usize) -> Result<u32, WriteError> {
        let address = Rc::as_ptr(code);
        if let Some(&id) = self.index.get(&Node::Code(address)) {
            self.holders[id as usize] += 1;
            return Ok(id);
        }
        let consts = self.constants(&code.consts, depth)?;
        let parts = CodeParts {
            argcount: code.argcount as i32,
            posonlyargcount: code.posonlyargcount as i32,
            kwonlyargcount: code.kwonlyargcount as i32,
            stacksize: code.stacksize as i32,
            flags: code.flags.0 as i32,
            code: self.node(Node::OwnBytes(address, &code.code)),
            consts: self.compound(Node::Tuple(consts)),
            names: self.names(&code.names),
            localsplusnames: self.variable_names(code),
            localspluskinds: self.kinds(code),
            filename: self.name(&code.filename),
            name: self.name(&code.name),
            qualname: self.name(&code.qualname),
            firstlineno: code.firstlineno,
            linetable: self.node(Node::Bytes(&code.linetable)),
            exceptiontable: self.node(Node::Bytes(&code.exceptiontable)),
        };
        let id = self.node(Node::Code(address));
        self.codes.insert(id, Box::new(parts));
        Ok(id)
    }

    fn kinds(&mut self, code: &'a CodeObject) -> u32 {
        if code.localspluskinds.is_empty() {
            return self.node(Node::Bytes(&[]));
        }
        self.kinds_of.insert(code, &code.localspluskinds);
        self.node(Node::Kinds(code))
    }

    /// The names of variables are merged with equal tuples, but for those of a scope of annotations, whose parameter
    /// is renamed after the merging.
    fn variable_names(&mut self, code: &'a CodeObject) -> u32 {
        let items: Vec<u32> = code.localsplusnames.iter().map(|name| self.name(name)).collect();
        if code.name == "__annotate__" && code.localsplusnames.first().is_some_and(|name| *name == "format") {
            self.node(Node::OwnTuple(code, items))
        } else {
            self.compound(Node::Tuple(items))
        }
    }
}

/// Integers that exist once in every process.
fn is_small(value: &IBig) -> bool {
    i64::try_from(value).is_ok_and(|value| (-5..=256).contains(&value))
}

/// The empty string and single characters below U+0100 exist once, interned, in every process.
fn is_one_latin_character(utf8: &[u8]) -> bool {
    match utf8 {
        [] | [_] => true,
        [first, _] => matches!(first, 0xc2 | 0xc3),
        _ => false,
    }
}

impl Source for Graph<'_> {
    type Value = u32;

    fn view<'b>(&'b self, value: &u32) -> View<'b, u32> {
        match &self.nodes[*value as usize] {
            Node::Singleton(which) => View::Singleton(match which {
                0 => Singleton::None,
                1 => Singleton::True,
                2 => Singleton::False,
                _ => Singleton::Ellipsis,
            }),
            Node::Int(value) => match i64::try_from(*value) {
                Ok(small) => View::Int(small),
                Err(_) => View::BigInt(Cow::Borrowed(value)),
            },
            Node::Float(bits) => View::Float(f64::from_bits(*bits)),
            Node::Complex(real, imag) => View::Complex(f64::from_bits(*real), f64::from_bits(*imag)),
            Node::Str(utf8, interned) => View::Str(Cow::Borrowed(utf8), *interned),
            Node::Bytes(bytes) | Node::OwnBytes(_, bytes) => View::Bytes(Cow::Borrowed(bytes)),
            Node::Kinds(address) => match self.kinds_of.get(address) {
                Some(kinds) => View::Bytes(Cow::Owned(VariableKind::to_bytes(kinds))),
                None => View::Unmarshallable,
            },
            Node::Tuple(items) | Node::OwnTuple(_, items) => View::Tuple(items.clone()),
            Node::FrozenSet(items) => View::FrozenSet(items.clone()),
            Node::Slice(parts) => View::Slice(*parts),
            Node::Code(_) => match self.codes.get(value) {
                Some(parts) => View::Code(parts.clone()),
                None => View::Unmarshallable,
            },
        }
    }

    fn identity(&self, value: &u32) -> usize {
        *value as usize
    }

    fn is_shared(&self, value: &u32) -> bool {
        if self.holders[*value as usize] > 1 {
            return true;
        }
        match &self.nodes[*value as usize] {
            // These exist before any program starts.
            Node::Int(value) => is_small(value),
            Node::Str(_, interned) => *interned,
            Node::Bytes(bytes) => bytes.len() <= 1,
            Node::Tuple(items) => items.is_empty(),
            _ => false,
        }
    }
}

/// Makes constants; what no constant can be is refused.
struct PlainSink;

const NOT_CONSTANT: ReadError =
    ReadError { kind: ReadErrorKind::Type, message: "bad marshal data (not a constant of a code object)" };
const BAD_CODE: ReadError = ReadError { kind: ReadErrorKind::Type, message: "bad marshal data (code object)" };

impl PlainSink {
    fn text(value: Constant) -> Result<Text, ReadError> {
        match value {
            Constant::Str(text) => Ok(text),
            _ => Err(BAD_CODE),
        }
    }

    fn bytes(value: Constant) -> Result<Vec<u8>, ReadError> {
        match value {
            Constant::Bytes(bytes) => Ok(bytes.to_vec()),
            _ => Err(BAD_CODE),
        }
    }

    fn texts(value: Constant) -> Result<Vec<Text>, ReadError> {
        match value {
            Constant::Tuple(items) => items.iter().cloned().map(PlainSink::text).collect(),
            _ => Err(BAD_CODE),
        }
    }

    fn count(value: i32) -> Result<u32, ReadError> {
        u32::try_from(value).map_err(|_| BAD_CODE)
    }
}

impl Sink for PlainSink {
    type Value = Constant;
    type Error = ReadError;

    fn singleton(&mut self, which: Singleton) -> Result<Constant, ReadError> {
        match which {
            Singleton::None => Ok(Constant::None),
            Singleton::True => Ok(Constant::True),
            Singleton::False => Ok(Constant::False),
            Singleton::Ellipsis => Ok(Constant::Ellipsis),
            Singleton::StopIteration => Err(NOT_CONSTANT),
        }
    }

    fn int(&mut self, value: i64) -> Result<Constant, ReadError> {
        Ok(Constant::int(value))
    }

    fn big_int(&mut self, value: IBig) -> Result<Constant, ReadError> {
        Ok(Constant::Int(value))
    }

    fn float(&mut self, value: f64) -> Result<Constant, ReadError> {
        Ok(Constant::Float(value))
    }

    fn complex(&mut self, real: f64, imag: f64) -> Result<Constant, ReadError> {
        Ok(Constant::Complex(real, imag))
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<Constant, ReadError> {
        Ok(Constant::Bytes(bytes.into()))
    }

    fn str(&mut self, utf8: &[u8], _interned: bool) -> Result<Constant, ReadError> {
        Text::from_bytes(utf8).map(Constant::Str).ok_or(NOT_CONSTANT)
    }

    fn tuple(&mut self, items: Vec<Constant>) -> Result<Constant, ReadError> {
        Ok(Constant::Tuple(items.into()))
    }

    fn frozen_set(&mut self, items: Vec<Constant>) -> Result<Constant, ReadError> {
        let mut seen = HashSet::new();
        let distinct: Vec<bool> = items.iter().map(|item| seen.insert(item) || item.has_nan()).collect();
        let items = items.iter().zip(distinct).filter(|(_, new)| *new).map(|(item, _)| item.clone()).collect();
        Ok(Constant::FrozenSet(items))
    }

    fn slice(&mut self, parts: [Constant; 3]) -> Result<Constant, ReadError> {
        Ok(Constant::Slice(Rc::new(parts)))
    }

    fn code(&mut self, parts: CodeParts<Constant>) -> Result<Constant, ReadError> {
        let consts = match parts.consts {
            Constant::Tuple(items) => items.to_vec(),
            _ => return Err(BAD_CODE),
        };
        let code = CodeObject {
            argcount: PlainSink::count(parts.argcount)?,
            posonlyargcount: PlainSink::count(parts.posonlyargcount)?,
            kwonlyargcount: PlainSink::count(parts.kwonlyargcount)?,
            stacksize: PlainSink::count(parts.stacksize)?,
            flags: CodeFlags(PlainSink::count(parts.flags)?),
            code: PlainSink::bytes(parts.code)?.into(),
            consts,
            names: PlainSink::texts(parts.names)?,
            localsplusnames: PlainSink::texts(parts.localsplusnames)?,
            localspluskinds: PlainSink::bytes(parts.localspluskinds)?.into_iter().map(VariableKind).collect(),
            filename: PlainSink::text(parts.filename)?,
            name: PlainSink::text(parts.name)?,
            qualname: PlainSink::text(parts.qualname)?,
            firstlineno: parts.firstlineno,
            linetable: PlainSink::bytes(parts.linetable)?.into(),
            exceptiontable: PlainSink::bytes(parts.exceptiontable)?.into(),
        };
        if code.localsplusnames.len() != code.localspluskinds.len() || !code.code.len().is_multiple_of(2) {
            return Err(BAD_CODE);
        }
        Ok(Constant::Code(Rc::new(code)))
    }

    fn unfilled_tuple(&mut self, _size: usize) -> Result<Constant, ReadError> {
        Err(NOT_CONSTANT)
    }

    fn fill_tuple(&mut self, _tuple: &Constant, _items: Vec<Constant>) -> Result<(), ReadError> {
        Err(NOT_CONSTANT)
    }

    fn new_list(&mut self) -> Result<Constant, ReadError> {
        Err(NOT_CONSTANT)
    }

    fn list_push(&mut self, _list: &Constant, _item: Constant) -> Result<(), ReadError> {
        Err(NOT_CONSTANT)
    }

    fn new_dict(&mut self) -> Result<Constant, ReadError> {
        Err(NOT_CONSTANT)
    }

    fn dict_insert(&mut self, _dict: &Constant, _key: Constant, _value: Constant) -> Result<(), ReadError> {
        Err(NOT_CONSTANT)
    }

    fn new_set(&mut self) -> Result<Constant, ReadError> {
        Err(NOT_CONSTANT)
    }

    fn set_add(&mut self, _set: &Constant, _item: Constant) -> Result<(), ReadError> {
        Err(NOT_CONSTANT)
    }
}
