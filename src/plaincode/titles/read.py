"""Read `content/titles`, strictly: an unknown column, axis, kind or family is a ContentError by line."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from plaincode.errors import ContentError
from plaincode.model import Key
from plaincode.titles.difference import AXES

__all__ = [
    "EMPTY_BECAUSE",
    "KINDS",
    "STATUSES",
    "Ended",
    "Fact",
    "Family",
    "Number",
    "Source",
    "TitleRow",
    "Titles",
    "read",
]

KINDS = (
    "procedure",
    "imaging",
    "laboratory",
    "visit",
    "service",
    "anesthesia",
    "vaccine",
    "medicine",
    "supply",
    "measure",
    "modifier",
    "unlisted",
)
FACTS = ("added", "global_days", "professional_technical", "add_on_to")
STATUSES = ("source-checked", "ai-agreed", "none")
EMPTY_BECAUSE = ("writers disagree", "no source found", "not written yet")

_COLUMNS = ("code", "title", "family", "kind", "sets_apart", "words", "status", "empty_because", "source")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Source:
    """A source that a title, number or ending names."""

    id: str
    title: str
    publisher: str
    address: str
    seen: str


@dataclass(frozen=True, slots=True)
class Family:
    """A place in our own tree; `parent` is a slug, or None at the top."""

    slug: str
    name: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class TitleRow:
    """What we say of one number. `title` and `family` are None where empty."""

    system: str
    code: str
    title: str | None
    family: str | None
    kind: str
    sets_apart: tuple[tuple[str, str], ...]
    words: tuple[str, ...]
    status: str
    empty_because: str | None
    source: str | None
    file: str
    line: int

    @property
    def key(self) -> Key:
        """Return the address of this code."""
        return Key(self.system, self.code)


@dataclass(frozen=True, slots=True)
class Number:
    """A number that no starter package knows."""

    system: str
    code: str
    source: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A number that is no longer in use; `successors` is empty where no source names them."""

    system: str
    code: str
    last_day: str
    successors: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One dated figure about a number."""

    system: str
    code: str
    fact: str
    value: str
    edition: str


@dataclass(frozen=True, slots=True)
class Titles:
    """Everything in `content/titles`, by address."""

    rows: Mapping[Key, TitleRow]
    families: Mapping[str, Family]
    sources: Mapping[str, Source]
    numbers: tuple[Number, ...]
    ended: Mapping[Key, Ended]
    facts: Mapping[Key, tuple[Fact, ...]]

    def family_path(self, slug: str) -> tuple[Family, ...]:
        """Return the family and those above it, the top first."""
        path: list[Family] = []
        at: str | None = slug
        while at is not None and self.families[at] not in path:
            path.append(self.families[at])
            at = self.families[at].parent
        return tuple(reversed(path))


def read(root: Path) -> Titles:
    """Read `content/titles`; raise ContentError with file and line for what breaks the format."""
    families: dict[str, Family] = {}
    for where, row in _table(root / "families.csv", "slug,name,parent"):
        _new(row["slug"], families, where)
        families[row["slug"]] = Family(row["slug"], row["name"], row["parent"] or None)
    sources: dict[str, Source] = {}
    for where, row in _table(root / "sources.csv", "id,title,publisher,address,seen"):
        _new(row["id"], sources, where)
        sources[row["id"]] = Source(**row)
    rows: dict[Key, TitleRow] = {}
    for path in sorted(root.glob("*/*.csv")):
        for where, row in _table(path, ",".join(_COLUMNS)):
            made = _title(path, where, row, families)
            _new(made.key, rows, where)
            rows[made.key] = made
    numbers = tuple(Number(**row) for _, row in _table(root / "numbers.csv", "system,code,source"))
    ended: dict[Key, Ended] = {}
    for where, row in _table(root / "ended.csv", "system,code,last_day,successors,source"):
        key = Key(row["system"], row["code"])
        _new(key, ended, where)
        if not _DATE.fullmatch(row["last_day"]):
            raise ContentError(f"{row['last_day']!r} is no date.", where=where, do="Write it as 2026-11-23.")
        ended[key] = Ended(
            row["system"], row["code"], row["last_day"], tuple(row["successors"].split()), row["source"]
        )
    facts: defaultdict[Key, list[Fact]] = defaultdict(list)
    for where, row in _table(root / "facts.csv", "system,code,fact,value,edition"):
        _known(row["fact"], FACTS, "fact", where)
        facts[Key(row["system"], row["code"])].append(Fact(**row))
    return Titles(rows, families, sources, numbers, ended, {key: tuple(f) for key, f in facts.items()})


def _table(path: Path, header: str) -> Iterator[tuple[str, dict[str, str]]]:
    name = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        return
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise ContentError("The file is not UTF-8 text.", where=name) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        first = next(reader, [])
        columns = header.split(",")
        for column in first:
            _known(column, columns, "column", f"{name}, line 1")
        if first != columns:
            raise ContentError(
                "The columns are not all there in order.", where=f"{name}, line 1", do=f"Write {header}."
            )
        for row in reader:
            where = f"{name}, line {reader.line_num}"
            if len(row) != len(columns):
                raise ContentError(f"The row has {len(row)} fields instead of {len(columns)}.", where=where)
            yield where, {c: v.strip() for c, v in zip(columns, row, strict=True)}
    except csv.Error as error:
        raise ContentError(
            f"The row cannot be read: {error}.", where=f"{name}, line {reader.line_num}"
        ) from None


def _title(path: Path, where: str, row: Mapping[str, str], families: Mapping[str, Family]) -> TitleRow:
    _known(row["kind"], KINDS, "kind", where)
    _known(row["status"], STATUSES, "status", where)
    if row["family"]:
        _known(row["family"], families, "family", where)
    if row["empty_because"]:
        _known(row["empty_because"], EMPTY_BECAUSE, "reason", where)
    pairs = []
    for piece in filter(None, (p.strip() for p in row["sets_apart"].split(";"))):
        axis, equals, value = (p.strip() for p in piece.partition("="))
        _known(axis, AXES, "axis", where)
        if not equals or not value or "=" in value:
            raise ContentError(f"{piece!r} is not axis=value.", where=where)
        pairs.append((axis, value))
    return TitleRow(
        system=path.parent.name,
        code=row["code"],
        title=row["title"] or None,
        family=row["family"] or None,
        kind=row["kind"],
        sets_apart=tuple(pairs),
        words=tuple(filter(None, (w.strip() for w in row["words"].split(";")))),
        status=row["status"],
        empty_because=row["empty_because"] or None,
        source=row["source"] or None,
        file=f"{path.parent.name}/{path.name}",
        line=int(where.rpartition(" ")[2]),
    )


def _known(value: str, known: Sequence[str] | Mapping[str, object], what: str, where: str) -> None:
    if value not in known:
        some = ", ".join(list(known)[:30])
        raise ContentError(f"The {what} {value!r} is not known.", where=where, do=f"Known: {some}.")


def _new(key: object, seen: Container[object], where: str) -> None:
    if not key or key in seen:
        raise ContentError(f"{key} stands twice." if key else "The first column is empty.", where=where)
