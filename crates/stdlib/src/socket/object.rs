//! The type `socket`.

use super::{address, transfer};
use crate::time::{Rounding, nanoseconds_of};
use oriel_runtime::args::Signature;
use oriel_runtime::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use oriel_runtime::platform::{self, clocks, files, polling, sockets};
use oriel_runtime::{Args, Body, Layout, PyResult, Raised, Ref, Value, Vm};
use std::cell::Cell;

/// The body of `socket`.
pub struct Socket {
    /// The descriptor; -1 once it is closed.
    pub fd: Cell<i32>,
    /// The family.
    pub family: Cell<i32>,
    kind: Cell<i32>,
    protocol: Cell<i32>,
    /// Nanoseconds that a call may wait; negative for ever.
    pub timeout: Cell<i64>,
}

static LAYOUT: Layout = Layout::of::<Socket>("socket", None);

impl Body for Socket {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.fd.get() >= 0 {
            let _ = files::close(self.fd.get());
        }
    }
}

/// `_socket.socket`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "A socket.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, _| {
            let body = Socket {
                fd: Cell::new(-1),
                family: Cell::new(0),
                kind: Cell::new(0),
                protocol: Cell::new(0),
                timeout: Cell::new(-1),
            };
            Ok(vm.new_instance(class, body)?.into_value())
        }));
        slots.init.set(Some(init));
        slots.repr.set(Some(|vm, this| {
            let own = socket(vm, this)?;
            Ok(vm.new_str(&format!(
                "<socket object, fd={}, family={}, type={}, proto={}>",
                own.fd.get(),
                own.family.get(),
                own.kind.get(),
                own.protocol.get()
            )))
        }));
    },
    methods: &[
        MethodDef::noargs("__del__", finalize, "($self, /)", "Close the socket, with a warning."),
        MethodDef::noargs("_accept", accept, "", "Take a connection: its descriptor and address."),
        MethodDef::one("bind", bind, "", "Give the socket its address."),
        MethodDef::noargs("close", close, "($self, /)", "Close the socket."),
        MethodDef::one(
            "connect",
            |vm, this, target| match connect(vm, this, target)? {
                0 => Ok(Value::NONE),
                errno => Err(vm.os_error(errno)),
            },
            "",
            "Connect the socket.",
        ),
        MethodDef::one(
            "connect_ex",
            |vm, this, target| {
                match connect(vm, this, target) {
                    Ok(errno) => Ok(Value::small(errno)),
                    // Time that ran out is a number here, too.
                    Err(raised) if vm.raised_is(&raised, &vm.types.timeout_error) => Ok(Value::small(libc::EAGAIN)),
                    Err(raised) => Err(raised),
                }
            },
            "",
            "Connect the socket; return the error number.",
        ),
        MethodDef::noargs(
            "detach",
            |vm, this| Ok(Value::small(socket(vm, this)?.fd.replace(-1))),
            "",
            "Close the object, not the descriptor, which is returned.",
        ),
        MethodDef::noargs(
            "fileno",
            |vm, this| Ok(Value::small(socket(vm, this)?.fd.get())),
            "",
            "Return the descriptor.",
        ),
        MethodDef::noargs(
            "getpeername",
            |vm, this| {
                let fd = socket(vm, this)?.fd.get();
                let found = vm.allow_threads(|| sockets::getpeername(fd)).map_err(|errno| vm.os_error(errno))?;
                Ok(address::object(vm, &found))
            },
            "",
            "Return the other side's address.",
        ),
        MethodDef::noargs(
            "getsockname",
            |vm, this| {
                let fd = socket(vm, this)?.fd.get();
                let found = vm.allow_threads(|| sockets::getsockname(fd)).map_err(|errno| vm.os_error(errno))?;
                Ok(match (&found, address::object(vm, &found)) {
                    (sockets::Address::None, _) => vm.new_str(""),
                    (_, object) => object,
                })
            },
            "",
            "Return the own address.",
        ),
        MethodDef::positional("getsockopt", 2, 3, getsockopt, "", "Return an option."),
        MethodDef::args("setsockopt", setsockopt, "", "Set an option."),
        MethodDef::positional(
            "listen",
            0,
            1,
            |vm, this, args| {
                let backlog = args.first().map_or(Ok(128), |backlog| vm.to_i32(backlog))?.max(0);
                let fd = socket(vm, this)?.fd.get();
                done(vm, vm.allow_threads(|| sockets::listen(fd, backlog)))
            },
            "",
            "Wait for connections from now on.",
        ),
        MethodDef::one(
            "setblocking",
            |vm, this, flag| {
                let blocking = vm.truth(flag)?;
                set_timeout(vm, socket(vm, this)?, if blocking { -1 } else { 0 })
            },
            "",
            "Set whether calls wait.",
        ),
        MethodDef::noargs(
            "getblocking",
            |vm, this| Ok(Value::bool(socket(vm, this)?.timeout.get() != 0)),
            "",
            "Return whether calls wait.",
        ),
        MethodDef::one(
            "settimeout",
            |vm, this, timeout| {
                let length = timeout_argument(vm, timeout)?;
                set_timeout(vm, socket(vm, this)?, length)
            },
            "",
            "Set how long calls may wait.",
        ),
        MethodDef::noargs("gettimeout", get_timeout, "", "Return how long calls may wait."),
        MethodDef::one(
            "shutdown",
            |vm, this, how| {
                let (fd, how) = (socket(vm, this)?.fd.get(), vm.to_i32(how)?);
                done(vm, vm.allow_threads(|| sockets::shutdown(fd, how)))
            },
            "",
            "End one or both directions.",
        ),
        MethodDef::positional("recv", 1, 2, transfer::recv, "", "Receive bytes."),
        MethodDef::args("recv_into", transfer::recv_into, "", "Receive into a buffer."),
        MethodDef::positional("recvfrom", 1, 2, transfer::recvfrom, "", "Receive bytes and the sender's address."),
        MethodDef::args(
            "recvfrom_into",
            transfer::recvfrom_into,
            "",
            "Receive into a buffer, with the sender's address.",
        ),
        MethodDef::positional("send", 1, 2, transfer::send, "", "Send bytes; return how many were sent."),
        MethodDef::positional("sendall", 1, 2, transfer::sendall, "", "Send all bytes."),
        MethodDef::args("sendto", transfer::sendto, "", "Send bytes to an address."),
        MethodDef::positional("sendmsg", 1, 4, transfer::sendmsg, "", "Send a message with ancillary data."),
        MethodDef::positional("recvmsg", 1, 3, transfer::recvmsg, "", "Receive a message with ancillary data."),
        MethodDef::positional("recvmsg_into", 1, 3, transfer::recvmsg_into, "", "Receive a message into buffers."),
    ],
    getset: &[
        GetSetDef::readonly("family", |vm, this| Ok(Value::small(socket(vm, this)?.family.get())), "The family."),
        GetSetDef::readonly("type", |vm, this| Ok(Value::small(socket(vm, this)?.kind.get())), "The kind."),
        GetSetDef::readonly("proto", |vm, this| Ok(Value::small(socket(vm, this)?.protocol.get())), "The protocol."),
        GetSetDef::readonly("timeout", get_timeout, "How long calls may wait."),
    ],
    ..TypeSpec::new("_socket.socket", Socket::layout)
};

