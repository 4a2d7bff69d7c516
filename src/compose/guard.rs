//! The guard on the way out: every text of every request passes here last,
//! whatever made it and however often it was made anew.
//!
//! What an agent writes pings nobody and puts no command under a finger (`tags`),
//! and holds nothing that cannot be seen (`clean`). The operator says which tags
//! may pass: `active_tags`.

use crate::compose::media::Media;
use crate::compose::part::{Content, Part};
use crate::contract::{Ark, Button, ButtonAction, Card, Embed, Keyboard};
use crate::text::clean::clean;
use crate::text::tags::Guard;

/// A text as it may go out.
pub(crate) fn text(text: &str, guard: Guard) -> String {
    guard.defuse(&clean(text))
}

/// A message as it may go out.
pub(crate) fn part(part: &Part, guard: Guard) -> Part {
    let content = match &part.content {
        Content::Text(words) => Content::Text(text(words, guard)),
        Content::Markdown(words) => Content::Markdown(text(words, guard)),
        Content::Media(media) => Content::Media(Box::new(captioned(media, guard))),
        Content::Card(shown) => Content::Card(Box::new(card(shown, guard))),
    };
    Part {
        content,
        masked: part.masked,
        keyboard: part.keyboard.as_ref().map(|k| keyboard(k, guard)),
    }
}

fn captioned(media: &Media, guard: Guard) -> Media {
    media.captioned(text(&media.caption, guard))
}

fn card(card: &Card, guard: Guard) -> Card {
    match card {
        Card::Embed(shown) => Card::Embed(embed(shown, guard)),
        Card::Ark(shown) => Card::Ark(ark(shown, guard)),
        Card::Keyboard(shown) => Card::Keyboard(keyboard(shown, guard)),
    }
}

fn embed(embed: &Embed, guard: Guard) -> Embed {
    let some = |words: &Option<String>| words.as_ref().map(|words| text(words, guard));
    Embed {
        title: text(&embed.title, guard),
        prompt: some(&embed.prompt),
        description: some(&embed.description),
        thumbnail_url: embed.thumbnail_url.clone(),
        fields: embed.fields.iter().map(|f| text(f, guard)).collect(),
    }
}

fn ark(ark: &Ark, guard: Guard) -> Ark {
    let mut ark = ark.clone();
    for entry in &mut ark.entries {
        let row_values = entry
            .rows
            .iter_mut()
            .flatten()
            .map(|named| &mut named.value);
        for value in entry.value.iter_mut().chain(row_values) {
            // An address is opened, not read.
            if !value.starts_with("http://") && !value.starts_with("https://") {
                *value = text(value, guard);
            }
        }
    }
    ark
}

fn keyboard(keyboard: &Keyboard, guard: Guard) -> Keyboard {
    let button = |button: &Button| Button {
        label: text(&button.label, guard),
        visited_label: button.visited_label.as_ref().map(|l| text(l, guard)),
        data: match button.action {
            // It is sent in the user's name.
            ButtonAction::FillInput => text(&button.data, guard),
            ButtonAction::OpenUrl | ButtonAction::Callback => button.data.clone(),
        },
        ..button.clone()
    };
    let row = |row: &Vec<Button>| row.iter().map(button).collect();
    Keyboard {
        rows: keyboard.rows.iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{ArkEntry, ButtonAudience, NamedValue};

    const LIVE: &str = "\u{1b}[1m@everyone <@!12345> <qqbot-cmd-enter text=\"x\" /> <#1>\u{7}";
    const DEAD: &str = "@|everyone <|@!12345> <|qqbot-cmd-enter text=\"x\" /> <|#1>";

    fn live() -> String {
        LIVE.to_owned()
    }

    fn button(action: ButtonAction, data: &str) -> Button {
        Button {
            id: "b".to_owned(),
            label: live(),
            visited_label: Some(live()),
            emphasised: false,
            action,
            data: data.to_owned(),
            audience: ButtonAudience::Everyone,
            audience_ids: Vec::new(),
        }
    }

    /// Everything with texts, each of them [`LIVE`].
    fn parts() -> Vec<Part> {
        let embed = Card::Embed(Embed {
            title: live(),
            prompt: Some(live()),
            description: Some(live()),
            thumbnail_url: None,
            fields: vec![live()],
        });
        let named = NamedValue {
            name: "desc".to_owned(),
            value: live(),
        };
        let ark = Card::Ark(Ark {
            template_id: 23,
            entries: vec![ArkEntry {
                key: "#DESC#".to_owned(),
                value: Some(live()),
                rows: vec![vec![named]],
            }],
        });
        let mut pressed = Part::new(Content::Markdown(live()));
        pressed.keyboard = Some(Keyboard {
            rows: vec![vec![button(ButtonAction::FillInput, LIVE)]],
        });
        vec![
            Part::new(Content::Text(live())),
            pressed,
            Part::new(Content::Card(Box::new(embed))),
            Part::new(Content::Card(Box::new(ark))),
        ]
    }

    #[test]
    fn no_text_of_a_message_goes_out_alive() {
        let dead = DEAD.replace('|', "\u{200b}");
        for live in parts() {
            let expected = format!("{live:?}").replace(&format!("{LIVE:?}"), &format!("{dead:?}"));
            assert_eq!(format!("{:?}", part(&live, Guard::default())), expected);
        }
    }

    #[test]
    fn what_is_opened_or_called_back_stays_to_the_letter() {
        for action in [ButtonAction::Callback, ButtonAction::OpenUrl] {
            let shown = Keyboard {
                rows: vec![vec![button(action, "https://a.b/@everyone")]],
            };
            let guarded = keyboard(&shown, Guard::default());
            assert_eq!(guarded.rows[0][0].data, "https://a.b/@everyone");
        }
        let entry = ArkEntry {
            key: "#LINK#".to_owned(),
            value: Some("https://a.b/@everyone".to_owned()),
            rows: Vec::new(),
        };
        let shown = Ark {
            template_id: 24,
            entries: vec![entry],
        };
        assert_eq!(ark(&shown, Guard::default()), shown);
    }
}
