// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What can happen in a history in which some conspire: who writes what, who shows it to whom, who
//! restores a backup and writes on. Small steps with small numbers, so that a failure shrinks.

use proptest::prelude::*;
use proptest::sample::Index;

use super::world::Plotted;

/// People with a seat, or who might get one, at desks 0 to 3; desks 4 to 6 are backups of 0 to 2.
pub const OWNERS: usize = 4;

/// All desks.
pub const DESKS: usize = 7;

/// People who may be admitted.
pub const GUESTS: u8 = 2;

/// Keys that nobody has at first. The last one only acknowledges.
pub const SPARES: u8 = 3;

/// How the council is made up at first.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// Seats, from person 0 on.
    pub seats: usize,
    /// How many more than a majority must agree.
    pub stricter: u32,
    /// Whether civil society must agree.
    pub quota: bool,
}

/// With which key.
#[derive(Clone, Copy, Debug)]
pub enum Writer {
    /// The desk's owner.
    Sign,
    /// The owner's deputy.
    Deputy,
    /// The owner's node.
    Node,
    /// Somebody who may have been admitted.
    Guest(u8),
    /// A key that may have been granted.
    Spare(u8),
}

/// What an author has seen.
#[derive(Clone, Copy, Debug)]
pub enum Sight {
    /// All that the desk holds, but nothing from a fork on that the desk shows.
    Careful,
    /// All that the desk holds.
    Careless,
    /// Nothing but the own feed.
    Own,
    /// One entry.
    One(Index),
    /// An entry that nobody has.
    Missing,
}

/// What is written.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each is the event of that name, or a decision to propose")]
pub enum Act {
    Report,
    Correct,
    Withdraw,
    Attest,
    Challenge,
    Respond,
    Close,
    CloseRuled,
    Budget,
    Review,
    Acknowledge,
    Accept,
    Vote,
    Enact,
    TakeBack,
    RetireKey,
    Propose(Ask),
}

/// What is proposed.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each is the decision of that name")]
pub enum Ask {
    Grant,
    Revoke,
    Admit,
    RetireMember,
    AmendPlan,
    AmendRules,
    Resolve,
    Redact,
    Adopt,
    Rule,
    Succession,
}

/// An entry to be written.
#[derive(Clone, Copy, Debug)]
pub struct Writing {
    /// With which key.
    pub writer: Writer,
    /// What.
    pub act: Act,
    /// About which of the things that it could name.
    pub target: Index,
    /// Which of the other choices that it has.
    pub choice: Index,
    /// A small number: which value, which variant; how much is right about it.
    pub value: u8,
    /// What the author has seen.
    pub sight: Sight,
    /// How many hours the author's clock is off.
    pub off: i64,
    /// Whether a second entry is signed for the same slot.
    pub twice: bool,
}

/// How a decision is put through.
#[derive(Clone, Copy, Debug)]
pub enum Course {
    /// Each sees the votes before.
    OneByOne,
    /// Side by side; then somebody enacts.
    Aside,
    /// Side by side, and nobody enacts.
    Unfinished,
}

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Step {
    /// Somebody writes at a desk.
    Write(usize, Writing),
    /// A desk proposes something, and these vote on it.
    Decide {
        /// The proposer's desk.
        desk: usize,
        /// What is proposed.
        proposal: Writing,
        /// Whose desks vote, and whether with yes.
        voters: Vec<(usize, bool)>,
        /// How.
        course: Course,
    },
    /// A desk takes in all that another holds.
    Meet {
        /// Which desk.
        to: usize,
        /// Which other.
        from: usize,
    },
    /// A desk shows another one entry with its ancestors, and withholds the rest.
    Show {
        /// Which desk.
        to: usize,
        /// Which other.
        from: usize,
        /// Which entry.
        entry: Index,
    },
    /// A backup is made of a desk; what both write later forks.
    Restore {
        /// The backup's desk.
        backup: usize,
    },
}

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        4 => Just(Ask::Grant),
        5 => Just(Ask::Revoke),
        3 => Just(Ask::Admit),
        3 => Just(Ask::RetireMember),
        3 => Just(Ask::AmendPlan),
        3 => Just(Ask::AmendRules),
        4 => Just(Ask::Resolve),
        3 => Just(Ask::Redact),
        1 => Just(Ask::Adopt),
        2 => Just(Ask::Rule),
        1 => Just(Ask::Succession),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => Just(Act::Report),
        2 => Just(Act::Correct),
        1 => Just(Act::Withdraw),
        1 => Just(Act::Attest),
        2 => Just(Act::Challenge),
        1 => Just(Act::Respond),
        1 => Just(Act::Close),
        1 => Just(Act::CloseRuled),
        1 => Just(Act::Budget),
        1 => Just(Act::Review),
        2 => Just(Act::Acknowledge),
        1 => Just(Act::Accept),
        8 => Just(Act::Vote),
        4 => Just(Act::Enact),
        1 => Just(Act::TakeBack),
        4 => Just(Act::RetireKey),
        5 => ask().prop_map(Act::Propose),
    ]
}

