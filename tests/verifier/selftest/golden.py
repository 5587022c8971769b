# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The golden ledger: `python -m selftest.golden BINARY` writes tests/vectors/golden.json.

Every sort of entry and of fact, written by nine keys of five members in a year; a fork of which others cite
both branches; something pending, something unknown, something invalid, something void. Entries, order, times
and frontier are put together here; the state documents are the first implementation's, which alone replays.
Whether they are right is what the second verifier and the tests of the rules say, not this file.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from blake3 import blake3

from checks.entry import ACKNOWLEDGE, FACT, GOVERNANCE, decode_signed_entry
from checks.ledger import encode_frontier, frontier_message
from checks.replica import Replica
from selftest import golden_plan as plan
from selftest.building import DAY_MS, Author, Built, Message, Scene, acknowledge, bundle, fork_proof
from selftest.cases import FOLDER, text_of
from selftest.golden_plan import ASSUMED, PUBLISHED, attachment, text
from selftest.people import Vector, order_key
from selftest.steps import Head, Steps, frontier_expectation, times_by_definition

NAME = "golden.json"
# 2024-01-15T18:00:00Z
BEGIN_MS = 1_705_341_600_000
# Day 170, for the views.
HALF_WAY = "2024-07-03T18:00:00Z"


class Golden:
    """The ledger in the making: who writes has seen everything that is not on a branch."""

    def __init__(self) -> None:
        self.scene = Scene(plan.FOUNDER, plan.AUTHORS[1:], plan.charter(), at_ms=BEGIN_MS)
        self.steps = Steps(self.scene, "every sort of entry and fact, a fork, and the state that it makes")
        self.tips: dict[bytes, Built] = {}
        self.outside: list[Built] = []
        self.proof: Message = {}

    def write(self, about: str, author: Author, event: Message | bytes, day: int, **options: Any) -> Built:
        name = "unknown" if isinstance(event, bytes) else next(one for one in event if one != "exercise")
        kind = options.pop("kind", FACT)
        before = self.scene.heads.get(author.key)
        known = self.steps.ancestors(before.id) | {before.id} if before else {self.scene.ledger_id}
        tips = [one for one in self.tips.values() if one.id not in known and one.header["author"] != author.key]
        seen = options.pop("seen", tuple(tips))
        payload = options.pop("payload", True)
        built = self.scene.append(author, event, kind=kind, seen=seen, at_ms=BEGIN_MS + day * DAY_MS, **options)
        if payload:
            self.steps.good(about, built, name)
        else:
            built = self.scene.replace(built.without_payload())
            self.steps.good(about, built, None)
        for parent in self.steps.parents[built.id]:
            self.tips.pop(parent, None)
        self.tips[built.id] = built
        return built

    def accept(self, author: Author, day: int) -> None:
        event = {"acceptance": {"charter": self.scene.ledger_id, "note": text("Con reserva sobre 2-b")}}
        self.write(f"{author.member} accepts the charter", author, event, day, kind=GOVERNANCE)

    def acknowledge(self, author: Author, day: int, about: str = "a node acknowledges", **options: Any) -> Built:
        return self.write(about, author, acknowledge(), day, kind=ACKNOWLEDGE, **options)


@cache
def golden() -> tuple[Vector, bytes]:
    """The vector without its views, and a bundle of the same ledger."""
    ledger = Golden()
    for day, author in enumerate((plan.WOMEN, plan.CIVIC, plan.ACADEMY, plan.AUDITOR), start=1):
        ledger.accept(author, day)
    _write_reports(ledger)
    _write_other_facts(ledger)
    _write_what_does_not_count(ledger)
    _write_fork(ledger)
    return ledger.steps.vector(_expect(ledger)), bundle(ledger.proof, *ledger.scene.entries)


