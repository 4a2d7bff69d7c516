//! The store on real files, damaged ones and full disks among them.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;

use super::*;

fn put(changes: &[(&str, Option<&[u8]>)]) -> Commit {
    let owned =
        |(key, value): &(&str, Option<&[u8]>)| ((*key).to_owned(), value.map(<[u8]>::to_vec));
    Commit {
        changes: changes.iter().map(owned).collect(),
        ..Commit::default()
    }
}

#[test]
fn what_was_committed_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), "qq", None).unwrap();
    store
        .commit(&put(&[("a", Some(b"1")), ("b", Some(b"2"))]))
        .unwrap();
    store.commit(&put(&[("a", None)])).unwrap();
    drop(store);
    let state = Store::open(dir.path(), "qq", None).unwrap().load().unwrap();
    assert_eq!(state, [("b".to_owned(), b"2".to_vec())].into());
}

#[test]
fn a_message_that_cannot_be_read_is_set_aside_once() {
    let store = Store::in_memory().unwrap();
    let arrived = Commit {
        arrived: vec![(1, b"unreadable".to_vec())],
        ..Commit::default()
    };
    store.commit(&arrived).unwrap();
    assert!(store.unanswered().unwrap().is_empty());
    assert_eq!(set_aside(&store), [b"unreadable".to_vec()]);
    assert!(store.unanswered().unwrap().is_empty());
    assert_eq!(set_aside(&store).len(), 1, "it was reported before");
}

#[test]
fn a_second_process_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let _first = Store::open(dir.path(), "qq", None).unwrap();
    let error = Store::open(dir.path(), "qq", None).err().unwrap();
    assert!(
        error.to_string().contains("runs in another process"),
        "{error}"
    );
}

#[test]
fn what_is_set_aside_is_bounded() {
    let store = Store::in_memory().unwrap();
    for number in 0..SET_ASIDE_KEPT + 10 {
        let commit = Commit {
            set_aside: vec![number.to_string().into_bytes()],
            ..Commit::default()
        };
        store.commit(&commit).unwrap();
    }
    let kept = set_aside(&store);
    assert_eq!(kept.len() as u64, SET_ASIDE_KEPT);
    assert_eq!(kept.last().unwrap(), b"73");
}

fn set_aside(store: &Store) -> Vec<Vec<u8>> {
    let read = |db: &Database| rows(&db.begin_read()?, SET_ASIDE, |_, json| json.to_vec());
    store.disk.with(read).unwrap()
}

/// A file with some state in it.
fn filled(dir: &Path) -> std::path::PathBuf {
    let store = Store::open(dir, "qq", None).unwrap();
    for number in 0..200_u32 {
        let key = format!("chat/{number}");
        store.commit(&put(&[(&key, Some(&[7; 300]))])).unwrap();
    }
    dir.join("qq.redb")
}

#[test]
fn a_damaged_file_is_told_apart_wherever_it_is_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path());
    let whole = std::fs::read(&path).unwrap();
    let mut refused = 0;
    for page in 0..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096..][..4096].fill(0xa5);
        std::fs::write(&path, bytes).unwrap();
        // A page nobody uses may be anything.
        let Some(error) = opened(dir.path()).err() else {
            continue;
        };
        refused += 1;
        let words = error.to_string();
        assert!(words.contains("is damaged"), "page {page}: {words}");
        assert!(words.contains("qq.redb.damaged"), "{words}");
    }
    assert!(refused > 10, "{refused} pages");
}

#[test]
fn a_file_cut_short_or_made_by_somebody_else_is_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path());
    let whole = std::fs::read(&path).unwrap();
    for bytes in [
        &whole[..whole.len() / 2],
        &whole[..100],
        b"SQLite format 3\0",
    ] {
        std::fs::write(&path, bytes).unwrap();
        let words = opened(dir.path()).unwrap_err().to_string();
        assert!(words.contains("is damaged"), "{words}");
    }
}

fn opened(dir: &Path) -> Result<State> {
    let store = Store::open(dir, "qq", None)?;
    store.unanswered()?;
    store.load()
}

#[test]
fn another_version_is_refused_with_both_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), "qq", None).unwrap();
    let later = |db: &Database| {
        let write = db.begin_write()?;
        write.open_table(version::ABOUT)?.insert("format", 7)?;
        Ok(write.commit()?)
    };
    store.disk.with(later).unwrap();
    drop(store);
    let words = opened(dir.path()).unwrap_err().to_string();
    assert!(
        words.contains("its state has version 7, this program reads 1"),
        "{words}"
    );
    assert!(words.contains("qq.redb.old"), "{words}");
}

#[test]
fn a_file_from_before_there_were_versions_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let old = Database::create(dir.path().join("qq.redb")).unwrap();
    let write = old.begin_write().unwrap();
    write.open_table(STATE).unwrap();
    write.commit().unwrap();
    drop(old);
    let words = opened(dir.path()).unwrap_err().to_string();
    assert!(words.contains("its state has version 0"), "{words}");
}

/// A disk that is full when told so.
#[derive(Debug, Default)]
struct SmallDisk(AtomicBool);

impl DiskFaults for SmallDisk {
    fn write(&self) -> std::io::Result<()> {
        if self.0.load(SeqCst) {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    fn sync(&self) -> std::io::Result<()> {
        self.write()
    }
}

#[test]
fn a_disk_that_was_full_takes_the_same_commit_later() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Arc::new(SmallDisk::default());
    let store = Store::open(dir.path(), "qq", Some(disk.clone())).unwrap();
    store.commit(&put(&[("a", Some(b"1"))])).unwrap();
    disk.0.store(true, SeqCst);
    let later = put(&[("b", Some(b"2"))]);
    for _ in 0..2 {
        let fault = store.commit(&later).unwrap_err();
        assert!(!fault.lasting, "{}", fault.error);
        assert!(
            fault.error.to_string().contains("make room"),
            "{}",
            fault.error
        );
    }
    disk.0.store(false, SeqCst);
    store.commit(&later).unwrap();
    let state = store.load().unwrap();
    assert_eq!(state.len(), 2, "{state:?}");
}

#[test]
fn a_file_that_lost_its_contents_is_told_from_a_fresh_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("qq.redb");
    assert_eq!(emptied(&path), None);
    std::fs::write(&path, "").unwrap();
    let told = emptied(&path).unwrap();
    assert!(told.contains("qq.redb") && told.contains("lost"), "{told}");
    drop(Store::open(dir.path(), "qq", None).unwrap());
    assert_eq!(emptied(&path), None);
}
