//! Checks the health of a running server where there is no other client: in a container without a shell, and
//! in the test pod of the chart.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use reqwest::{Client, StatusCode, Url, redirect};

use crate::config::Config;

/// Shorter than the usual limit of container engines, so that the reason is printed.
const TIMEOUT: Duration = Duration::from_secs(4);
/// The most bytes printed of a failed answer; those of `/health/ready` are a few words.
const TOLD: usize = 200;

/// Returns the readiness URL of a server with this configuration, seen from its own machine.
pub fn ready_url(config: &Config) -> String {
    let host = match config.host {
        // `::` takes IPv4, too, and a container whose IPv6 is switched off has no `::1`.
        ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    let (address, base) = (SocketAddr::new(host, config.port), config.base_path.as_str());
    format!("http://{address}{base}/health/ready")
}

/// Succeeds if `url` answers with 200. The error says what happened instead.
pub async fn ask(url: &str) -> anyhow::Result<()> {
    let address =
        Url::parse(url).ok().filter(|url| url.scheme() == "http" && url.port() != Some(0));
    let Some(address) = address else { bail!("{url} can't be asked: it must be an http address") };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        // A configured proxy is only for the upstreams.
        .no_proxy()
        // Plain HTTP needs no certificates, and there may be none.
        .tls_certs_only([])
        .redirect(redirect::Policy::none())
        .timeout(TIMEOUT)
        .build()
        .context("the HTTP client did not start")?;
    let asked = async {
        let mut response = client.get(address).send().await?;
        let beginning = response.chunk().await?.unwrap_or_default();
        Ok::<_, reqwest::Error>((response.status(), beginning))
    };
    let (status, body) = asked.await.map_err(|error| {
        // The root cause says what happened; the outer ones repeat the address.
        let cause = anyhow::Error::from(error);
        anyhow::anyhow!("{url} did not answer: {}", cause.root_cause())
    })?;
    let body = String::from_utf8_lossy(&body[..body.len().min(TOLD)]);
    ensure!(
        status == StatusCode::OK,
        "{url} answered {}: {}",
        status.as_u16(),
        body.trim().escape_debug()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_asked_where_it_listens() {
        for (host, port, base, url) in [
            ("0.0.0.0", "5000", "/", "http://127.0.0.1:5000/health/ready"),
            ("::", "80", "", "http://127.0.0.1:80/health/ready"),
            ("::1", "80", "", "http://[::1]:80/health/ready"),
            ("127.0.0.2", "5000", "/rates", "http://127.0.0.2:5000/rates/health/ready"),
        ] {
            let config = Config::read(|name| match name {
                "HOST" => Some(host.to_owned()),
                "PORT" => Some(port.to_owned()),
                "BASE_PATH" => Some(base.to_owned()),
                _ => None,
            });
            assert_eq!(ready_url(&config.unwrap()), url);
        }
    }
}
