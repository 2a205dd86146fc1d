"""What a reader of titles can take but a person must mend: rules of the format, by file and line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise

from plaincode.model import Key, Problem
from plaincode.titles.difference import AXES
from plaincode.titles.read import Source, TitleRow, Titles

__all__ = ["LONGEST_TITLE", "MOST_WORDS", "check"]

LONGEST_TITLE = 110
MOST_WORDS = 8


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
