//! The values of one channel's secrets and the rules that bind them.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use url::Url;
use zeroize::Zeroizing;

use super::search::Haystack;
use crate::contract::{Failure, FailureKind, SecretPlace, SecretUse};
use crate::manifest::{SealScope, SecretRule, SecretScope};
use crate::policy::{Origin, SealedAddress, Target, origins, path_matches};

/// Secrets of one channel. Shared with its request tasks, which seal.
pub(crate) struct Vault {
    rules: BTreeMap<String, Rule>,
    values: RwLock<BTreeMap<String, Arc<Zeroizing<String>>>>,
}

struct Rule {
    allow: Vec<Scope>,
    sealed_from: Vec<Source>,
}

struct Scope {
    origins: Vec<Origin>,
    paths: Vec<String>,
    places: Vec<String>,
}

/// Answers that hold a secret.
struct Source {
    address: SealedAddress,
    pointer: String,
    shows: Vec<String>,
}

/// What an answer that holds a secret must be relieved of.
pub(crate) struct Holding<'a> {
    /// Name of the secret.
    pub(crate) secret: &'a str,
    /// Where it stands, a JSON pointer.
    pub(crate) pointer: &'a str,
    /// Pointers of what may be seen beside it.
    pub(crate) shows: &'a [String],
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
            .map(|(name, rule)| (name.clone(), compile(name, rule, bases)))
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

    /// The secrets that an answer of `target` holds.
    pub(crate) fn held_by(&self, target: &Target) -> Vec<Holding<'_>> {
        let sources = self.rules.iter().flat_map(|(secret, rule)| {
            let with_name = move |source| (secret.as_str(), source);
            rule.sealed_from.iter().map(with_name)
        });
        sources
            .filter(|(_, source)| source.address.may_be(target.url()))
            .map(|(secret, source)| Holding {
                secret,
                pointer: &source.pointer,
                shows: &source.shows,
            })
            .collect()
    }

    /// Keeps a sealed value.
    pub(crate) fn keep(&self, secret: &str, value: Zeroizing<String>) {
        let mut values = self.values.write().unwrap_or_else(PoisonError::into_inner);
        values.insert(secret.to_owned(), Arc::new(value));
    }

    /// Does any value occur in `bytes`, also as JSON would spell it?
    pub(crate) fn occurs_in(&self, bytes: &[u8]) -> bool {
        let haystack = Haystack::new(bytes);
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        values
            .values()
            .any(|value| haystack.holds(value.as_bytes()))
    }
}

/// A place as manifests write it: `header:authorization`, `json:/d/token`.
fn place(place: &SecretPlace) -> String {
    match place {
        SecretPlace::Header(name) => format!("header:{}", name.to_ascii_lowercase()),
        SecretPlace::Json(pointer) => format!("json:{pointer}"),
    }
}

fn compile(name: &str, rule: &SecretRule, bases: &BTreeMap<String, Url>) -> Rule {
    let scope = |scope: &SecretScope| Scope {
        origins: origins(&scope.hosts, &scope.config, bases),
        paths: scope.paths.clone(),
        places: scope.places.clone(),
    };
    let source = |scope: &SealScope| Source {
        address: SealedAddress::new(name, scope, bases),
        pointer: scope.pointer.clone(),
        shows: scope.shows.clone(),
    };
    Rule {
        allow: rule.allow.iter().map(scope).collect(),
        sealed_from: rule.sealed_from.iter().map(source).collect(),
    }
}
