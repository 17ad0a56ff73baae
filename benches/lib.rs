//! Shared by the benches: an upstream's answer of any size, and a service that has it.

use std::{
    convert::Infallible,
    fmt::Write,
    sync::{Arc, LazyLock},
    time::Duration,
};

use axum::{
    body::Body,
    extract::Request,
    http::{Response, StatusCode},
};
use crypto_rates::{
    config::Config,
    http::{router, warm_up::warm_up},
    rates::SourceName,
    sources::coingecko,
    state::{AppState, system_clock},
};
use tokio::runtime::{Builder, Runtime};
use tower::{ServiceExt, util::BoxCloneService};

const SAMPLE: &str = include_str!("../src/sources/sample.json");

/// The numbers of currencies: the real one, and larger ones.
pub const SIZES: [usize; 3] = [76, 1_000, 10_000];

/// Returns an upstream's answer with the sample's 76 currencies and made-up ones.
pub fn body(currencies: usize) -> String {
    // Without the two braces at the end.
    let mut body = SAMPLE.trim_end()[..SAMPLE.trim_end().len() - 2].to_owned();
    for n in 76..currencies {
        let kind = ["fiat", "crypto", "commodity"][n % 3];
        let _ = write!(
            body,
            r#","x{n}":{{"name":"Currency {n}","unit":"X{n}","value":{n}.25,"type":"{kind}"}}"#
        );
    }
    body + "}}"
}

/// Returns a service without rates.
///
/// # Panics
///
/// If the default configuration is invalid.
pub fn state() -> Arc<AppState> {
    let config = Config::read(|name| (name == "STORE_URL").then(|| "memory:".to_owned()));
    let state = AppState::new(config.expect("the defaults are valid"), system_clock());
    state.warm_up_with(warm_up);
    state
}

/// Does what the refresh loop does with a body it has received, up to publishing the new rates.
///
/// # Panics
///
/// If the body is not one of [`body`]'s.
pub fn refresh(state: &AppState, body: &str) {
    let now = state.now();
    let fetched = coingecko::parse(body.as_bytes(), SourceName::Coingecko, now);
    let snapshot = fetched.expect("the body is valid").snapshot;
    let next = now + Duration::from_secs(300);
    state.publish(|published| Some(published.refreshed(snapshot, next)));
}

/// Returns a request as hyper would pass it on.
///
/// # Panics
///
/// If `path` is invalid.
pub fn request(path: &str) -> Request {
    Request::builder().uri(path).body(Body::empty()).expect("the path is valid")
}

/// The public routes with all layers around them.
pub type App = BoxCloneService<Request, Response<Body>, Infallible>;

pub fn app(state: &Arc<AppState>) -> App {
    router::public(state).map_response(|response| response.map(Body::new)).boxed_clone()
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("there are file descriptors for a runtime")
});

/// Sends a request without a connection, and waits for the answer.
///
/// # Panics
///
/// If the answer is not 200.
pub fn ask(app: &App, request: Request) -> Response<Body> {
    let Ok(response) = RUNTIME.block_on(app.clone().oneshot(request));
    assert_eq!(response.status(), StatusCode::OK);
    response
}
