//! Requests to the platform: where they go, and that they carry the token.

use crate::contract::{Body, JsonBody, SendHttp};
use crate::host::Host;
use crate::target::{ReplyTarget, Scene};
use crate::token;

/// Official clients give a send 30 s.
pub(crate) const TIMEOUT_MS: u64 = 30_000;
/// No request is given less.
pub(crate) const SHORTEST_TIMEOUT_MS: u64 = 1_000;

/// A request with a JSON body, or none, and the access token.
pub(crate) fn json(
    method: &str,
    url: String,
    body: String,
    timeout_ms: u64,
    host: &mut Host,
) -> SendHttp {
    let body = match body.as_str() {
        "" => Body::Empty,
        _ => Body::Json(JsonBody {
            text: body,
            blobs: Vec::new(),
        }),
    };
    authorized(method, url, body, timeout_ms, host)
}

pub(crate) fn authorized(
    method: &str,
    url: String,
    body: Body,
    timeout_ms: u64,
    host: &mut Host,
) -> SendHttp {
    SendHttp {
        id: host.fresh_id(),
        method: method.to_owned(),
        url,
        headers: Vec::new(),
        body,
        timeout_ms: u32::try_from(timeout_ms).unwrap_or(u32::MAX),
        secrets: vec![token::authorization()],
        into_blob: false,
    }
}

/// Where the messages of a chat are; `opened` is the guild of a private
/// conversation that was opened. Absent while it is still to be opened.
pub(crate) fn url(api: &str, target: ReplyTarget<'_>, opened: Option<&str>) -> Option<String> {
    Some(format!("{}/messages", place(api, target, opened)?))
}

/// The chat itself, as the platform's URLs name it.
pub(crate) fn place(api: &str, target: ReplyTarget<'_>, opened: Option<&str>) -> Option<String> {
    let (place, peer) = match target.scene {
        Scene::C2c => ("v2/users", target.peer),
        Scene::Group => ("v2/groups", target.peer),
        Scene::Channel => ("channels", target.channel()?.1),
        Scene::GuildDm if target.unopened().is_some() => ("dms", opened?),
        Scene::GuildDm => ("dms", target.peer),
    };
    Some(format!("{api}/{place}/{}", percent_encode(peer)))
}

/// Keeps RFC 3986's unreserved characters. An openid is hex, but a recipient
/// comes from outside and must not reach another endpoint.
pub(crate) fn percent_encode(segment: &str) -> String {
    segment
        .bytes()
        .fold(String::with_capacity(segment.len()), |mut encoded, byte| {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => {
                    encoded.push(char::from(byte))
                }
                // A dot as well, so that `..` is not a path segment.
                _ => encoded.push_str(&format!("%{byte:02X}")),
            }
            encoded
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scene_has_its_endpoint_and_a_recipient_stays_one_segment() {
        for (target, opened, url) in [
            ("c2c:1:A", None, Some("https://a/v2/users/A/messages")),
            (
                "group:1:C9F7",
                None,
                Some("https://a/v2/groups/C9F7/messages"),
            ),
            (
                "channel:1:18/100",
                None,
                Some("https://a/channels/100/messages"),
            ),
            ("dm:1:55", None, Some("https://a/dms/55/messages")),
            ("dm:1:7@18", None, None),
            ("dm:1:7@18", Some("55"), Some("https://a/dms/55/messages")),
            (
                "group:1:../users/X",
                None,
                Some("https://a/v2/groups/%2E%2E%2Fusers%2FX/messages"),
            ),
            (
                "group:1:a?b#c",
                None,
                Some("https://a/v2/groups/a%3Fb%23c/messages"),
            ),
        ] {
            let got = ReplyTarget::parse(target).and_then(|t| super::url("https://a", t, opened));
            assert_eq!(got.as_deref(), url, "{target}");
        }
    }
}
