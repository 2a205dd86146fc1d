"""Our titles and the facts that set codes apart: read, check, and say the difference in words.

The format is in `content/titles/README.md`. `read` is strict: an unknown column, axis, kind or family is
a ContentError with file and line. `check` reports what a reader can take but a person must mend.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from types import MappingProxyType

from plaincode.errors import ContentError
from plaincode.model import Key, Problem

__all__ = [
    "AXES",
    "KINDS",
    "Ended",
    "Fact",
    "Family",
    "Number",
    "Source",
    "TitleRow",
    "Titles",
    "check",
    "difference",
    "read",
]

SetsApart = Sequence[tuple[str, str]]

# Axis -> the words for a code that states no value on it, beside one that does.
AXES: Mapping[str, str] = MappingProxyType(
    {
        "action": "no action named",
        "purpose": "no purpose named",
        "substance": "no substance named",
        "technique": "no technique named",
        "approach": "no way in named",
        "organ": "no organ named",
        "region": "no body region named",
        "space": "no space named",
        "laterality": "no side named",
        "guidance": "no word on imaging guidance",
        "contrast": "no word on contrast",
        "views": "no number of views named",
        "device": "no device named",
        "component": "no part of the service named",
        "count": "no count named",
        "size": "no size named",
        "stage": "no stage named",
        "role": "no role named",
        "unit": "no unit named",
        "complexity": "no level named",
        "time": "no time named",
        "setting": "no setting named",
        "patient_status": "no kind of patient named",
        "age": "no age named",
        "add_on": "billed on its own",
    }
)
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
LONGEST_TITLE = 110
MOST_WORDS = 8

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


# ---------------------------------------------------------------- reading


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


# ---------------------------------------------------------------- the difference in words


def difference(here: SetsApart, there: SetsApart) -> str | None:
    """Return how the second code differs from the first, in words; None where nothing is stated.

    On the page of a lumbar code beside a cervical one: `difference(lumbar, cervical)` is "neck or upper
    back instead of lower back or tailbone area". Swapping the codes swaps the words. A code without any
    stated fact is compared with nothing.
    """
    if not here or not there:
        return None
    mine, theirs = dict(here), dict(there)
    parts = [
        _step(axis, mine.get(axis), theirs.get(axis)) for axis in AXES if mine.get(axis) != theirs.get(axis)
    ]
    return "; ".join(parts) or None


def _step(axis: str, mine: str | None, theirs: str | None) -> str:
    if axis == "add_on":  # a code without the axis is no add-on: the README says so
        return "billed only beside another code" if theirs else AXES[axis]
    if theirs is None:
        return AXES[axis]
    lead = "billing unit: " if axis == "unit" else ""
    return lead + _worded(axis, theirs) + (f" instead of {_worded(axis, mine)}" if mine else "")


def _worded(axis: str, value: str) -> str:
    if axis == "views" and value.isdigit():
        return f"{value} view" if value == "1" else f"{value} views"
    if axis == "complexity" and value.isdigit():
        return f"level {value}"
    if axis == "age" and value[0].isdigit():
        return f"age {value}"
    return value


# ---------------------------------------------------------------- checking


def check(titles: Titles) -> list[Problem]:
    """Return what breaks a rule of the format, by file and line; an empty list where all is well."""
    found = [*_tree(titles), *_rows(titles), *_apart(titles), *_beside(titles)]
    return sorted(found, key=lambda p: (p.file, p.line or 0, p.what))


def _tree(titles: Titles) -> Iterator[Problem]:
    for family in titles.families.values():
        at, seen = family, {family.slug}
        while at.parent is not None:
            if at.parent not in titles.families:
                yield Problem(
                    "families.csv", None, "parent", f"{at.slug}: its parent {at.parent} is not there."
                )
                break
            at = titles.families[at.parent]
            if at.slug in seen:
                yield Problem("families.csv", None, "parent", f"{family.slug}: the tree runs in a circle.")
                break
            seen.add(at.slug)


def _rows(titles: Titles) -> Iterator[Problem]:
    order, names = list(AXES), dict[tuple[str, str], TitleRow]()
    for row in titles.rows.values():
        for column, what in _row(row, titles.sources):
            yield Problem(row.file, row.line, column, f"{row.code}: {what}")
        axes = [order.index(axis) for axis, _ in row.sets_apart]
        if any(a >= b for a, b in pairwise(axes)):
            yield Problem(
                row.file, row.line, "sets_apart", f"{row.code}: axes are not each once and in order."
            )
        if row.title:
            other = names.setdefault((row.system, row.title.casefold()), row)
            if other is not row:
                yield Problem(row.file, row.line, "title", f"{row.code}: {other.code} has the same title.")
    for a, b in pairwise(titles.rows.values()):
        if a.file == b.file and a.code > b.code:
            yield Problem(b.file, b.line, "code", f"{b.code}: rows are not sorted by code.")


def _row(row: TitleRow, sources: Mapping[str, Source]) -> Iterator[tuple[str, str]]:
    if row.title is None:
        if row.status != "none":
            yield "status", "a row without a title has the status none."
        if row.empty_because is None:
            yield "empty_because", "a row without a title says why it is empty."
    else:
        if row.status == "none":
            yield "status", "a row with a title has a status other than none."
        if row.empty_because is not None:
            yield "empty_because", "a row with a title is not empty."
        if len(row.title) > LONGEST_TITLE:
            yield "title", f"the title has {len(row.title)} characters; {LONGEST_TITLE} is the most."
        if row.family is None:
            yield "family", "a row with a title has a family."
    if row.status == "source-checked" and row.source is None:
        yield "source", "a source-checked row names its source."
    if row.status != "source-checked" and row.source is not None:
        yield "source", "only a source-checked row names a source."
    if row.source is not None and row.source not in sources:
        yield "source", f"the source {row.source} is not in sources.csv."
    if len(row.words) > MOST_WORDS:
        yield "words", f"there are {len(row.words)} words; {MOST_WORDS} is the most."
    if ("add_on", "yes") not in row.sets_apart and any(axis == "add_on" for axis, _ in row.sets_apart):
        yield "sets_apart", "add_on is yes or absent."


def _apart(titles: Titles) -> Iterator[Problem]:
    families: defaultdict[tuple[str, str], list[TitleRow]] = defaultdict(list)
    for row in titles.rows.values():
        if row.title is not None and row.family is not None:
            families[row.system, row.family].append(row)
    for siblings in families.values():
        for a, b in combinations(siblings, 2):
            if a.sets_apart == b.sets_apart:
                yield Problem(b.file, b.line, "sets_apart", f"{b.code}: nothing sets it apart from {a.code}.")


def _beside(titles: Titles) -> Iterator[Problem]:
    seen: set[Key] = set()
    for number in titles.numbers:
        key = Key(number.system, number.code)
        if key in seen:
            yield Problem("numbers.csv", None, "code", f"{key} stands twice.")
        seen.add(key)
        if number.source not in titles.sources:
            yield Problem("numbers.csv", None, "source", f"{key}: {number.source} is not in sources.csv.")
    for key, ended in titles.ended.items():
        if ended.source not in titles.sources:
            yield Problem("ended.csv", None, "source", f"{key}: {ended.source} is not in sources.csv.")
        if ended.code in ended.successors:
            yield Problem("ended.csv", None, "successors", f"{key}: a code does not follow itself.")
    for key, facts in titles.facts.items():
        for fact in facts:
            if not fact.value or not fact.edition:
                yield Problem("facts.csv", None, fact.fact, f"{key}: a fact has a value and an edition.")
