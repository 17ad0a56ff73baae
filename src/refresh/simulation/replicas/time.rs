//! Time for the replicas and their redis-server: it stands still, until it is let pass.

use std::{fs, path::PathBuf, sync::mpsc, time::Duration};

use tokio::time::Instant;

use super::super::START;

/// How far time passes at once. What an answer of the server takes is less.
pub const STEP: Duration = Duration::from_millis(200);

/// The clock of a paused runtime, and that of the server.
pub struct Time {
    started: Instant,
    folder: tempfile::TempDir,
    /// While a task blocks, tokio does not take a runtime that waits for the server's answer for an idle one, and
    /// does not turn its clock forward by itself.
    _standing: mpsc::Sender<()>,
}

impl Time {
    pub fn stop() -> Self {
        let (standing, until) = mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || until.recv());
        let time = Self {
            started: Instant::now(),
            folder: tempfile::tempdir().unwrap(),
            _standing: standing,
        };
        time.tell();
        time
    }

    /// Where the server's clock stands.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("clock")
    }

    /// Lets one step pass.
    pub async fn pass(&self) {
        tokio::time::advance(STEP).await;
        self.tell();
    }

    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn tell(&self) {
        let now = Duration::from_secs(START.unix_seconds()) + self.elapsed();
        let new = self.folder.path().join("new");
        fs::write(&new, format!("{:.3}\n", now.as_secs_f64())).unwrap();
        fs::rename(new, self.file()).unwrap();
    }
}
