//! Watches the time by which clicks must be acknowledged, skipped time included.

use std::sync::Arc;
use std::time::Duration;

use crate::server::hub::Hub;
use crate::world::World;

/// Longer than anybody looks.
const NOTHING_WAITS: Duration = Duration::from_secs(3600);

/// Gives clicks up when their time has passed, for ever.
pub(crate) async fn watch(hub: Arc<Hub>) {
    let mut bell = hub.bell();
    loop {
        bell.mark_unchanged();
        let next = hub.with(World::expire_clicks);
        let next = next.map_or(NOTHING_WAITS, Duration::from_millis);
        tokio::select! {
            // The sender lives in the hub, which this task holds.
            _ = bell.changed() => {}
            () = tokio::time::sleep(next) => {}
        }
    }
}
