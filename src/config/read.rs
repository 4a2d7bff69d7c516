//! Reads the table key by key and says everything that is wrong.

use std::collections::BTreeSet;

use serde_json::Value;

use super::bases::{self, Bases};
use super::problems::Problems;
use super::table::{Table, object};
use super::values::{Allowed, Config, MOST_CONTEXT_MESSAGES, StreamMode};

/// Reads everything that can be read; what cannot is a problem.
pub(super) fn read(json: &str, problems: &mut Problems) -> Option<Config> {
    let table = object(json)
        .map_err(|fault| problems.error("", fault, "Write a table [channels_config.qq]."))
        .ok()?;
    let mut table = Table {
        table: &table,
        problems,
    };
    table.unknown_keys();
    let (app_id, secret_name) = (table.app_id(), table.secret_name());
    let allowed = table.allowed();
    let sandbox = table.flag("sandbox").unwrap_or(false);
    let intents = table.intents();
    let stream_mode = table.stream_mode();
    let ack_reactions = table.flag("ack_reactions").unwrap_or(false);
    let interrupt_on_new_message = table.flag("interrupt_on_new_message").unwrap_or(false);
    let mention_only = table.flag("mention_only").unwrap_or(false);
    let context_messages = table.context_messages();
    let system_notes = table.flag("system_notes").unwrap_or(false);
    let guard = table.guard();
    let limits = table.limits();
    let (api, auth) = (table.base("api_base"), table.base("auth_base"));
    let older_bases = (api.is_none() && auth.is_none()).then(|| Bases::older(sandbox));
    let bases = Bases::new(sandbox, api, auth);
    let config = Config {
        app_id: app_id?,
        secret_name: secret_name?,
        allowed,
        sandbox,
        intents,
        stream_mode,
        ack_reactions,
        interrupt_on_new_message,
        mention_only,
        context_messages,
        system_notes,
        guard,
        limits,
        bases,
        older_bases,
    };
    Some(config)
}

impl Table<'_> {
    /// QQ docs, dev-prepare/access-token: the AppID is a decimal string.
    fn app_id(&mut self) -> Option<String> {
        const WHERE: &str =
            "The AppID stands in the console at q.qq.com, under development settings.";
        match self.value("app_id") {
            None => self.problems.error("app_id", "missing", WHERE),
            Some(Value::Number(n)) => {
                self.problems.error(
                    "app_id",
                    format!("{n} is a number"),
                    format!("Write it in quotes: \"{n}\"."),
                );
            }
            Some(Value::String(id)) if !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) => {
                return Some(id.clone());
            }
            Some(other) => self.problems.error(
                "app_id",
                format!("{other} is not a string of digits"),
                WHERE,
            ),
        }
        None
    }

    /// The host keeps the secret and leaves `{"$secret": "NAME"}` here.
    fn secret_name(&mut self) -> Option<String> {
        const BIND: &str =
            "Bind it in the manifest: [secrets.app_secret] from_config = \"app_secret\".";
        let Some(value) = self.value("app_secret") else {
            self.problems.error(
                "app_secret",
                "missing",
                "The AppSecret stands in the console at q.qq.com, beside the AppID.",
            );
            return None;
        };
        let name = value
            .get("$secret")
            .and_then(Value::as_str)
            .filter(|name| !name.is_empty());
        if name.is_none() {
            let message = if value.is_string() {
                "reached the sandbox in clear"
            } else {
                "is not a bound secret"
            };
            self.problems.error("app_secret", message, BIND);
        }
        name.map(str::to_owned)
    }

    fn allowed(&mut self) -> Allowed {
        let users: BTreeSet<String> = self
            .strings("allowed_users")
            .into_iter()
            .map(|(_, user)| user.to_owned())
            .collect();
        if users.contains("*") {
            return Allowed::Everyone;
        }
        if users.is_empty() {
            self.problems.warning(
                "allowed_users",
                "empty: pairing is active, and who is not bound is turned away",
                "Bind users with the code that `prx-channel pair` shows, list their openids, or \
                 write [\"*\"] for everyone.",
            );
        }
        Allowed::Listed(users)
    }

    fn stream_mode(&mut self) -> StreamMode {
        match self
            .value("stream_mode")
            .map(|value| (value, value.as_str()))
        {
            None | Some((_, Some("none"))) => StreamMode::None,
            Some((_, Some("typing"))) => StreamMode::Typing,
            Some((_, Some("stream"))) => StreamMode::Stream,
            Some((other, _)) => {
                self.problems.error(
                    "stream_mode",
                    format!("{other} is not a mode"),
                    "Write \"none\", \"typing\" or \"stream\".",
                );
                StreamMode::None
            }
        }
    }

    fn context_messages(&mut self) -> usize {
        let Some(value) = self.value("context_messages") else {
            return 0;
        };
        let number = value.as_u64().and_then(|n| usize::try_from(n).ok());
        number
            .filter(|n| *n <= MOST_CONTEXT_MESSAGES)
            .unwrap_or_else(|| {
                self.problems.error(
                    "context_messages",
                    format!("{value} is out of range"),
                    format!("Write a whole number from 0 to {MOST_CONTEXT_MESSAGES}."),
                );
                0
            })
    }

    fn base(&mut self, key: &str) -> Option<String> {
        let value = self.value(key)?;
        let checked = value
            .as_str()
            .ok_or("is not a string")
            .and_then(bases::parse);
        if let Err(fault) = checked {
            // A URL with user information would be repeated into a log.
            let shown = if fault.contains("user information") {
                "the URL".to_owned()
            } else {
                value.to_string()
            };
            self.problems.error(
                key,
                format!("{shown} {fault}"),
                "Write a base URL such as \"https://api.bot.qq.com\".",
            );
        }
        checked.ok()
    }
}
