//! Taking a value out of a JSON answer before the sandbox sees it.

use serde_json::Value;
use zeroize::Zeroizing;

use super::vault::Vault;
use crate::contract::Seal;
use crate::policy::Target;

/// What is left of an answer after sealing.
pub(crate) struct Sealed {
    /// The body without the sealed members; empty when it is no JSON, since
    /// then nobody can say where the value stands in it.
    pub(crate) body: Vec<u8>,
    /// Names of the secrets that were found and kept.
    pub(crate) names: Vec<String>,
}

/// Applies every seal the manifest allows for `target`. A seal it does not
/// allow withholds the body.
pub(crate) fn seal(body: &[u8], seals: &[Seal], target: &Target, vault: &Vault) -> Sealed {
    let withheld = Sealed {
        body: Vec::new(),
        names: Vec::new(),
    };
    let Ok(mut document) = serde_json::from_slice::<Value>(body) else {
        return withheld;
    };
    let mut names = Vec::new();
    for seal in seals {
        if !vault.may_seal(&seal.secret, target) {
            tracing::warn!(secret = %seal.secret, "the manifest does not let this secret be sealed here; body withheld");
            return withheld;
        }
        if let Some(value) = take(&mut document, &seal.pointer) {
            vault.keep(&seal.secret, value);
            names.push(seal.secret.clone());
        }
    }
    let left = document.to_string().into_bytes();
    if vault.occurs_in(&left) {
        tracing::warn!("an answer repeats a sealed value elsewhere; body withheld");
        return Sealed {
            body: Vec::new(),
            names,
        };
    }
    Sealed { body: left, names }
}

/// Removes the member at `pointer` if it is a non-empty string.
fn take(document: &mut Value, pointer: &str) -> Option<Zeroizing<String>> {
    let (parent, member) = pointer.rsplit_once('/')?;
    let parent = document.pointer_mut(parent)?.as_object_mut()?;
    let is_value = parent
        .get(member)?
        .as_str()
        .is_some_and(|value| !value.is_empty());
    if !is_value {
        return None;
    }
    match parent.remove(member) {
        Some(Value::String(value)) => Some(Zeroizing::new(value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::contract::{FailureKind, SecretPlace, SecretUse};
    use crate::plugin::Manifest;
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

    fn token_seal() -> Vec<Seal> {
        vec![Seal {
            secret: "access_token".to_owned(),
            pointer: "/access_token".to_owned(),
        }]
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
            br#"{"access_token":"tok-1","expires_in":"7200"}"#,
            &token_seal(),
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
            br#"{"code":100016,"message":"bad"}"#,
            &token_seal(),
            &token,
            &vault,
        );
        assert!(left.names.is_empty() && !left.body.is_empty());
    }

    #[test]
    fn nothing_passes_when_the_value_cannot_be_told_apart() {
        let (vault, token, other) = parts();
        for body in [
            &b"<html>tok</html>"[..],
            br#"{"access_token":"tok-1"#,
            br#"{"access_token":"tok-2","again":"xtok-2x"}"#,
        ] {
            assert!(seal(body, &token_seal(), &token, &vault).body.is_empty());
        }
        let elsewhere = seal(br#"{"access_token":"t"}"#, &token_seal(), &other, &vault);
        assert!(elsewhere.body.is_empty() && elsewhere.names.is_empty());
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
