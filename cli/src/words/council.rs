// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What is said of proposals, votes and the council.

use super::{Lang, Row, look_up, words};

/// Where a proposal stands, in words.
pub(crate) fn status(lang: Lang, code: &str) -> &str {
    look_up(STATUSES, lang, code).unwrap_or(code)
}

/// Status, Spanish, English.
const STATUSES: &[Row] = &[
    ("open", "abierta", "open"),
    ("ready", "lista para promulgar", "ready to be enacted"),
    ("blocked", "ya no puede aprobarse", "can no longer pass"),
    ("withdrawn", "retirada", "withdrawn"),
    ("passed", "aprobada", "passed"),
    ("passed_void", "aprobada sin efecto", "passed without effect"),
    ("void", "sin efecto", "void"),
];

words! {
    no_proposal(proposal) {
        es: "no hay ninguna propuesta {proposal}",
        en: "there is no proposal {proposal}",
    }
    council_hint() {
        es: "«constancia council --all» lista las propuestas, también las decididas",
        en: "`constancia council --all` lists the proposals, those that are decided too",
    }
    no_seat(member) {
        es: "{member} no tiene lugar en el consejo; no se firmó nada",
        en: "{member} has no seat in the council; nothing was signed",
    }
    recused(member, proposal) {
        es: "{member} no vota en la propuesta {proposal}, porque es sobre lo suyo; no se firmó nada",
        en: "{member} has no vote on the proposal {proposal}, which is about its own; nothing was signed",
    }
    already_voted(member, proposal) {
        es: "{member} ya votó en la propuesta {proposal}; no se firmó nada",
        en: "{member} has voted on the proposal {proposal}; nothing was signed",
    }
    already_voted_hint() {
        es: "un voto no se cambia",
        en: "a vote cannot be changed",
    }
    enact_hint(proposal) {
        es: "los votos están, pero se emitieron sin verse unos a otros: promúlguela con «constancia enact {proposal}»",
        en: "the votes are there, but were cast side by side: enact it with `constancia enact {proposal}`",
    }
    decided(proposal, at) {
        es: "la propuesta {proposal} ya se aprobó, con la entrada {at}; no se firmó nada",
        en: "the proposal {proposal} has passed, at entry {at}; nothing was signed",
    }
    taken_back(proposal, by) {
        es: "quien propuso {proposal} la retiró con la entrada {by}; no se firmó nada",
        en: "the proposal {proposal} was taken back by entry {by}; nothing was signed",
    }
    void_proposal(proposal) {
        es: "la propuesta {proposal} no cuenta; no se firmó nada",
        en: "the proposal {proposal} does not count; nothing was signed",
    }
    quorum_not_met(proposal, missing) {
        es: "a la propuesta {proposal} le faltan votos: {missing}; no se firmó nada",
        en: "the proposal {proposal} lacks votes: {missing}; nothing was signed",
    }
    vote_hint(proposal) {
        es: "quien falta vota con «constancia vote {proposal} yes»",
        en: "who is missing votes with `constancia vote {proposal} yes`",
    }
    not_proposer(proposal, proposer) {
        es: "solo {proposer}, que propuso {proposal}, la retira; no se firmó nada",
        en: "only {proposer}, which proposed {proposal}, takes it back; nothing was signed",
    }
    in_favour(agreed, needed) {
        es: "a favor {agreed} de {needed}",
        en: "in favour {agreed} of {needed}",
    }
    of_class(class, agreed, needed) {
        es: "{class} {agreed} de {needed}",
        en: "{class} {agreed} of {needed}",
    }
    not_voted(names) {
        es: "sin votar: {names}",
        en: "not voted: {names}",
    }
    agreed(names) {
        es: "votaron a favor: {names}",
        en: "voted yes: {names}",
    }
    not_agreed(names) {
        es: "votaron en contra o se abstuvieron: {names}",
        en: "voted no or abstained: {names}",
    }
    against(names) {
        es: "votaron en contra: {names}",
        en: "voted no: {names}",
    }
    abstained(names) {
        es: "se abstuvieron: {names}",
        en: "abstained: {names}",
    }
    named(name) {
        es: "se nombra por su id o {name}",
        en: "named by its id or {name}",
    }
    recused_line(name) {
        es: "no vota: {name}",
        en: "has no vote: {name}",
    }
    proposed_by(name, time) {
        es: "propuso {name}, {time}",
        en: "proposed by {name}, {time}",
    }
    ready_line(proposal) {
        es: "los votos están, pero se emitieron sin verse unos a otros: cualquiera del consejo la promulga con «constancia enact {proposal}»",
        en: "the votes are there, but were cast side by side: anybody on the council enacts it with `constancia enact {proposal}`",
    }
    blocked_line() {
        es: "ni con todos los votos que faltan alcanzaría",
        en: "not even all the votes that are missing would be enough",
    }
    withdrawn_line(by) {
        es: "quien la propuso la retiró con la entrada {by}",
        en: "its proposer took it back with entry {by}",
    }
    passed_line(at) {
        es: "se aprobó con la entrada {at} y surte efecto",
        en: "it passed at entry {at} and has its effect",
    }
    passed_void_line(at, reason) {
        es: "se aprobó con la entrada {at} y no surte efecto: {reason}",
        en: "it passed at entry {at} and has no effect: {reason}",
    }
    void_line() {
        es: "quien la propuso no podía, o su entrada no cuenta",
        en: "whoever proposed it had no right to, or its entry does not count",
    }
    none_open() {
        es: "El consejo no tiene nada pendiente; con --all se ve lo ya resuelto.",
        en: "Nothing is before the council; --all shows what is settled.",
    }
    none_at_all() {
        es: "Nadie ha propuesto nada al consejo.",
        en: "Nobody has put anything before the council.",
    }
    council_heading(seats, quorum) {
        es: "Consejo: {seats} lugares, quórum {quorum}",
        en: "Council: {seats} seats, quorum {quorum}",
    }
    quota(class, count) {
        es: "de {class} al menos {count}",
        en: "of {class} at least {count}",
    }
    keyless(names) {
        es: "sin clave con la que votar: {names}",
        en: "without a key to vote with: {names}",
    }
    votes_heading() {
        es: "Votos",
        en: "Votes",
    }
    if_it_passes() {
        es: "Si se aprueba",
        en: "If it passes",
    }
    vote_line(time, member, choice, entry) {
        es: "{time}  {member}: {choice}  {entry}",
        en: "{time}  {member}: {choice}  {entry}",
    }
    vote_void(standing) {
        es: "[{standing}]",
        en: "[{standing}]",
    }
    offer_enact(proposal) {
        es: "Con su voto ya están todos, pero no se vieron unos a otros. ¿Promulgar la propuesta {proposal} ahora?",
        en: "With your vote all are there, but they were cast side by side. Enact the proposal {proposal} now?",
    }
    outcome_open(proposal, tally) {
        es: "La propuesta {proposal} sigue abierta: {tally}",
        en: "The proposal {proposal} is still open: {tally}",
    }
    outcome_ready(proposal) {
        es: "La propuesta {proposal} tiene sus votos, pero se emitieron sin verse unos a otros: promúlguela con «constancia enact {proposal}»",
        en: "The proposal {proposal} has its votes, but they were cast side by side: enact it with `constancia enact {proposal}`",
    }
    outcome_blocked(proposal) {
        es: "La propuesta {proposal} ya no puede aprobarse",
        en: "The proposal {proposal} can no longer pass",
    }
    outcome_withdrawn(proposal) {
        es: "La propuesta {proposal} queda retirada",
        en: "The proposal {proposal} is withdrawn",
    }
    outcome_passed(proposal) {
        es: "La propuesta {proposal} se aprobó y surte efecto",
        en: "The proposal {proposal} has passed and has its effect",
    }
    outcome_passed_void(proposal, reason) {
        es: "La propuesta {proposal} se aprobó y no surte efecto: {reason}",
        en: "The proposal {proposal} has passed and has no effect: {reason}",
    }
    outcome_void(proposal) {
        es: "La propuesta {proposal} no cuenta",
        en: "The proposal {proposal} does not count",
    }
}

#[cfg(test)]
mod tests {
    use constancia_ledger::state::ProposalStatus;

    use super::*;

    #[test]
    fn every_status_of_a_proposal_has_words() {
        let by = constancia_ledger::id::EntryId::from_bytes([0; 32]);
        let reason = constancia_ledger::state::VoidReason {
            code: constancia_ledger::state::VoidCode::QuorumLost,
            named: None,
        };
        for status in [
            ProposalStatus::Open,
            ProposalStatus::Ready,
            ProposalStatus::Blocked,
            ProposalStatus::Withdrawn { by },
            ProposalStatus::Passed { at: by },
            ProposalStatus::PassedVoid { at: by, reason },
            ProposalStatus::Void,
        ] {
            assert!(look_up(STATUSES, Lang::Es, status.code()).is_some(), "{}", status.code());
        }
    }
}
