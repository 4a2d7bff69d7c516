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

/// What went wrong and what to do about it.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    remedy: Option<String>,
}

impl Error {
    /// An error that says what happened.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            remedy: None,
        }
    }

    /// Adds the next step.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Adds the next step, if none is known yet.
    pub(crate) fn or_remedy(mut self, remedy: &str) -> Self {
        self.remedy.get_or_insert_with(|| remedy.to_owned());
        self
    }

    /// Says which plugin folder it is about.
    pub(crate) fn in_folder(mut self, dir: &std::path::Path) -> Self {
        self.message = format!("{}: {}", dir.display(), self.message);
        self
    }

    /// Whose move it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What happened, without what to do next.
    pub fn what(&self) -> &str {
        &self.message
    }

    /// What to do next, if anything is known to help.
    pub fn remedy(&self) -> Option<&str> {
        self.remedy.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.remedy {
            Some(remedy) => write!(f, "\n  → {remedy}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// Result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// `Error::new` as a closure for `map_err`: `what: cause`.
pub fn caused<E: fmt::Display>(
    kind: ErrorKind,
    what: impl fmt::Display,
) -> impl FnOnce(E) -> Error {
    move |cause| Error::new(kind, format!("{what}: {cause}"))
}
