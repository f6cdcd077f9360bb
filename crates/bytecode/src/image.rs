//! The form in which the library's code is embedded: read where it lies, one code object at a time.
//!
//! ```text
//! image:  root (u32) | strings (u32) | an end for each string (u32 ...) | the strings' bytes | records
//! record: counts, flags, line, name, qualified name | bytecode | line table | handlers | names | variables | constants
//! ```
//! Numbers in records are of variable length, strings are named by their index. A code object among the constants is a
//! record in its place, behind its length: whoever reads the outer one goes past it and may come back later. The file's
//! name is the same for all code of a module, and the first string.

use std::borrow::Cow;
use std::collections::HashMap;

use dashu_int::{IBig, Sign, UBig};

use crate::code::{CodeFlags, CodeObject, VariableKind};
use crate::constant::Constant;
use crate::text::Text;

/// The kinds of constants.
mod tag {
    pub const NONE: u8 = 0;
    pub const TRUE: u8 = 1;
    pub const FALSE: u8 = 2;
    pub const ELLIPSIS: u8 = 3;
    pub const INT: u8 = 4;
    pub const BIG_INT: u8 = 5;
    pub const FLOAT: u8 = 6;
    pub const COMPLEX: u8 = 7;
    pub const STR: u8 = 8;
    pub const BYTES: u8 = 9;
    pub const TUPLE: u8 = 10;
    pub const FROZEN_SET: u8 = 11;
    pub const SLICE: u8 = 12;
    pub const CODE: u8 = 13;
}

/// The image of a module's code object.
pub fn write(code: &CodeObject) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.string(&code.filename);
    writer.record(code);
    let mut image = Vec::new();
    let mut push = |number: usize| image.extend((number as u32).to_le_bytes());
    let strings: usize = writer.strings.iter().map(|text| text.len()).sum();
    push(8 + 4 * writer.strings.len() + strings);
    push(writer.strings.len());
    let mut end = 0;
    for text in &writer.strings {
        end += text.len();
        push(end);
    }
    writer.strings.iter().for_each(|text| image.extend(*text));
    image.extend(writer.out);
    image
}

#[derive(Default)]
struct Writer<'a> {
    out: Vec<u8>,
    strings: Vec<&'a [u8]>,
    index: HashMap<&'a [u8], usize>,
}

impl<'a> Writer<'a> {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.out.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.out.push(number as u8);
    }

    fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63) as u64);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.out.extend(bytes);
    }

    fn string(&mut self, text: &'a Text) -> usize {
        let bytes = text.as_bytes();
        let fresh = self.strings.len();
        let index = *self.index.entry(bytes).or_insert(fresh);
        if index == fresh {
            self.strings.push(bytes);
        }
        index
    }

    fn text(&mut self, text: &'a Text) {
        let index = self.string(text);
        self.number(index as u64);
    }

    fn texts(&mut self, texts: &'a [Text]) {
        self.number(texts.len() as u64);
        texts.iter().for_each(|text| self.text(text));
    }

    fn record(&mut self, code: &'a CodeObject) {
        for count in [code.argcount, code.posonlyargcount, code.kwonlyargcount, code.stacksize, code.flags.0] {
            self.number(count.into());
        }
        self.signed(code.firstlineno.into());
        self.text(&code.name);
        self.text(&code.qualname);
        self.bytes(&code.code);
        self.bytes(&code.linetable);
        self.bytes(&code.exceptiontable);
        self.texts(&code.names);
        self.texts(&code.localsplusnames);
        self.out.extend(code.localspluskinds.iter().map(|kind| kind.0));
        self.constants(&code.consts);
    }

    fn constants(&mut self, constants: &'a [Constant]) {
        self.number(constants.len() as u64);
        constants.iter().for_each(|constant| self.constant(constant));
    }

    fn constant(&mut self, constant: &'a Constant) {
        match constant {
            Constant::None => self.out.push(tag::NONE),
            Constant::True => self.out.push(tag::TRUE),
            Constant::False => self.out.push(tag::FALSE),
            Constant::Ellipsis => self.out.push(tag::ELLIPSIS),
            Constant::Int(value) => match i64::try_from(value) {
                Ok(value) => {
                    self.out.push(tag::INT);
                    self.signed(value);
                }
                Err(_) => {
                    self.out.push(tag::BIG_INT);
                    let (sign, magnitude) = value.clone().into_parts();
                    self.out.push(u8::from(sign == Sign::Negative));
                    self.bytes(&magnitude.to_le_bytes());
                }
            },
            Constant::Float(value) => {
                self.out.push(tag::FLOAT);
                self.out.extend(value.to_le_bytes());
            }
            Constant::Complex(real, imag) => {
                self.out.push(tag::COMPLEX);
                self.out.extend(real.to_le_bytes());
                self.out.extend(imag.to_le_bytes());
            }
            Constant::Str(text) => {
                self.out.push(tag::STR);
                self.text(text);
            }
            Constant::Bytes(bytes) => {
                self.out.push(tag::BYTES);
                self.bytes(bytes);
            }
            Constant::Tuple(items) => {
                self.out.push(tag::TUPLE);
                self.constants(items);
            }
            Constant::FrozenSet(items) => {
                self.out.push(tag::FROZEN_SET);
                self.constants(items);
            }
            Constant::Slice(parts) => {
                self.out.push(tag::SLICE);
                parts.iter().for_each(|part| self.constant(part));
            }
            Constant::Code(code) => {
                self.out.push(tag::CODE);
                // The length is written in front afterwards.
                let start = self.out.len();
                self.record(code);
                let record = self.out.split_off(start);
                self.bytes(&record);
            }
        }
    }
}

