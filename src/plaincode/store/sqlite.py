"""The SQLite store: what a snapshot holds. Read-only, immutable, memory-mapped; one connection a thread.

Tables are WITHOUT ROWID, so that a look-up is one descent of a b-tree. A concept's body is msgpack; the
few columns beside it serve the builder's own queries. Parity with `memory` is a property test.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import msgspec

from plaincode.errors import DamagedCatalog
from plaincode.model import Concept, Key, Relation, Release, is_grouping
from plaincode.store.memory import nearest
from plaincode.store.protocol import OPEN, Row

__all__ = ["SqliteStore", "SqliteWriter"]

SCHEMA = """
CREATE TABLE concept (
  system TEXT NOT NULL, code TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (system, code, first)) WITHOUT ROWID;
CREATE TABLE owner (
  code TEXT NOT NULL, system TEXT NOT NULL, PRIMARY KEY (code, system)) WITHOUT ROWID;
CREATE TABLE edge (
  system TEXT NOT NULL, parent TEXT NOT NULL, child TEXT NOT NULL, first TEXT NOT NULL,
  last TEXT NOT NULL, PRIMARY KEY (system, parent, child, first)) WITHOUT ROWID;
CREATE TABLE branch (
  system TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (system, code)) WITHOUT ROWID;
CREATE TABLE below (
  system TEXT NOT NULL, code TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (system, code)) WITHOUT ROWID;
CREATE TABLE relation (
  source_system TEXT NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, target_system TEXT NOT NULL,
  target TEXT NOT NULL, release TEXT NOT NULL,
  PRIMARY KEY (source_system, source, kind, target_system, target, release)) WITHOUT ROWID;
