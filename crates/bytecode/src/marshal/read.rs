//! Reading values in the marshal format.

use dashu_int::{IBig, UBig};

use super::{CodeParts, MAX_DEPTH, ReadError, ReadErrorKind, STACK_BUDGET, Singleton, Sink, StackLimit, tag};
use crate::text;

/// Where the bytes come from.
pub trait Input<E> {
    /// The next `count` bytes; too few are an error.
    ///
    /// # Errors
    /// [`TOO_SHORT`], or whatever reading raises.
    fn take(&mut self, count: usize) -> Result<&[u8], E>;

    /// The byte that says what follows; that there is none is an error of its own, [`NO_OBJECT`].
    ///
    /// # Errors
    /// [`NO_OBJECT`], or whatever reading raises.
    fn tag(&mut self) -> Result<u8, E>;

    /// How many bytes there can still be at most, to limit what is reserved for them.
    fn limit(&self) -> usize;
}

/// Bytes that are all there.
pub struct Slice<'d> {
    data: &'d [u8],
    at: usize,
}

impl<E: From<ReadError>> Input<E> for Slice<'_> {
    fn take(&mut self, count: usize) -> Result<&[u8], E> {
        let end = self.at.checked_add(count).ok_or(TOO_SHORT)?;
        let bytes = self.data.get(self.at..end).ok_or(TOO_SHORT)?;
        self.at = end;
        Ok(bytes)
    }

    fn tag(&mut self) -> Result<u8, E> {
        let byte = *self.data.get(self.at).ok_or(NO_OBJECT)?;
        self.at += 1;
        Ok(byte)
    }

    fn limit(&self) -> usize {
        self.data.len() - self.at
    }
}

/// Reads one value; gives it and how many bytes it took.
pub fn load<S: Sink>(sink: &mut S, data: &[u8], allow_code: bool) -> Result<(S::Value, usize), S::Error> {
    load_within(sink, data, allow_code, STACK_BUDGET)
}

/// As [`load`], with so many bytes of native stack.
pub fn load_within<S: Sink>(
    sink: &mut S,
    data: &[u8],
    allow_code: bool,
    stack_budget: usize,
) -> Result<(S::Value, usize), S::Error> {
    let mut input = Slice { data, at: 0 };
    let value = load_from(sink, &mut input, allow_code, stack_budget)?;
    Ok((value, input.at))
}

/// Reads one value from an input, and takes no more bytes from it than the value has.
///
/// # Errors
/// What the sink or the input raises, and bad data.
pub fn load_from<S: Sink, I: Input<S::Error>>(
    sink: &mut S,
    input: &mut I,
    allow_code: bool,
    stack_budget: usize,
) -> Result<S::Value, S::Error> {
    let stack = StackLimit::after(stack_budget);
    let mut reader = Reader { sink, input, allow_code, references: Vec::new(), depth: 0, stack };
    reader.object("NULL object in marshal data for object")
}

const fn value_error(message: &'static str) -> ReadError {
    ReadError { kind: ReadErrorKind::Value, message }
}

/// Nothing where a value should begin.
pub const NO_OBJECT: ReadError = ReadError { kind: ReadErrorKind::Eof, message: "EOF read where object expected" };
/// Fewer bytes than a value takes.
pub const TOO_SHORT: ReadError = ReadError { kind: ReadErrorKind::Eof, message: "marshal data too short" };

/// A value that can be referred to.
enum Reference<V> {
    /// It is not complete.
    Open,
    /// A tuple of so many items is being read.
    Tuple(usize),
    /// It is there. A tuple may still be without its items.
    There(V),
}

struct Reader<'s, S: Sink, I> {
    sink: &'s mut S,
    input: &'s mut I,
    allow_code: bool,
    /// The values that can be referred to.
    references: Vec<Reference<S::Value>>,
    depth: usize,
    stack: StackLimit,
}

