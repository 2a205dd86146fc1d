"""Cross-checks of our titles against facts of other origin: a contradiction is a place to look, no verdict.

The facts are CMS's own lists in the folder that PLAINCODE_RELEASES names. What was looked at and stands has
a row in `looked-at.csv` with its reason; a grouping is not a meaning.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from plaincode.errors import BadRequest, ContentError
from plaincode.titles.read import TitleRow, Titles

__all__ = ["Contradiction", "against", "looked_at"]

FEES = "medicare/pprrvu_2026apr_code_level.csv"
HOSPITAL = "medicare/opps_addendum_b_2026-04_code_level.csv"
INDICATORS = "numbers/pprrvu_2025oct_indicators/pprrvu_2025oct.csv"
ADD_ONS = "numbers/ncci_2024q3_northstar/aoc_2024-07.csv"
GROUPS = "numbers/rbcs_2025/RBCS_RY_2025.csv"
CLASSES = "numbers/apc_titles_2025/hcpcs_to_apc_title_2025-10.csv"
DRUGS = "numbers/asp_2026q1/ndc_hcpcs_crosswalk_2026-01.csv"
LOOKED_AT = "system,code,check,reason"
_ANESTHESIA, _IMAGING, _TEST, _PROCEDURE = "Anesthesia", "Imaging", "Test", "Procedure"
_DOSE = re.compile(r"([\d.,]+)\s*([a-z]+)", re.IGNORECASE)
_SCOPE = re.compile(r"scop|camera", re.IGNORECASE)


class Contradiction(NamedTuple):
    """A title that a fact of other origin speaks against: which check, and what to look at."""

    system: str
    code: str
    check: str
    what: str


@dataclass(slots=True)
class Facts:
    """What CMS's lists say of a number, as far as these checks ask."""

    follow_up: str = ""
    rows: set[str] = field(default_factory=set)
    hospital: str = ""
    bilateral: str = ""
    add_on: bool = False
    group: str = ""
    payment_class: str = ""
    doses: set[str] = field(default_factory=set)


def against(titles: Titles, folder: Path) -> list[Contradiction]:
    """Return each contradiction between our rows and the lists in a folder, sorted by number and check.

    Raises BadRequest where the folder lacks a list.
    """
    facts = _facts(folder)
    found = [
        Contradiction(row.system, row.code, name, what)
        for row in titles.rows.values()
        if row.title and row.code in facts
        for name, check in CHECKS.items()
        if (what := check(row, dict(row.sets_apart), facts[row.code]))
    ]
    return sorted(found)


def looked_at(path: Path) -> dict[tuple[str, str, str], str]:
    """Return the reason of each contradiction that was looked at and stands, by (system, code, check)."""
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if ",".join(reader.fieldnames or ()) != LOOKED_AT:
            raise ContentError(
                "The columns are not all there in order.", where=path.name, do=f"Write {LOOKED_AT}."
            )
        rows = {(r["system"], r["code"], r["check"]): r["reason"].strip() for r in reader}
    for (_, code, check), reason in rows.items():
        if check not in CHECKS or not reason:
            raise ContentError(f"{code}: a row names a check and gives a reason.", where=path.name)
    return rows


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    path = folder / name
    if not path.is_file():
        raise BadRequest(
            "The folder lacks a list of CMS.", where=name, do="Name the folder of release files."
        )
    with path.open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream)


def _facts(folder: Path) -> Mapping[str, Facts]:
    found: defaultdict[str, Facts] = defaultdict(Facts)
    for row in _rows(folder, FEES):
        found[row["code"]].rows.add(row["modifier"])
        if not row["modifier"]:
            found[row["code"]].follow_up = row["global_indicator"]
    for row in _rows(folder, HOSPITAL):
        found[row["HCPCSCode"]].hospital = row["StatusIndicator"]
    for row in _rows(folder, INDICATORS):
        if not row["mod"]:
            found[row["hcpcs"]].bilateral = row["bilat_surg"]
    for row in _rows(folder, ADD_ONS):
        found[row["add_on_code"]].add_on = True
    for row in _rows(folder, GROUPS):
        if row["rbcs_latest_assignment"] == "1":
            found[row["hcpcs_cd"]].group = row["rbcs_cat_desc"]
    for row in _rows(folder, CLASSES):
        found[row["hcpcs"]].payment_class = row["apc_title"]
    for row in _rows(folder, DRUGS):
        found[row["hcpcs"]].doses.add(row["hcpcs_dosage"].strip())
    return found


Apart = Mapping[str, str]


