"""What changed in a code from one interval of loaded editions to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from plaincode.model import Concept
from plaincode.store import Row
from plaincode.store.protocol import BEGINNING, OPEN

__all__ = ["Change", "changes"]


class Change(NamedTuple):
    """An interval of days (None: not known, or open) in which a code stood so, and what was new in it."""

    first: str | None
    last: str | None
    what: tuple[str, ...]


def changes(rows: Sequence[Row], words: bool = True) -> list[Change]:
    """Return each interval of a code, oldest first, with what differs from the one before.

    `rows` are the store's, oldest first; `words` tells whether the publisher's words may be shown.
    """
    out: list[Change] = []
    before: Concept | None = None
    for row in rows:
        said = _first(row.concept, words=words) if before is None else _new(before, row.concept, words=words)
        first = None if row.first == BEGINNING else row.first
        out.append(Change(first, None if row.last == OPEN else row.last, said))
        before = row.concept
    return out


def _billing(concept: Concept) -> str:
    return {True: "billable", False: "a header, not billable", None: "billable: not known"}[concept.billable]


def _first(concept: Concept, *, words: bool) -> tuple[str, ...]:
    named = f"Called “{concept.display}”." if concept.display and words else ""
    return tuple(filter(None, (named, f"It is {_billing(concept)}." if concept.billable is not None else "")))


def _new(old: Concept, now: Concept, *, words: bool) -> tuple[str, ...]:
    said = []
    if old.display != now.display and words:
        said.append(f"Now called “{now.display}”." if now.display else "No words are loaded from here on.")
    if old.billable is not now.billable:
        said.append(f"Now {_billing(now)}.")
    if old.parents != now.parents:
        said.append(f"Now stands below {', '.join(now.parents) or 'no other code'}.")
    gone, came = set(old.notes) - set(now.notes), set(now.notes) - set(old.notes)
    if gone or came:
        said.append(f"Official notes: {len(came)} new, {len(gone)} gone.")
    differing = [n for n in sorted({*old.facts, *now.facts}) if old.facts.get(n) != now.facts.get(n)]
    if differing:
        said.append(f"Changed: {', '.join(n.replace('_', ' ') for n in differing)}.")
    return tuple(said) or ("As before, in what plaincode reads.",)
