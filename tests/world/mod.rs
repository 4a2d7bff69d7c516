//! A host in virtual time: keeps what the channel stores and opens, and panics
//! when the channel breaks the contract. All tests of the core share it.

#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "each test uses its part"
)]

mod chance;
mod deaths;
mod duties;
mod messages;
mod numbers;
mod platform;

use std::collections::{BTreeMap, BTreeSet};

use qq_channel::Channel;
use qq_channel::contract::{
    Action, Attachment, AttachmentLocation, Command, Context, DigestBlob, Envelope, Event, Failure,
    FailureKind, Request, SendHttp,
};

pub use chance::cases;
pub use messages::{message, picture};
use numbers::Numbers;
pub use platform::{HEARTBEAT_ACK, HELLO, READY, closed, opened, response};

/// Timers that may fire at one instant: there are five.
const AT_ONCE: usize = 8;

pub struct World {
    pub channel: Channel,
    pub mono_ms: u64,
    pub wall_ms: u64,
    pub seq: u64,
    /// No two instances get the same entropy.
    lives: u8,
    config: String,
    pub state: BTreeMap<String, Vec<u8>>,
    /// Open or opening, oldest first.
    pub sockets: Vec<u64>,
    /// The one before the newest, closed.
    pub old_socket: Option<u64>,
    pub requests: BTreeMap<u64, SendHttp>,
    /// Digests outstanding, oldest first.
    pub digests: Vec<DigestBlob>,
    /// Blobs the channel was given and has not let go.
    pub held: BTreeSet<u64>,
    /// Those of a process that is no more.
    lost: BTreeSet<u64>,
    timers: BTreeMap<u64, u64>,
    /// Requests whose end is still to be told.
    called_off: Vec<u64>,
    /// When each open request runs out of time.
    timeouts: BTreeMap<u64, u64>,
    pub secrets: BTreeSet<String>,
    /// Commands that were not completed.
    pub commands: BTreeSet<u64>,
    /// Commands that are told later what became of their message.
    pub deferred: BTreeSet<u64>,
    /// Commands whose findings may name users: the operator asked for them.
    naming: BTreeSet<u64>,
    pub stopped: bool,
    /// The host holds frames back, or says so.
    pub frames_waiting: bool,
    /// When Identify was sent, monotonic milliseconds.
    pub identifies: Vec<u64>,
    /// The socket Identify or Resume was sent over.
    pub greeted: Option<u64>,
    numbers: Numbers,
}

impl World {
    /// Starts a channel, or says why it does not start.
    pub fn start(config: &str) -> Result<(Self, Vec<Action>), String> {
        let secrets = BTreeSet::from(["app_secret".to_owned()]);
        let wall_ms = 1_784_599_200_000;
        let context = Context {
            instance: "test".to_owned(),
            config: config.to_owned(),
            wall_ms,
            mono_ms: 0,
            entropy: (0..32).collect(),
            secrets: secrets.iter().cloned().collect(),
            state: Vec::new(),
            adopted: Vec::new(),
        };
        let (channel, actions) = Channel::start(context)?;
        let mut world = Self {
            channel,
            mono_ms: 0,
            wall_ms,
            seq: 0,
            lives: 0,
            config: config.to_owned(),
            state: BTreeMap::new(),
            sockets: Vec::new(),
            old_socket: None,
            requests: BTreeMap::new(),
            digests: Vec::new(),
            held: BTreeSet::new(),
            lost: BTreeSet::new(),
            timers: BTreeMap::new(),
            called_off: Vec::new(),
            timeouts: BTreeMap::new(),
            secrets,
            commands: BTreeSet::new(),
            deferred: BTreeSet::new(),
            naming: BTreeSet::new(),
            stopped: false,
            frames_waiting: false,
            identifies: Vec::new(),
            greeted: None,
            numbers: Numbers::default(),
        };
        world.apply(&actions);
        Ok((world, actions))
    }

