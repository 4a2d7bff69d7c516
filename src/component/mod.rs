//! The edge of the sandbox: the exports of the component, and the only place
//! that sees generated types. Nothing is decided here.

mod bindings;
#[macro_use]
mod convert;
mod convert_in;
mod convert_message;
mod convert_out;

use std::cell::RefCell;

use bindings::exports::prx::channel::channel::{Context, Descriptor, Guest, Problem};
use bindings::prx::channel::types::{Action, Envelope};
use convert::list;

use crate::Channel;

thread_local! {
    /// An instance is one channel, from `start` to the end of its store.
    static CHANNEL: RefCell<Option<Channel>> = const { RefCell::new(None) };
}

struct Component;

impl Guest for Component {
    fn describe() -> Descriptor {
        crate::describe().into()
    }

    fn validate(config: String) -> Vec<Problem> {
        list(crate::validate(&config))
    }

    fn start(context: Context) -> Result<Vec<Action>, String> {
        let (channel, actions) = Channel::start(context.into())?;
        CHANNEL.set(Some(channel));
        Ok(list(actions))
    }

    fn handle(envelope: Envelope) -> Vec<Action> {
        CHANNEL.with_borrow_mut(|channel| match channel {
            Some(channel) => list(channel.handle(envelope.into())),
            // A host that never started this instance gets no answer.
            None => Vec::new(),
        })
    }
}

#[expect(unsafe_code, reason = "the generated exports take raw pointers")]
mod exports {
    use super::{Component, bindings};

    bindings::export!(Component with_types_in bindings);
}
