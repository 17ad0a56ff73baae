//! The way to a shared store: one connection to Redis or Valkey, found again when it is lost.

use std::{fmt, time::Duration};

use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, IntoConnectionInfo, RedisError,
    Script, ScriptInvocation, ServerErrorKind,
    aio::{MultiplexedConnection, PubSub},
    io::tcp::TcpSettings,
};
use socket2::TcpKeepalive;
use tokio::{sync::Mutex, time::Instant};

/// How long a connection, and an answer, may take. The server is near, and holds some megabytes.
const TIMEOUT: Duration = Duration::from_secs(1);

/// How long nobody tries again after a connection could not be had.
const PAUSE: Duration = Duration::from_millis(500);

/// How soon a connection that has nothing to say, such as a subscription, is asked whether it is
/// still there.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// The address of a shared store. Never shown whole: it may have a password in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    url: String,
    database: i64,
}

impl Address {
    /// `redis://` or `rediss://`, and nothing that would weaken it.
    pub fn read(text: &str) -> Option<Self> {
        let url: reqwest::Url = text.parse().ok()?;
        let known = matches!(url.scheme(), "redis" | "rediss") && url.has_host();
        // `#insecure` would accept any certificate.
        let plain = url.query().is_none() && url.fragment().is_none();
        let info = text.into_connection_info().ok().filter(|_| known && plain)?;
        Some(Self { url: text.to_owned(), database: info.redis_settings().db() })
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

/// One connection for everybody in the process. Calls share it, none waits longer than
/// [`TIMEOUT`] for its answer, and after a failure the next one connects anew.
pub struct RedisConnection {
    address: Address,
    connection: Mutex<State>,
}

enum State {
    /// Not tried yet, or lost.
    Without,
    With(MultiplexedConnection),
    /// There was none to be had at that time.
    Failed(Instant),
}

impl RedisConnection {
    /// Does not connect yet.
    pub fn new(address: Address) -> Self {
        // For rediss://; an error only says that the provider is there already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { address, connection: Mutex::new(State::Without) }
    }

    fn client(&self) -> Result<Client, RedisError> {
        let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE);
        let settings = TcpSettings::default().set_nodelay(true).set_keepalive(keepalive);
        let info = self.address.url.as_str().into_connection_info()?;
        Client::open(info.set_tcp_settings(settings))
    }

    /// The number of the database: channels, unlike keys, are shared by all of a server.
    pub fn database(&self) -> i64 {
        self.address.database
    }

    /// Sends one command.
    pub async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, RedisError> {
        let mut connection = self.connection().await?;
        let answer = command.query_async(&mut connection).await;
        self.checked(answer).await
    }

    /// Runs one script; `prepare` adds keys and arguments.
    pub async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        prepare: impl FnOnce(&mut ScriptInvocation),
    ) -> Result<T, RedisError> {
        let mut connection = self.connection().await?;
        let mut invocation = script.prepare_invoke();
        prepare(&mut invocation);
        let answer = invocation.invoke_async(&mut connection).await;
        self.checked(answer).await
    }

    /// A connection of its own that hears what is published on `channel`.
    pub async fn subscribe(&self, channel: &str) -> Result<PubSub, RedisError> {
        let subscribe = async {
            let mut pubsub = self.client()?.get_async_pubsub().await?;
            pubsub.subscribe(channel).await?;
            Ok(pubsub)
        };
        tokio::time::timeout(2 * TIMEOUT, subscribe).await.unwrap_or_else(|_| Err(timed_out()))
    }

    async fn connection(&self) -> Result<MultiplexedConnection, RedisError> {
        let mut state = self.connection.lock().await;
        match &*state {
            State::With(connection) => return Ok(connection.clone()),
            // Those who have waited for the try that failed do not each make another.
            State::Failed(at) if at.elapsed() < PAUSE => return Err(timed_out()),
            State::Without | State::Failed(_) => {}
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(Some(TIMEOUT));
        let connect =
            async { self.client()?.get_multiplexed_async_connection_with_config(&config).await };
        // A server that takes the connection and says nothing is bounded, too.
        let connection = tokio::time::timeout(TIMEOUT, connect).await;
        let connection = connection.unwrap_or_else(|_| Err(timed_out()));
        *state = match &connection {
            Ok(connection) => State::With(connection.clone()),
            Err(_) => State::Failed(Instant::now()),
        };
        connection
    }

    /// What failed for any reason but the command itself is not used again; nor is a server that
    /// was made another's copy and takes no writes any more.
    async fn checked<T>(&self, answer: Result<T, RedisError>) -> Result<T, RedisError> {
        if let Err(error) = &answer {
            let copy = error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly);
            if copy || error.is_io_error() || error.is_timeout() || error.is_unrecoverable_error() {
                *self.connection.lock().await = State::Without;
            }
        }
        answer
    }
}

fn timed_out() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}