def _write_reports(ledger: Golden) -> None:
    report = ledger.write("an official report, by sex, with evidence", plan.FOUNDER, {"report": _deployed("31")}, 92)
    ledger.acknowledge(plan.CIVIC_NODE, 92)
    own: Message = {"report": _deployed("29", independent=True)}
    measured = ledger.write("an independent measurement beside it", plan.CIVIC, own, 95)
    share: Message = {"report": _share("42.5", "17", "40")}
    trained = ledger.write("a share with numerator and denominator", plan.WOMEN, share, 97)
    attested = {
        "attestation": {"report": trained.id, "verdict": 1, "method": "Recuento de listas", "comment": "Sin reparo"}
    }
    ledger.write("another member attests it", plan.ACADEMY, attested, 99)
    challenged: Message = {
        "challenge": {
            "report": report.id,
            "observation": {},
            "ground": 6,
            "text": "La lista publicada tiene 29 nombres.\nFaltan dos.",
            "proposed_value": {"text": "29"},
            "contradicts": measured.id,
            "evidence": [attachment("lista.pdf", 1_024)],
        }
    }
    challenge = ledger.write("a challenge of the total", plan.CIVIC, challenged, 101)
    corrected: Message = {
        "correction": {
            "replaces": report.id,
            "report": _deployed("30"),
            "reason": 3,
            "explanation": "Una persona contada dos veces",
            "challenge": challenge.id,
        }
    }
    correction = ledger.write("a correction that answers it", plan.FOUNDER, corrected, 110)
    answered = {"response": {"challenge": challenge.id, "text": "Se corrige a 30.", "correction": correction.id}}
    ledger.write("a response that names the correction", plan.FOUNDER, answered, 110)
    ledger.acknowledge(plan.FOUNDER_NODE, 111)
    closed = {"close": {"challenge": challenge.id, "outcome": 2, "correction": correction.id, "text": "De acuerdo"}}
    ledger.write("the challenger accepts it", plan.CIVIC, closed, 112)
    open_one = {"challenge": {"report": trained.id, "ground": 3, "text": "¿Desplegadas o por desplegar?"}}
    ledger.write("a challenge that nobody answers", plan.AUDITOR, open_one, 115)
    context: Message = {
        "report": {
            "indicator": "C-01",
            "period": {"text": "2015-03..2021-02"},
            "cutoff": {"text": "2021-03"},
            "observations": [
                {"key": {}, "value": {"text": "-0.050"}, "status": 15},
                {"key": {"period": {"text": "2019-07"}}, "value": {"text": "0"}, "status": 4, "comment": "Cero medido"},
            ],
            "source": {"kind": 3, "citation": "Prensa"},
            "unit_multiplier": -3,
        }
    }
    ledger.write("a provisional value below zero, in thousandths", plan.CIVIC, context, 120)
    second: Message = {"report": _share("", "", "", period="2024-Q2", status=12)}
    mistaken = ledger.write("a value that cannot exist", plan.WOMEN, second, 150)
    ledger.write(
        "is withdrawn", plan.WOMEN, {"withdrawal": {"report": mistaken.id, "reason": "Periodo equivocado"}}, 151
    )
    ledger.acknowledge(plan.WOMEN_NODE, 152)


def _write_other_facts(ledger: Golden) -> None:
    money = {"amount": {"text": "1250000.50"}, "currency": "MXN", "unit_multiplier": 3}
    budget: Message = {"fiscal_year": {"text": "2024"}, "line": "1-1-1", "stage": 2, "money": money, "price_basis": 1}
    approved = ledger.write("an approved budget", plan.FOUNDER, {"budget": {**budget, "allocation": 2}}, 155)
    constant: Message = {**budget, "stage": 3, "price_basis": 2, "base_year": {"text": "2018"}, "source": PUBLISHED}
    modified: Message = {"budget": {**constant, "replaces": approved.id, "explanation": "Reducción líquida"}}
    ledger.write("is modified, at constant prices", plan.FOUNDER, modified, 160)
    nothing: Message = {
        "budget": {
            "fiscal_year": {"text": "2024"},
            "programme": text("Formación"),
            "stage": 4,
            "none": {"source": ASSUMED, "note": text("Nada ejercido")},
        }
    }
    ledger.write("a member that spent nothing", plan.WOMEN, nothing, 161)
    consultation: Message = {
        "consultation": {
            "held": {"text": "2024-06-20"},
            "participants": ["data-civica", "sre"],
            "other_participants": ["Red de brigadistas"],
            "subject": text("Definición de 1-1-1-a"),
            "indicators": ["1-1-1-a"],
            "answer": text("Se contará por persona"),
            "evidence": [attachment("minuta.pdf", 9)],
            "source": ASSUMED,
        }
    }
    held = ledger.write("a consultation", plan.FOUNDER, consultation, 165)
    sign_off = {"consultation_sign_off": {"consultation": held.id, "agrees": False, "comment": text("Falta un punto")}}
    ledger.write("of which a participant says that it was otherwise", plan.CIVIC, sign_off, 166)
    ledger.acknowledge(plan.FOUNDER_NODE, 167)
    reviewed = {
        "review": {"period": {"text": "2024-S1"}, "title": text("Revisión semestral"), "summary": text("Tres de diez")}
    }
    review = ledger.write("a review", plan.AUDITOR, reviewed, 180)
    recommended: Message = {
        "recommendation": {
            "review": review.id,
            "addressees": ["inmujeres"],
            "text": text("Publicar listas", "Publish lists"),
            "indicators": ["2-b"],
            "lines": ["1-1-1"],
        }
    }
    recommendation = ledger.write("a recommendation of it", plan.AUDITOR, recommended, 181)
    answer = {
        "recommendation": recommendation.id,
        "answer": 2,
        "text": text("Sin nombres"),
        "due_on": {"text": "2024-12"},
    }
    ledger.write("the addressee answers", plan.WOMEN, {"recommendation_response": answer}, 190)
    agreement: Message = {
        "title": text("Convenio de formación"),
        "members": ["sre"],
        "parties": [text("Gobierno de un estado")],
        "lines": ["1-1-1"],
        "from": {"text": "2024-07-01"},
        "until": {"text": "2025"},
        "source": ASSUMED,
    }
    first = ledger.write("an agreement", plan.FOUNDER, {"agreement": agreement}, 191)
    ledger.write(
        "is replaced", plan.FOUNDER, {"agreement": {**agreement, "until": {"text": "2026"}, "replaces": first.id}}, 192
    )
    exercise: Message = {"report": _deployed("33", period="2024-Q2"), "exercise": "Simulacro de captura"}
    ledger.write("an exercise", plan.FOUNDER, exercise, 193)


