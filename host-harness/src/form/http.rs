//! Requests, their answers, and the secrets that go into them.

use super::bytes::Bytes;
use super::{choices, records};

choices! {
    SecretPlace { Header(name: String), Json(pointer: String) }
    PartContent { Bytes(bytes: Bytes), Blob(slice: BlobSlice) }
    Body {
        Empty,
        Bytes(bytes: Bytes),
        Json(json: JsonBody),
        Blob(slice: BlobSlice),
        Multipart(parts: Vec<Part>),
    }
}

records! {
    Header { name: String, value: String }
    SecretUse { secret: String, place: SecretPlace, prefix: String }
    BlobSlice { blob: u64, offset: u64, length: Option<u64> }
    JsonBlob { pointer: String, slice: BlobSlice }
    JsonBody { text: String, blobs: Vec<JsonBlob> }
    Part {
        name: String,
        filename: Option<String>,
        content_type: Option<String>,
        content: PartContent,
    }
    SendHttp {
        id: u64,
        method: String,
        url: String,
        headers: Vec<Header>,
        body: Body,
        timeout_ms: u32,
        secrets: Vec<SecretUse>,
        into_blob: bool,
    }
    HeldBlob { id: u64, size: u64, mime: Option<String> }
    HttpResponse {
        id: u64,
        status: u16,
        headers: Vec<Header>,
        body: Bytes,
        truncated: bool,
        sealed: Vec<String>,
        blob: Option<HeldBlob>,
    }
}
