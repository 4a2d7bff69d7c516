//! Buttons: who may press them, and until when a click is acknowledged.

use std::time::Duration;

use crate::support::{
    C2C, CHANNEL, Client, GROUP, GUILD, GUILD_USER, GUILDS, LONG, MEMBER, USER, start_for,
};
use qq_sim::{Entry, Record, intents};
use serde_json::{Value, json};

const HEARD: u32 = C2C | GUILDS | intents::INTERACTION;

/// A message with one button in each row.
fn keyboard(msg_id: &str, buttons: &[Value]) -> Value {
    let rows: Vec<_> = buttons
        .iter()
        .map(|button| json!({"buttons": [button]}))
        .collect();
    json!({"msg_type": 2, "markdown": {"content": "choose"}, "msg_id": msg_id,
           "keyboard": {"content": {"rows": rows}}})
}

fn button(id: &str, action: u64, permission: Value) -> Value {
    json!({"id": id, "render_data": {"label": id, "style": 1},
           "action": {"type": action, "permission": permission, "data": format!("{id}:data")}})
}

fn refused(button: &'static str) -> impl FnMut(&Entry) -> bool {
    move |entry| matches!(&entry.record, Record::ClickRefused { button_id, .. } if button_id == button)
}

async fn acknowledge(client: &Client, id: &str, code: u64) -> i64 {
    let line = format!("PUT /interactions/{id}");
    client.call(&line, &json!({"code": code})).await.code()
}

#[tokio::test]
async fn a_button_brings_its_own_data() {
    let (sim, client, mut socket) = start_for(HEARD).await;
    let id = sim.user(USER).says("hi");
    socket.frame().await;
    let sent = keyboard(&id, &[button("ok", 1, json!({"type": 2}))]);
    assert_eq!(client.send_user(sent).await.status, 200);
    let click = sim.user(USER).clicks("ok", "");
    let d = socket.frame().await["d"].clone();
    assert_eq!((&d["id"], &d["scene"]), (&json!(click), &json!("c2c")));
    assert_eq!(d["data"]["resolved"]["button_data"], "ok:data");
    // One that no message has is as good as the test says.
    sim.user(USER).clicks("elsewhere", "x");
    let d = socket.frame().await["d"].clone();
    assert_eq!(d["data"]["resolved"]["button_data"], "x");
}

#[tokio::test]
async fn links_and_other_peoples_buttons_reach_nobody() {
    let (sim, client, mut socket) = start_for(HEARD).await;
    let group = sim.group(GROUP);
    let id = group.member(MEMBER).mentions_bot("hi");
    socket.frame().await;
    let sent = keyboard(
        &id,
        &[
            button("link", 0, json!({"type": 2})),
            button("nobody", 1, json!({"type": 0, "specify_user_ids": []})),
            button("admins", 1, json!({"type": 1})),
            button("mine", 1, json!({"type": 0, "specify_user_ids": [MEMBER]})),
        ],
    );
    assert_eq!(client.send_group(sent).await.status, 200);
    for id in ["link", "nobody", "admins"] {
        assert_eq!(group.member(MEMBER).clicks(id, ""), "");
        sim.wait_for(refused(id), LONG).await.unwrap();
    }
    assert_eq!(group.member(USER).clicks("mine", ""), "");
    assert_ne!(group.member(MEMBER).clicks("mine", ""), "");
    let d = socket.frame().await["d"].clone();
    assert_eq!(d["data"]["resolved"]["button_id"], "mine");
    assert_ne!(group.member(USER).as_admin().clicks("admins", ""), "");
    let line = format!("POST /_sim/groups/{GROUP}/members/{USER}/click");
    let click = json!({"button_id": "admins", "admin": true});
    assert_ne!(client.call(&line, &click).await.json()["id"], "");
}

