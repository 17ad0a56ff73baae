//! Where a store is, and how it is opened there.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicU64},
};

use super::{
    FileStore, MemoryStore, RedisStore, Store, StoreError, StoreUrl,
    redis_connection::RedisConnection,
};
use crate::rates::Timestamp;

/// A [`StoreUrl`] with what is needed to open a store there.
pub enum Backend {
    Memory,
    Folder(PathBuf),
    Shared {
        connection: Arc<RedisConnection>,
        /// The token of this process's lease; 0 without one.
        token: Arc<AtomicU64>,
    },
}

impl Backend {
    pub fn at(url: StoreUrl) -> Self {
        match url {
            StoreUrl::Memory => Self::Memory,
            StoreUrl::Folder(folder) => Self::Folder(folder),
            StoreUrl::Shared(address) => Self::Shared {
                connection: Arc::new(RedisConnection::new(address)),
                token: Arc::new(AtomicU64::new(0)),
            },
        }
    }

    /// Returns `memory`, `file` or `redis`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Folder(_) => "file",
            Self::Shared { .. } => "redis",
        }
    }

    /// Returns the connection of a shared store, and where to keep the token of the lease.
    pub fn shared(&self) -> Option<(Arc<RedisConnection>, Arc<AtomicU64>)> {
        match self {
            Self::Memory | Self::Folder(_) => None,
            Self::Shared { connection, token } => Some((Arc::clone(connection), Arc::clone(token))),
        }
    }

    pub fn open(&self) -> Result<Arc<dyn Store>, StoreError> {
        match self {
            Self::Memory => Ok(Arc::new(MemoryStore::default())),
            Self::Folder(folder) => Ok(Arc::new(FileStore::open(folder)?)),
            Self::Shared { connection, token } => {
                Ok(Arc::new(RedisStore::open(connection, token)?))
            }
        }
    }

    /// Renames the damaged or foreign store, and returns its new name.
    pub fn set_aside(&self, now: Timestamp) -> Result<String, StoreError> {
        match self {
            Self::Memory => Ok(String::new()),
            Self::Folder(folder) => match FileStore::set_aside(folder, now) {
                Ok(path) => Ok(path.display().to_string()),
                Err(error) => Err(StoreError::Unusable(error.to_string())),
            },
            Self::Shared { connection, token } => RedisStore::set_aside(connection, token, now),
        }
    }
}
