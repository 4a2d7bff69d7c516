//! Collects what is wrong with a configuration.

use crate::contract::{Problem, Severity};

/// Everything wrong so far.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    /// The channel cannot start with this.
    pub(super) fn error(
        &mut self,
        field: &str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.push(Severity::Error, field, message.into(), remedy.into());
    }

    /// It starts, and this will surprise.
    pub(super) fn warning(
        &mut self,
        field: &str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.push(Severity::Warning, field, message.into(), remedy.into());
    }

    fn push(&mut self, severity: Severity, field: &str, message: String, remedy: String) {
        self.0.push(Problem {
            field: field.to_owned(),
            severity,
            message,
            remedy,
        });
    }

    /// Errors first, otherwise in the order found.
    pub(super) fn into_sorted(mut self) -> Vec<Problem> {
        self.0.sort_by_key(|problem| problem.severity);
        self.0
    }
}
