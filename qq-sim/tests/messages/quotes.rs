//! Quotes by index, in both directions, and cards.

use crate::support::{
    APP, C2C, CHANNEL, GROUP, GUILD, GUILD_USER, GUILDS, MEMBER, USER, start, start_for,
};
use qq_sim::Draft;
use serde_json::{Value, json};

fn index_of(d: &Value) -> String {
    let ext = d["message_scene"]["ext"].as_array().unwrap();
    let mut ext = ext.iter().filter_map(Value::as_str);
    let index = ext.find_map(|pair| pair.strip_prefix("msg_idx="));
    index.unwrap().to_owned()
}

fn quoting(index: &str, msg_id: &str, seq: u64) -> Value {
    json!({"msg_type": 0, "content": "x", "msg_id": msg_id, "msg_seq": seq,
           "message_reference": {"message_id": index}})
}

#[tokio::test]
async fn a_bot_quotes_by_index_and_in_the_same_chat() {
    let (sim, client, mut socket) = start_for(C2C).await;
    let id = sim.user(USER).says("hi");
    let index = index_of(&socket.frame().await["d"]);
    let sent = client.send_user(quoting(&index, &id, 1)).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let own = sent.json()["ext_info"]["ref_idx"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(client.send_user(quoting(&own, &id, 2)).await.code(), 0);
    assert_eq!(client.send_user(quoting(&id, &id, 3)).await.code(), 50_039);
    let group = sim.group(GROUP).member(MEMBER).mentions_bot("hi");
    assert_eq!(
        client.send_group(quoting(&index, &group, 1)).await.code(),
        50_038
    );
    assert_eq!(
        sim.delivered(USER)[0].quote.as_deref(),
        Some(index.as_str())
    );
}

#[tokio::test]
async fn a_user_quotes_what_the_bot_said() {
    let (sim, client, mut socket) = start_for(C2C).await;
    let id = sim.group(GROUP).member(MEMBER).mentions_bot("hi");
    socket.frame().await;
    client
        .send_group(json!({"content": "the answer", "msg_id": id}))
        .await;
    let own = sim.delivered(GROUP).remove(0).ref_idx;
    sim.group(GROUP)
        .member(MEMBER)
        .sends_full(&Draft::text("why?").replying_to(&own));
    let d = socket.frame().await["d"].clone();
    let quoted = &d["msg_elements"][0];
    assert_eq!(
        (&d["message_type"], &quoted["msg_idx"], &quoted["content"]),
        (&json!(103), &json!(own), &json!("the answer"))
    );
    assert_eq!(quoted["author"]["bot"], true);
    assert_eq!(d["message_scene"]["ext"][0], format!("ref_msg_idx={own}"));
    // One that nobody knows is empty, as on the platform.
    sim.user(USER)
        .sends(&Draft::text("?").replying_to("REFIDX_old=="));
    let d = socket.frame().await["d"].clone();
    assert_eq!(d["msg_elements"][0]["content"], "");
}

#[tokio::test]
async fn a_streamed_message_can_be_quoted() {
    let (sim, client, mut socket) = start_for(C2C).await;
    let id = sim.user(USER).says("hi");
    socket.frame().await;
    let frame = json!({"input_mode": "append", "input_state": 10, "index": 0, "msg_id": id,
                       "content_type": "text", "content_raw": "all at once"});
    client
        .call(&format!("POST /v2/users/{USER}/stream_messages"), &frame)
        .await;
    let own = sim.delivered(USER).remove(0).ref_idx;
    sim.user(USER).sends(&Draft::text("why?").replying_to(&own));
    let d = socket.frame().await["d"].clone();
    assert_eq!(d["msg_elements"][0]["content"], "all at once");
}

#[tokio::test]
async fn cards_are_checked_where_they_are_sent() {
    let (sim, client, _socket) = start_for(C2C).await;
    let id = sim.user(USER).says("hi");
    let ark = json!({"template_id": 37, "kv": [{"key": "#METATITLE#", "value": "t"}]});
    let card = |ark: &Value| json!({"msg_type": 3, "ark": ark, "msg_id": id});
    assert_eq!(client.send_user(card(&ark)).await.code(), 304_004);
    sim.change_bot(APP, |bot| bot.ark = true);
    assert_eq!(
        client
            .send_user(card(&json!({"template_id": 1})))
            .await
            .code(),
        304_012
    );
    assert_eq!(client.send_user(card(&Value::Null)).await.code(), 22_006);
    assert_eq!(client.send_user(card(&ark)).await.code(), 0);
    let embed = json!({"msg_type": 4, "embed": {"title": "t"}, "msg_id": id, "msg_seq": 2});
    assert_eq!(client.send_user(embed).await.code(), 340_069);
    let template = json!({"msg_type": 2, "msg_id": id, "msg_seq": 2, "markdown": {
        "custom_template_id": "1_2", "params": [{"key": "a", "values": ["b\nc"]}]}});
    assert_eq!(client.send_user(template).await.code(), 40_034_009);
    let button = json!({"render_data": {"label": "far too long for this"}, "action":
        {"type": 1, "permission": {"type": 2}, "data": "x"}});
    let keyboard = json!({"msg_type": 0, "content": "plain", "msg_id": id, "msg_seq": 2,
        "keyboard": {"content": {"rows": [{"buttons": [button]}]}}});
    assert_eq!(client.send_user(keyboard).await.code(), 304_040);
}

#[tokio::test]
async fn guilds_have_embeds_and_arks() {
    let (sim, client) = start().await;
    let (mut socket, _) = client.ready_for(GUILDS).await;
    let id = sim
        .channel(GUILD, CHANNEL)
        .member(GUILD_USER)
        .mentions_bot("hi");
    let embed = json!({"title": "t", "prompt": "p", "fields": [{"name": "line 1"}]});
    let ark = json!({"template_id": 23, "kv": [{"key": "#DESC#", "value": "d"}]});
    assert_eq!(
        client
            .send_channel(json!({"embed": embed, "msg_id": id}))
            .await
            .code(),
        0
    );
    assert_eq!(
        client
            .send_channel(json!({"ark": ark, "msg_id": id}))
            .await
            .code(),
        0
    );
    let odd = json!({"embed": {"colour": "red"}, "msg_id": id});
    assert_eq!(client.send_channel(odd).await.code(), 50_035);
    let types: Vec<_> = sim
        .delivered(CHANNEL)
        .iter()
        .map(|sent| sent.msg_type)
        .collect();
    assert_eq!(types, [4, 3]);
    let draft = Draft::text("what?").mentioning_bot().replying_to(&id);
    sim.channel(GUILD, CHANNEL).member(GUILD_USER).sends(&draft);
    socket.frame().await;
    let d = socket.frame().await["d"].clone();
    assert_eq!(d["message_reference"]["message_id"], id);
}
