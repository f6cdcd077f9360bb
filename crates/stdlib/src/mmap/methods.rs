//! What the methods of an `mmap` do.

use super::{Access, Mmap, mmap};
use crate::bodies::given;
use oriel_runtime::platform::files;
use oriel_runtime::{Bound, MethodDef, PyResult, Value, Vm};

/// The methods.
pub(super) const METHODS: &[MethodDef] = &[
    MethodDef::noargs("close", close, "($self, /)", "Give the memory back."),
    MethodDef::bound(
        "find",
        |vm, this, args| find(vm, this, args, false),
        "($self, view, start=None, end=None, /)",
        "Return where bytes are first found, or -1.",
    ),
    MethodDef::bound(
        "rfind",
        |vm, this, args| find(vm, this, args, true),
        "($self, view, start=None, end=None, /)",
        "Return where bytes are last found, or -1.",
    ),
    MethodDef::bound("flush", flush, "($self, offset=0, size=None, /)", "Write changes to the file."),
    MethodDef::bound(
        "madvise",
        madvise,
        "($self, option, start=0, length=None, /)",
        "Tell the system how the memory will be used.",
    ),
    MethodDef::bound("move", move_bytes, "($self, dest, src, count, /)", "Copy bytes within the memory."),
    MethodDef::bound("read", read, "($self, n=None, /)", "Return bytes from the position on."),
    MethodDef::noargs("read_byte", read_byte, "($self, /)", "Return the byte at the position."),
    MethodDef::noargs("readline", read_line, "($self, /)", "Return a line from the position on."),
    MethodDef::bound("resize", resize, "($self, newsize, /)", "Make the mapping, and its file, longer or shorter."),
    MethodDef::bound("seek", seek, "($self, pos, whence=0, /)", "Change the position."),
    MethodDef::noargs("seekable", |_, _| Ok(Value::TRUE), "($self, /)", "True."),
    MethodDef::noargs("size", size, "($self, /)", "Return the length of the file."),
    MethodDef::noargs("tell", tell, "($self, /)", "Return the position."),
    MethodDef::one("write", write, "($self, bytes, /)", "Write bytes at the position."),
    MethodDef::one("write_byte", write_byte, "($self, byte, /)", "Write a byte at the position."),
    MethodDef::noargs(
        "__enter__",
        |vm, this| mmap(vm, this)?.len(vm).map(|_| this.clone()),
        "($self, /)",
        "Return the object.",
    ),
    MethodDef::positional(
        "__exit__",
        3,
        3,
        |vm, this, _| close(vm, this),
        "($self, exc_type, exc_value, traceback, /)",
        "Give the memory back.",
    ),
];

fn close(vm: &Vm, this: &Value) -> PyResult {
    let body = mmap(vm, this)?;
    if body.exports.get() > 0 {
        return Err(vm.buffer_error("cannot close exported pointers exist"));
    }
    let mapping = body.mapping.take();
    body.descriptor.close();
    vm.allow_threads(|| drop(mapping));
    Ok(Value::NONE)
}

fn clipped(vm: &Vm, value: Option<&Value>, default: usize, len: usize) -> PyResult<usize> {
    let Some(value) = value.filter(|value| !value.is_none()) else { return Ok(default.min(len)) };
    let index = vm.to_isize_clipped(value)?;
    let index = if index < 0 { index.saturating_add(len as isize) } else { index };
    Ok(usize::try_from(index).unwrap_or(0).min(len))
}

fn find(vm: &Vm, this: &Value, args: &Bound<'_>, last: bool) -> PyResult {
    let body = mmap(vm, this)?;
    let needle = vm.operand(given(vm, args[0])?)?;
    let len = body.len(vm)?;
    let start = clipped(vm, args[1], body.position.get(), len)?;
    let end = clipped(vm, args[2], len, len)?;
    if start > end {
        return Ok(Value::small(-1));
    }
    let found = needle.with(|needle| {
        body.with(vm, |bytes| {
            let part = bytes.get(start..end).unwrap_or_default();
            if last { memchr::memmem::rfind(part, needle) } else { memchr::memmem::find(part, needle) }
        })
    })?;
    Ok(vm.new_int(found.map_or(-1, |at| (start + at) as i64)))
}

