//! Tags in the text of an event.

/// What stands before the end of a tag, if that comes within `most` bytes, and
/// what follows. Without a bound a text full of open tags would be searched to
/// its end for each of them.
pub(super) fn until_close(tag: &str, most: usize) -> Option<(&str, &str)> {
    let end = tag.bytes().take(most).position(|byte| byte == b'>')?;
    Some((tag.get(..end)?, tag.get(end + 1..)?))
}
