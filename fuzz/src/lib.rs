//! What must hold of whatever a parser makes of a body.
#![expect(clippy::missing_panics_doc, reason = "to panic is how they tell the fuzzer")]

use std::collections::BTreeSet;

use crypto_rates::{
    rates::{Code, Digits, Quote, Rate, ReferenceRates, Snapshot},
    sources::{Changes, Fetched, Past, SourceError},
};

/// Panics, and so tells the fuzzer, if a reader could stumble over what was parsed.
///
/// The bounds stand here in numbers, not as the program's own constants: a constant changed by
/// mistake is to be found, too.
pub fn check(parsed: &Result<Fetched, SourceError>) {
    match parsed {
        Ok(fetched) => check_snapshot(&fetched.snapshot),
        Err(error) => check_error(error),
    }
}

/// Panics if the rates of a reference can't be compared with these.
pub fn check_reference(parsed: &Result<ReferenceRates, SourceError>, rates: &Snapshot) {
    let reference = match parsed {
        Ok(reference) => reference,
        Err(error) => return check_error(error),
    };
    assert!(reference.values().len() >= 3, "too few to be compared");
    for (code, value) in reference.values() {
        check_code(code);
        assert!(value.is_finite() && (1e-100..=1e100).contains(value), "{code} is {value}");
    }
    let tomorrow = rates.last_updated().unix_seconds() + 86_400;
    assert!(reference.time().unix_seconds() <= tomorrow, "of {}", reference.time());
    for (code, ratio) in rates.deviations_from(reference) {
        assert!(ratio.is_finite() && ratio >= 0.0, "{code} deviates by {ratio}");
    }
}

/// Panics if past values can't be shown.
pub fn check_past(parsed: &Result<Past, SourceError>) {
    let past = match parsed {
        Ok(past) => past,
        Err(error) => return check_error(error),
    };
    assert!(past.is_sorted_by_key(|(time, _)| *time), "not in order of time");
    for (time, value) in past {
        assert!(value.is_finite() && *value > 0.0, "{value} at {time}");
    }
}

/// Panics if changes can't be shown.
pub fn check_changes(parsed: &Result<Changes, SourceError>) {
    let changes = match parsed {
        Ok(changes) => changes,
        Err(error) => return check_error(error),
    };
    for (code, percent) in changes {
        check_code(code);
        assert!(percent.is_finite() && *percent > -100.0, "{code} by {percent}");
    }
}

/// Panics if currencies can't be asked for.
pub fn check_codes(parsed: &Result<BTreeSet<Code>, SourceError>) {
    match parsed {
        Ok(codes) => codes.iter().for_each(check_code),
        Err(error) => check_error(error),
    }
}

fn check_code(code: &Code) {
    assert!((1..=16).contains(&code.as_str().len()), "the code {code}");
    assert_eq!(code.as_str(), code.as_str().to_lowercase());
}

/// An error goes to the log and to `/health`: one short line, whatever the upstream wrote.
fn check_error(error: &SourceError) {
    let text = error.to_string();
    assert!(text.chars().count() < 300, "a long error: {text}");
    assert!(!text.chars().any(char::is_control), "control characters in an error: {text:?}");
}

fn check_snapshot(snapshot: &Snapshot) {
    let rates = snapshot.rates();
    for rate in rates {
        check_rate(rate);
        assert_eq!(snapshot.get(&rate.code), Some(rate), "a rate that can't be found");
    }
    for pair in rates.windows(2) {
        assert!(pair[0].code < pair[1].code, "{} before {}", pair[0].code, pair[1].code);
    }
    assert!(rates.iter().any(|rate| rate.code.as_str() == "btc"), "no bitcoin");

    // The first and the last code, and the smallest and the largest value.
    let by_value = snapshot.by_value();
    assert_eq!(by_value.len(), rates.len());
    let ends = [(&rates[0], &rates[rates.len() - 1]), (by_value[0], by_value[rates.len() - 1])];
    for (a, b) in ends {
        for (quote, base) in [(a, b), (b, a)] {
            check_quote(snapshot.per(&base.code).expect("it is there").quote(quote));
        }
    }
}

fn check_rate(rate: &Rate) {
    let Rate { code, name, unit, value, .. } = rate;
    assert!(value.is_finite() && (1e-100..=1e100).contains(value), "{code} is {value}");
    check_code(code);
    assert!(!name.trim().is_empty(), "{code} has no name");
    for text in [name, unit] {
        assert!(text.chars().count() <= 100, "{code} has a long text: {text}");
        assert!(!text.chars().any(char::is_control), "{code} has control characters: {text:?}");
    }
    // But for the rounding of a division, which an upstream may have done.
    let constant = match code.as_str() {
        "btc" => 1.0,
        "bits" => 1e6,
        "sats" => 1e8,
        _ => return,
    };
    assert!((value / constant - 1.0).abs() < 1e-9, "{code} is {value}");
}

fn check_quote(quote: Quote) {
    let Quote { value, error, .. } = quote;
    assert!(value.is_finite() && value > 0.0, "a quote of {value}");
    assert!(error.is_finite() && error >= 0.0, "an error of {error}");
    for digits in [Digits::Usual, Digits::All] {
        let written = quote.written(digits);
        assert!(written.integer.starts_with(|c: char| c.is_ascii_digit()), "{value}: {written:?}");
    }
}
