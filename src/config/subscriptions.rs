//! Reads the key `intents`.

use serde_json::Value;

use super::intents::{self, Intents};
use super::table::{Table, did_you_mean};

impl Table<'_> {
    /// What to subscribe to.
    pub(super) fn intents(&mut self) -> Intents {
        let mut chosen = Intents::default();
        match self.value("intents") {
            None => intents::DEFAULT
                .iter()
                .filter_map(|name| Intents::named(name))
                .for_each(|intent| chosen.insert(intent)),
            Some(Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.intent(&format!("intents[{index}]"), item, &mut chosen);
                }
            }
            Some(_) => self.problems.error(
                "intents",
                "not a list",
                "Write intents = [\"group_and_c2c\"].",
            ),
        }
        self.check_intents(chosen);
        chosen
    }

    /// A name, or the number of one or more bits for those who know them.
    fn intent(&mut self, field: &str, item: &Value, chosen: &mut Intents) {
        let found = match item {
            Value::String(name) => Intents::named(name.trim()),
            Value::Number(number) => number
                .as_u64()
                .and_then(|mask| u32::try_from(mask).ok())
                .map(Intents::of)
                .filter(|mask| !mask.is_empty()),
            _ => None,
        };
        let Some(intent) = found else {
            let remedy = match item {
                Value::String(name) => did_you_mean(name.trim(), &intents::NAMES),
                _ => "Write a name in quotes, or the bits as a number from 1 to 4294967295."
                    .to_owned(),
            };
            return self
                .problems
                .error(field, format!("{item} is not an intent"), remedy);
        };
        let unknown = intent.unknown();
        if !unknown.is_empty() {
            self.problems.warning(
                field,
                format!("{} is in no documentation", unknown.names()),
                "The platform may refuse it; then the channel leaves it out.",
            );
        }
        chosen.insert(intent);
    }

    fn check_intents(&mut self, chosen: Intents) {
        if chosen.is_empty() {
            self.problems.error(
                "intents",
                "no intent is left",
                "Name at least one, such as \"group_and_c2c\".",
            );
        } else if !chosen.has_group_and_c2c() {
            self.problems.warning(
                "intents",
                format!(
                    "{} without group_and_c2c: private (C2C) and group messages will not arrive",
                    chosen.names()
                ),
                "Add \"group_and_c2c\" once the bot has that permission in the console.",
            );
        }
    }
}
