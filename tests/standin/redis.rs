//! A real redis-server of a test's own, on a free port of the loopback address, that can be stopped,
//! stalled, filled and emptied.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

pub struct Redis {
    port: u16,
    options: Vec<String>,
    clock: Option<PathBuf>,
    folder: tempfile::TempDir,
    process: Option<Child>,
}

impl Redis {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// With more options than the port, such as `--requirepass`.
    pub fn start_with(options: &[&str]) -> Self {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        let mut redis = Self::absent();
        redis.options = options;
        redis.start_again();
        redis
    }

    /// With a clock of the test's, by which keys expire: it shows what stands in this file, as seconds since 1970
    /// with a fraction.
    pub fn start_by_clock(clock: &Path) -> Self {
        let mut redis = Self::absent();
        redis.clock = Some(clock.to_owned());
        redis.start_again();
        redis
    }

    /// Only the address: nobody is there yet.
    pub fn absent() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        Self { port, options: Vec::new(), clock: None, folder, process: None }
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// At the same address as before, and empty.
    pub fn start_again(&mut self) {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string()]);
        command.args(["--save", "", "--appendonly", "no", "--dir"]).arg(self.folder.path());
        if let Some(clock) = &self.clock {
            // The C library's own allocator, because jemalloc asks for the time before faketime is ready.
            let before = ["libc_malloc_debug.so.0", "faketime/libfaketimeMT.so.1"].map(library);
            command.env("LD_PRELOAD", before.join(" ")).env("FAKETIME_FMT", "%s");
            command.env("FAKETIME_TIMESTAMP_FILE", clock).env("FAKETIME_NO_CACHE", "1");
            command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        command.args(&self.options).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("redis-server is installed by scripts/setup.sh test");
        self.process = Some(process);
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.cli(&["PING"]).starts_with("PONG") {
            assert!(Instant::now() < deadline, "redis-server does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it as `kill -9` does.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Lets it take connections, and answer nobody, until [`Redis::wake`].
    pub fn stall(&self) {
        self.signal("-STOP");
    }

    pub fn wake(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.process.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// One command, and what redis-cli prints.
    pub fn cli(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        command.args(["-p", &self.port.to_string()]);
        if let Some(at) = self.options.iter().position(|option| option == "--requirepass") {
            command.args(["--no-auth-warning", "-a", &self.options[at + 1]]);
        }
        let output = command.args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Returns the path of one of Debian's libraries, wherever this architecture has it.
fn library(name: &str) -> String {
    let folders = fs::read_dir("/usr/lib").unwrap().map(|folder| folder.unwrap().path());
    let found = folders.map(|folder| folder.join(name)).find(|path| path.exists());
    found.expect("faketime is installed by scripts/setup.sh test").display().to_string()
}
