//! Constants of code objects: plain values, compared as the compiler compares them when it merges constants.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use dashu_int::IBig;

use crate::code::CodeObject;
use crate::text::Text;

/// A constant. Equality is identity of meaning: `1`, `1.0` and `True` differ, so do `0.0` and `-0.0`.
#[derive(Clone, Debug)]
pub enum Constant {
    /// `None`
    None,
    /// `True`
    True,
    /// `False`
    False,
    /// `...`
    Ellipsis,
    /// An integer.
    Int(IBig),
    /// A float.
    Float(f64),
    /// A complex number: real and imaginary part.
    Complex(f64, f64),
    /// A string.
    Str(Text),
    /// Bytes.
    Bytes(Rc<[u8]>),
    /// A tuple.
    Tuple(Rc<[Constant]>),
    /// A frozen set, its items distinct, in the order in which they were added.
    FrozenSet(Rc<[Constant]>),
    /// A slice: start, stop, step.
    Slice(Rc<[Constant; 3]>),
    /// A code object.
    Code(Rc<CodeObject>),
}

impl Constant {
    /// A string constant.
    pub fn str(text: &str) -> Constant {
        Constant::Str(Text::from(text))
    }

    /// An integer constant.
    pub fn int(value: impl Into<IBig>) -> Constant {
        Constant::Int(value.into())
    }

    /// A bool constant.
    pub fn bool(value: bool) -> Constant {
        if value { Constant::True } else { Constant::False }
    }

    /// A tuple constant.
    pub fn tuple(items: impl Into<Rc<[Constant]>>) -> Constant {
        Constant::Tuple(items.into())
    }

    /// Whether it is, or has in a tuple, a NaN: such constants are equal to nothing but themselves.
    pub fn has_nan(&self) -> bool {
        match self {
            Constant::Float(value) => value.is_nan(),
            Constant::Complex(real, imag) => real.is_nan() || imag.is_nan(),
            Constant::Tuple(items) => items.iter().any(Constant::has_nan),
            _ => false,
        }
    }

    /// Its truth value.
    pub fn is_true(&self) -> bool {
        match self {
            Constant::None | Constant::False => false,
            Constant::True | Constant::Ellipsis | Constant::Slice(_) | Constant::Code(_) => true,
            Constant::Int(value) => *value != IBig::ZERO,
            Constant::Float(value) => *value != 0.0,
            Constant::Complex(real, imag) => *real != 0.0 || *imag != 0.0,
            Constant::Str(text) => !text.is_empty(),
            Constant::Bytes(bytes) => !bytes.is_empty(),
            Constant::Tuple(items) | Constant::FrozenSet(items) => !items.is_empty(),
        }
    }

    /// The value as a small integer, bools excluded.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Constant::Int(value) => i64::try_from(value).ok(),
            _ => None,
        }
    }
}

impl PartialEq for Constant {
    fn eq(&self, other: &Constant) -> bool {
        use Constant::*;
        match (self, other) {
            (None, None) | (True, True) | (False, False) | (Ellipsis, Ellipsis) => true,
            (Int(a), Int(b)) => a == b,
            (Float(a), Float(b)) => a.to_bits() == b.to_bits(),
            (Complex(a, b), Complex(c, d)) => a.to_bits() == c.to_bits() && b.to_bits() == d.to_bits(),
            (Str(a), Str(b)) => a == b,
            (Bytes(a), Bytes(b)) => a == b,
            (Tuple(a), Tuple(b)) => Rc::ptr_eq(a, b) || a == b,
            (FrozenSet(a), FrozenSet(b)) => {
                if Rc::ptr_eq(a, b) {
                    return true;
                }
                // Sets built in another order are the same constant.
                let left: std::collections::HashSet<&Constant> = a.iter().collect();
                a.len() == b.len() && b.iter().all(|item| left.contains(item))
            }
            (Slice(a), Slice(b)) => a == b,
            (Code(a), Code(b)) => Rc::ptr_eq(a, b) || a == b,
            _ => false,
        }
    }
}

impl Eq for Constant {}

impl Hash for Constant {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Constant::None | Constant::True | Constant::False | Constant::Ellipsis => {}
            Constant::Int(value) => value.hash(state),
            Constant::Float(value) => value.to_bits().hash(state),
            Constant::Complex(real, imag) => (real.to_bits(), imag.to_bits()).hash(state),
            Constant::Str(text) => text.hash(state),
            Constant::Bytes(bytes) => bytes.hash(state),
            Constant::Tuple(items) => items.hash(state),
            // The order of items must not matter.
            Constant::FrozenSet(items) => items.len().hash(state),
            Constant::Slice(parts) => parts.hash(state),
            Constant::Code(code) => (code.firstlineno, &code.code, &code.linetable, &code.names).hash(state),
        }
    }
}

impl From<&str> for Constant {
    fn from(text: &str) -> Constant {
        Constant::str(text)
    }
}
