//! What may grow.

use crate::compose::check;
use crate::config::StreamMode;
use crate::contract::{Failure, FailureKind, OutboundMessage};
use crate::cx::Cx;
use crate::ledger::Special;
use crate::target::Scene;

/// Drafts at once. A chat has one as a rule.
const MOST: usize = 64;
/// Bytes of finished text that wait.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// Whether a message may grow; `growing` others do.
pub(super) fn first(message: &OutboundMessage, growing: usize, cx: &Cx) -> Result<(), Failure> {
    let target = &message.recipient;
    let scene = check::check_recipient(target, &cx.settings.app_id)?;
    if scene != Scene::C2c || cx.settings.mode != StreamMode::Stream {
        let what = "only private messages grow, and only with stream_mode = \"stream\"";
        return Err(unsupported(what));
    }
    if !message.attachments.is_empty() || message.card.is_some() {
        return Err(unsupported("a message that grows holds text only"));
    }
    check::check_size(&message.text)?;
    if let Some(failure) = cx.ledger.stops.why(target, &cx.host) {
        return Err(failure);
    }
    if growing >= MOST {
        return Err(unsupported("too many messages grow already"));
    }
    let reply_to = message.reply_to.as_deref();
    if !(cx.ledger).has_special(Special::Stream, target, reply_to, &cx.host) {
        let what = "a message can grow only in answer to one of the last five minutes";
        return Err(unsupported(what));
    }
    Ok(())
}

/// Whether a finished text is taken; `bytes` would wait in all.
pub(super) fn last(text: &str, bytes: usize) -> Result<(), Failure> {
    check::check_size(text)?;
    if bytes > MOST_BYTES {
        let what = "too much text waits to be sent";
        return Err(Failure::new(FailureKind::RateLimited, what).remedy("Try again in a moment."));
    }
    Ok(())
}

/// The remedy is what hosts do anyway.
fn unsupported(what: &str) -> Failure {
    Failure::new(FailureKind::Unsupported, what).remedy("Send the finished text.")
}
