//! The structure of the core: which room may use which, with no way back; each
//! machine written in one place; every file small, and saying what it is.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The rooms of `src`, and what each may use beside `contract`. A room stands
/// behind all it uses: a circle cannot be written down.
const ROOMS: &[(&str, &str)] = &[
    ("contract", ""),
    // What knows nothing of QQ.
    ("ids", ""),
    ("owners", ""),
    ("quiet", ""),
    ("random", ""),
    ("text", ""),
    ("timer", ""),
    ("utc", ""),
    ("wire", ""),
    ("host", "ids owners quiet random timer"),
    ("backoff", "host utc"),
    ("state", "wire"),
    // What is known of QQ.
    ("config", "text"),
    ("target", ""),
    ("platform", "config wire"),
    ("doctor", "host"),
    ("hosts", "config host state utc"),
    // What all machines share.
    ("compose", "config host platform target text"),
    ("ledger", "config host state target wire"),
    (
        "token",
        "backoff config doctor host owners platform state timer wire",
    ),
    ("cx", "compose config host ledger target text token"),
    ("requests", "cx host platform target token wire"),
    // The way in.
    (
        "gateway",
        "backoff config cx doctor host owners platform state timer token utc wire",
    ),
    ("inbound", "gateway host platform state target text wire"),
    ("access", "config host inbound random state utc wire"),
    // The way out.
    (
        "courtesies",
        "compose config cx host ledger owners platform requests state target wire",
    ),
    (
        "streams",
        "compose config cx host ledger owners platform requests state target text wire",
    ),
    (
        "uploads",
        "compose cx host owners platform requests state target wire",
    ),
    (
        "replies",
        "compose config courtesies cx host ledger owners platform requests state streams target \
         text token uploads wire",
    ),
    (
        "router",
        "courtesies cx host ledger owners replies requests state streams target timer uploads",
    ),
    // Both ways meet.
    ("chats", "courtesies host inbound state target wire"),
    ("quotes", "host inbound replies state wire"),
    (
        "arrivals",
        "access chats compose config courtesies cx gateway host inbound ledger quotes replies \
         router state target",
    ),
    (
        "channel",
        "arrivals backoff config cx doctor gateway host hosts ledger owners replies router state \
         timer token wire",
    ),
    ("describe", "config state"),
    ("validate", ""),
    ("component", "channel describe validate"),
];

/// Machines: all that a machine does is written in the file of its struct.
const MACHINES: &[(&str, &str)] = &[
    ("AccessToken", "token/mod.rs"),
    ("Arrivals", "arrivals/mod.rs"),
    ("Courtesies", "courtesies/mod.rs"),
    ("Gateway", "gateway/mod.rs"),
    ("Replies", "replies/mod.rs"),
    ("Router", "router.rs"),
    ("Streams", "streams/mod.rs"),
    ("Uploads", "uploads/mod.rs"),
];

/// Lines of a file, without the tests in it.
const MOST_LINES: usize = 300;

#[test]
fn a_room_uses_only_rooms_before_it() {
    let allowed = allowed();
    for file in files() {
        let room = file.room();
        let may = allowed.get(room);
        let may = may.unwrap_or_else(|| panic!("the room {room} stands in no list"));
        for used in file.used_rooms() {
            let is_known = used == room || used == "contract" || may.contains(used);
            assert!(is_known, "{} uses {used}", file.name);
        }
    }
}

/// By room, in a list without a way back.
fn allowed() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut before = BTreeSet::new();
    let mut allowed = BTreeMap::new();
    for (room, uses) in ROOMS {
        let uses: BTreeSet<_> = uses.split_whitespace().collect();
        let behind = uses.difference(&before).collect::<Vec<_>>();
        assert!(behind.is_empty(), "{room} stands before {behind:?}");
        before.insert(*room);
        allowed.insert(*room, uses);
    }
    allowed
}

#[test]
fn no_circle_between_the_files_of_a_room() {
    let files = files();
    let uses: BTreeMap<_, _> = files
        .iter()
        .map(|f| (f.module(), f.used_modules()))
        .collect();
    for start in uses.keys() {
        let mut reached = BTreeSet::new();
        let mut open: Vec<_> = targets(&uses, start).collect();
        while let Some(next) = open.pop() {
            if reached.insert(next) {
                open.extend(targets(&uses, next));
            }
        }
        assert!(!reached.contains(start), "{} leads back", start.join("::"));
    }
}