def _write_what_does_not_count(ledger: Golden) -> None:
    reports = [one for one in ledger.scene.entries if one.header["author"] == plan.FOUNDER.key]
    foreign = {"withdrawal": {"report": reports[1].id, "reason": "No es suyo"}}
    ledger.write("void: who withdraws is not who reported", plan.AUDITOR, foreign, 195)
    ledger.write("unknown: a body that the schema lacks", plan.AUDITOR, b"\xfa\x7f\x02hi", 196)
    decimal: Message = {
        "report": {**_deployed("1"), "observations": [{"key": {}, "value": {"text": "01"}, "status": 1}]}
    }
    ledger.write("invalid: no decimal in canonical form", plan.ACADEMY, decimal, 197)
    late: Message = {"report": _deployed("35", period="2024-Q3", independent=True)}
    ledger.write("pending: its payload has not come", plan.CIVIC, late, 198, payload=False)
    ledger.acknowledge(plan.CIVIC_NODE, 199)
    # Claims the day of the last thing that this key wrote, long before anybody had it.
    backdated: Message = {"report": _deployed("28", period="2024-Q3", independent=True)}
    ledger.write("backdated by four months", plan.AUDITOR, backdated, 196)
    ledger.acknowledge(plan.WOMEN_NODE, 320)


def _write_fork(ledger: Golden) -> None:
    scene, deputy = ledger.scene, plan.ACADEMY_DEPUTY
    begin = ledger.write("the deputy's feed", deputy, {"report": _deployed("30", independent=True)}, 321)
    tips = dict(ledger.tips)
    left = ledger.write("one branch", deputy, {"report": _deployed("31", period="2024-Q2", independent=True)}, 322)
    other: Message = {"report": _deployed("32", period="2024-Q2", independent=True)}
    right = scene.build(deputy, other, prev=begin, at_ms=BEGIN_MS + 322 * DAY_MS)
    disowned: Message = {"attestation": {"report": right.id, "verdict": 2}}
    at_ms, height = right.header["claimed_at_ms"], right.header["height"]
    right_next = scene.build(deputy, disowned, prev=right, at_ms=at_ms, header={"height": height + 1})
    ledger.proof = fork_proof(scene.ledger_id, left, right)
    ledger.steps.taken("the other branch proves the fork", right, "fork")
    ledger.steps.proof("which is known then", ledger.proof, outcome="held")
    ledger.acknowledge(plan.CIVIC_NODE, 323, "who had seen the one branch", seen=(left,))
    noted: Message = {"review": {"period": {"text": "2024"}, "title": text("Dos cifras de una clave")}}
    ledger.tips = tips
    at_ms = BEGIN_MS + 324 * DAY_MS
    built = scene.build(plan.AUDITOR, noted, seen=(right_next,), at_ms=at_ms, header={"height": height + 2})
    ledger.steps.taken("who had seen the other branch, of which nothing is held", built, "waits")
    ledger.steps.taken("the end of that branch waits for its beginning", right_next, "waits")
    ledger.steps.good("which is kept now", right, "report")
    ledger.steps.good("with its end", right_next, "attestation", outcome="held")
    ledger.steps.good("and who cited it", built, "review", outcome="held")
    for one in (right, right_next, built):
        scene.add(one, is_head=one is built)
    ledger.tips[built.id] = built
    ledger.write("a last word", plan.FOUNDER, {"report": _deployed("36", period="2024-Q3")}, 330, seen=(built,))


