//! The exception classes without fields of their own.

use crate::error::PyResult;
use crate::native::TypeSpec;
use crate::types::exceptions::{BaseException, FLAGS, init, new, str};
use crate::vm::Vm;
use oriel_heap::{Body, Value};

macro_rules! simple {
    ($($constant:ident $name:literal: $base:ident, $doc:literal;)*) => {
        $(#[doc = concat!("`", $name, "`")]
        pub static $constant: TypeSpec = TypeSpec {
            flags: FLAGS,
            base: Some(|types| &types.$base),
            doc: $doc,
            slots: |slots| {
                slots.new.set(Some(new));
                slots.init.set(Some(init));
            },
            ..TypeSpec::new($name, BaseException::layout)
        };)*
    };
}

simple! {
    EXCEPTION "Exception": base_exception, "The base of all exceptions that do not end the program.";
    TYPE_ERROR "TypeError": exception, "An argument of the wrong type.";
    VALUE_ERROR "ValueError": exception, "An argument of the right type with a wrong value.";
    LOOKUP_ERROR "LookupError": exception, "The base of failed look-ups.";
    INDEX_ERROR "IndexError": lookup_error, "A sequence has no such position.";
    ARITHMETIC_ERROR "ArithmeticError": exception, "The base of arithmetic errors.";
    OVERFLOW_ERROR "OverflowError": arithmetic_error, "A result too large.";
    ZERO_DIVISION_ERROR "ZeroDivisionError": arithmetic_error, "A division or modulo by zero.";
    FLOATING_POINT_ERROR "FloatingPointError": arithmetic_error, "A floating-point operation that failed.";
    RUNTIME_ERROR "RuntimeError": exception, "An error of no other kind.";
    RECURSION_ERROR "RecursionError": runtime_error, "Calls nested too deeply.";
    NOT_IMPLEMENTED_ERROR "NotImplementedError": runtime_error, "A method that is to be overridden.";
    PYTHON_FINALIZATION_ERROR "PythonFinalizationError": runtime_error, "Not possible while Python shuts down.";
    SYSTEM_ERROR "SystemError": exception, "An internal error of the interpreter.";
    MEMORY_ERROR "MemoryError": exception, "Out of memory.";
    BUFFER_ERROR "BufferError": exception, "A buffer operation that is not possible.";
    EOF_ERROR "EOFError": exception, "The end of input where more was wanted.";
    REFERENCE_ERROR "ReferenceError": exception, "The object of a weak proxy is gone.";
    ASSERTION_ERROR "AssertionError": exception, "An assertion that does not hold.";
    STOP_ASYNC_ITERATION "StopAsyncIteration": exception, "The end of an asynchronous iterator.";
    GENERATOR_EXIT "GeneratorExit": base_exception, "A generator is being closed.";
    KEYBOARD_INTERRUPT "KeyboardInterrupt": base_exception, "The user has interrupted the program.";
    WARNING "Warning": exception, "The base of warning categories.";
    DEPRECATION_WARNING "DeprecationWarning": warning, "A feature that will go away, for developers.";
    PENDING_DEPRECATION_WARNING "PendingDeprecationWarning": warning, "A feature that will be deprecated.";
    RUNTIME_WARNING "RuntimeWarning": warning, "Dubious behaviour at run time.";
    SYNTAX_WARNING "SyntaxWarning": warning, "Dubious syntax.";
    USER_WARNING "UserWarning": warning, "The warnings of user code.";
    FUTURE_WARNING "FutureWarning": warning, "A change of meaning to come, for users.";
    IMPORT_WARNING "ImportWarning": warning, "A probable mistake in an import.";
    UNICODE_WARNING "UnicodeWarning": warning, "A warning about Unicode.";
    BYTES_WARNING "BytesWarning": warning, "A probable mix-up of bytes and text.";
    RESOURCE_WARNING "ResourceWarning": warning, "A resource that was not released.";
    ENCODING_WARNING "EncodingWarning": warning, "A default encoding was used.";
    UNICODE_ERROR "UnicodeError": value_error, "The base of encoding errors.";
}

/// `KeyError`
pub static KEY_ERROR: TypeSpec = TypeSpec {
    flags: FLAGS,
    base: Some(|types| &types.lookup_error),
    doc: "A mapping has no such key.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(init));
        slots.str.set(Some(key_error_str));
    },
    ..TypeSpec::new("KeyError", BaseException::layout)
};

/// A single argument is shown by its `repr`, so that `KeyError('')` says something.
fn key_error_str(vm: &Vm, this: &Value) -> PyResult {
    match vm.exception_args(this).items() {
        [key] => vm.repr(key),
        _ => str(vm, this),
    }
}
