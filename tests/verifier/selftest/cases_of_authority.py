# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Vectors of authority: how decisions pass, and how they do not (R22 to R26). Keys and ends: cases_of_keys.py.

Each history tells one thing; what it expects is written beside what happens, by hand.
"""

from __future__ import annotations

from selftest.histories import ABSTAIN, NO, History, grant_key, member, report, rules
from selftest.people import Vector


def decisions() -> list[Vector]:
    return [
        _quorum_reached(),
        _side_by_side(),
        _enacted_too_early(),
        _voted_twice(),
        _voted_twice_side_by_side(),
        _without_a_seat(),
        _quota_missing(),
        _no_completes(),
        _blocked(),
        _withdrawn(),
        _withdrawn_too_late(),
        _named_wrongly(),
        _passed_twice(),
        _invalid(),
        _other_charters(),
        _amended_side_by_side(),
        _rules_amended(),
        _other_decisions(),
        _admitted(),
        _admitted_without_a_key(),
        _member_retired(),
        _quorum_lost(),
    ]


def _quorum_reached() -> Vector:
    story = History("a quorum is reached: the decision passes at the third vote, one that sees the others")
    proposal = story.propose(story.sre, grant_key(story.new))
    story.vote(story.sre, proposal)
    story.vote(story.women, proposal)
    third = story.vote(story.civic, proposal)
    story.vote(story.academy, proposal, "void already_decided")
    story.report(story.new, about="the new key writes")
    story.passed(proposal, third, agreed=["sre", "inmujeres", "data-civica"])
    story.granted(story.new, proposal)
    return story.case()


def _side_by_side() -> Vector:
    story = History("votes side by side complete nothing by themselves: the council enacts")
    proposal = story.propose(story.sre, grant_key(story.new))
    for voter in (story.sre, story.women, story.civic):
        story.vote(voter, proposal, seen=(proposal,))
    at = story.enact(story.academy, proposal)
    story.vote(story.academy, proposal, "void already_decided")
    story.passed(proposal, at, agreed=["sre", "inmujeres", "data-civica"])
    story.granted(story.new, proposal)
    return story.case()


def _enacted_too_early() -> Vector:
    story = History("an enactment that sees too few votes is void; the votes that it lacks were there side by side")
    proposal = story.propose(story.sre, grant_key(story.new))
    first = story.vote(story.sre, proposal)
    second = story.vote(story.women, proposal, seen=(proposal,))
    story.vote(story.civic, proposal, seen=(proposal,))
    story.enact(story.academy, proposal, "void quorum_not_met", seen=(first, second))
    story.enact(story.partner, proposal, "void not_on_council")
    story.stands(proposal, "ready", ["sre", "inmujeres", "data-civica"])
    return story.case()


def _voted_twice() -> Vector:
    story = History("who votes twice votes once: the first counts, by whatever key of the member")
    proposal = story.propose(story.sre, grant_key(story.new))
    story.vote(story.women, proposal, choice=NO)
    story.vote(story.women, proposal, "void already_voted")
    story.vote(story.deputy, proposal, "void already_voted")
    story.vote(story.sre, proposal)
    story.vote(story.civic, proposal)
    story.stands(proposal, "open", ["sre", "data-civica"], ["inmujeres"])
    return story.case()


def _voted_twice_side_by_side() -> Vector:
    story = History("two keys of one member vote side by side: the first in the order counts, as one")
    proposal = story.propose(story.sre, grant_key(story.new))
    by_name = {story.women.key: (story.women, NO), story.deputy.key: (story.deputy, ABSTAIN)}
    for key in sorted(by_name):
        story.vote(by_name[key][0], proposal, choice=by_name[key][1], seen=(proposal,))
    story.vote(story.sre, proposal)
    story.vote(story.civic, proposal)
    story.enact(story.sre, proposal, "void quorum_not_met")
    story.stands(proposal, "open", ["sre", "data-civica"], ["inmujeres"])
    return story.case()


def _without_a_seat() -> Vector:
    story = History("no vote: a member without a seat, a node's key, a stranger; anybody may propose")
    proposal = story.propose(story.partner, grant_key(story.new))
    story.vote(story.partner, proposal, "void not_on_council")
    story.vote(story.node, proposal, "void scope")
    void = story.propose(story.node, grant_key(story.new), "void scope")
    story.vote(story.later, proposal, refused="chain.stranger")
    story.vote(story.sre, void, "void named_does_not_count")
    story.vote(story.sre, proposal)
    story.vote(story.women, proposal)
    story.stands(proposal, "open", ["sre", "inmujeres"])
    story.stands(void, "void", [])
    return story.case()


def _quota_missing() -> Vector:
    story = History("three agree, and none of civil society among them: the fourth completes it")
    proposal = story.propose(story.sre, grant_key(story.new))
    story.vote(story.sre, proposal)
    story.vote(story.women, proposal)
    story.vote(story.academy, proposal)
    story.enact(story.sre, proposal, "void quorum_not_met")
    fourth = story.vote(story.civic, proposal)
    story.passed(proposal, fourth, agreed=["colmex", "data-civica", "inmujeres", "sre"])
    story.granted(story.new, proposal)
    return story.case()


def _no_completes() -> Vector:
    story = History("a vote against that sees enough votes for it completes the decision")
    proposal = story.propose(story.sre, grant_key(story.new))
    for voter in (story.sre, story.women, story.civic):
        story.vote(voter, proposal, seen=(proposal,))
    at = story.vote(story.academy, proposal, choice=NO)
    story.passed(proposal, at, agreed=["sre", "inmujeres", "data-civica"], not_agreed=["colmex"])
    story.granted(story.new, proposal)
    return story.case()


def _blocked() -> Vector:
    story = History(
        "two of four say no or neither: it can no longer pass; nor where one of a class does that is needed"
    )
    proposal = story.propose(story.sre, grant_key(story.new))
    story.vote(story.women, proposal, choice=NO)
    story.vote(story.academy, proposal, choice=ABSTAIN)
    other = story.propose(story.sre, grant_key(story.later))
    story.vote(story.civic, other, choice=NO)
    story.stands(proposal, "blocked", [], ["inmujeres", "colmex"])
    story.stands(other, "blocked", [], ["data-civica"])
    return story.case()


def _withdrawn() -> Vector:
    story = History("a proposal that was taken back: what is voted after it is void; another's is not taken back")
    proposal = story.propose(story.sre, grant_key(story.new))
    story.vote(story.women, proposal)
    story.withdraw(story.women, proposal, "void not_proposer")
    side = story.vote(story.academy, proposal, seen=(proposal,), about="colmex votes without having seen what follows")
    back = story.withdraw(story.sre, proposal, seen=tuple(one for one in story.tips if one.id != side.id))
    story.vote(story.civic, proposal, "void proposal_withdrawn")
    story.enact(story.civic, proposal, "void proposal_withdrawn")
    story.stands(proposal, "withdrawn", ["colmex", "inmujeres"], at=back.id.hex())
    return story.case()


def _withdrawn_too_late() -> Vector:
    story = History("what passed is not taken back, neither after it nor beside it")
    proposal = story.propose(story.sre, grant_key(story.new))
    story.vote(story.women, proposal)
    story.vote(story.civic, proposal)
    story.withdraw(story.sre, proposal, seen=(proposal,))
    tips = tuple(one for one in story.tips if one.header["author"] != story.sre.key)
    third = story.vote(story.academy, proposal, seen=tips)
    story.withdraw(story.sre, proposal, "void already_decided")
    story.passed(proposal, third, agreed=["data-civica", "inmujeres", "colmex"])
    story.granted(story.new, proposal)
    return story.case()


def _named_wrongly() -> Vector:
    story = History("a vote names a proposal, and one that it has seen; so does what takes one back")
    proposal = story.propose(story.sre, grant_key(story.new))
    fact = story.report(story.sre)
    story.vote(story.women, fact, "void named_other_sort")
    story.vote(story.civic, proposal, "void not_an_ancestor", seen=())
    story.enact(story.academy, proposal, "void not_an_ancestor", seen=())
    ballot = story.vote(story.women, proposal)
    story.vote(story.deputy, ballot, "void named_other_sort")
    story.withdraw(story.sre, ballot, "void named_other_sort")
    void = story.propose(story.node, grant_key(story.later), "void scope")
    story.withdraw(story.sre, void, "void named_does_not_count")
    story.stands(proposal, "open", ["inmujeres"])
    story.stands(void, "void", [])
    return story.case()


def _passed_twice() -> Vector:
    story = History("a decision passes once: at the first in the order of the entries at which it could")
    proposal = story.propose(story.sre, grant_key(story.new))
    ballots = tuple(story.vote(voter, proposal, seen=(proposal,)) for voter in (story.sre, story.women, story.civic))
    first = story.enact(story.academy, proposal, seen=ballots)
    note = story.report(story.women, seen=())
    story.enact(story.civic, proposal, seen=(*ballots, note))
    story.passed(proposal, first, agreed=["sre", "inmujeres", "data-civica"])
    story.granted(story.new, proposal)
    return story.case()


def _invalid() -> Vector:
    story = History("a governance event that breaks a rule of its fields says nothing")
    proposal = story.propose(story.sre, grant_key(story.new))
    story.vote(story.women, proposal, "invalid_event", choice=9)
    story.vote(story.civic, proposal, "invalid_event", choice=0)
    weak = {"grant_key": {"grant": {"key": bytes(32), "member": "sre", "scope": 1}}}
    story.propose(story.sre, weak, "invalid_event", about="a key of small order")
    story.write("a proposal of nothing", story.sre, {"proposal": {}}, "invalid_event")
    short = {"revoke_key": {"key": story.women.key, "honoured": {"seq": 1, "id": b"short"}}}
    story.propose(story.sre, short, "invalid_event", about="an id of five bytes")
    few = {"amend_rules": {"base": story.scene.ledger_id, "rules": rules(quorum=2)}}
    story.propose(story.sre, few, "invalid_event", about="a quorum of half the council")
    other = {
        "admit_member": {"member": member("later", 5), "keys": [{"key": story.new.key, "member": "sre", "scope": 1}]}
    }
    story.propose(story.sre, other, "invalid_event", about="an admission with another's key")
    empty = {"amend_plan": {"base": story.scene.ledger_id}}
    story.propose(story.sre, empty, "invalid_event", about="an amendment that changes nothing")
    story.stands(proposal, "open", [])
    return story.case()


def _other_charters() -> Vector:
    story = History("one charter, and members accept that one")
    story.write("accepts the charter", story.women, {"acceptance": {"charter": story.scene.ledger_id}})
    other = {"acceptance": {"charter": bytes(range(32))}}
    story.write("accepts another", story.civic, other, "void other_charter")
    story.write("a node's key accepts", story.node, {"acceptance": {"charter": story.scene.ledger_id}}, "void scope")
    return story.case()


def _amended_side_by_side() -> Vector:
    story = History("two amendments of one version of the plan: the first in the order holds, the other is void")

    def amendment(name: str, base: bytes) -> dict[str, object]:
        return {"amend_plan": {"base": base, "changes": [{"set_pillar": {"id": name, "name": {"es": name}}}]}}

    first = story.propose(story.sre, amendment("1", story.scene.ledger_id))
    other = story.propose(story.women, amendment("2", story.scene.ledger_id), seen=(story.scene.charter,))
    for voter in (story.sre, story.women, story.civic):
        last_first = story.vote(voter, first)
    for voter in (story.sre, story.women, story.civic):
        last_other = story.vote(voter, other)
    agreed = ["sre", "inmujeres", "data-civica"]
    story.passed(first, last_first, agreed=agreed)
    story.passed(other, last_other, "other_version", agreed=agreed)
    next_one = story.pass_(story.sre, amendment("3", first.id))
    gone = {"amend_plan": {"base": next_one.id, "changes": [{"remove_pillar": "4"}]}}
    story.pass_(story.sre, gone, "broken_plan")
    lost: dict[str, object] = {"set_objective": {"id": "1-1", "pillar": "9", "name": {"es": "Sin pilar"}}}
    story.pass_(story.sre, {"amend_plan": {"base": next_one.id, "changes": [lost]}}, "broken_plan")
    unseen = {"amend_plan": {"base": bytes(range(32)), "changes": [{"remove_pillar": "1"}]}}
    story.pass_(story.sre, unseen, "not_an_ancestor")
    story.plan_versions += [first.id, next_one.id]
    return story.case()


def _rules_amended() -> Vector:
    story = History("the rules are amended, and what is voted after that is counted by the new ones")
    four = {"amend_rules": {"base": story.scene.ledger_id, "rules": rules(quorum=4)}}
    amended = story.pass_(story.sre, four)
    proposal = story.propose(story.sre, grant_key(story.new))
    for voter in (story.sre, story.women, story.civic):
        story.vote(voter, proposal)
    story.enact(story.sre, proposal, "void quorum_not_met")
    four_voters = [story.sre, story.women, story.civic, story.academy]
    unknown = {"amend_rules": {"base": amended.id, "rules": rules(council=["colmex", "nobody", "sre"], quorum=3)}}
    broken = story.pass_(story.sre, unknown, "broken_rules", four_voters)
    quotas = rules(class_quotas=[{"class": 4, "members": 1}])
    no_such = story.pass_(
        story.sre, {"amend_rules": {"base": amended.id, "rules": quotas}}, "broken_rules", four_voters
    )
    version = {"amend_rules": {"base": amended.id, "rules": rules(rules_version=2)}}
    other = story.pass_(story.sre, version, "broken_rules", four_voters)
    old = {"amend_rules": {"base": story.scene.ledger_id, "rules": rules()}}
    stale = story.pass_(story.sre, old, "other_version", four_voters)
    story.stands(proposal, "open", ["sre", "inmujeres", "data-civica"])
    for one in (proposal, amended, broken, no_such, other, stale):
        story.proposals[one.id]["needed"] = 4
    story.rules_set_by = amended.id
    return story.case()


def _other_decisions() -> Vector:
    story = History("what else the council decides passes by the same quorum, and has its own reasons to be void")
    succession = {"succession": {"from": "sre", "to": "inmujeres"}}
    handed = story.pass_(story.sre, succession)
    story.pass_(story.sre, {"succession": {"from": "sre", "to": "nobody"}}, "unknown_member")
    unknown = {"succession": {"from": "sre", "to": "onu", "indicators": ["9-9"]}}
    story.pass_(story.sre, unknown, "unknown_indicator")
    review = story.write("a fact", story.civic, report("2"), None, kind=3)
    story.pass_(story.sre, {"adopt_review": {"review": review.id}})
    story.pass_(story.sre, {"adopt_review": {"review": review.id}}, "already_decided")
    story.pass_(story.sre, {"adopt_review": {"review": story.scene.ledger_id}}, "named_other_sort")
    story.pass_(story.sre, {"retire_member": {"member": "nobody"}}, "unknown_member")
    story.pass_(
        story.sre, {"grant_key": {"grant": {"key": story.new.key, "member": "nobody", "scope": 1}}}, "unknown_member"
    )
    story.pass_(story.sre, grant_key(story.women), "key_granted")
    story.pass_(story.sre, {"admit_member": {"member": member("onu", 5)}}, "member_exists")
    story.pass_(story.sre, {"revoke_key": {"key": story.new.key}}, "unknown_key")
    story.plan_versions += [handed.id]
    return story.case()


def _admitted() -> Vector:
    story = History("a member is admitted with a key and a seat: its key writes, its vote counts, more are needed")
    later = {"key": story.later.key, "member": "later", "scope": 1}
    admitted = story.pass_(
        story.sre, {"admit_member": {"member": member("later", 2), "keys": [later], "council": True}}
    )
    early = story.build(story.later, report("1"), kind=3, seen=(story.scene.charter,))
    story.tell("its key writes without having seen that it was admitted", early, None, refused="chain.stranger")
    proposal = story.propose(story.later, grant_key(story.new))
    story.vote(story.later, proposal)
    story.vote(story.sre, proposal)
    third = story.vote(story.academy, proposal)
    story.report(story.new)
    story.members["later"] = {"admitted_by": admitted.id.hex(), "council": True}
    story.members = dict(sorted(story.members.items()))
    story.granted(story.later, admitted)
    story.granted(story.new, proposal)
    story.rules_set_by = admitted.id
    story.passed(proposal, third, agreed=["later", "sre", "colmex"])
    return story.case()


def _admitted_without_a_key() -> Vector:
    about = "seats whose holders have no key: one is no harm, with the second the quorum could not be met"
    story = History(about, council=["inmujeres", "sre"], quorum=2, class_quotas=[])
    two = [story.sre, story.women]

    def admission(slug: str) -> dict[str, object]:
        return {"admit_member": {"member": member(slug, 2), "council": True}}

    first = story.pass_(story.sre, admission("later"), voters=two)
    second = story.pass_(story.sre, admission("latest"), "quorum_lost", two)
    for proposal in (first, second):
        story.proposals[proposal.id]["needed"] = 2
    story.members["later"] = {"admitted_by": first.id.hex(), "council": True}
    story.rules_set_by = first.id
    return story.case()


def _member_retired() -> Vector:
    story = History("a member leaves: its seat goes, its keys end at what the passing entry has seen of them")
    last = story.report(story.academy)
    left = story.pass_(story.sre, {"retire_member": {"member": "colmex"}})
    beside = story.build(story.academy, report("2"), kind=3, seen=())
    story.tell("what it writes beside that is not needed", beside, None, outcome="not_needed")
    proposal = story.propose(story.sre, grant_key(story.new))
    story.vote(story.sre, proposal)
    third = [story.vote(voter, proposal) for voter in (story.women, story.civic)][-1]
    again = story.pass_(story.sre, {"retire_member": {"member": "colmex"}}, "unknown_member")
    story.pass_(story.sre, grant_key(story.later), "unknown_member")
    story.members["colmex"] = story.members["colmex"] | {"retired_by": left.id.hex(), "council": False}
    story.ended(story.academy, last.header["seq"] + 1, left)
    story.passed(proposal, third, agreed=["sre", "inmujeres", "data-civica"])
    story.granted(story.new, proposal)
    story.rules_set_by = left.id
    assert again.id in story.proposals
    return story.case()


def _quorum_lost() -> Vector:
    story = History("a decision after which the quorum could not be met is void", quorum=4)
    everybody = [story.sre, story.women, story.civic, story.academy]
    gone = story.pass_(story.sre, {"revoke_key": {"key": story.civic.key}}, "quorum_lost", everybody)
    out = story.pass_(story.sre, {"retire_member": {"member": "data-civica"}}, "quorum_lost", everybody)
    second = story.pass_(story.sre, {"revoke_key": {"key": story.deputy.key}}, "", everybody)
    for one in (gone, out, second):
        story.proposals[one.id]["needed"] = 4
    story.ended(story.deputy, 0, second)
    return story.case()
