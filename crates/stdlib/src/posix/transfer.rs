//! Reading and writing descriptors.

use super::{OrRaise, done, fd, given, number};
use oriel_runtime::buffer::BufferView;
use oriel_runtime::native::MethodDef;
use oriel_runtime::platform::{self, files};
use oriel_runtime::{Bound, PyResult, Value, Vm};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound(
        "read",
        |vm, _, args| {
            let (descriptor, mut buffer) = (fd(vm, args[0])?, room(vm, args[1])?);
            let size = buffer.len();
            let count = vm
                .told_call(
                    "read",
                    Some(descriptor),
                    || size.to_string(),
                    |count| *count as i64,
                    || files::read(descriptor, &mut buffer),
                )?
                .or_raise(vm)?;
            vm.try_new_bytes(&buffer[..count])
        },
        "($module, fd, length, /)",
        "Read at most so many bytes.",
    ),
    MethodDef::bound(
        "pread",
        |vm, _, args| {
            let (descriptor, mut buffer) = (fd(vm, args[0])?, room(vm, args[1])?);
            let offset = vm.to_i64(given(vm, args[2])?)?;
            let count = vm.system_call(|| files::pread(descriptor, &mut buffer, offset))?.or_raise(vm)?;
            vm.try_new_bytes(&buffer[..count])
        },
        "($module, fd, length, offset, /)",
        "Read at most so many bytes at an offset.",
    ),
    MethodDef::bound(
        "readinto",
        |vm, _, args| {
            let descriptor = fd(vm, args[0])?;
            let view = vm.writable_argument(given(vm, args[1])?, "readinto() argument 2")?;
            let count = fill(vm, &view, |bytes| files::read(descriptor, bytes))?.or_raise(vm)?;
            Ok(vm.new_int(count as i64))
        },
        "($module, fd, buffer, /)",
        "Read into a buffer; return the number of bytes.",
    ),
    MethodDef::bound(
        "write",
        |vm, _, args| {
            let descriptor = fd(vm, args[0])?;
            let view = vm.buffer(given(vm, args[1])?, false)?;
            vm.tell(|recorder| recorder.before_output(descriptor));
            let begun = std::time::Instant::now();
            let count = send(vm, &view, |bytes| files::write(descriptor, bytes))?.or_raise(vm)?;
            view.with_bytes(|bytes| {
                let (written, time) = (bytes.get(..count).unwrap_or_default(), begun.elapsed().as_nanos() as u64);
                vm.tell(|recorder| recorder.output(descriptor, written, time));
            });
            Ok(vm.new_int(count as i64))
        },
        "($module, fd, data, /)",
        "Write bytes; return how many were written.",
    ),
    MethodDef::bound(
        "pwrite",
        |vm, _, args| {
            let descriptor = fd(vm, args[0])?;
            let view = vm.buffer(given(vm, args[1])?, false)?;
            let offset = vm.to_i64(given(vm, args[2])?)?;
            let count = send(vm, &view, |bytes| files::pwrite(descriptor, bytes, offset))?.or_raise(vm)?;
            Ok(vm.new_int(count as i64))
        },
        "($module, fd, buffer, offset, /)",
        "Write bytes at an offset; return how many were written.",
    ),
    MethodDef::bound(
        "readv",
        |vm, _, args| scatter(vm, fd(vm, args[0])?, args[1], None),
        "($module, fd, buffers, /)",
        "Read into several buffers.",
    ),
    MethodDef::bound(
        "preadv",
        |vm, _, args| scatter(vm, fd(vm, args[0])?, args[1], Some(vm.to_i64(given(vm, args[2])?)?)),
        "($module, fd, buffers, offset, flags=0, /)",
        "Read into several buffers at an offset.",
    ),
    MethodDef::bound(
        "writev",
        |vm, _, args| gather(vm, fd(vm, args[0])?, args[1], None),
        "($module, fd, buffers, /)",
        "Write several buffers.",
    ),
    MethodDef::bound(
        "pwritev",
        |vm, _, args| gather(vm, fd(vm, args[0])?, args[1], Some(vm.to_i64(given(vm, args[2])?)?)),
        "($module, fd, buffers, offset, flags=0, /)",
        "Write several buffers at an offset.",
    ),
    MethodDef::bound(
        "sendfile",
        sendfile,
        "($module, /, out_fd, in_fd, offset, count)",
        "Copy between descriptors inside the system.",
    ),
    MethodDef::bound(
        "copy_file_range",
        |vm, _, args| {
            let (from, to, count) = (fd(vm, args[0])?, fd(vm, args[1])?, count(vm, args[2])?);
            let (from_offset, to_offset) = (offset(vm, args[3])?, offset(vm, args[4])?);
            let done = vm.system_call(|| {
                let (mut a, mut b) = (from_offset, to_offset);
                files::copy_file_range(from, a.as_mut(), to, b.as_mut(), count)
            })?;
            Ok(vm.new_int(done.or_raise(vm)? as i64))
        },
        "($module, /, src, dst, count, offset_src=None,\n                offset_dst=None)",
        "Copy between files inside the system.",
    ),
    MethodDef::bound(
        "splice",
        |vm, _, args| {
            let (from, to, count) = (fd(vm, args[0])?, fd(vm, args[1])?, count(vm, args[2])?);
            let (from_offset, to_offset) = (offset(vm, args[3])?, offset(vm, args[4])?);
            let flags = number(vm, args[5], 0)? as u32;
            let done = vm.system_call(|| {
                let (mut a, mut b) = (from_offset, to_offset);
                files::splice(from, a.as_mut(), to, b.as_mut(), count, flags)
            })?;
            Ok(vm.new_int(done.or_raise(vm)? as i64))
        },
        "($module, /, src, dst, count, offset_src=None, offset_dst=None,\n       flags=0)",
        "Move data between a pipe and a descriptor inside the system.",
    ),
    MethodDef::bound(
        "posix_fadvise",
        |vm, _, args| {
            let (descriptor, start) = (fd(vm, args[0])?, vm.to_i64(given(vm, args[1])?)?);
            let (length, advice) = (vm.to_i64(given(vm, args[2])?)?, number(vm, args[3], 0)?);
            done(vm, vm.system_call(|| files::posix_fadvise(descriptor, start, length, advice))?)
        },
        "($module, fd, offset, length, advice, /)",
        "Say how a file will be used.",
    ),
    MethodDef::bound(
        "posix_fallocate",
        |vm, _, args| {
            let (descriptor, start) = (fd(vm, args[0])?, vm.to_i64(given(vm, args[1])?)?);
            let length = vm.to_i64(given(vm, args[2])?)?;
            done(vm, vm.system_call(|| files::posix_fallocate(descriptor, start, length))?)
        },
        "($module, fd, offset, length, /)",
        "Make room in a file.",
    ),
];

