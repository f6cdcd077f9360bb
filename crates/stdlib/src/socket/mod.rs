//! `_socket`: sockets. The object is in [`object`], sending and receiving in [`transfer`], names in [`lookup`].

mod address;
mod constants;
mod lookup;
mod object;
mod transfer;

use oriel_runtime::native::{MethodDef, ModuleSpec};
use oriel_runtime::platform::{files, sockets};
use oriel_runtime::types::str::Str;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{PyResult, Value, Vm};
use std::cell::{Cell, OnceCell};
use std::net::{Ipv4Addr, Ipv6Addr};

/// `_socket`
pub static SPEC: ModuleSpec = ModuleSpec { name: "_socket", doc: "Sockets.", functions: FUNCTIONS, exec };

/// The state of the module.
pub struct State {
    socket: OnceCell<TypeRef>,
    gaierror: OnceCell<Value>,
    herror: OnceCell<Value>,
    /// Nanoseconds; negative for ever.
    timeout: Cell<i64>,
}

impl Default for State {
    fn default() -> State {
        State { socket: OnceCell::new(), gaierror: OnceCell::new(), herror: OnceCell::new(), timeout: Cell::new(-1) }
    }
}

fn default_timeout(vm: &Vm) -> i64 {
    vm.state::<State>().timeout.get()
}

