//! Names to addresses, once, every address checked. Only checked addresses are
//! dialled: a name that answers differently a moment later gains nothing.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::contract::{Failure, FailureKind};
use crate::policy::{refuse_address, refused_address};

/// A name that leads to a forbidden address may lead elsewhere later: a captive
/// portal, a resolver that was set up wrongly. An address that is denied as such
/// has no such hope.
const ANOTHER_ANSWER_MS: u64 = 60_000;

/// Resolves names under the address policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resolver {
    allow_loopback: bool,
}

impl Resolver {
    pub(crate) fn new(allow_loopback: bool) -> Self {
        Self { allow_loopback }
    }

    /// The addresses of `host` that may be dialled.
    pub(crate) async fn lookup(self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let found = tokio::net::lookup_host((bare, port))
            .await
            .map_err(|cause| {
                Failure::new(
                    FailureKind::Unresolved,
                    format!("{host} does not resolve: {cause}"),
                )
                .with_remedy("check the host name, and this machine's DNS and network")
            })?;
        self.check(host, found.collect())
    }

    fn check(self, host: &str, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Failure> {
        let mut refused = None;
        let mut allowed = Vec::new();
        for address in found {
            match refuse_address(address.ip(), self.allow_loopback) {
                None => allowed.push(address),
                Some(what) => refused = Some(what),
            }
        }
        match (allowed.is_empty(), refused) {
            (false, _) => Ok(allowed),
            (true, Some(what)) => Err(Failure {
                retry_after_ms: Some(ANOTHER_ANSWER_MS),
                ..refused_address(host, what)
            }),
            (true, None) => Err(Failure::new(
                FailureKind::Unresolved,
                format!("{host} has no address"),
            )),
        }
    }
}

/// A [`Failure`] on its way through the HTTP client.
#[derive(Debug)]
pub(super) struct LookupError(pub(super) Failure);

impl std::fmt::Display for LookupError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for LookupError {}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = *self;
        Box::pin(async move {
            // Port 0 is replaced by the client with the URL's own.
            let found = resolver
                .lookup(name.as_str(), 0)
                .await
                .map_err(LookupError)?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn only_checked_addresses_are_left() {
        let found: Vec<SocketAddr> = ["10.0.0.1:443", "1.1.1.1:443", "127.0.0.1:443"]
            .map(|a| a.parse().unwrap())
            .into();
        let left = Resolver::new(false).check("h", found.clone()).unwrap();
        assert_eq!(left, [found[1]]);
        let failure = Resolver::new(false).check("h", vec![found[0]]).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Denied);
        assert_eq!(
            Resolver::new(true).check("h", vec![found[2]]).unwrap(),
            [found[2]]
        );
    }

    #[tokio::test]
    async fn a_name_for_this_machine_is_refused() {
        let failure = Resolver::new(false)
            .lookup("localhost", 80)
            .await
            .unwrap_err();
        assert_eq!(failure.kind, FailureKind::Denied);
        assert!(
            !Resolver::new(true)
                .lookup("localhost", 80)
                .await
                .unwrap()
                .is_empty()
        );
    }
}
