"""Guide kinds and their sections: the headings word for word, in order.

>>> slug("Risks and Complications")
'risks_and_complications'
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = [
    "DIFFERENT",
    "HEADINGS",
    "MEDICAL",
    "OPTIONAL",
    "QUESTIONS",
    "grouping",
    "headings",
    "kind_of",
    "name_of",
    "slug",
]

DIFFERENT = "What Makes This Code Different"
QUESTIONS = "Questions to Ask"
OPTIONAL = (DIFFERENT, QUESTIONS)

_PROCEDURE = (
    "Name of the Procedure",
    "Summary",
    "Purpose",
    "Indications",
    "Preparation",
    "Procedure Description",
    "Duration",
    "Setting",
    "Personnel",
    "Risks and Complications",
    "Benefits",
    "Recovery",
    "Alternatives",
    "Patient Experience",
)
_BILL = ("Name", "Summary", "What It Means on a Bill")


def _fourteen(name: str, description: str, *after: str) -> tuple[str, ...]:
    return (name, *_PROCEDURE[1:5], description, *after, *_PROCEDURE[6:])


_TEST = _fourteen("Name of the Test", "Test Description", "Results")
_SERVICE = _fourteen("Name of the Service", "Description")

HEADINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "procedure": _PROCEDURE,
        "imaging": _TEST,
        "laboratory": _TEST,
        "visit": _SERVICE,
        "service": _SERVICE,
        "anesthesia": _SERVICE,
        "vaccine": _fourteen("Name of the Vaccine", "Description"),
        "diagnosis": (
            "Name of the Condition",
            "Summary",
            "Causes",
            "Symptoms",
            "Diagnosis",
            "Treatment",
            "Outlook",
            "Prevention",
            "When to Seek Care",
        ),
        "medicine": (
            "Name of the Medicine",
            "Summary",
            "Purpose",
            "How It Is Given",
            "Side Effects",
            "Before You Take It",
            "Billing Unit",
            "Alternatives",
        ),
        "supply": (
            "Name of the Item",
            "Summary",
            "Purpose",
            "Who It Is For",
            "How It Is Used",
            "Care and Safety",
            "Billing Unit",
            "Alternatives",
        ),
        "unlisted": ("Name of the Code", "Summary", "When It Is Used", "What to Ask"),
        "group": _BILL,
        "measure": _BILL,
        "modifier": _BILL,
    }
)
"""Guide kind -> its headings in order."""

MEDICAL = frozenset(kind for kind in HEADINGS if kind not in {"unlisted", "group", "measure", "modifier"})
"""The kinds whose sections say something of health, and so name sources."""

# A grouping is no condition and no procedure: its page says what stands below it.
_GROUPINGS = frozenset({"chapter", "block", "section", "table", "mdc", "range"})
_BY_SYSTEM = MappingProxyType(
    {
        "icd10cm": "diagnosis",
        "icd9cm": "diagnosis",
        "icd10pcs": "procedure",
        "icd9proc": "procedure",
        "drg": "group",
    }
)


def headings(kind: str) -> tuple[str, ...]:
    """Return the headings of a kind; a kind without a guide of its own has the two that every page has."""
    return HEADINGS.get(kind, ("Name of the Code", "Summary"))


def name_of(kind: str) -> str:
    """Return the heading under which a guide of this kind says what the code is called."""
    return headings(kind)[0]


def grouping(kind: str) -> bool:
    """Tell whether a concept of this kind is a heading and no code."""
    return kind in _GROUPINGS


def kind_of(system: str, kind: str) -> str:
    """Return the guide kind for a concept of a system and kind; `code` where nothing states it."""
    if grouping(kind):
        return "group"
    if kind in HEADINGS:
        return kind
    return _BY_SYSTEM.get(system, "code")


def slug(heading: str) -> str:
    """Return a heading in snake case, as JSON names the section."""
    return "_".join(heading.lower().split())
