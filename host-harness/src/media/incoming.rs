//! Fetching what users sent, before the agent hears of it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sha2::Digest;
use tokio::io::AsyncWriteExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::Instant;

use super::folder;
use super::markers::MarkerKind;
use crate::actor::Delivered;
use crate::contract::{Attachment, AttachmentLocation};
use crate::error::{ErrorKind, Result, caused};
use crate::net::{HttpClient, hex};
use crate::policy::SharedPolicy;
use crate::private;

/// How long the files of one message may take.
const FETCH_TIME: Duration = Duration::from_secs(60);
/// Messages that are held here at once, whatever they wait for. No further one is
/// taken out of the channel's queue, so that it is the channel that waits.
const MESSAGES: usize = 64;

/// Where users' files are kept, and how much of them.
#[derive(Clone, Debug)]
pub struct Inbox {
    folder: PathBuf,
    /// Bytes of one file. What is longer stays a link.
    pub most_bytes: u64,
    /// Bytes of all files; the oldest make room.
    pub quota_bytes: u64,
    /// How long a file is kept.
    pub keep: Duration,
}

impl Inbox {
    /// Makes the folder if it is missing, for this user's eyes only. The usual
    /// bounds: 20 MB a file, 1 GB in all, a week.
    ///
    /// # Errors
    /// When the folder cannot be made, or others may write to it.
    pub fn open(folder: &Path) -> Result<Self> {
        private::create_dir(folder)?;
        let canonical = folder.canonicalize();
        Ok(Self {
            folder: canonical.map_err(caused(ErrorKind::State, folder.display()))?,
            most_bytes: 20 * 1024 * 1024,
            quota_bytes: 1024 * 1024 * 1024,
            keep: Duration::from_secs(7 * 86_400),
        })
    }
}

/// Goes where a channel may go; see [`ChannelHandle::fetcher`](crate::ChannelHandle::fetcher).
#[derive(Clone)]
pub struct Fetcher {
    /// Its name, for the log.
    pub(crate) channel: Arc<str>,
    pub(crate) client: HttpClient,
    pub(crate) policy: SharedPolicy,
}

/// The same messages, their files fetched: each attachment becomes a `file://`
/// address, and the text gets a marker with its path. What cannot be fetched stays
/// a link. Messages of one sender in one chat stay in order; others do not wait.
pub fn fetching(
    inbox: Inbox,
    fetcher: Fetcher,
    messages: mpsc::Receiver<Delivered>,
) -> mpsc::Receiver<Delivered> {
    let (out, fetched) = mpsc::channel(1);
    let fetch = Arc::new(Fetch { inbox, fetcher });
    tokio::spawn(fetch.all(messages, out));
    fetched
}

fn scope(delivered: &Delivered) -> String {
    let message = &delivered.message;
    format!("{} {}", message.reply_target, message.sender)
}

struct Fetch {
    inbox: Inbox,
    fetcher: Fetcher,
}

impl Fetch {
    /// Passes messages on until there are no more, or nobody takes them.
    async fn all(
        self: Arc<Self>,
        mut messages: mpsc::Receiver<Delivered>,
        out: mpsc::Sender<Delivered>,
    ) {
        Arc::clone(&self).clean().await;
        let room = Arc::new(Semaphore::new(MESSAGES));
        let mut last: HashMap<String, JoinHandle<()>> = HashMap::new();
        while let Ok(place) = Arc::clone(&room).acquire_owned().await
            && let Some(delivered) = messages.recv().await
        {
            let scope = scope(&delivered);
            let before = last.remove(&scope).filter(|task| !task.is_finished());
            if before.is_none() && delivered.message.attachments.is_empty() {
                if out.send(delivered).await.is_err() {
                    return;
                }
                continue;
            }
            // Those that are not finished hold a place, so few are left.
            last.retain(|_, task| !task.is_finished());
            let work = Arc::clone(&self).pass_on(delivered, before, out.clone(), place);
            last.insert(scope, tokio::spawn(work));
        }
    }

