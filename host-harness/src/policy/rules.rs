//! The manifest's `[[network.allow]]` rules as a decision on parsed URLs.

use std::collections::BTreeMap;

use url::{Host, Url};

use super::address::refuse_address;
use super::sealed::SealedAddress;
use crate::contract::{Failure, FailureKind};
use crate::plugin::{Manifest, NetRule};

/// Scheme, host and port that a rule names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) scheme: String,
    pub(crate) host: String,
    /// `None`: the scheme's own port.
    pub(crate) port: Option<u16>,
}

impl Origin {
    /// The origins a configured base URL stands for: `http` brings `ws`.
    pub(crate) fn of_base(url: &Url) -> Vec<Self> {
        let schemes = match url.scheme() {
            "https" | "wss" => ["https", "wss"],
            _ => ["http", "ws"],
        };
        let host = url.host_str().unwrap_or_default();
        let one = |scheme: &str| Self {
            scheme: scheme.to_owned(),
            host: host.to_owned(),
            port: url.port_or_known_default(),
        };
        schemes.map(one).into()
    }

    pub(crate) fn matches(&self, url: &Url) -> bool {
        let port = self.port.or_else(|| default_port(&self.scheme));
        self.scheme == url.scheme()
            && url.host_str().is_some_and(|host| self.names(host))
            && url.port_or_known_default() == port
    }
}

impl Origin {
    /// `*.` at the front of a rule stands for one or more labels.
    fn names(&self, host: &str) -> bool {
        let Some(below) = self.host.strip_prefix('*') else {
            return host.eq_ignore_ascii_case(&self.host);
        };
        let cut = host.len().checked_sub(below.len());
        let end = cut.filter(|cut| *cut > 0).and_then(|cut| host.get(cut..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(below))
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "https" | "wss" => Some(443),
        "http" | "ws" => Some(80),
        _ => None,
    }
}

/// A URL that passed the policy. Only these are dialled.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    url: Url,
}

impl Target {
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }
}

struct Rule {
    origins: Vec<Origin>,
    methods: Vec<String>,
    paths: Vec<String>,
}

/// What one channel may reach.
pub(crate) struct NetworkPolicy {
    rules: Vec<Rule>,
    sealed: Vec<SealedAddress>,
    allow_loopback: bool,
}

impl NetworkPolicy {
    /// What a plugin's manifest allows. `bases` holds the configuration keys
    /// whose values are URLs.
    pub(crate) fn of(
        manifest: &Manifest,
        bases: &BTreeMap<String, Url>,
        allow_loopback: bool,
    ) -> Self {
        let sealed = manifest.secrets.iter().flat_map(|(name, rule)| {
            let address = |scope| SealedAddress::new(name, scope, bases);
            rule.sealed_from.iter().map(address)
        });
        Self {
            sealed: sealed.collect(),
            ..Self::new(&manifest.network.allow, bases, allow_loopback)
        }
    }

    /// These rules, and no sealed address.
    pub(crate) fn new(
        rules: &[NetRule],
        bases: &BTreeMap<String, Url>,
        allow_loopback: bool,
    ) -> Self {
        let rules = rules.iter().map(|rule| compile(rule, bases)).collect();
        Self {
            rules,
            sealed: Vec::new(),
            allow_loopback,
        }
    }

    /// May a request go there whose answer [`crate::secrets::seal`] sees?
    pub(crate) fn check_http(&self, url: &str, method: &str) -> Result<Target, Failure> {
        self.check(url, &["https", "http"], Some(method))
    }

    /// May any other request? Not where answers hold a secret.
    pub(crate) fn check_open(&self, url: &str, method: &str) -> Result<Target, Failure> {
        self.unsealed(self.check_http(url, method)?)
    }

    /// May a websocket?
    pub(crate) fn check_socket(&self, url: &str) -> Result<Target, Failure> {
        self.unsealed(self.check(url, &["wss", "ws"], None)?)
    }

