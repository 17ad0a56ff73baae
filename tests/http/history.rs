//! `/api/history`: what was kept, in any base and in steps.

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
