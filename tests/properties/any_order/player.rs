//! Plays the steps, and watches what the channel does.

use std::collections::BTreeSet;

use qq_channel::contract::{
    Action, AttachmentLocation, BlobDigested, Event, Failure, FailureKind, HttpFailed, Request,
    SocketBinary, SocketText,
};

use super::steps::Step;
use crate::CONFIG;
use crate::connection::{HEARTBEAT, INTERVAL_MS, check_budget, check_progress};
use crate::world::{World, closed, message, opened, picture, response};

/// Plays the world, numbers commands, and watches sequence numbers.
pub struct Player {
    pub world: World,
    commands: u64,
    /// Examinations take as long as the connection takes.
    pub doctors: BTreeSet<u64>,
    /// Highest sequence number of the session, as heartbeats told it.
    seq: Option<u64>,
    drained: bool,
    /// Presses the platform knows of, by the address of their acknowledgement.
    acknowledged: BTreeSet<String>,
}

impl Player {
    pub fn new() -> Self {
        let (world, _) = World::start(CONFIG).unwrap();
        Self {
            world,
            commands: 0,
            doctors: BTreeSet::new(),
            seq: None,
            drained: false,
            acknowledged: BTreeSet::new(),
        }
    }

    pub fn play(&mut self, step: Step) {
        self.prepare(&step);
        let before = self.acknowledging();
        let fine =
            matches!(&step, Step::Answer { status: 200, body, .. } if !body.contains("code"));
        let Some(actions) = self.act(step) else {
            return;
        };
        if fine {
            let left = self.acknowledging();
            self.acknowledged
                .extend(before.into_iter().filter(|url| !left.contains(url)));
        }
        actions.iter().for_each(|action| self.watch(action));
        self.check();
    }

    /// What a step changes in what is expected from here on.
    fn prepare(&mut self, step: &Step) {
        match step {
            Step::Frame(text) => {
                let frame: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
                if text.contains("READY") {
                    // A new session counts from its own start.
                    self.seq = None;
                }
                if frame["op"] == 9 {
                    // The heartbeat ends, and the reason has its deadline.
                    self.world.greeted = None;
                }
            }
            Step::Drain => self.drained = true,
            Step::Restart | Step::Trap => self.drained = false,
            Step::Configure(_) => self.world.identifies.clear(),
            _ => {}
        }
    }

    /// What the channel does, unless what the step needs is not open.
    fn act(&mut self, step: Step) -> Option<Vec<Action>> {
        Some(match step {
            Step::Hold(waiting) => {
                self.world.frames_waiting = waiting;
                Vec::new()
            }
            Step::Wait(ms) => self.world.wait(ms),
            Step::Trap => self.world.restart(false),
            Step::Restart => self.world.restart(true),
            Step::Send {
                group,
                text,
                reply_to,
                file,
            } => self.send(group, text, reply_to, file),
            Step::Ask(which) => self.ask(which),
            other => {
                let event = self.event(other)?;
                self.world.tell(event, false)
            }
        })
    }

    fn ask(&mut self, which: u8) -> Vec<Action> {
        self.commands += 1;
        let request = match which {
            0 => Request::Health,
            1 => {
                self.doctors.insert(self.commands);
                Request::Doctor
            }
            _ => Request::Typing("c2c:102:OPENID_A".to_owned()),
        };
        self.world.ask(self.commands, request)
    }

    /// Acknowledgements on their way.
    fn acknowledging(&self) -> BTreeSet<String> {
        let urls = self.world.requests.values().map(|http| &http.url);
        urls.filter(|url| url.contains("/interactions/"))
            .cloned()
            .collect()
    }

    fn check(&self) {
        let world = &self.world;
        check_budget(world);
        if world.stopped || self.drained {
            return;
        }
        check_progress(world);
        if world.greeted.is_some() && world.greeted == world.sockets.last().copied() {
            let heartbeat = world.timer_in(HEARTBEAT);
            assert!(
                heartbeat.is_some_and(|ms| ms <= INTERVAL_MS),
                "{heartbeat:?}"
            );
        }
    }

