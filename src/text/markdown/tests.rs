//! What is mapped and what stays, as tables.

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
        ("* a\n+ b\n\n1) c", "- a\n- b\n\n1. c"),
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

/// What is written, what a reader of plain text sees, and what is sent as
/// Markdown, `|` for U+200B.
const WORDS: &[(&str, &str, &str)] = &[
    (
        "面积=长*宽*高，2*3*4",
        "面积=长*宽*高，2*3*4",
        r"面积=长\*宽\*高，2\*3\*4",
    ),
    ("2**3+4**2=24", "2**3+4**2=24", r"2\*\*3+4\*\*2=24"),
    (
        "*.py 和 *.rs 都要，用 rm -rf ./*。",
        "*.py 和 *.rs 都要，用 rm -rf ./*。",
        r"*.py 和 \*.rs 都要，用 rm -rf ./\*。",
    ),
    (
        "__init__.py 和 __init__ 方法，self.__dict__",
        "__init__.py 和 __init__ 方法，self.__dict__",
        r"\_\_init\_\_.py 和 \_\_init\_\_ 方法，self.\_\_dict\_\_",
    ),
    (
        r"C:\Users\_tmp\[a]\*.txt",
        r"C:\Users\_tmp\[a]\*.txt",
        r"C:\Users\\\_tmp\\\[a]\\\*.txt",
    ),
    (
        "**《红楼梦》**、**《西游记》**、**《三国演义》**都是名著。",
        "《红楼梦》、《西游记》、《三国演义》都是名著。",
        "**《红楼梦》**、**《西游记》**、**《三国演义》|**都是名著。",
    ),
    (
        "**优点：**快；**缺点：**贵；**（备注）**无。",
        "优点：快；缺点：贵；（备注）无。",
        "**优点：|**快；**缺点：|**贵；**（备注）|**无。",
    ),
    (
        r"$a_1*b_1$ 与 $c*d$、$\{1,2\}$",
        r"$a_1*b_1$ 与 $c*d$、$\{1,2\}$",
        r"$a_1|\*b_1$ 与 $c|\*d$、$\\\{1,2\\\}$",
    ),
    (r"e^{-x^2}\,dx", r"e^{-x^2}\,dx", r"e^{-x^2}\\\,dx"),
    (
        "\\(x_1\\) \\[\n\\begin{a}\nb &= c \\\\\n- d\n\\end{a}\n\\]",
        "\\(x_1\\) \\[\n\\begin{a}\nb &= c \\\\\n- d\n\\end{a}\n\\]",
        "\\\\\\(x_1\\\\\\) \\\\\\[\n\\begin{a}\nb &= c \\\\\\\\ - d\n\\end{a}\n\\\\\\]",
    ),
    (
        "这是**重点**，**API**接口，版本**v2**发布，**A：****B**",
        "这是重点，API接口，版本v2发布，A：B",
        "这是**重点**，**API**接口，版本**v2**发布，**A：****B**",
    ),
    (
        "***both*** **a *b* c** *a **b** c* ***a** b*",
        "both a b c a b c a b",
        "***both*** **a *b* c** *a **b** c* ***a** b*",
    ),
    (
        "[长*宽*高](https://a.b/c_d_e) **[x](https://a.b)**",
        "长*宽*高 (https://a.b/c_d_e) x (https://a.b)",
        r"[长\*宽\*高](https://a.b/c_d_e) **[x](https://a.b)**",
    ),
    (
        "![长*宽*高](https://a.b/i.png)",
        "[长*宽*高] https://a.b/i.png",
        "![长*宽*高](https://a.b/i.png)",
    ),
    (
        "x**2 + y**2, f(*args, **kwargs), a ** b, (a)**2*(b)**2",
        "x**2 + y**2, f(*args, **kwargs), a ** b, (a)**2*(b)**2",
        r"x\*\*2 + y\*\*2, f(*args, **kwargs), a ** b, (a)\*\*2\*(b)**2",
    ),
    (
        r"snake\_case\_name \*x\* 1\. \d+\.\d* \\server\_share",
        r"snake_case_name *x* 1. \d+\.\d* \\server\_share",
        r"snake\_case\_name \*x\* 1\. \d+\\\.\d* \\\\server\\\_share",
    ),
    (
        "姓名：____ 年龄：__ 岁，~~旧~~ 好呀~~明天见~~ 3~5",
        "姓名：____ 年龄：__ 岁，旧 好呀~~明天见~~ 3~5",
        "姓名：____ 年龄：__ 岁，~~旧~~ 好呀~~明天见~~ 3~5",
    ),
    (
        "# 面积=长*宽*高\n\n### **《书》**名",
        "面积=长*宽*高\n\n《书》名",
        "# 面积=长\\*宽\\*高\n\n**《书》名**",
    ),
    (
        "- *强调*：**a**，b\n- 长*宽*高",
        "• 强调：a，b\n• 长*宽*高",
        "- *强调*：**a**，b\n- 长\\*宽\\*高",
    ),
    (
        "注*：价格*，/* c */ a/*b*/c **/node/** int *p; *note: this*",
        "注*：价格*，/* c */ a/*b*/c **/node/** int *p; note: this",
        r"注*：价格*，/* c */ a/\*b\*/c \*\*/node/\*\* int *p; *note: this*",
    ),
];

