//! Scripted faults: what can go wrong, what that does to a client, and a plan of them.

mod effect;
mod http;
mod plan;
mod queue;
mod refusal;

use serde::{Deserialize, Serialize};

pub use effect::Effect;
pub(crate) use effect::is_resumable;
pub use http::{Endpoint, HttpAnswer};
pub use plan::{FaultPlan, PlannedFault};
pub(crate) use queue::FaultQueue;
pub use refusal::{HeldForAudit, RefusalShape, ScriptedRefusal};

/// Something that goes wrong once. In JSON: `"drop_socket"`, `{"close_with": 4009}`,
/// `{"next_http": {"endpoint": "token", "status": 503}}`.
///
/// Faults on a live socket happen at once, in order with the events around them;
/// without a live socket they wait for the next READY or RESUMED. All others wait
/// for the request, handshake or dispatch they name.
///
/// ```
/// use qq_sim::Fault;
/// let fault: Fault = serde_json::from_str(r#"{"close_with": 4009}"#).unwrap();
/// assert_eq!(fault, Fault::CloseWith(4009));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// Ends TCP in order (FIN) but without a close frame; the session can be resumed.
    DropSocket,
    /// Ends TCP with a reset (RST), as a router that lost its memory does.
    ResetSocket,
    /// Sends a close frame. 4009, 4008 and 1000 leave the session resumable, others end it.
    CloseWith(u16),
    /// Half-open: the socket stays, nothing is answered or sent any more.
    Silence,
    /// From now on every frame on this socket leaves this much later; 0 ends the delay.
    DelayFrames {
        /// Delay; order and throughput stay.
        ms: u64,
    },
    /// Sends op 7 alone. [`Fault::ReconnectThenClose`] is the live picture.
    Reconnect,
    /// Sends op 7, goes on as usual, and closes a little later unless the client did.
    ReconnectThenClose {
        /// Close code, 4009 if absent.
        #[serde(default = "expired")]
        code: u16,
        /// Time between the two.
        ms: u64,
    },
    /// Sends op 9; `false` also ends the session and closes with 4006.
    InvalidSession(bool),
    /// Sends op 1, which a client answers with a heartbeat at once.
    ServerHeartbeat,
    /// Sends this text as a frame.
    GarbageFrame(String),
    /// Sends a text frame that is not UTF-8.
    BrokenText,
    /// Sends a frame of so many bytes, with an opcode nobody knows.
    OversizedFrame {
        /// Bytes of its payload.
        bytes: u32,
    },
    /// The next socket gets no Hello.
    NoHello,
    /// The next upgrade request is answered with this status.
    RefuseUpgrade(u16),
    /// The next Identify gets op 9 `false` and this close code.
    RefuseNextIdentify(u16),
    /// The next Identify gets a bare end of the connection, neither op 9 nor a close frame.
    DropNextIdentify,
    /// The next Resume is refused.
    RefuseNextResume(ResumeRefusal),
    /// The next Identify or Resume, whichever comes, gets op 9 `false` and this close code,
    /// or a bare end if there is none. [`Fault::op_9_storm`] makes many of it.
    RefuseNextHandshake(Option<u16>),
    /// The next Resume that is accepted also brings this many dispatches again which the
    /// client has already seen, with the numbers they had.
    ReplayOnNextResume(u32),
    /// The next dispatch is sent twice, with one sequence number.
    DuplicateNextDispatch,
    /// The next dispatch is lost on the way; a resume from before brings it back.
    LoseNextDispatch,
    /// The next dispatch arrives after the one that follows it, or after a second.
    SwapNextDispatches,
    /// The next dispatch stops after half of its bytes.
    StallNextDispatch(Stall),
    /// The next heartbeat is not acknowledged.
    SkipNextAck,
    /// Answers instead of the endpoint, which never sees the request.
    NextHttp(HttpAnswer),
    /// Delays the next answer.
    NextHttpDelay {
        /// Which requests; all if absent.
        #[serde(default)]
        endpoint: Option<Endpoint>,
        /// Delay.
        ms: u64,
    },
    /// Sends the head of the next answer at once and its body later.
    DelayHttpBody {
        /// Which requests; all if absent.
        #[serde(default)]
        endpoint: Option<Endpoint>,
        /// Delay.
        ms: u64,
    },
    /// Sends the body of the next answer byte by byte.
    DripHttp {
        /// Which requests; all if absent.
        #[serde(default)]
        endpoint: Option<Endpoint>,
        /// Pause before each byte.
        ms: u64,
    },
    /// Never answers the next request; its connection stays open.
    HangHttp {
        /// Which requests; all if absent.
        #[serde(default)]
        endpoint: Option<Endpoint>,
    },
    /// Sends half of the next answer and drops the connection.
    TruncateHttp {
        /// Which requests; all if absent.
        #[serde(default)]
        endpoint: Option<Endpoint>,
    },
    /// Resets the connection before the first byte of the answer.
    ResetHttp {
        /// Which requests; all if absent.
        #[serde(default)]
        endpoint: Option<Endpoint>,
        /// Whether the request is carried out all the same.
        #[serde(default)]
        carried_out: bool,
    },
    /// Carries the next request out, then answers 504: the message *was* delivered.
    LoseHttpAnswer {
        /// Which requests; all if absent.
        #[serde(default)]
        endpoint: Option<Endpoint>,
    },
    /// Answers 200 with nothing in it; the endpoint never sees the request.
    EmptyHttp {
        /// Which requests; all if absent.
        #[serde(default)]
        endpoint: Option<Endpoint>,
    },
    /// Answers with an HTML page, as the edge in front of the platform does.
    HtmlBody {
        /// Which requests; all if absent.
        #[serde(default)]
        endpoint: Option<Endpoint>,
        /// Status of the page.
        status: u16,
    },
    /// Refuses the next request of a kind, with any code; it is carried out or not.
    RefuseNext(ScriptedRefusal),
    /// Holds the next message back for an audit: it is accepted and not shown until
    /// [`crate::Sim::pass_audit`].
    AuditNextMessage(HeldForAudit),
    /// A fault several times over, as if it had been scheduled so often.
    Repeat {
        /// How often.
        times: u32,
        /// What.
        fault: Box<Self>,
    },
}