/// A buffer of a size that the program chose.
fn room(vm: &Vm, size: Option<&Value>) -> PyResult<Vec<u8>> {
    let size = vm.to_isize(given(vm, size)?)?;
    let Ok(size) = usize::try_from(size) else { return Err(vm.os_error(libc::EINVAL)) };
    let size = size.min(0x7fff_f000);
    let mut buffer = Vec::new();
    buffer.try_reserve_exact(size).map_err(|_| vm.memory_error())?;
    buffer.resize(size, 0);
    Ok(buffer)
}

fn count(vm: &Vm, value: Option<&Value>) -> PyResult<usize> {
    let count = vm.to_isize(given(vm, value)?)?;
    usize::try_from(count).map_err(|_| vm.value_error("negative value for 'count' not allowed"))
}

fn offset(vm: &Vm, value: Option<&Value>) -> PyResult<Option<i64>> {
    match value.filter(|value| !value.is_none()) {
        None => Ok(None),
        Some(value) => vm.to_i64(value).map(Some),
    }
}

/// Calls with the bytes of a view until no signal interrupts.
pub fn send<R>(
    vm: &Vm,
    view: &BufferView,
    mut call: impl FnMut(&[u8]) -> platform::Result<R>,
) -> PyResult<platform::Result<R>> {
    loop {
        match view.with_bytes(|bytes| vm.allow_threads(|| call(bytes))) {
            Err(libc::EINTR) => vm.check_signals()?,
            result => return Ok(result),
        }
    }
}

