//! `doctor`: which step of the set-up works and which one fails.
//!
//! It observes the ordinary machinery and never probes on its own: what it
//! reports is what the channel really does.

use crate::contract::{CheckOutcome, Failure, FailureKind, Id, Receipt};
use crate::host::Host;

/// The steps, in the order they are taken.
const STEPS: [&str; 4] = ["configuration", "token", "gateway", "identify"];

/// More examinations at a time than this are refused.
const MOST_RUNS: usize = 8;

/// What is known of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// It is under way.
    Unknown,
    /// It works.
    Passed {
        /// What was found.
        detail: String,
        /// What might still surprise, and what to do about it.
        advice: Option<String>,
    },
    /// It failed, perhaps only for now.
    Failed(Failure),
}

impl Finding {
    /// It works, and nothing more is to be said.
    pub(crate) const fn passed(detail: String) -> Self {
        Self::Passed {
            detail,
            advice: None,
        }
    }
}

/// What is known of each step, in order.
pub(crate) type Findings = [Finding; STEPS.len()];

#[derive(Debug)]
struct Run {
    command: Id,
    /// Steps reported already.
    reported: usize,
}

/// The examinations under way.
#[derive(Debug, Default)]
pub(crate) struct Doctor(Vec<Run>);

impl Doctor {
    /// Whether nobody asks.
    pub(crate) fn is_idle(&self) -> bool {
        self.0.is_empty()
    }

    /// Begins an examination.
    pub(crate) fn begin(&mut self, command: Id, host: &mut Host) {
        if self.0.len() < MOST_RUNS {
            self.0.push(Run {
                command,
                reported: 0,
            });
            return;
        }
        let failure = Failure::new(FailureKind::Unavailable, "too many examinations at once")
            .remedy("Wait for the others to end.");
        host.complete(command, Err(failure));
    }

    /// Reports what has become known.
    pub(crate) fn advance(&mut self, findings: &Findings, host: &mut Host) {
        self.0.retain_mut(|run| !run.advance(findings, host));
    }
}

impl Run {
    /// Whether the examination is over.
    fn advance(&mut self, findings: &Findings, host: &mut Host) -> bool {
        for (step, finding) in STEPS.iter().zip(findings).skip(self.reported) {
            match finding {
                Finding::Unknown => return false,
                Finding::Passed { detail, advice } => {
                    host.check(
                        self.command,
                        step,
                        CheckOutcome::Passed,
                        detail.clone(),
                        advice.clone(),
                    );
                    self.reported += 1;
                }
                Finding::Failed(failure) => {
                    self.fail(step, failure, host);
                    return true;
                }
            }
        }
        host.complete(self.command, Ok(Receipt::nothing()));
        true
    }

    /// The first failure ends it: the later steps rest on this one.
    fn fail(&self, step: &str, failure: &Failure, host: &mut Host) {
        let detail = Failure {
            remedy: None,
            ..failure.clone()
        }
        .to_string();
        host.check(
            self.command,
            step,
            CheckOutcome::Failed,
            detail,
            failure.remedy.clone(),
        );
        for later in STEPS.iter().skip(self.reported + 1) {
            let detail = format!("not reached, {step} failed");
            host.check(self.command, later, CheckOutcome::Skipped, detail, None);
        }
        host.complete(self.command, Err(failure.clone()));
    }
}
