//! What must hold for any bytes read as marshal: they are a value or an error; a value can be written, and read again
//! to the same bytes; a code object can be verified and printed. The fuzz target and the replay of its corpus share this.

use oriel_bytecode::{Constant, display, marshal, pyc};
use oriel_compiler::verify::verify;

/// Reads `data` as a stream, and as a `.pyc` file.
pub fn check(data: &[u8]) {
    stream(data);
    if pyc::read_header(data).is_ok() {
        stream(&data[pyc::HEADER_SIZE..]);
    }
}

fn stream(data: &[u8]) {
    let Ok(value) = marshal::plain::load_constant(data) else { return };
    if let Constant::Code(code) = &value {
        let _ = code.instructions().count();
        if verify(code).is_ok() {
            let _ = display::disassemble_recursive(code, display::Options::default());
        }
    }
    let _ = display::repr(&value);
    if let Ok(bytes) = marshal::plain::dump_constant(&value) {
        match marshal::plain::load_constant(&bytes) {
            Ok(again) => {
                let twice = marshal::plain::dump_constant(&again);
                assert_eq!(twice.as_ref(), Ok(&bytes), "written twice, differently");
            }
            Err(error) => panic!("what was written cannot be read: {error}"),
        }
    }
}
