//! A stand-in for CoinGecko and others over real TCP: a test says what it answers, down to the bytes, and
//! reads what it was asked.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// What the stand-in does with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A whole HTTP response.
    Bytes(Vec<u8>),
    /// Rates as JSON, of which one moves by its last digit at each call, as markets do.
    Moving(serde_json::Value),
    /// A whole HTTP response, once [`Upstream::let_go`] is called.
    HeldBack(Vec<u8>),
    /// Nothing, with the connection left open.
    Stall,
    /// A reset connection.
    Reset,
}

pub struct Upstream {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
    held_back: Arc<Notify>,
}

struct State {
    reply: Reply,
    requests: Vec<String>,
    /// What the routes beside the rates answer, by a part of the address.
    side: BTreeMap<String, Reply>,
    side_requests: Vec<String>,
}

/// The routes beside the rates, with what they answer if a test says nothing: that there is nothing.
const SIDE: [(&str, &str); 5] = [
    ("/simple/supported_vs_currencies", r#"["btc"]"#),
    ("/simple/price?", r#"{"bitcoin":{}}"#),
    ("/coins/bitcoin/market_chart?", r#"{"prices":[],"market_caps":[],"total_volumes":[]}"#),
    ("/ticker?pair=", r#"{"error":[],"result":{}}"#),
    ("/rates?base=eur&providers=ecb", "[]"),
];

impl State {
    fn reply_to(&mut self, head: String) -> Reply {
        let line = head.lines().next().unwrap_or_default();
        let Some((_, nothing)) = SIDE.iter().find(|(route, _)| line.contains(route)) else {
            self.requests.push(head);
            return self.reply.clone().at_call(self.requests.len());
        };
        let told = self.side.iter().find(|(part, _)| line.contains(*part));
        let reply = told.map_or_else(|| Reply::json(nothing), |(_, reply)| reply.clone());
        self.side_requests.push(head);
        reply
    }
}

impl Reply {
    /// A 200 with this body.
    pub fn json(body: &str) -> Self {
        Self::status("200 OK", "content-type: application/json\r\n", body)
    }

    /// Any status line and headers (each ending in CRLF) with this body.
    pub fn status(status: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n");
        Self::Bytes(format!("{head}connection: close\r\n\r\n{body}").into_bytes())
    }

    /// CoinGecko's own example, with bitcoin at this many dollars. The rupiah moves a little at each call.
    pub fn rates(dollars: f64) -> Self {
        let sample = include_str!("../../src/sources/sample.json");
        let mut body: serde_json::Value = serde_json::from_str(sample).unwrap();
        body["rates"]["usd"]["value"] = dollars.into();
        Self::Moving(body)
    }

    /// The currencies that CoinGecko knows the past of.
    pub fn currencies(codes: &[&str]) -> Self {
        Self::json(&serde_json::to_string(codes).unwrap())
    }

    /// Past prices of bitcoin as CoinGecko documents them: one a minute after each of the last hours before `now`,
    /// in seconds since 1970, and the current one.
    pub fn market_chart(now: u64, hours: u64, price: impl Fn(u64) -> f64) -> Self {
        let last = now / 3_600;
        let times = (last - hours..=last).map(|hour| hour * 3_600 + 63).filter(|time| *time < now);
        let prices: Vec<_> =
            times.chain([now]).map(|time| serde_json::json!([time * 1_000, price(time)])).collect();
        let body = serde_json::json!({
            "prices": prices, "market_caps": prices, "total_volumes": prices,
        });
        Self::json(&body.to_string())
    }

    /// What Kraken has, as it documents it: the example's rates, each times a factor.
    pub fn ticker(factor: impl Fn(&str) -> f64) -> Self {
        let pairs = ["XXBTZUSD", "XXBTZEUR", "XXBTZGBP", "XXBTZJPY", "XBTCHF"].map(|pair| {
            let code = pair[pair.len() - 3..].to_lowercase();
            let price = format!("{:.5}", example(&code) * factor(&code));
            let ticker = serde_json::json!({
                "a": [price, "1", "1.000"], "b": [price, "2", "2.000"], "c": [price, "0.00323448"],
                "v": ["1971.59678625", "2313.55393735"], "p": [price, price], "t": [22298, 28161],
                "l": [price, price], "h": [price, price], "o": price,
            });
            (pair.to_owned(), ticker)
        });
        let result: serde_json::Map<_, _> = pairs.into_iter().collect();
        Self::json(&serde_json::json!({"error": [], "result": result}).to_string())
    }

    /// The ECB's rates of this day, as Frankfurter documents them: the example's, each times a factor.
    pub fn ecb(date: &str, factor: impl Fn(&str) -> f64) -> Self {
        let rows = ["CHF", "EUR", "GBP", "JPY", "SEK", "USD"].map(|quote| {
            let code = quote.to_lowercase();
            let rate = example(&code) / example("eur") * factor(&code);
            serde_json::json!({"date": date, "base": "EUR", "quote": quote, "rate": rate})
        });
        Self::json(&serde_json::Value::from(rows.to_vec()).to_string())
    }

    /// The same at every call.
    pub fn frozen(self) -> Self {
        match self {
            Self::Moving(body) => Self::json(&body.to_string()),
            other => other,
        }
    }

    /// What is sent at this call; the first has the number 1.
    fn at_call(self, number: usize) -> Self {
        let Self::Moving(mut body) = self else { return self };
        let rupiah = &mut body["rates"]["idr"]["value"];
        let moved = u32::try_from(number).unwrap();
        *rupiah = (rupiah.as_f64().unwrap() + 0.001 * f64::from(moved)).into();
        Self::json(&body.to_string())
    }
}

/// A value of CoinGecko's own example.
fn example(code: &str) -> f64 {
    let sample = include_str!("../../src/sources/sample.json");
    let body: serde_json::Value = serde_json::from_str(sample).unwrap();
    body["rates"][code]["value"].as_f64().unwrap()
}

impl Upstream {
    pub async fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State {
            reply,
            requests: Vec::new(),
            side: BTreeMap::new(),
            side_requests: Vec::new(),
        }));
        let held_back = Arc::new(Notify::new());
        let (shared, let_go) = (Arc::clone(&state), Arc::clone(&held_back));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&shared), Arc::clone(&let_go)));
            }
        });
        Self { address, state, held_back }
    }

    /// What the server under test is told to ask.
    pub fn url(&self) -> String {
        format!("http://{}/api/v3", self.address)
    }

    pub fn set(&self, reply: Reply) {
        self.state.lock().unwrap().reply = reply;
    }

    /// Says what is answered where the address has `part`, beside the rates.
    pub fn set_side(&self, part: &str, reply: Reply) {
        self.state.lock().unwrap().side.insert(part.to_owned(), reply);
    }

    /// The first lines of all requests so far that were not for rates, without method and version.
    pub fn side_requests(&self) -> Vec<String> {
        let heads = self.state.lock().unwrap().side_requests.clone();
        let address = |head: String| head.split(' ').nth(1).unwrap_or_default().to_owned();
        heads.into_iter().map(address).collect()
    }

    /// Sends one answer that is [held back](Reply::HeldBack), now or as soon as it is asked for.
    pub fn let_go(&self) {
        self.held_back.notify_one();
    }

    /// The heads of all requests for rates so far, in lower case.
    pub fn requests(&self) -> Vec<String> {
        self.state.lock().unwrap().requests.clone()
    }
}

async fn answer(mut stream: TcpStream, state: Arc<Mutex<State>>, let_go: Arc<Notify>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let reply = {
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        state.lock().unwrap().reply_to(head)
    };
    match reply {
        Reply::Moving(_) => unreachable!("it is bytes by now"),
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
        }
        Reply::HeldBack(bytes) => {
            let_go.notified().await;
            let _ = stream.write_all(&bytes).await;
        }
        Reply::Stall => std::future::pending().await,
        Reply::Reset => {
            let _ = stream.set_zero_linger();
        }
    }
}
