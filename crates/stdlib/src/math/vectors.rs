//! Functions of many numbers: sums, products, norms.

use super::float;
use oriel_kernel::number::NumberError;
use oriel_kernel::number::sums::{ExactSum, ProductSum, norm};
use oriel_runtime::arithmetic::BinaryOp;
use oriel_runtime::types::float::float_of;
use oriel_runtime::types::int::num_of;
use oriel_runtime::{Args, Bound, PyResult, Value, Vm};

pub(super) fn hypot(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    args.no_keywords(vm, "math.hypot")?;
    let parts: PyResult<Vec<f64>> = args.values.iter().map(|part| vm.to_f64(part)).collect();
    float(vm, norm(&mut parts?))
}

pub(super) fn dist(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let (p, q) = (vm.collect(&args[0])?, vm.collect(&args[1])?);
    if p.len() != q.len() {
        return Err(vm.value_error("both points must have the same number of dimensions"));
    }
    let parts: PyResult<Vec<f64>> = p.iter().zip(&q).map(|(p, q)| Ok(vm.to_f64(p)? - vm.to_f64(q)?)).collect();
    float(vm, norm(&mut parts?))
}

pub(super) fn fsum(vm: &Vm, _: &Value, sequence: &Value) -> PyResult {
    let mut sum = ExactSum::default();
    vm.for_each(sequence, |item| {
        let term = vm.to_f64(&item)?;
        sum.push(term).map_err(|_| vm.overflow_error("intermediate overflow in fsum"))
    })?;
    match sum.finish() {
        Ok(sum) => float(vm, sum),
        Err(NumberError::Domain) => Err(vm.value_error("-inf + inf in fsum")),
        Err(error) => Err(vm.number_error(error)),
    }
}

pub(super) fn prod(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let Some(iterable) = args[0] else { return Err(vm.type_error("an iterable is needed")) };
    let mut product = args[1].cloned().unwrap_or(Value::small(1));
    vm.for_each(iterable, |item| {
        product = vm.binary(BinaryOp::Multiply, &product, &item)?;
        Ok(())
    })?;
    Ok(product)
}

/// The sum under way: whole numbers and floats have accumulators of their own, until something else comes.
struct Sum {
    total: Value,
    whole: Option<i64>,
    whole_open: bool,
    real: ProductSum,
    real_used: bool,
    real_open: bool,
}

/// An exact float, or a whole number as one.
fn as_float(vm: &Vm, value: &Value) -> Option<f64> {
    if vm.type_of(value).is(&vm.types.float) {
        return float_of(value);
    }
    if !vm.type_of(value).is(&vm.types.int) && value.as_bool().is_none() {
        return None;
    }
    num_of(value)?.small().map(|number| number as f64)
}

impl Sum {
    fn push(&mut self, vm: &Vm, p: &Value, q: &Value) -> PyResult<()> {
        let exact = |value: &Value| vm.type_of(value).is(&vm.types.int);
        if self.whole_open {
            if exact(p)
                && exact(q)
                && let (Some(x), Some(y)) = (num_of(p).and_then(|n| n.small()), num_of(q).and_then(|n| n.small()))
                && let Some(sum) = x.checked_mul(y).and_then(|xy| xy.checked_add(self.whole.unwrap_or(0)))
            {
                self.whole = Some(sum);
                return Ok(());
            }
            self.close_whole(vm)?;
        }
        if self.real_open {
            let is_float = |value: &Value| vm.type_of(value).is(&vm.types.float);
            if (is_float(p) || is_float(q))
                && let (Some(x), Some(y)) = (as_float(vm, p), as_float(vm, q))
            {
                let mut next = self.real;
                next.push(x, y);
                if next.is_finite() {
                    self.real = next;
                    self.real_used = true;
                    return Ok(());
                }
            }
            self.close_real(vm)?;
        }
        let product = vm.binary(BinaryOp::Multiply, p, q)?;
        self.add(vm, &product)
    }

    fn add(&mut self, vm: &Vm, term: &Value) -> PyResult<()> {
        self.total = vm.binary(BinaryOp::Add, &self.total, term)?;
        Ok(())
    }

    fn close_whole(&mut self, vm: &Vm) -> PyResult<()> {
        self.whole_open = false;
        match self.whole.take() {
            Some(sum) => self.add(vm, &vm.new_int(sum)),
            None => Ok(()),
        }
    }

    fn close_real(&mut self, vm: &Vm) -> PyResult<()> {
        self.real_open = false;
        if std::mem::take(&mut self.real_used) {
            let sum = std::mem::take(&mut self.real).finish();
            self.add(vm, &vm.new_float(sum))?;
        }
        Ok(())
    }
}

pub(super) fn sumprod(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let (p, q) = (vm.iter(&args[0])?, vm.iter(&args[1])?);
    let mut sum = Sum {
        total: Value::small(0),
        whole: None,
        whole_open: true,
        real: ProductSum::default(),
        real_used: false,
        real_open: true,
    };
    loop {
        match (vm.next(&p)?, vm.next(&q)?) {
            (Some(x), Some(y)) => sum.push(vm, &x, &y)?,
            (None, None) => break,
            _ => return Err(vm.value_error("Inputs are not the same length")),
        }
    }
    sum.close_whole(vm)?;
    sum.close_real(vm)?;
    Ok(sum.total)
}
