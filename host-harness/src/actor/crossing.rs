//! What crossed the sandbox: for recordings, demonstrations and tests.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

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
        envelope: Box<Envelope>,
        /// What it asked for.
        actions: Vec<Action>,
    },
    /// A call did not return.
    Death {
        /// The event it died over; none when it died starting, or was killed.
        envelope: Option<Box<Envelope>>,
        /// Why.
        cause: String,
    },
}

/// Is shown every crossing, in order, from the channel's own task: it must be
/// quick.
pub type TraceSink = Arc<dyn Fn(&Crossing) + Send + Sync>;

/// One line of a trace: the version of its form, and what crossed.
#[derive(Serialize, Deserialize)]
struct Line<C> {
    trace: u32,
    #[serde(flatten)]
    crossing: C,
}

/// The version of a line alone, which every version must have.
#[derive(Deserialize)]
struct Version {
    trace: u32,
}

/// Version of the form of a trace's lines.
const TRACE_VERSION: u32 = 1;

impl Crossing {
    /// This crossing as one line of a trace, line break and all.
    pub fn to_line(&self) -> Vec<u8> {
        let line = Line {
            trace: TRACE_VERSION,
            crossing: self,
        };
        // Plain data always has a JSON form.
        let mut line = serde_json::to_vec(&line).unwrap_or_default();
        line.push(b'\n');
        line
    }

    /// Reads one line of a trace.
    ///
    /// # Errors
    /// In words: what is wrong with the line, or which version it has.
    pub fn of_line(line: &str) -> Result<Self, String> {
        let Version { trace } = serde_json::from_str(line)
            .map_err(|cause| format!("not a line of a trace ({cause})"))?;
        if trace != TRACE_VERSION {
            return Err(format!(
                "the trace has version {trace}, this program reads {TRACE_VERSION}; replay it with the version that recorded it"
            ));
        }
        let line: Line<Self> =
            serde_json::from_str(line).map_err(|cause| format!("damaged ({cause})"))?;
        Ok(line.crossing)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_line_is_read_back_and_another_version_is_refused() {
        let death = Crossing::Death {
            envelope: None,
            cause: "trapped".to_owned(),
        };
        let line = String::from_utf8(death.to_line()).unwrap();
        assert_eq!(Crossing::of_line(&line).unwrap(), death);
        let other = line.replace(r#""trace":1"#, r#""trace":9"#);
        let why = Crossing::of_line(&other).unwrap_err();
        assert!(why.contains("version 9, this program reads 1"), "{why}");
        for bad in ["", "{}", "[1]", r#"{"trace":1}"#, r#"{"trace":1,"x":{}}"#] {
            assert!(Crossing::of_line(bad).is_err(), "{bad}");
        }
    }
}
