//! The day whose rates the reader looks at.

use std::str::FromStr;

/// A day as addresses and date fields write it: `2026-10-31`.
///
/// Only the form is checked here. Whether the calendar has the day, and the history rates of it, is found out by the
/// server, which makes the page of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date([u8; 10]);

/// Error returned when a text is not a [`Date`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidDate;

impl Date {
    pub fn as_str(&self) -> &str {
        // All of them are ASCII.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Date {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let fits = |(place, byte): (usize, u8)| match place {
            // While a year is being typed, a date field has that of one digit first: `0002-10-31`.
            0 => byte == b'2',
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        };
        let bytes: [u8; 10] = text.as_bytes().try_into().or(Err(InvalidDate))?;
        if bytes.into_iter().enumerate().all(fits) { Ok(Self(bytes)) } else { Err(InvalidDate) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_in_one_form() {
        assert_eq!("2026-10-31".parse::<Date>().unwrap().as_str(), "2026-10-31");
        for text in
            ["", "0002-10-31", "2026-1-31", "2026-10-311", "2026/10/31", "31.10.2026", "2026-10-3é"]
        {
            assert_eq!(text.parse::<Date>(), Err(InvalidDate), "{text}");
        }
    }
}
