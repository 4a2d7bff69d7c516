//! Endpoints that said "too many requests" and are left alone for a while.

use std::collections::BTreeMap;

use crate::contract::Level;
use crate::host::Host;
use crate::target::Scene;

/// Until when, monotonic milliseconds. Each scene has an endpoint of its own.
#[derive(Debug, Default)]
pub(crate) struct Rests(BTreeMap<&'static str, u64>);

impl Rests {
    /// Nothing is sent there for so long.
    pub(crate) fn rest(&mut self, scene: Scene, ms: u64, host: &mut Host) {
        let until_ms = host.now().mono_ms.saturating_add(ms);
        let known_ms = self.0.entry(scene.name()).or_default();
        *known_ms = until_ms.max(*known_ms);
        let (name, secs) = (scene.name(), ms.div_ceil(1_000));
        let text = format!("QQ takes no more messages for {name} now: none is sent for {secs} s");
        host.note_seldom("rest", Level::Warn, &text);
        host.count("endpoint_rests");
    }

    /// Until when nothing is sent there.
    pub(crate) fn until_ms(&self, scene: Scene, now_ms: u64) -> Option<u64> {
        let until_ms = self.0.get(scene.name()).copied();
        until_ms.filter(|until_ms| *until_ms > now_ms)
    }
}
