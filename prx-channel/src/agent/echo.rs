//! Answers with the text it got.

use super::{Agent, Reply, Turn};

/// The echo agent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Echo;

impl Agent for Echo {
    fn answer(&self, turn: Turn) -> Reply<'_> {
        Box::pin(async move {
            let message = turn.message;
            // What happened in a chat wants no answer.
            Ok(message.notice.map_or(message.text, |_| String::new()))
        })
    }
}
