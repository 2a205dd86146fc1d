"""The build: read, merge, lay our own content over it, index, publish.

Everything is written into a scratch folder beside the snapshots; the last act is an atomic rename. A
build that fails or is killed leaves the snapshot in use as it was.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import msgspec

from plaincode import __version__, snapshot
from plaincode.build.inputs import UNREADABLE, Gathered, Group, group
from plaincode.build.merge import Stage
from plaincode.build.own import Own
from plaincode.errors import BadRequest, Refused
from plaincode.model import (
    Concept,
    Key,
    Problem,
    Relation,
    Release,
    ReleaseFile,
    is_grouping,
)
from plaincode.search import IndexWriter, Vocabulary
from plaincode.store import SqliteStore, SqliteWriter
from plaincode.systems import SYSTEMS, Document, System

__all__ = ["Outcome", "Progress", "build"]

BAD_SHARE = 0.001
_PROBLEMS_KEPT = 500
_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_json = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of a build: which step, how far, out of how many (0: not known)."""

    step: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a build made. `counts` are concepts by system; `problems` are counted in full."""

    folder: Path
    counts: dict[str, dict[str, int]]
    problems: list[Problem]
    problem_counts: dict[str, int]
    holes: list[str]
    unrecognised: list[str]
    seconds: float


@dataclass(slots=True)
class _Tally:
    """What the build has counted so far."""

    problems: list[Problem] = field(default_factory=list)
    withheld: int = 0
    kept: int = 0
    holes: list[str] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    def note(self, problem: Problem) -> None:
        """Count a problem, and keep the first ones to show."""
        if problem.kept:
            self.kept += 1
        else:
            self.withheld += 1
        if len(self.problems) < _PROBLEMS_KEPT:
            self.problems.append(problem)


def build(
    gathered: Gathered,
    snapshots: Path,
    *,
    content: Path,
    progress: Callable[[Progress], None] = lambda _: None,
    cpt: bool = True,
) -> Outcome:
    """Build a snapshot from what was gathered, publish it, and return what it holds.

    Raises BadRequest where nothing could be read at all, ContentError for a fault in `content`, Failed
    where the folder cannot be written.
    """
    began = time.perf_counter()
    tally = _Tally(holes=[*gathered.holes, *gathered.refused])
    inputs = [i for i in gathered.inputs if cpt or i.system.id != "cpt4"]
    own = Own.read(content, systems={s for s in SYSTEMS if cpt or s != "cpt4"})
    groups, alone = group(inputs)
    tally.holes.extend(alone)
    if not groups:
        said = "; ".join(tally.holes[:3])
        raise BadRequest(
            "Nothing was given that plaincode can read." + (f" {said}" if said else ""),
            where="--from",
            do="Give official release files, folders or zips; see `plaincode systems`.",
        )
    with snapshot.building(snapshots) as scratch:
        writer = SqliteWriter(scratch / snapshot.FACTS)
        digest = hashlib.sha256()
        ids = list(dict.fromkeys(g.system.id for g in groups))
        extra = [s for s in own.systems() if s not in ids]
        for system_id in [*ids, *extra]:
            held = [g for g in groups if g.system.id == system_id]
            _system(SYSTEMS[system_id], held, own, writer, scratch, tally, digest, progress)
        for problem in own.problems:
            tally.note(problem)
        for relation in own.relations():
            writer.relate(relation)
            digest.update(_json(relation) + b"\n")
        for release in tally.releases:
            writer.release(release)
        writer.release(own.release())
        writer.finish()
        store = SqliteStore(scratch / snapshot.FACTS)
        try:
            _index(store, scratch / snapshot.WORDS, content, own, tally, progress)
            added = _documents(store, own, scratch, digest)
        finally:
            store.close()
        progress(Progress("sealing the snapshot", 0, 0))
        folder = snapshot.publish(
            scratch,
            {
                "plaincode": __version__,
                "content": digest.hexdigest(),
                "inputs": own.digest(),
                "releases": [asdict(r) for r in (*tally.releases, own.release())],
                "counts": tally.counts | {"content": added},
                "problems": [asdict(p) for p in tally.problems],
                "problem_counts": {"withheld": tally.withheld, "kept": tally.kept},
                "holes": tally.holes,
                "unrecognised": gathered.unrecognised,
                "starter": all(i.starter for i in inputs),
                "private": any(not i.starter and not i.system.licence.export for i in inputs),
            },
        )
    return Outcome(
        folder,
        tally.counts,
        tally.problems,
        {"withheld": tally.withheld, "kept": tally.kept},
        tally.holes,
        gathered.unrecognised,
        time.perf_counter() - began,
    )


def _system(
    system: System,
    groups: list[Group],
    own: Own,
    writer: SqliteWriter,
    scratch: Path,
    tally: _Tally,
    digest: hashlib._Hash,
    progress: Callable[[Progress], None],
) -> None:
    """Read, merge and write one system."""
    stage = Stage(scratch / f"stage-{system.id}.sqlite")
    try:
        read = [g for g in groups if _group(system, g, stage, writer, tally, digest, progress)]
        added = 0
        for concept in own.numbers(system.id, stage.has):
            stage.add(concept, None)
            added += not is_grouping(concept.code)
        editions = [g.edition for g in read if g.edition is not None]
        own.claim(system.id, stage.codes())
        codes = billable = 0
        for row in stage.rows(editions, steady=system.steady):
            laid = replace(row, concept=own.lay(row.concept))
            writer.add(laid)
            digest.update(_json((laid.first, laid.last, laid.concept)) + b"\n")
            if row.last == "9999-12-31" and not is_grouping(row.concept.code):
                codes += 1
                billable += row.concept.billable is True
            if codes % 5000 == 0:
                progress(Progress(f"writing {system.name}", codes, 0))
        if not codes:
            return  # refused whole: we hold neither an edition nor numbers
        tally.counts[system.id] = {"codes": codes, "billable": billable}
        if added:
            _own_numbers(system.id, added, own, tally)
    finally:
        stage.close()


def _own_numbers(system: str, added: int, own: Own, tally: _Tally) -> None:
    """State the numbers that content alone knows: beside a list's, or as a list of their own."""
    ours = own.number_list(system, added)
    for at, release in enumerate(tally.releases):
        if release.system == system and release.kind == "number-list":
            source = f"{release.source}; {ours.source} ({added:,} numbers)"
            tally.releases[at] = replace(release, count=release.count + added, source=source)
            return
    tally.releases.append(ours)


