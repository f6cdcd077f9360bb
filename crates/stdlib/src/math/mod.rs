//! `math`.

mod integers;
mod real;
mod vectors;

use oriel_runtime::{MethodDef, ModuleSpec, PyResult, Value, Vm};
use std::f64::consts;

/// `math`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "math",
    doc: "Mathematical functions of real numbers, as the C standard defines them.",
    functions: &[
        MethodDef::one("acos", real::acos, X, "The arc cosine, in radians."),
        MethodDef::one("acosh", real::acosh, X, "The inverse hyperbolic cosine."),
        MethodDef::one("asin", real::asin, X, "The arc sine, in radians."),
        MethodDef::one("asinh", real::asinh, X, "The inverse hyperbolic sine."),
        MethodDef::one("atan", real::atan, X, "The arc tangent, in radians."),
        MethodDef::positional(
            "atan2",
            2,
            2,
            |vm, _, args| real::two(vm, args, f64::atan2),
            "($module, y, x, /)",
            "The arc tangent of a quotient, in the right quadrant.",
        ),
        MethodDef::one("atanh", real::atanh, X, "The inverse hyperbolic tangent."),
        MethodDef::one("cbrt", real::cbrt, X, "The cube root."),
        MethodDef::one("ceil", real::ceil, X, "The smallest whole number not below it."),
        MethodDef::positional(
            "copysign",
            2,
            2,
            |vm, _, args| real::two(vm, args, f64::copysign),
            "($module, x, y, /)",
            "The magnitude of one number with the sign of the other.",
        ),
        MethodDef::one("cos", real::cos, X, "The cosine of an angle in radians."),
        MethodDef::one("cosh", real::cosh, X, "The hyperbolic cosine."),
        MethodDef::one("degrees", real::degrees, X, "Degrees of an angle in radians."),
        MethodDef::positional("dist", 2, 2, vectors::dist, "($module, p, q, /)", "The distance of two points."),
        MethodDef::one("erf", real::erf, X, "The error function."),
        MethodDef::one("erfc", real::erfc, X, "One minus the error function."),
        MethodDef::one("exp", real::exp, X, "e to a power."),
        MethodDef::one("exp2", real::exp2, X, "2 to a power."),
        MethodDef::one("expm1", real::expm1, X, "e to a power, minus one."),
        MethodDef::one("fabs", real::fabs, X, "The absolute value as a float."),
        MethodDef::one("factorial", integers::factorial, "($module, n, /)", "The factorial."),
        MethodDef::one("floor", real::floor, X, "The largest whole number not above it."),
        MethodDef::positional("fma", 3, 3, real::fma, "($module, x, y, z, /)", "x * y + z, rounded once."),
        MethodDef::positional(
            "fmod",
            2,
            2,
            real::fmod,
            "($module, x, y, /)",
            "The remainder with the sign of the dividend.",
        ),
        MethodDef::one("frexp", real::frexp, X, "Mantissa and exponent."),
        MethodDef::one("fsum", vectors::fsum, "($module, seq, /)", "The exact sum of floats, rounded once."),
        MethodDef::one("gamma", real::gamma, X, "The gamma function."),
        MethodDef::args("gcd", integers::gcd, "($module, /, *integers)", "The greatest common divisor."),
        MethodDef::args("hypot", vectors::hypot, "($module, /, *coordinates)", "The length of a vector."),
        MethodDef::bound(
            "isclose",
            real::is_close,
            "($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)",
            "Whether two numbers are nearly equal.",
        ),
        MethodDef::one("isfinite", real::is_finite, X, "Whether it is neither infinite nor NaN."),
        MethodDef::one("isinf", real::is_inf, X, "Whether it is infinite."),
        MethodDef::one("isnan", real::is_nan, X, "Whether it is NaN."),
        MethodDef::one("isqrt", integers::isqrt, "($module, n, /)", "The square root rounded down."),
        MethodDef::args("lcm", integers::lcm, "($module, /, *integers)", "The least common multiple."),
        MethodDef::positional("ldexp", 2, 2, real::ldexp, "($module, x, i, /)", "x * 2**i."),
        MethodDef::one("lgamma", real::lgamma, X, "The logarithm of the gamma function's absolute value."),
        MethodDef::positional("log", 1, 2, real::log, "", "The logarithm, natural or to a base."),
        MethodDef::one("log1p", real::log1p, X, "The natural logarithm of one more."),
        MethodDef::one("log10", real::log10, X, "The logarithm to base 10."),
        MethodDef::one("log2", real::log2, X, "The logarithm to base 2."),
        MethodDef::one("modf", real::modf, X, "The fraction and the whole part."),
        MethodDef::positional("pow", 2, 2, real::pow, "($module, x, y, /)", "x to the power of y, as floats."),
        MethodDef::one("radians", real::radians, X, "Radians of an angle in degrees."),
        MethodDef::positional(
            "remainder",
            2,
            2,
            real::remainder,
            "($module, x, y, /)",
            "The difference to the nearest multiple.",
        ),
        MethodDef::one("sin", real::sin, X, "The sine of an angle in radians."),
        MethodDef::one("sinh", real::sinh, X, "The hyperbolic sine."),
        MethodDef::one("sqrt", real::sqrt, X, "The square root."),
        MethodDef::one("tan", real::tan, X, "The tangent of an angle in radians."),
        MethodDef::one("tanh", real::tanh, X, "The hyperbolic tangent."),
        MethodDef::positional(
            "sumprod",
            2,
            2,
            vectors::sumprod,
            "($module, p, q, /)",
            "The sum of the products of two series.",
        ),
        MethodDef::one("trunc", real::trunc, X, "The whole part."),
        MethodDef::bound("prod", vectors::prod, "($module, iterable, /, *, start=1)", "The product of all items."),
        MethodDef::positional(
            "perm",
            1,
            2,
            integers::perm,
            "($module, n, k=None, /)",
            "Ways to choose some of many in order.",
        ),
        MethodDef::positional("comb", 2, 2, integers::comb, "($module, n, k, /)", "Ways to choose some of many."),
        MethodDef::bound(
            "nextafter",
            real::next_after,
            "($module, x, y, /, *, steps=None)",
            "The float so many steps from one towards another.",
        ),
        MethodDef::one("ulp", real::ulp, X, "The value of the last bit."),
    ],
    exec: |vm, module| {
        for (name, value) in
            [("pi", consts::PI), ("e", consts::E), ("tau", consts::TAU), ("inf", f64::INFINITY), ("nan", f64::NAN)]
        {
            vm.module_set(module, name, vm.new_float(value))?;
        }
        Ok(())
    },
};

const X: &str = "($module, x, /)";

/// A float as a result.
fn float(vm: &Vm, x: f64) -> PyResult {
    Ok(vm.new_float(x))
}

/// The text of a float in messages.
fn shown(x: f64) -> String {
    oriel_kernel::number::float_text::repr(x)
}

/// An argument as an `int`.
fn index(vm: &Vm, value: &Value) -> PyResult {
    vm.index(value)
}
