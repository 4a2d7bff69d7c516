//! What `doctor` can know.

use super::{Cause, Channel, Phase, Step};
use crate::config::host_of;
use crate::contract::{Failure, FailureKind};
use crate::doctor::{Finding, Findings};

impl Channel {
    /// What is known of each step of the set-up.
    pub(super) fn findings(&self) -> Findings {
        let configuration = self.configuration();
        let token = self.cx.token.finding(&self.cx.host);
        let [gateway, identify] = self.gateway.outlook().findings();
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
            // Both machines are put away by now; to get this far they worked.
            Phase::Stopped(Cause {
                step: Step::Gateway,
                failure,
            }) => [
                configuration,
                Finding::passed("credentials accepted".to_owned()),
                Finding::Failed(failure.clone()),
                identify,
            ],
            Phase::Stopped(Cause {
                step: Step::Identify,
                failure,
            }) => [
                configuration,
                Finding::passed("credentials accepted".to_owned()),
                Finding::passed("the gateway answers".to_owned()),
                Finding::Failed(failure.clone()),
            ],
        }
    }

    fn configuration(&self) -> Finding {
        let config = &self.config;
        let place = if config.sandbox {
            "sandbox"
        } else {
            "production"
        };
        let place = if self.hosts.is_older() {
            format!("{place} over {}", host_of(&self.hosts.bases().api))
        } else {
            place.to_owned()
        };
        let intents = config.intents.names();
        Finding::Passed {
            detail: format!("app id {}, {place}, intents {intents}", config.app_id),
            advice: self.warnings.clone(),
        }
    }
}
