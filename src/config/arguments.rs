//! The command line: the modes other than serving, and clap's errors in one line.

use std::{
    error::Error,
    ffi::{OsStr, OsString},
};

use clap::{
    Arg, Command, CommandFactory, FromArgMatches, Parser,
    builder::Resettable,
    error::{ContextKind, ErrorKind},
};

use super::Config;
use crate::store::StoreUrl;

/// What one bitcoin, euro or ounce of gold is worth, on a page and over a JSON API
#[derive(Debug, Parser)]
#[command(
    version,
    next_line_help = true,
    after_help = "A variable that is set but empty counts as not set. A flag wins over its variable.",
    // They may be secrets.
    mut_args(|arg| arg.hide_env_values(true))
)]
pub struct Arguments {
    /// Check the settings and exit.
    #[arg(long)]
    pub check_config: bool,

    /// Ask the server that runs here with the same settings whether it is ready, or the http
    /// address URL whether it answers with 200; exit with 1 if not.
    #[arg(long, value_name = "URL", num_args = 0..=1, conflicts_with = "check_config")]
    #[arg(verbatim_doc_comment)]
    pub health: Option<Option<String>>,

    #[command(flatten)]
    pub config: Config,
}

/// Error returned when the arguments or the environment are wrong: one line that says how.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidArguments(String);

impl Arguments {
    /// Reads the process's arguments and environment. Prints help or version and exits if asked to.
    pub fn read() -> Result<Self, InvalidArguments> {
        let arguments: Vec<_> = std::env::args_os().collect();
        match Self::command().try_get_matches_from(&arguments) {
            Err(error) if !error.use_stderr() => error.exit(),
            // This attempt took variables that are set but empty for values.
            _ => parse(without_variables(is_blank), &arguments)?.checked(),
        }
    }
}

impl Arguments {
    /// Refuses settings that make no sense together.
    fn checked(self) -> Result<Self, InvalidArguments> {
        if self.config.alert_rules.is_some() && self.config.alert_webhook_url.is_none() {
            let problem = "ALERT_RULES is set, but ALERT_WEBHOOK_URL is not: nobody would be told";
            return Err(InvalidArguments(problem.to_owned()));
        }
        Ok(self)
    }
}

impl Config {
    /// Reads variables from `get` instead of the process's environment. Without a `STORE_URL` the store is
    /// in memory.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidArguments> {
        let command = without_variables(|_| true);
        let mut arguments = vec![OsString::from(command.get_name())];
        for flag in command.get_arguments().filter_map(Arg::get_long) {
            let value = get(&variable(flag)).filter(|value| !value.trim().is_empty());
            arguments.extend(value.map(|value| format!("--{flag}={value}").into()));
        }
        let mut config = parse(command, &arguments)?.config;
        config.store_url.get_or_insert(StoreUrl::Memory);
        Ok(config)
    }
}

/// Returns the command without the variables whose names are `ignored`.
fn without_variables(ignored: impl Fn(&OsStr) -> bool) -> Command {
    Arguments::command().mut_args(|arg| match arg.get_env() {
        Some(name) if ignored(name) => arg.env(Resettable::Reset),
        _ => arg,
    })
}

/// Returns the variable that belongs to a flag.
fn variable(flag: &str) -> String {
    flag.replace('-', "_").to_uppercase()
}

fn is_blank(variable: &OsStr) -> bool {
    std::env::var(variable).is_ok_and(|value| value.trim().is_empty())
}

/// Parses `arguments`, of which the first is the program's name.
fn parse(command: Command, arguments: &[OsString]) -> Result<Arguments, InvalidArguments> {
    let matches = command.try_get_matches_from(arguments);
    let parsed = matches.and_then(|matches| Arguments::from_arg_matches(&matches));
    parsed.map_err(|error| InvalidArguments(one_line(&error, arguments)))
}

/// Returns clap's error as one line.
fn one_line(error: &clap::Error, arguments: &[OsString]) -> String {
    let context = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let argument = context(ContextKind::InvalidArg);
    match (error.kind(), error.source()) {
        (ErrorKind::ValueValidation, Some(allowed)) => {
            // The argument is `--port <PORT>`.
            let flag = argument.split(' ').next().unwrap_or_default();
            let given = |text: &str| text.split('=').next() == Some(flag);
            let name = if arguments.iter().any(|text| given(&text.to_string_lossy())) {
                flag.to_owned()
            } else {
                variable(flag.trim_start_matches('-'))
            };
            let value = context(ContextKind::InvalidValue);
            let secret = SECRET.iter().any(|end| flag.ends_with(end));
            let value = if secret { NOT_SHOWN.to_owned() } else { shown(value.trim()) };
            format!("{name}={value} is not valid: it must be {allowed}")
        }
        (ErrorKind::UnknownArgument, _) => {
            format!("unknown argument: {} (see --help)", shown(&argument))
        }
        // The first line of clap's own message is enough.
        _ => {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default();
            format!("{} (see --help)", first.trim_start_matches("error: "))
        }
    }
}

