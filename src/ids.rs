//! Numbers for sockets and requests.

use crate::contract::{Id, Live};

/// Counts up from above everything an earlier instance left open, so that an id
/// never names two things.
#[derive(Debug)]
pub(crate) struct Ids(Id);

impl Ids {
    /// Ids above those of `adopted`.
    pub(crate) fn after(adopted: &[Live]) -> Self {
        Self(adopted.iter().map(|live| live.id).max().unwrap_or(0))
    }

    /// The next one.
    pub(crate) const fn fresh(&mut self) -> Id {
        self.0 = self.0.wrapping_add(1);
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::LiveKind;

    #[test]
    fn fresh_ids_lie_above_adopted_ones() {
        let adopted = [Live {
            kind: LiveKind::Socket,
            id: 41,
        }];
        assert_eq!(Ids::after(&adopted).fresh(), 42);
        assert_eq!(Ids::after(&[]).fresh(), 1);
    }
}
