//! What is remembered, for how long, and for whom.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::contract::{Action, Attachment, AttachmentKind, AttachmentLocation, StateEntry};
use crate::host::tests::host;
use crate::inbound::tests::message;
use crate::target::Scene;

fn received(n: usize) -> Received {
    let mut message = message();
    message.id = format!("M{n}");
    message.text = format!("text {n}");
    Received {
        message,
        scene: Scene::C2c,
        index: Some(format!("REFIDX_{n}==")),
        own: None,
    }
}

fn sent(n: usize) -> Sent {
    Sent {
        target: "c2c:102:USER".to_owned(),
        id: format!("R{n}"),
        index: Some(format!("REFIDX_r{n}==")),
        text: format!("answer {n}"),
    }
}

fn stored(host: &mut Host) -> State {
    let put = |action| match action {
        Action::Put(put) => Some(StateEntry {
            key: put.key,
            value: put.value,
        }),
        _ => None,
    };
    let entries: Vec<_> = host.take_actions().into_iter().filter_map(put).collect();
    State::new(entries).unwrap()
}

/// Author, text, number of attachments, and whether it is the bot's.
fn filled(quotes: &Quotes, target: &str, index: &str, host: &Host) -> (Quote, bool) {
    let mut quote = Quote::of(index.to_owned());
    let own = quotes.fill(target, &mut quote, "BOT", host);
    (quote, own)
}

#[test]
fn the_newest_are_known_also_after_a_restart() {
    let (mut host, mut quotes) = (host(), Quotes::load(&State::default()));
    for n in 0..HEARD + 3 {
        quotes.heard(&received(n), true, &mut host);
    }
    for n in 0..SAID + 3 {
        quotes.said(sent(n), &mut host);
    }
    let again = Quotes::load(&stored(&mut host));
    for quotes in [&quotes, &again] {
        for (index, text, author, own) in [
            ("REFIDX_2==", "", None, false),
            ("REFIDX_3==", "text 3", Some("USER"), false),
            ("REFIDX_514==", "text 514", Some("USER"), false),
            ("REFIDX_r2==", "", None, false),
            ("REFIDX_r258==", "answer 258", Some("BOT"), true),
            // A message id is not an index.
            ("M514", "", None, false),
        ] {
            let (quote, is_own) = filled(quotes, "c2c:102:USER", index, &host);
            let got = (&*quote.text, quote.author.as_deref(), is_own);
            assert_eq!(got, (text, author, own), "{index}");
        }
        assert_eq!(
            quotes.index_of("c2c:102:USER", "M514"),
            Some("REFIDX_514==")
        );
        assert_eq!(quotes.index_of("c2c:102:OTHER", "M514"), None);
        let (elsewhere, own) = filled(quotes, "c2c:102:OTHER", "REFIDX_r258==", &host);
        assert_eq!((&*elsewhere.text, own), ("", false));
    }
}

#[test]
fn what_was_not_delivered_is_not_stored() {
    let (mut host, mut quotes) = (host(), Quotes::load(&State::default()));
    quotes.heard(&received(1), false, &mut host);
    assert_eq!(
        filled(&quotes, "c2c:102:USER", "REFIDX_1==", &host).0.text,
        "text 1"
    );
    assert_eq!(host.take_actions(), []);
}

#[test]
fn entries_are_bounded_and_links_expire() {
    let (mut host, mut quotes) = (host(), Quotes::load(&State::default()));
    let mut long = received(1);
    long.message.text = "字".repeat(900);
    let link = |url: String| Attachment {
        kind: AttachmentKind::Image,
        location: AttachmentLocation::Url(url),
        name: None,
        mime: None,
        size: None,
        duration_ms: None,
        transcript: None,
    };
    long.message.attachments = vec![link("x".repeat(2_000)), link("https://q/1".to_owned())];
    quotes.heard(&long, true, &mut host);
    let mut unnamed = received(2);
    unnamed.index = None;
    quotes.heard(&unnamed, true, &mut host);
    let (quote, _) = filled(&quotes, "c2c:102:USER", "REFIDX_1==", &host);
    assert_eq!(
        (quote.text.chars().count(), quote.attachments.len()),
        (500, 1)
    );
    host.set_now(1_000_000 + 7_200_000, 1_000);
    let (quote, _) = filled(&quotes, "c2c:102:USER", "REFIDX_1==", &host);
    assert_eq!(
        (quote.text.chars().count(), quote.attachments.len()),
        (500, 0)
    );
    assert_eq!(quotes.index_of("c2c:102:USER", "M2"), None);
}

#[test]
fn what_the_event_says_itself_stays() {
    let (mut host, mut quotes) = (host(), Quotes::load(&State::default()));
    quotes.heard(&received(1), true, &mut host);
    let mut quote = Quote::of("REFIDX_1==".to_owned());
    quote.text = "as shown".to_owned();
    assert!(!quotes.fill("c2c:102:USER", &mut quote, "", &host));
    assert_eq!(
        (&*quote.text, quote.author.as_deref()),
        ("as shown", Some("USER"))
    );
}
