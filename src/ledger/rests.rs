//! Endpoints that said "too many requests" and are left alone for a while.

use std::collections::BTreeMap;

use crate::contract::Level;
use crate::host::Host;
use crate::target::Scene;

/// A rest of so much more is told at once.
const LONG_MS: u64 = 10_000;

/// Until when, monotonic milliseconds. Each scene has an endpoint of its own.
#[derive(Debug, Default)]
pub(crate) struct Rests(BTreeMap<&'static str, u64>);

impl Rests {
    /// Nothing is sent there for so long.
    pub(crate) fn rest(&mut self, scene: Scene, ms: u64, host: &mut Host) {
        let until_ms = host.now().mono_ms.saturating_add(ms);
        let known_ms = self.0.entry(scene.name()).or_default();
        let told_ms = std::mem::replace(known_ms, until_ms.max(*known_ms));
        let (name, secs) = (scene.name(), ms.div_ceil(1_000));
        let text = format!("QQ takes no more messages for {name} now: none is sent for {secs} s");
        // A long rest is not hidden behind a short one.
        match ms >= LONG_MS && until_ms > told_ms.saturating_add(LONG_MS) {
            true => host.note(Level::Warn, text),
            false => host.note_seldom("rest", Level::Warn, &text),
        }
        host.count("endpoint_rests");
    }

    /// Until when nothing is sent there.
    pub(crate) fn until_ms(&self, scene: Scene, now_ms: u64) -> Option<u64> {
        let until_ms = self.0.get(scene.name()).copied();
        until_ms.filter(|until_ms| *until_ms > now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Action;
    use crate::host::tests::host;

    #[test]
    fn a_long_rest_is_told_behind_a_short_one() {
        let (mut host, mut rests) = (host(), Rests::default());
        for ms in [3_000, 3_000, 60_000, 60_000] {
            rests.rest(Scene::Group, ms, &mut host);
        }
        let notes = host
            .take_actions()
            .into_iter()
            .filter_map(|action| match action {
                Action::Note(note) => Some(note.message),
                _ => None,
            });
        let notes: Vec<_> = notes.collect();
        assert!(
            notes.len() == 2 && notes[1].ends_with("for 60 s"),
            "{notes:?}"
        );
    }
}
