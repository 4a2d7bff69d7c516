//! The platform's limits, as data: what it documents, cautious where its pages
//! disagree, and changeable in the table `limits`.
//!
//! QQ docs, server-inter/message/overview (windows, replies, quotas).

use serde_json::Value;

use super::table::{Table, did_you_mean};

/// One limit: its key, and the values it may have.
#[derive(Clone, Copy, Debug)]
struct Row {
    key: &'static str,
    default: u32,
    least: u32,
    most: u32,
    meaning: &'static str,
}

/// Names a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    TextUnits,
    C2cReplies,
    C2cWindowSecs,
    GroupReplies,
    GroupWindowSecs,
    GuildWindowSecs,
    C2cPerSecond,
    GroupPerSecond,
    ChannelPerSecond,
    DmPerSecond,
    PushPerMinute,
    PushPerDay,
    BotPushPerMinute,
    ChannelPushPerDay,
    GuildPushChannels,
    DmPushPerDay,
    BotDmPushPerDay,
    KeepSecs,
}

const COUNT: usize = 18;

const fn row(key: &'static str, default: u32, least: u32, most: u32, meaning: &'static str) -> Row {
    Row {
        key,
        default,
        least,
        most,
        meaning,
    }
}

const DAY_SECS: u32 = 86_400;

/// In the order of [`Limit`].
#[rustfmt::skip]
const TABLE: [Row; COUNT] = [
    row("text_units", 2_048, 100, 20_000, "UTF-16 code units in one message"),
    row("c2c_replies", 4, 1, 100, "replies to one private message; older pages say 5"),
    row("c2c_window_secs", 3_600, 10, DAY_SECS, "how long a private message can be answered"),
    row("group_replies", 5, 1, 100, "replies to one group message"),
    row("group_window_secs", 300, 10, DAY_SECS, "how long a group message can be answered"),
    row("guild_window_secs", 300, 10, DAY_SECS, "how long a guild message can be answered"),
    row("c2c_per_second", 2, 1, 100, "messages to one user"),
    row("group_per_second", 5, 1, 100, "messages to one group"),
    row("channel_per_second", 5, 1, 100, "messages to the channels of one guild"),
    row("dm_per_second", 2, 1, 100, "messages to one guild direct chat"),
    row("push_per_minute", 20, 0, 10_000, "unasked messages to one user or group"),
    row("push_per_day", 1_000, 0, 100_000, "unasked messages to one user or group"),
    row("bot_push_per_minute", 30, 0, 10_000, "unasked messages of the bot to users, and to groups; a certified bot may send 60 and more"),
    row("channel_push_per_day", 20, 0, 10_000, "unasked messages to one channel"),
    row("guild_push_channels", 2, 0, 10_000, "channels of a guild that get unasked messages in a day"),
    row("dm_push_per_day", 2, 0, 10_000, "unasked messages to one guild direct chat"),
    row("bot_dm_push_per_day", 200, 0, 100_000, "unasked messages of the bot to guild direct chats"),
    row("keep_secs", DAY_SECS, 0, 30 * DAY_SECS, "how long a reply that cannot be sent is kept for the next message of its chat; 0 keeps none"),
];

/// The limits in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits([u32; COUNT]);

impl Default for Limits {
    fn default() -> Self {
        Self(TABLE.map(|row| row.default))
    }
}

impl Limits {
    /// The value of a limit.
    pub(crate) fn get(&self, limit: Limit) -> u32 {
        // The enumeration has as many cases as the table has rows; a test
        // compares them.
        self.0.get(limit as usize).copied().unwrap_or_default()
    }

    /// In milliseconds, for a limit in seconds.
    pub(crate) fn ms(&self, limit: Limit) -> u64 {
        u64::from(self.get(limit)) * 1_000
    }

    /// Properties of the JSON Schema.
    pub(super) fn schema() -> Value {
        let property = |row: &Row| {
            let schema = serde_json::json!({"type": "integer", "default": row.default,
                "minimum": row.least, "maximum": row.most, "description": row.meaning});
            (row.key.to_owned(), schema)
        };
        let properties: serde_json::Map<_, _> = TABLE.iter().map(property).collect();
        serde_json::json!({"type": "object", "additionalProperties": false,
            "description": "The platform's limits, if they differ for this bot.",
            "properties": properties})
    }
}

impl Table<'_> {
    /// The table `limits`.
    pub(super) fn limits(&mut self) -> Limits {
        let mut limits = Limits::default();
        let Some(value) = self.value("limits") else {
            return limits;
        };
        let Some(table) = value.as_object() else {
            self.problems.error(
                "limits",
                "not a table",
                "Write [channels_config.qq.limits] with a line for each limit.",
            );
            return limits;
        };
        for (key, value) in table {
            self.limit(key, value, &mut limits);
        }
        limits
    }

    fn limit(&mut self, key: &str, value: &Value, limits: &mut Limits) {
        let field = format!("limits.{key}");
        let Some(index) = TABLE.iter().position(|row| row.key == key) else {
            let keys = TABLE.map(|row| row.key);
            return self
                .problems
                .error(&field, "unknown limit", did_you_mean(key, &keys));
        };
        // `index` was found in a table of the same length.
        let (Some(row), Some(slot)) = (TABLE.get(index), limits.0.get_mut(index)) else {
            return;
        };
        let number = value.as_u64().and_then(|n| u32::try_from(n).ok());
        match number.filter(|n| (row.least..=row.most).contains(n)) {
            Some(number) => *slot = number,
            None => self.problems.error(
                &field,
                format!("{value} is out of range"),
                format!("Write a whole number from {} to {}.", row.least, row.most),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_and_the_names_agree() {
        let limits = Limits::default();
        assert_eq!(Limit::KeepSecs as usize, COUNT - 1);
        for (limit, key) in [
            (Limit::TextUnits, "text_units"),
            (Limit::C2cPerSecond, "c2c_per_second"),
            (Limit::PushPerMinute, "push_per_minute"),
            (Limit::BotDmPushPerDay, "bot_dm_push_per_day"),
            (Limit::KeepSecs, "keep_secs"),
        ] {
            let row = TABLE.iter().position(|row| row.key == key);
            assert_eq!(row, Some(limit as usize), "{key}");
        }
        assert_eq!(limits.ms(Limit::C2cWindowSecs), 3_600_000);
        for row in TABLE {
            assert!((row.least..=row.most).contains(&row.default), "{}", row.key);
        }
    }
}
