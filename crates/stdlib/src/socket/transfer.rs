//! Sending and receiving.

use super::address;
use super::object::{Socket, deadline, socket, when_ready};
use oriel_runtime::args::Signature;
use oriel_runtime::platform::sockets::{self, Ancillary};
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{Args, PyResult, Value, Vm};

fn flags(vm: &Vm, value: Option<&Value>) -> PyResult<i32> {
    value.map_or(Ok(0), |value| vm.to_i32(value))
}

fn room(vm: &Vm, size: &Value, function: &str) -> PyResult<Vec<u8>> {
    let Ok(size) = usize::try_from(vm.to_isize(size)?) else {
        return Err(vm.value_error(format!("negative buffersize in {function}")));
    };
    let mut buffer = Vec::new();
    buffer.try_reserve_exact(size).map_err(|_| vm.memory_error())?;
    buffer.resize(size, 0);
    Ok(buffer)
}

/// `socket.recv(size, flags)`
pub fn recv(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let own = socket(vm, this)?;
    let (mut buffer, flags) = (room(vm, &args[0], "recv")?, flags(vm, args.get(1))?);
    let fd = own.fd.get();
    let count = when_ready(vm, own, libc::POLLIN, deadline(own), || sockets::recv(fd, &mut buffer, flags))?;
    vm.try_new_bytes(&buffer[..count])
}

/// `socket.recvfrom(size, flags)`
pub fn recvfrom(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let own = socket(vm, this)?;
    let (mut buffer, flags) = (room(vm, &args[0], "recvfrom")?, flags(vm, args.get(1))?);
    let fd = own.fd.get();
    let (count, from) = when_ready(vm, own, libc::POLLIN, deadline(own), || sockets::recvfrom(fd, &mut buffer, flags))?;
    let from = address::object(vm, &from);
    Ok(vm.new_tuple(&[vm.try_new_bytes(&buffer[..count])?, from]))
}

/// The part of a buffer that is to be filled: an own buffer of that size.
fn part(vm: &Vm, view_len: usize, size: Option<&Value>, function: &str) -> PyResult<Vec<u8>> {
    let size = size.map_or(Ok(0), |size| vm.to_isize(size))?;
    let Ok(size) = usize::try_from(size) else {
        return Err(vm.value_error(format!("negative buffersize in {function}")));
    };
    if size > view_len {
        return Err(vm.value_error("buffer too small for requested bytes"));
    }
    let size = if size == 0 { view_len } else { size };
    let mut buffer = Vec::new();
    buffer.try_reserve_exact(size).map_err(|_| vm.memory_error())?;
    buffer.resize(size, 0);
    Ok(buffer)
}

/// `socket.recv_into(buffer, nbytes, flags)`
pub fn recv_into(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    let mut bound: [Option<&Value>; 3] = [None; 3];
    Signature::parse("($self, /, buffer, nbytes=0, flags=0)").bind(vm, "recv_into", args, &mut bound)?;
    let own = socket(vm, this)?;
    let view = vm.buffer(bound[0].unwrap_or(&Value::NONE), true)?;
    let mut buffer = part(vm, view.len, bound[1], "recv_into")?;
    let (fd, flags) = (own.fd.get(), flags(vm, bound[2])?);
    let count = when_ready(vm, own, libc::POLLIN, deadline(own), || sockets::recv(fd, &mut buffer, flags))?;
    view.with_bytes_mut(|room| room[..count].copy_from_slice(&buffer[..count]));
    Ok(vm.new_int(count as i64))
}

/// `socket.recvfrom_into(buffer, nbytes, flags)`
pub fn recvfrom_into(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    let mut bound: [Option<&Value>; 3] = [None; 3];
    Signature::parse("($self, /, buffer, nbytes=0, flags=0)").bind(vm, "recvfrom_into", args, &mut bound)?;
    let own = socket(vm, this)?;
    let view = vm.buffer(bound[0].unwrap_or(&Value::NONE), true)?;
    let mut buffer = part(vm, view.len, bound[1], "recvfrom_into")?;
    let (fd, flags) = (own.fd.get(), flags(vm, bound[2])?);
    let (count, from) = when_ready(vm, own, libc::POLLIN, deadline(own), || sockets::recvfrom(fd, &mut buffer, flags))?;
    view.with_bytes_mut(|room| room[..count].copy_from_slice(&buffer[..count]));
    Ok(vm.new_tuple(&[vm.new_int(count as i64), address::object(vm, &from)]))
}

fn send_once(vm: &Vm, own: &Socket, bytes: &[u8], flags: i32, end: Option<i64>) -> PyResult<usize> {
    let fd = own.fd.get();
    when_ready(vm, own, libc::POLLOUT, end, || sockets::send(fd, bytes, flags))
}

/// `socket.send(data, flags)`
pub fn send(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let own = socket(vm, this)?;
    let bytes = vm.buffer(&args[0], false)?.to_vec();
    let count = send_once(vm, own, &bytes, flags(vm, args.get(1))?, deadline(own))?;
    Ok(vm.new_int(count as i64))
}

