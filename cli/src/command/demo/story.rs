// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The demo's story, act by act; each act leaves what it found in the facts.

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use constancia_ledger::bundle;
use constancia_ledger::id::{EntryId, FrontierRoot, StateDigest};
use constancia_ledger::order::Moment;
use constancia_ledger::replay::{Replay, View};
use constancia_ledger::replica::Replica;
use constancia_ledger::state::{Series, State};
use constancia_ledger::store::{LockPatience, MemoryLog, MemoryRows};
use constancia_node::clock::{Clock as _, SystemClock};
use constancia_node::open_ledger::OpenLedger;
use constancia_proto::v1;

use super::facts::{Facts, Node, Vintage};
use super::network::Network;
use super::typed::{Desk, expect_fine};
use super::{DemoError, acts, figures, refused, told};
use crate::failure::{Failure, FileError};
use crate::moment;
use crate::ui::Ui;
use crate::words::choices::standing_word;
use crate::words::demo as words;

/// The institutions, whose side of the cut keeps the official figures.
const INSTITUTIONS: [&str; 5] = ["sre", "sedena", "semar", "sspc", "inmujeres"];
/// Whose log is changed, and who repairs it.
const TAMPERED: &str = "semar";
const REPAIRER: &str = "sre";
/// Whose node exports the ledger.
const EXPORTER: &str = "auditoria";
/// Into the frame of a record: past its length and checksum, in what was signed.
const BYTE_IN_RECORD: u64 = 64;

/// The story so far.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) ui: Ui,
    pub(super) network: Network,
    pub(super) facts: Facts,
}

/// Whether a party is on the institutions' side of the cut.
pub(super) fn is_institution(slug: &str) -> bool {
    INSTITUTIONS.contains(&slug)
}

impl Story {
    /// The members other than the founder accept the charter.
    pub(super) async fn accept(&mut self, founder: &str) -> Result<(), Failure> {
        let event = acts::accept(self.network.ledger.charter());
        for party in self.network.parties.iter().filter(|party| party.slug != founder) {
            party.sign(self.network.ledger, &event).await?;
            self.facts.signed.acceptances = self.facts.signed.acceptances.saturating_add(1);
        }
        self.network.agree(|_| true).await.map(|_| ())
    }

    /// The institutions sign figures, revision after revision, and budgets.
    pub(super) async fn report(&mut self, series: Vec<figures::Series>) -> Result<(), Failure> {
        let total: usize = series.iter().map(|series| series.vintages.len()).sum();
        let mut done: usize = 0;
        for series in series {
            let party = self.network.party(series.member)?;
            let mut last = None;
            for vintage in &series.vintages {
                let event = match last {
                    None => acts::report(vintage.report.clone()),
                    Some(last) => acts::correct(last, vintage),
                };
                match last {
                    None => self.facts.signed.reports = self.facts.signed.reports.saturating_add(1),
                    Some(_) => {
                        self.facts.signed.corrections =
                            self.facts.signed.corrections.saturating_add(1);
                    }
                }
                last = Some(party.sign(self.network.ledger, &event).await?);
                done = done.saturating_add(1);
                if done.is_multiple_of(20) || done == total {
                    self.ui.notice(&words::signing(self.ui.lang, &done, &total));
                }
            }
        }
        Ok(())
    }

    /// INMUJERES signs the budgets of the federation's programmes for equality.
    pub(super) async fn budget(&mut self) -> Result<(), Failure> {
        let party = self.network.party("inmujeres")?;
        for budget in figures::list_budgets() {
            party.sign(self.network.ledger, &acts::budget(budget)).await?;
            self.facts.signed.budgets = self.facts.signed.budgets.saturating_add(1);
        }
        self.network.agree(|_| true).await.map(|_| ())
    }

    /// Cuts the network; both sides write; each side agrees with itself.
    pub(super) async fn part(&mut self, series: Vec<figures::Series>) -> Result<(), Failure> {
        self.network.cut(|one, other| is_institution(one) != is_institution(other)).await?;
        self.report(series).await?;
        for (slug, event) in acts::independent_measurements() {
            self.network.party(slug)?.sign(self.network.ledger, &event).await?;
            self.facts.signed.reports = self.facts.signed.reports.saturating_add(1);
        }
        let left = self.network.agree(is_institution).await?;
        let right = self.network.agree(|slug| !is_institution(slug)).await?;
        let facts = &mut self.facts.partition;
        if let (Some((_, left)), Some((_, right))) = (left.first(), right.first()) {
            facts.institutions_digest = digest(left);
            facts.institutions_entries = left.entries;
            facts.others_digest = digest(right);
            facts.others_entries = right.entries;
        }
        Ok(())
    }

