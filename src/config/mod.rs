//! The table `[channels_config.qq]`, checked once and then trusted.

mod bases;
mod intents;
mod limits;
mod problems;
mod read;
mod schema;
mod subscriptions;
mod suggest;
mod table;
mod tags;
mod values;

pub(crate) use bases::{Bases, host_of};
pub(crate) use intents::{Intents, PRIVATE_GUILD_MESSAGES, PUBLIC_GUILD_MESSAGES};
pub(crate) use limits::{Limit, Limits};
pub(crate) use schema::schema;
pub(crate) use values::{Allowed, Config, StreamMode};

use crate::contract::{Problem, Severity};
use problems::Problems;

impl Config {
    /// Reads a configuration. Without errors among the problems there is one.
    pub(crate) fn parse(json: &str) -> (Option<Self>, Vec<Problem>) {
        let mut problems = Problems::default();
        let config = read::read(json, &mut problems);
        let problems = problems.into_sorted();
        let failed = problems.iter().any(|p| p.severity == Severity::Error);
        (config.filter(|_| !failed), problems)
    }
}

/// The errors among `problems` in one text, or the warnings.
pub(crate) fn summary(problems: &[Problem], severity: Severity) -> Option<String> {
    let lines: Vec<_> = problems
        .iter()
        .filter(|p| p.severity == severity)
        .map(|p| format!("{}: {}. {}", p.field, p.message, p.remedy))
        .collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::text::tags::{Guard, TagKind};

    /// A configuration that lets everyone in.
    pub(crate) fn config() -> Config {
        let json = r#"{"app_id":"102","app_secret":{"$secret":"app_secret"},
            "allowed_users":["*"],"intents":["group_and_c2c"]}"#;
        Config::parse(json).0.unwrap()
    }

    /// Problems of `json` as `severity field: message`.
    fn problems(json: &str) -> Vec<String> {
        let line =
            |p: Problem| format!("{:?} {}: {} / {}", p.severity, p.field, p.message, p.remedy);
        Config::parse(json).1.into_iter().map(line).collect()
    }

    #[test]
    fn reports_every_problem_at_once() {
        let found = problems(
            r#"{"app_id":102,"allowed_user":[],"sandbox":"yes","intents":["guilds","group_c2c",-7],
                "api_base":"ftp://x","stream_mode":"fast","ack_reactions":1}"#,
        )
        .join("\n");
        for part in [
            "Error app_id: 102 is a number",
            "Error app_secret: missing",
            "Error allowed_user: unknown key / Did you mean `allowed_users`?",
            "Error sandbox: \"yes\" is not true or false",
            "Error intents[1]: \"group_c2c\" is not an intent / Did you mean `group_and_c2c`?",
            "Error intents[2]: -7 is not an intent / Write a name in quotes",
            "Error api_base: \"ftp://x\"",
            "Error stream_mode: \"fast\"",
            "Error ack_reactions: 1 is not true or false",
        ] {
            assert!(found.contains(part), "missing {part} in\n{found}");
        }
    }

    #[test]
    fn limits_have_defaults_and_ranges() {
        let limits = |table: &str| {
            let json =
                format!(r#"{{"app_id":"1","app_secret":{{"$secret":"s"}},"limits":{table}}}"#);
            Config::parse(&json).0.map(|c| c.limits)
        };
        assert_eq!(limits("{}"), Some(Limits::default()));
        let set = limits(r#"{"c2c_replies":5,"text_units":4000}"#).unwrap();
        assert_eq!(
            (set.get(Limit::C2cReplies), set.get(Limit::TextUnits)),
            (5, 4_000)
        );
        for bad in [
            "[]",
            r#"{"c2c_replies":0}"#,
            r#"{"c2c_replies":"5"}"#,
            r#"{"c2c_reply":5}"#,
            r#"{"keep_secs":-1}"#,
        ] {
            assert_eq!(limits(bad), None, "{bad}");
        }
    }

    #[test]
    fn active_tags_are_named_and_none_is_the_default() {
        let parse = |tags: &str| {
            let json =
                format!(r#"{{"app_id":"1","app_secret":{{"$secret":"s"}},"active_tags":{tags}}}"#);
            Config::parse(&json).0.map(|c| c.guard)
        };
        assert_eq!(parse("[]"), Some(Guard::default()));
        assert_eq!(parse("null"), Some(Guard::default()));
        let mention = Guard::default().allowing(TagKind::Mention);
        assert_eq!(parse(r#"["mention"]"#), Some(mention));
        let both = mention.allowing(TagKind::Command);
        assert_eq!(parse(r#"["command", "mention"]"#), Some(both));
        for bad in [r#"["mentions"]"#, r#"["*"]"#, r#""mention""#, "[1]", "true"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn intents_may_be_numbers() {
        let parse = |intents: &str| {
            let json =
                format!(r#"{{"app_id":"1","app_secret":{{"$secret":"s"}},"intents":{intents}}}"#);
            Config::parse(&json).0.map(|c| c.intents.mask())
        };
        assert_eq!(parse(r#"["group_and_c2c", 4096]"#), Some(1 << 25 | 1 << 12));
        assert_eq!(parse("[4294967295]"), Some(u32::MAX));
        for bad in ["[0]", "[4294967296]", "[1.5]", "[-1]", "[true]", "7", "[]"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        let found = problems(r#"{"app_id":"1","app_secret":{"$secret":"s"},"intents":[2052]}"#);
        let found = found.join("\n");
        assert!(
            found.contains("Warning intents[0]: 4, 2048 is in no doc"),
            "{found}"
        );
    }

    #[test]
    fn never_repeats_a_secret_that_came_in_clear() {
        let found = problems(r#"{"app_id":"1","app_secret":"hunter2"}"#).join("\n");
        assert!(found.contains("reached the sandbox in clear"), "{found}");
        assert!(!found.contains("hunter2"), "{found}");
    }

    #[test]
    fn defaults_are_the_published_ones_and_warn_about_what_will_not_arrive() {
        let json = r#"{"app_id":"1","app_secret":{"$secret":"app_secret"}}"#;
        let (config, _) = Config::parse(json);
        let config = config.unwrap();
        assert_eq!(
            config.intents.names(),
            "guilds, guild_messages, direct_messages"
        );
        assert_eq!(config.bases.api, "https://api.bot.qq.com");
        assert_eq!(config.bases.auth, "https://api.bot.qq.com");
        let found = problems(json).join("\n");
        assert!(
            found.contains("Warning allowed_users: empty: pairing is active"),
            "{found}"
        );
        assert!(found.contains("Warning intents"), "{found}");
    }

    #[test]
    fn sandbox_moves_rest_and_leaves_the_token_endpoint() {
        let json = r#"{"app_id":"1","app_secret":{"$secret":"s"},"sandbox":true}"#;
        let bases = Config::parse(json).0.unwrap().bases;
        assert_eq!(bases.api, "https://sandbox.api.sgroup.qq.com");
        assert_eq!(bases.auth, "https://api.bot.qq.com");
    }

    #[test]
    fn a_base_is_a_plain_url() {
        let parse = |base: &str| {
            let json =
                format!(r#"{{"app_id":"1","app_secret":{{"$secret":"s"}},"api_base":{base:?}}}"#);
            Config::parse(&json).0.map(|c| c.bases.api)
        };
        assert_eq!(
            parse("http://127.0.0.1:8080/").as_deref(),
            Some("http://127.0.0.1:8080")
        );
        assert_eq!(
            parse("https://x.test/qq/").as_deref(),
            Some("https://x.test/qq")
        );
        for bad in [
            "x.test",
            "https://",
            "https://u:p@x.test",
            "https://x.test?a=1",
            "https://x .test",
            "https://x#y",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_not_json_is_one_problem() {
        assert_eq!(problems("[").len(), 1);
        assert_eq!(problems("[]").len(), 1);
    }
}
