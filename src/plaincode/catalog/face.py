"""Catalog: look-ups, search and pages' answers over one open snapshot, usable from many threads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from plaincode import content, guides, snapshot, titles
from plaincode.catalog.about import about
from plaincode.catalog.bounds import bounded, many
from plaincode.catalog.changes import Change, changes
from plaincode.catalog.editions import Editions, iso
from plaincode.catalog.families import families, family_names
from plaincode.catalog.keys import Keys, Meant
from plaincode.catalog.neighbours import neighbours
from plaincode.catalog.pcs_table import choices as table_choices
from plaincode.catalog.place import Above, Header, header, under
from plaincode.errors import BadRequest, NotFound, TooLarge
from plaincode.model import (
    Browse,
    Choices,
    Concept,
    CountedRef,
    Families,
    Guide,
    Key,
    Note,
    NoteRef,
    Policies,
    Policy,
    Ref,
    Release,
    SearchResult,
    Shown,
    Similar,
    SystemInfo,
    Systems,
    is_grouping,
)
from plaincode.search import Searcher, SearchRequest
from plaincode.settings import Settings
from plaincode.similar import nearest_siblings
from plaincode.store import SqliteStore, Store
from plaincode.systems import SYSTEMS, by_name

__all__ = ["Catalog", "open_catalog"]

_guide = msgspec.msgpack.Decoder(Guide).decode
_policy = msgspec.msgpack.Decoder(Policy).decode
_plain = msgspec.msgpack.Decoder().decode
MOST_KEYS = 1000
_BESIDE = 8
_SEVERAL = 2
_HEADERS = 16_384  # a catalog has some 27,000 codes with codes below; half of them is a few tens of MB


def open_catalog(path: Path | str | None = None, *, settings: Settings | None = None) -> Catalog:
    """Open the snapshot at `path`, or the one in use under the settings' home.

    Raises NoCatalog where none has been built, DamagedCatalog where it cannot be trusted.
    """
    settings = settings or Settings.read()
    folder = Path(path) if path is not None else snapshot.current(settings.snapshots)
    if (folder / "snapshots").is_dir():
        folder = snapshot.current(folder / "snapshots")
    manifest = snapshot.read(folder)
    store = SqliteStore(folder / snapshot.FACTS)
    return Catalog(store, folder / snapshot.WORDS, manifest, cpt=settings.cpt, today=settings.today)


class _Asked(NamedTuple):
    """The concept that a key means, the modifiers beside it, and what there is to say of them."""

    concept: Concept
    modifiers: tuple[Ref, ...] = ()
    said: str | None = None


class Catalog:
    """Every question a door can ask. A view made by `on` answers for one day.

    `catalog[key]` is a Concept and raises NotFound; a key is `icd10cm:E11.9`, `CPT4 62282`, a bare code
    that one system owns, or a Key. The other methods return answers with `to_dict()`; a bare code that
    several systems own returns Choices.
    """

    def __init__(
        self,
        store: Store,
        words: Path,
        manifest: snapshot.Manifest | None = None,
        *,
        cpt: bool = True,
        today: str | None = None,
    ) -> None:
        self._store = store
        self._manifest = manifest
        self._on: str | None = None
        self._cpt = cpt
        self._editions = Editions(
            [r for r in store.releases() if cpt or r.system != "cpt4"],
            today or date.today().isoformat(),  # noqa: DTZ011 - editions change on local calendar days
        )
        self._keys = Keys(store, self._editions, self._newest)
        self._searcher = Searcher(words, self._keys.lookup)
        # Of the newest facts; a view reads its own. Thousands of codes share what stands above them.
        self._headers = lru_cache(_HEADERS)(self._header)
        self._unders = lru_cache(_HEADERS)(lambda key: under(key, self._headers))

    # ------------------------------------------------------------ the snapshot

    @property
    def id(self) -> str:
        """Return the name of the snapshot."""
        return self._manifest.id if self._manifest else "memory"

    @property
    def built(self) -> str | None:
        """Return when the snapshot was built (ISO time, UTC)."""
        return self._manifest.built if self._manifest else None

    @property
    def today(self) -> str:
        """Return the day that staleness is judged by."""
        return self._editions.today

    def close(self) -> None:
        """Let go of the files."""
        self._headers.cache_clear()
        self._unders.cache_clear()
        self._store.close()

    def on(self, day: str | date) -> Catalog:
        """Return a view of the facts that stood on a day; raise BadRequest for no date."""
        text = iso(day if isinstance(day, str) else day.isoformat())
        view = Catalog.__new__(Catalog)
        view.__dict__.update(self.__dict__)
        view._on = text  # noqa: SLF001 - a view of ourselves
        return view

    # ------------------------------------------------------------ look-up

    def get(self, key: str | Key) -> Concept | None:
        """Return the concept at a full key (`icd10cm:E11.9`), or None."""
        known = self._keys.exact(key)
        return self._concept(known) if known else None

    def __getitem__(self, key: str | Key) -> Concept:
        """Return the concept at a key; raise NotFound, or BadRequest where several codes are meant."""
        known = self._keys.exact(key)
        if known is not None:
            concept = self._concept(known)
            if concept is not None:
                return concept
        resolved = self._resolve(key)
        if len(resolved.keys) > 1 or not resolved.sure:
            raise BadRequest(
                f"{str(key)[:60]!r} may mean more than one code.",
                where="key",
                do=f"Name the one that is meant: {', '.join(map(str, resolved.keys))}.",
                more={"choices": [str(k) for k in resolved.keys]},
            )
        found = self._concept(resolved.keys[0])
        if found is None:
            raise self._missing(resolved.keys[0])
        return found

    def __contains__(self, key: str | Key) -> bool:
        """Tell whether a full key is known."""
        return self.get(key) is not None

    def _newest(self, key: Key) -> Concept | None:
        """Return the newest row of a code, ended where its last day has passed."""
        concept = self._store.get(key)
        if concept is not None and concept.active and concept.until and concept.until < self.today:
            return replace(concept, active=False)
        return concept

    def _concept(self, key: Key) -> Concept | None:
        on = self._on
        if on is None:
            return self._newest(key)
        self._editions.covering(key.system, on)
        concept = self._store.get(key, on)
        if concept is not None and concept.until is not None and concept.active is not None:
            return replace(concept, active=on <= concept.until)
        return concept

    def _resolve(self, key: str | Key) -> Meant:
        """Return the keys that a text means; raise NotFound with what is nearest."""
        known = self._keys.exact(key)
        if known is not None and self._store.get(known) is None and is_grouping(known.code):
            raise self._missing(known)
        return self._keys.resolve(key)

    def _missing(self, key: Key) -> NotFound:
        return self._keys.missing(key, self._on)

    def lookup(self, keys: Iterable[str | Key]) -> tuple[list[Shown], dict[str, dict[str, Any]]]:
        """Return what is shown of up to 1,000 keys, and for each that names no one code why not."""
        asked = list(keys)
        if len(asked) > MOST_KEYS:
            raise TooLarge(
                f"{len(asked):,} keys were asked for.", where="keys", do=f"Ask for {MOST_KEYS:,} at a time."
            )
        found: list[Shown] = []
        missing: dict[str, dict[str, Any]] = {}
        for key in asked:
            try:
                shown = self.show(key)
            except (NotFound, BadRequest) as error:
                missing[str(key)] = error.to_dict()
                continue
            if isinstance(shown, Choices):
                missing[str(key)] = shown.to_dict()
            else:
                found.append(shown)
        return found, missing

    # ------------------------------------------------------------ names

    def _ref(self, concept: Concept) -> Ref:
        return Ref(
            concept.system,
            concept.code,
            self._display(concept),
            concept.title,
            concept.title_status,
            concept.billable,
            concept.active,
        )

    def _display(self, concept: Concept) -> str | None:
        return concept.display if SYSTEMS[concept.system].licence.show else None

    def ref(self, key: Key) -> Ref:
        """Return a code by name; one that is not held has no words."""
        concept = self._store.get(key, self._on) if self._on else None
        concept = concept or self._newest(key)
        if concept is None:
            return Ref(key.system, key.code, None, None, None)
        return self._ref(concept)

    def _above(self, concept: Concept) -> Above:
        """Return what stands above a concept."""
        if not concept.parents:
            return Above()
        key = Key(concept.system, concept.parents[0])
        return self._unders(key) if self._on is None else under(key, self._header)

    def _header(self, key: Key) -> Header | None:
        concept = self._store.get(key, self._on)
        return header(concept, self._ref, self._note) if concept else None

    # ------------------------------------------------------------ answers

    def _asked(self, key: str | Key) -> _Asked | Choices:
        """Return the concept a key means and what stands beside it, or the choices."""
        known = key if isinstance(key, Key) else self._keys.exact(key)
        if known is not None:
            concept = self._concept(known)
            if concept is not None:
                return _Asked(concept)
        resolved = self._resolve(key)
        if len(resolved.keys) > 1 or not resolved.sure:
            return Choices(tuple(self.ref(k) for k in resolved.keys), resolved.modifiers)
        concept = self._concept(resolved.keys[0])
        if concept is None:
            raise self._missing(resolved.keys[0])
        return _Asked(concept, resolved.modifiers, resolved.said)

    def _one(self, key: str | Key) -> Concept | Choices:
        """Return the concept a key means, or the choices."""
        found = self._asked(key)
        return found if isinstance(found, Choices) else found.concept

    def _release(self, concept: Concept) -> Release | None:
        """Return the release that a concept of this view comes from."""
        system = concept.system
        if self._on is not None:
            return self._editions.covering(system, self._on)
        if len(self._editions.of(system)) < _SEVERAL:
            return self._editions.newest(system)
        return self._editions.stating(self._store.history(concept.key)[-1])

    def show(self, key: str | Key, on: str | None = None) -> Shown | Choices:
        """Return a code's identity, place, notes and provenance."""
        if on is not None:
            return self.on(on).show(key)
        asked = self._asked(key)
        if isinstance(asked, Choices):
            return asked
        concept = asked.concept
        store = self._store
        place = self._above(concept)
        release = self._editions.ref(self._release(concept), concept.system)
        licence = SYSTEMS[concept.system].licence
        source = store.document("title-source", concept.title_source) if concept.title_source else None
        return Shown(
            system=concept.system,
            code=concept.code,
            display=self._display(concept),
            title=concept.title,
            title_status=concept.title_status,
            title_source=_plain(source) if source else None,
            kind=concept.kind,
            billable=concept.billable,
            active=concept.active,
            valid={"from": concept.since, "to": concept.until},
            parents=(place.path[-1:] or tuple(self.ref(Key(concept.system, p)) for p in concept.parents[:1]))
            + tuple(self.ref(Key(concept.system, p)) for p in concept.parents[1:]),
            path=place.path,
            children=tuple(self._ref(c) for c in store.children(concept.key, self._on)),
            notes=tuple(self._note(note, concept) for note in concept.notes),
            inherited_notes=place.notes,
            terms=concept.terms,
            facts=concept.facts,
            family=concept.family,
            sets_apart=dict(concept.sets_apart),
            sources=concept.sources,
            replaced_by=self._related(
                r.target for r in store.relations(concept.key) if r.kind == "replaced-by"
            ),
            replaces=self._related(
                r.source for r in store.relations_to(concept.key) if r.kind == "replaced-by"
            ),
            modifiers=asked.modifiers,
            message=" ".join(filter(None, (asked.said, self._editions.line(release, concept.until)))) or None,
            notice=licence.notice,
            release=release,
        )

    def _note(self, note: Note, concept: Concept) -> NoteRef:
        refs = tuple(self.ref(Key(concept.system, c)) for c in note.codes)
        return NoteRef(note.kind, note.text, refs, concept.code)

    def children(self, key: str | Key) -> Browse | Choices:
        """Return what stands directly below a code."""
        concept = self._one(key)
        if isinstance(concept, Choices):
            return concept
        return self._browse(concept)

    def _browse(self, concept: Concept) -> Browse:
        return Browse(
            self._ref(concept),
            self._above(concept).path,
            tuple(self._counted(c) for c in self._store.children(concept.key, self._on)),
        )

    def _counted(self, concept: Concept) -> CountedRef:
        return CountedRef(
            concept.system,
            concept.code,
            self._display(concept),
            concept.title,
            concept.title_status,
            concept.billable,
            concept.active,
            self._store.count_below(concept.key),
            concept.kind,
        )

    def browse(self, at: str | Key | None = None, on: str | None = None) -> Browse | Choices:
        """Return the systems, a system's first level, or what stands below a code."""
        if on is not None:
            return self.on(on).browse(at)
        if at is None or (isinstance(at, str) and not at.strip()):
            return Browse(None, (), tuple(self._system_ref(s) for s in self._editions.systems()))
        if isinstance(at, str):
            system = by_name(at.strip().rstrip(":"))
            if system is not None and system.id in self._editions.systems():
                if self._on is not None:
                    self._editions.covering(system.id, self._on)
                head = Ref(system.id, "", system.name, None, None)
                return Browse(
                    head, (), tuple(self._counted(c) for c in self._store.roots(system.id, self._on))
                )
        found = self._one(at)
        if isinstance(found, Choices):
            return found
        return self._browse(found)

    def _system_ref(self, system: str) -> CountedRef:
        count = self._info(system).count
        return CountedRef(system, "", SYSTEMS[system].name, None, None, None, None, count, "system")

    def search(
        self,
        query: str,
        *,
        system: Sequence[str] = (),
        kind: Sequence[str] = (),
        billable: bool | Literal["unknown"] | None = None,
        active: bool | None = None,
        chapter: str | None = None,
        family: str | None = None,
        limit: int = 20,
        page: int = 1,
    ) -> SearchResult:
        """Search codes and words; never fails for odd input.

        Raises BadRequest for an unknown system, and in a view of one day: the index is of today.
        """
        if self._on is not None:
            what = "Search answers from the newest editions, not for a day."
            raise BadRequest(what, where=f"on={self._on}", do="Search without a date, then show a code.")
        found = self._searcher.search(
            SearchRequest(
                query=query,
                systems=tuple(self._system(s, BadRequest) for s in many(system)) or self._allowed(),
                kinds=tuple(many(kind)),
                billable=billable,
                active=active,
                chapter=chapter,
                family=family,
                limit=bounded(limit, 1, 200, "limit"),
                page=bounded(page, 1, 10_000, "page"),
            )
        )
        if self._cpt:
            return found
        # a facet counts what its own filter leaves out, so it would name the system that is taken away
        facets = {n: tuple(c for c in v if c.value != "cpt4") for n, v in found.facets.items()}
        return replace(found, facets=facets)

    def _allowed(self) -> tuple[str, ...]:
        return () if self._cpt else tuple(self._editions.systems())

    def _system(self, name: str, error: type[BadRequest | NotFound]) -> str:
        """Return the id of a loaded code system; raise `error` for any other name."""
        system = by_name(name)
        if system is None or system.id not in self._editions.systems():
            raise error(
                f"{name[:40]!r} is not a loaded code system.",
                where="system",
                do=f"Loaded: {', '.join(self._editions.systems())}.",
            )
        return system.id

    def guide(self, key: str | Key, on: str | None = None) -> Guide | Choices:
        """Return the guide to a code: written where there is one, else composed from stated facts."""
        if on is not None:
            return self.on(on).guide(key)
        concept = self._one(key)
        if isinstance(concept, Choices):
            return concept
        body = self._store.document("guide", str(concept.key))
        if body is not None and concept.active is not False:
            return _guide(body)
        release = self._editions.ref(self._release(concept), concept.system).label
        return guides.compose(
            concept,
            system=SYSTEMS[concept.system].name,
            release=release,
            path=self._above(concept).path,
            below=self._store.count_below(concept.key),
            siblings=self._beside(concept),
            family=family_names(self._store, concept.family) if concept.family else (),
            ending=self._ending(concept),
        )

    def _ending(self, concept: Concept) -> guides.Ending | None:
        """Return when a code ended, what replaced it and who says so; None where it has not."""
        if concept.active is not False or concept.until is None:
            return None
        successors = self._related(
            r.target for r in self._store.relations(concept.key) if r.kind == "replaced-by"
        )
        body = self._store.document("ended", str(concept.key))
        if body is not None:
            source = self._store.document("title-source", _plain(body)["source"])
            said = _plain(source) if source else {}
            said_by = f"{said.get('title', '')}, {said.get('publisher', '')}".strip(" ,")
        else:
            release = self._release(concept)
            said_by = release.label if release else "plaincode content"
        return guides.Ending(concept.until, successors, said_by)

    def _beside(self, concept: Concept) -> tuple[guides.Neighbour, ...]:
        """Return the siblings of a code with the stated difference."""
        return tuple(
            guides.Neighbour(other.code, other.title, said)
            for other in nearest_siblings(concept, self._family(concept), _BESIDE)
            if (said := titles.difference(concept.sets_apart, other.sets_apart))
        )

    def _standing(self, concept: Concept) -> Concept | None:
        """Return a concept as it stands in this view; None where it does not."""
        if concept.system == "cpt4" and not self._cpt:
            return None
        return concept if self._on is None else self._store.get(concept.key, self._on)

    def _related(self, keys: Iterable[Key]) -> tuple[Ref, ...]:
        """Return codes of other editions or systems by name, without a system that is taken away."""
        return tuple(self.ref(key) for key in keys if self._cpt or key.system != "cpt4")

    def _family(self, concept: Concept) -> tuple[Concept, ...]:
        if concept.family is None:
            return ()
        body = self._store.document("family", f"{concept.system}/{concept.family}")
        codes: list[str] = _plain(body)["codes"] if body else []
        held = (self._store.get(Key(concept.system, code)) for code in codes if code != concept.code)
        return tuple(c for c in held if c is not None)

    def policies(self, key: str | Key) -> Policies | Choices:
        """Return the policies that name a code, each with the links that bear on it."""
        concept = self._one(key)
        if isinstance(concept, Choices):
            return concept
        own = {concept.code, str(concept.key)}
        held = []
        for name in self._store.linked("policy", concept.key):
            body = self._store.document("policy", name)
            if body is not None:
                policy = _policy(body)
                links = tuple(link for link in policy.links if own & set(link.codes))
                held.append(replace(policy, links=links))
        return Policies(tuple(held))

    def similar(self, key: str | Key, limit: int = 10) -> Similar | Choices:
        """Return the codes most like one: each with its reasons and the difference."""
        concept = self._one(key)
        if isinstance(concept, Choices):
            return concept
        return Similar(
            neighbours(
                concept,
                self._store,
                self._searcher,
                self._family(concept),
                self._standing,
                titles.difference,
                self._display,
                bounded(limit, 1, 50, "limit"),
            )
        )

    def families(self, at: str | None = None) -> Families:
        """Return a family of our titles, its codes as a table; without one the families at the top."""
        return families(
            self._store,
            (at or "").encode("utf-8", "replace").decode().strip().lower(),
            self._shows,
            self._display,
        )

    def _shows(self, system: str) -> bool:
        return self._cpt or system != "cpt4"

    def systems(self) -> Systems:
        """Return every loaded code system, its licence, counts and releases."""
        return Systems(tuple(self._info(s) for s in self._editions.systems()))

    def _info(self, system_id: str) -> SystemInfo:
        return about(system_id, self._editions, self._manifest.counts if self._manifest else {})

    def system(self, name: str) -> SystemInfo:
        """Return one loaded code system; raise NotFound for any other."""
        return self._info(self._system(name, NotFound))

    def editions(self, system: str) -> int:
        """Return how many releases of a system are loaded."""
        return len(self._editions.of(system))

    def family_name(self, slug: str) -> str:
        """Return the name of a family of our titles."""
        return family_names(self._store, slug)[-1]

    def history(self, key: str | Key) -> list[Change]:
        """Return the intervals of loaded editions in which a code stood, oldest first, and what is new."""
        known = self._keys.exact(key)
        if known is None or not self._editions.of(known.system):
            return []
        return changes(self._store.history(known), SYSTEMS[known.system].licence.show)

    def table(self, prefix: str = "") -> dict[str, Any]:
        """Return the next step of building an ICD-10-PCS code value by value."""
        return table_choices(self._store, prefix)

    def data(self) -> dict[str, Any]:
        """Return what the snapshot says of itself: releases, files, digests, counts, warnings."""
        return asdict(self._manifest) if self._manifest else {}

    def is_stale_content(self) -> bool:
        """Tell whether the snapshot was built from other content than what is installed."""
        return bool(self._manifest and self._manifest.inputs != content.digest())
