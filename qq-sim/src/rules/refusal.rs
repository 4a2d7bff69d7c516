//! Error answers of the REST side: one table of codes, statuses and texts.
//!
//! See [QQ Docs/调用指引](https://bot.q.qq.com/wiki/develop/api-v2/dev-prepare/api-call-guide.html)
//! for the public code table. Where the table gives no status we answer 400, as
//! the platform does for most 4003xxxx and 4005xxxx codes; the exceptions were
//! seen live. Clients must not rely on the texts, so ours are not the originals.

use crate::faults::{RefusalShape, ScriptedRefusal};

/// A refused request: HTTP status, the legacy `code`, `err_code` and a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: i64,
    pub(crate) err_code: i64,
    pub(crate) message: &'static str,
    pub(crate) shape: RefusalShape,
    pub(crate) retry_after_secs: Option<u32>,
}

impl From<&ScriptedRefusal> for Refusal {
    fn from(scripted: &ScriptedRefusal) -> Self {
        Self {
            status: scripted.status,
            code: scripted.code,
            err_code: scripted.err_code.unwrap_or(scripted.code),
            message: "scripted refusal",
            shape: scripted.shape,
            retry_after_secs: scripted.retry_after_secs,
        }
    }
}

const fn refusal(status: u16, code: i64, message: &'static str) -> Refusal {
    Refusal {
        status,
        code,
        err_code: code,
        message,
        // The token endpoint's failures, the only ones with status 200, have two fields.
        shape: if status == 200 {
            RefusalShape::CodeOnly
        } else {
            RefusalShape::Both
        },
        retry_after_secs: None,
    }
}

macro_rules! refusals {
    ($($name:ident = $status:literal, $code:literal, $message:literal;)*) => {
        impl Refusal {
            $(pub(crate) const $name: Self = refusal($status, $code, $message);)*
        }
    };
}

