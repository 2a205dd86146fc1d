"""What CMS and NCHS lay out alike for ICD-10-CM and ICD-10-PCS: fiscal-year editions, order file, code list.

A fiscal year begins on 1 October of the year before; updates within it (April, once January) answer
until the same 30 September. Files state the fiscal year at most; the month stands in the file's name
(`icd10cm-order-April-1-2026.txt`). The order file is fixed: order 1-5, code 7-13, billable 15,
short title 17-76, long title 78-. The code list is code 1-7, a space, long title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from plaincode import rows
from plaincode.errors import Refused
from plaincode.model import Problem
from plaincode.systems.seam import Edition, File

__all__ = ["Head", "Row", "calendar", "edition", "glance", "listed"]

_FIRST_HALF = ("January", "February", "March", "April", "May", "June")
_MONTHS = (*_FIRST_HALF, "July", "August", "September", "October", "November", "December")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_MONTH = re.compile("(?<![a-z])(" + "|".join(f"{m[:3]}(?:{m[3:]})?" for m in _MONTHS).lower() + ")(?![a-z])")
_ORDER = re.compile(r"\d{5} (?=[0-9A-Z ]{7} [01] )([0-9A-Z]{3,7}) *([01]) .{60} \S.*")
_LIST = re.compile(r"(?=[0-9A-Z ]{7} )([0-9A-Z]{3,7}) +(?<=^.{8})\S.*")


class Row(NamedTuple):
    """One line of an order file or code list; `short` and `billable` are None in a code list."""

    line: int
    code: str
    billable: bool | None
    short: str | None
    long: str


class Head(NamedTuple):
    """What the first lines of a file are: `order` or `codes`, and the codes in them with their flags."""

    layout: str
    codes: tuple[tuple[str, bool], ...]


def calendar(day: date) -> Edition:
    """Return the fiscal-year edition in force on a day; updates within a year are not foreseen."""
    year = day.year + (day.month >= 10)
    return Edition(f"FY{year}", f"FY{year}", f"{year - 1}-10-01", f"{year}-09-30")


def edition(file: File, stated: str | None = None) -> Edition | None:
    """Return the edition that a file's name states, `stated` being the fiscal year within the file.

    The year within the file goes before the name's; the month can only stand in the name (the file's,
    else that of the zip it lies in). None where no year is stated anywhere.
    """
    names = [file.name, file.member or "", file.path.name]
    years = [m[1] for n in names if (m := _YEAR.search(n))]
    months = [m[1] for n in names if (m := _MONTH.search(n.lower()))]
    if not stated and not years:
        return None
    month = [m[:3].lower() for m in _MONTHS].index(months[0][:3]) + 1 if months else 10
    # "October 2025" is the calendar's year, "order_2026" and <version>2026 the fiscal one.
    year = int(stated) if stated else int(years[0]) + bool(months and month >= 10)
    if month >= 10:
        return Edition(f"FY{year}", f"FY{year}", f"{year - 1}-10-01", f"{year}-09-30")
    label = f"FY{year} ({_MONTHS[month - 1]} {year} update)"
    return Edition(f"FY{year}", label, f"{year}-{month:02}-01", f"{year}-09-30")


def glance(head: bytes) -> Head | None:
    """Return what the first bytes of a file are, or None where they are neither layout."""
    texts = head.decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    if len(texts) > 1 and len(head) >= 4096:
        texts.pop()  # cut by the end of the head
    texts = [t for t in texts if t.strip()]
    for layout, pattern in (("order", _ORDER), ("codes", _LIST)):
        found = [pattern.fullmatch(t) for t in texts]
        codes = tuple((m[1], layout == "codes" or m[2] == "1") for m in found if m)
        if found and found[0] and 2 * len(codes) > len(found):  # a bad line is for the reader to report
            return Head(layout, codes)
    return None


def listed(file: File, layout: str, shape: re.Pattern[str]) -> Iterator[Row | Problem]:
    """Yield the rows of an order file or code list; a row that is not whole is withheld as a Problem.

    Raise Refused where no row can be read.
    """
    pattern = _ORDER if layout == "order" else _LIST
    good = 0
    with file.open() as stream:
        for number, text in rows.lines(stream, name=file.name):
            if not text.strip():
                continue
            match = pattern.fullmatch(text)
            if match is None:
                yield Problem(file.name, number, None, f"Not a line of this layout: {text[:60]!r}")
            elif shape.fullmatch(match[1]) is None:
                yield Problem(file.name, number, "code", f"{match[1]!r} is not the shape of a code.")
            elif layout == "order":
                good += 1
                yield Row(number, match[1], match[2] == "1", text[16:76].strip(), text[77:].strip())
            else:
                good += 1
                yield Row(number, match[1], None, None, text[8:].strip())
    if not good:
        raise Refused(
            "No row of the file can be read.",
            where=file.name,
            do="Load the file as the publisher gives it.",
        )
