//! TCP connections from the first byte to the last: how many, how slow, how they end.

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

/// How long the head of a request may take, and a kept connection lie idle.
const HEAD_DEADLINE: Duration = Duration::from_secs(30);
/// How long a client may take nothing of an answer before it is cut off.
const UNREAD_DEADLINE: Duration = Duration::from_secs(30);
/// Connections at once; the next wait to be accepted. Far more than open pages need, and a bound for
/// what a flood can take.
const MOST_CONNECTIONS: usize = 10_000;
/// File descriptors that connections leave to the upstream, the store and the rest: [`INTERNAL`] too.
const RESERVED: usize = 64;
/// Connections at once to the address in `METRICS_ADDR`: some probes, some scrapes.
const INTERNAL: usize = 16;
/// The most of a request's head that is kept in memory; an address alone may have 64 KB.
const HEAD_BUFFER: usize = 96 * 1024;
/// After an accept that failed, as it does without a free file descriptor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Answers on `listener` until it is told to stop; then accepts no more, closes what is idle, and
/// returns when the last request under way is answered.
///
/// `axum::serve` has no deadline for the head of a request: hence hyper.
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
            tracing::debug!(%error, "a connection was gone before its first byte");
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

/// Places for connections: as many as file descriptors allow, and no more than
/// [`MOST_CONNECTIONS`].
pub fn room() -> Arc<Semaphore> {
    let limits = procfs::process::Process::myself().and_then(|process| process.limits());
    let descriptors = match limits.map(|limits| limits.max_open_files.soft_limit) {
        Ok(LimitValue::Value(limit)) => usize::try_from(limit).unwrap_or(usize::MAX),
        Ok(LimitValue::Unlimited) | Err(_) => usize::MAX,
    };
    let most = descriptors.saturating_sub(RESERVED).clamp(1, MOST_CONNECTIONS);
    Arc::new(Semaphore::new(most))
}

/// Places of their own for probes and scrapes: a flood of readers leaves them theirs.
pub fn internal_room() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(INTERNAL))
}

fn set_options(stream: &TcpStream) -> io::Result<()> {
    // Small answers on kept connections would wait 40 ms for Nagle's algorithm.
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(UNREAD_DEADLINE))?;
    // Finds clients that vanished without a word while nothing was sent to them.
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

    // Paused: whenever everybody waits, the clock goes on to the next deadline by itself.
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
