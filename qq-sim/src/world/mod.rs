//! The platform's memory and its decisions, without sockets: every request is a
//! call on [`World`] under one lock, so what the journal shows is what happened.

pub(crate) mod audits;
pub(crate) mod body;
pub(crate) mod cards;
pub(crate) mod chats;
pub(crate) mod clicks;
pub(crate) mod clock;
mod conditions;
pub(crate) mod deliver;
pub(crate) mod downloads;
mod frequency;
pub(crate) mod guild;
pub(crate) mod ids;
pub(crate) mod messages;
mod quotes;
pub(crate) mod rate;
pub(crate) mod recall;
pub(crate) mod session;
pub(crate) mod streams;
mod suffer;
pub(crate) mod tokens;
pub(crate) mod uploads;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::faults::FaultQueue;
use crate::journal::Journal;
use crate::journal::record::{Authorization, Record};
use crate::journal::sent::PendingAudit;
use crate::rules::condition::Condition;
use crate::rules::config::{Bot, SimConfig, Standing};
use crate::rules::refusal::Refusal;
use chats::{Chats, Peer};
use clicks::Clicks;
use clock::{Clock, millis};
use downloads::Downloads;
use frequency::Calls;
use guild::Guilds;
use ids::Ids;
use rate::{Bucket, MINUTE, SECOND, Window};
use session::{Link, Session};
use streams::Stream;
use tokens::{Issued, TokenBook};
use uploads::Uploads;

/// The whole state of one simulator.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) config: SimConfig,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) journal: Arc<Journal>,
    pub(crate) faults: FaultQueue,
    pub(crate) chats: Chats,
    pub(crate) guilds: Guilds,
    pub(crate) conditions: HashMap<Peer, BTreeSet<Condition>>,
    pub(crate) audits: Vec<PendingAudit>,
    /// Every stream, oldest first.
    pub(crate) streams: Vec<Stream>,
    /// Frames that are not answered yet, by user.
    pub(crate) frames_in_flight: HashMap<String, u64>,
    /// Frames that got nowhere while the user had no open stream.
    pub(crate) lost_frames: HashMap<String, u64>,
    pub(crate) uploads: Uploads,
    pub(crate) downloads: Downloads,
    /// Where all this is served.
    pub(crate) base_url: String,
    clicks: Clicks,
    calls: Calls,
    pub(crate) sessions: BTreeMap<String, Session>,
    pub(crate) links: BTreeMap<u64, Link>,
    pub(crate) identifies: HashMap<String, Window>,
    /// Most sockets in use at one time, per bot.
    pub(crate) live_peaks: HashMap<String, usize>,
    books: HashMap<String, TokenBook>,
    token_requests: Window,
    gateway: HashMap<String, Bucket>,
}

impl World {
    pub(crate) fn new(config: SimConfig, journal: Arc<Journal>) -> Self {
        config.bots.iter().for_each(|bot| journal.hide(&bot.secret));
        Self {
            config,
            clock: Clock::new(),
            ids: Ids::default(),
            journal,
            faults: FaultQueue::default(),
            chats: Chats::default(),
            guilds: Guilds::default(),
            conditions: HashMap::new(),
            audits: Vec::new(),
            streams: Vec::new(),
            frames_in_flight: HashMap::new(),
            lost_frames: HashMap::new(),
            uploads: Uploads::default(),
            downloads: Downloads::default(),
            base_url: String::new(),
            clicks: Clicks::default(),
            calls: Calls::default(),
            sessions: BTreeMap::new(),
            links: BTreeMap::new(),
            identifies: HashMap::new(),
            live_peaks: HashMap::new(),
            books: HashMap::new(),
            token_requests: Window::default(),
            gateway: HashMap::new(),
        }
    }

    pub(crate) fn bot(&self, app_id: &str) -> Option<&Bot> {
        self.config.bots.iter().find(|bot| bot.app_id == app_id)
    }

    /// Gives the bot with these credentials its token.
    pub(crate) fn issue_token(&mut self, app_id: &str, secret: &str) -> Result<Issued, Refusal> {
        let now = self.clock.now_ms();
        let limit = self.config.rules.token_requests_per_minute;
        let used = self.token_requests.used(now, MINUTE);
        if limit.is_some_and(|limit| used >= limit as usize) {
            return Err(Refusal::TOKEN_RATE);
        }
        self.token_requests.note(now);
        let bot = self.bot(app_id).ok_or(Refusal::APP_ID_INVALID)?;
        match bot.standing {
            Standing::Banned => return Err(Refusal::APP_ID_INVALID),
            Standing::Deleted => return Err(Refusal::NO_SUCH_BOT),
            Standing::Good | Standing::SandboxOnly => {}
        }
        if bot.secret != secret {
            return Err(Refusal::SECRET_INVALID);
        }
        let life_ms = millis(self.config.token_life);
        let book = self.books.entry(app_id.to_owned()).or_default();
        let issued = book.issue(now, life_ms, || self.ids.token());
        if issued.fresh {
            self.journal.hide(&issued.value);
        }
        Ok(issued)
    }

    /// Owner of a token that works now.
    pub(crate) fn owner_of(&self, token: &str) -> Option<&Bot> {
        let now = self.clock.now_ms();
        let owns = |bot: &&Bot| {
            self.books
                .get(&bot.app_id)
                .is_some_and(|book| book.accepts(token, now))
        };
        self.config.bots.iter().find(owns)
    }

