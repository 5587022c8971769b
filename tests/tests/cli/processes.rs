// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Programs that run, are interrupted, or whose reader has left.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use constancia_tests::sources::root;

use crate::{Desk, binary};

/// A node that is stopped when the test ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _status = self.0.wait();
    }
}

/// The words of a line of the shell: quotes keep a word together, `#` begins a remark.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in line.chars() {
        match (letter, quote) {
            ('#', None) if word.is_none() => break,
            ('"' | '\'', None) => quote = Some(letter),
            (_, Some(open)) if letter == open => quote = None,
            (' ', None) => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

/// The commands under "Use it", lines joined; a text that is written to a file is one command.
fn readme_commands() -> Vec<String> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme.split("## Use it").nth(1).unwrap();
    let block = section.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let joined = block.replace("\\\n", " ");
    let mut commands = Vec::new();
    let mut lines = joined.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("cat >") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "EOF").collect();
            commands.push(format!("{line}\n{}\n", text.join("\n")));
        } else if !words(line).is_empty() {
            commands.push(line.to_owned());
        }
    }
    commands
}

/// Two ports that are free now: the README names two, and this machine may use those.
fn free_ports() -> [u16; 2] {
    let listeners = [(); 2].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

#[test]
fn the_commands_of_the_readme_work_as_they_stand() {
    let desk = Desk::empty();
    fs::create_dir_all(desk.path("cli/plans")).unwrap();
    fs::copy(root().join("cli/plans/mexico-2021.yaml"), desk.path("cli/plans/mexico-2021.yaml"))
        .unwrap();
    let [first, second] = free_ports();
    let mut running = Vec::new();
    let mut count = 0;
    for line in readme_commands() {
        let line = line
            .replace("127.0.0.1:7400", &format!("127.0.0.1:{first}"))
            .replace("127.0.0.1:7401", &format!("127.0.0.1:{second}"));
        if let Some(rest) = line.strip_prefix("cat > ") {
            let (head, text) = rest.split_once('\n').unwrap();
            fs::write(desk.path(head.split(' ').next().unwrap()), text).unwrap();
            continue;
        }
        let mut words = words(&line);
        let program = words.remove(0);
        if program != "constancia" {
            assert_eq!(program, "b3sum", "{line}");
            continue;
        }
        count += 1;
        let mut command = desk.command();
        command.env("CONSTANCIA_PASSPHRASE", "contraseña de prueba").args(&words);
        // A person answers the question at a terminal.
        if ["init", "accept", "sign"].iter().any(|asks| words.iter().any(|word| word == asks)) {
            command.arg("--yes");
        }
        if words.iter().any(|word| word == "serve") {
            let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
            let mut said = BufReader::new(child.stdout.take().unwrap());
            running.push(Running(child));
            // Its second line says where it listens.
            for _ in 0..2 {
                let mut line = String::new();
                assert!(said.read_line(&mut line).unwrap() > 0, "{words:?}");
            }
        } else {
            let output = command.output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{line}\n{said}");
        }
    }
    assert!(count > 15, "{count} commands");
    let history = desk.ok("--data dc history I-10");
    assert!(history.contains("12"), "{history}");
    assert!(desk.path("estado/index.json").is_file());
}

#[cfg(unix)]
#[test]
fn an_interrupted_demonstration_leaves_no_folder_behind() {
    let desk = Desk::empty();
    let mut command = desk.command();
    let mut child =
        command.env("TMPDIR", desk.path("")).arg("demo").stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("[2/11]") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0);
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(3));
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("[demo.interrupted]"), "{rest}");
    assert_eq!(fs::read_dir(desk.path("")).unwrap().count(), 0);
}

#[test]
fn a_reader_who_leaves_is_no_failure() {
    let desk = Desk::founded();
    for line in ["--help", "--data sspc log", "--data sspc --json status", "--data sspc audit"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(binary());
        command.args(line.split(' ')).current_dir(desk.path("")).stdout(writer);
        let output = command.stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{line}\n{said}");
    }
}