/// The body of a value that must be a socket.
pub fn socket<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Socket>> {
    this.downcast().ok_or_else(|| vm.type_error("a socket is needed"))
}

/// `None`, or the error of a call.
pub fn done<T>(vm: &Vm, result: platform::Result<T>) -> PyResult {
    match result {
        Ok(_) => Ok(Value::NONE),
        Err(errno) => Err(vm.os_error(errno)),
    }
}

fn init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let mut bound: [Option<&Value>; 4] = [None; 4];
    Signature::parse("($self, /, family=-1, type=-1, proto=-1, fileno=None)").bind(vm, "socket", args, &mut bound)?;
    let number = |value: Option<&Value>| value.map_or(Ok(-1), |value| vm.to_i32(value));
    let (mut family, mut kind, mut protocol) = (number(bound[0])?, number(bound[1])?, number(bound[2])?);
    vm.audit("socket.__new__", &[this.clone(), Value::small(family), Value::small(kind), Value::small(protocol)])?;
    let fd = match bound[3].filter(|fileno| !fileno.is_none()) {
        Some(fileno) => {
            if oriel_runtime::types::float::float_of(fileno).is_some() {
                return Err(vm.type_error("integer argument expected, got float"));
            }
            let fd = vm.to_i32(fileno)?;
            if fd < 0 {
                return Err(vm.value_error("negative file descriptor"));
            }
            sockets::getsockname(fd).map_err(|errno| vm.os_error(errno))?;
            let option = |option| sockets::getsockopt_number(fd, libc::SOL_SOCKET, option);
            if family == -1 {
                family = option(libc::SO_DOMAIN).map_err(|errno| vm.os_error(errno))?;
            }
            if kind == -1 {
                kind = option(libc::SO_TYPE).map_err(|errno| vm.os_error(errno))?;
            }
            if protocol == -1 {
                protocol = option(libc::SO_PROTOCOL).map_err(|errno| vm.os_error(errno))?;
            }
            fd
        }
        None => {
            family = if family == -1 { libc::AF_INET } else { family };
            kind = if kind == -1 { libc::SOCK_STREAM } else { kind };
            protocol = if protocol == -1 { 0 } else { protocol };
            let made = vm.allow_threads(|| sockets::socket(family, kind | libc::SOCK_CLOEXEC, protocol));
            made.map_err(|errno| vm.os_error(errno))? as i32
        }
    };
    let own = socket(vm, this)?;
    let old = own.fd.replace(fd);
    if old >= 0 && old != fd {
        let _ = files::close(old);
    }
    own.family.set(family);
    own.kind.set(kind & !(libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK));
    own.protocol.set(protocol);
    if kind & libc::SOCK_NONBLOCK != 0 {
        own.timeout.set(0);
    } else {
        let default = super::default_timeout(vm);
        own.timeout.set(default);
        if default >= 0 {
            files::set_blocking(fd, false).map_err(|errno| vm.os_error(errno))?;
        }
    }
    Ok(())
}

