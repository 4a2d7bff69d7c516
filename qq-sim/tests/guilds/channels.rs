//! Channels and guild DMs: events, sends, quotas, reactions.

use std::time::Duration;

use crate::support::{
    APP, CHANNEL, DM, GUILD, GUILD_USER, LONG, guild_reply, start_in_guilds, start_with,
};
use qq_sim::{Bot, Draft, How, MediaKind, Scene, SimConfig, intents, sha256};
use serde_json::{Value, json};

#[tokio::test]
async fn a_mention_arrives_as_documented_and_is_answered() {
    let (sim, client, mut socket) = start_in_guilds().await;
    let member = sim.channel(GUILD, CHANNEL).member(GUILD_USER);
    let id = member.mentions_bot("a < b & c");
    let event = socket.frame().await;
    let d = &event["d"];
    assert_eq!(event["t"], "AT_MESSAGE_CREATE");
    assert_eq!(
        (&d["id"], &d["guild_id"], &d["channel_id"]),
        (&json!(id), &json!(GUILD), &json!(CHANNEL))
    );
    let me = d["mentions"][0]["id"].as_str().unwrap();
    assert_eq!(d["content"], format!("<@!{me}> a &lt; b &amp; c"));
    assert_eq!((&d["seq_in_channel"], &d["seq"]), (&json!("1"), &json!(1)));
    assert_eq!(d["member"]["roles"], json!(["1"]));
    let answer = client
        .send_channel(guild_reply("1 &lt; 2 &amp;lt;", &id))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = answer.json();
    assert_eq!(
        (&answer["channel_id"], &answer["guild_id"], &answer["type"]),
        (&json!(CHANNEL), &json!(GUILD), &json!(0))
    );
    assert!(answer["id"].as_str().unwrap().starts_with("08"));
    let seen = sim.next_reply(LONG).await.unwrap();
    assert_eq!(
        (seen.scene, seen.peer.as_str(), seen.how, seen.msg_seq),
        (Scene::Channel, CHANNEL, How::Passive, 0)
    );
    assert_eq!(sim.delivered(CHANNEL).len(), 1);
    assert_eq!(sim.sent_texts(), ["1 &lt; 2 &amp;lt;"]);
    assert_eq!(seen.shown().as_deref(), Some("1 < 2 &lt;"));
}

#[tokio::test]
async fn every_message_of_a_channel_is_for_private_domain_bots() {
    let (sim, _client, mut socket) = start_in_guilds().await;
    let member = sim.channel(GUILD, CHANNEL).member(GUILD_USER);
    member.says("not for you");
    member.mentions_bot("for you");
    assert_eq!(socket.frame().await["t"], "AT_MESSAGE_CREATE");

    let granted = intents::USUAL | intents::PRIVATE;
    let (sim, client) = start_with(SimConfig::with_bots([
        Bot::new(APP, "SECRET").granted(granted)
    ]))
    .await;
    let (mut socket, _) = client.ready_for(intents::GUILD_MESSAGES).await;
    let member = sim.channel(GUILD, CHANNEL).member(GUILD_USER);
    member.says("hi");
    let event = socket.frame().await;
    assert_eq!(
        (&event["t"], &event["d"]["content"]),
        (&json!("MESSAGE_CREATE"), &json!("hi"))
    );
}

#[tokio::test]
async fn a_conversation_is_a_guild_of_its_own() {
    let (sim, client, mut socket) = start_in_guilds().await;
    sim.channel(GUILD, CHANNEL)
        .member(GUILD_USER)
        .mentions_bot("hi");
    socket.frame().await;
    let draft = Draft::text("psst").picture("https://gchat.qpic.cn/p", 9);
    let id = sim.guild_dm(DM).user(GUILD_USER).sends(&draft);
    let event = socket.frame().await;
    let d = &event["d"];
    assert_eq!(event["t"], "DIRECT_MESSAGE_CREATE");
    assert_eq!(
        (&d["guild_id"], &d["src_guild_id"], &d["direct_message"]),
        (&json!(DM), &json!(GUILD), &json!(true))
    );
    assert_eq!(d["attachments"][0]["url"], "gchat.qpic.cn/p");
    assert_eq!(client.send_dm(guild_reply("yes?", &id)).await.status, 200);
    let seen = sim.next_reply(LONG).await.unwrap();
    assert_eq!((seen.scene, seen.peer.as_str()), (Scene::Dm, DM));
    // The id belongs to the conversation, not to the channel.
    assert_eq!(
        client.send_channel(guild_reply("no", &id)).await.code(),
        304_026
    );
}

