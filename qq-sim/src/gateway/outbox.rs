//! What waits to be written to one socket, and the bytes of a frame that is cut in two.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

/// Something to send.
pub(super) enum Parcel {
    Frame(Value),
    Garbage(String),
}

/// Late frames, in order. A delay moves them; it does not thin them out.
#[derive(Default)]
pub(super) struct Outbox {
    /// Delay of this socket alone.
    pub(super) lag: Duration,
    waiting: VecDeque<(Instant, Parcel)>,
}

impl Outbox {
    /// Takes a parcel in, unless it may go at once: then it is handed back.
    pub(super) fn accept(&mut self, parcel: Parcel, extra: Duration) -> Option<Parcel> {
        let lag = self.lag + extra;
        if lag.is_zero() && self.waiting.is_empty() {
            return Some(parcel);
        }
        self.waiting.push_back((Instant::now() + lag, parcel));
        None
    }

    /// When the first one leaves; none if there is none.
    pub(super) fn due(&self) -> Option<Instant> {
        self.waiting.front().map(|(due, _)| *due)
    }

    pub(super) fn pop(&mut self) -> Option<Parcel> {
        self.waiting.pop_front().map(|(_, parcel)| parcel)
    }
}

/// A text frame from a server, as bytes, and half of their number.
pub(super) fn halved(text: &str) -> (Vec<u8>, usize) {
    const FINAL_TEXT: u8 = 0x81;
    let length = text.len();
    let mut bytes = vec![FINAL_TEXT];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..126), _) => bytes.push(short),
        (_, Ok(medium)) => {
            bytes.push(126);
            bytes.extend(medium.to_be_bytes());
        }
        _ => {
            bytes.push(127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend(text.as_bytes());
    let half = bytes.len() / 2;
    (bytes, half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_overtakes_a_late_frame() {
        let mut outbox = Outbox::default();
        let parcel = || Parcel::Garbage(String::new());
        assert!(outbox.accept(parcel(), Duration::ZERO).is_some());
        assert!(outbox.accept(parcel(), Duration::from_secs(1)).is_none());
        assert!(outbox.accept(parcel(), Duration::ZERO).is_none());
        assert!(outbox.due().is_some() && outbox.pop().is_some() && outbox.pop().is_some());
        assert!(outbox.due().is_none());
    }

    #[test]
    fn lengths_have_three_forms() {
        for (length, head) in [(5, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            assert_eq!(halved(&"x".repeat(length)).0.len(), head + length);
        }
    }
}
