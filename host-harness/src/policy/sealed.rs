//! Addresses whose answers hold a secret.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use url::Url;

use super::origin::Origin;
use crate::contract::{Failure, FailureKind};
use crate::manifest::SealScope;

/// Answers from here hold a secret, which only `send-http` takes out.
pub(crate) struct SealedAddress {
    secret: String,
    origins: Vec<Origin>,
    paths: Vec<String>,
}

impl SealedAddress {
    pub(crate) fn new(secret: &str, scope: &SealScope, bases: &BTreeMap<String, Url>) -> Self {
        Self {
            secret: secret.to_owned(),
            origins: origins(&scope.hosts, &scope.config, bases),
            paths: scope.paths.clone(),
        }
    }

    /// Could a server take `url` for this address? Rather too often than not:
    /// servers decode, fold and forgive in their own ways.
    pub(crate) fn may_be(&self, url: &Url) -> bool {
        self.origins.iter().any(|origin| origin.matches(url))
            && (self.paths.is_empty() || self.paths.iter().any(|path| may_be_under(path, url)))
    }

    /// Why nothing but `send-http` may go there.
    pub(super) fn refusal(&self, url: &Url) -> Failure {
        let what = format!(
            "answers of {} hold secret `{}`, which only `send-http` takes out",
            url.host_str().unwrap_or("?"),
            self.secret
        );
        Failure::new(FailureKind::Denied, what)
            .with_remedy("ask with `send-http`, and not into a blob")
    }
}

/// Is `prefix` the path of `url`, or a run of its leading segments, however it is
/// spelled?
fn may_be_under(prefix: &str, url: &Url) -> bool {
    let (prefix, path) = (folded(prefix), folded(url.path()));
    prefix.len() <= path.len() && prefix.iter().zip(&path).all(|(one, other)| one == other)
}

/// Segments of a path, decoded as often as anybody might, in lower case,
/// without empty ones and without parameters.
fn folded(path: &str) -> Vec<String> {
    let mut path = path.to_owned();
    for _ in 0..3 {
        path = percent_decode_str(&path).decode_utf8_lossy().into_owned();
    }
    let bare = |segment: &str| segment.split(';').next().map(str::to_lowercase);
    let segments = path.split(['/', '\\']).filter_map(bare);
    segments.filter(|segment| !segment.is_empty()).collect()
}

/// A named host means TLS; a configured base means what it says, and the network
/// policy keeps plain ones on this machine.
pub(crate) fn origins(
    hosts: &[String],
    config: &[String],
    bases: &BTreeMap<String, Url>,
) -> Vec<Origin> {
    let named = hosts.iter().flat_map(|host| {
        ["https", "wss"].map(|scheme| Origin {
            scheme: scheme.to_owned(),
            host: host.clone(),
            port: None,
        })
    });
    let configured = config.iter().filter_map(|key| bases.get(key));
    named.chain(configured.flat_map(Origin::of_base)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::manifest::Manifest;
    use crate::policy::NetworkPolicy;

    #[test]
    fn only_what_seals_goes_to_a_sealed_address() {
        let manifest = Manifest::parse(include_str!("../../../plugin.toml")).unwrap();
        let policy = NetworkPolicy::of(&manifest, &BTreeMap::new(), false);
        let token = "https://api.bot.qq.com/app/getAppAccessToken";
        assert!(policy.check_http(token, "POST").is_ok());
        let failure = policy.check_open(token, "POST").unwrap_err();
        assert!(
            failure.message.contains("access_token"),
            "{}",
            failure.message
        );
        let socket = token.replace("https", "wss");
        assert!(policy.check_socket(&socket).is_err());
        let other = "https://api.bot.qq.com/v2/users/x/messages";
        assert!(policy.check_open(other, "POST").is_ok());
    }

    #[test]
    fn no_spelling_of_a_path_escapes_its_rule() {
        let under = |path: &str| {
            let url = Url::parse(&format!("https://x.example{path}"));
            url.is_ok_and(|url| may_be_under("/app/getToken", &url))
        };
        for path in [
            "/app/getToken",
            "/app/getToken/",
            "/app//getToken?x=1",
            "/app/%67etToken",
            "/app/%2567etToken",
            "/app%2FgetToken",
            "/APP/gettoken;v=1",
            "/x/../app/./getToken/more",
            "/app\\getToken",
        ] {
            assert!(under(path), "{path}");
        }
        for path in ["/", "/app", "/app/getTokens", "/v2/app/getToken"] {
            assert!(!under(path), "{path}");
        }
    }
}
