//! One message to an address of somebody else's, signed as the [Standard Webhooks] have it.
//!
//! The address is as secret as the key: whoever knows that of a chat can write there. Only its host is ever shown.
//!
//! [Standard Webhooks]: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

use std::{
    fmt,
    str::FromStr,
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, StatusCode, Url, header};
use sha2::Sha256;

use crate::{
    rates::Timestamp,
    sources::{beginning, innermost_cause, reason, retry_after, told},
};

/// Where messages go.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(Url);

/// The key that they are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(Vec<u8>);

/// Error returned when a text is no address or no secret of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not valid")]
pub struct InvalidWebhook;

// Neither may reach a log through a `{:?}` of the configuration.
impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookUrl(…)")
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

impl FromStr for WebhookUrl {
    type Err = InvalidWebhook;

    fn from_str(text: &str) -> Result<Self, InvalidWebhook> {
        let url: Url = text.parse().map_err(|_| InvalidWebhook)?;
        let good = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none();
        good.then_some(Self(url)).ok_or(InvalidWebhook)
    }
}

impl WebhookUrl {
    /// Returns the part that may be shown.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

impl FromStr for WebhookSecret {
    type Err = InvalidWebhook;

    /// Reads `whsec_` and base64 of 24 to 64 bytes.
    fn from_str(text: &str) -> Result<Self, InvalidWebhook> {
        let encoded = text.strip_prefix("whsec_").ok_or(InvalidWebhook)?;
        let key = STANDARD.decode(encoded).map_err(|_| InvalidWebhook)?;
        (24..=64).contains(&key.len()).then_some(Self(key)).ok_or(InvalidWebhook)
    }
}

impl WebhookSecret {
    /// Returns the signature of a message sent at this time.
    fn sign(&self, id: &str, sent: Timestamp, body: &str) -> Option<String> {
        // A key may have any length.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(format!("{id}.{}.{body}", sent.unix_seconds()).as_bytes());
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    }
}

/// A receiver of messages.
#[derive(Clone)]
pub struct Webhook {
    pub client: Client,
    pub url: WebhookUrl,
    /// Without one, messages are not signed: a chat would not look.
    pub secret: Option<WebhookSecret>,
    pub timeout: Duration,
}

/// Error returned when a message was not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    #[error("could not be reached: {0}")]
    Unreachable(String),
    #[error("did not answer within {} s", .0.as_secs())]
    Timeout(Duration),
    #[error("answered with status {status}{}", told(reason.as_deref()))]
    Status { status: u16, retry_after: Option<Duration>, reason: Option<String> },
}

impl Webhook {
    /// Sends a message once. Any status from 200 to 299 says that it was taken; redirects are not followed.
    pub async fn post(&self, id: &str, body: &str, now: Timestamp) -> Result<(), WebhookError> {
        let mut request = (self.client.post(self.url.0.clone()))
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", now.unix_seconds());
        if let Some(signature) = self.secret.as_ref().and_then(|it| it.sign(id, now, body)) {
            request = request.header("webhook-signature", signature);
        }
        let answer = request.body(body.to_owned()).send().await;
        let response = answer.map_err(|error| {
            if error.is_timeout() {
                WebhookError::Timeout(self.timeout)
            } else {
                WebhookError::Unreachable(innermost_cause(&error))
            }
        })?;
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let retry_after = retry_after(response.headers(), SystemTime::now());
        // What it says of its error must not tell the address either.
        let reason = reason(&beginning(response).await, Some(self.url.0.as_str()));
        Err(WebhookError::Status { status: status.as_u16(), retry_after, reason })
    }
}

impl WebhookError {
    /// Returns the word for this kind of failure in metrics.
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Timeout(_) => "timeout",
            Self::Status { status: 429, .. } => "rate_limited",
            Self::Status { .. } if self.is_gone() => "gone",
            Self::Status { .. } => "bad_status",
        }
    }

    /// Returns how long the receiver wants no more messages.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            Self::Unreachable(_) | Self::Timeout(_) => None,
        }
    }

    /// Returns whether the receiver wants nothing any more.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Status { status, .. } if *status == StatusCode::GONE.as_u16())
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    fn secret(key: &[u8]) -> String {
        format!("whsec_{}", STANDARD.encode(key))
    }

    #[test]
    fn receivers_libraries_accept_the_signature() {
        let key = secret(b"no secret, but long enough to be one");
        let now: Timestamp = SystemTime::now().into();
        let body = r#"{"text":"1 BTC = 80,123.46 USD, ±3 %"}"#;
        let signature = key.parse::<WebhookSecret>().unwrap().sign("alert_1", now, body).unwrap();
        let time = now.unix_seconds().to_string();
        let headers = |id: &str| -> HeaderMap {
            [("webhook-id", id), ("webhook-timestamp", &*time), ("webhook-signature", &*signature)]
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .into_iter()
                .collect()
        };
        let receiver = standardwebhooks::Webhook::new(&key).unwrap();
        receiver.verify(body.as_bytes(), &headers("alert_1")).unwrap();
        assert!(receiver.verify(body.as_bytes(), &headers("alert_2")).is_err());
        assert!(receiver.verify(body.replace('8', "9").as_bytes(), &headers("alert_1")).is_err());
    }

    #[test]
    fn a_secret_is_long_enough_and_neither_it_nor_the_address_is_shown() {
        for (key, good) in [(23, false), (24, true), (64, true), (65, false)] {
            let read = secret(&vec![b'g'; key]).parse::<WebhookSecret>();
            assert_eq!(read.is_ok(), good, "{key}");
            assert!(read.is_err() || !format!("{read:?}").contains("103"));
        }
        for text in ["", "whsec_", "geheim", "whsec_!", &secret(&[b'g'; 24])[6..]] {
            assert!(text.parse::<WebhookSecret>().is_err(), "{text}");
        }
        let url: WebhookUrl = "https://chat.example.org/hooks/geheim?sig=geheim".parse().unwrap();
        assert_eq!((url.host(), format!("{url:?}")), ("chat.example.org", "WebhookUrl(…)".into()));
        for text in
            ["", "chat.example.org", "ftp://a", "https://a:b@c/", "https://a/#b", "file:///a"]
        {
            assert!(text.parse::<WebhookUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn each_failure_has_its_word() {
        let status = |status| WebhookError::Status { status, retry_after: None, reason: None };
        let words = [429, 410, 400, 302, 500].map(|number| status(number).outcome());
        assert_eq!(words, ["rate_limited", "gone", "bad_status", "bad_status", "bad_status"]);
        assert!(status(410).is_gone() && !status(404).is_gone());
    }
}
