//! `POST /v2/users/{openid}/stream_messages`.
//! See [QQ Docs/流式消息](https://bot.q.qq.com/wiki/develop/api-v2/autogen/api/v2_users_user_openid_stream_messages.post.html).

use serde_json::{Value, json};

use super::answer::{Answer, Origin, Posted};
use crate::journal::record::Record;
use crate::rules::refusal::Refusal;
use crate::world::World;
use crate::world::clock::timestamp;
use crate::world::streams::{Frame, Stream};

pub(crate) async fn send(Posted(hub, origin, user, raw): Posted) -> Result<Answer, Refusal> {
    hub.with(|world| {
        let done = try_send(world, &origin, &user, &raw);
        note(world, &origin, user, raw, &done);
        let (_, stream) = done?;
        Ok(Answer(json!({
            "id": stream.id,
            "timestamp": timestamp(world.clock.now_ms()),
            "ext_info": {"ref_idx": stream.ref_idx},
            "remain_msg_len": world.stream_room(&stream),
        })))
    })
}

fn try_send(
    world: &mut World,
    origin: &Origin,
    user: &str,
    raw: &Value,
) -> Result<(Frame, Stream), Refusal> {
    let bot = origin.caller(world)?;
    let frame = Frame::parse(raw)?;
    let stream = world.stream(&bot, user, &frame)?;
    Ok((frame, stream))
}

/// Writes the frame down, and the message once it is finished.
fn note(
    world: &mut World,
    origin: &Origin,
    user: String,
    raw: Value,
    done: &Result<(Frame, Stream), Refusal>,
) {
    let body = world.journal.redacted(raw);
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let stream = done.as_ref().ok().map(|(_, stream)| stream);
    let record = Record::StreamFrame {
        stream_id: stream
            .map(|stream| stream.id.clone())
            .or_else(|| text("stream_msg_id")),
        index: body.get("index").and_then(Value::as_u64),
        is_last: body.get("input_state").and_then(Value::as_u64) == Some(10),
        text: text("content_raw"),
        code: done.as_ref().map_or_else(|refusal| refusal.err_code, |_| 0),
        peer: user.clone(),
    };
    world.journal.push(origin.connection, record);
    match stream {
        None => world.lose_frame(&user),
        Some(stream) if !stream.is_open => {
            let frame = Frame::parse(&body);
            let message = frame.map(|frame| stream.clone().into_message(&frame, body));
            if let Ok(message) = message {
                world
                    .journal
                    .push(origin.connection, Record::MessageAccepted(message));
            }
        }
        Some(_) => {}
    }
}
