# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The charter of the golden ledger: a small plan of five members. What it states is made up."""

from __future__ import annotations

from selftest.building import Author, Message

FOUNDER = Author("golden sre", "sre")
FOUNDER_NODE = Author("golden sre node", "sre", scope=2)
WOMEN = Author("golden inmujeres", "inmujeres")
WOMEN_NODE = Author("golden inmujeres node", "inmujeres", scope=2)
CIVIC = Author("golden data-civica", "data-civica")
CIVIC_NODE = Author("golden data-civica node", "data-civica", scope=2)
ACADEMY = Author("golden colmex", "colmex")
ACADEMY_DEPUTY = Author("golden colmex deputy", "colmex")
AUDITOR = Author("golden auditoria", "auditoria")
AUTHORS = [
    FOUNDER,
    FOUNDER_NODE,
    WOMEN,
    WOMEN_NODE,
    CIVIC,
    CIVIC_NODE,
    ACADEMY,
    ACADEMY_DEPUTY,
    AUDITOR,
]

ASSUMED: Message = {"kind": 2}
PUBLISHED: Message = {
    "kind": 1,
    "citation": "Plan de ejemplo, segunda edición, p. 14",
    "url": "https://plan.example/segunda-edicion#p14",
    "published_on": {"text": "2023-11-30"},
    "accessed_on": {"text": "2024-01-10"},
}


def text(es: str, en: str = "") -> Message:
    return {"es": es, "en": en, "translated": ["en"]} if en else {"es": es}


def attachment(name: str, length: int) -> Message:
    return {
        "name": name,
        "media_type": "application/pdf",
        "length": length,
        "salt": bytes(range(16)),
        "hash": bytes(range(100, 132)),
        "description": "Oficio «con acuse»",
    }


def charter() -> Message:
    return {
        "name": "Plan de ejemplo 2024–2026",
        "plan": _plan(),
        "members": [
            _member("auditoria", 4, "Auditoría Superior", "Supreme Audit Office"),
            _member("colmex", 3, "El Colegio", "The College"),
            _member("data-civica", 2, "Data Cívica", ""),
            _member("inmujeres", 1, "Instituto de las Mujeres", "Women's Institute"),
            _member("sre", 1, "Relaciones Exteriores", "Foreign Affairs"),
        ],
        "keys": sorted((_grant(author) for author in AUTHORS), key=lambda grant: grant["key"]),
        "rules": {
            "rules_version": 1,
            "council": ["auditoria", "data-civica", "inmujeres", "sre"],
            "quorum": 3,
            "class_quotas": [{"class": 1, "members": 1}, {"class": 2, "members": 1}],
            "source": ASSUMED,
            "limits": {
                "backdating_days": 30,
                "challenge_days": 60,
                "silent_periods": 0,
                "unspecified_share_percent": {"text": "12.50"},
                "author_silent_days": 120,
            },
        },
    }


def _member(slug: str, member_class: int, es: str, en: str) -> Message:
    source = PUBLISHED if member_class == 1 else ASSUMED
    url = f"https://{slug}.example/" if member_class == 2 else ""
    return {"slug": slug, "class": member_class, "name": text(es, en), "source": source, "url": url}


def _grant(author: Author) -> Message:
    grant: Message = {"key": author.key, "member": author.member, "scope": author.scope}
    if author.scope == 1:
        grant["office"] = "Dirección General" if author is not ACADEMY_DEPUTY else "Subdirección"
    if author is WOMEN:
        grant["appointment"] = attachment("nombramiento.pdf", 48_213)
    return grant


