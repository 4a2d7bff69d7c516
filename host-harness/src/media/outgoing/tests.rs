//! Which files a reply takes along, and what users read instead of others.
#![allow(clippy::unwrap_used, reason = "tests")]
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

async fn applied(text: &str, roots: Roots) -> (String, Vec<Attachment>) {
    let blobs = Blobs::new(None).unwrap();
    let mut message = OutboundMessage::text("c2c:1:A".to_owned(), text);
    Markers::new(roots).apply(&mut message, &blobs).await;
    (message.text, message.attachments)
}

#[tokio::test]
async fn a_file_below_a_root_becomes_a_blob_that_says_what_it_is() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("a.txt"), b"\x89PNG\r\n\x1a\n").unwrap();
    let roots = Roots::open(&[root.path().to_owned()]).unwrap();
    let text = format!("look\n[IMAGE:{}/a.txt]", root.path().display());
    let (text, files) = applied(&text, roots).await;
    assert_eq!(text, "look");
    let file = files.first().unwrap();
    assert_eq!(file.kind, AttachmentKind::Image);
    assert_eq!(file.mime.as_deref(), Some("image/png"));
    assert_eq!((file.size, file.name.as_deref()), (Some(8), Some("a.txt")));
}

#[tokio::test]
async fn an_address_is_passed_on_and_words_stand_for_what_cannot_be_sent() {
    let text = "[VIDEO:https://a/b.mp4] and [DOCUMENT:/etc/passwd]";
    let (text, files) = applied(text, Roots::default()).await;
    assert_eq!(text, "and 📎 passwd（未能发送 / could not be sent）");
    let expected = AttachmentLocation::Url("https://a/b.mp4".to_owned());
    assert_eq!(files.first().unwrap().location, expected);
    assert_eq!(files.len(), 1);
}

#[tokio::test]
async fn a_reply_takes_so_many_files_and_no_more() {
    let text = "[IMAGE:https://a/b]".repeat(MOST + 1);
    let (text, files) = applied(&text, Roots::default()).await;
    assert_eq!(files.len(), MOST);
    assert_eq!(text, "📎 https://a/b（未能发送 / could not be sent）");
}

#[tokio::test]
async fn a_picture_written_into_a_reply_is_sent_as_a_picture() {
    let png = STANDARD.encode(b"\x89PNG\r\n\x1a\n and so on");
    for text in [
        format!("look ![x](data:image/png;base64,{png}) here"),
        format!("look [IMAGE:data:image/jpeg;base64,{png}] here"),
        format!("look [IMAGE:base64://{png}] here"),
    ] {
        let (words, files) = applied(&text, Roots::default()).await;
        assert_eq!(words, "look here");
        let file = files.first().unwrap();
        assert_eq!(file.kind, AttachmentKind::Image);
        assert_eq!(file.mime.as_deref(), Some("image/png"));
        assert_eq!(
            (file.size, file.name.as_deref()),
            (Some(18), Some("image.png"))
        );
    }
}

#[tokio::test]
async fn what_is_no_picture_is_a_few_words_whatever_its_length() {
    let page = STANDARD.encode("<!DOCTYPE html><html>".repeat(3_000));
    for place in [
        format!("data:image/png;base64,{page}"),
        "data:image/png;base64,iVBOR...".to_owned(),
        "data:image/svg+xml,%3Csvg%3E".to_owned(),
    ] {
        let blobs = Blobs::new(None).unwrap();
        let text = format!("look ![x]({place})");
        let mut message = OutboundMessage::text("c2c:1:A".to_owned(), text);
        Markers::default().apply(&mut message, &blobs).await;
        assert_eq!(message.text, "look 📎 图片（未能发送 / could not be sent）");
        assert!(message.attachments.is_empty());
        assert_eq!(blobs.count(), 0);
    }
    let (words, files) = applied(&format!("[DOCUMENT:base64://{page}]"), Roots::default()).await;
    assert_eq!((words.as_str(), files.len()), ("", 1));
}

#[tokio::test]
async fn users_read_no_path_of_this_machine() {
    let root = tempfile::tempdir().unwrap();
    for place in [
        "/srv/secret/plan.pdf",
        "file:///srv/secret/plan.pdf",
        "C:\\srv\\secret\\plan.pdf",
        "../secret/plan.pdf",
    ] {
        let roots = Roots::open(&[root.path().to_owned()]).unwrap();
        let (text, _) = applied(&format!("[DOCUMENT:{place}]"), roots).await;
        assert_eq!(text, "📎 plan.pdf（未能发送 / could not be sent）");
    }
    let (text, _) = applied("[IMAGE:/srv/secret/..]", Roots::default()).await;
    assert_eq!(text, "📎 图片（未能发送 / could not be sent）");
}

#[tokio::test]
async fn a_text_without_markers_is_not_touched() {
    let text = "    [IMAGE:/x/a.png]\n\n`[IMAGE:b]` \n";
    let (words, files) = applied(text, Roots::default()).await;
    assert_eq!((words.as_str(), files.len()), (text, 0));
}
