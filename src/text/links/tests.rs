//! What is a URL, and what becomes of it.

use super::*;

#[test]
fn urls_and_bare_domains_are_found() {
    for (text, expected) in [
        ("see https://a.b/c?d=e#f.", &["https://a.b/c?d=e#f"][..]),
        ("(https://a.b/c_(d)) x", &["https://a.b/c_(d)"]),
        (
            "example.com, www.example.co.uk/x!",
            &["example.com", "www.example.co.uk/x"],
        ),
        (
            "访问example.com的网页https://例子.中国/路径。",
            &["访问example.com", "https://例子.中国/路径"],
        ),
        (
            "main.rs file.name README.md",
            &["main.rs", "file.name", "README.md"],
        ),
        (
            "[t](https://a.b) <http://c.d>",
            &["https://a.b", "http://c.d"],
        ),
        (
            "me@example.com:8080 ws://localhost:1/x",
            &["me@example.com:8080", "ws://localhost:1/x"],
        ),
        ("1.2.3.4/x 10.0.0.256 v1.2.3", &["1.2.3.4/x"]),
        ("e.g. i.e. 3.14 a.b1 foo.bar() x..com .com obj.method", &[]),
        ("Ende.Neu 句子.下一句 a://", &[]),
        (
            "HTTPS://A.COM xn--a.xn--p1ai",
            &["HTTPS://A.COM", "xn--a.xn--p1ai"],
        ),
    ] {
        let found: Vec<&str> = find(text).into_iter().map(|url| &text[url]).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn neutral_text_is_readable_and_has_no_url() {
    for (text, expected) in [
        ("no URL, 3.14 and e.g. this", "no URL, 3.14 and e.g. this"),
        ("see https://a.cn/c.html.", "see a。cn/c。html."),
        ("[text](https://a.cn/c) x", "text (a。cn/c) x"),
        ("![alt](https://a.cn/i.png \"t\")", "alt (a。cn/i。png)"),
        ("[https://a.cn](https://a.cn) [](b.cn)", "a。cn b。cn"),
        ("[x[1]](<http://a.cn>) <https://b.cn>", "x[1] (a。cn) b。cn"),
        (
            "ftp://a.cn http://b.cn/http://c.cn",
            "ftp：//a。cn b。cn/http：//c。cn",
        ),
        ("`main.rs` me@a.com", "`main。rs` me@a。com"),
        ("[a.cn] (b.cn)", "[a。cn] (b。cn)"),
    ] {
        assert_eq!(neutralise(text), expected, "{text}");
        assert_eq!(neutralise(expected), expected, "again");
        assert_eq!(find(expected), [], "{expected}");
    }
}
