//! Scheme, host and port, as rules name them.

use url::Url;

/// Scheme, host and port that a rule names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) scheme: String,
    pub(crate) host: String,
    /// `None`: the scheme's own port.
    pub(crate) port: Option<u16>,
}

impl Origin {
    /// The origins a configured base URL stands for: `http` brings `ws`.
    pub(crate) fn of_base(url: &Url) -> Vec<Self> {
        let schemes = match url.scheme() {
            "https" | "wss" => ["https", "wss"],
            _ => ["http", "ws"],
        };
        let host = url.host_str().unwrap_or_default();
        let one = |scheme: &str| Self {
            scheme: scheme.to_owned(),
            host: host.to_owned(),
            port: url.port_or_known_default(),
        };
        schemes.map(one).into()
    }

    pub(crate) fn matches(&self, url: &Url) -> bool {
        let port = self.port.or_else(|| default_port(&self.scheme));
        self.scheme == url.scheme()
            && url.host_str().is_some_and(|host| self.names(host))
            && url.port_or_known_default() == port
    }

    /// `*.` at the front of a rule stands for one or more labels.
    fn names(&self, host: &str) -> bool {
        let Some(below) = self.host.strip_prefix('*') else {
            return host.eq_ignore_ascii_case(&self.host);
        };
        let cut = host.len().checked_sub(below.len());
        let end = cut.filter(|cut| *cut > 0).and_then(|cut| host.get(cut..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(below))
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "https" | "wss" => Some(443),
        "http" | "ws" => Some(80),
        _ => None,
    }
}
