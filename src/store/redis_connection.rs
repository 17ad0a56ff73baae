//! One connection to Redis or Valkey, which reconnects after a failure.

use std::{fmt, time::Duration};

use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, IntoConnectionInfo, RedisError,
    Script, ScriptInvocation, ServerErrorKind,
    aio::{MultiplexedConnection, PubSub},
    io::tcp::TcpSettings,
};
use socket2::TcpKeepalive;
use tokio::{sync::Mutex, time::Instant};

/// How long connecting, and each answer, may take. The server is near, and holds a few megabytes.
const TIMEOUT: Duration = Duration::from_secs(1);

/// How long to wait after a failed attempt to connect.
const PAUSE: Duration = Duration::from_millis(500);

/// How long a connection, such as a subscription, may be idle before a keepalive probe.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// The address of a shared store. Not shown by `Debug`: it may contain a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    url: String,
    database: i64,
}

impl Address {
    /// Reads a `redis://` or `rediss://` URL without options that would weaken it.
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

/// A connection that all calls in the process share. None waits longer than [`TIMEOUT`] for its answer,
/// and after a failure the next one connects again.
pub struct RedisConnection {
    address: Address,
    connection: Mutex<State>,
}

enum State {
    /// Not tried yet, or lost.
    Without,
    With(MultiplexedConnection),
    /// Connecting failed at that time.
    Failed(Instant),
}

impl RedisConnection {
    /// Creates it without connecting.
    pub fn new(address: Address) -> Self {
        // For rediss://. An error only means that a provider is already installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { address, connection: Mutex::new(State::Without) }
    }

    fn client(&self) -> Result<Client, RedisError> {
        let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE);
        let settings = TcpSettings::default().set_nodelay(true).set_keepalive(keepalive);
        let info = self.address.url.as_str().into_connection_info()?;
        // The commands that an ACL has to allow are few, and `CLIENT SETINFO` is not one of them.
        let redis = info.redis_settings().clone().set_skip_set_lib_name();
        Client::open(info.set_redis_settings(redis).set_tcp_settings(settings))
    }

    /// The number of the database. It goes into channel names, because all databases share the channels.
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

    /// Opens another connection, which receives what is published on `channel`.
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
            // Callers that waited for the failed attempt do not each make another.
            State::Failed(at) if at.elapsed() < PAUSE => return Err(timed_out()),
            State::Without | State::Failed(_) => {}
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(Some(TIMEOUT));
        let connect =
            async { self.client()?.get_multiplexed_async_connection_with_config(&config).await };
        // Also bounds a server that accepts the connection and then stays silent.
        let connection = tokio::time::timeout(TIMEOUT, connect).await;
        let connection = connection.unwrap_or_else(|_| Err(timed_out()));
        *state = match &connection {
            Ok(connection) => State::With(connection.clone()),
            Err(_) => State::Failed(Instant::now()),
        };
        connection
    }

    /// Drops the connection after any failure but that of the command itself, and when the server has
    /// become a read-only replica.
    async fn checked<T>(&self, answer: Result<T, RedisError>) -> Result<T, RedisError> {
        if let Err(error) = &answer {
            let read_only = error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly);
            if read_only
                || error.is_io_error()
                || error.is_timeout()
                || error.is_unrecoverable_error()
            {
                *self.connection.lock().await = State::Without;
            }
        }
        answer
    }
}

fn timed_out() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}
