//! A host in virtual time: keeps what the channel stores and opens, and panics
//! when the channel breaks the contract. Shared by transcripts and properties.

#![allow(dead_code, reason = "each test uses its part")]

mod numbers;

use std::collections::{BTreeMap, BTreeSet};

use qq_channel::Channel;
use qq_channel::contract::{
    Action, Attachment, AttachmentLocation, BlobSlice, Body, Command, Context, Delivery,
    DigestBlob, Envelope, Event, Failure, FailureKind, HttpFailed, InboundMessage, Live, LiveKind,
    Part, PartContent, Receipt, Request, SendHttp, StateEntry,
};

use numbers::Numbers;

/// Part of every user id in the tests; must not show up in a text for operators.
pub const PLANTED_OPENID: &str = "OPENID";
/// Part of every secret in the tests; must not show up anywhere.
pub const PLANTED_SECRET: &str = "hunter2";

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

    /// The instance dies; a fresh one takes over what is stored and open. With
    /// `process`, everything open dies with it.
    pub fn restart(&mut self, process: bool) -> Vec<Action> {
        if process {
            self.numbers.crashed();
            self.old_socket = self.sockets.pop();
            self.sockets.clear();
            self.requests.clear();
            self.digests.clear();
            self.lost.append(&mut self.held);
            self.timers.clear();
            self.commands.clear();
        }
        self.lives = self.lives % 200 + 1;
        // The host answers for a dead instance, except where an answer is awaited.
        let awaited = |id: &u64| {
            let finishes = format!(r#""command":{id},"#);
            let drafts = self
                .state
                .iter()
                .filter(|(key, _)| key.starts_with("draft/"));
            let mut drafts = drafts.map(|(_, value)| String::from_utf8_lossy(value));
            self.state.contains_key(&format!("send/{id}"))
                || drafts.any(|draft| draft.contains(&finishes))
        };
        self.commands.retain(awaited);
        let live = |kind| move |id: &u64| Live { kind, id: *id };
        let adopted = (self.sockets.iter().map(live(LiveKind::Socket)))
            .chain(self.requests.keys().map(live(LiveKind::Request)))
            .chain(self.timers.keys().map(live(LiveKind::Timer)))
            .chain(self.commands.iter().map(live(LiveKind::Command)))
            .collect();
        let entry = |(key, value): (&String, &Vec<u8>)| StateEntry {
            key: key.clone(),
            value: value.clone(),
        };
        let context = Context {
            instance: "test".to_owned(),
            config: self.config.clone(),
            wall_ms: self.wall_ms,
            mono_ms: self.mono_ms,
            entropy: (self.lives..self.lives + 32).collect(),
            secrets: self.secrets.iter().cloned().collect(),
            state: self.state.iter().map(entry).collect(),
            adopted,
        };
        let (channel, actions) = Channel::start(context).expect("it started before");
        self.channel = channel;
        self.seq = 0;
        self.stopped = false;
        self.apply(&actions);
        let mut actions = actions;
        actions.extend(self.tell_called_off());
        actions
    }

    /// Tells the channel what happened.
    pub fn tell(&mut self, event: Event, redelivered: bool) -> Vec<Action> {
        match &event {
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

    /// Every request ends with an event.
    fn tell_called_off(&mut self) -> Vec<Action> {
        let Some(id) = self.called_off.pop() else {
            return Vec::new();
        };
        let failed = HttpFailed {
            id,
            failure: Failure::new(FailureKind::Cancelled, "called off"),
            may_have_arrived: true,
        };
        self.tell(Event::HttpFailed(failed), false)
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

    /// Does what the host does, and checks what the host checks.
    fn apply(&mut self, actions: &[Action]) {
        // More ends the instance.
        assert!(actions.len() <= 1_024, "{} actions at once", actions.len());
        for action in actions {
            self.check_texts(action);
            match action {
                Action::OpenSocket(open) => {
                    assert!(
                        self.sockets.is_empty(),
                        "a second socket: {:?}",
                        self.sockets
                    );
                    self.sockets.push(open.id);
                    self.greeted = None;
                }
                Action::CloseSocket(close) => {
                    assert!(
                        self.sockets.contains(&close.id),
                        "closed twice: {}",
                        close.id
                    );
                    self.sockets.retain(|id| *id != close.id);
                    self.old_socket = Some(close.id);
                }
                Action::SendText(text) => {
                    assert!(self.sockets.contains(&text.id), "not open: {}", text.id);
                    if text.text.starts_with(r#"{"op":2,"#) {
                        self.identifies.push(self.mono_ms);
                    }
                    if !text.text.starts_with(r#"{"op":1,"#) {
                        self.greeted = Some(text.id);
                    }
                }
                Action::Deliver(message) => self.numbers.delivered(message, self.wall_ms),
                Action::SendHttp(http) => {
                    self.numbers.sent(http, self.wall_ms);
                    let timeout_ms = self.mono_ms + u64::from(http.timeout_ms);
                    self.timeouts.insert(http.id, timeout_ms);
                    assert!(
                        self.requests.insert(http.id, http.clone()).is_none(),
                        "id in use"
                    );
                    // The host ends an instance that asks for more.
                    assert!(self.requests.len() <= 64, "too many requests at once");
                }
                Action::DigestBlob(ask) => {
                    let in_use = self.digests.iter().any(|other| other.id == ask.id);
                    assert!(!in_use, "id in use");
                    self.digests.push(ask.clone());
                }
                Action::DropBlob(blob) => {
                    let known = self.held.remove(blob) || self.lost.remove(blob);
                    assert!(known, "dropped twice: blob {blob}");
                }
                Action::CancelHttp(id) => {
                    assert!(self.requests.remove(id).is_some(), "no such request: {id}");
                    self.called_off.push(*id);
                }
                Action::SetTimer(timer) => {
                    assert!(timer.after_ms > 0, "a timer that is due at once: {timer:?}");
                    self.timers.insert(timer.id, self.mono_ms + timer.after_ms);
                }
                Action::CancelTimer(id) => {
                    assert!(self.timers.remove(id).is_some(), "no such timer: {id}");
                }
                Action::Put(put) => {
                    assert!(put.key.len() <= 256, "a long key: {}", put.key);
                    self.state.insert(put.key.clone(), put.value.clone());
                }
                Action::Remove(key) => {
                    self.state.remove(key);
                }
                Action::Complete(complete) => {
                    assert!(
                        self.commands.remove(&complete.command),
                        "completed twice: {complete:?}"
                    );
                    let how = complete.outcome.as_ref().map(|receipt| receipt.how);
                    if how == Ok(Delivery::Deferred) {
                        self.deferred.insert(complete.command);
                    }
                }
                Action::Settle(settle) => {
                    assert!(
                        self.deferred.remove(&settle.command),
                        "settled without being deferred, or twice: {settle:?}"
                    );
                    let how = settle.outcome.as_ref().map(|receipt| receipt.how);
                    assert_ne!(how, Ok(Delivery::Deferred), "{settle:?}");
                }
                Action::GiveUp(_) => self.stopped = true,
                _ => {}
            }
        }
    }

    /// No text for operators names a user, and nothing holds a secret.
    fn check_texts(&self, action: &Action) {
        let all = format!("{action:?}");
        assert!(!all.contains(PLANTED_SECRET), "a secret: {all}");
        let texts = match action {
            Action::Note(note) => format!("{note:?}"),
            Action::Status(status) => format!("{status:?}"),
            Action::Check(check) if self.naming.contains(&check.command) => return,
            Action::Check(check) => format!("{check:?}"),
            Action::Count(count) => format!("{count:?}"),
            Action::GiveUp(text) => text.clone(),
            _ => return,
        };
        assert!(!texts.contains(PLANTED_OPENID), "a user id: {texts}");
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

fn outcome(outcome: &Result<Receipt, Failure>) -> String {
    match outcome {
        Ok(receipt) => format!("{:?} {}", receipt.how, receipt.message_ids.join(" ")),
        Err(failure) => format!("failed {:?}: {failure}", failure.kind),
    }
}

/// One line for an action, as transcripts write it.
pub fn line(action: &Action) -> String {
    match action {
        Action::OpenSocket(open) => format!("open {}", open.url),
        Action::SendText(text) => format!("text {}", with_secrets(&text.text, &text.secrets)),
        Action::SendBinary(_) => "binary".to_owned(),
        Action::CloseSocket(close) => format!("close {} {}", close.code, close.reason),
        Action::SendHttp(http) => http_line(http),
        Action::CancelHttp(_) => "cancel-http".to_owned(),
        Action::SetTimer(timer) => format!("timer {} {}", timer_name(timer.id), timer.after_ms),
        Action::CancelTimer(id) => format!("cancel-timer {}", timer_name(*id)),
        Action::DigestBlob(ask) => {
            format!("digest {} {:?}", bytes(&ask.slice), ask.algorithms).to_lowercase()
        }
        Action::DropBlob(blob) => format!("drop-blob {blob}"),
        Action::Deliver(message) => deliver_line(message),
        Action::Complete(complete) => {
            format!(
                "complete {} {}",
                complete.command,
                outcome(&complete.outcome)
            )
        }
        Action::Settle(settle) => {
            let id = settle.message_id.as_deref().unwrap_or("-");
            format!(
                "settle {} {id} {}",
                settle.command,
                outcome(&settle.outcome)
            )
        }
        Action::Put(put) => format!("put {} {}", put.key, String::from_utf8_lossy(&put.value)),
        Action::Remove(key) => format!("remove {key}"),
        Action::Status(status) => format!("status {:?} {}", status.state, status.detail),
        Action::Check(check) => {
            let remedy = check.remedy.as_deref().unwrap_or("");
            format!(
                "check {} {:?} {} | {remedy}",
                check.step, check.outcome, check.detail
            )
        }
        Action::Count(count) => format!("count {}", count.name),
        Action::Note(note) => format!("note {:?} {}", note.level, note.message),
        Action::GiveUp(text) => format!("give-up {text}"),
    }
}

fn deliver_line(message: &InboundMessage) -> String {
    let mut line = format!(
        "deliver {} {} {:?}",
        message.reply_target, message.id, message.text
    );
    let mut add = |what: String| line.push_str(&what);
    if message.mentioned {
        add(" mentioned".to_owned());
    }
    if let Some(title) = &message.chat_title {
        add(format!(" in {title:?}"));
    }
    if let Some(quote) = &message.quote {
        let author = quote.author.as_deref().unwrap_or("?");
        let attached = match quote.attachments.len() {
            0 => String::new(),
            n => format!("+{n}"),
        };
        add(format!(" quoting {author} {:?}{attached}", quote.text));
    }
    if let Some(button) = &message.button {
        add(format!(" button {:?}", button.id));
    }
    if let Some(kind) = &message.notice {
        add(format!(" notice {kind} by {:?}", message.sender));
    }
    line
}

fn http_line(http: &SendHttp) -> String {
    let body = match &http.body {
        Body::Json(json) => {
            let text = with_secrets(&json.text, &http.secrets);
            let mut document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            for blob in &json.blobs {
                let name = blob.pointer.strip_prefix('/').expect("a pointer");
                document[name] = bytes(&blob.slice).into();
            }
            document.to_string()
        }
        Body::Multipart(parts) => parts.iter().map(part).collect::<Vec<_>>().join(" "),
        Body::Blob(slice) => bytes(slice),
        _ => String::new(),
    };
    let into_blob = if http.into_blob { "into-blob" } else { "" };
    format!("http {} {} {into_blob}{body}", http.method, http.url)
}

fn part(part: &Part) -> String {
    match &part.content {
        PartContent::Bytes(bytes) => {
            format!("{}={:?}", part.name, String::from_utf8_lossy(bytes))
        }
        PartContent::Blob(slice) => format!(
            "{}={} {:?} {}",
            part.name,
            bytes(slice),
            part.filename.as_deref().unwrap_or_default(),
            part.content_type.as_deref().unwrap_or("no type")
        ),
    }
}

/// `<blob 7>`, or `<blob 7 from 0 for 100>`.
fn bytes(slice: &BlobSlice) -> String {
    match slice.length {
        Some(length) => format!("<blob {} from {} for {length}>", slice.blob, slice.offset),
        None => format!("<blob {}>", slice.blob),
    }
}

/// Puts secrets into a text the way the host does, by name.
fn with_secrets(text: &str, secrets: &[qq_channel::contract::SecretUse]) -> String {
    let mut json: serde_json::Value = serde_json::from_str(text).expect("JSON");
    for secret in secrets {
        if let qq_channel::contract::SecretPlace::Json(pointer) = &secret.place {
            let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
            let parent = json
                .pointer_mut(parent)
                .expect("the pointer's parent exists");
            parent[name] = format!("{}<{}>", secret.prefix, secret.secret).into();
        }
    }
    json.to_string()
}

fn timer_name(id: u64) -> String {
    let names = ["token", "gateway", "heartbeat", "heartbeat-ack", "queue"];
    let name = usize::try_from(id)
        .ok()
        .and_then(|id| names.get(id.checked_sub(1)?));
    name.map_or_else(|| id.to_string(), |name| (*name).to_owned())
}
