//! `/api/history` and `/api/sparklines`: what was kept, in any base and in steps.

use crate::{app::App, standin::Reply};

async fn points(app: &App, query: &str) -> Vec<serde_json::Value> {
    let answer = app.get(&format!("/api/history?{query}")).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    answer.json()["points"].as_array().unwrap().clone()
}

#[tokio::test]
async fn values_are_kept_and_told_in_steps() {
    let app = App::start_with(Reply::rates(80_000.0), &[("CACHE_DURATION", "1")]).await;
    app.wait_for_rates().await;
    app.wait_until("a first point", async || {
        points(&app, "symbol=usd&step=90s").await.iter().any(|point| point["value"] == 80_000.0)
    })
    .await;
    app.upstream.set(Reply::rates(70_000.0));
    app.wait_until("a second point", async || {
        let points = points(&app, "symbol=usd&step=90s").await;
        points.last().unwrap()["value"] == 70_000.0
    })
    .await;
    // Steps begin with `from`: a day before, two seconds never fall into different hours of it.
    let hour = points(&app, "symbol=usd&from=24h&step=25h").await;
    assert_eq!(hour.len(), 1);
    assert_eq!((&hour[0]["low"], &hour[0]["high"]), (&70_000.0.into(), &80_000.0.into()));
    assert_eq!(hour[0]["value"], 70_000.0);
    // In dollars, bitcoin went the other way.
    let bitcoin = points(&app, "symbol=btc&base=usd&step=25h").await;
    assert_eq!(bitcoin[0]["low"], 1.0 / 80_000.0);
    assert_eq!(points(&app, "symbol=usd&to=1h").await.len(), 0);
    let answer = app.get("/api/history?symbol=USD&from=7d").await.json();
    assert_eq!((&answer["symbol"], &answer["base"]), (&"usd".into(), &"btc".into()));
    assert_eq!(answer["step_seconds"], 606);
}

#[tokio::test]
async fn wrong_questions_are_named() {
    let app = App::start().await;
    for (query, parameter) in [
        ("", "symbol"),
        ("symbol=xyz", "symbol"),
        ("symbol=usd&base=xyz", "base"),
        ("symbol=usd&from=soon", "from"),
        ("symbol=usd&from=1h&to=2026-01-01T00:00:00Z&to=1h", "to"),
        ("symbol=usd&to=%FF", "to"),
        ("symbol=usd&from=30d&step=1s", "step"),
        ("symbol=usd&limit=5", "limit"),
    ] {
        let answer = app.get(&format!("/api/history?{query}")).await;
        assert_eq!(answer.status.as_u16(), 400, "{query}");
        assert_eq!(answer.json()["parameter"], parameter, "{query}");
    }
}

#[tokio::test]
async fn sparklines_show_a_day_of_every_rate() {
    let app = App::start_with(Reply::rates(80_000.5), &[("CACHE_DURATION", "2")]).await;
    app.wait_for_rates().await;
    let sparklines = async |query: &str| {
        let answer = app.get(&format!("/api/sparklines{query}")).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
        answer.json()
    };
    let json = sparklines("").await;
    let series = json["series"].as_object().unwrap();
    assert_eq!((series.len(), &json["complete"]), (76, &true.into()));
    let line =
        |json: &serde_json::Value, code: &str| json["series"][code].as_array().unwrap().clone();
    let dollars = line(&json, "usd");
    assert_eq!((dollars.len(), &dollars[47]), (48, &80_000.5.into()));
    assert!(dollars[..46].iter().all(serde_json::Value::is_null), "{dollars:?}");
    // It ends with the rates that are up, at once.
    app.upstream.set(Reply::rates(70_000.5));
    app.wait_until("new rates are up", async || {
        app.get("/api/rates/usd").await.json()["value"] == 70_000.5
    })
    .await;
    assert_eq!(line(&sparklines("").await, "usd")[47], 70_000.5);
    let bitcoin = line(&sparklines("?base=USD").await, "btc");
    assert_eq!(bitcoin[47], 1.42856e-5);
    let wrong = app.get("/api/sparklines?symbol=usd").await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["parameter"]), (400, &"symbol".into()));
}
