//! What the address of a file answers.

use crate::compose::media::{Fetched, names};
use crate::contract::{Action, Failure, FailureKind, Header, HttpResponse};
use crate::platform::Reaction;
use crate::uploads::desk::{Desk, End};
use crate::uploads::upload::Upload;

impl Upload {
    /// The file's address has answered.
    pub(crate) fn fetched(response: &HttpResponse, desk: &mut Desk<'_>) -> Option<End> {
        let header = |name: &str| {
            let named = |h: &&Header| h.name.eq_ignore_ascii_case(name);
            response.headers.iter().find(named).map(|h| h.value.clone())
        };
        if let (Some(blob), 200..=299) = (&response.blob, response.status) {
            return Some(End::Fetched(Fetched {
                blob: blob.clone(),
                content_type: header("content-type"),
                name: header("content-disposition").and_then(|h| names::of_disposition(&h)),
            }));
        }
        if let Some(blob) = &response.blob {
            desk.cx.host.act(Action::DropBlob(blob.id));
        }
        let what = format!("the file's address answers with HTTP {}", response.status);
        let failure = Failure::new(FailureKind::Unavailable, what).remedy("Check the address.");
        Some(End::Failed(Reaction::Report, failure))
    }
}
