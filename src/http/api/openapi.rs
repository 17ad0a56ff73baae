//! `GET /api/openapi.json`: the API's description, made from the handlers and their types.

use std::sync::{Arc, LazyLock};

use axum::{
    extract::RawQuery,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use utoipa::OpenApi;

use super::{convert, currency, history, json, rates, rates_csv, sparklines, stream};
use crate::cache::{Caching, Representation};
use crate::{http::health, http::params::Params, http::problem::Problem};

/// The API, as its callers see it.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Crypto Rates",
        description = "What one bitcoin, euro, ounce of gold or any of some 76 currencies, coins and metals is worth in any other. Refreshed every five minutes; every answer says how old its rates are and where they come from. Errors are RFC 9457 problem documents. Any origin may read.",
        license(name = "MIT", identifier = "MIT"),
    ),
    tags(
        (name = "rates", description = "Rates and conversions"),
        (name = "operation", description = "For probes and people on call"),
    ),
    paths(
        rates::rates,
        currency::currency,
        convert::convert,
        history::history,
        sparklines::sparklines,
        stream::stream,
        rates_csv::rates_csv,
        openapi,
        health::health,
        health::live,
        health::ready,
    ),
)]
pub struct Api;

static DOCUMENT: LazyLock<Result<Arc<Representation>, Problem>> =
    LazyLock::new(|| json(&Api::openapi()).map(Arc::new));

/// This description of the API, OpenAPI 3.1.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "operation",
    responses(
        (status = 200, description = "OpenAPI 3.1", body = Object),
        (status = 304, description = "Not changed since the ETag sent in If-None-Match"),
        (status = 400, description = "There are no parameters here", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn openapi(RawQuery(query): RawQuery, headers: HeaderMap) -> Result<Response, Problem> {
    Params::read(query.as_deref(), &[])?;
    let document = DOCUMENT.as_ref().map_err(Clone::clone)?;
    Ok(document.respond(&headers, Caching::Revalidate, StatusCode::OK))
}
