//! What others may know about the connection, in words.

use super::connection::Connection;
use super::moves::{Step, Trouble};
use super::state::State;
use crate::backoff::Again;
use crate::contract::Failure;
use crate::doctor::Finding;

/// The connection as the operator sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outlook<'a> {
    connection: &'a Connection,
    /// Where the gateway is, as far as that is known.
    url: &'a str,
}

impl<'a> Outlook<'a> {
    pub(super) const fn new(connection: &'a Connection, url: &'a str) -> Self {
        Self { connection, url }
    }

    /// `connected as NAME, intents …`, and what is missing.
    pub(crate) fn summary(self) -> String {
        let login = &self.connection.login;
        let session = login.resumption.session();
        let bot = session.map_or("the bot", |session| &session.bot);
        let intents = login.subscription.names();
        match login.subscription.not_permitted() {
            None => format!("connected as {bot}, intents {intents}"),
            Some(failure) => format!("connected as {bot}, intents {intents}; {failure}"),
        }
    }

    /// Whether what a chat bot is for cannot arrive.
    pub(crate) const fn is_deprived(self) -> bool {
        let subscription = &self.connection.login.subscription;
        subscription.missing().has_group_and_c2c()
    }

    /// Whether attempts fail again and again.
    pub(crate) const fn is_degraded(self) -> bool {
        self.connection.login.retries.is_degraded()
    }

    /// Why the machine is not live, and when it tries again, while it pauses.
    pub(crate) fn trouble(self) -> Option<(&'a Failure, Again)> {
        match (self.connection.state, &self.connection.trouble) {
            (State::Pause { again }, Some(trouble)) => Some((&trouble.failure, again)),
            _ => None,
        }
    }

    /// What `doctor` can say of the steps gateway and identify.
    pub(crate) fn findings(self) -> [Finding; 2] {
        let gateway_passed = || Finding::passed(format!("{} answers", self.url));
        match (self.connection.state, &self.connection.trouble) {
            (State::Live { .. }, _) => [gateway_passed(), self.identify_passed()],
            (State::AwaitReady { .. } | State::AwaitReason { .. }, _) => {
                [gateway_passed(), Finding::Unknown]
            }
            (State::Pause { .. }, Some(Trouble { step, failure })) => match step {
                Step::Gateway => [Finding::Failed(failure.clone()), Finding::Unknown],
                Step::Identify => [gateway_passed(), Finding::Failed(failure.clone())],
                Step::Question => [gateway_passed(), Finding::Unknown],
            },
            _ => [Finding::Unknown, Finding::Unknown],
        }
    }

    fn identify_passed(self) -> Finding {
        let subscription = &self.connection.login.subscription;
        let missing = subscription.not_permitted();
        let detail = match &missing {
            None => self.summary(),
            Some(failure) => {
                let intents = subscription.names();
                format!("connected, intents {intents}; {}", failure.message)
            }
        };
        let unasked = (!subscription.wanted().has_group_and_c2c()).then(|| {
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
