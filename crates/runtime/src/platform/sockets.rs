//! Sockets: addresses as Rust has them, the calls, and looking names up.

use super::{Result, calls, checked, counted};
use std::ffi::{CStr, CString};
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, Ipv6Addr};

calls! {
    /// Makes a socket.
    socket(family: i32, kind: i32, protocol: i32) = libc::socket;
    /// Waits for connections from now on.
    listen(descriptor: i32, backlog: i32) = libc::listen;
    /// Ends one or both directions.
    shutdown(descriptor: i32, how: i32) = libc::shutdown;
}

/// The address of a socket.
#[derive(Clone, Debug)]
pub enum Address {
    /// None, as of an unnamed socket.
    None,
    /// An address and port of version 4.
    V4(Ipv4Addr, u16),
    /// An address, port, flow information and scope of version 6.
    V6(Ipv6Addr, u16, u32, u32),
    /// A path; begins with NUL for an abstract name.
    Unix(Vec<u8>),
    /// A process and groups of the kernel's own protocol.
    Netlink(u32, u32),
    /// Any other: family and bytes.
    Other(i32, Vec<u8>),
}

/// The address as C has it.
struct RawAddress {
    storage: libc::sockaddr_storage,
    len: libc::socklen_t,
}

impl RawAddress {
    fn empty() -> RawAddress {
        // SAFETY: bytes.
        RawAddress { storage: unsafe { std::mem::zeroed() }, len: size_of::<libc::sockaddr_storage>() as _ }
    }

    fn write<T>(value: T) -> RawAddress {
        const { assert!(size_of::<T>() <= size_of::<libc::sockaddr_storage>()) };
        let mut raw = RawAddress::empty();
        // SAFETY: the storage is large enough and aligned for every kind of address.
        unsafe { std::ptr::write((&raw mut raw.storage).cast::<T>(), value) };
        raw.len = size_of::<T>() as _;
        raw
    }

    fn read<T>(&self) -> T {
        const { assert!(size_of::<T>() <= size_of::<libc::sockaddr_storage>()) };
        // SAFETY: as above; all address structures are plain bytes.
        unsafe { std::ptr::read((&raw const self.storage).cast::<T>()) }
    }

    fn pointer(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }

    fn of(address: &Address) -> Result<RawAddress> {
        Ok(match address {
            Address::None => RawAddress { len: 0, ..RawAddress::empty() },
            Address::V4(ip, port) => RawAddress::write(libc::sockaddr_in {
                sin_family: libc::AF_INET as _,
                sin_port: port.to_be(),
                sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(ip.octets()) },
                sin_zero: [0; 8],
            }),
            Address::V6(ip, port, flow, scope) => RawAddress::write(libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as _,
                sin6_port: port.to_be(),
                sin6_flowinfo: flow.to_be(),
                sin6_addr: libc::in6_addr { s6_addr: ip.octets() },
                sin6_scope_id: *scope,
            }),
            Address::Unix(path) => {
                let mut un = libc::sockaddr_un { sun_family: libc::AF_UNIX as _, sun_path: [0; 108] };
                let is_abstract = path.first() == Some(&0);
                if path.len() > un.sun_path.len() || !is_abstract && path.len() == un.sun_path.len() {
                    return Err(libc::ENAMETOOLONG);
                }
                for (place, byte) in un.sun_path.iter_mut().zip(path) {
                    *place = *byte as _;
                }
                let mut raw = RawAddress::write(un);
                raw.len =
                    (size_of::<libc::sa_family_t>() + path.len() + usize::from(!is_abstract && !path.is_empty())) as _;
                raw
            }
            Address::Netlink(process, groups) => {
                // SAFETY: numbers.
                let mut nl: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
                nl.nl_family = libc::AF_NETLINK as _;
                nl.nl_pid = *process;
                nl.nl_groups = *groups;
                RawAddress::write(nl)
            }
            Address::Other(..) => return Err(libc::EAFNOSUPPORT),
        })
    }

    fn address(&self) -> Address {
        if (self.len as usize) < size_of::<libc::sa_family_t>() {
            return Address::None;
        }
        match i32::from(self.storage.ss_family) {
            libc::AF_INET => {
                let v4: libc::sockaddr_in = self.read();
                Address::V4(Ipv4Addr::from(v4.sin_addr.s_addr.to_ne_bytes()), u16::from_be(v4.sin_port))
            }
            libc::AF_INET6 => {
                let v6: libc::sockaddr_in6 = self.read();
                Address::V6(
                    Ipv6Addr::from(v6.sin6_addr.s6_addr),
                    u16::from_be(v6.sin6_port),
                    u32::from_be(v6.sin6_flowinfo),
                    v6.sin6_scope_id,
                )
            }
            libc::AF_UNIX => {
                let un: libc::sockaddr_un = self.read();
                let len = (self.len as usize).saturating_sub(size_of::<libc::sa_family_t>()).min(108);
                let mut path: Vec<u8> = un.sun_path[..len].iter().map(|c| *c as u8).collect();
                if path.first() != Some(&0) {
                    path.truncate(path.iter().position(|byte| *byte == 0).unwrap_or(path.len()));
                }
                Address::Unix(path)
            }
            libc::AF_NETLINK => {
                let nl: libc::sockaddr_nl = self.read();
                Address::Netlink(nl.nl_pid, nl.nl_groups)
            }
            family => {
                let bytes: [u8; size_of::<libc::sockaddr_storage>()] = self.read();
                Address::Other(family, bytes[2..(self.len as usize).clamp(2, bytes.len())].to_vec())
            }
        }
    }
}

