//! What happens to the first reply of a chat now.

use crate::compose::{check, prose};
use crate::config::Limit;
use crate::contract::Failure;
use crate::cx::Cx;
use crate::host::Host;
use crate::ledger::Taken;
use crate::owners::Owner;
use crate::replies::queues::Lanes;
use crate::replies::reply::{Attempt, Reply};
use crate::replies::{Outbound, Phase, message};
use crate::requests::rates::Rate;
use crate::requests::until::Until;
use crate::target::{ReplyTarget, Scene};

/// Of what the ledger does not know any more, the shorter window is assumed.
const UNKNOWN_WINDOW_MS: u64 = 290_000;

/// What to do with a reply.
enum Move {
    Send,
    /// Until then, monotonic milliseconds.
    WaitUntil(u64),
    /// For a token, or for a conversation to be opened.
    Wait,
    /// It cannot be sent now.
    Keep,
    Fail(Failure),
}

impl Outbound {
    /// Deals with everything that is due, and wakes up for the rest.
    pub(crate) fn pump(&mut self, cx: &mut Cx) {
        self.end_waits(cx);
        if self.phase == Phase::Running {
            self.resume_calls(cx);
            self.advance_acks(cx);
            self.settle_uploads(cx);
        }
        // The end of what grows is told to the platform to the last.
        self.advance_streams(cx);
        self.give_turns(cx);
        self.watch(&mut cx.host);
    }

    /// Gives every chat its turn.
    fn give_turns(&mut self, cx: &mut Cx) {
        let chats = self.lanes.len();
        if chats == 0 || self.phase == Phase::Paused || !cx.has_token() {
            return;
        }
        for _ in 0..chats {
            let Some(target) = self.lanes.next_turn().filter(|_| self.may_step(&cx.host)) else {
                break;
            };
            self.steps(&target, cx);
        }
    }

    fn may_step(&self, host: &Host) -> bool {
        let is_running = self.phase == Phase::Running && self.gone.is_empty();
        is_running && !Lanes::is_busy(host.owners()) && host.has_room()
    }

    /// Deals with the replies of a chat until one has to wait.
    pub(crate) fn steps(&mut self, target: &str, cx: &mut Cx) {
        while self.may_step(&cx.host) && self.step(target, cx) {}
    }

    /// Whether the reply is out of the way.
    fn step(&mut self, target: &str, cx: &mut Cx) -> bool {
        let Some(mut reply) = self.lanes.take_next(target, cx.host.now()) else {
            return false;
        };
        match self.decide(&mut reply, cx) {
            Move::Send => self.transmit(&mut reply, cx),
            Move::WaitUntil(until_ms) => reply.attempts.wait_until(until_ms),
            Move::Wait => {}
            Move::Keep => {
                self.uploads.cancel(target, &mut cx.host);
                self.keep(reply, cx);
                return true;
            }
            Move::Fail(failure) => {
                self.uploads.cancel(target, &mut cx.host);
                Self::refund_unsent(&reply, cx);
                reply.fail(failure, &mut cx.host);
                return true;
            }
        }
        self.lanes.put_back(reply);
        false
    }

    fn decide(&mut self, reply: &mut Reply, cx: &mut Cx) -> Move {
        let now_ms = cx.host.now().mono_ms;
        if let Some(failure) = cx.ledger.stops.why(&reply.target, &cx.host) {
            return Move::Fail(failure);
        }
        // What is said later is shown later.
        if self.streams.holds(&reply.target, now_ms) {
            return Move::Wait;
        }
        if !cx.has_token() {
            return Move::Wait;
        }
        let name = reply.target.clone();
        let Some(target) = ReplyTarget::parse(&name) else {
            return Move::Fail(check::window_closed());
        };
        if let Some(until_ms) = cx.ledger.rests.until_ms(target.scene, now_ms) {
            return Move::WaitUntil(until_ms);
        }
        if Self::needs_upload(reply, target, &cx.host) {
            if !self.has_way(reply, cx) {
                return Move::Keep;
            }
            self.upload(reply, target, cx);
            return Move::Wait;
        }
        let (bucket, rate) = cx.rate(target);
        match cx.ledger.rates.wait_ms(&bucket, rate, now_ms) {
            Some(0) => {}
            Some(wait_ms) => return Move::WaitUntil(now_ms + wait_ms),
            None => return Move::Keep,
        }
        if target.unopened().is_some() && cx.ledger.opened(&reply.target).is_none() {
            self.open_conversation(target, cx);
            return Move::Wait;
        }
        let next = match reply.anchor {
            Some(_) => Move::Send,
            None => self.find_way(reply, target.scene, cx),
        };
        if matches!(next, Move::Send) {
            cx.ledger.rates.take(&bucket, rate, now_ms);
        }
        next
    }

