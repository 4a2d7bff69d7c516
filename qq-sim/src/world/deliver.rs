//! Events on their way to sockets, and the faults that befall them.

use std::time::Duration;

use serde_json::{Value, json};

use super::World;
use super::session::{Link, Session};
use crate::faults::{Fault, Stall};
use crate::journal::record::Record;
use crate::rules::intents;

/// What a socket does next.
#[derive(Debug, PartialEq)]
pub(crate) enum Step {
    /// Send a JSON frame.
    Send(Value),
    /// Send half of it.
    SendHalf(Value, Stall),
    /// A dispatch is held back; ask for it if none overtakes it.
    Hold,
    /// Send every later frame this much later.
    Delay(Duration),
    /// Send this text.
    Garbage(String),
    /// Send a text frame that is not UTF-8.
    BrokenText,
    /// The client's heartbeat arrived: the deadline starts anew.
    Beat,
    /// Stop.
    End(End),
    /// Stop in a while.
    EndLater(Duration, End),
}

/// How a socket ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With a close frame.
    Close(u16, &'static str),
    /// TCP ends without one.
    Drop,
    /// TCP ends in a reset.
    Reset,
    /// It does not end; it only says nothing any more.
    Silence,
}

impl World {
    /// Gives an event to every session that wants it; returns how many did. Sockets
    /// find it when they next look.
    pub(crate) fn publish(&mut self, app_id: &str, t: &str, id: &str, d: Value) -> usize {
        let now = self.clock.now_ms();
        self.drop_old_sessions();
        self.chats.learn(app_id, t, id, &d, now);
        self.guilds.learn(app_id, t, &d);
        if t == "INTERACTION_CREATE"
            && let Some(id) = self.chats.learn_click(app_id, &d)
        {
            self.await_click(id);
        }
        let keep = self.config.replay_buffer;
        let mut sessions = 0;
        // A permission withdrawn while connected stops the events, and only that.
        let bit = intents::of_event(t);
        let is_granted = self.bot(app_id).is_some_and(|bot| bot.intents & bit == bit);
        for session in self.sessions.values_mut() {
            if is_granted && session.app_id == app_id && session.wants(t, &d) {
                session.push(id, t, &d, keep);
                sessions += 1;
            }
        }
        let d = self.journal.redacted(d);
        let (app_id, id, t) = (app_id.to_owned(), id.to_owned(), t.to_owned());
        self.journal.push(
            None,
            Record::Event {
                app_id,
                id,
                t,
                sessions,
                d,
            },
        );
        sessions
    }

    /// Queues a fault, or gives it to every live socket if it is for one.
    /// `false` if too many are waiting.
    pub(crate) fn schedule(&mut self, fault: Fault) -> bool {
        let (fault, times) = fault.unrolled();
        if !self.faults.has_room_for(times) {
            return false;
        }
        for _ in 0..times {
            let live: Vec<u64> = self.live_sockets();
            if !fault.is_for_live_socket() || live.is_empty() {
                self.faults.push(fault.clone());
            } else {
                live.into_iter()
                    .for_each(|number| self.order(number, fault.clone()));
            }
        }
        true
    }

    /// Sockets that have seen READY or RESUMED.
    pub(crate) fn live_sockets(&self) -> Vec<u64> {
        let live = self.links.iter().filter(|(_, link)| link.live);
        live.map(|(number, _)| *number).collect()
    }

    /// Puts a fault behind every dispatch that is already on its way.
    fn order(&mut self, number: u64, fault: Fault) {
        let Some(link) = self.links.get_mut(&number) else {
            return;
        };
        let session = link.session.as_ref().and_then(|id| self.sessions.get(id));
        let after = session.map_or(0, |session| session.seq);
        link.orders.push_back((after, fault));
    }

    /// A socket has become live: what waited for one happens now.
    pub(crate) fn go_live(&mut self, number: u64) {
        self.revive(number);
        self.count_live(number);
    }

    /// As [`World::go_live`], for a socket that was counted before it stalled.
    pub(crate) fn revive(&mut self, number: u64) {
        let Some(link) = self.links.get_mut(&number) else {
            return;
        };
        link.live = true;
        while let Some(fault) = self.faults.take(Fault::is_for_live_socket) {
            self.order(number, fault);
        }
    }

    /// Keeps the highest number of sockets that a bot has had in use at one time.
    fn count_live(&mut self, number: u64) {
        let is_used = |session: &&Session| {
            let link = session.attached.and_then(|socket| self.links.get(&socket));
            link.is_some_and(|link| link.live)
        };
        let mine = |session: &&Session| session.attached == Some(number);
        let Some(app_id) = self
            .sessions
            .values()
            .find(mine)
            .map(|session| session.app_id.clone())
        else {
            return;
        };
        let used = self
            .sessions
            .values()
            .filter(|session| session.app_id == app_id)
            .filter(is_used)
            .count();
        let peak = self.live_peaks.entry(app_id).or_default();
        *peak = used.max(*peak);
    }

