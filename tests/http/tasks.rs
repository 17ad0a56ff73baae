//! A server that can no longer do its work ends, so that it is started again from outside.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use crypto_rates::{config::Config, server::Server};

use crate::standin::{Reply, Upstream};

#[tokio::test]
async fn a_task_that_panics_ends_the_server_with_an_error_that_names_it() {
    let upstream = Upstream::start(Reply::rates(1.0)).await;
    let url = upstream.url();
    let config = Config::read(|name| {
        let value = match name {
            "HOST" => "127.0.0.1",
            "PORT" => "0",
            "COINGECKO_URL" => &url,
            "CACHE_DURATION" => "1",
            "STORE_URL" => "memory:",
            _ => return None,
        };
        Some(value.to_owned())
    });
    let broken = Arc::new(AtomicBool::new(false));
    let clock = {
        let broken = Arc::clone(&broken);
        move || {
            assert!(!broken.load(Ordering::Relaxed), "the clock is broken");
            SystemTime::now().into()
        }
    };
    let server = Server::bind_with_clock(config.unwrap(), Arc::new(clock)).await.unwrap();
    let address = server.address().unwrap();
    let running = tokio::spawn(server.run(std::future::pending()));
    while upstream.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // An idle connection is closed in order, and does not delay the end.
    let _idle = tokio::net::TcpStream::connect(address).await.unwrap();
    broken.store(true, Ordering::Relaxed);
    let ended = tokio::time::timeout(Duration::from_secs(60), running).await;
    let error = ended.expect("it ends by itself").unwrap().unwrap_err();
    assert_eq!(error.to_string(), "the task “refresh” panicked");
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "it still listens");
}
