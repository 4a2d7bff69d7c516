//! HTTP requests and digests: a task each, its result back through a lane that
//! always has room.

use std::sync::Arc;

use reqwest::header::CONTENT_ENCODING;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::contract::{
    BlobDigested, BlobSlice, DigestBlob, Event, Failure, Header, HttpFailed, HttpResponse, SendHttp,
};
use crate::limits;
use crate::net::{Answer, Blobs, Broken, HttpClient, build_request};
use crate::policy::{SharedPolicy, Target};
use crate::secrets::{Vault, seal};

/// Something asked for earlier is done.
pub(crate) struct Completion {
    /// Which of the things that ever had this number.
    pub(super) life: u64,
    pub(super) event: Event,
}

/// What a request task works with.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) client: HttpClient,
    pub(crate) policy: SharedPolicy,
    pub(crate) vault: Arc<Vault>,
    pub(crate) blobs: Blobs,
}

/// Starts a request. An error is everything that stopped it before the wire.
pub(super) fn send(
    wire: &Wire,
    send: SendHttp,
    life: u64,
    done: mpsc::Sender<Completion>,
) -> Result<AbortHandle, Failure> {
    let id = send.id;
    let policy = wire.policy.now();
    let target = if send.into_blob {
        policy.check_open(&send.url, &send.method)?
    } else {
        policy.check_http(&send.url, &send.method)?
    };
    let used_secret = !send.secrets.is_empty();
    let into_blob = send.into_blob;
    let request = build_request(&wire.client, send, &target, &wire.vault, &wire.blobs)?;
    let wire = wire.clone();
    let task = tokio::spawn(async move {
        let outcome = match request.ready().await {
            Err(failure) => Err(Broken::unsent(failure)),
            Ok(request) if into_blob => wire.fetch(id, request).await,
            Ok(request) => {
                let answer = wire.client.send(request, limits::RESPONSE_BYTES).await;
                answer.map(|answer| wire.respond(id, answer, &target, used_secret))
            }
        };
        let event = match outcome {
            Ok(event) => event,
            Err(Broken {
                failure,
                may_have_arrived,
            }) => {
                tracing::info!(host = target.url().host_str(), why = %failure.message, may_have_arrived, "a request failed");
                Event::HttpFailed(HttpFailed {
                    id,
                    failure,
                    may_have_arrived,
                })
            }
        };
        // Nobody waits any more when the channel has stopped.
        let _gone = done.send(Completion { life, event }).await;
    });
    Ok(task.abort_handle())
}

impl Wire {
    fn respond(&self, id: u64, answer: Answer, target: &Target, used_secret: bool) -> Event {
        let left = seal(answer.body.to_vec(), target, &self.vault);
        // After sealing: no header repeats what was just sealed.
        let mut response = self.response(id, &answer);
        (response.body, response.sealed) = (left.body, left.names);
        let coding = answer.headers.get(CONTENT_ENCODING);
        let is_coded = coding.is_some_and(|coding| coding != "identity");
        if used_secret && (is_coded || self.vault.occurs_in(&response.body)) {
            tracing::warn!(
                status = response.status,
                is_coded,
                "an answer repeats a secret, or is compressed so that nobody can tell; body withheld"
            );
            response.body.clear();
        }
        Event::HttpResponse(response)
    }

    /// The answer to a request whose body stays outside.
    async fn fetch(&self, id: u64, request: reqwest::RequestBuilder) -> Result<Event, Broken> {
        let writer = self.blobs.writer(limits::BLOB_BYTES).await;
        let mut writer = writer.map_err(Broken::unsent)?;
        let answer = self.client.send_into(request, &mut writer).await?;
        let mut response = self.response(id, &answer);
        let kept = self.blobs.keep(writer).await.map_err(Broken::later)?;
        response.blob = Some(kept);
        Ok(Event::HttpResponse(response))
    }

    /// An answer without its body.
    fn response(&self, id: u64, answer: &Answer) -> HttpResponse {
        HttpResponse {
            id,
            status: answer.status,
            headers: headers(&answer.headers, &self.vault),
            body: Vec::new(),
            truncated: answer.truncated,
            sealed: Vec::new(),
            blob: None,
        }
    }
}

fn headers(headers: &reqwest::header::HeaderMap, vault: &Vault) -> Vec<Header> {
    headers
        .iter()
        .filter(|(_, value)| !vault.occurs_in(value.as_bytes()))
        .filter_map(|(name, value)| {
            // File names are often written as they are, not in ASCII.
            let value = std::str::from_utf8(value.as_bytes()).ok()?.to_owned();
            Some(Header {
                name: name.as_str().to_owned(),
                value,
            })
        })
        .collect()
}

/// Computes digests away from the runtime's threads.
pub(super) fn digest_blob(
    blobs: &Blobs,
    ask: DigestBlob,
    life: u64,
    done: mpsc::Sender<Completion>,
) {
    // `size` is that of the whole blob.
    let whole = blobs.run(&BlobSlice {
        offset: 0,
        length: None,
        ..ask.slice
    });
    let size = whole.map_or(0, |run| run.size());
    let run = blobs.run(&ask.slice);
    tokio::task::spawn_blocking(move || {
        let digests = run.and_then(|run| run.digest(&ask.algorithms));
        let event = Event::BlobDigested(BlobDigested {
            id: ask.id,
            digests,
            size,
        });
        let _gone = done.blocking_send(Completion { life, event });
    });
}
