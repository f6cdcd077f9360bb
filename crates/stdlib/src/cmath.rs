//! `cmath`.

use oriel_kernel::number::complex::{self, Complex};
use oriel_kernel::number::{NumberError, cmath};
use oriel_runtime::{Bound, MethodDef, ModuleSpec, PyResult, Value, Vm};
use std::f64::consts;

const Z: &str = "($module, z, /)";

macro_rules! functions {
    ($($name:ident)*) => {
        $(fn $name(vm: &Vm, _: &Value, z: &Value) -> PyResult {
            answer(vm, cmath::$name(vm.to_complex(z)?))
        })*
    };
}

functions! { acos acosh asin asinh atan atanh cos cosh exp log10 sin sinh sqrt tan tanh }

/// `cmath`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "cmath",
    doc: "Mathematical functions of complex numbers.",
    functions: &[
        MethodDef::one("acos", acos, Z, "The arc cosine."),
        MethodDef::one("acosh", acosh, Z, "The inverse hyperbolic cosine."),
        MethodDef::one("asin", asin, Z, "The arc sine."),
        MethodDef::one("asinh", asinh, Z, "The inverse hyperbolic sine."),
        MethodDef::one("atan", atan, Z, "The arc tangent."),
        MethodDef::one("atanh", atanh, Z, "The inverse hyperbolic tangent."),
        MethodDef::one("cos", cos, Z, "The cosine."),
        MethodDef::one("cosh", cosh, Z, "The hyperbolic cosine."),
        MethodDef::one("exp", exp, Z, "e to a power."),
        MethodDef::bound(
            "isclose",
            is_close,
            "($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)",
            "Whether two numbers are nearly equal.",
        ),
        MethodDef::one(
            "isfinite",
            |vm, _, z| test(vm, z, |z| z.re.is_finite() && z.im.is_finite()),
            Z,
            "Whether both parts are finite.",
        ),
        MethodDef::one(
            "isinf",
            |vm, _, z| test(vm, z, |z| z.re.is_infinite() || z.im.is_infinite()),
            Z,
            "Whether a part is infinite.",
        ),
        MethodDef::one(
            "isnan",
            |vm, _, z| test(vm, z, |z| z.re.is_nan() || z.im.is_nan()),
            Z,
            "Whether a part is NaN.",
        ),
        MethodDef::positional(
            "log",
            1,
            2,
            log,
            "($module, z, base=<unrepresentable>, /)",
            "The logarithm, natural or to a base.",
        ),
        MethodDef::one("log10", log10, Z, "The logarithm to base 10."),
        MethodDef::one("phase", phase, Z, "The angle."),
        MethodDef::one("polar", polar, Z, "Radius and angle."),
        MethodDef::positional("rect", 2, 2, rect, "($module, r, phi, /)", "The number of a radius and an angle."),
        MethodDef::one("sin", sin, Z, "The sine."),
        MethodDef::one("sinh", sinh, Z, "The hyperbolic sine."),
        MethodDef::one("sqrt", sqrt, Z, "The square root."),
        MethodDef::one("tan", tan, Z, "The tangent."),
        MethodDef::one("tanh", tanh, Z, "The hyperbolic tangent."),
    ],
    exec: |vm, module| {
        for (name, value) in
            [("pi", consts::PI), ("e", consts::E), ("tau", consts::TAU), ("inf", f64::INFINITY), ("nan", f64::NAN)]
        {
            vm.module_set(module, name, vm.new_float(value))?;
        }
        vm.module_set(module, "infj", vm.new_complex(Complex::new(0.0, f64::INFINITY)))?;
        vm.module_set(module, "nanj", vm.new_complex(Complex::new(0.0, f64::NAN)))
    },
};

fn answer(vm: &Vm, result: Result<Complex, NumberError>) -> PyResult {
    match result {
        Ok(z) => Ok(vm.new_complex(z)),
        Err(error) => Err(vm.number_error(error)),
    }
}

fn test(vm: &Vm, z: &Value, function: fn(Complex) -> bool) -> PyResult {
    Ok(Value::bool(function(vm.to_complex(z)?)))
}

fn log(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let z = cmath::log(vm.to_complex(&args[0])?).map_err(|error| vm.number_error(error))?;
    let Some(base) = args.get(1) else { return Ok(vm.new_complex(z)) };
    let base = cmath::log(vm.to_complex(base)?).map_err(|error| vm.number_error(error))?;
    match complex::divide(z, base) {
        Ok(quotient) => Ok(vm.new_complex(quotient)),
        Err(_) => Err(vm.number_error(NumberError::Domain)),
    }
}

fn phase(vm: &Vm, _: &Value, z: &Value) -> PyResult {
    let z = vm.to_complex(z)?;
    Ok(vm.new_float(z.im.atan2(z.re)))
}

fn polar(vm: &Vm, _: &Value, z: &Value) -> PyResult {
    let z = vm.to_complex(z)?;
    match z.abs() {
        Ok(radius) => Ok(vm.new_tuple(&[vm.new_float(radius), vm.new_float(z.im.atan2(z.re))])),
        Err(error) => Err(vm.number_error(error)),
    }
}

fn rect(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let (radius, angle) = (vm.to_f64(&args[0])?, vm.to_f64(&args[1])?);
    answer(vm, cmath::rect(radius, angle))
}

fn is_close(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let part = |value: Option<&Value>| value.map_or(Ok(Complex::new(0.0, 0.0)), |value| vm.to_complex(value));
    let tolerance = |value: Option<&Value>, default| value.map_or(Ok(default), |value| vm.to_f64(value));
    let (a, b) = (part(args[0])?, part(args[1])?);
    let (relative, absolute) = (tolerance(args[2], 1e-9)?, tolerance(args[3], 0.0)?);
    if relative < 0.0 || absolute < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    if a == b {
        return Ok(Value::TRUE);
    }
    let infinite = |z: Complex| z.re.is_infinite() || z.im.is_infinite();
    if infinite(a) || infinite(b) {
        return Ok(Value::FALSE);
    }
    let length = |z: Complex| z.re.hypot(z.im);
    let difference = length(Complex::new(a.re - b.re, a.im - b.im));
    let close = difference <= relative * length(b) || difference <= relative * length(a) || difference <= absolute;
    Ok(Value::bool(close))
}
