//! Asks the platform what a guild or channel is called.

use crate::contract::{Failure, HttpResponse};
use crate::courtesies::{Call, Purpose};
use crate::cx::Cx;
use crate::host::Host;
use crate::replies::Outbound;
use crate::requests::build;
use crate::wire;
use crate::wire::Text;

/// Nobody waits for it.
const DEADLINE_MS: u64 = 60_000;

/// Something that has a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Titled {
    /// A guild, by id.
    Guild(String),
    /// A channel of a guild.
    Channel {
        /// Id of the guild.
        guild: String,
        /// Its own id.
        id: String,
    },
}

impl Outbound {
    /// Whether a title may be asked for now.
    pub(crate) fn may_ask_title(&self) -> bool {
        self.calls.is_calm()
    }

    /// Asks for a title (QQ docs, server-inter/channel/manage/channel and
    /// …/guild). The answer comes with [`Outbound::take_titles`].
    pub(crate) fn ask_title(&mut self, of: Titled, cx: &mut Cx) {
        let (place, id) = match &of {
            Titled::Guild(id) => ("guilds", id),
            Titled::Channel { id, .. } => ("channels", id),
        };
        let url = format!("{}/{place}/{}", cx.settings.api, build::percent_encode(id));
        let purpose = Purpose::Title(of);
        let call = Call::new(purpose, "GET", url, String::new(), DEADLINE_MS, &cx.host);
        self.submit_call(call, cx);
        self.watch_too(&mut cx.host);
    }

    /// Titles that were answered since the last question; absent ones may be
    /// asked for again.
    pub(crate) fn take_titles(&mut self) -> Vec<(Titled, Option<String>)> {
        std::mem::take(&mut self.titles)
    }

    /// What the platform refused to tell is not asked for again.
    pub(crate) fn not_titled(&mut self, of: Titled, failure: &Failure, host: &mut Host) {
        host.count("titles_unknown");
        if failure.code.is_none() {
            self.titles.push((of, None));
        }
    }

    pub(crate) fn titled(&mut self, of: Titled, response: &HttpResponse, host: &mut Host) {
        #[derive(Default, serde::Deserialize)]
        #[serde(default)]
        struct Named<'a> {
            #[serde(borrow)]
            name: Text<'a>,
        }
        let named: Named<'_> = wire::read(&response.body).unwrap_or_default();
        match named.name.to_option() {
            Some(name) => self.titles.push((of, Some(name))),
            None => host.count("titles_unknown"),
        }
    }
}
