//! What an answer that is ready costs in allocations, over a real connection and hyper: the figure
//! behind its speed that is the same on every machine.

use std::{sync::Arc, time::Duration};

use crypto_rates::{
    config::Config,
    http::connections,
    http::router,
    rates::{Snapshot, SourceName},
    sources::sample,
    state::AppState,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

const REQUESTS: u64 = 100;

/// The request id as tower-http hands it on takes eight: it stands in the extensions of request and response.
/// The map of the response's headers takes two, the rest are hyper's parts of the request and its buffers.
const MOST_EACH: u64 = 20;

/// The lists of languages that `fluent-langneg` makes and reads.
const MOST_FOR_LANGUAGES: u64 = 3;

/// A client of one kept connection that allocates nothing itself.
struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    /// Sends a request and reads an answer of as many bytes as the first one had.
    async fn ask(&mut self, request: &[u8], length: usize) {
        self.stream.write_all(request).await.unwrap();
        self.stream.read_exact(&mut self.buffer[..length]).await.unwrap();
        assert!(
            self.buffer.starts_with(b"HTTP/1.1 200") || self.buffer.starts_with(b"HTTP/1.1 304")
        );
    }

    /// The length of the whole answer.
    async fn first(&mut self, request: &[u8]) -> usize {
        self.stream.write_all(request).await.unwrap();
        let mut read = 0;
        loop {
            read += self.stream.read(&mut self.buffer[read..]).await.unwrap();
            let text = String::from_utf8_lossy(&self.buffer[..read]).into_owned();
            let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length = length.map_or(0, |length| length.parse().unwrap());
            let whole = head.len() + 4 + if head.contains(" 304 ") { 0 } else { length };
            if read >= whole {
                assert_eq!(read, whole, "{head}");
                return whole;
            }
        }
    }
}

#[test]
fn a_ready_answer_costs_a_handful_of_allocations() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut client = runtime.block_on(async {
        let config = |name: &str| (name == "STORE_URL").then(|| "memory:".to_owned());
        let state = AppState::new(Config::read(config).unwrap(), Arc::new(|| sample::TAKEN));
        let rates = sample::snapshot().rates().to_vec();
        let snapshot = Snapshot::new(SourceName::Coingecko, state.now(), rates).unwrap();
        let next = state.now() + Duration::from_secs(300);
        state.publish(|published| Some(published.refreshed(snapshot, next)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = router::public(&state);
        let (room, stop) = (connections::room(), CancellationToken::new());
        tokio::spawn(connections::serve(listener, service, room, stop));
        let stream = TcpStream::connect(address).await.unwrap();
        Client { stream, buffer: vec![0; 1 << 20] }
    });
    for (path, headers) in [
        ("/api/rates", ""),
        ("/", ""),
        ("/", "accept-encoding: gzip, deflate, br, zstd\r\n"),
        (
            "/",
            "accept-encoding: gzip, deflate, br, zstd\r\naccept-language: de-CH,de;q=0.9,en;q=0.8\r\n",
        ),
        ("/?base=eur&type=fiat&sort=name", ""),
        ("/api/rates?base=eur&symbols=usd,gbp", ""),
        ("/api/sparklines", ""),
        ("/api/rates", "if-none-match: *\r\n"),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n");
        let length = runtime.block_on(async {
            client.first(request.as_bytes()).await;
            client.first(request.as_bytes()).await
        });
        let counted = allocation_counter::measure(|| {
            runtime.block_on(async {
                for _ in 0..REQUESTS {
                    client.ask(request.as_bytes(), length).await;
                }
            });
        });
        let each = counted.count_total / REQUESTS;
        println!(
            "{path} {headers:?}: {each} allocations, {} bytes",
            counted.bytes_total / REQUESTS
        );
        let names_languages = headers.contains("accept-language");
        let most = if names_languages { MOST_EACH + MOST_FOR_LANGUAGES } else { MOST_EACH };
        assert!(each <= most, "{path}: {each} allocations for each request");
    }
}
