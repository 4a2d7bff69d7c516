//! HTTP faults name the endpoint they are for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A canned HTTP answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HttpAnswer {
    /// Which requests; all if absent.
    #[serde(default)]
    pub endpoint: Option<Endpoint>,
    /// Status.
    pub status: u16,
    /// Body: a JSON string is sent as its bare text, anything else as JSON.
    #[serde(default)]
    pub body: Value,
    /// Headers; `content-type` is `application/json` unless given here.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

/// The endpoints of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `POST /app/getAppAccessToken`.
    Token,
    /// `GET /gateway`.
    Gateway,
    /// `GET /gateway/bot`.
    GatewayBot,
    /// `POST /v2/users/{openid}/messages`.
    UserMessage,
    /// `POST /v2/groups/{openid}/messages`.
    GroupMessage,
    /// `POST /v2/users/{openid}/stream_messages`.
    Stream,
    /// `POST …/files`.
    Files,
    /// `POST …/upload_prepare`.
    UploadPrepare,
    /// `PUT` of a part, at a presigned address.
    UploadPart,
    /// `POST …/upload_part_finish`.
    UploadPartFinish,
    /// `GET` of an attachment.
    Download,
    /// `POST /channels/{id}/messages`.
    ChannelMessage,
    /// `POST /dms/{id}/messages`.
    DmMessage,
    /// `POST /users/@me/dms`.
    OpenDm,
    /// `DELETE` of a message in any scene.
    Recall,
    /// `PUT`, `DELETE` or `GET` of a reaction.
    Reaction,
    /// `GET /users/@me/guilds`.
    Guilds,
    /// `GET /users/@me`.
    Me,
    /// `PUT /interactions/{id}`.
    Interaction,
}

impl Endpoint {
    /// Whether a message is sent by it.
    pub(crate) const fn is_message(self) -> bool {
        matches!(
            self,
            Self::UserMessage | Self::GroupMessage | Self::ChannelMessage | Self::DmMessage
        )
    }

    /// The chat a path names.
    pub(crate) fn peer_of(path: &str) -> Option<&str> {
        let mut parts = path.trim_matches('/').split('/');
        match parts.next()? {
            "v2" => parts.nth(1),
            "channels" | "dms" => parts.next(),
            _ => None,
        }
    }

    /// The endpoint behind a request line.
    pub(crate) fn of(method: &str, path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method, parts.as_slice()) {
            ("POST", ["app", "getAppAccessToken"]) => Some(Self::Token),
            ("GET", ["gateway"]) => Some(Self::Gateway),
            ("GET", ["gateway", "bot"]) => Some(Self::GatewayBot),
            ("POST", ["v2", "users", _, "messages"]) => Some(Self::UserMessage),
            ("POST", ["v2", "groups", _, "messages"]) => Some(Self::GroupMessage),
            ("POST", ["v2", "users", _, "stream_messages"]) => Some(Self::Stream),
            ("POST", ["v2", "users" | "groups", _, "files"]) => Some(Self::Files),
            ("POST", ["v2", "users" | "groups", _, "upload_prepare"]) => Some(Self::UploadPrepare),
            ("POST", ["v2", "users" | "groups", _, "upload_part_finish"]) => {
                Some(Self::UploadPartFinish)
            }
            ("PUT", ["_cos", _, _]) => Some(Self::UploadPart),
            ("GET", ["download"]) => Some(Self::Download),
            ("POST", ["channels", _, "messages"]) => Some(Self::ChannelMessage),
            ("POST", ["dms", _, "messages"]) => Some(Self::DmMessage),
            ("POST", ["users", "@me", "dms"]) => Some(Self::OpenDm),
            (_, ["channels", _, "messages", _, "reactions", _, _]) => Some(Self::Reaction),
            ("GET", ["users", "@me", "guilds"]) => Some(Self::Guilds),
            ("GET", ["users", "@me"]) => Some(Self::Me),
            ("PUT", ["interactions", _]) => Some(Self::Interaction),
            ("DELETE", ["v2", "users" | "groups", _, "messages", _])
            | ("DELETE", ["channels" | "dms", _, "messages", _]) => Some(Self::Recall),
            _ => None,
        }
    }
}
