//! Cards as an agent writes them in JSON: what stands in a fenced block.
//! `docs/cards.md` describes it.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::contract::{
    Ark, ArkEntry, Button, ButtonAction, ButtonAudience, Card, Embed, Keyboard, NamedValue,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EmbedBlock {
    title: String,
    prompt: Option<String>,
    description: Option<String>,
    thumbnail: Option<String>,
    #[serde(default)]
    fields: Vec<String>,
}

/// Its other fields are the template's keys, in lower case and without `#`.
#[derive(Deserialize)]
struct ArkBlock {
    template: u32,
    #[serde(flatten)]
    entries: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyboardBlock {
    rows: Vec<Vec<ButtonBlock>>,
}

/// One of `url`, `callback` and `input`; one of `admins`, `users` and `roles` at
/// most.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ButtonBlock {
    label: String,
    id: Option<String>,
    visited: Option<String>,
    #[serde(default)]
    primary: bool,
    url: Option<String>,
    callback: Option<String>,
    input: Option<String>,
    #[serde(default)]
    admins: bool,
    users: Option<Vec<String>>,
    roles: Option<Vec<String>>,
}

/// The card of a block of this kind, or what is wrong with it, in words that hold
/// nothing of it.
pub(crate) fn read(kind: Kind, json: &str) -> Result<Card, String> {
    match kind {
        Kind::Embed => Ok(embed(parse(json)?)),
        Kind::Ark => ark(parse(json)?),
        Kind::Keyboard => keyboard(parse(json)?),
    }
}

/// A kind of block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Embed,
    Ark,
    Keyboard,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Embed, Self::Ark, Self::Keyboard];

    /// How a fence spells it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Embed => "qq-embed",
            Self::Ark => "qq-ark",
            Self::Keyboard => "qq-keyboard",
        }
    }
}

/// The reader's own words would repeat what was written.
fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| {
        let what = if error.is_data() {
            "a field is missing, unknown or of the wrong type"
        } else {
            "it is not JSON"
        };
        match (error.line(), error.column()) {
            (0, _) => what.to_owned(),
            (line, column) => format!("{what} (line {line}, column {column} of the block)"),
        }
    })
}

fn embed(block: EmbedBlock) -> Card {
    Card::Embed(Embed {
        title: block.title,
        prompt: block.prompt,
        description: block.description,
        thumbnail_url: block.thumbnail,
        fields: block.fields,
    })
}

fn ark(block: ArkBlock) -> Result<Card, String> {
    let entries = block.entries.into_iter().map(|(name, value)| {
        let key = format!("#{}#", name.to_uppercase());
        match value {
            Value::String(value) => Ok(ArkEntry {
                key,
                value: Some(value),
                rows: Vec::new(),
            }),
            Value::Array(rows) => Ok(ArkEntry {
                key,
                value: None,
                rows: rows.into_iter().map(row).collect::<Result<_, _>>()?,
            }),
            _ => Err("a field is neither text nor a list of rows".to_owned()),
        }
    });
    Ok(Card::Ark(Ark {
        template_id: block.template,
        entries: entries.collect::<Result<_, _>>()?,
    }))
}

fn row(value: Value) -> Result<Vec<NamedValue>, String> {
    let wrong = || "a row is not an object of texts".to_owned();
    let Value::Object(fields) = value else {
        return Err(wrong());
    };
    let field = |(name, value)| match value {
        Value::String(value) => Ok(NamedValue { name, value }),
        _ => Err(wrong()),
    };
    fields.into_iter().map(field).collect()
}

fn keyboard(block: KeyboardBlock) -> Result<Card, String> {
    let mut number = 0;
    let mut named = |block: ButtonBlock| {
        number += 1;
        button(block, number)
    };
    let rows = block.rows.into_iter();
    let rows = rows.map(|row| row.into_iter().map(&mut named).collect());
    Ok(Card::Keyboard(Keyboard {
        rows: rows.collect::<Result<_, String>>()?,
    }))
}

fn button(block: ButtonBlock, number: usize) -> Result<Button, String> {
    let (action, data) = match (block.url, block.callback, block.input) {
        (Some(url), None, None) => (ButtonAction::OpenUrl, url),
        (None, Some(data), None) => (ButtonAction::Callback, data),
        (None, None, Some(text)) => (ButtonAction::FillInput, text),
        _ => return Err("a button has one of url, callback and input".to_owned()),
    };
    let (audience, audience_ids) = match (block.admins, block.users, block.roles) {
        (false, None, None) => (ButtonAudience::Everyone, Vec::new()),
        (true, None, None) => (ButtonAudience::Admins, Vec::new()),
        (false, Some(users), None) => (ButtonAudience::ListedUsers, users),
        (false, None, Some(roles)) => (ButtonAudience::ListedRoles, roles),
        _ => return Err("a button has at most one of admins, users and roles".to_owned()),
    };
    Ok(Button {
        id: block.id.unwrap_or_else(|| format!("b{number}")),
        label: block.label,
        visited_label: block.visited,
        emphasised: block.primary,
        action,
        data,
        audience,
        audience_ids,
    })
}