    fn unsealed(&self, target: Target) -> Result<Target, Failure> {
        match self.sealed.iter().find(|it| it.may_be(target.url())) {
            Some(address) => Err(address.refusal(&target)),
            None => Ok(target),
        }
    }

    fn check(&self, url: &str, schemes: &[&str], method: Option<&str>) -> Result<Target, Failure> {
        let url = Url::parse(url).map_err(|cause| denied(format!("not a URL ({cause})")))?;
        if !schemes.contains(&url.scheme()) {
            return Err(denied(format!(
                "scheme `{}` is not one of: {}",
                url.scheme(),
                schemes.join(", ")
            )));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(denied(
                "a URL must not carry a user name or a password".to_owned(),
            ));
        }
        self.check_plain(&url)?;
        self.check_literal(&url)?;
        if self.rules.iter().any(|rule| rule.allows(&url, method)) {
            return Ok(Target { url });
        }
        let method = method.unwrap_or("connect");
        Err(
            denied(format!("{method} {} is allowed by no rule", place(&url))).with_remedy(
                "add a [[network.allow]] rule to the plugin's plugin.toml if this is right",
            ),
        )
    }

    /// Plain text only ever to this machine, and only when asked for.
    fn check_plain(&self, url: &Url) -> Result<(), Failure> {
        if matches!(url.scheme(), "https" | "wss") {
            return Ok(());
        }
        if self.allow_loopback && is_loopback_name(url) {
            return Ok(());
        }
        Err(
            denied(format!("{} is not encrypted", place(url))).with_remedy(
                "use https and wss; plain connections go to loopback only, with --allow-loopback",
            ),
        )
    }

    fn check_literal(&self, url: &Url) -> Result<(), Failure> {
        let address = match url.host() {
            Some(Host::Ipv4(v4)) => v4.into(),
            Some(Host::Ipv6(v6)) => v6.into(),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        match refuse_address(address, self.allow_loopback) {
            Some(what) => Err(refused_address(&place(url), what)),
            None => Ok(()),
        }
    }
}

/// The failure for a host that is, or resolves to, a forbidden address.
pub(crate) fn refused_address(place: &str, what: &str) -> Failure {
    denied(format!("{place} is {what}"))
        .with_remedy("channels talk to public hosts only; --allow-loopback opens this machine")
}

fn denied(message: String) -> Failure {
    Failure::new(
        FailureKind::Denied,
        format!("denied by the host's network policy: {message}"),
    )
}

/// Scheme, host and port: what may be shown of a URL.
fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}

/// Does it name this machine?
fn is_loopback_name(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(v4)) => v4.is_loopback(),
        Some(Host::Ipv6(v6)) => v6.is_loopback(),
        None => false,
    }
}

impl Rule {
    fn allows(&self, url: &Url, method: Option<&str>) -> bool {
        self.origins.iter().any(|origin| origin.matches(url))
            && (self.paths.is_empty() || self.paths.iter().any(|path| path_matches(path, url)))
            && method.is_none_or(|method| {
                self.methods.is_empty() || self.methods.iter().any(|m| m == method)
            })
    }
}

