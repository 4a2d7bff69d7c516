//! Rules and bots, changed while running.

use std::sync::Arc;

use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Mistake, Outcome, parse};
use crate::rest::answer::{Answer, JsonBody};
use crate::rules::Rules;
use crate::rules::config::{Bot, Standing};
use crate::server::hub::Hub;

/// Any subset of the rules; the answer is all of them.
pub(super) async fn change_rules(
    State(hub): State<Arc<Hub>>,
    JsonBody(change): JsonBody,
) -> Outcome {
    hub.change(|world| {
        let rules = merged(&world.config.rules, change)?;
        world.config.rules = rules;
        Ok(Answer(json!(world.config.rules)))
    })
}

fn merged(rules: &Rules, change: Value) -> Result<Rules, Mistake> {
    let mut all = json!(rules);
    match (&mut all, change) {
        (Value::Object(all), Value::Object(change)) => all.extend(change),
        _ => return Err(Mistake("expected an object".to_owned())),
    }
    parse(all)
}

/// Fields of a bot that can change; absent ones stay.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BotChange {
    intents: Option<u32>,
    standing: Option<Standing>,
    certified: Option<bool>,
    proactive: Option<bool>,
    markdown: Option<bool>,
    guild_markdown: Option<bool>,
    guild_admin: Option<bool>,
    ark: Option<bool>,
}

impl BotChange {
    fn apply(self, bot: &mut Bot) {
        bot.intents = self.intents.unwrap_or(bot.intents);
        bot.standing = self.standing.unwrap_or(bot.standing);
        bot.certified = self.certified.unwrap_or(bot.certified);
        bot.proactive = self.proactive.unwrap_or(bot.proactive);
        bot.markdown = self.markdown.unwrap_or(bot.markdown);
        bot.guild_markdown = self.guild_markdown.unwrap_or(bot.guild_markdown);
        bot.ark = self.ark.unwrap_or(bot.ark);
        bot.guild_admin = self.guild_admin.unwrap_or(bot.guild_admin);
    }
}

pub(super) async fn change_bot(
    State(hub): State<Arc<Hub>>,
    Path(app_id): Path<String>,
    JsonBody(body): JsonBody,
) -> Outcome {
    let change: BotChange = parse(body)?;
    hub.change(|world| {
        let bot = world
            .config
            .bots
            .iter_mut()
            .find(|bot| bot.app_id == app_id);
        let bot = bot.ok_or_else(|| Mistake("no such bot".to_owned()))?;
        change.apply(bot);
        Ok(Answer(json!({})))
    })
}
