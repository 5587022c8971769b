# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What members.json, governance.json and plan.json say of authority, against what the entries make of it.

Refuses documents that say anything else of members, seats, keys and their ends, rules, versions of the plan,
proposals and what became of them, or whether a governance event counts. Never looks at what they say besides.
"""

from __future__ import annotations

from typing import Any

from checks.canonical_json import parse_canonical
from checks.index import read_view
from checks.refusal import Refused
from checks.replica import Replica
from checks.standing import describe_authority

_SCOPES = {"sign": 1, "acknowledge": 2}

Described = dict[str, Any]


def check_governance(replica: Replica, documents: dict[str, bytes]) -> None:
    """Of documents that state.py and index.py have checked."""
    view = read_view(replica, parse_canonical(documents["index.json"], "index.json"))
    made = describe_authority(view.authority, view.whole, view.order, view.forked_seq)
    try:
        stated = _read(documents)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused("state.unreadable", f"cannot read of authority: {type(error).__name__}: {error}") from None
    made["standings"] = {one: word for one, word in made["standings"].items() if one in stated["standings"]}
    del made["redacted"]
    for name, found in made.items():
        if found != stated[name]:
            raise Refused("state.wrong_authority", f"{name}: {_difference(stated[name], found)}")


def _read(documents: dict[str, bytes]) -> Described:
    """The documents, in the words of `describe_authority`."""
    members = parse_canonical(documents["members.json"], "members.json")["members"]
    governance = parse_canonical(documents["governance.json"], "governance.json")
    plan = parse_canonical(documents["plan.json"], "plan.json")
    return {
        "standings": {event["act"]["entry"]: _standing(event["standing"]) for event in governance["events"]},
        "proposals": {one["act"]["entry"]: _proposal(one) for one in governance["proposals"]},
        "members": {one["slug"]: _only(one, "admitted_by", "retired_by", "council") for one in members},
        "keys": {key["key"]: _key(member["slug"], key) for member in members for key in member["keys"]},
        "rules_set_by": governance["rules_set_by"],
        "plan_versions": [one["version"] for one in plan["versions"]],
    }


def _standing(record: Described) -> str:
    word: str = record["code"]
    return f"void {record['reason']['code']}" if word == "void" else word


def _proposal(record: Described) -> Described:
    status = record["status"]
    word = status["code"] + (f" {status['reason']['code']}" if "reason" in status else "")
    at = status.get("at", status.get("by"))
    found = _only(record, "needed", "agreed", "not_agreed", "recused")
    return found | {"status": word} | ({} if at is None else {"at": at})


def _key(member: str, record: Described) -> Described:
    found = {"member": member, "scope": _SCOPES[record["scope"]], "granted_by": record["granted_by"]}
    if "cut_off" in record:
        end = record["cut_off"]
        seq = int(end["honoured_seq"]) + 1 if "honoured_seq" in end else 0
        found["end"] = {"seq": str(seq), "by": end["by"]}
    if "resolution" in record:
        found["settled"] = _only(record["resolution"], "by", "honoured")
    return found


def _only(record: Described, *names: str) -> Described:
    return {name: record[name] for name in names if name in record}


def _difference(stated: Any, made: Any) -> str:
    if not isinstance(stated, dict) or not isinstance(made, dict):
        return f"stated {stated}, made {made}"
    names = [one for one in sorted({*stated, *made}) if stated.get(one) != made.get(one)]
    return f"{names[0]}: stated {stated.get(names[0])}, made {made.get(names[0])}"
