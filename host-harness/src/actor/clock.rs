//! The two clocks of the contract.

use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Unix time.
pub(super) fn wall_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Milliseconds since then, on a clock that never jumps.
pub(super) fn mono_ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