def _deployed(total: str, period: str = "2024-Q1", independent: bool = False) -> Message:
    cell = {"concept": "sex"}
    report: Message = {
        "indicator": "1-1-1-a",
        "period": {"text": period},
        "observations": [{"key": {}, "value": {"text": total}, "status": 1}],
        "method": "Lista nominal" if not independent else "Solicitud de información",
    }
    if independent:
        return report
    report["cutoff"] = {"text": "2024-04-10"}
    report["observations"] += [
        {"key": {"dimensions": [{**cell, "code": "F"}]}, "value": {"text": "12"}, "status": 1},
        {"key": {"dimensions": [{**cell, "code": "M"}]}, "status": 16, "comment": "Menos de cinco en una misión"},
    ]
    report["evidence"] = [attachment("oficio.pdf", 20_480)]
    report["source"] = PUBLISHED
    return report


def _share(value: str, numerator: str, denominator: str, period: str = "2024-Q1", status: int = 1) -> Message:
    observation: Message = {"key": {}, "status": status}
    for name, number in (("value", value), ("numerator", numerator), ("denominator", denominator)):
        if number:
            observation[name] = {"text": number}
    return {"indicator": "2-b", "period": {"text": period}, "observations": [observation], "comment": "Corte al cierre"}


def _expect(ledger: Golden) -> Vector:
    scene = ledger.scene
    order = sorted(scene.entries, key=order_key)
    ids = [built.id for built in order]
    events = {bytes.fromhex(step["id"]): step["event"] for step in ledger.steps.steps if "event" in step}
    forked = plan.ACADEMY_DEPUTY.key
    heads: list[Head] = []
    for key in sorted(scene.heads):
        own = [built for built in order if built.header["author"] == key]
        heads.append((key, own[0], 1) if key == forked else (key, own[-1], None))
    return {
        "ledger_id": scene.ledger_id.hex(),
        "name": plan.charter()["name"],
        "rules_version": 1,
        "order": [one.hex() for one in ids],
        "order_digest": blake3(b"".join(ids), derive_key_context="constancia v1 order").hexdigest(),
        "forks": [{"key": forked.hex(), "seq": "1"}],
        "pending": [one.hex() for one in ids if events[one] is None],
        "unknown": [one.hex() for one in ids if events[one] == "unknown"],
        "outside": [],
        "waiting": [],
        "times": times_by_definition(order, {author.key: author.member for author in plan.AUTHORS}),
        **frontier_expectation(heads),
    }


def views(binary: str, data: bytes, vector: Vector) -> list[Vector]:
    """What the first implementation makes of the ledger."""
    earlier = _earlier_frontier(vector)
    asked: list[tuple[str, list[str], Vector]] = [
        ("everything held", [], {}),
        ("what others held on day 170", ["--as-of", HALF_WAY], {}),
        ("what says to be from before day 170", ["--as-claimed", HALF_WAY], {}),
        ("the ledger at an earlier frontier", ["--at", earlier], {"at": earlier}),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "golden"
        path.write_bytes(data)
        return [{"about": about, **extra, **_audit(binary, path, options)} for about, options, extra in asked]


def _audit(binary: str, path: Path, options: list[str]) -> Vector:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        command = [binary, "--json", "audit", "--bundle", str(path), "--out", str(out), *options]
        # 1: there are findings, here a fork. The documents are written all the same.
        if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode not in (0, 1):
            raise RuntimeError(f"no audit: {' '.join(command)}")
        paths = sorted(out.rglob("*.json"))
        documents = {one.relative_to(out).as_posix(): one.read_bytes().decode("utf-8") for one in paths}
    return {"state_digest": blake3(documents["index.json"].encode()).hexdigest(), "documents": documents}


def _earlier_frontier(vector: Vector) -> str:
    """Of the first twenty steps alone."""
    replica = Replica()
    for step in vector["steps"][:20]:
        replica.take_entry(decode_signed_entry(bytes.fromhex(step["entry"])))
    return encode_frontier(frontier_message(replica)).hex()


def write(binary: str) -> None:
    vector, data = golden()
    vector["expect"]["views"] = views(binary, data, vector)
    (FOLDER / NAME).write_text(text_of(vector), "utf-8")


def stored_views() -> list[Vector]:
    views_of: list[Vector] = json.loads((FOLDER / NAME).read_text("utf-8"))["expect"]["views"]
    return views_of


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m selftest.golden BINARY")
    write(sys.argv[1])
