//! A file the host fetched because the platform could not: what came, and what
//! is said when nothing usable did.

use crate::compose::media::{Media, Source, kind, names, refusal};
use crate::contract::{Action, Failure, FailureKind, Header, HeldBlob, HttpResponse};
use crate::platform::Reaction;
use crate::target::Scene;
use crate::uploads::desk::{Desk, End};
use crate::uploads::upload::Upload;

/// What came from an address.
#[derive(Debug)]
pub(crate) struct Fetched {
    blob: HeldBlob,
    content_type: Option<String>,
    name: Option<String>,
}

impl Fetched {
    pub(crate) const fn blob(&self) -> u64 {
        self.blob.id
    }
}

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

impl Media {
    /// Takes the bytes, if they are what was announced; what they are decides, not
    /// what the server says they are.
    pub(crate) fn take_in(&mut self, found: Fetched, scene: Scene) -> Result<(), Failure> {
        let mime = found.blob.mime.or(found.content_type);
        let kind = kind::arrived(self.kind, mime.as_deref()).ok_or_else(no_media)?;
        let mut taken = self.clone();
        taken.kind = kind;
        taken.mime = mime.or(taken.mime);
        taken.source = Source::Blob(found.blob.id);
        if let Some(name) = found.name.filter(|_| !self.named) {
            taken.name = names::tidy(&name);
        }
        match refusal(&taken, found.blob.size, scene) {
            Some(failure) => Err(failure),
            None => {
                *self = taken;
                Ok(())
            }
        }
    }

    /// Why the file is lost: of two who tried to fetch it, the platform was first.
    /// That this host may not even try is no reason.
    pub(crate) fn root_cause(&self, last: Failure) -> Failure {
        match &self.refused {
            Some(first) if self.blob().is_none() && last.kind == FailureKind::Denied => {
                first.clone()
            }
            Some(first) if self.blob().is_none() => Failure {
                message: format!("{}; this host tried too: {}", first.message, last.message),
                remedy: last.remedy,
                ..first.clone()
            },
            _ => last,
        }
    }
}

fn no_media() -> Failure {
    let what = "the file's address gives a page of text";
    Failure::new(FailureKind::Unsupported, what)
        .remedy("Name the address of the file itself, not of a page that shows it.")
}
