"""How many numbers have a title: by section and status, and why the rest have none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from plaincode.model import Key
from plaincode.titles.read import Titles

__all__ = ["Coverage", "coverage", "section"]

NOT_WRITTEN = "not written yet"
# Where a number stands on the list, by its first number; a way to count, not what is done.
_RANGES = (
    ("00100", "CPT anesthesia"),
    ("10000", "CPT surgery and procedures"),
    ("70000", "CPT imaging and radiation"),
    ("80000", "CPT laboratory"),
    ("90000", "CPT vaccines, tests and treatments"),
    ("98000", "CPT visits and services"),
)
_LETTERS = {
    "F": "CPT category II (…F)",
    "T": "CPT category III (…T)",
    "U": "CPT laboratory, proprietary (…U)",
    "M": "CPT laboratory, multianalyte (…M)",
}
_MODIFIER = 2  # characters


@dataclass(slots=True)
class Coverage:
    """The counts of one section: `titled` by status, `empty` by reason."""

    section: str
    numbers: int = 0
    titled: Counter[str] = field(default_factory=Counter)
    empty: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """Return the share of the numbers that have a title, from 0 to 1."""
        return sum(self.titled.values()) / self.numbers if self.numbers else 0.0


def section(key: Key) -> str:
    """Return the section that a number is counted in."""
    if len(key.code) == _MODIFIER:
        return "CPT modifiers" if key.system == "cpt4" else "HCPCS modifiers"
    if key.system != "cpt4":
        return f"HCPCS {key.code[:1]}"
    if key.code[-1:].isalpha():
        return _LETTERS.get(key.code[-1], "CPT, other")
    return next((name for first, name in reversed(_RANGES) if key.code >= first), "CPT, other")


def coverage(titles: Titles, known: Iterable[Key] = ()) -> list[Coverage]:
    """Return the counts of every section, numbers that have ended left out.

    `known` are numbers that lists know beside those of `content/titles`; without a row a number counts
    as not written yet.
    """
    numbers = {*known, *titles.rows, *(Key(n.system, n.code) for n in titles.numbers)} - set(titles.ended)
    found: dict[str, Coverage] = {}
    for key in sorted(numbers):
        counted = found.setdefault(section(key), Coverage(section(key)))
        counted.numbers += 1
        row = titles.rows.get(key)
        if row is not None and row.title:
            counted.titled[row.status] += 1
        else:
            counted.empty[(row.empty_because if row else None) or NOT_WRITTEN] += 1
    return sorted(found.values(), key=lambda c: c.section)