fn count(vm: &Vm, value: Option<&Value>, default: isize) -> PyResult<isize> {
    value.filter(|value| !value.is_none()).map_or(Ok(default), |value| vm.to_isize_index(value))
}

fn flush(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let body = mmap(vm, this)?;
    let len = body.len(vm)?;
    let offset = count(vm, args[0], 0)?;
    let size = count(vm, args[1], len as isize)?;
    let (Ok(offset), Ok(size)) = (usize::try_from(offset), usize::try_from(size)) else {
        return Err(vm.value_error("flush values out of range"));
    };
    if offset.checked_add(size).is_none_or(|end| end > len) {
        return Err(vm.value_error("flush values out of range"));
    }
    if matches!(body.access, Access::Read | Access::Copy) {
        return Ok(Value::NONE);
    }
    body.with_mapping(vm, |mapping| mapping.flush(offset, size, libc::MS_SYNC))?.map_err(|errno| vm.os_error(errno))?;
    Ok(Value::NONE)
}

fn madvise(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let body = mmap(vm, this)?;
    let len = body.len(vm)? as isize;
    let option = vm.to_i32(given(vm, args[0])?)?;
    let start = count(vm, args[1], 0)?;
    let length = count(vm, args[2], len)?;
    if start < 0 || start >= len {
        return Err(vm.value_error("madvise start out of bounds"));
    }
    if length < 0 {
        return Err(vm.value_error("madvise length invalid"));
    }
    if start.checked_add(length).is_none() {
        return Err(vm.overflow_error("madvise length too large"));
    }
    let length = length.min(len - start);
    body.with_mapping(vm, |mapping| mapping.advise(start as usize, length as usize, option))?
        .map_err(|errno| vm.os_error(errno))?;
    Ok(Value::NONE)
}

fn move_bytes(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let body = mmap(vm, this)?;
    let mut numbers = [0isize; 3];
    for (place, value) in numbers.iter_mut().zip(args) {
        *place = vm.to_isize_index(given(vm, *value)?)?;
    }
    let len = body.len(vm)?;
    body.check_writable(vm)?;
    let [target, source, count] = numbers.map(|number| usize::try_from(number).ok());
    let (Some(target), Some(source), Some(count)) = (target, source, count) else {
        return Err(vm.value_error("source, destination, or count out of range"));
    };
    let fits = |start: usize| start.checked_add(count).is_some_and(|end| end <= len);
    if !fits(target) || !fits(source) {
        return Err(vm.value_error("source, destination, or count out of range"));
    }
    body.with_mut(vm, |bytes| bytes.copy_within(source..source + count, target))?;
    Ok(Value::NONE)
}

/// A part of the memory as `bytes`; the position moves behind it.
fn take(vm: &Vm, body: &Mmap, size: usize) -> PyResult {
    let start = body.position.get();
    let mut out = Vec::new();
    out.try_reserve_exact(size).map_err(|_| vm.memory_error())?;
    body.with(vm, |bytes| {
        let rest = bytes.get(start..).unwrap_or_default();
        out.extend_from_slice(&rest[..size.min(rest.len())]);
    })?;
    body.position.set(start + out.len());
    vm.try_new_bytes(&out)
}

fn read(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let body = mmap(vm, this)?;
    let wanted = match args[0].filter(|size| !size.is_none()) {
        None => -1,
        Some(size) if vm.type_of(size).slots.nb_index.get().is_some() => vm.to_isize_index(size)?,
        Some(size) => {
            let given = vm.type_name(size);
            return Err(vm.type_error(format!("argument should be integer or None, not '{given}'")));
        }
    };
    let rest = body.len(vm)?.saturating_sub(body.position.get());
    take(vm, body, usize::try_from(wanted).map_or(rest, |wanted| wanted.min(rest)))
}

fn read_byte(vm: &Vm, this: &Value) -> PyResult {
    let body = mmap(vm, this)?;
    let position = body.position.get();
    match body.with(vm, |bytes| bytes.get(position).copied())? {
        Some(byte) => {
            body.position.set(position + 1);
            Ok(Value::small(byte.into()))
        }
        None => Err(vm.value_error("read byte out of range")),
    }
}

