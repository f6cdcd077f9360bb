//! Formatting: the format specification of `format()`, the printf-style formats of `%`, and the fields of `str.format`.
//!
//! Values come and go as plain data. Padding is returned as counts ([`Layout`]), so that a caller writes it straight
//! into its own text and can refuse widths that no memory holds.

mod complex;
pub mod fields;
mod float;
mod int;
mod layout;
pub mod percent;
pub mod quick;
mod spec;
#[cfg(test)]
mod tests;

pub use complex::format_complex;
pub use float::format_float;
pub use int::{IntRef, Limit, format_int};
pub use layout::Layout;
pub use spec::{Align, Grouping, Spec, StrLayout, format_str, is_plain};

/// Why something could not be formatted: the exception's type and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormatError {
    /// ValueError.
    Value(String),
    /// OverflowError.
    Overflow(String),
    /// MemoryError.
    Memory,
}

fn value_error<T>(text: impl Into<String>) -> Result<T, FormatError> {
    Err(FormatError::Value(text.into()))
}

/// A type character that a type does not know.
fn unknown_code<T>(code: u32, type_name: &str) -> Result<T, FormatError> {
    value_error(format!("Unknown format code '{}' for object of type '{type_name}'", spec::shown(code)))
}
