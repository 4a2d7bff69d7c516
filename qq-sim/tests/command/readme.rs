//! The README keeps up with the code: every fault, rule and endpoint is in it.

use std::fs;
use std::path::Path;

use qq_sim::{Fault, Rules};

const README: &str = include_str!("../../README.md");

/// Names the serialisation knows, from its own complaint about one it does not know.
fn fault_names() -> Vec<String> {
    let complaint = serde_json::from_str::<Fault>(r#""?""#)
        .unwrap_err()
        .to_string();
    complaint
        .split('`')
        .skip(3)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn names_every_fault() {
    let names = fault_names();
    assert!(names.len() > 20, "{names:?}");
    let missing: Vec<_> = names
        .iter()
        .filter(|name| !README.contains(&format!("\"{name}\"")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn its_faults_can_be_read() {
    let section = README
        .split("## Faults")
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    let cells = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let read: Vec<Fault> = cells
        .map(|(json, _)| serde_json::from_str(json).unwrap())
        .collect();
    assert_eq!(read.len(), fault_names().len());
}

#[test]
fn names_every_rule_with_its_default() {
    let (strict, lenient) = (
        serde_json::json!(Rules::default()),
        serde_json::json!(Rules::lenient()),
    );
    for (name, value) in strict.as_object().unwrap() {
        let row = README
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("{name} is missing"));
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for (cell, value) in cells.iter().skip(2).zip([Some(value), lenient.get(name)]) {
            let said = match value.unwrap() {
                serde_json::Value::Bool(on) => if *on { "on" } else { "off" }.to_owned(),
                serde_json::Value::String(word) => word.clone(),
                other => other.to_string(),
            };
            let is_unlimited = ["null".to_owned(), u32::MAX.to_string()].contains(&said);
            assert!(
                *cell == said || is_unlimited && ["none", "any"].contains(cell),
                "{row}: {said}"
            );
        }
    }
}

/// The text of every source file below this folder, or of this one file.
fn sources(path: &Path) -> Vec<String> {
    if path.is_file() {
        return vec![fs::read_to_string(path).unwrap()];
    }
    let entries = fs::read_dir(path).unwrap();
    entries
        .flat_map(|entry| sources(&entry.unwrap().path()))
        .collect()
}

#[test]
fn a_room_uses_only_rooms_below_it() {
    let table = README.split("| In `src/` |").nth(1).unwrap();
    let rows = table.lines().skip(2).map_while(|row| row.split('`').nth(1));
    let rooms: Vec<&str> = rows.map(|name| name.trim_end_matches('/')).collect();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let in_src = fs::read_dir(&src).unwrap().count();
    // Beside the rooms there are `lib.rs` and `main.rs`.
    assert_eq!(rooms.len(), in_src - 2, "{rooms:?}");
    for (place, room) in rooms.iter().enumerate() {
        let folder = src.join(room);
        let path = Some(folder.clone()).filter(|folder| folder.is_dir());
        let sources = sources(&path.unwrap_or_else(|| folder.with_extension("rs")));
        for above in &rooms[..place] {
            let uses = format!("crate::{above}::");
            let found = sources.iter().any(|text| text.contains(&uses));
            assert!(!found, "{room} uses {above}, which stands above it");
        }
    }
}
