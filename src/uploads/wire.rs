//! Bodies and answers of the upload endpoints.
//!
//! QQ docs, autogen/api/v2_users_user_openid_files.post,
//! …_upload_prepare.post, …_upload_part_finish.post and their twins for groups.

use serde::{Deserialize, Serialize};

use crate::compose::media::kind::Kind;
use crate::wire::{List, Number, Object, Text};

/// `files`: one of `url`, `upload_id` or, inserted by the host, `file_data`.
#[derive(Serialize)]
pub(crate) struct Files<'a> {
    pub(crate) file_type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upload_id: Option<&'a str>,
    /// Shown on the card of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file_name: Option<&'a str>,
    /// True would send it at once, as an unasked message.
    pub(crate) srv_send_msg: bool,
}

impl<'a> Files<'a> {
    pub(crate) fn new(kind: Kind, name: &'a str) -> Self {
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
pub(crate) struct Uploaded<'a> {
    #[serde(borrow)]
    pub(crate) file_info: Text<'a>,
    /// Seconds; 0 means long.
    pub(crate) ttl: Number,
}

/// `upload_prepare`. The size is a string.
#[derive(Serialize)]
pub(crate) struct Prepare<'a> {
    pub(crate) file_type: u8,
    pub(crate) file_size: String,
    pub(crate) file_name: &'a str,
    pub(crate) md5: &'a str,
    pub(crate) sha1: &'a str,
    pub(crate) md5_10m: &'a str,
}

/// Its answer. The settings stand in `upload_config`, on older servers beside it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Prepared<'a> {
    #[serde(borrow)]
    pub(crate) upload_id: Text<'a>,
    pub(crate) block_size: Number,
    #[serde(borrow)]
    pub(crate) parts: List<Object<PreparedPart<'a>>>,
    pub(crate) upload_config: Object<Settings>,
    pub(crate) concurrency: Number,
    pub(crate) retry_timeout: Number,
    pub(crate) retry_delay: Number,
}

/// Where one part goes.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct PreparedPart<'a> {
    pub(crate) index: Number,
    #[serde(borrow)]
    pub(crate) presigned_url: Text<'a>,
    pub(crate) block_size: Number,
}

/// How to upload, in seconds.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    pub(crate) concurrency: Number,
    pub(crate) retry_timeout: Number,
    pub(crate) retry_delay: Number,
}

/// `upload_part_finish`. The size is a string, and that of this part.
#[derive(Serialize)]
pub(crate) struct PartFinish<'a> {
    pub(crate) upload_id: &'a str,
    pub(crate) part_index: i64,
    pub(crate) block_size: String,
    pub(crate) md5: &'a str,
}
