//! What others may know about the connection.

use super::{Gateway, State, Step, Trouble};
use crate::contract::Failure;
use crate::doctor::Finding;

impl Gateway {
    /// Whether events flow.
    pub(crate) const fn is_live(&self) -> bool {
        matches!(self.state, State::Live { .. })
    }

    /// `connected as NAME, intents …`.
    pub(crate) fn summary(&self) -> String {
        let bot = self
            .session
            .as_ref()
            .map_or("the bot", |session| &session.bot);
        format!("connected as {bot}, intents {}", self.intents.names())
    }

    /// Why the machine is not live, while it pauses.
    pub(crate) fn trouble(&self) -> Option<&Failure> {
        let pausing = matches!(self.state, State::Pause);
        self.trouble
            .as_ref()
            .filter(|_| pausing)
            .map(|trouble| &trouble.failure)
    }

    /// Whether attempts fail again and again.
    pub(crate) const fn is_degraded(&self) -> bool {
        self.backoff.attempts() >= 3
    }

    /// What `doctor` can say of the steps gateway and identify.
    pub(crate) fn findings(&self) -> [Finding; 2] {
        match (self.state, &self.trouble) {
            (
                State::Pause,
                Some(Trouble {
                    step: Step::Gateway,
                    failure,
                }),
            ) => [Finding::Failed(failure.clone()), Finding::Unknown],
            (
                State::Pause,
                Some(Trouble {
                    step: Step::Identify,
                    failure,
                }),
            ) => [self.gateway_passed(), Finding::Failed(failure.clone())],
            (State::AwaitReady { .. } | State::AwaitReason { .. }, _) => {
                [self.gateway_passed(), Finding::Unknown]
            }
            (State::Live { .. }, _) => [self.gateway_passed(), self.identify_passed()],
            _ => [Finding::Unknown, Finding::Unknown],
        }
    }

    fn gateway_passed(&self) -> Finding {
        Finding::passed(format!("{} answers", self.address.known()))
    }

    fn identify_passed(&self) -> Finding {
        let advice = (!self.intents.has_group_and_c2c()).then(|| {
            "Private (C2C) and group messages will not arrive: add \"group_and_c2c\" to `intents`."
                .to_owned()
        });
        Finding::Passed {
            detail: self.summary(),
            advice,
        }
    }
}