/// Gives a socket its address.
pub fn bind(descriptor: i32, address: &Address) -> Result {
    let raw = RawAddress::of(address)?;
    // SAFETY: the address is ours and of the given length.
    checked(unsafe { libc::bind(descriptor, raw.pointer(), raw.len) })
}

/// Connects a socket.
pub fn connect(descriptor: i32, address: &Address) -> Result {
    let raw = RawAddress::of(address)?;
    // SAFETY: the address is ours and of the given length.
    checked(unsafe { libc::connect(descriptor, raw.pointer(), raw.len) })
}

/// Takes a connection.
pub fn accept(descriptor: i32) -> Result<(i32, Address)> {
    let mut raw = RawAddress::empty();
    // SAFETY: room for any address.
    let new =
        checked(unsafe { libc::accept4(descriptor, (&raw mut raw.storage).cast(), &mut raw.len, libc::SOCK_CLOEXEC) })?;
    Ok((new as i32, raw.address()))
}

/// The own address.
pub fn getsockname(descriptor: i32) -> Result<Address> {
    let mut raw = RawAddress::empty();
    // SAFETY: room for any address.
    checked(unsafe { libc::getsockname(descriptor, (&raw mut raw.storage).cast(), &mut raw.len) })?;
    Ok(raw.address())
}

/// The other side's address.
pub fn getpeername(descriptor: i32) -> Result<Address> {
    let mut raw = RawAddress::empty();
    // SAFETY: room for any address.
    checked(unsafe { libc::getpeername(descriptor, (&raw mut raw.storage).cast(), &mut raw.len) })?;
    Ok(raw.address())
}

/// An option's bytes.
pub fn getsockopt(descriptor: i32, level: i32, option: i32, room: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0u8; room];
    let mut len = room as libc::socklen_t;
    // SAFETY: the buffer is ours and of the given length.
    checked(unsafe { libc::getsockopt(descriptor, level, option, bytes.as_mut_ptr().cast(), &mut len) })?;
    bytes.truncate(len as usize);
    Ok(bytes)
}

/// An option that is a number.
pub fn getsockopt_number(descriptor: i32, level: i32, option: i32) -> Result<i32> {
    let bytes = getsockopt(descriptor, level, option, 4)?;
    let mut number = [0; 4];
    number[..bytes.len()].copy_from_slice(&bytes);
    Ok(i32::from_ne_bytes(number))
}