fn finalize(vm: &Vm, this: &Value) -> PyResult {
    if socket(vm, this)?.fd.get() >= 0 {
        let text = format!("unclosed {}", vm.repr_text(this)?);
        if let Err(raised) = vm.warn(&vm.types.resource_warning, &text, 1) {
            vm.write_unraisable(raised, Some(this), "Exception ignored while finalizing socket");
        }
        let fd = socket(vm, this)?.fd.replace(-1);
        if fd >= 0 {
            let _ = vm.allow_threads(|| files::close(fd));
        }
    }
    Ok(Value::NONE)
}

fn close(vm: &Vm, this: &Value) -> PyResult {
    let fd = socket(vm, this)?.fd.replace(-1);
    if fd >= 0 {
        match vm.allow_threads(|| files::close(fd)) {
            // The other side's reset is no concern of who closes.
            Ok(_) | Err(libc::ECONNRESET | libc::EINTR) => {}
            Err(errno) => return Err(vm.os_error(errno)),
        }
    }
    Ok(Value::NONE)
}

/// A timeout in nanoseconds; -1 for none.
pub fn timeout_argument(vm: &Vm, timeout: &Value) -> PyResult<i64> {
    if timeout.is_none() {
        return Ok(-1);
    }
    let length = nanoseconds_of(vm, timeout, Rounding::Ceiling)?;
    if length < 0 {
        return Err(vm.value_error("Timeout value out of range"));
    }
    Ok(length)
}

/// A timeout as an object.
pub fn timeout_object(vm: &Vm, timeout: i64) -> Value {
    if timeout < 0 { Value::NONE } else { vm.new_float(timeout as f64 / 1e9) }
}

fn set_timeout(vm: &Vm, own: &Socket, timeout: i64) -> PyResult {
    own.timeout.set(timeout);
    done(vm, files::set_blocking(own.fd.get(), timeout < 0))
}

fn get_timeout(vm: &Vm, this: &Value) -> PyResult {
    Ok(timeout_object(vm, socket(vm, this)?.timeout.get()))
}

fn now() -> i64 {
    clocks::nanoseconds(libc::CLOCK_MONOTONIC)
}

/// The error of a call that took too long.
pub fn timed_out(vm: &Vm) -> Raised {
    vm.new_exception(&vm.types.timeout_error, "timed out")
}

/// The moment until which a call of the socket may wait.
pub fn deadline(own: &Socket) -> Option<i64> {
    (own.timeout.get() > 0).then(|| now().saturating_add(own.timeout.get()))
}

/// Waits until the socket is ready, where it has a timeout.
fn wait_ready(vm: &Vm, own: &Socket, events: i16, deadline: Option<i64>) -> PyResult<()> {
    let Some(end) = deadline else { return Ok(()) };
    let mut entries = [libc::pollfd { fd: own.fd.get(), events, revents: 0 }];
    let ready = vm.system_call(|| {
        let left = end.saturating_sub(now()).max(0);
        let milliseconds = i32::try_from(left / 1_000_000 + i64::from(left % 1_000_000 != 0)).unwrap_or(i32::MAX);
        polling::poll(&mut entries, milliseconds)
    })?;
    match ready {
        Ok(0) => Err(timed_out(vm)),
        Ok(_) => Ok(()),
        Err(errno) => Err(vm.os_error(errno)),
    }
}

