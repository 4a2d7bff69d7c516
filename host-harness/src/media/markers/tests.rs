//! Which runs of a text are markers.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;

/// Words as they are, markers as `<KIND place>`.
fn shown(text: &str) -> String {
    let show = |piece: &Piece| match piece {
        Piece::Words(range) => text.get(range.clone()).unwrap_or("!").to_owned(),
        Piece::Marker(_, m) => format!("<{} {}>", m.kind.name(), m.place),
    };
    pieces(text).iter().map(show).collect()
}

#[test]
fn markers_are_found_and_other_brackets_are_words() {
    for (text, expected) in [
        ("a [IMAGE:/x/a.png] b", "a <IMAGE /x/a.png> b"),
        ("[VIDEO: https://a/b?c=1 ]", "<VIDEO https://a/b?c=1>"),
        ("[AUDIO:a][VOICE:b]", "<AUDIO a><VOICE b>"),
        ("[[DOCUMENT:a b.pdf]]", "[<DOCUMENT a b.pdf>]"),
        (
            "[image:x] [IMAGE] [IMAGE:] [IMAGE: ] [IMAGES:x]",
            "[image:x] [IMAGE] [IMAGE:] [IMAGE: ] [IMAGES:x]",
        ),
        ("[IMAGE:a\nb]", "[IMAGE:a\nb]"),
        ("[IMAGE:a", "[IMAGE:a"),
        ("\\[IMAGE:a]", "\\[IMAGE:a]"),
        ("[x](y) [图片:z]", "[x](y) [图片:z]"),
        ("", ""),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn code_is_left_alone() {
    for text in [
        "write `[IMAGE:/x/a.png]` to send it",
        "``[IMAGE:a] ` [VOICE:b]``",
        "```\n[IMAGE:/x/a.png]\n```",
        "~~~~md\n~~~\n[IMAGE:a]\n~~~\n~~~~",
        "- first\n  ```\n  ![x](data:image/png;base64,AAAA)\n  ```",
        "so:\n\n    [DOCUMENT:a]\n\nthat is it",
        "```\nnever closed [IMAGE:a]",
    ] {
        assert_eq!(shown(text), text);
    }
    let mixed = "`[IMAGE:a]` [IMAGE:b] `[IMAGE:c]`";
    assert_eq!(shown(mixed), "`[IMAGE:a]` <IMAGE b> `[IMAGE:c]`");
}

#[test]
fn pictures_written_as_base64_are_markers_whatever_stands_around_them() {
    let data = format!("data:image/png;base64,{}", "iVBORw0K".repeat(40));
    for (text, expected) in [
        (format!("a ![x]({data}) b"), format!("a <IMAGE {data}> b")),
        (format!("![x](<{data}> \"t\")"), format!("<IMAGE {data}>")),
        (format!("![]({data} 'title')!"), format!("<IMAGE {data}>!")),
        (format!("[IMAGE:{data}]"), format!("<IMAGE {data}>")),
        (
            format!("[IMAGE:{}\n{}]", data, "AAAA"),
            format!("<IMAGE {data}\nAAAA>"),
        ),
        (
            "[VOICE:base64://AAAA]".to_owned(),
            "<VOICE base64://AAAA>".to_owned(),
        ),
        (
            format!("x <IMG alt='a' src=\"{data}\" width=3/> y"),
            format!("x <IMAGE {data}> y"),
        ),
        (format!("here: {data}."), format!("here: <IMAGE {data}>.")),
        (
            "![x](data:image/png;base64,iVBOR...)".to_owned(),
            "<IMAGE data:image/png;base64,iVBOR...>".to_owned(),
        ),
        (
            format!("[DOCUMENT:data:application/pdf;base64,{}]", "A"),
            "<DOCUMENT data:application/pdf;base64,A>".to_owned(),
        ),
    ] {
        assert_eq!(shown(&text), expected);
    }
}

#[test]
fn a_picture_that_breaks_off_with_its_text_floods_nobody() {
    let half = "iVBORw0K".repeat(2_000);
    for (text, expected) in [
        (
            format!("so ![x](data:image/png;base64,{half}"),
            "so <IMAGE data:,>",
        ),
        (format!("so [IMAGE:base64://{half}"), "so <IMAGE data:,>"),
        (
            format!("so <img src='data:image/png;base64,{half}"),
            "so <IMAGE data:,>",
        ),
    ] {
        assert_eq!(shown(&text), expected);
    }
}

#[test]
fn talk_about_data_addresses_is_words() {
    for text in [
        "use data:image/png;base64, and then the bytes",
        "an example: data:image/png;base64,iVBORw0KGgo=",
        "write [IMAGE:data: and what follows",
        "write ![x](data: and so on",
        "metadata: none, 数据data:x",
        "![x](https://h/a.png) <img src=\"https://h/a.png\">",
        "a < b, d > e! <imgx>",
    ] {
        assert_eq!(shown(text), text);
    }
}

/// Every text of up to four of these, put together: no text is lost, whatever
/// stands around a marker, and what was shown of a growing one stays.
#[test]
fn the_pieces_are_the_text_and_its_lead_only_grows() {
    let bits = [
        "[",
        "]",
        "[IMAGE:",
        "[VOICE:x]",
        "图",
        "\n",
        ":",
        "a]",
        "![",
        "](",
        "data:",
        ")",
        "`",
        "<img ",
        "[DOCUMENT:é]",
    ];
    let mut texts = vec![String::new()];
    for _ in 0..4 {
        let longer = texts
            .iter()
            .flat_map(|text| bits.map(|bit| format!("{text}{bit}")));
        let longer: Vec<String> = longer.collect();
        for text in &longer {
            let range = |piece: &Piece| match piece {
                Piece::Words(range) | Piece::Marker(range, _) => range.clone(),
            };
            let joined: String = pieces(text)
                .iter()
                .filter_map(|piece| text.get(range(piece)))
                .collect();
            assert_eq!(joined, *text);
            let shown = lead(text);
            for piece in pieces(text) {
                if let Piece::Marker(range, _) = piece {
                    assert!(shown.len() <= range.start, "{text:?} shows {shown:?}");
                }
            }
        }
        texts = longer;
    }
}

#[test]
fn a_growing_text_is_shown_up_to_its_first_marker() {
    let data = format!("data:image/png;base64,{}", "AAAA".repeat(40));
    for (text, shown) in [
        ("plain [1] text", "plain [1] text"),
        ("see [", "see"),
        ("see [IMA", "see"),
        ("see [IMAGES", "see [IMAGES"),
        ("see\n\n[IMAGE:https://h/a] more", "see"),
        ("[好] [VIDEO:", "[好]"),
        ("[Important]", "[Important]"),
        ("see `[IMAGE:a]` and", "see `[IMAGE:a]` and"),
        ("see !", "see"),
        ("see ![x", "see"),
        ("see ![x](da", "see"),
        (
            "see ![x](https://h/a.png) and",
            "see ![x](https://h/a.png) and",
        ),
        (&format!("see ![x]({data}"), "see"),
        (&format!("see {data}"), "see"),
        ("see data:image/png;ba", "see"),
        ("the data", "the"),
        ("the data is", "the data is"),
        ("see <im", "see"),
        (
            "see <img src=\"https://h/a\"> b",
            "see <img src=\"https://h/a\"> b",
        ),
    ] {
        assert_eq!(lead(text), shown);
    }
}

#[test]
fn hostile_repetition_takes_no_longer_than_its_length() {
    for bit in [
        "![a](data:",
        "[IMAGE:data:",
        "<img src=\"data:",
        "[IMAGE:",
        "data:a;base64,",
        "![",
    ] {
        let text = bit.repeat(100_000 / bit.len());
        let joined: usize = pieces(&text)
            .iter()
            .map(|piece| match piece {
                Piece::Words(range) | Piece::Marker(range, _) => range.len(),
            })
            .sum();
        assert_eq!(joined, text.len());
    }
}