/// The same for what only code means: names between underscores, calls, and
/// comparisons. Where emphasis shows, its marks are left to the writer.
const CODE: &[(&str, &str, &str)] = &[
    (
        "_id_ 字段，(_id_)",
        "_id_ 字段，(_id_)",
        "_id_ 字段，(_id_)",
    ),
    (
        "let _x_ = __v__ + 1;",
        "let _x_ = __v__ + 1;",
        "let _x_ = __v__ + 1;",
    ),
    (
        "魔术方法 __y__ 与 __all__，_x_1_",
        "魔术方法 __y__ 与 __all__，_x_1_",
        r"魔术方法 __y__ 与 \_\_all\_\_，_x_1_",
    ),
    (
        "def __call__(self, _x_, __y__): pass",
        "def __call__(self, _x_, __y__): pass",
        r"def \_\_call\_\_(self, _x_, __y__): pass",
    ),
    ("_x = 1; y_", "_x = 1; y_", "_x = 1; y_"),
    (
        "_两个 词_ __two words__ *_x_*",
        "两个 词 two words _x_",
        "_两个 词_ __two words__ *_x_*",
    ),
    (
        "arr[i](x) 与 f[0](1)，[a, b](c)",
        "arr[i](x) 与 f[0](1)，[a, b](c)",
        r"arr\[i](x) 与 f\[0](1)，\[a, b](c)",
    ),
    (
        "vec![i](x) m[a][b](c) `f[0](1)` [](x) [x]() { } [y]() -> z",
        "vec![i](x) m[a][b](c) f[0](1) [](x) [x]() { } [y]() -> z",
        r"vec!\[i](x) m[a]\[b](c) `f[0](1)` \[](x) \[x]() { } \[y]() -> z",
    ),
    (
        "Python[文档](https://a.b/c) [x](#p) [README.md](README.md) [*a*](/b)",
        "Python文档 (https://a.b/c) x README.md a (/b)",
        "Python[文档](https://a.b/c) [x](#p) [README.md](README.md) [*a*](/b)",
    ),
    (
        "a<b>c，x <i> y </s> z，</p>，<p>q",
        "a<b>c，x <i> y </s> z，</p>，<p>q",
        "a<b>c，x <i> y </s> z，</p>，<p>q",
    ),
    (
        "if a<b && c>d {}，`<b>` x</b>，<b>重</b>点",
        "if a<b && c>d {}，<b> x</b>，重点",
        "if a<b && c>d {}，`<b>` x</b>，**重**点",
    ),
];

#[test]
fn words_arrive_as_they_were_written() {
    for (text, plain, markdown) in WORDS.iter().chain(CODE) {
        assert_eq!(to_plain(text), *plain, "{text}");
        let markdown = markdown.replace('|', "\u{200b}");
        qq(text, &markdown);
    }
}

#[test]
fn what_was_written_for_qq_is_read_the_same_without_markup() {
    for (text, plain, markdown) in WORDS.iter().chain(CODE) {
        // A line of a formula may have moved up.
        let read = qq_to_plain(&markdown.replace('|', "\u{200b}"));
        let plain = plain.replace("\\\\\n- d", "\\\\ - d");
        assert_eq!(read, plain, "{text}");
    }
}

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
