//! Answers of the token endpoint.
//!
//! Failures come with HTTP 200 as often as not, so the body decides.

use serde::Deserialize;

use super::login::SECRET;
use crate::contract::{Failure, FailureKind, HttpResponse};
use crate::platform::Refusal;
use crate::wire::{self, Number};

/// Life of a token whose `expires_in` cannot be read: short, so that a real one
/// is asked for soon.
const UNKNOWN_LIFE_SECS: u64 = 300;
/// Documented range is (0, 7200]; more would keep a dead token.
const LONGEST_LIFE_SECS: u64 = 7_200;

/// What the endpoint said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A token, already sealed.
    Granted { expires_in_ms: u64 },
    /// Too often; leave it alone for a minute.
    TooMany(Failure),
    /// Not now.
    Failed(Failure),
    /// Not with these credentials.
    Refused(Failure),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire {
    expires_in: Number,
}

/// Reads an answer of the endpoint at `url`.
pub(super) fn read(response: &HttpResponse, url: &str) -> Answer {
    if response.sealed.iter().any(|name| name == SECRET) {
        let wire: Wire = wire::read(&response.body).unwrap_or_default();
        let secs = wire
            .expires_in
            .unsigned()
            .filter(|secs| *secs > 0)
            .unwrap_or(UNKNOWN_LIFE_SECS);
        return Answer::Granted {
            expires_in_ms: secs.min(LONGEST_LIFE_SECS) * 1_000,
        };
    }
    refusal(Refusal::read(response), url)
}

/// The codes of this endpoint. 10004 means "unknown guild" elsewhere, which is
/// why it has a table of its own.
fn refusal(refusal: Refusal, url: &str) -> Answer {
    const CONSOLE: &str = "Compare app_id and app_secret with the console at q.qq.com";
    let failure = |kind, message: &str, remedy: &str| {
        Failure::new(
            kind,
            format!("no access token: {message} ({})", refusal.words()),
        )
        .remedy(remedy)
        .code(refusal.code)
        .trace(refusal.trace_id.clone())
    };
    let refused = |message: &str, remedy: String| {
        Answer::Refused(failure(FailureKind::Unauthorized, message, &remedy))
    };
    match (refusal.code, refusal.status) {
        (Some(100_016), _) => refused(
            "AppID or AppSecret is wrong",
            format!("{CONSOLE}; a reset secret must be entered here as well."),
        ),
        (Some(100_007), _) => refused(
            "the AppID is invalid, or the bot was banned or deleted",
            format!("{CONSOLE} and look at the bot's state there."),
        ),
        (Some(10_004), _) => refused("this bot does not exist", format!("{CONSOLE}.")),
        (Some(100_001 | 100_017), _) | (_, 429) => Answer::TooMany(failure(
            FailureKind::RateLimited,
            "too many requests",
            "It is tried again in a minute; make sure no second process runs this bot.",
        )),
        (Some(11_298 | 40_023_002), _) => Answer::TooMany(failure(
            FailureKind::Denied,
            "the IP address of this machine is not in the bot's allow list",
            "Add the public IP address of this machine to the IP allow list in the console at q.qq.com.",
        )),
        (Some(_), _) | (None, 500..) => Answer::Failed(failure(
            FailureKind::Unavailable,
            "the platform failed",
            "It is tried again by itself; the credentials were not refused.",
        )),
        (None, _) => Answer::Failed(failure(
            FailureKind::Protocol,
            "the answer holds neither a token nor an error code",
            &format!("Check that auth_base and the proxy lead to the platform; asked was {url}."),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Header;

    fn answer(status: u16, body: &str, sealed: bool) -> Answer {
        let response = HttpResponse {
            id: 1,
            status,
            headers: vec![Header {
                name: "x-tps-trace-id".to_owned(),
                value: "t".to_owned(),
            }],
            body: body.as_bytes().to_vec(),
            truncated: false,
            sealed: if sealed {
                vec![SECRET.to_owned()]
            } else {
                Vec::new()
            },
            blob: None,
        };
        read(&response, "https://x/app/getAppAccessToken")
    }

    #[test]
    fn life_is_a_number_or_a_string_and_never_unbounded() {
        for (body, secs) in [
            (r#"{"expires_in":7200}"#, 7200),
            (r#"{"expires_in":"5097"}"#, 5097),
            (r#"{"expires_in":0}"#, 300),
            (r#"{"expires_in":-5}"#, 300),
            (r#"{"expires_in":null}"#, 300),
            ("{}", 300),
            (r#"{"expires_in":99999999999}"#, 7200),
        ] {
            assert_eq!(
                answer(200, body, true),
                Answer::Granted {
                    expires_in_ms: secs * 1_000
                },
                "{body}"
            );
        }
    }

    #[test]
    fn every_code_has_its_consequence_whatever_the_status() {
        for status in [200, 400] {
            for (code, fatal, slow) in [
                (100_007, true, false),
                (100_016, true, false),
                (10_004, true, false),
                (100_001, false, true),
                (100_017, false, true),
                (11_298, false, true),
                (100_002, false, false),
                (424_242, false, false),
            ] {
                let answer = answer(
                    status,
                    &format!(r#"{{"code":{code},"message":"m"}}"#),
                    false,
                );
                assert_eq!(matches!(answer, Answer::Refused(_)), fatal, "{code}");
                assert_eq!(matches!(answer, Answer::TooMany(_)), slow, "{code}");
            }
        }
    }

    #[test]
    fn network_trouble_is_not_blamed_on_the_credentials() {
        for (status, body) in [(502, "<html>"), (200, ""), (200, "{}"), (404, "not found")] {
            let Answer::Failed(failure) = answer(status, body, false) else {
                panic!("{status} {body}")
            };
            assert_ne!(failure.kind, FailureKind::Unauthorized);
            assert_eq!(failure.trace_id.as_deref(), Some("t"));
        }
    }
}
