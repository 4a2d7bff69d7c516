//! Bytes that a person can read where they are text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Form;

/// `{"text":"…"}` where the bytes are UTF-8, else `{"base64":"…"}`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Bytes {
    Text(String),
    #[serde(serialize_with = "encode", deserialize_with = "decode")]
    Base64(Vec<u8>),
}

impl Form for Bytes {
    type Of = Vec<u8>;

    fn of(value: &Vec<u8>) -> Self {
        match std::str::from_utf8(value) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64(value.clone()),
        }
    }

    fn value(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Base64(bytes) => bytes,
        }
    }
}

fn encode<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(bytes))
}

fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    STANDARD.decode(text).map_err(serde::de::Error::custom)
}