def _group(
    system: System,
    held: Group,
    stage: Stage,
    writer: SqliteWriter,
    tally: _Tally,
    digest: hashlib._Hash,
    progress: Callable[[Progress], None],
) -> bool:
    """Read one release into the stage. A release that is refused is reported and left out."""
    what = f"{system.name}, {held.label}"
    progress(Progress(f"reading {what}", 0, 0))
    seen: Counter[str] = Counter()
    codes = billable = 0
    mine: list[Problem] = []
    concepts: list[Concept] = []
    pending: list[Relation | Document] = []
    try:
        for record in _records(system, held):
            if isinstance(record, Concept):
                seen["all"] += 1
                if not is_grouping(record.code):
                    codes += 1
                    billable += record.billable is True
                concepts.append(record)
                if len(concepts) >= 2000:
                    _stage(stage, concepts, held)
                    progress(Progress(f"reading {what}", codes, system.size.get(held.label, 0)))
            elif isinstance(record, Problem):
                mine.append(record)
            else:
                pending.append(record)
        bad = sum(not p.kept for p in mine)
        if bad > BAD_SHARE * max(1, seen["all"] + bad):
            first = next(p for p in mine if not p.kept)
            raise Refused(
                f"{bad:,} of {seen['all'] + bad:,} records are bad, more than 0.1 %.",
                where=f"{first.file}, line {first.line}: {first.what}",
                do="Load the file as the publisher gives it.",
            )
        expected = system.size.get(held.label)
        if expected is not None and codes != expected:
            raise Refused(f"{codes:,} codes were read where {held.label} has {expected:,}.", where=what)
        if not seen["all"]:
            raise Refused("No code was read.", where=what)
    except (Refused, *UNREADABLE) as error:
        _unstage(stage, held)
        tally.holes.append(f"{what} was refused: {error}")
        return False
    _stage(stage, concepts, held)
    for record in pending:
        if isinstance(record, Relation):
            writer.relate(record)
        else:
            writer.document(record.kind, record.name, msgspec.json.encode(record.body))
        digest.update(_json(record) + b"\n")
    for problem in mine:
        tally.note(problem)
    tally.releases.append(_release(system, held, codes, billable))
    progress(Progress(f"read {what}", codes, codes))
    return True


