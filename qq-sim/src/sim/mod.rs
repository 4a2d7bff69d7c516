//! The simulator as a value: start it, talk to it, read its journal, drop it.

mod audits;
mod people;
mod queries;
mod routes;
mod waits;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;

use crate::faults::Fault;
use crate::journal::{Entry, Journal};
use crate::people::users::Stage;
use crate::rules::Rules;
use crate::rules::config::{Bot, SimConfig};
use crate::server::hub::Hub;
use crate::server::tls::Identity;
use crate::world::World;

/// A running QQ platform on loopback. It stops when this is dropped.
///
/// ```
/// use qq_sim::{Sim, SimConfig};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let sim = Sim::start(SimConfig::default()).await?;
/// assert!(sim.base_url().starts_with("http://127.0.0.1:"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Sim {
    hub: Arc<Hub>,
    default_bot: Bot,
    /// Journal number of the last reply given out by [`Sim::next_reply`].
    read: AtomicU64,
}

impl Sim {
    /// Binds, and serves from then on.
    ///
    /// # Errors
    ///
    /// If the address is not loopback, the port is taken, there is no bot, or no
    /// certificate can be made.
    pub async fn start(config: SimConfig) -> io::Result<Self> {
        let invalid = |text: &str| io::Error::new(io::ErrorKind::InvalidInput, text.to_owned());
        if !config.host.is_loopback() {
            return Err(invalid("qq-sim listens on loopback only"));
        }
        let default_bot = config
            .bots
            .first()
            .cloned()
            .ok_or_else(|| invalid("no bot given"))?;
        let listener = TcpListener::bind((config.host, config.port)).await?;
        let tls = config.tls.map(|tls| Identity::new(tls, config.host));
        let journal = Arc::new(Journal::new(config.journal_buffer));
        let hub = Arc::new(Hub::new(
            listener.local_addr()?,
            tls.transpose()?,
            World::new(config, journal),
        ));
        let router = routes::router(Arc::clone(&hub));
        hub.spawn(crate::server::serve(listener, Arc::clone(&hub), router));
        hub.spawn(crate::server::deadlines::watch(Arc::clone(&hub)));
        Ok(Self {
            hub,
            default_bot,
            read: AtomicU64::new(0),
        })
    }

    /// `http://127.0.0.1:PORT`, or `https`: REST base, token base and sandbox base in one.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.hub.base_url()
    }

    /// `ws://127.0.0.1:PORT/websocket/`, or `wss`, as `/gateway` answers.
    #[must_use]
    pub fn gateway_url(&self) -> String {
        self.hub.gateway_url()
    }

    /// Address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.hub.address
    }

    /// The certificate in DER, for a client that should trust it; none without TLS.
    #[must_use]
    pub fn certificate(&self) -> Option<&[u8]> {
        self.hub.tls.as_ref().map(|tls| tls.certificate.as_slice())
    }

    /// The first bot as its users see it.
    fn first_stage(&self) -> Stage {
        self.stage(&self.default_bot)
    }

    /// Any bot as its users see it.
    fn stage_of(&self, app_id: &str) -> Option<Stage> {
        let bot = self.hub.with(|world| world.bot(app_id).cloned())?;
        Some(self.stage(&bot))
    }

    fn stage(&self, bot: &Bot) -> Stage {
        Stage {
            hub: Arc::clone(&self.hub),
            bot: bot.clone(),
        }
    }

    /// Dispatches any event to the first bot; returns the envelope id.
    pub fn inject(&self, t: &str, d: Value) -> String {
        self.hub.change(|world| {
            let id = world.ids.event(t);
            world.publish(&self.default_bot.app_id, t, &id, d);
            id
        })
    }

    /// Schedules a fault. `false` if ten thousand are waiting already.
    pub fn fault(&self, fault: Fault) -> bool {
        self.hub.change(|world| world.schedule(fault))
    }

    /// Forgets the faults that have not had their moment yet. What has begun goes on:
    /// a socket that is late or silent stays so.
    pub fn clear_faults(&self) {
        self.hub.with(World::clear_faults);
    }

    /// Faults that have not had their moment yet.
    #[must_use]
    pub fn pending_faults(&self) -> Vec<Fault> {
        self.hub.with(|world| world.faults.pending())
    }

    /// Changes the rules while running.
    pub fn rules(&self, change: impl FnOnce(&mut Rules)) {
        self.hub.change(|world| change(&mut world.config.rules));
    }

    /// Changes a bot while running, say its grants or standing; `false` if there is none.
    pub fn change_bot(&self, app_id: &str, change: impl FnOnce(&mut Bot)) -> bool {
        self.hub.change(|world| {
            let bot = world
                .config
                .bots
                .iter_mut()
                .find(|bot| bot.app_id == app_id);
            bot.map(change).is_some()
        })
    }

    /// Lets time pass for tokens, reply windows, quotas and sessions.
    pub fn advance(&self, by: Duration) {
        self.hub.change(|world| world.clock.advance(by));
    }

    /// Every current token has just expired.
    pub fn expire_token(&self) {
        self.shorten_token(Duration::ZERO);
    }

    /// Leaves every current token at most `left` to live; below a minute, the next
    /// fetch gives a new one.
    pub fn shorten_token(&self, left: Duration) {
        self.hub.with(|world| world.shorten_tokens(left));
    }

    /// Forgets every token: calls with one get 401 and 11244.
    pub fn revoke_token(&self) {
        self.hub.with(World::revoke_tokens);
    }

    /// Successful token requests of the first bot.
    #[must_use]
    pub fn token_fetches(&self) -> u64 {
        self.hub
            .with(|world| world.token_fetches(&self.default_bot.app_id))
    }

    /// Sockets that have seen READY or RESUMED and are still open.
    #[must_use]
    pub fn live_sockets(&self) -> usize {
        self.hub.with(|world| world.live_sockets().len())
    }

    /// Everything the control endpoint `/_sim/state` shows.
    #[must_use]
    pub fn state(&self) -> Value {
        self.hub.with(|world| world.state())
    }

    /// Back to the beginning: tokens, sessions, chats, faults and entries are gone.
    pub fn reset(&self) {
        self.hub.change(World::reset);
    }

    /// The journal so far.
    #[must_use]
    pub fn journal(&self) -> Vec<Entry> {
        self.hub.journal.after(0)
    }

    /// Number of the newest entry, a mark for [`Sim::wait_after`].
    #[must_use]
    pub fn mark(&self) -> u64 {
        self.hub.journal.newest()
    }

    /// For the command: follows the journal.
    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.hub.stop();
    }
}
