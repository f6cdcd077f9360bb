//! Types, frames, the interpreter loop, calls, exceptions, import and bootstrap.
//!
//! The runtime knows neither the library's native modules nor the tracer: they register themselves at start.

pub mod bootstrap;
pub mod config;
pub mod error;
pub mod finalize;
pub mod startup;
pub mod vm;

pub mod args;
pub mod native;
pub mod slots;

pub mod arithmetic;
pub mod attributes;
pub mod buffer;
pub mod cells;
pub mod compile;
pub mod formatting;
pub mod import;
pub mod protocol;
pub mod shape;
pub mod traceback_print;
pub mod types;
pub mod warnings;

pub mod frame;
pub mod interpreter;
pub mod lowered;
pub mod monitoring;
pub mod observer;

pub mod fork;
pub mod gil;
pub mod intern;
pub mod late;
pub mod modules;
pub mod names;
pub mod paths;
pub mod platform;
pub mod signals;
pub mod suggestion;
pub mod thread;
pub mod threads;
pub mod weak;
pub mod weak_members;

pub use args::{Args, Bound};
pub use error::{PyResult, Raised};
pub use native::{GetSetDef, MethodDef, ModuleSpec, TypeSpec, type_flags};
pub use oriel_heap::{Body, Layout, Ref, Value, Visitor};
pub use oriel_syntax::Mode;
pub use slots::CompareOp;
pub use vm::{Interpreter, Vm};