def _plan() -> Message:
    return {
        "id": "plan-de-ejemplo",
        "title": text("Plan de ejemplo", "Example plan"),
        "presented_on": {"text": "2023-12"},
        "review_due_on": {"text": "2026"},
        "review_due_source": PUBLISHED,
        "utc_offset_minutes": -360,
        "declared": {"pillars": 2, "objectives": 1, "lines_of_action": 1, "indicators": 2, "source": PUBLISHED},
        "financing": {"none": {"source": PUBLISHED, "note": text("Sin presupuesto propio")}},
        "suppression": {"threshold": 5, "zeros_shown": True, "source": ASSUMED},
        "pillars": [
            {"id": "1", "name": text("Participación", "Participation"), "source": PUBLISHED},
            {"id": "2", "name": text("Formación", "Training")},
        ],
        "objectives": [{"id": "1-1", "pillar": "1", "name": text("Más mujeres en misiones")}],
        "lines": [
            {
                "id": "1-1-1",
                "objective": "1-1",
                "name": text("Convocar, formar y desplegar"),
                "source": PUBLISHED,
                "beyond_members": False,
            }
        ],
        "indicators": [_deployed(), _trained(), _context()],
        "themes": [{"id": "T-1", "name": text("Pueblos indígenas")}],
        "code_lists": [
            {
                "concept": "sex",
                "name": text("Sexo", "Sex"),
                "codes": [{"id": "F", "name": text("Mujeres", "Women")}, {"id": "M", "name": text("Hombres", "Men")}],
            }
        ],
        "source": PUBLISHED,
    }


def _deployed() -> Message:
    return {
        "id": "1-1-1-a",
        "line": "1-1-1",
        "name": text("Personas desplegadas en misiones de paz", "Persons deployed in peace missions"),
        "definition": text("Personas con al menos treinta días de despliegue en el periodo."),
        "kind": 4,
        "dimension": 1,
        "unit": "persons",
        "unit_of_count": text("Persona"),
        "direction": 1,
        "accumulation": 1,
        "periodicity": 2,
        "due_days": 30,
        "baseline": {"value": {"period": {"text": "2023"}, "value": {"text": "19"}, "source": PUBLISHED}},
        "targets": {
            "values": [
                {"period": {"text": "2024"}, "value": {"text": "40"}},
                {"period": {"text": "2025"}, "value": {"text": "60"}, "source": PUBLISHED},
            ]
        },
        "thresholds": {"on_track": {"text": "0.90"}, "behind": {"text": "0.60"}, "source": ASSUMED},
        "responsible": {"members": ["sre"], "source": PUBLISHED},
        "disaggregations": {"list": [{"concept": "sex", "required": True, "source": PUBLISHED}]},
        "means_of_verification": {"text": text("Registro de misiones")},
        "scope": 2,
        "themes": ["T-1"],
        "global_references": ["S/2010/498", "SDG 16.7.1"],
        "source": PUBLISHED,
        "classification_source": ASSUMED,
        "standing": 1,
    }


def _trained() -> Message:
    return {
        "id": "2-b",
        "pillar": "2",
        "name": text("Personal formado antes del despliegue", "Staff trained before deployment"),
        "kind": 1,
        "unit": "percent",
        "method": {
            "text": text("Formadas entre desplegadas, por cien."),
            "formula": "100 * f / d",
            "variables": [
                {"symbol": "f", "name": text("Personas formadas"), "unit": "persons"},
                {"symbol": "d", "name": text("Personas desplegadas"), "unit": "persons", "source": ASSUMED},
            ],
        },
        "direction": 1,
        "periodicity": 2,
        "due_days": 0,
        "baseline": {"none": {"source": PUBLISHED}},
        "targets": {"none": {"source": PUBLISHED, "note": text("El plan no fija metas")}},
        "responsible": {"members": ["inmujeres", "sre"]},
        "disaggregations": {"none": {}},
        "means_of_verification": {"none": {"source": PUBLISHED}},
        "scope": 1,
        "standing": 1,
        "fixed_denominator": {"text": "32"},
    }


def _context() -> Message:
    return {
        "id": "C-01",
        "name": text("Víctimas registradas", "Registered victims"),
        "unit": "victims",
        "unit_multiplier": 3,
        "kind": 6,
        "direction": 2,
        "scope": 1,
        "standing": 2,
    }