/// Sets an option; without bytes, only its length.
pub fn setsockopt(descriptor: i32, level: i32, option: i32, value: Option<&[u8]>, length: usize) -> Result {
    let pointer = value.map_or(std::ptr::null(), <[u8]>::as_ptr);
    let length = value.map_or(length, <[u8]>::len);
    // SAFETY: the value is alive and of the given length, or absent.
    checked(unsafe { libc::setsockopt(descriptor, level, option, pointer.cast(), length as _) })
}

/// Receives.
pub fn recv(descriptor: i32, buffer: &mut [u8], flags: i32) -> Result<usize> {
    // SAFETY: the buffer is ours and of the given length.
    counted(unsafe { libc::recv(descriptor, buffer.as_mut_ptr().cast(), buffer.len(), flags) })
}

/// Receives, with the sender's address.
pub fn recvfrom(descriptor: i32, buffer: &mut [u8], flags: i32) -> Result<(usize, Address)> {
    let mut raw = RawAddress::empty();
    // SAFETY: the buffer is ours and of the given length; there is room for any address.
    let count = counted(unsafe {
        libc::recvfrom(
            descriptor,
            buffer.as_mut_ptr().cast(),
            buffer.len(),
            flags,
            (&raw mut raw.storage).cast(),
            &mut raw.len,
        )
    })?;
    Ok((count, if raw.len == 0 { Address::None } else { raw.address() }))
}

/// Sends.
pub fn send(descriptor: i32, bytes: &[u8], flags: i32) -> Result<usize> {
    // SAFETY: the bytes are alive and of the given length.
    counted(unsafe { libc::send(descriptor, bytes.as_ptr().cast(), bytes.len(), flags) })
}

/// Sends to an address.
pub fn sendto(descriptor: i32, bytes: &[u8], flags: i32, address: &Address) -> Result<usize> {
    let raw = RawAddress::of(address)?;
    // SAFETY: bytes and address are alive and of the given lengths.
    counted(unsafe { libc::sendto(descriptor, bytes.as_ptr().cast(), bytes.len(), flags, raw.pointer(), raw.len) })
}

/// Data that goes beside a message: level, kind, bytes.
pub type Ancillary = (i32, i32, Vec<u8>);

/// The room that ancillary data of a length takes, padding included.
pub fn ancillary_space(length: u32) -> usize {
    // SAFETY: only computes.
    unsafe { libc::CMSG_SPACE(length) as usize }
}

/// The length of ancillary data with its header.
pub fn ancillary_length(length: u32) -> usize {
    // SAFETY: only computes.
    unsafe { libc::CMSG_LEN(length) as usize }
}

/// Sends a message with ancillary data.
pub fn sendmsg(
    descriptor: i32,
    bytes: &[u8],
    ancillary: &[Ancillary],
    flags: i32,
    address: Option<&Address>,
) -> Result<usize> {
    let raw = address.map(RawAddress::of).transpose()?;
    let space: usize = ancillary.iter().map(|(_, _, data)| ancillary_space(data.len() as u32)).sum();
    // Words, for the alignment of the headers.
    let mut control = vec![0u64; space.div_ceil(8)];
    let mut part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    // SAFETY: numbers and null pointers.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &mut part;
    message.msg_iovlen = 1;
    if let Some(raw) = &raw {
        message.msg_name = raw.pointer().cast_mut().cast();
        message.msg_namelen = raw.len;
    }
    if space > 0 {
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = space as _;
        // SAFETY: the headers lie in the control buffer, which has room for all of them.
        unsafe {
            let mut header = libc::CMSG_FIRSTHDR(&message);
            for (level, kind, data) in ancillary {
                if header.is_null() {
                    return Err(libc::EINVAL);
                }
                (*header).cmsg_level = *level;
                (*header).cmsg_type = *kind;
                (*header).cmsg_len = libc::CMSG_LEN(data.len() as u32) as _;
                std::ptr::copy_nonoverlapping(data.as_ptr(), libc::CMSG_DATA(header), data.len());
                header = libc::CMSG_NXTHDR(&message, header);
            }
        }
    }
    // SAFETY: everything that the message points at is alive.
    counted(unsafe { libc::sendmsg(descriptor, &message, flags) })
}

