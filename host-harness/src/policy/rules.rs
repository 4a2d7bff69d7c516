//! The manifest's `[[network.allow]]` rules as a decision on parsed URLs.

use std::collections::BTreeMap;

use url::{Host, Url};

use super::address::refuse_address;
use super::origin::Origin;
use super::sealed::SealedAddress;
use crate::contract::{Failure, FailureKind};
use crate::manifest::{Manifest, NetRule};

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

    /// May a request go there whose answer the secrets' seal sees?
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
            Some(address) => Err(address.refusal(target.url())),
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
mod tests;
