//! Constants of plain code objects as values.

use crate::error::PyResult;
use crate::vm::Vm;
use oriel_bytecode::{Constant, Text};
use oriel_heap::Value;
use oriel_kernel::text::TextBuf;

impl Vm {
    /// A string of a code object.
    pub fn text_value(&self, text: &Text) -> PyResult {
        match text.as_str() {
            Some(text) => Ok(self.new_str(text)),
            None => self.new_text_buf(&TextBuf::from_ucs4(text.code_points().collect()).finish()),
        }
    }

    /// A constant.
    pub fn constant_value(&self, constant: &Constant) -> PyResult {
        self.check_stack()?;
        Ok(match constant {
            Constant::None => Value::NONE,
            Constant::True => Value::TRUE,
            Constant::False => Value::FALSE,
            Constant::Ellipsis => Value::ELLIPSIS,
            Constant::Int(number) => match i64::try_from(number) {
                Ok(number) => self.new_int(number),
                Err(_) => self.new_big_int(number.clone()),
            },
            Constant::Float(number) => self.new_float(*number),
            Constant::Complex(real, imag) => self.complex_constant(*real, *imag)?,
            Constant::Str(text) => {
                let value = self.text_value(text)?;
                if text.is_identifier_like() { self.intern_value(&value) } else { value }
            }
            Constant::Bytes(bytes) => self.new_bytes(bytes),
            Constant::Tuple(items) => self.tuple_of(self.constant_values(items)?).into_value(),
            Constant::FrozenSet(items) => self.frozenset_constant(self.constant_values(items)?)?,
            Constant::Slice(parts) => {
                let [start, stop, step] = &**parts;
                self.slice_value(
                    &self.constant_value(start)?,
                    &self.constant_value(stop)?,
                    &self.constant_value(step)?,
                )?
            }
            Constant::Code(code) => self.new_code(code.clone())?.into_value(),
        })
    }

    fn constant_values(&self, constants: &[Constant]) -> PyResult<Vec<Value>> {
        constants.iter().map(|constant| self.constant_value(constant)).collect()
    }
}
