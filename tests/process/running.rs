//! The program as a process, and a client for it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

pub fn program(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crypto-rates"));
    prepare(&mut command, variables);
    command
}

/// Sets up an empty environment: the binary needs no other files or variables.
fn prepare(command: &mut Command, variables: &[(&str, &str)]) {
    command.env_clear().current_dir(std::env::temp_dir());
    command.env("HOST", "127.0.0.1").env("PORT", "0").envs(variables.iter().copied());
    // `make coverage` counts what the program runs, too.
    if let Some(file) = std::env::var_os("LLVM_PROFILE_FILE") {
        command.env("LLVM_PROFILE_FILE", file);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
}

pub fn output(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    program(variables).args(arguments).output().unwrap()
}

pub fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A running server, which is killed when the test ends.
pub struct Running {
    child: Child,
    pub address: SocketAddr,
    log: BufReader<std::process::ChildStdout>,
    /// Lines logged before it listened.
    early: String,
}

impl Running {
    pub fn start(variables: &[(&str, &str)]) -> Self {
        let mut variables = variables.to_vec();
        variables.push(("LOG_FORMAT", "json"));
        Self::wait_for_address(program(&variables))
    }

    /// Starts under a limit of the shell's `ulimit`, such as `-n 64`.
    pub fn start_limited(limit: &str, variables: &[(&str, &str)]) -> Self {
        let mut shell = Command::new("bash");
        // Without the trap, the signal for exceeding a file size would end the program.
        let script = format!("trap '' XFSZ; ulimit {limit}; exec \"$0\"");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_crypto-rates")]);
        prepare(&mut shell, variables);
        shell.env("LOG_FORMAT", "json");
        Self::wait_for_address(shell)
    }

    /// Starts with a file system of 16 kB at `folder`, in its own mount namespace; `None` if the kernel does
    /// not allow one.
    pub fn start_on_small_disk(folder: &Path, variables: &[(&str, &str)]) -> Option<Self> {
        const MOUNT: &str = "mount -t tmpfs -o size=16k tmpfs \"$0\"";
        let namespace = |script: &str| {
            let mut command = Command::new("unshare");
            command.args(["--map-root-user", "--mount", "sh", "-c", script]).arg(folder);
            command
        };
        if !namespace(MOUNT).output().is_ok_and(|mounted| mounted.status.success()) {
            return None;
        }
        let mut command = namespace(&format!("{MOUNT} && exec \"$1\""));
        command.arg(env!("CARGO_BIN_EXE_crypto-rates"));
        prepare(&mut command, variables);
        command.env("LOG_FORMAT", "json");
        Some(Self::wait_for_address(command))
    }

    /// Starts as an unprivileged user, because root may write anywhere.
    pub fn start_without_rights(variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("crypto-rates");
        std::fs::copy(env!("CARGO_BIN_EXE_crypto-rates"), &copy).unwrap();
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open).unwrap();
        let mut command = Command::new(&copy);
        let whoami = Command::new("id").arg("-u").output().unwrap();
        if text(&whoami.stdout).trim() == "0" {
            command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&copy);
        }
        prepare(&mut command, variables);
        command.env("LOG_FORMAT", "json");
        Self::wait_for_address(command)
    }

    fn wait_for_address(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut log = BufReader::new(child.stdout.take().unwrap());
        let (mut line, mut early) = (String::new(), String::new());
        while !line.contains("\"listening\"") {
            early.push_str(&line);
            line.clear();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "it ended before it listened");
        }
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        let address = line["address"].as_str().unwrap().trim_start_matches("http://");
        Self { address: address.parse().unwrap(), child, log, early }
    }

    /// Kills it at once, by SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn wait_for_rates(&self) {
        wait_until("it is ready", || {
            get(self.address, "/health/ready", "").starts_with("HTTP/1.1 200")
        });
    }

    pub fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Waits for the end, and returns the log. That, rather than the time, shows what it waited for.
    pub fn wait(&mut self) -> String {
        let mut ended = None;
        wait_until("it stops", || {
            ended = self.child.try_wait().unwrap();
            ended.is_some()
        });
        let status = ended.unwrap();
        assert!(status.success(), "{status}");
        let mut log = std::mem::take(&mut self.early);
        self.log.read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends one request on its own connection, and returns the answer.
pub fn get(address: SocketAddr, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Returns the JSON at `path`.
pub fn get_json(address: SocketAddr, path: &str) -> serde_json::Value {
    let answer = get(address, path, "");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON: {answer}"))
}

/// Asks repeatedly until `condition` holds. Fails after a minute, which catches what never happens and does
/// not measure speed.
pub fn wait_until(what: &str, condition: impl FnMut() -> bool) {
    wait_within(Duration::from_secs(60), what, condition);
}

/// Does the same with another deadline.
pub fn wait_within(deadline: Duration, what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < deadline, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
