//! Commands that show something while an answer is made, and reactions.

use qq_channel::contract::{DraftText, OutboundMessage, Reaction, Request, TurnEnd, TurnOutcome};

use crate::world;

/// The command `verb`, if it is one of these: its number and what it asks.
pub fn command(verb: &str, rest: &str) -> Option<Result<(u64, Request), String>> {
    let most = match verb {
        "typing" | "typing-stop" | "cancel" => 2,
        "grow" | "finish" | "begin" => 3,
        "begin-in-answer" | "react" | "unreact" | "ended" => 4,
        _ => return None,
    };
    let mut words = rest.splitn(most, ' ');
    let id = words.next().and_then(|id| id.parse().ok());
    let mut word = || words.next().unwrap_or_default().to_owned();
    let request = match verb {
        "typing" => Request::Typing(word()),
        "typing-stop" => Request::TypingStop(word()),
        "cancel" => Request::DraftCancel(word()),
        "begin" => Request::DraftBegin(message(word(), None, &word())),
        "begin-in-answer" => {
            let (recipient, reply_to) = (word(), word());
            Request::DraftBegin(message(recipient, Some(reply_to), &word()))
        }
        "grow" => Request::DraftUpdate(draft(word(), &word())),
        "finish" => Request::DraftFinish(draft(word(), &word())),
        "ended" => {
            let (recipient, message_id) = (word(), word());
            let outcome = match word().as_str() {
                "answered" => TurnOutcome::Answered,
                "failed" => TurnOutcome::Failed,
                _ => TurnOutcome::Cancelled,
            };
            Request::TurnEnded(TurnEnd {
                message_id,
                recipient,
                outcome,
            })
        }
        _ => Request::React(Reaction {
            recipient: word(),
            message_id: word(),
            emoji: word(),
            add: verb == "react",
        }),
    };
    Some(
        id.map(|id| (id, request))
            .ok_or_else(|| "a command number, please".to_owned()),
    )
}

fn draft(draft: String, words: &str) -> DraftText {
    let text = text(words);
    DraftText { draft, text }
}

fn message(recipient: String, reply_to: Option<String>, words: &str) -> OutboundMessage {
    let mut message = world::message(recipient, text(words));
    message.reply_to = reply_to;
    message
}

/// `\n` is a line break; `LONG` words for more than two messages, which may
/// stand at the end of others.
fn text(words: &str) -> String {
    let words = words.replace("\\n", "\n");
    words.replace("LONG", "word ".repeat(1_000).trim_end())
}
