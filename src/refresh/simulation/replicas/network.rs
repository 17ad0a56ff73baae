//! The way of a replica to the store, which can be cut.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// Counts what all ways have carried, so that a test can tell when nothing is under way any more.
pub type Traffic = Arc<AtomicU64>;

/// One replica's way. It is gone when this is dropped, like that of a process that was killed.
pub struct Way {
    pub address: SocketAddr,
    cut: watch::Sender<bool>,
    _task: JoinSet<()>,
}

impl Way {
    pub async fn to(server: SocketAddr, traffic: &Traffic) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (cut, is_cut) = watch::channel(false);
        let mut task = JoinSet::new();
        let traffic = Arc::clone(traffic);
        task.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                connections.spawn(connect(near, server, is_cut.clone(), Arc::clone(&traffic)));
                while connections.try_join_next().is_some() {}
            }
        });
        Self { address, cut, _task: task }
    }

    /// From now on nothing gets through, and nobody is told so.
    pub fn cut(&self) {
        self.cut.send_replace(true);
    }

    pub fn is_cut(&self) -> bool {
        *self.cut.borrow()
    }

    /// New connections get through again. Those that were cut are reset.
    pub fn mend(&self) {
        self.cut.send_replace(false);
    }
}

async fn connect(
    mut near: TcpStream,
    server: SocketAddr,
    mut cut: watch::Receiver<bool>,
    traffic: Traffic,
) {
    let mut far = None;
    let carry = async {
        let Ok(stream) = TcpStream::connect(server).await else { return };
        let _ = (near.set_nodelay(true), stream.set_nodelay(true));
        let (from_far, to_far) = far.insert(stream).split();
        let (from_near, to_near) = near.split();
        tokio::select! {
            () = pump(from_near, to_far, &traffic) => {}
            () = pump(from_far, to_near, &traffic) => {}
        }
    };
    tokio::select! {
        biased;
        _ = cut.wait_for(|cut| *cut) => {}
        () = carry => return,
    }
    // Both ends stay open for as long as nothing gets through.
    let _ = cut.wait_for(|cut| !*cut).await;
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    traffic: &AtomicU64,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let length_u64 = u64::try_from(length).unwrap();
        traffic.fetch_add(length_u64, Ordering::Relaxed);
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
