//! Waiting for several descriptors.

use super::{Result, calls, checked};

calls! {
    /// A set of descriptors to be waited for.
    epoll_create1(flags: i32) = libc::epoll_create1;
}

/// Waits until one of the descriptors is ready, so many milliseconds (negative: for ever). Gives how many are.
pub fn poll(descriptors: &mut [libc::pollfd], milliseconds: i32) -> Result {
    // SAFETY: the structures are ours and as many as said.
    checked(unsafe { libc::poll(descriptors.as_mut_ptr(), descriptors.len() as _, milliseconds) })
}

/// Changes a set of descriptors.
pub fn epoll_ctl(set: i32, operation: i32, descriptor: i32, events: u32) -> Result {
    let mut event = libc::epoll_event { events, u64: descriptor as u32 as u64 };
    // SAFETY: the structure is ours.
    checked(unsafe { libc::epoll_ctl(set, operation, descriptor, &mut event) })
}

/// Waits for a set of descriptors, so many milliseconds (negative: for ever): descriptors and what happened.
pub fn epoll_wait(set: i32, most: usize, milliseconds: i32) -> Result<Vec<(i32, u32)>> {
    let mut events = vec![libc::epoll_event { events: 0, u64: 0 }; most];
    // SAFETY: the structures are ours and as many as said.
    let count = checked(unsafe { libc::epoll_wait(set, events.as_mut_ptr(), most as i32, milliseconds) })?;
    Ok(events[..count as usize].iter().map(|event| (event.u64 as u32 as i32, event.events)).collect())
}
