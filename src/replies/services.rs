//! What replies need beside their messages.

use crate::courtesies::Courtesies;
use crate::streams::Streams;
use crate::uploads::Uploads;

/// The machines that do what a reply needs beside its messages.
#[derive(Debug)]
pub(crate) struct Services {
    pub(crate) streams: Streams,
    pub(crate) uploads: Uploads,
    pub(crate) courtesies: Courtesies,
}
