//! Objects that derived readers refuse whole: a name stands twice in them, or is
//! no text.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::text::Text;

/// Reads an object field by field; of a name that stands twice the last counts.
pub(super) fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let fields = reader.deserialize_map(Fields).ok()?;
    reader.end().ok()?;
    let fields = MapDeserializer::<_, serde_json::Error>::new(fields.into_iter());
    T::deserialize(fields).ok()
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = BTreeMap<Cow<'de, str>, &'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((Text(name), value)) = map.next_entry()? {
            fields.insert(name, value);
        }
        Ok(fields)
    }
}