    /// Joins the network again.
    pub(super) async fn heal(&mut self) -> Result<(), Failure> {
        let start = SystemClock.now_ms();
        self.network.join(|one, other| is_institution(one) != is_institution(other))?;
        let all = self.network.agree(|_| true).await?;
        let facts = &mut self.facts.partition;
        facts.healed_in_ms = SystemClock.now_ms().saturating_sub(start).to_string();
        if let Some((_, status)) = all.first() {
            facts.healed_digest = digest(status);
            facts.healed_entries = status.entries;
        }
        Ok(())
    }

    /// A percentage that does not follow from its terms is reported, challenged and corrected.
    pub(super) async fn challenge(&mut self) -> Result<(), Failure> {
        let ledger = self.network.ledger;
        let wrong = self.network.party("sspc")?.sign(ledger, &acts::wrong_share()).await?;
        self.network.agree(|_| true).await?;
        let before = self.state("data-civica", View::Frontier).await?;
        let found =
            before.findings().findings.iter().any(|finding| {
                finding.rule.to_string() == "O9" && finding.evidence.contains(&wrong)
            });
        let as_of = SystemClock.now_ms();
        let challenge =
            self.network.party("data-civica")?.sign(ledger, &acts::challenge_share(wrong)).await?;
        self.network.agree(|_| true).await?;
        let sspc = self.network.party("sspc")?;
        let correction = sspc.sign(ledger, &acts::correct_share(wrong, challenge)).await?;
        sspc.sign(ledger, &acts::respond(challenge, correction)).await?;
        self.network.agree(|_| true).await?;
        self.network
            .party("data-civica")?
            .sign(ledger, &acts::close(challenge, correction))
            .await?;
        self.network.agree(|_| true).await?;
        self.facts.signed.reports = self.facts.signed.reports.saturating_add(1);
        self.facts.signed.corrections = self.facts.signed.corrections.saturating_add(1);

        let after = self.state("data-civica", View::Frontier).await?;
        let past = self.state("data-civica", View::AsOf(Moment::from_ms(as_of))).await?;
        let facts = &mut self.facts.challenge;
        facts.entry = challenge.to_string();
        acts::NUMERATOR.clone_into(&mut facts.numerator);
        acts::DENOMINATOR.clone_into(&mut facts.denominator);
        facts.reported = current_value(&before, acts::FEMICIDE_SHARE);
        facts.corrected = current_value(&after, acts::FEMICIDE_SHARE);
        facts.found_by_replay = found;
        facts.as_of = moment::to_text(as_of);
        facts.value_as_of = current_value(&past, acts::FEMICIDE_SHARE);
        facts.standing = after
            .indicator(acts::FEMICIDE_SHARE)
            .and_then(|document| document.challenges.first())
            .map(|challenge| standing_word(challenge.standing).to_owned())
            .unwrap_or_default();
        Ok(())
    }

    /// One byte of a stopped node's log is changed, found, and repaired from a peer.
    pub(super) async fn tamper(&mut self) -> Result<(), Failure> {
        let victim = self.last_entry_of(TAMPERED).await?;
        self.network.party_mut(TAMPERED)?.stop().await?;
        let party = self.network.party(TAMPERED)?;
        let opened = OpenLedger::open(party.folder(), LockPatience::JustKilled)
            .map_err(|error| told(&error))?;
        let row = opened.live.shared().read().find(&victim).map_err(|error| told(&error))?;
        drop(opened);
        let position = row.ok_or(DemoError::Vanished { what: victim.to_string() })?.position;
        let name = format!("{:08}.seg", position.segment);
        let byte = position.offset.saturating_add(BYTE_IN_RECORD);
        flip(&party.folder().log_path().join(&name), byte)?;

        let mut office = party.office()?.client();
        let found = verify(&mut office).await?;
        let address = self.network.party(REPAIRER)?.address()?.to_string();
        let reply = office.repair(v1::RepairRequest { address }).await;
        let repaired = reply.map_err(|status| refused(&status))?.into_inner();
        let again = verify(&mut office).await?;
        drop(office);
        let facts = &mut self.facts.tampering;
        TAMPERED.clone_into(&mut facts.node);
        facts.file = name;
        facts.changed_byte = byte;
        facts.changed_entry = victim.to_string();
        REPAIRER.clone_into(&mut facts.repaired_from);
        facts.repaired = u64::try_from(repaired.repaired.len()).unwrap_or(u64::MAX);
        facts.damages_after_repair = u64::try_from(again.len()).unwrap_or(u64::MAX);
        if let Some(damage) = found.first() {
            facts.code.clone_from(&damage.code);
            facts.message.clone_from(&damage.message);
            facts.named_entry = hex::encode(&damage.entry_id);
        }
        self.network.party_mut(TAMPERED)?.start().await?;
        self.network.join(|one, other| one == TAMPERED || other == TAMPERED)?;
        self.network.agree(|_| true).await.map(|_| ())
    }