#[tokio::test]
async fn a_conversation_is_opened_with_a_member_only() {
    let (sim, client, _socket) = start_in_guilds().await;
    sim.channel(GUILD, CHANNEL)
        .member(GUILD_USER)
        .mentions_bot("hi");
    let open = async |user: &str, guild: &str| {
        let body = json!({"recipient_id": user, "source_guild_id": guild});
        client.call("POST /users/@me/dms", &body).await
    };
    assert_eq!(open("999", GUILD).await.code(), 304_034);
    assert_eq!(open(GUILD_USER, "1").await.code(), 10_004);
    let opened = open(GUILD_USER, GUILD).await.json();
    assert_eq!(open(GUILD_USER, GUILD).await.json(), opened);
    let path = format!(
        "POST /dms/{}/messages",
        opened["guild_id"].as_str().unwrap()
    );
    let body = json!({"content": "unasked"});
    for code in [0, 0, 304_050] {
        assert_eq!(client.call(&path, &body).await.code(), code);
        sim.advance(Duration::from_secs(2));
    }
    assert_eq!(client.send_dm(body).await.code(), 304_032);
}

#[tokio::test]
async fn a_picture_comes_as_a_form() {
    let (sim, client, _socket) = start_in_guilds().await;
    let id = sim
        .channel(GUILD, CHANNEL)
        .member(GUILD_USER)
        .mentions_bot("draw");
    let picture = b"\x89PNG\r\n\x1a\nnot much more";
    let form = |file: &[u8]| {
        let mut form = format!(
            "--b\r\ncontent-disposition: form-data; name=\"msg_id\"\r\n\r\n{id}\r\n\
             --b\r\ncontent-disposition: form-data; name=\"ark\"\r\n\r\n{{\"ark\":null}}\r\n\
             --b\r\ncontent-disposition: form-data; name=\"file_image\"; filename=\"a.png\"\r\n\
             content-type: image/png\r\n\r\n"
        )
        .into_bytes();
        form.extend_from_slice(file);
        form.extend_from_slice(b"\r\n--b--\r\n");
        form
    };
    let path = format!("/channels/{CHANNEL}/messages");
    let kind = "multipart/form-data; boundary=b";
    let sent = client.post_bytes(&path, kind, &form(picture)).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let seen = sim.next_reply(LONG).await.unwrap();
    let media = seen.media.unwrap();
    assert_eq!(
        (seen.msg_type, media.kind, media.format),
        (7, MediaKind::Image, Some("png"))
    );
    assert_eq!(
        (media.sha256, media.size),
        (sha256(picture), picture.len() as u64)
    );
    let refused = client.post_bytes(&path, kind, &form(b"%PDF-1.7")).await;
    assert_eq!(refused.code(), 304_017);
    let broken = client.post_bytes(&path, kind, b"--b\r\n").await;
    assert_eq!(broken.code(), 50_035);
}

#[tokio::test]
async fn reactions_are_set_once_and_listed() {
    let (sim, client, _socket) = start_in_guilds().await;
    let member = sim.channel(GUILD, CHANNEL).member(GUILD_USER);
    let id = member.mentions_bot("hi");
    let call = async |method: &str, message: &str, emoji: &str| {
        let line = format!("{method} /channels/{CHANNEL}/messages/{message}/reactions/{emoji}");
        client.call(&line, &Value::Null).await
    };
    assert_eq!(call("PUT", &id, "1/277").await.status, 204);
    assert_eq!(call("PUT", &id, "1/277").await.code(), 620_003);
    assert_eq!(call("PUT", &id, "3/277").await.code(), 620_001);
    assert_eq!(call("PUT", "08ff", "1/277").await.code(), 620_001);
    member.reacts(&id, 1, "277");
    let page = call("GET", &id, "1/277?limit=1").await.json();
    assert_eq!(
        (page["users"].as_array().unwrap().len(), &page["is_end"]),
        (1, &json!(false))
    );
    let cookie = page["cookie"].as_str().unwrap();
    let page = call("GET", &id, &format!("1/277?cookie={cookie}"))
        .await
        .json();
    assert_eq!(
        (&page["users"][0]["id"], &page["is_end"]),
        (&json!(GUILD_USER), &json!(true))
    );
    assert_eq!(call("DELETE", &id, "1/277").await.status, 204);
    assert_eq!(call("DELETE", &id, "1/277").await.code(), 620_004);
    for emoji in 0..19 {
        assert_eq!(
            call("PUT", &id, &format!("2/{}", 128_513 + emoji))
                .await
                .status,
            204
        );
    }
    assert_eq!(call("PUT", &id, "1/4").await.code(), 620_002);
}

