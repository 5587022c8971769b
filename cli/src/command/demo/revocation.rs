// SPDX-License-Identifier: Apache-2.0 OR MIT
//! An official's key is revoked while its node is out of reach; what it signs afterwards counts for
//! nothing anywhere, and another key of the same member goes on.

use constancia_ledger::id::EntryId;
use constancia_ledger::replay::View;
use constancia_proto::v1;

use super::acts::INVENTED_FIGURE;
use super::figures::{FEMICIDES, REVISED_YEAR, Vintage};
use super::story::{Story, current_figure, list_vintages};
use super::typed::{expect_fine, refusal};
use super::{DemoError, acts, refused};
use crate::failure::Failure;
use crate::words::demo as words;

/// Whose official loses the key, and which figure the key is used to change.
const REVOKED: &str = "sspc";
/// What the key says the figure is: invented.
const INVENTED: &str = "581";
/// Who proposes, and who votes.
const PROPOSER: &str = "sre";
const VOTERS: [&str; 5] = ["sre", "semar", "inmujeres", "data-civica", "jtmx"];
/// Who looks.
const OBSERVER: &str = "data-civica";
/// The new key's file.
const NEW_KEY: &str = "firma-2";

impl Story {
    /// The council revokes a key; the key signs once more; a new key of the member goes on with
    /// `next`, which is a real publication.
    pub(super) async fn revoke(&mut self, next: &Vintage) -> Result<(), Failure> {
        let honoured = self.last_entry_of(REVOKED).await?;
        let old_key = self.network.party(REVOKED)?.signing_key().public;
        let is_apart = |one: &str, other: &str| (one == REVOKED) != (other == REVOKED);
        self.network.cut(is_apart).await?;
        self.ui.notice(&words::note_apart(self.ui.lang, &REVOKED));
        let reason = "La funcionaria dejó el cargo y la clave quedó en otras manos";
        self.sign_at(PROPOSER, &["key", "revoke", REVOKED, "--reason", reason]).await?;
        let decision =
            self.decide(&format!("revoke-key/{REVOKED}"), &VOTERS, Some(REVOKED)).await?;

        // The key's own node has not heard of it: there it signs as ever.
        let before = self.femicides().await?;
        let about = format!("{FEMICIDES}/{REVISED_YEAR}@{REVOKED}");
        let line = ["correct", &about, "--reason", "source_revised", "--value", INVENTED];
        let signed = self.desk(REVOKED)?.sign(&line, INVENTED_FIGURE).await;
        expect_fine(signed, &line)?;
        let later = self.last_entry_of(REVOKED).await?;
        let mut node = self.network.party(REVOKED)?.node()?.client();
        let acknowledged = node.acknowledge_now(v1::AcknowledgeNowRequest {}).await;
        acknowledged.map_err(|status| refused(&status))?;
        self.network.join(is_apart)?;
        self.network.agree(|_| true).await?;
        self.ui.notice(&words::note_joined(self.ui.lang));

        let view = self.entry(OBSERVER, &later).await?;
        let after = self.femicides().await?;
        let again = self.desk(REVOKED)?.sign(&line, INVENTED_FIGURE).await;
        let facts = &mut self.facts.revocation;
        REVOKED.clone_into(&mut facts.member);
        facts.key = old_key.to_string();
        facts.honoured = honoured.to_string();
        facts.decision = decision;
        FEMICIDES.clone_into(&mut facts.indicator);
        REVISED_YEAR.clone_into(&mut facts.period);
        facts.later_entry = later.to_string();
        INVENTED.clone_into(&mut facts.later_value);
        facts.later_standing = view.standing;
        facts.later_reason = view.standing_reason;
        facts.later_standing_by = hex::encode(&view.standing_by);
        facts.value_before = before;
        facts.value_after = after;
        facts.refused_with = refusal(&again);
        self.go_on_with_another_key(next).await
    }

    /// The council grants the member another key, which signs the next publication.
    async fn go_on_with_another_key(&mut self, next: &Vintage) -> Result<(), Failure> {
        let line = ["key", "new", NEW_KEY, "--no-passphrase"];
        expect_fine(self.desk(REVOKED)?.type_in(&line).await, &line)?;
        let public = self.network.party(REVOKED)?.key_path(NEW_KEY).with_extension("pub");
        let public = public.display().to_string();
        self.sign_at(PROPOSER, &["key", "grant", REVOKED, &public]).await?;
        let granted = self.decide(&format!("grant-key/{REVOKED}"), &VOTERS, None).await?;

        let state = self.state(OBSERVER, View::Frontier).await?;
        let vintages = list_vintages(&state);
        let standing = vintages.iter().find(|vintage| vintage.current);
        let vanished = || DemoError::Vanished { what: FEMICIDES.to_owned() };
        let replaced: EntryId =
            standing.and_then(|vintage| vintage.entry.parse().ok()).ok_or_else(vanished)?;
        let party = self.network.party_mut(REVOKED)?;
        party.change_key(self.ui, NEW_KEY)?;
        let key = party.signing_key().public.to_string();
        let event = acts::correct(replaced, next);
        let entry = self.network.party(REVOKED)?.sign(self.network.ledger, &event).await?;
        self.facts.signed.corrections = self.facts.signed.corrections.saturating_add(1);
        self.network.agree(|_| true).await?;

        let state = self.state(OBSERVER, View::Frontier).await?;
        self.facts.vintages = list_vintages(&state);
        let facts = &mut self.facts.revocation;
        facts.new_key = key;
        facts.grant = granted;
        facts.next_entry = entry.to_string();
        facts.value_next = current_figure(&state, FEMICIDES, REVOKED, REVISED_YEAR);
        Ok(())
    }

    /// The figure that the key is used to change, as the observer's node has it.
    async fn femicides(&self) -> Result<String, Failure> {
        let state = self.state(OBSERVER, View::Frontier).await?;
        Ok(current_figure(&state, FEMICIDES, REVOKED, REVISED_YEAR))
    }
}
