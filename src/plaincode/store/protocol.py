"""What every store can be asked. `memory` is the specification; `sqlite` must answer the same.

A fact row is a concept with the days its edition rows cover: `first` is the effective day of the first
edition that states it so, `last` the last day of the last such edition (`9999-12-31` where the newest
edition states it, so that "no date" and "the last day" need no rule of their own). Number lists have
`first` = `0000-00-00`. Rows of one code never overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from plaincode.model import Concept, Key, Relation, Release

__all__ = ["BEGINNING", "OPEN", "Row", "Store"]

BEGINNING = "0000-00-00"
OPEN = "9999-12-31"


@dataclass(frozen=True, slots=True)
class Row:
    """A concept and the days, both included, on which it stands so."""

    first: str
    last: str
    concept: Concept


class Store(Protocol):
    """Facts, read only. Unknown codes give None or nothing; no method raises for one."""

    def releases(self) -> Sequence[Release]:
        """Return every release, oldest first within a system."""

    def get(self, key: Key, on: str | None = None) -> Concept | None:
        """Return the newest row of a code, or the row that covers a day."""

    def owners(self, code: str) -> Sequence[str]:
        """Return the ids of the systems that have this very code, sorted."""

    def history(self, key: Key) -> Sequence[Row]:
        """Return every row of a code, oldest first."""

    def children(self, key: Key, on: str | None = None) -> Sequence[Concept]:
        """Return the concepts directly below on a day (no day: the parent's last), in code order."""

    def count_below(self, key: Key) -> int:
        """Return how many codes (not groupings) of the newest edition stand anywhere below."""

    def roots(self, system: str, on: str | None = None) -> Sequence[Concept]:
        """Return the concepts without a parent on a day (no day: of the newest edition), in code order."""

    def span(self, system: str, low: str, high: str, limit: int) -> Sequence[Concept]:
        """Return the newest concepts with low <= code <= high, in code order."""

    def neighbours(self, key: Key, limit: int) -> Sequence[str]:
        """Return the codes beside one that need not exist, the longest shared beginning first."""

    def scan(self, system: str | None = None) -> Iterator[Concept]:
        """Yield the newest row of every code, by system and code."""

    def relations(self, key: Key) -> Sequence[Relation]:
        """Return the relations from a code."""

    def relations_to(self, key: Key) -> Sequence[Relation]:
        """Return the relations to a code."""

    def document(self, kind: str, name: str) -> bytes | None:
        """Return a stored document (guide, policy, family) by kind and name."""

    def documents(self, kind: str) -> Iterable[tuple[str, bytes]]:
        """Return every stored document of a kind, by name."""

    def linked(self, kind: str, key: Key) -> Sequence[str]:
        """Return the names of the documents of a kind that name a code, sorted."""

    def close(self) -> None:
        """Let go of files."""
