//! The Mersenne Twister MT19937, seeded and drawn from as Python's `random` does.

const N: usize = 624;
const M: usize = 397;

/// The generator's state.
#[derive(Debug, Clone)]
pub struct MersenneTwister {
    state: [u32; N],
    index: usize,
}

impl MersenneTwister {
    /// Seeds from a key: the 32-bit words of an integer's magnitude, least significant first. An empty key is zero.
    pub fn from_key(key: &[u32]) -> MersenneTwister {
        let mut twister = MersenneTwister::from_word(19650218);
        let key = if key.is_empty() { &[0] } else { key };
        let state = &mut twister.state;
        let mut i = 1;
        let mut step = |state: &mut [u32; N], factor: u32, mix: &dyn Fn(u32) -> u32| {
            let before = state[i - 1];
            state[i] = mix(state[i] ^ (before ^ before >> 30).wrapping_mul(factor))
                .wrapping_sub(if factor == 1566083941 { i as u32 } else { 0 });
            i += 1;
            if i >= N {
                state[0] = state[N - 1];
                i = 1;
            }
        };
        for j in 0..N.max(key.len()) {
            let j = j % key.len();
            step(state, 1664525, &|word| word.wrapping_add(key[j]).wrapping_add(j as u32));
        }
        for _ in 0..N - 1 {
            step(state, 1566083941, &|word| word);
        }
        state[0] = 0x8000_0000;
        twister
    }

    fn from_word(seed: u32) -> MersenneTwister {
        let mut state = [0; N];
        state[0] = seed;
        for i in 1..N {
            let before = state[i - 1];
            state[i] = (before ^ before >> 30).wrapping_mul(1812433253).wrapping_add(i as u32);
        }
        MersenneTwister { state, index: N }
    }

    fn refill(&mut self) {
        let state = &mut self.state;
        for i in 0..N {
            let y = state[i] & 0x8000_0000 | state[(i + 1) % N] & 0x7fff_ffff;
            let twist = if y & 1 == 1 { 0x9908_b0df } else { 0 };
            state[i] = state[(i + M) % N] ^ y >> 1 ^ twist;
        }
        self.index = 0;
    }

    /// The next 32 bits.
    pub fn next_u32(&mut self) -> u32 {
        if self.index >= N {
            self.refill();
        }
        let mut y = self.state[self.index];
        self.index += 1;
        y ^= y >> 11;
        y ^= y << 7 & 0x9d2c_5680;
        y ^= y << 15 & 0xefc6_0000;
        y ^ y >> 18
    }

    /// A float in [0, 1) with 53 random bits.
    pub fn random(&mut self) -> f64 {
        let (a, b) = (self.next_u32() >> 5, self.next_u32() >> 6);
        (f64::from(a) * 67108864.0 + f64::from(b)) * (1.0 / 9007199254740992.0)
    }

    /// Up to 64 random bits.
    pub fn bits(&mut self, count: u32) -> u64 {
        match count {
            0 => 0,
            1..=32 => u64::from(self.next_u32() >> (32 - count)),
            _ => {
                let low = u64::from(self.next_u32());
                low | u64::from(self.next_u32() >> (64 - count.min(64))) << 32
            }
        }
    }

    /// Random words, least significant first, of which the last has only so many bits that all have `count`.
    pub fn fill_bits(&mut self, count: usize, out: &mut Vec<u32>) {
        let mut left = count;
        while left > 0 {
            let word = self.next_u32();
            out.push(if left < 32 { word >> (32 - left) } else { word });
            left = left.saturating_sub(32);
        }
    }

    /// The 624 words and the index, as `getstate` tells them.
    pub fn state(&self) -> (&[u32; N], usize) {
        (&self.state, self.index)
    }

    /// Sets what [`MersenneTwister::state`] tells; an index beyond the words is refused.
    pub fn from_state(state: [u32; N], index: usize) -> Option<MersenneTwister> {
        (index <= N).then_some(MersenneTwister { state, index })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers() {
        let mut twister = MersenneTwister::from_key(&[42]);
        assert_eq!(twister.random(), 0.6394267984578837);
        assert_eq!(twister.random(), 0.025010755222666936);
        let mut long = MersenneTwister::from_key(&[1, 2, 3]);
        assert_eq!(long.bits(64), 6668758584536325726);
    }
}
