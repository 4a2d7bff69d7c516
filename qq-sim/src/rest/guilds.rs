//! Channels and direct messages of guilds: send, recall, open, list.
//! See [QQ Docs/发送消息](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/channel/message/send.html)
//! and [私信](https://bot.q.qq.com/wiki/develop/api-v2/server-inter/channel/message/dms.html).

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, JsonBody, Origin};
use super::fetch::fetch;
use super::form::GuildForm;
use super::messages::{conclude, peer};
use crate::journal::media::{MediaKind, SentMedia};
use crate::journal::record::Record;
use crate::journal::sent::SentMessage;
use crate::rules::config::Bot;
use crate::rules::refusal::Refusal;
use crate::rules::scene::Scene;
use crate::server::hub::Hub;
use crate::world::World;
use crate::world::clock::timestamp;
use crate::world::guild::body::GuildBody;

pub(crate) async fn send(
    scene: Scene,
    State(hub): State<Arc<Hub>>,
    origin: Origin,
    Path(id): Path<String>,
    mut form: GuildForm,
) -> Result<Response, Refusal> {
    let raw = form.fields.clone();
    let hosted = match hub.with(|world| origin.caller(world)) {
        Ok(_) => rehost(&hub, &mut form).await,
        // The send below says it in its own words.
        Err(_) => Ok(()),
    };
    hub.with(|world| {
        let sent = hosted.and_then(|()| try_send(world, scene, &origin, &id, form));
        conclude(world, &origin, (scene, id), raw, sent, receipt)
    })
}

/// Takes over the picture at a public address.
async fn rehost(hub: &Hub, form: &mut GuildForm) -> Result<(), Refusal> {
    let url = form.fields.get("image").and_then(Value::as_str);
    if let Some(url) = url.filter(|url| !url.is_empty()) {
        let bytes = fetch(hub, url).await.map_err(|_| Refusal::IMAGE_DOWNLOAD)?;
        form.file = Some(SentMedia::new(MediaKind::Image, &bytes, None));
    }
    Ok(())
}

fn try_send(
    world: &mut World,
    scene: Scene,
    origin: &Origin,
    id: &str,
    form: GuildForm,
) -> Result<SentMessage, Refusal> {
    let bot = origin.caller(world)?;
    let body = GuildBody::parse(form.fields, form.file)?;
    world.send_to_guild(&bot, peer(&bot, scene, id), body)
}

/// The message as the guild shows it.
fn receipt(world: &World, message: &SentMessage) -> Value {
    let (guild, channel) = match message.scene {
        Scene::Dm => {
            let direct = world.guilds.direct(&message.peer);
            let channel = direct.map_or("", |direct| direct.channel_id.as_str());
            (message.peer.as_str(), channel)
        }
        _ => {
            let guild = world.guilds.guild_of(&message.peer);
            (guild.unwrap_or_default(), message.peer.as_str())
        }
    };
    let bot = world.bot(&message.app_id);
    json!({
        "id": message.id, "channel_id": channel, "guild_id": guild,
        "content": message.text.as_deref().unwrap_or_default(),
        "timestamp": timestamp(world.clock.now_ms()),
        "tts": false, "mention_everyone": false,
        "author": bot.map(author_of), "embeds": [{}], "pinned": false, "type": 0, "flags": 0,
    })
}

fn author_of(bot: &Bot) -> Value {
    json!({"id": bot.guild_user_id(), "username": bot.name, "avatar": "", "bot": true})
}

#[derive(Deserialize)]
pub(crate) struct RecallWish {
    hidetip: Option<String>,
}

pub(crate) async fn recall(
    scene: Scene,
    State(hub): State<Arc<Hub>>,
    origin: Origin,
    Path((place, id)): Path<(String, String)>,
    Query(RecallWish { hidetip }): Query<RecallWish>,
) -> Result<Answer, Refusal> {
    hub.with(|world| {
        let done = origin.caller(world).and_then(|bot| {
            let peer = peer(&bot, scene, &place);
            world.recall_in_guild(&bot, &peer, &id, hidetip.as_deref())
        });
        let code = done
            .as_ref()
            .map_or_else(|refusal| refusal.err_code, |()| 0);
        let record = Record::Recall {
            scene,
            peer: place,
            id,
            code,
        };
        world.journal.push(origin.connection, record);
        done.map(|()| Answer(json!({})))
    })
}

pub(crate) async fn open_dm(
    State(hub): State<Arc<Hub>>,
    origin: Origin,
    JsonBody(body): JsonBody,
) -> Result<Answer, Refusal> {
    let field = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    hub.with(|world| {
        let bot = origin.caller(world)?;
        let (user, source) = (field("recipient_id"), field("source_guild_id"));
        let (guild_id, channel_id) = world.open_direct(&bot, user, source)?;
        let secs = world.clock.now_ms() / 1000;
        Ok(Answer(
            json!({"guild_id": guild_id, "channel_id": channel_id, "create_time": secs.to_string()}),
        ))
    })
}

#[derive(Deserialize)]
pub(crate) struct Page {
    #[serde(default)]
    after: String,
    limit: Option<usize>,
}

pub(crate) async fn list(
    State(hub): State<Arc<Hub>>,
    origin: Origin,
    Query(page): Query<Page>,
) -> Result<Answer, Refusal> {
    hub.with(|world| {
        let bot = origin.caller(world)?;
        let limit = page.limit.unwrap_or(100).min(100);
        Ok(Answer(Value::from(world.guilds.list(
            &bot.app_id,
            &page.after,
            limit,
        ))))
    })
}
