"""Search in process through the public call: total, facets, why, highlights, did-you-mean.

The questions are `queries.txt`, each asked once of a fresh process. Beside it SQLite's FTS5 over the same
rows: every word (the last one as a beginning), the best twenty by bm25, and the count. That is less than
the call gives (no codes in other spellings, typos, lay words, facets or highlights), and is said so.
"""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TypedDict

from figures import Figure, give, quantile

RUNS = 3
QUERIES = Path(__file__).with_name("queries.txt")
WORD = re.compile(r"[^\W_]+")


class Run(TypedDict):
    """Milliseconds by kind and question, and how many questions found anything."""

    found: int
    taken: dict[str, dict[str, float]]


def kinds() -> dict[str, list[str]]:
    """Return the questions by kind, in the order of the file."""
    found: dict[str, list[str]] = {}
    kind = ""
    for line in QUERIES.read_text("utf-8").splitlines():
        if line.startswith("# "):
            kind = line[2:].split(",")[0].split(":")[0]
        elif line:
            found.setdefault(kind, []).append(line)
    return found


def ours() -> Run:
    """Return the milliseconds of each question by kind, and how many of them found anything."""
    import plaincode

    catalog = plaincode.open()
    taken: dict[str, dict[str, float]] = {}
    found = 0
    for kind, queries in kinds().items():
        for query in queries:
            start = time.perf_counter()
            result = catalog.search(query)
            taken.setdefault(kind, {})[query] = (time.perf_counter() - start) * 1000
            found += result.total > 0
    return {"found": found, "taken": taken}


def peer() -> Run:
    """Return the same of FTS5 over the same rows."""
    import plaincode

    catalog = plaincode.open()
    with tempfile.TemporaryDirectory(prefix="plaincode-bench-") as folder:
        path = Path(folder) / "fts.sqlite"
        db = sqlite3.connect(path)
        db.execute("CREATE VIRTUAL TABLE t USING fts5(key, name, terms, notes, tokenize='porter unicode61')")
        db.executemany(
            "INSERT INTO t VALUES (?, ?, ?, ?)",
            (
                (f"{c.system} {c.code}", f"{c.display or ''} {c.title or ''}", " ".join(c.terms), _notes(c))
                for s in catalog.systems().systems
                for c in catalog._store.scan(s.id)  # noqa: SLF001 - every row there is, as the index has it
            ),
        )
        db.execute("INSERT INTO t(t) VALUES('optimize')")
        db.commit()
        db.close()
        db = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
        db.execute("PRAGMA mmap_size=1073741824")
        taken: dict[str, dict[str, float]] = {}
        found = 0
        for kind, queries in kinds().items():
            for query in queries:
                start, count = time.perf_counter(), 0
                words = [f'"{w}"' for w in WORD.findall(query)]
                if words:
                    match = " ".join(words) + "*"
                    best = "SELECT key, name, bm25(t) FROM t WHERE t MATCH ? ORDER BY bm25(t) LIMIT 20"
                    db.execute(best, (match,)).fetchall()
                    count = db.execute("SELECT count(*) FROM t WHERE t MATCH ?", (match,)).fetchone()[0]
                taken.setdefault(kind, {})[query] = (time.perf_counter() - start) * 1000
                found += count > 0
        db.close()
    return {"found": found, "taken": taken}


def _notes(concept: object) -> str:
    return " ".join(n.text for n in concept.notes)  # type: ignore[attr-defined]


def run(part: str) -> Run:
    """Run a part in a process of its own."""
    done = subprocess.run([sys.executable, __file__, part], capture_output=True, text=True, check=True)
    read: Run = json.loads(done.stdout)
    return read


def main() -> None:
    runs = [run("ours") for _ in range(RUNS)]
    peers = [run("peer")]
    whole = [[ms for kind in r["taken"].values() for ms in kind.values()] for r in runs]
    beside = [[ms for kind in r["taken"].values() for ms in kind.values()] for r in peers]

    def at(found: list[list[float]], share: float) -> tuple[float, ...]:
        return tuple(quantile(f, share) for f in found)

    slow = sorted(((ms, q) for kind in runs[0]["taken"].values() for q, ms in kind.items()), reverse=True)[:5]
    slowest = ", ".join(f"{q} {ms:.0f}" for ms, q in slow)
    count = f"{len(whole[0])} questions, each once in a fresh process; {runs[0]['found']} found something"
    fewer = f"best 20 by bm25, and the count; {peers[0]['found']} found something"
    figures = [
        Figure("search in process, p50", at(whole, 0.5), "ms", "at most", 2, count),
        Figure("search in process, p99", at(whole, 0.99), "ms", "at most", 12, f"slowest: {slowest}"),
        Figure("  beside it: SQLite FTS5, p50", at(beside, 0.5), "ms", note=fewer),
        Figure("  beside it: SQLite FTS5, p99", at(beside, 0.99), "ms"),
    ]
    for kind in runs[0]["taken"]:
        by_kind = [list(r["taken"][kind].values()) for r in runs]
        figures.append(Figure(f"search, {kind}, p50", at(by_kind, 0.5), "ms"))
    give(figures)


if __name__ == "__main__":
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    if part:
        print(json.dumps(ours() if part == "ours" else peer()))
    else:
        main()
