//! Bodies and answers of the upload endpoints.
//!
//! QQ docs, autogen/api/v2_users_user_openid_files.post,
//! …_upload_prepare.post, …_upload_part_finish.post and their twins for groups.

use serde::{Deserialize, Serialize};

use super::kind::Kind;
use crate::wire::{List, Number, Object, Text};

/// `files`: one of `url`, `upload_id` or, inserted by the host, `file_data`.
#[derive(Serialize)]
pub(super) struct Files<'a> {
    pub(super) file_type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) upload_id: Option<&'a str>,
    /// Shown on the card of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_name: Option<&'a str>,
    /// True would send it at once, as an unasked message.
    pub(super) srv_send_msg: bool,
}

impl<'a> Files<'a> {
    pub(super) fn new(kind: Kind, name: &'a str) -> Self {
        Self {
            file_type: kind.number(),
            url: None,
            upload_id: None,
            file_name: (kind == Kind::File).then_some(name),
            srv_send_msg: false,
        }
    }
}

/// The answer of `files`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Uploaded<'a> {
    #[serde(borrow)]
    pub(super) file_info: Text<'a>,
    /// Seconds; 0 means long.
    pub(super) ttl: Number,
}

/// `upload_prepare`. The size is a string.
#[derive(Serialize)]
pub(super) struct Prepare<'a> {
    pub(super) file_type: u8,
    pub(super) file_size: String,
    pub(super) file_name: &'a str,
    pub(super) md5: &'a str,
    pub(super) sha1: &'a str,
    pub(super) md5_10m: &'a str,
}

/// Its answer. The settings stand in `upload_config`, on older servers beside it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Prepared<'a> {
    #[serde(borrow)]
    pub(super) upload_id: Text<'a>,
    pub(super) block_size: Number,
    #[serde(borrow)]
    pub(super) parts: List<Object<PreparedPart<'a>>>,
    pub(super) upload_config: Object<Settings>,
    pub(super) concurrency: Number,
    pub(super) retry_timeout: Number,
    pub(super) retry_delay: Number,
}

/// Where one part goes.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct PreparedPart<'a> {
    pub(super) index: Number,
    #[serde(borrow)]
    pub(super) presigned_url: Text<'a>,
    pub(super) block_size: Number,
}

/// How to upload, in seconds.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct Settings {
    pub(super) concurrency: Number,
    pub(super) retry_timeout: Number,
    pub(super) retry_delay: Number,
}

/// `upload_part_finish`. The size is a string, and that of this part.
#[derive(Serialize)]
pub(super) struct PartFinish<'a> {
    pub(super) upload_id: &'a str,
    pub(super) part_index: i64,
    pub(super) block_size: String,
    pub(super) md5: &'a str,
}
