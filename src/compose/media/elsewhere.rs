//! Where the bytes of a file are when its address is not enough: with the platform,
//! or fetched by the host because the platform could not.

use crate::compose::media::file::{Media, Source};
use crate::compose::media::kind::{self, Kind};
use crate::compose::media::limits::refusal;
use crate::compose::media::names;
use crate::contract::{Failure, FailureKind, HeldBlob};
use crate::platform::Reaction;
use crate::target::Scene;

/// What came from an address.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) blob: HeldBlob,
    pub(crate) content_type: Option<String>,
    pub(crate) name: Option<String>,
}

impl Media {
    /// Changes what the reaction asks for; false if it was changed before.
    pub(crate) fn another_way(&mut self, reaction: Reaction, failure: &Failure) -> bool {
        match reaction {
            Reaction::Reupload if !self.reuploaded => {
                self.reuploaded = true;
                self.ready = None;
                true
            }
            // It may be no picture at all: the host looks first.
            Reaction::AsFile if self.kind != Kind::File && self.is_unseen() => self.look(failure),
            Reaction::AsFile if self.kind != Kind::File => {
                self.kind = Kind::File;
                self.ready = None;
                true
            }
            Reaction::SendBytes if self.is_unseen() => self.look(failure),
            _ => false,
        }
    }

    /// Nobody but the platform fetched it.
    const fn is_unseen(&self) -> bool {
        !self.fetch && self.blob().is_none()
    }

    /// The host is to fetch what the platform refused.
    fn look(&mut self, refused: &Failure) -> bool {
        self.fetch = true;
        self.refused = Some(refused.clone());
        self.ready = None;
        true
    }

    /// The host could not fetch what the platform did: nobody knows more than that
    /// its format was refused, so it becomes a file. Absent if that is not so.
    pub(crate) fn unknown_format(&mut self) -> Option<Failure> {
        let is_it = |refused: &Failure| refused.kind == FailureKind::Unsupported;
        let unseen = self.fetch && self.blob().is_none() && self.kind != Kind::File;
        let refused = self.refused.take_if(|refused| unseen && is_it(refused))?;
        self.kind = Kind::File;
        self.fetch = false;
        Some(refused)
    }

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
    /// That this host may not even try is not a reason.
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
