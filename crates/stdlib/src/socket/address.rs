//! Addresses of sockets as Python has them: tuples of host and port, paths, and so on by family.

use oriel_runtime::platform::sockets::{self, Address};
use oriel_runtime::types::str::Str;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{PyResult, Value, Vm};
use std::ffi::CString;

/// An address as an object.
pub fn object(vm: &Vm, address: &Address) -> Value {
    match address {
        Address::None => Value::NONE,
        Address::V4(ip, port) => vm.new_tuple(&[vm.new_str(&ip.to_string()), vm.new_int((*port).into())]),
        Address::V6(ip, port, flow, scope) => {
            let mut host = plain_v6(ip);
            if *scope != 0
                && let Ok((name, _)) = sockets::getnameinfo(address, libc::NI_NUMERICHOST | libc::NI_NUMERICSERV)
            {
                host = String::from_utf8_lossy(&name).into_owned();
            }
            vm.new_tuple(&[
                vm.new_str(&host),
                vm.new_int((*port).into()),
                vm.new_int((*flow).into()),
                vm.new_int((*scope).into()),
            ])
        }
        Address::Unix(path) if path.first() == Some(&0) => vm.new_bytes(path),
        Address::Unix(path) => vm.fs_decode(path),
        Address::Netlink(process, groups) => {
            vm.new_tuple(&[vm.new_int((*process).into()), vm.new_int((*groups).into())])
        }
        Address::Other(family, bytes) => vm.new_tuple(&[Value::small(*family), vm.new_bytes(bytes)]),
    }
}

/// A version 6 address as the C library writes it.
pub fn plain_v6(ip: &std::net::Ipv6Addr) -> String {
    ip.to_string()
}

/// A host name for the system: `idna` where it is no ASCII.
pub fn host_name(vm: &Vm, value: &Value) -> PyResult<Vec<u8>> {
    if let Some(text) = value.downcast::<Str>() {
        if let Some(ascii) = text.as_ascii() {
            return Ok(ascii.as_bytes().to_vec());
        }
        let encoded = vm.call_method(value, &vm.names.encode, &[vm.new_str("idna")])?;
        return vm.bytes_of(&encoded).ok_or_else(|| vm.type_error("encoding a host name gave no bytes"));
    }
    match vm.bytes_of(value) {
        Some(bytes) => Ok(bytes),
        None => {
            let name = vm.type_name(value);
            Err(vm.type_error(format!("str, bytes or bytearray expected, not {name}")))
        }
    }
}

/// The numeric address of a host.
pub fn resolve(vm: &Vm, host: &[u8], family: i32) -> PyResult<Address> {
    let numeric = std::str::from_utf8(host).ok();
    if family != libc::AF_INET6 {
        match numeric {
            Some("") => return Ok(Address::V4(std::net::Ipv4Addr::UNSPECIFIED, 0)),
            Some("<broadcast>") => return Ok(Address::V4(std::net::Ipv4Addr::BROADCAST, 0)),
            Some(text) => {
                if let Ok(ip) = text.parse() {
                    return Ok(Address::V4(ip, 0));
                }
            }
            None => {}
        }
    } else if let Some(text) = numeric {
        if text.is_empty() {
            return Ok(Address::V6(std::net::Ipv6Addr::UNSPECIFIED, 0, 0, 0));
        }
        if let Ok(ip) = text.parse() {
            return Ok(Address::V6(ip, 0, 0, 0));
        }
    }
    let name = CString::new(host).map_err(|_| vm.type_error("host name must not contain null character"))?;
    let found = vm.allow_threads(|| sockets::getaddrinfo(Some(&name), None, [family, 0, 0, 0]));
    match found {
        Ok(list) => match list.into_iter().next() {
            Some((.., address)) => Ok(address),
            None => Err(super::lookup::error(vm, libc::EAI_NONAME, 0)),
        },
        Err((error, errno)) => Err(super::lookup::error(vm, error, errno)),
    }
}

fn port(vm: &Vm, value: &Value, function: &str) -> PyResult<u16> {
    match vm.small_or_big(&vm.index(value)?) {
        Some(Ok(number)) if (0..=0xffff).contains(&number) => Ok(number as u16),
        _ => Err(vm.overflow_error(format!("{function}(): port must be 0-65535."))),
    }
}

/// An object as an address of a family.
pub fn parse(vm: &Vm, value: &Value, family: i32, function: &str) -> PyResult<Address> {
    let tuple = |what: &str| match value.downcast::<Tuple>() {
        Some(tuple) => Ok(tuple.items().to_vec()),
        None => {
            let given = vm.type_name(value);
            Err(vm.type_error(format!("{function}(): {what} address must be tuple, not {given}")))
        }
    };
    match family {
        libc::AF_INET => {
            let items = tuple("AF_INET")?;
            let [host, number] = &items[..] else {
                return Err(vm.type_error("AF_INET address must be a pair (host, port)"));
            };
            let host = host_name(vm, host)?;
            let number = port(vm, number, function)?;
            match resolve(vm, &host, libc::AF_INET)? {
                Address::V4(ip, _) => Ok(Address::V4(ip, number)),
                _ => Err(vm.os_error(libc::EAFNOSUPPORT)),
            }
        }
        libc::AF_INET6 => {
            let items = tuple("AF_INET6")?;
            if !(2..=4).contains(&items.len()) {
                return Err(vm.type_error("AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])"));
            }
            let host = host_name(vm, &items[0])?;
            let number = port(vm, &items[1], function)?;
            let part = |index: usize| items.get(index).map_or(Ok(0), |value| vm.to_i64(value));
            let (flow, scope) = (part(2)?, part(3)?);
            if !(0..=0xfffff).contains(&flow) {
                return Err(vm.overflow_error(format!("{function}(): flowinfo must be 0-1048575.")));
            }
            match resolve(vm, &host, libc::AF_INET6)? {
                Address::V6(ip, _, _, found) => {
                    Ok(Address::V6(ip, number, flow as u32, if scope != 0 { scope as u32 } else { found }))
                }
                _ => Err(vm.os_error(libc::EAFNOSUPPORT)),
            }
        }
        libc::AF_UNIX => {
            let path = match value.downcast::<Str>() {
                Some(_) => vm.fs_encode(value)?,
                None => vm.buffer(value, false)?.to_vec(),
            };
            let is_abstract = path.first() == Some(&0);
            if path.len() > 108 || !is_abstract && path.len() == 108 {
                return Err(vm.new_exception(&vm.types.os_error, "AF_UNIX path too long"));
            }
            Ok(Address::Unix(path))
        }
        libc::AF_NETLINK => {
            let items = tuple("AF_NETLINK")?;
            let [process, groups] = &items[..] else {
                return Err(vm.type_error("AF_NETLINK address must be a pair (pid, groups)"));
            };
            Ok(Address::Netlink(vm.to_i64(process)? as u32, vm.to_i64(groups)? as u32))
        }
        _ => Err(vm.new_exception(&vm.types.os_error, &format!("{function}(): bad family"))),
    }
}
