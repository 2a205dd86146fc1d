"""The HCPCS file of CMS (`HCPC..._ANWEB`): one record layout, as fixed-width text and as a workbook.

Text: 320 columns, Latin-1, CRLF; column 11 is the record type: 3 and 7 open a procedure and a modifier, 4
and 8 carry further lines of the description, numbered by hundreds in columns 6-10. A modifier stands in
columns 4-5. Further lines hold nothing beyond column 91 (2017 cuts them there). Lines are joined with one
space. Disclaimers may stand above the records (2018: 11 lines, 2019: 8). The workbook has the description
in one cell, save where a cell was too short: then record type 4 goes on (G0503 in 2019 and 2020).
Positions: CMS, HCPCS Contractor Record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from plaincode.errors import Refused
from plaincode.model import Problem
from plaincode.rows import lines, sheet
from plaincode.systems.seam import File

__all__ = ["COLUMNS", "RECORD", "Entry", "book_entries", "text_entries"]

# workbook column: (first, last) of the text file, 1-based and inclusive
COLUMNS: dict[str, tuple[int, int]] = {
    **{f"PRICE{i + 1}": (120 + 2 * i, 121 + 2 * i) for i in range(4)},
    "MULT_PI": (128, 128),
    **{f"CIM{i + 1}": (129 + 6 * i, 134 + 6 * i) for i in range(3)},
    **{f"MCM{i + 1}": (147 + 8 * i, 154 + 8 * i) for i in range(3)},
    "STATUTE": (171, 180),
    **{f"LABCERT{i + 1}": (181 + 3 * i, 183 + 3 * i) for i in range(8)},
    **{f"XREF{i + 1}": (205 + 5 * i, 209 + 5 * i) for i in range(5)},
    "COV": (230, 230),
    "ASC_GRP": (231, 232),
    "ASC_DT": (233, 240),
    "OPPS": (241, 243),
    "OPPS_PI": (244, 244),
    "OPPS_DT": (245, 252),
    "PROCNOTE": (253, 256),
    "BETOS": (257, 259),
    **{f"TOS{i + 1}": (261 + i, 261 + i) for i in range(5)},
    "ANEST_BU": (266, 268),
    "ADD DT": (269, 276),
    "ACT EFF DT": (277, 284),
    "TERM DT": (285, 292),
    "ACTION CD": (293, 293),
}
_FILLERS = ((260, 260), (294, 320))
_HEADER = ("HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "SHORT DESCRIPTION", *COLUMNS)
RECORD = re.compile(r"(   [A-Z][A-Z0-9]|[A-Z][0-9]{4})([0-9]{5})([3478])(.{80})(.*)", re.DOTALL)
_WIDTH = 320
_SHORT_WIDTH = 91
_DISCLAIMER_LINES = 30
_FIRST, _FURTHER = {"3": 5, "7": 2}, {"4": "3", "8": "7"}
# slips of the publisher, by edition and code, kept with a warning: a further line cut within its blank
# columns; the date of the surgery-centre group printed two columns early, over the group itself
_CUT = frozenset({("2019", "G8891")})
_SHIFTED = frozenset(("2018", code) for code in ("C9488", "C9745", "C9746", "C9747", "C9748"))


@dataclass(slots=True)
class Entry:
    """One code: its type (3 procedure, 7 modifier), words, and the columns that are filled."""

    code: str
    type: str
    line: int
    sequence: int
    words: list[str]
    short: str
    facts: dict[str, str] = field(default_factory=dict)
    fault: Problem | None = None
    warning: Problem | None = None

    def records(self) -> Iterator[Entry | Problem]:
        """Yield the entry with its warning, or the fault that withholds it."""
        if self.fault:
            yield self.fault
            return
        if self.warning:
            yield self.warning
        yield self

    @property
    def long(self) -> str:
        """Return the description in full, lines joined with one space."""
        return " ".join(word for word in self.words if word)


def text_entries(file: File, version: str) -> Iterator[Entry | Problem]:
    """Yield the entries of a text file; an entry with a bad line is withheld whole as a Problem."""
    entry: Entry | None = None
    above = 0
    with file.open() as stream:
        for number, text in lines(stream, encoding="latin-1", name=file.name):
            found = RECORD.fullmatch(text)
            if entry is None and found is None:
                above += 1
                if above > _DISCLAIMER_LINES:
                    raise Refused("No HCPCS record below the disclaimers.", where=file.name)
                continue
            if not text:
                continue
            if found is None:
                bad = Problem(file.name, number, "record", "Not a code, a sequence number and a record type.")
                if entry is None or entry.fault:
                    yield bad
                else:  # it may be a further line of this very code, whose words would be cut
                    entry.fault = bad
                continue
            code, sequence, kind = found[1].strip(), int(found[2]), found[3]
            if kind in _FIRST:
                if entry is not None:
                    yield from entry.records()
                entry = _opened(file.name, number, text, code, sequence, kind, version)
            elif entry is None or entry.code != code or _FURTHER[kind] != entry.type:
                bad = Problem(file.name, number, "code", f"A further line of {code} without its first.")
                if entry is not None and entry.code == code and entry.fault is None:
                    entry.fault = bad
                else:
                    yield bad
            else:
                _further(file.name, number, text, sequence, entry, version)
    if entry is not None:
        yield from entry.records()


def _opened(name: str, number: int, text: str, code: str, sequence: int, kind: str, version: str) -> Entry:
    entry = Entry(code, kind, number, sequence, [text[11:91].strip()], text[91:119].strip())
    fault: tuple[str, str] | None = None
    if len(text) != _WIDTH:
        fault = ("width", f"The first line of {code} is {len(text)} wide instead of {_WIDTH}.")
    elif sequence != 100 or len(code) != _FIRST[kind]:
        fault = ("sequence", f"The first line of {code} has sequence {sequence} and record type {kind}.")
    elif any(text[a - 1 : b].strip() for a, b in _FILLERS):
        fault = ("filler", f"The filler of {code} is not blank.")
    elif not entry.words[0]:
        fault = ("long description", f"{code} has no description.")
    else:
        entry.facts = _filled({c: text[a - 1 : b] for c, (a, b) in COLUMNS.items()})
        fault = _bad_date(entry, name, version)
    if fault:
        entry.fault = Problem(name, number, *fault)
    return entry


def _further(name: str, number: int, text: str, sequence: int, entry: Entry, version: str) -> None:
    """Add a further line to its entry; mark the entry where the line is bad."""
    due, entry.sequence = entry.sequence + 100, sequence
    entry.words.append(text[11:91].strip())
    fault = None
    if len(text) not in {_WIDTH, _SHORT_WIDTH}:
        what = f"A further line of {entry.code} is {len(text)} wide instead of {_WIDTH}"
        if (version, entry.code) in _CUT and not text[91:].strip():
            entry.warning = Problem(name, number, "width", f"{what}; only blanks are missing.", kept=True)
        else:
            fault = ("width", f"{what}.")
    elif sequence != due:
        fault = ("sequence", f"The line of {entry.code} has sequence {sequence}; {due} was due.")
    elif text[91:].strip():
        fault = ("detail", f"A further line of {entry.code} holds something beyond column 91.")
    if fault and entry.fault is None:
        entry.fault = Problem(name, number, *fault)


def book_entries(file: File, version: str) -> Iterator[Entry | Problem]:
    """Yield the entries of a workbook; a bad row is withheld as a Problem."""
    entry: Entry | None = None
    started = False
    with file.open() as stream:
        for number, cells in sheet(stream, name=file.name):
            row = [_plain(cell) for cell in cells]
            if not started:
                if row[0].strip() == "HCPC":
                    if tuple(cell.strip() for cell in row) != _HEADER:
                        raise Refused("The header is not that of the HCPCS workbook.", where=file.name)
                    started = True
                elif number > _DISCLAIMER_LINES or any(row[1:]):
                    raise Refused("No header of the HCPCS workbook below the disclaimers.", where=file.name)
                continue
            if not any(row):
                continue
            values = dict(zip(_HEADER, row, strict=True))
            code, kind, words = values["HCPC"].strip(), values["RECID"], values["LONG DESCRIPTION"].strip()
            if kind in _FURTHER and entry and entry.code == code and entry.type == _FURTHER[kind]:
                entry.words.append(words)
                continue
            if entry is not None:
                yield from entry.records()
                entry = None
            if kind not in _FIRST or not re.fullmatch(r"[A-Z][0-9]{4}|[A-Z][A-Z0-9]", code):
                yield Problem(file.name, number, "RECID", f"{code or 'A row'} has record type {kind}.")
                continue
            short = values["SHORT DESCRIPTION"].strip()
            entry = Entry(code, kind, number, 100, [words], short, _filled({c: values[c] for c in COLUMNS}))
            bad = _bad_date(entry, file.name, version)
            if bad or not words or len(code) != _FIRST[kind]:
                column, what = bad or ("LONG DESCRIPTION", f"{code} has no words, or not its record type.")
                entry.fault = Problem(file.name, number, column, what)
    if not started:
        raise Refused("The workbook has no header.", where=file.name)
    if entry is not None:
        yield from entry.records()


def _filled(columns: dict[str, str]) -> dict[str, str]:
    return {column: text.strip() for column, text in columns.items() if text.strip()}


def _bad_date(entry: Entry, name: str, version: str) -> tuple[str, str] | None:
    """Return the column that should hold a date and does not; a shifted group is left out, with a warning."""
    if (version, entry.code) in _SHIFTED and len(entry.facts.get("ASC_DT", "")) == 6:
        moved = entry.facts.pop("ASC_GRP", "") + entry.facts.pop("ASC_DT")
        what = f"{moved} of {entry.code} stands two columns early; ASC_GRP and ASC_DT are left out."
        entry.warning = Problem(name, entry.line, "ASC_DT", what, kept=True)
    for column in ("ASC_DT", "OPPS_DT", "ADD DT", "ACT EFF DT", "TERM DT"):
        text = entry.facts.get(column)
        if text is not None and not re.fullmatch(
            r"(18|19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])", text
        ):
            return column, f"{text} is not a date (yyyymmdd)."
    return None


def _plain(cell: object) -> str:
    """Return a cell as text: a whole number without a point, no hard spaces."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("\xa0", " ")
