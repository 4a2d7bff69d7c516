//! The websocket side: the upgrade, the socket's loop, and the handshakes.
//! See [QQ Docs/WebSocket](https://bot.q.qq.com/wiki/develop/api-v2/dev-prepare/event-emit/websocket.html).

mod connection;
mod frames;
mod handshake;
mod upgrade;

pub(crate) use upgrade::upgrade;