    /// Exports the ledger, stops every node, and rebuilds the state from the file alone.
    pub(super) async fn audit(&mut self, file: &Path) -> Result<(), Failure> {
        let statuses = self.network.settle().await?;
        for (slug, status) in &statuses {
            self.facts.nodes.push(Node {
                slug: (*slug).to_owned(),
                entries: status.entries,
                frontier_root: FrontierRoot::from_slice(&status.frontier_root)
                    .map(|root| root.to_string())
                    .unwrap_or_default(),
                state_digest: digest(status),
            });
        }
        {
            let exporter = self.network.party(EXPORTER)?.node()?.live().shared();
            let mut sink = fs::File::create_new(file).map_err(FileError::writing(file))?;
            bundle::export(&exporter.read(), None, &mut sink).map_err(|error| told(&error))?;
            sink.sync_all().map_err(FileError::writing(file))?;
        }
        self.network.stop().await?;

        let (state, entries) = rebuild(file)?;
        let bytes = fs::metadata(file).map_err(FileError::reading(file))?.len();
        let facts = &mut self.facts.audit;
        facts.bundle_bytes = bytes;
        facts.entries = entries;
        facts.digest = state.digest().to_string();
        facts.same_as_all_nodes =
            self.facts.nodes.iter().all(|node| node.state_digest == facts.digest);
        for finding in &state.findings().findings {
            let rule = finding.rule.to_string();
            match self.facts.findings.iter_mut().find(|(known, _)| *known == rule) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => self.facts.findings.push((rule, 1)),
            }
        }
        Ok(())
    }

    /// Where a party's people type commands.
    pub(super) fn desk(&self, slug: &str) -> Result<Desk<'_>, Failure> {
        Ok(self.network.party(slug)?.desk(self.ui))
    }

    /// A party's official signs by command, as the exercise that it is.
    pub(super) async fn sign_at(&self, slug: &str, line: &[&str]) -> Result<(), Failure> {
        expect_fine(self.desk(slug)?.sign(line, acts::DECIDED).await, line)
    }

    /// An entry as a party's node has it.
    pub(super) async fn entry(&self, slug: &str, id: &EntryId) -> Result<v1::EntryView, Failure> {
        let request = v1::GetEntryRequest { id: id.to_string() };
        let view = self.network.party(slug)?.node()?.client().get_entry(request).await;
        Ok(view.map_err(|status| refused(&status))?.into_inner())
    }

    /// The state at a node, computed from what the node holds.
    pub(super) async fn state(&self, slug: &str, view: View) -> Result<State, Failure> {
        let shared = self.network.party(slug)?.node()?.live().shared().clone();
        let computed = tokio::task::spawn_blocking(move || replay(&shared.read(), &view)).await;
        match computed {
            Ok(state) => state,
            Err(_stopped) => Err(DemoError::Vanished { what: "replay".to_owned() }.into()),
        }
    }

    /// The last entry that a party's official signed.
    pub(super) async fn last_entry_of(&self, slug: &str) -> Result<EntryId, Failure> {
        let party = self.network.party(slug)?;
        let key = bytes::Bytes::copy_from_slice(party.signing_key().public.as_bytes());
        let request = v1::GetSigningContextRequest { key, ..Default::default() };
        let context = party.node()?.client().get_signing_context(request).await;
        let context = context.map_err(|status| refused(&status))?.into_inner();
        let vanished = || DemoError::Vanished { what: slug.to_owned() };
        Ok(EntryId::from_slice(&context.prev).ok_or_else(vanished)?)
    }
}

