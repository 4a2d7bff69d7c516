//! A picture as text: its words and its address, or its sizes as QQ wants them.

use super::destination::is_web;

/// `[text] url`, without the sizes that QQ wants.
pub(super) fn plain_image(label: &str, url: &str) -> String {
    let words = label.split(' ').filter(|word| !is_size(word));
    let label = words.collect::<Vec<_>>().join(" ");
    match label.trim() {
        label if !is_web(url) => placeholder(label),
        "" => url.to_owned(),
        label => format!("[{label}] {url}"),
    }
}

/// Stands for a picture that the platform cannot fetch: a file of this machine,
/// or one written into the text.
fn placeholder(label: &str) -> String {
    match label {
        "" => "【图片 / picture】".to_owned(),
        label => format!("【图片 / picture: {label}】"),
    }
}

/// `text|200x100` as `text #200px #100px`.
pub(super) fn sized(label: &str) -> Option<String> {
    let (text, size) = label.rsplit_once('|')?;
    let (width, height) = size.trim().split_once('x')?;
    let (width, height) = (width.parse::<u16>().ok()?, height.parse::<u16>().ok()?);
    Some(format!("{} #{width}px #{height}px", text.trim()))
}

/// `#200px`.
fn is_size(word: &str) -> bool {
    let digits = word
        .strip_prefix('#')
        .and_then(|word| word.strip_suffix("px"));
    digits.is_some_and(|digits| digits.parse::<u16>().is_ok())
}
