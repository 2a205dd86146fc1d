"""Building an ICD-10-PCS code value by value, as coders do: each step shows only what leads to a code.

Where the tables are loaded every section can be built; from a code list alone only the sections whose
axis words are loaded. Words are the publisher's or null; nothing is split out of titles.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from plaincode.errors import BadRequest, NotFound
from plaincode.model import Key
from plaincode.store import Store

__all__ = ["AXES", "choices"]

AXES = ("Section", "Body System", "Root Operation", "Body Part", "Approach", "Device", "Qualifier")
_SYSTEM = "icd10pcs"
_LENGTH = 7


def choices(store: Store, prefix: str) -> dict[str, Any]:
    """Return the values that may follow a prefix of an ICD-10-PCS code, with counts of codes.

    Members: prefix, position (1 to 7), axis, chosen [{axis, value, label}], values [{value, label,
    definition, count}], code (set when the prefix is whole). Raises BadRequest, NotFound.
    """
    prefix = prefix.strip().upper()
    if len(prefix) > _LENGTH or not all(ch.isalnum() and ch.isascii() for ch in prefix):
        raise BadRequest(
            f"{prefix[:20]!r} is no beginning of an ICD-10-PCS code.",
            where="prefix",
            do="Give up to seven letters and digits, such as 0DT.",
        )
    found = (
        [c for c in store.span(_SYSTEM, prefix, prefix + "\x7f", 100_000) if len(c.code) == _LENGTH]
        if len(prefix) >= 3
        else []
    )
    position = len(prefix) + 1
    if len(prefix) >= 3 and not found:
        raise NotFound(
            f"No code that is loaded begins with {prefix}.",
            where="prefix",
            do="Go back a step and choose another value.",
        )
    labels: dict[str, str | None] = {}
    counts: Counter[str] = Counter()
    if position <= 3:
        for value, label, count in _groupings(store, prefix):
            labels[value], counts[value] = label, count
    elif position <= _LENGTH:
        for concept in found:
            value = concept.code[position - 1]
            counts[value] += 1
            axes = concept.facts.get("axes")
            if axes and labels.get(value) is None:
                labels[value] = axes[position - 1]
    if position <= 3 and not counts:
        raise NotFound(
            f"No code that is loaded begins with {prefix or 'anything'}.",
            where="prefix",
            do="Go back a step.",
        )
    names = _axis_names(found)
    return {
        "prefix": prefix,
        "position": position,
        "axis": names[position - 1] if position <= _LENGTH else None,
        "chosen": [
            {"axis": names[i], "value": value, "label": _label(store, prefix, i, found)}
            for i, value in enumerate(prefix)
        ],
        "values": [
            {
                "value": value,
                "label": labels.get(value),
                "definition": _definition(store, (prefix or value)[0], position, labels.get(value)),
                "count": counts[value],
            }
            for value in sorted(counts)
        ],
        "code": prefix if len(prefix) == _LENGTH else None,
        "total": sum(counts.values()),
        "words": any(labels.values()) or len(prefix) == _LENGTH,
    }


def _axis_names(found: list[Any]) -> tuple[str, ...]:
    names = found[0].facts.get("axis_names") if found else None
    return tuple(names) if names else AXES


def _groupings(store: Store, prefix: str) -> list[tuple[str, str | None, int]]:
    """Return (value, words, codes below) of the sections, body systems or tables below a prefix."""
    if not prefix:
        below = store.roots(_SYSTEM)
    else:
        parent = f"section-{prefix}" if len(prefix) == 1 else f"system-{prefix}"
        below = store.children(Key(_SYSTEM, parent))
    return [(c.code.rpartition("-")[2][len(prefix)], c.display, store.count_below(c.key)) for c in below]


def _label(store: Store, prefix: str, index: int, found: list[Any]) -> str | None:
    if found:
        axes = next((c.facts["axes"] for c in found if c.facts.get("axes")), None)
        if axes:
            label: str | None = axes[index]
            return label
    kind = ("section-", "system-", "table-")[index] if index < 3 else None
    concept = store.get(Key(_SYSTEM, kind + prefix[: index + 1])) if kind else None
    return concept.display if concept else None


def _definition(store: Store, section: str, position: int, label: str | None) -> str | None:
    """Return the official definition of an axis value, where a loaded file states one."""
    body = store.document("pcs-definition", f"{section}/{position}/{label}") if label else None
    if body is None:
        return None
    said = msgspec.json.decode(body).get("definition")
    return str(said) if said else None
