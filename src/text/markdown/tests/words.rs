//! What looks like emphasis and is not, and what is and does not look like it.

use super::*;

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
    (
        "**高**/**中**/**低**，**A**/**B**、**C**,**D**~**F**-**G**",
        "高/中/低，A/B、C,D~F-G",
        "**高**/**中**/**低**，**A**/**B**、**C**,**D**~**F**-**G**",
    ),
    (
        "(*^▽^*) _(:з」∠)_ o(*￣▽￣*)o >_< -_- *_*，(*重点*) _(注)_",
        "(*^▽^*) _(:з」∠)_ o(*￣▽￣*)o >_< -_- *_*，(重点) (注)",
        r"(\*^▽^\*) \_(:з」∠)\_ o(\*￣▽￣\*)o >\_< -\_- \*_\*，(*重点*) _(注)_",
    ),
    (
        "* * * * * a\n*/2 * * * * b\n\n> * 3 */2 * * c",
        "* * * * * a\n*/2 * * * * b\n\n> * 3 */2 * * c",
        "\\* * * * * a\n*/2 * * * * b\n\n> \\* 3 */2 * * c",
    ),
    (
        "温度变化：\n+ 3 度\n+ 2 度",
        "温度变化：\n+ 3 度\n+ 2 度",
        "温度变化：\n\\+ 3 度\n\\+ 2 度",
    ),
    (
        "docker run \\\n  -v /a:/b \\\n  image",
        "docker run \\\n  -v /a:/b \\\n  image",
        "docker run |\\\\\n  -v /a:/b |\\\\\n  image",
    ),
    (
        "a &= b*c* \\\\\nd\\\\\ne",
        "a &= b*c* \\\\\nd\\\\\ne",
        "a &= b\\*c\\* \\\\\\\\\nd\\\\\\\\\ne",
    ),
    (
        "src/**/x.rs 与 a/**b，https://a.b/**c**",
        "src/**/x.rs 与 a/**b，https://a.b/**c**",
        r"src/**/x.rs 与 a/**b，https://a.b/\*\*c\*\*",
    ),
    (
        r#"char *s = "*"; a = b**c; s = '*' + s + '*'; "*y*" '_'"#,
        r#"char *s = "*"; a = b**c; s = '*' + s + '*'; "*y*" '_'"#,
        r#"char \*s = "\*"; a = b**c; s = '\*' + s + '\*'; "\*y\*" '_'"#,
    ),
    (
        r#""**重点**" *他说"好"* "a *b*""#,
        r#""重点" 他说"好" "a b""#,
        r#""**重点**" *他说"好"* "a *b*""#,
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
