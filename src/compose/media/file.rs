//! A file on its way to a chat: what it is, where its bytes are, how it is named.

use serde::{Deserialize, Serialize};

use crate::compose::media::kind::{self, Kind};
use crate::compose::media::names;
use crate::contract::{Attachment, AttachmentLocation, Failure};

/// Where the bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Source {
    Url(String),
    /// Held by the host for this message alone.
    Blob(u64),
}

/// A file that is a message, with its caption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Media {
    pub(crate) kind: Kind,
    pub(crate) source: Source,
    pub(crate) name: String,
    /// Whoever sends it chose the name.
    #[serde(default)]
    pub(crate) named: bool,
    pub(crate) mime: Option<String>,
    /// Text under a picture; empty if none.
    #[serde(default)]
    pub(crate) caption: String,
    /// Its address, if it has one.
    pub(crate) url: Option<String>,
    /// What the platform calls it, once it is there.
    #[serde(default)]
    pub(crate) ready: Option<Ready>,
    /// It was uploaded a second time; that happens once.
    #[serde(default)]
    pub(crate) reuploaded: bool,
    /// The platform cannot fetch it: the host must.
    #[serde(default)]
    pub(crate) fetch: bool,
    /// Why the platform could not.
    #[serde(default)]
    pub(crate) refused: Option<Failure>,
}

impl Media {
    pub(crate) fn new(attachment: Attachment) -> Self {
        let kind = kind::decide(&attachment);
        let given = attachment.name.filter(|name| !name.trim().is_empty());
        let named = given.is_some();
        let name = given.or_else(|| kind::named_by(&attachment.location));
        let name = names::tidy(&name.unwrap_or_default());
        let (source, url) = match attachment.location {
            AttachmentLocation::Url(url) => (Source::Url(url.clone()), Some(url)),
            AttachmentLocation::Blob(blob) => (Source::Blob(blob), None),
        };
        Self {
            kind,
            source,
            name,
            named,
            mime: attachment.mime,
            caption: String::new(),
            url,
            ready: None,
            reuploaded: false,
            fetch: false,
            refused: None,
        }
    }

    /// The bytes the host holds for it.
    pub(crate) const fn blob(&self) -> Option<u64> {
        match self.source {
            Source::Blob(blob) => Some(blob),
            Source::Url(_) => None,
        }
    }

    /// Its address, if that is where it is.
    pub(crate) fn url(&self) -> Option<&str> {
        match &self.source {
            Source::Url(url) => Some(url),
            Source::Blob(_) => None,
        }
    }

    /// The same under another caption.
    pub(crate) fn captioned(&self, caption: String) -> Self {
        Self {
            caption,
            ..self.clone()
        }
    }

    /// A line of text in its place, behind its caption.
    pub(crate) fn in_words(&self) -> String {
        let line = match &self.url {
            Some(url) => format!("📎 {}\n{url}", self.name),
            None => format!("📎 {}（未能发送 / could not be sent）", self.name),
        };
        match self.caption.as_str() {
            "" => line,
            caption => format!("{caption}\n\n{line}"),
        }
    }
}

/// A file the platform has, until when (Unix milliseconds).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ready {
    pub(crate) file_info: String,
    pub(crate) until_wall_ms: u64,
    /// The name it is shown under, which it keeps; empty if none is shown.
    pub(crate) name: String,
    /// Where it is remembered; absent for a file nobody looked into.
    pub(crate) key: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::media::kind::tests::attachment;
    use crate::contract::AttachmentKind;

    #[test]
    fn words_name_the_file_and_its_address() {
        let location = AttachmentLocation::Url("https://a/b/c.zip?sign=1".to_owned());
        let mut media = Media::new(attachment(AttachmentKind::File, location));
        assert_eq!(media.in_words(), "📎 c.zip\nhttps://a/b/c.zip?sign=1");
        media.caption = "look".to_owned();
        assert!(media.in_words().starts_with("look\n\n📎 c.zip\n"));
    }
}
