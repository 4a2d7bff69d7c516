//! Every code the platform may answer with, and answers that are none.

use std::time::Duration;

use e2e::{APP_ID, SOON};
use prx_channel_host::contract::{Delivery, OutboundMessage};
use qq_sim::{Fault, RefusalShape, ScriptedRefusal};

use crate::quiet::{Quiet, hear, rig, send};

/// A line of the table in docs/sending.md: codes, and what the channel does.
fn documented() -> Vec<(Vec<i64>, String)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sending.md");
    let document = std::fs::read_to_string(path).unwrap();
    let line = |line: &str| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let codes: Option<Vec<i64>> = cells.get(1)?.split(", ").map(|c| c.parse().ok()).collect();
        let source = *cells.get(5)?;
        let sends = ["guide", "send", "field"].contains(&source);
        sends.then_some((codes?, cells.get(3)?.to_string()))
    };
    document.lines().filter_map(line).collect()
}

/// What a refusal leads to, and the text it is tried with.
enum Expected {
    Sent,
    Audit,
    Kept,
    /// Not within the command's time.
    Later,
    Reported,
}

fn expected(action: &str) -> (Expected, String) {
    use Expected::{Audit, Kept, Later, Reported, Sent};
    let long = "word ".repeat(200);
    match action {
        a if a.starts_with("gets a new token") => (Sent, "hello".to_owned()),
        a if a.starts_with("tries again with") => (Sent, "hello".to_owned()),
        a if a.starts_with("leaves the endpoint alone") => (Later, "hello".to_owned()),
        a if a.starts_with("tries again later") => (Sent, "hello".to_owned()),
        a if a.starts_with("takes it for delivered") => (Sent, "hello".to_owned()),
        a if a.starts_with("answers another") => (Kept, "hello".to_owned()),
        a if a.starts_with("waits for the moderators") => (Audit, "hello".to_owned()),
        a if a.starts_with("sends it without markup") => (Sent, "**bold**".to_owned()),
        a if a.starts_with("sends it once more") => (Sent, "see example.com".to_owned()),
        a if a.starts_with("sends it in smaller") => (Sent, long),
        a if a.starts_with("keeps the text") => (Kept, "hello".to_owned()),
        _ => (Reported, "hello".to_owned()),
    }
}

fn refuse(rig: &Quiet, peer: &str, code: i64, shape: RefusalShape) {
    let refusal = ScriptedRefusal {
        peer: Some(peer.to_owned()),
        shape,
        ..ScriptedRefusal::code(code)
    };
    rig.sim.fault(Fault::RefuseNext(refusal));
}

/// One code, with a user of its own.
async fn drive(rig: &Quiet, code: i64, action: &str) {
    let user = format!("USER{code}");
    let unasked = action.starts_with("keeps the text");
    let target = match unasked {
        true => format!("c2c:{APP_ID}:{user}"),
        false => hear(rig, &user).await,
    };
    let shapes = [
        RefusalShape::Both,
        RefusalShape::CodeOnly,
        RefusalShape::ErrCodeOnly,
    ];
    let shape = shapes[usize::try_from(code).unwrap() % shapes.len()];
    refuse(rig, &user, code, shape);
    let (expected, text) = expected(action);
    let message = OutboundMessage::text(&target, &text);
    let within = match expected {
        Expected::Later => Duration::from_secs(2),
        _ => SOON,
    };
    let outcome = rig.commands().unwrap().send_within(message, within).await;
    let how = outcome.as_ref().map(|receipt| receipt.how);
    match expected {
        Expected::Sent => assert_eq!(how, Ok(Delivery::Passive), "{code}: {outcome:?}"),
        Expected::Audit => assert_eq!(how, Ok(Delivery::PendingAudit), "{code}"),
        Expected::Kept | Expected::Later => {
            assert_eq!(how, Ok(Delivery::Deferred), "{code}: {outcome:?}");
        }
        Expected::Reported => {
            let failure = outcome.expect_err(&code.to_string());
            assert_eq!(failure.code, Some(code), "{failure:?}");
            assert!(failure.trace_id.is_some(), "{failure:?}");
            assert!(failure.remedy.is_some(), "{failure:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_code_does_what_is_documented() {
    let rig = rig("").await;
    let all = documented();
    let codes: usize = all.iter().map(|(codes, _)| codes.len()).sum();
    assert!(codes > 150, "the table is gone: {codes}");
    // One at a time where a refusal is remembered for the scene.
    let concerns_all = |action: &str| {
        ["sends it without markup", "leaves the endpoint alone"]
            .iter()
            .any(|words| action.starts_with(words))
    };
    let (alone, rest): (Vec<_>, Vec<_>) = all.iter().partition(|(_, action)| concerns_all(action));
    let drives = rest
        .iter()
        .flat_map(|(codes, action)| codes.iter().map(|code| drive(&rig, *code, action)));
    futures_util::future::join_all(drives).await;
    for (codes, action) in alone {
        for code in codes {
            let rig = crate::quiet::rig("").await;
            drive(&rig, *code, action).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_errors_are_never_taken_for_success() {
    let rig = rig("").await;
    for (status, shape, carried_out) in [
        (200, RefusalShape::Both, false),
        (500, RefusalShape::ErrCodeOnly, false),
        (502, RefusalShape::Html, true),
        (504, RefusalShape::Empty, true),
        (200, RefusalShape::Empty, true),
    ] {
        let user = format!("U{status}{carried_out}");
        let target = hear(&rig, &user).await;
        let refusal = ScriptedRefusal {
            peer: Some(user.clone()),
            status,
            shape,
            carried_out,
            ..ScriptedRefusal::code(50_055_001)
        };
        rig.sim.fault(Fault::RefuseNext(refusal));
        let outcome = send(&rig, &target, "hello").await.unwrap();
        let expected = match carried_out {
            true => Delivery::Duplicate,
            false => Delivery::Passive,
        };
        assert_eq!(outcome.how, expected, "{status} {shape:?}");
        assert_eq!(rig.sim.delivered(&user).len(), 1, "{status} {shape:?}");
    }
}
