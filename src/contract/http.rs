//! Requests, and the secrets the host puts into them.

use serde::{Deserialize, Serialize};

use super::Blob;

/// One header of a request or response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Name, in any case.
    pub name: String,
    /// Value.
    pub value: String,
}

/// Where a secret goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecretPlace {
    /// Name of a request header.
    Header(String),
    /// JSON pointer (RFC 6901) in a JSON body or text frame.
    Json(String),
}

/// Put this secret there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretUse {
    /// Name of the secret.
    pub secret: String,
    /// Where it goes.
    pub place: SecretPlace,
    /// Put in front of the secret.
    pub prefix: String,
}

/// A run of a blob's bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobSlice {
    /// Whose bytes.
    pub blob: Blob,
    /// First byte.
    pub offset: u64,
    /// Number of bytes. Absent: to the end.
    pub length: Option<u64>,
}

/// Bytes inserted into a JSON body as a base64 string.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JsonBlob {
    /// JSON pointer of the string.
    pub pointer: String,
    /// The bytes.
    pub slice: BlobSlice,
}

/// A JSON body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JsonBody {
    /// The document.
    pub text: String,
    /// Bytes the host inserts.
    pub blobs: Vec<JsonBlob>,
}

/// Content of one part of a multipart body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PartContent {
    /// Bytes given here.
    Bytes(Vec<u8>),
    /// Bytes held by the host.
    Blob(BlobSlice),
}

/// One part of a multipart body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Field name.
    pub name: String,
    /// File name.
    pub filename: Option<String>,
    /// Media type.
    pub content_type: Option<String>,
    /// Content.
    pub content: PartContent,
}

/// Body of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// None.
    Empty,
    /// Bytes given here.
    Bytes(Vec<u8>),
    /// A JSON document.
    Json(JsonBody),
    /// Bytes held by the host.
    Blob(BlobSlice),
    /// `multipart/form-data`.
    Multipart(Vec<Part>),
}
