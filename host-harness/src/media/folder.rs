//! The folder users' files are kept in: names, quota, age.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Characters of the users' own name that are kept.
const LONGEST_NAME: usize = 80;
/// Digits of the digest a name begins with: how the host knows its own files.
const DIGITS: usize = 32;
/// Letters of an ending; what is longer may be a name.
const LONGEST_ENDING: usize = 5;

/// A name for content with this digest (hex): nothing in it leads to another
/// folder or needs quoting.
pub(super) fn name(sha256: &str, given: Option<&str>) -> String {
    let base = given.unwrap_or_default().rsplit(['/', '\\']).next();
    let good = |c: char| c.is_alphanumeric() || "._-".contains(c);
    let tidy: String = base
        .unwrap_or_default()
        .chars()
        .map(|c| if good(c) { c } else { '_' })
        .collect();
    let tidy = tidy.trim_start_matches('.');
    // The end of a name says more than its beginning: the extension is there.
    let skip = tidy.chars().count().saturating_sub(LONGEST_NAME);
    let end: String = tidy.chars().skip(skip).collect();
    let digits = sha256.get(..DIGITS).unwrap_or(sha256);
    match end.as_str() {
        "" => digits.to_owned(),
        end => format!("{digits}-{end}"),
    }
}

/// Which file it is, for the log: `*.pdf`. Its name and folder may name a user.
pub(super) fn any_name(place: &str) -> String {
    let path = place.split(['?', '#']).next().unwrap_or_default();
    let ending = Path::new(path)
        .extension()
        .and_then(|ending| ending.to_str());
    match ending.filter(|ending| is_kind(ending)) {
        Some(ending) => format!("*.{ending}"),
        None => "*".to_owned(),
    }
}

/// Not a number or a name behind a dot.
fn is_kind(ending: &str) -> bool {
    ending.len() <= LONGEST_ENDING
        && ending.bytes().all(|b| b.is_ascii_alphanumeric())
        && ending.bytes().any(|b| b.is_ascii_alphabetic())
}

fn is_ours(name: &str) -> bool {
    let digits = name.get(..DIGITS);
    let is_hex = digits.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    is_hex && matches!(name.as_bytes().get(DIGITS), None | Some(b'-'))
}

/// Removes what is older than `most_age`, then the oldest until at most `quota`
/// bytes are left. Files of other names are left alone. Returns how many went.
pub(super) fn clean(folder: &Path, quota: u64, most_age: Duration, now: SystemTime) -> usize {
    let mut files = ours(folder);
    files.sort();
    let mut left: u64 = files.iter().map(|(_, size, _)| size).sum();
    let mut gone = 0;
    for (modified, size, path) in files {
        let age = now.duration_since(modified).unwrap_or_default();
        if age <= most_age && left <= quota {
            break;
        }
        if fs::remove_file(path).is_ok() {
            left -= size;
            gone += 1;
        }
    }
    gone
}

fn ours(folder: &Path) -> Vec<(SystemTime, u64, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| entry.file_name().to_str().is_some_and(is_ours));
    ours.filter_map(|entry| {
        let meta = entry.metadata().ok().filter(fs::Metadata::is_file)?;
        Some((meta.modified().ok()?, meta.len(), entry.path()))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_name_stays_in_its_folder_whatever_users_call_their_files() {
        let sha = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        let digits = &sha[..DIGITS];
        for (given, expected) in [
            (Some("a.png"), format!("{digits}-a.png")),
            (Some("../../etc/passwd"), format!("{digits}-passwd")),
            (
                Some("a b]\n\"$(x)\".sh"),
                format!("{digits}-a_b_____x__.sh"),
            ),
            (Some("..."), digits.to_owned()),
            (Some("图.jpg"), format!("{digits}-图.jpg")),
            (None, digits.to_owned()),
        ] {
            assert_eq!(name(sha, given), expected, "{given:?}");
            assert!(is_ours(&name(sha, given)));
        }
        let long = name(sha, Some(&format!("{}.png", "x".repeat(300))));
        assert!(long.ends_with(".png") && long.len() < 120, "{long}");
    }

    #[test]
    fn of_a_name_the_log_has_the_ending_alone() {
        for (place, expected) in [
            ("/srv/u/plan.pdf", "*.pdf"),
            ("C:\\srv\\plan.pdf", "*.pdf"),
            ("https://h/a.mp4?sign=x.y1", "*.mp4"),
            ("身份证.jpeg", "*.jpeg"),
            ("data:image/png;base64,iVBOR...", "*"),
            ("letter to.E4F4AEA33253", "*"),
            ("mail@10.00001", "*"),
            (".netrc", "*"),
            ("", "*"),
        ] {
            assert_eq!(any_name(place), expected, "{place}");
        }
    }

    #[test]
    fn the_old_and_the_oldest_go_and_the_files_of_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let hour = Duration::from_secs(3_600);
        let now = SystemTime::now();
        let file = |name: &str, age: Duration| {
            let path = folder.path().join(name);
            fs::write(&path, [0; 10]).unwrap();
            let file = fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(now - age).unwrap();
        };
        let ours = |n: u8| format!("{n:032x}-a");
        file(&ours(1), hour * 48);
        file(&ours(2), hour * 3);
        file(&ours(3), hour * 2);
        file(&ours(4), hour);
        file("letter.txt", hour * 1_000);
        assert_eq!(clean(folder.path(), 20, hour * 24, now), 2);
        assert!(!folder.path().join(ours(2)).exists());
        assert!(folder.path().join(ours(3)).exists());
        assert!(folder.path().join("letter.txt").exists());
        assert_eq!(clean(folder.path(), 20, hour * 24, now), 0);
    }
}
