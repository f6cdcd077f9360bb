//! `_md5`, `_sha1`, `_sha2`, `_sha3`, `_blake2`: hash objects over the RustCrypto crates and the BLAKE2 crates.

mod blake2;
mod plain;
mod sha3;

pub use blake2::SPEC as BLAKE2;
pub use plain::{MD5, SHA1, SHA2};
pub use sha3::SPEC as SHA3;

use oriel_runtime::types::str::Str;
use oriel_runtime::{PyResult, Value, Vm};

/// Input at least so long is hashed while other threads run; CPython shows the number.
const MANY: i64 = 2048;

/// The first input of a hash object: `data`, or `string` by its old name.
fn first_input<'a>(vm: &Vm, data: Option<&'a Value>, string: Option<&'a Value>) -> PyResult<Option<&'a Value>> {
    match (data, string) {
        (Some(_), Some(_)) => Err(vm.type_error(
            "'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for \
             removal in a future version.",
        )),
        (None, Some(string)) => vm
            .warn(
                &vm.types.deprecation_warning,
                "the 'string' keyword parameter is deprecated since Python 3.15 and slated for removal in Python \
                 3.19; use the 'data' keyword parameter or pass the data to hash as a positional argument instead",
                1,
            )
            .map(|()| Some(string)),
        (data, None) => Ok(data),
    }
}

/// Lends the bytes of an input to a function, while other threads may run.
fn with_input<R>(vm: &Vm, input: &Value, function: impl FnOnce(&[u8]) -> R) -> PyResult<R> {
    if input.downcast::<Str>().is_some() {
        return Err(vm.type_error("Strings must be encoded before hashing"));
    }
    if !vm.has_buffer(input) {
        return Err(vm.type_error("object supporting the buffer API required"));
    }
    let view = vm.full_buffer(input, false)?;
    if view.shape.len() > 1 {
        return Err(vm.buffer_error("Buffer must be single dimension"));
    }
    Ok(view.with_bytes(function))
}
