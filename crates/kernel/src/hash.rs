//! Hash functions as CPython defines them: SipHash-1-3 for text and bytes, the combiners of tuples and frozensets,
//! and the modular hash of numbers. Pure functions: who owns the key and caches the result is the caller's matter.

/// The secret of text and bytes hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HashKey {
    /// First half.
    pub k0: u64,
    /// Second half.
    pub k1: u64,
}

impl HashKey {
    /// The key that `PYTHONHASHSEED=seed` makes (0 makes the zero key).
    pub fn from_seed(seed: u32) -> HashKey {
        if seed == 0 {
            return HashKey::default();
        }
        let mut state = seed;
        let mut bytes = [0u8; 16];
        for byte in &mut bytes {
            state = state.wrapping_mul(214_013).wrapping_add(2_531_011);
            *byte = (state >> 16) as u8;
        }
        HashKey::from_bytes(bytes)
    }

    /// The key from 16 random bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> HashKey {
        let [a, b, c, d, e, f, g, h, rest @ ..] = bytes;
        HashKey { k0: u64::from_le_bytes([a, b, c, d, e, f, g, h]), k1: u64::from_le_bytes(rest) }
    }
}

/// -1 is never a hash.
#[inline]
pub fn fix(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}

macro_rules! sip_round {
    ($v0:ident, $v1:ident, $v2:ident, $v3:ident) => {
        $v0 = $v0.wrapping_add($v1);
        $v2 = $v2.wrapping_add($v3);
        $v1 = $v1.rotate_left(13) ^ $v0;
        $v3 = $v3.rotate_left(16) ^ $v2;
        $v0 = $v0.rotate_left(32);
        $v2 = $v2.wrapping_add($v1);
        $v0 = $v0.wrapping_add($v3);
        $v1 = $v1.rotate_left(17) ^ $v2;
        $v3 = $v3.rotate_left(21) ^ $v0;
        $v2 = $v2.rotate_left(32);
    };
}

/// SipHash with one compression and three finalization rounds.
#[inline]
pub fn siphash13(key: HashKey, data: &[u8]) -> u64 {
    let mut v0 = key.k0 ^ 0x736f_6d65_7073_6575;
    let mut v1 = key.k1 ^ 0x646f_7261_6e64_6f6d;
    let mut v2 = key.k0 ^ 0x6c79_6765_6e65_7261;
    let mut v3 = key.k1 ^ 0x7465_6462_7974_6573;
    let (words, rest) = data.as_chunks::<8>();
    for word in words {
        let m = u64::from_le_bytes(*word);
        v3 ^= m;
        sip_round!(v0, v1, v2, v3);
        v0 ^= m;
    }
    let mut last = (data.len() as u64) << 56;
    for (i, byte) in rest.iter().enumerate() {
        last |= (*byte as u64) << (8 * i);
    }
    v3 ^= last;
    sip_round!(v0, v1, v2, v3);
    v0 ^= last;
    v2 ^= 0xff;
    sip_round!(v0, v1, v2, v3);
    sip_round!(v0, v1, v2, v3);
    sip_round!(v0, v1, v2, v3);
    (v0 ^ v1) ^ (v2 ^ v3)
}

/// Hash of a bytes object, or of a text's storage (CPython hashes the bytes of its narrowest form). Empty is 0.
#[inline]
pub fn hash_bytes(key: HashKey, data: &[u8]) -> i64 {
    if data.is_empty() { 0 } else { fix(siphash13(key, data) as i64) }
}

/// Hash of UCS-2 storage, as [`hash_bytes`] of its bytes in memory order.
pub fn hash_u16(key: HashKey, data: &[u16]) -> i64 {
    hash_bytes(key, bytemuck::cast_slice(data))
}

/// Hash of UCS-4 storage, as [`hash_bytes`] of its bytes in memory order.
pub fn hash_u32(key: HashKey, data: &[u32]) -> i64 {
    hash_bytes(key, bytemuck::cast_slice(data))
}

const XX_PRIME_1: u64 = 11_400_714_785_074_694_791;
const XX_PRIME_2: u64 = 14_029_467_366_897_019_727;
const XX_PRIME_5: u64 = 2_870_177_450_012_600_261;