impl<S: Sink, I: Input<S::Error>> Reader<'_, S, I> {
    fn byte(&mut self) -> Result<u8, S::Error> {
        Ok(self.input.take(1)?.first().copied().unwrap_or_default())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], S::Error> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.input.take(N)?);
        Ok(bytes)
    }

    fn long(&mut self) -> Result<i32, S::Error> {
        self.array().map(i32::from_le_bytes)
    }

    fn size(&mut self, message: &'static str) -> Result<usize, S::Error> {
        usize::try_from(self.long()?).map_err(|_| value_error(message).into())
    }

    fn double(&mut self) -> Result<f64, S::Error> {
        self.array().map(f64::from_le_bytes)
    }

    fn text_float(&mut self) -> Result<f64, S::Error> {
        let size = usize::from(self.byte()?);
        let bytes = self.input.take(size)?;
        let number = std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok());
        number.ok_or_else(|| value_error("could not convert string to float").into())
    }

    /// A value; the message is for the absent value, which ends a dict and is an error elsewhere.
    fn object(&mut self, absent: &'static str) -> Result<S::Value, S::Error> {
        match self.optional()? {
            Some(value) => Ok(value),
            None => Err(ReadError { kind: ReadErrorKind::Type, message: absent }.into()),
        }
    }

    fn optional(&mut self) -> Result<Option<S::Value>, S::Error> {
        let code = self.input.tag()?;
        self.depth += 1;
        if self.depth > MAX_DEPTH || self.stack.is_passed() {
            return Err(value_error("recursion limit exceeded").into());
        }
        let result = self.tagged(code & !tag::FLAG_REF, code & tag::FLAG_REF != 0);
        self.depth -= 1;
        result
    }

    fn tagged(&mut self, code: u8, flagged: bool) -> Result<Option<S::Value>, S::Error> {
        let singleton = match code {
            tag::NULL => return Ok(None),
            tag::NONE => Some(Singleton::None),
            tag::FALSE => Some(Singleton::False),
            tag::TRUE => Some(Singleton::True),
            tag::ELLIPSIS => Some(Singleton::Ellipsis),
            tag::STOP_ITERATION => Some(Singleton::StopIteration),
            _ => None,
        };
        if let Some(which) = singleton {
            return self.sink.singleton(which).map(Some);
        }
        if code == tag::REF {
            return self.referred().map(Some);
        }
        let slot = flagged.then(|| {
            self.references.push(Reference::Open);
            self.references.len() - 1
        });
        let value = match code {
            tag::LIST | tag::DICT | tag::SET => self.mutable(code, slot)?,
            tag::CODE => self.code()?,
            tag::TUPLE | tag::SMALL_TUPLE | tag::FROZEN_SET | tag::SLICE => self.compound(code, slot)?,
            _ => self.leaf(code)?,
        };
        if let Some(slot) = slot {
            self.references[slot] = Reference::There(value.clone());
        }
        Ok(Some(value))
    }

    #[inline(never)]
    fn leaf(&mut self, code: u8) -> Result<S::Value, S::Error> {
        match code {
            tag::INT => {
                let value = self.long()?;
                self.sink.int(i64::from(value))
            }
            tag::INT64 => {
                let value = self.array().map(i64::from_le_bytes)?;
                self.sink.int(value)
            }
            tag::LONG => self.big_int(),
            tag::FLOAT => {
                let value = self.text_float()?;
                self.sink.float(value)
            }
            tag::BINARY_FLOAT => {
                let value = self.double()?;
                self.sink.float(value)
            }
            tag::COMPLEX => {
                let (real, imag) = (self.text_float()?, self.text_float()?);
                self.sink.complex(real, imag)
            }
            tag::BINARY_COMPLEX => {
                let (real, imag) = (self.double()?, self.double()?);
                self.sink.complex(real, imag)
            }
            tag::STRING => {
                let size = self.size("bad marshal data (bytes object size out of range)")?;
                let bytes = self.input.take(size)?;
                self.sink.bytes(bytes)
            }
            tag::SHORT_ASCII | tag::SHORT_ASCII_INTERNED | tag::ASCII | tag::ASCII_INTERNED => {
                let size = if matches!(code, tag::SHORT_ASCII | tag::SHORT_ASCII_INTERNED) {
                    usize::from(self.byte()?)
                } else {
                    self.size("bad marshal data (string size out of range)")?
                };
                let bytes = self.input.take(size)?;
                let interned = matches!(code, tag::SHORT_ASCII_INTERNED | tag::ASCII_INTERNED);
                if bytes.is_ascii() {
                    self.sink.str(bytes, interned)
                } else {
                    let latin: String = bytes.iter().map(|&byte| char::from(byte)).collect();
                    self.sink.str(latin.as_bytes(), interned)
                }
            }
            tag::UNICODE | tag::INTERNED => {
                let size = self.size("bad marshal data (string size out of range)")?;
                let bytes = self.input.take(size)?;
                if !text::is_valid(bytes) {
                    return Err(ReadError {
                        kind: ReadErrorKind::Unicode,
                        message: "bad marshal data (invalid UTF-8 in string)",
                    }
                    .into());
                }
                self.sink.str(bytes, code == tag::INTERNED)
            }
            _ => Err(value_error("bad marshal data (unknown type code)").into()),
        }
    }

    fn big_int(&mut self) -> Result<S::Value, S::Error> {
        let size = self.long()?;
        if size == i32::MIN {
            return Err(value_error("bad marshal data (long size out of range)").into());
        }
        let count = size.unsigned_abs() as usize;
        let mut bytes = Vec::with_capacity(count.min(self.input.limit()) * 2 + 8);
        let (mut pending, mut bits) = (0u32, 0);
        for index in 0..count {
            let digit = self.array().map(u16::from_le_bytes)?;
            if digit > 0x7fff {
                return Err(value_error("bad marshal data (digit out of range in long)").into());
            }
            if digit == 0 && index + 1 == count {
                return Err(value_error("bad marshal data (unnormalized long data)").into());
            }
            pending |= u32::from(digit) << bits;
            bits += 15;
            while bits >= 8 {
                bytes.push(pending as u8);
                pending >>= 8;
                bits -= 8;
            }
        }
        bytes.push(pending as u8);
        let magnitude = IBig::from(UBig::from_le_bytes(&bytes));
        let value = if size < 0 { -magnitude } else { magnitude };
        match i64::try_from(&value) {
            Ok(small) => self.sink.int(small),
            Err(_) => self.sink.big_int(value),
        }
    }

    fn items(&mut self, count: usize, absent: &'static str) -> Result<Vec<S::Value>, S::Error> {
        // Every item takes a byte at least.
        let mut items = Vec::with_capacity(count.min(self.input.limit()));
        for _ in 0..count {
            items.push(self.object(absent)?);
        }
        Ok(items)
    }

    fn referred(&mut self) -> Result<S::Value, S::Error> {
        let number = self.long()?;
        let found = usize::try_from(number).ok().and_then(|number| self.references.get_mut(number));
        match found {
            Some(Reference::There(value)) => Ok(value.clone()),
            Some(reference @ Reference::Tuple(_)) => {
                let Reference::Tuple(size) = *reference else { return Err(TOO_SHORT.into()) };
                // Every item takes a byte at least.
                if size > self.input.limit().saturating_add(size.min(256)) {
                    return Err(TOO_SHORT.into());
                }
                let tuple = self.sink.unfilled_tuple(size)?;
                *reference = Reference::There(tuple.clone());
                Ok(tuple)
            }
            _ => Err(value_error("bad marshal data (invalid reference)").into()),
        }
    }

    fn tuple(&mut self, count: usize, slot: Option<usize>) -> Result<S::Value, S::Error> {
        const TUPLE: &str = "NULL object in marshal data for tuple";
        if let Some(slot) = slot.filter(|_| count > 0) {
            self.references[slot] = Reference::Tuple(count);
        }
        let items = self.items(count, TUPLE)?;
        if let Some(slot) = slot
            && let Reference::There(tuple) = &self.references[slot]
        {
            let tuple = tuple.clone();
            self.sink.fill_tuple(&tuple, items)?;
            return Ok(tuple);
        }
        self.sink.tuple(items)
    }

    fn compound(&mut self, code: u8, slot: Option<usize>) -> Result<S::Value, S::Error> {
        match code {
            tag::SMALL_TUPLE => {
                let count = usize::from(self.byte()?);
                self.tuple(count, slot)
            }
            tag::TUPLE => {
                let count = self.size("bad marshal data (tuple size out of range)")?;
                self.tuple(count, slot)
            }
            tag::FROZEN_SET => {
                let count = self.size("bad marshal data (set size out of range)")?;
                let items = self.items(count, "NULL object in marshal data for set")?;
                self.sink.frozen_set(items)
            }
            _ => {
                const SLICE: &str = "NULL object in marshal data for slice";
                let (start, stop, step) = (self.object(SLICE)?, self.object(SLICE)?, self.object(SLICE)?);
                self.sink.slice([start, stop, step])
            }
        }
    }

    /// Containers that may hold themselves: they can be referred to before they are filled.
    fn mutable(&mut self, code: u8, slot: Option<usize>) -> Result<S::Value, S::Error> {
        let count = match code {
            tag::LIST => self.size("bad marshal data (list size out of range)")?,
            tag::SET => self.size("bad marshal data (set size out of range)")?,
            _ => 0,
        };
        let container = match code {
            tag::LIST => self.sink.new_list()?,
            tag::SET => self.sink.new_set()?,
            _ => self.sink.new_dict()?,
        };
        if let Some(slot) = slot {
            self.references[slot] = Reference::There(container.clone());
        }
        match code {
            tag::LIST => {
                for _ in 0..count {
                    let item = self.object("NULL object in marshal data for list")?;
                    self.sink.list_push(&container, item)?;
                }
            }
            tag::SET => {
                for _ in 0..count {
                    let item = self.object("NULL object in marshal data for set")?;
                    self.sink.set_add(&container, item)?;
                }
            }
            _ => {
                while let Some(key) = self.optional()? {
                    let Some(value) = self.optional()? else { break };
                    self.sink.dict_insert(&container, key, value)?;
                }
            }
        }
        Ok(container)
    }

    #[inline(never)]
    fn code(&mut self) -> Result<S::Value, S::Error> {
        const PART: &str = "NULL object in marshal data for code object";
        if !self.allow_code {
            return Err(value_error("unmarshalling code objects is disallowed").into());
        }
        let parts = CodeParts {
            argcount: self.long()?,
            posonlyargcount: self.long()?,
            kwonlyargcount: self.long()?,
            stacksize: self.long()?,
            flags: self.long()?,
            code: self.object(PART)?,
            consts: self.object(PART)?,
            names: self.object(PART)?,
            localsplusnames: self.object(PART)?,
            localspluskinds: self.object(PART)?,
            filename: self.object(PART)?,
            name: self.object(PART)?,
            qualname: self.object(PART)?,
            firstlineno: self.long()?,
            linetable: self.object(PART)?,
            exceptiontable: self.object(PART)?,
        };
        self.sink.code(parts)
    }
}
