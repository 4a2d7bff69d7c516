//! Files of users: who waits for them, and who does not.
#![allow(clippy::unwrap_used, reason = "tests")]
use std::collections::BTreeMap;

use axum::Router;
use axum::routing::get;

use super::*;
use crate::contract::AttachmentKind;
use crate::net::Net;
use crate::policy::NetworkPolicy;
use crate::testing::message;

/// A server whose files come when they may.
struct Server {
    base: String,
    asked: mpsc::UnboundedReceiver<()>,
    gate: Arc<Semaphore>,
}

async fn server() -> Server {
    let (ask, asked) = mpsc::unbounded_channel();
    let gate = Arc::new(Semaphore::new(0));
    let wait = Arc::clone(&gate);
    let answer = move || {
        let (ask, wait) = (ask.clone(), Arc::clone(&wait));
        async move {
            ask.send(()).unwrap();
            wait.acquire().await.unwrap().forget();
            "bytes"
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/{name}", get(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Server { base, asked, gate }
}

fn fetcher(base: &str) -> Fetcher {
    let rule = toml::from_str("config = [\"base\"]\nmethods = [\"GET\"]").unwrap();
    let bases = BTreeMap::from([("base".to_owned(), base.parse().unwrap())]);
    Fetcher {
        channel: "qq".into(),
        client: Net::new(true).unwrap().http,
        policy: SharedPolicy::new(NetworkPolicy::new(&[rule], &bases, true)),
    }
}

fn delivered(number: u64, sender: u64, file: Option<&str>) -> Delivered {
    let mut message = message(number, "look");
    message.sender = format!("u{sender}");
    message.attachments.extend(file.map(|base| Attachment {
        kind: AttachmentKind::Image,
        location: AttachmentLocation::Url(format!("{base}/a.png")),
        name: Some("a.png".to_owned()),
        mime: None,
        size: None,
        duration_ms: None,
        transcript: None,
    }));
    Delivered {
        number,
        message,
        again: false,
    }
}

#[tokio::test]
async fn a_flood_of_files_waits_in_the_channels_queue() {
    let mut server = server().await;
    let folder = tempfile::tempdir().unwrap();
    let (to, messages) = mpsc::channel(2 * MESSAGES);
    for n in 0..2 * MESSAGES as u64 {
        let sent = to.try_send(delivered(n, n, Some(&server.base)));
        assert!(sent.is_ok());
    }
    let inbox = Inbox::open(&folder.path().join("media")).unwrap();
    let mut fetched = fetching(inbox, fetcher(&server.base), messages);
    for _ in 0..MESSAGES {
        server.asked.recv().await.unwrap();
    }
    assert_eq!(to.capacity(), MESSAGES, "the rest was not taken");
    assert!(server.asked.is_empty());
    server.gate.add_permits(2 * MESSAGES);
    for _ in 0..2 * MESSAGES {
        let message = fetched.recv().await.unwrap().message;
        assert!(message.text.contains("-a.png]"), "{}", message.text);
    }
}

#[tokio::test]
async fn a_sender_is_heard_in_order_and_waits_for_nobody_else() {
    let server = server().await;
    let folder = tempfile::tempdir().unwrap();
    let (to, messages) = mpsc::channel(3);
    for one in [
        delivered(1, 1, Some(&server.base)),
        delivered(2, 1, None),
        delivered(3, 2, None),
    ] {
        assert!(to.try_send(one).is_ok());
    }
    let inbox = Inbox::open(&folder.path().join("media")).unwrap();
    let mut fetched = fetching(inbox, fetcher(&server.base), messages);
    assert_eq!(fetched.recv().await.unwrap().number, 3);
    server.gate.add_permits(1);
    assert_eq!(fetched.recv().await.unwrap().number, 1);
    assert_eq!(fetched.recv().await.unwrap().number, 2);
}