/// Calls when the socket is ready, again after signals and where somebody else was quicker.
pub fn when_ready<R>(
    vm: &Vm,
    own: &Socket,
    events: i16,
    deadline: Option<i64>,
    mut call: impl FnMut() -> platform::Result<R>,
) -> PyResult<R> {
    loop {
        wait_ready(vm, own, events, deadline)?;
        match vm.system_call(&mut call)? {
            Ok(value) => return Ok(value),
            Err(libc::EAGAIN) if deadline.is_some() => {}
            Err(errno) => return Err(vm.os_error(errno)),
        }
    }
}

fn accept(vm: &Vm, this: &Value) -> PyResult {
    let own = socket(vm, this)?;
    let fd = own.fd.get();
    let (new, from) = when_ready(vm, own, libc::POLLIN, deadline(own), || sockets::accept(fd))?;
    let from = match address::object(vm, &from) {
        from if from.is_none() => vm.new_str(""),
        from => from,
    };
    Ok(vm.new_tuple(&[Value::small(new), from]))
}

fn bind(vm: &Vm, this: &Value, target: &Value) -> PyResult {
    let own = socket(vm, this)?;
    let parsed = address::parse(vm, target, own.family.get(), "bind")?;
    vm.audit("socket.bind", &[this.clone(), target.clone()])?;
    let fd = own.fd.get();
    done(vm, vm.allow_threads(|| sockets::bind(fd, &parsed)))
}

/// Connects; the error number, 0 for none.
fn connect(vm: &Vm, this: &Value, target: &Value) -> PyResult<i32> {
    let own = socket(vm, this)?;
    let parsed = address::parse(vm, target, own.family.get(), "connect")?;
    vm.audit("socket.connect", &[this.clone(), target.clone()])?;
    let fd = own.fd.get();
    let errno = match vm.allow_threads(|| sockets::connect(fd, &parsed)) {
        Ok(_) => return Ok(0),
        Err(errno) => errno,
    };
    let waits = errno == libc::EINTR && own.timeout.get() != 0 || errno == libc::EINPROGRESS && own.timeout.get() > 0;
    if !waits {
        return Ok(errno);
    }
    if errno == libc::EINTR {
        vm.check_signals()?;
    }
    let end = deadline(own).unwrap_or(i64::MAX);
    wait_ready(vm, own, libc::POLLOUT, Some(end))?;
    match sockets::getsockopt_number(fd, libc::SOL_SOCKET, libc::SO_ERROR) {
        Ok(libc::EISCONN) => Ok(0),
        Ok(errno) => Ok(errno),
        Err(errno) => Ok(errno),
    }
}

fn getsockopt(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let fd = socket(vm, this)?.fd.get();
    let (level, option) = (vm.to_i32(&args[0])?, vm.to_i32(&args[1])?);
    let room = args.get(2).map_or(Ok(0), |room| vm.to_i32(room))?;
    if room == 0 {
        let number = sockets::getsockopt_number(fd, level, option).map_err(|errno| vm.os_error(errno))?;
        return Ok(vm.new_int(number.into()));
    }
    if !(1..=1024).contains(&room) {
        return Err(vm.new_exception(&vm.types.os_error, "getsockopt buflen out of range"));
    }
    let bytes = sockets::getsockopt(fd, level, option, room as usize).map_err(|errno| vm.os_error(errno))?;
    vm.try_new_bytes(&bytes)
}

fn setsockopt(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    args.no_keywords(vm, "setsockopt")?;
    let fd = socket(vm, this)?.fd.get();
    let result = match args.values {
        [level, option, value] if vm.small_or_big(value).is_some() => {
            let number = match vm.small_or_big(value) {
                Some(Ok(number)) if i32::try_from(number).is_ok() || u32::try_from(number).is_ok() => number as i32,
                _ => vm.to_i32(value)?,
            };
            sockets::setsockopt(fd, vm.to_i32(level)?, vm.to_i32(option)?, Some(&number.to_ne_bytes()), 0)
        }
        [level, option, value] => {
            let bytes = vm.buffer(value, false)?.to_vec();
            sockets::setsockopt(fd, vm.to_i32(level)?, vm.to_i32(option)?, Some(&bytes), 0)
        }
        [level, option, none, length] if none.is_none() => {
            let length = vm.to_isize(length)?.max(0) as usize;
            sockets::setsockopt(fd, vm.to_i32(level)?, vm.to_i32(option)?, None, length)
        }
        values => {
            let given = values.len();
            return Err(vm.type_error(format!("setsockopt() takes exactly 3 arguments ({given} given)")));
        }
    };
    done(vm, result)
}
