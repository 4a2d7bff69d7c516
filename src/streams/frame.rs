//! The request of a frame, and what its answer says.

use serde::{Deserialize, Serialize};

use crate::compose::guard;
use crate::compose::text::Style;
use crate::contract::{HttpResponse, SendHttp};
use crate::host::Host;
use crate::requests::build;
use crate::streams::draft::{Draft, Ending, Flight};
use crate::streams::growth::Frame;
use crate::target::ReplyTarget;
use crate::text::tags::Guard;
use crate::wire;
use crate::wire::{Number, Text};

/// A frame that hangs holds up all that follow. A send may take 30 s.
const TIMEOUT_MS: u64 = 10_000;

/// `input_state`.
const GENERATING: u8 = 1;
const FINISHED: u8 = 10;

/// QQ docs, autogen/api/v2_users_user_openid_stream_messages.post. The first
/// frame must not have `stream_msg_id`. With `replace` a frame holds the whole
/// text, so one that got lost is made up for by the next.
#[derive(Serialize)]
struct Body<'a> {
    input_mode: &'static str,
    input_state: u8,
    index: u32,
    content_type: &'static str,
    content_raw: &'a str,
    msg_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_msg_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg_seq: Option<u32>,
}

impl Draft {
    /// The request of this frame, under the next index: it is used up whatever
    /// happens. Absent without something to answer.
    pub(crate) fn request(
        &mut self,
        frame: Frame,
        is_last: bool,
        api: &str,
        allowed: Guard,
        host: &mut Host,
    ) -> Option<SendHttp> {
        let target = ReplyTarget::parse(&self.target)?;
        let url = format!(
            "{api}/v2/users/{}/stream_messages",
            build::percent_encode(target.peer)
        );
        let anchor = self.anchor.as_ref()?;
        let content = guard::text(&frame.text, allowed);
        let body = Body {
            input_mode: "replace",
            input_state: if is_last { FINISHED } else { GENERATING },
            index: self.next_index,
            content_type: match self.style {
                Style::Markdown => "markdown",
                Style::Verbatim | Style::Plain => "text",
            },
            content_raw: &content,
            msg_id: &anchor.msg_id,
            stream_msg_id: self.stream_id.as_deref(),
            msg_seq: anchor.msg_seq,
        };
        let body = serde_json::to_string(&body).ok()?;
        let http = build::json("POST", url, body, self.timeout_ms(host), host);
        self.next_index = self.next_index.saturating_add(1);
        self.flight = Some(Flight {
            request: http.id,
            frame,
            is_last,
        });
        Some(http)
    }

    fn timeout_ms(&self, host: &Host) -> u64 {
        let Some(Ending::Finish { deadline, .. }) = self.ending else {
            return TIMEOUT_MS;
        };
        let left_ms = deadline.left_ms(host.now());
        left_ms.clamp(build::SHORTEST_TIMEOUT_MS, TIMEOUT_MS)
    }
}

/// What an accepted frame brings.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// The platform's id of the stream.
    pub(crate) id: Option<String>,
    /// Characters that still fit.
    pub(crate) left: Option<usize>,
}

impl Accepted {
    pub(crate) fn read(response: &HttpResponse) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Wire<'a> {
            #[serde(borrow)]
            id: Text<'a>,
            remain_msg_len: Number,
        }
        let wire: Wire<'_> = wire::read(&response.body).unwrap_or_default();
        // Below zero nothing fits either.
        let left = wire.remain_msg_len.0.map(|left| left.max(0));
        Self {
            id: wire.id.to_option(),
            left: left.and_then(|left| usize::try_from(left).ok()),
        }
    }
}
