//! What a journal entry can say.

use serde::Serialize;
use serde_json::Value;

use crate::faults::Fault;
use crate::journal::media::{MediaKind, SentMedia, UploadPhase, Way};
use crate::journal::sent::{PendingAudit, SentMessage};
use crate::rules::scene::Scene;

/// One thing that happened. Serialised with its name under `kind`.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Record {
    /// A client asked for an access token.
    TokenRequested {
        /// AppID in the body, `""` if there was none.
        app_id: String,
        /// 0, or the code of the refusal.
        code: i64,
        /// Whether a new token was issued; `false` for the same one again.
        fresh: bool,
        /// Remaining life that was announced.
        expires_in_secs: u64,
    },
    /// `GET /gateway` or `/gateway/bot` was answered.
    GatewayFetched {
        /// Owner of the token, if it was right.
        app_id: Option<String>,
        /// 0, or the code of the refusal.
        code: i64,
    },
    /// Any HTTP request was answered, or left without an answer by a fault.
    Http {
        /// Method.
        method: String,
        /// Path and query.
        path: String,
        /// What its `Authorization` was worth when it arrived.
        authorization: Authorization,
        /// Status of the answer; none if it was withheld, or the client left before it.
        status: Option<u16>,
    },
    /// The client did not go through with the TLS handshake.
    TlsFailed {
        /// Why, in the words of the TLS library.
        reason: String,
    },
    /// A websocket was opened.
    SocketOpened,
    /// A websocket ended.
    SocketClosed {
        /// Who ended it.
        by: Side,
        /// Close code, if there was a close frame.
        code: Option<u16>,
        /// Reason in the close frame.
        reason: String,
    },
    /// A frame from the client.
    FrameIn {
        /// Opcode, if it was JSON with one.
        op: Option<u64>,
        /// The frame; tokens are replaced by `<right token>` or `<wrong token>`.
        frame: Value,
    },
    /// A websocket ping from the client; it was answered.
    Ping,
    /// What a client sent to a half-open socket; nobody read it.
    Swallowed {
        /// Bytes, until the client gave up.
        bytes: u64,
    },
    /// A frame to the client.
    FrameOut {
        /// Opcode.
        op: u64,
        /// Sequence, on dispatches.
        #[serde(skip_serializing_if = "Option::is_none")]
        s: Option<u64>,
        /// Event name, on dispatches.
        #[serde(skip_serializing_if = "Option::is_none")]
        t: Option<String>,
        /// The frame.
        frame: Value,
    },
    /// READY was sent.
    Identified {
        /// Bot.
        app_id: String,
        /// New session.
        session_id: String,
        /// Mask the client asked for.
        intents: u32,
        /// Shard and number of shards.
        shard: [u64; 2],
    },
    /// Identify was refused.
    IdentifyRefused {
        /// Close code that tells the reason.
        code: u16,
        /// Why.
        reason: String,
    },
    /// Resume was accepted; replayed frames and RESUMED follow.
    Resumed {
        /// Bot.
        app_id: String,
        /// Session.
        session_id: String,
        /// Last sequence the client has.
        seq: u64,
        /// Dispatches to replay.
        replayed: u64,
    },
    /// Resume was refused.
    ResumeRefused {
        /// Session that was named.
        session_id: String,
        /// Close code that tells the reason; none after op 9 `true`.
        code: Option<u16>,
        /// Why.
        reason: String,
    },
    /// A message of the bot was accepted.
    MessageAccepted(SentMessage),
    /// A frame of a stream was accepted or refused. The last one is followed by
    /// [`Record::MessageAccepted`] with the whole text.
    StreamFrame {
        /// User.
        peer: String,
        /// Stream; none for a first frame that was refused.
        stream_id: Option<String>,
        /// Index, if it was a number.
        index: Option<u64>,
        /// Whether it ends the stream.
        is_last: bool,
        /// `content_raw`.
        text: Option<String>,
        /// 0, or the code of the refusal.
        code: i64,
    },
    /// A frame came while another one to the same user was not answered yet.
    FramesOverlap {
        /// User.
        peer: String,
    },
    /// A step of an upload in parts was taken, or refused. Its end is a
    /// [`Record::FileUploaded`].
    UploadStep {
        /// Which.
        step: UploadPhase,
        /// The upload, if it is known.
        upload_id: Option<String>,
        /// Index of the part.
        index: Option<u64>,
        /// 0, or the code of the refusal; status of the store behind the addresses.
        code: i64,
    },
    /// A file was uploaded, or that was refused.
    FileUploaded {
        /// Kind of chat.
        scene: Scene,
        /// User or group.
        peer: String,
        /// How its bytes came.
        way: Option<Way>,
        /// Kind the bot asked for.
        asked: Option<MediaKind>,
        /// What it is now.
        media: Option<SentMedia>,
        /// 0, or the `code` of the refusal.
        code: i64,
    },
    /// A message of the bot waits for an audit; it is accepted once that is passed.
    AuditPending(PendingAudit),
    /// A message of the bot was refused.
    MessageRefused {
        /// Kind of chat.
        scene: Scene,
        /// User or group.
        peer: String,
        /// HTTP status.
        status: u16,
        /// `err_code` of the answer.
        code: i64,
        /// Text that would have been shown.
        text: Option<String>,
        /// Request body.
        body: Value,
    },
    /// A reaction of the bot's was set, taken away or looked at.
    Reaction {
        /// Method.
        method: String,
        /// Channel.
        channel_id: String,
        /// Message.
        message_id: String,
        /// Kind and id of the emoji, as in the path.
        emoji: [String; 2],
        /// 0, or the code of the refusal.
        code: i64,
    },
    /// A recall was answered.
    Recall {
        /// Kind of chat.
        scene: Scene,
        /// User or group.
        peer: String,
        /// Message.
        id: String,
        /// 0, or the code of the refusal.
        code: i64,
    },
    /// An interaction was acknowledged, or that was refused.
    Acknowledged {
        /// Interaction.
        id: String,
        /// Code of the body: 0 ok, 1 failed, 2 too frequent, 3 duplicate, 4 no permission, 5 admins only.
        result: i64,
        /// 0, or the code of the refusal.
        code: i64,
        /// Whether it came before the deadline.
        in_time: bool,
    },
    /// A click was not acknowledged in time: its user saw it fail.
    ClickExpired {
        /// Bot.
        app_id: String,
        /// Interaction.
        id: String,
    },
    /// A button could not be pressed; the bot never hears of it.
    ClickRefused {
        /// Kind of chat.
        scene: Scene,
        /// User, group, channel or conversation.
        peer: String,
        /// Button.
        button_id: String,
        /// Why.
        reason: String,
    },
    /// The simulated platform side produced an event.
    Event {
        /// Bot it is for.
        app_id: String,
        /// Envelope id.
        id: String,
        /// Event name.
        t: String,
        /// Sessions it was given to; 0 means that nobody will ever see it.
        sessions: usize,
        /// Body.
        d: Value,
    },
    /// A scripted fault came into effect.
    FaultFired {
        /// Which.
        fault: Fault,
    },
    /// Everything but the bots was forgotten.
    Reset,
}

/// What an `Authorization` header is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Authorization {
    /// A valid token.
    Right,
    /// A token that is unknown or expired, or another scheme.
    Wrong,
    /// None.
    Missing,
}

/// A side of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The bot.
    Client,
    /// This simulator.
    Server,
}
