//! A moment for people to read.

/// `2026-07-21 02:00 UTC` (Howard Hinnant's algorithm).
pub(crate) fn format(unix_ms: u64) -> String {
    let minutes = unix_ms / 60_000;
    let (days, minute) = (minutes / 1_440 + 719_468, minutes % 1_440);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Years begin in March, so that the leap day is the last.
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute) = (minute / 60, minute % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

/// `02:00:05 UTC`, where the day is clear.
pub(crate) fn time(unix_ms: u64) -> String {
    let secs = unix_ms / 1_000 % 86_400;
    let (hour, minute, sec) = (secs / 3_600, secs / 60 % 60, secs % 60);
    format!("{hour:02}:{minute:02}:{sec:02} UTC")
}

#[cfg(test)]
mod tests {
    #[test]
    fn writes_the_date_in_the_calendar() {
        for (ms, text) in [
            (0, "1970-01-01 00:00 UTC"),
            (1_784_599_200_000, "2026-07-21 02:00 UTC"),
            (1_709_251_199_999, "2024-02-29 23:59 UTC"),
            (1_709_251_200_000, "2024-03-01 00:00 UTC"),
        ] {
            assert_eq!(super::format(ms), text);
        }
    }
}
