//! What a fault does to a client that behaves as the documents say.

use serde::Serialize;
use serde_json::Value;

use super::{Endpoint, Fault, HttpAnswer, ResumeRefusal};

/// What a fault costs, at most, a client that follows the documents: it reconnects,
/// resumes, knows what it has seen, and repeats a request that failed with the same
/// `msg_seq`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing but time: every event arrives in the end and can be answered.
    Recoverable,
    /// The client comes back by itself, but an event or an answer may be gone for good.
    Lossy,
    /// The client must stop or give something up: a person, or a new script, has to help.
    Fatal,
}

/// Whether a session survives this close code. Only the 4009 rule is written in the
/// wiki; 4008 and 1000 follow its table, 1006 is a lost connection.
pub(crate) const fn is_resumable(code: u16) -> bool {
    matches!(code, 1000 | 1001 | 1006 | 4008 | 4009)
}

impl Effect {
    const fn of_close(code: u16) -> Self {
        match code {
            4001 | 4002 | 4010..=4014 | 4914 | 4915 => Self::Fatal,
            _ if is_resumable(code) => Self::Recoverable,
            _ => Self::Lossy,
        }
    }

    /// Of a refused handshake: whatever happens before the next session is lost.
    fn of_refusal(code: u16) -> Self {
        Self::of_close(code).max(Self::Lossy)
    }

    const fn of_status(status: u16) -> Self {
        match status {
            429 | 500..=599 => Self::Recoverable,
            _ => Self::Fatal,
        }
    }

    /// A few codes ask for another try; with any other one the message is lost.
    const fn of_code(code: i64) -> Self {
        match code {
            11_244 | 40_054_006 | 50_055_001 | 50_055_002 | 50_055_006 | 40_093_001 => {
                Self::Recoverable
            }
            _ => Self::Lossy,
        }
    }

    /// A stale token is worth one more try; about any other refusal nothing can be known.
    fn of_answer(answer: &HttpAnswer) -> Self {
        let code = answer.body.get("code").and_then(Value::as_i64);
        match (answer.status, code) {
            (401, Some(11_241 | 11_243 | 11_244)) => Self::Recoverable,
            (status, _) => Self::of_status(status),
        }
    }
}

impl Fault {
    /// What it costs a client that follows the documents.
    ///
    /// ```
    /// use qq_sim::{Effect, Fault};
    /// assert_eq!(Fault::CloseWith(4009).effect(), Effect::Recoverable);
    /// assert_eq!(Fault::InvalidSession(false).effect(), Effect::Lossy);
    /// assert_eq!(Fault::CloseWith(4915).effect(), Effect::Fatal);
    /// ```
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self {
            Self::CloseWith(code) | Self::ReconnectThenClose { code, .. } => {
                Effect::of_close(*code)
            }
            Self::RefuseNextIdentify(code) | Self::RefuseNextHandshake(Some(code)) => {
                Effect::of_refusal(*code)
            }
            Self::RefuseNextResume(ResumeRefusal::Close(code)) => Effect::of_refusal(*code),
            Self::InvalidSession(false)
            | Self::RefuseNextResume(ResumeRefusal::InvalidSession(false))
            | Self::DropNextIdentify
            | Self::RefuseNextHandshake(None)
            | Self::LoseNextDispatch => Effect::Lossy,
            Self::NextHttp(answer) => Effect::of_answer(answer),
            Self::HtmlBody { status, .. } | Self::RefuseUpgrade(status) => {
                Effect::of_status(*status)
            }
            // An empty 200 looks like success where the body does not matter.
            Self::EmptyHttp { endpoint } => match endpoint {
                Some(Endpoint::Token | Endpoint::Gateway | Endpoint::GatewayBot | Endpoint::Me) => {
                    Effect::Recoverable
                }
                _ => Effect::Lossy,
            },
            Self::RefuseNext(refusal) => Effect::of_code(refusal.err_code.unwrap_or(refusal.code)),
            // It may never be shown.
            Self::AuditNextMessage(_) => Effect::Lossy,
            Self::Repeat { fault, .. } => fault.effect(),
            _ => Effect::Recoverable,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn codes_decide() {
        let canned = |status, code: i64| {
            Fault::NextHttp(HttpAnswer {
                endpoint: None,
                status,
                body: json!({"code": code}),
                headers: std::collections::BTreeMap::new(),
            })
        };
        let cases = [
            (Fault::CloseWith(1000), Effect::Recoverable),
            (Fault::CloseWith(4902), Effect::Lossy),
            (Fault::RefuseNextIdentify(4009), Effect::Lossy),
            (Fault::op_9_storm(3, Some(4014)), Effect::Fatal),
            (canned(503, 0), Effect::Recoverable),
            (canned(401, 11_244), Effect::Recoverable),
            (canned(401, 11_298), Effect::Fatal),
        ];
        for (fault, effect) in cases {
            assert_eq!(fault.effect(), effect, "{fault:?}");
        }
    }
}