/// `socket.sendall(data, flags)`
pub fn sendall(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let own = socket(vm, this)?;
    let bytes = vm.buffer(&args[0], false)?.to_vec();
    let (flags, end) = (flags(vm, args.get(1))?, deadline(own));
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        let count = send_once(vm, own, rest, flags, end)?;
        rest = &rest[count..];
        vm.check_signals()?;
    }
    Ok(Value::NONE)
}

/// `socket.sendto(data, [flags,] address)`
pub fn sendto(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    args.no_keywords(vm, "sendto")?;
    let (data, given_flags, target) = match args.values {
        [data, target] => (data, None, target),
        [data, flags, target] => (data, Some(flags), target),
        values => {
            let given = values.len();
            return Err(vm.type_error(format!("sendto() takes 2 or 3 arguments ({given} given)")));
        }
    };
    let own = socket(vm, this)?;
    let bytes = vm.buffer(data, false)?.to_vec();
    let (fd, flags) = (own.fd.get(), flags(vm, given_flags)?);
    let target = address::parse(vm, target, own.family.get(), "sendto")?;
    let count = when_ready(vm, own, libc::POLLOUT, deadline(own), || sockets::sendto(fd, &bytes, flags, &target))?;
    Ok(vm.new_int(count as i64))
}

/// `socket.sendmsg(buffers, ancdata, flags, address)`
pub fn sendmsg(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let own = socket(vm, this)?;
    let mut bytes = Vec::new();
    for buffer in vm.collect(&args[0])? {
        vm.buffer(&buffer, false)?.with_bytes(|part| bytes.extend_from_slice(part));
    }
    let mut ancillary: Vec<Ancillary> = Vec::new();
    if let Some(items) = args.get(1) {
        for item in vm.collect(items)? {
            let Some([level, kind, data]) = item.downcast::<Tuple>().map(|tuple| tuple.items()) else {
                return Err(vm.type_error("[sendmsg() ancillary data items]() argument must be sequence of length 3"));
            };
            ancillary.push((vm.to_i32(level)?, vm.to_i32(kind)?, vm.buffer(data, false)?.to_vec()));
        }
    }
    let (fd, flags) = (own.fd.get(), flags(vm, args.get(2))?);
    let target = match args.get(3).filter(|target| !target.is_none()) {
        Some(target) => Some(address::parse(vm, target, own.family.get(), "sendmsg")?),
        None => None,
    };
    let count = when_ready(vm, own, libc::POLLOUT, deadline(own), || {
        sockets::sendmsg(fd, &bytes, &ancillary, flags, target.as_ref())
    })?;
    Ok(vm.new_int(count as i64))
}

fn ancillary_room(vm: &Vm, value: Option<&Value>) -> PyResult<usize> {
    let room = value.map_or(Ok(0), |value| vm.to_isize(value))?;
    if !(0..=1 << 20).contains(&room) {
        return Err(vm.value_error("invalid ancillary data buffer length"));
    }
    Ok(room as usize)
}

fn ancillary_objects(vm: &Vm, ancillary: &[Ancillary]) -> Value {
    let items = ancillary
        .iter()
        .map(|(level, kind, data)| vm.new_tuple(&[Value::small(*level), Value::small(*kind), vm.new_bytes(data)]));
    vm.new_list(items.collect()).into_value()
}

/// `socket.recvmsg(size, ancsize, flags)`
pub fn recvmsg(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let own = socket(vm, this)?;
    let mut buffer = room(vm, &args[0], "recvmsg()")?;
    let (space, fd, flags) = (ancillary_room(vm, args.get(1))?, own.fd.get(), flags(vm, args.get(2))?);
    let (count, ancillary, flags, from) =
        when_ready(vm, own, libc::POLLIN, deadline(own), || sockets::recvmsg(fd, &mut buffer, space, flags))?;
    Ok(vm.new_tuple(&[
        vm.try_new_bytes(&buffer[..count])?,
        ancillary_objects(vm, &ancillary),
        Value::small(flags),
        address::object(vm, &from),
    ]))
}

/// `socket.recvmsg_into(buffers, ancsize, flags)`
pub fn recvmsg_into(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let own = socket(vm, this)?;
    let views = vm.collect(&args[0])?.iter().map(|buffer| vm.buffer(buffer, true)).collect::<PyResult<Vec<_>>>()?;
    let total = vm.new_int(views.iter().map(|view| view.len as i64).sum());
    let mut buffer = room(vm, &total, "recvmsg_into()")?;
    let (space, fd, flags) = (ancillary_room(vm, args.get(1))?, own.fd.get(), flags(vm, args.get(2))?);
    let (count, ancillary, flags, from) =
        when_ready(vm, own, libc::POLLIN, deadline(own), || sockets::recvmsg(fd, &mut buffer, space, flags))?;
    let mut rest = &buffer[..count];
    for view in &views {
        let (head, tail) = rest.split_at(view.len.min(rest.len()));
        view.with_bytes_mut(|room| room[..head.len()].copy_from_slice(head));
        rest = tail;
    }
    Ok(vm.new_tuple(&[
        vm.new_int(count as i64),
        ancillary_objects(vm, &ancillary),
        Value::small(flags),
        address::object(vm, &from),
    ]))
}
