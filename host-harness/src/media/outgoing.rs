//! From the markers of a reply to attachments.

use std::path::Path;
use std::sync::Arc;

use tokio::io::AsyncReadExt;
use tokio::time::{Duration, timeout};

use super::folder::any_name;
use super::inline;
use super::markers::{Marker, MarkerKind, Piece, pieces};
use super::roots::Roots;
use super::words::Words;
use crate::contract::{
    Attachment, AttachmentKind, AttachmentLocation, Failure, FailureKind, OutboundMessage,
};
use crate::limits;
use crate::net::{BlobWriter, Blobs};

/// Files of one reply; the channel takes no more.
const MOST: usize = 16;
/// How long a file may take to be read: the folder may lie on another machine.
const READ_TIME: Duration = Duration::from_secs(60);

/// How files are named in replies, and where they may come from.
#[derive(Debug, Default)]
pub struct Markers {
    roots: Arc<Roots>,
}

impl Markers {
    /// Files may come from these folders.
    pub fn new(roots: Roots) -> Self {
        let roots = Arc::new(roots);
        Self { roots }
    }

    /// Makes attachments of a message's markers. Words take the place of what
    /// cannot be one; the reason is for the operator, in the log.
    pub(crate) async fn apply(&self, message: &mut OutboundMessage, blobs: &Blobs) {
        let text = std::mem::take(&mut message.text);
        let mut words = Words::default();
        for piece in pieces(&text) {
            match piece {
                Piece::Words(range) => words.push(text.get(range).unwrap_or_default()),
                Piece::Marker(_, marker) => {
                    let room = message.attachments.len() < MOST;
                    match self.attach(&marker, room, blobs).await {
                        Ok(attachment) => {
                            message.attachments.push(attachment);
                            words.gap();
                        }
                        Err(why) => {
                            let (kind, file) = (marker.kind.name(), any_name(&marker.place));
                            tracing::warn!(kind, file, why, "a file named in a reply is not sent");
                            words.push(&in_words(&marker));
                        }
                    }
                }
            }
        }
        message.text = words.closed();
    }

    async fn attach(
        &self,
        marker: &Marker,
        room: bool,
        blobs: &Blobs,
    ) -> Result<Attachment, String> {
        if !room {
            return Err(format!("more than {MOST} files"));
        }
        let kind = marker.kind.attachment();
        if inline::is_inline(&marker.place) {
            return written(marker, blobs).await;
        }
        if is_address(&marker.place) {
            let location = AttachmentLocation::Url(marker.place.clone());
            return Ok(plain(kind, location));
        }
        let read = timeout(READ_TIME, self.read(path(&marker.place), blobs)).await;
        let attachment = read.map_err(|_late| "its folder does not answer".to_owned())??;
        Ok(Attachment { kind, ..attachment })
    }

    async fn read(&self, path: &Path, blobs: &Blobs) -> Result<Attachment, String> {
        let name = path.file_name();
        let name = name.map(|name| name.to_string_lossy().into_owned());
        let (roots, path) = (Arc::clone(&self.roots), path.to_owned());
        let file = tokio::task::spawn_blocking(move || roots.file(&path)).await;
        let file = file.map_err(|cause| cause.to_string())??;
        let attachment = keep(file, blobs).await.map_err(|failure| failure.message)?;
        Ok(Attachment { name, ..attachment })
    }
}

fn is_address(place: &str) -> bool {
    place.starts_with("https://") || place.starts_with("http://")
}

fn path(place: &str) -> &Path {
    Path::new(place.strip_prefix("file://").unwrap_or(place))
}

/// A line for users in place of a file: its name or address, no folder of this
/// machine.
fn in_words(marker: &Marker) -> String {
    let what = match marker.kind {
        MarkerKind::Image => "图片",
        MarkerKind::Document => "文件",
        MarkerKind::Audio | MarkerKind::Voice => "语音",
        MarkerKind::Video => "视频",
    };
    let name = path(&marker.place).file_name();
    let name = name.map(|name| name.to_string_lossy().into_owned());
    let what = match name {
        _ if inline::is_inline(&marker.place) => what,
        _ if is_address(&marker.place) => &marker.place,
        Some(ref name) => name.rsplit('\\').next().unwrap_or(what),
        None => what,
    };
    format!("📎 {what}（未能发送 / could not be sent）")
}

/// A file that stands in the text itself. A picture has to be one.
async fn written(marker: &Marker, blobs: &Blobs) -> Result<Attachment, String> {
    let failed = |failure: Failure| failure.message;
    let mut writer = blobs.writer(limits::BLOB_BYTES).await.map_err(failed)?;
    for piece in inline::decoded(&marker.place)? {
        writer.write(&piece?).await.map_err(failed)?;
    }
    let attachment = kept(writer, blobs).await.map_err(failed)?;
    let kind = marker.kind.attachment();
    let mime = attachment.mime.as_deref().unwrap_or_default();
    let (family, format) = mime.split_once('/').unwrap_or_default();
    if kind != AttachmentKind::File && !matches!(family, "image" | "audio" | "video") {
        drop_blob(&attachment, blobs);
        return Err("a file written into a reply is not what it says".to_owned());
    }
    let name = format!("{}.{format}", marker.kind.name().to_ascii_lowercase());
    let name = Some(name).filter(|_| !format.is_empty());
    Ok(Attachment {
        kind,
        name,
        ..attachment
    })
}

fn drop_blob(attachment: &Attachment, blobs: &Blobs) {
    if let AttachmentLocation::Blob(id) = attachment.location {
        blobs.drop_blob(id);
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
    kept(writer, blobs).await
}

async fn kept(writer: BlobWriter, blobs: &Blobs) -> Result<Attachment, Failure> {
    let held = blobs.keep(writer).await?;
    Ok(Attachment {
        mime: held.mime,
        size: Some(held.size),
        ..plain(AttachmentKind::File, AttachmentLocation::Blob(held.id))
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

#[cfg(test)]
mod tests;
