//! The agent under test, and what it is asked.

use prx_channel::agent::{Agent, Deltas, OpenAi, OpenAiOptions, Turn};
use prx_channel_host::contract::InboundMessage;
use prx_channel_host::testing::message;

use crate::completions::{Completions, Script};

pub(crate) const KEY: &str = "planted-key-51c9";
/// What a user reads of `hel`, cut off.
pub(crate) const BROKE: &str = "hel\n\n⚠️ The answer broke off here. Please try again later.";

pub(crate) fn agent(server: &Completions) -> OpenAi {
    agent_with(server, |_as_it_is| ())
}

pub(crate) fn agent_with(server: &Completions, change: impl FnOnce(&mut OpenAiOptions)) -> OpenAi {
    let mut options = OpenAiOptions::new("tiny");
    options.base.clone_from(&server.base);
    options.key = Some(KEY.to_owned());
    change(&mut options);
    OpenAi::new(options).unwrap()
}

pub(crate) fn turn(text: &str) -> Turn {
    let message = InboundMessage {
        sender: "U".into(),
        reply_target: "c2c:1:U".into(),
        ..message(1, text)
    };
    Turn {
        id: 1,
        conversation: "qq:c2c:1:U".into(),
        message,
        again: false,
        deltas: Deltas::default(),
    }
}

/// One question to a server that answers like this.
pub(crate) async fn asked_once(script: Script) -> Result<String, String> {
    let server = Completions::start(move |_asked| script.clone()).await;
    let answer = agent(&server).answer(turn("hi")).await;
    assert!(!format!("{answer:?}").contains(KEY), "{answer:?}");
    answer
}
