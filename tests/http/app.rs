//! A server under test and a client for it.

use std::{collections::HashMap, net::SocketAddr, sync::LazyLock, time::Duration};

use crypto_rates::{
    config::Config,
    http::router::openapi,
    server::Server,
    server::Stop,
    state::{Clock, system_clock},
};
use reqwest::{
    Client, StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::{Value, json};
use tokio::{sync::oneshot, time::Instant};

use crate::standin::{Reply, Upstream};

pub struct App {
    pub address: SocketAddr,
    pub metrics_address: Option<SocketAddr>,
    pub upstream: Upstream,
    pub client: Client,
    base_path: String,
    /// Stops the server when it is dropped with the test.
    stop: oneshot::Sender<()>,
}

/// An answer, read in full.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl App {
    /// Starts a server with rates: bitcoin at 75 817.765 dollars.
    pub async fn start() -> Self {
        let app = Self::start_with(Reply::rates(75_817.765), &[]).await;
        app.wait_for_rates().await;
        app
    }

    /// Starts a server with this upstream, and these variables on top of those for tests.
    pub async fn start_with(reply: Reply, variables: &[(&str, &str)]) -> Self {
        Self::start_with_clock(reply, variables, system_clock()).await
    }

    /// Starts it with this clock, too.
    pub async fn start_with_clock(reply: Reply, variables: &[(&str, &str)], clock: Clock) -> Self {
        let upstream = Upstream::start(reply).await;
        let mut environment: HashMap<&str, String> = HashMap::new();
        environment.insert("HOST", "127.0.0.1".to_owned());
        environment.insert("PORT", "0".to_owned());
        environment.insert("COINGECKO_URL", upstream.url());
        environment.insert("APP_VERSION", "9.8.7".to_owned());
        environment.extend(variables.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let config = Config::read(|name| environment.get(name).cloned()).unwrap();
        let base_path = config.base_path.as_str().to_owned();
        let server = Server::bind_with_clock(config, clock).await.unwrap();
        let address = server.address().unwrap();
        let metrics_address = server.metrics_address();
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(server.run(async move {
            let _ = stopped.await;
            Stop::AtOnce
        }));
        Self { address, metrics_address, upstream, client: Client::new(), base_path, stop }
    }

    /// Stops the server as Ctrl-C does.
    pub fn stop(self) {
        let _ = self.stop.send(());
    }

    pub async fn wait_for_rates(&self) {
        self.wait_until("the server is ready", async || {
            let ready = format!("{}/health/ready", self.base_path);
            self.get(&ready).await.status == StatusCode::OK
        })
        .await;
    }

    /// Asks repeatedly until `condition` holds. Fails after a minute, which catches what never happens and
    /// does not measure speed.
    pub async fn wait_until(&self, what: &str, condition: impl AsyncFn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !condition().await {
            assert!(Instant::now() < deadline, "in vain: {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers).await
    }

    /// Sends a request. A JSON answer of the API is checked against the OpenAPI document.
    /// Returns the status of a redirect, and where it leads.
    pub async fn redirect(&self, path: &str) -> (u16, String) {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none());
        let url = format!("http://{}{path}", self.address);
        let answer = client.build().unwrap().get(url).send().await.unwrap();
        let location = answer.headers().get("location").unwrap_or_else(|| panic!("{path}"));
        (answer.status().as_u16(), location.to_str().unwrap().to_owned())
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let url = format!("http://{}{path}", self.address);
        let headers = headers.iter().map(|(name, value)| {
            (HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap())
        });
        let method = method.parse().unwrap();
        let request = self.client.request(method, url).headers(headers.collect());
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let answer = Answer { status, headers, bytes: response.bytes().await.unwrap().to_vec() };
        if let Some(path) = path.strip_prefix(&self.base_path) {
            answer.check(path);
        }
        answer
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// Checks that the document has the answer's status, media type and schema.
    fn check(&self, path: &str) {
        let media_type = self.header("content-type").split(';').next().unwrap();
        let path = path.split('?').next().unwrap();
        let documented = path.starts_with("/api/") || path.starts_with("/health");
        if !documented || self.bytes.is_empty() || self.headers.contains_key("content-encoding") {
            return;
        }
        if media_type == "application/problem+json" {
            let status = self.json()["status"].as_u64();
            assert_eq!(status, Some(u64::from(self.status.as_u16())));
            validate(&json!({ "$ref": "#/components/schemas/Problem" }), &self.json());
        }
        let paths = API["paths"].as_object().unwrap();
        let route = match path.strip_prefix("/api/rates/") {
            Some(_) => "/api/rates/{code}",
            None => path,
        };
        let Some(operation) = paths.get(route) else { return };
        let response = &operation["get"]["responses"][self.status.as_str()];
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            return;
        }
        assert!(response.is_object(), "{path}: {} is not in the document", self.status);
        let schema = &response["content"][media_type]["schema"];
        assert!(!schema.is_null(), "{path}: {media_type} is not in the document");
        if media_type == "application/json" {
            validate(schema, &self.json());
        }
    }
}

static API: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(openapi()).unwrap());

fn validate(schema: &Value, instance: &Value) {
    // The document's schemas are JSON Schema 2020-12, and refer to each other by its components.
    let mut schema = schema.clone();
    schema["components"] = API["components"].clone();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(instance).map(|e| e.to_string()).collect();
    // An answer with rates is long, and so is each error about it.
    let shown: String = errors.join("\n").chars().take(2_000).collect();
    assert!(errors.is_empty(), "{shown}");
}
