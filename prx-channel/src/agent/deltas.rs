//! What an agent has of its answer before it has all of it.

use tokio::sync::watch;

/// Longest text that is kept, bytes. An agent that says more than this before
/// it is done is shown up to here; its final text is another matter.
const TEXT: usize = 1024 * 1024;

/// Where an agent says how far it is. Cheap to clone; an agent that only has
/// whole answers leaves it alone.
#[derive(Clone, Debug, Default)]
pub struct Deltas {
    text: watch::Sender<String>,
}

impl Deltas {
    /// The next piece of the answer. Users see it if their channel can show
    /// messages that grow; the final text is still the one that counts.
    pub fn push(&self, piece: &str) {
        self.text.send_modify(|text| {
            let room = piece.floor_char_boundary(TEXT.saturating_sub(text.len()));
            text.push_str(piece.get(..room).unwrap_or_default());
        });
    }

    /// Takes back what was said: this is what there is of the answer. A message
    /// that can only grow keeps showing what it has.
    pub fn replace(&self, text: &str) {
        let text = text.get(..text.floor_char_boundary(TEXT));
        self.text.send_replace(text.unwrap_or_default().to_owned());
    }

    /// Nothing to show, but still at work: a tool runs, a model reasons.
    pub fn working(&self) {
        self.text.send_modify(|_unchanged| ());
    }

    /// All pieces so far.
    #[must_use]
    pub fn text(&self) -> String {
        self.text.borrow().clone()
    }

    /// The pieces together, and a sign of every [`Self::working`].
    pub(super) fn follow(&self) -> watch::Receiver<String> {
        self.text.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_add_up_to_a_bound() {
        let deltas = Deltas::default();
        deltas.push("a");
        deltas.push(&"b".repeat(TEXT));
        deltas.push("c");
        assert_eq!(deltas.text().len(), TEXT);
        assert!(deltas.text().ends_with('b'), "no hole in the text");
    }

    #[test]
    fn work_is_seen_and_changes_no_text() {
        let deltas = Deltas::default();
        let mut seen = deltas.follow();
        deltas.working();
        assert!(seen.has_changed().unwrap());
        assert_eq!(*seen.borrow_and_update(), "");
    }
}
