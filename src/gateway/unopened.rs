//! Sockets that do not open: not now, or never as the host is set up.

use super::loss::{Loss, Pace};
use super::{Gateway, News, Step, Trouble};
use crate::contract::{Failure, FailureKind, Level, SocketClosed};
use crate::cx::Cx;
use crate::platform;

impl Gateway {
    /// A socket that did not open.
    pub(super) fn not_opened(&mut self, closed: &SocketClosed, cx: &mut Cx) -> News<'static> {
        let unknown = Failure::new(FailureKind::Unreachable, "");
        let cause = closed.failure.as_ref().unwrap_or(&unknown);
        let failure = platform::explain("no gateway connection", self.address.known(), cause);
        let step = Step::Gateway;
        if !denied_for_good(closed) {
            self.address.failed_to_open();
            cx.host
                .note_seldom("gateway_open", Level::Debug, &failure.to_string());
            let pace = Pace::Backoff;
            return self.pause(
                Loss {
                    step,
                    failure,
                    pace,
                },
                &mut cx.host,
            );
        }
        if !self.address.forget_denied(&mut cx.host) {
            return News::Fatal(step, failure);
        }
        // It was learned before; perhaps there is one that is allowed.
        self.trouble = Some(Trouble { step, failure });
        self.connect(cx);
        News::Changed
    }
}

/// Whether the host refuses this socket whatever the platform does.
pub(super) fn denied_for_good(closed: &SocketClosed) -> bool {
    closed.failure.as_ref().is_some_and(Failure::is_for_good)
}

/// The host ended the socket rather than put the token into Identify or Resume.
pub(super) fn never_sent(closed: &SocketClosed) -> Failure {
    let remedy = closed.failure.as_ref().and_then(|it| it.remedy.as_deref());
    Failure::new(
        FailureKind::Denied,
        "gateway: the host does not send the access token to the gateway",
    )
    .remedy(remedy.unwrap_or("Allow it under [secrets.access_token] in plugin.toml."))
}
