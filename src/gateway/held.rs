//! Frames the host holds back, because the agent has not taken earlier messages.
//!
//! What the platform is late with may be among them. So no deadline of the
//! connection counts while they wait: a reconnect would bring the same frames
//! again, and end as this one did.

/// Whether frames wait, and did since somebody last asked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    now: bool,
    lately: bool,
}

impl Held {
    /// Whether frames wait, as the envelope of this event says.
    pub(super) const fn set(&mut self, waiting: bool) {
        self.now = waiting;
        self.lately |= waiting;
    }

    /// Do they wait now?
    pub(super) const fn now(self) -> bool {
        self.now
    }

    /// Did they, at any time since the last look? When the agent goes on, the
    /// host runs out of frames for moments while the platform has many left to
    /// send, and the awaited one comes last.
    pub(super) const fn since_last_look(&mut self) -> bool {
        std::mem::replace(&mut self.lately, self.now)
    }

    /// Something else is awaited from here on.
    pub(super) const fn begin(&mut self) {
        self.lately = self.now;
    }
}
