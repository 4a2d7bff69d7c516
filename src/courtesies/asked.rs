//! Taking a message back, replacing it, opening a private conversation.

use crate::compose::check;
use crate::contract::{
    Failure, FailureKind, HttpResponse, MessageEdit, OutboundMessage, TextFormat,
};
use crate::courtesies::calls::{Call, Purpose};
use crate::cx::Cx;
use crate::requests::build;
use crate::target::ReplyTarget;
use crate::wire;
use crate::wire::Text;

/// A conversation that takes longer to open fails its message for now.
const OPEN_DEADLINE_MS: u64 = 60_000;

/// Where a message of a chat can be taken back. QQ docs,
/// …/v2_users_user_openid_messages_message_id.delete: own messages, within two
/// minutes.
pub(super) fn message_url(recipient: &str, id: &str, cx: &Cx) -> Result<String, Failure> {
    check::check_recipient(recipient, &cx.settings.app_id)?;
    let opened = cx.ledger.opened(recipient);
    let target = ReplyTarget::parse(recipient);
    let messages = target.and_then(|target| build::url(&cx.settings.api, target, opened));
    let messages = messages.filter(|_| !id.is_empty()).ok_or_else(|| {
        Failure::new(FailureKind::Invalid, "there is no such message")
            .remedy("Use a message id of a receipt.")
    })?;
    Ok(format!("{messages}/{}", build::percent_encode(id)))
}

/// The message that stands in place of the one taken back.
pub(super) fn anew(edit: MessageEdit) -> OutboundMessage {
    OutboundMessage {
        recipient: edit.recipient,
        text: edit.text,
        format: TextFormat::Auto,
        attachments: Vec::new(),
        reply_to: None,
        quote: None,
        thread: None,
        card: None,
    }
}

/// Opens a private guild conversation (QQ docs,
/// server-inter/channel/message/dms); absent if the target needs none.
pub(super) fn open(target: ReplyTarget<'_>, cx: &Cx) -> Option<Call> {
    let (user, guild) = target.unopened()?;
    let body = serde_json::json!({"recipient_id": user, "source_guild_id": guild}).to_string();
    let url = format!("{}/users/@me/dms", cx.settings.api);
    let target = target.to_string();
    let purpose = Purpose::Open { target };
    let deadline_ms = OPEN_DEADLINE_MS;
    Some(Call::new(purpose, "POST", url, body, deadline_ms, &cx.host))
}

/// The guild id under which an opened conversation takes messages.
pub(super) fn opened(response: &HttpResponse) -> Option<String> {
    #[derive(Default, serde::Deserialize)]
    #[serde(default)]
    struct Opened<'a> {
        #[serde(borrow)]
        guild_id: Text<'a>,
    }
    let opened: Opened<'_> = wire::read(&response.body)?;
    opened.guild_id.to_option()
}