#[tokio::test]
async fn events_of_a_guild_can_be_answered_in_its_channels() {
    let (sim, client, mut socket) = start_in_guilds().await;
    sim.channel(GUILD, CHANNEL)
        .member(GUILD_USER)
        .mentions_bot("hi");
    socket.frame().await;
    let joined = json!({"guild_id": GUILD, "nick": "", "user": {"id": "7"}});
    sim.inject("GUILD_MEMBER_ADD", joined);
    let event = socket.frame().await["id"].clone();
    let answer = |id: &Value| json!({"content": "welcome", "event_id": id});
    assert_eq!(client.send_channel(answer(&event)).await.code(), 0);
    assert_eq!(sim.next_reply(LONG).await.unwrap().how, How::Event);
    assert_eq!(
        client.send_channel(answer(&json!("E:1"))).await.code(),
        40_034_025
    );
    let click = sim
        .channel(GUILD, CHANNEL)
        .member(GUILD_USER)
        .clicks("ok", "1");
    let event = socket.frame().await;
    let d = &event["d"];
    assert_eq!(
        (&d["id"], &d["scene"], &d["chat_type"]),
        (&json!(click), &json!("guild"), &json!(0))
    );
    assert_eq!(d["data"]["resolved"]["user_id"], GUILD_USER);
    assert_eq!(
        client.send_channel(answer(&event["id"])).await.code(),
        40_034_027
    );
}

#[tokio::test]
async fn the_bots_guilds_are_listed() {
    let (sim, client, _socket) = start_in_guilds().await;
    for guild in ["1", "2", "3"] {
        sim.inject("GUILD_CREATE", json!({"id": guild, "name": "g"}));
    }
    let page = client
        .call("GET /users/@me/guilds?after=1&limit=1", &Value::Null)
        .await
        .json();
    let ids: Vec<_> = page
        .as_array()
        .unwrap()
        .iter()
        .map(|guild| &guild["id"])
        .collect();
    assert_eq!(ids, ["2"]);
}

#[tokio::test]
async fn guild_people_can_be_driven_from_outside() {
    let (sim, client, mut socket) = start_in_guilds().await;
    let seat = format!("/_sim/channels/{GUILD}/{CHANNEL}/members/{GUILD_USER}");
    let body = json!({"text": "hi", "mention": true});
    let said = client.call(&format!("POST {seat}/say"), &body).await.json();
    assert_eq!(socket.frame().await["d"]["id"], said["id"]);
    let said = client
        .call(
            &format!("POST /_sim/dms/{DM}/users/{GUILD_USER}/say"),
            &json!({"text": "psst"}),
        )
        .await
        .json();
    assert_eq!(socket.frame().await["d"]["id"], said["id"]);
    let click = json!({"button_id": "ok", "message_id": "08a"});
    let click = client
        .call(&format!("POST {seat}/click"), &click)
        .await
        .json();
    let event = socket.frame().await;
    assert_eq!(event["d"]["id"], click["id"]);
    assert_eq!(event["d"]["data"]["resolved"]["message_id"], "08a");
    let reaction = json!({"message_id": said["id"], "type": 1, "id": "4"});
    let reacted = client.call(&format!("POST {seat}/react"), &reaction).await;
    assert_eq!(reacted.status, 200);
    assert!(sim.sent_messages().is_empty());
}
