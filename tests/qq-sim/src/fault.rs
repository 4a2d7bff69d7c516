//! Scripted faults: one queue, each fault waits for its moment.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    /// Ends TCP without a close frame; the session can be resumed.
    DropSocket,
    /// Sends a close frame. 4009, 4008 and 1000 leave the session resumable, others end it.
    CloseWith(u16),
    /// Half-open: the socket stays, nothing is answered or sent any more.
    Silence,
    /// Sends op 7. Use [`Fault::CloseWith`] 4009 after it to complete the live picture.
    Reconnect,
    /// Sends op 9; `false` also ends the session and closes with 4006.
    InvalidSession(bool),
    /// Sends op 1, which a client answers with a heartbeat at once.
    ServerHeartbeat,
    /// Sends this text as a frame.
    GarbageFrame(String),
    /// The next socket gets no Hello.
    NoHello,
    /// The next upgrade request is answered with this status.
    RefuseUpgrade(u16),
    /// The next Identify gets op 9 `false` and this close code.
    RefuseNextIdentify(u16),
    /// The next Resume is refused.
    RefuseNextResume(ResumeRefusal),
    /// The next dispatch is sent twice, with one sequence number.
    DuplicateNextDispatch,
    /// The next dispatch is lost on the way; a resume brings it back.
    LoseNextDispatch,
    /// The next dispatch arrives after the one that follows it.
    SwapNextDispatches,
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
    /// Carries the next request out, then answers 504: the message *was* delivered.
    LoseHttpAnswer {
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

/// A canned HTTP answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HttpAnswer {
    /// Which requests; all if absent.
    #[serde(default)]
    pub endpoint: Option<Endpoint>,
    /// Status.
    pub status: u16,
    /// Body: a JSON string is sent as its bare text, anything else as JSON.
    #[serde(default)]
    pub body: Value,
    /// Headers; `content-type` is `application/json` unless given here.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

/// The endpoints of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `POST /app/getAppAccessToken`.
    Token,
    /// `GET /gateway`.
    Gateway,
    /// `GET /gateway/bot`.
    GatewayBot,
    /// `POST /v2/users/{openid}/messages`.
    UserMessage,
    /// `POST /v2/groups/{openid}/messages`.
    GroupMessage,
    /// `DELETE` of a message in either scene.
    Recall,
    /// `GET /users/@me`.
    Me,
    /// `PUT /interactions/{id}`.
    Interaction,
}

impl Endpoint {
    /// The endpoint behind a request line.
    pub(crate) fn of(method: &str, path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method, parts.as_slice()) {
            ("POST", ["app", "getAppAccessToken"]) => Some(Self::Token),
            ("GET", ["gateway"]) => Some(Self::Gateway),
            ("GET", ["gateway", "bot"]) => Some(Self::GatewayBot),
            ("POST", ["v2", "users", _, "messages"]) => Some(Self::UserMessage),
            ("POST", ["v2", "groups", _, "messages"]) => Some(Self::GroupMessage),
            ("GET", ["users", "@me"]) => Some(Self::Me),
            ("PUT", ["interactions", _]) => Some(Self::Interaction),
            ("DELETE", ["v2", "users" | "groups", _, "messages", _]) => Some(Self::Recall),
            _ => None,
        }
    }
}

impl Fault {
    /// Whether it is done to a live socket, at once.
    pub(crate) const fn is_for_live_socket(&self) -> bool {
        matches!(
            self,
            Self::DropSocket
                | Self::CloseWith(_)
                | Self::Silence
                | Self::Reconnect
                | Self::InvalidSession(_)
                | Self::ServerHeartbeat
                | Self::GarbageFrame(_)
        )
    }

    /// Whether it applies to a request to this endpoint.
    pub(crate) fn is_for_http(&self, request: Option<Endpoint>) -> bool {
        let wanted = match self {
            Self::NextHttp(answer) => &answer.endpoint,
            Self::NextHttpDelay { endpoint, .. }
            | Self::HangHttp { endpoint }
            | Self::TruncateHttp { endpoint }
            | Self::LoseHttpAnswer { endpoint }
            | Self::HtmlBody { endpoint, .. } => endpoint,
            _ => return false,
        };
        wanted.is_none() || *wanted == request
    }
}

/// Faults that wait for their moment.
#[derive(Debug, Default)]
pub(crate) struct FaultQueue(VecDeque<Fault>);

impl FaultQueue {
    /// More than any script needs; a loop that fills it is a bug worth hearing about.
    const CAPACITY: usize = 10_000;

    /// Adds one, unless the queue is full.
    pub(crate) fn push(&mut self, fault: Fault) -> bool {
        let fits = self.0.len() < Self::CAPACITY;
        if fits {
            self.0.push_back(fault);
        }
        fits
    }

    /// Takes the first that fits.
    pub(crate) fn take(&mut self, fits: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let place = self.0.iter().position(fits)?;
        self.0.remove(place)
    }

    pub(crate) fn pending(&self) -> Vec<Fault> {
        self.0.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_waits_for_its_endpoint() {
        let mut queue = FaultQueue::default();
        queue.push(Fault::HangHttp {
            endpoint: Some(Endpoint::Token),
        });
        assert!(
            queue
                .take(|fault| fault.is_for_http(Some(Endpoint::Gateway)))
                .is_none()
        );
        let token = Endpoint::of("POST", "/app/getAppAccessToken");
        assert!(queue.take(|fault| fault.is_for_http(token)).is_some());
    }

    #[test]
    fn reads_the_short_json_forms() {
        let fault: Fault = serde_json::from_str(r#"{"hang_http": {}}"#).unwrap();
        assert_eq!(fault, Fault::HangHttp { endpoint: None });
        let fault: Fault =
            serde_json::from_str(r#"{"next_http": {"status": 503, "endpoint": "token"}}"#).unwrap();
        assert!(fault.is_for_http(Some(Endpoint::Token)));
    }
}
