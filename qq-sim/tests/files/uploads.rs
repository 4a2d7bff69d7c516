//! Uploads at once: by base64 and by address, limits, scenes, expiry.

use std::time::Duration;

use crate::support::{
    APP, CHANNEL, Client, GROUP, GUILD, GUILD_USER, GUILDS, LONG, MEMBER, Reply, USER, start,
    start_with,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use qq_sim::{
    Bot, Condition, Draft, Endpoint, Entry, Fault, MediaKind, Record, ScriptedRefusal, Sim,
    SimConfig, Way, sha256,
};
use serde_json::{Value, json};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nthe rest of a picture";

fn data(kind: u64, bytes: &[u8]) -> Value {
    json!({"file_type": kind, "file_data": STANDARD.encode(bytes), "file_name": "f",
           "srv_send_msg": false})
}

async fn upload(client: &Client, place: &str, body: &Value) -> Reply {
    client.call(&format!("POST /v2/{place}/files"), body).await
}

async fn to_user(client: &Client, body: &Value) -> Reply {
    upload(client, &format!("users/{USER}"), body).await
}

fn show(info: &Value, msg_id: &str, seq: u64) -> Value {
    json!({"msg_type": 7, "media": {"file_info": info}, "content": "see", "msg_id": msg_id,
           "msg_seq": seq})
}

/// Lets a user send a file, so that there is an address to upload from.
fn address_of(sim: &Sim, bytes: &[u8]) -> String {
    sim.user(USER)
        .sends(&Draft::text("").file_bytes("f", bytes));
    let event = sim
        .journal()
        .into_iter()
        .rev()
        .find_map(|entry| match entry.record {
            Record::Event { d, .. } => Some(d),
            _ => None,
        });
    event.unwrap()["attachments"][0]["url"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn what_was_uploaded_arrives_in_the_chat() {
    let (sim, client) = start().await;
    let id = sim.user(USER).says("draw");
    let answer = to_user(&client, &data(1, PNG)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    assert_eq!(
        (&body["ttl"], &body["id"], &body["raw_url"]),
        (&json!(300), &json!(""), &json!(""))
    );
    assert_eq!(
        client
            .send_user(show(&body["file_info"], &id, 1))
            .await
            .code(),
        0
    );
    let seen = sim.next_reply(LONG).await.unwrap();
    let media = seen.media.unwrap();
    assert_eq!(
        (
            media.kind,
            media.format,
            media.sha256,
            media.name.as_deref()
        ),
        (MediaKind::Image, Some("png"), sha256(PNG), Some("f"))
    );
    let noted = |entry: &Entry| matches!(&entry.record, Record::FileUploaded { way: Some(Way::Data), code: 0, media: Some(media), .. } if media.size == PNG.len() as u64);
    sim.wait_for(noted, LONG).await.unwrap();
}

#[tokio::test]
async fn a_file_info_is_of_one_scene_and_expires() {
    let (sim, client) = start().await;
    let user = sim.user(USER).says("hi");
    let group = sim.group(GROUP).member(MEMBER).mentions_bot("hi");
    let info = to_user(&client, &data(1, PNG)).await.json()["file_info"].clone();
    assert_eq!(
        client.send_group(show(&info, &group, 1)).await.code(),
        10_000
    );
    // Another user of the same scene is fine, as often as one likes.
    let other = sim.user(MEMBER).says("hi");
    let line = format!("POST /v2/users/{MEMBER}/messages");
    assert_eq!(client.call(&line, &show(&info, &other, 1)).await.code(), 0);
    assert_eq!(client.send_user(show(&info, &user, 1)).await.code(), 0);
    assert_eq!(
        client
            .send_user(show(&json!("AE86"), &user, 2))
            .await
            .code(),
        304_080
    );
    sim.advance(Duration::from_secs(300));
    assert_eq!(
        client.send_user(show(&info, &user, 2)).await.code(),
        304_080
    );
    sim.rules(|rules| rules.file_ttl_secs = 0);
    let info = to_user(&client, &data(1, PNG)).await.json()["file_info"].clone();
    sim.advance(Duration::from_secs(3000));
    assert_eq!(client.send_user(show(&info, &user, 2)).await.code(), 0);
    sim.rules(|rules| rules.known_files = false);
    assert_eq!(
        client
            .send_user(show(&json!("AE86"), &user, 3))
            .await
            .code(),
        0
    );
}

#[tokio::test]
async fn bytes_decide_what_a_file_is() {
    let (sim, client) = start().await;
    let cases: [(u64, &[u8], i64); 9] = [
        (1, b"GIF89a", 0),
        (1, b"%PDF-1.7", 850_019),
        (2, b"\x00\x00\x00\x18ftypmp42", 0),
        (2, PNG, 850_019),
        (3, b"\x02#!SILK_V3", 0),
        (3, b"#!AMR\n", 850_019),
        (4, b"anything", 0),
        (5, PNG, 50_035),
        (1, b"", 50_035),
    ];
    for (kind, bytes, code) in cases {
        let answer = to_user(&client, &data(kind, bytes)).await;
        assert_eq!(answer.code(), code, "{kind} {bytes:?}");
    }
    sim.rules(|rules| {
        rules.media_soft_bytes = Some(10);
        rules.media_hard_bytes = 40;
    });
    assert_eq!(
        to_user(&client, &data(1, &[PNG, PNG].concat()))
            .await
            .code(),
        850_031
    );
    let id = sim.user(USER).says("hi");
    let info = to_user(&client, &data(1, PNG)).await.json()["file_info"].clone();
    client.send_user(show(&info, &id, 1)).await;
    let media = sim.next_reply(LONG).await.unwrap().media.unwrap();
    assert_eq!((media.kind, media.format), (MediaKind::File, Some("png")));
}

#[tokio::test]
async fn the_platform_downloads_from_loopback() {
    let (sim, client) = start().await;
    let by_url = |url: &str| json!({"file_type": 1, "url": url});
    let url = address_of(&sim, PNG);
    assert_eq!(to_user(&client, &by_url(&url)).await.code(), 0);
    let refused = async |url: &str| {
        let body = to_user(&client, &by_url(url)).await.json();
        (body["code"].as_i64(), body["err_code"].as_i64())
    };
    let failed = (Some(850_026), Some(40_034_001));
    assert_eq!(refused("https://example.org/a.png").await, failed);
    assert_eq!(
        refused(&format!("{}/nowhere", sim.base_url())).await,
        failed
    );
    sim.rules(|rules| rules.url_fetch_fails = true);
    assert_eq!(refused(&url).await, failed);
    sim.rules(|rules| {
        rules.url_fetch_fails = false;
        rules.url_fetch_timeout_ms = 50;
    });
    sim.fault(Fault::HangHttp {
        endpoint: Some(Endpoint::Download),
    });
    assert_eq!(refused(&url).await, (Some(850_027), Some(850_027)));
}

#[tokio::test]
async fn a_channel_takes_a_picture_from_an_address() {
    let (sim, client) = start().await;
    let _socket = client.ready_for(GUILDS).await;
    let url = address_of(&sim, PNG);
    let id = sim
        .channel(GUILD, CHANNEL)
        .member(GUILD_USER)
        .mentions_bot("hi");
    let picture = |url: &str| json!({"image": url, "msg_id": id});
    assert_eq!(client.send_channel(picture(&url)).await.code(), 0);
    let sent = sim.delivered(CHANNEL).remove(0);
    assert_eq!(
        (sent.msg_type, sent.media.unwrap().sha256),
        (7, sha256(PNG))
    );
    assert_eq!(
        client
            .send_channel(picture("https://example.org/a.png"))
            .await
            .code(),
        304_021
    );
}

#[tokio::test]
async fn bodies_volumes_and_the_muted_have_their_ends() {
    let (sim, client) = start().await;
    sim.rules(|rules| rules.max_body_bytes = 1_000);
    let large = to_user(&client, &data(4, &[7; 2_000])).await;
    assert_eq!(
        (large.status, large.text.starts_with("<html>")),
        (413, true)
    );
    sim.rules(|rules| rules.upload_bytes_per_day = 100);
    assert_eq!(to_user(&client, &data(4, &[7; 60])).await.code(), 0);
    assert_eq!(
        to_user(&client, &data(4, &[7; 60])).await.code(),
        40_093_002
    );
    sim.advance(Duration::from_secs(86_400));
    let client = Client::new(&sim).await;
    assert_eq!(to_user(&client, &data(4, &[7; 60])).await.code(), 0);
    sim.user(USER).set(Condition::Muted, true);
    assert_eq!(to_user(&client, &data(4, &[7; 6])).await.code(), 850_018);
    sim.fault(Fault::RefuseNext(
        ScriptedRefusal::code(40_093_001)
            .at(Endpoint::Files)
            .to(GROUP),
    ));
    let group = format!("groups/{GROUP}");
    assert_eq!(
        upload(&client, &group, &data(4, b"x")).await.code(),
        40_093_001
    );
    assert_eq!(upload(&client, &group, &data(4, b"x")).await.code(), 0);
}

#[tokio::test]
async fn a_file_can_be_sent_by_its_upload() {
    let bot = Bot::new(APP, "SECRET").proactive();
    let (sim, client) = start_with(SimConfig::with_bots([bot])).await;
    let mut body = data(4, b"report");
    body["srv_send_msg"] = true.into();
    assert_eq!(to_user(&client, &body).await.code(), 40_054_004);
    sim.user(USER).says("hi");
    let sent = to_user(&client, &body).await.json();
    assert_eq!(sim.delivered(USER)[0].id, sent["id"].as_str().unwrap());
    assert_eq!(sim.delivered(USER)[0].how, qq_sim::How::Proactive);
}
