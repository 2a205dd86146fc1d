"""Write content/titles/numbers.csv, ended.csv and facts.csv from CMS lists: numbers, dates, never words.

    PLAINCODE_RELEASES=FOLDER python tools/list_numbers.py

Reads the fee schedule and OPPS lists of April 2026, the HCPCS lists of July 2024, October 2025 and July
2026, and the dates of RBCS 2025, in the folder that PLAINCODE_RELEASES names. A number that a starter
package knows already is left out. Rows of ended.csv that name successors of our own finding are kept. A
code with an end date that a payment list of April 2026 still has is left out of ended.csv and printed.
Successors are the cross references that CMS gives an ended HCPCS code. Facts are the follow-up days in the
price, the professional and technical rows, the codes that an add-on stands beside, and the day added.
"""

from __future__ import annotations

import csv
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from plaincode.build.inputs import group, starter_inputs
from plaincode.model import Concept
from plaincode.settings import Settings
from plaincode.systems import SYSTEMS

CPT = re.compile(r"\d{4}[\dFTUM]")
HCPCS = re.compile(r"[A-Z]\d{4}|[A-Z][A-Z0-9]")
# Level I modifiers: the numbers alone, as everybody who bills knows them; no list of them was read.
CPT_MODIFIERS = [
    "22",
    "23",
    "24",
    "25",
    "26",
    "27",
    "32",
    "33",
    "47",
    "50",
    "51",
    "52",
    "53",
    "54",
    "55",
    "56",
    "57",
    "58",
    "59",
    "62",
    "63",
    "66",
    "73",
    "74",
    "76",
    "77",
    "78",
    "79",
    "80",
    "81",
    "82",
    "90",
    "91",
    "92",
    "93",
    "95",
    "96",
    "97",
    "99",
]
LISTS = (
    ("medicare/pprrvu_2026apr_code_level.csv", "code", "cms-pprrvu-2026-04"),
    ("medicare/opps_addendum_b_2026-04_code_level.csv", "HCPCSCode", "cms-opps-b-2026-04"),
    ("hcpcs/2025_full_long/hcpcs_2025oct_long.csv", "code", "cms-hcpcs-2025-10"),
)
MEMBERS = ("numbers/hcpcs_codes_2026-07/hcpcs_level2_2026-07_codes.txt", "cms-hcpcs-2026-07")
ENDED = ("hcpcs/2024_full/hcpcs_level2_2024-07.csv", "cms-hcpcs-2024-07")
ADD_ONS = "numbers/ncci_2024q3_northstar/aoc_2024-07.csv"
FOLLOW_UP = ("000", "010", "090", "MMM", "ZZZ")
FLOOR = "1984-12-31"  # RBCS gives older codes the day of a list, not the day they began
DATES = ("numbers/rbcs_2025/RBCS_RY_2025.csv", "numbers/code_lifecycle/add_end_dates_from_rbcs_ry2025.csv")


def system_of(code: str) -> str | None:
    """Return the system whose number this is."""
    if CPT.fullmatch(code):
        return "cpt4"
    return "hcpcs" if HCPCS.fullmatch(code) else None


def listed(root: Path) -> Iterator[tuple[str, str]]:
    """Yield (number, source) of every list."""
    for name, column, source in LISTS:
        with (root / name).open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                yield row[column].strip().upper(), source
    for line in (root / MEMBERS[0]).read_text("utf-8").splitlines():
        yield line.strip().upper(), MEMBERS[1]