    /// Tells the channel what happened.
    pub fn tell(&mut self, event: Event, redelivered: bool) -> Vec<Action> {
        self.keep_books(&event);
        self.seq += 1;
        let envelope = Envelope {
            seq: self.seq,
            wall_ms: self.wall_ms,
            mono_ms: self.mono_ms,
            redelivered,
            frames_waiting: self.frames_waiting,
            event,
        };
        let mut actions = self.channel.handle(envelope);
        self.apply(&actions);
        actions.extend(self.tell_called_off());
        actions
    }

    /// What the host remembers of what it tells.
    fn keep_books(&mut self, event: &Event) {
        match event {
            Event::HttpResponse(response) => {
                self.held.extend(response.blob.as_ref().map(|held| held.id));
                self.requests.remove(&response.id);
                self.numbers.answered(response);
                self.secrets.extend(response.sealed.iter().cloned());
            }
            Event::HttpFailed(failed) => {
                self.requests.remove(&failed.id);
            }
            Event::BlobDigested(done) => self.digests.retain(|ask| ask.id != done.id),
            Event::SocketClosed(closed) => self.sockets.retain(|id| *id != closed.id),
            Event::Configure(json) => {
                self.config.clone_from(json);
                self.stopped = false;
            }
            Event::Command(command) => {
                self.commands.insert(command.id);
                if matches!(command.request, Request::Access(_)) {
                    self.naming.insert(command.id);
                }
                if let Request::Send(message) = &command.request {
                    let location = |file: &Attachment| match file.location {
                        AttachmentLocation::Blob(blob) => Some(blob),
                        AttachmentLocation::Url(_) => None,
                    };
                    let blobs = message.attachments.iter().filter_map(location);
                    self.held.extend(blobs);
                }
            }
            _ => {}
        }
    }

    /// Every request ends with an event.
    fn tell_called_off(&mut self) -> Vec<Action> {
        let Some(id) = self.called_off.pop() else {
            return Vec::new();
        };
        self.lose_answer(id, Failure::new(FailureKind::Cancelled, "called off"))
    }

    /// Asks for something.
    pub fn ask(&mut self, id: u64, request: Request) -> Vec<Action> {
        self.tell(
            Event::Command(Command {
                id,
                request,
                deadline_ms: 60_000,
            }),
            false,
        )
    }

    /// Lets time pass; timers fire when they are due.
    pub fn wait(&mut self, ms: u64) -> Vec<Action> {
        let until = self.mono_ms + ms;
        let mut actions = Vec::new();
        let mut at_once = 0;
        for _ in 0..100_000 {
            let next = self.timers.iter().map(|(id, due)| (*due, *id)).min();
            let Some((due, id)) = next.filter(|(due, _)| *due <= until) else {
                self.pass(until - self.mono_ms);
                return actions;
            };
            self.timers.remove(&id);
            let asleep_ms = due.saturating_sub(self.mono_ms);
            at_once = if asleep_ms == 0 { at_once + 1 } else { 0 };
            assert!(at_once < AT_ONCE, "it neither sleeps nor gets on");
            self.pass(asleep_ms);
            actions.extend(self.tell(Event::Timer(id), false));
        }
        panic!("timers fire in a loop");
    }

    /// Open requests that the host gives up now.
    pub fn out_of_time(&self) -> Vec<u64> {
        let late = |id: &&u64| self.timeouts.get(id).is_some_and(|ms| *ms <= self.mono_ms);
        self.requests.keys().filter(late).copied().collect()
    }

    fn pass(&mut self, ms: u64) {
        self.mono_ms += ms;
        self.wall_ms += ms;
    }

    /// When this timer fires, in milliseconds from now.
    pub fn timer_in(&self, id: u64) -> Option<u64> {
        Some(self.timers.get(&id)?.saturating_sub(self.mono_ms))
    }

    /// The outstanding request whose path ends with `end`.
    pub fn request(&self, end: &str) -> Option<u64> {
        self.requests
            .values()
            .find(|http| http.url.ends_with(end))
            .map(|http| http.id)
    }
}
