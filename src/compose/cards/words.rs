//! Cards as text, for scenes and bots that may not send them. Pictures and the
//! text of the notification are left out.

use crate::contract::{Ark, ArkEntry, Button, ButtonAction, Card, Embed, Keyboard, NamedValue};

/// The content of a card, as markdown.
pub(crate) fn in_words(card: &Card) -> String {
    match card {
        Card::Embed(embed) => embed_in_words(embed),
        Card::Ark(ark) => ark_in_words(ark),
        Card::Keyboard(keyboard) => buttons_in_words(keyboard),
    }
}

fn embed_in_words(embed: &Embed) -> String {
    let fields: Vec<String> = embed
        .fields
        .iter()
        .map(|line| format!("- {line}"))
        .collect();
    paragraphs([
        bold(&embed.title),
        embed.description.clone().unwrap_or_default(),
        fields.join("\n"),
    ])
}

/// Keys of the templates in the order in which they are read; what is in none of
/// them comes between.
const TITLES: [&str; 2] = ["#TITLE#", "#METATITLE#"];
const TEXTS: [&str; 4] = ["#SUBTITLE#", "#METASUBTITLE#", "#DESC#", "#METADESC#"];
const LINKS: [&str; 2] = ["#LINK#", "#METAURL#"];
const UNSAID: [&str; 3] = ["#PROMPT#", "#IMG#", "#METACOVER#"];

fn ark_in_words(ark: &Ark) -> String {
    let value = |key: &str| {
        let entry = ark.entries.iter().find(|entry| entry.key == key)?;
        entry.value.clone()
    };
    let is_other = |entry: &&ArkEntry| {
        let key = entry.key.as_str();
        let known = [&TITLES[..], &TEXTS, &LINKS, &UNSAID];
        !known.iter().any(|keys| keys.contains(&key))
    };
    let others = ark.entries.iter().filter(is_other);
    let rows = ark.entries.iter().flat_map(|entry| &entry.rows);
    let rows: Vec<String> = rows.map(|row| row_in_words(row)).collect();
    let words = TITLES
        .into_iter()
        .filter_map(value)
        .map(|title| bold(&title));
    let words = words
        .chain(TEXTS.into_iter().filter_map(value))
        .chain(others.filter_map(|entry| entry.value.clone()))
        .chain([rows.join("\n")])
        .chain(LINKS.into_iter().filter_map(value));
    match paragraphs(words).as_str() {
        "" => value("#PROMPT#").unwrap_or_default(),
        words => words.to_owned(),
    }
}

fn row_in_words(row: &[NamedValue]) -> String {
    let texts = row.iter().filter(|value| value.name != "link");
    let texts: Vec<&str> = texts.map(|value| value.value.as_str()).collect();
    let link = row.iter().find(|value| value.name == "link");
    let link = link.map_or("", |link| link.value.as_str());
    let texts = texts.join(", ");
    match (texts.as_str(), link) {
        (texts, "") => format!("- {texts}"),
        ("", link) => format!("- {link}"),
        (texts, link) => format!("- {texts}: {link}"),
    }
}

/// Buttons as a numbered list: the user writes what he would have pressed.
pub(crate) fn buttons_in_words(keyboard: &Keyboard) -> String {
    let line = |(nth, button): (usize, &Button)| {
        let number = nth + 1;
        let label = button.label.trim();
        match button.action {
            _ if label.is_empty() => format!("{number}. {}", button.data),
            ButtonAction::OpenUrl => format!("{number}. {label}: {}", button.data),
            ButtonAction::FillInput if button.data != label => {
                format!("{number}. {label} → {}", button.data)
            }
            ButtonAction::FillInput | ButtonAction::Callback => format!("{number}. {label}"),
        }
    };
    let buttons = keyboard.rows.iter().flatten().enumerate();
    buttons.map(line).collect::<Vec<_>>().join("\n")
}

fn bold(title: &str) -> String {
    match title.trim() {
        "" => String::new(),
        title => format!("**{title}**"),
    }
}

fn paragraphs(paragraphs: impl IntoIterator<Item = String>) -> String {
    let paragraphs = paragraphs.into_iter();
    let there = paragraphs.filter(|words| !words.trim().is_empty());
    there.collect::<Vec<_>>().join("\n\n")
}
