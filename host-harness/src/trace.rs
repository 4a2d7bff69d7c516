//! What crossed the sandbox: for recordings, demonstrations and tests.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::contract::{Action, Context, Envelope};
use crate::form::{self, Form};

/// One call and its result. Written one a line, these make a trace.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
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

/// Version of the form of a trace's lines.
const VERSION: u32 = 2;

/// One line of a trace: the version of its form, and what crossed.
#[derive(Serialize, Deserialize)]
struct Line {
    trace: u32,
    #[serde(flatten)]
    crossed: Crossed,
}

/// The version of a line alone, which every version must have.
#[derive(Deserialize)]
struct Versioned {
    trace: u32,
}

/// The written form of a [`Crossing`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Crossed {
    Start {
        context: form::Context,
        actions: Vec<form::Action>,
    },
    Event {
        envelope: form::Envelope,
        actions: Vec<form::Action>,
    },
    Death {
        envelope: Option<form::Envelope>,
        cause: String,
    },
}

impl Crossing {
    /// This crossing as one line of a trace, line break and all.
    pub fn to_line(&self) -> Vec<u8> {
        let line = Line {
            trace: VERSION,
            crossed: Crossed::of(self),
        };
        // Plain data always has a JSON form.
        let mut line = serde_json::to_vec(&line).unwrap_or_default();
        line.push(b'\n');
        line
    }

    /// Reads one line of a trace.
    ///
    /// # Errors
    /// In words: what is wrong with the line, or which version it has and what
    /// to do about it.
    pub fn of_line(line: &str) -> Result<Self, String> {
        let Versioned { trace } = serde_json::from_str(line)
            .map_err(|cause| format!("not a line of a trace ({cause})"))?;
        if trace != VERSION {
            return Err(format!(
                "the trace has version {trace}, this program reads {VERSION}; replay it with the version of this program that recorded it, or record it again with this one"
            ));
        }
        let line: Line =
            serde_json::from_str(line).map_err(|cause| format!("damaged ({cause})"))?;
        Ok(line.crossed.value())
    }
}

impl Form for Crossed {
    type Of = Crossing;

    fn of(crossing: &Crossing) -> Self {
        match crossing {
            Crossing::Start { context, actions } => Self::Start {
                context: Form::of(&**context),
                actions: Form::of(actions),
            },
            Crossing::Event { envelope, actions } => Self::Event {
                envelope: Form::of(&**envelope),
                actions: Form::of(actions),
            },
            Crossing::Death { envelope, cause } => Self::Death {
                envelope: envelope.as_deref().map(Form::of),
                cause: cause.clone(),
            },
        }
    }

    fn value(self) -> Crossing {
        match self {
            Self::Start { context, actions } => Crossing::Start {
                context: Box::new(context.value()),
                actions: actions.value(),
            },
            Self::Event { envelope, actions } => Crossing::Event {
                envelope: Box::new(envelope.value()),
                actions: actions.value(),
            },
            Self::Death { envelope, cause } => Crossing::Death {
                envelope: envelope.map(|envelope| Box::new(envelope.value())),
                cause,
            },
        }
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
        let other = line.replace(r#""trace":2"#, r#""trace":9"#);
        let why = Crossing::of_line(&other).unwrap_err();
        assert!(why.contains("version 9, this program reads 2"), "{why}");
        assert!(why.contains("record it again"), "{why}");
        for bad in ["", "{}", "[1]", r#"{"trace":2}"#, r#"{"trace":2,"x":{}}"#] {
            assert!(Crossing::of_line(bad).is_err(), "{bad}");
        }
    }
}
