//! `wit/README.md` is the contract; it may not fall behind the WIT or the caps.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::path::{Path, PathBuf};

use prx_channel_host::{ALLOWED_IMPORTS, limits};
use sha2::{Digest, Sha256};

fn wit(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../wit")
        .join(file)
}

fn document() -> String {
    std::fs::read_to_string(wit("README.md")).unwrap()
}

#[test]
fn the_document_was_read_again_after_the_wit_changed() {
    let mut sha = Sha256::new();
    for file in ["channel.wit", "types.wit"] {
        sha.update(std::fs::read(wit(file)).unwrap());
    }
    let hash: String = sha
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let last = document().trim_end().lines().last().unwrap().to_owned();
    assert_eq!(
        last,
        format!("<!-- wit sha256: {hash} -->"),
        "the WIT changed: read wit/README.md again, correct what changed, and put this line at its end"
    );
}

#[test]
fn every_cap_is_in_the_document_as_it_is() {
    let document = document();
    for (name, value, meaning) in limits::table() {
        let row = format!("| {name} | {value} | {meaning} |");
        assert!(document.contains(&row), "missing in wit/README.md: {row}");
    }
}

#[test]
fn every_import_that_is_allowed_is_in_the_document() {
    let document = document();
    for import in ALLOWED_IMPORTS {
        let (package, interface) = import.split_once('/').unwrap();
        assert!(
            document.contains(import)
                || (document.contains(package) && document.contains(interface)),
            "{import}"
        );
    }
}
