#![allow(clippy::indexing_slicing, reason = "a test may panic")]

use proptest::prelude::*;

use super::*;

fn cards(text: &str) -> (Vec<String>, Vec<String>) {
    let (pieces, problems) = pieces(text);
    let show = |piece: &Piece| match piece {
        Piece::Words(range) => text[range.clone()].trim().to_owned(),
        Piece::InWords(_, words) => words.clone(),
        Piece::Card(_, card) => format!("{card:?}")
            .chars()
            .take_while(|c| *c != '(')
            .collect(),
    };
    (pieces.iter().map(show).collect(), problems)
}

#[test]
fn blocks_of_their_own_are_cards_and_others_are_text() {
    let embed = "```qq-embed\n{\"title\":\"T\"}\n```";
    for (text, expected) in [
        (format!("a\n{embed}\nb"), vec!["a", "Embed", "b"]),
        (
            format!("{embed}\n{embed}"),
            vec!["", "Embed", "", "Embed", ""],
        ),
        (embed.replace("```", "~~~~"), vec!["", "Embed", ""]),
        (
            "```qq-embed\n{\"title\":\"T\"}".to_owned(),
            vec!["", "Embed", ""],
        ),
    ] {
        assert_eq!(
            cards(&text),
            (expected.iter().map(|s| (*s).to_owned()).collect(), vec![]),
            "{text}"
        );
    }
    for text in [
        format!("> {}", embed.replace('\n', "\n> ")),
        format!("- {}", embed.replace('\n', "\n  ")),
        format!("````\n{embed}\n````"),
        embed.replace("embed", "embedded"),
        "words about qq-embed".to_owned(),
    ] {
        assert_eq!(
            cards(&text),
            (vec![text.trim().to_owned()], vec![]),
            "{text}"
        );
    }
}

#[test]
fn what_is_wrong_is_said_without_what_was_written() {
    for (kind, json, problem) in [
        (
            "embed",
            "{\"title\":\"secret",
            "it is not JSON (line 2, column 0 of the block)",
        ),
        (
            "embed",
            "{}",
            "a field is missing, unknown or of the wrong type (line 1, column 2 of the block)",
        ),
        (
            "embed",
            "{\"title\":\"T\",\"secret\":1}",
            "a field is missing, unknown or of the wrong type (line 1, column 21 of the block)",
        ),
        (
            "ark",
            "{\"template\":24,\"title\":7}",
            "a field is neither text nor a list of rows",
        ),
        (
            "ark",
            "{\"template\":1}",
            "the template is not 23, 24 or 37",
        ),
        ("embed", "{\"title\":\" \"}", "the title is empty"),
        ("keyboard", "{\"rows\":[]}", "a keyboard has 1 to 5 rows"),
        ("keyboard", "{\"rows\":[[]]}", "a row has 1 to 5 buttons"),
        (
            "keyboard",
            "{\"rows\":[[{\"label\":\"A\"}]]}",
            "a button has one of url, callback and input",
        ),
        (
            "keyboard",
            "{\"rows\":[[{\"label\":\"A\",\"callback\":\"x\",\"url\":\"https://a\"}]]}",
            "a button has one of url, callback and input",
        ),
    ] {
        let text = format!("```qq-{kind}\n{json}\n```");
        let expected = (vec![text.clone()], vec![format!("qq-{kind}: {problem}")]);
        assert_eq!(cards(&text), expected);
    }
}

