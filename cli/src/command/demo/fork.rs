// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A fork on purpose: a member says one thing to the network and, from a restored copy without
//! network, another in the same place. It is proven, counts for nothing, and the council settles it.

use std::fs;
use std::path::Path;

use constancia_ledger::id::EntryId;
use constancia_ledger::replay::View;
use constancia_ledger::store::StoreFolder;

use super::acts::INVENTED_FIGURE;
use super::story::{Story, current_figure, digest};
use super::typed::{Desk, exit, expect_fine, refusal};
use crate::failure::{Failure, FileError, OrTold as _};
use crate::files::{Readers, make_dir};
use crate::proof_file;
use crate::words::demo as words;

/// Who forks its key, about what.
const FORKED: &str = "sedena";
const INDICATOR: &str = "I-06";
const PERIOD: &str = "2024";
/// What it says to the network, and what the copy says: both invented.
const SAID: &str = "120";
const SAID_BY_COPY: &str = "210";
/// Who is given what the copy signed, and proposes what is to count.
const DETECTOR: &str = "data-civica";
/// Who checks the proof, and who audits.
const CHECKER: &str = "intersecta";
const AUDITOR: &str = "auditoria";
/// Who votes: not the member whose key forked.
const VOTERS: [&str; 5] = ["sre", "semar", "sspc", "inmujeres", "data-civica"];
/// The copy's folder, and the proof's file.
const COPY: &str = "sedena-copia";
const COPY_AGAIN: &str = "sedena-copia-2";
const COPY_BUNDLE: &str = "sedena-copia.constancia";
const PROOF: &str = "prueba-de-bifurcacion.txt";
/// A folder that is not there: the proof needs none.
const NO_LEDGER: &str = "sin-registro";

impl Story {
    /// Makes the fork, proves it and settles it.
    pub(super) async fn fork(&mut self, root: &Path) -> Result<(), Failure> {
        let copy = root.join(COPY);
        self.restore_copy(&copy).await?;
        let lang = self.ui.lang;
        self.ui.notice(&words::note_copy(lang, &FORKED, &COPY));
        let report = ["report", "--indicator", INDICATOR, "--period", PERIOD, "--value"];
        let said = [&report[..], &[SAID]].concat();
        expect_fine(self.desk(FORKED)?.sign(&said, INVENTED_FIGURE).await, &said)?;
        let first = self.last_entry_of(FORKED).await?;
        self.network.agree(|_| true).await?;
        let before = self.forked_figure().await?;

        let desk = Desk { data: &copy, ..self.desk(FORKED)? };
        let line = [&report[..], &[SAID_BY_COPY]].concat();
        // With a peer in reach the copy is found out before it signs, and does not forget it; one that
        // is restored once more and never has a peer in reach is not.
        let again = root.join(COPY_AGAIN);
        copy_folder(&copy, &again)?;
        let folder = StoreFolder::new(&copy);
        let address = self.network.party(DETECTOR)?.address()?.to_string();
        folder.remember_peer(&address).map_err(|error| super::told(&error))?;
        self.ui.notice(&words::note_copy_asks(lang, &COPY));
        let refused_with = refusal(&desk.sign(&line, INVENTED_FIGURE).await);
        fs::remove_dir_all(&copy).map_err(FileError::writing(&copy))?;
        fs::rename(&again, &copy).map_err(FileError::writing(&copy))?;
        self.ui.notice(&words::note_copy_alone(lang, &COPY));
        expect_fine(desk.sign(&line, INVENTED_FIGURE).await, &line)?;
        let bundle = root.join(COPY_BUNDLE).display().to_string();
        let line = ["export", &bundle];
        expect_fine(desk.type_in(&line).await, &line)?;
        // A private key is not left lying in a copy.
        fs::remove_dir_all(&copy).map_err(FileError::writing(&copy))?;
        let facts = &mut self.facts.fork;
        FORKED.clone_into(&mut facts.member);
        INDICATOR.clone_into(&mut facts.indicator);
        PERIOD.clone_into(&mut facts.period);
        SAID.clone_into(&mut facts.value);
        SAID_BY_COPY.clone_into(&mut facts.other_value);
        facts.refused_with = refused_with;
        facts.value_before = before;
        self.prove(root, first, &bundle).await?;
        self.settle_fork(first).await
    }

