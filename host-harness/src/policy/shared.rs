//! The policy that holds now, for everybody who goes out for one channel.

use std::sync::{Arc, PoisonError, RwLock};

use super::NetworkPolicy;

/// Clones share it: when a channel gets new settings or a new component, all who
/// hold one go by the new policy at once.
#[derive(Clone)]
pub(crate) struct SharedPolicy(Arc<RwLock<Arc<NetworkPolicy>>>);

impl SharedPolicy {
    pub(crate) fn new(policy: NetworkPolicy) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(policy))))
    }

    /// The policy of this moment; do not keep it.
    pub(crate) fn now(&self) -> Arc<NetworkPolicy> {
        let policy = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&policy)
    }

    /// Puts another one in its place, and gives back what it was.
    pub(crate) fn replace(&self, policy: Arc<NetworkPolicy>) -> Arc<NetworkPolicy> {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut current, policy)
    }
}
