# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Vectors of authority: keys that are granted, and how they end (R22, R26 to R28).

Each history tells one thing; what it expects is written beside what happens, by hand.
"""

from __future__ import annotations

from checks.entry import FACT, GOVERNANCE
from selftest.building import Author, Built, Message
from selftest.histories import NO, THREE, History, grant, grant_key, honoured, report, revoke
from selftest.people import Vector


def keys() -> list[Vector]:
    return [
        _granted_too_early(),
        _granted_key_votes(),
        _granted_node(),
        _revoked(),
        _revoked_whole(),
        _revoked_cited(),
        _smaller_end_later(),
        _smaller_end_first(),
        _vote_beyond_end(),
        _what_passed_stands(),
        _passed_by_an_ended_key(),
        _branch_to_a_decision(),
        _branch_to_nothing(),
        _next_key_goes_on(),
        _next_key_has_voted(),
        _next_key_votes_anew(),
        _proposed_by_an_ended_key(),
        _taken_back_by_an_ended_key(),
        _granted_to_who_had_left(),
        _honoured_wrongly(),
        _retired(),
        _retired_wrongly(),
        _retired_side_by_side(),
        _retired_beyond_its_end(),
        _retired_by_two(),
        _retired_before_a_smaller_end(),
    ]


def _granted_too_early() -> Vector:
    story = History("a granted key writes where its first entry has the passing entry among its ancestors, not before")
    proposal = story.propose(story.sre, grant_key(story.new))
    story.vote(story.sre, proposal)
    second = story.vote(story.women, proposal)
    early = story.build(story.new, report("1"), FACT)
    story.tell("before it passed", early, None, refused="chain.stranger")
    third = story.vote(story.civic, proposal)
    beside = story.build(story.new, report("1"), FACT, seen=(second,))
    story.tell("after it passed, without having seen it", beside, None, refused="chain.stranger")
    story.report(story.new, about="having seen it")
    story.report(story.new, seen=(), about="and goes on, whatever it sees")
    story.report(story.later, refused="chain.stranger", about="a stranger who has seen everything")
    story.passed(proposal, third, agreed=THREE)
    story.granted(story.new, proposal)
    return story.case()


def _granted_key_votes() -> Vector:
    story = History("a granted key has its member's vote, and its member still counts once")
    granted = story.pass_(story.academy, grant_key(story.new))
    proposal = story.propose(story.new, grant_key(story.later_of("colmex")))
    story.vote(story.new, proposal)
    story.vote(story.sre, proposal, "void already_voted")
    story.vote(story.women, proposal)
    third = story.vote(story.civic, proposal)
    story.passed(proposal, third, agreed=THREE)
    story.granted(story.new, granted)
    story.granted(story.later_of("colmex"), proposal)
    return story.case()


def _granted_node() -> Vector:
    story = History("a key that was granted to acknowledge does nothing else, but end itself")
    node = Author("council colmex node", "colmex", scope=2)
    granted = story.pass_(story.academy, {"grant_key": {"grant": grant(node)}})
    story.acknowledge(node)
    story.report(node, "void scope")
    story.propose(node, grant_key(story.new), "void scope")
    story.granted(node, granted)
    void = story.scene.entries[-1]
    story.stands(void, "void", [])
    own = story.retire(node, node)
    story.ended(node, own.header["seq"], own)
    story.acknowledge(story.academy)
    return story.case()


def _revoked() -> Vector:
    story = History("a revoked key: what it wrote after the honoured entry counts for nothing, and more is not needed")
    last = story.report(story.academy)
    beyond = story.report(story.academy)
    by = story.pass_(story.sre, revoke(story.academy, last))
    more = story.build(story.academy, report("2"), FACT, seen=())
    story.tell("what it writes after that", more, None, outcome="not_needed")
    story.standings[beyond.id] = "void after_cut_off"
    story.ended(story.academy, 1, by)
    return story.case()


def _revoked_whole() -> Vector:
    story = History("a revocation that honours nothing leaves nothing of a key that nobody has cited")
    only = story.report(story.academy, seen=())
    story.outside.add(only.id)
    by = story.propose(story.sre, revoke(story.academy, None), seen=(story.scene.charter,))
    for voter in (story.sre, story.women, story.civic):
        last = story.vote(voter, by, seen=tuple(one for one in story.tips if one.id != only.id))
    story.passed(by, last, agreed=THREE)
    story.ended(story.academy, 0, by)
    return story.case()


def _revoked_cited() -> Vector:
    story = History("what a revoked key writes belongs to the ledger where somebody cites it, and counts for nothing")
    last = story.report(story.academy)
    by = story.pass_(story.sre, revoke(story.academy, last))
    more = story.build(story.academy, report("2"), FACT)
    story.tell("what it writes after that", more, None, outcome="not_needed")
    noted = story.build(story.partner, report("3"), FACT, seen=(more,))
    story.tell("somebody cites it", noted, None, outcome="waits")
    story.tell("so it is kept", more, "void after_cut_off", is_head=False)
    story.report(story.partner)
    story.ended(story.academy, 1, by)
    return story.case()


def _smaller_end_later() -> Vector:
    return _two_ends(
        "two revocations side by side: the one that leaves less comes later, and wins", smaller_first=False
    )


def _smaller_end_first() -> Vector:
    return _two_ends(
        "two revocations side by side: the one that leaves less comes first; the other is void", smaller_first=True
    )


def _two_ends(about: str, smaller_first: bool) -> Vector:
    story = History(about)
    less = story.report(story.academy)
    more = story.report(story.academy)
    beyond = story.report(story.academy)
    seen = (beyond,)
    first, second = (less, more) if smaller_first else (more, less)
    # Proposed side by side: of the second one something comes in between, so that its votes stand higher.
    one = story.propose(story.sre, revoke(story.academy, first), seen=seen)
    between = story.report(story.women, seen=seen)
    two = story.propose(story.deputy, revoke(story.academy, second), seen=(between,))
    last = {}
    for proposal in (one, two):
        ballots = tuple(story.vote(v, proposal, seen=(proposal,)) for v in (story.sre, story.women, story.civic))
        last[proposal.id] = story.enact(story.civic, proposal, seen=ballots)
    story.passed(one, last[one.id], agreed=THREE)
    story.passed(two, last[two.id], "already_decided" if smaller_first else "", agreed=THREE)
    story.ended(story.academy, 1, one if smaller_first else two)
    for late in (more, beyond):
        story.standings[late.id] = "void after_cut_off"
    return story.case()


def _vote_beyond_end() -> Vector:
    story = History("a vote beyond a key's end: it counts for nothing, neither where it was cast blindly nor where not")
    last = story.report(story.academy)
    proposal = story.propose(story.sre, grant_key(story.new))
    story.vote(story.sre, proposal)
    story.vote(story.civic, proposal, seen=(proposal,))
    story.vote(story.academy, proposal, "void after_cut_off", seen=(proposal,), about="colmex has seen no revocation")
    by = story.pass_(story.women, revoke(story.academy, last), voters=[story.women, story.sre, story.civic])
    story.enact(story.women, proposal, "void quorum_not_met")
    aware = story.build(story.academy, {"vote": {"proposal": proposal.id, "choice": 1}}, GOVERNANCE)
    story.tell("and votes again, having seen it", aware, None, outcome="not_needed")
    story.stands(proposal, "open", ["sre", "data-civica"])
    story.ended(story.academy, 1, by)
    return story.case()


def _what_passed_stands() -> Vector:
    story = History("a decision passes at a vote of a key that is revoked below it, side by side: it stands")
    _vote_beside_revocation(story, revoke_first=False)
    return story.case()


def _passed_by_an_ended_key() -> Vector:
    story = History("the same where the revocation is heard of first: the vote beyond the end is kept, for it decides")
    _vote_beside_revocation(story, revoke_first=True)
    return story.case()


def _vote_beside_revocation(story: History, revoke_first: bool) -> None:
    last = story.report(story.academy)
    proposal = story.propose(story.sre, grant_key(story.new))
    story.vote(story.sre, proposal)
    second = story.vote(story.civic, proposal)
    third = story.build(story.academy, {"vote": {"proposal": proposal.id, "choice": 1}}, GOVERNANCE, seen=(second,))
    if not revoke_first:
        story.tell("colmex votes, and it passes", third, "counted")
    cut = story.propose(story.women, revoke(story.academy, last), seen=(second,))
    by = story.vote(story.women, cut, seen=())
    by = story.vote(story.sre, cut, seen=(by,))
    by = story.vote(story.civic, cut, seen=(by,))
    if revoke_first:
        story.tell("colmex votes, and it passes", third, "counted")
    story.passed(proposal, third, agreed=["sre", "data-civica", "colmex"])
    story.passed(cut, by, agreed=THREE)
    story.granted(story.new, proposal)
    story.ended(story.academy, 1, cut)
    story.decisions = [third]


def _branch_to_a_decision() -> Vector:
    story = History("what decides beyond a key's end is kept with what lies between; that counts for nothing")
    _, voted, beyond = _branch(story, revoke_votes=2)
    story.tell("a report beyond the end", beyond, None, outcome="not_needed")
    story.tell("a vote beyond the end that may decide", voted, "counted", outcome="waits")
    story.tell("so the report is kept", beyond, "void after_cut_off", is_head=False)
    story.decisions = [voted]
    story.granted(story.new, story.scene.entries[2])
    story.passed(story.scene.entries[2], voted, agreed=["sre", "data-civica", "colmex"])
    return story.case()


def _branch_to_nothing() -> Vector:
    story = History("what might decide beyond a key's end, and does not, is let go with what lies between")
    proposal, voted, beyond = _branch(story, revoke_votes=1)
    story.tell("a report beyond the end", beyond, None, outcome="not_needed")
    story.tell("a vote beyond the end that may decide", voted, None, outcome="waits")
    story.let_go(voted)
    story.tell("the report, once more", beyond, None, outcome="not_needed")
    story.stands(proposal, "open", ["sre"])
    return story.case()


def _branch(story: History, revoke_votes: int) -> tuple[Built, Built, Built]:
    """A revoked key that has written a report and a vote, of which nobody has heard."""
    last = story.report(story.academy)
    proposal = story.propose(story.sre, grant_key(story.new))
    seen = story.vote(story.sre, proposal)
    if revoke_votes == 2:
        seen = story.vote(story.civic, proposal)
    beyond = story.build(story.academy, report("2"), FACT, seen=())
    story.scene.heights[beyond.id] = beyond.header["height"]
    story.steps.parents[beyond.id] = [beyond.header["prev"]]
    event = {"vote": {"proposal": proposal.id, "choice": 1}}
    voted = story.build(story.academy, event, GOVERNANCE, seen=(seen,), prev=beyond)
    by = story.pass_(story.women, revoke(story.academy, last), voters=[story.women, story.sre, story.civic])
    story.ended(story.academy, 1, by)
    return proposal, voted, beyond


def _next_key_goes_on() -> Vector:
    story = History("after a revocation the member goes on with a new key, which has the member's vote")
    first = story.report(story.academy)
    by = story.pass_(story.sre, revoke(story.academy, first))
    next_key = story.later_of("colmex")
    granted = story.pass_(story.sre, grant_key(next_key))
    story.report(next_key)
    proposal = story.propose(next_key, grant_key(story.new))
    story.vote(next_key, proposal)
    story.vote(story.sre, proposal)
    third = story.vote(story.civic, proposal)
    story.ended(story.academy, 1, by)
    story.granted(next_key, granted)
    story.granted(story.new, proposal)
    story.passed(proposal, third, agreed=["colmex", "sre", "data-civica"])
    return story.case()


def _next_key_has_voted() -> Vector:
    story = History("the vote of an honoured entry stays its member's: the new key has none beside it")
    proposal = story.propose(story.sre, grant_key(story.new))
    ballot = story.vote(story.academy, proposal, choice=NO)
    by = story.pass_(story.sre, revoke(story.academy, ballot))
    next_key = story.later_of("colmex")
    granted = story.pass_(story.sre, grant_key(next_key))
    story.vote(next_key, proposal, "void already_voted")
    story.stands(proposal, "open", [], ["colmex"])
    story.ended(story.academy, 1, by)
    story.granted(next_key, granted)
    return story.case()


def _honoured_wrongly() -> Vector:
    story = History("what is to be honoured is the key's own, in its place, and an ancestor of the proposal")
    own = story.report(story.academy)
    other = story.report(story.women)
    wrong_seq = {"revoke_key": {"key": story.academy.key, "honoured": {"seq": 5, "id": own.id}}}
    story.pass_(story.sre, wrong_seq, "not_of_key")
    story.pass_(story.sre, revoke_at(story.academy, other), "not_of_key")
    nowhere = {"revoke_key": {"key": story.academy.key, "honoured": {"seq": 0, "id": bytes(range(32))}}}
    story.pass_(story.sre, nowhere, "not_an_ancestor")
    unseen = story.report(story.academy, seen=())
    hidden = tuple(one for one in story.tips if one.id != unseen.id)
    proposal = story.propose(story.sre, revoke(story.academy, unseen), seen=hidden)
    for voter in (story.sre, story.women, story.civic):
        last = story.vote(voter, proposal)
    story.passed(proposal, last, "not_an_ancestor", agreed=THREE)
    return story.case()


def revoke_at(author: Author, built: Built) -> Message:
    return {"revoke_key": {"key": author.key, "honoured": honoured(built)}}


def _retired() -> Vector:
    story = History("a member retires its own key, and a key itself: it ends after what the retirement has seen of it")
    story.report(story.deputy)
    blind = story.report(story.deputy, seen=(), about="what the one who retires it has not seen")
    hidden = tuple(one for one in story.tips if one.id != blind.id)
    by = story.retire(story.women, story.deputy, seen=(*hidden, story.scene.entries[1]))
    story.retire(story.women, story.deputy, "void already_decided", seen=())
    story.report(story.sre)
    more = story.build(story.deputy, report("2"), FACT, seen=())
    story.tell("what the retired key writes after that", more, None, outcome="not_needed")
    own = story.retire(story.node, story.node)
    story.report(story.civic)
    story.standings[blind.id] = "void after_cut_off"
    story.ended(story.deputy, 1, by)
    story.ended(story.node, 0, own)
    return story.case()


def _retired_wrongly() -> Vector:
    story = History("nobody retires another member's key, or one that nobody has; a node's key retires itself alone")
    story.retire(story.sre, story.civic, "void not_own_key")
    story.retire(story.sre, story.new, "void unknown_key")
    story.retire(story.node, story.sre, "void scope")
    story.report(story.civic)
    return story.case()


def _retired_side_by_side() -> Vector:
    story = History("a key is retired, and revoked side by side with less honoured: the smaller end wins")
    story.report(story.deputy)
    second = story.report(story.deputy)
    story.retire(story.women, story.deputy, seen=(second,))
    less = story.pass_by(story.sre, revoke_at(story.deputy, story.scene.entries[1]), seen=(second,))
    story.report(story.civic)
    story.standings[second.id] = "void after_cut_off"
    story.ended(story.deputy, 1, less)
    return story.case()


def _retired_beyond_its_end() -> Vector:
    story = History("a retirement by a key that was revoked below it, side by side, stands as far as it leaves less")
    first = story.report(story.women)
    story.report(story.deputy)
    seen = tuple(story.tips)
    by = story.retire(story.women, story.deputy, seen=seen)
    cut = story.pass_by(story.sre, revoke_at(story.women, first), seen=seen)
    story.report(story.civic)
    story.ended(story.women, 1, cut)
    story.ended(story.deputy, 1, by)
    return story.case()


def _retired_by_two() -> Vector:
    story = History(
        "a key retires itself, and its member retires it having seen less, side by side: the smaller end wins"
    )
    first = story.report(story.deputy)
    story.report(story.deputy)
    own = story.retire(story.deputy, story.deputy, "void after_cut_off", seen=())
    by = story.retire(story.women, story.deputy, seen=(first,))
    story.report(story.civic)
    story.standings[story.scene.entries[2].id] = "void after_cut_off"
    assert own.header["height"] > by.header["height"]
    story.ended(story.deputy, 1, by)
    return story.case()


def _next_key_votes_anew() -> Vector:
    story = History("the vote that a revocation does not honour is nobody's: the member votes with its new key")
    first = story.report(story.academy)
    proposal = story.propose(story.sre, grant_key(story.new))
    story.vote(story.academy, proposal, "void after_cut_off", choice=NO)
    by = story.pass_(story.sre, revoke(story.academy, first))
    next_key = story.later_of("colmex")
    granted = story.pass_(story.sre, grant_key(next_key))
    story.vote(next_key, proposal)
    story.vote(story.sre, proposal)
    third = story.vote(story.civic, proposal)
    story.passed(proposal, third, agreed=["colmex", "sre", "data-civica"])
    story.ended(story.academy, 1, by)
    story.granted(next_key, granted)
    story.granted(story.new, proposal)
    return story.case()


def _proposed_by_an_ended_key() -> Vector:
    story = History("a proposal beyond its key's end: what was open counts no more, what had passed stands")
    first = story.report(story.academy)
    open_one = story.propose(story.academy, grant_key(story.new), "void after_cut_off")
    passed = story.propose(story.academy, grant_key(story.later_of("sre")), "void after_cut_off")
    for voter in (story.sre, story.women, story.civic):
        third = story.vote(voter, passed)
    story.vote(story.sre, open_one)
    by = story.pass_(story.sre, revoke(story.academy, first))
    story.vote(story.women, open_one, "void named_does_not_count")
    story.enact(story.civic, open_one, "void named_does_not_count")
    story.stands(open_one, "void", ["sre"])
    story.passed(passed, third, agreed=THREE)
    story.granted(story.later_of("sre"), passed)
    story.ended(story.academy, 1, by)
    return story.case()


def _taken_back_by_an_ended_key() -> Vector:
    story = History("what takes a proposal back beyond its key's end does not: the proposal is open again")
    proposal = story.propose(story.academy, grant_key(story.new))
    story.withdraw(story.academy, proposal, "void after_cut_off")
    by = story.pass_(story.sre, revoke(story.academy, proposal))
    story.vote(story.sre, proposal)
    story.vote(story.women, proposal)
    third = story.vote(story.civic, proposal)
    story.passed(proposal, third, agreed=THREE)
    story.granted(story.new, proposal)
    story.ended(story.academy, 1, by)
    return story.case()


def _granted_to_who_had_left() -> Vector:
    story = History(
        "a grant that is void, since its member left side by side before it: the key's feed counts for nothing"
    )
    key, charter = story.later_of("inmujeres"), story.scene.charter
    leaves = story.propose(story.sre, {"retire_member": {"member": "inmujeres"}}, seen=(charter,))
    grants = story.propose(story.partner, grant_key(key), seen=(charter,))
    three = (story.sre, story.civic, story.academy)
    to_leave = tuple(story.vote(voter, leaves, seen=(leaves,)) for voter in three)
    to_grant = tuple(story.vote(voter, grants, seen=(grants,)) for voter in three)
    granted = story.enact(story.women, grants, seen=to_grant)
    written = story.report(key, "void after_cut_off", seen=(granted,), about="the granted key writes")
    left = story.enact(story.deputy, leaves, seen=to_leave)
    story.report(story.partner, seen=(written, left), about="somebody has seen both")
    more = story.build(key, report("2"), FACT, seen=())
    story.tell("what it writes after that", more, None, outcome="not_needed")
    agreed = ["sre", "data-civica", "colmex"]
    story.passed(leaves, left, agreed=agreed)
    story.passed(grants, granted, "unknown_member", agreed=agreed)
    story.members["inmujeres"] = story.members["inmujeres"] | {"retired_by": leaves.id.hex(), "council": False}
    for ended in (story.women, story.deputy):
        story.ended(ended, 0, leaves)
    story.ends[key.key] = 0
    story.rules_set_by = leaves.id
    return story.case()


def _retired_before_a_smaller_end() -> Vector:
    story = History(
        "a retirement that a revocation goes beyond later stays what it was: it is kept where nobody cites it"
    )
    first = story.report(story.deputy)
    second = story.report(story.deputy)
    cut = story.propose(story.sre, revoke_at(story.deputy, first), seen=(second,))
    retired = story.retire(story.women, story.deputy, seen=(second,))
    last = cut
    for voter in (story.sre, story.academy, story.civic):
        last = story.vote(voter, cut, seen=(last,))
    story.passed(cut, last, agreed=["sre", "colmex", "data-civica"])
    story.ended(story.deputy, 1, cut)
    story.standings[second.id] = "void after_cut_off"
    whole = story.pass_by(story.sre, {"revoke_key": {"key": story.women.key}}, seen=(last,))
    story.ended(story.women, 0, whole)
    story.decisions = [retired]
    return story.case()
