//! Failures below HTTP, told apart.

use crate::config::host_of;
use crate::contract::{Failure, FailureKind};

/// Says in words what kept `what` from reaching `url`. The host's remedy goes
/// before ours, since it knows its own switches.
///
/// The path of the URL is left out, and so are the host's words: they may name
/// a user.
pub(crate) fn explain(what: &str, url: &str, failure: &Failure) -> Failure {
    let host = host_of(url);
    let (happened, remedy) = words(failure.kind);
    Failure::new(failure.kind, format!("{what}: {happened} ({host})"))
        .remedy(failure.remedy.as_deref().unwrap_or(remedy))
        .retry_after(failure.retry_after_ms)
}

const fn words(kind: FailureKind) -> (&'static str, &'static str) {
    match kind {
        FailureKind::Unresolved => (
            "the name does not resolve",
            "Check the DNS of this machine and the spelling of api_base and auth_base.",
        ),
        FailureKind::Unreachable => (
            "no connection",
            "Check the network and firewall of this machine; the platform may be down.",
        ),
        FailureKind::Tls => (
            "no trustworthy TLS connection",
            "Check this machine's clock and certificates, and whether something on the way rewrites TLS.",
        ),
        FailureKind::TimedOut => (
            "no answer in time",
            "Check the network of this machine; the platform may be slow.",
        ),
        FailureKind::Denied => (
            "the host's network policy refuses the address",
            "Allow it under [[network.allow]] in plugin.toml.",
        ),
        FailureKind::Cancelled => ("called off", "Try again."),
        FailureKind::TooLarge => (
            "the answer was too large",
            "Check what stands at this address.",
        ),
        _ => ("the connection failed", "See the host's log for the cause."),
    }
}
