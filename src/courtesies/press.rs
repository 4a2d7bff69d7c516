//! Tells the platform that a button was pressed.

use crate::contract::{Failure, Level};
use crate::courtesies::calls::{Call, Purpose};
use crate::cx::Cx;
use crate::host::Host;
use crate::requests::build;

/// The platform waits so long (QQ docs, autogen/event/interaction_create).
const DEADLINE_MS: u64 = 3_000;

/// What became of a press, in the platform's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AckCode {
    /// The agent has it.
    Done = 0,
    /// Nobody can tell who pressed what.
    Failed = 1,
    /// It was pressed before.
    Duplicate = 3,
    /// The agent does not talk to whoever pressed.
    NotAllowed = 4,
}

/// Tells the platform what became of a press, within the three seconds it waits
/// (QQ docs, autogen/api/interactions_interaction_id.put).
pub(super) fn call(interaction: &str, code: AckCode, cx: &Cx) -> Call {
    let id = build::percent_encode(interaction);
    let url = format!("{}/interactions/{id}", cx.settings.api);
    let body = format!(r#"{{"code":{}}}"#, code as u8);
    Call::new(Purpose::Press, "PUT", url, body, DEADLINE_MS, &cx.host)
}

/// The user sees that nothing happened, and may press again.
pub(super) fn failed(failure: &Failure, host: &mut Host) {
    host.count("acknowledgements_failed");
    let text = format!("a press of a button was not acknowledged: {failure}");
    host.note_seldom("acknowledgement", Level::Warn, &text);
}
