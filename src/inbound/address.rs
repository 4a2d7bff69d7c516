//! Where a file of a message is, if the field says so at all.

use std::borrow::Cow;

/// The address in a field; the platform often leaves the scheme out. Absent when
/// no file can be there: a number, a word, a path, an address of something else.
pub(super) fn address(field: &str) -> Option<Cow<'_, str>> {
    let url = field.trim();
    let stray = |c: char| c.is_whitespace() || c.is_control();
    if url.contains(stray) {
        return None;
    }
    let is_letter = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let behind_scheme = url.trim_start_matches(is_letter).strip_prefix("://");
    if let Some(rest) = behind_scheme {
        let given = is_web(url.split(':').next().unwrap_or_default());
        return (given && !host(rest).is_empty()).then_some(Cow::Borrowed(url));
    }
    let rest = url.strip_prefix("//");
    let whole = match rest {
        Some(rest) => !host(rest).is_empty(),
        None => is_domain(host(url)),
    };
    whole.then(|| Cow::Owned(format!("https://{}", rest.unwrap_or(url))))
}

fn host(rest: &str) -> &str {
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

fn is_web(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
}

/// With nothing in front, a host shows by its dots: `5` and `3.14` are none.
fn is_domain(host: &str) -> bool {
    let domain = host.split(':').next().unwrap_or_default();
    let labels_hold = domain.split('.').all(|label| !label.is_empty());
    let is_label = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let named = domain.contains(char::is_alphabetic) && domain.chars().all(is_label);
    domain.contains('.') && labels_hold && named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_or_a_host_with_dots() {
        for (field, expected) in [
            ("https://a/b", Some("https://a/b")),
            ("HTTP://127.0.0.1:9/x", Some("HTTP://127.0.0.1:9/x")),
            ("//a/b?c", Some("https://a/b?c")),
            (
                "multimedia.nt.qq.com.cn/x?a=://",
                Some("https://multimedia.nt.qq.com.cn/x?a=://"),
            ),
            (" qpic.cn:443/x ", Some("https://qpic.cn:443/x")),
            ("", None),
            ("5", None),
            ("-5", None),
            ("3.14", None),
            ("10.0.0.1", None),
            ("null", None),
            ("n/a", None),
            ("[object Object]", None),
            ("a b.com/x", None),
            ("/etc/passwd.d/x", None),
            ("../x.y", None),
            ("https://", None),
            ("//", None),
            ("file:///etc/passwd", None),
            ("data:image/png;base64,AAAA", None),
            ("C:\\a.png", None),
        ] {
            assert_eq!(address(field).as_deref(), expected, "{field}");
        }
    }
}