/// A code object in an image.
#[derive(Clone, Copy)]
pub struct ImageCode {
    image: &'static [u8],
    at: usize,
}

/// What is known of a code object without reading all of it.
pub struct Head {
    /// `co_flags`.
    pub flags: CodeFlags,
    /// Its name.
    pub name: Text,
    /// Its dotted name.
    pub qualname: Text,
}

/// A constant of an image.
pub enum ImageConstant {
    /// A value.
    Plain(Constant),
    /// A code object that has not been read.
    Code(ImageCode),
}

/// A code object that has been read.
pub struct Loaded {
    /// All but the constants. Of those it has only the integers; in the place of others stands `None`.
    pub data: CodeObject,
    /// The constants.
    pub constants: Vec<ImageConstant>,
}

impl ImageCode {
    /// The code object of a module's image.
    pub fn root(image: &'static [u8]) -> Option<ImageCode> {
        let at = u32::from_le_bytes(*image.first_chunk::<4>()?) as usize;
        Some(ImageCode { image, at })
    }

    /// The name of the file that the module came from.
    pub fn filename(self) -> Option<Text> {
        self.reader().string(0)
    }

    /// What stands in front.
    pub fn head(self) -> Option<Head> {
        let mut reader = self.reader();
        for _ in 0..4 {
            reader.number()?;
        }
        let flags = CodeFlags(reader.number()? as u32);
        reader.number()?;
        Some(Head { flags, name: reader.text()?, qualname: reader.text()? })
    }

    fn reader(self) -> Reader {
        Reader { image: self.image, at: self.at }
    }

    /// All of it; nothing where the image is damaged.
    pub fn load(self) -> Option<Loaded> {
        let mut reader = self.reader();
        let mut counts = [0; 5];
        for count in &mut counts {
            *count = u32::try_from(reader.number()?).ok()?;
        }
        let [argcount, posonlyargcount, kwonlyargcount, stacksize, flags] = counts;
        let mut data = CodeObject {
            argcount,
            posonlyargcount,
            kwonlyargcount,
            stacksize,
            flags: CodeFlags(flags),
            filename: reader.string(0)?,
            firstlineno: i32::try_from(reader.signed()?).ok()?,
            name: reader.text()?,
            qualname: reader.text()?,
            code: Cow::Borrowed(reader.bytes()?),
            linetable: Cow::Borrowed(reader.bytes()?),
            exceptiontable: Cow::Borrowed(reader.bytes()?),
            names: reader.texts()?,
            localsplusnames: reader.texts()?,
            localspluskinds: Vec::new(),
            consts: Vec::new(),
        };
        data.localspluskinds =
            reader.take(data.localsplusnames.len())?.iter().map(|kind| VariableKind(*kind)).collect();
        let count = reader.count()?;
        let mut constants = Vec::with_capacity(count);
        data.consts.reserve_exact(count);
        for _ in 0..count {
            let constant = reader.constant(0)?;
            data.consts.push(match &constant {
                ImageConstant::Plain(Constant::Int(value)) => Constant::Int(value.clone()),
                _ => Constant::None,
            });
            constants.push(constant);
        }
        Some(Loaded { data, constants })
    }
}

