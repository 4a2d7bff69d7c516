//! Where a channel may go. Mechanism and nothing else: the rules come from the
//! manifest and the operator, the sockets are opened elsewhere.

mod address;
mod origin;
mod rules;
mod sealed;
mod shared;

pub(crate) use address::refuse_address;
pub(crate) use origin::Origin;
pub(crate) use rules::{NetworkPolicy, Target, path_matches, refused_address};
pub(crate) use sealed::{SealedAddress, origins};
pub(crate) use shared::SharedPolicy;
