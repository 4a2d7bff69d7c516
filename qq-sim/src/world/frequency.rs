//! Calls a second of each endpoint.
//! See [QQ Docs/调用指引](https://bot.q.qq.com/wiki/develop/api-v2/dev-prepare/api-call-guide.html)
//! and the single endpoint pages. `/gateway` has a bucket of its own.

use std::collections::HashMap;

use super::World;
use super::rate::{Limit, SECOND, Window};
use crate::faults::Endpoint;
use crate::rules::refusal::Refusal;

/// Recent calls by bot and endpoint.
pub(crate) type Calls = HashMap<(String, Endpoint), Window>;

/// Calls a second that are documented.
const fn per_second(endpoint: Endpoint) -> Option<usize> {
    match endpoint {
        Endpoint::UserMessage | Endpoint::GroupMessage => Some(100),
        Endpoint::Stream
        | Endpoint::Files
        | Endpoint::Interaction
        | Endpoint::Me
        | Endpoint::Guilds
        | Endpoint::ChannelMessage
        | Endpoint::Reaction => Some(50),
        Endpoint::Recall | Endpoint::UploadPrepare | Endpoint::UploadPartFinish => Some(10),
        Endpoint::Token
        | Endpoint::Gateway
        | Endpoint::GatewayBot
        | Endpoint::UploadPart
        | Endpoint::Download
        | Endpoint::DmMessage
        | Endpoint::OpenDm => None,
    }
}

impl World {
    /// One call of an endpoint, by the bot behind this header.
    pub(crate) fn spend_call(
        &mut self,
        endpoint: Option<Endpoint>,
        header: Option<&str>,
    ) -> Result<(), Refusal> {
        let rules = &self.config.rules;
        let Some(endpoint) = endpoint.filter(|_| rules.endpoint_rates) else {
            return Ok(());
        };
        let retry_after_secs = rules.retry_after_secs;
        let token = header.and_then(|header| header.strip_prefix("QQBot "));
        let bot = token.and_then(|token| self.owner_of(token));
        let (Some(count), Some(bot)) = (per_second(endpoint), bot) else {
            return Ok(());
        };
        let key = (bot.app_id.clone(), endpoint);
        let now = self.clock.now_ms();
        let window = self.calls.entry(key).or_default();
        let limit = [Limit {
            count,
            span_ms: SECOND,
        }];
        if window.has_room(now, &limit) {
            window.note(now);
            return Ok(());
        }
        let refused = match endpoint {
            Endpoint::Stream => Refusal::STREAM_RATE,
            _ => Refusal::TOO_MANY,
        };
        Err(Refusal {
            retry_after_secs,
            ..refused
        })
    }
}
