//! Names of people, the newest of them.

use std::collections::{BTreeMap, VecDeque};

/// People remembered; the one met first makes room.
const MOST: usize = 1_024;
const MOST_CHARS: usize = 64;
const MOST_ID_BYTES: usize = 128;

/// By id.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: BTreeMap<String, String>,
    /// In the order in which they were met.
    order: VecDeque<String>,
}

impl Names {
    pub(super) fn get(&self, id: &str) -> Option<&str> {
        self.names.get(id).map(String::as_str)
    }

    pub(super) fn insert(&mut self, id: &str, name: &str) {
        let end = name.char_indices().nth(MOST_CHARS).map(|(end, _)| end);
        let name = end.and_then(|end| name.get(..end)).unwrap_or(name);
        if id.is_empty() || id.len() > MOST_ID_BYTES || name.is_empty() {
            return;
        }
        match self.names.get_mut(id) {
            Some(known) if known == name => {}
            Some(known) => name.clone_into(known),
            None => self.meet(id, name),
        }
    }

    fn meet(&mut self, id: &str, name: &str) {
        if self.order.len() >= MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.names.remove(&oldest);
        }
        self.order.push_back(id.to_owned());
        self.names.insert(id.to_owned(), name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_known_by_their_last_name() {
        let mut names = Names::default();
        for n in 0..=MOST {
            names.insert(&n.to_string(), "x");
        }
        names.insert("5", "Hua");
        names.insert("6", &"字".repeat(100));
        names.insert("7", "");
        names.insert(&"9".repeat(200), "x");
        for (id, name) in [
            ("0", None),
            ("1", Some("x")),
            ("5", Some("Hua")),
            ("7", Some("x")),
        ] {
            assert_eq!(names.get(id), name, "{id}");
        }
        assert_eq!(names.get("6").map(|n| n.chars().count()), Some(MOST_CHARS));
        assert_eq!((names.names.len(), names.order.len()), (MOST, MOST));
    }
}