    async fn pass_on(
        self: Arc<Self>,
        mut delivered: Delivered,
        before: Option<JoinHandle<()>>,
        out: mpsc::Sender<Delivered>,
        _place: OwnedSemaphorePermit,
    ) {
        let until = Instant::now() + FETCH_TIME;
        let message = &mut delivered.message;
        for attachment in &mut message.attachments {
            match self.fetch(attachment, until).await {
                Ok(path) => {
                    let kind = MarkerKind::of(attachment.kind).name();
                    message
                        .text
                        .push_str(&format!("\n[{kind}:{}]", path.display()));
                    let address = format!("file://{}", path.display());
                    attachment.location = AttachmentLocation::Url(address);
                }
                Err(why) => {
                    let (channel, kind) = (&*self.fetcher.channel, MarkerKind::of(attachment.kind));
                    let file = folder::any_name(attachment.name.as_deref().unwrap_or_default());
                    tracing::warn!(
                        channel,
                        kind = kind.name(),
                        file,
                        why,
                        "a file a user sent stays a link"
                    );
                }
            }
        }
        if !message.attachments.is_empty() {
            message.text = message.text.trim().to_owned();
            Arc::clone(&self).clean().await;
        }
        if let Some(before) = before {
            let _over = before.await;
        }
        // An agent that is gone gets it again later.
        let _gone = out.send(delivered).await;
    }

    async fn clean(self: Arc<Self>) {
        let cleaned = spawn_blocking(move || {
            let Inbox {
                folder,
                quota_bytes,
                keep,
                ..
            } = &self.inbox;
            folder::clean(folder, *quota_bytes, *keep, SystemTime::now())
        });
        match cleaned.await {
            Ok(0) | Err(_) => {}
            Ok(gone) => tracing::info!(gone, "old files of users were removed"),
        }
    }

    async fn fetch(
        &self,
        attachment: &Attachment,
        until: Instant,
    ) -> std::result::Result<PathBuf, String> {
        let AttachmentLocation::Url(url) = &attachment.location else {
            return Err("it has no address".to_owned());
        };
        let most = self.inbox.most_bytes;
        if attachment.size.is_some_and(|size| size > most) {
            return Err(format!("it is larger than {most} bytes"));
        }
        let target = self.fetcher.policy.now().check_open(url, "GET");
        let target = target.map_err(|failure| failure.message)?;
        let request = self.fetcher.client.request(&target, reqwest::Method::GET);
        let request = request.timeout(until.saturating_duration_since(Instant::now()));
        // The error of the client may hold the address, which is signed.
        let response = request
            .send()
            .await
            .map_err(|cause| format!("no answer: {}", cause.without_url()))?;
        if !response.status().is_success() {
            return Err(format!("HTTP {}", response.status().as_u16()));
        }
        self.save(response, attachment.name.as_deref()).await
    }

    /// Writes an answer to the disk under a name made of its content.
    async fn save(
        &self,
        mut response: reqwest::Response,
        name: Option<&str>,
    ) -> std::result::Result<PathBuf, String> {
        let most = self.inbox.most_bytes;
        let folder = self.inbox.folder.clone();
        let file = blocking(move || tempfile::NamedTempFile::new_in(folder)).await?;
        let (file, path) = file.into_parts();
        let mut file = tokio::fs::File::from_std(file);
        let (mut size, mut sha256) = (0, sha2::Sha256::new());
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|cause| format!("the answer broke off: {}", cause.without_url()))?
        {
            size += chunk.len() as u64;
            if size > most {
                return Err(format!("it is larger than {most} bytes"));
            }
            sha256.update(&chunk);
            file.write_all(&chunk).await.map_err(words)?;
        }
        file.flush().await.map_err(words)?;
        let name = folder::name(&hex(&sha256.finalize()), name);
        let to = self.inbox.folder.join(name);
        blocking(move || {
            path.persist(&to).map_err(|cause| cause.error)?;
            Ok(to)
        })
        .await
    }
}

/// Work with files, away from the runtime's threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> std::result::Result<T, String> {
    let done = spawn_blocking(work).await.map_err(std::io::Error::other);
    done.flatten().map_err(words)
}

fn words(cause: std::io::Error) -> String {
    format!("the folder for media: {cause}")
}

#[cfg(test)]
mod tests;
