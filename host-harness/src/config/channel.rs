//! One channel's configuration, split into what the sandbox may see and what it
//! may not.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use url::Url;
use zeroize::Zeroizing;

use super::file::ConfigFile;
use super::secret;
use crate::error::{Error, ErrorKind, Result};
use crate::manifest::{Manifest, SecretRule};

/// A channel's table, ready to be validated by its component.
pub struct ChannelConfig {
    /// JSON for the component: every secret is `{"$secret":"NAME"}`.
    pub(crate) json: String,
    /// Values of the secrets that come from the configuration.
    pub(crate) secrets: BTreeMap<String, Zeroizing<String>>,
    /// Keys whose values are URLs, for rules that say `config = […]`.
    pub(crate) bases: BTreeMap<String, Url>,
}

impl ChannelConfig {
    /// Resolves the table `name` of `file` for a plugin.
    ///
    /// `schema` is the component's configuration schema: properties with
    /// `"x-inherit": true` take the value of `[channels_config]` when unset.
    ///
    /// # Errors
    /// When there is no such table, or a secret cannot be found.
    pub fn resolve(
        file: &ConfigFile,
        name: &str,
        manifest: &Manifest,
        schema: &str,
    ) -> Result<Self> {
        let table = file.table(name).ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                format!("there is no table [channels_config.{name}]"),
            )
            .with_remedy(format!(
                "add [channels_config.{name}] to the configuration file"
            ))
        })?;
        let mut table = table.clone();
        inherit(&mut table, file, schema);
        let secrets = take_secrets(&mut table, name, &manifest.secrets)?;
        let bases = table
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), Url::parse(value.as_str()?).ok()?)))
            .filter(|(_, url)| url.has_host())
            .collect();
        Ok(Self {
            json: Value::Object(table).to_string(),
            secrets,
            bases,
        })
    }
}

fn inherit(table: &mut Map<String, Value>, file: &ConfigFile, schema: &str) {
    let schema: Value = serde_json::from_str(schema).unwrap_or_default();
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return;
    };
    for (key, property) in properties {
        let inherits = property.get("x-inherit") == Some(&Value::Bool(true));
        if let (true, false, Some(value)) = (inherits, table.contains_key(key), file.shared(key)) {
            table.insert(key.clone(), value.clone());
        }
    }
}

/// Replaces every bound key by a reference and returns the values.
fn take_secrets(
    table: &mut Map<String, Value>,
    channel: &str,
    rules: &BTreeMap<String, SecretRule>,
) -> Result<BTreeMap<String, Zeroizing<String>>> {
    let mut values = BTreeMap::new();
    for (name, rule) in rules {
        let Some(key) = &rule.from_config else {
            continue;
        };
        let Some(slot) = table.get_mut(key) else {
            continue;
        };
        let field = format!("channels_config.{channel}.{key}");
        let Value::String(written) = std::mem::replace(slot, json!({ "$secret": name })) else {
            return Err(
                Error::new(ErrorKind::Config, format!("{field} is not a string")).with_remedy(
                    format!("write {key} = \"…\", \"env:NAME\" or \"file:PATH\""),
                ),
            );
        };
        values.insert(name.clone(), secret::resolve(&field, &written)?);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn resolve(text: &str) -> Result<ChannelConfig> {
        let manifest = Manifest::parse(include_str!("../../../plugin.toml")).unwrap();
        let schema = r#"{"properties":{"ack_reactions":{"x-inherit":true},"app_id":{}}}"#;
        ChannelConfig::resolve(&ConfigFile::parse(text).unwrap(), "qq", &manifest, schema)
    }

    #[test]
    fn the_secret_is_replaced_by_its_name() {
        let config =
            resolve("[channels_config.qq]\napp_id = \"1\"\napp_secret = \"planted\"\n").unwrap();
        assert!(!config.json.contains("planted"));
        assert!(
            config
                .json
                .contains(r#""app_secret":{"$secret":"app_secret"}"#)
        );
        assert_eq!(config.secrets["app_secret"].as_str(), "planted");
    }

    #[test]
    fn a_channel_inherits_what_its_schema_says() {
        let head =
            "[channels_config]\nack_reactions = true\napp_id = \"9\"\n[channels_config.qq]\n";
        assert_eq!(resolve(head).unwrap().json, r#"{"ack_reactions":true}"#);
        let own = format!("{head}ack_reactions = false\n");
        assert_eq!(resolve(&own).unwrap().json, r#"{"ack_reactions":false}"#);
    }

    #[test]
    fn a_secret_of_the_wrong_type_is_not_shown() {
        let error = resolve("[channels_config.qq]\napp_secret = 424242\n")
            .err()
            .unwrap()
            .to_string();
        assert!(
            error.contains("app_secret") && !error.contains("424242"),
            "{error}"
        );
    }

    #[test]
    fn a_base_url_is_known_by_its_key() {
        let config =
            resolve("[channels_config.qq]\napi_base = \"http://127.0.0.1:1\"\napp_id = \"1\"\n")
                .unwrap();
        assert_eq!(config.bases.keys().collect::<Vec<_>>(), ["api_base"]);
    }
}
