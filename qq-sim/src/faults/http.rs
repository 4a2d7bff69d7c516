//! HTTP faults name the endpoint they are for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Fault;

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

impl Fault {
    /// Whether the endpoint never sees the request.
    pub(crate) const fn withholds(&self) -> bool {
        matches!(
            self,
            Self::NextHttp(_)
                | Self::HangHttp { .. }
                | Self::EmptyHttp { .. }
                | Self::HtmlBody { .. }
                | Self::ResetHttp {
                    carried_out: false,
                    ..
                }
        )
    }

    /// Whether it applies to a request to this endpoint and this chat.
    pub(crate) fn is_for_http(&self, request: Option<Endpoint>, peer: Option<&str>) -> bool {
        let fits = |endpoint: &Option<Endpoint>, wanted: &Option<String>| {
            let is_meant = match endpoint {
                Some(_) => *endpoint == request,
                None => request.is_some_and(Endpoint::is_message),
            };
            is_meant && wanted.as_deref().is_none_or(|wanted| Some(wanted) == peer)
        };
        let wanted = match self {
            Self::RefuseNext(refusal) => return fits(&refusal.endpoint, &refusal.peer),
            Self::AuditNextMessage(held) => return fits(&held.endpoint, &held.peer),
            Self::NextHttp(answer) => &answer.endpoint,
            Self::NextHttpDelay { endpoint, .. }
            | Self::DelayHttpBody { endpoint, .. }
            | Self::DripHttp { endpoint, .. }
            | Self::HangHttp { endpoint }
            | Self::TruncateHttp { endpoint }
            | Self::ResetHttp { endpoint, .. }
            | Self::LoseHttpAnswer { endpoint }
            | Self::EmptyHttp { endpoint }
            | Self::HtmlBody { endpoint, .. } => endpoint,
            _ => return false,
        };
        wanted.is_none() || *wanted == request
    }
}
