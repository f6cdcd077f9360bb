//! Values of the runtime made of what is read.

use super::code;
use dashu_int::IBig;
use oriel_bytecode::Text;
use oriel_bytecode::marshal::read::{Input, NO_OBJECT, TOO_SHORT};
use oriel_bytecode::marshal::{self, CodeParts, ReadError, ReadErrorKind, Singleton, Sink};
use oriel_kernel::number::complex::Complex;
use oriel_kernel::text::TextBuf;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::list::List;
use oriel_runtime::types::set::Set;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{PyResult, Raised, Value, Vm};

/// Native stack that is left to others.
const RESERVE: usize = 128 * 1024;

/// The value at the start of the data, and how many bytes it took.
pub fn load(vm: &Vm, data: &[u8], allow_code: bool) -> PyResult<(Value, usize)> {
    marshal::read::load_within(&mut Objects { vm }, data, allow_code, budget(vm)).map_err(|failure| raise(vm, failure))
}

/// The value that a file object gives next; no byte more is read than it has.
pub fn load_file(vm: &Vm, file: &Value, allow_code: bool) -> PyResult {
    let mut input = File { vm, file, bytes: Vec::new() };
    marshal::read::load_from(&mut Objects { vm }, &mut input, allow_code, budget(vm))
        .map_err(|failure| raise(vm, failure))
}

fn budget(vm: &Vm) -> usize {
    vm.stack_left().saturating_sub(RESERVE).min(marshal::STACK_BUDGET)
}

fn raise(vm: &Vm, failure: Failure) -> Raised {
    match failure {
        Failure::Raised(raised) => raised,
        Failure::Read(error) => match error.kind {
            ReadErrorKind::Eof => vm.eof_error(error.message),
            ReadErrorKind::Value => vm.value_error(error.message),
            ReadErrorKind::Type => vm.type_error(error.message),
            ReadErrorKind::Unicode => vm.new_exception_with(
                &vm.types.unicode_decode_error,
                &[vm.new_str("utf-8"), vm.new_bytes(&[]), Value::small(0), Value::small(0), vm.new_str(error.message)],
            ),
        },
    }
}

/// How much is read from a file at once, so that a size in bad data reserves no memory.
const PIECE: usize = 1 << 20;

/// A file object as input, through its `readinto`.
struct File<'v> {
    vm: &'v Vm,
    file: &'v Value,
    bytes: Vec<u8>,
}

impl File<'_> {
    /// Reads up to `count` bytes behind those that are there; says how many came.
    fn read_into(&mut self, count: usize) -> PyResult<usize> {
        let vm = self.vm;
        let buffer = vm.call(vm.types.bytearray.as_value(), &[vm.new_uint(count as u64)])?;
        let view = vm.call(vm.types.memoryview.as_value(), &[buffer.clone()])?;
        let answer = vm.call_method(self.file, &vm.intern("readinto"), &[view])?;
        let read = vm.to_isize(&answer)?;
        if read < 0 || read as usize > count {
            let text = format!("read() returned too much data: {count} bytes requested, {read} returned");
            return Err(vm.value_error(text));
        }
        let filled = vm.bytes_of(&buffer).unwrap_or_default();
        self.bytes.extend_from_slice(filled.get(..read as usize).unwrap_or_default());
        Ok(read as usize)
    }
}

impl Input<Failure> for File<'_> {
    fn take(&mut self, count: usize) -> Result<&[u8], Failure> {
        self.bytes.clear();
        while self.bytes.len() < count {
            if self.read_into((count - self.bytes.len()).min(PIECE))? == 0 {
                return Err(Failure::Read(TOO_SHORT));
            }
        }
        Ok(&self.bytes)
    }

    fn tag(&mut self) -> Result<u8, Failure> {
        self.bytes.clear();
        self.read_into(1)?;
        self.bytes.first().copied().ok_or(Failure::Read(NO_OBJECT))
    }

    fn limit(&self) -> usize {
        PIECE
    }
}

enum Failure {
    Read(ReadError),
    Raised(Raised),
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Failure {
        Failure::Read(error)
    }
}

impl From<Raised> for Failure {
    fn from(raised: Raised) -> Failure {
        Failure::Raised(raised)
    }
}

