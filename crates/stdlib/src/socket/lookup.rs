//! Names of hosts, services, protocols and interfaces.

use super::{State, address};
use oriel_runtime::native::MethodDef;
use oriel_runtime::platform::identity;
use oriel_runtime::platform::sockets::{self, Address};
use oriel_runtime::types::str::Str;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{Bound, PyResult, Raised, Value, Vm};
use std::ffi::CString;

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound(
        "getaddrinfo",
        getaddrinfo,
        "(host, port, family=0, type=0, proto=0, flags=0)",
        "Return what a host and a port stand for.",
    ),
    MethodDef::positional("getnameinfo", 2, 2, getnameinfo, "", "Return host and service of an address."),
    MethodDef::one(
        "gethostbyname",
        |vm, _, host| {
            let host = address::host_name(vm, host)?;
            match address::resolve(vm, &host, libc::AF_INET)? {
                Address::V4(ip, _) => Ok(vm.new_str(&ip.to_string())),
                _ => Err(vm.os_error(libc::EAFNOSUPPORT)),
            }
        },
        "",
        "Return the address of a host.",
    ),
    MethodDef::one("gethostbyname_ex", gethostbyname_ex, "", "Return name, aliases and addresses of a host."),
    MethodDef::one("gethostbyaddr", gethostbyaddr, "", "Return name, aliases and addresses of an address."),
    MethodDef::noargs(
        "gethostname",
        |vm, _| Ok(vm.fs_decode(&identity::hostname().map_err(|errno| vm.os_error(errno))?)),
        "",
        "Return the name of the machine.",
    ),
    MethodDef::one(
        "sethostname",
        |vm, _, name| {
            let name = vm.fs_bytes(name)?;
            identity::set_hostname(&name).map_err(|errno| vm.os_error(errno))?;
            Ok(Value::NONE)
        },
        "",
        "Set the name of the machine.",
    ),
    MethodDef::positional(
        "getservbyname",
        1,
        2,
        |vm, _, args| {
            let name = text(vm, &args[0])?;
            let protocol = args.get(1).map(|protocol| text(vm, protocol)).transpose()?;
            match sockets::service_port(&name, protocol.as_ref()) {
                Some(port) => Ok(vm.new_int(port.into())),
                None => Err(vm.new_exception(&vm.types.os_error, "service/proto not found")),
            }
        },
        "",
        "Return the port of a service.",
    ),
    MethodDef::positional(
        "getservbyport",
        1,
        2,
        |vm, _, args| {
            let Ok(port) = u16::try_from(vm.to_i32(&args[0])?) else {
                return Err(vm.overflow_error("getservbyport: port must be 0-65535."));
            };
            let protocol = args.get(1).map(|protocol| text(vm, protocol)).transpose()?;
            match sockets::service_name(port, protocol.as_ref()) {
                Some(name) => Ok(vm.fs_decode(&name)),
                None => Err(vm.new_exception(&vm.types.os_error, "port/proto not found")),
            }
        },
        "",
        "Return the service of a port.",
    ),
    MethodDef::one(
        "getprotobyname",
        |vm, _, name| match sockets::protocol_number(&text(vm, name)?) {
            Some(number) => Ok(Value::small(number)),
            None => Err(vm.new_exception(&vm.types.os_error, "protocol not found")),
        },
        "",
        "Return the number of a protocol.",
    ),
    MethodDef::one(
        "if_nametoindex",
        |vm, _, name| match sockets::interface_number(&vm.fs_c_string(name)?) {
            Ok(number) => Ok(vm.new_int(number.into())),
            Err(errno) => Err(vm.os_error(errno)),
        },
        "",
        "Return the number of a network interface.",
    ),
    MethodDef::one(
        "if_indextoname",
        |vm, _, number| {
            let number = vm.to_i64(number)?;
            let Ok(number) = u32::try_from(number) else {
                return Err(vm.overflow_error("interface index out of range"));
            };
            match sockets::interface_name(number) {
                Ok(name) => Ok(vm.fs_decode(&name)),
                Err(errno) => Err(vm.os_error(errno)),
            }
        },
        "",
        "Return the name of a network interface.",
    ),
    MethodDef::noargs(
        "if_nameindex",
        |vm, _| {
            let found = sockets::interfaces().map_err(|errno| vm.os_error(errno))?;
            let pairs =
                found.iter().map(|(number, name)| vm.new_tuple(&[vm.new_int((*number).into()), vm.fs_decode(name)]));
            Ok(vm.new_list(pairs.collect()).into_value())
        },
        "",
        "Return numbers and names of the network interfaces.",
    ),
];

fn text(vm: &Vm, value: &Value) -> PyResult<CString> {
    CString::new(vm.fs_encode(value)?).map_err(|_| vm.value_error("embedded null character"))
}

/// The `gaierror` of a look-up.
pub fn error(vm: &Vm, error: i32, errno: i32) -> Raised {
    if error == libc::EAI_SYSTEM {
        return vm.os_error(errno);
    }
    let args = [Value::small(error), vm.new_str(&sockets::lookup_error_text(error))];
    let state = vm.state::<State>();
    match state.gaierror.get().map(|class| vm.call(class, &args)) {
        Some(Ok(value)) => Raised(value),
        Some(Err(raised)) => raised,
        None => vm.os_error(errno),
    }
}

