# SPDX-License-Identifier: Apache-2.0 OR MIT
"""A plan after changes (R26, R31): its lists, their ids, and what its parts name. Refuses nothing.

Not judged: the fields of a part for themselves.
"""

from __future__ import annotations

from checks import wire
from checks.event import ITEMS_MAX

# Part of a change to the plan's list, and what names an element of it.
_LISTS = {
    "indicator": ("indicators", "id"),
    "line": ("lines", "id"),
    "objective": ("objectives", "id"),
    "pillar": ("pillars", "id"),
    "theme": ("themes", "id"),
    "code_list": ("code_lists", "concept"),
}


def amend(plan: wire.Message, changes: list[wire.Message]) -> wire.Message | None:
    """None where a part is to be removed that is not there, or a list grows too long."""
    amended = {name: list(plan.get(name, [])) for name, _ in _LISTS.values()}
    for change in changes:
        for part, (name, named_by) in _LISTS.items():
            added, removed = change[f"set_{part}"], change.get(f"remove_{part}")
            gone = removed if added is None else added[named_by]
            left = [one for one in amended[name] if one[named_by] != gone]
            if removed is not None and len(left) == len(amended[name]):
                return None
            amended[name] = left if added is None else [*left, added]
            if len(amended[name]) > ITEMS_MAX[f"Plan.{name}"]:
                return None
    return {**plan, **amended}


def is_sound(plan: wire.Message, members: set[str]) -> bool:
    """No two parts of one sort have one id, whatever the case of its letters, and what a part names is there."""
    ids = {name: [one[named_by] for one in plan[name]] for name, named_by in _LISTS.values()}
    if any(len({one.lower() for one in found}) < len(found) for found in ids.values()):
        return False
    names = [("pillars", one["pillar"]) for one in plan["objectives"]]
    names += [("objectives", one["objective"]) for one in plan["lines"]]
    for indicator in plan["indicators"]:
        parents = [("lines", "line"), ("objectives", "objective"), ("pillars", "pillar")]
        names += [(name, indicator[parent]) for name, parent in parents if indicator[parent]]
        names += [("themes", theme) for theme in indicator["themes"]]
        wanted = indicator["disaggregations"]
        names += [("code_lists", one["concept"]) for one in (wanted["list"] if wanted is not None else [])]
        responsible = indicator["responsible"]
        if responsible is not None and not members.issuperset(responsible["members"]):
            return False
    return all(one in ids[name] for name, one in names)
