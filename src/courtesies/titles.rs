//! Asks the platform what a guild or channel is called.

use crate::contract::{Failure, HttpResponse};
use crate::courtesies::calls::{Call, Purpose, Titled};
use crate::cx::Cx;
use crate::host::Host;
use crate::requests::build;
use crate::wire;
use crate::wire::Text;

/// Nobody waits for it.
const DEADLINE_MS: u64 = 60_000;

/// Asks for a title (QQ docs, server-inter/channel/manage/channel and …/guild).
pub(super) fn call(of: Titled, cx: &Cx) -> Call {
    let (place, id) = match &of {
        Titled::Guild(id) => ("guilds", id),
        Titled::Channel { id, .. } => ("channels", id),
    };
    let url = format!("{}/{place}/{}", cx.settings.api, build::percent_encode(id));
    let (purpose, body) = (Purpose::Title(of), String::new());
    Call::new(purpose, "GET", url, body, DEADLINE_MS, &cx.host)
}

/// What was answered since somebody asked.
#[derive(Debug, Default)]
pub(super) struct Titles(Vec<(Titled, Option<String>)>);

impl Titles {
    pub(super) fn take(&mut self) -> Vec<(Titled, Option<String>)> {
        std::mem::take(&mut self.0)
    }

    /// What the platform refused to tell is not asked for again.
    pub(super) fn refused(&mut self, of: Titled, failure: &Failure, host: &mut Host) {
        host.count("titles_unknown");
        if failure.code.is_none() {
            self.0.push((of, None));
        }
    }

    pub(super) fn told(&mut self, of: Titled, response: &HttpResponse, host: &mut Host) {
        #[derive(Default, serde::Deserialize)]
        #[serde(default)]
        struct Named<'a> {
            #[serde(borrow)]
            name: Text<'a>,
        }
        let named: Named<'_> = wire::read(&response.body).unwrap_or_default();
        match named.name.to_option() {
            Some(name) => self.0.push((of, Some(name))),
            None => host.count("titles_unknown"),
        }
    }
}
