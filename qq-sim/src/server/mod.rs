//! The listener: one origin for REST, token and gateway, in the clear or under TLS.

pub(crate) mod deadlines;
pub(crate) mod hub;
pub(crate) mod tls;
pub(crate) mod wire;

use std::io;
use std::sync::Arc;

use axum::{Extension, Router};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

use crate::journal::record::Record;
use crate::server::hub::Hub;
use crate::server::wire::{Fuse, Wire};

/// Which TCP connection a request came on, counted from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionNumber(pub(crate) u64);

/// Accepts connections for ever.
pub(crate) async fn serve(listener: TcpListener, hub: Arc<Hub>, router: Router) {
    let mut number = 0;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                number += 1;
                let talk = converse(Arc::clone(&hub), stream, number, router.clone());
                hub.spawn(talk);
            }
            Err(error) => rest_after(&error).await,
        }
    }
}

/// Out of file descriptors is the one error that returns at once, again and again.
async fn rest_after(error: &io::Error) {
    if error.kind() != io::ErrorKind::ConnectionAborted {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

async fn converse(hub: Arc<Hub>, stream: TcpStream, number: u64, router: Router) {
    // Small frames both ways; a failure only costs speed.
    let _ = stream.set_nodelay(true);
    let fuse = Fuse::default();
    let wire = match open(&hub, stream, fuse.clone()).await {
        Ok(wire) => wire,
        Err(error) => {
            let reason = error.to_string();
            hub.journal.push(Some(number), Record::TlsFailed { reason });
            return;
        }
    };
    let router = router
        .layer(Extension(ConnectionNumber(number)))
        .layer(Extension(fuse.clone()));
    let service = TowerToHyperService::new(router);
    let serving = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(wire), service)
        .with_upgrades();
    tokio::select! {
        // Clients leave in the middle of things; that does not concern the server.
        _ = serving => {}
        () = fuse.blown() => {}
    }
}

/// The TLS handshake, if there is to be one.
async fn open(hub: &Hub, stream: TcpStream, fuse: Fuse) -> io::Result<Wire> {
    let Some(tls) = &hub.tls else {
        return Ok(Wire::plain(stream, fuse));
    };
    let stream = tls.acceptor.accept(stream).await?;
    Ok(Wire::tls(stream, fuse))
}
