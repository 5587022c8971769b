// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the end of a key or the leaving of a member makes of the council: who can still vote.

use constancia_ledger::event::KeyScope;
use constancia_ledger::governance::count_needed;
use constancia_ledger::id::PublicKey;
use constancia_ledger::state::{KeyRecord, MemberRecord};
use constancia_proto::v1;

use super::Scene;
use crate::describe::json_word;
use crate::ledger_view::LedgerView;
use crate::reference::key::find_granted;
use crate::words::consequences as words;

/// What a council is left with.
struct Left {
    /// Members with a seat.
    seats: usize,
    /// Of these, members with a key that signs and has not ended.
    able: Vec<String>,
}

/// That a seat has nobody to vote for it once a key has ended; nothing where it has another key.
pub(super) fn list_silenced(scene: Scene<'_>, key: &PublicKey) -> Vec<String> {
    let Some(granted) = find_granted(scene.view, key) else {
        return Vec::new();
    };
    let slug = granted.member.slug.as_str();
    let left = count_left(scene, key);
    let is_silenced = granted.record.scope == KeyScope::Sign
        && granted.record.cut_off.is_none()
        && granted.member.council
        && left.able.iter().all(|able| able != slug);
    if !is_silenced {
        return Vec::new();
    }
    let needed = needed(&scene.view.governance_rules());
    vec![
        words::seat_silent(scene.lang, &scene.view.member_name(scene.lang, slug)),
        words::voters_left(scene.lang, &left.able.len(), &left.seats, &needed),
    ]
}

/// That the council could decide nothing any more. A decision that leads there is void (R26); a member
/// that ends its own key is not kept from it.
pub(super) fn find_standstill(scene: Scene<'_>, key: &PublicKey) -> Option<String> {
    let rules = scene.view.governance_rules();
    let left = count_left(scene, key);
    let in_class = |class: i32| {
        let class = json_word("MemberClass", class);
        let has =
            |slug: &&String| scene.view.class_of(slug).is_some_and(|known| known.as_str() == class);
        left.able.iter().filter(has).count()
    };
    let number = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    let can_decide = left.able.len() >= needed(&rules)
        && rules.class_quotas.iter().all(|it| in_class(it.class) >= number(it.members));
    (!can_decide).then(|| words::quorum_unreachable(scene.lang))
}

/// How many must agree where all have a vote.
pub(crate) fn needed(rules: &v1::Rules) -> usize {
    let quorum = usize::try_from(rules.quorum).unwrap_or(usize::MAX);
    count_needed(quorum, rules.council.len())
}

/// Members with a seat and no key to vote with: nobody need wait for their votes.
pub(crate) fn list_keyless(view: &LedgerView) -> Vec<&MemberRecord> {
    let seated = view.people.members.iter().filter(|member| member.council);
    seated.filter(|member| !member.keys.iter().any(signs)).collect()
}

/// Whether a key may sign something now.
pub(super) fn signs(key: &KeyRecord) -> bool {
    key.scope == KeyScope::Sign && key.cut_off.is_none() && key.forked_seq.is_none()
}

/// The council without a key. Forks are not asked, as R26 says.
fn count_left(scene: Scene<'_>, without: &PublicKey) -> Left {
    let seated = || scene.view.people.members.iter().filter(|member| member.council);
    let able = seated().filter(|member| {
        member
            .keys
            .iter()
            .any(|key| key.scope == KeyScope::Sign && key.cut_off.is_none() && key.key != *without)
    });
    Left { seats: seated().count(), able: able.map(|member| member.slug.to_string()).collect() }
}
