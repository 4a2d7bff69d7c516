//! A gateway that does nothing but push frames: canned answers for token and
//! URL, one websocket, as fast as the channel takes it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Message;

/// Messages of one burst, as the platform words them.
pub(crate) fn frames(count: usize) -> Vec<String> {
    let frame = |number: usize| {
        let sequence = number + 2;
        format!(
            "{{\"op\":0,\"s\":{sequence},\"t\":\"C2C_MESSAGE_CREATE\",\"id\":\"C2C_MESSAGE_CREATE:{number:08}\",\
             \"d\":{{\"id\":\"ROBOT1.0_bench{number:08}\",\"author\":{{\"id\":\"U{user:04}\",\"user_openid\":\"U{user:04}\",\
             \"union_openid\":\"\",\"username\":\"\",\"bot\":false}},\"content\":\"hello number {number}\",\"message_type\":0,\
             \"message_scene\":{{\"source\":\"default\",\"ext\":[\"msg_idx=REFIDX_{number:08}==\"]}},\"attachments\":[],\
             \"timestamp\":\"2026-07-21T10:00:00+08:00\"}}}}",
            user = number % 100,
        )
    };
    (0..count).map(frame).collect()
}

/// Listens on loopback; pushes `frames` once `go` is notified.
pub(crate) async fn serve(frames: Arc<Vec<String>>, go: Arc<Notify>) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (frames, go) = (Arc::clone(&frames), Arc::clone(&go));
            tokio::spawn(async move {
                let mut first = [0; 14];
                // The request line tells a websocket from a plain request.
                let seen = stream.peek(&mut first).await.unwrap_or(0);
                let done = if first
                    .get(..seen)
                    .is_some_and(|bytes| bytes.starts_with(b"GET /websocket"))
                {
                    push(stream, &frames, &go).await
                } else {
                    answer(stream, address).await
                };
                if let Err(why) = done {
                    eprintln!("bench platform: {why}");
                }
            });
        }
    });
    Ok(address)
}

async fn push(stream: TcpStream, frames: &[String], go: &Notify) -> io::Result<()> {
    let mut socket = tokio_tungstenite::accept_async(stream)
        .await
        .map_err(io::Error::other)?;
    let hello = "{\"op\":10,\"d\":{\"heartbeat_interval\":41250}}";
    socket
        .send(Message::text(hello))
        .await
        .map_err(io::Error::other)?;
    let _identify = socket.next().await;
    let ready = "{\"op\":0,\"s\":1,\"t\":\"READY\",\"d\":{\"version\":1,\"session_id\":\"bench\",\
                 \"user\":{\"id\":\"1\",\"username\":\"bench\",\"bot\":true},\"shard\":[0,1]}}";
    socket
        .send(Message::text(ready))
        .await
        .map_err(io::Error::other)?;
    go.notified().await;
    for (number, frame) in frames.iter().enumerate() {
        socket
            .feed(Message::text(frame.as_str()))
            .await
            .map_err(io::Error::other)?;
        if number % 128 == 127 {
            socket.flush().await.map_err(io::Error::other)?;
        }
    }
    socket.flush().await.map_err(io::Error::other)?;
    while socket.next().await.is_some_and(|message| message.is_ok()) {}
    Ok(())
}

/// Plain requests, one after another on a kept connection.
async fn answer(mut stream: TcpStream, address: SocketAddr) -> io::Result<()> {
    let mut request = Vec::new();
    loop {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length: ")?
                .parse::<usize>()
                .ok()
        });
        if body.len() < length.unwrap_or(0) {
            continue;
        }
        let json = if head.starts_with("POST /app/") {
            "{\"access_token\":\"bench-token\",\"expires_in\":\"7200\"}".to_owned()
        } else {
            format!("{{\"url\":\"ws://{address}/websocket/\"}}")
        };
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{json}",
            json.len()
        );
        stream.write_all(answer.as_bytes()).await?;
        request.clear();
    }
}