    /// What a socket does next; nothing when it is up to date.
    pub(crate) fn next_steps(&mut self, number: u64) -> Vec<Step> {
        loop {
            let Some(link) = self.links.get_mut(&number) else {
                return Vec::new();
            };
            let Some(id) = link.session.clone() else {
                return Vec::new();
            };
            let sent = link.sent;
            let Some(session) = self
                .sessions
                .get(&id)
                .filter(|one| one.attached == Some(number))
            else {
                // Another socket resumed this session, or it was reset.
                return vec![Step::End(End::Close(4902, "reset by resume"))];
            };
            if let Some((_, fault)) = link.orders.pop_front_if(|(after, _)| *after <= sent) {
                // A socket that ends now would take a held dispatch with it.
                let mut steps = self.release_held(number);
                steps.extend(self.suffer(number, &id, fault));
                return steps;
            }
            let Some(dispatch) = session.next_after(sent) else {
                return self.caught_up(number, &id);
            };
            link.sent = dispatch.s;
            let frame = dispatch.frame.clone();
            let steps = self.dispatch(number, frame);
            if !steps.is_empty() {
                return steps;
            }
        }
    }

    /// A dispatch, unless a fault is waiting for one.
    fn dispatch(&mut self, number: u64, frame: Value) -> Vec<Step> {
        let waits = |fault: &Fault| {
            matches!(
                fault,
                Fault::DuplicateNextDispatch
                    | Fault::LoseNextDispatch
                    | Fault::SwapNextDispatches
                    | Fault::StallNextDispatch(_)
            )
        };
        let fault = self.take_fault(number, waits);
        let Some(link) = self.links.get_mut(&number) else {
            return Vec::new();
        };
        let mut steps = match fault {
            Some(Fault::LoseNextDispatch) => Vec::new(),
            Some(Fault::SwapNextDispatches) if link.held.is_none() => {
                link.held = Some(frame);
                return vec![Step::Hold];
            }
            Some(Fault::StallNextDispatch(stall)) => {
                // Nobody would notice now if the client left.
                link.live = false;
                vec![Step::SendHalf(frame, stall)]
            }
            Some(Fault::DuplicateNextDispatch) => {
                vec![Step::Send(frame.clone()), Step::Send(frame)]
            }
            _ => vec![Step::Send(frame)],
        };
        steps.extend(link.held.take().map(Step::Send));
        steps
    }

    /// The dispatch that was held back, if nothing has overtaken it.
    pub(crate) fn release_held(&mut self, number: u64) -> Vec<Step> {
        let link = self.links.get_mut(&number);
        let held = link.and_then(|link| link.held.take());
        held.map(Step::Send).into_iter().collect()
    }

    /// Nothing left to replay: RESUMED, if it is owed. Its `d` is `""` as on the platform.
    fn caught_up(&mut self, number: u64, id: &str) -> Vec<Step> {
        let (Some(link), Some(session)) = (self.links.get_mut(&number), self.sessions.get_mut(id))
        else {
            return Vec::new();
        };
        if !std::mem::take(&mut link.resuming) {
            return Vec::new();
        }
        session.seq += 1;
        link.sent = session.seq;
        let frame = json!({"op": 0, "s": session.seq, "t": "RESUMED", "d": ""});
        self.go_live(number);
        vec![Step::Send(frame)]
    }

    /// Registers a socket; Hello comes first, unless a fault forbids it.
    pub(crate) fn open(&mut self, number: u64) -> Vec<Step> {
        self.journal.push(Some(number), Record::SocketOpened);
        self.links.insert(number, Link::default());
        if self
            .take_fault(number, |fault| *fault == Fault::NoHello)
            .is_some()
        {
            return Vec::new();
        }
        let interval = crate::world::clock::millis(self.config.heartbeat);
        vec![Step::Send(
            json!({"op": 10, "d": {"heartbeat_interval": interval}}),
        )]
    }

    /// Forgets a socket; its session waits for a resume.
    pub(crate) fn detach(&mut self, number: u64) {
        let now = self.clock.now_ms();
        self.links.remove(&number);
        let mine = |session: &&mut Session| session.attached == Some(number);
        for session in self.sessions.values_mut().filter(mine) {
            session.attached = None;
            session.detached_at_ms = now;
        }
    }

    /// Forgets sessions that nobody resumed in time.
    pub(crate) fn drop_old_sessions(&mut self) {
        let (now, life) = (
            self.clock.now_ms(),
            crate::world::clock::millis(self.config.session_life),
        );
        self.sessions
            .retain(|_, session| !session.is_over(now, life));
    }
}
