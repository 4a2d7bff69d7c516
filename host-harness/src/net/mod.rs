//! Sockets, requests and blobs: the I/O that actions ask for. Everything here
//! takes a [`Target`](crate::policy::Target), so nothing undecided is dialled.

mod blob;
mod body;
mod http;
mod pump;
mod resolve;
mod run;
mod sniff;
mod socket;
mod tls;

use std::sync::Arc;

pub(crate) use blob::{BlobWriter, Blobs};
pub(crate) use body::build as build_request;
pub(crate) use http::{Answer, Broken, HttpClient, PlainRequest};
pub(crate) use pump::{SocketEvent, SocketWhat};
pub(crate) use resolve::Resolver;
pub(crate) use run::hex;
pub(crate) use socket::{SocketHandle, SocketSpec, open as open_socket};

use crate::error::Result;

/// What every channel of one host shares: a client with its connections, TLS
/// settings, and the way names are resolved.
#[derive(Clone)]
pub(crate) struct Net {
    pub(crate) http: HttpClient,
    pub(crate) tls: Arc<rustls::ClientConfig>,
    pub(crate) resolver: Resolver,
}

impl Net {
    pub(crate) fn new(allow_loopback: bool) -> Result<Self> {
        let tls = tls::config()?;
        let resolver = Resolver::new(allow_loopback);
        let http = HttpClient::new(&tls, resolver)?;
        Ok(Self {
            http,
            tls,
            resolver,
        })
    }
}
