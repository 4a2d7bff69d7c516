//! Timestamps: RFC 3339 on messages, Unix seconds on some old events.

/// Unix milliseconds; absent when it cannot be read.
pub(super) fn parse_ms(text: &str) -> Option<u64> {
    if let Ok(number) = text.parse::<u64>() {
        // Seconds until the year 5138, else milliseconds already.
        return Some(if number < 100_000_000_000 {
            number * 1_000
        } else {
            number
        });
    }
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let days = days_since_1970(date)?;
    let (clock, offset_min) = split_offset(time)?;
    let (secs, millis) = seconds(clock)?;
    let secs = days * 86_400 + secs - offset_min * 60;
    u64::try_from(secs)
        .ok()?
        .checked_mul(1_000)?
        .checked_add(millis)
}

/// Days of `YYYY-MM-DD` in the Gregorian calendar (Howard Hinnant's algorithm).
fn days_since_1970(date: &str) -> Option<i64> {
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<u32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if year > 9999 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years begin in March, so that the leap day is the last.
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = i64::from((153 * ((month + 9) % 12) + 2) / 5 + day - 1);
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Clock, and minutes east of Greenwich.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let (clock, offset, sign) = match time.rsplit_once('+') {
        Some((clock, offset)) => (clock, offset, 1),
        None => {
            let (clock, offset) = time.rsplit_once('-')?;
            (clock, offset, -1)
        }
    };
    let (hours, minutes) = offset.split_once(':')?;
    let (hours, minutes) = (number(hours, 23)?, number(minutes, 59)?);
    Some((clock, sign * (hours * 60 + minutes)))
}

/// Seconds of `HH:MM:SS` and the milliseconds of its fraction.
fn seconds(clock: &str) -> Option<(i64, u64)> {
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.splitn(3, ':');
    let (h, m, s) = (
        number(parts.next()?, 23)?,
        number(parts.next()?, 59)?,
        number(parts.next()?, 60)?,
    );
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millis = fraction
        .bytes()
        .chain([b'0'; 3])
        .take(3)
        .fold(0, |n, digit| n * 10 + u64::from(digit - b'0'));
    Some((h * 3600 + m * 60 + s, millis))
}

fn number(text: &str, most: u32) -> Option<i64> {
    let number: u32 = text.parse().ok()?;
    (number <= most).then(|| i64::from(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_platform_writes_and_rejects_the_rest() {
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-07-21T10:00:00+08:00", Some(1_784_599_200_000)),
            ("2026-07-21T02:00:00Z", Some(1_784_599_200_000)),
            ("2026-07-20T21:00:00-05:00", Some(1_784_599_200_000)),
            ("2024-02-29T23:59:60.123456+00:00", Some(1_709_251_200_123)),
            ("2000-03-01t00:00:00.5z", Some(951_868_800_500)),
            ("1784599200", Some(1_784_599_200_000)),
            ("1784599200123", Some(1_784_599_200_123)),
            ("", None),
            ("2026-07-21", None),
            ("2026-13-21T10:00:00Z", None),
            ("2026-07-21T25:00:00Z", None),
            ("2026-07-21T10:00:00", None),
            ("2026-07-21T10:00:00.x1Z", None),
            ("1969-12-31T23:59:59Z", None),
            ("99999-01-01T00:00:00Z", None),
            ("tomorrow", None),
        ] {
            assert_eq!(parse_ms(text), ms, "{text}");
        }
    }
}
