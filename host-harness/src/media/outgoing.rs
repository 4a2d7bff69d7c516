//! From the markers of a reply to attachments.

use std::path::Path;

use tokio::io::AsyncReadExt;

use super::markers::{Marker, Piece, pieces};
use super::roots::Roots;
use crate::contract::{
    Attachment, AttachmentKind, AttachmentLocation, Failure, FailureKind, OutboundMessage,
};
use crate::limits;
use crate::net::Blobs;

/// Files of one reply; the channel takes no more.
const MOST: usize = 16;

/// How files are named in replies, and where they may come from.
#[derive(Debug, Default)]
pub struct Markers {
    roots: Roots,
}

impl Markers {
    /// Files may come from these folders.
    pub const fn new(roots: Roots) -> Self {
        Self { roots }
    }

    /// Makes attachments of a message's markers. What cannot be one stays in the
    /// text with a short reason, and the operator is told.
    pub(crate) async fn apply(&self, message: &mut OutboundMessage, blobs: &Blobs) {
        let text = std::mem::take(&mut message.text);
        let mut words = String::with_capacity(text.len());
        for piece in pieces(&text) {
            match piece {
                Piece::Words(range) => words.push_str(text.get(range).unwrap_or_default()),
                Piece::Marker(range, marker) => {
                    let room = message.attachments.len() < MOST;
                    match self.attach(marker, room, blobs).await {
                        Ok(attachment) => message.attachments.push(attachment),
                        Err(why) => {
                            // The place is the agent's and may name a user.
                            tracing::warn!(why, "a file named in a reply is not sent");
                            let marker = text.get(range).unwrap_or_default();
                            words.push_str(&format!("{marker}（{why}）"));
                        }
                    }
                }
            }
        }
        message.text = tidy(&words);
    }

    async fn attach(
        &self,
        marker: Marker,
        room: bool,
        blobs: &Blobs,
    ) -> Result<Attachment, String> {
        if !room {
            return Err(format!("more than {MOST} files"));
        }
        let kind = marker.kind.attachment();
        let place = marker
            .place
            .strip_prefix("file://")
            .unwrap_or(&marker.place);
        if place.starts_with("https://") || place.starts_with("http://") {
            let location = AttachmentLocation::Url(marker.place);
            return Ok(plain(kind, location));
        }
        let path = Path::new(place);
        let file = self.roots.file(path)?;
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let attachment = keep(file, blobs).await.map_err(|failure| failure.message)?;
        Ok(Attachment {
            kind,
            name,
            ..attachment
        })
    }
}

/// Copies a file into a blob: what is sent does not change under way.
pub(crate) async fn keep(file: std::fs::File, blobs: &Blobs) -> Result<Attachment, Failure> {
    let mut file = tokio::fs::File::from_std(file);
    let mut writer = blobs.writer(limits::BLOB_BYTES).await?;
    let mut piece = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut piece).await.map_err(|cause| {
            let what = format!("the file cannot be read: {cause}");
            Failure::new(FailureKind::Invalid, what)
        })?;
        if read == 0 {
            break;
        }
        writer.write(piece.get(..read).unwrap_or_default()).await?;
    }
    let kept = blobs.keep(writer).await?;
    Ok(Attachment {
        mime: kept.mime,
        size: Some(kept.size),
        ..plain(AttachmentKind::File, AttachmentLocation::Blob(kept.id))
    })
}

fn plain(kind: AttachmentKind, location: AttachmentLocation) -> Attachment {
    Attachment {
        kind,
        location,
        name: None,
        mime: None,
        size: None,
        duration_ms: None,
        transcript: None,
    }
}

/// A line that held nothing but markers goes with them.
fn tidy(words: &str) -> String {
    words.trim().to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    async fn applied(text: &str, roots: Roots) -> (String, Vec<Attachment>) {
        let blobs = Blobs::new(None).unwrap();
        let mut message = OutboundMessage::text("c2c:1:A".to_owned(), text);
        Markers::new(roots).apply(&mut message, &blobs).await;
        (message.text, message.attachments)
    }

    #[tokio::test]
    async fn a_file_below_a_root_becomes_a_blob_that_says_what_it_is() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("a.txt"), b"\x89PNG\r\n\x1a\n").unwrap();
        let roots = Roots::open(&[root.path().to_owned()]).unwrap();
        let text = format!("look\n[IMAGE:{}/a.txt]", root.path().display());
        let (text, files) = applied(&text, roots).await;
        assert_eq!(text, "look");
        let file = files.first().unwrap();
        assert_eq!(file.kind, AttachmentKind::Image);
        assert_eq!(file.mime.as_deref(), Some("image/png"));
        assert_eq!((file.size, file.name.as_deref()), (Some(8), Some("a.txt")));
    }

    #[tokio::test]
    async fn an_address_is_passed_on_and_a_bad_marker_stays_with_its_reason() {
        let text = "[VIDEO:https://a/b.mp4] and [DOCUMENT:/etc/passwd]";
        let (text, files) = applied(text, Roots::default()).await;
        assert_eq!(
            text,
            "and [DOCUMENT:/etc/passwd]（the host has no --media-root）"
        );
        let expected = AttachmentLocation::Url("https://a/b.mp4".to_owned());
        assert_eq!(files.first().unwrap().location, expected);
        assert_eq!(files.len(), 1);
    }

    #[tokio::test]
    async fn a_reply_takes_so_many_files_and_no_more() {
        let text = "[IMAGE:https://a/b]".repeat(MOST + 1);
        let (text, files) = applied(&text, Roots::default()).await;
        assert_eq!(files.len(), MOST);
        assert_eq!(text, "[IMAGE:https://a/b]（more than 16 files）");
    }
}
