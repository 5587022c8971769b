// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What is proposed in a plot: mostly right by what its proposer's desk holds, sometimes not.

use constancia_ledger::event::Event;
use constancia_ledger::id::{EntryId, PublicKey};
use constancia_proto::v1;
use constancia_proto::v1::plan_change::Change;
use constancia_proto::v1::proposal::Decision;
use proptest::sample::Index;

use super::plot::{Ask, OWNERS, Writing};
use super::world::{Plotted, key_bytes};
use crate::acts;
use crate::people::{indicator, public};

/// A decision, and the entries that it is about.
pub(super) struct Asked {
    /// The decision.
    pub(super) decision: Decision,
    /// Entries that its proposer must cite.
    pub(super) about: Vec<EntryId>,
}

impl Plotted {
    /// What somebody at a desk asks for.
    #[expect(clippy::too_many_lines, reason = "one arm for each act that people can ask for")]
    pub(super) fn ask(&self, desk: usize, ask: Ask, writing: &Writing) -> Option<Asked> {
        let Writing { target, choice, value, .. } = *writing;
        let mut about = Vec::new();
        let slug = |which: usize| self.people[which % self.people.len()].slug.clone();
        let any = |wanted: fn(&Event) -> bool| {
            // Now and then something of another sort.
            let wrong = value == 0;
            self.pick(desk, target, |event| wrong || wanted(event))
        };
        let decision = match ask {
            Ask::Grant => {
                let spare = choice.index(self.spares.len());
                let owner = slug(target.index(if value < 4 { 6 } else { OWNERS }));
                Decision::GrantKey(v1::GrantKey { grant: Some(self.grant(spare, owner)) })
            }
            Ask::Revoke => {
                let key = self.choose_key(choice);
                let honoured = self.honour(desk, &key, target, value, &mut about);
                Decision::RevokeKey(v1::RevokeKey { key: key_bytes(&key), honoured })
            }
            Ask::Admit => self.admit(choice, target, value),
            Ask::RetireMember => {
                Decision::RetireMember(v1::RetireMember { member: slug(choice.index(6)) })
            }
            Ask::AmendPlan => {
                let version = self.model.holds(&self.desks[desk]).plan_versions;
                let base = version
                    [if value == 0 { target.index(version.len()) } else { version.len() - 1 }];
                let changes = vec![self.change(value, choice)];
                Decision::AmendPlan(v1::AmendPlan { base: acts::id_bytes(base), changes })
            }
            Ask::AmendRules => self.amend_rules(desk, choice, value),
            Ask::Resolve => {
                let forked = self.forks_at(desk);
                let (key, seq) = match forked.len() {
                    0 => (self.choose_key(choice), u64::from(value % 3)),
                    count => forked[choice.index(count)],
                };
                let seq = if value == 1 { seq + 1 } else { seq };
                let honoured = self.honour(desk, &key, target, value, &mut about);
                Decision::ResolveFork(v1::ResolveFork { key: key_bytes(&key), seq, honoured })
            }
            Ask::Redact => {
                let entry = self.pick(desk, target, |event| {
                    value == 0
                        || !matches!(event.kind(), constancia_ledger::entry::Kind::Governance)
                })?;
                about.push(entry);
                Decision::Redact(v1::Redact {
                    entry: acts::id_bytes(entry),
                    ground: Some(v1::Source {
                        kind: v1::SourceKind::Assumption.into(),
                        citation: "datos personales".to_owned(),
                        ..v1::Source::default()
                    }),
                    ..v1::Redact::default()
                })
            }
            Ask::Adopt => {
                let review = any(|event| matches!(event, Event::Review(_)))?;
                about.push(review);
                Decision::AdoptReview(v1::AdoptReview { review: acts::id_bytes(review) })
            }
            Ask::Rule => {
                let challenge = any(|event| matches!(event, Event::Challenge(_)))?;
                let report = match self.model.event(&challenge) {
                    Some(Event::Challenge(it)) if value > 1 => it.report,
                    _ => challenge,
                };
                about.extend([challenge, report]);
                Decision::CloseChallenge(v1::CloseChallenge {
                    challenge: acts::id_bytes(challenge),
                    upheld: value.is_multiple_of(2),
                    report: acts::id_bytes(report),
                })
            }
            Ask::Succession => {
                let from = choice.index(OWNERS);
                let indicators = match value {
                    0 => vec!["I-09".to_owned()],
                    1..=9 => vec!["I-01".to_owned()],
                    _ => Vec::new(),
                };
                let to = (from + 1 + target.index(OWNERS)) % 6;
                let to = if to == from { (to + 1) % 6 } else { to };
                Decision::Succession(v1::Succession {
                    from: slug(from),
                    to: slug(to),
                    indicators,
                    ..v1::Succession::default()
                })
            }
        };
        about.retain(|id| self.desks[desk].contains(id));
        Some(Asked { decision, about })
    }

    fn grant(&self, spare: usize, member: String) -> v1::KeyGrant {
        let scope = if spare + 1 == self.spares.len() {
            v1::KeyScope::Acknowledge
        } else {
            v1::KeyScope::Sign
        };
        v1::KeyGrant {
            key: key_bytes(&public(&self.spares[spare])),
            member,
            scope: scope.into(),
            ..v1::KeyGrant::default()
        }
    }

