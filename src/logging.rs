//! Log lines: text for people, JSON for a cluster's collector.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Starts logging to standard output, where container engines read it.
pub fn start(config: &Config) {
    // The filter was checked when the configuration was read. The verifier would log each refused
    // certificate, which the refresh loop already does.
    let filter = format!("rustls_platform_verifier=off,{}", config.rust_log);
    let filter = EnvFilter::new(filter);
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    match config.log_format {
        LogFormat::Text => builder.with_ansi(std::io::stdout().is_terminal()).init(),
        LogFormat::Json => {
            builder.json().flatten_event(true).with_current_span(true).with_span_list(false).init();
            log_panics();
        }
    }
}

/// Logs a panic as one line. By default it is several lines of plain text on standard error, which no
/// collector of JSON can read.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let payload = panic.payload();
        let message = payload.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| payload.downcast_ref::<&str>().copied());
        let message = message.unwrap_or("without a message");
        let location = panic.location().map(ToString::to_string);
        let thread = std::thread::current();
        tracing::error!(panic = message, location, thread = thread.name(), "a thread panicked");
    }));
}
