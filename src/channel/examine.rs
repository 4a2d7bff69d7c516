//! What `doctor` can know.

use super::{Cause, Channel, Phase, Step};
use crate::contract::{Failure, FailureKind};
use crate::doctor::{Finding, Findings};

impl Channel {
    /// What is known of each step of the set-up.
    pub(super) fn findings(&self) -> Findings {
        let configuration = Finding::Passed {
            detail: format!(
                "app id {}, {}, intents {}",
                self.config.app_id,
                if self.config.sandbox {
                    "sandbox"
                } else {
                    "production"
                },
                self.config.intents.names()
            ),
            advice: self.warnings.clone(),
        };
        let token = self.token.finding(&self.host);
        let [gateway, identify] = self.gateway.findings();
        match &self.phase {
            Phase::Running => [configuration, token, gateway, identify],
            Phase::Draining => {
                let failure =
                    Failure::new(FailureKind::Unavailable, "the channel is shutting down");
                [configuration, Finding::Failed(failure), gateway, identify]
            }
            Phase::Stopped(Cause {
                step: Step::Token,
                failure,
            }) => [
                configuration,
                Finding::Failed(failure.clone()),
                gateway,
                identify,
            ],
            Phase::Stopped(Cause {
                step: Step::Gateway,
                failure,
            }) => {
                let token = Finding::passed("credentials accepted".to_owned());
                let gateway = Finding::passed("the gateway answers".to_owned());
                [
                    configuration,
                    token,
                    gateway,
                    Finding::Failed(failure.clone()),
                ]
            }
        }
    }
}
