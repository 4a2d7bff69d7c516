//! What crossed the sandbox, for the core outside it: a line of a trace is read
//! into the core's own types, which differ in how they write bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prx_channel_host::Crossing;
use qq_channel::contract::{Action, Context, Envelope};
use serde::Deserialize;
use serde_json::Value;

/// A crossing in the core's types.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Native {
    /// An instance was started.
    Start {
        /// What it was given.
        context: Context,
        /// What it asked for.
        actions: Vec<Action>,
    },
    /// An event was handled.
    Event {
        /// The event.
        envelope: Box<Envelope>,
        /// What it asked for.
        actions: Vec<Action>,
    },
    /// A call did not return.
    Death {
        /// Why.
        cause: String,
    },
}

impl Native {
    /// Reads a crossing as its line in a trace has it.
    ///
    /// # Errors
    /// When the two sides of the contract have come apart.
    pub fn of(crossing: &Crossing) -> Result<Self, serde_json::Error> {
        let mut line: Value = serde_json::from_slice(&crossing.to_line())?;
        line.as_object_mut().map(|line| line.remove("trace"));
        spell_out(&mut line);
        serde_json::from_value(line)
    }
}

/// Makes lists of numbers of `{"text":…}` and `{"base64":…}`.
fn spell_out(value: &mut Value) {
    if let Some(bytes) = bytes(value) {
        *value = bytes.into();
        return;
    }
    match value {
        Value::Array(values) => values.iter_mut().for_each(spell_out),
        Value::Object(fields) => fields.values_mut().for_each(spell_out),
        _ => {}
    }
}

fn bytes(value: &Value) -> Option<Vec<u8>> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    let of = |name| fields.get(name).and_then(Value::as_str);
    match (of("text"), of("base64")) {
        (Some(text), _) => Some(text.as_bytes().to_vec()),
        (_, Some(text)) => STANDARD.decode(text).ok(),
        _ => None,
    }
}
