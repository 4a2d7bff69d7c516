//! A bot's side of REST and gateway.

use qq_sim::Sim;
use serde_json::{Value, json};

use super::{
    APP, C2C, CHANNEL, DM, GROUP, Reply, Said, Socket, USER, fetch_token, http, http_bytes,
};

/// A bot that does what it is told.
pub struct Client {
    pub base: String,
    pub app_id: String,
    pub token: String,
}

impl Client {
    /// With the token of the default bot.
    pub async fn new(sim: &Sim) -> Self {
        Self::of(&sim.base_url(), APP, "SECRET").await
    }

    pub async fn of(base: &str, app_id: &str, secret: &str) -> Self {
        let reply = fetch_token(base, app_id, secret).await.json();
        let token = reply["access_token"].as_str().unwrap().to_owned();
        Self {
            base: base.to_owned(),
            app_id: app_id.to_owned(),
            token,
        }
    }

    pub async fn call(&self, line: &str, body: &Value) -> Reply {
        self.try_call(line, body).await.unwrap()
    }

    pub async fn try_call(&self, line: &str, body: &Value) -> Result<Reply, String> {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let headers = format!(
            "authorization: QQBot {}\r\ncontent-type: application/json\r\n",
            self.token
        );
        http(&self.base, line, &headers, &body).await
    }

    pub async fn send_user(&self, body: Value) -> Reply {
        self.call(&format!("POST /v2/users/{USER}/messages"), &body)
            .await
    }

    pub async fn send_group(&self, body: Value) -> Reply {
        self.call(&format!("POST /v2/groups/{GROUP}/messages"), &body)
            .await
    }

    pub async fn send_channel(&self, body: Value) -> Reply {
        self.call(&format!("POST /channels/{CHANNEL}/messages"), &body)
            .await
    }

    pub async fn send_dm(&self, body: Value) -> Reply {
        self.call(&format!("POST /dms/{DM}/messages"), &body).await
    }

    /// A body that is no JSON.
    pub async fn post_bytes(&self, path: &str, content_type: &str, body: &[u8]) -> Reply {
        let headers = format!(
            "authorization: QQBot {}\r\ncontent-type: {content_type}\r\n",
            self.token
        );
        http_bytes(&self.base, &format!("POST {path}"), &headers, body)
            .await
            .unwrap()
    }

    /// A socket that has read Hello.
    pub async fn dial(&self) -> Socket {
        let mut socket = Socket::open(&self.base).await;
        assert_eq!(socket.frame().await["op"], 10);
        socket
    }

    /// A socket that has read READY, and the session.
    pub async fn ready(&self) -> (Socket, String) {
        self.ready_for(C2C).await
    }

    /// As [`Client::ready`], with this mask.
    pub async fn ready_for(&self, intents: u32) -> (Socket, String) {
        let mut socket = self.dial().await;
        socket.send(self.identify(intents)).await;
        let ready = socket.frame().await;
        assert_eq!(ready["t"], "READY", "{ready}");
        (
            socket,
            ready["d"]["session_id"].as_str().unwrap().to_owned(),
        )
    }

    /// A socket on which a Resume was accepted: its replay comes next.
    pub async fn comes_back(&self, session_id: &str, seq: u64) -> Socket {
        loop {
            let Some(mut socket) = Socket::try_open(&self.base).await else {
                continue;
            };
            if !matches!(socket.next().await, Said::Frame(hello) if hello["op"] == 10) {
                continue;
            }
            socket.send(self.resume(session_id, seq)).await;
            let first = socket.peek().await;
            match first {
                Said::Frame(frame) if frame["op"] == 9 => continue,
                Said::Closed(_) => continue,
                _ => return socket,
            }
        }
    }

    pub fn identify(&self, intents: u32) -> Value {
        json!({"op": 2, "d": {"token": format!("QQBot {}", self.token), "intents": intents,
               "shard": [0, 1], "properties": {}}})
    }

    pub fn resume(&self, session_id: &str, seq: u64) -> Value {
        json!({"op": 6, "d": {"token": format!("QQBot {}", self.token), "session_id": session_id, "seq": seq}})
    }
}
