//! A host for tests, and tests of the host.

use super::*;

/// A host at wall 1 000 000, mono 1 000, with fixed entropy.
pub(crate) fn host() -> Host {
    Host::new(&Context {
        instance: "test".to_owned(),
        config: String::new(),
        wall_ms: 1_000_000,
        mono_ms: 1_000,
        entropy: vec![7; 32],
        secrets: Vec::new(),
        state: Vec::new(),
        adopted: Vec::new(),
    })
}

#[test]
fn notes_of_one_kind_are_held_back_for_a_minute_and_counted() {
    let mut host = host();
    for n in 0..5 {
        host.note_seldom("x", Level::Info, &format!("odd {n}"));
    }
    host.note_seldom("y", Level::Info, "even");
    assert_eq!(host.take_actions().len(), 2);
    host.set_now(0, 60_999);
    assert_eq!(host.take_actions(), []);
    host.set_now(0, 61_000);
    let [Action::Note(note)] = &host.take_actions()[..] else {
        panic!("what was held back is told once");
    };
    let times = note.fields.first().map(|f| f.value.as_str());
    assert_eq!((note.message.as_str(), times), ("odd 4", Some("4")));
    host.note_seldom("x", Level::Info, "odd");
    assert_eq!(host.take_actions(), [], "written within a minute");
    host.set_now(0, 130_000);
    host.note_seldom("y", Level::Info, "even");
    assert_eq!(host.take_actions().len(), 2);
}

#[test]
fn a_stale_firing_of_a_moved_timer_is_set_again_for_the_rest() {
    let mut host = host();
    host.set_timer(Timer::Heartbeat, 100);
    host.set_timer(Timer::Heartbeat, 500);
    host.take_actions();
    host.set_now(0, 1_100);
    assert_eq!(host.timer_fired(Timer::Heartbeat.id()), None);
    let set = SetTimer {
        id: Timer::Heartbeat.id(),
        after_ms: 400,
    };
    assert_eq!(host.take_actions(), [Action::SetTimer(set)]);
    host.set_now(0, 1_500);
    assert_eq!(
        host.timer_fired(Timer::Heartbeat.id()),
        Some(Timer::Heartbeat)
    );
    assert_eq!(host.timer_fired(Timer::Heartbeat.id()), None);
}