/// A message received: how many bytes, ancillary data, flags, the sender.
pub type Message = (usize, Vec<Ancillary>, i32, Address);

/// Receives a message with ancillary data.
pub fn recvmsg(descriptor: i32, buffer: &mut [u8], room: usize, flags: i32) -> Result<Message> {
    let mut raw = RawAddress::empty();
    let mut control = vec![0u64; room.div_ceil(8)];
    let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    // SAFETY: numbers and null pointers.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &mut part;
    message.msg_iovlen = 1;
    message.msg_name = (&raw mut raw.storage).cast();
    message.msg_namelen = raw.len;
    if room > 0 {
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = room as _;
    }
    // SAFETY: everything that the message points at is ours and of the given length.
    let count = counted(unsafe { libc::recvmsg(descriptor, &mut message, flags | libc::MSG_CMSG_CLOEXEC) })?;
    let mut ancillary = Vec::new();
    // SAFETY: the kernel filled the control buffer; lengths are cut to what lies in it.
    unsafe {
        let end = control.as_ptr().addr() + message.msg_controllen as usize;
        let mut header = libc::CMSG_FIRSTHDR(&message);
        while !header.is_null() {
            let data = libc::CMSG_DATA(header);
            let length = ((*header).cmsg_len as usize).saturating_sub(libc::CMSG_LEN(0) as usize);
            let length = length.min(end.saturating_sub(data.addr()));
            let bytes = std::slice::from_raw_parts(data, length).to_vec();
            ancillary.push(((*header).cmsg_level, (*header).cmsg_type, bytes));
            header = libc::CMSG_NXTHDR(&message, header);
        }
    }
    raw.len = message.msg_namelen;
    Ok((count, ancillary, message.msg_flags, if raw.len == 0 { Address::None } else { raw.address() }))
}

/// Two connected sockets.
pub fn socketpair(family: i32, kind: i32, protocol: i32) -> Result<[i32; 2]> {
    let mut pair = [0; 2];
    // SAFETY: room for two numbers.
    checked(unsafe { libc::socketpair(family, kind | libc::SOCK_CLOEXEC, protocol, pair.as_mut_ptr()) })?;
    Ok(pair)
}

/// What a name stands for: family, kind, protocol, canonical name, address.
pub type Found = (i32, i32, i32, Vec<u8>, Address);

/// Looks up a name and a service; the error is one of `EAI_…` and the error number.
pub fn getaddrinfo(
    host: Option<&CStr>,
    service: Option<&CStr>,
    [family, kind, protocol, flags]: [i32; 4],
) -> std::result::Result<Vec<Found>, (i32, i32)> {
    // SAFETY: numbers and null pointers.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    (hints.ai_family, hints.ai_socktype, hints.ai_protocol, hints.ai_flags) = (family, kind, protocol, flags);
    let mut list = std::ptr::null_mut();
    let pointer = |text: Option<&CStr>| text.map_or(std::ptr::null(), CStr::as_ptr);
    // SAFETY: names end in NUL or are absent; the list is freed below.
    let error = unsafe { libc::getaddrinfo(pointer(host), pointer(service), &hints, &mut list) };
    if error != 0 {
        return Err((error, super::errno()));
    }
    let mut found = Vec::new();
    // SAFETY: a list of the C library, whose addresses are of the given lengths.
    unsafe {
        let mut entry = list;
        while let Some(info) = entry.as_ref() {
            let mut raw = RawAddress::empty();
            let len = (info.ai_addrlen as usize).min(size_of::<libc::sockaddr_storage>());
            std::ptr::copy_nonoverlapping(info.ai_addr.cast::<u8>(), (&raw mut raw.storage).cast(), len);
            raw.len = len as _;
            let name = if info.ai_canonname.is_null() {
                Vec::new()
            } else {
                CStr::from_ptr(info.ai_canonname).to_bytes().to_vec()
            };
            found.push((info.ai_family, info.ai_socktype, info.ai_protocol, name, raw.address()));
            entry = info.ai_next;
        }
        libc::freeaddrinfo(list);
    }
    Ok(found)
}

