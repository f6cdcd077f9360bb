//! Between format specifications as objects and the kernel's formatting: for all types that can be formatted.

use crate::error::{PyResult, Raised};
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};
use oriel_kernel::format::{Align, FormatError, Layout, Spec};
use oriel_kernel::text::TextBuf;

impl Vm {
    /// The exception that a failed formatting raises.
    #[cold]
    pub fn format_error(&self, error: FormatError) -> Raised {
        match error {
            FormatError::Value(text) => self.value_error(text),
            FormatError::Overflow(text) => self.overflow_error(text),
            FormatError::Memory => self.memory_error(),
        }
    }

    /// The argument of a `__format__` method.
    pub fn format_argument<'a>(&self, spec: &'a Value) -> PyResult<&'a Ref<Str>> {
        self.expect_str(spec, |name| format!("__format__() argument must be str, not {name}"))
    }

    /// Whether a format specification is empty.
    pub fn is_empty_format(&self, spec: &Value) -> PyResult<bool> {
        Ok(self.format_argument(spec)?.len() == 0)
    }

    /// A format specification taken apart, for a value of a type.
    pub fn format_spec(&self, spec: &Value, align: Align, type_name: &str) -> PyResult<Spec> {
        let text = self.format_argument(spec)?.text();
        Spec::parse(text.len(), |i| text.at(i), align, type_name).map_err(|error| self.format_error(error))
    }

    /// The `str` of a formatted number.
    pub fn formatted(&self, layout: Result<Layout, FormatError>) -> PyResult {
        let layout = layout.map_err(|error| self.format_error(error))?;
        let mut text = TextBuf::new();
        self.push_layout(&mut text, &layout)?;
        self.new_text_buf(&text)
    }

    /// Appends a formatted number to text.
    pub fn push_layout(&self, text: &mut TextBuf, layout: &Layout) -> PyResult<()> {
        let room = layout.len().filter(|&len| isize::try_from(len).is_ok());
        if room.is_none_or(|len| text.try_reserve(len).is_err()) {
            return Err(self.memory_error());
        }
        let fill = layout.fill;
        for (count, part) in [(layout.left, &layout.head[..]), (layout.inner, &layout.body), (layout.right, "")] {
            if count > 0 {
                text.push_repeated(fill, count);
            }
            text.push_str(part);
        }
        Ok(())
    }
}