/// Combines the hashes of a tuple's items.
#[derive(Clone, Copy, Debug)]
pub struct TupleHasher {
    state: u64,
    count: u64,
}

impl Default for TupleHasher {
    fn default() -> Self {
        TupleHasher { state: XX_PRIME_5, count: 0 }
    }
}

impl TupleHasher {
    /// Adds the next item's hash.
    #[inline]
    pub fn add(&mut self, hash: i64) {
        self.state = self.state.wrapping_add((hash as u64).wrapping_mul(XX_PRIME_2));
        self.state = self.state.rotate_left(31).wrapping_mul(XX_PRIME_1);
        self.count += 1;
    }

    /// The tuple's hash.
    #[inline]
    pub fn finish(self) -> i64 {
        let hash = self.state.wrapping_add(self.count ^ (XX_PRIME_5 ^ 3_527_539));
        if hash == u64::MAX { 1_546_275_796 } else { hash as i64 }
    }
}

/// Combines the hashes of a frozenset's items, in any order.
#[derive(Clone, Copy, Debug, Default)]
pub struct SetHasher {
    state: u64,
    count: u64,
}

impl SetHasher {
    /// Adds an item's hash.
    #[inline]
    pub fn add(&mut self, hash: i64) {
        let hash = hash as u64;
        self.state ^= ((hash ^ 89_869_747) ^ (hash << 16)).wrapping_mul(3_644_798_167);
        self.count += 1;
    }

    /// The set's hash.
    #[inline]
    pub fn finish(self) -> i64 {
        let mut hash = self.state ^ (self.count + 1).wrapping_mul(1_927_868_237);
        hash ^= (hash >> 11) ^ (hash >> 25);
        hash = hash.wrapping_mul(69_069).wrapping_add(907_133_923);
        if hash == u64::MAX { 590_923_713 } else { hash as i64 }
    }
}

/// Hash of an address: CPython rotates the alignment bits away.
#[inline]
pub fn hash_pointer(address: usize) -> i64 {
    fix((address as u64).rotate_right(4) as i64)
}

/// Numbers are hashed modulo this prime, 2**61 - 1.
pub const MODULUS: u64 = (1 << BITS) - 1;
/// Hash of positive infinity.
pub const INFINITY: i64 = 314_159;
/// The factor of a complex number's imaginary part.
pub const IMAGINARY: u64 = 1_000_003;
const BITS: u32 = 61;

/// Hash of an integer that fits a word.
#[inline]
pub fn hash_i64(value: i64) -> i64 {
    let magnitude = (value.unsigned_abs() % MODULUS) as i64;
    fix(if value < 0 { -magnitude } else { magnitude })
}

/// Hash of an integer given by sign and 64-bit digits, least significant first.
pub fn hash_digits(negative: bool, digits: &[u64]) -> i64 {
    let mut sum = 0u64;
    for digit in digits.iter().rev() {
        // 2**64 is 2**3 modulo 2**61 - 1.
        let wide = (u128::from(sum) << 64 | u128::from(*digit)) % u128::from(MODULUS);
        sum = wide as u64;
    }
    let sum = sum as i64;
    fix(if negative { -sum } else { sum })
}

/// Hash of a float that is no NaN (a NaN hashes by its object's identity: `None`).
pub fn hash_f64(value: f64) -> Option<i64> {
    if value.is_nan() {
        return None;
    }
    if value.is_infinite() {
        return Some(if value > 0.0 { INFINITY } else { -INFINITY });
    }
    let bits = value.to_bits();
    let exponent = (bits >> 52 & 0x7FF) as i32;
    let fraction = bits & ((1 << 52) - 1);
    // value = mantissa * 2**power
    let (mantissa, power) = if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    let shift = power.rem_euclid(BITS as i32) as u32;
    // Multiplying by 2**shift modulo 2**61 - 1 rotates 61 bits.
    let hash = if shift == 0 { mantissa } else { (mantissa << shift & MODULUS) | mantissa >> (BITS - shift) };
    let hash = (hash % MODULUS) as i64;
    Some(fix(if value < 0.0 { -hash } else { hash }))
}

/// Hash of a complex number from the hashes of its parts.
pub fn hash_complex(real: i64, imaginary: i64) -> i64 {
    fix((real as u64).wrapping_add(IMAGINARY.wrapping_mul(imaginary as u64)) as i64)
}
