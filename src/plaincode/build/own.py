"""Our own content, laid over the numbers: titles, ended codes, families, guides, policy records.

Every number that content names is a number we hold. A publisher's word on whether a code is active comes
first, then `ended.csv`, then an end date of a list of numbers; a disagreement is a warning.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from plaincode import content, guides, policies, titles
from plaincode.model import Concept, Guide, Key, Problem, Relation, Release, ReleaseFile
from plaincode.store import SqliteStore
from plaincode.systems import SYSTEMS

__all__ = ["Own"]

_OWNED = ("cpt4", "hcpcs")
_MODIFIER = 2
_AREA = 40  # titled numbers; fewer make no choice worth offering


def _size(entry: dict[str, Any]) -> int:
    return sum(entry["counts"].values())


class Own:
    """The content folder, read; and the numbers of each system, as far as the build has seen them."""

    def __init__(self, root: Path, held: titles.Titles, systems: set[str]) -> None:
        self._root = root
        self._titles = held
        self._systems = systems
        self._codes: dict[str, list[str]] = defaultdict(list)
        self.problems: list[Problem] = []

    @classmethod
    def read(cls, root: Path, systems: set[str]) -> Own:
        """Read the titles of a content folder; guides and policies are read when codes are known."""
        return cls(root, titles.read(root / "titles"), systems)

    def digest(self) -> str:
        """Return the digest of the content folder."""
        return content.digest(self._root)

    def systems(self) -> list[str]:
        """Return the ids of the systems that content names numbers of."""
        named = {k.system for k in self._titles.rows} | {n.system for n in self._titles.numbers}
        return [s for s in _OWNED if s in named and s in self._systems]

    def numbers(self, system: str, known: Callable[[str], bool]) -> Iterator[Concept]:
        """Yield the numbers of a system that content names and that no list or edition knows."""
        named: dict[str, set[str]] = defaultdict(set)
        for number in self._titles.numbers:
            if number.system == system:
                named[number.code].add(number.source)
        for key in (*self._titles.rows, *self._titles.ended):
            if key.system == system:
                named[key.code].add("content")
        for code in sorted(named):
            if known(code):
                continue
            row = self._titles.rows.get(Key(system, code))
            modifier = len(code) == _MODIFIER or (row is not None and row.kind == "modifier")
            above = SYSTEMS[system].place(code)
            yield from (group for group in above if not known(group.code))
            yield Concept(
                system,
                code,
                kind="modifier" if modifier else "code",
                active=None,
                parents=(above[0].code,) if above else (),
                sources=tuple(sorted(named[code])),
            )

    def claim(self, system: str, codes: Iterable[str]) -> None:
        """Remember the codes of a system, so that ranges in guides and policies can be expanded."""
        if system in _OWNED:
            self._codes[system] = list(codes)

    def lay(self, concept: Concept) -> Concept:
        """Return a concept with our title, family, words and what we know of its end."""
        row = self._titles.rows.get(concept.key)
        ended = self._titles.ended.get(concept.key)
        facts = self._titles.facts.get(concept.key)
        if facts:
            own = {f.fact: f"{f.value} ({f.edition})" for f in facts}
            concept = replace(concept, facts={**own, **concept.facts})
        if ended is not None and concept.active is None:
            concept = replace(concept, active=False, until=ended.last_day)
        elif ended is not None and concept.active is False and concept.until != ended.last_day:
            self.problems.append(
                Problem(
                    "titles/ended.csv",
                    None,
                    "last_day",
                    f"{concept.key} ended on {ended.last_day} here and on {concept.until} in a list.",
                    kept=True,
                )
            )
            concept = replace(concept, until=ended.last_day)
        if row is None:
            return concept
        return replace(
            concept,
            title=row.title,
            title_status=row.status if row.title else None,
            title_source=row.source,
            kind=row.kind if concept.kind in {"code", row.kind} else concept.kind,
            family=row.family,
            sets_apart=row.sets_apart,
            terms=concept.terms + tuple(w for w in row.words if w not in concept.terms),
        )

    def relations(self) -> Iterator[Relation]:
        """Yield what replaced an ended code, as `ended.csv` states it."""
        for key, ended in self._titles.ended.items():
            if key.system in self._systems:
                for successor in ended.successors:
                    # what stood on the HCPCS list may have become a CPT number, and the other way round
                    system = "hcpcs" if successor[:1].isalpha() else "cpt4"
                    yield Relation(key, "replaced-by", Key(system, successor), "content")

    def documents(self, store: SqliteStore) -> Iterator[tuple[str, str, Any, list[Key]]]:
        """Yield (kind, name, body, codes) of families, ended codes, sources, guides and policies."""
        families: dict[tuple[str, str], list[str]] = defaultdict(list)
        for key, row in self._titles.rows.items():
            if row.family and key.system in self._systems:
                families[key.system, row.family].append(key.code)
        for (system, slug), codes in sorted(families.items()):
            names = [f.name for f in self._titles.family_path(slug)]
            yield "family", f"{system}/{slug}", {"path": names, "codes": sorted(codes)}, []
        yield from (("family-tree", slug, body, []) for slug, body in self._tree.items())
        for source in self._titles.sources.values():
            yield "title-source", source.id, source, []
        for key, ended in sorted(self._titles.ended.items()):
            if key.system in self._systems:
                yield "ended", str(key), ended, []

        def known(system: str, first: str, last: str) -> list[str]:
            return [c.code for c in store.span(system, first, last, 10_000) if len(c.code) == len(first)]

        for name, path in content.paths(self._root):
            if name.startswith("guides/"):
                written = guides.read(path, known, name=name)
                for key in written.keys:
                    if key.system in self._systems:
                        yield "guide", str(key), self._render(written, key, store), [key]
            elif name.startswith("coverage/"):
                record = policies.read(path, known, name=name)
                held = [k for k in record.keys if k.system in self._systems]
                if held:
                    yield "policy", name.removeprefix("coverage/"), record.policy, held

    def area(self, slug: str) -> str:
        """Return the family that a search counts a family under: the narrowest that is not small."""
        path = [f.slug for f in self._titles.family_path(slug)]
        return next((s for s in reversed(path) if s in self._tree and _size(self._tree[s]) >= _AREA), path[0])

    @cached_property
    def _tree(self) -> dict[str, dict[str, Any]]:
        """Return every family with titled numbers, and the top (""), as the catalog keeps them."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        codes: dict[str, list[Key]] = defaultdict(list)
        for key, row in self._titles.rows.items():
            if row.family and row.title and key.system in self._systems:
                codes[row.family].append(key)
                counts[""][key.system] += 1
                for family in self._titles.family_path(row.family):
                    counts[family.slug][key.system] += 1

        def entry(slug: str, name: str) -> dict[str, Any]:
            return {"slug": slug, "name": name, "counts": dict(sorted(counts[slug].items()))}

        below: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for family in sorted(self._titles.families.values(), key=lambda f: f.name):
            if family.slug in counts:
                below[family.parent or ""].append(entry(family.slug, family.name))
        found = {}
        for slug in sorted(counts):
            path = self._titles.family_path(slug) if slug else ()
            found[slug] = entry(slug, path[-1].name if path else "Families") | {
                "path": [entry(f.slug, f.name) for f in path[:-1]],
                "families": below[slug],
                "codes": [list(key) for key in sorted(codes[slug])],
                "axes": list(titles.AXES),
            }
        return found

    def _render(self, written: guides.GuideFile, key: Key, store: SqliteStore) -> Guide:
        """Return a written guide for one code, with what sets it apart from its siblings."""
        row = self._titles.rows.get(key)
        beside = [
            guides.Neighbour(other.code, other.title, said)
            for other in sorted(self._titles.rows.values(), key=lambda r: r.code)
            if row is not None
            and other.family == row.family
            and other.key != key
            and (said := titles.difference(row.sets_apart, other.sets_apart))
        ]
        concept = store.get(key)
        return guides.render(
            written,
            key,
            release="plaincode content",
            terms=tuple(t for t in (row.title if row else None, concept and concept.display) if t),
            different=guides.what_makes_different(row.sets_apart, beside) if row else None,
        )

    def release(self) -> Release:
        """Return the release that our own content is."""
        files = tuple(
            ReleaseFile(
                name,
                hashlib.sha256(path.read_bytes()).hexdigest(),
                path.stat().st_size,
                "plaincode",
                "our own",
            )
            for name, path in content.paths(self._root)
        )
        return Release(
            system="content",
            version=None,
            kind="content",
            label="plaincode content",
            published=None,
            effective=None,
            until=None,
            source="plaincode",
            files=files,
        )

    def number_list(self, system: str, codes: int) -> Release:
        """Return the release of a system that content alone names numbers of."""
        return Release(
            system=system,
            version=None,
            kind="number-list",
            label="lists of numbers",
            published=None,
            effective=None,
            until=None,
            source="plaincode content",
            count=codes,
        )
