//! `/api/rates`, `/api/rates/{code}` and `/api/rates.csv`.

use serde_json::Value;

use crate::app::App;

fn codes(answer: &str) -> Vec<String> {
    // The order in the JSON is part of the contract; `serde_json::Value` would lose it.
    let rates = answer.split_once(r#""rates":{"#).unwrap().1;
    let entries = rates.split(r#":{"name":"#);
    let code = |before: &str| before.rsplit('"').nth(1).unwrap().to_owned();
    let mut codes: Vec<_> = entries.map(code).collect();
    codes.pop();
    codes
}

fn close(value: &Value, expected: f64) -> bool {
    (value.as_f64().unwrap() / expected - 1.0).abs() < 1e-12
}

#[tokio::test]
async fn all_rates_come_largest_first_with_their_source_and_age() {
    let app = App::start().await;
    let answer = app.get("/api/rates").await;
    let json = answer.json();
    assert_eq!(json["total_currencies"], 76);
    assert_eq!(json["data_source"], "coingecko");
    assert_eq!(json["cache_status"], "fresh");
    assert_eq!(json["base"], "btc");
    let usd = &json["rates"]["usd"];
    assert_eq!((&usd["name"], &usd["unit"]), (&"US Dollar".into(), &"$".into()));
    assert_eq!((&usd["value"], &usd["type"]), (&75_817.765.into(), &"fiat".into()));
    let codes = codes(answer.text());
    assert_eq!((codes.len(), &codes[..3]), (76, &["lbp", "vnd", "idr"].map(String::from)[..]));
    assert_eq!(codes.last().unwrap(), "btc");
    let values: Vec<_> = codes.iter().map(|code| json["rates"][code]["value"].as_f64()).collect();
    assert!(values.is_sorted_by(|a, b| a >= b), "{values:?}");
}

#[tokio::test]
async fn a_base_symbols_and_a_type_select() {
    let app = App::start().await;
    let answer = app.get("/api/rates?base=EUR&symbols=usd,gbp,xau").await;
    let json = answer.json();
    assert_eq!((&json["base"], &json["total_currencies"]), (&"eur".into(), &3.into()));
    assert!(close(&json["rates"]["usd"]["value"], 75_817.765 / 65_223.37), "{json}");
    assert_eq!(codes(answer.text()), ["usd", "gbp", "xau"]);
    let metals = app.get("/api/rates?type=commodity").await;
    assert_eq!(codes(metals.text()), ["xag", "xau"]);
    let none = app.get("/api/rates?type=commodity&symbols=usd").await.json();
    assert_eq!(none["total_currencies"], 0);
}

#[tokio::test]
async fn one_rate_is_found_in_either_case() {
    let app = App::start().await;
    let json = app.get("/api/rates/USD?base=xau").await.json();
    assert_eq!((&json["code"], &json["base"]), (&"usd".into(), &"xau".into()));
    assert!(close(&json["value"], 75_817.765 / 16.843), "{json}");
    let missing = app.get("/api/rates/xyz").await;
    assert_eq!((missing.status.as_u16(), &missing.json()["parameter"]), (404, &"code".into()));
}

#[tokio::test]
async fn every_answer_of_a_snapshot_carries_its_id() {
    let app = App::start().await;
    let all = app.get("/api/rates").await;
    let id = all.json()["snapshot_id"].as_str().unwrap().to_owned();
    assert!(all.header("etag").contains(&id), "{}", all.header("etag"));
    assert_eq!(app.get("/api/rates/usd").await.json()["snapshot_id"], id.as_str());
    assert_eq!(app.get("/health").await.json()["snapshot"]["id"], id.as_str());
    assert!(app.get("/").await.text().contains(&id));
    assert!(app.get("/metrics").await.text().contains(&id));
}

#[tokio::test]
async fn csv_opens_in_a_spreadsheet() {
    let app = App::start().await;
    let answer = app.get("/api/rates.csv?symbols=usd,lbp").await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    let mut reader = csv::Reader::from_reader(&*answer.bytes);
    let expected = "code,name,type,unit,value,base,last_updated,data_source";
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>().join(","), expected);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!((&rows[0][0], &rows[0][3], &rows[0][4]), ("lbp", "ل.ل", "6790586630.179"));
    assert_eq!((&rows[1][0], &rows[1][4], &rows[1][5]), ("usd", "75817.765", "btc"));
}

#[tokio::test]
async fn csv_is_written_as_the_reader_s_spreadsheet_has_it() {
    let app = App::start().await;
    let lines = async |query: &str| {
        let answer = app.get(&format!("/api/rates.csv?symbols=usd,lbp,xau&{query}")).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
        answer.text().split("\r\n").map(str::to_owned).collect::<Vec<_>>()
    };
    let plain = lines("").await;
    assert!(plain[0].starts_with("code,name"), "{plain:?}");
    assert!(plain[2].starts_with("usd,US Dollar,fiat,$,75817.765,btc,"), "{plain:?}");
    assert_eq!(lines("bom=false&separator=comma&decimal=point").await, plain);
    // As Excel has it in much of Europe.
    let european = lines("bom=true&separator=semicolon&decimal=comma").await;
    assert!(european[0].starts_with("\u{feff}code;name;type"), "{european:?}");
    assert!(european[2].starts_with("usd;US Dollar;fiat;$;75817,765;btc;"), "{european:?}");
    assert_eq!(european.len(), plain.len());
    let tabs = lines("separator=tab").await;
    assert!(tabs[2].starts_with("usd\tUS Dollar\tfiat\t$\t75817.765\tbtc\t"), "{tabs:?}");
    // Each form is cached under its own key.
    assert_eq!(lines("").await, plain);
    let mark = app.get("/api/rates.csv?bom=true").await;
    assert_eq!(mark.bytes[..7], *b"\xEF\xBB\xBFcode");
    assert_ne!(mark.header("etag"), app.get("/api/rates.csv").await.header("etag"));
}

#[tokio::test]
async fn csv_that_nobody_could_read_is_refused() {
    let app = App::start().await;
    for (query, parameter) in [
        ("decimal=comma", "decimal"),
        ("decimal=comma&separator=comma", "decimal"),
        ("decimal=,", "decimal"),
        ("separator=;", "separator"),
        ("separator=", "separator"),
        ("bom=1", "bom"),
        ("bom=true&bom=true", "bom"),
    ] {
        let answer = app.get(&format!("/api/rates.csv?{query}")).await;
        assert_eq!(answer.status.as_u16(), 400, "{query}");
        assert_eq!(answer.json()["parameter"], parameter, "{query}");
    }
    // They are the CSV's alone.
    assert_eq!(app.get("/api/rates?bom=true").await.json()["parameter"], "bom");
}
