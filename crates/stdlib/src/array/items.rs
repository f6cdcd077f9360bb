//! Type codes: how single items are read and written.

use oriel_runtime::types::str::Str;
use oriel_runtime::{PyResult, Value, Vm};

/// All type codes, as the module shows them.
pub const TYPE_CODES: &str = "bBuwhHiIlLqQfd";

/// A type code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code(u8);

impl Code {
    /// A type code by its character.
    pub fn of(character: u32) -> Option<Code> {
        let code = u8::try_from(character).ok()?;
        TYPE_CODES.as_bytes().contains(&code).then_some(Code(code))
    }

    /// The character.
    pub fn letter(self) -> char {
        char::from(self.0)
    }

    /// Bytes of an item.
    pub fn size(self) -> usize {
        match self.0 {
            b'b' | b'B' => 1,
            b'h' | b'H' => 2,
            b'l' | b'L' | b'q' | b'Q' | b'd' => 8,
            _ => 4,
        }
    }

    /// The struct format of an item.
    pub fn format(self) -> &'static str {
        match self.0 {
            b'b' => "b",
            b'B' => "B",
            b'h' => "h",
            b'H' => "H",
            b'i' => "i",
            b'I' => "I",
            b'l' => "l",
            b'L' => "L",
            b'q' => "q",
            b'Q' => "Q",
            b'f' => "f",
            b'd' => "d",
            _ => "w",
        }
    }

    /// Whether the items are characters.
    pub fn is_text(self) -> bool {
        matches!(self.0, b'u' | b'w')
    }

    /// Whether the items are floats.
    pub fn is_float(self) -> bool {
        matches!(self.0, b'f' | b'd')
    }

    /// Whether the items are integers with a sign.
    pub fn is_signed(self) -> bool {
        matches!(self.0, b'b' | b'h' | b'i' | b'l' | b'q')
    }

    /// The value of an item.
    pub fn unpack(self, vm: &Vm, bytes: &[u8]) -> PyResult {
        let mut wide = [0u8; 8];
        let size = bytes.len().min(8);
        wide[..size].copy_from_slice(&bytes[..size]);
        let word = u64::from_ne_bytes(wide);
        Ok(match self.0 {
            b'f' => vm.new_float(f64::from(f32::from_bits(word as u32))),
            b'd' => vm.new_float(f64::from_bits(word)),
            b'u' | b'w' => {
                if word > 0x10ffff {
                    return Err(vm.value_error(format!("character U+{word:x} is not in range [U+0000; U+10ffff]")));
                }
                vm.new_char(word as u32)
            }
            b'b' => Value::small((word as i8).into()),
            b'h' => Value::small((word as i16).into()),
            b'i' => Value::small(word as i32),
            b'l' | b'q' => vm.new_int(word as i64),
            _ => vm.new_uint(word),
        })
    }

    /// Puts a value into an item.
    pub fn pack(self, vm: &Vm, value: &Value, out: &mut [u8]) -> PyResult<()> {
        let word = match self.0 {
            b'f' => u64::from((vm.to_f64(value)? as f32).to_bits()),
            b'd' => vm.to_f64(value)?.to_bits(),
            b'u' | b'w' => character(vm, value)?.into(),
            _ => self.integer(vm, value)?,
        };
        let size = out.len().min(8);
        out[..size].copy_from_slice(&word.to_ne_bytes()[..size]);
        Ok(())
    }

    fn integer(self, vm: &Vm, value: &Value) -> PyResult<u64> {
        let index = vm.index(value)?;
        let number = match vm.small_or_big(&index) {
            Some(Ok(number)) => Some(i128::from(number)),
            Some(Err(big)) => i128::try_from(&big.value).ok(),
            None => None,
        };
        let negative = match vm.small_or_big(&index) {
            Some(Err(big)) => big.value < dashu_int::IBig::ZERO,
            Some(Ok(number)) => number < 0,
            None => false,
        };
        let as_long = || match number.and_then(|number| i64::try_from(number).ok()) {
            Some(number) => Ok(number),
            None => Err(vm.overflow_error("Python int too large to convert to C long")),
        };
        let within = |number: i64, low: i64, high: i64, name: &str| {
            if number < low {
                return Err(vm.overflow_error(format!("{name} is less than minimum")));
            }
            if number > high {
                return Err(vm.overflow_error(format!("{name} is greater than maximum")));
            }
            Ok(number as u64)
        };
        let short = (i64::from(i16::MIN), i64::from(i16::MAX), "signed short integer");
        let int = (i64::from(i32::MIN), i64::from(i32::MAX), "signed integer");
        match self.0 {
            b'b' => {
                let number = as_long()?;
                within(number, short.0, short.1, short.2)?;
                within(number, -128, 127, "signed char")
            }
            b'B' => within(as_long()?, 0, 255, "unsigned byte integer"),
            b'h' => within(as_long()?, short.0, short.1, short.2),
            b'H' => {
                let number = as_long()?;
                within(number, int.0, int.1, int.2)?;
                within(number, 0, 65535, "unsigned short")
            }
            b'i' => within(as_long()?, int.0, int.1, int.2),
            b'l' => Ok(as_long()? as u64),
            b'I' | b'L' => {
                if negative {
                    return Err(vm.overflow_error("can't convert negative value to unsigned int"));
                }
                let number = number.and_then(|number| u64::try_from(number).ok());
                let number =
                    number.ok_or_else(|| vm.overflow_error("Python int too large to convert to C unsigned long"))?;
                if self.0 == b'I' && number > u64::from(u32::MAX) {
                    return Err(vm.overflow_error("unsigned int is greater than maximum"));
                }
                Ok(number)
            }
            b'Q' => {
                if negative {
                    return Err(vm.overflow_error("can't convert negative int to unsigned"));
                }
                number
                    .and_then(|number| u64::try_from(number).ok())
                    .ok_or_else(|| vm.overflow_error("int too big to convert"))
            }
            _ => number
                .and_then(|number| i64::try_from(number).ok())
                .map(|number| number as u64)
                .ok_or_else(|| vm.overflow_error("int too big to convert")),
        }
    }
}

fn character(vm: &Vm, value: &Value) -> PyResult<u32> {
    let Some(text) = value.downcast::<Str>() else {
        let given = vm.type_name(value);
        return Err(vm.type_error(format!("array item must be a unicode character, not {given}")));
    };
    if text.len() != 1 {
        let given = text.len();
        return Err(vm.type_error(format!("array item must be a unicode character, not a string of length {given}")));
    }
    Ok(text.text().at(0))
}
