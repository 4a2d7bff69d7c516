//! What crossed the sandbox: for recordings, demonstrations and tests.

use std::sync::Arc;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::contract::{Action, Context, Envelope};

/// One call and its result. As JSON, one a line, these make a trace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Crossing {
    /// An instance was started.
    Start {
        /// What it was given.
        context: Box<Context>,
        /// What it asked for.
        actions: Vec<Action>,
    },
    /// An event was handled.
    Event {
        /// The event.
        #[serde(deserialize_with = "envelope")]
        envelope: Box<Envelope>,
        /// What it asked for.
        actions: Vec<Action>,
    },
    /// A call did not return.
    Death {
        /// The event it died over; none when it died starting, or was killed.
        #[serde(deserialize_with = "perhaps_envelope")]
        envelope: Option<Box<Envelope>>,
        /// Why.
        cause: String,
    },
}

/// Is shown every crossing, in order, from the channel's own task: it must be
/// quick.
pub type TraceSink = Arc<dyn Fn(&Crossing) + Send + Sync>;

fn envelope<'de, D: Deserializer<'de>>(input: D) -> Result<Box<Envelope>, D::Error> {
    complete(Value::deserialize(input)?).map_err(D::Error::custom)
}

fn perhaps_envelope<'de, D: Deserializer<'de>>(
    input: D,
) -> Result<Option<Box<Envelope>>, D::Error> {
    let value = Option::<Value>::deserialize(input)?;
    value.map(complete).transpose().map_err(D::Error::custom)
}

/// Older traces lack what was added to the envelope since. The type is
/// generated, so no default can stand beside its field.
fn complete(mut envelope: Value) -> serde_json::Result<Box<Envelope>> {
    if let Some(fields) = envelope.as_object_mut() {
        fields.entry("frames_waiting").or_insert(Value::Bool(false));
    }
    serde_json::from_value(envelope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_without_frames_waiting_still_reads() {
        let old = |rest: &str| {
            let line = format!(
                r#"{{"seq":1,"wall_ms":2,"mono_ms":3,"redelivered":false{rest},"event":{{"Timer":4}}}}"#
            );
            [
                format!(r#"{{"event":{{"envelope":{line},"actions":[]}}}}"#),
                format!(r#"{{"death":{{"envelope":{line},"cause":"x"}}}}"#),
            ]
        };
        let waiting = |line: &String| match serde_json::from_str(line) {
            Ok(Crossing::Event { envelope, .. }) => envelope.frames_waiting,
            Ok(Crossing::Death { envelope, .. }) => envelope.is_some_and(|it| it.frames_waiting),
            other => panic!("{other:?}"),
        };
        assert_eq!(old("").each_ref().map(waiting), [false, false]);
        assert_eq!(
            old(r#","frames_waiting":true"#).each_ref().map(waiting),
            [true, true]
        );
    }
}
