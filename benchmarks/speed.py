"""`make bench`: every figure of the targets in one table, beside a peer where there is one.

    python benchmarks/speed.py                 all of it, about six minutes
    python benchmarks/speed.py lookup http     these parts only

Figures are no tests: the exit code is 0 whatever they are. Each part is a process of its own.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

from figures import Figure

from plaincode import snapshot
from plaincode.errors import PlaincodeError
from plaincode.settings import Settings

HERE = Path(__file__).parent
PARTS = {
    "build": "build_speed.py",
    "lookup": "lookup.py",
    "search": "searching.py",
    "http": "http_load.py",
}


def measure(part: str) -> list[Figure]:
    """Return the figures of a part; one that fails is told of and gives none."""
    print(f"measuring: {part} …", file=sys.stderr, flush=True)
    done = subprocess.run(
        [sys.executable, str(HERE / PARTS[part])], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        print(f"{part} failed with exit code {done.returncode}", file=sys.stderr)
    return [
        Figure(**(read | {"runs": tuple(read["runs"])})) for read in map(json.loads, done.stdout.splitlines())
    ]


def yardstick() -> float:
    """Return the median milliseconds of a fixed loop: what the machine gives just now."""
    taken = []
    for _ in range(300):
        start = time.perf_counter()
        sum(i * i for i in range(10_000))
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def number(value: float) -> str:
    """Return a figure with three digits that mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def line(figure: Figure) -> str:
    """Return one row of the table, in Markdown."""
    signs = {"at most": "≤", "at least": "≥", "beside": ""}
    target = f"{signs[figure.side]} {figure.bound:,.0f} {figure.unit}" if figure.side != "beside" else ""
    span = f"{number(min(figure.runs))} … {number(max(figure.runs))}"
    measured = f"**{number(figure.median)} {figure.unit}** ({span})"
    what = f"- {figure.what.strip()}" if figure.what.startswith(" ") else figure.what
    return f"| {what} | {target} | {measured} | {figure.verdict} | {figure.note} |"


def main() -> int:
    asked = sys.argv[1:] or list(PARTS)
    unknown = [a for a in asked if a not in PARTS]
    if unknown:
        print(f"No such part: {', '.join(unknown)}. Parts: {', '.join(PARTS)}.", file=sys.stderr)
        return 0
    try:
        snapshot.current(Settings.read().snapshots)
    except PlaincodeError:
        print("There is no catalog yet; building the starter.", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "plaincode", "build"], check=True)
    loops, loads, rows = [yardstick()], [os.getloadavg()[0]], []
    for part in asked:
        rows += [line(figure) for figure in measure(part)]
        loops.append(yardstick())
        loads.append(os.getloadavg()[0])
    held = snapshot.current(Settings.read().snapshots).name
    machine = f"{os.cpu_count()} processors, {platform.machine()}"
    print(f"Python {platform.python_version()}, {machine}; snapshot {held}")
    print(f"Load of the machine over a minute, between parts: {min(loads):.1f} … {max(loads):.1f}")
    print(f"Yardstick, 10,000 squares added up, between parts: {min(loops):.2f} … {max(loops):.2f} ms\n")
    print("| what | target | median (least … most) | | how |")
    print("|---|---|---|---|---|")
    print("\n".join(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
