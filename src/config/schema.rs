//! JSON Schema of the configuration, for hosts that draw forms or check early.

use serde_json::json;

use super::limits::Limits;
use super::values::MOST_CONTEXT_MESSAGES;
use super::{intents, tags};

/// Draft 2020-12, as text. `x-inherit`: an unset property takes the value of the
/// same key of the table above.
pub(crate) fn schema() -> String {
    let flag = |description: &str| json!({"type": "boolean", "default": false, "description": description});
    let base = |description: &str| json!({"type": "string", "pattern": "^https?://[^@?#\\s]+$", "description": description});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "QQ",
        "type": "object",
        "additionalProperties": false,
        "required": ["app_id", "app_secret"],
        "properties": {
            "app_id": {"type": "string", "pattern": "^[0-9]+$", "description": "Application id from the console at q.qq.com."},
            "app_secret": {"description": "Application secret. The host keeps it and passes {\"$secret\": NAME}.",
                "type": ["object", "string"], "x-secret": true},
            "allowed_users": {"type": "array", "items": {"type": "string"}, "default": [],
                "description": "Openids that may talk to the bot; \"*\" lets everyone in, none means pairing."},
            "sandbox": flag("Use the sandbox."),
            "intents": {"type": "array", "default": intents::DEFAULT,
                "items": {"anyOf": [{"enum": intents::NAMES}, {"type": "integer", "minimum": 1, "maximum": u32::MAX}]},
                "description": "Event subscriptions by name; a number stands for its bits."},
            "stream_mode": {"enum": ["none", "typing", "stream"], "default": "none",
                "description": "What the user sees while a reply is being made."},
            "interrupt_on_new_message": flag("A new message of the same sender cancels the turn in flight."),
            "mention_only": flag("In groups, answer only messages that address the bot."),
            "context_messages": {"type": "integer", "default": 0, "minimum": 0, "maximum": MOST_CONTEXT_MESSAGES,
                "description": "With mention_only: so many earlier messages of the chat come with the one that addresses the bot."},
            "system_notes": flag("Tell the agent of friends, members, reactions and the like."),
            "ack_reactions": {"type": "boolean", "x-inherit": true, "description": "React to confirm receipt."},
            "api_base": base("REST base, instead of the platform's."),
            "auth_base": base("Base of the token endpoint, instead of the platform's."),
            "active_tags": {"type": "array", "items": {"enum": tags::names()}, "default": [],
                "description": "Kinds of QQ's tags that an agent may write; all others are made harmless."},
            "limits": Limits::schema(),
        },
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::config::table::KEYS;

    #[test]
    fn describes_exactly_the_keys_that_are_read() {
        let schema: serde_json::Value = serde_json::from_str(&schema()).unwrap();
        let described: Vec<_> = schema
            .get("properties")
            .unwrap()
            .as_object()
            .unwrap()
            .keys()
            .collect();
        let mut keys = KEYS.to_vec();
        keys.sort_unstable();
        assert_eq!(described, keys);
    }
}