/// How deep constants may nest.
const MOST_NESTED: usize = 200;

struct Reader {
    image: &'static [u8],
    at: usize,
}

impl Reader {
    fn take(&mut self, count: usize) -> Option<&'static [u8]> {
        let end = self.at.checked_add(count)?;
        let bytes = self.image.get(self.at..end)?;
        self.at = end;
        Some(bytes)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = *self.image.get(self.at)?;
            self.at += 1;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// A number of things that take at least a byte each.
    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|count| *count <= self.image.len() - self.at)
    }

    fn bytes(&mut self) -> Option<&'static [u8]> {
        let count = self.count()?;
        self.take(count)
    }

    fn text(&mut self) -> Option<Text> {
        let index = usize::try_from(self.number()?).ok()?;
        self.string(index)
    }

    fn string(&self, index: usize) -> Option<Text> {
        let word = |at: usize| -> Option<usize> {
            Some(u32::from_le_bytes(*self.image.get(at..)?.first_chunk::<4>()?) as usize)
        };
        let count = word(4)?;
        if index >= count {
            return None;
        }
        let start = if index == 0 { 0 } else { word(4 + 4 * index)? };
        let base = 8 + 4 * count;
        Some(Text::from_static(self.image.get(base + start..base + word(8 + 4 * index)?)?))
    }

    fn texts(&mut self) -> Option<Vec<Text>> {
        let count = self.count()?;
        (0..count).map(|_| self.text()).collect()
    }

    fn double(&mut self) -> Option<f64> {
        Some(f64::from_le_bytes(*self.take(8)?.first_chunk::<8>()?))
    }

    fn constant(&mut self, depth: usize) -> Option<ImageConstant> {
        let tag = self.take(1)?[0];
        if tag == tag::CODE {
            let length = self.count()?;
            let code = ImageCode { image: self.image, at: self.at };
            self.take(length)?;
            return Some(ImageConstant::Code(code));
        }
        self.plain(tag, depth).map(ImageConstant::Plain)
    }

    fn plain(&mut self, tag: u8, depth: usize) -> Option<Constant> {
        if depth > MOST_NESTED {
            return None;
        }
        Some(match tag {
            tag::NONE => Constant::None,
            tag::TRUE => Constant::True,
            tag::FALSE => Constant::False,
            tag::ELLIPSIS => Constant::Ellipsis,
            tag::INT => Constant::int(self.signed()?),
            tag::BIG_INT => {
                let sign = if self.take(1)?[0] == 0 { Sign::Positive } else { Sign::Negative };
                Constant::Int(IBig::from_parts(sign, UBig::from_le_bytes(self.bytes()?)))
            }
            tag::FLOAT => Constant::Float(self.double()?),
            tag::COMPLEX => Constant::Complex(self.double()?, self.double()?),
            tag::STR => Constant::Str(self.text()?),
            tag::BYTES => Constant::Bytes(self.bytes()?.into()),
            tag::TUPLE => Constant::Tuple(self.items(depth)?.into()),
            tag::FROZEN_SET => Constant::FrozenSet(self.items(depth)?.into()),
            tag::SLICE => {
                let mut part = || {
                    let tag = self.take(1)?[0];
                    self.plain(tag, depth + 1)
                };
                Constant::Slice([part()?, part()?, part()?].into())
            }
            _ => return None,
        })
    }

    fn items(&mut self, depth: usize) -> Option<Vec<Constant>> {
        let count = self.count()?;
        (0..count)
            .map(|_| {
                let tag = self.take(1)?[0];
                self.plain(tag, depth + 1)
            })
            .collect()
    }
}