    fn send(
        &mut self,
        group: bool,
        text: &str,
        reply_to: Option<u64>,
        file: Option<bool>,
    ) -> Vec<Action> {
        self.commands += 1;
        let (recipient, letter) = match group {
            true => ("group:102:OPENID_G", 'G'),
            false => ("c2c:102:OPENID_A", 'M'),
        };
        let text = match text {
            "long" => "many words ".repeat(1_000),
            text => text.to_owned(),
        };
        let mut message = message(recipient, text);
        message.reply_to = reply_to.map(|id| format!("{letter}{id}"));
        let place = |held| match held {
            true => AttachmentLocation::Blob(self.commands),
            false => AttachmentLocation::Url("https://x.test/a.png".to_owned()),
        };
        message.attachments = Vec::from_iter(file.map(place).map(picture));
        self.world.ask(self.commands, Request::Send(message))
    }

    /// The event, unless what it needs is not open.
    fn event(&self, step: Step) -> Option<Event> {
        let socket = self.world.sockets.last().copied();
        let request = |which: usize| {
            let ids: Vec<u64> = self.world.requests.keys().copied().collect();
            ids.get(which.checked_rem(ids.len())?).copied()
        };
        Some(match step {
            Step::Frame(text) => Event::SocketText(SocketText { id: socket?, text }),
            Step::Garbage(data) => Event::SocketBinary(SocketBinary { id: socket?, data }),
            Step::Opened => opened(socket?),
            Step::Closed(code) => Event::SocketClosed(closed(socket?, code)),
            Step::Stray(id) if Some(id) != socket && !self.world.requests.contains_key(&id) => {
                stray(id)
            }
            Step::Answer {
                which,
                status,
                body,
                sealed,
            } => {
                let id = request(which)?;
                let sealed = sealed && self.world.requests[&id].url.ends_with("AppAccessToken");
                Event::HttpResponse(response(id, status, &body, sealed))
            }
            Step::Fail { which, kind, broke } => {
                let failure = Failure::new(kind, "OPENID in a URL");
                Event::HttpFailed(HttpFailed {
                    id: request(which)?,
                    failure,
                    may_have_arrived: broke,
                })
            }
            Step::Digested { which, size } => self.digested(which, size)?,
            Step::Configure(which) => Event::Configure(match which {
                0 => CONFIG.to_owned(),
                1 => CONFIG.replace("102", "103"),
                2 => CONFIG.replace("group_and_c2c", "guilds"),
                _ => CONFIG.replace("[\"*\"]", "[]"),
            }),
            Step::Drain => Event::Drain(1_000),
            _ => return None,
        })
    }

    fn digested(&self, which: usize, size: Option<u64>) -> Option<Event> {
        let asked = &self.world.digests;
        let ask = asked.get(which.checked_rem(asked.len())?)?;
        let gone = || Failure::new(FailureKind::Invalid, "no such bytes");
        let digests = size.map(|_| vec!["d".to_owned(); ask.algorithms.len()]);
        Some(Event::BlobDigested(BlobDigested {
            id: ask.id,
            digests: digests.ok_or_else(gone),
            size: size.unwrap_or(0),
        }))
    }

    /// Heartbeats and Resume of one session never go back. What happens besides
    /// messages addresses nobody. A press that was acknowledged stays so.
    fn watch(&mut self, action: &Action) {
        let text = match action {
            Action::SendText(text) => text,
            Action::Deliver(message) => {
                let told = message.notice.is_some();
                assert!(!(told && message.mentioned), "{message:?}");
                assert!(
                    !(told && message.interruption_scope.is_some()),
                    "{message:?}"
                );
                return;
            }
            Action::SendHttp(http) if http.url.contains("/interactions/") => {
                assert!(
                    !self.acknowledged.contains(&http.url),
                    "twice: {}",
                    http.url
                );
                return;
            }
            _ => return,
        };
        let frame: serde_json::Value = serde_json::from_str(&text.text).unwrap();
        let seq = match frame["op"].as_u64() {
            Some(2) => {
                self.seq = None;
                return;
            }
            Some(1) => frame["d"].as_u64(),
            _ => frame["d"]["seq"].as_u64(),
        };
        assert!(seq >= self.seq, "{seq:?} after {:?}", self.seq);
        self.seq = seq;
    }
}

/// Of something that is not open.
fn stray(id: u64) -> Event {
    match id % 3 {
        0 => Event::SocketText(SocketText {
            id,
            text: r#"{"op":7}"#.to_owned(),
        }),
        1 => Event::HttpResponse(response(id, 200, "{}", false)),
        _ => Event::SocketClosed(closed(id, Some(4009))),
    }
}