#[test]
fn what_can_be_read_and_not_be_sent_goes_into_words() {
    let row = |label: &str| format!("[{{\"label\":\"{label}\",\"callback\":\"x\"}}]");
    let rows = |rows: &[String]| format!("{{\"rows\":[{}]}}", rows.join(","));
    let six: Vec<String> = (1..=6).map(|n| row(&n.to_string())).collect();
    let long = "x".repeat(1_001);
    for (kind, json, words, problem) in [
        (
            "keyboard",
            rows(&[row("二十五个字的很长很长的标签"), row(" ")]),
            "1. 二十五个字的很长很长的标签\n2. x",
            "a label has 1 to 10 characters",
        ),
        (
            "keyboard",
            rows(&six),
            "1. 1\n2. 2\n3. 3\n4. 4\n5. 5\n6. 6",
            "a keyboard has 1 to 5 rows",
        ),
        (
            "keyboard",
            "{\"rows\":[[{\"label\":\"A\",\"url\":\"q.qq.com\",\"users\":[]}]]}".to_owned(),
            "1. A: q.qq.com",
            "a button's url is not an http(s) address",
        ),
        (
            "keyboard",
            "{\"rows\":[[{\"label\":\"A\",\"callback\":\"x\",\"users\":[]}]]}".to_owned(),
            "1. A",
            "a button for listed people lists nobody",
        ),
        (
            "keyboard",
            "{\"rows\":[[{\"label\":\"A\",\"callback\":\"x\",\"id\":\"1\"},{\"label\":\"B\",\"callback\":\"y\",\"id\":\"1\"}]]}".to_owned(),
            "1. A\n2. B",
            "two buttons have the same id",
        ),
        (
            "embed",
            "{\"title\":\"T\",\"thumbnail\":\"secret\",\"fields\":[\"a\"]}".to_owned(),
            "**T**\n\n- a",
            "the thumbnail is not an http(s) address",
        ),
        (
            "embed",
            format!("{{\"title\":\" \",\"description\":\"{long}\"}}"),
            long.as_str(),
            "the title is empty",
        ),
        (
            "ark",
            "{\"template\":23,\"secret\":\"x\",\"desc\":\"D\"}".to_owned(),
            "D\n\nx",
            "template 23 has only #DESC#, #PROMPT#, #LIST#",
        ),
        (
            "ark",
            "{\"template\":23,\"prompt\":\"x\"}".to_owned(),
            "x",
            "one of #DESC#, #LIST# is needed",
        ),
        (
            "ark",
            "{\"template\":23,\"desc\":[{\"desc\":\"x\"}]}".to_owned(),
            "- x",
            "#DESC# holds a value and no rows",
        ),
        (
            "ark",
            "{\"template\":23,\"list\":\"x\"}".to_owned(),
            "x",
            "#LIST# holds rows and no value",
        ),
        (
            "ark",
            "{\"template\":23,\"list\":[{\"link\":\"https://a\"}]}".to_owned(),
            "- https://a",
            "a row has no desc",
        ),
        (
            "ark",
            "{\"template\":23,\"list\":[{\"name\":\"a\",\"value\":\"b\"}]}".to_owned(),
            "- a, b",
            "a row has desc and link, and nothing else",
        ),
    ] {
        let text = format!("a\n```qq-{kind}\n{json}\n```\nb");
        let expected = ["a", words, "b"].map(str::to_owned).to_vec();
        assert_eq!(cards(&text), (expected, vec![format!("qq-{kind}: {problem}")]));
    }
}

#[test]
fn the_eleventh_card_goes_into_words() {
    let text = "```qq-keyboard\n{\"rows\":[[{\"label\":\"A\",\"input\":\"A\"}]]}\n```\n".repeat(11);
    let (pieces, problems) = cards(&text);
    let all = ["Keyboard"; 10].into_iter().chain(["1. A"]);
    let all = all.flat_map(|piece| ["", piece]).chain([""]);
    assert_eq!(pieces, all.collect::<Vec<_>>());
    assert_eq!(problems, ["qq-keyboard: there are more than 10 cards"]);
}

fn some_text() -> impl Strategy<Value = String> {
    let bit = prop_oneof![
        3 => "[ -~]{0,12}",
        2 => Just("\n".to_owned()),
        2 => Just("```qq-embed\n{\"title\":\"T\"}\n```\n".to_owned()),
        1 => Just("\n```qq-keyboard\n{\"rows\":[[{\"label\":\"好\",\"input\":\"y\"}]]}\n```".to_owned()),
        1 => Just("```qq-ark\n{\"template\":".to_owned()),
        1 => Just("~~~\n".to_owned()),
        1 => Just("> - ".to_owned()),
        1 => "\\PC{0,4}",
    ];
    prop::collection::vec(bit, 0..12).prop_map(|bits| bits.concat())
}

proptest! {
    #[test]
    fn the_pieces_are_the_text(text in some_text()) {
        let (pieces, _) = pieces(&text);
        let joined: String = pieces.iter().map(|piece| match piece {
            Piece::Words(range) | Piece::Card(range, _) | Piece::InWords(range, _) => &text[range.clone()],
        }).collect();
        prop_assert_eq!(joined, text);
    }

    #[test]
    fn what_is_written_in_a_block_never_panics_nor_shows_up_in_a_reason(json in "[ -~\n]{0,60}", kind in 0_usize..3) {
        let planted = format!("{{\"PLANTED\":\"PLANTED\",{json}");
        if let Err(why) = schema::read(Kind::ALL[kind], &planted) {
            prop_assert!(!why.contains("PLANTED"));
        }
    }
}
