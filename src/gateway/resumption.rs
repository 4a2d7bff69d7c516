//! Where a Resume would go on: the session, and how far it was heard.

use super::heartbeat::Link;
use super::session::{Session, Settings};
use crate::contract::{Context, Level, LiveKind};
use crate::host::Host;
use crate::state::{self, State};

/// Resumes without RESUMED before the session is given up.
const MOST_FAILURES: u32 = 3;
/// The same where the connection broke before the platform said a word. That is
/// the network's doing more often than the session's, and a session given up
/// loses what it holds; so about a minute of trying.
const MOST_CUT: u32 = 6;

/// The session that is live or can be resumed, if there is one.
#[derive(Debug, Default)]
pub(super) struct Resumption {
    session: Option<Session>,
    /// Highest sequence number received.
    seq: Option<u64>,
    /// Resumes in a row without RESUMED.
    failures: u32,
    /// Resumes in a row whose connection broke before an answer.
    cut: u32,
    /// The sequence number at which a frame broke the connection last.
    broke_at: Option<u64>,
}

impl Resumption {
    /// The stored one, if it serves `settings`.
    pub(super) fn load(state: &State, settings: &Settings, now_ms: u64) -> Self {
        let (session, seq) = Session::load(state, settings, now_ms).unzip();
        Self {
            session,
            seq,
            ..Self::default()
        }
    }

    /// Goes on over the stored socket if it is still open.
    pub(super) fn adopt(&mut self, context: &Context, host: &mut Host) -> Option<Link> {
        let session = self.session.as_ref()?;
        let socket = session.socket?;
        let mut live = context.adopted.iter();
        if !live.any(|live| live.kind == LiveKind::Socket && live.id == socket) {
            // Its number may soon name another socket.
            self.detach(host);
            return None;
        }
        let link = Link::begin(socket, Some(session.interval_ms), host);
        // When the last one went out died with the instance, and instances may
        // follow one another faster than heartbeats.
        link.beat(self.seq, host);
        Some(link)
    }

    pub(super) const fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    pub(super) const fn seq(&self) -> Option<u64> {
        self.seq
    }

    /// What a Resume says, if one can be sent.
    pub(super) fn point(&self) -> Option<(&Session, u64)> {
        self.session.as_ref().zip(self.seq)
    }

    /// A new session counts from its own start.
    pub(super) const fn restart(&mut self) {
        self.seq = None;
    }

    /// Whether this number is a new one. Stored with whatever the event leads to,
    /// in one commit.
    pub(super) fn advance(&mut self, seq: Option<u64>, host: &mut Host) -> bool {
        let Some(new) = seq.filter(|_| seq > self.seq) else {
            return false;
        };
        self.seq = seq;
        host.put(state::SEQ, new.to_string().into_bytes());
        true
    }

    /// Something came over the session.
    pub(super) fn heard(&mut self, host: &Host) {
        if let (Some(session), Some(seq)) = (&mut self.session, self.seq) {
            session.heard(seq, host.now().wall_ms);
        }
    }

    /// The session of READY; absent if it told no id.
    pub(super) fn replace(&mut self, session: Option<Session>, host: &mut Host) {
        if session.is_none() {
            host.note(
                Level::Warn,
                "gateway: READY without a session id; this session cannot be resumed",
            );
            if self.session.is_some() {
                Session::erase(host);
            }
        }
        self.session = session;
    }

    /// READY or RESUMED: it lives on this socket.
    pub(super) fn live(&mut self, link: Link, resumed: bool, host: &mut Host) {
        if let Some(session) = &mut self.session {
            session.begin(link, resumed, self.seq, host.now().wall_ms);
            session.save(host);
        }
        self.trust();
    }

    /// Failures so far do not count.
    pub(super) const fn trust(&mut self) {
        self.failures = 0;
        self.cut = 0;
    }

    /// The session lives on no socket any more, and the stored one says so.
    pub(super) fn detach(&mut self, host: &mut Host) {
        let attached = |session: &&mut Session| session.socket.is_some();
        if let Some(session) = self.session.as_mut().filter(attached) {
            session.socket = None;
            session.save(host);
        }
    }

    /// There is nothing to resume any more.
    pub(super) fn forget(&mut self, host: &mut Host) {
        if self.session.is_some() {
            Session::erase(host);
        }
        *self = Self::default();
    }

    /// A Resume was not answered with RESUMED.
    pub(super) fn failed(&mut self, host: &mut Host) {
        self.failures += 1;
        if self.failures >= MOST_FAILURES {
            self.forget(host);
        }
    }

    /// The connection broke before a Resume was answered.
    pub(super) fn cut(&mut self, host: &mut Host) {
        self.cut += 1;
        if self.cut >= MOST_CUT {
            self.forget(host);
        }
    }

    /// Op 9. `resumable` allows one more Resume.
    pub(super) fn refused(&mut self, resumable: bool, host: &mut Host) {
        if !resumable || self.failures > 1 {
            self.forget(host);
        }
    }

    /// A frame broke the connection. Whether one did at this number before; absent
    /// if there is none.
    pub(super) fn broke_again(&mut self) -> Option<bool> {
        let seq = self.seq?;
        Some(self.broke_at.replace(seq) == Some(seq))
    }

    /// Whether the session was resumed and then silent for longer than is likely.
    pub(super) fn is_deaf(&self, host: &Host) -> bool {
        let deaf = |session: &Session| session.is_deaf(host.now().wall_ms);
        self.session.as_ref().is_some_and(deaf)
    }

    /// Leaves one that hears nothing any more.
    pub(super) fn review(&mut self, host: &mut Host) {
        if !self.is_deaf(host) {
            return;
        }
        host.count("sessions_deaf");
        host.note_seldom(
            "deaf",
            Level::Info,
            "gateway: the resumed session was silent for hours; identifying anew to be sure that events arrive",
        );
        self.forget(host);
    }
}
