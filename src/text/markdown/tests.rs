//! What is mapped and what stays, as tables.

mod structure;
mod tags;
mod words;

use super::*;

const LINES: Qq = Qq { tables: false };

#[track_caller]
fn qq(text: &str, expected: &str) {
    assert_eq!(to_qq(text, LINES), expected, "{text}");
    assert_eq!(to_qq(expected, LINES), expected, "again");
}

#[test]
fn what_qq_knows_and_what_is_no_markup_stays() {
    for text in [
        "",
        "Plain text.\nSecond line, 2 * 3 = 6, snake_case_name, a < b > c & d.",
        "# One\n\n## Two\n\n**b** __b__ *i* _i_ ***bi*** ~~s~~ `c`",
        "[text](https://a.b/c_d) <https://a.b> ![a #20px #30px](https://a.b/i.png)",
        "1. a\n2. b\n    - c\n    - d\n\n> quote\n\n***\n\nend",
        "```rust\nfn main() {\n    // ### no heading, <br>\n}\n```",
        "C:\\dir\\file_name_x.txt 5*3 ~/.config /usr/lib 3~5个，6~8个",
        "Vec<String>, HashMap<K, V>, &T, a && b, x <- y, <T>",
        "  indented\n\ttext\n\n\n  more  ",
        "#hashtag #2 1) no",
        "中文段落，“引号”，第二句。\n下一行：（注）",
        "line \\\\ and \\*escaped\\*",
        "[note]: nothing refers to it",
    ] {
        qq(text, text);
    }
}

#[test]
fn the_rest_is_mapped_to_what_qq_knows() {
    for (text, expected) in [
        ("### Three", "**Three**"),
        ("#### Four **bold** `c` ####", "**Four bold `c`**"),
        ("a\n### T\nb", "a\n\n**T**\n\nb"),
        ("### T\n#### U\nx", "**T**\n\n**U**\n\nx"),
        ("# T #", "# T"),
        ("Title\n===\n\nSub\n---", "# Title\n\n## Sub"),
        ("---\n\n* * *\n\n___", "***\n\n***\n\n***"),
        ("text\n- a\n- b", "text\n\n- a\n- b"),
        ("> text\n> - a", "> text\n>\n> - a"),
        ("- a\n  - b\n    - c\n- d", "- a\n    - b\n        - c\n- d"),
        ("1. a\n   - b\n   - c\n2. d", "1. a\n    - b\n    - c\n2. d"),
        ("* a\n+ b\n\n1) c", "- a\n    \\+ b\n\n1. c"),
        ("+ 新增\n- 删除\n\n+ [x] c", "\\+ 新增\n\n- 删除\n\n- ☑ c"),
        ("- a\n  more\n\n  para", "- a\n    more\n\n    para"),
        (
            "- a\n  ```c\n    x\n  ```",
            "- a\n    ```c\n      x\n    ```",
        ),
        ("`<br>10. # \n  * ", "`\n10. # \n    * "),
        ("- [ ] todo\n- [x] done", "- ☐ todo\n- ☑ done"),
        ("a<br>b<br/>c", "a\nb\nc"),
        (
            "<b>x</b> <em>y</em> <del>z</del> <code>w</code>",
            "**x** *y* ~~z~~ `w`",
        ),
        (
            "<a href=\"https://a.b\">t</a> <u>u</u>",
            "[t](https://a.b) u",
        ),
        ("a <!-- secret --> b", "a  b"),
        ("<!-- one\ntwo -->\n\ntext", "text"),
        (
            "<img src='https://a.b/i.png' width=20 height=\"30px\" alt=x>",
            "![x #20px #30px](https://a.b/i.png)",
        ),
        (
            "![x|20x30](https://a.b/i.png)",
            "![x #20px #30px](https://a.b/i.png)",
        ),
        (
            "![x #1px #2px](/local/path.gif) ![](data:image/png;base64,…) <img src=a.png alt=y>",
            "【图片 / picture: x】 【图片 / picture】 【图片 / picture: y】",
        ),
        (
            "![x](https://a.b/i.png \"t\") [y](/u 'v')",
            "![x](https://a.b/i.png) [y](/u)",
        ),
        (
            "[a][1] and [b]\n\n[1]: https://a.b 'T'\n[b]: https://c.d",
            "[a](https://a.b) and [b](https://c.d)\n\n",
        ),
        ("x[^1]\n\n[^1]: note", "x[1]\n\n[1] note"),
        ("|A|B|\n|-|-|\n|1|2|\n|3||", "A: 1\nB: 2\n\nA: 3"),
        ("> |A|B|\n> |-|-|\n> |1|`x\\|y`|", "> A: 1\n> B: `x|y`"),
        ("a\\\nb&nbsp;c &copy; &lt;b&gt;", "a\nb\u{a0}c © &lt;b&gt;"),
        (
            "<details>\n<summary>More</summary>\n\n### T\n\n</details>",
            "**More**\n\n**T**",
        ),
    ] {
        qq(text, expected);
    }
}

