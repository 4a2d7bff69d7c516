//! The loop: when something is done, which events share a commit, when to stop.

use tokio::time::{Duration, Instant};

use super::batch::Batch;
use super::commands::CommandOut;
use super::inbox::{Control, Urgent};
use super::parts::{Actor, Phase};
use super::settle::{Written, written};
use crate::contract::{
    Event, Failure, FailureKind, SocketBinary, SocketClosed, SocketOpened, SocketSkipped,
    SocketText,
};
use crate::net::{SocketEvent, SocketWhat};

enum Next {
    Event(Event),
    Control(Control),
    Command(CommandOut),
    /// The state of the batch before is on the disk, or could not be put there.
    Written(Written),
    /// The agent is done with a message.
    Answered(u64),
    /// Something is to be looked at again.
    Look,
    /// Every handle is gone.
    Gone,
}

impl Actor {
    /// Runs until drained or until nobody holds the channel any more.
    pub(crate) async fn run(mut self) {
        while !self.drained() {
            self.hear();
            if let Some(urgent) = self.urgent.take() {
                match urgent {
                    Urgent::Swap(candidate) => self.swap(*candidate).await,
                    Urgent::Kill => self.kill().await,
                    Urgent::Gone => break,
                }
            }
            self.tick().await;
            self.flush_deliveries();
            match self.waiting(self.uncommitted_deliveries()) {
                Some((event, again)) => self.burst(event, again).await,
                // The end was asked for just now, and nobody is left to be told.
                None if self.drained() => {}
                None => self.wait().await,
            }
        }
        self.finish().await;
    }

    async fn finish(mut self) {
        // What was answered last is not to be given again.
        self.settle(Batch::new(Instant::now())).await;
        self.retry_commit();
        self.finish_commit().await;
        self.commands.fail_all(&Failure::new(
            FailureKind::Unavailable,
            "the channel has stopped",
        ));
        self.resources.drop_all();
        if let Some((_, done)) = self.draining.take() {
            let _gone = done.send(());
        }
    }

    /// Gives `event` and everything else that waits to the instance, then
    /// commits once.
    async fn burst(&mut self, event: Event, redelivered: bool) {
        let mut batch = Batch::new(Instant::now());
        let mut next = Some((event, redelivered));
        while let Some((event, redelivered)) = next.take() {
            if !self.give(event, redelivered, &mut batch).await {
                return;
            }
            self.hear();
            // A channel that always has something to do shares its thread.
            tokio::task::coop::consume_budget().await;
            if !batch.is_full(Instant::now(), self.disk_is_busy()) && !self.is_interrupted() {
                next = self.waiting(self.uncommitted_deliveries() + batch.deliveries);
            }
        }
        self.settle(batch).await;
        tokio::task::yield_now().await;
    }

    /// Must the batch end here?
    fn is_interrupted(&self) -> bool {
        self.urgent.is_some() || self.drain_is_over()
    }

    /// An event that can be given now.
    fn waiting(&mut self, staged: usize) -> Option<(Event, bool)> {
        self.may_handle().then(|| self.ready(staged)).flatten()
    }

    /// Nothing is to be done: waits until something is.
    async fn wait(&mut self) {
        match self.next().await {
            Next::Event(event) => {
                self.pace.other();
                self.burst(event, false).await;
            }
            Next::Control(control) => self.control(control),
            Next::Command(command) => self.command(command),
            Next::Written(outcome) => self.committed(outcome),
            Next::Answered(number) => self.answered(number).await,
            Next::Look => {}
            Next::Gone => self.urgent = Some(Urgent::Gone),
        }
    }

