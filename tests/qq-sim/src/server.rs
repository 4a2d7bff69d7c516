//! The listener: one origin for REST, token and gateway.

use std::io;
use std::sync::Arc;

use axum::{Extension, Router};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

use crate::hub::Hub;

/// Which TCP connection a request came on, counted from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionNumber(pub(crate) u64);

/// Accepts connections for ever.
pub(crate) async fn serve(listener: TcpListener, hub: Arc<Hub>) {
    let router = crate::http::router(Arc::clone(&hub));
    let mut number = 0;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                number += 1;
                hub.spawn(converse(stream, number, router.clone()));
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

async fn converse(stream: TcpStream, number: u64, router: Router) {
    // Small frames both ways; a failure only costs speed.
    let _ = stream.set_nodelay(true);
    let router = router.layer(Extension(ConnectionNumber(number)));
    let service = TowerToHyperService::new(router);
    let serving = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    // Clients leave in the middle of things; that is no concern of the server's.
    let _ = serving.await;
}
