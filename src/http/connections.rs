//! TCP connections: how many there may be, how slow, and how they end.

use std::{io, sync::Arc, time::Duration};

use axum::{body::Body, extract::Request};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use procfs::process::LimitValue;
use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;

use super::middleware::HttpService;

/// How long the head of a request may take, and how long a kept-alive connection may be idle.
const HEAD_DEADLINE: Duration = Duration::from_secs(30);
/// How long a client may read nothing of an answer before it is disconnected.
const UNREAD_DEADLINE: Duration = Duration::from_secs(30);
/// The most connections at once; further ones wait to be accepted. Far more than open pages need, it bounds
/// what a flood can use.
const MOST_CONNECTIONS: usize = 10_000;
/// File descriptors left for upstreams, the store, [`INTERNAL`] connections and the rest.
const RESERVED: usize = 64;
/// The most connections at once to the address in `METRICS_ADDR`, for probes and scrapes.
const INTERNAL: usize = 16;
/// The largest request head that is buffered; the URI alone may have 64 KB.
const HEAD_BUFFER: usize = 96 * 1024;
/// The pause after a failed accept, such as when file descriptors run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves connections on `listener` until `stop` is cancelled. Then accepts no more, closes idle ones, and
/// returns once the last request in flight is answered.
///
/// This uses hyper because `axum::serve` has no deadline for the head of a request.
pub async fn serve(
    listener: TcpListener,
    service: impl HttpService,
    room: Arc<Semaphore>,
    stop: CancellationToken,
) {
    let service =
        ServiceBuilder::new().map_request(|r: Request<Incoming>| r.map(Body::new)).service(service);
    let service = TowerToHyperService::new(service);
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_DEADLINE).max_buf_size(HEAD_BUFFER);
    loop {
        let accept = async {
            let place = Arc::clone(&room).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let Some((place, accepted)) = stop.run_until_cancelled(accept).await else { break };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::debug!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        if let Err(error) = set_options(&stream) {
            tracing::debug!(%error, "a connection closed before its first byte");
            continue;
        }
        let connection = http.serve_connection(TokioIo::new(stream), service.clone());
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Returns permits for connections: as many as file descriptors allow, at most [`MOST_CONNECTIONS`].
pub fn room() -> Arc<Semaphore> {
    let limits = procfs::process::Process::myself().and_then(|process| process.limits());
    let descriptors = match limits.map(|limits| limits.max_open_files.soft_limit) {
        Ok(LimitValue::Value(limit)) => usize::try_from(limit).unwrap_or(usize::MAX),
        Ok(LimitValue::Unlimited) | Err(_) => usize::MAX,
    };
    let most = descriptors.saturating_sub(RESERVED).clamp(1, MOST_CONNECTIONS);
    Arc::new(Semaphore::new(most))
}

/// Returns separate permits for probes and scrapes, so that a flood of readers can't use them up.
pub fn internal_room() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(INTERNAL))
}

fn set_options(stream: &TcpStream) -> io::Result<()> {
    // Nagle's algorithm would delay small answers on kept-alive connections by 40 ms.
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(UNREAD_DEADLINE))?;
    // Detects clients that vanish silently while nothing is being sent to them.
    let keepalive = socket2::TcpKeepalive::new().with_time(UNREAD_DEADLINE);
    socket.set_tcp_keepalive(&keepalive)
}

#[cfg(test)]
mod tests {
    use axum::{Router, routing::get};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        time::Instant,
    };

    use super::*;

    // With time paused, the clock jumps to the next deadline whenever all tasks wait.
    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_ends_its_request_is_cut_off() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(|| async { "well" }));
        tokio::spawn(serve(listener, router, room(), CancellationToken::new()));
        let started = Instant::now();
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nhost: ").await.unwrap();
        let mut answer = Vec::new();
        let _ = client.read_to_end(&mut answer).await;
        assert!(!String::from_utf8_lossy(&answer).contains("well"));
        assert!((HEAD_DEADLINE..2 * HEAD_DEADLINE).contains(&started.elapsed()));
    }
}
