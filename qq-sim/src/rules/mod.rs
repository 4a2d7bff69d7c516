//! How strict to be, one switch per rule.

pub(crate) mod condition;
pub(crate) mod config;
pub mod intents;
pub(crate) mod refusal;
pub(crate) mod scene;

use serde::{Deserialize, Serialize};

/// The switches of strictness. [`Rules::default`] is the platform as documented,
/// [`Rules::lenient`] forgives whatever can be forgiven.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// `GET /gateway`: 2 a minute, burst 10, then HTTP 400 with 100017.
    pub gateway_rate: bool,
    /// Identifies per [`Rules::identify_reset_secs`].
    pub identify_budget: u32,
    /// Seconds after which an Identify no longer counts; a day on the platform.
    pub identify_reset_secs: u64,
    /// Identifies per 5 seconds, announced in `/gateway/bot`.
    pub max_concurrency: u32,
    /// Whether `max_concurrency` is enforced (close 4008) or only announced.
    pub enforce_concurrency: bool,
    /// Client frames per minute before close 4008; none by default, no number is published.
    pub frames_per_minute: Option<u32>,
    /// Token requests per minute before 100001; none by default, no number is published.
    pub token_requests_per_minute: Option<u32>,
    /// How a mask with a bit that was not granted is refused.
    pub intent_refusal: IntentRefusal,
    /// Every frame of the gateway leaves this many milliseconds late, in order.
    pub frame_delay_ms: u64,
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
    /// Whether a stream uses up one passive reply; undocumented, off by default.
    pub stream_counts: bool,
    /// Characters in a stream (40054007), counted down in `remain_msg_len`. No number is
    /// published; the official sample comes near this one.
    pub stream_chars: usize,
    /// (`msg_id`, `msg_seq`) must be unique (40054005).
    pub unique_seq: bool,
    /// Receipts as older deployments write them: an integer for a time, no index.
    pub old_receipts: bool,
    /// A quote in C2C and groups must be an index of a message of this chat (50038, 50039).
    pub quote_index: bool,
    /// Milliseconds in which a click must be acknowledged.
    pub click_deadline_ms: u64,
    /// Proactive messages need permission (40034105).
    pub proactive_permission: bool,
    /// Proactive quotas per second, minute and day (40034100).
    pub proactive_quota: bool,
    /// Only chats the bot has heard of can be written to (40054004, 40034101).
    pub known_peers: bool,
    /// Guild messages need a bot that is connected to the gateway (304018).
    pub guild_needs_gateway: bool,
    /// Five messages a second in a channel, two in a guild DM (20028).
    pub guild_rate: bool,
    /// Documented calls a second of each endpoint, then 429 (50002 for streams). Off by
    /// default: no user is this fast, some tests are.
    pub endpoint_rates: bool,
    /// `Retry-After` on those 429; no document mentions one.
    pub retry_after_secs: Option<u32>,
    /// A message of type 7 needs the `file_info` of an upload (304080, 10000).
    pub known_files: bool,
    /// Seconds until a `file_info` expires; 0 for never.
    pub file_ttl_secs: u64,
    /// Largest request body outside the store for parts; larger ones get HTTP 413, a page.
    pub max_body_bytes: u64,
    /// Largest file (850031).
    pub media_hard_bytes: u64,
    /// Size from which any file is shown as a plain one; by kind if absent: 20 MiB for
    /// pictures and voice, 30 for videos.
    pub media_soft_bytes: Option<u64>,
    /// Bytes a bot may upload in a day (40093002).
    pub upload_bytes_per_day: u64,
    /// Size of a part.
    pub upload_block_bytes: u64,
    /// Index of the first part: 0 on the pages, 1 in clients.
    pub part_index_base: u64,
    /// Sizes in `upload_prepare` as strings, as the official sample shows, or as numbers.
    pub numbers_as_strings: bool,
    /// A file that was uploaded in parts before needs no parts again.
    pub instant_transfer: bool,
    /// No address can be downloaded from (850026).
    pub url_fetch_fails: bool,
    /// Milliseconds a download may take (850027).
    pub url_fetch_timeout_ms: u64,
    /// What is wrong with attachments that are fetched from here.
    pub downloads: DownloadDefect,
    /// Longest text in characters (40054007; 1000001 in guilds). No number is published; the
    /// default is the largest size a peer is known to send.
    pub max_text_chars: Option<usize>,
    /// Domains allowed in text; `None` allows every URL (40054010; 304003 in guilds).
    pub url_domains: Option<Vec<String>>,
    /// Unknown or misplaced opcodes close the socket (4001, 4003, 4005).
    pub opcodes: bool,
}

/// How Identify is refused for its intents; bot authors report every one of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentRefusal {
    /// Op 9 `false`, then close 4014, or 4013 for a bit that does not exist.
    #[default]
    #[serde(rename = "op_9_then_close")]
    Op9ThenClose,
    /// That close without op 9.
    CloseOnly,
    /// Op 9 `false`, then close 4903, "create session error".
    CreateSessionError,
    /// A bare end of the connection.
    EndOfFile,
}

/// What is wrong with an attachment that a bot fetches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DownloadDefect {
    /// Nothing.
    #[default]
    None,
    /// It comes a KiB at a time.
    Slow,
    /// The connection breaks after half of it.
    Truncated,
    /// Its `Content-Type` is `text/html`.
    WrongType,
    /// A page of HTML comes in its place, with status 200.
    Page,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            gateway_rate: true,
            identify_budget: 1000,
            identify_reset_secs: 86_400,
            max_concurrency: 1,
            enforce_concurrency: false,
            frames_per_minute: None,
            token_requests_per_minute: None,
            intent_refusal: IntentRefusal::Op9ThenClose,
            frame_delay_ms: 0,
            expires_in_as_string: true,
            source_ip_refused: false,
            foreign_msg_id: true,
            reply_window: true,
            reply_budget: true,
            typing_counts: false,
            stream_counts: false,
            stream_chars: 4_000,
            unique_seq: true,
            old_receipts: false,
            quote_index: true,
            click_deadline_ms: 3_000,
            proactive_permission: true,
            proactive_quota: true,
            known_peers: true,
            guild_needs_gateway: true,
            guild_rate: true,
            known_files: true,
            file_ttl_secs: 300,
            max_body_bytes: 20 << 20,
            media_hard_bytes: 200 << 20,
            media_soft_bytes: None,
            upload_bytes_per_day: 2 << 30,
            upload_block_bytes: 5 << 20,
            part_index_base: 0,
            numbers_as_strings: true,
            instant_transfer: false,
            url_fetch_fails: false,
            url_fetch_timeout_ms: 60_000,
            downloads: DownloadDefect::None,
            endpoint_rates: false,
            retry_after_secs: None,
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
            quote_index: false,
            proactive_permission: false,
            proactive_quota: false,
            known_peers: false,
            guild_needs_gateway: false,
            guild_rate: false,
            known_files: false,
            max_text_chars: None,
            opcodes: false,
            ..Self::default()
        }
    }
}
