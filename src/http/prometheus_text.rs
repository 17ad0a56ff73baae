//! Prometheus' text format 0.0.4, for scrapers that don't read OpenMetrics.
//!
//! `prometheus-client` writes OpenMetrics only. The two formats have the same samples, and differ in the lines
//! about them.

use std::fmt::Write;

use axum::http::{HeaderMap, header};

pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Returns whether `Accept` prefers this format to OpenMetrics (RFC 9110). Without a preference it is
/// OpenMetrics.
pub fn is_preferred(request: &HeaderMap) -> bool {
    let weight = |ranges: [&str; 3]| ranges.into_iter().find_map(|range| weight(request, range));
    let text = weight(["text/plain", "text/*", "*/*"]);
    let openmetrics = weight(["application/openmetrics-text", "application/*", "*/*"]);
    text.unwrap_or(0.0) > openmetrics.unwrap_or(0.0)
}

/// Returns the weight that `Accept` gives a media range; the largest if there are several, which differ in
/// their versions.
fn weight(request: &HeaderMap, range: &str) -> Option<f32> {
    let values = request.get_all(header::ACCEPT).into_iter();
    let items = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let weights = items.filter_map(|item| {
        let mut parts = item.split(';').map(str::trim);
        if !parts.next()?.eq_ignore_ascii_case(range) {
            return None;
        }
        let weight = parts.filter_map(|part| part.split_once('='));
        let mut weight = weight.filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        // A weight that is none counts as a refusal.
        Some(weight.next().map_or(1.0, |(_, value)| value.trim().parse().unwrap_or(0.0)))
    });
    weights.reduce(f32::max)
}

/// Rewrites OpenMetrics text.
pub fn from_openmetrics(openmetrics: &str) -> String {
    let mut text = String::with_capacity(openmetrics.len());
    // The name in this line depends on the type, which comes after it.
    let mut help = "";
    for line in openmetrics.lines() {
        if let Some(line) = line.strip_prefix("# HELP ") {
            help = line.split_once(' ').map_or("", |(_, help)| help);
        } else if let Some((name, kind)) =
            line.strip_prefix("# TYPE ").and_then(|line| line.split_once(' '))
        {
            // Here a metric is named as its samples are.
            let (suffix, kind) = match kind {
                "counter" => ("_total", kind),
                "info" => ("_info", "gauge"),
                "unknown" => ("", "untyped"),
                kind => ("", kind),
            };
            // Writing to a string does not fail.
            let _ = writeln!(text, "# HELP {name}{suffix} {help}\n# TYPE {name}{suffix} {kind}");
        } else if !line.starts_with("# ") {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preferred(accept: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for accept in accept {
            headers.append(header::ACCEPT, accept.parse().unwrap());
        }
        is_preferred(&headers)
    }

    #[test]
    fn a_scraper_gets_what_it_prefers() {
        for accept in [
            "text/plain",
            "Text/Plain; Version=0.0.4",
            "text/*",
            "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            "application/openmetrics-text;q=0, text/plain;q=0.1",
            "application/openmetrics-text;q=0.2, text/plain; Q=0.3",
            "application/openmetrics-text;q=0, */*",
            "application/openmetrics-text;q=high, */*;q=0.1",
        ] {
            assert!(preferred(&[accept]), "{accept}");
        }
        for accept in [
            "",
            "*/*",
            "application/*",
            "text/html",
            "application/openmetrics-text, text/plain",
            "text/plain;q=0, */*;q=0.1",
            "text/plain;q=0.5, */*;q=0.6",
            // What Prometheus 3 asks for, and Prometheus 2.
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
             application/openmetrics-text;version=0.0.1;q=0.5,\
             text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        ] {
            assert!(!preferred(&[accept]), "{accept}");
        }
        assert!(!preferred(&[]));
        assert!(preferred(&["application/openmetrics-text;q=0.1", "text/plain"]));
    }

    #[test]
    fn only_the_lines_about_samples_differ() {
        let openmetrics = "\
# HELP calls Calls to a \"source\".
# TYPE calls counter
calls_total{label=\"# EOF\"} 1
# HELP age_seconds Age.
# TYPE age_seconds gauge
# UNIT age_seconds seconds
age_seconds 0.5
# HELP build The build.
# TYPE build info
build_info{version=\"1\"} 1
# HELP took_seconds Time.
# TYPE took_seconds histogram
took_seconds_bucket{le=\"+Inf\"} 2
# HELP odd Odd.
# TYPE odd unknown
odd 1
# EOF
";
        let text = "\
# HELP calls_total Calls to a \"source\".
# TYPE calls_total counter
calls_total{label=\"# EOF\"} 1
# HELP age_seconds Age.
# TYPE age_seconds gauge
age_seconds 0.5
# HELP build_info The build.
# TYPE build_info gauge
build_info{version=\"1\"} 1
# HELP took_seconds Time.
# TYPE took_seconds histogram
took_seconds_bucket{le=\"+Inf\"} 2
# HELP odd Odd.
# TYPE odd untyped
odd 1
";
        assert_eq!(from_openmetrics(openmetrics), text);
    }
}
