//! Reading `[channels_config]`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result, caused};

/// The part of a PRX configuration file that is about channels.
#[derive(Clone, Default)]
pub struct ConfigFile {
    channels: BTreeMap<String, Map<String, Value>>,
    /// Keys of `[channels_config]` itself, which channels may inherit.
    shared: Map<String, Value>,
}

impl ConfigFile {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// When it cannot be read or is no TOML.
    pub fn read(path: &Path) -> Result<Self> {
        let what = format!("configuration {}", path.display());
        let text = std::fs::read_to_string(path).map_err(|cause| {
            caused(ErrorKind::Config, &what)(cause)
                .with_remedy("give the PRX configuration file: --config FILE")
        })?;
        Self::parse(&text).map_err(|error| error.with_prefix(format_args!("{what}: ")))
    }

    /// Reads a file's text. Tables other than `[channels_config]` are PRX's.
    ///
    /// # Errors
    /// When it is not TOML, or `channels_config` is not a table.
    pub fn parse(text: &str) -> Result<Self> {
        // The parser's message quotes the line, which may hold a secret.
        let file: toml::Table = toml::from_str(text).map_err(|cause| {
            let line = cause.span().map_or(0, |span| line_of(text, span.start));
            Error::new(
                ErrorKind::Config,
                format!("line {line} is not TOML: {}", cause.message()),
            )
            .with_remedy("strings need quotes, and every table header its brackets")
        })?;
        let Some(table) = file.get("channels_config") else {
            return Ok(Self::default());
        };
        let Ok(Value::Object(table)) = serde_json::to_value(table) else {
            return Err(Error::new(
                ErrorKind::Config,
                "`channels_config` is not a table",
            ));
        };
        let mut config = Self::default();
        for (key, value) in table {
            match value {
                Value::Object(channel) => drop(config.channels.insert(key, channel)),
                other => drop(config.shared.insert(key, other)),
            }
        }
        Ok(config)
    }

    /// Names of the configured channels.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.channels.keys().map(String::as_str)
    }

    /// The table of one channel.
    pub(crate) fn table(&self, name: &str) -> Option<&Map<String, Value>> {
        self.channels.get(name)
    }

    /// What `[channels_config]` says about `key` for all channels.
    pub(crate) fn shared(&self, key: &str) -> Option<&Value> {
        self.shared.get(key)
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn channels_and_shared_keys_are_told_apart() {
        let text = "[other]\nx = 1\n[channels_config]\nack_reactions = true\n[channels_config.qq]\napp_id = \"1\"\n";
        let config = ConfigFile::parse(text).unwrap();
        assert_eq!(config.names().collect::<Vec<_>>(), ["qq"]);
        assert_eq!(config.shared("ack_reactions"), Some(&Value::Bool(true)));
        assert_eq!(config.table("qq").unwrap()["app_id"], "1");
    }

    #[test]
    fn a_syntax_error_names_the_line_and_never_quotes_it() {
        let text = "[channels_config.qq]\napp_id = \"1\"\napp_secret = planted-secret\n";
        let error = ConfigFile::parse(text).unwrap_err().to_string();
        assert!(error.contains("line 3"), "{error}");
        assert!(!error.contains("planted"), "{error}");
    }
}
