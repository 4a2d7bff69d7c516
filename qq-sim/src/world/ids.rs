//! Identifiers in the platform's shapes: unguessable where a client must not
//! guess, increasing where a reader wants order.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Source of every identifier of one simulator.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    seed: RandomState,
    drawn: u64,
}

impl Ids {
    /// A message id: `ROBOT1.0_` and url-safe text that ends in `!`, as live ones may:
    /// a client that forgets to percent-encode should notice here.
    pub(crate) fn message(&mut self) -> String {
        format!("ROBOT1.0_{}!", self.text())
    }

    /// Id of a guild message: lower-case hex that begins with `08`.
    pub(crate) fn guild_message(&mut self) -> String {
        let chance = self.draw();
        format!("08{:012x}{chance:016x}", self.drawn)
    }

    /// A decimal id, as guilds and channels have.
    pub(crate) fn decimal(&mut self) -> String {
        // Beyond 2^53: a client that reads ids as floating-point numbers should notice.
        (9_100_000_000_000_000_000 + self.draw() % 1_000_000_000_000_000).to_string()
    }

    /// A message index, the only thing a quote can point at.
    pub(crate) fn ref_index(&mut self) -> String {
        format!("REFIDX_{}==", self.text())
    }

    /// The envelope id of an event.
    pub(crate) fn event(&mut self, name: &str) -> String {
        format!("{name}:{}", self.uuid())
    }

    /// A lower-case uuid; sessions and interactions carry one.
    pub(crate) fn uuid(&mut self) -> String {
        let (a, b) = (self.draw(), self.draw());
        let (p, q, r) = (a >> 32, (a >> 16) & 0xffff, a & 0x0fff);
        let (s, t) = (((b >> 48) & 0x3fff) | 0x8000, b & 0xffff_ffff_ffff);
        format!("{p:08x}-{q:04x}-4{r:03x}-{s:04x}-{t:012x}")
    }

    /// 32 hex digits, the form of a trace id.
    pub(crate) fn trace(&mut self) -> String {
        format!("{:016x}{:016x}", self.draw(), self.draw())
    }

    /// An access token.
    pub(crate) fn token(&mut self) -> String {
        format!("SIM_{:016X}{:016X}", self.draw(), self.draw())
    }

    /// The running number first, so ids of one run sort by age; then chance.
    fn text(&mut self) -> String {
        let chance = self.draw();
        encode(self.drawn, 4) + &encode(chance, 8)
    }

    fn draw(&mut self) -> u64 {
        self.drawn += 1;
        self.seed.hash_one(self.drawn)
    }
}

fn encode(number: u64, digits: u32) -> String {
    (0..digits)
        .rev()
        .filter_map(|place| {
            let index = usize::try_from((number >> (6 * place)) & 63).ok()?;
            ALPHABET.get(index).map(|byte| char::from(*byte))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_documented_shapes_and_increase() {
        let mut ids = Ids::default();
        let (first, second) = (ids.message(), ids.message());
        assert!(first.starts_with("ROBOT1.0_") && first < second);
        assert!(ids.ref_index().starts_with("REFIDX_"));
        assert_eq!(ids.uuid().len(), 36);
        assert_eq!(ids.trace().len(), 32);
    }
}
