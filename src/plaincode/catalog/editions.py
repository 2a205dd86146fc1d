"""Which edition answers, whether a newer one is in force, and what to say of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from plaincode.errors import BadRequest, EditionNotLoaded
from plaincode.model import Release, ReleaseRef
from plaincode.store.protocol import BEGINNING, Row
from plaincode.systems import SYSTEMS, System

__all__ = ["Editions", "iso"]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def iso(text: str) -> str:
    """Return an ISO date; raise BadRequest for what is none."""
    try:
        if not _DAY.fullmatch(text.strip()):
            raise ValueError(text)
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise BadRequest(f"{text[:40]!r} is not a date.", where="on", do="Write it as 2021-10-01.") from None


class Editions:
    """The releases of a snapshot, by system, and the calendar beside them."""

    def __init__(self, releases: Sequence[Release], today: str) -> None:
        self._today = today
        self._editions: dict[str, list[Release]] = {}
        self._lists: dict[str, Release] = {}
        for release in releases:
            if release.kind == "edition":
                self._editions.setdefault(release.system, []).append(release)
            elif release.kind == "number-list":
                self._lists[release.system] = release
        self._refs = {release.id: self._ref(release) for release in releases}
        self._lines = {ref: self._line(ref) for ref in self._refs.values()}

    @property
    def today(self) -> str:
        """Return the day that staleness is judged by."""
        return self._today

    def systems(self) -> list[str]:
        """Return the ids of the systems that a release is loaded of, in the order they are shown."""
        return [s for s in SYSTEMS if s in self._editions or s in self._lists]

    def of(self, system: str) -> list[Release]:
        """Return the releases of a system, oldest first, a list of numbers last."""
        listed = self._lists.get(system)
        return [*self._editions.get(system, ()), *([listed] if listed else ())]

    def newest(self, system: str) -> Release | None:
        """Return the newest edition of a system, or its list of numbers."""
        editions = self._editions.get(system)
        return editions[-1] if editions else self._lists.get(system)

    def covering(self, system: str, on: str) -> Release:
        """Return the edition that answers for a day; raise EditionNotLoaded where none does."""
        editions = self._editions.get(system, [])
        found = [r for r in editions if (r.effective or "") <= on and (r.until is None or on <= r.until)]
        if found:
            return found[-1]
        name = SYSTEMS[system].name
        if not editions:
            raise EditionNotLoaded(
                f"We hold the numbers of {name}, not an edition, so we cannot answer for {on}.",
                where=f"on={on}",
                do="Leave the date out, or load an official edition.",
            )
        held = ", ".join(f"{r.label}: {r.effective} to {r.until or 'open'}" for r in editions)
        raise EditionNotLoaded(
            f"No loaded edition of {name} answers for {on}.",
            where=f"on={on}",
            do=f"Loaded: {held}.",
            more={"loaded": [r.id for r in editions]},
        )

    def stating(self, row: Row) -> Release | None:
        """Return the release that a row's facts come from: the last edition that states them so."""
        editions = self._editions.get(row.concept.system, [])
        if row.first == BEGINNING or not editions:
            return self._lists.get(row.concept.system)
        return [r for r in editions if (r.effective or "") <= row.last][-1]

    def ref(self, release: Release | None, system: str) -> ReleaseRef:
        """Return a release as an answer names it."""
        if release is None:
            return ReleaseRef(system, None, "number-list", "not loaded", None, "", None, None)
        return self._refs[release.id]

    def _ref(self, release: Release) -> ReleaseRef:
        stale: bool | None = None
        in_force: str | None = None
        if release.kind == "edition":
            system: System | None = SYSTEMS.get(release.system)
            due = system.calendar(date.fromisoformat(self._today)) if system else None
            stale = due is not None and release.until is not None and release.until < due.effective
            in_force = due.version if due else None
        return ReleaseRef(
            release.system,
            release.version,
            release.kind,
            release.label,
            release.effective,
            release.source,
            stale,
            in_force,
        )

    def line(self, ref: ReleaseRef, until: str | None = None) -> str | None:
        """Return the sentence that a page shows of an edition: stale, or no edition at all.

        `until` is the last day of the code, where one is known.
        """
        if until is not None and ref.kind == "number-list":
            return "We hold the number, not an edition."
        return self._lines[ref] if ref in self._lines else self._line(ref)

    def _line(self, ref: ReleaseRef) -> str | None:
        if ref.kind == "number-list":
            return "We hold the number, not an edition: no loaded file says when it is valid."
        if not ref.stale:
            return None
        system = SYSTEMS[ref.system]
        due = system.calendar(date.fromisoformat(self._today))
        if due is None:
            return None
        when = date.fromisoformat(due.effective)
        return (
            f"{ref.version}; {due.version} has been in force since {when.day} {when:%B %Y} and is not loaded."
        )