    /// The node is stopped, its folder copied, keys and head files with it, and the node started
    /// again: what a backup is.
    async fn restore_copy(&mut self, copy: &Path) -> Result<(), Failure> {
        self.network.party_mut(FORKED)?.stop().await?;
        let party = self.network.party(FORKED)?.folder();
        copy_folder(party.root(), copy)?;
        self.network.party_mut(FORKED)?.start().await?;
        self.network.join(|one, other| one == FORKED || other == FORKED)?;
        self.network.agree(|_| true).await.map(|_| ())
    }

    /// Somebody is handed what the copy signed, and has the proof; so has everybody.
    async fn prove(&mut self, root: &Path, first: EntryId, bundle: &str) -> Result<(), Failure> {
        let imported = exit(&self.desk(DETECTOR)?.type_in(&["import", bundle]).await);
        let statuses = self.network.agree(|_| true).await?;
        let knowing = statuses.iter().filter(|(_, status)| status.forked_keys > 0).count();

        let file = root.join(PROOF);
        let shown = file.display().to_string();
        let line = ["proof", "show", FORKED, "--out", &shown];
        expect_fine(self.desk(CHECKER)?.type_in(&line).await, &line)?;
        let nowhere = root.join(NO_LEDGER);
        let bare = Desk { ui: self.ui, data: &nowhere, key: "" };
        let checked = exit(&bare.type_in(&["proof", "check", &shown]).await);
        let audited = exit(&self.desk(AUDITOR)?.type_in(&["audit"]).await);
        let standing = self.entry(DETECTOR, &first).await?.standing;
        let after = self.forked_figure().await?;
        let proof = proof_file::check(&file)?.or_told()?;
        let other = proof.entry_ids().into_iter().find(|id| *id != first);

        let facts = &mut self.facts.fork;
        facts.key = proof.key().to_string();
        facts.seq = proof.seq().to_string();
        facts.entry = first.to_string();
        facts.other_entry = other.map(|id| id.to_string()).unwrap_or_default();
        facts.import_exit = imported;
        facts.nodes_with_proof = knowing;
        facts.proof_check_exit = checked;
        facts.standing_unsettled = standing;
        facts.value_unsettled = after;
        facts.audit_exit_unsettled = audited;
        Ok(())
    }

    /// The council honours the entry that the network had.
    async fn settle_fork(&mut self, first: EntryId) -> Result<(), Failure> {
        let line = ["fork", "resolve", FORKED, "--honour", &first.short()];
        self.sign_at(DETECTOR, &line).await?;
        let decision = self.decide(&format!("resolve-fork/{FORKED}"), &VOTERS, None).await?;
        let statuses = self.network.agree(|_| true).await?;
        let (same, root) = match statuses.first() {
            Some((_, one)) => {
                let same = statuses.iter().filter(|(_, it)| it.state_digest == one.state_digest);
                (same.count(), digest(one))
            }
            None => (0, String::new()),
        };
        let audited = exit(&self.desk(AUDITOR)?.type_in(&["audit"]).await);
        let settled = self.forked_figure().await?;
        let facts = &mut self.facts.fork;
        facts.honoured = first.to_string();
        facts.decision = decision;
        facts.value_settled = settled;
        facts.audit_exit_settled = audited;
        facts.nodes_with_same_state = same;
        facts.state_digest = root;
        Ok(())
    }

    async fn forked_figure(&self) -> Result<String, Failure> {
        let state = self.state(DETECTOR, View::Frontier).await?;
        Ok(current_figure(&state, INDICATOR, FORKED, PERIOD))
    }
}

/// Copies a folder with everything in it.
fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    make_dir(to, Readers::Owner)?;
    for item in fs::read_dir(from).map_err(FileError::reading(from))? {
        let path = item.map_err(FileError::reading(from))?.path();
        let copy = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_folder(&path, &copy)?;
        } else {
            fs::copy(&path, &copy).map_err(FileError::reading(&path))?;
        }
    }
    Ok(())
}
