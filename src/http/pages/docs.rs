//! `GET /api/docs`: the OpenAPI document as a page, with nothing loaded from other servers.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use leptos::{either::Either, prelude::*};
use serde_json::Value;
use utoipa::openapi::OpenApi;

use super::document::{HTML, Head, Script, document};
use crate::{
    app::texts::Texts,
    cache::{Caching, Representation},
    http::{
        api::openapi::ApiDocument,
        problem::Problem,
        query::{NoQuery, Query},
    },
    state::AppState,
};

/// The kinds of problem, by the last part of their `type`, and what to do about each.
const PROBLEMS: [(&str, &str, &str); 8] = [
    (
        "invalid-parameter",
        "400",
        "A parameter is missing, wrong, unknown or repeated; `parameter` names it. Correct the request.",
    ),
    (
        "unknown-currency",
        "404",
        "The path names a currency that is not there. GET /api/rates lists those that are.",
    ),
    ("not-found", "404", "There is nothing at this path."),
    ("method-not-allowed", "405", "All addresses are asked with GET or HEAD."),
    (
        "no-rates-yet",
        "503",
        "No source has answered since the start. Try again after the seconds in Retry-After.",
    ),
    (
        "history-unavailable",
        "503",
        "The store can't be read, and what is in memory does not answer. Try again after the seconds in Retry-After.",
    ),
    (
        "overloaded",
        "503",
        "The server has more requests than it can answer. Try again after the seconds in Retry-After.",
    ),
    (
        "internal",
        "500",
        "A fault of the server's. Its log has the reason under the answer's x-request-id.",
    ),
];

pub async fn docs(
    State(state): State<Arc<AppState>>,
    Extension(api): Extension<ApiDocument>,
    Query(NoQuery {}): Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let page = api.page.get_or_init(|| {
        let head = Head {
            texts: Texts::default(),
            title: "API – Crypto Rates",
            script: Script::None,
            refresh: None,
        };
        let html =
            document(&state.assets, head, || contents(&api.openapi, &state.assets.base_path));
        Arc::new(Representation::new(HTML, html))
    });
    Ok(page.respond(&headers, Caching::Revalidate, StatusCode::OK))
}

fn contents(api: &OpenApi, base_path: &str) -> impl IntoView + use<> {
    let document = serde_json::to_value(api).unwrap_or_default();
    // In the order in which routes are declared; as a JSON value, they would be sorted.
    let routes = (api.paths.paths.keys())
        .map(|path| route(base_path, path, &document["paths"][path]["get"]))
        .collect_view();
    let schemas = &document["components"]["schemas"];
    let answers = schemas.as_object().into_iter().flatten();
    let answers = answers.map(|(name, schema)| answer(name, schema, schemas)).collect_view();
    let problem = |(kind, status, meaning): (&'static str, &'static str, &'static str)| {
        view! {
            <tr id=format!("problem-{kind}")>
                <td><code>{kind}</code></td>
                <td>{status}</td>
                <td>{prose(meaning)}</td>
            </tr>
        }
    };
    view! {
        <header class="masthead">
            <div class="container masthead-row">
                <a class="brand" href=format!("{base_path}/")>"Crypto Rates"</a>
                <nav aria-label="This page">
                    <ul class="docs-nav">
                        <li><a href="#routes">"Routes"</a></li>
                        <li><a href="#answers">"Answers"</a></li>
                        <li><a href="#problems">"Problems"</a></li>
                        <li><a href=format!("{base_path}/api/openapi.json")>"OpenAPI 3.1"</a></li>
                    </ul>
                </nav>
            </div>
        </header>
        <main class="container docs">
            <h1>"API"</h1>
            <p class="lead">{prose(text(&document["info"]["description"]))}</p>
            <h2 id="routes">"Routes"</h2>
            {routes}
            <h2 id="answers">"Answers"</h2>
            {answers}
            <h2 id="problems">"Problems"</h2>
            <p>"The last part of a problem's type is one of these."</p>
            <table class="table">
                <thead><tr><th scope="col">"Type"</th><th scope="col">"Status"</th><th scope="col">"Meaning"</th></tr></thead>
                <tbody>{PROBLEMS.map(problem).collect_view()}</tbody>
            </table>
        </main>
    }
}