CREATE INDEX relation_target ON relation (target_system, target);
CREATE TABLE document (
  kind TEXT NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;
CREATE TABLE link (
  kind TEXT NOT NULL, system TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY (kind, system, code, name)) WITHOUT ROWID;
CREATE TABLE release (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
"""
_decode_concept = msgspec.msgpack.Decoder(Concept).decode
_decode_release = msgspec.msgpack.Decoder(Release).decode
_encode = msgspec.msgpack.Encoder().encode
_BATCH = 5000
# Concepts kept decoded, about 12 MB: a page asks some thirty times for the same few headers above a code.
_RECENT = 4096


class SqliteStore:
    """Facts in one SQLite file, safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self._uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        weakref.finalize(self, _shut, self._open)  # one that nobody closed closes when it is forgotten
        self._sides: dict[tuple[str, str], bool] = {}
        self._recent = lru_cache(_RECENT)(self._read)  # a snapshot never changes, so nothing grows stale
        try:
            rows = self._ask("SELECT body FROM release ORDER BY id").fetchall()
            self._releases = tuple(
                sorted(
                    (_decode_release(body) for (body,) in rows),
                    key=lambda r: (r.system, r.effective or "", r.version or ""),
                )
            )
        except (sqlite3.Error, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise DamagedCatalog(
                f"The facts cannot be read: {error}.",
                where=path.name,
                do="Run `plaincode build` to make the snapshot again.",
            ) from None

    def _connection(self) -> sqlite3.Connection:
        try:
            return self._local.connection  # type: ignore[no-any-return]
        except AttributeError:
            # check_same_thread off: only `close` touches another thread's connection
            made = sqlite3.connect(self._uri, uri=True, check_same_thread=False, cached_statements=64)
            made.execute("PRAGMA mmap_size=1073741824")
            made.execute("PRAGMA cache_size=-4000")
            self._local.connection = made
            self._open.append(made)
            return made

    @property
    def _ask(self) -> Callable[..., sqlite3.Cursor]:
        """Return `execute` of this thread's one cursor; its rows are taken before anything else is asked.

        A cursor of its own for each question costs as much as the look-up.
        """
        try:
            return self._local.ask  # type: ignore[no-any-return]
        except AttributeError:
            self._local.ask = self._connection().cursor().execute
            return self._local.ask  # type: ignore[no-any-return]

    def releases(self) -> Sequence[Release]:
        """Return every release, oldest first within a system."""
        return self._releases

    def get(self, key: Key, on: str | None = None) -> Concept | None:
        """Return the newest row of a code, or the row that covers a day."""
        return self._recent(key, on)

    def _read(self, key: Key, on: str | None) -> Concept | None:
        ask = self._ask
        if on is None:
            found = ask("SELECT body FROM concept WHERE system=? AND code=? ORDER BY first DESC LIMIT 1", key)
        else:
            found = ask(
                "SELECT body FROM concept WHERE system=? AND code=? AND first<=? AND last>=?", (*key, on, on)
            )
        row = found.fetchone()
        return _decode_concept(row[0]) if row else None

    def owners(self, code: str) -> Sequence[str]:
        """Return the ids of the systems that have this very code, sorted."""
        rows = self._ask("SELECT system FROM owner WHERE code=? ORDER BY system", (code,))
        return [system for (system,) in rows]

    def history(self, key: Key) -> Sequence[Row]:
        """Return every row of a code, oldest first."""
        rows = self._ask(
            "SELECT first, last, body FROM concept WHERE system=? AND code=? ORDER BY first", key
        )
        return tuple(Row(first, last, _decode_concept(body)) for first, last, body in rows)

    def children(self, key: Key, on: str | None = None) -> Sequence[Concept]:
        """Return the concepts directly below on a day (no day: the parent's last), in code order."""
        if key not in self._branches:
            return []
        rows = self._ask(
            "SELECT c.body FROM edge e JOIN concept c ON c.system=e.system AND c.code=e.child "
            "AND c.first=e.first WHERE e.system=?1 AND e.parent=?2 AND coalesce(?3, "
            "(SELECT last FROM concept WHERE system=?1 AND code=?2 ORDER BY first DESC LIMIT 1), ?4) "
            "BETWEEN e.first AND e.last ORDER BY e.child",
            (*key, on, OPEN),
        )
        return [_decode_concept(body) for (body,) in rows]

    @cached_property
    def _branches(self) -> frozenset[tuple[str, str]]:
        """Return every code that has ever had a code below: most have not, and need not be asked."""
        return frozenset(self._ask("SELECT system, code FROM branch").fetchall())

    def count_below(self, key: Key) -> int:
        """Return how many codes (not groupings) of the newest edition stand anywhere below."""
        row = self._ask("SELECT count FROM below WHERE system=? AND code=?", key).fetchone()
        return int(row[0]) if row else 0

    def roots(self, system: str, on: str | None = None) -> Sequence[Concept]:
        """Return the concepts without a parent on a day (no day: of the newest edition), in code order."""
        return self.children(Key(system, ""), on or OPEN)

    def span(self, system: str, low: str, high: str, limit: int) -> Sequence[Concept]:
        """Return the newest concepts with low <= code <= high, in code order."""
        rows = self._ask(
            "SELECT body, max(first) FROM concept WHERE system=? AND code BETWEEN ? AND ? "
            "GROUP BY code ORDER BY code LIMIT ?",
            (system, low, high, limit),
        )
        return [_decode_concept(body) for body, _ in rows]

    def neighbours(self, key: Key, limit: int) -> Sequence[str]:
        """Return the codes nearest to one that need not exist (see `memory.nearest`)."""
        ask = self._ask
        below = ask(
            "SELECT DISTINCT code FROM concept WHERE system=? AND code<? ORDER BY code DESC LIMIT ?",
            (*key, limit),
        ).fetchall()
        above = ask(
            "SELECT DISTINCT code FROM concept WHERE system=? AND code>? ORDER BY code LIMIT ?",
            (*key, limit),
        ).fetchall()
        return nearest(key.code, [c for (c,) in below], [c for (c,) in above], limit)

    def scan(self, system: str | None = None) -> Iterator[Concept]:
        """Yield the newest row of every code, by system and code."""
        where = "" if system is None else "WHERE system=?"
        # A cursor of its own, for it may stand open long while other questions are asked.
        rows = self._connection().execute(
            f"SELECT body, max(first) FROM concept {where} GROUP BY system, code ORDER BY system, code",
            () if system is None else (system,),
        )
        for body, _ in rows:
            yield _decode_concept(body)

    def _related(self, side: str, system: str) -> bool:
        """Tell whether any code of a system has a relation; asked once, for most systems have none."""
        known = self._sides.get((side, system))
        if known is None:
            some = f"SELECT 1 FROM relation WHERE {side}_system=? LIMIT 1"
            known = self._sides[side, system] = self._ask(some, (system,)).fetchone() is not None
        return known

    def _relations(self, side: str, key: Key, order: str) -> Sequence[Relation]:
        if not self._related(side, key[0]):
            return []
        rows = self._ask(
            "SELECT source_system, source, kind, target_system, target, release FROM relation "
            f"WHERE {side}_system=? AND {side}=? ORDER BY kind, {order}_system, {order}, release",
            key,
        )
        return [Relation(Key(ss, s), kind, Key(ts, t), release) for ss, s, kind, ts, t, release in rows]

    def relations(self, key: Key) -> Sequence[Relation]:
        """Return the relations from a code, by kind and target."""
        return self._relations("source", key, "target")

    def relations_to(self, key: Key) -> Sequence[Relation]:
        """Return the relations to a code, by kind and source."""
        return self._relations("target", key, "source")

    def document(self, kind: str, name: str) -> bytes | None:
        """Return a stored document (guide, policy, table) by kind and name."""
        row = self._ask("SELECT body FROM document WHERE kind=? AND name=?", (kind, name)).fetchone()
        return row[0] if row else None

    def documents(self, kind: str) -> Iterable[tuple[str, bytes]]:
        """Return every stored document of a kind, by name."""
        return self._ask("SELECT name, body FROM document WHERE kind=? ORDER BY name", (kind,)).fetchall()

    def linked(self, kind: str, key: Key) -> Sequence[str]:
        """Return the names of the documents of a kind that name a code, sorted."""
        rows = self._ask(
            "SELECT name FROM link WHERE kind=? AND system=? AND code=? ORDER BY name", (kind, *key)
        )
        return [name for (name,) in rows]

    def close(self) -> None:
        """Close every thread's connection."""
        self._recent.cache_clear()
        _shut(self._open)


def _shut(connections: list[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()


class SqliteWriter:
    """Writes the facts of one snapshot; the builder is its only user."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA page_size=8192")
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(SCHEMA)
        self._db.execute("BEGIN")
        self._rows: list[tuple[str, str, str, str, bytes]] = []
        self._edges: list[tuple[str, str, str, str, str]] = []
        self._relations: list[tuple[str, ...]] = []

    def add(self, row: Row) -> None:
        """Add a concept row; rows come in any order, each (code, first) once."""
        concept = row.concept
        self._rows.append((concept.system, concept.code, row.first, row.last, _encode(concept)))
        self._edges.extend(
            (concept.system, parent, concept.code, row.first, row.last) for parent in concept.parents or ("",)
        )
        if len(self._rows) >= _BATCH:
            self._flush()

    def relate(self, relation: Relation) -> None:
        """Add a relation; the same one twice is one."""
        self._relations.append((*relation.source, relation.kind, *relation.target, relation.release))

    def release(self, release: Release) -> None:
        """Add a release."""
        self._db.execute("INSERT INTO release VALUES (?, ?)", (release.id, _encode(release)))

    def document(self, kind: str, name: str, body: bytes) -> None:
        """Add a document; a later one of the same name takes its place."""
        self._db.execute("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", (kind, name, body))

    def link(self, kind: str, key: Key, name: str) -> None:
        """State that a document names a code."""
        self._db.execute("INSERT OR IGNORE INTO link VALUES (?, ?, ?, ?)", (kind, *key, name))

    def _flush(self) -> None:
        self._db.executemany("INSERT INTO concept VALUES (?, ?, ?, ?, ?)", self._rows)
        self._db.executemany("INSERT OR IGNORE INTO edge VALUES (?, ?, ?, ?, ?)", self._edges)
        self._db.executemany("INSERT OR IGNORE INTO relation VALUES (?, ?, ?, ?, ?, ?)", self._relations)
        self._rows.clear()
        self._edges.clear()
        self._relations.clear()

    def _count_below(self) -> None:
        systems = [s for (s,) in self._db.execute("SELECT DISTINCT system FROM concept")]
        for system in systems:
            children: dict[str, list[str]] = {}
            for parent, child in self._db.execute(
                "SELECT parent, child FROM edge WHERE system=? AND last=? AND parent<>''", (system, OPEN)
            ):
                children.setdefault(parent, []).append(child)
            many = sum(map(len, children.values())) != len({c for cs in children.values() for c in cs})
            counted = _sets(children) if many else _tree(children)
            self._db.executemany(
                "INSERT INTO below VALUES (?, ?, ?)", ((system, code, n) for code, n in counted.items())
            )

    def finish(self) -> None:
        """Write what is held back, the indexes and the counts, and close."""
        self._flush()
        self._db.execute("INSERT INTO owner SELECT DISTINCT code, system FROM concept")
        self._db.execute("INSERT INTO branch SELECT DISTINCT system, parent FROM edge")
        self._count_below()
        self._db.execute("COMMIT")
        self._db.execute("ANALYZE")
        self._db.close()

    @classmethod
    def again(cls, path: Path) -> SqliteWriter:
        """Open finished facts once more, to add documents; `close` ends it."""
        writer = cls.__new__(cls)
        writer._db = sqlite3.connect(path, isolation_level=None)  # noqa: SLF001 - our own
        writer._db.execute("PRAGMA journal_mode=OFF")  # noqa: SLF001
        writer._db.execute("BEGIN")  # noqa: SLF001
        return writer

    def close(self) -> None:
        """Write and close what `again` opened."""
        self._db.execute("COMMIT")
        self._db.close()


def _tree(children: dict[str, list[str]]) -> dict[str, int]:
    """Return how many codes stand below each parent, where no code has two parents."""
    counts: dict[str, int] = {}

    def count(code: str) -> int:
        if code not in counts:
            counts[code] = 0
            counts[code] = sum(
                (not is_grouping(child)) + (count(child) if child in children else 0)
                for child in children[code]
            )
        return counts[code]

    for code in children:
        count(code)
    return counts


def _sets(children: dict[str, list[str]]) -> dict[str, int]:
    """Return how many codes stand below each parent, each once however many ways lead to it."""
    counts: dict[str, int] = {}
    for code in children:
        seen: set[str] = set()
        queue = [code]
        while queue:
            for child in children.get(queue.pop(), ()):
                if child not in seen:
                    seen.add(child)
                    queue.append(child)
        counts[code] = sum(not is_grouping(c) for c in seen)
    return counts
