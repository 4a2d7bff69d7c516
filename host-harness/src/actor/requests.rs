//! HTTP requests and digests: a task each, its result back through a lane that
//! always has room.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::contract::{
    BlobDigested, DigestBlob, Event, Failure, FailureKind, Header, HttpFailed, HttpResponse, Seal,
    SendHttp,
};
use crate::limits;
use crate::net::{Answer, Blobs, HttpClient, build_request, digest};
use crate::policy::{NetworkPolicy, Target};
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
    pub(crate) policy: Arc<NetworkPolicy>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) blobs: Blobs,
}

/// Starts a request. An error is everything that stopped it before the wire.
pub(super) fn send(
    wire: &Wire,
    mut send: SendHttp,
    life: u64,
    done: mpsc::Sender<Completion>,
) -> Result<AbortHandle, Failure> {
    let id = send.id;
    let target = wire.policy.check_http(&send.url, &send.method)?;
    let seals = std::mem::take(&mut send.seals);
    let used_secret = !send.secrets.is_empty();
    let into_blob = send.into_blob;
    let request = build_request(&wire.client, send, &target, &wire.vault, &wire.blobs)?;
    let wire = wire.clone();
    let task = tokio::spawn(async move {
        let cap = if into_blob {
            limits::BLOB_BYTES as usize
        } else {
            limits::RESPONSE_BYTES
        };
        let event = match wire.client.send(request, cap).await {
            Ok(answer) => wire.respond(id, answer, &seals, &target, used_secret, into_blob),
            Err(failure) => {
                tracing::info!(host = target.url().host_str(), why = %failure.message, "a request failed");
                Event::HttpFailed(HttpFailed { id, failure })
            }
        };
        // Nobody waits any more when the channel has stopped.
        let _gone = done.send(Completion { life, event }).await;
    });
    Ok(task.abort_handle())
}

impl Wire {
    fn respond(
        &self,
        id: u64,
        answer: Answer,
        seals: &[Seal],
        target: &Target,
        used_secret: bool,
        into_blob: bool,
    ) -> Event {
        let mut response = HttpResponse {
            id,
            status: answer.status,
            headers: headers(&answer.headers, &self.vault),
            body: Vec::new(),
            truncated: answer.truncated,
            sealed: Vec::new(),
            blob: None,
        };
        if into_blob {
            return self.keep(response, answer);
        }
        if seals.is_empty() {
            response.body = answer.body.into();
        } else {
            let left = seal(&answer.body, seals, target, &self.vault);
            (response.body, response.sealed) = (left.body, left.names);
        }
        if used_secret && self.vault.occurs_in(&response.body) {
            tracing::warn!(
                status = response.status,
                "an answer repeats a secret; body withheld"
            );
            response.body.clear();
        }
        Event::HttpResponse(response)
    }

    fn keep(&self, mut response: HttpResponse, answer: Answer) -> Event {
        let kept = if answer.truncated {
            Err(Failure::new(
                FailureKind::TooLarge,
                "the body is longer than a blob may be",
            ))
        } else {
            self.blobs.keep(answer.body)
        };
        match kept {
            Ok(blob) => {
                response.blob = Some(blob);
                Event::HttpResponse(response)
            }
            Err(failure) => Event::HttpFailed(HttpFailed {
                id: response.id,
                failure,
            }),
        }
    }
}

fn headers(headers: &reqwest::header::HeaderMap, vault: &Vault) -> Vec<Header> {
    headers
        .iter()
        .filter(|(_, value)| !vault.occurs_in(value.as_bytes()))
        .filter_map(|(name, value)| {
            let value = value.to_str().ok()?.to_owned();
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
    let slice = blobs.slice(&ask.slice);
    tokio::task::spawn_blocking(move || {
        let size = slice.as_ref().map_or(0, |bytes| bytes.len() as u64);
        let digests = slice.map(|bytes| digest(&bytes, &ask.algorithms));
        let event = Event::BlobDigested(BlobDigested {
            id: ask.id,
            digests,
            size,
        });
        let _gone = done.blocking_send(Completion { life, event });
    });
}