type Module = Vec<String>;

/// The modules that stand in files which `module` uses.
fn targets<'m>(
    uses: &'m BTreeMap<Module, Vec<Module>>,
    module: &Module,
) -> impl Iterator<Item = &'m Module> {
    let module = module.clone();
    let paths = uses.get(&module).into_iter().flatten();
    let found = paths.filter_map(|path| {
        (1..=path.len()).rev().find_map(|most| {
            let known = uses.get_key_value(path.get(..most)?)?;
            Some(known.0)
        })
    });
    found.filter(move |found| **found != module)
}

#[test]
fn what_a_machine_does_stands_in_one_file() {
    let files = files();
    for (machine, place) in MACHINES {
        let written: Vec<_> = files
            .iter()
            .filter(|file| file.implements(machine))
            .map(|file| file.name.as_str())
            .collect();
        assert_eq!(written, [*place], "{machine}");
    }
}

#[test]
fn a_machine_names_the_story_to_read_first() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = files();
    for (machine, place) in MACHINES {
        let file = files.iter().find(|file| file.name == *place).unwrap();
        let named = file
            .text
            .split('`')
            .find(|word| word.starts_with("tests/transcripts/"));
        let story = named.unwrap_or_else(|| panic!("{machine} names no transcript"));
        assert!(root.join(story).is_file(), "{machine}: {story}");
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

    /// Names behind `crate::`.
    fn used_rooms(&self) -> BTreeSet<&str> {
        let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
        let behind = self.code().split("crate::").skip(1);
        let names = behind.map(|rest| rest.split(|c| !is_name(c)).next().unwrap());
        names.filter(|name| !name.is_empty()).collect()
    }

    fn module(&self) -> Module {
        let path = self.name.strip_suffix(".rs").unwrap();
        let path = path.strip_suffix("/mod").unwrap_or(path);
        path.split('/').map(str::to_owned).collect()
    }

    /// The paths of its `use`s.
    fn used_modules(&self) -> Vec<Module> {
        let mut paths = Vec::new();
        for item in self.code().split("use ").skip(1) {
            let item = item.split(';').next().unwrap();
            spread("", &item.split_whitespace().collect::<String>(), &mut paths);
        }
        let own = self.module();
        let absolute = paths.iter().filter_map(|path| absolute(path, &own));
        absolute.collect()
    }

    fn implements(&self, machine: &str) -> bool {
        let begins = |line: &str| line.starts_with(&format!("impl {machine} {{"));
        self.text.lines().any(begins)
    }
}

/// `a::{b, c::{d}}` as `a::b`, `a::c::d`.
fn spread(before: &str, tree: &str, paths: &mut Vec<String>) {
    let Some((head, body)) = tree.split_once('{') else {
        return paths.push(format!("{before}{tree}"));
    };
    let before = format!("{before}{head}");
    let (mut depth, mut start) = (0, 0);
    for (at, c) in body.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                spread(&before, body.get(start..at).unwrap(), paths);
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// A path from the root of the crate; absent if it leads out of it.
fn absolute(path: &str, own: &[String]) -> Option<Module> {
    let mut names = path.split("::").peekable();
    let mut from = match *names.peek()? {
        "crate" => Vec::new(),
        "super" | "self" => own.to_vec(),
        _ => return None,
    };
    while let Some(name) = names.next_if(|name| matches!(*name, "crate" | "self" | "super")) {
        if name == "super" {
            from.pop();
        }
    }
    from.extend(names.map(str::to_owned));
    Some(from)
}

/// All files of `src` that are not tests, nor the list of the rooms.
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
    assert!(files.len() > 150, "these are not all of them");
    files
}

fn is_code(path: &Path) -> bool {
    const TESTS: [&str; 6] = [
        "lib.rs",
        "tests.rs",
        "properties.rs",
        "hostile.rs",
        "fuzz.rs",
        "corpus.rs",
    ];
    let name = path.file_name().unwrap().to_str().unwrap();
    let is_test = TESTS.contains(&name) || path.parent().unwrap().ends_with("tests");
    name.ends_with(".rs") && !is_test
}
