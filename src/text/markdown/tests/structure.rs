//! Links to nothing, tables, lists.

use super::*;

#[test]
fn a_link_to_nothing_anybody_can_open_is_its_text() {
    for text in [
        "[下载]()。",
        "[下载](data:application/zip;base64,…)。",
        "[下载](<data:,>)。",
        "<a href=\"data:text/plain,x\">下载</a>。",
        "<a href=\"\">下载</a>。",
        "<a name=x>下载</a>。",
    ] {
        assert_eq!(to_plain(text), "下载。", "{text}");
        assert_eq!(to_qq(text, LINES), "下载。", "{text}");
    }
    let bold = "看[**一** `二`]()";
    assert_eq!(to_plain(bold), "看一 二");
    qq(bold, "看**一** `二`");
    let html = "<a href='/u'>t</a> <a href='#p'>p</a> <a href='https://a.b'>c</a>";
    assert_eq!(to_plain(html), "t (/u) p c (https://a.b)");
    qq(html, "t (/u) p [c](https://a.b)");
}

#[test]
fn no_cell_is_lost() {
    for (text, plain) in [
        (
            "| 命令 | 用途 |\n|--|--|\n| `cat a | grep b` | 过滤 |\n| ``a||b`` | `x\\|y` |",
            "命令: cat a | grep b\n用途: 过滤\n\n命令: a||b\n用途: x|y",
        ),
        (
            "|A|B|\n|-|-|\n|1|2| **3** | `x|y` ||\n|4|5|2*3\n",
            "A: 1\nB: 2\n3\nx|y\n\nA: 4\nB: 5\n2*3\n",
        ),
        ("> |A|\n> |-|\n> |1|2|3|\n", "> A: 1\n> 2\n> 3\n"),
        ("|A|B|\n|-|-|\n|1|2|a \\| b|", "A: 1\nB: 2\na | b"),
        ("|A|B|\n|-|-|\n|只有一格|\n", "A: 只有一格\n"),
    ] {
        assert_eq!(to_plain(text), plain, "{text}");
        for tables in [false, true] {
            let mapped = to_qq(text, Qq { tables });
            let read = qq_to_plain(&mapped);
            assert_eq!(read, plain, "{text} as {mapped}");
            assert_eq!(to_qq(&mapped, Qq { tables }), mapped, "again");
        }
    }
}

#[test]
fn lists_stay_as_deep_as_they_were() {
    for (text, plain, markdown) in [
        (
            "9. 九\n   - 子九\n10. 十\n   - 子十\n     - 孙\n11. end",
            "9. 九\n   • 子九\n10. 十\n   • 子十\n     • 孙\n11. end",
            "9. 九\n    - 子九\n10. 十\n    - 子十\n        - 孙\n11. end",
        ),
        (
            "100. a\n  - b\n\n  c\n\nd\n  e",
            "100. a\n  • b\n\n  c\n\nd\n  e",
            "100. a\n     - b\n\n     c\n\nd\n  e",
        ),
        (
            "10. a\n   ```\n   10. b\n      - c\n   ```\n",
            "10. a\n   10. b\n      - c\n",
            "10. a\n    ```\n    10. b\n       - c\n    ```\n",
        ),
        (
            "```\n10. a\n   - b\n```\n",
            "10. a\n   - b\n",
            "```\n10. a\n   - b\n```\n",
        ),
    ] {
        assert_eq!(to_plain(text), plain, "{text}");
        qq(text, markdown);
    }
}
