//! Streams of the zlib format. The library behind is written in Rust but speaks C's interface, which alone can copy a
//! stream; so it is wrapped here, where unsafe code may be. Results are zlib's codes.

use libz_rs_sys as zlib;
use libz_rs_sys::z_stream;
use std::ffi::{CStr, c_char, c_int};

/// zlib's codes.
pub mod codes {
    /// Success.
    pub const OK: i32 = 0;
    /// The end of the stream.
    pub const STREAM_END: i32 = 1;
    /// A dictionary is needed.
    pub const NEED_DICT: i32 = 2;
    /// The stream is in another state, or a parameter is wrong.
    pub const STREAM_ERROR: i32 = -2;
    /// The data are wrong.
    pub const DATA_ERROR: i32 = -3;
    /// No memory.
    pub const MEM_ERROR: i32 = -4;
    /// No progress is possible.
    pub const BUF_ERROR: i32 = -5;
    /// Another version of the library.
    pub const VERSION_ERROR: i32 = -6;
}

/// The version of zlib that is spoken.
pub fn version() -> String {
    // SAFETY: the library gives a constant string that ends in NUL.
    unsafe { CStr::from_ptr(zlib::zlibVersion()) }.to_string_lossy().into_owned()
}

/// How a compressing stream is made.
#[derive(Clone, Copy)]
pub struct Deflating {
    /// The level.
    pub level: i32,
    /// The method: 8.
    pub method: i32,
    /// The size of the window, and the container.
    pub window_bits: i32,
    /// How much memory is used.
    pub memory_level: i32,
    /// The strategy.
    pub strategy: i32,
}

/// A stream that compresses or decompresses.
pub struct Stream {
    /// Boxed, because the library may remember the address. Invariant: made by the library's own initialization and not
    /// ended, unless `alive` is false.
    raw: Box<z_stream>,
    compresses: bool,
    alive: bool,
}

const SIZE: c_int = size_of::<z_stream>() as c_int;

fn own_version() -> *const c_char {
    zlib::zlibVersion()
}

impl Stream {
    /// A stream that compresses.
    pub fn deflating(how: Deflating) -> Result<Stream, i32> {
        let mut raw = Box::<z_stream>::default();
        // SAFETY: the stream is new; the numbers are checked by the callee.
        let code = unsafe {
            zlib::deflateInit2_(
                &raw mut *raw,
                how.level,
                how.method,
                how.window_bits,
                how.memory_level,
                how.strategy,
                own_version(),
                SIZE,
            )
        };
        if code == codes::OK { Ok(Stream { raw, compresses: true, alive: true }) } else { Err(code) }
    }

    /// A stream that decompresses.
    pub fn inflating(window_bits: i32) -> Result<Stream, i32> {
        let mut raw = Box::<z_stream>::default();
        // SAFETY: as above.
        let code = unsafe { zlib::inflateInit2_(&raw mut *raw, window_bits, own_version(), SIZE) };
        if code == codes::OK { Ok(Stream { raw, compresses: false, alive: true }) } else { Err(code) }
    }

    /// Sets the dictionary.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> i32 {
        let Ok(length) = u32::try_from(dictionary.len()) else { return codes::STREAM_ERROR };
        if !self.alive {
            return codes::STREAM_ERROR;
        }
        // SAFETY: the stream is alive, and the dictionary is read during the call only.
        unsafe {
            if self.compresses {
                zlib::deflateSetDictionary(&raw mut *self.raw, dictionary.as_ptr(), length)
            } else {
                zlib::inflateSetDictionary(&raw mut *self.raw, dictionary.as_ptr(), length)
            }
        }
    }

    /// One step: takes from the front of the input, puts into the output; the code, and how much was put there.
    pub fn step(&mut self, input: &mut &[u8], output: &mut [u8], flush: i32) -> (i32, usize) {
        if !self.alive {
            return (codes::STREAM_ERROR, 0);
        }
        let take = input.len().min(u32::MAX as usize);
        let room = output.len().min(u32::MAX as usize);
        let raw = &mut *self.raw;
        raw.next_in = input.as_ptr().cast_mut();
        raw.avail_in = take as u32;
        raw.next_out = output.as_mut_ptr();
        raw.avail_out = room as u32;
        // SAFETY: the stream is alive; input and output are of the given lengths and live during the call.
        let code = unsafe {
            if self.compresses { zlib::deflate(&raw mut *raw, flush) } else { zlib::inflate(&raw mut *raw, flush) }
        };
        let taken = take - raw.avail_in as usize;
        let put = room - raw.avail_out as usize;
        raw.next_in = std::ptr::null_mut();
        raw.avail_in = 0;
        raw.next_out = std::ptr::null_mut();
        raw.avail_out = 0;
        *input = &input[taken..];
        (code, put)
    }

    /// A copy of the stream as it is now.
    pub fn copy(&mut self) -> Result<Stream, i32> {
        if !self.alive {
            return Err(codes::STREAM_ERROR);
        }
        let mut raw = Box::<z_stream>::default();
        // The library refuses streams without a place for output, even for none.
        self.raw.next_out = std::ptr::NonNull::dangling().as_ptr();
        // SAFETY: the source is alive, its output has no room, and the target is overwritten.
        let code = unsafe {
            if self.compresses {
                zlib::deflateCopy(&raw mut *raw, &raw mut *self.raw)
            } else {
                zlib::inflateCopy(&raw mut *raw, &raw const *self.raw)
            }
        };
        if code == codes::OK { Ok(Stream { raw, compresses: self.compresses, alive: true }) } else { Err(code) }
    }

    /// Gives the stream's memory back.
    pub fn end(&mut self) -> i32 {
        if !std::mem::replace(&mut self.alive, false) {
            return codes::STREAM_ERROR;
        }
        // SAFETY: the stream was alive until now.
        unsafe {
            if self.compresses { zlib::deflateEnd(&raw mut *self.raw) } else { zlib::inflateEnd(&raw mut *self.raw) }
        }
    }

    /// What the library says about the last error.
    pub fn message(&self) -> Option<String> {
        if self.raw.msg.is_null() {
            return None;
        }
        // SAFETY: the library's messages are constant strings that end in NUL.
        Some(unsafe { CStr::from_ptr(self.raw.msg) }.to_string_lossy().into_owned())
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.end();
    }
}

/// Adler-32 of bytes, continued from a value.
pub fn adler32(start: u32, bytes: &[u8]) -> u32 {
    let mut value = u64::from(start);
    for part in bytes.chunks(1 << 30) {
        // SAFETY: the bytes are of the given length.
        value = unsafe { zlib::adler32(value, part.as_ptr(), part.len() as u32) };
    }
    value as u32
}
