//! `SyntaxError`, `IndentationError`, `TabError` and `_IncompleteInputError`.

use crate::args::Args;
use crate::error::{PyResult, Raised};
use crate::native::TypeSpec;
use crate::types::exceptions::{FLAGS, body, init_args, new};
use crate::types::str::Str;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Value};

exception_body! {
    /// The body of `SyntaxError`.
    SyntaxError as "SyntaxError" {
        /// The message.
        msg,
        /// The file.
        filename,
        /// The line, from 1.
        lineno,
        /// The column, from 1.
        offset,
        /// The source line.
        text,
        /// The line where it ends.
        end_lineno,
        /// The column where it ends.
        end_offset,
        /// Set by the interactive loop.
        print_file_and_line,
        /// What suggestions of keywords need.
        metadata,
    }
}

/// `SyntaxError`
pub static SYNTAX_ERROR: TypeSpec = TypeSpec {
    flags: FLAGS,
    base: Some(|types| &types.exception),
    doc: "The source is not Python.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(syntax_init));
        slots.str.set(Some(syntax_str));
    },
    getset: &[
        field!(SyntaxError, msg, "msg", "The message."),
        field!(SyntaxError, filename, "filename", "The file."),
        field!(SyntaxError, lineno, "lineno", "The line."),
        field!(SyntaxError, offset, "offset", "The column."),
        field!(SyntaxError, text, "text", "The source line."),
        field!(SyntaxError, end_lineno, "end_lineno", "The line where it ends."),
        field!(SyntaxError, end_offset, "end_offset", "The column where it ends."),
        field!(SyntaxError, print_file_and_line, "print_file_and_line", "Whether the place is printed."),
        field!(SyntaxError, metadata, "_metadata", "What suggestions need."),
    ],
    ..TypeSpec::new("SyntaxError", SyntaxError::layout)
};

macro_rules! subclasses {
    ($($constant:ident $name:literal: $base:ident, $doc:literal;)*) => {
        $(#[doc = concat!("`", $name, "`")]
        pub static $constant: TypeSpec = TypeSpec {
            flags: FLAGS,
            base: Some(|types| &types.$base),
            doc: $doc,
            ..TypeSpec::new($name, SyntaxError::layout)
        };)*
    };
}

subclasses! {
    INDENTATION_ERROR "IndentationError": syntax_error, "The indentation is wrong.";
    TAB_ERROR "TabError": indentation_error, "Tabs and spaces are mixed.";
    INCOMPLETE_INPUT_ERROR "_IncompleteInputError": syntax_error, "The source ends too early.";
}

fn syntax_init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    args.no_keywords(vm, &vm.type_name(this))?;
    let values = args.positional();
    init_args(vm, this, values)?;
    let own = body::<SyntaxError>(vm, this)?;
    if let Some(msg) = values.first() {
        own.msg.set(Some(msg.clone()));
    }
    let [_, info] = values else { return Ok(()) };
    let info = vm.collect(info)?;
    let given = info.len();
    if given < 4 {
        return Err(vm.type_error(format!("function takes at least 4 arguments ({given} given)")));
    }
    if given > 7 {
        return Err(vm.type_error(format!("function takes at most 7 arguments ({given} given)")));
    }
    let fields = [&own.filename, &own.lineno, &own.offset, &own.text, &own.end_lineno, &own.end_offset, &own.metadata];
    for (index, field) in fields.into_iter().enumerate() {
        field.set(info.get(index).cloned());
    }
    if own.end_lineno.is_some() && !own.end_offset.is_some() {
        return Err(vm.type_error("end_offset must be provided when end_lineno is provided"));
    }
    Ok(())
}

fn syntax_str(vm: &Vm, this: &Value) -> PyResult {
    let own = body::<SyntaxError>(vm, this)?;
    let msg = own.msg.get().unwrap_or(Value::NONE);
    let filename = own.filename.get().filter(|filename| filename.downcast::<Str>().is_some());
    let lineno = own.lineno.get().and_then(|lineno| match vm.small_or_big(&lineno) {
        Some(Ok(number)) if vm.type_of(&lineno).is(&vm.types.int) => Some(number),
        Some(Err(_)) => Some(-1),
        _ => None,
    });
    let place = match (filename, lineno) {
        (None, None) => return vm.str(&msg),
        (Some(filename), None) => base_name(&vm.str_text(&filename)).to_owned(),
        (None, Some(line)) => format!("line {line}"),
        (Some(filename), Some(line)) => format!("{}, line {line}", base_name(&vm.str_text(&filename))),
    };
    let msg = vm.str(&msg)?;
    Ok(vm.new_str(&format!("{} ({place})", vm.str_text(&msg))))
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Where a syntax error is.
#[derive(Clone, Debug, Default)]
pub struct SyntaxPlace {
    /// The line, from 1.
    pub line: i64,
    /// The column, from 1; 0 for none.
    pub column: i64,
    /// The line where it ends.
    pub end_line: i64,
    /// The column where it ends.
    pub end_column: i64,
    /// The source line, with its line end.
    pub text: Option<String>,
}

impl Vm {
    /// A SyntaxError, or a subclass of it, at a place in a file.
    #[cold]
    pub fn new_syntax_error(&self, class: &TypeRef, message: &str, filename: &Value, place: &SyntaxPlace) -> Raised {
        let text = place.text.as_deref().map_or(Value::NONE, |text| self.new_str(text));
        let info = self.new_tuple(&[
            filename.clone(),
            self.new_int(place.line),
            self.new_int(place.column),
            text,
            self.new_int(place.end_line),
            self.new_int(place.end_column),
        ]);
        self.new_exception_with(class, &[self.new_str(message), info])
    }
}
