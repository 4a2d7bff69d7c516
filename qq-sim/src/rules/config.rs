//! What to simulate: the bots, the port, the pace, and how strict to be.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::rules::Rules;
use crate::rules::intents;

/// One registered bot: credentials, grants and standing.
///
/// ```
/// let bot = qq_sim::Bot::new("102012345", "secret").certified().proactive();
/// assert!(bot.proactive);
/// ```
#[derive(Clone, Debug)]
pub struct Bot {
    /// AppID, a decimal string.
    pub app_id: String,
    /// AppSecret.
    pub secret: String,
    /// Name in READY and in mention entries.
    pub name: String,
    /// Intent bits the owner was granted.
    pub intents: u32,
    /// Whether company or person certification was passed: higher proactive quotas.
    pub certified: bool,
    /// Whether proactive messages are allowed in every chat that does not refuse them.
    pub proactive: bool,
    /// Whether native markdown is allowed (since 2026-03 it is, for every bot).
    pub markdown: bool,
    /// Whether markdown and keyboards are allowed in guilds, which is by invitation only.
    pub guild_markdown: bool,
    /// Whether the bot is on the list of those that may send ark cards in C2C and groups.
    pub ark: bool,
    /// Whether the bot is an admin of its guilds and may recall members' messages.
    pub guild_admin: bool,
    /// What the platform thinks of this bot.
    pub standing: Standing,
}

/// Standing of a bot on the platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Published, or under test with every door open.
    #[default]
    Good,
    /// Taken off the shelf: the gateway answers 4914.
    SandboxOnly,
    /// Banned: no token, close 4915, REST answers 11265.
    Banned,
    /// Deleted by its owner: the token endpoint answers 10004.
    Deleted,
}

impl Bot {
    /// A bot in good standing with the usual grants and no proactive permission.
    #[must_use]
    pub fn new(app_id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            app_id: app_id.into(),
            secret: secret.into(),
            name: "sim-bot".into(),
            intents: intents::USUAL,
            certified: false,
            proactive: false,
            markdown: true,
            guild_markdown: false,
            ark: false,
            guild_admin: false,
            standing: Standing::Good,
        }
    }

    /// Id of the bot's guild user, shown in READY; not its `member_openid` in a group.
    pub(crate) fn guild_user_id(&self) -> String {
        format!("9{:0>18}", self.app_id)
    }

    /// Id under which groups mention this bot.
    pub(crate) fn member_openid(&self) -> String {
        crate::rules::scene::openid(&self.app_id, "the bot itself")
    }

    /// Replaces the granted intents.
    #[must_use]
    pub const fn granted(mut self, intents: u32) -> Self {
        self.intents = intents;
        self
    }

    /// Grants the guild messages and forum events of a private-domain bot as well:
    /// bits 9 and 28. A public one has bit 30 only, for messages that mention it.
    #[must_use]
    pub const fn private_domain(mut self) -> Self {
        self.intents |= intents::PRIVATE;
        self
    }

    /// Marks the bot as certified.
    #[must_use]
    pub const fn certified(mut self) -> Self {
        self.certified = true;
        self
    }

    /// Grants proactive messages in every chat.
    #[must_use]
    pub const fn proactive(mut self) -> Self {
        self.proactive = true;
        self
    }

    /// Takes the right to send native markdown away.
    #[must_use]
    pub const fn without_markdown(mut self) -> Self {
        self.markdown = false;
        self
    }

    /// Invites the bot to markdown in guilds.
    #[must_use]
    pub const fn with_guild_markdown(mut self) -> Self {
        self.guild_markdown = true;
        self
    }

    /// Sets the standing.
    #[must_use]
    pub const fn standing(mut self, standing: Standing) -> Self {
        self.standing = standing;
        self
    }
}

/// What is wrong with the certificate. A client that verifies must refuse every one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Tls {
    /// For this address and valid, but signed by itself. A client that trusts
    /// [`crate::Sim::certificate`] accepts it.
    SelfSigned,
    /// Signed by itself, for another host.
    OtherHost,
    /// Signed by itself, and out of date.
    Expired,
}

/// Everything [`crate::Sim::start`] needs to know. The default is one bot,
/// `102012345` with secret `SECRET`, on a free port, strict.
#[derive(Clone, Debug)]
pub struct SimConfig {
    /// Bots registered with this platform; the first one is the default everywhere.
    pub bots: Vec<Bot>,
    /// Address to listen on; anything but loopback is refused.
    pub host: IpAddr,
    /// Port, 0 for any free one.
    pub port: u16,
    /// Heartbeat interval announced in Hello.
    pub heartbeat: Duration,
    /// Heartbeat intervals without a heartbeat before close 4009; 0 waits for ever.
    pub missed_heartbeats: u32,
    /// Life of a fresh access token.
    pub token_life: Duration,
    /// How long a session can be resumed after its socket is gone.
    pub session_life: Duration,
    /// Dispatches kept per session for replay.
    pub replay_buffer: usize,
    /// Journal entries kept.
    pub journal_buffer: usize,
    /// Serve HTTPS and WSS with a certificate nobody trusts; plain HTTP if absent.
    pub tls: Option<Tls>,
    /// Which rules are enforced.
    pub rules: Rules,
}

impl Default for SimConfig {
    fn default() -> Self {
        Self {
            bots: vec![Bot::new("102012345", "SECRET")],
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            // The lowest interval seen live; they go up to 45000.
            heartbeat: Duration::from_millis(41_250),
            // Clients without a heartbeat were dropped every 60 to 90 s, about two intervals.
            missed_heartbeats: 2,
            token_life: Duration::from_secs(7200),
            // Not documented; peers throw a stored session away after five minutes.
            session_life: Duration::from_secs(300),
            replay_buffer: 1_000,
            journal_buffer: 20_000,
            tls: None,
            rules: Rules::default(),
        }
    }
}

impl SimConfig {
    /// The default, with these bots in place of the default one.
    #[must_use]
    pub fn with_bots(bots: impl IntoIterator<Item = Bot>) -> Self {
        Self {
            bots: bots.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Sets the heartbeat interval.
    #[must_use]
    pub const fn heartbeat(mut self, every: Duration) -> Self {
        self.heartbeat = every;
        self
    }

    /// Serves HTTPS and WSS with such a certificate.
    #[must_use]
    pub const fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Changes the rules in place.
    #[must_use]
    pub fn rules(mut self, change: impl FnOnce(&mut Rules)) -> Self {
        change(&mut self.rules);
        self
    }
}
