//! A stand-in for whoever is told of alerts, over real HTTP: a test says what it answers, and reads what it was sent.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::Notify};

/// The address below which it listens, and which no log may show.
const PATH: &str = "/hooks/geheim";

pub struct Receiver {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<(Answer, Vec<Message>)>,
    let_go: Notify,
}

#[derive(Clone, Copy)]
enum Answer {
    Status(u16),
    /// 200, once [`Receiver::let_go`] is called.
    HeldBack,
}

/// A message as it came.
#[derive(Clone)]
pub struct Message {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// With what it was answered; 0 as long as it was not.
    pub answered: u16,
}

impl Message {
    pub fn id(&self) -> &str {
        self.headers["webhook-id"].to_str().unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Receiver {
    /// Starts one that answers with this status.
    pub async fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Mutex::new((Answer::Status(status), Vec::new()));
        let shared = Arc::new(Shared { state, let_go: Notify::new() });
        let router = Router::new().route(PATH, post(receive)).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shared }
    }

    /// What the server under test is told to send to.
    pub fn url(&self) -> String {
        format!("http://{}{PATH}?sig=geheim", self.address)
    }

    pub fn answer(&self, status: u16) {
        self.shared.state.lock().unwrap().0 = Answer::Status(status);
    }

    pub fn hold_back(&self) {
        self.shared.state.lock().unwrap().0 = Answer::HeldBack;
    }

    /// Answers one message that is held back, now or as soon as it comes.
    pub fn let_go(&self) {
        self.shared.let_go.notify_one();
    }

    /// All that came so far.
    pub fn messages(&self) -> Vec<Message> {
        self.shared.state.lock().unwrap().1.clone()
    }

    /// The ids of the messages that it has said to have taken, in their order.
    pub fn taken(&self) -> Vec<String> {
        let messages = self.messages().into_iter();
        let taken = messages.filter(|message| (200..300).contains(&message.answered));
        taken.map(|message| message.id().to_owned()).collect()
    }
}

async fn receive(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let (answer, number) = {
        let mut state = shared.state.lock().unwrap();
        state.1.push(Message { headers, body: body.to_vec(), answered: 0 });
        (state.0, state.1.len() - 1)
    };
    let status = match answer {
        Answer::Status(status) => status,
        Answer::HeldBack => {
            shared.let_go.notified().await;
            200
        }
    };
    shared.state.lock().unwrap().1[number].answered = status;
    (StatusCode::from_u16(status).unwrap(), "no_service for /hooks/geheim")
}
