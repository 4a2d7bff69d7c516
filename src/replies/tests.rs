//! Tests of the machine.

use super::*;
use crate::host::tests::host;
use crate::ledger::Anchor;

#[test]
fn what_an_earlier_process_answered_is_needed_until_that_is_noted() {
    let part = Part::new(Content::Text("hello".to_owned()));
    let (origin, target) = (Origin::Command(1), "c2c:1:A".to_owned());
    let mut reply = Reply::new(origin, target, [part].into(), life::of_reply(&host()));
    reply.anchor = Some(Anchor::message("M1"));
    let replies = Replies {
        phase: Phase::Running,
        lanes: Lanes::default(),
        gone: vec![reply],
        kept: Store::default(),
        sent: Vec::new(),
        own: 0,
    };
    assert!(replies.needs("c2c:1:A", "M1"));
    assert!(!replies.needs("c2c:1:A", "M2") && !replies.needs("c2c:1:B", "M1"));
}
