//! The way to a shared store: one connection to Redis or Valkey, found again when it is lost.

use std::{fmt, time::Duration};

use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, IntoConnectionInfo, RedisError, Script,
    ScriptInvocation,
    aio::{MultiplexedConnection, PubSub},
    io::tcp::TcpSettings,
};
use socket2::TcpKeepalive;
use tokio::sync::Mutex;

/// How long a connection, and an answer, may take. The server is near, and holds some megabytes.
const TIMEOUT: Duration = Duration::from_secs(1);

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
pub struct Link {
    address: Address,
    connection: Mutex<Option<MultiplexedConnection>>,
}

impl Link {
    /// Does not connect yet.
    pub fn new(address: Address) -> Self {
        // For rediss://; an error only says that the provider is there already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { address, connection: Mutex::new(None) }
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
        let mut kept = self.connection.lock().await;
        if let Some(connection) = &*kept {
            return Ok(connection.clone());
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(Some(TIMEOUT));
        let client = self.client()?;
        let connect = client.get_multiplexed_async_connection_with_config(&config);
        // A server that takes the connection and says nothing is bounded, too.
        let connect = tokio::time::timeout(2 * TIMEOUT, connect).await;
        let connection = connect.unwrap_or_else(|_| Err(timed_out()))?;
        *kept = Some(connection.clone());
        Ok(connection)
    }

    /// What failed for any reason but the command itself is not used again.
    async fn checked<T>(&self, answer: Result<T, RedisError>) -> Result<T, RedisError> {
        if let Err(error) = &answer
            && (error.is_io_error() || error.is_unrecoverable_error() || error.is_timeout())
        {
            *self.connection.lock().await = None;
        }
        answer
    }
}

fn timed_out() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}
