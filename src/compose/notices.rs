//! Words of the channel's own that stand in a reply or in its place.

use std::collections::VecDeque;

use crate::compose::part::{Content, Part};

/// UTF-16 code units of what [`notice`] says, at most.
pub(super) const LONGEST_NOTICE: usize = 160;

/// Tells how much of a reply is held back, and how to get it.
pub(super) fn notice(rest: &VecDeque<Part>) -> String {
    let left: usize = rest.iter().map(|part| part.text().chars().count()).sum();
    let files = rest.iter().filter(|part| part.media().is_some()).count();
    let (zh, en) = match (left, files) {
        (_, 0) => (format!("{left} 字"), format!("{left} more characters")),
        (0, _) => (format!("{files} 个文件"), format!("{files} more files")),
        _ => (
            format!("{left} 字和 {files} 个文件"),
            format!("{left} more characters and {files} files"),
        ),
    };
    format!("\n\n……（还有 {zh}，发任意消息继续 / {en}, send any message to go on）")
}

/// Told to a user whose answer the moderators refused.
pub(crate) const MODERATED: &str =
    "⚠️ 这条回复未通过平台审核，无法显示。/ The platform's moderation refused this reply.";

/// Stands before a message that may have arrived before.
const DOUBT: &str = "（可能已显示过 / may have been shown before）";

/// Puts in front of a reply that it may have been shown before.
pub(crate) fn doubt(parts: &mut VecDeque<Part>) {
    let words = DOUBT.to_owned();
    let content = match parts.front().map(|part| &part.content) {
        Some(Content::Markdown(_)) => Content::Markdown(words),
        _ => Content::Text(words),
    };
    parts.push_front(Part::new(content));
}

/// Told to a user when QQ refused the addresses in a reply, masked or not.
pub(crate) const UNREGISTERED: &str =
    "⚠️ 这条回复含有平台不允许的链接，无法显示。/ QQ does not take an address in this reply.";