def _add_on(row: TitleRow, apart: Apart, facts: Facts) -> str:
    stated = facts.add_on or facts.follow_up == "ZZZ"
    if "add_on" in apart and not stated and facts.follow_up:
        return "our row says add-on; no list of Medicare does"
    if (
        stated
        and "add_on" not in apart
        and row.system == "cpt4"
        and row.kind not in {"anesthesia", "modifier"}
    ):
        return "a list of Medicare says add-on; our row does not"
    return ""


def _side(_: TitleRow, apart: Apart, facts: Facts) -> str:
    side = apart.get("laterality", "")
    if facts.bilateral == "2" and side == "one side":
        return "Medicare counts both sides in it; our row says one side"
    if facts.bilateral == "1" and side == "both sides":
        return "Medicare pays more where both sides are done; our row says both sides"
    return ""


def _kind(row: TitleRow, _: Apart, facts: Facts) -> str:
    if facts.group == _ANESTHESIA and row.kind != "anesthesia" and row.system == "cpt4":
        return f"spending group anesthesia; our kind is {row.kind}"
    if row.kind == "anesthesia" and facts.group not in {_ANESTHESIA, ""}:
        return f"our kind is anesthesia; spending group {facts.group}"
    if row.kind == "imaging" and facts.group in {_TEST, _ANESTHESIA}:
        return f"our kind is imaging; spending group {facts.group}"
    if row.kind == "laboratory" and facts.group in {_IMAGING, _PROCEDURE, _ANESTHESIA}:
        return f"our kind is laboratory; spending group {facts.group}"
    return ""


def _parts(row: TitleRow, apart: Apart, facts: Facts) -> str:
    part = apart.get("component", "")
    if {"26", "TC"} <= facts.rows and part in {"professional part", "technical part", "reading only"}:
        return "Medicare splits it into the doctor's part and the rest; our row names one part"
    if row.kind == "anesthesia" and {"26", "TC"} & facts.rows:
        return "anesthesia has no professional and technical part"
    return ""


def _contrast(_: TitleRow, apart: Apart, facts: Facts) -> str:
    said, named = apart.get("contrast", ""), facts.payment_class.lower()
    if "imaging without contrast" in named and said == "with contrast":
        return f"payment class “{facts.payment_class}”; our row says with contrast"
    if "imaging with contrast" in named and said == "without contrast":
        return f"payment class “{facts.payment_class}”; our row says without contrast"
    return ""


def _hospital(row: TitleRow, apart: Apart, facts: Facts) -> str:
    if facts.hospital == "C" and re.search(r"office|(?<!nursing )home\b", apart.get("setting", "")):
        return "Medicare pays it for inpatients only; our row names another place"
    if facts.hospital == "C" and row.kind in {"laboratory", "vaccine"}:
        return f"Medicare pays it for inpatients only; our kind is {row.kind}"
    return ""


def _follow_up(row: TitleRow, _: Apart, facts: Facts) -> str:
    if facts.follow_up in {"010", "090"} and row.kind in {"imaging", "laboratory", "visit", "vaccine"}:
        return f"{facts.follow_up} days of follow-up are priced in; our kind is {row.kind}"
    return ""


def _scope(_: TitleRow, apart: Apart, facts: Facts) -> str:
    if "endoscop" in facts.payment_class.lower() and apart.get("approach") == "open":
        return f"payment class “{facts.payment_class}”; our row says open"
    return ""


def _dose(row: TitleRow, apart: Apart, facts: Facts) -> str:
    stated = {_amount(d) for d in facts.doses} - {None}
    unit = _amount(apart.get("unit", "")) or _amount(row.title or "")
    if row.system == "hcpcs" and len(stated) == 1 and unit is not None and unit not in stated:
        return f"the drug crosswalk bills {', '.join(sorted(facts.doses))}; our row says {apart.get('unit')}"
    return ""


def _amount(text: str) -> tuple[float, str] | None:
    found = _DOSE.search(text)
    if found is None or not re.fullmatch(r"[\d,]*\.?\d+", found[1].rstrip(".,")):
        return None
    unit = found[2].lower().rstrip("s")
    unit = re.sub(r"^(i\.?u\.?|usp|units?)$", "unit", unit)
    known = {"milligram": "mg", "microgram": "mcg", "milliliter": "ml", "cc": "ml", "gram": "g", "gm": "g"}
    return float(found[1].rstrip(".,").replace(",", "")), known.get(unit, unit)


CHECKS: Mapping[str, Callable[[TitleRow, Apart, Facts], str]] = {
    "add-on": _add_on,
    "side": _side,
    "kind": _kind,
    "parts": _parts,
    "contrast": _contrast,
    "inpatient": _hospital,
    "follow-up": _follow_up,
    "scope": _scope,
    "dose": _dose,
}