impl Network {
    /// Waits until nobody has anything more to acknowledge: the same frontier for a second.
    async fn settle(&self) -> Result<Vec<(&'static str, v1::Status)>, Failure> {
        let quiet = Duration::from_secs(1);
        loop {
            let before = self.agree(|_| true).await?;
            tokio::time::sleep(quiet).await;
            let after = self.agree(|_| true).await?;
            let root = |all: &[(&str, v1::Status)]| {
                all.first().map(|(_, status)| status.frontier_root.clone())
            };
            if root(&before) == root(&after) {
                return Ok(after);
            }
        }
    }
}

/// Replays everything that a replica holds.
fn replay(replica: &Replica, view: &View) -> Result<State, Failure> {
    let mut replay = Replay::new(replica.ledger());
    replay.catch_up(replica).map_err(|error| told(&error))?;
    replay.state(view).map_err(|error| told(&error))
}

/// Rebuilds the state from a bundle, in memory; says how many entries it took in.
fn rebuild(file: &Path) -> Result<(State, u64), Failure> {
    let reader = fs::File::open(file).map_err(FileError::reading(file))?;
    let open = bundle::open_bundle(std::io::BufReader::new(reader)).map_err(|e| told(&e))?;
    let rows = Arc::new(MemoryRows::default());
    let charter = open.charter().map_err(|e| told(&e))?;
    let mut replica =
        Replica::found(charter, Box::<MemoryLog>::default(), rows).map_err(|error| told(&error))?;
    bundle::import(open, &mut replica, &mut |_| ()).map_err(|error| told(&error))?;
    let entries = replica.count_entries().map_err(|error| told(&error))?;
    Ok((replay(&replica, &View::Frontier)?, entries))
}

/// Changes one byte of a file.
fn flip(path: &Path, byte: u64) -> Result<(), Failure> {
    let change = || {
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let mut found = [0];
        file.seek(SeekFrom::Start(byte))?;
        file.read_exact(&mut found)?;
        file.seek(SeekFrom::Start(byte))?;
        file.write_all(&found.map(|byte| byte ^ 1))?;
        file.sync_all()
    };
    Ok(change().map_err(FileError::writing(path))?)
}

/// What verification finds.
async fn verify(
    office: &mut constancia_node::door::LocalClient,
) -> Result<Vec<v1::Damage>, Failure> {
    let reply = office.verify(v1::VerifyRequest {}).await;
    let mut progress = reply.map_err(|status| refused(&status))?.into_inner();
    let mut damages = Vec::new();
    while let Some(step) = progress.message().await.map_err(|status| refused(&status))? {
        damages.extend(step.damages);
    }
    Ok(damages)
}

/// The state digest that a node says.
pub(super) fn digest(status: &v1::Status) -> String {
    StateDigest::from_slice(&status.state_digest)
        .map(|digest| digest.to_string())
        .unwrap_or_default()
}

/// The current value of an indicator that has one observation.
fn current_value(state: &State, indicator: &str) -> String {
    state
        .indicator(indicator)
        .and_then(|document| document.series.first())
        .and_then(|series| series.current())
        .and_then(|vintage| vintage.value)
        .map(|value| value.to_string())
        .unwrap_or_default()
}

/// The current value that a member gives of an indicator and period, without breakdown; empty where
/// none counts.
pub(super) fn current_figure(state: &State, indicator: &str, member: &str, of: &str) -> String {
    let current = list_series(state, indicator, member, of).find_map(Series::current);
    current.and_then(|vintage| vintage.value).map(|value| value.to_string()).unwrap_or_default()
}

/// What the responsible member published of femicides in 2023, in order.
pub(super) fn list_vintages(state: &State) -> Vec<Vintage> {
    let series = list_series(state, figures::FEMICIDES, "sspc", figures::REVISED_YEAR);
    let vintages = series.flat_map(|series| &series.vintages);
    vintages
        .map(|vintage| Vintage {
            cutoff: vintage.cutoff.map(|cutoff| cutoff.to_string()).unwrap_or_default(),
            value: vintage.value.map(|value| value.to_string()).unwrap_or_default(),
            current: vintage.current,
            entry: vintage.entry.to_string(),
        })
        .collect()
}

/// A member's totals of an indicator and period.
fn list_series<'a>(
    state: &'a State,
    indicator: &str,
    member: &'a str,
    of: &'a str,
) -> impl Iterator<Item = &'a Series> {
    let series = state.indicator(indicator).into_iter().flat_map(|document| &document.series);
    series.filter(move |series| {
        series.member.as_str() == member
            && series.observation.dimensions.is_empty()
            && series.observation.period.to_string() == of
    })
}
