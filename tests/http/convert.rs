//! `/api/convert`.

use crate::app::App;

#[tokio::test]
async fn an_amount_is_converted_and_its_error_stated() {
    let app = App::start().await;
    let json = app.get("/api/convert?from=eur&to=USD&amount=250").await.json();
    let expected = 250.0 * 75_817.765 / 65_223.37;
    assert!((json["result"].as_f64().unwrap() / expected - 1.0).abs() < 1e-12, "{json}");
    // 0.0005 in 75 817.765 and 0.0005 in 65 223.37 are about 1.4e-8 of the result.
    let error = json["error"].as_f64().unwrap() / expected;
    assert!((1.3e-8..1.5e-8).contains(&error), "{error}");
    let same = app.get("/api/convert?from=sats&to=sats").await.json();
    assert_eq!((&same["result"], &same["error"]), (&1.0.into(), &0.0.into()));
}

#[tokio::test]
async fn amounts_that_are_none_are_refused() {
    let app = App::start().await;
    for amount in ["-1", "1e400", "NaN", "inf", "ten", "", "1,000", "1e16"] {
        let answer = app.get(&format!("/api/convert?from=eur&to=usd&amount={amount}")).await;
        assert_eq!(answer.status.as_u16(), 400, "{amount}");
        assert_eq!(answer.json()["parameter"], "amount", "{amount}");
    }
    for (query, parameter) in [("to=usd", "from"), ("from=usd", "to"), ("", "from")] {
        let answer = app.get(&format!("/api/convert?{query}")).await;
        assert_eq!(answer.json()["parameter"], parameter);
    }
}