refusals! {
    // Access.
    NO_SUCH_API = 404, 404, "no such API";
    WRONG_METHOD = 405, 405, "method not allowed";
    TOKEN_MISSING = 401, 11241, "token missing";
    TOKEN_CHECK = 401, 11243, "token check not passed";
    TOKEN_EXPIRED = 401, 11244, "token not exist or expire";
    FIXED_TOKEN = 401, 11245, "fixed bot token is refused";
    FOREIGN_TOKEN = 500, 11255, "invalid request";
    BOT_BANNED = 401, 11265, "bot is banned";
    GATEWAY_RATE = 400, 100_017, "接口调用超过频率限制";
    // Token endpoint: failures come with HTTP 200.
    TOKEN_RATE = 200, 100_001, "Too many requests";
    APP_ID_INVALID = 200, 100_007, "appid invalid";
    SECRET_INVALID = 200, 100_016, "invalid appid or secret";
    NO_SUCH_BOT = 200, 10_004, "bot does not exist";
    // Shape of a message.
    BAD_BODY = 400, 50_035, "bad form body";
    TYPE_MISMATCH = 400, 22_006, "msg_type and content do not match";
    MARKDOWN_ALONE = 400, 50_037, "markdown may only be combined with keyboard";
    EMPTY_MESSAGE = 400, 50_006, "empty message";
    MARKDOWN_EMPTY = 400, 40_034_008, "markdown value is empty";
    MARKDOWN_BOTH = 400, 50_057, "raw markdown and template are both given";
    UNKNOWN_TYPE = 400, 340_069, "message type invalid";
    ARK_REFUSED = 400, 304_004, "ark not allowed";
    MEDIA_INVALID = 400, 304_080, "file_info invalid or expired";
    TEMPLATE_MISSING = 400, 304_012, "no such template";
    TEMPLATE_PARAMETER = 400, 50_054, "bad template parameter";
    EMBED_TOO_LONG = 400, 304_005, "embed too long";
    MARKDOWN_BREAK = 400, 40_034_009, "line break in a markdown parameter";
    MARKDOWN_INSIDE = 400, 40_034_010, "markdown in a markdown parameter";
    MARKDOWN_PARAMETERS = 400, 40_034_124, "bad markdown parameters";
    KEYBOARD_MISSING = 400, 304_038, "keyboard missing";
    KEYBOARD_PARSE = 400, 304_039, "keyboard cannot be parsed";
    KEYBOARD_CONTENT = 400, 304_040, "bad keyboard content";
    KEYBOARD_STYLE = 400, 305_007, "bad keyboard style";
    KEYBOARD_SIZE = 400, 40_034_029, "keyboard has too many rows or columns";
    // Live: HTTP 500.
    INPUT_TYPE = 500, 50_059, "input type err";
    MESSAGE_ID_EMPTY = 400, 50_048, "message id empty";
    NO_MARKDOWN = 400, 40_034_012, "不允许发送原生 markdown";
    TOO_LONG = 400, 40_054_007, "message too long";
    URL_REFUSED = 400, 40_054_010, "不允许发送url";
    // Reply windows and budgets.
    MSG_ID_EXPIRED = 400, 40_034_005, "回复消息msg_id已过期";
    MSG_ID_FOREIGN = 400, 40_034_024, "msg_id is invalid or belongs to another chat";
    EVENT_ID_INVALID = 400, 40_034_025, "event_id is invalid";
    EVENT_ID_EXPIRED = 400, 40_034_026, "event_id has expired";
    EVENT_NOT_ANSWERABLE = 400, 40_034_027, "this event cannot be answered";
    REPLIES_USED_UP = 400, 40_034_128, "passive time or count exceeded";
    DUPLICATE = 400, 40_054_005, "消息被去重，请检查请求msgseq";
    // Files.
    UPLOAD_MUTED = 400, 850_018, "bot or group is muted";
    FILE_FORMAT = 400, 850_019, "file format not supported";
    DOWNLOAD_TIMEOUT = 400, 850_027, "download timed out";
    FILE_TOO_LARGE = 400, 850_031, "file too large";
    FILE_ELSEWHERE = 400, 10_000, "operation not supported in this scene";
    UPLOAD_RETRY = 400, 40_093_001, "upload is not complete yet, retry";
    UPLOAD_VOLUME = 400, 40_093_002, "upload volume of the day is used up";
    UPLOAD_HASH = 400, 50_035, "size or hash differs from what arrived";
    UPLOAD_UNKNOWN = 400, 50_035, "unknown upload_id";
    IMAGE_DOWNLOAD = 400, 304_021, "image download failed";
    // Streams.
    STREAM_PREFIX = 400, 40_007, "the text that is shown was changed";
    STREAM_BROKEN = 500, 50_001, "internal error";
    STREAM_RATE = 429, 50_002, "stream rate exceeded";
    STREAM_INDEX = 400, 50_035, "index is not the next one";
    // Proactive messages.
    PROACTIVE_RATE = 400, 40_034_100, "proactive message rate exceeded";
    PROACTIVE_REFUSED = 400, 40_034_105, "主动消息失败, 无权限";
    USER_REFUSES = 400, 40_054_013, "user refuses messages";
    NOT_IN_GROUP = 400, 40_034_101, "bot is not in the group";
    NOT_A_FRIEND = 400, 40_054_004, "not a friend";
    WAKEUP_USED_UP = 400, 40_034_122, "wake-up quota of this period is used up";
    WAKEUP_UNSUPPORTED = 400, 40_034_123, "wake-up is not supported here";
    // States of a chat.
    MUTED = 400, 40_054_002, "bot is muted";
    BOT_OFFLINE = 400, 40_054_016, "bot is offline";
    CONTENT_REFUSED = 400, 40_034_006, "content violates the policy";
    GUILD_MUTED = 400, 1_100_102, "not eligible to speak";
    GUILD_BLOCKED = 400, 304_025, "message blocked";
    CHANNEL_NO_PUSH = 400, 304_046, "push to the channel is not allowed";
    DM_CLOSED = 400, 304_031, "direct messages are closed";
    // Frequency.
    TOO_MANY = 429, 1_100_100, "too many requests";
    // Guilds.
    NOT_ONLINE = 400, 304_018, "bot is not connected to the gateway";
    UNKNOWN_CHANNEL = 400, 10_003, "unknown channel";
    UNKNOWN_GUILD = 400, 10_004, "unknown guild";
    NO_PERMISSION = 401, 11_253, "no permission for this API";
    NOT_IN_GUILD = 400, 1_100_301, "not a member of the guild";
    NO_KEYBOARD = 400, 304_037, "no permission for keyboards";
    GUILD_NO_TEMPLATE = 400, 304_036, "no permission for this markdown template";
    GUILD_NO_MARKDOWN = 400, 50_056, "markdown not allowed";
    // Live: HTTP 500.
    REPLY_MARKDOWN = 500, 304_041, "reply message not allow markdown";
    GUILD_TOO_LONG = 400, 1_000_001, "msg over length";
    // Live: HTTP 403.
    GUILD_URL_REFUSED = 403, 304_003, "不允许发送url";
    IMAGE_BAD = 400, 304_017, "image upload failed";
    IMAGE_TOO_LARGE = 400, 304_020, "image too large";
    QUOTE_ELSEWHERE = 400, 50_038, "quoted message is not in this channel";
    QUOTE_UNKNOWN = 400, 50_039, "quoted message cannot be fetched";
    CHANNEL_RATE = 429, 20_028, "channel write rate exceeded";
    GUILD_REPLY_FOREIGN = 400, 304_026, "msg_id is wrong";
    GUILD_REPLY_EXPIRED = 400, 304_027, "msg_id has expired";
    CHANNEL_QUOTA = 400, 304_045, "push quota of the channel is used up";
    GUILD_QUOTA = 400, 304_047, "too many channels of the guild were pushed to";
    DM_MISSING = 400, 304_032, "no such direct message session";
    DM_NOT_A_MEMBER = 400, 304_034, "user shares no guild with the bot";
    DM_QUOTA = 400, 304_049, "direct message quota is used up";
    DM_USER_QUOTA = 400, 304_050, "direct message quota of this user is used up";
    GUILD_RECALL_BAD = 400, 306_001, "bad request";
    GUILD_RECALL_UNKNOWN = 400, 306_002, "bad message id";
    GUILD_RECALL_FORBIDDEN = 400, 306_004, "no permission to recall";
    REACTION_BAD = 400, 620_001, "bad reaction or message";
    REACTION_KINDS = 400, 620_002, "too many kinds of reactions";
    REACTION_TWICE = 400, 620_003, "reaction is set already";
    REACTION_MISSING = 400, 620_004, "reaction is not set";
    // Interactions.
    INTERACTION_BAD = 400, 630_001, "bad request";
    INTERACTION_FOREIGN = 400, 630_003, "interaction of another AppID";
    // Recall.
    RECALL_UNKNOWN = 400, 40_061_002, "bad message id";
    RECALL_FORBIDDEN = 400, 40_062_003, "no permission to recall";
    RECALL_TOO_OLD = 400, 40_064_004, "message is too old to recall";
    RECALL_OTHER_GROUP = 400, 306_007, "not a message of this group";
    RECALL_OTHER_BOT = 400, 306_008, "not a message of this bot";
    RECALL_OTHER_USER = 400, 306_009, "openid invalid or not a message to this user";
}

impl Refusal {
    /// The other pair that was seen live.
    pub(crate) const DOWNLOAD_FAILED: Self = Self {
        status: 400,
        code: 850_026,
        err_code: 40_034_001,
        message: "download from the url failed",
        shape: RefusalShape::Both,
        retry_after_secs: None,
    };

    /// A pair seen live where the two codes differ:
    /// clients must read `err_code` first.
    pub(crate) const SOURCE_IP: Self = Self {
        status: 401,
        code: 11_298,
        err_code: 40_023_002,
        message: "接口访问源IP不在白名单",
        shape: RefusalShape::Both,
        retry_after_secs: None,
    };
}
