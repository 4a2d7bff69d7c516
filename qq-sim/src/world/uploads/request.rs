//! The body of `POST …/files`. Numbers may be strings, as everywhere.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::is_number_of;
use crate::journal::media::{MediaKind, Way};
use crate::rules::refusal::Refusal;
use crate::world::body::{flag, text};

/// Where the bytes are.
#[derive(Debug)]
pub(crate) enum Source {
    /// At this address; the platform fetches it while the caller waits.
    Url(String),
    /// In the request.
    Data(Vec<u8>),
    /// Uploaded in parts before.
    Parts(String),
}

impl Source {
    /// The word for it.
    pub(crate) const fn way(&self) -> Way {
        match self {
            Self::Url(_) => Way::Url,
            Self::Data(_) => Way::Data,
            Self::Parts(_) => Way::Parts,
        }
    }
}

/// A request by its fields.
#[derive(Debug)]
pub(crate) struct FileRequest {
    pub(crate) kind: MediaKind,
    pub(crate) source: Source,
    pub(crate) name: Option<String>,
    /// `srv_send_msg`.
    pub(crate) sends: bool,
}

impl MediaKind {
    /// Reads a `file_type`.
    pub(crate) fn read(raw: &Value) -> Result<Self, Refusal> {
        match raw.get("file_type").and_then(is_number_of) {
            Some(1) => Ok(Self::Image),
            Some(2) => Ok(Self::Video),
            Some(3) => Ok(Self::Voice),
            Some(4) => Ok(Self::File),
            _ => Err(Refusal::BAD_BODY),
        }
    }
}

impl FileRequest {
    /// Reads a body: exactly one of `url`, `file_data`, `upload_id`.
    pub(crate) fn parse(raw: &Value) -> Result<Self, Refusal> {
        let kind = MediaKind::read(raw)?;
        let url = text(raw, "/url")?.map(Source::Url);
        let data = text(raw, "/file_data")?.map(decoded).transpose()?;
        let parts = text(raw, "/upload_id")?.map(Source::Parts);
        let mut sources: Vec<Source> = [url, data, parts].into_iter().flatten().collect();
        let source = sources.pop().ok_or(Refusal::BAD_BODY)?;
        if !sources.is_empty() {
            return Err(Refusal::BAD_BODY);
        }
        Ok(Self {
            kind,
            source,
            name: text(raw, "/file_name")?,
            sends: flag(raw, "srv_send_msg")?,
        })
    }
}

/// Base64 without the prefix of a data URL.
fn decoded(text: String) -> Result<Source, Refusal> {
    let bytes = STANDARD.decode(text).map_err(|_| Refusal::BAD_BODY)?;
    Ok(Source::Data(bytes))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_source_and_a_known_kind() {
        let good = [
            json!({"file_type": 1, "url": "http://127.0.0.1/a"}),
            json!({"file_type": "4", "file_data": "aGk=", "file_name": "a.txt"}),
            json!({"file_type": 2, "upload_id": "u", "url": null, "srv_send_msg": true}),
        ];
        for raw in good {
            assert!(FileRequest::parse(&raw).is_ok(), "{raw}");
        }
        let bad = [
            json!({"file_type": 1}),
            json!({"file_type": 5, "url": "http://127.0.0.1/a"}),
            json!({"url": "http://127.0.0.1/a"}),
            json!({"file_type": 1, "url": "http://127.0.0.1/a", "file_data": "aGk="}),
            json!({"file_type": 1, "file_data": "data:image/png;base64,aGk="}),
        ];
        for raw in bad {
            assert_eq!(
                FileRequest::parse(&raw).unwrap_err(),
                Refusal::BAD_BODY,
                "{raw}"
            );
        }
    }
}