fn writer() -> impl Strategy<Value = Writer> {
    prop_oneof![
        8 => Just(Writer::Sign),
        3 => Just(Writer::Deputy),
        2 => Just(Writer::Node),
        2 => (0..GUESTS).prop_map(Writer::Guest),
        3 => (0..SPARES).prop_map(Writer::Spare),
    ]
}

fn sight() -> impl Strategy<Value = Sight> {
    prop_oneof![
        12 => Just(Sight::Careful),
        4 => Just(Sight::Careless),
        2 => Just(Sight::Own),
        3 => any::<Index>().prop_map(Sight::One),
    ]
}

fn off() -> impl Strategy<Value = i64> {
    prop_oneof![10 => -50..50_i64, 1 => -20_000..20_000_i64]
}

fn writing(
    writer: impl Strategy<Value = Writer>,
    act: impl Strategy<Value = Act>,
    sight: impl Strategy<Value = Sight>,
) -> impl Strategy<Value = Writing> {
    let which = (any::<Index>(), any::<Index>(), 0..24_u8);
    (writer, act, which, sight, off(), prop::bool::weighted(0.03)).prop_map(
        |(writer, act, (target, choice, value), sight, off, twice)| Writing {
            writer,
            act,
            target,
            choice,
            value,
            sight,
            off,
            twice,
        },
    )
}

/// Backups are written at seldom: each time may fork a key, and a forked key ends a story.
fn desk() -> impl Strategy<Value = usize> + Clone {
    prop_oneof![14 => 0..OWNERS, 1 => OWNERS..DESKS]
}

fn step() -> impl Strategy<Value = Step> {
    let desk = desk();
    let course = prop_oneof![
        5 => Just(Course::OneByOne),
        2 => Just(Course::Aside),
        1 => Just(Course::Unfinished),
    ];
    let voter = (desk.clone(), prop::bool::weighted(0.93));
    let voters = prop_oneof![
        3 => (any::<u8>(), prop::bool::weighted(0.9)).prop_map(|(first, yes)| {
            let turn = |step: usize| (usize::from(first) + step) % OWNERS;
            (0..OWNERS).map(|step| (turn(step), yes || step > 0)).collect()
        }),
        2 => prop::collection::vec(voter, 2..6),
    ];
    let proposal = writing(
        prop_oneof![6 => Just(Writer::Sign), 1 => Just(Writer::Deputy)],
        ask().prop_map(Act::Propose),
        prop_oneof![6 => Just(Sight::Careful), 1 => Just(Sight::Careless)],
    );
    let missing = writing(writer(), act(), Just(Sight::Missing));
    prop_oneof![
        80 => (desk.clone(), writing(writer(), act(), sight())).prop_map(|(at, it)| Step::Write(at, it)),
        1 => (desk.clone(), missing).prop_map(|(at, it)| Step::Write(at, it)),
        60 => (desk.clone(), proposal, voters, course).prop_map(|(desk, proposal, voters, course)| {
            Step::Decide { desk, proposal, voters, course }
        }),
        30 => (desk.clone(), desk.clone()).prop_map(|(to, from)| Step::Meet { to, from }),
        15 => (desk.clone(), desk, any::<Index>())
            .prop_map(|(to, from, entry)| Step::Show { to, from, entry }),
        8 => (OWNERS..DESKS).prop_map(|backup| Step::Restore { backup }),
    ]
}

fn setup() -> impl Strategy<Value = Setup> {
    (2..=OWNERS, 0..2_u32, prop::bool::weighted(0.2)).prop_map(|(seats, stricter, quota)| Setup {
        seats,
        stricter,
        quota,
    })
}

/// Histories in which people fork, equivocate, vote twice, vote after they were revoked, backdate,
/// withhold, revoke each other, cite what nobody has and retire keys.
pub fn plot(steps: std::ops::Range<usize>) -> impl Strategy<Value = Plotted> {
    (setup(), prop::collection::vec(step(), steps))
        .prop_map(|(setup, steps)| Plotted::play(setup, &steps))
}
