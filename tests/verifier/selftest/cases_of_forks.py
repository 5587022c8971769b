# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Vectors of authority: keys that fork, forks settled, payloads dropped, challenges ruled on (R29, R30).

Each history tells one thing; what it expects is written beside what happens, by hand.
"""

from __future__ import annotations

from checks.entry import FACT, GOVERNANCE
from selftest.building import Built, fork_proof
from selftest.histories import THREE, History, grant_key, honoured, redact, report
from selftest.people import Vector


def forks() -> list[Vector]:
    return [
        _forked(),
        _forked_before_its_grant(),
        _vote_beyond_a_fork_that_it_shows(),
        _votes_on_a_branch(),
        _forked_by_what_waits(),
        _fork_settled(),
        _fork_settled_to_nothing(),
        _fork_settled_on_what_has_seen_it(),
        _redacted(),
        _redacted_before_it_came(),
        _redacted_by_the_rest(),
        _redacted_wrongly(),
        _nothing_decided_of_what_is_gone(),
        _challenge_ruled_on(),
    ]


def _forked() -> Vector:
    story = History(
        "a key of a decision forks: from there on it counts for nothing, and whoever has seen it may say so"
    )
    granted = story.pass_(story.sre, grant_key(story.new))
    begin = story.report(story.new)
    left = story.report(story.new, "forked")
    right = story.build(story.new, report("2"), FACT, seen=(), prev=begin)
    story.tell("a second entry in the slot", right, None, outcome="fork")
    proof = fork_proof(story.scene.ledger_id, left, right)
    story.steps.proof("the fork proof, which says the same", proof, outcome="held")
    note = story.build(story.women, report("3"), FACT, seen=(left, right))
    story.tell("somebody cites both", note, None, outcome="waits")
    story.tell("so the other branch is kept", right, "forked", is_head=False)
    event = {"proposal": grant_key(story.later)}
    blind = story.build(story.new, event, GOVERNANCE, seen=(note,), prev=left)
    story.tell("the key writes on, having seen its own fork", blind, None, outcome="not_needed")
    cited = story.build(story.civic, report("4"), FACT, seen=(blind,))
    story.tell("somebody cites that", cited, None, outcome="waits")
    story.tell("so it is kept too", blind, "forked", is_head=False)
    story.stands(blind, "void", [])
    story.granted(story.new, granted)
    story.forked(story.new, 1)
    return story.case()


def _forked_before_its_grant() -> Vector:
    story = History("a fork proof of a key that nobody knows waits for the key's grant")
    proposal = story.propose(story.sre, grant_key(story.new))
    for voter in (story.sre, story.women):
        story.vote(voter, proposal)
    third = story.build(story.civic, {"vote": {"proposal": proposal.id, "choice": 1}}, GOVERNANCE)
    story.scene.heights[third.id] = third.header["height"]
    story.steps.parents[third.id] = [third.header["prev"], *third.header["seen"]]
    begin = story.build(story.new, report("1"), FACT, seen=(third,))
    story.scene.heights[begin.id] = begin.header["height"]
    story.steps.parents[begin.id] = [begin.header["prev"], *begin.header["seen"]]
    left = story.build(story.new, report("2"), FACT, seen=(), prev=begin)
    right = story.build(story.new, report("3"), FACT, seen=(), prev=begin)
    story.steps.proof("of a stranger", fork_proof(story.scene.ledger_id, left, right), outcome="held")
    story.tell("the decision passes", third, "counted")
    story.tell("the key's first entry counts", begin, None)
    story.tell("the second does not, and is not needed", left, None, outcome="not_needed")
    story.passed(proposal, third, agreed=THREE)
    story.granted(story.new, proposal)
    story.forked(story.new, 1)
    return story.case()


def _vote_beyond_a_fork_that_it_shows() -> Vector:
    story = History("who has seen its own fork has no vote: nothing passes at such a vote")
    begin = story.report(story.academy)
    proposal = story.propose(story.sre, grant_key(story.new))
    story.vote(story.sre, proposal)
    second = story.vote(story.civic, proposal)
    left, right = _two_branches(story, begin)
    story.report(story.partner, about="somebody who has seen both", seen=(left, right, second))
    event = {"vote": {"proposal": proposal.id, "choice": 1}}
    aware = story.build(story.academy, event, GOVERNANCE, prev=left)
    story.tell("a vote that has seen both", aware, None, outcome="not_needed")
    note = story.build(story.women, report("3"), FACT, seen=(aware,))
    story.tell("somebody cites it", note, None, outcome="waits")
    story.tell("so it is kept", aware, "forked", is_head=False)
    story.forked(story.academy, 1)
    story.stands(proposal, "open", ["sre", "data-civica"])
    return story.case()


def _votes_on_a_branch() -> Vector:
    story = History("a vote on a branch does not count for who has seen the fork, and counts for who has not")
    begin = story.report(story.academy)
    counted = story.propose(story.sre, grant_key(story.new))
    lost = story.propose(story.women, grant_key(story.later_of("colmex")))
    for proposal in (counted, lost):
        story.vote(story.sre, proposal)
        civic = story.vote(story.civic, proposal)
    left = story.vote(story.academy, counted, "forked", seen=(counted,))
    branch_end = story.vote(story.academy, lost, "forked", seen=(lost,))
    blind = story.enact(story.women, counted, seen=(branch_end, civic, story.scene.entries[4]))
    right = story.build(story.academy, report("2"), FACT, seen=(), prev=begin)
    story.tell("the key's other branch", right, None, outcome="fork")
    note = story.build(story.partner, report("3"), FACT, seen=(right,))
    story.tell("somebody cites it", note, None, outcome="waits")
    story.tell("so it is kept", right, "forked", is_head=False)
    story.enact(story.women, lost, "void quorum_not_met")
    assert left.header["seq"] == 1
    story.forked(story.academy, 1)
    story.passed(counted, blind, agreed=["sre", "data-civica"])
    story.granted(story.new, counted)
    story.stands(lost, "open", ["sre", "data-civica"])
    return story.case()


def _two_branches(story: History, begin: Built) -> tuple[Built, Built]:
    """One that was held before the fork was known, and one that somebody cites."""
    left = story.report(story.academy, "forked", seen=())
    right = story.build(story.academy, report("2"), FACT, seen=(), prev=begin)
    story.tell("a second entry in the slot", right, None, outcome="fork")
    note = story.build(story.deputy, report("3"), FACT, seen=(right,))
    story.tell("somebody cites it", note, None, outcome="waits")
    story.tell("so it is kept", right, "forked", is_head=False)
    return left, right


def _forked_by_what_waits() -> Vector:
    story = History("what waits proves the fork of a slot that is taken, although it might decide something")
    begin = story.report(story.academy)
    proposal = story.propose(story.sre, grant_key(story.new))
    story.report(story.academy, "forked")
    tips = tuple(story.tips)
    late = story.build(story.civic, report("3"), FACT)
    story.scene.heights[late.id] = late.header["height"]
    story.steps.parents[late.id] = [late.header["prev"], *late.header["seen"]]
    event = {"vote": {"proposal": proposal.id, "choice": 1}}
    right = story.build(story.academy, event, GOVERNANCE, seen=(late,), prev=begin)
    story.tell("a vote in the same slot, of which a parent is missing", right, None, is_head=False, outcome="waits")
    story.let_go(right)
    story.report(story.women, seen=tips)
    story.tell("the parent comes, and the vote decides nothing", late, None)
    story.vote(story.sre, proposal)
    story.forked(story.academy, 1)
    story.stands(proposal, "open", ["sre"])
    return story.case()


def _fork_settled() -> Vector:
    return _settled("the council settles a fork: one branch counts again, up to the honoured entry", on_branch=True)


def _fork_settled_to_nothing() -> Vector:
    return _settled("the council settles a fork and honours nothing of it", on_branch=False)


def _fork_settled_on_what_has_seen_it() -> Vector:
    story = History("what has seen the fork is on no branch any more: it is not honoured")
    left, _ = _two_branches(story, story.report(story.academy))
    aware = story.build(story.academy, report("4"), FACT, seen=tuple(story.tips), prev=left)
    story.tell("the key writes on, having seen both branches", aware, None, outcome="not_needed")
    decision = {"resolve_fork": {"key": story.academy.key, "seq": 1, "honoured": honoured(aware)}}
    proposal = story.build(story.sre, {"proposal": decision}, GOVERNANCE, seen=(aware,))
    story.tell("sre proposes to honour it", proposal, "counted", outcome="waits")
    story.tell("so it is kept", aware, "forked", is_head=False)
    for voter in (story.sre, story.women, story.civic):
        last = story.vote(voter, proposal)
    story.forked(story.academy, 1)
    story.passed(proposal, last, "fork_shown", agreed=THREE, recused="colmex")
    return story.case()


def _settled(about: str, on_branch: bool) -> Vector:
    story = History(about)
    begin = story.report(story.academy)
    left = story.report(story.academy, "forked")
    seen_left = tuple(story.tips)
    right = story.build(story.academy, report("2"), FACT, seen=(), prev=begin)
    story.tell("a second entry in the slot", right, None, outcome="fork")
    last = {} if not on_branch else {"honoured": honoured(left)}
    decision = {"resolve_fork": {"key": story.academy.key, "seq": 1, **last}}
    proposal = story.propose(story.sre, decision, seen=seen_left)
    story.vote(story.deputy, proposal)
    story.vote(story.sre, proposal)
    third = story.vote(story.civic, proposal)
    again = {"resolve_fork": {"key": story.academy.key, "seq": 1}}
    second = story.propose(story.sre, again)
    for voter in (story.sre, story.women, story.civic):
        fourth = story.vote(voter, second)
    story.passed(proposal, third, agreed=THREE, recused="colmex")
    story.passed(second, fourth, "already_decided", agreed=THREE, recused="colmex")
    settled = {"by": proposal.id.hex(), **({"honoured": left.id.hex()} if on_branch else {})}
    story.keys[story.academy.key]["settled"] = settled
    if on_branch:
        del story.standings[left.id]
    story.forked(story.academy, 1)
    return story.case()


def _redacted() -> Vector:
    story = History(
        "a payload is dropped by decision: the entry stays, comes without it, and its author has no vote on it"
    )
    fact = story.report(story.academy)
    other = story.report(story.women)
    proposal = story.propose(story.sre, redact(fact))
    story.vote(story.academy, proposal, "void recused")
    story.vote(story.sre, proposal)
    story.vote(story.women, proposal)
    third = story.vote(story.civic, proposal)
    open_one = story.propose(story.civic, redact(other))
    story.stands(open_one, "open", [], recused="inmujeres")
    story.report(story.academy)
    story.steps.steps.append(
        {
            "about": "its payload arrives once more",
            "entry": fact.signed_entry.hex(),
            "id": fact.id.hex(),
            "outcome": "held",
        }
    )
    story.standings[fact.id] = "redacted"
    story.redacted[fact.id] = proposal.id
    story.passed(proposal, third, agreed=THREE, recused="colmex")
    return story.case()


def _redacted_before_it_came() -> Vector:
    story = History("a redacted fact comes without its payload: it is not pending, and a payload that comes is ignored")
    fact = story.report(story.academy)
    bare = story.steps.steps[-1]
    bare["entry"] = fact.without_payload().signed_entry.hex()
    pending = story.report(story.women)
    story.steps.steps[-1]["entry"] = pending.without_payload().signed_entry.hex()
    proposal = story.propose(story.sre, redact(fact))
    for voter in (story.sre, story.women, story.civic):
        last = story.vote(voter, proposal)
    for one, outcome in ((fact, "held"), (pending, "payload")):
        story.steps.steps.append(
            {"about": "a payload arrives", "entry": one.signed_entry.hex(), "id": one.id.hex(), "outcome": outcome}
        )
    story.standings[fact.id] = "redacted"
    story.redacted[fact.id] = proposal.id
    story.passed(proposal, last, agreed=THREE, recused="colmex")
    case = story.case()
    case["expect"]["pending"] = []
    return case


def _redacted_by_the_rest() -> Vector:
    story = History("the only one of its class has no vote: the quorum asks of the rest what they can give")
    fact = story.report(story.civic)
    proposal = story.propose(story.civic, redact(fact))
    story.vote(story.sre, proposal)
    story.vote(story.women, proposal)
    story.vote(story.civic, proposal, "void recused")
    third = story.vote(story.academy, proposal)
    story.passed(proposal, third, agreed=["sre", "inmujeres", "colmex"], recused="data-civica")
    story.standings[fact.id] = "redacted"
    story.redacted[fact.id] = proposal.id
    return story.case()


def _redacted_wrongly() -> Vector:
    story = History("governance is never redacted, nothing twice, and nothing that the proposal has not seen")
    open_one = story.propose(story.academy, grant_key(story.new))
    story.stands(open_one, "open", [])
    governance = story.pass_(story.sre, redact(open_one), "not_redactable")
    fact = story.report(story.academy)
    once = story.pass_(story.sre, redact(fact))
    twice = story.pass_(story.sre, redact(fact), "already_decided")
    for proposal in (governance, once, twice):
        story.proposals[proposal.id]["recused"] = "colmex"
    hidden = story.report(story.academy, seen=())
    unseen = story.propose(story.sre, redact(hidden), seen=())
    for voter in (story.sre, story.women, story.civic):
        last = story.vote(voter, unseen)
    story.passed(unseen, last, "not_an_ancestor", agreed=THREE)
    story.standings[fact.id] = "redacted"
    story.redacted[fact.id] = once.id
    return story.case()


def _nothing_decided_of_what_is_gone() -> Vector:
    story = History("of what was redacted nothing is decided any more: no ruling on a challenge to it, no adoption")
    fact, other = story.report(story.academy), story.report(story.academy)
    challenged = {"challenge": {"report": fact.id, "ground": 1, "text": "No suma"}}
    dispute = story.write("a challenge", story.partner, challenged, None, kind=FACT)
    about_other = {"challenge": {"report": other.id, "ground": 1, "text": "No suma"}}
    second = story.write("a challenge", story.partner, about_other, None, kind=FACT)
    for gone in (fact, second):
        proposal = story.pass_(story.sre, redact(gone))
        story.standings[gone.id] = "redacted"
        story.redacted[gone.id] = proposal.id
        story.proposals[proposal.id]["recused"] = "colmex" if gone is fact else "onu"
    for challenge, report_ in ((dispute, fact), (second, other)):
        ruling = {"close_challenge": {"challenge": challenge.id, "upheld": True, "report": report_.id}}
        proposal = story.pass_(story.sre, ruling, "named_redacted")
        story.proposals[proposal.id]["recused"] = "colmex"
    story.pass_(story.sre, {"adopt_review": {"review": fact.id}}, "named_redacted")
    return story.case()


def _challenge_ruled_on() -> Vector:
    story = History("the council rules on a challenge, and the challenged has no vote; it rules once")
    fact = story.report(story.academy)
    challenged = {"challenge": {"report": fact.id, "ground": 1, "text": "No suma"}}
    dispute = story.write("a challenge", story.partner, challenged, None, kind=FACT)
    ruling = {"close_challenge": {"challenge": dispute.id, "upheld": True, "report": fact.id}}
    first = story.propose(story.sre, ruling)
    story.vote(story.academy, first, "void recused")
    for voter in (story.sre, story.women, story.civic):
        last = story.vote(voter, first)
    story.passed(first, last, agreed=THREE, recused="colmex")
    again = story.pass_(story.sre, ruling, "already_decided")
    story.proposals[again.id]["recused"] = "colmex"
    return story.case()
