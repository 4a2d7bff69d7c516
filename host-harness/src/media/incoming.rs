//! Fetching what users sent, before the agent hears of it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sha2::Digest;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::folder;
use super::markers::MarkerKind;
use crate::actor::Delivered;
use crate::contract::{Attachment, AttachmentLocation};
use crate::error::Result;
use crate::net::{HttpClient, hex};
use crate::policy::SharedPolicy;
use crate::private;

/// How long one file may take.
const FETCH_TIME: Duration = Duration::from_secs(60);
/// Scopes remembered before finished ones are looked for.
const SCOPES: usize = 64;

/// Where users' files are kept, and how much of them.
#[derive(Clone, Debug)]
pub struct Inbox {
    /// The folder; made if it is missing, for this user's eyes only.
    pub folder: PathBuf,
    /// Bytes of one file. What is longer stays a link.
    pub most_bytes: u64,
    /// Bytes of all files; the oldest make room.
    pub quota_bytes: u64,
    /// How long a file is kept.
    pub keep: Duration,
}

impl Inbox {
    /// The usual bounds: 20 MB a file, 1 GB in all, a week.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            most_bytes: 20 * 1024 * 1024,
            quota_bytes: 1024 * 1024 * 1024,
            keep: Duration::from_secs(7 * 86_400),
        }
    }
}

/// Goes where a channel may go; see [`ChannelHandle::fetcher`](crate::ChannelHandle::fetcher).
#[derive(Clone)]
pub struct Fetcher {
    pub(crate) client: HttpClient,
    pub(crate) policy: SharedPolicy,
}

/// The same messages, their files fetched: each attachment becomes a `file://`
/// address, and the text gets a marker with its path. What cannot be fetched stays
/// a link. Messages of one sender in one chat stay in order; others do not wait.
///
/// # Errors
/// When the folder cannot be made, or others may write to it.
pub fn fetching(
    inbox: Inbox,
    fetcher: Fetcher,
    mut messages: mpsc::Receiver<Delivered>,
) -> Result<mpsc::Receiver<Delivered>> {
    private::create_dir(&inbox.folder)?;
    let (out, fetched) = mpsc::channel(1);
    let fetch = Arc::new(Fetch { inbox, fetcher });
    fetch.clean();
    tokio::spawn(async move {
        let mut last: HashMap<String, JoinHandle<()>> = HashMap::new();
        while let Some(delivered) = messages.recv().await {
            let scope = scope(&delivered);
            let before = last.remove(&scope).filter(|task| !task.is_finished());
            if before.is_none() && delivered.message.attachments.is_empty() {
                if out.send(delivered).await.is_err() {
                    return;
                }
                continue;
            }
            if last.len() >= SCOPES {
                last.retain(|_, task| !task.is_finished());
            }
            let work = Arc::clone(&fetch).pass_on(delivered, before, out.clone());
            last.insert(scope, tokio::spawn(work));
        }
    });
    Ok(fetched)
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
    async fn pass_on(
        self: Arc<Self>,
        mut delivered: Delivered,
        before: Option<JoinHandle<()>>,
        out: mpsc::Sender<Delivered>,
    ) {
        let message = &mut delivered.message;
        for attachment in &mut message.attachments {
            match self.fetch(attachment).await {
                Ok(path) => {
                    let kind = MarkerKind::of(attachment.kind).name();
                    message
                        .text
                        .push_str(&format!("\n[{kind}:{}]", path.display()));
                    let address = format!("file://{}", path.display());
                    attachment.location = AttachmentLocation::Url(address);
                }
                Err(why) => tracing::warn!(why, "a file a user sent stays a link"),
            }
        }
        message.text = message.text.trim().to_owned();
        let cleaning = Arc::clone(&self);
        let _done = tokio::task::spawn_blocking(move || cleaning.clean()).await;
        if let Some(before) = before {
            let _over = before.await;
        }
        // An agent that is gone gets it again later.
        let _gone = out.send(delivered).await;
    }

    fn clean(&self) {
        let Inbox {
            folder,
            quota_bytes,
            keep,
            ..
        } = &self.inbox;
        let gone = folder::clean(folder, *quota_bytes, *keep, SystemTime::now());
        if gone > 0 {
            tracing::info!(gone, "old files of users were removed");
        }
    }

    async fn fetch(&self, attachment: &Attachment) -> std::result::Result<PathBuf, String> {
        let AttachmentLocation::Url(url) = &attachment.location else {
            return Err("it has no address".to_owned());
        };
        let most = self.inbox.most_bytes;
        if attachment.size.is_some_and(|size| size > most) {
            return Err(format!("it is larger than {most} bytes"));
        }
        let target = self.fetcher.policy.now().check_http(url, "GET");
        let target = target.map_err(|failure| failure.message)?;
        let request = self.fetcher.client.request(&target, reqwest::Method::GET);
        let request = request.timeout(FETCH_TIME);
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
        let file = tempfile::NamedTempFile::new_in(&self.inbox.folder).map_err(words)?;
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
        let to = absolute(&self.inbox.folder).join(name);
        path.persist(&to).map_err(|cause| words(cause.error))?;
        Ok(to)
    }
}

fn absolute(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

fn words(cause: std::io::Error) -> String {
    format!("the folder for media: {cause}")
}