struct Objects<'v> {
    vm: &'v Vm,
}

type Made = Result<Value, Failure>;

impl Sink for Objects<'_> {
    type Value = Value;
    type Error = Failure;

    fn singleton(&mut self, which: Singleton) -> Made {
        Ok(match which {
            Singleton::None => Value::NONE,
            Singleton::True => Value::TRUE,
            Singleton::False => Value::FALSE,
            Singleton::Ellipsis => Value::ELLIPSIS,
            Singleton::StopIteration => self.vm.types.stop_iteration.to_value(),
        })
    }

    fn int(&mut self, value: i64) -> Made {
        Ok(self.vm.new_int(value))
    }

    fn big_int(&mut self, value: IBig) -> Made {
        Ok(match i64::try_from(&value) {
            Ok(number) => self.vm.new_int(number),
            Err(_) => self.vm.new_big_int(value),
        })
    }

    fn float(&mut self, value: f64) -> Made {
        Ok(self.vm.new_float(value))
    }

    fn complex(&mut self, real: f64, imag: f64) -> Made {
        Ok(self.vm.new_complex(Complex::new(real, imag)))
    }

    fn bytes(&mut self, bytes: &[u8]) -> Made {
        Ok(self.vm.try_new_bytes(bytes)?)
    }

    fn str(&mut self, utf8: &[u8], interned: bool) -> Made {
        if interned && let Some(known) = self.vm.find_interned(utf8) {
            return Ok(known);
        }
        let value = match std::str::from_utf8(utf8) {
            Ok(text) => self.vm.new_str(text),
            Err(_) => {
                let Some(text) = Text::from_bytes(utf8) else {
                    return Err(Failure::Read(ReadError {
                        kind: ReadErrorKind::Unicode,
                        message: "invalid start byte",
                    }));
                };
                self.vm.new_text_buf(&TextBuf::from_ucs4(text.code_points().collect()))?
            }
        };
        Ok(if interned { self.vm.intern_value(&value) } else { value })
    }

    fn tuple(&mut self, items: Vec<Value>) -> Made {
        Ok(self.vm.new_tuple(&items))
    }

    fn unfilled_tuple(&mut self, size: usize) -> Made {
        Ok(self.vm.try_new_tuple(std::iter::repeat_n(Value::NONE, size))?.into_value())
    }

    fn fill_tuple(&mut self, tuple: &Value, items: Vec<Value>) -> Result<(), Failure> {
        if let Some(tuple) = tuple.downcast::<Tuple>() {
            self.vm.fill_tuple(tuple, items);
        }
        Ok(())
    }

    fn frozen_set(&mut self, items: Vec<Value>) -> Made {
        let set = self.vm.new_frozenset();
        for item in &items {
            set.add(self.vm, item)?;
        }
        Ok(set.into_value())
    }

    fn slice(&mut self, [start, stop, step]: [Value; 3]) -> Made {
        Ok(self.vm.slice_value(&start, &stop, &step)?)
    }

    fn code(&mut self, parts: CodeParts<Value>) -> Made {
        Ok(code::make(self.vm, parts)?)
    }

    fn new_list(&mut self) -> Made {
        Ok(self.vm.new_list(Vec::new()).into_value())
    }

    fn list_push(&mut self, list: &Value, item: Value) -> Result<(), Failure> {
        if let Some(list) = list.downcast::<List>() {
            list.push(item);
        }
        Ok(())
    }

    fn new_dict(&mut self) -> Made {
        Ok(self.vm.new_dict().into_value())
    }

    fn dict_insert(&mut self, dict: &Value, key: Value, value: Value) -> Result<(), Failure> {
        if let Some(dict) = dict.downcast::<Dict>() {
            dict.set(self.vm, &key, value)?;
        }
        Ok(())
    }

    fn new_set(&mut self) -> Made {
        Ok(self.vm.new_set().into_value())
    }

    fn set_add(&mut self, set: &Value, item: Value) -> Result<(), Failure> {
        if let Some(set) = set.downcast::<Set>() {
            set.add(self.vm, &item)?;
        }
        Ok(())
    }
}
