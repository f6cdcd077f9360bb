//! `_io`: files and streams.

mod base;
mod buffered;
mod bytes_io;
mod file_io;
mod helpers;
mod newlines;
mod open;
mod pair;
mod string_io;
mod text;

use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{MethodDef, ModuleSpec, Value};
use std::cell::OnceCell;

/// Bytes of a buffer where nobody says otherwise.
pub const DEFAULT_BUFFER_SIZE: usize = 128 * 1024;

/// The module's types.
#[derive(Default)]
pub struct State {
    /// `_IOBase`
    pub io_base: OnceCell<Value>,
    /// `FileIO`
    pub file_io: OnceCell<TypeRef>,
    /// `BufferedReader`
    pub reader: OnceCell<TypeRef>,
    /// `BufferedWriter`
    pub writer: OnceCell<TypeRef>,
    /// `BufferedRandom`
    pub random: OnceCell<TypeRef>,
    /// `TextIOWrapper`
    pub text: OnceCell<TypeRef>,
    /// The exporter of `BytesIO.getbuffer`.
    pub bytes_buffer: OnceCell<TypeRef>,
    /// `IncrementalNewlineDecoder`
    pub newline_decoder: OnceCell<TypeRef>,
    /// `StringIO`
    pub string_io: OnceCell<TypeRef>,
    /// `UnsupportedOperation`
    pub unsupported: OnceCell<Value>,
}

/// `_io`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_io",
    doc: "Files and streams.",
    functions: &[
        MethodDef::bound(
            "open",
            open::open,
            "($module, /, file, mode='r', buffering=-1, encoding=None,\n     errors=None, newline=None, closefd=True, opener=None)",
            "Open a file and return a stream.",
        ),
        MethodDef::bound("open_code", open::open_code, "($module, /, path)", "Open a file with code."),
        MethodDef::bound(
            "text_encoding",
            open::text_encoding,
            "($module, encoding, stacklevel=2, /)",
            "Choose the encoding of text.",
        ),
    ],
    exec: |vm, module| {
        let state = vm.state::<State>();
        vm.module_set(module, "DEFAULT_BUFFER_SIZE", vm.new_int(DEFAULT_BUFFER_SIZE as i64))?;
        vm.module_set(module, "BlockingIOError", vm.builtin("BlockingIOError")?)?;
        let io_base = vm.module_type(module, &base::IO_BASE)?;
        let _ = state.io_base.set(io_base.to_value());
        let derived = |spec, base: &TypeRef| -> oriel_runtime::PyResult<TypeRef> {
            let ty = vm.new_type_with_base(spec, base)?;
            vm.module_set(module, &ty.name_text(), ty.to_value())?;
            Ok(ty)
        };
        let raw_base = derived(&base::RAW_IO_BASE, &io_base)?;
        let buffered_base = derived(&base::BUFFERED_IO_BASE, &io_base)?;
        let text_base = derived(&base::TEXT_IO_BASE, &io_base)?;
        let _ = state.file_io.set(derived(&file_io::SPEC, &raw_base)?);
        let _ = state.reader.set(derived(&buffered::READER, &buffered_base)?);
        let _ = state.writer.set(derived(&buffered::WRITER, &buffered_base)?);
        let _ = state.random.set(derived(&buffered::RANDOM, &buffered_base)?);
        let _ = state.text.set(derived(&text::SPEC, &text_base)?);
        let bases = vm.new_tuple(&[vm.types.os_error.to_value(), vm.types.value_error.to_value()]);
        let namespace = vm.new_dict();
        namespace.set_str(&vm.names.__module__, vm.intern("io"));
        let name = vm.intern("UnsupportedOperation");
        let unsupported = match state.unsupported.get() {
            Some(class) => class.clone(),
            None => vm.call(vm.types.type_.as_value(), &[name, bases, namespace.into_value()])?,
        };
        vm.module_set(module, "UnsupportedOperation", unsupported.clone())?;
        let _ = state.unsupported.set(unsupported);
        derived(&bytes_io::SPEC, &buffered_base)?;
        let _ = state.bytes_buffer.set(vm.new_type(&bytes_io::BUFFER_SPEC)?);
        let _ = state.string_io.set(derived(&string_io::SPEC, &text_base)?);
        derived(&pair::SPEC, &buffered_base)?;
        let _ = state.newline_decoder.set(vm.module_type(module, &newlines::SPEC)?);
        Ok(())
    },
};
