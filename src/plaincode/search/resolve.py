"""Which codes a text means: every system that owns the spelling, and what a slip may have changed.

The room knows no code system: a `Lookup` brings the functions it needs. `resolve` is also what a page
address or the verb `show` asks for an odd key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from plaincode.model import Concept, Key, Ref
from plaincode.search.codes import Code, Understood

__all__ = ["Found", "Lookup", "Resolved", "ref", "resolve"]

_GLUED = re.compile(r"([A-Z]\d{4}|\d{4}[0-9FTUM])((?:[A-Z0-9]{2}){1,4})")
_SLIPS = 3  # letters O, I, L read as digits, at most so many in one code
LONG_ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the search asks of a catalog.

    `concept` returns the newest row of a key or None. `normalise` has one function a system, in the
    order systems are shown: the canonical spelling or None. `named` gives the id of the system that a
    person calls so, or None.
    """

    concept: Callable[[Key], Concept | None]
    normalise: Mapping[str, Callable[[str], str | None]]
    named: Callable[[str], str | None]


class Found(NamedTuple):
    """A code that exists. `sure` is false where the spelling had to be changed by guess."""

    concept: Concept
    why: str
    modifiers: tuple[Ref, ...] = ()
    sure: bool = True


class Resolved(NamedTuple):
    """The codes found, best first; the spellings that none matches; what to say about it."""

    found: tuple[Found, ...]
    unknown: tuple[Code, ...]
    messages: tuple[str, ...] = ()


def ref(concept: Concept) -> Ref:
    """Return a concept by name."""
    c = concept
    return Ref(c.system, c.code, c.display, c.title, c.title_status, c.billable, c.active)


def resolve(understood: Understood, lookup: Lookup) -> Resolved:
    """Return the concepts that the codes of a text name; never raises for an unknown one."""
    found: dict[Key, Found] = {}
    unknown: list[Code] = []
    messages: list[str] = []
    single = len(understood.codes) == 1 and understood.alone
    for code in understood.codes:
        matches = list(_matches(code, lookup, single=single))
        if not matches:
            unknown.append(code)
        elif code.system and all(m.concept.system != code.system for m in matches):
            messages.append(f"{code.text} is no code of the system you named; other systems have it.")
        for match in matches:
            modifiers, strange = _modifiers(code.modifiers, lookup)
            strange = tuple(m for m in strange if m not in code.perhaps)  # a number of units, then
            messages.extend(f"Modifier {m} is not one that plaincode holds." for m in strange)
            old = found.get(match.concept.key)
            own = () if "." in match.concept.code else modifiers  # what is said with a dot takes none
            new = match._replace(modifiers=tuple(dict.fromkeys((*match.modifiers, *own))))
            if old is not None:
                new = old._replace(modifiers=tuple(dict.fromkeys((*old.modifiers, *new.modifiers))))
            found[match.concept.key] = new
    return Resolved(tuple(found.values()), tuple(unknown), tuple(dict.fromkeys(messages)))


def _matches(code: Code, lookup: Lookup, *, single: bool) -> Iterator[Found]:
    text = code.text.upper()
    if code.what == "modifier":
        founds = _owners(text, None, lookup, "code", modifiers=True)
        yield from (f for f in founds if f.concept.kind == "modifier")
        return
    seen: set[Key] = set()

    def new(founds: Iterator[Found]) -> Iterator[Found]:
        for found in founds:
            if found.concept.key not in seen:
                seen.add(found.concept.key)
                yield found

    modifiers = single or code.system is not None
    if (
        code.modifiers or code.what == "billed"
    ):  # only what is billed by the unit carries one: no dot left out
        yield from new(_owners(text, code.system, lookup, "code", modifiers=False, canonical=True))
    if code.system and not seen:
        yield from new(_owners(text, code.system, lookup, "code", modifiers=True))
    if not seen:
        yield from new(_owners(text, None, lookup, "code", modifiers=modifiers))
    exact = bool(seen)
    glued = _GLUED.fullmatch(text)
    if not exact and glued:
        pairs = [glued[2][i : i + 2] for i in range(0, len(glued[2]), 2)]
        held, strange = _modifiers(tuple(pairs), lookup)
        if held and not strange:
            for found in new(_owners(glued[1], code.system, lookup, "code", modifiers=False)):
                yield found._replace(modifiers=held)
    if not seen:
        for slip, why in _slips(text):
            yield from new(
                f._replace(sure=False) for f in _owners(slip, code.system, lookup, why, modifiers=False)
            )
    if (single or code.system) and (text.replace(".", "").isdigit() or not seen):
        for padded in _padded(text):
            why = f"a leading zero may be lost: {padded}"
            yield from new(
                f._replace(sure=False)
                for f in _owners(padded, code.system, lookup, why, modifiers=False, canonical=True)
            )


def _owners(
    text: str, system: str | None, lookup: Lookup, why: str, *, modifiers: bool, canonical: bool = False
) -> Iterator[Found]:
    """Yield the codes of this spelling: spelled so first, then not ended, then in system order."""
    founds: list[tuple[bool, bool, int, Found]] = []
    for i, (id_, normalise) in enumerate(lookup.normalise.items()):
        if system is not None and id_ != system:
            continue
        spelled = normalise(text)
        if spelled is None or (canonical and spelled != text):
            continue
        concept = lookup.concept(Key(id_, spelled))
        if concept is None or (concept.kind == "modifier" and not modifiers):
            continue
        founds.append((spelled != text, concept.active is False, i, Found(concept, why)))
    for *_, found in sorted(founds, key=lambda f: f[:3]):
        yield found


def _slips(text: str) -> Iterator[tuple[str, str]]:
    """Yield spellings with letters and digits that look alike exchanged."""
    if any(ch in "OIL" for ch in text) and sum(ch in "OIL" for ch in text) <= _SLIPS:
        digits = str.maketrans("OIL", "011")
        yield text.translate(digits), "letter O read as zero" if "O" in text else "letter read as one"
        yield text[0] + text[1:].translate(digits), "letter O read as zero"
    if text[:1] == "0":
        yield "O" + text[1:], "zero read as letter O"


def _padded(text: str) -> Iterator[str]:
    """Yield the spellings that a spreadsheet may have shortened."""
    whole, dot, part = text.partition(".")
    if dot:
        for size in (2, 3):
            if whole.isdigit() and len(whole) < size:
                yield f"{whole.zfill(size)}.{part}"
        return
    for size in (3, 5):
        if (text.isdigit() or text[:-1].isdigit()) and len(text) < size:
            yield text.zfill(size)
    if len(text) == 6:  # only ICD-10-PCS has seven characters and begins with 0
        yield "0" + text


def _modifiers(texts: tuple[str, ...], lookup: Lookup) -> tuple[tuple[Ref, ...], tuple[str, ...]]:
    """Return the modifiers that some system holds, and those that none does."""
    held: list[Ref] = []
    strange: list[str] = []
    for text in texts:
        concepts = (lookup.concept(Key(s, text)) for s in lookup.normalise)
        modifier = next((c for c in concepts if c is not None and c.kind == "modifier"), None)
        if modifier is None:
            strange.append(text)
        else:
            held.append(ref(modifier))
    return tuple(held), tuple(strange)
