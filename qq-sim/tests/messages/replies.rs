//! Sending and recalling: shapes, windows, budgets.

use std::time::Duration;

use crate::support::{GROUP, LONG, MEMBER, USER, start, start_with, text};
use qq_sim::{Draft, How, Record, Scene, SimConfig};
use serde_json::{Value, json};

#[tokio::test]
async fn a_reply_gets_an_id_a_time_and_an_index() {
    let (sim, client) = start().await;
    let id = sim.user(USER).says("hi");
    let reply = client.send_user(text("hello", &id, 1)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let body = reply.json();
    assert!(body["id"].as_str().unwrap().starts_with("ROBOT1.0_"));
    assert!(body["timestamp"].as_str().unwrap().ends_with("+08:00"));
    assert!(
        body["ext_info"]["ref_idx"]
            .as_str()
            .unwrap()
            .starts_with("REFIDX_")
    );
    assert_eq!(body.as_object().unwrap().len(), 3);
    sim.rules(|rules| rules.old_receipts = true);
    let old = client.send_user(text("again", &id, 2)).await.json();
    assert!(old["timestamp"].is_u64() && old.get("ext_info").is_none());
    let seen = sim.next_reply(LONG).await.unwrap();
    assert_eq!(
        (seen.scene, seen.how, seen.text.as_deref()),
        (Scene::C2c, How::Passive, Some("hello"))
    );
    assert_eq!(
        (seen.peer.as_str(), seen.msg_id, seen.msg_seq),
        (USER, Some(id), 1)
    );
}

#[tokio::test]
async fn four_replies_to_a_user_and_five_to_a_group() {
    let (sim, client) = start().await;
    let from_user = sim.user(USER).says("hi");
    let from_group = sim.group(GROUP).member(MEMBER).mentions_bot("hi");
    for seq in 1..=4 {
        assert_eq!(client.send_user(text("a", &from_user, seq)).await.code(), 0);
    }
    assert_eq!(
        client.send_user(text("a", &from_user, 5)).await.code(),
        40_034_128
    );
    for seq in 1..=5 {
        assert_eq!(
            client.send_group(text("a", &from_group, seq)).await.code(),
            0
        );
    }
    assert_eq!(
        client.send_group(text("a", &from_group, 6)).await.code(),
        40_034_128
    );
}

#[tokio::test]
async fn typing_is_free_unless_the_rule_says_otherwise() {
    let (sim, client) = start().await;
    let typing = |id: &str, seq: u64| json!({"msg_type": 6, "input_notify": {"input_type": 1, "input_second": 60}, "msg_id": id, "msg_seq": seq});
    let id = sim.user(USER).says("hi");
    for seq in 1..=6 {
        assert_eq!(client.send_user(typing(&id, seq)).await.code(), 0);
    }
    assert_eq!(client.send_user(typing(&id, 6)).await.code(), 40_054_005);
    sim.rules(|rules| rules.typing_counts = true);
    let id = sim.user(USER).says("hi");
    for seq in 1..=4 {
        assert_eq!(client.send_user(typing(&id, seq)).await.code(), 0);
    }
    assert_eq!(client.send_user(text("a", &id, 5)).await.code(), 40_034_128);
    let bare = client
        .send_user(json!({"msg_type": 6, "msg_id": id, "msg_seq": 9}))
        .await;
    assert_eq!((bare.status, bare.code()), (500, 50_059));
}

#[tokio::test]
async fn a_pair_of_id_and_seq_is_good_once() {
    let (sim, client) = start().await;
    let id = sim.user(USER).says("hi");
    assert_eq!(client.send_user(text("a", &id, 7)).await.code(), 0);
    assert_eq!(client.send_user(text("a", &id, 7)).await.code(), 40_054_005);
    // Without a sequence it is 1, twice.
    let implied = json!({"msg_type": 0, "content": "a", "msg_id": id});
    assert_eq!(client.send_user(implied.clone()).await.code(), 0);
    assert_eq!(client.send_user(implied).await.code(), 40_054_005);
    let other = sim.user(USER).says("again");
    assert_eq!(client.send_user(text("a", &other, 7)).await.code(), 0);
}

#[tokio::test]
async fn windows_close_after_an_hour_and_after_five_minutes() {
    let (sim, client) = start().await;
    let from_user = sim.user(USER).says("hi");
    let from_group = sim.group(GROUP).member(MEMBER).mentions_bot("hi");
    sim.advance(Duration::from_secs(299));
    assert_eq!(client.send_group(text("a", &from_group, 1)).await.code(), 0);
    sim.advance(Duration::from_secs(2));
    assert_eq!(
        client.send_group(text("a", &from_group, 2)).await.code(),
        40_034_005
    );
    assert_eq!(client.send_user(text("a", &from_user, 1)).await.code(), 0);
    sim.advance(Duration::from_secs(3300));
    assert_eq!(
        client.send_user(text("a", &from_user, 2)).await.code(),
        40_034_005
    );
}

#[tokio::test]
async fn bad_shapes_have_their_codes_and_change_nothing() {
    let (sim, client) = start().await;
    let id = sim.user(USER).says("hi");
    let cases = [
        (
            json!({"msg_type": 2, "content": "a", "markdown": {"content": "b"}, "msg_id": id}),
            50_037,
        ),
        (json!({"msg_type": 0, "msg_id": id}), 50_006),
        (json!({"msg_type": 12, "msg_id": id}), 340_069),
        (
            json!({"msg_type": 0, "content": "a", "msg_id": id, "event_id": "E:1"}),
            50_035,
        ),
        (text(&"x".repeat(5001), &id, 1), 40_054_007),
        (json!([1]), 50_035),
    ];
    for (body, code) in cases {
        assert_eq!(client.send_user(body).await.code(), code);
    }
    assert_eq!(client.send_user(text("fine", &id, 1)).await.code(), 0);
    let refused = |entry: &qq_sim::Entry| {
        matches!(
            entry.record,
            Record::MessageRefused {
                code: 40_054_007,
                ..
            }
        )
    };
    sim.wait_for(refused, LONG).await.unwrap();
}

#[tokio::test]
async fn recall_is_for_own_fresh_messages() {
    let (sim, client) = start().await;
    let inbound = sim.user(USER).says("hi");
    let sent = client.send_user(text("a", &inbound, 1)).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let recall = async |scene: &str, peer: &str, id: &str| {
        let id = id.replace('!', "%21");
        client
            .call(
                &format!("DELETE /v2/{scene}/{peer}/messages/{id}"),
                &Value::Null,
            )
            .await
            .code()
    };
    assert_eq!(recall("groups", GROUP, &sent).await, 306_007);
    assert_eq!(recall("users", MEMBER, &sent).await, 306_009);
    assert_eq!(recall("users", USER, &inbound).await, 40_062_003);
    assert_eq!(recall("users", USER, &sent).await, 0);
    assert_eq!(recall("users", USER, &sent).await, 40_061_002);
    let late = client.send_user(text("b", &inbound, 2)).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    sim.advance(Duration::from_secs(121));
    assert_eq!(recall("users", USER, &late).await, 40_064_004);
}

#[tokio::test]
async fn drafts_become_documented_events() {
    let (sim, client) = start().await;
    let (mut socket, _) = client.ready().await;
    let draft = Draft::text("thanks")
        .quoting("REFIDX_aaa==", "quoted")
        .by("Ming");
    sim.user(USER)
        .sends(&draft.picture("https://example.org/p.jpg", 9));
    let d = socket.frame().await["d"].clone();
    assert_eq!(
        (&d["message_type"], &d["msg_elements"][0]["content"]),
        (&json!(103), &json!("quoted"))
    );
    assert_eq!(d["message_scene"]["ext"][0], "ref_msg_idx=REFIDX_aaa==");
    assert_eq!(
        (&d["attachments"][0]["size"], &d["author"]["username"]),
        (&json!(9), &json!("Ming"))
    );
    let full = Draft::text("you there?")
        .mentioning_bot()
        .with("mentions", Value::Null);
    sim.group(GROUP).member(MEMBER).sends_full(&full);
    let event = socket.frame().await;
    assert_eq!(event["t"], "GROUP_MESSAGE_CREATE");
    assert!(
        event["d"]["content"].as_str().unwrap().starts_with("<@")
            && event["d"]["mentions"].is_null()
    );
}

#[tokio::test]
async fn lenient_rules_forgive() {
    let config = SimConfig {
        rules: qq_sim::Rules::lenient(),
        ..SimConfig::default()
    };
    let (_sim, client) = start_with(config).await;
    for _ in 0..10 {
        assert_eq!(
            client.send_user(text("a", "ROBOT1.0_any", 1)).await.code(),
            0
        );
    }
    assert_eq!(
        client
            .send_group(json!({"msg_type": 0, "content": "x"}))
            .await
            .code(),
        0
    );
}
