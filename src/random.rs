//! Randomness, from the entropy the host gives at `start`.
//!
//! Cryptographic, because pairing codes come from it too: the pauses and ids that
//! a peer can watch tell nothing of what comes next.

use std::fmt;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};

/// `ChaCha20`, seeded once a life.
pub(crate) struct Random(ChaCha20Rng);

impl Random {
    /// For pauses and numbers, seeded with the 32 bytes of `entropy`.
    pub(crate) fn new(entropy: &[u8]) -> Self {
        Self(seeded(entropy))
    }

    /// For pairing codes: a stream of its own, so that which code comes next
    /// does not hang on how many pauses there were.
    pub(crate) fn for_codes(entropy: &[u8]) -> Self {
        let mut generator = seeded(entropy);
        generator.set_stream(1);
        Self(generator)
    }

    /// Uniform in `0..=max`, but for a bias below 2^-32 in the ranges used here.
    pub(crate) fn up_to(&mut self, max: u64) -> u64 {
        let drawn = self.0.next_u64();
        max.checked_add(1).map_or(drawn, |range| drawn % range)
    }
}

fn seeded(entropy: &[u8]) -> ChaCha20Rng {
    let mut seed = [0; 32];
    for (seed, byte) in seed.iter_mut().zip(entropy) {
        *seed = *byte;
    }
    ChaCha20Rng::from_seed(seed)
}

/// The state of the generator is worth a pairing code: it is never printed.
impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
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

    #[test]
    fn every_byte_of_the_entropy_counts() {
        let first = |seed: [u8; 32]| Random::new(&seed).up_to(u64::MAX);
        for place in 0..32 {
            let mut seed = [7; 32];
            if let Some(byte) = seed.get_mut(place) {
                *byte = 8;
            }
            assert_ne!(first(seed), first([7; 32]), "{place}");
        }
    }
}
