//! Numbers: the dispatch of unary, binary and in-place operators to the slots of both operands.

use crate::error::{PyResult, Raised};
use crate::slots::{BinaryFn, Slots, TernaryFn};
use crate::types::type_object::Subtype;
use crate::vm::Vm;
use oriel_heap::Value;
use std::cell::Cell;

/// The binary operators, in the order of CPython's `NB_*` numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `&`
    And,
    /// `//`
    FloorDivide,
    /// `<<`
    Lshift,
    /// `@`
    MatrixMultiply,
    /// `*`
    Multiply,
    /// `%`
    Remainder,
    /// `|`
    Or,
    /// `**`
    Power,
    /// `>>`
    Rshift,
    /// `-`
    Subtract,
    /// `/`
    TrueDivide,
    /// `^`
    Xor,
}

type Cells<F> = Cell<Option<F>>;

impl BinaryOp {
    /// All operators, at the index of their number.
    pub const ALL: [BinaryOp; 13] = [
        BinaryOp::Add,
        BinaryOp::And,
        BinaryOp::FloorDivide,
        BinaryOp::Lshift,
        BinaryOp::MatrixMultiply,
        BinaryOp::Multiply,
        BinaryOp::Remainder,
        BinaryOp::Or,
        BinaryOp::Power,
        BinaryOp::Rshift,
        BinaryOp::Subtract,
        BinaryOp::TrueDivide,
        BinaryOp::Xor,
    ];

    /// The operator's source text.
    pub fn symbol(self) -> &'static str {
        ["+", "&", "//", "<<", "@", "*", "%", "|", "** or pow()", ">>", "-", "/", "^"][self as usize]
    }

    fn inplace_symbol(self) -> &'static str {
        ["+=", "&=", "//=", "<<=", "@=", "*=", "%=", "|=", "** or pow()", ">>=", "-=", "/=", "^="][self as usize]
    }

    pub(crate) fn slot(self, slots: &Slots) -> Option<&Cells<BinaryFn>> {
        Some(match self {
            BinaryOp::Add => &slots.nb_add,
            BinaryOp::And => &slots.nb_and,
            BinaryOp::FloorDivide => &slots.nb_floor_divide,
            BinaryOp::Lshift => &slots.nb_lshift,
            BinaryOp::MatrixMultiply => &slots.nb_matrix_multiply,
            BinaryOp::Multiply => &slots.nb_multiply,
            BinaryOp::Remainder => &slots.nb_remainder,
            BinaryOp::Or => &slots.nb_or,
            BinaryOp::Power => return None,
            BinaryOp::Rshift => &slots.nb_rshift,
            BinaryOp::Subtract => &slots.nb_subtract,
            BinaryOp::TrueDivide => &slots.nb_true_divide,
            BinaryOp::Xor => &slots.nb_xor,
        })
    }

    pub(crate) fn inplace_slot(self, slots: &Slots) -> Option<&Cells<BinaryFn>> {
        Some(match self {
            BinaryOp::Add => &slots.nb_inplace_add,
            BinaryOp::And => &slots.nb_inplace_and,
            BinaryOp::FloorDivide => &slots.nb_inplace_floor_divide,
            BinaryOp::Lshift => &slots.nb_inplace_lshift,
            BinaryOp::MatrixMultiply => &slots.nb_inplace_matrix_multiply,
            BinaryOp::Multiply => &slots.nb_inplace_multiply,
            BinaryOp::Remainder => &slots.nb_inplace_remainder,
            BinaryOp::Or => &slots.nb_inplace_or,
            BinaryOp::Power => return None,
            BinaryOp::Rshift => &slots.nb_inplace_rshift,
            BinaryOp::Subtract => &slots.nb_inplace_subtract,
            BinaryOp::TrueDivide => &slots.nb_inplace_true_divide,
            BinaryOp::Xor => &slots.nb_inplace_xor,
        })
    }
}

impl Vm {
    /// `a op b`
    pub fn binary(&self, op: BinaryOp, a: &Value, b: &Value) -> PyResult {
        if op == BinaryOp::Power {
            return self.power(a, b, &Value::NONE);
        }
        let result = self.binary_slots(op, a, b)?;
        self.numbers_or_sequences(op, false, a, b, result)
    }

