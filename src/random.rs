//! Randomness for jitter, from the entropy given at `start`.

/// `SplitMix64`: enough for spreading reconnects, not for secrets.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// Seeds with all bytes of `entropy`.
    pub(crate) fn new(entropy: &[u8]) -> Self {
        let seed = entropy.iter().fold(0_u64, |seed, &byte| {
            seed.rotate_left(8).wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte)
        });
        Self(seed)
    }

    /// Uniform in `0..=max`, but for a bias below 2^-32 in the ranges used here.
    pub(crate) const fn up_to(&mut self, max: u64) -> u64 {
        match max.checked_add(1) {
            Some(range) => self.next() % range,
            None => self.next(),
        }
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_in_range_and_depends_on_the_seed_alone() {
        let draw = |seed: u8| {
            let mut random = Random::new(&[seed; 32]);
            (0..100).map(|_| random.up_to(9)).collect::<Vec<_>>()
        };
        assert!(draw(1).iter().all(|&n| n <= 9));
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
