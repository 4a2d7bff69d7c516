//! What happens to the first reply of a chat now.

use crate::compose::check;
use crate::config::Limit;
use crate::contract::Failure;
use crate::cx::Cx;
use crate::ledger::Taken;
use crate::ledger::rates::Rate;
use crate::owners::Owner;
use crate::replies::kept::Store;
use crate::replies::message;
use crate::replies::origin::Attempt;
use crate::replies::reply::Reply;
use crate::replies::services::Services;
use crate::requests::until::Until;
use crate::target::{ReplyTarget, Scene};

/// Of what the ledger does not know any more, the shorter window is assumed.
const UNKNOWN_WINDOW_MS: u64 = 290_000;

/// What to do with a reply.
#[derive(Debug)]
pub(super) enum Move {
    Send,
    /// Until then, monotonic milliseconds.
    WaitUntil(u64),
    /// For a token, or for a conversation to be opened.
    Wait,
    /// It cannot be sent now.
    Keep,
    Fail(Failure),
}

/// What to do with the first reply of a chat now.
pub(super) fn next(reply: &mut Reply, kept: &mut Store, with: &mut Services, cx: &mut Cx) -> Move {
    let now_ms = cx.host.now().mono_ms;
    if let Some(failure) = cx.ledger.stops.why(&reply.target, &cx.host) {
        return Move::Fail(failure);
    }
    // What is said later is shown later.
    if with.streams.holds(&reply.target, now_ms) {
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
    if reply.needs_upload(target, &cx.host) {
        if !has_way(reply, cx) {
            return Move::Keep;
        }
        if !with.uploads.is_under_way(&reply.target)
            && let Some(order) = reply.order(target, cx)
        {
            with.uploads.begin(order, cx);
        }
        return Move::Wait;
    }
    let (bucket, rate) = cx.rate(target);
    match cx.ledger.rates.wait_ms(&bucket, rate, now_ms) {
        Some(0) => {}
        Some(wait_ms) => return Move::WaitUntil(now_ms + wait_ms),
        None => return Move::Keep,
    }
    if target.unopened().is_some() && cx.ledger.opened(&reply.target).is_none() {
        with.courtesies.open(target, cx);
        return Move::Wait;
    }
    let next = match reply.anchor {
        Some(_) => Move::Send,
        None => find_way(reply, target.scene, kept, cx),
    };
    if matches!(next, Move::Send) {
        cx.ledger.rates.take(&bucket, rate, now_ms);
    }
    next
}

/// In answer to a message, unasked, or not at all.
fn find_way(reply: &mut Reply, scene: Scene, kept: &mut Store, cx: &mut Cx) -> Move {
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
            kept.hold_back(reply, cx);
        }
        let reply_to = reply.reply_to.as_deref();
        if let Some(Taken { anchor, again }) = cx.ledger.take(&reply.target, reply_to, &mut cx.host)
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
    push(reply, scene, cx)
}

/// Whether it could be sent now; nobody uploads a file for later.
fn has_way(reply: &Reply, cx: &Cx) -> bool {
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

impl Reply {
    /// Sends its first part.
    pub(super) fn transmit(&mut self, cx: &mut Cx) {
        let opened = cx.ledger.opened(&self.target);
        let (api, guard) = (&cx.settings.api, cx.settings.guard);
        let Some(http) = message::build(api, guard, self, opened, &mut cx.host) else {
            // `next` saw to a part and to an open conversation.
            return;
        };
        self.request = Some(http.id);
        self.attempts.begin(&cx.token);
        self.save(&mut cx.host);
        let owner = Owner::Reply(self.target.clone());
        cx.host.send_http(http, owner);
    }

    /// If it was never sent, it gives its number back.
    pub(super) fn refund_unsent(&self, cx: &mut Cx) {
        if self.attempt == Attempt::First {
            self.refund(cx);
        }
    }
}