fn exec(vm: &Vm, module: &Value) -> PyResult<()> {
    for (name, value) in constants::CONSTANTS {
        vm.module_set(module, name, vm.new_int(*value))?;
    }
    vm.module_functions(module, lookup::FUNCTIONS)?;
    let state = vm.state::<State>();
    for (name, cell) in [("gaierror", &state.gaierror), ("herror", &state.herror)] {
        if cell.get().is_none() {
            let namespace = vm.new_dict();
            namespace.set_str(&vm.names.__module__, vm.intern("socket"));
            let bases = vm.new_tuple(&[vm.types.os_error.to_value()]);
            let class = vm.call(vm.types.type_.as_value(), &[vm.intern(name), bases, namespace.into_value()])?;
            let _ = cell.set(class);
        }
        if let Some(class) = cell.get() {
            vm.module_set(module, name, class.clone())?;
        }
    }
    if state.socket.get().is_none() {
        let _ = state.socket.set(vm.new_type(&object::SPEC)?);
    }
    if let Some(ty) = state.socket.get() {
        vm.module_set(module, "socket", ty.to_value())?;
        vm.module_set(module, "SocketType", ty.to_value())?;
    }
    vm.module_set(module, "error", vm.types.os_error.to_value())?;
    vm.module_set(module, "timeout", vm.types.timeout_error.to_value())?;
    vm.module_set(module, "BDADDR_ANY", vm.new_str("00:00:00:00:00:00"))?;
    vm.module_set(module, "BDADDR_LOCAL", vm.new_str("00:00:00:FF:FF:FF"))
}

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::one(
        "close",
        |vm, _, descriptor| {
            let fd = vm.to_i32(descriptor)?;
            match vm.allow_threads(|| files::close(fd)) {
                Ok(_) | Err(libc::ECONNRESET) => Ok(Value::NONE),
                Err(errno) => Err(vm.os_error(errno)),
            }
        },
        "",
        "Close a socket's descriptor.",
    ),
    MethodDef::one(
        "dup",
        |vm, _, descriptor| {
            let fd = vm.to_i32(descriptor)?;
            match files::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) {
                Ok(new) => Ok(vm.new_int(new)),
                Err(errno) => Err(vm.os_error(errno)),
            }
        },
        "",
        "Duplicate a socket's descriptor.",
    ),
    MethodDef::positional("socketpair", 0, 3, socketpair, "", "Return two connected sockets."),
    MethodDef::noargs(
        "getdefaulttimeout",
        |vm, _| Ok(object::timeout_object(vm, default_timeout(vm))),
        "",
        "Return the timeout of new sockets.",
    ),
    MethodDef::one(
        "setdefaulttimeout",
        |vm, _, timeout| {
            let length = object::timeout_argument(vm, timeout)?;
            vm.state::<State>().timeout.set(length);
            Ok(Value::NONE)
        },
        "",
        "Set the timeout of new sockets.",
    ),
    MethodDef::one("ntohs", |vm, _, value| short(vm, value, "ntohs"), "($module, integer, /)", "Convert 16 bits."),
    MethodDef::one("htons", |vm, _, value| short(vm, value, "htons"), "($module, integer, /)", "Convert 16 bits."),
    MethodDef::one("ntohl", |vm, _, value| long(vm, value), "($module, integer, /)", "Convert 32 bits."),
    MethodDef::one("htonl", |vm, _, value| long(vm, value), "($module, integer, /)", "Convert 32 bits."),
    MethodDef::one("inet_aton", inet_aton, "($module, ip_addr, /)", "Return an address of version 4 as bytes."),
    MethodDef::one(
        "inet_ntoa",
        |vm, _, packed| {
            let bytes = vm.buffer(packed, false)?.to_vec();
            match <[u8; 4]>::try_from(bytes) {
                Ok(octets) => Ok(vm.new_str(&Ipv4Addr::from(octets).to_string())),
                Err(_) => Err(vm.new_exception(&vm.types.os_error, "packed IP wrong length")),
            }
        },
        "($module, packed_ip, /)",
        "Return an address of version 4 as text.",
    ),
    MethodDef::positional("inet_pton", 2, 2, inet_pton, "", "Return an address as bytes."),
    MethodDef::positional("inet_ntop", 2, 2, inet_ntop, "", "Return an address as text."),
    MethodDef::one(
        "CMSG_LEN",
        |vm, _, length| match u32::try_from(vm.to_isize(length)?) {
            Ok(length) if length < i32::MAX as u32 - 64 => Ok(vm.new_int(sockets::ancillary_length(length) as i64)),
            _ => Err(vm.overflow_error("CMSG_LEN() argument out of range")),
        },
        "",
        "Return the length of ancillary data with its header.",
    ),
    MethodDef::one(
        "CMSG_SPACE",
        |vm, _, length| match u32::try_from(vm.to_isize(length)?) {
            Ok(length) if length < i32::MAX as u32 - 64 => Ok(vm.new_int(sockets::ancillary_space(length) as i64)),
            _ => Err(vm.overflow_error("CMSG_SPACE() argument out of range")),
        },
        "",
        "Return the room that ancillary data takes.",
    ),
];

fn socketpair(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let number = |index: usize, default: i32| args.get(index).map_or(Ok(default), |value| vm.to_i32(value));
    let family = match args.first().filter(|family| !family.is_none()) {
        Some(family) => vm.to_i32(family)?,
        None => libc::AF_UNIX,
    };
    let (kind, protocol) = (number(1, libc::SOCK_STREAM)?, number(2, 0)?);
    let pair = sockets::socketpair(family, kind, protocol).map_err(|errno| vm.os_error(errno))?;
    let state = vm.state::<State>();
    let Some(ty) = state.socket.get() else { return Err(vm.runtime_error("_socket is not there yet")) };
    let mut objects = Vec::new();
    for fd in pair {
        let args = [Value::small(family), Value::small(kind), Value::small(protocol), Value::small(fd)];
        objects.push(vm.call(ty.as_value(), &args)?);
    }
    Ok(vm.new_tuple(&objects))
}

fn short(vm: &Vm, value: &Value, function: &str) -> PyResult {
    match vm.small_or_big(&vm.index(value)?) {
        Some(Ok(number)) if number < 0 => {
            Err(vm
                .overflow_error(format!("{function}: can't convert negative Python int to C 16-bit unsigned integer")))
        }
        Some(Ok(number)) if number <= 0xffff => Ok(vm.new_int((number as u16).to_be().into())),
        _ => {
            Err(vm.overflow_error(format!("{function}: Python int too large to convert to C 16-bit unsigned integer")))
        }
    }
}

