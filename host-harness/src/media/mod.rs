//! Files between an agent that writes text and a channel that sends bytes.
//!
//! An agent names a file in its reply, `[IMAGE:/srv/out/chart.png]`, and it
//! becomes an attachment: an address as it is, a file only from below a folder the
//! operator named. A file a user sent is fetched into a folder, and the agent is
//! told its path in the same notation.

mod code;
mod folder;
mod incoming;
mod inline;
mod markers;
mod outgoing;
mod render;
mod roots;
mod words;

pub use incoming::{Fetcher, Inbox, fetching};
pub use markers::{Marker, MarkerKind, Piece, lead, pieces};
pub use outgoing::Markers;
pub(crate) use outgoing::keep;
pub use render::render;
pub use roots::Roots;
