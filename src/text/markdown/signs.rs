//! Lines that begin like items of a list and are none: those of a crontab, and
//! `+ 3`, which without its sign is another number or the other half of a diff.

/// How many times a line of a crontab begins with.
const TIMES: usize = 5;

/// Where such lines begin, and the signs there.
pub(super) fn find(text: &str) -> Vec<(usize, Vec<usize>)> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches([' ', '\t', '>']);
        let start = at + line.len() - bare.len();
        if bare.starts_with("* ") && is_schedule(bare) {
            let stars = bare.match_indices('*').map(|(star, _)| start + star);
            found.push((start, stars.collect()));
        } else if is_plus(bare) {
            found.push((start, vec![start]));
        }
        at += line.len();
    }
    found
}

/// With something behind it, and that is not the box of a task.
fn is_plus(line: &str) -> bool {
    let words = line.strip_prefix("+ ").map(str::trim_start);
    let boxes = ["[ ] ", "[x] ", "[X] "];
    words
        .is_some_and(|words| !words.is_empty() && !boxes.iter().any(|box_| words.starts_with(box_)))
}

/// `* * * * * command`: with one star alone it would be a list of numbers.
fn is_schedule(line: &str) -> bool {
    let times: Vec<_> = line.split_whitespace().take(TIMES).collect();
    let is_time = |time: &str| {
        time.bytes()
            .all(|b| b.is_ascii_digit() || b"*/,-".contains(&b))
    };
    let starred = times.iter().filter(|time| time.starts_with('*')).count();
    times.len() == TIMES && starred > 1 && times.into_iter().all(is_time)
}
