//! The header of `.pyc` files and the hash of sources that it may hold.

/// The magic number of CPython 3.14.
pub const MAGIC_NUMBER: u16 = 3627;
/// The first four bytes of a `.pyc` file.
pub const MAGIC: [u8; 4] = [MAGIC_NUMBER as u8, (MAGIC_NUMBER >> 8) as u8, b'\r', b'\n'];
/// The size of the header.
pub const HEADER_SIZE: usize = 16;

/// By what a `.pyc` file is tied to its source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Validation {
    /// Modification time in seconds and size of the source, both modulo 2**32.
    Timestamp {
        /// The time.
        mtime: u32,
        /// The size.
        size: u32,
    },
    /// The source's hash, and whether it is to be compared.
    Hash {
        /// See [`source_hash`].
        hash: [u8; 8],
        /// Whether to compare it on import.
        check_source: bool,
    },
}

/// Why a header is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeaderError {
    /// Another magic number.
    BadMagic,
    /// Cut off.
    TooShort,
    /// Flags with unknown bits.
    BadFlags(u32),
}

/// The header's bytes.
pub fn write_header(validation: Validation) -> [u8; HEADER_SIZE] {
    let mut header = [0; HEADER_SIZE];
    header[..4].copy_from_slice(&MAGIC);
    match validation {
        Validation::Timestamp { mtime, size } => {
            header[8..12].copy_from_slice(&mtime.to_le_bytes());
            header[12..].copy_from_slice(&size.to_le_bytes());
        }
        Validation::Hash { hash, check_source } => {
            header[4] = 1 | u8::from(check_source) << 1;
            header[8..].copy_from_slice(&hash);
        }
    }
    header
}

/// Reads a header.
pub fn read_header(data: &[u8]) -> Result<Validation, HeaderError> {
    if data.get(..4) != Some(&MAGIC[..]) {
        return Err(HeaderError::BadMagic);
    }
    let header = data.get(..HEADER_SIZE).ok_or(HeaderError::TooShort)?;
    let word = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    match word(4) {
        0 => Ok(Validation::Timestamp { mtime: word(8), size: word(12) }),
        flags @ (1 | 3) => {
            let mut hash = [0; 8];
            hash.copy_from_slice(&header[8..]);
            Ok(Validation::Hash { hash, check_source: flags & 2 != 0 })
        }
        flags => Err(HeaderError::BadFlags(flags)),
    }
}

/// The hash of a source text: SipHash-1-3 keyed with the magic number, as `_imp.source_hash` gives it.
pub fn source_hash(source: &[u8]) -> [u8; 8] {
    siphash13(u64::from(u32::from_le_bytes(MAGIC)), 0, source).to_le_bytes()
}

/// SipHash with one round a word and three at the end.
pub fn siphash13(key0: u64, key1: u64, data: &[u8]) -> u64 {
    let mut state = [
        key0 ^ 0x736f_6d65_7073_6575,
        key1 ^ 0x646f_7261_6e64_6f6d,
        key0 ^ 0x6c79_6765_6e65_7261,
        key1 ^ 0x7465_6462_7974_6573,
    ];
    let mut words = data.chunks_exact(8);
    for word in &mut words {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(word);
        absorb(&mut state, u64::from_le_bytes(bytes));
    }
    let mut last = [0; 8];
    let rest = words.remainder();
    last[..rest.len()].copy_from_slice(rest);
    last[7] = data.len() as u8;
    absorb(&mut state, u64::from_le_bytes(last));
    state[2] ^= 0xff;
    for _ in 0..3 {
        round(&mut state);
    }
    state[0] ^ state[1] ^ state[2] ^ state[3]
}

fn absorb(state: &mut [u64; 4], word: u64) {
    state[3] ^= word;
    round(state);
    state[0] ^= word;
}

fn round(state: &mut [u64; 4]) {
    let [mut a, mut b, mut c, mut d] = *state;
    a = a.wrapping_add(b);
    b = b.rotate_left(13) ^ a;
    a = a.rotate_left(32);
    c = c.wrapping_add(d);
    d = d.rotate_left(16) ^ c;
    a = a.wrapping_add(d);
    d = d.rotate_left(21) ^ a;
    c = c.wrapping_add(b);
    b = b.rotate_left(17) ^ c;
    c = c.rotate_left(32);
    *state = [a, b, c, d];
}
