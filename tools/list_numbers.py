"""Write content/titles/numbers.csv and ended.csv from CMS lists: numbers, dates and sources, never words.

    PLAINCODE_RELEASES=FOLDER python tools/list_numbers.py

Reads the fee schedule and OPPS lists of April 2026, the HCPCS lists of October 2025 and July 2026, and
the dates of RBCS 2025, in the folder that PLAINCODE_RELEASES names. A number that a starter package knows
already is left out. Rows of ended.csv that name successors are kept as they are. A code with an end date
that a list of April 2026 still has is left out of ended.csv and printed.
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


def known(cache: Path) -> set[tuple[str, str]]:
    """Return the numbers that the starter's packages know."""
    systems = [SYSTEMS["cpt4"], SYSTEMS["hcpcs"]]
    groups = group(starter_inputs(cache, systems).inputs)
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
    for code, source in listed(root):
        system = system_of(code)
        if system is None:
            continue
        if source != "cms-hcpcs-2025-10":
            in_2026.add((system, code))
        if (system, code) not in held:
            numbers.setdefault((system, code), source)
    write(titles / "numbers.csv", "system,code,source", sorted((*k, v) for k, v in numbers.items()))
    with (titles / "ended.csv").open(encoding="utf-8", newline="") as stream:
        kept = {(r["system"], r["code"]): r for r in csv.DictReader(stream) if r["successors"]}
    rows = [(s, c, r["last_day"], r["successors"], r["source"]) for (s, c), r in kept.items()]
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
