//! The gateway: one websocket, one session, and the way back to both.
//!
//! ```text
//! Idle → AwaitToken → AwaitUrl → AwaitOpen → AwaitHello → AwaitReady → Live
//!            ↑                                    │            │         │
//!            └────────────── Pause ←──────────────┴────────────┴─────────┘
//! ```
//!
//! Exactly one socket is open at a time, and this machine alone opens one.
//! See QQ docs, dev-prepare/event-emit/websocket.

mod budget;
mod close;
mod connect;
mod discovery;
mod frame;
mod frames;
mod grant;
mod heartbeat;
mod held;
mod loss;
mod lost_frame;
mod negotiate;
mod op9;
mod outlook;
mod quota;
mod session;
mod unopened;
mod url;

use serde::{Deserialize, Serialize};

pub(crate) use frame::Dispatch;

use crate::backoff::{Again, Backoff};
use crate::config::{Config, Intents};
use crate::contract::{Context, Failure, Id};
use crate::cx::Cx;
use crate::host::Host;
use crate::state::State as Stored;
use crate::timer::Timer;
use budget::Budget;
use grant::Grant;
use heartbeat::Link;
use held::Held;
use session::Session;
use url::Address;

/// Close code of every close from this side. The platform does not document
/// which client codes end a session; 1001, going away, keeps it resumable.
const GOING_AWAY: u16 = 1001;

/// What a session is made for. A session of other settings cannot be resumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    app_id: String,
    api: String,
    intents: u32,
}

impl Settings {
    fn of(config: &Config) -> Self {
        Self {
            app_id: config.app_id.clone(),
            api: config.bases.api.clone(),
            intents: config.intents.mask(),
        }
    }
}

/// Where the machine is; a state holds only what is valid in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Not wanted.
    Idle,
    /// The access token is on its way.
    AwaitToken,
    /// `GET /gateway/bot` or `GET /gateway` is on its way.
    AwaitUrl { request: Id },
    /// The socket is being opened.
    AwaitOpen { socket: Id },
    /// The server speaks first.
    AwaitHello { socket: Id },
    /// Identify or Resume was sent.
    AwaitReady { link: Link, attempt: Attempt },
    /// Op 9 came. The close frame behind it holds the real reason.
    AwaitReason {
        socket: Id,
        attempt: Option<Attempt>,
        resumable: bool,
    },
    /// Events flow.
    Live { link: Link, since_ms: u64 },
    /// The next attempt waits for a timer.
    Pause { again: Again },
}

/// What was sent after Hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attempt {
    Identify,
    Resume,
}

/// What a connection failed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Finding and opening the gateway.
    Gateway,
    /// Identify or Resume.
    Identify,
    /// Nothing: it answered which intents are permitted.
    Question,
}

/// Why the machine pauses, or paused last.
#[derive(Clone, Debug)]
struct Trouble {
    step: Step,
    failure: Failure,
}

/// What an event meant.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum News<'f> {
    /// Nothing to tell.
    Quiet,
    /// An event for the bot.
    Dispatch(Dispatch<'f>),
    /// Something about the connection changed.
    Changed,
    /// No restart mends what this failed at.
    Fatal(Step, Failure),
}

/// The machine.
#[derive(Debug)]
pub(crate) struct Gateway {
    settings: Settings,
    intents: Intents,
    state: State,
    /// Which intents the bot may have.
    grant: Grant,
    /// The intents of the session, or of the Identify under way.
    asked: u32,
    session: Option<Session>,
    /// Highest sequence number received.
    seq: Option<u64>,
    address: Address,
    budget: Budget,
    trouble: Option<Trouble>,
    backoff: Backoff,
    /// Identifies in a row without READY. Each costs one of about 1000 a day.
    identify_rejections: u32,
    /// Resumes in a row without RESUMED.
    resume_failures: u32,
    /// Resumes in a row whose connection broke before an answer.
    resumes_cut: u32,
    /// The sequence number at which a frame broke the connection last.
    broke_at: Option<u64>,
    /// Whether an event came over the connection since Hello.
    delivered: bool,
    /// Whether a connection that ended early was replaced at once lately.
    spared: bool,
    /// Generation of the token the platform refused last.
    refused_generation: Option<u64>,
    /// Generation of the token the request in flight shows.
    fetch_generation: u64,
    held: Held,
}

