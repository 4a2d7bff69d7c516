//! Who this channel is.

use crate::config;
use crate::contract::{Descriptor, Feature};
use crate::state::STATE_VERSION;

/// Version of the contract this channel speaks.
const CONTRACT: u32 = 2;

/// Three heartbeats of the longest interval seen: after that silence nobody is
/// at the other end. The watchdog reconnects before.
const LIVENESS_MS: u64 = 3 * 45_000;

/// Name, version, abilities and configuration schema.
#[must_use]
pub fn describe() -> Descriptor {
    Descriptor {
        name: "qq".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        contract: CONTRACT,
        features: vec![
            Feature::Send,
            Feature::Typing,
            Feature::Draft,
            Feature::React,
            Feature::Recall,
            Feature::MediaIn,
            Feature::MediaOut,
            Feature::Markdown,
            Feature::Cards,
            Feature::Doctor,
        ],
        liveness_ms: LIVENESS_MS,
        config_schema: config::schema(),
        state_versions: vec![STATE_VERSION],
    }
}