/// Is `prefix` the path, or a run of its leading segments?
pub(crate) fn path_matches(prefix: &str, url: &Url) -> bool {
    let prefix = prefix.trim_end_matches('/');
    let path = url.path();
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn compile(rule: &NetRule, bases: &BTreeMap<String, Url>) -> Rule {
    let mut origins = Vec::new();
    for scheme in &rule.schemes {
        for host in &rule.hosts {
            let origin = |port| Origin {
                scheme: scheme.clone(),
                host: host.clone(),
                port,
            };
            if rule.ports.is_empty() {
                origins.push(origin(None));
            }
            origins.extend(rule.ports.iter().map(|port| origin(Some(*port))));
        }
    }
    let configured = rule.config.iter().filter_map(|key| bases.get(key));
    origins.extend(configured.flat_map(Origin::of_base));
    Rule {
        origins,
        methods: rule.methods.clone(),
        paths: rule.paths.clone(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn policy(base: Option<&str>, allow_loopback: bool) -> NetworkPolicy {
        let rules = vec![
            NetRule {
                schemes: vec!["https".into(), "wss".into()],
                hosts: vec!["api.example.com".into()],
                methods: vec!["GET".into(), "POST".into()],
                paths: vec!["/v2".into(), "/websocket".into()],
                ..NetRule::default()
            },
            NetRule {
                config: vec!["api_base".into()],
                ..NetRule::default()
            },
        ];
        let bases = base.map(|url| ("api_base".to_owned(), Url::parse(url).unwrap()));
        NetworkPolicy::new(&rules, &bases.into_iter().collect(), allow_loopback)
    }

    #[test]
    fn what_a_rule_names_is_allowed() {
        let policy = policy(None, false);
        for url in [
            "https://api.example.com/v2/x",
            "https://API.example.com:443/v2",
            "https://api.example.com/v2/../v2/x",
        ] {
            policy.check_http(url, "GET").unwrap();
        }
        policy
            .check_socket("wss://api.example.com/websocket/")
            .unwrap();
    }

    #[test]
    fn everything_else_is_denied() {
        let policy = policy(None, false);
        for url in [
            "https://api.example.com.evil.com/v2",
            "https://api.example.com@evil.com/v2",
            "https://user:pw@api.example.com/v2",
            "https://api.example.com:8443/v2",
            "https://api.example.com/v20",
            "https://api.example.com/v2/../admin",
            "https://api.example.com/",
            "http://api.example.com/v2",
            "file:///etc/passwd",
            "https://169.254.169.254/v2",
            "https://[::ffff:127.0.0.1]/v2",
            "https://2130706433/v2",
            "not a url",
        ] {
            let failure = policy.check_http(url, "GET").unwrap_err();
            assert_eq!(failure.kind, FailureKind::Denied, "{url}");
        }
        assert!(
            policy
                .check_http("https://api.example.com/v2", "DELETE")
                .is_err()
        );
        assert!(
            policy
                .check_socket("https://api.example.com/websocket")
                .is_err()
        );
    }

    #[test]
    fn a_star_stands_for_labels_in_front_and_nothing_else() {
        let rule = NetRule {
            schemes: vec!["https".into()],
            hosts: vec!["*.example.com".into()],
            ..NetRule::default()
        };
        let policy = NetworkPolicy::new(&[rule], &BTreeMap::new(), false);
        for (url, allowed) in [
            ("https://a.example.com/", true),
            ("https://b.a.EXAMPLE.com/", true),
            ("https://example.com/", false),
            ("https://.example.com/", false),
            ("https://aexample.com/", false),
            ("https://a.example.com.evil.com/", false),
            ("https://example.com.evil.com/", false),
        ] {
            assert_eq!(policy.check_http(url, "GET").is_ok(), allowed, "{url}");
        }
    }

    #[test]
    fn a_configured_base_brings_its_origin_and_its_websocket() {
        let policy = policy(Some("http://127.0.0.1:4000/x"), true);
        policy
            .check_http("http://127.0.0.1:4000/anything", "PUT")
            .unwrap();
        policy
            .check_socket("ws://127.0.0.1:4000/websocket")
            .unwrap();
        assert!(policy.check_http("http://127.0.0.1:4001/", "GET").is_err());
        assert!(policy.check_http("https://127.0.0.1:4000/", "GET").is_err());
    }

    #[test]
    fn loopback_needs_its_switch() {
        let failure = policy(Some("http://127.0.0.1:4000"), false)
            .check_http("http://127.0.0.1:4000/", "GET")
            .unwrap_err();
        assert!(failure.remedy.unwrap().contains("--allow-loopback"));
    }
}
