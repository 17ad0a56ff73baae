//! The errors that the API answers with, as RFC 9457 problem documents.

use std::time::Duration;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::history::HistoryError;

/// What went wrong, for programs and people; without internal details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem; a relative reference into the API's documentation.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference", example = "/api/docs#problem-invalid-parameter")]
    kind: String,
    /// The kind of problem in a few words.
    #[schema(example = "Invalid parameter")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 400, minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong with this request.
    #[schema(example = "base: “xyz” is not the code of a currency known here")]
    detail: String,
    /// The query or path parameter at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "base")]
    parameter: Option<String>,
    #[serde(skip)]
    retry_after: Option<Duration>,
}

impl Problem {
    fn new(status: StatusCode, kind: &str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("/api/docs#problem-{kind}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            parameter: None,
            retry_after: None,
        }
    }

    /// A query parameter with an invalid value; `why` completes "name: …".
    pub fn parameter(name: &str, why: impl std::fmt::Display) -> Self {
        let detail = format!("{name}: {why}");
        let problem =
            Self::new(StatusCode::BAD_REQUEST, "invalid-parameter", "Invalid parameter", detail);
        Self { parameter: Some(name.to_owned()), ..problem }
    }

    /// A path that names an unknown currency.
    pub fn no_such_currency(code: &str) -> Self {
        let detail = format!("“{code}” is not the code of a currency known here");
        let problem =
            Self::new(StatusCode::NOT_FOUND, "unknown-currency", "Unknown currency", detail);
        Self { parameter: Some("code".to_owned()), ..problem }
    }

    /// `docs` is the path of the API's documentation.
    pub fn not_found(path: &str, docs: &str) -> Self {
        let detail = format!("there is nothing at {path}; {docs} lists what there is");
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    pub fn method_not_allowed(method: &str) -> Self {
        let detail = format!("this address can't be asked with {method}");
        let status = StatusCode::METHOD_NOT_ALLOWED;
        Self::new(status, "method-not-allowed", "Method not allowed", detail)
    }

    /// No rates to serve yet; worth another try after `wait`.
    pub fn no_rates_yet(wait: Duration) -> Self {
        let detail = "no source has answered with rates since the start; try again later";
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let problem = Self::new(status, "no-rates-yet", "No rates yet", detail);
        Self { retry_after: Some(wait), ..problem }
    }

    /// The past can't be told while the store can't be read; worth another try later.
    pub fn history_unavailable() -> Self {
        let detail = "the history can't be read at the moment; try again later";
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let problem = Self::new(status, "history-unavailable", "History unavailable", detail);
        Self { retry_after: Some(Duration::from_secs(60)), ..problem }
    }

    /// More requests than can be answered; worth another try soon.
    pub fn overloaded() -> Self {
        let detail = "the server has more requests than it can answer; try again in a moment";
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let problem = Self::new(status, "overloaded", "Overloaded", detail);
        Self { retry_after: Some(Duration::from_secs(1)), ..problem }
    }

    /// A fault of ours. The log has the reason under the answer's request id.
    pub fn internal() -> Self {
        let detail = "the server failed to answer; its log has the reason under this request's id";
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "internal", "Internal error", detail)
    }

    /// Returns the problem with a `type` that leads to the documentation below the base path.
    #[must_use]
    pub fn below(self, base_path: &str) -> Self {
        Self { kind: format!("{base_path}{}", self.kind), ..self }
    }

    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<HistoryError> for Problem {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Overloaded => Self::overloaded(),
            HistoryError::Failed => Self::internal(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status(), axum::Json(&self)).into_response();
        let headers = response.headers_mut();
        let content_type = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, content_type);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, wait.as_secs().max(1).into());
        }
        // For `with_base_path`.
        response.extensions_mut().insert(self);
        response
    }
}

/// Puts the base path before the `type` of the problem in a response, if there is one. Problems are made where
/// no settings are at hand.
pub fn with_base_path(base_path: &str, mut response: Response) -> Response {
    let problem = response.extensions_mut().remove::<Problem>();
    let Some(problem) = problem.filter(|_| !base_path.is_empty()) else { return response };
    let body = axum::Json(problem.below(base_path)).into_response().into_body();
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.map(|_| body)
}

/// Shortens text from a request, so that an answer can quote it.
pub fn truncated(text: &str) -> String {
    const MOST: usize = 60;
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(MOST).collect();
    if text.chars().count() > MOST {
        shown.push('…');
    }
    shown
}