#[tokio::test]
async fn a_group_of_buttons_is_grey_after_one_click() {
    let (sim, client, _socket) = start_for(HEARD).await;
    let id = sim.user(USER).says("hi");
    let grouped = |id: &str| {
        let mut button = button(id, 1, json!({"type": 2}));
        button["group_id"] = "1".into();
        button
    };
    let sent = keyboard(&id, &[grouped("yes"), grouped("no")]);
    assert_eq!(client.send_user(sent).await.status, 200);
    assert_ne!(sim.user(USER).clicks("yes", ""), "");
    assert_eq!(sim.user(USER).clicks("no", ""), "");
}

#[tokio::test]
async fn roles_of_a_guild_are_looked_at() {
    let (sim, client, _socket) = start_for(HEARD).await;
    sim.change_bot(crate::support::APP, |bot| bot.guild_markdown = true);
    let member = sim.channel(GUILD, CHANNEL).member(GUILD_USER);
    let id = member.mentions_bot("hi");
    let permission = json!({"type": 3, "specify_role_ids": ["77"]});
    let mut sent = keyboard(
        &id,
        &[
            button("vip", 1, permission),
            button("admins", 1, json!({"type": 1})),
        ],
    );
    sent.as_object_mut().unwrap().remove("msg_type");
    assert_eq!(client.send_channel(sent).await.status, 200);
    assert_eq!(member.clicks("vip", ""), "");
    assert_eq!(member.clicks("admins", ""), "");
    assert_ne!(member.clone().with_role("77").clicks("vip", ""), "");
    assert_ne!(member.with_role("2").clicks("admins", ""), "");
}

#[tokio::test]
async fn a_click_expires_at_its_deadline() {
    let (sim, client, _socket) = start_for(HEARD).await;
    // Three seconds are less than a busy machine may need.
    sim.rules(|rules| rules.click_deadline_ms = 600_000);
    let in_time = sim.user(USER).clicks("a", "");
    let late = sim.group(GROUP).member(MEMBER).clicks("b", "");
    let guild = sim
        .channel(GUILD, CHANNEL)
        .member(GUILD_USER)
        .clicks("c", "");
    assert_eq!(acknowledge(&client, &in_time, 0).await, 0);
    sim.advance(Duration::from_secs(600));
    let expired = |wanted: &str| {
        let wanted = wanted.to_owned();
        move |entry: &Entry| matches!(&entry.record, Record::ClickExpired { id, .. } if *id == wanted)
    };
    sim.wait_for(expired(&late), LONG).await.unwrap();
    sim.wait_for(expired(&guild), LONG).await.unwrap();
    assert_eq!(sim.expired_clicks(), [late.clone(), guild]);
    assert_eq!(acknowledge(&client, &late, 1).await, 0);
    let noted = |entry: &Entry| matches!(&entry.record, Record::Acknowledged { id, in_time: false, result: 1, code: 0 } if *id == late);
    sim.wait_for(noted, LONG).await.unwrap();
    let noted = |entry: &Entry| matches!(&entry.record, Record::Acknowledged { id, in_time: true, .. } if *id == in_time);
    sim.wait_for(noted, LONG).await.unwrap();
    assert_eq!(acknowledge(&client, &late, 0).await, 630_001);
}

#[tokio::test]
async fn a_click_expires_in_real_time_too() {
    let (sim, _client, _socket) = start_for(HEARD).await;
    sim.rules(|rules| rules.click_deadline_ms = 20);
    sim.user(USER).clicks("a", "");
    let expired = |entry: &Entry| matches!(entry.record, Record::ClickExpired { .. });
    sim.wait_for(expired, LONG).await.unwrap();
    // A conversation that is cleared needs no answer.
    let mark = sim.mark();
    sim.inject(
        "INTERACTION_CREATE",
        json!({"id": "1-2", "type": 14, "user_openid": USER}),
    );
    let button = sim.user(USER).clicks("a", "");
    let entry = sim.wait_after(mark, expired, LONG).await.unwrap();
    assert!(matches!(entry.record, Record::ClickExpired { id, .. } if id == button));
}
