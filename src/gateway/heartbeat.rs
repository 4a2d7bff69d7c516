//! Heartbeats: sent a little early, and missed when they are not acknowledged.
//!
//! Connections go half open without a close frame, for hours in the field, so
//! the watchdog is not optional.

use std::ops::RangeInclusive;

use super::frame;
use crate::contract::Id;
use crate::host::Host;
use crate::timer::Timer;

/// Live values are 41 250 to 45 000 ms (QQ docs, dev-prepare/event-emit/payload);
/// this one stands in for a Hello without, and for one that cannot be meant.
const USUAL_INTERVAL_MS: u64 = 41_250;
/// What can be meant. A mistake of the server's must neither flood it nor keep us
/// silent until it takes the connection for dead.
const MEANT_MS: RangeInclusive<u64> = 250..=180_000;

/// A socket after Hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// Which socket.
    pub(super) socket: Id,
    /// Between heartbeats, as Hello said.
    pub(super) interval_ms: u64,
}

impl Link {
    /// Starts the heartbeat of a socket that said Hello.
    pub(super) fn begin(socket: Id, interval_ms: Option<u64>, host: &mut Host) -> Self {
        let interval_ms = interval_ms
            .filter(|ms| MEANT_MS.contains(ms))
            .unwrap_or(USUAL_INTERVAL_MS);
        let link = Self {
            socket,
            interval_ms,
        };
        link.schedule(host);
        link.acknowledged(host);
        link
    }

    /// Sends a heartbeat, because it is time.
    pub(super) fn beat(&self, seq: Option<u64>, host: &mut Host) {
        self.answer(seq, host);
        self.schedule(host);
    }

    /// Sends a heartbeat, because the server asked.
    pub(super) fn answer(&self, seq: Option<u64>, host: &mut Host) {
        host.send_text(frame::heartbeat(self.socket, seq));
    }

    /// The server acknowledged: it has two intervals for the next one.
    pub(super) fn acknowledged(&self, host: &mut Host) {
        host.set_timer(Timer::HeartbeatAck, self.interval_ms.saturating_mul(2));
    }

    /// The acknowledgement may be among frames the host holds back: another
    /// interval for it.
    pub(super) fn wait_on(&self, host: &mut Host) {
        host.set_timer(Timer::HeartbeatAck, self.interval_ms);
    }

    /// Up to a tenth early, so that bots started together do not beat together.
    fn schedule(&self, host: &mut Host) {
        let early = host.random_up_to(self.interval_ms / 10);
        host.set_timer(Timer::Heartbeat, self.interval_ms - early);
    }

    /// Stops the timers.
    pub(super) fn end(host: &mut Host) {
        host.cancel_timer(Timer::Heartbeat);
        host.cancel_timer(Timer::HeartbeatAck);
    }
}
