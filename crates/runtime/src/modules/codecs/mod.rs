//! `_codecs`: the registries of codecs and error handlers, and the native codecs' functions.
//!
//! The encodings themselves are in [`oriel_kernel::codecs`]; what `str.encode` and `bytes.decode` do is [`text`].

mod arguments;
mod charmap;
mod escape;
mod functions;
mod handler;
mod handlers;
mod names;
mod registry;
mod source;
mod text;

pub use handler::Handler;
pub use names::check_name;

use crate::native::ModuleSpec;

/// `_codecs`
pub static SPEC: ModuleSpec =
    ModuleSpec { name: "_codecs", doc: "", functions: functions::FUNCTIONS, exec: |_, _| Ok(()) };