    /// In answer to a message, unasked, or not at all.
    fn find_way(&mut self, reply: &mut Reply, scene: Scene, cx: &mut Cx) -> Move {
        let is_own = reply.command().is_none();
        // The channel's own words leave the last reply to the agent's.
        let slots = cx
            .ledger
            .slots(&reply.target, reply.reply_to.as_deref(), &cx.host)
            .saturating_sub(is_own.into());
        let may_push = !is_own && cx.ledger.may_push(&reply.target, &cx.host);
        if slots > 0 {
            let goes_on = may_push && cx.ledger.is_push_proven(&reply.target);
            if slots == 1 && reply.parts.len() > 1 && !goes_on {
                self.hold_back(reply, cx);
            }
            let reply_to = reply.reply_to.as_deref();
            if let Some(Taken { anchor, again }) =
                cx.ledger.take(&reply.target, reply_to, &mut cx.host)
            {
                let closes_ms = cx.ledger.closes_wall_ms(&reply.target, &anchor);
                let now = cx.host.now();
                let closes_ms = closes_ms.unwrap_or(now.wall_ms + UNKNOWN_WINDOW_MS);
                reply.answer(anchor, Until::at(closes_ms, now));
                if again {
                    reply.attempt = Attempt::Repeated;
                }
                return Move::Send;
            }
        }
        if !may_push {
            return Move::Keep;
        }
        Self::push(reply, scene, cx)
    }

    /// Whether it could be sent now; nobody uploads a file for later.
    fn has_way(&self, reply: &Reply, cx: &Cx) -> bool {
        let is_own = reply.command().is_none();
        reply.anchor.is_some()
            || cx
                .ledger
                .slots(&reply.target, reply.reply_to.as_deref(), &cx.host)
                > u32::from(is_own)
            || (!is_own && cx.ledger.may_push(&reply.target, &cx.host))
    }

    fn push(reply: &Reply, scene: Scene, cx: &mut Cx) -> Move {
        let now_ms = cx.host.now().mono_ms;
        let chat = format!("push:{}", reply.target);
        let bot = format!("push:{}", scene.name());
        let limit = |limit| Rate::per_minute(cx.settings.limits.get(limit));
        let rates = [
            (chat, limit(Limit::PushPerMinute)),
            (bot, limit(Limit::BotPushPerMinute)),
        ];
        let waits = rates
            .iter()
            .map(|(name, rate)| cx.ledger.rates.wait_ms(name, *rate, now_ms));
        match waits
            .collect::<Option<Vec<_>>>()
            .and_then(|waits| waits.into_iter().max())
        {
            None => Move::Keep,
            Some(0) => {
                for (name, rate) in &rates {
                    cx.ledger.rates.take(name, *rate, now_ms);
                }
                cx.ledger.pushed(&reply.target, &mut cx.host);
                Move::Send
            }
            Some(wait_ms) => Move::WaitUntil(now_ms + wait_ms),
        }
    }

    /// The last reply there is: it says how much is held back, and the rest
    /// waits for the chat's next message.
    fn hold_back(&mut self, reply: &mut Reply, cx: &mut Cx) {
        if !self.kept.has_room(
            &reply.target,
            (&reply.parts, &reply.owners),
            &cx.settings.limits,
        ) {
            return;
        }
        let rest = prose::hold_back(&mut reply.parts, &cx.settings.limits);
        let owners = reply.defer();
        self.kept.keep(
            &reply.target,
            (rest, owners),
            &cx.settings.limits,
            &mut cx.host,
        );
    }

    fn transmit(&self, reply: &mut Reply, cx: &mut Cx) {
        let opened = cx.ledger.opened(&reply.target);
        let Some(http) = message::build(
            &cx.settings.api,
            cx.settings.guard,
            reply,
            opened,
            &mut cx.host,
        ) else {
            // `decide` saw to a part and to an open conversation.
            return;
        };
        reply.request = Some(http.id);
        reply.attempts.begin(&cx.token);
        reply.save(&mut cx.host);
        let owner = Owner::Reply(reply.target.clone());
        cx.host.send_http(http, owner);
    }

    /// A reply that was never sent gives its number back.
    fn refund_unsent(reply: &Reply, cx: &mut Cx) {
        if reply.attempt == Attempt::First {
            cx.ledger.refund(reply, &mut cx.host);
        }
    }
}
