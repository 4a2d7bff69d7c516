//! What the end-to-end tests, the demonstration and the benchmark share: the
//! simulator, a host with the real component, and an agent, wired together.

pub mod chaos;
mod disk;
mod hostile;
mod log;
mod native;
mod openings;
mod rig;
mod settings;
pub mod soak;
pub mod watch;

pub use disk::TestDisk;
pub use hostile::{hostile, say};
pub use log::Log;
pub use native::Native;
pub use openings::{answer, sim};
pub use rig::{Rig, RigOptions, SetUp};
pub use settings::{APP_ID, SECRET, plugins, qq_config, qq_table, test_plugins};

use std::time::Duration;

/// How long anything may take on a busy machine before a test fails.
pub const SOON: Duration = Duration::from_secs(20);