def ended_hcpcs(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (code, last day, cross references) of the codes that CMS's own file gives a last day."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            others = [x for x in row["xref"].upper().split() if system_of(x) and x != row["hcpcs_code"]]
            if row["date_term"].strip():
                yield row["hcpcs_code"].strip().upper(), row["date_term"].strip(), " ".join(others)


def facts(root: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield (system, number, fact, value, edition) of CMS's figures."""
    parts: dict[str, set[str]] = {}
    with (root / LISTS[0][0]).open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            code, days = row["code"], row["global_indicator"]
            parts.setdefault(code, set()).add(row["modifier"])
            system = system_of(code)
            if system and not row["modifier"] and days in FOLLOW_UP:
                yield system, code, "global_days", days, "Medicare fee schedule, April 2026"
    for code, rows in parts.items():
        system = system_of(code)
        if system and {"26", "TC"} <= rows:
            yield system, code, "professional_technical", "26 TC", "Medicare fee schedule, April 2026"
    beside: dict[str, set[str]] = {}
    with (root / ADD_ONS).open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            if CPT.fullmatch(row["primary_code"]) or HCPCS.fullmatch(row["primary_code"]):
                beside.setdefault(row["add_on_code"], set()).add(row["primary_code"])
    for code, primaries in beside.items():
        system = system_of(code)
        if system:
            yield system, code, "add_on_to", " ".join(sorted(primaries)), "Medicare add-on list, July 2024"
    with (root / DATES[1]).open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            system = system_of(row["hcpcs_cd"])
            if system and row["add_date"] > FLOOR:
                yield system, row["hcpcs_cd"], "added", row["add_date"], "RBCS, release year 2025"


def known(cache: Path) -> set[tuple[str, str]]:
    """Return the numbers that the starter's packages know."""
    systems = [SYSTEMS["cpt4"], SYSTEMS["hcpcs"]]
    groups, _ = group(starter_inputs(cache, systems).inputs)
    return {
        (record.system, record.code)
        for held in groups
        for record in held.system.read([(i.file, i.claim) for i in held.inputs])
        if isinstance(record, Concept)
    }


def write(path: Path, header: str, rows: list[tuple[str, ...]]) -> None:
    """Write a CSV file with line feeds."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)
    print(f"{path.name}: {len(rows):,} rows")


def main() -> int:
    """Write both files."""
    folder = os.environ.get("PLAINCODE_RELEASES")
    if not folder:
        print("PLAINCODE_RELEASES names no folder of release files.", file=sys.stderr)
        return 2
    root, titles = Path(folder), Path(__file__).resolve().parent.parent / "content" / "titles"
    held = known(Settings.read().cache)
    numbers: dict[tuple[str, str], str] = {("cpt4", m): "cpt-appendix-a" for m in CPT_MODIFIERS}
    in_2026: set[tuple[str, str]] = set()
    paid: set[str] = set()
    for code, source in listed(root):
        system = system_of(code)
        if system is None:
            continue
        if source != "cms-hcpcs-2025-10":
            in_2026.add((system, code))
        if source in {LISTS[0][2], LISTS[1][2]}:
            paid.add(code)
        if (system, code) not in held:
            numbers.setdefault((system, code), source)
    write(titles / "numbers.csv", "system,code,source", sorted((*k, v) for k, v in numbers.items()))
    with (titles / "ended.csv").open(encoding="utf-8", newline="") as stream:
        kept = {
            (r["system"], r["code"]): (r["last_day"], r["successors"], r["source"])
            for r in csv.DictReader(stream)
            if r["successors"] and r["source"] != ENDED[1]
        }
    for code, last, successors in ended_hcpcs(root / ENDED[0]):
        if code in paid:
            print(f"still listed in April 2026, left out: hcpcs:{code} {last}")
        else:
            kept.setdefault(("hcpcs", code), (last, successors, ENDED[1]))
    rows = [(*key, *values) for key, values in kept.items()]
    with (root / DATES[1]).open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            code, last = row["hcpcs_cd"].strip().upper(), row["end_date"].strip()
            system = system_of(code)
            if not last or system is None or (system, code) in kept:
                continue
            if (system, code) in in_2026:
                print(f"still listed in April 2026, left out: {system}:{code} {last}")
                continue
            rows.append((system, code, last, "", "cms-rbcs-2025"))
    write(titles / "ended.csv", "system,code,last_day,successors,source", sorted(rows))
    write(titles / "facts.csv", "system,code,fact,value,edition", sorted(set(facts(root))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
