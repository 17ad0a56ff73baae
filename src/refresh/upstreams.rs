//! Whom the loop asks: the live sources in their order, each left alone as long as it asked, and none
//! believed beyond reason.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt;
use tokio::time::Instant;

use crate::{
    rates::{Code, Snapshot, SourceName},
    server::Service,
    source::{Fetched, Source, SourceError},
};

/// Rates this much older than new ones are no measure for them.
const COMPARABLE: Duration = Duration::from_secs(24 * 60 * 60);

/// In how many intervals a source must send the same absurd rates to be believed.
const CONVINCING: u32 = 3;

/// The live sources in their order.
pub struct Upstreams(Vec<Upstream>);

struct Upstream {
    source: Source,
    /// Until when it asked to be left alone.
    rested: Instant,
    doubt: Option<Doubt>,
}

/// Absurd rates that a source goes on sending.
struct Doubt {
    /// The last of them.
    snapshot: Snapshot,
    /// When they last counted.
    since: Instant,
    /// In how many intervals they were refused.
    intervals: u32,
}

impl Upstreams {
    pub fn new(sources: Vec<Source>) -> Self {
        let rested = Instant::now();
        let upstream = |source| Upstream { source, rested, doubt: None };
        Self(sources.into_iter().map(upstream).collect())
    }

    /// Asks each that may be asked once, until one answers; the error is the last one's.
    pub async fn ask(&mut self, service: &Service) -> Result<Fetched, SourceError> {
        let mut failure = SourceError::NoRates;
        for upstream in &mut self.0 {
            if upstream.rested > Instant::now() {
                continue;
            }
            match upstream.ask(service).await {
                Ok(fetched) => return Ok(fetched),
                Err(error) => {
                    upstream.rested = Instant::now() + error.retry_after().unwrap_or_default();
                    failure = error;
                }
            }
        }
        Err(failure)
    }

    /// When the first of them may be asked.
    pub fn rested(&self) -> Instant {
        self.0.iter().map(|upstream| upstream.rested).min().unwrap_or_else(Instant::now)
    }
}

impl Upstream {
    async fn ask(&mut self, service: &Service) -> Result<Fetched, SourceError> {
        let answer = fetch(service, &self.source).await;
        let answer = answer.and_then(|fetched| self.believe(fetched, service));
        let outcome = answer.as_ref().map_or_else(SourceError::outcome, |_| "ok");
        service.metrics.source_called(self.source.name(), outcome);
        if let Err(error) = &answer {
            tracing::debug!(source = %self.source.name(), %error, "a source failed");
        }
        answer
    }

    /// Refuses rates that can't follow from the last good ones, until the source has said the same
    /// in [`CONVINCING`] intervals: then it is the last good ones that were wrong.
    fn believe(&mut self, fetched: Fetched, service: &Service) -> Result<Fetched, SourceError> {
        let board = service.board();
        let old = board.snapshot().filter(|old| {
            let fresh = fetched.snapshot.last_updated().seconds_since(old.last_updated());
            let comparable = COMPARABLE.max(3 * board.schedule().interval);
            old.source() != SourceName::Sample && fresh < comparable.as_secs()
        });
        let absurd = old.map(|old| fetched.snapshot.absurd_after(old)).unwrap_or_default();
        // An answer that has lost most of its rates says nothing of those it still has.
        let shrunk = old.is_some_and(|old| {
            let (now, then) = (fetched.snapshot.rates().len(), old.rates().len());
            old.source() == fetched.snapshot.source() && 2 * now < then
        });
        if absurd.is_empty() && !shrunk {
            self.doubt = None;
            return Ok(fetched);
        }
        let Fetched { snapshot, dropped } = fetched;
        let same =
            self.doubt.take().filter(|doubt| snapshot.absurd_after(&doubt.snapshot).is_empty());
        let interval = service.config.schedule().interval;
        let (since, intervals) = match same {
            // The tries of one interval count once.
            Some(doubt) if doubt.since.elapsed() < interval.mul_f64(0.9) => {
                (doubt.since, doubt.intervals)
            }
            Some(doubt) => (Instant::now(), doubt.intervals + 1),
            None => (Instant::now(), 1),
        };
        let codes: Vec<_> = absurd.iter().take(5).map(Code::as_str).collect();
        let codes = if codes.is_empty() { "most are missing".to_owned() } else { codes.join(", ") };
        if intervals >= CONVINCING {
            tracing::warn!(source = %snapshot.source(), codes, "absurd values are believed now");
            return Ok(Fetched { snapshot, dropped });
        }
        self.doubt = Some(Doubt { snapshot, since, intervals });
        Err(SourceError::Absurd(codes))
    }
}

/// Asks a source once.
pub async fn fetch(service: &Service, source: &Source) -> Result<Fetched, SourceError> {
    // A panic would end the loop, and with it every refresh to come.
    let fetch = AssertUnwindSafe(source.fetch(|| service.now())).catch_unwind();
    fetch.await.unwrap_or_else(|_| {
        tracing::error!(source = %source.name(), "a source panicked");
        Err(SourceError::Fault)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_source_that_panics_is_a_failure_and_no_end() {
        let config = crate::server::Config::read(|_| None).unwrap();
        let service = Service::new(config, crate::server::service::system_clock());
        let mut upstreams = Upstreams::new(vec![Source::Broken, Source::Sample]);
        let fetched = upstreams.ask(&service).await.unwrap();
        assert_eq!(fetched.snapshot.source(), SourceName::Sample);
        let mut upstreams = Upstreams::new(vec![Source::Broken]);
        assert_eq!(upstreams.ask(&service).await, Err(SourceError::Fault));
    }
}
