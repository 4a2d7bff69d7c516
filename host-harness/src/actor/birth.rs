//! An instance on its way to life: made and started, and not yet the one that
//! runs.

use crate::contract::{Action, Context};
use crate::sandbox::Instance;

/// An instance that has started well.
pub(super) struct Newborn {
    pub(super) instance: Instance,
    /// What it started from.
    pub(super) context: Context,
    /// What it asks for.
    pub(super) actions: Vec<Action>,
}

/// Why an instance did not start.
pub(super) enum Failed {
    Died(String),
    /// The channel's own refusal.
    Refused(String),
}

impl Newborn {
    pub(super) async fn start(mut instance: Instance, context: Context) -> Result<Self, Failed> {
        let answer = instance.start(&context).await;
        let answer = answer.map_err(|death| Failed::Died(death.to_string()))?;
        Ok(Self {
            actions: answer.map_err(Failed::Refused)?,
            instance,
            context,
        })
    }
}
