//! What a running component says about itself, shared by all who hold the
//! channel and replaced with the component.

use std::sync::{Arc, PoisonError, RwLock};

use crate::contract::Descriptor;

/// Cheap to clone; clones see the same.
#[derive(Clone)]
pub(crate) struct About(Arc<RwLock<Arc<Descriptor>>>);

impl About {
    pub(crate) fn new(descriptor: Descriptor) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(descriptor))))
    }

    pub(crate) fn now(&self) -> Arc<Descriptor> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace(&self, descriptor: Descriptor) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(descriptor);
    }
}
