//! `open`: the mode read, the layers put together.

use super::helpers;
use super::{DEFAULT_BUFFER_SIZE, State};
use oriel_runtime::types::str::Str;
use oriel_runtime::{Args, Bound, PyResult, Value, Vm};

fn optional_text<'a>(vm: &Vm, value: Option<&'a Value>, name: &str) -> PyResult<Option<&'a Value>> {
    match value.filter(|value| !value.is_none()) {
        Some(value) if value.downcast::<Str>().is_none() => {
            let given = vm.type_name(value);
            Err(vm.type_error(format!("open() argument '{name}' must be str or None, not {given}")))
        }
        other => Ok(other),
    }
}

/// `open(file, mode, buffering, encoding, errors, newline, closefd, opener)`
pub fn open(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let Some(file) = args[0] else { return Ok(Value::NONE) };
    let mode = match args[1] {
        None => "r".to_owned(),
        Some(mode) => match mode.downcast::<Str>() {
            Some(mode) => mode.to_text(),
            None => {
                let given = vm.type_name(mode);
                return Err(vm.type_error(format!("open() argument 'mode' must be str, not {given}")));
            }
        },
    };
    let mut buffering = args[2].map_or(Ok(-1), |size| vm.to_i32(size))?;
    let encoding = optional_text(vm, args[3], "encoding")?;
    let errors = optional_text(vm, args[4], "errors")?;
    let newline = optional_text(vm, args[5], "newline")?;
    let close_descriptor = args[6].map_or(Ok(true), |flag| vm.truth(flag))?;
    let opener = args[7].cloned().unwrap_or(Value::NONE);
    let path = if vm.small_or_big(file).is_some() { file.clone() } else { vm.fs_path(file)? };

    let (mut kinds, mut plus, mut text, mut binary) = (0, false, false, false);
    let mut seen = Vec::new();
    for letter in mode.chars() {
        if seen.contains(&letter) || !"rwaxtb+".contains(letter) {
            return Err(vm.value_error(format!("invalid mode: '{mode}'")));
        }
        seen.push(letter);
        match letter {
            '+' => plus = true,
            't' => text = true,
            'b' => binary = true,
            _ => kinds += 1,
        }
    }
    let (creating, reading, writing, appending) =
        (mode.contains('x'), mode.contains('r'), mode.contains('w'), mode.contains('a'));
    if text && binary {
        return Err(vm.value_error("can't have text and binary mode at once"));
    }
    if kinds != 1 {
        return Err(vm.value_error("must have exactly one of create/read/write/append mode"));
    }
    for (given, name) in [(encoding, "an encoding"), (errors, "an errors"), (newline, "a newline")] {
        if binary && given.is_some() {
            return Err(vm.value_error(format!("binary mode doesn't take {name} argument")));
        }
    }
    if binary && buffering == 1 {
        vm.warn(
            &vm.types.runtime_warning,
            "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used",
            1,
        )?;
    }
    let mut raw_mode = String::new();
    for (on, letter) in [(creating, 'x'), (reading, 'r'), (writing, 'w'), (appending, 'a'), (plus, '+')] {
        if on {
            raw_mode.push(letter);
        }
    }
    let state = vm.state::<State>();
    let (Some(file_io), Some(reader), Some(writer), Some(random), Some(wrapper)) =
        (state.file_io.get(), state.reader.get(), state.writer.get(), state.random.get(), state.text.get())
    else {
        return Err(vm.runtime_error("the module _io is not complete"));
    };
    let raw = vm.call(file_io.as_value(), &[path, vm.new_str(&raw_mode), Value::bool(close_descriptor), opener])?;
    // What is there so far, and closed if the rest fails.
    let mut made = raw.clone();
    let rest = || -> PyResult {
        let terminal = || -> PyResult<bool> {
            let answer = vm.call_method_str(&raw, "_isatty_open_only", &[])?;
            vm.truth(&answer)
        };
        let mut line_buffering = false;
        if buffering == 1 && !binary || buffering < 0 && terminal()? {
            buffering = -1;
            line_buffering = true;
        }
        let size = if buffering < 0 {
            let block = vm.get_attr(&raw, &vm.names._blksize)?;
            vm.to_isize(&block)?.clamp(DEFAULT_BUFFER_SIZE as isize, 8 * 1024 * 1024)
        } else {
            buffering as isize
        };
        if size == 0 {
            if binary {
                return Ok(raw.clone());
            }
            return Err(vm.value_error("can't have unbuffered text I/O"));
        }
        let class = if plus {
            random
        } else if creating || writing || appending {
            writer
        } else {
            reader
        };
        let buffer = vm.call(class.as_value(), &[raw.clone(), vm.new_int(size as i64)])?;
        made = buffer.clone();
        if binary {
            return Ok(buffer);
        }
        let none = Value::NONE;
        let stream = vm.call_args(
            wrapper.as_value(),
            Args {
                values: &[
                    buffer.clone(),
                    encoding.unwrap_or(&none).clone(),
                    errors.unwrap_or(&none).clone(),
                    newline.unwrap_or(&none).clone(),
                    Value::bool(line_buffering),
                ],
                names: &[],
            },
        );
        let stream = stream?;
        made = stream.clone();
        vm.set_attr(&stream, &vm.names.mode, &vm.new_str(&mode))?;
        Ok(stream)
    };
    let mut rest = rest;
    match rest() {
        Ok(stream) => Ok(stream),
        Err(raised) => {
            if let Err(second) = vm.call_method(&made, &vm.names.close, &[]) {
                return Err(helpers::chained(vm, raised, second));
            }
            Err(raised)
        }
    }
}

/// `open_code(path)`
pub fn open_code(vm: &Vm, module: &Value, args: &Bound<'_>) -> PyResult {
    let Some(path) = args[0] else { return Ok(Value::NONE) };
    if path.downcast::<Str>().is_none() {
        let given = vm.type_name(path);
        return Err(vm.type_error(format!("open_code() argument 'path' must be str, not {given}")));
    }
    let mode = vm.new_str("rb");
    open(vm, module, &[Some(path), Some(&mode), None, None, None, None, None, None])
}

/// `text_encoding(encoding, stacklevel)`: "locale", or "utf-8" in UTF-8 mode, where none is given.
pub fn text_encoding(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    match args[0] {
        Some(encoding) if !encoding.is_none() => Ok(encoding.clone()),
        _ => {
            if vm.config.warn_default_encoding {
                let level = args[1].map_or(Ok(2), |level| vm.to_i32(level))?;
                vm.warn(&vm.types.encoding_warning, "'encoding' argument not specified", level as isize)?;
            }
            Ok(vm.intern(if vm.config.utf8_mode_forced { "utf-8" } else { "locale" }))
        }
    }
}