def _records(system: System, held: Group) -> Iterator[Concept | Relation | Problem | Document]:
    yield from system.read([(i.file, i.claim) for i in held.inputs])


def _stage(stage: Stage, concepts: list[Concept], held: Group) -> None:
    for concept in concepts:
        stage.add(concept, held.edition)
    concepts.clear()


def _unstage(stage: Stage, held: Group) -> None:
    stage.drop(held.edition)


def _release(system: System, held: Group, codes: int, billable: int) -> Release:
    edition = held.edition
    files = tuple(
        ReleaseFile(
            i.file.name,
            i.file.sha256(),
            i.file.bytes(),
            i.file.source,
            i.file.licence or system.licence.name,
        )
        for i in held.inputs
    )
    published = next((i.claim.published for i in held.inputs if i.claim.published), None)
    return Release(
        system=system.id,
        version=edition.version if edition else None,
        kind="edition" if edition else "number-list",
        label=held.label,
        published=published,
        effective=edition.effective if edition else None,
        until=edition.until if edition else None,
        source="; ".join(dict.fromkeys(f.source for f in files)),
        files=files,
        count=codes,
        billable=billable,
        notes=tuple(held.notes),
    )


def _index(
    store: SqliteStore,
    folder: Path,
    content: Path,
    own: Own,
    tally: _Tally,
    progress: Callable[[Progress], None],
) -> None:
    """Write the text index over the newest row of every code."""
    folder.mkdir()
    total = sum(c["codes"] for c in tally.counts.values())
    writer = IndexWriter(folder, Vocabulary.read(content / "vocabulary"), list(SYSTEMS))
    tops: dict[Key, str | None] = {}

    def top(concept: Concept) -> str | None:
        """Return the grouping at the head of a concept's hierarchy."""
        if not concept.parents:
            return concept.code if is_grouping(concept.code) else None
        key = Key(concept.system, concept.parents[0])
        if key not in tops:
            above = store.get(key)
            found = top(above) if above else None
            # where we only arrange by number, no chapter is offered: it would say nothing of what is done
            tops[key] = None if found and found.startswith("range-") else found
        return tops[key]

    for done, concept in enumerate(store.scan()):
        writer.add(concept, top(concept), own.area(concept.family) if concept.family else None)
        if done % 5000 == 0:
            progress(Progress("indexing words", done, total))
    writer.commit()
    progress(Progress("indexing words", total, total))


def _documents(store: SqliteStore, own: Own, scratch: Path, digest: hashlib._Hash) -> dict[str, int]:
    """Write guides and policy records, now that every code is known."""
    added = SqliteWriter.again(scratch / snapshot.FACTS)
    counts: Counter[str] = Counter()
    try:
        for kind, name, body, keys in own.documents(store):
            counts[kind] += 1
            added.document(kind, name, _encode(body))
            digest.update(_json((kind, name, body)) + b"\n")
            for key in keys:
                added.link(kind, key, name)
    finally:
        added.close()
    return dict(counts)
