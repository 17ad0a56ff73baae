//! Copying a value.

use leptos::{prelude::*, task::spawn_local};

use super::{browser::device, model::Model};
use crate::rates::Code;

/// Copies the value that is shown for this currency, without groups, or all its digits in a form that programs
/// read. Says what was copied.
pub fn copy_value(model: Model, code: &Code, all_digits: bool) {
    let Some(snapshot) = untrack(|| model.snapshot()) else { return };
    let state = untrack(|| model.shown());
    let Some((per, rate)) = snapshot.per(&state.base).zip(snapshot.get(code)) else { return };
    let quote = state.quote(per, rate, state.quotation(&snapshot));
    let number = if all_digits {
        // The shortest digits that read back as the same number.
        let number = js_sys::Number::from(quote.value).to_string_with_radix(10);
        without_exponent(&number.map(String::from).unwrap_or_default())
    } else {
        let plain = quote.written(state.digits.unwrap_or_default()).to_string().replace(',', "");
        model.reader.with_untracked(|reader| reader.style.plain(&plain))
    };
    spawn_local(async move {
        let done = if device::copy(&number).await { "copied" } else { "copy-refused" };
        model.toast.set(Some(model.texts.format(done, &[("number", (&number).into())])));
    });
}

/// Writes a positive number of JavaScript with all its zeros: a spreadsheet takes `5e-10` for a text, or rounds
/// it.
fn without_exponent(number: &str) -> String {
    let Some((digits, exponent)) = number.split_once('e') else { return number.to_owned() };
    let (first, others) = digits.split_once('.').unwrap_or((digits, ""));
    let power: isize = exponent.parse().unwrap_or_default();
    let width = power.unsigned_abs();
    if power < 0 {
        format!("0.{first:0>width$}{others}")
    } else {
        format!("{first}{others:0<width$}")
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn copied_numbers_are_plain_digits() {
        // As JavaScript writes them.
        for (number, plain) in [
            ("75817.765", "75817.765"),
            ("0.0000013189518", "0.0000013189518"),
            ("5.006742247683764e-10", "0.0000000005006742247683764"),
            ("5e-7", "0.0000005"),
            ("6.790586630179e+21", "6790586630179000000000"),
            ("1e+23", "100000000000000000000000"),
        ] {
            assert_eq!(super::without_exponent(number), plain);
            assert_eq!(plain.parse::<f64>(), number.parse());
        }
    }
}
