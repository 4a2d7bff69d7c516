//! "Did you mean …?"

/// The name nearest to `word`, if it is near.
pub(super) fn nearest<'n>(word: &str, names: &[&'n str]) -> Option<&'n str> {
    let limit = word.chars().count() / 2;
    names
        .iter()
        .map(|name| (distance(word, name), *name))
        .filter(|(distance, _)| *distance <= limit.min(4))
        .min()
        .map(|(_, name)| name)
}

/// Insertions, deletions and replacements that turn `a` into `b` (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (to, above) in b.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(from != *to))
                .min(left + 1)
                .min(above + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_edits() {
        for (a, b, edits) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("abc", "abd", 1),
            ("kitten", "sitting", 3),
            ("", "ab", 2),
        ] {
            assert_eq!(distance(a, b), edits, "{a} {b}");
        }
    }

    #[test]
    fn suggests_near_names_only() {
        let names = ["allowed_users", "sandbox"];
        assert_eq!(nearest("alowed_user", &names), Some("allowed_users"));
        assert_eq!(nearest("sandbx", &names), Some("sandbox"));
        assert_eq!(nearest("x", &names), None);
        assert_eq!(nearest("telegram", &names), None);
    }
}
