"""The seam of a code system: a frozen value of plain functions, no base class.

A module in this folder that exports `SYSTEM` is a code system; nothing else names it. `recognise` looks
at a file and does not read it; exactly one system may claim a file. `read` gets the files of one
release and yields concepts, relations and problems; it does not print, prompt, fetch or write.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO
from zipfile import ZipFile

from plaincode.model import Concept, Problem, Relation

__all__ = ["Claim", "Document", "Edition", "File", "Licence", "Record", "System", "no_calendar", "nowhere"]


@dataclass(frozen=True, slots=True)
class Document:
    """A piece of JSON that a system keeps beside its codes (axis values, definitions)."""

    kind: str
    name: str
    body: Mapping[str, object]


Record = Concept | Relation | Problem | Document


@dataclass(frozen=True, slots=True)
class File:
    """One file of a release: on disk, or inside a zip or wheel.

    `name` is what a person would call it; `source` says where it came from; `layout` is set where a
    starter list already knows what the file is.
    """

    name: str
    path: Path
    member: str | None = None
    source: str = ""
    licence: str = ""
    layout: str | None = None

    def open(self) -> IO[bytes]:
        """Open the file for reading bytes; the caller closes it."""
        if self.member is None:
            return self.path.open("rb")
        with ZipFile(self.path) as archive:
            return io.BytesIO(archive.read(self.member))

    def head(self, size: int = 4096) -> bytes:
        """Return the first bytes, for `recognise`."""
        if self.member is None:
            with self.path.open("rb") as stream:
                return stream.read(size)
        with ZipFile(self.path) as archive, archive.open(self.member) as stream:
            return stream.read(size)

    def sha256(self) -> str:
        """Return the digest of the content."""
        digest = hashlib.sha256()
        with self.open() as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
        return digest.hexdigest()

    def bytes(self) -> int:
        """Return the size of the content."""
        if self.member is None:
            return self.path.stat().st_size
        with ZipFile(self.path) as archive:
            return archive.getinfo(self.member).file_size


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition by name, and the days it answers for (ISO dates, both included)."""

    version: str
    label: str
    effective: str
    until: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A file that a system knows: its layout, and the edition it states (None: a list of numbers).

    Files with the same system and edition are read together. `part` is true for a file that adds to
    an edition and cannot stand alone (definitions, NOC codes); a part whose edition is not loaded
    joins the nearest one, and the release says so.
    """

    layout: str
    edition: Edition | None
    published: str | None = None
    part: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Licence:
    """What may be shown and exported. `show` false: the publisher's words stay null at every door.

    `show` is of the words, never of the numbers. `notice` stands on every page of the system.
    """

    name: str
    text: str
    show: bool = True
    export: bool = True
    notice: str | None = None


def nowhere(code: str) -> tuple[Concept, ...]:  # noqa: ARG001 - the shape of a place
    """Return nothing: the publisher's files state the hierarchy."""
    return ()


def no_calendar(day: date) -> Edition | None:  # noqa: ARG001 - the shape of a calendar
    """Return None: no rule says which edition is in force on a day."""
    return None


@dataclass(frozen=True, slots=True)
class System:
    """One code system: what it is, and the plain functions that know its files and spellings.

    `label` is what a page calls a code ("CPT4 code"). `syntax` is a regular expression that every
    code of the system matches in full. `normalise` returns the canonical spelling of a code, or None
    where the text cannot be one (`e119` -> `E11.9`); it is idempotent and never raises. `calendar`
    returns the edition in force on a day. `size` is the expected number of concepts by edition label;
    a reading that differs is refused. `loading` tells a person how to load the official words.
    `starter` lists the packages' files of the first catalog: (package, path in the wheel, layout).
    `steady` is true where a code never changes its meaning, so that an edition loaded without titles may
    borrow them from an earlier one. `place` returns the groupings above a number, nearest first, where
    the hierarchy is by number alone.
    """

    id: str
    name: str
    label: str
    url: str
    omop: str
    publisher: str
    home: str
    licence: Licence
    syntax: str
    recognise: Callable[[File], Claim | None]
    read: Callable[[Sequence[tuple[File, Claim]]], Iterable[Record]]
    normalise: Callable[[str], str | None]
    loading: str
    calendar: Callable[[date], Edition | None] = no_calendar
    aliases: tuple[str, ...] = ()
    size: Mapping[str, int] = field(default_factory=dict)
    order: int = 100
    starter: tuple[tuple[str, str, str], ...] = ()
    place: Callable[[str], tuple[Concept, ...]] = nowhere
    steady: bool = False

    def records(self, files: Sequence[tuple[File, Claim]]) -> Iterator[Record]:
        """Read the files of one release."""
        yield from self.read(files)
