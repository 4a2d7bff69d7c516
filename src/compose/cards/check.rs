//! What makes a card whole. The platform would refuse the rest, or show nothing.

use crate::contract::{Ark, ArkEntry, Button, ButtonAction, ButtonAudience, Card, Embed, Keyboard};

/// Rows of a keyboard, and buttons of a row (QQ docs, server-inter/message/trans/msg-btn).
const MOST_ROWS: usize = 5;
/// Characters of a button's label, same page.
const LONGEST_LABEL: usize = 10;
/// No page names limits for these; long cards are refused with 304005.
const LONGEST_TEXT: usize = 1_000;
const MOST_LINES: usize = 20;

/// A template: its number, and its keys. One key of a template is a list.
struct Template {
    id: u32,
    keys: &'static [&'static str],
    /// One of these at least shows something.
    shown: &'static [&'static str],
}

/// QQ docs, server-inter/message/type/template: the templates open to every bot.
const TEMPLATES: [Template; 3] = [
    Template {
        id: 23,
        keys: &["#DESC#", "#PROMPT#", "#LIST#"],
        shown: &["#DESC#", "#LIST#"],
    },
    Template {
        id: 24,
        keys: &[
            "#DESC#",
            "#PROMPT#",
            "#TITLE#",
            "#METADESC#",
            "#IMG#",
            "#LINK#",
            "#SUBTITLE#",
        ],
        shown: &["#TITLE#", "#METADESC#", "#DESC#"],
    },
    Template {
        id: 37,
        keys: &[
            "#PROMPT#",
            "#METATITLE#",
            "#METASUBTITLE#",
            "#METACOVER#",
            "#METAURL#",
        ],
        shown: &["#METATITLE#", "#METASUBTITLE#", "#METACOVER#"],
    },
];

const LIST: &str = "#LIST#";
const ADDRESSES: [&str; 4] = ["#IMG#", "#LINK#", "#METACOVER#", "#METAURL#"];

/// What is wrong with a card, in words that hold nothing of it.
pub(crate) fn check(card: &Card) -> Result<(), String> {
    match card {
        Card::Embed(embed) => check_embed(embed),
        Card::Ark(ark) => check_ark(ark),
        Card::Keyboard(keyboard) => check_keyboard(keyboard),
    }
}

fn check_embed(embed: &Embed) -> Result<(), String> {
    text("the title", &embed.title)?;
    if embed.fields.len() > MOST_LINES {
        return Err(format!("there are more than {MOST_LINES} fields"));
    }
    for (nth, field) in embed.fields.iter().enumerate() {
        text(&format!("field {}", nth + 1), field)?;
    }
    for (what, value) in [
        ("the prompt", &embed.prompt),
        ("the description", &embed.description),
    ] {
        value.as_ref().map_or(Ok(()), |value| text(what, value))?;
    }
    let thumbnail = embed.thumbnail_url.as_deref();
    thumbnail.map_or(Ok(()), |url| address("the thumbnail", url))
}

fn check_ark(ark: &Ark) -> Result<(), String> {
    let template = TEMPLATES.iter().find(|t| t.id == ark.template_id);
    let template = template.ok_or("the template is not 23, 24 or 37")?;
    for (nth, entry) in ark.entries.iter().enumerate() {
        let Some(key) = template.keys.iter().find(|key| **key == entry.key) else {
            let keys = template.keys.join(", ");
            return Err(format!("template {} has only {keys}", template.id));
        };
        if ark.entries.iter().take(nth).any(|other| other.key == *key) {
            return Err(format!("{key} is there twice"));
        }
        check_entry(key, entry)?;
    }
    let shown = |entry: &ArkEntry| template.shown.contains(&entry.key.as_str());
    if ark.entries.iter().any(shown) {
        return Ok(());
    }
    Err(format!("one of {} is needed", template.shown.join(", ")))
}

fn check_entry(key: &str, entry: &ArkEntry) -> Result<(), String> {
    match (&entry.value, key == LIST) {
        (None, true) => check_rows(entry),
        (Some(value), false) if entry.rows.is_empty() => {
            text(key, value)?;
            if ADDRESSES.contains(&key) {
                address(key, value)?;
            }
            Ok(())
        }
        (_, true) => Err(format!("{key} holds rows and no value")),
        _ => Err(format!("{key} holds a value and no rows")),
    }
}

fn check_rows(entry: &ArkEntry) -> Result<(), String> {
    if entry.rows.is_empty() || entry.rows.len() > MOST_LINES {
        return Err(format!("{LIST} has 1 to {MOST_LINES} rows"));
    }
    for row in &entry.rows {
        for value in row {
            match value.name.as_str() {
                "desc" => text("a row's desc", &value.value)?,
                "link" => address("a row's link", &value.value)?,
                _ => return Err("a row has desc and link, and nothing else".to_owned()),
            }
        }
        if !row.iter().any(|value| value.name == "desc") {
            return Err("a row has no desc".to_owned());
        }
    }
    Ok(())
}

fn check_keyboard(keyboard: &Keyboard) -> Result<(), String> {
    let rows = &keyboard.rows;
    if rows.is_empty() || rows.len() > MOST_ROWS {
        return Err(format!("a keyboard has 1 to {MOST_ROWS} rows"));
    }
    if rows
        .iter()
        .any(|row| row.is_empty() || row.len() > MOST_ROWS)
    {
        return Err(format!("a row has 1 to {MOST_ROWS} buttons"));
    }
    let mut ids = Vec::new();
    for button in rows.iter().flatten() {
        if ids.contains(&&button.id) {
            return Err("two buttons have the same id".to_owned());
        }
        ids.push(&button.id);
        check_button(button)?;
    }
    Ok(())
}

fn check_button(button: &Button) -> Result<(), String> {
    text("a button's id", &button.id)?;
    let visited = button.visited_label.iter();
    for label in visited.chain([&button.label]) {
        let length = label.chars().count();
        if label.trim().is_empty() || length > LONGEST_LABEL {
            return Err(format!("a label has 1 to {LONGEST_LABEL} characters"));
        }
    }
    match button.action {
        ButtonAction::OpenUrl => address("a button's url", &button.data)?,
        ButtonAction::Callback | ButtonAction::FillInput => text("a button's data", &button.data)?,
    }
    let listed = matches!(
        button.audience,
        ButtonAudience::ListedUsers | ButtonAudience::ListedRoles
    );
    if listed && button.audience_ids.is_empty() {
        return Err("a button for listed people lists nobody".to_owned());
    }
    Ok(())
}

fn text(what: &str, value: &str) -> Result<(), String> {
    match value.trim() {
        "" => Err(format!("{what} is empty")),
        _ if value.chars().count() > LONGEST_TEXT => {
            Err(format!("{what} has more than {LONGEST_TEXT} characters"))
        }
        _ => Ok(()),
    }
}

fn address(what: &str, value: &str) -> Result<(), String> {
    let rest = value
        .strip_prefix("https://")
        .or_else(|| value.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !value.contains(char::is_whitespace) => text(what, value),
        _ => Err(format!("{what} is not an http(s) address")),
    }
}
