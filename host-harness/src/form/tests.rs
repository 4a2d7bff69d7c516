//! The written form, letter by letter: whoever changes it changes what lies on
//! disks.

#![allow(clippy::unwrap_used, reason = "tests")]

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::*;
use crate::contract::{self, Body, Part, PartContent, SendHttp};

/// `value` is written as `json` and read from it.
fn is_written<F: Form + Serialize + DeserializeOwned>(value: &F::Of, json: &str)
where
    F::Of: PartialEq + std::fmt::Debug,
{
    assert_eq!(serde_json::to_string(&F::of(value)).unwrap(), json);
    let form: F = serde_json::from_str(json).unwrap();
    assert_eq!(&form.value(), value);
}

#[test]
fn bytes_are_text_where_they_can_be() {
    let put = |value: &[u8]| {
        contract::Action::Put(contract::Put {
            key: "k".to_owned(),
            value: value.to_vec(),
        })
    };
    let written = |value: &str| format!(r#"{{"Put":{{"key":"k","value":{value}}}}}"#);
    for (bytes, json) in [
        (&b""[..], r#"{"text":""}"#),
        ("{\"名\":1}".as_bytes(), r#"{"text":"{\"名\":1}"}"#),
        (b"\xff\0\x01", r#"{"base64":"/wAB"}"#),
    ] {
        is_written::<Action>(&put(bytes), &written(json));
    }
    for bad in [r#"{"base64":"?"}"#, r#"{"hex":"00"}"#, "[1,2]", "{}"] {
        assert!(
            serde_json::from_str::<Action>(&written(bad)).is_err(),
            "{bad}"
        );
    }
}

#[test]
fn a_stored_message_has_a_form_of_its_own() {
    let attachment = contract::Attachment {
        kind: contract::AttachmentKind::Voice,
        location: contract::AttachmentLocation::Blob(7),
        name: None,
        mime: Some("audio/silk".to_owned()),
        size: Some(9),
        duration_ms: None,
        transcript: None,
    };
    let message = contract::InboundMessage {
        id: "M1".to_owned(),
        sender: "U1".to_owned(),
        sender_name: None,
        sender_is_bot: false,
        reply_target: "c2c:1:U1".to_owned(),
        chat: contract::ChatKind::GuildDm,
        chat_title: None,
        text: "hi".to_owned(),
        timestamp_ms: 5,
        mentioned: true,
        thread: None,
        quote: Some(contract::Quote {
            id: None,
            author: None,
            text: "before".to_owned(),
            attachments: vec![],
        }),
        attachments: vec![attachment],
        interruption_scope: None,
        button: None,
        notice: None,
    };
    is_written::<InboundMessage>(
        &message,
        concat!(
            r#"{"id":"M1","sender":"U1","sender_name":null,"sender_is_bot":false,"#,
            r#""reply_target":"c2c:1:U1","chat":"GuildDm","chat_title":null,"text":"hi","#,
            r#""timestamp_ms":5,"mentioned":true,"thread":null,"#,
            r#""quote":{"id":null,"author":null,"text":"before","attachments":[]},"#,
            r#""attachments":[{"kind":"Voice","location":{"Blob":7},"name":null,"#,
            r#""mime":"audio/silk","size":9,"duration_ms":null,"transcript":null}],"#,
            r#""interruption_scope":null,"button":null,"notice":null}"#
        ),
    );
}

#[test]
fn a_request_is_written_with_its_parts() {
    let part = Part {
        name: "file".to_owned(),
        filename: None,
        content_type: None,
        content: PartContent::Bytes(vec![0xff]),
    };
    let send = SendHttp {
        id: 3,
        method: "POST".to_owned(),
        url: "https://x.test/".to_owned(),
        headers: vec![],
        body: Body::Multipart(vec![part]),
        timeout_ms: 1,
        secrets: vec![],
        into_blob: false,
    };
    is_written::<Action>(
        &contract::Action::SendHttp(send),
        concat!(
            r#"{"SendHttp":{"id":3,"method":"POST","url":"https://x.test/","headers":[],"#,
            r#""body":{"Multipart":[{"name":"file","filename":null,"content_type":null,"#,
            r#""content":{"Bytes":{"base64":"/w=="}}}]},"#,
            r#""timeout_ms":1,"secrets":[],"into_blob":false}}"#
        ),
    );
}