    /// Whoever is first wins; the others have their turn in `waiting`.
    async fn next(&mut self) -> Next {
        let running = self.may_handle();
        let room = self.has_room(self.uncommitted_deliveries());
        let busy = self.committing.is_some();
        let wake = self.wake_at();
        tokio::select! {
            control = self.lanes.control.recv() => control.map_or(Next::Gone, Next::Control),
            command = self.lanes.commands.recv() => command.map_or(Next::Gone, Next::Command),
            Some(done) = self.lanes.completions.recv(), if running => {
                if self.resources.is_awaited(&done) { Next::Event(done.event) } else { Next::Look }
            }
            Some(event) = self.lanes.data.recv(), if running && room => {
                if self.resources.is_current(&event) { Next::Event(socket_event(event)) } else { Next::Look }
            }
            outcome = written(&mut self.committing), if busy => Next::Written(outcome),
            Some(number) = self.lanes.answered.recv(), if !busy => Next::Answered(number),
            // The agent took something: look again.
            _permit = self.outlets.messages.reserve(), if !room && !self.queue_has_room(0) => Next::Look,
            () = tokio::time::sleep_until(wake) => Next::Look,
        }
    }

    /// Is there an instance to give events to, and a disk that keeps what comes
    /// of them?
    fn may_handle(&self) -> bool {
        matches!(self.phase, Phase::Running(_)) && self.retry_at().is_none()
    }

    /// May another frame be handled? Not when its message could not be handed
    /// on, or too many have not been answered.
    pub(super) fn has_room(&self, staged: usize) -> bool {
        self.queue_has_room(staged) && self.inbox.has_room(staged)
            || self.outlets.messages.is_closed()
    }

    /// Do frames wait to be given? Sockets first: what one has handed on is in
    /// the lane by then.
    pub(super) fn frames_waiting(&self) -> bool {
        self.resources.any_behind() || !self.lanes.data.is_empty()
    }

    fn wake_at(&self) -> Instant {
        let (revive, own) = match self.phase {
            Phase::Waiting(until) => (Some(until), None),
            Phase::Running(_) if self.may_handle() => (None, self.own_due()),
            Phase::Running(_) | Phase::Stopped(_) => (None, None),
        };
        let drain = self.draining.as_ref().map(|(deadline, _)| *deadline);
        [
            revive,
            own,
            drain,
            self.retry_at(),
            self.commands.next_deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or_else(|| Instant::now() + Duration::from_secs(3600))
    }

    async fn answered(&mut self, number: u64) {
        let mut batch = Batch::new(Instant::now());
        if self.inbox.settle(number) {
            batch.answered.push(number);
        }
        self.settle(batch).await;
    }

    /// What time alone brings: late commands, a fresh instance.
    async fn tick(&mut self) {
        let now = Instant::now();
        if self.retry_at().is_some_and(|at| at <= now) {
            self.retry_commit();
        }
        if self.commands.expire(now) {
            let (held, commands) = (&mut self.held, &self.commands);
            held.retain(
                |(event, _)| !matches!(event, Event::Command(late) if !commands.is_open(late.id)),
            );
        }
        if let Phase::Waiting(until) = self.phase
            && until <= now
        {
            self.birth().await;
        }
    }

    fn drained(&self) -> bool {
        if self.draining.is_none() {
            return false;
        }
        let finished = self.is_told() && self.committing.is_none();
        let dead = !matches!(self.phase, Phase::Running(_));
        finished || dead || self.drain_is_over()
    }

    /// Nothing waits to be given, and nothing is open that could bring more.
    pub(super) fn is_told(&self) -> bool {
        self.held.is_empty() && self.refused.is_empty() && self.resources.is_idle()
    }

    fn drain_is_over(&self) -> bool {
        let now = Instant::now();
        let deadline = self.draining.as_ref().map(|(deadline, _)| *deadline);
        deadline.is_some_and(|deadline| deadline <= now)
    }
}

pub(super) fn socket_event(event: SocketEvent) -> Event {
    let id = event.id;
    match event.what {
        SocketWhat::Opened { subprotocol } => Event::SocketOpened(SocketOpened { id, subprotocol }),
        SocketWhat::Text(text) => Event::SocketText(SocketText {
            id,
            text: text.as_str().to_owned(),
        }),
        SocketWhat::Binary(data) => Event::SocketBinary(SocketBinary {
            id,
            data: data.into(),
        }),
        SocketWhat::Skipped { size } => Event::SocketSkipped(SocketSkipped {
            id,
            size: size as u64,
        }),
        SocketWhat::Closed {
            code,
            reason,
            failure,
        } => Event::SocketClosed(SocketClosed {
            id,
            code,
            reason,
            failure,
        }),
    }
}
