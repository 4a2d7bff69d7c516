//! Runs every transcript in `tests/transcripts/`; `readme.txt` there explains
//! the format. A new file is a new test.

#![cfg(test)]
#![allow(unreachable_pub, reason = "nobody uses a test")]

mod commands;
mod events;
mod lines;
mod player;
mod shown;
mod steps;
#[path = "../world/mod.rs"]
mod world;

use std::path::Path;

use player::Player;

#[test]
fn transcripts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    let failures: Vec<String> = files
        .iter()
        .filter_map(|path| run_file(path).err())
        .collect();
    assert!(files.len() > 5, "the transcripts are gone");
    assert!(failures.is_empty(), "\n\n{}\n", failures.join("\n\n"));
}

/// A file holds scenarios, each begun by a `== title` line.
fn run_file(path: &Path) -> Result<(), String> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).unwrap();
    let mut player = Player::default();
    for (index, line) in text.lines().enumerate() {
        let step = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| player.line(line)));
        let place = || format!("{name}:{}: {line}", index + 1);
        match step {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => return Err(format!("{}\n{fault}", place())),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                return Err(format!("{}\npanic: {text}", place()));
            }
        }
    }
    player
        .finish()
        .map_err(|fault| format!("{name}: at the end\n{fault}"))
}
