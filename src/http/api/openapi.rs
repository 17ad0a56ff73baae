//! `GET /api/openapi.json`: the API's description, generated from routes, handlers and types.

use std::sync::{Arc, OnceLock};

use axum::{
    Extension,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use utoipa::OpenApi;

use super::json;
use crate::{
    cache::{Caching, Representation},
    http::{
        problem::Problem,
        query::{NoQuery, Query},
    },
};

/// The parts of the description that belong to no single route.
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
)]
pub struct About;

/// The OpenAPI document of the public routes, for the handlers that show it.
#[derive(Clone)]
pub struct ApiDocument {
    pub openapi: Arc<utoipa::openapi::OpenApi>,
    json: Result<Arc<Representation>, Problem>,
    /// The document as a page, rendered on the first request.
    pub page: Arc<OnceLock<Arc<Representation>>>,
}

impl ApiDocument {
    pub fn new(openapi: utoipa::openapi::OpenApi) -> Self {
        let json = json(&openapi).map(Arc::new);
        Self { openapi: Arc::new(openapi), json, page: Arc::default() }
    }
}

/// This description of the API, OpenAPI 3.1.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "operation",
    responses(
        (status = 200, description = "OpenAPI 3.1", body = Object),
        (status = 304, description = "Not changed since the ETag sent in If-None-Match"),
        (status = 400, description = "This address takes no parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn openapi(
    Extension(document): Extension<ApiDocument>,
    Query(NoQuery {}): Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Ok(document.json?.respond(&headers, Caching::Revalidate, StatusCode::OK))
}
