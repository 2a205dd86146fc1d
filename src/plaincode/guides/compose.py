"""Composed guides: what the facts state about a code, and nothing else. A pure function, no guessing.

Only the name and a summary are composed; what is not loaded is said in `not_known`. A code page is
rendered from nothing some 800 times a second, so this stays far below a millisecond.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plaincode.guides.figures import figures
from plaincode.guides.kinds import DIFFERENT, grouping, kind_of, name_of, slug
from plaincode.model import Block, Concept, Guide, Ref, Section, is_grouping

__all__ = ["Ending", "Neighbour", "compose", "what_makes_different"]

BADGE_OFFICIAL = "composed from official facts"
BADGE_OURS = "composed from our own title and facts"
NO_GUIDE = "No written guide is loaded for this code."
NO_WORDS = "The official words for this number are not loaded."
NO_TITLE = "We have no title of our own for this number yet."
NO_BILLING = "What is loaded does not say if the code can be billed."

_STATUS = {
    "source-checked": "our title, source-checked",
    "ai-agreed": "our title: AI-written; two AI writers agreed; no source read",
}
_LEADS = {
    "includes": "Includes",
    "excludes1": "Not coded here (Excludes1)",
    "excludes2": "Not included here (Excludes2)",
    "code-first": "Code first",
    "use-additional": "Use an additional code",
    "code-also": "Code also",
    "definition": "The publisher's definition",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """When a code ended, what replaced it as far as a source names it, and who says so."""

    last_day: str
    successors: tuple[Ref, ...]
    said_by: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A sibling, and how it differs from the code of the page."""

    code: str
    name: str | None
    difference: str


def compose(
    concept: Concept,
    *,
    system: str,
    release: str,
    path: Sequence[Ref] = (),
    below: int = 0,
    siblings: Sequence[Neighbour] = (),
    family: Sequence[str] = (),
    ending: Ending | None = None,
) -> Guide:
    """Return the guide that the facts of a code allow.

    `system` is the system's name; `path` leads from the top to the parent; `below` counts the codes
    below. `siblings` carry the difference in words; `family` has the names of our families, the top
    first; `ending` is set for a code that has ended.
    """
    kind = kind_of(concept.system, concept.kind)
    named = bool(concept.display or concept.title)
    status = "ended" if ending is not None else status_of(concept)
    sections: list[Section] = []
    if named:
        sections.append(_section(name_of(kind), list(_names(concept))))
    if status != "none":
        lead = _lead(concept, system, below)
        if ending is not None:
            lead = [lead[0], *_ended(ending)]
        if family:
            lead.append(_family(family))
        elif path:
            lead.append(_place(path))
        if any(axis == "add_on" for axis, _ in concept.sets_apart):
            lead.append("It is billed only beside another code.")
        sections.append(_section("Summary", [" ".join(lead)], [*_notes(concept), *figures(concept.facts)]))
        different = what_makes_different(concept.sets_apart, siblings)
        if different is not None:
            sections.append(different)
    badge = None
    if status == "composed":
        badge = BADGE_OFFICIAL if concept.display else BADGE_OURS
    return Guide(
        system=concept.system,
        code=concept.code,
        kind=kind,
        status=status,
        badge=badge,
        title=concept.display or concept.title,
        sections=tuple(sections),
        not_known=tuple(_not_known(concept, ended=ending is not None)),
        grade=None,
        sources=(),
        release=release,
    )


def status_of(concept: Concept, *, written: bool = False) -> str:
    """Return what kind of guide a code has: written, composed, ended, or none where no words are held."""
    if concept.active is False and concept.until is not None:
        return "ended"
    if written:
        return "written"
    return "composed" if concept.display or concept.title else "none"


def what_makes_different(
    sets_apart: Sequence[tuple[str, str]], siblings: Sequence[Neighbour]
) -> Section | None:
    """Return the section on what sets a code apart from its siblings; None where nothing is stated."""
    if not sets_apart:
        return None
    text = f"This code: {'; '.join(_axis(axis, value) for axis, value in sets_apart)}."
    items = [
        f"{n.code} ({n.name}): {n.difference}." if n.name else f"{n.code}: {n.difference}." for n in siblings
    ]
    return _section(DIFFERENT, [text, *(["The codes beside it differ:"] if items else [])], items)


