//! What a machine may use of the rest while it deals with one event.

use crate::host::Host;
use crate::token::AccessToken;

/// The world outside, and the access token that every request needs.
#[derive(Debug)]
pub(crate) struct Cx {
    /// The way out.
    pub(crate) host: Host,
    /// Asked for before a request is made, told when it was refused.
    pub(crate) token: AccessToken,
}

impl Cx {
    /// Whether requests can be sent now; if not, sees to it.
    pub(crate) fn has_token(&mut self) -> bool {
        self.token.require(&mut self.host)
    }
}
