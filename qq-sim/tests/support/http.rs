//! One request, one answer.

use std::collections::HashMap;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::LONG;

/// An HTTP answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// `err_code` if there is one, else `code`, as clients should read it.
    pub fn code(&self) -> i64 {
        let body = self.json();
        let code = |name: &str| body.get(name).and_then(Value::as_i64);
        code("err_code").or_else(|| code("code")).unwrap_or(0)
    }
}

/// One request on its own connection. `Err` if the connection broke before the end.
pub async fn http(base: &str, line: &str, headers: &str, body: &str) -> Result<Reply, String> {
    http_bytes(base, line, headers, body.as_bytes()).await
}

/// As [`http`], with any bytes.
pub async fn http_bytes(
    base: &str,
    line: &str,
    headers: &str,
    body: &[u8],
) -> Result<Reply, String> {
    let host = base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut bytes = Vec::new();
    let read = timeout(LONG, stream.read_to_end(&mut bytes)).await.unwrap();
    let reply = parse(&String::from_utf8(bytes).unwrap())?;
    read.map_err(|error| error.to_string())?;
    Ok(reply)
}

fn parse(answer: &str) -> Result<Reply, String> {
    let (head, text) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .unwrap()
        .parse()
        .unwrap();
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let announced = headers
        .get("content-length")
        .map(|length| length.parse::<usize>().unwrap());
    if announced.is_some_and(|length| length != text.len()) {
        return Err("truncated".to_owned());
    }
    Ok(Reply {
        status,
        headers,
        text: text.to_owned(),
    })
}

pub async fn fetch_token(base: &str, app_id: &str, secret: &str) -> Reply {
    let body = json!({"appId": app_id, "clientSecret": secret}).to_string();
    http(
        base,
        "POST /app/getAppAccessToken",
        "content-type: application/json\r\n",
        &body,
    )
    .await
    .unwrap()
}
