//! What starts, and what does not.

use proptest::prelude::*;
use qq_channel::contract::Severity;

use crate::world::{World, cases};

/// A table with some keys, right and wrong.
fn config() -> impl Strategy<Value = String> {
    let keys = vec![
        "allowed_users",
        "sandbox",
        "intents",
        "stream_mode",
        "mention_only",
        "context_messages",
        "system_notes",
        "api_base",
        "auth_base",
        "ack_reactions",
        "interrupt_on_new_message",
        "app_id",
        "surprise",
    ];
    let values = vec![
        "true",
        "null",
        "7",
        "\"\"",
        "\"none\"",
        "\"https://x.test\"",
        "\"102\"",
        "[]",
        "[\"guilds\"]",
        "[\"*\",1]",
        "{}",
    ];
    let entry = (prop::sample::select(keys), prop::sample::select(values));
    prop::collection::vec(entry, 0..4).prop_map(|entries| {
        let mut table =
            serde_json::json!({"app_id": "102", "app_secret": {"$secret": "app_secret"}});
        for (key, value) in entries {
            table[key] = serde_json::from_str(value).unwrap();
        }
        table.to_string()
    })
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn a_configuration_without_errors_starts_and_any_other_does_not(config in config()) {
        let problems = qq_channel::validate(&config);
        let refused = problems.iter().any(|problem| problem.severity == Severity::Error);
        prop_assert_eq!(World::start(&config).is_err(), refused, "{}", config);
    }
}