/// What an error of looking up means.
pub fn lookup_error_text(error: i32) -> String {
    // SAFETY: the text belongs to the C library and is copied at once.
    unsafe { CStr::from_ptr(libc::gai_strerror(error)) }.to_string_lossy().into_owned()
}

/// Host and service of an address.
pub fn getnameinfo(address: &Address, flags: i32) -> std::result::Result<(Vec<u8>, Vec<u8>), i32> {
    let raw = RawAddress::of(address).map_err(|_| libc::EAI_FAMILY)?;
    let (mut host, mut service) = ([0u8; 1025], [0u8; 32]);
    // SAFETY: the buffers are ours and of the given lengths.
    let error = unsafe {
        libc::getnameinfo(
            raw.pointer(),
            raw.len,
            host.as_mut_ptr().cast(),
            host.len() as _,
            service.as_mut_ptr().cast(),
            service.len() as _,
            flags,
        )
    };
    if error != 0 {
        return Err(error);
    }
    let text = |buffer: &[u8]| buffer.iter().copied().take_while(|byte| *byte != 0).collect();
    Ok((text(&host), text(&service)))
}

unsafe extern "C" {
    fn getservbyname(name: *const libc::c_char, protocol: *const libc::c_char) -> *const libc::servent;
    fn getservbyport(port: i32, protocol: *const libc::c_char) -> *const libc::servent;
}

/// The port of a service. (One place in the C library for the whole process: the GIL must be held, here and below.)
pub fn service_port(name: &CStr, protocol: Option<&CString>) -> Option<u16> {
    let protocol = protocol.map_or(std::ptr::null(), |protocol| protocol.as_ptr());
    // SAFETY: names end in NUL or are absent; the entry is read at once.
    unsafe { getservbyname(name.as_ptr(), protocol).as_ref() }.map(|entry| u16::from_be(entry.s_port as u16))
}

/// The service of a port.
pub fn service_name(port: u16, protocol: Option<&CString>) -> Option<Vec<u8>> {
    let protocol = protocol.map_or(std::ptr::null(), |protocol| protocol.as_ptr());
    // SAFETY: the name ends in NUL or is absent; the entry is read at once.
    unsafe {
        let entry = getservbyport(port.to_be().into(), protocol).as_ref()?;
        Some(CStr::from_ptr(entry.s_name).to_bytes().to_vec())
    }
}

/// The number of a protocol.
pub fn protocol_number(name: &CStr) -> Option<i32> {
    // SAFETY: the name ends in NUL; the entry is read at once.
    unsafe { libc::getprotobyname(name.as_ptr()).as_ref() }.map(|entry| entry.p_proto)
}

/// The number of a network interface.
pub fn interface_number(name: &CStr) -> Result<u32> {
    // SAFETY: the name ends in NUL.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(super::errno()),
        number => Ok(number),
    }
}

/// The name of a network interface.
pub fn interface_name(number: u32) -> Result<Vec<u8>> {
    let mut name = MaybeUninit::<[u8; libc::IF_NAMESIZE]>::zeroed();
    // SAFETY: room for the longest name; zeroed before.
    unsafe {
        if libc::if_indextoname(number, name.as_mut_ptr().cast()).is_null() {
            return Err(super::errno());
        }
        Ok(name.assume_init().iter().copied().take_while(|byte| *byte != 0).collect())
    }
}

/// Numbers and names of all network interfaces.
pub fn interfaces() -> Result<Vec<(u32, Vec<u8>)>> {
    let mut found = Vec::new();
    // SAFETY: a list of the C library that ends in zero, freed at the end.
    unsafe {
        let list = libc::if_nameindex();
        if list.is_null() {
            return Err(super::errno());
        }
        let mut entry = list;
        while (*entry).if_index != 0 {
            found.push(((*entry).if_index, CStr::from_ptr((*entry).if_name).to_bytes().to_vec()));
            entry = entry.add(1);
        }
        libc::if_freenameindex(list);
    }
    Ok(found)
}
