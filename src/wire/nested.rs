//! Tolerant objects and lists.

use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::raw::raw;
use super::read_str;

/// An object; anything else reads as absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object<T>(pub(crate) Option<T>);

/// A list; anything else reads as empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = raw(deserializer)?;
        // A derived reader takes a list for an object.
        let object = json.starts_with('{').then_some(json);
        Ok(Self(object.and_then(read_str)))
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = raw(deserializer)?;
        let items: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
        let item = |item: &'de RawValue| read_str(item.get()).unwrap_or_default();
        Ok(Self(items.into_iter().map(item).collect()))
    }
}