impl Gateway {
    /// Takes over the live socket an earlier instance left, or its session.
    pub(crate) fn new(
        config: &Config,
        api: &str,
        context: &Context,
        state: &Stored,
        host: &mut Host,
    ) -> Self {
        let settings = Settings::of(config);
        let mut gateway = Self {
            address: Address::load(state, api),
            budget: Budget::load(state, &settings.app_id),
            grant: Grant::load(state, &settings.app_id, settings.intents),
            asked: settings.intents,
            intents: config.intents,
            state: State::Idle,
            session: None,
            seq: None,
            trouble: None,
            backoff: Backoff::default(),
            identify_rejections: 0,
            resume_failures: 0,
            resumes_cut: 0,
            broke_at: None,
            delivered: false,
            spared: false,
            refused_generation: None,
            fetch_generation: 0,
            held: Held::default(),
            settings,
        };
        let loaded = Session::load(state, &gateway.settings, context.wall_ms);
        if let Some((session, seq)) = loaded {
            gateway.asked = session.intents();
            gateway.seq = Some(seq);
            gateway.session = Some(session);
            gateway.adopt(context, host);
        }
        gateway
    }

    /// The socket in use.
    pub(crate) const fn socket(&self) -> Option<Id> {
        match self.state {
            State::AwaitOpen { socket }
            | State::AwaitHello { socket }
            | State::AwaitReason { socket, .. } => Some(socket),
            State::AwaitReady { link, .. } | State::Live { link, .. } => Some(link.socket),
            State::Idle | State::AwaitToken | State::AwaitUrl { .. } | State::Pause { .. } => None,
        }
    }

    /// The bot's id in guilds, once READY told it; else empty.
    pub(crate) fn bot_id(&self) -> &str {
        self.session
            .as_ref()
            .map_or("", |session| session.bot_id.as_str())
    }

    /// Goes on under another configuration. With `fresh`, over a new session.
    pub(crate) fn reconfigure(&mut self, config: &Config, fresh: bool, host: &mut Host) {
        if fresh {
            self.hang_up("configuration changed", host);
            self.forget_session(host);
            self.settings = Settings::of(config);
            self.address.reset(&self.settings.api);
            self.budget.serve(&self.settings.app_id);
            self.intents = config.intents;
            self.grant = Grant::new(&self.settings.app_id, self.settings.intents);
        }
        // The operator may have asked for a permission; the next Identify shows.
        self.grant.ask_again(host);
        self.trouble = None;
        self.backoff.reset();
        self.identify_rejections = 0;
        self.resume_failures = 0;
        self.resumes_cut = 0;
        self.spared = false;
        self.refused_generation = None;
    }

    /// Asks for the URL elsewhere from now on. A connection stays.
    pub(crate) fn rebase(&mut self, api: &str) {
        self.address.rebase(api);
    }

    /// Connects, unless connected or on the way.
    pub(crate) fn ensure(&mut self, cx: &mut Cx) {
        if matches!(self.state, State::Idle | State::Pause { .. }) {
            self.connect(cx);
        }
    }

    /// There is a fresh access token.
    pub(crate) fn on_token(&mut self, cx: &mut Cx) {
        if matches!(self.state, State::AwaitToken) {
            self.connect(cx);
        }
    }

    /// Closes everything and keeps the session for a later Resume.
    pub(crate) fn stop(&mut self, reason: &str, host: &mut Host) {
        self.hang_up(reason, host);
        self.state = State::Idle;
    }

    /// Closes the socket, or gives up the request, and stops the timers.
    fn hang_up(&mut self, reason: &str, host: &mut Host) {
        if let Some(socket) = self.socket() {
            host.close_socket(socket, GOING_AWAY, reason);
        }
        self.abandon(host);
    }

    /// As [`Gateway::hang_up`], but the socket is closed already.
    fn abandon(&mut self, host: &mut Host) {
        if let State::AwaitUrl { request } = self.state {
            host.cancel_http(request);
        }
        Link::end(host);
        host.cancel_timer(Timer::Gateway);
        self.detach(host);
        self.state = State::Idle;
    }

    /// The session lives on no socket any more, and the stored one says so.
    fn detach(&mut self, host: &mut Host) {
        if let Some(session) = self
            .session
            .as_mut()
            .filter(|session| session.socket.is_some())
        {
            session.socket = None;
            session.save(host);
        }
    }

    fn forget_session(&mut self, host: &mut Host) {
        self.seq = None;
        self.broke_at = None;
        self.resume_failures = 0;
        self.resumes_cut = 0;
        if self.session.take().is_some() {
            Session::erase(host);
        }
    }
}
