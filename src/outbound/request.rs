//! The request of a send.

use serde::Serialize;

use super::sending::Sending;
use crate::contract::{Body, JsonBody, SendHttp};
use crate::host::Host;
use crate::target::{ReplyTarget, Scene};
use crate::token;

/// Official clients give a send 30 s.
const TIMEOUT_MS: u64 = 30_000;
const SHORTEST_TIMEOUT_MS: u64 = 1_000;

/// Unused fields are left out: the platform refuses some as `null`.
#[derive(Serialize)]
struct Text<'a> {
    msg_type: u8,
    content: &'a str,
    msg_id: &'a str,
    msg_seq: u32,
}

/// The request; absent without a message to answer.
pub(super) fn build(api: &str, sending: &Sending, host: &mut Host) -> Option<SendHttp> {
    let anchor = sending.anchor.as_ref()?;
    let target = ReplyTarget::parse(&sending.target)?;
    let body = Text {
        msg_type: 0,
        content: &sending.text,
        msg_id: &anchor.msg_id,
        msg_seq: anchor.msg_seq,
    };
    let left_ms = sending.deadline_ms.saturating_sub(host.now().mono_ms);
    let timeout_ms = left_ms.clamp(SHORTEST_TIMEOUT_MS, TIMEOUT_MS);
    Some(SendHttp {
        id: host.fresh_id(),
        method: "POST".to_owned(),
        url: url(api, target),
        headers: Vec::new(),
        body: Body::Json(JsonBody {
            text: serde_json::to_string(&body).ok()?,
            blobs: Vec::new(),
        }),
        timeout_ms: u32::try_from(timeout_ms).unwrap_or(u32::MAX),
        secrets: vec![token::authorization()],
        seals: Vec::new(),
        into_blob: false,
    })
}

fn url(api: &str, target: ReplyTarget<'_>) -> String {
    let peers = match target.scene {
        Scene::C2c => "users",
        Scene::Group => "groups",
    };
    format!(
        "{api}/v2/{peers}/{}/messages",
        percent_encode(target.openid)
    )
}

/// Keeps RFC 3986's unreserved characters. An openid is hex, but a recipient
/// comes from outside and must not reach another endpoint.
fn percent_encode(segment: &str) -> String {
    segment
        .bytes()
        .fold(String::with_capacity(segment.len()), |mut encoded, byte| {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => {
                    encoded.push(char::from(byte))
                }
                // A dot as well, so that `..` is no path segment.
                _ => encoded.push_str(&format!("%{byte:02X}")),
            }
            encoded
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_stays_one_segment_of_the_path() {
        for (openid, url) in [
            ("C9F7", "https://a/v2/groups/C9F7/messages"),
            (
                "../users/X",
                "https://a/v2/groups/%2E%2E%2Fusers%2FX/messages",
            ),
            ("a?b#c", "https://a/v2/groups/a%3Fb%23c/messages"),
        ] {
            let target = ReplyTarget {
                scene: Scene::Group,
                app_id: "1",
                openid,
            };
            assert_eq!(super::url("https://a", target), url);
        }
    }
}
