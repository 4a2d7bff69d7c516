//! Cards as text, for scenes and bots that may not send them. Pictures and the
//! text of the notification are left out.

use crate::contract::{Ark, Button, ButtonAction, Card, Embed, Keyboard, NamedValue};

/// The content of a card, as markdown.
pub(in crate::outbound) fn in_words(card: &Card) -> String {
    match card {
        Card::Embed(embed) => embed_in_words(embed),
        Card::Ark(ark) => ark_in_words(ark),
        Card::Keyboard(keyboard) => buttons_in_words(keyboard),
    }
}

fn embed_in_words(embed: &Embed) -> String {
    let title = Some(format!("**{}**", embed.title));
    let fields: Vec<String> = embed
        .fields
        .iter()
        .map(|line| format!("- {line}"))
        .collect();
    let fields = (!fields.is_empty()).then(|| fields.join("\n"));
    paragraphs([title, embed.description.clone(), fields])
}

fn ark_in_words(ark: &Ark) -> String {
    let value = |key: &str| {
        let entry = ark.entries.iter().find(|entry| entry.key == key)?;
        entry.value.clone()
    };
    let title = value("#TITLE#").or_else(|| value("#METATITLE#"));
    let rows = ark.entries.iter().flat_map(|entry| &entry.rows);
    let rows: Vec<String> = rows.map(|row| row_in_words(row)).collect();
    let words = paragraphs([
        title.map(|title| format!("**{title}**")),
        value("#SUBTITLE#").or_else(|| value("#METASUBTITLE#")),
        value("#DESC#"),
        value("#METADESC#"),
        (!rows.is_empty()).then(|| rows.join("\n")),
        value("#LINK#").or_else(|| value("#METAURL#")),
    ]);
    match words.as_str() {
        "" => value("#PROMPT#").unwrap_or_default(),
        _ => words,
    }
}

fn row_in_words(row: &[NamedValue]) -> String {
    let value = |name: &str| {
        let found = row.iter().find(|value| value.name == name);
        found.map_or("", |value| value.value.as_str())
    };
    match value("link") {
        "" => format!("- {}", value("desc")),
        link => format!("- {}: {link}", value("desc")),
    }
}

/// Buttons as a numbered list: the user writes what he would have pressed.
pub(in crate::outbound) fn buttons_in_words(keyboard: &Keyboard) -> String {
    let line = |(nth, button): (usize, &Button)| {
        let number = nth + 1;
        match button.action {
            ButtonAction::OpenUrl => format!("{number}. {}: {}", button.label, button.data),
            ButtonAction::FillInput if button.data != button.label => {
                format!("{number}. {} → {}", button.label, button.data)
            }
            ButtonAction::FillInput | ButtonAction::Callback => {
                format!("{number}. {}", button.label)
            }
        }
    };
    let buttons = keyboard.rows.iter().flatten().enumerate();
    buttons.map(line).collect::<Vec<_>>().join("\n")
}

fn paragraphs<const N: usize>(paragraphs: [Option<String>; N]) -> String {
    let there = paragraphs.into_iter().flatten();
    there.collect::<Vec<_>>().join("\n\n")
}
