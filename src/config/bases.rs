//! Where the platform is.
//!
//! All API traffic moved to `api.bot.qq.com` in August 2026 (QQ docs,
//! changelog); the sandbox is documented under its old name only
//! (tencent-connect/bot-docs, dev-prepare/interface-framework/api-use).

const PRODUCTION: &str = "https://api.bot.qq.com";
const OLDER_API: &str = "https://api.sgroup.qq.com";
const OLDER_AUTH: &str = "https://bots.qq.com";
const SANDBOX: &str = "https://sandbox.api.sgroup.qq.com";

/// Base URLs, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bases {
    /// REST.
    pub(crate) api: String,
    /// The token endpoint.
    pub(crate) auth: String,
}

impl Bases {
    /// The hosts that served before, to fall back to. The sandbox kept its one.
    pub(super) fn older(sandbox: bool) -> Self {
        let api = if sandbox { SANDBOX } else { OLDER_API };
        Self {
            api: api.to_owned(),
            auth: OLDER_AUTH.to_owned(),
        }
    }

    /// The given bases, or the platform's own. The sandbox has no token
    /// endpoint: a token belongs to the application, not to a place.
    pub(super) fn new(sandbox: bool, api: Option<String>, auth: Option<String>) -> Self {
        let default_api = if sandbox { SANDBOX } else { PRODUCTION };
        Self {
            api: api.unwrap_or_else(|| default_api.to_owned()),
            auth: auth.unwrap_or_else(|| PRODUCTION.to_owned()),
        }
    }
}

/// A base URL in normal form, or what is wrong with it.
pub(super) fn parse(url: &str) -> Result<String, &'static str> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .ok_or("does not begin with https:// or http://")?;
    let host = rest.split('/').next().unwrap_or_default();
    if host.is_empty() {
        return Err("has no host");
    }
    if host.contains('@') {
        return Err("carries user information");
    }
    if rest.contains(['?', '#']) {
        return Err("carries a query or fragment");
    }
    if rest.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("contains white space");
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// Host and port of a URL, for messages to people.
pub(crate) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}
