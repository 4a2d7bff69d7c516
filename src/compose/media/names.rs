//! What a file is called: names out of addresses and headers, made safe.

use percent_encoding::percent_decode_str;

/// Characters of a name that is sent on.
pub(crate) const LONGEST: usize = 120;
/// Characters of an ending that is kept when a name is cut.
const LONGEST_ENDING: usize = 16;

/// A name for the platform: one line, without a folder, not endless, and as it
/// looks: nothing in it hides or turns round what stands beside it.
pub(crate) fn tidy(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = base.chars().filter(|c| !is_hidden(*c)).collect();
    match shorter(shown.trim()) {
        name if matches!(name.as_str(), "" | "." | "..") => "file".to_owned(),
        name => name,
    }
}

/// What a name is cut to still says what the file is.
fn shorter(name: &str) -> String {
    let over = name.chars().count().saturating_sub(LONGEST);
    if over == 0 {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let kept = ending.chars().count() + 1;
    if kept > LONGEST_ENDING {
        return name.chars().take(LONGEST).collect();
    }
    let stem: String = name.chars().take(LONGEST - kept).collect();
    format!("{stem}.{ending}")
}

/// Controls, and the marks that have no width or change the direction.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

/// The name at the end of a URL, its percent signs read. What is not UTF-8 then
/// stays as it was.
pub(crate) fn of_url(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let (_, rest) = path.split_once("://")?;
    let (_, name) = rest.rsplit_once('/')?;
    let name = unescaped(name).unwrap_or_else(|| name.to_owned());
    (!name.is_empty()).then_some(name)
}

/// The name a server gives a file in `Content-Disposition` (RFC 6266):
/// `filename*` before `filename`. Many servers escape the latter like a URL.
pub(crate) fn of_disposition(header: &str) -> Option<String> {
    let mut plain = None;
    let mut rest = header;
    while let Some((key, value, after)) = parameter(rest) {
        if key.eq_ignore_ascii_case("filename*")
            && let Some(name) = extended(&value)
        {
            return Some(name);
        }
        if key.eq_ignore_ascii_case("filename") && plain.is_none() {
            plain = Some(unescaped(&value).unwrap_or(value));
        }
        rest = after;
    }
    plain.filter(|name| !name.is_empty())
}

/// The first parameter behind a semicolon, and what follows it.
fn parameter(text: &str) -> Option<(&str, String, &str)> {
    let (_, text) = text.split_once(';')?;
    let (key, text) = text.split_once('=')?;
    let text = text.trim_start();
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        let (value, after) = text.split_at(end);
        return Some((key.trim(), value.trim().to_owned(), after));
    };
    let mut value = String::new();
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' if chars.as_str().starts_with(['"', '\\']) => value.extend(chars.next()),
            c => value.push(c),
        }
    }
    Some((key.trim(), value, chars.as_str()))
}

/// `UTF-8''na%C3%AFve.txt` (RFC 8187); other character sets are left to the
/// plain name.
fn extended(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_language, name) = rest.split_once('\'')?;
    let name = unescaped(name).filter(|name| !name.is_empty());
    name.filter(|_| charset.eq_ignore_ascii_case("utf-8"))
}

/// Percent signs read; absent if that is not UTF-8.
fn unescaped(text: &str) -> Option<String> {
    let read = percent_decode_str(text).decode_utf8().ok()?;
    Some(read.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_without_a_folder() {
        for (name, expected) in [
            ("a.png", "a.png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\a.png", "a.png"),
            ("a\r\nb", "ab"),
            ("..", "file"),
            ("x/", "file"),
            ("报告.pdf", "报告.pdf"),
            ("gpj.\u{202e}exe", "gpj.exe"),
            ("\u{feff}a\u{200b}.png", "a.png"),
        ] {
            assert_eq!(tidy(name), expected, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let cut = tidy(&format!("{}.tar.gz", "报".repeat(500)));
        assert!(cut.ends_with("报.gz"), "{cut}");
        assert_eq!(cut.chars().count(), LONGEST);
        assert_eq!(tidy(&"x".repeat(500)).len(), LONGEST);
        assert_eq!(tidy(&format!("a.{}", "x".repeat(500))).len(), LONGEST);
    }

    #[test]
    fn the_name_in_an_address_is_read() {
        for (url, expected) in [
            ("https://h/a/b.png", Some("b.png")),
            (
                "https://h/%E6%8A%A5%E5%91%8A%20v1.pdf?sign=abc",
                Some("报告 v1.pdf"),
            ),
            ("https://h/a.png#x/y.zip", Some("a.png")),
            ("https://h/%2e%2e%2Fetc%2Fpasswd", Some("../etc/passwd")),
            ("https://h/100%.txt", Some("100%.txt")),
            ("https://h/%+f%zz%4", Some("%+f%zz%4")),
            // GBK is not guessed.
            ("https://h/%B1%A8.pdf", Some("%B1%A8.pdf")),
            ("https://h/", None),
            ("https://h", None),
        ] {
            assert_eq!(of_url(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn the_name_in_a_header_is_read() {
        for (header, expected) in [
            ("attachment; filename=a.pdf", Some("a.pdf")),
            ("attachment;filename=\"a; b.pdf\"; size=3", Some("a; b.pdf")),
            (r#"inline; filename="a \"b\".pdf""#, Some("a \"b\".pdf")),
            (r#"inline; FileName="C:\tmp\a.pdf""#, Some(r"C:\tmp\a.pdf")),
            (
                "attachment; filename=\"x.pdf\"; filename*=UTF-8''%E6%8A%A5%20a.pdf",
                Some("报 a.pdf"),
            ),
            (
                "attachment; filename*=utf-8'zh'%E6%8A%A5.pdf; filename=x.pdf",
                Some("报.pdf"),
            ),
            (
                "attachment; filename*=GBK''%B1%A8.pdf; filename=x.pdf",
                Some("x.pdf"),
            ),
            ("attachment; filename=%E6%8A%A5.pdf", Some("报.pdf")),
            ("attachment; filename=报.pdf", Some("报.pdf")),
            ("attachment; filename=\"never closed", Some("never closed")),
            ("attachment; filename=\"\"", None),
            ("attachment; filename", None),
            ("attachment", None),
            ("", None),
        ] {
            assert_eq!(of_disposition(header).as_deref(), expected, "{header}");
        }
    }
}
