//! Whose answer is this? One table for all requests that are open.

use std::collections::BTreeMap;

use crate::contract::Id;

/// The machine that made a request, and what of it waits for the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Token,
    Gateway,
    /// The reply under way to this target.
    Reply(String),
    /// A frame of this draft.
    Stream(Id),
    /// The file on its way for this target.
    Upload(String),
    Courtesy,
}

/// Open requests; the host allows 64.
#[derive(Debug, Default)]
pub(crate) struct Owners(BTreeMap<Id, Owner>);

impl Owners {
    /// The request is made, or goes on from an earlier instance.
    pub(crate) fn insert(&mut self, request: Id, owner: Owner) {
        self.0.insert(request, owner);
    }

    /// The request is over, or called off: nothing that comes for it belongs to
    /// anybody any more.
    pub(crate) fn remove(&mut self, request: Id) -> Option<Owner> {
        self.0.remove(&request)
    }

    /// Whether somebody waits for this request.
    pub(crate) fn knows(&self, request: Id) -> bool {
        self.0.contains_key(&request)
    }

    /// How many of the open requests `wanted` names.
    pub(crate) fn count(&self, wanted: impl Fn(&Owner) -> bool) -> usize {
        self.0.values().filter(|owner| wanted(owner)).count()
    }
}
