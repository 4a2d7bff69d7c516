//! Server-sent events, as far as completions use them: the data of each event.
//!
//! Lines have a bound, and so has the whole: a server that never stops must not
//! fill the memory.

use futures_util::StreamExt;
use tokio::io::AsyncRead;
use tokio::time::timeout;
use tokio_util::codec::{FramedRead, LinesCodec};

use super::server::Waits;

/// Longest line, bytes.
const LINE: usize = 1024 * 1024;
/// Longest stream, bytes. An answer needs a few hundred bytes a word here.
const STREAM: usize = 64 * 1024 * 1024;

/// The events of one answer.
pub(super) struct Events<R> {
    lines: FramedRead<R, LinesCodec>,
    waits: Waits,
    bytes: usize,
}

impl<R: AsyncRead + Unpin> Events<R> {
    pub(super) fn new(from: R, waits: Waits) -> Self {
        Self {
            lines: FramedRead::new(from, LinesCodec::new_with_max_length(LINE)),
            waits,
            bytes: 0,
        }
    }

    /// Data of the next event, `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<String>, String> {
        let mut data: Option<String> = None;
        while let Some(line) = self.line().await? {
            if line.is_empty() {
                if data.is_some() {
                    return Ok(data);
                }
            } else if let Some(value) = line.strip_prefix("data:") {
                let value = value.strip_prefix(' ').unwrap_or(value);
                match &mut data {
                    Some(data) => {
                        data.push('\n');
                        data.push_str(value);
                    }
                    None => data = Some(value.to_owned()),
                }
            }
            // Comments keep the connection alive; names and ids say nothing here.
        }
        Ok(data)
    }

    async fn line(&mut self) -> Result<Option<String>, String> {
        let wait = if self.bytes == 0 {
            self.waits.first_byte
        } else {
            self.waits.idle
        };
        let line = timeout(wait, self.lines.next())
            .await
            .map_err(|_late| format!("the model said nothing for {} s", wait.as_secs()))?;
        let Some(line) = line else {
            return Ok(None);
        };
        let line = line.map_err(|cause| format!("the answer broke off: {cause}"))?;
        self.bytes += line.len() + 1;
        if self.bytes > STREAM {
            return Err("the answer never ends".to_owned());
        }
        Ok(Some(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Duration;

    const WAITS: Waits = Waits {
        first_byte: Duration::from_secs(9),
        idle: Duration::from_secs(5),
    };

    async fn events(chunks: &[&[u8]]) -> Result<Vec<String>, String> {
        let mut from = tokio_test(chunks);
        let mut all = Vec::new();
        while let Some(data) = from.next().await? {
            all.push(data);
        }
        Ok(all)
    }

    fn tokio_test(chunks: &[&[u8]]) -> Events<impl AsyncRead + Unpin + use<>> {
        let chunks: Vec<_> = chunks
            .iter()
            .map(|chunk| Ok::<_, std::io::Error>(bytes::Bytes::copy_from_slice(chunk)))
            .collect();
        let from = tokio_util::io::StreamReader::new(futures_util::stream::iter(chunks));
        Events::new(from, WAITS)
    }

    #[tokio::test]
    async fn events_are_read_however_they_are_cut() {
        let text = ": hello\r\n\r\ndata: {\"a\":\"好\"}\r\n\r\nevent: x\nid: 1\ndata:b\n\n\n\
                    data: c\ndata: d\n\ndata: [DONE]\n";
        let expected = ["{\"a\":\"好\"}", "b", "c\nd", "[DONE]"];
        assert_eq!(events(&[text.as_bytes()]).await.unwrap(), expected);
        let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(events(&bytes).await.unwrap(), expected);
        for cut in 1..text.len() {
            let (head, tail) = text.as_bytes().split_at(cut);
            assert_eq!(events(&[head, tail]).await.unwrap(), expected, "{cut}");
        }
    }

    #[tokio::test]
    async fn what_is_no_text_or_has_no_end_is_refused() {
        assert!(events(&[b"data: \xff\xfe\n\n"]).await.is_err());
        let line = vec![b'x'; LINE + 1];
        assert!(events(&[b"data: ", &line]).await.is_err());
        let line = [&vec![b'x'; LINE - 8][..], b"\n"].concat();
        let endless = vec![&line[..]; STREAM / LINE + 2];
        assert!(events(&endless).await.unwrap_err().contains("never ends"));
    }

    #[tokio::test(start_paused = true)]
    async fn silence_has_its_limits() {
        let (mut server, client) = tokio::io::duplex(64);
        let mut from = Events::new(client, WAITS);
        let began = tokio::time::Instant::now();
        assert!(from.next().await.unwrap_err().contains("9 s"));
        assert_eq!(began.elapsed(), WAITS.first_byte);
        // A comment is a sign of life.
        tokio::io::AsyncWriteExt::write_all(&mut server, b": alive\n")
            .await
            .unwrap();
        assert!(from.next().await.unwrap_err().contains("5 s"));
        assert_eq!(began.elapsed(), WAITS.first_byte + WAITS.idle);
    }
}