fn getaddrinfo(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let c_text = |bytes: Vec<u8>| CString::new(bytes).map_err(|_| vm.value_error("embedded null character"));
    let host = match args[0].filter(|host| !host.is_none()) {
        None => None,
        Some(host) if host.downcast::<Str>().is_some() || vm.as_bytes(host).is_some() => {
            Some(c_text(address::host_name(vm, host)?)?)
        }
        Some(_) => return Err(vm.type_error("getaddrinfo() argument 1 must be string or None")),
    };
    let service = match args[1].filter(|port| !port.is_none()) {
        None => None,
        Some(port) => match vm.small_or_big(port) {
            Some(Ok(number)) => Some(c_text(number.to_string().into_bytes())?),
            Some(Err(big)) => Some(c_text(big.value.to_string().into_bytes())?),
            None if port.downcast::<Str>().is_some() => Some(text(vm, port)?),
            None => match vm.as_bytes(port) {
                Some(bytes) => Some(c_text(bytes.as_slice().to_vec())?),
                None => return Err(vm.new_exception(&vm.types.os_error, "Int or String expected")),
            },
        },
    };
    let mut hints = [0; 4];
    for (hint, value) in hints.iter_mut().zip(&args[2..6]) {
        *hint = value.map_or(Ok(0), |value| vm.to_i32(value))?;
    }
    vm.audit("socket.getaddrinfo", &[args[0].cloned().unwrap_or(Value::NONE)])?;
    let found = vm.allow_threads(|| sockets::getaddrinfo(host.as_deref(), service.as_deref(), hints));
    let found = found.map_err(|(number, errno)| error(vm, number, errno))?;
    let items = found.iter().map(|(family, kind, protocol, name, target)| {
        vm.new_tuple(&[
            Value::small(*family),
            Value::small(*kind),
            Value::small(*protocol),
            vm.fs_decode(name),
            address::object(vm, target),
        ])
    });
    Ok(vm.new_list(items.collect()).into_value())
}

fn getnameinfo(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let Some(tuple) = args[0].downcast::<Tuple>() else {
        return Err(vm.type_error("getnameinfo() argument 1 must be a tuple"));
    };
    let flags = vm.to_i32(&args[1])?;
    let [host, port, ..] = tuple.items() else {
        return Err(vm.type_error("getnameinfo(): illegal sockaddr argument"));
    };
    let host = CString::new(address::host_name(vm, host)?).map_err(|_| vm.value_error("embedded null character"))?;
    let port = vm.to_i32(port)?;
    let service = CString::new(port.to_string()).unwrap_or_default();
    let hints = [0, libc::SOCK_DGRAM, 0, libc::AI_NUMERICHOST];
    let found = vm
        .allow_threads(|| sockets::getaddrinfo(Some(&host), Some(&service), hints))
        .map_err(|(number, errno)| error(vm, number, errno))?;
    let Some((.., target)) = found.first() else { return Err(error(vm, libc::EAI_NONAME, 0)) };
    match vm.allow_threads(|| sockets::getnameinfo(target, flags)) {
        Ok((host, service)) => Ok(vm.new_tuple(&[vm.fs_decode(&host), vm.fs_decode(&service)])),
        Err(number) => Err(error(vm, number, 0)),
    }
}

fn addresses(vm: &Vm, host: &[u8], family: i32) -> PyResult<Vec<(Vec<u8>, Address)>> {
    let host = CString::new(host).map_err(|_| vm.value_error("embedded null character"))?;
    let hints = [family, libc::SOCK_STREAM, 0, libc::AI_CANONNAME];
    let found = vm
        .allow_threads(|| sockets::getaddrinfo(Some(&host), None, hints))
        .map_err(|(number, errno)| error(vm, number, errno))?;
    Ok(found.into_iter().map(|(_, _, _, name, target)| (name, target)).collect())
}

fn ip_text(target: &Address) -> String {
    match target {
        Address::V4(ip, _) => ip.to_string(),
        Address::V6(ip, ..) => address::plain_v6(ip),
        _ => String::new(),
    }
}

fn host_tuple(vm: &Vm, name: Value, found: &[(Vec<u8>, Address)]) -> Value {
    let ips = found.iter().map(|(_, target)| vm.new_str(&ip_text(target))).collect();
    vm.new_tuple(&[name, vm.new_list(Vec::new()).into_value(), vm.new_list(ips).into_value()])
}

fn gethostbyname_ex(vm: &Vm, _: &Value, host: &Value) -> PyResult {
    let host = address::host_name(vm, host)?;
    let found = addresses(vm, &host, libc::AF_INET)?;
    let name = found.first().map(|(name, _)| name.clone()).filter(|name| !name.is_empty()).unwrap_or(host);
    Ok(host_tuple(vm, vm.fs_decode(&name), &found))
}

fn gethostbyaddr(vm: &Vm, _: &Value, host: &Value) -> PyResult {
    let host = address::host_name(vm, host)?;
    let found = addresses(vm, &host, 0)?;
    let Some((_, target)) = found.first() else { return Err(error(vm, libc::EAI_NONAME, 0)) };
    match vm.allow_threads(|| sockets::getnameinfo(target, libc::NI_NAMEREQD)) {
        Ok((name, _)) => Ok(host_tuple(vm, vm.fs_decode(&name), &found)),
        Err(_) => {
            let state = vm.state::<State>();
            let args = [Value::small(1), vm.new_str("Unknown host")];
            match state.herror.get().map(|class| vm.call(class, &args)) {
                Some(Ok(value)) => Err(Raised(value)),
                Some(Err(raised)) => Err(raised),
                None => Err(vm.os_error(libc::ENOENT)),
            }
        }
    }
}
