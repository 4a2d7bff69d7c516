//! Plays a transcript line by line and compares what is done with what stands there.

use qq_channel::contract::Action;
use serde_json::{Value, json};

use crate::lines::line;
use crate::steps::play;
use crate::world::{HELLO, World};

const API: &str = "https://api.bot.qq.com";

/// A transcript that is being played.
#[derive(Default)]
pub struct Player {
    world: Option<World>,
    /// What the channel did since the last `>`.
    pending: Vec<String>,
    /// Everything since the last `>`, for `<!` and minor actions.
    all: Vec<String>,
}

/// Actions a transcript mentions only if it cares.
fn is_minor(line: &str) -> bool {
    let kind = line.split(' ').next().unwrap_or_default();
    [
        "timer",
        "cancel-timer",
        "put",
        "remove",
        "status",
        "note",
        "count",
    ]
    .contains(&kind)
}

impl Player {
    pub fn line(&mut self, line: &str) -> Result<(), String> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if let Some(_title) = line.strip_prefix("==") {
            self.finish()?;
            self.world = None;
            return Ok(());
        }
        match line.split_once(' ').unwrap_or((line, "")) {
            (">", happened) => self.happen(happened.trim()),
            ("<", expected) => self.expect(expected.trim()),
            ("<!", unwanted) => self.forbid(unwanted.trim()),
            _ => Err("a line begins with >, <, <!, == or #".to_owned()),
        }
    }

    /// Every action that is not minor must have been expected.
    pub fn finish(&self) -> Result<(), String> {
        if self.pending.is_empty() {
            return Ok(());
        }
        Err(format!(
            "not expected, but done before this line:\n  {}",
            self.pending.join("\n  ")
        ))
    }

    fn record(&mut self, actions: &[Action]) {
        self.all = actions.iter().map(line).collect();
        self.pending = self
            .all
            .iter()
            .filter(|line| !is_minor(line))
            .cloned()
            .collect();
    }

    fn expect(&mut self, expected: &str) -> Result<(), String> {
        if is_minor(expected) {
            let index = self.all.iter().position(|line| glob(expected, line));
            let index =
                index.ok_or_else(|| format!("not done; done was:\n  {}", self.all.join("\n  ")))?;
            self.all.remove(index);
            return Ok(());
        }
        if self
            .pending
            .first()
            .is_some_and(|line| glob(expected, line))
        {
            self.pending.remove(0);
            return Ok(());
        }
        Err(format!(
            "not done next; left was:\n  {}",
            self.pending.join("\n  ")
        ))
    }

    fn forbid(&self, unwanted: &str) -> Result<(), String> {
        match self.all.iter().find(|line| glob(unwanted, line)) {
            Some(line) => Err(format!("done: {line}")),
            None => Ok(()),
        }
    }

    fn happen(&mut self, happened: &str) -> Result<(), String> {
        self.finish()?;
        let (verb, rest) = happened.split_once(' ').unwrap_or((happened, ""));
        let actions = match verb {
            "start" => match World::start(&config(rest)) {
                Ok((world, actions)) => {
                    self.world = Some(world);
                    actions
                }
                Err(error) => {
                    self.all = vec![format!("refuse {error}")];
                    self.pending.clone_from(&self.all);
                    return Ok(());
                }
            },
            "online" => self.online(rest)?,
            _ => {
                let world = self
                    .world
                    .as_mut()
                    .ok_or("begin with > start or > online")?;
                play(world, verb, rest)?
            }
        };
        self.record(&actions);
        Ok(())
    }

    /// The way to READY, which other transcripts check.
    fn online(&mut self, overrides: &str) -> Result<Vec<Action>, String> {
        let (mut world, _) = World::start(&config(overrides))?;
        for (verb, rest) in [
            ("token", "7200"),
            (
                "answer",
                r#"gateway 200 {"url":"wss://api.bot.qq.com/websocket/"}"#,
            ),
            ("opened", ""),
            ("frame", HELLO),
            (
                "frame",
                r#"{"op":0,"s":1,"t":"READY","d":{"session_id":"S1","user":{"id":"6","username":"Bot"}}}"#,
            ),
        ] {
            play(&mut world, verb, rest)?;
        }
        self.world = Some(world);
        Ok(Vec::new())
    }
}

/// The default configuration with some keys replaced.
pub fn config(overrides: &str) -> String {
    let mut config = json!({
        "app_id": "102",
        "app_secret": {"$secret": "app_secret"},
        "allowed_users": ["*"],
        "intents": ["group_and_c2c"],
    });
    let overrides: Value = if overrides.is_empty() {
        json!({})
    } else {
        serde_json::from_str(overrides).expect("overrides are JSON")
    };
    for (key, value) in overrides.as_object().expect("overrides are an object") {
        config[key] = value.clone();
    }
    config.to_string()
}

/// `*` stands for any run of characters, `{api}` for the REST base.
fn glob(pattern: &str, text: &str) -> bool {
    let pattern = pattern.replace("{api}", API);
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.trim().is_empty();
    };
    for part in middle {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}
