"""Checks and counts of what we write ourselves: titles and guides."""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from plaincode import content, guides, snapshot, titles
from plaincode.build import user_inputs
from plaincode.cli.terminal import say
from plaincode.errors import BadRequest, CatalogError
from plaincode.model import Concept, Key, is_grouping
from plaincode.settings import Settings
from plaincode.store import SqliteStore

__all__ = ["run"]

_SHOWN = 20
_OWN = ("cpt4", "hcpcs")


def run(asked: argparse.Namespace) -> int:
    """Run a check or a count and return its exit code."""
    if asked.command == "guides":
        return _report(_guides(), "guides", as_json=asked.json)
    held = titles.read(content.folder() / "titles")
    if asked.what == "coverage":
        return _coverage(held, as_json=asked.json)
    if asked.licensed:
        return _overlap(held, Path(asked.licensed), as_json=asked.json)
    faults = [f"{p.file}, line {p.line}: {p.what}" for p in titles.check(held)]
    if asked.against:
        faults += _against(held, Path(asked.against))
    return _report(faults, "titles", as_json=asked.json)


def guide(what: str, *, as_json: bool) -> int:
    """Check our written guides, or count written, composed and ended ones by system."""
    if what == "check":
        return _report(_guides(), "guides", as_json=as_json)
    store = SqliteStore(snapshot.current(Settings.read().snapshots) / snapshot.FACTS)
    try:
        written = {name for name, _ in store.documents("guide")}
        counted: dict[str, Counter[str]] = defaultdict(Counter)
        for concept in store.scan():
            if not is_grouping(concept.code):
                status = guides.status_of(concept, written=str(concept.key) in written)
                counted[concept.system][status] += 1
    finally:
        store.close()
    if as_json:
        print(json.dumps({"systems": counted}, ensure_ascii=False))
        return 0
    table = Table("system", "written", "composed", "ended", "none: no words", box=None)
    for system, counts in counted.items():
        table.add_row(system, *(f"{counts[n]:,}" for n in ("written", "composed", "ended", "none")))
    Console().print(table)
    return 0


def _report(faults: list[str], what: str, *, as_json: bool) -> int:
    """Print each fault; 3 where there is one."""
    if as_json:
        print(json.dumps({"ok": not faults, "faults": faults}, ensure_ascii=False))
    else:
        for fault in faults:
            say(fault)
        say(f"{len(faults)} faults in {what}" if faults else f"No fault in {what}.")
    return 3 if faults else 0


def _guides() -> list[str]:
    root = content.folder()
    held = titles.read(root / "titles")
    numbers = sorted({*held.rows, *held.ended, *(Key(n.system, n.code) for n in held.numbers)})

    def known(system: str, first: str, last: str) -> list[str]:
        return [k.code for k in numbers if k.system == system and first <= k.code <= last]

    return guides.faults(
        root,
        known,
        sets_apart={key: row.sets_apart for key, row in held.rows.items()},
        terms={key: (row.title,) for key, row in held.rows.items() if row.title},
    )


def _against(held: titles.Titles, folder: Path) -> list[str]:
    """Return contradictions that nobody has looked at, and looked-at ones that are none any more."""
    seen = titles.looked_at(content.folder() / "titles" / "looked-at.csv")
    found = titles.against(held, folder)
    faults = [
        f"{c.system}:{c.code}, {c.check}: {c.what}" for c in found if (c.system, c.code, c.check) not in seen
    ]
    still = {(c.system, c.code, c.check) for c in found}
    faults += [
        f"looked-at.csv: {s}:{code}, {check}: this contradicts nothing any more"
        for s, code, check in sorted(set(seen) - still)
    ]
    return faults


def _coverage(held: titles.Titles, *, as_json: bool) -> int:
    counted = titles.coverage(held, _numbers())
    if as_json:
        rows = [
            {"section": c.section, "numbers": c.numbers, "titled": dict(c.titled), "empty": dict(c.empty)}
            for c in counted
        ]
        print(json.dumps({"sections": rows}, ensure_ascii=False))
        return 0
    table = Table("section", "numbers", "source-checked", "AI agreed", "titled", "empty, and why", box=None)
    for c in counted:
        why = "; ".join(f"{n:,} {reason}" for reason, n in c.empty.most_common())
        statuses = [f"{c.titled[s]:,}" for s in ("source-checked", "ai-agreed")]
        table.add_row(c.section, f"{c.numbers:,}", *statuses, f"{c.share:.1%}", why)
    Console().print(table)
    return 0


def _numbers() -> set[Key]:
    """Return the numbers that the snapshot in use knows, ended ones left out; none without a snapshot."""
    try:
        store = SqliteStore(snapshot.current(Settings.read().snapshots) / snapshot.FACTS)
    except CatalogError:
        say("No catalog is built, so only the numbers of content/titles are counted.")
        return set()
    try:
        return {
            c.key
            for system in _OWN
            for c in store.scan(system)
            if c.active is not False and not is_grouping(c.code)
        }
    finally:
        store.close()


def _overlap(held: titles.Titles, path: Path, *, as_json: bool) -> int:
    gathered = user_inputs([path])
    official = {
        record.key: record.display
        for item in gathered.inputs
        if item.system.id in _OWN
        for record in item.system.read([(item.file, item.claim)])
        if isinstance(record, Concept) and record.display
    }
    if not official:
        raise BadRequest(
            "No official words were found there.",
            where=str(path),
            do="Name a licensed AMA data file (LONGULT.txt), or an official HCPCS file.",
        )
    found = list(titles.overlap(held, official))
    near = sorted((o for o in found if o.run >= titles.RUN or o.same), key=lambda o: (-o.run, o.code))
    if as_json:
        rows = [{"code": o.code, "run": o.run, "share": round(o.share, 3), "same": o.same} for o in found]
        print(json.dumps({"compared": len(found), "titles": rows}, ensure_ascii=False))
        return 0
    say(f"{len(found):,} titles compared with official words, which are not printed.")
    same = sum(o.same for o in found)
    say(f"{same:,} are the same words; {len(near):,} share {titles.RUN} words in a row or more:")
    for o in near[:_SHOWN]:
        say(f"  {o.code}: {o.run} words in a row, {o.share:.0%} of our words")
    return 0