fn long(vm: &Vm, value: &Value) -> PyResult {
    if vm.small_or_big(value).is_none() {
        let name = vm.type_name(value);
        return Err(vm.type_error(format!("expected int, {name} found")));
    }
    match vm.small_or_big(value) {
        Some(Ok(number)) if number < 0 => Err(vm.overflow_error("can't convert negative value to unsigned int")),
        Some(Ok(number)) => match u32::try_from(number) {
            Ok(number) => Ok(vm.new_int(number.to_be().into())),
            Err(_) => Err(vm.overflow_error("int larger than 32 bits")),
        },
        _ => Err(vm.overflow_error("int larger than 32 bits")),
    }
}

/// One to four parts, decimal, octal or hexadecimal, as the C library takes them.
fn inet_aton(vm: &Vm, _: &Value, value: &Value) -> PyResult {
    let Some(text) = value.downcast::<Str>().map(|text| text.to_text()) else {
        let name = vm.type_name(value);
        return Err(vm.type_error(format!("inet_aton() argument must be str, not {name}")));
    };
    let parse = |part: &str| {
        if let Some(hex) = part.strip_prefix("0x").or_else(|| part.strip_prefix("0X")) {
            u64::from_str_radix(hex, 16).ok()
        } else if part.len() > 1 && part.starts_with('0') {
            u64::from_str_radix(&part[1..], 8).ok()
        } else if part.bytes().all(|byte| byte.is_ascii_digit()) {
            part.parse().ok()
        } else {
            None
        }
    };
    let parts: Option<Vec<u64>> = text.trim_end().split('.').map(parse).collect();
    let address = parts.filter(|parts| parts.len() <= 4).and_then(|parts| {
        let (last, heads) = parts.split_last()?;
        let room = 32 - 8 * heads.len() as u32;
        if *last >= 1u64 << room || heads.iter().any(|head| *head > 255) {
            return None;
        }
        let high = heads.iter().enumerate().map(|(index, head)| head << (24 - 8 * index)).sum::<u64>();
        Some((high | last) as u32)
    });
    match address {
        Some(address) => Ok(vm.new_bytes(&address.to_be_bytes())),
        None => Err(vm.new_exception(&vm.types.os_error, "illegal IP address string passed to inet_aton")),
    }
}

fn inet_pton(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let text = args[1].downcast::<Str>().map(|text| text.to_text()).unwrap_or_default();
    let bytes = match vm.to_i32(&args[0])? {
        libc::AF_INET => text.parse::<Ipv4Addr>().ok().map(|ip| ip.octets().to_vec()),
        libc::AF_INET6 => text.parse::<Ipv6Addr>().ok().map(|ip| ip.octets().to_vec()),
        _ => return Err(vm.os_error(libc::EAFNOSUPPORT)),
    };
    match bytes {
        Some(bytes) => Ok(vm.new_bytes(&bytes)),
        None => Err(vm.new_exception(&vm.types.os_error, "illegal IP address string passed to inet_pton")),
    }
}

fn inet_ntop(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let bytes = vm.buffer(&args[1], false)?.to_vec();
    let text = match vm.to_i32(&args[0])? {
        libc::AF_INET => <[u8; 4]>::try_from(bytes).ok().map(|octets| Ipv4Addr::from(octets).to_string()),
        libc::AF_INET6 => <[u8; 16]>::try_from(bytes).ok().map(|octets| Ipv6Addr::from(octets).to_string()),
        family => return Err(vm.value_error(format!("unknown address family {family}"))),
    };
    match text {
        Some(text) => Ok(vm.new_str(&text)),
        None => Err(vm.value_error("invalid length of packed IP address string")),
    }
}