    /// Who calls, by the `Authorization` and `X-Union-Appid` headers.
    pub(crate) fn authorize(
        &self,
        header: Option<&str>,
        app_id: Option<&str>,
    ) -> Result<Bot, Refusal> {
        if self.config.rules.source_ip_refused {
            return Err(Refusal::SOURCE_IP);
        }
        let header = header.ok_or(Refusal::TOKEN_MISSING)?;
        if header.starts_with("Bot ") {
            return Err(Refusal::FIXED_TOKEN);
        }
        let token = header.strip_prefix("QQBot ").ok_or(Refusal::TOKEN_CHECK)?;
        let bot = self.owner_of(token).ok_or(Refusal::TOKEN_EXPIRED)?;
        if app_id.is_some_and(|named| named != bot.app_id) {
            return Err(Refusal::FOREIGN_TOKEN);
        }
        match bot.standing {
            Standing::Banned | Standing::Deleted => Err(Refusal::BOT_BANNED),
            Standing::Good | Standing::SandboxOnly => Ok(bot.clone()),
        }
    }

    /// What the journal says about an `Authorization` header.
    pub(crate) fn judge(&self, header: Option<&str>) -> Authorization {
        match header.map(|header| header.strip_prefix("QQBot ")) {
            None => Authorization::Missing,
            Some(Some(token)) if self.owner_of(token).is_some() => Authorization::Right,
            Some(_) => Authorization::Wrong,
        }
    }

    /// One call of `/gateway` or `/gateway/bot`.
    pub(crate) fn spend_gateway_call(&mut self, app_id: &str) -> Result<(), Refusal> {
        let now = self.clock.now_ms();
        let bucket = self
            .gateway
            .entry(app_id.to_owned())
            .or_insert_with(|| Bucket::full(now));
        if bucket.take(now) || !self.config.rules.gateway_rate {
            return Ok(());
        }
        Err(Refusal::GATEWAY_RATE)
    }

    /// `session_start_limit` of `/gateway/bot`.
    pub(crate) fn session_start_limit(&self, app_id: &str) -> Value {
        let now = self.clock.now_ms();
        let total = self.config.rules.identify_budget;
        let window = self.identifies.get(app_id);
        let span = self.identify_span_ms();
        let used = window.map_or(0, |window| window.used(now, span));
        let used = u32::try_from(used).unwrap_or(u32::MAX);
        json!({
            "total": total,
            "remaining": total.saturating_sub(used),
            "reset_after": window.map_or(span, |window| window.reset_after(now, span)),
            "max_concurrency": self.config.rules.max_concurrency,
        })
    }

    /// How long an Identify counts.
    pub(crate) const fn identify_span_ms(&self) -> u64 {
        self.config.rules.identify_reset_secs.saturating_mul(SECOND)
    }

    /// Leaves every token `left` of its life.
    pub(crate) fn shorten_tokens(&mut self, left: Duration) {
        let now = self.clock.now_ms();
        self.books
            .values_mut()
            .for_each(|book| book.shorten(now, millis(left)));
    }

    pub(crate) fn revoke_tokens(&mut self) {
        self.books.values_mut().for_each(TokenBook::revoke);
    }

    /// How often a bot asked for a token successfully.
    pub(crate) fn token_fetches(&self, app_id: &str) -> u64 {
        self.books.get(app_id).map_or(0, |book| book.fetches)
    }

    /// Back to the beginning: only the bots, the rules and the journal's numbering
    /// stay. Open sockets lose their session and are closed.
    pub(crate) fn reset(&mut self) {
        let fresh = Self::new(self.config.clone(), Arc::clone(&self.journal));
        let links = std::mem::take(&mut self.links);
        let base_url = std::mem::take(&mut self.base_url);
        *self = Self {
            links,
            base_url,
            ..fresh
        };
        self.journal.clear();
        self.journal.push(None, Record::Reset);
    }

    /// A picture of the state for whoever drives the simulator from outside.
    pub(crate) fn state(&self) -> Value {
        let now = self.clock.now_ms();
        let bots = self.config.bots.iter().map(|bot| {
            json!({"app_id": bot.app_id, "intents": bot.intents, "standing": bot.standing,
                   "max_live_sockets": self.live_peaks.get(&bot.app_id).unwrap_or(&0),
                   "token_fetches": self.token_fetches(&bot.app_id),
                   "session_start_limit": self.session_start_limit(&bot.app_id)})
        });
        let sessions = self.sessions.iter().map(|(id, session)| {
            json!({"session_id": id, "app_id": session.app_id, "intents": session.intents,
                   "shard": session.shard, "seq": session.seq, "connection": session.attached})
        });
        json!({
            "now_ms": now,
            "bots": bots.collect::<Vec<_>>(),
            "sessions": sessions.collect::<Vec<_>>(),
            "sockets": self.links.iter().map(|(n, link)| json!({"connection": n, "live": link.live,
                       "session_id": link.session, "sent": link.sent})).collect::<Vec<_>>(),
            "faults": self.faults.pending(),
            "journal": self.journal.newest(),
            "rules": self.config.rules,
        })
    }
}
