//! One error shape: what happened, what to do next, and whose fault it is.

use std::fmt;

/// Whose move it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operator's configuration or command line.
    Config,
    /// A plugin folder: manifest, component, contract.
    Plugin,
    /// The component trapped, ran over a limit or broke the contract.
    Sandbox,
    /// The state on disk.
    State,
    /// The channel gave up or stays broken.
    Fatal,
}

/// What went wrong, why, and what to do about it.
///
/// `{error}` says what happened and what to do. The cause is the
/// [`source`](std::error::Error::source); `{error:#}` puts all of the chain into
/// the same line, as a log wants it.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    remedy: Option<String>,
    source: Option<Source>,
}

type Source = Box<dyn std::error::Error + Send + Sync>;

impl Error {
    /// An error that says what happened.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            remedy: None,
            source: None,
        }
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds the next step.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Adds the next step, if none is known yet.
    #[must_use]
    pub fn or_remedy(mut self, remedy: &str) -> Self {
        self.remedy.get_or_insert_with(|| remedy.to_owned());
        self
    }

    /// Makes it somebody else's move.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.kind = kind;
        self
    }

    /// Says first what it is about.
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl fmt::Display) -> Self {
        self.message = format!("{prefix}{}", self.message);
        self
    }

    /// Whose move it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What happened and why, without what to do next.
    pub fn what(&self) -> String {
        let mut what = self.message.clone();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            what.push_str(&format!(": {error}"));
            cause = error.source();
        }
        what
    }

    /// What to do next, if anything is known to help.
    pub fn remedy(&self) -> Option<&str> {
        self.remedy.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            f.write_str(&self.what())?;
        } else {
            f.write_str(&self.message)?;
        }
        match &self.remedy {
            Some(remedy) => write!(f, "\n  → {remedy}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}

/// Result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// [`Error::new`] with its cause, as a closure for `map_err`.
pub fn caused<E: Into<Source>>(
    kind: ErrorKind,
    what: impl fmt::Display,
) -> impl FnOnce(E) -> Error {
    move |cause| Error::new(kind, what.to_string()).with_source(cause)
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::io;

    use super::*;

    #[test]
    fn a_cause_is_told_apart_and_stands_in_the_line_of_a_log() {
        let cause = io::Error::new(io::ErrorKind::NotFound, "it is gone");
        let error = caused(ErrorKind::State, "/x")(cause).with_remedy("look for it");
        assert_eq!(error.to_string(), "/x\n  → look for it");
        assert_eq!(format!("{error:#}"), "/x: it is gone\n  → look for it");
        let cause = error.source().and_then(|cause| cause.downcast_ref());
        assert_eq!(cause.map(io::Error::kind), Some(io::ErrorKind::NotFound));
    }
}
