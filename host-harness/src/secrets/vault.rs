//! The values of one channel's secrets and the rules that bind them.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use url::Url;
use zeroize::Zeroizing;

use crate::contract::{Failure, FailureKind, SecretPlace, SecretUse};
use crate::plugin::SecretRule;
use crate::policy::{Origin, Target, path_matches};

/// Secrets of one channel. Shared with its request tasks, which seal.
pub(crate) struct Vault {
    rules: BTreeMap<String, Rule>,
    values: RwLock<BTreeMap<String, Arc<Zeroizing<String>>>>,
}

struct Rule {
    allow: Vec<Scope>,
    sealed_from: Vec<Scope>,
}

struct Scope {
    origins: Vec<Origin>,
    paths: Vec<String>,
    places: Vec<String>,
}

impl Scope {
    fn covers(&self, url: &Url) -> bool {
        self.origins.iter().any(|origin| origin.matches(url))
            && (self.paths.is_empty() || self.paths.iter().any(|path| path_matches(path, url)))
    }
}

impl Vault {
    /// Secrets bound by `rules`, with the values known at start. `bases` holds
    /// the configuration keys whose values are URLs.
    pub(crate) fn new(
        rules: &BTreeMap<String, SecretRule>,
        bases: &BTreeMap<String, Url>,
        values: BTreeMap<String, Zeroizing<String>>,
    ) -> Self {
        let rules = rules
            .iter()
            .map(|(name, rule)| (name.clone(), compile(rule, bases)))
            .collect();
        let values = values
            .into_iter()
            .map(|(name, value)| (name, Arc::new(value)))
            .collect();
        Self {
            rules,
            values: RwLock::new(values),
        }
    }

    /// The same secrets under a new configuration. Sealed values stay: whether
    /// they still fit is the channel's to know.
    pub(crate) fn renewed(
        &self,
        rules: &BTreeMap<String, SecretRule>,
        bases: &BTreeMap<String, Url>,
        values: BTreeMap<String, Zeroizing<String>>,
    ) -> Self {
        let renewed = Self::new(rules, bases, values);
        {
            let old = self.values.read().unwrap_or_else(PoisonError::into_inner);
            let mut new = renewed
                .values
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            for (name, value) in old.iter() {
                let from_config = rules
                    .get(name)
                    .is_some_and(|rule| rule.from_config.is_some());
                if !from_config {
                    new.insert(name.clone(), Arc::clone(value));
                }
            }
        }
        renewed
    }

    /// Names of the secrets that have a value.
    pub(crate) fn names(&self) -> Vec<String> {
        self.values
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .keys()
            .cloned()
            .collect()
    }

    /// The value for one use, prefix and all, if it may go to `target`.
    pub(crate) fn value(
        &self,
        wanted: &SecretUse,
        target: &Target,
    ) -> Result<Zeroizing<String>, Failure> {
        let place = place(&wanted.place);
        let allowed = self.rules.get(&wanted.secret).is_some_and(|rule| {
            rule.allow
                .iter()
                .any(|scope| scope.places.contains(&place) && scope.covers(target.url()))
        });
        if !allowed {
            return Err(Failure::new(
                FailureKind::Denied,
                format!(
                    "the manifest does not let secret `{}` go to {place} at {}",
                    wanted.secret,
                    target.url().host_str().unwrap_or("?")
                ),
            )
            .with_remedy("bind it under [[secrets.NAME.allow]] in plugin.toml if this is right"));
        }
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        let value = values.get(&wanted.secret).ok_or_else(|| {
            Failure::new(
                FailureKind::Unauthorized,
                format!("secret `{}` has no value yet", wanted.secret),
            )
        })?;
        Ok(Zeroizing::new(format!(
            "{}{}",
            wanted.prefix,
            value.as_str()
        )))
    }

    /// May this secret be taken from an answer of `target`?
    pub(crate) fn may_seal(&self, secret: &str, target: &Target) -> bool {
        self.rules.get(secret).is_some_and(|rule| {
            rule.sealed_from
                .iter()
                .any(|scope| scope.covers(target.url()))
        })
    }

    /// Keeps a sealed value.
    pub(crate) fn keep(&self, secret: &str, value: Zeroizing<String>) {
        let mut values = self.values.write().unwrap_or_else(PoisonError::into_inner);
        values.insert(secret.to_owned(), Arc::new(value));
    }

    /// Does any value occur in `bytes`?
    pub(crate) fn occurs_in(&self, bytes: &[u8]) -> bool {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        values
            .values()
            .any(|value| contains(bytes, value.as_bytes()))
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    !needle.is_empty()
        && haystack
            .windows(needle.len())
            .any(|window| window == needle)
}

/// A place as manifests write it: `header:authorization`, `json:/d/token`.
fn place(place: &SecretPlace) -> String {
    match place {
        SecretPlace::Header(name) => format!("header:{}", name.to_ascii_lowercase()),
        SecretPlace::Json(pointer) => format!("json:{pointer}"),
    }
}

fn compile(rule: &SecretRule, bases: &BTreeMap<String, Url>) -> Rule {
    let scope = |scope: &crate::plugin::SecretScope| {
        // A named host means TLS; a configured base means what it says, and the
        // network policy keeps plain ones on this machine.
        let named = scope.hosts.iter().flat_map(|host| {
            ["https", "wss"].map(|scheme| Origin {
                scheme: scheme.to_owned(),
                host: host.clone(),
                port: None,
            })
        });
        let configured = scope.config.iter().filter_map(|key| bases.get(key));
        Scope {
            origins: named.chain(configured.flat_map(Origin::of_base)).collect(),
            paths: scope.paths.clone(),
            places: scope.places.clone(),
        }
    };
    Rule {
        allow: rule.allow.iter().map(scope).collect(),
        sealed_from: rule.sealed_from.iter().map(scope).collect(),
    }
}
