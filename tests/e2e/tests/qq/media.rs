//! Files both ways: real bytes, the real component, every scene.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use e2e::{APP_ID, Rig, RigOptions, SOON};
use prx_channel::agent::{self, Agent, Echo, Reply, Turn};
use prx_channel_host::contract::{
    Attachment, AttachmentKind, AttachmentLocation, FailureKind, OutboundMessage,
};
use prx_channel_host::media::{Inbox, Markers, Roots, fetching};
use qq_sim::{Draft, MediaKind, Scene, SentMessage, sha256};
use tempfile::TempDir;

/// A PNG of one dot.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\nIDATx\x9cc\0\x01\0\0\x05\0\x01\r\n-\xb4\0\0\0\0IEND\xaeB`\x82";
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9";
const WAV: &[u8] = b"RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x02\0\0\0\0\0";
const MP4: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x08mdat";

const GUILDS: &str = "intents = [\"guild_messages\", \"direct_messages\", \"group_and_c2c\"]";

fn file(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A message with this file, called `kind`.
async fn with(rig: &Rig, recipient: &str, kind: AttachmentKind, path: &Path) -> OutboundMessage {
    let attachment = rig.commands().unwrap().attach(path).await.unwrap();
    OutboundMessage {
        attachments: vec![Attachment { kind, ..attachment }],
        ..OutboundMessage::text(recipient, "")
    }
}

/// What arrived: kind, SHA-256 and name.
fn shown(sent: &SentMessage) -> (MediaKind, String, Option<String>) {
    let media = sent.media.clone().unwrap();
    (media.kind, media.sha256, media.name)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_arrives_whole_in_private_chats_and_groups() {
    let (rig, folder) = (Rig::start().await.unwrap(), TempDir::new().unwrap());
    let group = rig.sim.group("GROUP1");
    for (n, (name, bytes, kind, expected)) in [
        ("a.png", PNG, AttachmentKind::Image, MediaKind::Image),
        ("a.gif", GIF, AttachmentKind::Image, MediaKind::Image),
        ("a.jpg", JPEG, AttachmentKind::Image, MediaKind::Image),
        ("a.wav", WAV, AttachmentKind::Voice, MediaKind::Voice),
        ("a.mp4", MP4, AttachmentKind::Video, MediaKind::Video),
        ("a.txt", b"words", AttachmentKind::File, MediaKind::File),
        // Called a picture, and none.
        ("b.png", b"words", AttachmentKind::File, MediaKind::File),
        ("c.png", MP4, AttachmentKind::Image, MediaKind::Video),
    ]
    .into_iter()
    .enumerate()
    {
        let path = file(&folder, name, bytes);
        let user = format!("USER{n}");
        rig.sim.user(&user).says("hello");
        rig.sim.next_reply(SOON).await.unwrap();
        let message = with(&rig, &format!("c2c:{APP_ID}:{user}"), kind, &path).await;
        rig.commands().unwrap().send(message).await.unwrap();
        let sent = rig.sim.next_reply(SOON).await.unwrap();
        let (got, sha, _) = shown(&sent);
        assert_eq!(
            (sent.scene, got, sha),
            (Scene::C2c, expected, sha256(bytes)),
            "{name}"
        );
        group.member("MEMBER1").mentions_bot("hello");
        rig.sim.next_reply(SOON).await.unwrap();
        let message = with(&rig, &format!("group:{APP_ID}:GROUP1"), kind, &path).await;
        rig.commands().unwrap().send(message).await.unwrap();
        let sent = rig.sim.next_reply(SOON).await.unwrap();
        let (got, sha, _) = shown(&sent);
        assert_eq!(
            (sent.scene, got, sha),
            (Scene::Group, expected, sha256(bytes)),
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_arrives_whole_in_parts() {
    let (rig, folder) = (Rig::start().await.unwrap(), TempDir::new().unwrap());
    let bytes: Vec<u8> = (0..12_000_000_u32).map(|n| ((n * 31) >> 3) as u8).collect();
    let path = file(&folder, "big.bin", &bytes);
    rig.sim.user("USER1").says("hello");
    rig.sim.next_reply(SOON).await.unwrap();
    let target = format!("c2c:{APP_ID}:USER1");
    let message = with(&rig, &target, AttachmentKind::File, &path).await;
    rig.commands().unwrap().send(message).await.unwrap();
    let sent = rig.sim.next_reply(SOON).await.unwrap();
    let expected = (MediaKind::File, sha256(&bytes), Some("big.bin".to_owned()));
    assert_eq!(shown(&sent), expected);
    // The same again: the platform has it.
    let message = with(&rig, &target, AttachmentKind::File, &path).await;
    rig.commands().unwrap().send(message).await.unwrap();
    let counters = rig.channel().unwrap().counters().snapshot();
    assert_eq!(counters.get("media_reused"), Some(&1), "{counters:?}");
    assert_eq!(counters.get("media_uploaded"), Some(&1), "{counters:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn guilds_get_pictures_and_hear_of_other_files() {
    let options = RigOptions {
        config: GUILDS.to_owned(),
        ..RigOptions::default()
    };
    let rig = Rig::start_with(options).await.unwrap();
    let folder = TempDir::new().unwrap();
    let picture = file(&folder, "a.png", PNG);
    rig.sim
        .channel("18", "100")
        .member("7")
        .mentions_bot("hello");
    rig.sim.next_reply(SOON).await.unwrap();
    let target = format!("channel:{APP_ID}:18/100");
    let mut message = with(&rig, &target, AttachmentKind::Image, &picture).await;
    message.text = "a < b".to_owned();
    rig.commands().unwrap().send(message).await.unwrap();
    let sent = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!(
        (sent.scene, sent.shown().as_deref()),
        (Scene::Channel, Some("a < b"))
    );
    assert_eq!(shown(&sent).1, sha256(PNG));
    let archive = file(&folder, "a.zip", b"PK");
    let mut message = with(&rig, &target, AttachmentKind::File, &archive).await;
    message.text = "look".to_owned();
    let refused = rig.commands().unwrap().send(message).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Unsupported);
    let texts = rig.sim.sent_texts();
    assert!(texts.contains(&"look".to_owned()), "{texts:?}");
}

/// Answers with files, and remembers what it was told.
struct Sender {
    answer: String,
    told: Arc<Mutex<Vec<Turn>>>,
}

impl Agent for Sender {
    fn answer(&self, turn: Turn) -> Reply<'_> {
        self.told.lock().unwrap().push(turn);
        Box::pin(async { Ok(self.answer.clone()) })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_user_sends_and_what_an_agent_names_are_files() {
    let mut rig = Rig::without_channel(RigOptions::default()).await.unwrap();
    let (root, inbox) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let outside = TempDir::new().unwrap();
    let picture = file(&root, "chart.png", PNG);
    let secret = file(&outside, "secret.txt", b"secret");
    let told = Arc::new(Mutex::new(Vec::new()));
    let agent = Arc::new(Sender {
        answer: format!(
            "look [IMAGE:{}] [DOCUMENT:{}]",
            picture.display(),
            secret.display()
        ),
        told: Arc::clone(&told),
    });
    let mut channel = rig.start_channel().await.unwrap();
    let messages = channel.take_messages().unwrap();
    let inbox = Inbox::open(&inbox.path().join("media")).unwrap();
    let messages = fetching(inbox, channel.fetcher(), messages);
    let roots = Roots::open(&[root.path().to_owned()]).unwrap();
    let markers = Arc::new(Markers::new(roots));
    let commands = channel.commands().with_markers(markers);
    let quiet: agent::Report = Arc::new(|_, _| {});
    tokio::spawn(async move { agent::run("qq", messages, commands, agent, quiet).await });
    rig.adopt(channel);
    rig.wait_ready().await.unwrap();
    let draft = Draft::text("see").picture_bytes("../cat.png", PNG);
    rig.sim.user("USER1").sends(&draft);
    let sent = rig.sim.next_reply(SOON).await.unwrap();
    assert_eq!(shown(&sent).1, sha256(PNG));
    let text = sent.text.unwrap();
    assert!(
        text.starts_with("look") && text.contains("secret.txt"),
        "{text}"
    );
    let elsewhere = outside.path().display().to_string();
    assert!(!text.contains(&elsewhere) && !text.contains("--"), "{text}");
    let told = told.lock().unwrap();
    let message = &told[0].message;
    let AttachmentLocation::Url(url) = &message.attachments[0].location else {
        panic!("no address");
    };
    let path = url.strip_prefix("file://").unwrap();
    assert_eq!(message.text, format!("see\n[IMAGE:{path}]"));
    assert_eq!(std::fs::read(path).unwrap(), PNG);
    assert!(path.ends_with("-cat.png"), "{path}");
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_go_where_they_are_taken_and_as_text_elsewhere() {
    const ARK: &str =
        "```qq-ark\n{\"template\":23,\"desc\":\"D\",\"list\":[{\"desc\":\"one\"}]}\n```";
    const BUTTONS: &str =
        "Shall I?\n```qq-keyboard\n{\"rows\":[[{\"label\":\"Yes\",\"callback\":\"y\"}]]}\n```";
    const EMBED: &str = "```qq-embed\n{\"title\":\"T\",\"fields\":[\"a\"]}\n```";
    let options = RigOptions {
        config: GUILDS.to_owned(),
        agent: Arc::new(Echo),
        ..RigOptions::default()
    };
    let rig = Rig::start_with(options).await.unwrap();
    let send = async |target: &str, text: &str| {
        let message = OutboundMessage::text(target, text);
        rig.commands().unwrap().send(message).await.unwrap();
        rig.sim.next_reply(SOON).await.unwrap()
    };
    rig.sim.user("USER1").says("hello");
    rig.sim.next_reply(SOON).await.unwrap();
    let user = format!("c2c:{APP_ID}:USER1");
    let buttons = send(&user, BUTTONS).await;
    assert_eq!(
        (buttons.msg_type, buttons.text.as_deref()),
        (2, Some("Shall I?"))
    );
    assert_eq!(
        buttons.body["keyboard"]["content"]["rows"][0]["buttons"][0]["id"],
        "b1"
    );
    // This bot is not on the list.
    let ark = send(&user, ARK).await;
    assert_eq!(ark.text.as_deref(), Some("D\n\n- one"));
    rig.sim
        .channel("18", "100")
        .member("7")
        .mentions_bot("hello");
    rig.sim.next_reply(SOON).await.unwrap();
    let channel = format!("channel:{APP_ID}:18/100");
    assert_eq!(send(&channel, EMBED).await.body["embed"]["title"], "T");
    assert_eq!(send(&channel, ARK).await.body["ark"]["template_id"], 23);
}
