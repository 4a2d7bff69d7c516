//! A chat-completions server made of scripts: it answers in the pieces it is
//! told to, waits where it is told to, and dies where it is told to.
#![allow(dead_code, reason = "each test uses its part")]

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{Duration, timeout};

/// How long anything may take on a busy machine.
const SOON: Duration = Duration::from_secs(20);

/// What the server does next.
#[derive(Clone)]
pub(crate) enum Step {
    /// Sends these bytes as one chunk.
    Send(Vec<u8>),
    /// Waits until it is told to go on.
    Await(Arc<Notify>),
    /// Breaks the connection.
    Die,
}

/// One answer.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) steps: Vec<Step>,
}

impl Script {
    /// A stream of these pieces of text, and its end.
    pub(crate) fn stream(pieces: &[&str]) -> Self {
        let mut script = Self::open_stream(pieces);
        script.steps.push(Step::Send(END.as_bytes().to_vec()));
        script
    }

    /// The same without an end.
    pub(crate) fn open_stream(pieces: &[&str]) -> Self {
        let steps = pieces
            .iter()
            .map(|text| Step::Send(piece(text).into_bytes()));
        Self {
            status: 200,
            headers: vec![(
                "content-type",
                "text/event-stream; charset=utf-8".to_owned(),
            )],
            steps: steps.collect(),
        }
    }

    /// An answer in one piece.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json".to_owned())],
            steps: vec![Step::Send(body.to_string().into_bytes())],
        }
    }

    /// Adds a step.
    pub(crate) fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// End of a stream.
pub(crate) const END: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

/// One event with a piece of the answer.
pub(crate) fn piece(text: &str) -> String {
    let event = json!({ "choices": [{ "index": 0, "delta": { "content": text } }] });
    format!("data: {event}\n\n")
}

/// What it was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Asked {
    /// `ROLE: TEXT` of each message.
    pub(crate) fn messages(&self) -> Vec<String> {
        let messages = self.body["messages"].as_array().unwrap();
        let line = |message: &Value| {
            let part = |name: &str| message[name].as_str().unwrap().to_owned();
            format!("{}: {}", part("role"), part("content"))
        };
        messages.iter().map(line).collect()
    }

    /// What the user said last.
    pub(crate) fn last(&self) -> String {
        self.messages().pop().unwrap_or_default()
    }
}

type Playbook = dyn Fn(&Asked) -> Script + Send + Sync;

struct Inner {
    playbook: Box<Playbook>,
    asked: watch::Sender<Vec<Asked>>,
    /// Answers whose client went away before their end.
    left: watch::Sender<usize>,
}

/// A running server; dropping it stops it.
pub(crate) struct Completions {
    /// Base URL for the agent.
    pub(crate) base: String,
    inner: Arc<Inner>,
    task: AbortHandle,
}

impl Drop for Completions {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Completions {
    /// Starts one on a free port; `playbook` says what to answer to what.
    pub(crate) async fn start(playbook: impl Fn(&Asked) -> Script + Send + Sync + 'static) -> Self {
        let inner = Arc::new(Inner {
            playbook: Box::new(playbook),
            asked: watch::Sender::default(),
            left: watch::Sender::default(),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        let app = axum::Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&inner));
        let serving = tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            base,
            inner,
            task: serving.abort_handle(),
        }
    }

    /// Everything it was asked, once there are so many.
    pub(crate) async fn asked(&self, count: usize) -> Vec<Asked> {
        let mut asked = self.inner.asked.subscribe();
        let enough = asked.wait_for(|asked| asked.len() >= count);
        timeout(SOON, enough).await.unwrap().unwrap().clone()
    }

    /// Waits until so many clients went away before the end of their answer.
    pub(crate) async fn left(&self, count: usize) {
        let mut left = self.inner.left.subscribe();
        let enough = left.wait_for(|left| *left >= count);
        timeout(SOON, enough).await.unwrap().unwrap();
    }
}

async fn answer(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let asked = Asked {
        uri: parts.uri.to_string(),
        headers: parts.headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    let script = (inner.playbook)(&asked);
    inner.asked.send_modify(|all| all.push(asked));
    let mut response = Response::builder().status(script.status);
    for (name, value) in script.headers {
        response = response.header(name, value);
    }
    let leaving = Leaving {
        inner,
        at_end: false,
    };
    let steps = script.steps.into_iter();
    let body = stream::unfold((steps, leaving), |(mut steps, mut leaving)| async {
        // What was sent so far leaves before the next step.
        tokio::task::yield_now().await;
        let next = match steps.next() {
            Some(Step::Send(bytes)) => Ok(Bytes::from(bytes)),
            Some(Step::Await(told)) => {
                told.notified().await;
                Ok(Bytes::new())
            }
            Some(Step::Die) => Err("scripted"),
            None => {
                leaving.at_end = true;
                drop(leaving);
                return None;
            }
        };
        leaving.at_end = next.is_err();
        Some((next, (steps, leaving)))
    });
    // Empty chunks would end the body.
    let body = body.filter(|next| {
        let empty = next.as_ref().is_ok_and(Bytes::is_empty);
        std::future::ready(!empty)
    });
    response.body(Body::from_stream(body)).unwrap()
}

struct Leaving {
    inner: Arc<Inner>,
    at_end: bool,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        if !self.at_end {
            self.inner.left.send_modify(|left| *left += 1);
        }
    }
}