/// Calls with the writable bytes of a view until no signal interrupts.
pub fn fill<R>(
    vm: &Vm,
    view: &BufferView,
    mut call: impl FnMut(&mut [u8]) -> platform::Result<R>,
) -> PyResult<platform::Result<R>> {
    loop {
        match view.with_bytes_mut(|bytes| vm.allow_threads(|| call(bytes))) {
            None => return Err(vm.type_error("read-write bytes-like object expected")),
            Some(Err(libc::EINTR)) => vm.check_signals()?,
            Some(result) => return Ok(result),
        }
    }
}

fn views(vm: &Vm, buffers: Option<&Value>, writable: bool, function: &str) -> PyResult<Vec<BufferView>> {
    let buffers = given(vm, buffers)?;
    let slots = &vm.type_of(buffers).slots;
    if slots.sq_item.get().is_none() {
        return Err(vm.type_error(format!("{function}() arg 2 must be a sequence")));
    }
    vm.collect(buffers)?.iter().map(|buffer| vm.buffer(buffer, writable)).collect()
}

/// One read for all buffers together, then shared out: the same as one call of the system for several.
fn scatter(vm: &Vm, descriptor: i32, buffers: Option<&Value>, offset: Option<i64>) -> PyResult {
    let views = views(vm, buffers, true, if offset.is_some() { "preadv" } else { "readv" })?;
    let total: usize = views.iter().map(|view| view.len).sum();
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(total).map_err(|_| vm.memory_error())?;
    bytes.resize(total, 0);
    let read = vm.system_call(|| match offset {
        Some(offset) => files::pread(descriptor, &mut bytes, offset),
        None => files::read(descriptor, &mut bytes),
    })?;
    let count = read.or_raise(vm)?;
    let mut rest = &bytes[..count];
    for view in &views {
        let (head, tail) = rest.split_at(view.len.min(rest.len()));
        if view.with_bytes_mut(|room| room[..head.len()].copy_from_slice(head)).is_none() {
            return Err(vm.type_error("read-write bytes-like object expected"));
        }
        rest = tail;
    }
    Ok(vm.new_int(count as i64))
}

fn gather(vm: &Vm, descriptor: i32, buffers: Option<&Value>, offset: Option<i64>) -> PyResult {
    let views = views(vm, buffers, false, if offset.is_some() { "pwritev" } else { "writev" })?;
    let total: usize = views.iter().map(|view| view.len).sum();
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(total).map_err(|_| vm.memory_error())?;
    for view in &views {
        view.with_bytes(|part| bytes.extend_from_slice(part));
    }
    let written = vm.system_call(|| match offset {
        Some(offset) => files::pwrite(descriptor, &bytes, offset),
        None => files::write(descriptor, &bytes),
    })?;
    Ok(vm.new_int(written.or_raise(vm)? as i64))
}

fn sendfile(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let (out, from) = (fd(vm, args[0])?, fd(vm, args[1])?);
    let start = offset(vm, args[2])?;
    let count = vm.to_isize(given(vm, args[3])?)?;
    let Ok(count) = usize::try_from(count) else { return Err(vm.os_error(libc::EINVAL)) };
    let sent = vm.system_call(|| {
        let mut start = start;
        files::sendfile(out, from, start.as_mut(), count)
    })?;
    Ok(vm.new_int(sent.or_raise(vm)? as i64))
}
