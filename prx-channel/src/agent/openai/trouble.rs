//! Why the model's server did not answer, and what an operator can do about it.

use std::error::Error;
use std::io;
use std::time::SystemTime;

use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use tokio::time::Duration;

const LATER: &str = " → try again later, or look at the server's own log";

/// The request could not be sent, or nothing came back.
pub(super) fn unsent(error: &reqwest::Error) -> String {
    let remedy = match cause(error) {
        Cause::Refused => "start it, or correct the port in --openai-base",
        Cause::Late => "check address and network, or raise --openai-connect",
        Cause::Name => "check the host name in --openai-base, and the network",
        Cause::Certificate => {
            "let this machine trust the certificate, or use the name the certificate was made for"
        }
        Cause::NoTls => "write http:// in --openai-base if the server has no TLS",
        Cause::Unknown if error.is_connect() => "check address, port and network",
        Cause::Unknown => "look at the server's own log",
    };
    format!("cannot be asked: {} → {remedy}", words(error))
}

/// Nothing came back in time.
pub(super) fn late(wait: Duration) -> String {
    format!(
        "did not answer within {} s → look what it is busy with, or raise --openai-first-byte",
        wait.as_secs()
    )
}

/// The connection went away in the middle.
pub(super) fn broke(error: &reqwest::Error) -> String {
    format!("broke off the answer: {}{LATER}", words(error))
}

/// The stream ended without a word that it is complete.
pub(super) fn early() -> String {
    format!("ended the answer early, without a finish reason{LATER}")
}

/// The server says in the stream that it failed.
pub(super) fn failed(said: &str) -> String {
    format!("failed over the answer: {said}{LATER}")
}

/// The next step after a refusal.
pub(super) fn remedy(status: StatusCode, key: Key<'_>) -> String {
    let fixed = match status.as_u16() {
        401 | 403 => return refused(key),
        300..=399 => " → it is somewhere else now: write that address in --openai-base",
        400 | 422 => {
            " → check the model's name; if the conversation is too long, lower --openai-history-chars"
        }
        402 => " → check the account's balance",
        404 | 405 => " → check the base URL and the model's name",
        413 => " → lower --openai-history-chars",
        408 | 504 => " → try again later, or use a faster model",
        429 => " → wait, or look at the account's limits",
        500..=599 => LATER,
        _ => " → look at the server's own log",
    };
    fixed.to_owned()
}

/// The key of the server.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key<'a> {
    /// What stands in this variable.
    Of(&'a str),
    /// Nothing stands there.
    MissingIn(&'a str),
}

fn refused(key: Key<'_>) -> String {
    match key {
        Key::Of(variable) => {
            format!(" → correct the key in {variable}, and start this program again")
        }
        Key::MissingIn(variable) => format!(
            " → no key was sent, {variable} is not set: set it, or name another with --openai-key-env, and start this program again"
        ),
    }
}

/// When the server wants to be asked again: after so many seconds, or at a
/// moment by its own clock.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let then = httpdate::parse_http_date(value).ok()?;
    let now = headers.get(DATE).and_then(|date| date.to_str().ok());
    let now = now.and_then(|now| httpdate::parse_http_date(now).ok());
    let now = now.unwrap_or_else(SystemTime::now);
    Some(then.duration_since(now).unwrap_or_default())
}

enum Cause {
    Refused,
    Late,
    Name,
    Certificate,
    /// The other side does not speak TLS.
    NoTls,
    Unknown,
}

fn cause(error: &reqwest::Error) -> Cause {
    if error.is_timeout() {
        return Cause::Late;
    }
    chain(error).find_map(known).unwrap_or(Cause::Unknown)
}

/// What an error by itself says; an I/O error may hold another one.
fn known(error: &(dyn Error + 'static)) -> Option<Cause> {
    if error.to_string().starts_with("dns error") {
        return Some(Cause::Name);
    }
    match error.downcast_ref() {
        Some(rustls::Error::InvalidCertificate(_)) => return Some(Cause::Certificate),
        Some(rustls::Error::InvalidMessage(_)) => return Some(Cause::NoTls),
        _ => {}
    }
    let error = error.downcast_ref::<io::Error>()?;
    match (error.kind(), error.get_ref()) {
        (io::ErrorKind::ConnectionRefused, _) => Some(Cause::Refused),
        (io::ErrorKind::TimedOut, _) => Some(Cause::Late),
        (_, Some(inner)) => known(inner),
        _ => None,
    }
}

fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| (*cause).source())
}

/// The innermost cause says most. It holds no URL.
pub(super) fn words(error: &reqwest::Error) -> String {
    match chain(error).last() {
        Some(cause) => cause.to_string(),
        None => "it did not go through".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(retry_after: &str, date: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        headers
    }

    #[test]
    fn seconds_and_dates_say_when_to_ask_again() {
        let date = Some("Wed, 21 Oct 2015 07:28:00 GMT");
        for (value, date, seconds) in [
            ("7", None, Some(7.0)),
            (" 1.5 ", None, Some(1.5)),
            ("Wed, 21 Oct 2015 07:28:09 GMT", date, Some(9.0)),
            ("Wednesday, 21-Oct-15 07:28:09 GMT", date, Some(9.0)),
            ("Wed, 21 Oct 2015 07:27:00 GMT", date, Some(0.0)),
            ("Wed, 21 Oct 2015 07:28:09 GMT", None, Some(0.0)),
            ("-1", None, None),
            ("inf", None, None),
            ("soon", None, None),
        ] {
            let wait = retry_after(&headers(value, date));
            assert_eq!(wait, seconds.map(Duration::from_secs_f64), "{value}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }

    #[test]
    fn every_refusal_has_a_remedy() {
        for status in 300..600 {
            let status = StatusCode::from_u16(status).unwrap();
            assert!(remedy(status, Key::Of("K")).starts_with(" → "));
        }
    }

    #[test]
    fn a_refused_key_is_named_by_its_variable() {
        for key in [Key::Of("MY_KEY"), Key::MissingIn("MY_KEY")] {
            for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN] {
                let said = remedy(status, key);
                assert!(said.contains("MY_KEY") && said.contains("again"), "{said}");
            }
        }
    }
}
