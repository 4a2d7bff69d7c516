//! The structure of the host: which room may use which, with no way back; every
//! file small, and saying what it is.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop where it stands"
)]

use std::collections::BTreeSet;
use std::path::Path;

/// The rooms of `src`, and what each may use. A room stands behind all it uses:
/// a circle cannot be written down.
const ROOMS: &[(&str, &str)] = &[
    // What knows nothing of the others.
    ("bindings", ""),
    ("counters", ""),
    ("error", ""),
    ("limits", ""),
    ("contract", "bindings"),
    ("about", "contract"),
    ("private", "error"),
    ("manifest", "contract error limits"),
    ("config", "error manifest"),
    // What is written down.
    ("form", "contract"),
    ("trace", "contract form"),
    ("store", "contract error form private"),
    // The way out.
    ("policy", "contract manifest"),
    ("secrets", "contract limits manifest policy"),
    ("net", "contract error limits policy private secrets"),
    // The component.
    (
        "sandbox",
        "bindings contract error limits net policy private",
    ),
    ("plugin", "error manifest net sandbox"),
    // The life of a channel, and what stands around it.
    (
        "actor",
        "config contract counters error form limits net plugin policy sandbox secrets store trace",
    ),
    ("media", "actor contract error limits net policy private"),
    (
        "handle",
        "about actor config contract counters error media net plugin",
    ),
    (
        "host",
        "about actor config contract counters error handle limits media net plugin policy sandbox \
         secrets store trace",
    ),
    // Beside it.
    ("debug", "config handle host media plugin"),
    ("json", "actor contract"),
    ("replay", "contract error form host plugin sandbox trace"),
    ("testing", "about actor contract error handle net"),
];

/// Lines of a file, without the tests in it.
const MOST_LINES: usize = 300;

#[test]
fn a_room_uses_only_what_the_list_allows() {
    for file in files() {
        let hides = file.code().contains("crate::{");
        assert!(!hides, "{}: a `use` for each room", file.name);
        let (_, allowed) = ROOMS
            .iter()
            .find(|(room, _)| *room == file.room())
            .unwrap_or_else(|| panic!("the room of {} stands in no list", file.name));
        let allowed: BTreeSet<_> = allowed.split_whitespace().collect();
        for used in file.used_rooms() {
            let may = used == file.room() || allowed.contains(used);
            assert!(may, "{} uses {used}", file.name);
        }
    }
}

#[test]
fn the_list_has_no_way_back_and_nothing_that_is_not_used() {
    let files = files();
    let mut before = BTreeSet::new();
    for (room, allowed) in ROOMS {
        let here = files.iter().filter(|file| file.room() == *room);
        let used: BTreeSet<_> = here.flat_map(File::used_rooms).collect();
        for allowed in allowed.split_whitespace() {
            assert!(before.contains(allowed), "{room} stands before {allowed}");
            assert!(used.contains(allowed), "{room} does not use {allowed}");
        }
        before.insert(*room);
    }
}

#[test]
fn every_file_is_small_and_says_what_it_is() {
    for file in files() {
        assert!(file.text.starts_with("//!"), "{} says nothing", file.name);
        let lines = file.code().lines().count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines", file.name);
    }
}

struct File {
    /// Below `src`.
    name: String,
    text: String,
}

impl File {
    fn room(&self) -> &str {
        let first = self.name.split('/').next().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Without the tests in it.
    fn code(&self) -> &str {
        let tests = ["mod tests {", "pub(crate) mod tests {"];
        let starts = tests.map(|tests| self.text.find(&format!("\n#[cfg(test)]\n{tests}")));
        let start = starts.into_iter().flatten().min();
        self.text.get(..start.unwrap_or(self.text.len())).unwrap()
    }

    /// Names behind `crate::`, but those of the root.
    fn used_rooms(&self) -> BTreeSet<&str> {
        let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
        let behind = self.code().split("crate::").skip(1);
        let names = behind.map(|rest| rest.split(|c| !is_name(c)).next().unwrap());
        names.filter(|name| !name.is_empty()).collect()
    }
}

/// All files of `src` but the list of the rooms and the tests.
fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut files, mut open) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if is_code(&path) {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
                let (name, text) = (name.to_owned(), std::fs::read_to_string(&path).unwrap());
                files.push(File { name, text });
            }
        }
    }
    assert!(files.len() > 90, "these are not all of them");
    files
}

fn is_code(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_str().unwrap();
    let is_test = name == "tests.rs" || path.parent().unwrap().ends_with("tests");
    name.ends_with(".rs") && name != "lib.rs" && !is_test
}