fn route(base_path: &str, path: &str, operation: &Value) -> impl IntoView + use<> {
    let parameters: Vec<_> = operation["parameters"].as_array().into_iter().flatten().collect();
    let example = format!("{base_path}{}", example(path, &parameters));
    let parameter = |parameter: &Value| {
        let required = if parameter["required"] == true { ", required" } else { "" };
        let place = format!("{}{required}", text(&parameter["in"]));
        view! {
            <tr>
                <td>
                    <code>{text(&parameter["name"]).to_owned()}</code>
                    " "
                    <small>{place}</small>
                </td>
                <td>{prose(text(&parameter["description"]))}</td>
            </tr>
        }
    };
    let table = (!parameters.is_empty()).then(|| {
        let rows = parameters.iter().map(|p| parameter(p)).collect_view();
        view! {
            <table class="table">
                <thead><tr><th scope="col">"Parameter"</th><th scope="col">"Meaning"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
    });
    let description = Some(text(&operation["description"])).filter(|text| !text.is_empty());
    let description = description.map(|text| view! { <p>{prose(text)}</p> });
    let responses = operation["responses"].as_object().into_iter().flatten();
    let responses = responses.map(|(status, response)| {
        view! { <li><code>{status.clone()}</code>" "{prose(text(&response["description"]))}</li> }
    });
    view! {
        <section class="route">
            <h3><code>"GET "{path.to_owned()}</code></h3>
            <p>{prose(text(&operation["summary"]))}</p>
            {description}
            {table}
            <ul>{responses.collect_view()}</ul>
            <p>"Try "<a href=example.clone()><code>{example.clone()}</code></a></p>
        </section>
    }
}

/// Returns the path with the example of each parameter filled in.
fn example(path: &str, parameters: &[&Value]) -> String {
    let mut path = path.to_owned();
    let mut query = Vec::new();
    for parameter in parameters {
        let name = text(&parameter["name"]);
        let value = match &parameter["example"] {
            Value::String(value) => value.clone(),
            // Such as a date, which depends on how far the history goes back.
            Value::Null => continue,
            value => value.to_string(),
        };
        if parameter["in"] == "path" {
            path = path.replace(&format!("{{{name}}}"), &value);
        } else if parameter["in"] == "header" {
            // A link can't send a header.
        } else if name != "type" || !query.is_empty() && path.ends_with(".csv") {
            query.push(format!("{name}={value}"));
        }
    }
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

fn answer(name: &str, schema: &Value, schemas: &Value) -> impl IntoView + use<> {
    let property = |(name, property): (&String, &Value)| {
        view! {
            <tr>
                <td>
                    <code>{name.clone()}</code>
                    " "
                    <small>{kind(property)}</small>
                </td>
                <td>{prose(text(&property["description"]))}</td>
            </tr>
        }
    };
    let rows: Vec<_> = properties(schema, schemas).into_iter().map(property).collect();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <table class="table">
                <thead><tr><th scope="col">"Field"</th><th scope="col">"Meaning"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
    });
    let words = schema["enum"].as_array().map(|words| {
        let words: Vec<_> = words.iter().map(text).collect();
        view! { <p>"One of " <code>{words.join(", ")}</code> "."</p> }
    });
    view! {
        <section class="answer">
            <h3 id=format!("schema-{name}")>{name.to_owned()}</h3>
            <p>{prose(text(&schema["description"]))}</p>
            {table}
            {words}
        </section>
    }
}

/// Returns the fields of a schema and of the schemas it is composed of.
fn properties<'a>(schema: &'a Value, schemas: &'a Value) -> Vec<(&'a String, &'a Value)> {
    let own = schema["properties"].as_object().into_iter().flatten();
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let parts = parts.flat_map(|part| match part["$ref"].as_str() {
        Some(reference) => properties(&schemas[last(reference)], schemas),
        None => properties(part, schemas),
    });
    parts.chain(own).collect()
}

/// Returns the last part of a reference, the name of a schema.
fn last(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or_default()
}

/// Describes the type of a property in a few words.
fn kind(property: &Value) -> String {
    if let Some(reference) = property["$ref"].as_str() {
        return last(reference).to_owned();
    }
    if let Some(choices) = property["oneOf"].as_array() {
        return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    let types = match &property["type"] {
        Value::Array(types) => types.iter().map(text).collect::<Vec<_>>().join(" or "),
        one => text(one).to_owned(),
    };
    let of = if types.starts_with("array") {
        format!(" of {}", kind(&property["items"]))
    } else {
        String::new()
    };
    let format = property["format"].as_str().map(|format| format!(" ({format})"));
    format!("{types}{of}{}", format.unwrap_or_default())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Renders a description: what stands between backticks is code.
fn prose(text: &str) -> impl IntoView + use<> {
    let parts = text.split('`').zip([false, true].into_iter().cycle());
    let parts = parts.map(|(part, is_code)| {
        let part = part.to_owned();
        if is_code { Either::Left(view! { <code>{part}</code> }) } else { Either::Right(part) }
    });
    parts.collect_view()
}