/// 4009, "connection expired".
const fn expired() -> u16 {
    4009
}

/// How a Resume is refused; every one was seen on the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResumeRefusal {
    /// Op 9 with this value; `false` is followed by close 4006.
    InvalidSession(bool),
    /// A close code without op 9: 4006, 4007, 4902.
    Close(u16),
    /// TCP ends without a word.
    Drop,
}

/// What follows half a frame. Until then the socket neither reads nor writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stall {
    /// Nothing, ever: the socket is half-open from then on.
    Forever,
    /// The other half, after so many milliseconds; everything goes on.
    ReleaseAfterMs(u64),
    /// The end of TCP, after so many milliseconds.
    CutAfterMs(u64),
}

impl Fault {
    /// This fault, so many times.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self::Repeat {
            times,
            fault: Box::new(self),
        }
    }

    /// The next `count` Identifies and Resumes are answered by op 9 `false` and this close
    /// code, or by a bare end of the connection.
    ///
    /// ```
    /// use qq_sim::Fault;
    /// let storm = Fault::op_9_storm(5, Some(4903));
    /// assert_eq!(storm, Fault::RefuseNextHandshake(Some(4903)).times(5));
    /// ```
    #[must_use]
    pub fn op_9_storm(count: u32, close: Option<u16>) -> Self {
        Self::RefuseNextHandshake(close).times(count)
    }

    /// Whether it is done to a live socket, at once.
    pub(crate) const fn is_for_live_socket(&self) -> bool {
        matches!(
            self,
            Self::DropSocket
                | Self::ResetSocket
                | Self::CloseWith(_)
                | Self::Silence
                | Self::DelayFrames { .. }
                | Self::Reconnect
                | Self::ReconnectThenClose { .. }
                | Self::InvalidSession(_)
                | Self::ServerHeartbeat
                | Self::GarbageFrame(_)
                | Self::BrokenText
                | Self::OversizedFrame { .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_short_json_forms() {
        let fault: Fault = serde_json::from_str(r#"{"hang_http": {}}"#).unwrap();
        assert_eq!(fault, Fault::HangHttp { endpoint: None });
        let fault: Fault =
            serde_json::from_str(r#"{"next_http": {"status": 503, "endpoint": "token"}}"#).unwrap();
        assert!(fault.is_for_http(Some(Endpoint::Token), None));
        let fault: Fault = serde_json::from_str(r#"{"reconnect_then_close": {"ms": 9}}"#).unwrap();
        assert_eq!(fault, Fault::ReconnectThenClose { code: 4009, ms: 9 });
        let fault: Fault = serde_json::from_str(r#"{"refuse_next_handshake": null}"#).unwrap();
        assert_eq!(fault, Fault::RefuseNextHandshake(None));
    }
}
