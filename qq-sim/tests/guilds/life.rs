//! Shorthands for what comes and goes, and what it leads to.

use std::time::Duration;

use crate::support::{
    APP, CHANNEL, Client, DM, GROUP, GUILD, GUILD_USER, MEMBER, Socket, USER, start_with,
};
use qq_sim::{Bot, Record, Sim, SimConfig, intents};
use serde_json::{Value, json};

const EVERYTHING: u32 = intents::USUAL
    | intents::GUILD_MESSAGES
    | intents::GUILD_MESSAGE_REACTIONS
    | intents::GROUP_MEMBER_EVENT;

async fn start() -> (Sim, Client, Socket) {
    let bots = [
        Bot::new(APP, "SECRET").granted(EVERYTHING),
        Bot::new("2", "s"),
    ];
    let (sim, client) = start_with(SimConfig::with_bots(bots)).await;
    let (socket, _) = client.ready_for(EVERYTHING).await;
    (sim, client, socket)
}

/// Name and body of the next event.
async fn next(socket: &mut Socket) -> (String, Value) {
    let frame = socket.frame().await;
    (frame["t"].as_str().unwrap().to_owned(), frame["d"].clone())
}

#[tokio::test]
async fn a_guild_lives() {
    let (sim, client, mut socket) = start().await;
    let guild = sim.guild(GUILD);
    guild.adds_bot("1");
    guild.is_renamed("ours", "1");
    guild.makes_channel(CHANNEL, "talk", "1");
    guild.renames_channel(CHANNEL, "chat", "1");
    guild.gains_member(GUILD_USER);
    guild.renames_member(GUILD_USER, "Ming");
    let push = json!({"content": "welcome"});
    assert_eq!(client.send_channel(push.clone()).await.code(), 0);
    guild.loses_member(GUILD_USER);
    guild.deletes_channel(CHANNEL, "1");
    assert_eq!(client.send_channel(push.clone()).await.code(), 10_003);
    guild.makes_channel(CHANNEL, "again", "1");
    guild.removes_bot("1");
    sim.advance(Duration::from_secs(1));
    assert_eq!(client.send_channel(push).await.code(), 1_100_301);
    let names = [
        "GUILD_CREATE",
        "GUILD_UPDATE",
        "CHANNEL_CREATE",
        "CHANNEL_UPDATE",
        "GUILD_MEMBER_ADD",
        "GUILD_MEMBER_UPDATE",
        "GUILD_MEMBER_REMOVE",
        "CHANNEL_DELETE",
        "CHANNEL_CREATE",
        "GUILD_DELETE",
    ];
    for name in names {
        let (t, d) = next(&mut socket).await;
        assert_eq!(t, name);
        assert!([&d["id"], &d["guild_id"]].contains(&&json!(GUILD)), "{d}");
    }
}

#[tokio::test]
async fn members_react_and_delete() {
    let (sim, client, mut socket) = start().await;
    let member = sim.channel(GUILD, CHANNEL).member(GUILD_USER);
    let id = member.says("hi");
    assert_eq!(next(&mut socket).await.0, "MESSAGE_CREATE");
    member.reacts(&id, 1, "277");
    let (t, d) = next(&mut socket).await;
    assert_eq!(
        (t.as_str(), &d["emoji"]["id"]),
        ("MESSAGE_REACTION_ADD", &json!("277"))
    );
    let reacted = socket_event_id(&sim);
    member.unreacts(&id, 1, "277");
    assert_eq!(next(&mut socket).await.0, "MESSAGE_REACTION_REMOVE");
    let answer = json!({"content": "thanks", "event_id": reacted});
    assert_eq!(client.send_channel(answer).await.code(), 0);
    member.deletes(&id);
    let (t, d) = next(&mut socket).await;
    assert_eq!(
        (t.as_str(), &d["message"]["id"]),
        ("MESSAGE_DELETE", &json!(id))
    );
    let quote = json!({"content": "x", "message_reference": {"message_id": id}});
    assert_eq!(client.send_channel(quote).await.code(), 50_039);
    let psst = sim.guild_dm(DM).user(GUILD_USER).says("psst");
    next(&mut socket).await;
    sim.guild_dm(DM).user(GUILD_USER).deletes(&psst);
    assert_eq!(next(&mut socket).await.0, "DIRECT_MESSAGE_DELETE");
}

/// Envelope id of the newest event.
fn socket_event_id(sim: &Sim) -> String {
    let newest = sim
        .journal()
        .into_iter()
        .rev()
        .find_map(|entry| match entry.record {
            Record::Event { id, .. } => Some(id),
            _ => None,
        });
    newest.unwrap()
}

#[tokio::test]
async fn groups_and_users_come_and_go() {
    let (sim, _client, mut socket) = start().await;
    sim.group(GROUP).gains_member(MEMBER);
    sim.group(GROUP).loses_member(MEMBER);
    for name in ["GROUP_MEMBER_ADD", "GROUP_MEMBER_REMOVE"] {
        let (t, d) = next(&mut socket).await;
        assert_eq!((t.as_str(), &d["member_openid"]), (name, &json!(MEMBER)));
        assert!(d["timestamp"].is_u64());
    }
    sim.user(USER).befriends_bot_by(2003, "campaign");
    let (_, d) = next(&mut socket).await;
    assert_eq!(
        (&d["scene"], &d["scene_param"]),
        (&json!(2003), &json!("campaign"))
    );
    let menu = sim.user(USER).uses_menu("f1");
    let (_, d) = next(&mut socket).await;
    assert_eq!((&d["id"], &d["type"]), (&json!(menu), &json!(12)));
    assert_eq!(d["data"]["resolved"]["feature_id"], "f1");
    sim.user(USER).clears_conversation();
    assert_eq!(next(&mut socket).await.1["data"]["type"], 14);
}

#[tokio::test]
async fn another_bot_has_guilds_of_its_own() {
    let (sim, client, _socket) = start().await;
    assert!(sim.channel_of("nobody", GUILD, CHANNEL).is_none());
    let other = Client::of(&sim.base_url(), "2", "s").await;
    let (mut socket, _) = other.ready_for(crate::support::GUILDS).await;
    let channel = sim.channel_of("2", GUILD, CHANNEL).unwrap();
    channel.member(GUILD_USER).mentions_bot("hi");
    let mentioned = next(&mut socket).await.1["id"].clone();
    sim.guild_dm_of("2", DM)
        .unwrap()
        .user(GUILD_USER)
        .says("psst");
    next(&mut socket).await;
    let answer = json!({"content": "hello", "msg_id": mentioned});
    assert_eq!(client.send_channel(answer.clone()).await.code(), 1_100_301);
    assert_eq!(client.send_dm(answer.clone()).await.code(), 304_032);
    assert_eq!(other.send_channel(answer).await.code(), 0);
}
