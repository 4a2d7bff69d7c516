//! The table as it was written, and what can be read of any key.

use serde_json::{Map, Value};

use super::problems::Problems;
use super::suggest;

/// Every key there is.
pub(super) const KEYS: [&str; 15] = [
    "app_id",
    "app_secret",
    "allowed_users",
    "sandbox",
    "intents",
    "stream_mode",
    "interrupt_on_new_message",
    "mention_only",
    "context_messages",
    "system_notes",
    "ack_reactions",
    "api_base",
    "auth_base",
    "active_tags",
    "limits",
];

pub(super) fn object(json: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(json) {
        Ok(Value::Object(table)) => Ok(table),
        Ok(_) => Err("the configuration is not a table".to_owned()),
        Err(error) => Err(format!("the configuration is not JSON: {error}")),
    }
}

/// The table while it is read.
pub(super) struct Table<'t> {
    pub(super) table: &'t Map<String, Value>,
    pub(super) problems: &'t mut Problems,
}

impl<'t> Table<'t> {
    /// The value of `key`; `null` counts as unset.
    pub(super) fn value(&self, key: &str) -> Option<&'t Value> {
        self.table.get(key).filter(|value| !value.is_null())
    }

    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        match self.value(key)? {
            Value::Bool(flag) => return Some(*flag),
            other => self.problems.error(
                key,
                format!("{other} is not true or false"),
                "Write true or false, without quotes.",
            ),
        }
        None
    }

    pub(super) fn unknown_keys(&mut self) {
        for key in self
            .table
            .keys()
            .filter(|key| !KEYS.contains(&key.as_str()))
        {
            self.problems
                .error(key, "unknown key", did_you_mean(key, &KEYS));
        }
    }

    /// The strings of a list, each with its place in it.
    pub(super) fn strings(&mut self, key: &str) -> Vec<(usize, &'t str)> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(items) = value.as_array() else {
            self.problems
                .error(key, "not a list", format!("Write {key} = [\"…\"]."));
            return Vec::new();
        };
        let mut strings = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item.as_str().map(str::trim) {
                Some("") => {
                    self.problems
                        .error(&format!("{key}[{index}]"), "empty", "Leave the entry out.")
                }
                Some(text) => strings.push((index, text)),
                None => self.problems.error(
                    &format!("{key}[{index}]"),
                    format!("{item} is not a string"),
                    "Write it in quotes.",
                ),
            }
        }
        strings
    }
}

pub(super) fn did_you_mean(word: &str, names: &[&str]) -> String {
    match suggest::nearest(word, names) {
        Some(name) => format!("Did you mean `{name}`?"),
        None => format!("Known: {}.", names.join(", ")),
    }
}
