//! Taking a value out of a JSON answer before the sandbox sees it.
//!
//! The manifest says which answers hold a secret and where. The component has no
//! say in it.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::insert::{parent_and_member, unescaped};
use super::vault::{Holding, Vault};
use crate::limits;
use crate::policy::Target;

/// What is left of an answer after sealing.
#[derive(Default)]
pub(crate) struct Sealed {
    /// Of the body, what the manifest shows; empty when it is not JSON, since
    /// then nobody can say where the value stands in it.
    pub(crate) body: Vec<u8>,
    /// Names of the secrets that were found and kept.
    pub(crate) names: Vec<String>,
}

/// Relieves the body of every secret that the manifest says it holds.
pub(crate) fn seal(body: Vec<u8>, target: &Target, vault: &Vault) -> Sealed {
    let held = vault.held_by(target);
    if held.is_empty() {
        let names = Vec::new();
        return Sealed { body, names };
    }
    match serde_json::from_slice::<Value>(&body) {
        Ok(document) => relieve(document, &held, vault),
        Err(_) => Sealed::default(),
    }
}

fn relieve(mut document: Value, held: &[Holding<'_>], vault: &Vault) -> Sealed {
    let mut names = Vec::new();
    for held in held {
        if let Some(value) = take(&mut document, held.pointer) {
            if value.len() > limits::SEALED_BYTES {
                tracing::warn!(
                    bytes = value.len(),
                    "a sealed value is too long; answer withheld"
                );
                return Sealed::default();
            }
            vault.keep(held.secret, value);
            names.push(held.secret.to_owned());
        }
    }
    let shows: Vec<&str> = held
        .iter()
        .flat_map(|held| held.shows)
        .map(String::as_str)
        .collect();
    let mut body = shown(&document, &shows).to_string().into_bytes();
    if vault.occurs_in(&body) {
        tracing::warn!("an answer repeats a sealed value elsewhere; body withheld");
        body.clear();
    }
    Sealed { body, names }
}

/// Removes the member at `pointer` if it is a non-empty string.
fn take(document: &mut Value, pointer: &str) -> Option<Zeroizing<String>> {
    let (parent, member) = parent_and_member(pointer)?;
    let parent = document.pointer_mut(parent)?.as_object_mut()?;
    match parent.remove(&member)? {
        Value::String(value) if !value.is_empty() => Some(Zeroizing::new(value)),
        _ => None,
    }
}

/// A document with those members of `document` that `pointers` lead to, and
/// nothing else: where a platform moves a secret, nobody can know beforehand.
fn shown(document: &Value, pointers: &[&str]) -> Value {
    let mut left = Value::Object(Map::new());
    for pointer in pointers {
        if let Some(value) = document.pointer(pointer) {
            place(&mut left, pointer, value.clone());
        }
    }
    left
}

/// Puts a value at `pointer`, making the objects on the way.
fn place(document: &mut Value, pointer: &str, value: Value) {
    let mut here = document;
    for member in pointer.split('/').skip(1) {
        let Value::Object(members) = here else {
            return;
        };
        here = members
            .entry(unescaped(member))
            .or_insert_with(|| Value::Object(Map::new()));
    }
    *here = value;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::contract::{FailureKind, SecretPlace, SecretUse};
    use crate::manifest::Manifest;
    use crate::policy::NetworkPolicy;
    use std::collections::BTreeMap;

    fn parts() -> (Vault, Target, Target) {
        let manifest = Manifest::parse(include_str!("../../../plugin.toml")).unwrap();
        let values = BTreeMap::from([(
            "app_secret".to_owned(),
            Zeroizing::new("planted".to_owned()),
        )]);
        let vault = Vault::new(&manifest.secrets, &BTreeMap::new(), values);
        let policy = NetworkPolicy::new(&manifest.network.allow, &BTreeMap::new(), false);
        let token = policy
            .check_http("https://api.bot.qq.com/app/getAppAccessToken", "POST")
            .unwrap();
        let other = policy
            .check_http("https://api.bot.qq.com/v2/users/x/messages", "POST")
            .unwrap();
        (vault, token, other)
    }

    fn bearer() -> SecretUse {
        SecretUse {
            secret: "access_token".to_owned(),
            place: SecretPlace::Header("Authorization".to_owned()),
            prefix: "QQBot ".to_owned(),
        }
    }

    #[test]
    fn the_token_stays_outside_and_can_be_used() {
        let (vault, token, other) = parts();
        assert_eq!(
            vault.value(&bearer(), &other).unwrap_err().kind,
            FailureKind::Unauthorized
        );
        let left = seal(
            br#"{"access_token":"tok-1","expires_in":"7200"}"#.to_vec(),
            &token,
            &vault,
        );
        assert_eq!(left.body, br#"{"expires_in":"7200"}"#);
        assert_eq!(left.names, ["access_token"]);
        assert_eq!(
            vault.value(&bearer(), &other).unwrap().as_str(),
            "QQBot tok-1"
        );
    }

    #[test]
    fn a_failure_body_passes_as_it_is() {
        let (vault, token, _) = parts();
        let left = seal(
            br#"{"code":100016,"message":"bad"}"#.to_vec(),
            &token,
            &vault,
        );
        assert!(left.names.is_empty() && !left.body.is_empty());
    }

    #[test]
    fn only_what_the_manifest_shows_is_left() {
        let (vault, token, other) = parts();
        let body = br#"{"access_token":"tok-1","expires_in":"7200","data":{"t":"tok-1"}}"#;
        let left = seal(body.to_vec(), &token, &vault);
        assert_eq!(left.body, br#"{"expires_in":"7200"}"#);
        assert_eq!(left.names, ["access_token"]);
        let moved = br#"{"access_token":{"v":"tok-9"},"data":{"access_token":"tok-9"}}"#;
        assert_eq!(seal(moved.to_vec(), &token, &vault).body, b"{}");
        let plain = seal(body.to_vec(), &other, &vault);
        assert_eq!(plain.body, body, "nothing is sealed elsewhere");
    }

    #[test]
    fn a_pointer_is_read_as_where_one_is_inserted() {
        let mut document = serde_json::json!({"a/b": {"c~d": "value"}});
        assert_eq!(take(&mut document, "/a~1b/c~0d").unwrap().as_str(), "value");
        assert_eq!(document, serde_json::json!({"a/b": {}}));
        assert!(take(&mut document, "no pointer").is_none());
    }

    #[test]
    fn nothing_passes_when_the_value_cannot_be_told_apart() {
        let (vault, token, _) = parts();
        for body in [
            &b"<html>tok</html>"[..],
            br#"{"access_token":"tok-1"#,
            br#"{"access_token":"tok-2","message":"xtok-2x"}"#,
        ] {
            assert!(seal(body.to_vec(), &token, &vault).body.is_empty());
        }
        let long = "t".repeat(limits::SEALED_BYTES + 1);
        let body = format!(r#"{{"access_token":"{long}","expires_in":"7200"}}"#);
        let left = seal(body.into_bytes(), &token, &vault);
        assert!(left.body.is_empty() && left.names.is_empty());
    }

    #[test]
    fn a_secret_goes_to_its_own_place_only() {
        let (vault, token, other) = parts();
        let mut wanted = SecretUse {
            secret: "app_secret".to_owned(),
            place: SecretPlace::Json("/clientSecret".to_owned()),
            prefix: String::new(),
        };
        assert_eq!(vault.value(&wanted, &token).unwrap().as_str(), "planted");
        assert_eq!(
            vault.value(&wanted, &other).unwrap_err().kind,
            FailureKind::Denied
        );
        wanted.place = SecretPlace::Json("/content".to_owned());
        assert_eq!(
            vault.value(&wanted, &token).unwrap_err().kind,
            FailureKind::Denied
        );
    }
}