fn read_line(vm: &Vm, this: &Value) -> PyResult {
    let body = mmap(vm, this)?;
    let size = body.with(vm, |bytes| {
        let rest = bytes.get(body.position.get()..).unwrap_or_default();
        memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1)
    })?;
    take(vm, body, size)
}

fn resize(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let body = mmap(vm, this)?;
    let new = vm.to_isize_index(given(vm, args[0])?)?;
    let old = body.len(vm)?;
    if body.exports.get() > 0 {
        return Err(vm.buffer_error("mmap can't resize with extant buffers exported."));
    }
    if !body.tracked {
        return Err(vm.value_error("mmap can't resize with trackfd=False."));
    }
    if !matches!(body.access, Access::Write | Access::Default) {
        return Err(vm.type_error("mmap can't resize a readonly or copy-on-write memory map."));
    }
    if new < 0 || body.offset.checked_add(new as i64).is_none() {
        return Err(vm.value_error("new size out of range"));
    }
    let new = new as usize;
    let descriptor = body.descriptor.0.get();
    if descriptor == -1 && body.flags & libc::MAP_PRIVATE == 0 && new > old {
        return Err(vm.value_error("mmap: can't expand a shared anonymous mapping"));
    }
    if descriptor != -1 {
        files::ftruncate(descriptor, body.offset + new as i64).map_err(|errno| vm.os_error(errno))?;
    }
    let resized = body.mapping.borrow_mut().as_mut().map_or(Ok(()), |mapping| mapping.resize(new));
    resized.map_err(|errno| vm.os_error(errno))?;
    Ok(Value::NONE)
}

fn seek(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let body = mmap(vm, this)?;
    let distance = vm.to_isize_index(given(vm, args[0])?)?;
    let whence = args[1].map_or(Ok(0), |whence| vm.to_i32(whence))?;
    let len = body.len(vm)?;
    let start = match whence {
        0 => 0,
        1 => body.position.get() as isize,
        2 => len as isize,
        _ => return Err(vm.value_error("unknown seek type")),
    };
    match start.checked_add(distance).and_then(|target| usize::try_from(target).ok()).filter(|target| *target <= len) {
        Some(target) => {
            body.position.set(target);
            Ok(vm.new_int(target as i64))
        }
        None => Err(vm.value_error("seek out of range")),
    }
}

fn size(vm: &Vm, this: &Value) -> PyResult {
    let body = mmap(vm, this)?;
    body.len(vm)?;
    let descriptor = body.descriptor.0.get();
    let stat = vm.allow_threads(|| files::fstat(descriptor)).map_err(|errno| vm.os_error(errno))?;
    Ok(vm.new_int(stat.st_size))
}

fn tell(vm: &Vm, this: &Value) -> PyResult {
    let body = mmap(vm, this)?;
    body.len(vm)?;
    Ok(vm.new_int(body.position.get() as i64))
}

fn write(vm: &Vm, this: &Value, data: &Value) -> PyResult {
    let body = mmap(vm, this)?;
    // Copied, because it may be this very memory.
    let data = vm.operand(data)?.to_vec();
    let len = body.len(vm)?;
    body.check_writable(vm)?;
    let start = body.position.get();
    let Some(end) = start.checked_add(data.len()).filter(|end| *end <= len) else {
        return Err(vm.value_error("data out of range"));
    };
    body.with_mut(vm, |bytes| bytes[start..end].copy_from_slice(&data))?;
    body.position.set(end);
    Ok(vm.new_int(data.len() as i64))
}

fn write_byte(vm: &Vm, this: &Value, byte: &Value) -> PyResult {
    let body = mmap(vm, this)?;
    let number = vm.to_i64(byte)?;
    let Ok(byte) = u8::try_from(number) else {
        let side = if number < 0 { "less than minimum" } else { "greater than maximum" };
        return Err(vm.overflow_error(format!("unsigned byte integer is {side}")));
    };
    let len = body.len(vm)?;
    body.check_writable(vm)?;
    let position = body.position.get();
    if position >= len {
        return Err(vm.value_error("write byte out of range"));
    }
    body.with_mut(vm, |bytes| bytes[position] = byte)?;
    body.position.set(position + 1);
    Ok(Value::NONE)
}
