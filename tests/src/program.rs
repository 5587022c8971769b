// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The built program in a folder of its own: run to its end, or started to be killed.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::Value;

/// The plan of the transcripts.
const PLAN: &str = include_str!("../transcripts/en/founding.in/plan.yaml");

/// Time after which a test gives up waiting for a line that must come.
const PATIENCE: Duration = Duration::from_mins(1);

/// One look at whether a line has come.
const POLL: Duration = Duration::from_millis(1);

/// Where cargo put the program: beside the folder of the test that runs.
///
/// # Panics
/// Where it has not been built: `cargo build --workspace --bins`.
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    let binary = folder.join(format!("constancia{}", std::env::consts::EXE_SUFFIX));
    assert!(binary.is_file(), "{} is missing: cargo build --workspace --bins", binary.display());
    binary
}

/// A folder in which somebody works with the program, in English.
#[derive(Clone, Debug)]
pub struct Desk {
    folder: PathBuf,
}

impl Desk {
    /// In a folder that is there.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Makes the key `firma` of member `sspc` and founds the transcripts' ledger with it, below `sspc`.
    pub fn found(&self) {
        fs::write(self.path("plan.yaml"), PLAN).unwrap();
        self.ok("--data sspc key new firma --no-passphrase");
        self.ok("--data sspc init --plan plan.yaml --member sspc=sspc/keys/firma.pub --yes");
    }

    /// A path below the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The program with these arguments, separated by single spaces.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(binary());
        command
            .args(line.split(' '))
            .current_dir(&self.folder)
            .env("CONSTANCIA_LANG", "en")
            .env_remove("CONSTANCIA_DATA")
            .env_remove("CONSTANCIA_PASSPHRASE")
            .env_remove("CONSTANCIA_LOG");
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    /// Runs a command that works, and gives its answer.
    ///
    /// # Panics
    /// Where it fails.
    pub fn ok(&self, line: &str) -> String {
        let output = self.run(line);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{line}: {}\n{said}", output.status);
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that works, and gives the one object that it answers.
    ///
    /// # Panics
    /// Where it fails or answers something else.
    pub fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.ok(&format!("--json {line}"))).unwrap()
    }

    /// Runs a command that fails, and gives its error: an object with code, message, hint, exit code.
    ///
    /// # Panics
    /// Where it does not fail with an error.
    pub fn error(&self, line: &str) -> Value {
        let output = self.run(&format!("--json {line}"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let last = said.lines().last().unwrap_or_default();
        let error: Value = serde_json::from_str(last).unwrap_or_else(|_| panic!("{line}\n{said}"));
        assert_eq!(error["error"]["exit_code"], output.status.code().unwrap(), "{said}");
        error["error"].clone()
    }

    /// Starts a command, whose answer is read line by line while it runs.
    pub fn start(&self, line: &str) -> Started {
        let mut command = self.command(line);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (send, lines) = channel();
        let answer = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in answer.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Started { child, lines, read: Vec::new() }
    }
}

/// A command that runs.
#[derive(Debug)]
pub struct Started {
    child: Child,
    lines: Receiver<String>,
    read: Vec<String>,
}

impl Started {
    /// Number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line of its answer; none where it has ended.
    ///
    /// # Panics
    /// Where none comes for a minute.
    pub fn next_line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => {
                self.read.push(line.clone());
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("nothing came for {PATIENCE:?}"),
        }
    }

    /// Looks so many times whether another line has come, and keeps those that have.
    pub fn poll(&mut self, times: usize) {
        for _ in 0..times {
            match self.lines.recv_timeout(POLL) {
                Ok(line) => self.read.push(line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Looks until something is so, at most so many times.
    pub fn poll_until(&mut self, times: usize, mut is_so: impl FnMut() -> bool) {
        for _ in 0..times {
            if is_so() {
                return;
            }
            self.poll(1);
        }
    }

    /// Kills it, as `kill -9` does; every line that it wrote before, and whether it was killed before
    /// it ended by itself.
    pub fn kill(mut self) -> (Vec<String>, bool) {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        self.read.extend(self.lines.iter());
        (std::mem::take(&mut self.read), status.code().is_none())
    }

    /// Waits until it ends by itself; whether it succeeded.
    pub fn wait(mut self) -> (Vec<String>, bool) {
        self.read.extend(self.lines.iter());
        let status = self.child.wait().unwrap();
        (std::mem::take(&mut self.read), status.success())
    }
}

impl Drop for Started {
    /// A test that fails leaves no process behind.
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
