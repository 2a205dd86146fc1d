"""`make bench-relevance`: recall of judged queries for CPT and HCPCS numbers, beside SQLite FTS5.

    python benchmarks/relevance/measure.py            the open two thirds, against the baseline
    python benchmarks/relevance/measure.py --sealed   the sealed third, for the end of a change of the search
    python benchmarks/relevance/measure.py --write    the open two thirds become the baseline

`queries.csv` was judged by somebody who had written no title and had seen none: query, kind, and every number
that answers it. A query is sealed by the digest of its words, so that nobody chooses. Recall at k is the
share of a query's numbers among the first k hits that are CPT or HCPCS codes (of k at most), averaged.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import plaincode
from plaincode import snapshot
from plaincode.model import is_grouping
from plaincode.settings import Settings
from plaincode.store import SqliteStore

HERE = Path(__file__).parent
BASELINE = HERE / "baseline.json"
AT = (1, 5, 10)
SYSTEMS = ("cpt4", "hcpcs")
SLACK = 0.01  # of recall; what may be lost to a tie or a new title before somebody looks
WORD = re.compile(r"[^\W_]+")
Search = Callable[[str], Sequence[str]]


class Judged(NamedTuple):
    """A query, its kind, and the numbers that answer it."""

    query: str
    kind: str
    codes: frozenset[str]

    @property
    def sealed(self) -> bool:
        """Tell whether this query is of the sealed third."""
        return hashlib.sha256(self.query.encode()).digest()[0] % 3 == 0


def judged() -> list[Judged]:
    """Return every judged query."""
    with (HERE / "queries.csv").open(encoding="utf-8", newline="") as stream:
        return [Judged(r["query"], r["kind"], frozenset(r["codes"].split())) for r in csv.DictReader(stream)]


def ours(catalog: plaincode.Catalog) -> Search:
    """Return the search of the catalog, CPT and HCPCS alone."""

    def search(query: str) -> list[str]:
        return [h.code for h in catalog.search(query, system=SYSTEMS, limit=max(AT)).hits]

    return search


def peer(store: SqliteStore) -> Search:
    """Return FTS5 over the same rows: every word, best by bm25; the words of a code and our lay words."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE rows USING fts5(code UNINDEXED, words, tokenize='porter unicode61')")
    for system in SYSTEMS:
        db.executemany(
            "INSERT INTO rows VALUES (?, ?)",
            (
                (c.code, " ".join((c.display or "", c.title or "", *c.terms)))
                for c in store.scan(system)
                if not is_grouping(c.code)
            ),
        )

    def search(query: str) -> list[str]:
        words = WORD.findall(query)
        if not words:
            return []
        asked = " ".join(f'"{w}"' for w in words)
        found = db.execute("SELECT code FROM rows WHERE rows MATCH ? ORDER BY rank LIMIT 10", (asked,))
        return [code for (code,) in found]

    return search


def recall(found: Sequence[str], right: frozenset[str], k: int) -> float:
    """Return the share of the right codes, of k at most, among the first k found."""
    return len(right & set(found[:k])) / min(k, len(right))


def measure(search: Search, queries: Sequence[Judged]) -> dict[str, dict[str, float]]:
    """Return recall at each k, by kind of query and over all."""
    scores: defaultdict[str, list[list[float]]] = defaultdict(list)
    for one in queries:
        found = search(one.query)
        row = [recall(found, one.codes, k) for k in AT]
        scores["all"].append(row)
        scores[one.kind].append(row)
    return {
        kind: {f"@{k}": round(sum(r[i] for r in rows) / len(rows), 4) for i, k in enumerate(AT)}
        | {"queries": len(rows)}
        for kind, rows in sorted(scores.items())
    }


def missed(search: Search, queries: Sequence[Judged]) -> list[str]:
    """Return the queries that the first ten hits do not answer in full, and what is missing."""
    out = []
    for one in queries:
        gone = one.codes - set(search(one.query)[: max(AT)])
        if gone:
            out.append(f"{one.query} ({one.kind}): {' '.join(sorted(gone))}")
    return out


def main() -> int:
    """Print the figures; 1 where the open queries fell below the baseline."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--sealed", action="store_true", help="the sealed third, totals only")
    asked.add_argument("--write", action="store_true", help="make the open two thirds the baseline")
    asked.add_argument("--missed", action="store_true", help="list what is missed of the open two thirds")
    options = asked.parse_args()
    folder = snapshot.current(Settings.read().snapshots)
    catalog, store = plaincode.open(folder), SqliteStore(folder / snapshot.FACTS)
    queries = [q for q in judged() if q.sealed is options.sealed]
    mine, theirs = measure(ours(catalog), queries), measure(peer(store), queries)
    print(f"{'sealed' if options.sealed else 'open'} queries: {len(queries)}")
    print(f"{'kind':<14}{'queries':>8}  plaincode @1 @5 @10        FTS5 @1 @5 @10")
    for kind in ("all",) if options.sealed else mine:
        one, other = mine[kind], theirs[kind]
        figures = "  ".join(f"{x[f'@{k}']:.3f}" for x in (one, other) for k in AT)
        print(f"{kind:<14}{one['queries']:>8.0f}  {figures}")
    if options.missed and not options.sealed:
        print("\n".join(missed(ours(catalog), queries)))
    if options.sealed:
        return 0
    if options.write:
        BASELINE.write_text(json.dumps(mine["all"], indent=1) + "\n", encoding="utf-8")
        return 0
    baseline = json.loads(BASELINE.read_text(encoding="utf-8"))
    fallen = [k for k in ("@5", "@10") if mine["all"][k] < baseline[k] - SLACK]
    if fallen:
        print(f"Below the baseline at {', '.join(fallen)}: {baseline}.", file=sys.stderr)
    return int(bool(fallen))


if __name__ == "__main__":
    sys.exit(main())
