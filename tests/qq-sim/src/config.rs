//! What to simulate: the bots, the port, the pace, and how strict to be.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use serde::Serialize;

use crate::intents;

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
    /// What the platform thinks of this bot.
    pub standing: Standing,
}

/// Standing of a bot on the platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
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
            standing: Standing::Good,
        }
    }

    /// Id of the bot's guild user, shown in READY; not its `member_openid` in a group.
    pub(crate) fn guild_user_id(&self) -> String {
        format!("9{:0>18}", self.app_id)
    }

    /// Id under which groups mention this bot.
    pub(crate) fn member_openid(&self) -> String {
        crate::openid(&self.app_id, "the bot itself")
    }

    /// Replaces the granted intents.
    #[must_use]
    pub const fn granted(mut self, intents: u32) -> Self {
        self.intents = intents;
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

    /// Sets the standing.
    #[must_use]
    pub const fn standing(mut self, standing: Standing) -> Self {
        self.standing = standing;
        self
    }
}

/// Everything [`crate::Sim::start`] needs to know. The default is one bot,
/// `102012345` with secret `SECRET`, on a free port, strict.
#[derive(Clone, Debug)]
pub struct SimConfig {
    /// Bots registered with this platform; the first one is the default of every helper.
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

    /// Changes the rules in place.
    #[must_use]
    pub fn rules(mut self, change: impl FnOnce(&mut Rules)) -> Self {
        change(&mut self.rules);
        self
    }
}

/// The switches of strictness. [`Rules::default`] is the platform as documented,
/// [`Rules::lenient`] forgives whatever can be forgiven.
#[derive(Clone, Debug, Serialize)]
pub struct Rules {
    /// `GET /gateway`: 2 a minute, burst 10, then HTTP 400 with 100017.
    pub gateway_rate: bool,
    /// Identifies per 24 hours.
    pub identify_budget: u32,
    /// Identifies per 5 seconds, announced in `/gateway/bot`.
    pub max_concurrency: u32,
    /// Whether `max_concurrency` is enforced (close 4008) or only announced.
    pub enforce_concurrency: bool,
    /// Client frames per minute before close 4008; none by default, no number is published.
    pub frames_per_minute: Option<u32>,
    /// Token requests per minute before 100001; none by default, no number is published.
    pub token_requests_per_minute: Option<u32>,
    /// `expires_in` as a string, as the official sample shows, or as the declared number.
    pub expires_in_as_string: bool,
    /// Answer every REST call with 401/11298 and every Identify with op 9.
    pub source_ip_refused: bool,
    /// A `msg_id` must be one of this bot in this chat (40034024).
    pub foreign_msg_id: bool,
    /// Passive window: 60 minutes in C2C, 5 in groups (40034005).
    pub reply_window: bool,
    /// Passive count: 4 in C2C, 5 in groups (40034128).
    pub reply_budget: bool,
    /// Whether a typing notice uses up one passive reply; undocumented, off by default.
    pub typing_counts: bool,
    /// (`msg_id`, `msg_seq`) must be unique (40054005).
    pub unique_seq: bool,
    /// Proactive messages need permission (40034105).
    pub proactive_permission: bool,
    /// Proactive quotas per second, minute and day (40034100).
    pub proactive_quota: bool,
    /// Only chats the bot has heard of can be written to (40054004, 40034101).
    pub known_peers: bool,
    /// Longest text in characters (40054007). No number is published; the
    /// default is the largest size a peer is known to send.
    pub max_text_chars: Option<usize>,
    /// Domains allowed in text; `None` allows every URL (40054010).
    pub url_domains: Option<Vec<String>>,
    /// Unknown or misplaced opcodes close the socket (4001, 4003, 4005).
    pub opcodes: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            gateway_rate: true,
            identify_budget: 1000,
            max_concurrency: 1,
            enforce_concurrency: false,
            frames_per_minute: None,
            token_requests_per_minute: None,
            expires_in_as_string: true,
            source_ip_refused: false,
            foreign_msg_id: true,
            reply_window: true,
            reply_budget: true,
            typing_counts: false,
            unique_seq: true,
            proactive_permission: true,
            proactive_quota: true,
            known_peers: true,
            max_text_chars: Some(5_000),
            url_domains: None,
            opcodes: true,
        }
    }
}

impl Rules {
    /// Forgives budgets, windows, duplicates, permissions and odd opcodes.
    /// Authentication and the shape of a message are still checked.
    #[must_use]
    pub fn lenient() -> Self {
        Self {
            gateway_rate: false,
            identify_budget: u32::MAX,
            foreign_msg_id: false,
            reply_window: false,
            reply_budget: false,
            unique_seq: false,
            proactive_permission: false,
            proactive_quota: false,
            known_peers: false,
            max_text_chars: None,
            opcodes: false,
            ..Self::default()
        }
    }
}
