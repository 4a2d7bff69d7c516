//! Tags of HTML.

use super::*;
use crate::text::markdown::tag::{DROPPED, MAPPED};

#[test]
fn what_is_known_is_taken_out_with_its_end_alone() {
    for name in MAPPED.iter().chain(DROPPED) {
        let pair = format!("1 <{name}>x</{name}> 2");
        assert!(!to_plain(&pair).contains('<'), "{pair}");
        assert_eq!(open_tag(&pair), None, "{pair}");
        if matches!(*name, "col" | "wbr") {
            continue;
        }
        for lone in [format!("1 <{name}>x 2"), format!("1 x</{name}> 2")] {
            assert_eq!(to_plain(&lone), lone);
        }
        assert_eq!(open_tag(&format!("1 <{name}>x")), Some(2), "{name}");
    }
    assert_eq!(open_tag("<T>x, Vec<string>, `<b>`, <br>"), None);
}

#[test]
fn a_tag_of_emphasis_shows_beside_letters_too() {
    for (text, plain, markdown) in [
        ("<b>c</b>d", "cd", "**c|**d"),
        ("a<strong>c</strong>d", "acd", "a**|c|**d"),
        ("a<i>c</i>d", "acd", "a|*c*|d"),
        ("很<em>好</em>的", "很好的", "很|*好*|的"),
        ("a<s>c</s>d", "acd", "a|~~c~~d"),
        ("<b>很</b>好", "很好", "**很**好"),
        ("<b>Note: </b>x", "Note: x", "**Note: |**x"),
        ("<i>.rs</i>", ".rs", "*|.rs*"),
        ("<b>c</b><span>d</span>", "cd", "**c|**d"),
        ("<b>a</b><i>b</i>", "ab", "**a**|*b*"),
        ("a<i><b>c</b></i>d", "acd", "a|***c***|d"),
        ("<b>a<i>b</i></b>d", "abd", "**a|*b*|**d"),
        ("### a<b>c</b>d", "acd", "**acd**"),
    ] {
        assert_eq!(to_plain(text), plain, "{text}");
        let markdown = markdown.replace('|', "\u{200b}");
        qq(text, &markdown);
        assert_eq!(qq_to_plain(&markdown), plain, "{text}");
    }
}

#[test]
fn a_tag_of_code_holds_code_as_it_is() {
    for (text, plain, markdown) in [
        ("a<code>c</code>d", "acd", "a`c`d"),
        (
            "<code>2*3*4</code> 2*3*4",
            "2*3*4 2*3*4",
            r"`2*3*4` 2\*3\*4",
        ),
        ("<code>__init__</code>", "__init__", "`__init__`"),
        ("<code>Vec&lt;T&gt;</code>", "Vec<T>", "`Vec<T>`"),
        (r"<code>\d+\.\d*</code>", r"\d+\.\d*", r"`\d+\.\d*`"),
    ] {
        assert_eq!(to_plain(text), plain, "{text}");
        qq(text, markdown);
        assert_eq!(qq_to_plain(markdown), plain, "{text}");
    }
}
