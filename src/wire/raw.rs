//! One value as the text it was sent as.

use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The JSON of one value, whatever it is.
pub(super) fn raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'de str, D::Error> {
    <&RawValue>::deserialize(deserializer).map(RawValue::get)
}