#[test]
fn tables_stay_where_they_are_wanted() {
    let table = "|A|B|\n|-|-|\n|1<br>2|**3**|\n";
    let keep = Qq { tables: true };
    assert_eq!(to_qq(table, keep), "|A|B|\n|-|-|\n|1 2|**3**|\n");
}

#[test]
fn plain_text_is_readable() {
    for (text, expected) in [
        (
            "2 * 3, snake_case_x, C:\\a_b\\c, ~/x",
            "2 * 3, snake_case_x, C:\\a_b\\c, ~/x",
        ),
        (
            "# One\n\nTwo\n===\n\n### *Three* ###",
            "One\n\nTwo\n\nThree",
        ),
        ("**b** __粗 b__ *i* ***bi*** ~~s~~ `c`", "b 粗 b i bi s c"),
        (
            "[text](https://a.b) <https://a.b> [https://a.b](https://a.b)",
            "text (https://a.b) https://a.b https://a.b",
        ),
        (
            "[**a.b**](https://a.b) [x](#part) [](https://a.b)",
            "https://a.b x https://a.b",
        ),
        (
            "![alt #2px #3px](https://a.b/i.png) ![](https://a.b/j.png)",
            "[alt] https://a.b/i.png https://a.b/j.png",
        ),
        ("- a\n- [ ] b\n- [x] c\n1. d", "• a\n☐ b\n☑ c\n1. d"),
        ("> q\n> r", "> q\n> r"),
        ("+ 新增\n- 删除\n  + 3", "+ 新增\n• 删除\n  + 3"),
        (
            "x\n```rust\nfn a() {\n    b\n}\n```\ny",
            "x\nfn a() {\n    b\n}\ny",
        ),
        ("> ```\n> x\n> ```\n> y", "> x\n> y"),
        ("|A|B|\n|-|-|\n|**1**|[t](/u)|", "A: 1\nB: t (/u)"),
        ("&lt;b&gt; &amp; &#42; \\*x\\* \\\\", "<b> & * *x* \\"),
        (
            "a<br>b <b>c</b> <a href='u'>t</a> <!-- x -->",
            "a\nb c t (u) ",
        ),
        ("a  \nb\\\nc", "a  \nb\nc"),
        ("---", "———"),
        ("- [ ] x\n  ---\n", "☐ x\n"),
        (
            "前\n\n<details>\n<summary>更多</summary>\n\n内容\n\n</details>\n\n后",
            "前\n\n更多\n\n内容\n\n后",
        ),
        (
            "<details><summary>S</summary>\n\na\n\n</details>\n",
            "S\n\na",
        ),
        ("a\n<div>\n\nb\n</div>\nc", "a\n\nb\nc"),
        ("<ul>\n<li>a</li>\n\n<li>b</li>\n</ul>", "• a\n\n• b"),
        (
            "<emoji:4> <a:b> <https://a.b>",
            "<emoji:4> <a:b> https://a.b",
        ),
        (
            "![x](/local/path.gif) ![](data:image/png;base64,…) <img src='file:///a'>",
            "【图片 / picture: x】 【图片 / picture】 【图片 / picture】",
        ),
        ("Vec<String> a && b", "Vec<String> a && b"),
    ] {
        assert_eq!(to_plain(text), expected, "{text}");
    }
}
