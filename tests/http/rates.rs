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
async fn a_direct_quote_is_the_price_of_each_in_the_base() {
    let app = App::start().await;
    let answer = app.get("/api/rates?base=usd&symbols=btc,eur,jpy&quote=direct").await;
    let json = answer.json();
    assert_eq!((&json["base"], &json["quote"]), (&"usd".into(), &"direct".into()));
    assert_eq!(json["rates"]["btc"]["value"], 75_817.765);
    assert!(close(&json["rates"]["eur"]["value"], 75_817.765 / 65_223.37), "{json}");
    // The largest of the values that are told comes first.
    assert_eq!(codes(answer.text()), ["btc", "eur", "jpy"]);
    let one = app.get("/api/rates/btc?base=usd&quote=direct").await.json();
    assert_eq!((&one["value"], &one["quote"]), (&75_817.765.into(), &"direct".into()));
    // Without it, or with the default, everything is as ever.
    let plain = app.get("/api/rates?base=usd&symbols=btc,eur,jpy").await;
    assert_eq!(
        (&plain.json()["quote"], codes(plain.text())),
        (&"inverse".into(), vec!["jpy".to_owned(), "eur".to_owned(), "btc".to_owned()])
    );
    let inverse = app.get("/api/rates?base=usd&symbols=btc,eur,jpy&quote=inverse").await;
    assert_eq!(inverse.bytes, plain.bytes);
    for path in ["/api/rates", "/api/rates.csv", "/api/rates/usd", "/api/sparklines"] {
        let wrong = app.get(&format!("{path}?quote=up")).await;
        assert_eq!(
            (wrong.status.as_u16(), &wrong.json()["parameter"]),
            (400, &"quote".into()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn rates_come_in_the_order_of_the_symbols_if_asked_to() {
    let app = App::start().await;
    for quote in ["inverse", "direct"] {
        for symbols in ["xau,usd,lbp", "lbp,usd,xau", "usd,xau,lbp"] {
            let query = format!("symbols={symbols}&sort=symbols&quote={quote}");
            let json = app.get(&format!("/api/rates?{query}")).await;
            assert_eq!(codes(json.text()).join(","), symbols, "{quote}");
            let csv = app.get(&format!("/api/rates.csv?{query}")).await;
            let mut reader = csv::Reader::from_reader(&*csv.bytes);
            let order: Vec<_> = reader.records().map(|row| row.unwrap()[0].to_owned()).collect();
            assert_eq!(order.join(","), symbols, "{quote}");
        }
    }
    // The default is by value, whatever the order of the names, and both are one answer.
    let by_value = app.get("/api/rates?symbols=xau,usd,lbp").await;
    assert_eq!(codes(by_value.text()), ["lbp", "usd", "xau"]);
    let named = app.get("/api/rates?symbols=usd,lbp,xau&sort=value").await;
    assert_eq!(named.bytes, by_value.bytes);
    // A type selects among them.
    let fiat = app.get("/api/rates?symbols=xau,usd,lbp&sort=symbols&type=fiat").await;
    assert_eq!(codes(fiat.text()), ["usd", "lbp"]);
    for route in ["/api/rates", "/api/rates.csv"] {
        for query in ["sort=symbols", "sort=name", "sort="] {
            let wrong = app.get(&format!("{route}?{query}")).await;
            assert_eq!(wrong.status.as_u16(), 400, "{route}?{query}");
            assert_eq!(wrong.json()["parameter"], "sort", "{route}?{query}");
        }
    }
}

#[tokio::test]
async fn csv_with_direct_values_says_so_in_a_column_of_its_own() {
    let app = App::start().await;
    let lines = async |query: &str| {
        let answer = app.get(&format!("/api/rates.csv?base=usd&symbols=btc,eur{query}")).await;
        answer.text().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let direct = lines("&quote=direct").await;
    assert!(direct[0].ends_with(",data_source,quote"), "{direct:?}");
    assert!(direct[1].starts_with("btc,Bitcoin,crypto,BTC,75817.765,usd,"), "{direct:?}");
    assert!(direct[1].ends_with(",coingecko,direct"), "{direct:?}");
    assert_eq!(lines("&quote=inverse").await, lines("").await);
    assert!(lines("").await[0].ends_with(",data_source"));
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