    fn choose_key(&self, choice: Index) -> PublicKey {
        let keys = self.keys();
        keys[choice.index(keys.len())].1
    }

    /// Keys that a desk knows to have forked.
    fn forks_at(&self, desk: usize) -> Vec<(PublicKey, u64)> {
        let held = &self.desks[desk];
        let keys = self.keys().into_iter();
        keys.filter_map(|(_, key)| Some((key, self.model.fork_shown(held, &key)?))).collect()
    }

    /// An entry of the key that a desk holds; for some values none, or the wrong one.
    #[expect(clippy::too_many_arguments, reason = "each is drawn by itself")]
    fn honour(
        &self,
        desk: usize,
        key: &PublicKey,
        target: Index,
        value: u8,
        about: &mut Vec<EntryId>,
    ) -> Option<v1::Honoured> {
        let held = self.model.sorted(&self.desks[desk]);
        let own: Vec<_> =
            held.into_iter().filter(|place| value == 2 || place.author == *key).collect();
        if value % 4 == 3 || own.is_empty() {
            return None;
        }
        let last = own[target.index(own.len())];
        about.push(last.id);
        let seq = if value == 4 { last.seq + 1 } else { last.seq };
        Some(v1::Honoured { seq, id: acts::id_bytes(last.id) })
    }

    fn admit(&self, choice: Index, target: Index, value: u8) -> Decision {
        let number = if value == 0 { 1 } else { OWNERS + choice.index(2) };
        let person = &self.people[number];
        let mut keys = vec![v1::KeyGrant {
            key: key_bytes(&person.key()),
            member: person.slug.clone(),
            scope: v1::KeyScope::Sign.into(),
            ..v1::KeyGrant::default()
        }];
        if value > 12 {
            keys.push(self.grant(target.index(self.spares.len()), person.slug.clone()));
        }
        keys.sort_by(|one, other| one.key.cmp(&other.key));
        Decision::AdmitMember(v1::AdmitMember {
            member: Some(v1::Member {
                slug: person.slug.clone(),
                class: person.class.into(),
                name: Some(v1::Text { es: person.slug.clone(), ..v1::Text::default() }),
                ..v1::Member::default()
            }),
            keys,
            council: value.is_multiple_of(2),
        })
    }

    fn amend_rules(&self, desk: usize, choice: Index, value: u8) -> Decision {
        let holding = self.model.holds(&self.desks[desk]);
        let base = if value == 0 { self.model.charter_id() } else { holding.rules_set_by };
        let mut council: Vec<String> =
            holding.rules.council.iter().map(ToString::to_string).collect();
        let somebody = self.people[choice.index(self.people.len())].slug.clone();
        if council.contains(&somebody) && council.len() > 1 {
            council.retain(|slug| *slug != somebody);
        } else if !council.contains(&somebody) {
            council.push(somebody);
            council.sort();
        }
        let seats = u32::try_from(council.len()).unwrap();
        let quorum = (seats / 2 + 1 + u32::from(value.is_multiple_of(3))).min(seats);
        let class_quotas = if value > 18 {
            vec![v1::ClassQuota { class: v1::MemberClass::CivilSociety.into(), members: 1 }]
        } else {
            Vec::new()
        };
        let rules =
            v1::Rules { council, quorum, class_quotas, ..self.charter.rules.clone().unwrap() };
        Decision::AmendRules(v1::AmendRules { base: acts::id_bytes(base), rules: Some(rules) })
    }

    fn change(&self, value: u8, choice: Index) -> v1::PlanChange {
        let person = &self.people[choice.index(self.people.len())];
        let sheet = |id: &str| Change::SetIndicator(indicator(id, "persons", &person.slug));
        let line = |id: &str, objective: &str| {
            Change::SetLine(v1::LineOfAction {
                id: id.to_owned(),
                objective: objective.to_owned(),
                name: Some(v1::Text { es: "Línea".to_owned(), ..v1::Text::default() }),
                ..v1::LineOfAction::default()
            })
        };
        let change = match value {
            1 => Change::RemovePillar("p".to_owned()),
            2 => Change::RemoveIndicator("I-09".to_owned()),
            3 => line("L-2", "O-9"),
            4..=7 => Change::RemoveIndicator("I-02".to_owned()),
            8 | 9 => Change::RemoveLine("L-1".to_owned()),
            10 | 11 => line("L-2", "O-1"),
            12..=15 => sheet("I-02"),
            16 => Change::SetTheme(v1::Theme {
                id: "t".to_owned(),
                name: Some(v1::Text { es: "Tema".to_owned(), ..v1::Text::default() }),
                source: None,
            }),
            17 => Change::SetSuppression(v1::SuppressionRule {
                threshold: 5,
                ..v1::SuppressionRule::default()
            }),
            _ => sheet("I-04"),
        };
        v1::PlanChange { change: Some(change), ..v1::PlanChange::default() }
    }
}
