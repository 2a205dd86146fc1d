"""The memory store: plain dicts and lists, slow and obvious. It is the specification of a store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from plaincode.model import Concept, Key, Relation, Release, is_grouping
from plaincode.store.protocol import OPEN, Row

__all__ = ["MemoryStore", "nearest"]


class MemoryStore:
    """Facts in memory, from rows, relations, releases and documents."""

    def __init__(
        self,
        rows: Iterable[Row] = (),
        *,
        releases: Iterable[Release] = (),
        relations: Iterable[Relation] = (),
        documents: Iterable[tuple[str, str, bytes]] = (),
        links: Iterable[tuple[str, Key, str]] = (),
    ) -> None:
        self._rows: dict[Key, list[Row]] = defaultdict(list)
        for row in rows:
            self._rows[row.concept.key].append(row)
        for held in self._rows.values():
            held.sort(key=lambda row: row.first)
        self._releases = tuple(releases)
        self._relations = tuple(relations)
        self._documents = {(kind, name): body for kind, name, body in documents}
        self._links = tuple(links)

    def releases(self) -> Sequence[Release]:
        """Return every release, oldest first within a system."""
        return sorted(self._releases, key=lambda r: (r.system, r.effective or "", r.version or ""))

    def get(self, key: Key, on: str | None = None) -> Concept | None:
        """Return the newest row of a code, or the row that covers a day."""
        rows = self._rows.get(Key(*key), [])
        if on is None:
            return rows[-1].concept if rows else None
        return next((r.concept for r in rows if r.first <= on <= r.last), None)

    def owners(self, code: str) -> Sequence[str]:
        """Return the ids of the systems that have this very code, sorted."""
        return sorted({key.system for key in self._rows if key.code == code})

    def history(self, key: Key) -> Sequence[Row]:
        """Return every row of a code, oldest first."""
        return tuple(self._rows.get(Key(*key), ()))

    def _newest(self, system: str) -> list[Row]:
        rows = [held[-1] for key, held in self._rows.items() if key.system == system]
        return sorted(rows, key=lambda row: row.concept.code)

    def children(self, key: Key, on: str | None = None) -> Sequence[Concept]:
        """Return the concepts directly below on a day (the parent's last), in code order."""
        if on is None:
            rows = self._rows.get(Key(*key))
            on = rows[-1].last if rows else OPEN
        return sorted(
            (
                row.concept
                for held in self._rows.values()
                for row in held
                if row.concept.system == key.system
                and key.code in row.concept.parents
                and row.first <= on <= row.last
            ),
            key=lambda concept: concept.code,
        )

    def count_below(self, key: Key) -> int:
        """Return how many codes (not groupings) of the newest edition stand anywhere below."""
        seen: set[str] = set()
        queue = [key.code]
        while queue:
            above = queue.pop()
            for concept in self.children(Key(key.system, above), OPEN):
                if concept.code not in seen:
                    seen.add(concept.code)
                    queue.append(concept.code)
        return sum(not is_grouping(code) for code in seen)

    def roots(self, system: str, on: str | None = None) -> Sequence[Concept]:
        """Return the concepts without a parent on a day (no day: of the newest edition), in code order."""
        day = on or OPEN
        rows = (r for key, held in self._rows.items() if key.system == system for r in held)
        standing = (r.concept for r in rows if not r.concept.parents and r.first <= day <= r.last)
        return sorted(standing, key=lambda concept: concept.code)

    def span(self, system: str, low: str, high: str, limit: int) -> Sequence[Concept]:
        """Return the newest concepts with low <= code <= high, in code order."""
        found = [r.concept for r in self._newest(system) if low <= r.concept.code <= high]
        return found[:limit]

    def neighbours(self, key: Key, limit: int) -> Sequence[str]:
        """Return the codes nearest to one that need not exist (see `nearest`)."""
        codes = sorted(k.code for k in self._rows if k.system == key.system)
        below = [code for code in codes if code < key.code][-limit:]
        return nearest(key.code, below, [code for code in codes if code > key.code][:limit], limit)

    def scan(self, system: str | None = None) -> Iterator[Concept]:
        """Yield the newest row of every code, by system and code."""
        for key in sorted(self._rows):
            if system in {None, key.system}:
                yield self._rows[key][-1].concept

    def relations(self, key: Key) -> Sequence[Relation]:
        """Return the relations from a code, by kind and target."""
        return sorted(
            (r for r in self._relations if r.source == key), key=lambda r: (r.kind, r.target, r.release)
        )

    def relations_to(self, key: Key) -> Sequence[Relation]:
        """Return the relations to a code, by kind and source."""
        return sorted(
            (r for r in self._relations if r.target == key), key=lambda r: (r.kind, r.source, r.release)
        )

    def document(self, kind: str, name: str) -> bytes | None:
        """Return a stored document (guide, policy, table) by kind and name."""
        return self._documents.get((kind, name))

    def documents(self, kind: str) -> Iterable[tuple[str, bytes]]:
        """Return every stored document of a kind, by name."""
        return sorted((name, body) for (k, name), body in self._documents.items() if k == kind)

    def linked(self, kind: str, key: Key) -> Sequence[str]:
        """Return the names of the documents of a kind that name a code, sorted."""
        return sorted({name for k, linked, name in self._links if k == kind and linked == key})

    def close(self) -> None:
        """Let go of nothing: memory has no files."""


def nearest(code: str, below: Sequence[str], above: Sequence[str], limit: int) -> list[str]:
    """Return up to `limit` of the codes beside one, the longest shared beginning first.

    Codes that share no first character, and groupings, are left out.
    """

    def shared(other: str) -> int:
        return next(
            (n for n, (a, b) in enumerate(zip(code, other, strict=False)) if a != b),
            min(len(code), len(other)),
        )

    ranked = sorted(
        (other for other in (*below, *above) if not is_grouping(other) and shared(other)),
        key=lambda other: (-shared(other), other),
    )
    return ranked[:limit]
