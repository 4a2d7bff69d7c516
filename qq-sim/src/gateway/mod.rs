//! The websocket side: the upgrade, the socket's loop, and the handshakes.
//! See [QQ Docs/WebSocket](https://bot.q.qq.com/wiki/develop/api-v2/dev-prepare/event-emit/websocket.html).

mod connection;
mod denial;
mod ending;
mod frames;
mod identify;
mod outbox;
mod resume;
mod upgrade;

pub(crate) use upgrade::upgrade;