def _axis(axis: str, value: str) -> str:
    if axis == "add_on":
        return "billed only beside another code"
    if axis == "unit":
        return f"billing unit: {value}"
    return value if axis in {"guidance", "contrast"} else f"{axis.replace('_', ' ')}: {value}"


def _section(heading: str, paragraphs: Sequence[str], items: Sequence[str] = ()) -> Section:
    blocks = [Block("paragraph", p) for p in paragraphs]
    if items:
        blocks.append(Block("list", items=tuple(items)))
    return Section(slug(heading), heading, "\n\n".join(paragraphs), tuple(items), (), tuple(blocks))


def _names(concept: Concept) -> Iterator[str]:
    if concept.display:
        yield concept.display
    if concept.title:
        status = _STATUS.get(
            concept.title_status or "", f"our title, {concept.title_status or 'not checked'}"
        )
        yield f"{concept.title} ({status})"


def _lead(concept: Concept, system: str, below: int) -> list[str]:
    if grouping(concept.kind):
        return [f"This is a heading of {system}, not a code."]
    lead = [f"{concept.code} is a code of {system}."]
    if concept.title and not concept.display:
        lead.append(f"In our own words: {concept.title}.")
    if concept.active is False:
        lead.append(f"It has ended; its last day was {concept.until}." if concept.until else "It has ended.")
    elif concept.billable:
        lead.append("It can be billed as it stands.")
    elif concept.billable is False:
        lead.append("It is a heading and is not billed itself.")
    if below and not concept.billable:
        lead.append("One code stands below it." if below == 1 else f"{below:,} codes stand below it.")
    character, words = concept.facts.get("seventh_character"), concept.facts.get("extension")
    if character and words:
        lead.append(f"Its seventh character, {character}, means: {words}.")
    return lead


def _notes(concept: Concept) -> list[str]:
    also = [note.text.rstrip(".") for note in concept.notes if note.kind == "inclusion-term"]
    items = [f"Also listed here: {'; '.join(also)}."] if also else []
    for note in concept.notes:
        lead = _LEADS.get(note.kind)
        if lead is not None:
            items.append(f"{lead}: {note.text if note.text.endswith('.') else note.text + '.'}")
    return items


def _ended(ending: Ending) -> Iterator[str]:
    said_by = ending.said_by.rstrip(".")
    yield f"It has ended. Its last day was {ending.last_day} (source: {said_by})."
    if ending.successors:
        named = ((r.code, r.display or r.title) for r in ending.successors)
        words = "; ".join(f"{code} ({name})" if name else code for code, name in named)
        yield f"The same source names what replaced it: {words}."
    else:
        yield "No source that we read names what replaced it."


def _not_known(concept: Concept, *, ended: bool) -> Iterator[str]:
    yield NO_GUIDE
    if concept.display is None and not grouping(concept.kind):
        yield NO_WORDS
        if concept.title is None:
            yield NO_TITLE
    if concept.billable is None and concept.active is not False and not ended:
        yield NO_BILLING


def _family(names: Sequence[str]) -> str:
    within = f", within “{names[-2]}”" if len(names) > 1 else ""
    return f"It stands in our family “{names[-1]}”{within}."


def _place(path: Sequence[Ref]) -> str:
    near, top = path[-1], path[0]
    if (
        near.title and not near.display and is_grouping(near.code)
    ):  # arranged by number: says nothing of what is done
        return f"It stands among the {near.title[:1].lower()}{near.title[1:]}."
    words = f"It belongs to {_called(near)}"
    return f"{words}, within {_called(top)}." if len(path) > 1 else f"{words}."


def _called(ref: Ref) -> str:
    """Return a code and its name; a grouping of ours by its name alone."""
    name = ref.display or ref.title
    if name and is_grouping(ref.code):
        return name
    return f"{ref.code} ({name})" if name else ref.code
