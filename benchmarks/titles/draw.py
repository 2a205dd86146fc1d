"""Draw the rows of our titles that a reader checks: 60 at random in each of eight strata, the same each time.

    python benchmarks/titles/draw.py SEED          the numbers, by stratum, as CSV

The verdicts stand in `sample.csv`: stratum, system, code, verdict (right, wrong, not settled), source, and
the fact in our own words. The draw that was read is that of seed 7, over the titles as they then stood.
"""

from __future__ import annotations

import csv
import random
import sys

from plaincode import content, titles
from plaincode.titles import TitleRow

SIZE = 60
NEW = "2025-01-01"  # a number added on this day or later is new


def stratum(row: TitleRow, *, new: bool) -> str | None:
    """Return the stratum of a row; None for a modifier."""
    if new:
        return "new or ended"
    if row.kind == "modifier":
        return None
    named = {
        "anesthesia": "anesthesia",
        "imaging": "imaging",
        "laboratory": "laboratory",
        "vaccine": "drugs and vaccines",
        "medicine": "drugs and vaccines",
        "supply": "equipment and supplies",
        "procedure": "surgery",
    }
    return named.get(row.kind, "visits and other services")


def main() -> None:
    """Print the draw."""
    held = titles.read(content.folder() / "titles")
    listed = {(n.system, n.code) for n in held.numbers}  # numbers that the starter's older lists lack
    strata: dict[str, list[TitleRow]] = {}
    for key, row in sorted(held.rows.items()):
        dates = [f.value for f in held.facts.get(key, ()) if f.fact == "added"]
        new = key in held.ended or any(d >= NEW for d in dates) or (key in listed and not dates)
        name = stratum(row, new=new)
        if row.title and name:
            strata.setdefault(name, []).append(row)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(("stratum", "system", "code"))
    chance = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 2026)
    for name, rows in sorted(strata.items()):
        for row in sorted(chance.sample(rows, min(SIZE, len(rows))), key=lambda r: r.key):
            out.writerow((name, row.system, row.code))


if __name__ == "__main__":
    main()
