"""What stands above a code: the path to it, and the notes of that path that hold for it too."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from plaincode.model import Concept, Key, Note, NoteRef, Ref

__all__ = ["Above", "Header", "header", "under"]

_INHERITED = frozenset(
    {"includes", "excludes1", "excludes2", "code-first", "use-additional", "code-also", "note"}
)


class Header(NamedTuple):
    """A concept as the codes below it see it: its name, the notes that they inherit, what is above it."""

    ref: Ref
    notes: tuple[NoteRef, ...]
    parent: Key | None


class Above(NamedTuple):
    """The concepts above a code by name, from the top, and the notes that it inherits."""

    path: tuple[Ref, ...] = ()
    notes: tuple[NoteRef, ...] = ()


def _parent(concept: Concept) -> Key | None:
    return Key(concept.system, concept.parents[0]) if concept.parents else None


def header(
    concept: Concept, ref: Callable[[Concept], Ref], note: Callable[[Note, Concept], NoteRef]
) -> Header:
    """Return what the codes below a concept need of it."""
    notes = tuple(note(n, concept) for n in concept.notes if n.kind in _INHERITED)
    return Header(ref(concept), notes, _parent(concept))


def under(key: Key, header_of: Callable[[Key], Header | None]) -> Above:
    """Return what stands above a child of `key`, by way of first parents; a circle ends where it closes."""
    held: list[Header] = []
    seen: set[str] = set()
    at: Key | None = key
    while at is not None and at.code not in seen:
        seen.add(at.code)
        found = header_of(at)
        if found is None:
            break
        held.append(found)
        at = found.parent
    held.reverse()
    return Above(tuple(h.ref for h in held), tuple(n for h in held for n in h.notes))
