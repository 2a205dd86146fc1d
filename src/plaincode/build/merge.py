"""Editions of one system -> rows by (code, from, to).

Each edition's concepts are staged on disk by code and day; then all editions of a code are read
together. Equal facts in consecutive editions are one row. `since` and `until` of a concept bound the
life of the code, not of the row: `since` is None where the code is as old as the oldest edition loaded.
A list of numbers is no edition: where editions know the code too, it only adds facts and sources.
An edition that states no title (tables alone) may borrow the one that an earlier edition states, in a
system whose codes never change their meaning; the fact `display_edition` says so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import msgspec

from plaincode.model import Concept
from plaincode.store.protocol import BEGINNING, OPEN, Row
from plaincode.systems import Edition

__all__ = ["Stage", "day_before"]

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Concept).decode
_BATCH = 5000


def day_before(day: str) -> str:
    """Return the day before an ISO date."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


class Stage:
    """The concepts of one system, edition by edition, on disk until they are merged."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute(
            "CREATE TABLE stage (code TEXT, day TEXT, body BLOB, PRIMARY KEY (code, day)) WITHOUT ROWID"
        )
        self._db.execute("BEGIN")
        self._rows: list[tuple[str, str, bytes]] = []

    def add(self, concept: Concept, edition: Edition | None) -> None:
        """Stage a concept as an edition, or a list of numbers, states it."""
        self._rows.append((concept.code, edition.effective if edition else BEGINNING, _encode(concept)))
        if len(self._rows) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        self._db.executemany("INSERT OR REPLACE INTO stage VALUES (?, ?, ?)", self._rows)
        self._rows.clear()

    def drop(self, edition: Edition | None) -> None:
        """Forget what an edition, or the lists of numbers, stated."""
        self._flush()
        self._db.execute("DELETE FROM stage WHERE day=?", (edition.effective if edition else BEGINNING,))

    def has(self, code: str) -> bool:
        """Tell whether any edition or list knows a code."""
        self._flush()
        return self._db.execute("SELECT 1 FROM stage WHERE code=? LIMIT 1", (code,)).fetchone() is not None

    def codes(self) -> Iterator[str]:
        """Yield every code once, in order."""
        self._flush()
        for (code,) in self._db.execute("SELECT DISTINCT code FROM stage ORDER BY code"):
            yield code

    def rows(self, editions: Sequence[Edition], *, steady: bool = False) -> Iterator[Row]:
        """Yield the merged rows, by code and day. `editions` are those read, oldest first."""
        self._flush()
        held: list[tuple[str, Concept]] = []
        for code, day, body in self._db.execute("SELECT code, day, body FROM stage ORDER BY code, day"):
            if held and held[0][1].code != code:
                yield from merged(held, editions, steady=steady)
                held = []
            held.append((day, _decode(body)))
        if held:
            yield from merged(held, editions, steady=steady)

    def close(self) -> None:
        """Drop the staged rows."""
        self._db.close()
        self._path.unlink(missing_ok=True)


def merged(
    stated: Sequence[tuple[str, Concept]], editions: Sequence[Edition], *, steady: bool = False
) -> list[Row]:
    """Return the rows of one code from what each edition states of it, oldest first."""
    by_day = dict(stated)
    listed = by_day.pop(BEGINNING, None)
    if not by_day:
        return [Row(BEGINNING, OPEN, listed)] if listed else []
    rows: list[Row] = []
    born: str | None = None
    run_start = 0
    titled: tuple[str, str] | None = None
    for index, edition in enumerate(editions):
        concept = by_day.get(edition.effective)
        if concept is None:
            continue
        newest = index == len(editions) - 1
        last = OPEN if newest else _last_day(edition, editions[index + 1])
        if listed is not None:
            concept = replace(
                concept, facts={**listed.facts, **concept.facts}, sources=listed.sources + concept.sources
            )
        if steady and concept.display is None and titled is not None:
            said = {**concept.facts, "display_edition": titled[1]}
            concept = replace(concept, display=titled[0], facts=said)
        elif concept.display is not None:
            titled = (concept.display, edition.label)
        before = rows[-1] if rows else None
        unbroken = before is not None and index > 0 and editions[index - 1].effective in by_day
        if not unbroken:
            born = None if index == 0 else edition.effective
            run_start = len(rows)
        concept = replace(concept, since=concept.since or born)
        if unbroken and before is not None and before.concept == concept:
            rows[-1] = Row(before.first, last, concept)
        else:
            rows.append(Row(edition.effective, last, concept))
        gone = not newest and editions[index + 1].effective not in by_day
        if gone:
            ended = [replace(r.concept, until=r.concept.until or last) for r in rows[run_start:]]
            rows[run_start:] = [Row(r.first, r.last, c) for r, c in zip(rows[run_start:], ended, strict=True)]
    return rows


def _last_day(edition: Edition, following: Edition) -> str:
    """Return the last day an edition answers for, given the next one loaded."""
    eve = day_before(following.effective)
    return min(edition.until, eve) if edition.until else eve
