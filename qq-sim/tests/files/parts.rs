//! Uploads in parts.

use crate::support::{Client, GROUP, LONG, USER, http_bytes};
use md5::{Digest, Md5};
use qq_sim::{
    Endpoint, Entry, Fault, Record, ScriptedRefusal, Sim, SimConfig, UploadPhase, Way, sha256,
};
use serde_json::{Value, json};
use sha1::Sha1;

const CLIP: &[u8] = b"\x00\x00\x00\x18ftypmp42 and a few frames";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn md5(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

fn plan(bytes: &[u8]) -> Value {
    json!({"file_type": 2, "file_size": bytes.len().to_string(), "file_name": "demo.mp4",
           "md5": md5(bytes), "sha1": hex(&Sha1::digest(bytes)), "md5_10m": md5(bytes)})
}

async fn start() -> (Sim, Client) {
    let sim = Sim::start(SimConfig::default()).await.unwrap();
    sim.rules(|rules| rules.upload_block_bytes = 16);
    let client = Client::new(&sim).await;
    (sim, client)
}

impl Client {
    async fn post(&self, end: &str, body: &Value) -> crate::support::Reply {
        self.call(&format!("POST /v2/users/{USER}/{end}"), body)
            .await
    }

    async fn complete(&self, prepared: &Value) -> crate::support::Reply {
        let body = json!({"file_type": 2, "upload_id": prepared["upload_id"]});
        self.post("files", &body).await
    }

    async fn put(&self, part: &Value, headers: &str, bytes: &[u8]) -> u16 {
        let url = part["presigned_url"].as_str().unwrap();
        let path = url.strip_prefix(self.base.as_str()).unwrap();
        let answer = http_bytes(&self.base, &format!("PUT {path}"), headers, bytes).await;
        answer.unwrap().status
    }

    async fn finish(&self, prepared: &Value, part: &Value, bytes: &[u8]) -> i64 {
        let body = json!({"upload_id": prepared["upload_id"], "part_index": part["index"],
                          "block_size": bytes.len(), "md5": md5(bytes)});
        self.post("upload_part_finish", &body).await.code()
    }

    /// Puts and finishes every part.
    async fn put_all(&self, prepared: &Value, bytes: &[u8]) {
        let parts = prepared["parts"].as_array().unwrap();
        for (part, bytes) in parts.iter().zip(bytes.chunks(16)) {
            assert_eq!(self.put(part, "", bytes).await, 200);
            assert_eq!(self.finish(prepared, part, bytes).await, 0);
        }
    }
}

#[tokio::test]
async fn a_video_comes_in_parts() {
    let (sim, client) = start().await;
    let prepared = client.post("upload_prepare", &plan(CLIP)).await.json();
    assert_eq!(prepared["block_size"], "16");
    let parts = prepared["parts"].as_array().unwrap();
    let sizes: Vec<_> = parts
        .iter()
        .map(|part| part["block_size"].as_str().unwrap())
        .collect();
    assert_eq!((sizes, &parts[0]["index"]), (vec!["16", "13"], &json!(0)));
    assert_eq!(client.complete(&prepared).await.code(), 40_093_001);
    client.put_all(&prepared, CLIP).await;
    let done = client.complete(&prepared).await.json();
    assert!(
        done["raw_url"]
            .as_str()
            .unwrap()
            .starts_with(&sim.base_url())
    );
    let id = sim.user(USER).says("hi");
    let message = json!({"msg_type": 7, "media": {"file_info": done["file_info"]}, "msg_id": id});
    assert_eq!(client.send_user(message).await.code(), 0);
    let media = sim.next_reply(LONG).await.unwrap().media.unwrap();
    assert_eq!(
        (media.sha256, media.name.as_deref()),
        (sha256(CLIP), Some("demo.mp4"))
    );
    let noted = |entry: &Entry| {
        matches!(
            entry.record,
            Record::FileUploaded {
                way: Some(Way::Parts),
                code: 0,
                ..
            }
        )
    };
    sim.wait_for(noted, LONG).await.unwrap();
    assert_eq!(client.complete(&prepared).await.code(), 50_035);
}

#[tokio::test]
async fn indices_may_start_at_one_and_sizes_be_numbers() {
    let (sim, client) = start().await;
    sim.rules(|rules| {
        rules.part_index_base = 1;
        rules.numbers_as_strings = false;
    });
    let prepared = client.post("upload_prepare", &plan(CLIP)).await.json();
    let part = &prepared["parts"][0];
    assert_eq!(
        (&part["index"], &part["block_size"]),
        (&json!(1), &json!(16))
    );
    client.put_all(&prepared, CLIP).await;
    assert_eq!(client.complete(&prepared).await.code(), 0);
}

#[tokio::test]
async fn the_store_wants_no_token_and_no_other_address() {
    let (sim, client) = start().await;
    let prepared = client.post("upload_prepare", &plan(CLIP)).await.json();
    let mut part = prepared["parts"][0].clone();
    let token = format!("authorization: QQBot {}\r\n", client.token);
    assert_eq!(client.put(&part, &token, &CLIP[..16]).await, 403);
    assert_eq!(
        client.finish(&prepared, &part, &CLIP[..16]).await,
        40_093_001
    );
    let url = part["presigned_url"].as_str().unwrap().to_owned();
    part["presigned_url"] = url.replace("sign=", "sign=x").into();
    assert_eq!(client.put(&part, "", &CLIP[..16]).await, 403);
    let sign = url.split("sign=").nth(1).unwrap();
    let shown = format!("{:?}", sim.journal());
    assert!(!shown.contains(sign) && shown.contains("/_cos/"));
}

#[tokio::test]
async fn parts_and_wholes_must_be_what_was_announced() {
    let (_sim, client) = start().await;
    let prepared = client.post("upload_prepare", &plan(CLIP)).await.json();
    let part = &prepared["parts"][0];
    assert_eq!(client.put(part, "", b"short").await, 200);
    assert_eq!(client.finish(&prepared, part, b"short").await, 50_035);
    assert_eq!(client.put(part, "", &CLIP[..16]).await, 200);
    assert_eq!(client.finish(&prepared, part, &CLIP[1..17]).await, 50_035);
    let other = [&CLIP[..16], b"other frames!"].concat();
    client.put_all(&prepared, &other).await;
    assert_eq!(client.complete(&prepared).await.code(), 50_035);
    // In another scene nobody knows it.
    let line = format!("POST /v2/groups/{GROUP}/files");
    let body = json!({"file_type": 2, "upload_id": prepared["upload_id"]});
    assert_eq!(client.call(&line, &body).await.code(), 10_000);
}

#[tokio::test]
async fn plans_are_checked() {
    let (sim, client) = start().await;
    sim.rules(|rules| {
        rules.media_hard_bytes = 1_000;
        rules.upload_bytes_per_day = 500;
    });
    let cases = [
        ("file_size", json!("0"), 50_035),
        ("file_size", json!(1_001), 850_031),
        ("file_size", json!("600"), 40_093_002),
        ("file_name", Value::Null, 50_035),
        ("md5", json!("short"), 50_035),
        ("sha1", json!(md5(CLIP)), 50_035),
        ("md5_10m", Value::Null, 50_035),
        ("file_type", json!(9), 50_035),
    ];
    for (field, value, code) in cases {
        let mut plan = plan(CLIP);
        plan[field] = value;
        assert_eq!(
            client.post("upload_prepare", &plan).await.code(),
            code,
            "{field}"
        );
    }
}

#[tokio::test]
async fn the_first_ten_million_bytes_have_their_own_hash() {
    let (sim, client) = start().await;
    sim.rules(|rules| rules.upload_block_bytes = 16 << 20);
    let mut bytes = CLIP.to_vec();
    bytes.resize(10_002_432 + 1, 7);
    let head = md5(&bytes[..10_002_432]);
    for (head, code) in [(md5(&bytes), 50_035), (head, 0)] {
        let mut plan = plan(&bytes);
        plan["md5_10m"] = head.into();
        let prepared = client.post("upload_prepare", &plan).await.json();
        let part = &prepared["parts"][0];
        assert_eq!(client.put(part, "", &bytes).await, 200);
        assert_eq!(client.finish(&prepared, part, &bytes).await, 0);
        assert_eq!(client.complete(&prepared).await.code(), code);
    }
}

#[tokio::test]
async fn a_known_file_needs_no_parts_and_faults_reach_every_step() {
    let (sim, client) = start().await;
    let prepared = client.post("upload_prepare", &plan(CLIP)).await.json();
    for endpoint in [Endpoint::UploadPart, Endpoint::UploadPartFinish] {
        sim.fault(Fault::RefuseNext(
            ScriptedRefusal::code(40_093_001).at(endpoint),
        ));
    }
    let part = &prepared["parts"][0];
    assert_eq!(client.put(part, "", &CLIP[..16]).await, 400);
    assert_eq!(client.put(part, "", &CLIP[..16]).await, 200);
    assert_eq!(
        client.finish(&prepared, part, &CLIP[..16]).await,
        40_093_001
    );
    client.put_all(&prepared, CLIP).await;
    assert_eq!(client.complete(&prepared).await.code(), 0);
    sim.rules(|rules| rules.instant_transfer = true);
    let again = client.post("upload_prepare", &plan(CLIP)).await.json();
    assert_eq!(again["parts"], json!([]));
    assert_eq!(client.complete(&again).await.code(), 0);
    let steps = sim
        .journal()
        .into_iter()
        .filter_map(|entry| match entry.record {
            Record::UploadStep { step, code, .. } => Some((step, code)),
            _ => None,
        });
    let steps: Vec<_> = steps.collect();
    assert_eq!(
        steps[..2],
        [(UploadPhase::Prepare, 0), (UploadPhase::Put, 0)]
    );
    assert!(steps.contains(&(UploadPhase::Finish, 40_093_001)));
}
