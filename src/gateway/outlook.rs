//! What others may know about the connection.

use super::{Gateway, State, Step, Trouble};
use crate::backoff::Again;
use crate::contract::Failure;
use crate::doctor::Finding;

impl Gateway {
    /// Whether a socket is being opened.
    pub(crate) const fn is_opening(&self) -> bool {
        matches!(self.state, State::AwaitOpen { .. })
    }

    /// Whether events flow.
    pub(crate) const fn is_live(&self) -> bool {
        matches!(self.state, State::Live { .. })
    }

    /// `connected as NAME, intents …`, and what is missing.
    pub(crate) fn summary(&self) -> String {
        let bot = self
            .session
            .as_ref()
            .map_or("the bot", |session| &session.bot);
        let intents = self.subscribed().names();
        match self.missing_grants() {
            None => format!("connected as {bot}, intents {intents}"),
            Some(failure) => format!("connected as {bot}, intents {intents}; {failure}"),
        }
    }

    /// Whether what a chat bot is for cannot arrive.
    pub(crate) fn is_deprived(&self) -> bool {
        self.missing().has_group_and_c2c()
    }

    /// Why the machine is not live, and when it tries again, while it pauses.
    pub(crate) fn trouble(&self) -> Option<(&Failure, Again)> {
        match (self.state, &self.trouble) {
            (State::Pause { again }, Some(trouble)) => Some((&trouble.failure, again)),
            _ => None,
        }
    }

    /// Whether attempts fail again and again.
    pub(crate) const fn is_degraded(&self) -> bool {
        self.backoff.attempts() >= 3
    }

    /// What `doctor` can say of the steps gateway and identify.
    pub(crate) fn findings(&self) -> [Finding; 2] {
        match (self.state, &self.trouble) {
            (
                State::Pause { .. },
                Some(Trouble {
                    step: Step::Gateway,
                    failure,
                }),
            ) => [Finding::Failed(failure.clone()), Finding::Unknown],
            (
                State::Pause { .. },
                Some(Trouble {
                    step: Step::Identify,
                    failure,
                }),
            ) => [self.gateway_passed(), Finding::Failed(failure.clone())],
            (
                State::Pause { .. },
                Some(Trouble {
                    step: Step::Question,
                    ..
                }),
            )
            | (State::AwaitReady { .. } | State::AwaitReason { .. }, _) => {
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
        let missing = self.missing_grants();
        let detail = match &missing {
            None => self.summary(),
            Some(failure) => {
                let intents = self.subscribed().names();
                format!("connected, intents {intents}; {}", failure.message)
            }
        };
        let unasked = (!self.intents.has_group_and_c2c()).then(|| {
            "Private (C2C) and group messages will not arrive: add \"group_and_c2c\" to `intents`."
                .to_owned()
        });
        let advice: Vec<_> = missing
            .and_then(|failure| failure.remedy)
            .into_iter()
            .chain(unasked)
            .collect();
        Finding::Passed {
            detail,
            advice: (!advice.is_empty()).then(|| advice.join(" ")),
        }
    }
}
