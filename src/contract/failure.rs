//! Why something did not work, in words for a person.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What sort of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// Refused by the host's policy, or by the user's settings.
    Denied,
    /// Credentials refused.
    Unauthorized,
    /// The command or its arguments are wrong; repeating it is useless.
    Invalid,
    /// This channel, scene or version cannot do it.
    Unsupported,
    /// Too often; later it works.
    RateLimited,
    /// The name does not resolve.
    Unresolved,
    /// No connection.
    Unreachable,
    /// No trustworthy connection.
    Tls,
    /// No answer in time.
    TimedOut,
    /// More than the platform or the channel takes.
    TooLarge,
    /// Called off.
    Cancelled,
    /// The platform said no; `code` and `message` are its words.
    Rejected,
    /// The peer broke its protocol.
    Protocol,
    /// The channel is not connected, or has stopped.
    Unavailable,
    /// A defect of the channel or the host.
    Internal,
}

impl FailureKind {
    /// Whether what failed so may succeed later.
    pub(crate) const fn is_passing(self) -> bool {
        matches!(
            self,
            Self::Unavailable
                | Self::RateLimited
                | Self::TimedOut
                | Self::Unreachable
                | Self::Unresolved
                | Self::Tls
        )
    }
}

/// A failure: what happened, and what a person can do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What sort of failure it is.
    pub kind: FailureKind,
    /// The platform's code, when it gave one.
    pub code: Option<i64>,
    /// What happened and where.
    pub message: String,
    /// The platform's trace id; its support asks for it.
    pub trace_id: Option<String>,
    /// Milliseconds until a repetition makes sense.
    pub retry_after_ms: Option<u64>,
    /// What a person can do about it.
    pub remedy: Option<String>,
}

impl Failure {
    /// A failure without platform code, trace id and remedy.
    #[must_use]
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: None,
            message: message.into(),
            trace_id: None,
            retry_after_ms: None,
            remedy: None,
        }
    }

    /// Adds what a person can do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Adds the platform's code.
    #[must_use]
    pub fn code(mut self, code: Option<i64>) -> Self {
        self.code = code;
        self
    }

    /// Adds the platform's trace id.
    #[must_use]
    pub fn trace(mut self, trace_id: Option<String>) -> Self {
        self.trace_id = trace_id;
        self
    }

    /// Whether the host refuses this until its configuration or the manifest
    /// changes: trying again cannot succeed.
    #[must_use]
    pub fn is_for_good(&self) -> bool {
        self.kind == FailureKind::Denied && self.retry_after_ms.is_none()
    }

    /// Whether the same request will be refused again, so that nothing of it was
    /// sent and nothing will be.
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        self.is_for_good() || matches!(self.kind, FailureKind::Invalid | FailureKind::Unauthorized)
    }

    /// With the time until a repetition makes sense, when it is known.
    #[must_use]
    pub const fn retry_after(mut self, retry_after_ms: Option<u64>) -> Self {
        self.retry_after_ms = retry_after_ms;
        self
    }
}

/// One line: message, code, trace id, remedy.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(code) = self.code {
            write!(f, " (code {code})")?;
        }
        if let Some(trace) = &self.trace_id {
            write!(f, " (trace id {trace})")?;
        }
        if let Some(remedy) = &self.remedy {
            write!(f, ". {remedy}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_with_a_time_may_end_otherwise_later() {
        let denied = Failure::new(FailureKind::Denied, "no rule allows it");
        assert!(denied.is_hopeless());
        assert!(!denied.retry_after(Some(1_000)).is_hopeless());
        for (kind, hopeless) in [
            (FailureKind::Invalid, true),
            (FailureKind::Unauthorized, true),
            (FailureKind::Unreachable, false),
            (FailureKind::TimedOut, false),
        ] {
            assert_eq!(Failure::new(kind, "x").is_hopeless(), hopeless, "{kind:?}");
        }
    }
}
