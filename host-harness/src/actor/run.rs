//! The loop: what happens next, which events share a commit, when to stop.

use tokio::time::{Duration, Instant};

use super::batch::Batch;
use super::inbox::Control;
use super::parts::{Actor, Phase};
use super::settle::{Written, written};
use crate::contract::{
    Event, Failure, FailureKind, SocketBinary, SocketClosed, SocketOpened, SocketSkipped,
    SocketText,
};
use crate::net::{SocketEvent, SocketWhat};

#[expect(
    clippy::large_enum_variant,
    reason = "lives on the stack from one line to the next"
)]
enum Next {
    Event(Event, bool),
    Control(Control),
    /// The state of the batch before is on the disk, or could not be put there.
    Written(Written),
    /// The agent is done with a message.
    Answered(u64),
    /// It is time: to try a fresh instance, or to expire commands.
    Time,
    /// Every handle is gone.
    Gone,
}

impl Actor {
    /// Runs until drained or until nobody holds the channel any more.
    pub(crate) async fn run(mut self) {
        loop {
            if self.drained() {
                break;
            }
            match self.next().await {
                Next::Event(event, redelivered) => self.burst(event, redelivered).await,
                Next::Control(control) => self.control(control).await,
                Next::Written(outcome) => self.committed(outcome),
                Next::Answered(number) => self.answered(number).await,
                Next::Time => self.tick().await,
                Next::Gone => break,
            }
        }
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
            if !batch.is_full(Instant::now(), self.disk_is_busy()) {
                next = self.waiting_event(&batch);
            }
        }
        self.settle(batch).await;
    }

    /// An event that is there already, without waiting.
    fn waiting_event(&mut self, batch: &Batch) -> Option<(Event, bool)> {
        if let Some(held) = self.held.pop_front() {
            return Some(held);
        }
        if let Some(id) = self.resources.timers.pop(Instant::now()) {
            return Some((Event::Timer(id), false));
        }
        while let Ok(done) = self.lanes.completions.try_recv() {
            if self.resources.is_awaited(&done) {
                return Some((done.event, false));
            }
        }
        while self.has_room(self.uncommitted_deliveries() + batch.deliveries) {
            let event = self.lanes.data.try_recv().ok()?;
            if self.resources.is_current(&event) {
                return Some((socket_event(event), false));
            }
        }
        None
    }

    async fn next(&mut self) -> Next {
        self.flush_deliveries();
        let running = self.may_handle();
        if running {
            if let Some((event, redelivered)) = self.held.pop_front() {
                return Next::Event(event, redelivered);
            }
            if let Some(id) = self.resources.timers.pop(Instant::now()) {
                return Next::Event(Event::Timer(id), false);
            }
        }
        let room = self.has_room(self.uncommitted_deliveries());
        let busy = self.committing.is_some();
        let wake = self.wake_at();
        tokio::select! {
            biased;
            control = self.lanes.control.recv() => control.map_or(Next::Gone, Next::Control),
            Some(done) = self.lanes.completions.recv(), if running => {
                if self.resources.is_awaited(&done) { Next::Event(done.event, false) } else { Next::Time }
            }
            Some(event) = self.lanes.data.recv(), if running && room => {
                if self.resources.is_current(&event) { Next::Event(socket_event(event), false) } else { Next::Time }
            }
            outcome = written(&mut self.committing), if busy => Next::Written(outcome),
            Some(number) = self.lanes.answered.recv(), if !busy => Next::Answered(number),
            // The agent took something: look again.
            _permit = self.outlets.messages.reserve(), if !room && !self.queue_has_room(0) => Next::Time,
            () = tokio::time::sleep_until(wake) => Next::Time,
        }
    }

    /// Is there an instance to give events to, and a disk that keeps what comes
    /// of them?
    fn may_handle(&self) -> bool {
        matches!(self.phase, Phase::Running(_)) && self.retry_at().is_none()
    }

    /// May another frame be handled? Not when its message could not be handed
    /// on, or too many have not been answered.
    fn has_room(&self, staged: usize) -> bool {
        self.queue_has_room(staged) && self.inbox.has_room(staged)
            || self.outlets.messages.is_closed()
    }

    /// Do frames wait to be given? Sockets first: what one has handed on is in
    /// the lane by then.
    pub(super) fn frames_waiting(&self) -> bool {
        self.resources.any_behind() || !self.lanes.data.is_empty()
    }

    fn wake_at(&self) -> Instant {
        let running = self.may_handle();
        let revive = match self.phase {
            Phase::Waiting(until) => Some(until),
            Phase::Running(_) | Phase::Stopped(_) => None,
        };
        let timer = self.resources.timers.next().filter(|_| running);
        let drain = self.draining.as_ref().map(|(deadline, _)| *deadline);
        [
            revive,
            timer,
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

    async fn tick(&mut self) {
        let now = Instant::now();
        self.commands.expire(now);
        if self.retry_at().is_some_and(|at| at <= now) {
            self.retry_commit();
        }
        if let Phase::Waiting(until) = self.phase
            && until <= now
        {
            self.birth().await;
        }
    }

    async fn control(&mut self, control: Control) {
        match control {
            Control::Command(command) => {
                if let Phase::Stopped(reason) = &self.phase {
                    let failure = Failure::new(
                        FailureKind::Unavailable,
                        format!("the channel has stopped: {reason}"),
                    );
                    let _gone = command.answer.send(Err(failure));
                } else if let Some(command) = self.commands.accept(*command, Instant::now()) {
                    self.hold(Event::Command(command));
                }
            }
            Control::Configure(config) => self.configure(config),
            Control::Drain(within, done) => {
                let ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
                self.draining = Some((Instant::now() + within, done));
                self.hold(Event::Drain(ms));
            }
            Control::Swap(candidate) => self.swap(*candidate).await,
            Control::Kill => self.kill().await,
        }
    }

    /// Queues an event of the host's own making.
    pub(super) fn hold(&mut self, event: Event) {
        self.held.push_back((event, false));
    }

    /// Queues an event to be given again, before everything else. Its number
    /// stays in use until then, so a fresh instance is told of it.
    pub(super) fn hold_again(&mut self, event: Event) {
        self.ids.take_back(&event);
        self.held.push_front((event, true));
    }

    /// Forgets what waits: nobody is left to be told.
    pub(super) fn forget_held(&mut self) {
        self.held.clear();
    }

    fn drained(&self) -> bool {
        let Some((deadline, _)) = &self.draining else {
            return false;
        };
        let finished =
            self.held.is_empty() && self.resources.is_idle() && self.committing.is_none();
        let dead = !matches!(self.phase, Phase::Running(_));
        finished || dead || *deadline <= Instant::now()
    }
}

fn socket_event(event: SocketEvent) -> Event {
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
