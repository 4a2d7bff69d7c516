//! Lines that begin like items of a list and are none: those of a crontab.

/// How many times a line of a crontab begins with.
const TIMES: usize = 5;

/// Where such lines begin, and the stars there.
pub(super) fn find(text: &str) -> Vec<(usize, Vec<usize>)> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches([' ', '\t', '>']);
        let start = at + line.len() - bare.len();
        if bare.starts_with("* ") && is_schedule(bare) {
            let stars = bare.match_indices('*').map(|(star, _)| start + star);
            found.push((start, stars.collect()));
        }
        at += line.len();
    }
    found
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
