// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What whoever is refused reads: whole sentences in one language, and advice that leads on instead of
//! back to what was just refused.

use std::fs;

use crate::Desk;
use crate::council::COUNCIL_PLAN;

impl Desk {
    /// What a command that fails says, in a language.
    fn refusal(&self, lang: &str, line: &str) -> String {
        let output = self.run(&format!("--lang {lang} {line}"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{line}\n{said}");
        said
    }

    /// The same, of a file with this text.
    fn refused_file(&self, lang: &str, line: &str, text: &str) -> String {
        fs::write(self.path("file"), text).unwrap();
        self.refusal(lang, &format!("{line} file --yes"))
    }
}

#[test]
fn rules_that_break_by_what_their_file_leaves_out_say_that_it_is_in_force() {
    let desk = Desk::of_three();
    let line = "--data dc propose amend-rules";
    let cases = [
        (
            "council: {members: [sspc]}\n",
            "council.quorum: expected a number from 1 to 1, found 2, which is in force: the file leaves it out",
            "council.quorum: se esperaba un número del 1 al 1; se encontró 2, que es lo que está en vigor: el archivo no lo dice",
        ),
        (
            "council: {members: [sre, sspc]}\n",
            "council.class_quota.civil_society: expected at most 0 for civil_society, the seats that this class has in the council, found 1, which is in force: the file leaves it out",
            "council.class_quota.civil_society: se esperaban a lo más 0 de la clase «civil_society», que son sus lugares en el consejo; se encontró 1, que es lo que está en vigor: el archivo no lo dice",
        ),
        (
            "council: {quorum: 9}\n",
            "line 1, column 19: council.quorum: expected a number from 2 to 3, found 9 [",
            "línea 1, columna 19: council.quorum: se esperaba un número del 2 al 3; se encontró 9 [",
        ),
        (
            "council: {members: [data-civica, nobody, sspc]}\n",
            "council.members: expected the id of a member, found \"nobody\", which there is none of [",
            "council.members: se esperaba el id de un integrante y no hay ninguno con \"nobody\" [",
        ),
    ];
    for (file, english, spanish) in cases {
        for (lang, expected) in [("en", english), ("es", spanish)] {
            let said = desk.refused_file(lang, line, file);
            assert!(said.contains(expected), "{said}");
        }
    }
}

#[test]
fn what_another_library_says_is_quoted_in_a_sentence_of_the_callers_language() {
    let desk = Desk::of_three();
    let said = desk.refused_file("es", "--data dc propose amend-rules", "council: [\n");
    assert!(said.contains("no se puede leer como YAML; el lector dice, en inglés: «"), "{said}");
    let said = desk.refused_file("es", "--data dc sign", "{");
    assert!(
        said.contains("file no es un borrador; el lector de JSON dice, en inglés: «"),
        "{said}"
    );
    fs::write(desk.path("key"), "-----BEGIN OPENSSH PRIVATE KEY-----\n").unwrap();
    let said = desk.refusal("es", "key show key");
    assert!(said.contains("no es una clave privada OpenSSH («"), "{said}");
    let line = "--data dc serve --node-key firma --listen 1.2.3.4:1 --insecure-plaintext";
    let said = desk.refusal("es", line);
    assert!(said.contains("no se puede escuchar en 1.2.3.4:1: la dirección"), "{said}");
}

#[test]
fn what_an_unfinished_write_left_is_told_in_the_callers_language() {
    let desk = Desk::founded();
    let path = desk.path("sspc/log/00000000.seg");
    let mut log = fs::read(&path).unwrap();
    log.extend(b"torn");
    fs::write(&path, log).unwrap();
    let output = desk.run("--lang es --data sspc status");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("al abrir el registro: una escritura sin terminar, de 4 bytes"),
        "{said}"
    );
}

#[test]
fn advice_does_not_lead_back_to_what_was_refused() {
    let desk = Desk::of_three();
    let said = desk.refusal("en", "--data dc council revoke-key/sszpc");
    assert!(said.contains("`constancia council --all` lists the proposals"), "{said}");
    let said = desk.refusal("en", "--data dc propose adopt-review C-01/2023 --yes");
    assert!(said.contains("is no entry id") && !said.contains("such as C-01/2023"), "{said}");
    assert!(said.contains("`constancia log --event review` shows the ids"), "{said}");
    desk.ok("--data dc log --event review");
    let said = desk.refusal("es", "--data dc propose adopt-review C-01/2023 --yes");
    assert!(said.contains("«constancia log --event revisión»"), "{said}");
    desk.ok("--lang es --data dc log --event revisión");
    let said = desk.refusal("en", "--data dc show C-01/2023");
    assert!(said.contains("`constancia history C-01`"), "{said}");
    desk.ok("--data dc history C-01");

    desk.ok("--data dc key retire firma --yes");
    desk.give("dc", "sre");
    let said = desk.refusal("en", "--data sre key revoke data-civica --honour none --yes");
    assert!(said.contains("the member data-civica has no key in force that signs"), "{said}");
    fs::write(desk.path("latin.yaml"), b"plan: a\xf1o").unwrap();
    let said = desk.refusal("en", "--data sre propose amend-plan latin.yaml --yes");
    assert!(said.contains("save it as UTF-8 text") && !said.contains("Excel"), "{said}");
}

#[test]
fn of_several_proposals_the_advice_names_one_that_there_is_or_the_digits() {
    let desk = Desk::of_three();
    desk.ok("--data dc propose retire-member sre --yes");
    desk.ok("--data dc propose retire-member sspc --yes");
    let said = desk.refusal("en", "--data dc council retire-member");
    assert!(said.contains("such as retire-member/sre,"), "{said}");
    desk.ok("--data dc council retire-member/sre");
    desk.ok("--data dc propose retire-member sre --yes");
    let said = desk.refusal("en", "--data dc council retire-member/sre");
    assert!(said.contains("the first digits of one of these ids"), "{said}");
}

#[test]
fn of_several_reports_the_advice_names_one_that_there_is() {
    let desk = Desk::of_three();
    for data in ["dc", "sre"] {
        desk.ok(&format!("--data {data} report --indicator C-01 --period 2023 --value 851 --yes"));
    }
    desk.give("sre", "dc");
    let said = desk.refusal("en", "--data dc show C-01/2023");
    assert!(said.contains("say whose, such as C-01/2023@data-civica,"), "{said}");
    desk.ok("--data dc show C-01/2023@data-civica");
}

#[test]
fn a_rotated_node_key_is_for_the_node_to_run_with() {
    let desk = Desk::empty();
    fs::write(desk.path("plan.yaml"), COUNCIL_PLAN).unwrap();
    for key in ["sspc key new firma", "sspc key new nodo", "dc key new firma"] {
        desk.ok(&format!("--data {key} --no-passphrase"));
    }
    desk.ok("--data sspc init --plan plan.yaml \
         --member sspc=sspc/keys/firma.pub,sspc/keys/nodo.pub \
         --member data-civica=dc/keys/firma.pub --key firma --yes");
    let rotate = "--data sspc key rotate nodo --no-passphrase --key firma --yes";
    desk.ok(rotate);
    desk.ok("--data sspc vote grant-key yes --key firma --yes");
    desk.ok("--data sspc export all.bundle");
    desk.ok("--data dc join all.bundle");
    desk.ok("--data dc vote grant-key yes --yes");
    desk.give("dc", "sspc");
    let done = desk.ok(rotate);
    assert!(done.contains("run the node with --node-key nodo-2 from now on"), "{done}");
}