const NOT_SHOWN: &str = "(not shown)";

/// How the flags end whose values are secrets. Who knows the address of a chat's webhook can write there.
const SECRET: [&str; 3] = ["-key", "-secret", "-webhook-url"];

/// Hides a value that may contain a secret, such as an address with a key, and escapes others.
fn shown(value: &str) -> String {
    if value.contains(['?', '@']) { NOT_SHOWN.to_owned() } else { value.escape_debug().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each setting with a value that is not its default.
    const VALUES: [(&str, &str); 28] = [
        ("host", "::1"),
        ("port", "8080"),
        ("workers", "3"),
        ("cache-duration", "60"),
        ("api-timeout", "5"),
        ("rates-sources", "coinbase, sample"),
        ("rates-references", "kraken,frankfurter"),
        ("delist-after", "3600"),
        ("unchanged-after", "600"),
        ("accept-outliers", "lbp, VEF"),
        ("coingecko-url", "http://127.0.0.1:1/v3"),
        ("coinbase-url", "https://example.org"),
        ("kraken-url", "https://example.org"),
        ("frankfurter-url", "https://example.org"),
        ("coingecko-api-key", "CG-geheim"),
        ("coingecko-api-plan", "pro"),
        ("store-url", "rediss://cache/2"),
        ("history-days", "7"),
        ("history-backfill", "7d"),
        ("alert-rules", "tests/fixtures/alerts.toml"),
        ("alert-webhook-url", "https://chat.example.org/hooks/geheim?sig=geheim"),
        ("alert-webhook-secret", "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"),
        ("base-path", "/rates"),
        ("frame-ancestors", "self"),
        ("metrics-addr", "[::1]:9090"),
        ("app-version", "1.0-beta"),
        ("rust-log", "info,crypto_rates=debug"),
        ("log-format", "json"),
    ];

    fn read(arguments: &[&str]) -> Result<Arguments, InvalidArguments> {
        let arguments = ["crypto-rates"].iter().chain(arguments).map(OsString::from);
        parse(without_variables(|_| true), &arguments.collect::<Vec<_>>())
    }

    fn refusal(arguments: &[&str]) -> String {
        let error = read(arguments).unwrap_err().to_string();
        assert!(!error.contains('\n'), "{error}");
        error
    }

    #[test]
    fn every_setting_is_a_flag_and_a_variable() {
        let command = Arguments::command();
        let settings = command.get_arguments().filter(|arg| arg.get_env().is_some());
        let mut flags = Vec::new();
        for setting in settings {
            let flag = setting.get_long().unwrap();
            assert_eq!(setting.get_env().unwrap(), &*variable(flag));
            flags.push(flag);
        }
        assert_eq!(flags, VALUES.map(|(flag, _)| flag));
        let defaults = format!("{:?}", read(&[]).unwrap().config);
        for (flag, value) in VALUES {
            let config = read(&[&format!("--{flag}"), value]).unwrap().config;
            assert_ne!(format!("{config:?}"), defaults, "{flag}");
        }
    }

    #[test]
    fn a_wrong_value_is_one_line() {
        for wrong in ["--port=", "--port=1\n2", "--rates-sources=coingecko,bitstamp"] {
            let start = format!("{} is not valid: it must be ", wrong.escape_debug());
            assert!(refusal(&[wrong]).starts_with(&start), "{wrong}");
        }
    }

    #[test]
    fn a_secret_in_an_address_is_not_shown() {
        for argument in [
            "--coinbase-url=https://example.org/?key=geheim",
            "--store-url=redis://:geheim@cache/zero",
            "redis://:geheim@cache",
            "--coingecko-key=geheim",
            "--alert-webhook-url=ftp://chat.example.org/hooks/geheim",
            "--alert-webhook-secret=geheim",
        ] {
            assert!(!refusal(&[argument]).contains("geheim"), "{argument}");
        }
    }

    #[test]
    fn what_is_no_argument_is_named() {
        for (arguments, error) in [
            (&["--hlep"][..], "unknown argument: --hlep (see --help)"),
            (&["serve"], "unknown argument: serve (see --help)"),
            (&["--a\nb"], "unknown argument: --a\\nb (see --help)"),
            (&["--health", "http://a", "http://b"], "unknown argument: http://b (see --help)"),
        ] {
            assert_eq!(refusal(arguments), error);
        }
        for arguments in
            [&["--port"][..], &["--port=1", "--port=2"], &["--check-config", "--health"]]
        {
            assert!(refusal(arguments).ends_with(" (see --help)"), "{arguments:?}");
        }
    }

    #[test]
    fn help_names_all_and_fits_a_terminal() {
        let help = Arguments::command().render_help().to_string();
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
        for (flag, _) in VALUES {
            assert!(help.contains(&format!("\n      --{flag} <")), "{flag} is not in {help}");
        }
    }
}
