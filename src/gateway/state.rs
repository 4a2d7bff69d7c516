//! Which socket there is, how far it has come, and the deadline of each step.

use super::heartbeat::Link;
use super::moves::{Step, Trouble};
use crate::backoff::Again;
use crate::contract::{Failure, FailureKind, Id};
use crate::host::Host;
use crate::timer::Timer;

/// Close code of every close from this side. The platform does not document
/// which client codes end a session; 1001, going away, keeps it resumable.
const GOING_AWAY: u16 = 1001;
/// Name resolution, TLS and upgrade together; peers use 20 to 30 s.
const CONNECT_TIMEOUT_MS: u32 = 20_000;
/// Belt for a host that says nothing about a socket.
const OPEN_DEADLINE_MS: u64 = 25_000;
/// From the open socket to Hello.
const HELLO_DEADLINE_MS: u64 = 15_000;
/// From Identify or Resume to READY or RESUMED.
const READY_DEADLINE_MS: u64 = 30_000;
/// How long the close frame behind op 9 may take.
const REASON_DEADLINE_MS: u64 = 5_000;
/// For what may be among frames the host holds back.
const HELD_BACK_MS: u64 = 15_000;

/// Where the machine is; a state holds only what is valid in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Not wanted.
    Idle,
    /// The access token is on its way.
    AwaitToken,
    /// `GET /gateway/bot` or `GET /gateway` is on its way.
    AwaitUrl { request: Id },
    /// The socket is being opened.
    AwaitOpen { socket: Id },
    /// The server speaks first.
    AwaitHello { socket: Id },
    /// Identify or Resume was sent.
    AwaitReady { link: Link, attempt: Attempt },
    /// Op 9 came. The close frame behind it holds the real reason.
    AwaitReason {
        socket: Id,
        attempt: Option<Attempt>,
        resumable: bool,
    },
    /// Events flow.
    Live { link: Link, since_ms: u64 },
    /// The next attempt waits for a timer.
    Pause { again: Again },
}

/// What was sent after Hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    Identify,
    Resume,
}

impl State {
    /// Until the next attempt.
    pub(super) fn pause(ms: u64, host: &mut Host) -> Self {
        host.set_timer(Timer::Gateway, ms);
        Self::Pause {
            again: Again::after(ms, host.now()),
        }
    }

    /// Opens a socket.
    pub(super) fn dial(url: &str, host: &mut Host) -> Self {
        let socket = host.open_socket(url, CONNECT_TIMEOUT_MS);
        host.set_timer(Timer::Gateway, OPEN_DEADLINE_MS);
        Self::AwaitOpen { socket }
    }

    /// It is open; the server says Hello first.
    pub(super) fn opened(socket: Id, host: &mut Host) -> Self {
        host.set_timer(Timer::Gateway, HELLO_DEADLINE_MS);
        Self::AwaitHello { socket }
    }

    /// It said Hello: the heartbeat begins, and Identify or Resume has its time.
    pub(super) fn greeted(socket: Id, interval_ms: Option<u64>, host: &mut Host) -> Link {
        let link = Link::begin(socket, interval_ms, host);
        host.set_timer(Timer::Gateway, READY_DEADLINE_MS);
        link
    }

    /// It said op 9: the close frame behind it has its time.
    pub(super) fn invalid_session(self, resumable: bool, host: &mut Host) -> Self {
        let (Some(socket), attempt) = (self.socket(), self.attempt()) else {
            return self;
        };
        host.set_timer(Timer::Gateway, REASON_DEADLINE_MS);
        Self::AwaitReason {
            socket,
            attempt,
            resumable,
        }
    }

    /// The socket in use.
    pub(super) const fn socket(self) -> Option<Id> {
        match self {
            Self::AwaitOpen { socket }
            | Self::AwaitHello { socket }
            | Self::AwaitReason { socket, .. } => Some(socket),
            Self::AwaitReady { link, .. } | Self::Live { link, .. } => Some(link.socket),
            Self::Idle | Self::AwaitToken | Self::AwaitUrl { .. } | Self::Pause { .. } => None,
        }
    }

    /// The socket in use, once its heart beats.
    pub(super) const fn link(self) -> Option<Link> {
        match self {
            Self::AwaitReady { link, .. } | Self::Live { link, .. } => Some(link),
            _ => None,
        }
    }

    /// What was sent and is not answered.
    pub(super) const fn attempt(self) -> Option<Attempt> {
        match self {
            Self::AwaitReady { attempt, .. } => Some(attempt),
            Self::AwaitReason { attempt, .. } => attempt,
            _ => None,
        }
    }

    pub(super) const fn is_live(self) -> bool {
        matches!(self, Self::Live { .. })
    }

    /// What the connection would fail at now.
    pub(super) const fn step(self) -> Step {
        match self {
            Self::AwaitOpen { .. } | Self::AwaitHello { .. } => Step::Gateway,
            _ => Step::Identify,
        }
    }

    /// What is too late when the timer fires.
    pub(super) fn overdue(self) -> Option<Trouble> {
        let message = match self {
            Self::AwaitOpen { .. } => "the gateway did not open the socket in time",
            Self::AwaitHello { .. } => "the gateway did not say Hello in time",
            Self::AwaitReady {
                attempt: Attempt::Identify,
                ..
            } => "the gateway did not answer Identify in time",
            Self::AwaitReady { .. } => "the gateway did not answer Resume in time",
            _ => return None,
        };
        let failure = Failure::new(FailureKind::TimedOut, message)
            .remedy("Check the network and proxy of this machine; it is tried again by itself.");
        Some(Trouble::new(self.step(), failure))
    }

    /// What is awaited may be among frames the host holds back.
    pub(super) fn wait_on(host: &mut Host) {
        host.set_timer(Timer::Gateway, HELD_BACK_MS);
    }

    /// Closes the socket.
    pub(super) fn close(self, reason: &str, host: &mut Host) {
        if let Some(socket) = self.socket() {
            host.close_socket(socket, GOING_AWAY, reason);
        }
    }

    /// Gives up the request, and stops the timers.
    pub(super) fn end(self, host: &mut Host) {
        if let Self::AwaitUrl { request } = self {
            host.cancel_http(request);
        }
        Link::end(host);
        host.cancel_timer(Timer::Gateway);
    }
}