    /// `a op= b`
    pub fn inplace(&self, op: BinaryOp, a: &Value, b: &Value) -> PyResult {
        if op == BinaryOp::Power {
            return self.inplace_power(a, b, &Value::NONE);
        }
        if let Some(function) = op.inplace_slot(&self.type_of(a).slots).and_then(Cell::get) {
            let result = function(self, a, b)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        self.inplace_after_own(op, a, b)
    }

    /// `a op= b` where the in-place method of `a` has declined or is missing.
    pub(crate) fn inplace_after_own(&self, op: BinaryOp, a: &Value, b: &Value) -> PyResult {
        let result = self.binary_slots(op, a, b)?;
        self.numbers_or_sequences(op, true, a, b, result)
    }

    /// `a op b` where the method of `a`, one in Python that goes first, has declined.
    pub(crate) fn binary_after_left(&self, op: BinaryOp, inplace: bool, a: &Value, b: &Value) -> PyResult {
        use crate::types::slot_functions::{dunders_of, optional};
        let (type_a, type_b) = (self.type_of(a), self.type_of(b));
        let result = match op.slot(&type_b.slots).and_then(Cell::get) {
            Some(function) if !type_a.is(type_b) => match dunders_of(self, op) {
                Some((own, _, reflected)) if std::ptr::fn_addr_eq(own, function) => optional(self, b, reflected, a)?,
                _ => function(self, a, b)?,
            },
            _ => Value::NOT_IMPLEMENTED,
        };
        self.numbers_or_sequences(op, inplace, a, b, result)
    }

    /// The result of asking the numbers' slots, or else what the sequences' slots say.
    pub(crate) fn numbers_or_sequences(
        &self,
        op: BinaryOp,
        inplace: bool,
        a: &Value,
        b: &Value,
        result: Value,
    ) -> PyResult {
        if !result.is_not_implemented() {
            return Ok(result);
        }
        if !inplace {
            return match op {
                BinaryOp::Add => self.concat_or_error(a, b, op.symbol()),
                BinaryOp::Multiply => self.repeat_or_error(a, b, op.symbol(), false),
                _ => Err(self.unsupported(a, b, op.symbol())),
            };
        }
        match op {
            BinaryOp::Add => {
                if let Some(function) = self.type_of(a).slots.sq_inplace_concat.get() {
                    return function(self, a, b);
                }
                self.concat_or_error(a, b, "+=")
            }
            BinaryOp::Multiply => self.repeat_or_error(a, b, "*=", true),
            _ => Err(self.unsupported(a, b, op.inplace_symbol())),
        }
    }

    fn binary_slots(&self, op: BinaryOp, a: &Value, b: &Value) -> PyResult {
        let (type_a, type_b) = (self.type_of(a), self.type_of(b));
        let first = op.slot(&type_a.slots).and_then(Cell::get);
        let mut second = if type_a.is(type_b) { None } else { op.slot(&type_b.slots).and_then(Cell::get) };
        if let (Some(x), Some(y)) = (first, second)
            && std::ptr::fn_addr_eq(x, y)
            && !type_a.is_heap_type()
            && !type_b.is_heap_type()
        {
            second = None;
        }
        if let (Some(_), Some(function)) = (first, second)
            && type_b.is_subtype(type_a)
        {
            let result = function(self, a, b)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
            second = None;
        }
        if let Some(function) = first {
            let result = function(self, a, b)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        match second {
            Some(function) => function(self, a, b),
            None => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    fn concat_or_error(&self, a: &Value, b: &Value, symbol: &str) -> PyResult {
        match self.type_of(a).slots.sq_concat.get() {
            Some(concat) => concat(self, a, b),
            None => Err(self.unsupported(a, b, symbol)),
        }
    }

    fn repeat_or_error(&self, a: &Value, b: &Value, symbol: &str, inplace: bool) -> PyResult {
        let slots = &self.type_of(a).slots;
        let own = if inplace { slots.sq_inplace_repeat.get().or(slots.sq_repeat.get()) } else { slots.sq_repeat.get() };
        let (sequence, count, repeat) = match own {
            Some(repeat) => (a, b, repeat),
            None => match self.type_of(b).slots.sq_repeat.get() {
                Some(repeat) => (b, a, repeat),
                None => return Err(self.unsupported(a, b, symbol)),
            },
        };
        if self.type_of(count).slots.nb_index.get().is_none() {
            let name = self.type_name(count);
            return Err(self.type_error(format!("can't multiply sequence by non-int of type '{name}'")));
        }
        let count = self.to_isize_repeat(count)?;
        repeat(self, sequence, count)
    }

    fn to_isize_repeat(&self, count: &Value) -> PyResult<isize> {
        let index = self.index(count)?;
        match self.small_or_big(&index) {
            Some(Ok(number)) => Ok(number as isize),
            _ => {
                let name = self.type_name(count);
                Err(self.overflow_error(format!("cannot fit '{name}' into an index-sized integer")))
            }
        }
    }

    /// `pow(a, b, modulus)`; `None` for no modulus.
    pub fn power(&self, a: &Value, b: &Value, modulus: &Value) -> PyResult {
        let result = self.power_slots(a, b, modulus)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
        if modulus.is_none() {
            return Err(self.unsupported(a, b, "** or pow()"));
        }
        Err(self.type_error(format!(
            "unsupported operand type(s) for ** or pow(): '{}', '{}', '{}'",
            self.type_name(a),
            self.type_name(b),
            self.type_name(modulus)
        )))
    }

    fn power_slots(&self, a: &Value, b: &Value, modulus: &Value) -> PyResult {
        let (type_a, type_b) = (self.type_of(a), self.type_of(b));
        let first = type_a.slots.nb_power.get();
        let mut second = if type_a.is(type_b) { None } else { type_b.slots.nb_power.get() };
        let same = |x: TernaryFn, y: TernaryFn| std::ptr::fn_addr_eq(x, y);
        if let (Some(x), Some(y)) = (first, second)
            && same(x, y)
            && !type_b.is_heap_type()
        {
            second = None;
        }
        if let (Some(_), Some(function)) = (first, second)
            && type_b.is_subtype(type_a)
        {
            let result = function(self, a, b, modulus)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
            second = None;
        }
        for function in [first, second].into_iter().flatten() {
            let result = function(self, a, b, modulus)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        if !modulus.is_none()
            && let Some(third) = self.type_of(modulus).slots.nb_power.get()
            && first.is_none_or(|f| !same(f, third))
            && second.is_none_or(|f| !same(f, third))
        {
            return third(self, a, b, modulus);
        }
        Ok(Value::NOT_IMPLEMENTED)
    }

    /// `a **= b`
    pub fn inplace_power(&self, a: &Value, b: &Value, modulus: &Value) -> PyResult {
        if let Some(function) = self.type_of(a).slots.nb_inplace_power.get() {
            let result = function(self, a, b, modulus)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        let result = self.power_slots(a, b, modulus)?;
        if result.is_not_implemented() {
            return Err(self.unsupported(a, b, "**="));
        }
        Ok(result)
    }

    /// `divmod(a, b)`
    pub fn divmod(&self, a: &Value, b: &Value) -> PyResult {
        let (type_a, type_b) = (self.type_of(a), self.type_of(b));
        let first = type_a.slots.nb_divmod.get();
        let second = if type_a.is(type_b) { None } else { type_b.slots.nb_divmod.get() };
        let reflected_first = first.is_some() && second.is_some() && type_b.is_subtype(type_a);
        let order = if reflected_first { [second, first] } else { [first, second] };
        for function in order.into_iter().flatten() {
            let result = function(self, a, b)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        Err(self.unsupported(a, b, "divmod()"))
    }

    /// `-a`
    pub fn negative(&self, a: &Value) -> PyResult {
        self.unary(a, |slots| &slots.nb_negative, "unary -")
    }

    /// `+a`
    pub fn positive(&self, a: &Value) -> PyResult {
        self.unary(a, |slots| &slots.nb_positive, "unary +")
    }

    /// `~a`
    pub fn invert(&self, a: &Value) -> PyResult {
        self.unary(a, |slots| &slots.nb_invert, "unary ~")
    }

    /// `abs(a)`
    pub fn absolute(&self, a: &Value) -> PyResult {
        self.unary(a, |slots| &slots.nb_absolute, "abs()")
    }

    fn unary(&self, a: &Value, slot: fn(&Slots) -> &Cells<crate::slots::UnaryFn>, what: &str) -> PyResult {
        match slot(&self.type_of(a).slots).get() {
            Some(function) => function(self, a),
            None => Err(self.type_error(format!("bad operand type for {what}: '{}'", self.type_name(a)))),
        }
    }

    /// The TypeError of operands that do not go together.
    #[cold]
    pub fn unsupported(&self, a: &Value, b: &Value, symbol: &str) -> Raised {
        let (left, right) = (self.type_name(a), self.type_name(b));
        self.type_error(format!("unsupported operand type(s) for {symbol}: '{left}' and '{right}'"))
    }
}
