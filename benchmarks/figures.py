"""What a part of the benchmark hands over: rows of figures, as JSON lines on standard output.

A figure is the least, the median and the most of several runs, so that a busy machine can be seen.
`bound` is what the target allows; the median is held against it.
"""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Side = Literal["at most", "at least", "beside"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. A peer, or a figure without a target, has the side `beside`."""

    what: str
    runs: tuple[float, ...]
    unit: str
    side: Side = "beside"
    bound: float = 0.0
    note: str = ""

    @property
    def median(self) -> float:
        """Return the median of the runs."""
        return statistics.median(self.runs)

    @property
    def verdict(self) -> str:
        """Return ok, MISSED, or nothing where there is no target."""
        if self.side == "beside":
            return ""
        met = self.median <= self.bound if self.side == "at most" else self.median >= self.bound
        return "ok" if met else "MISSED"


def quantile(values: Iterable[float], share: float) -> float:
    """Return the value below which a share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def give(figures: Sequence[Figure]) -> None:
    """Print figures for `speed.py` to read."""
    for figure in figures:
        print(json.dumps(asdict(figure), ensure_ascii=False), flush=True)


def as_installed() -> dict[str, str]:
    """Return the environment of a child that may use compiled modules, as an installed program does."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def memory(pid: int) -> dict[str, float]:
    """Return the memory of a process in MB: rss, pss, uss; nothing where the kernel does not say."""
    path = Path(f"/proc/{pid}/smaps_rollup")
    if not path.exists():
        return {}
    read: dict[str, float] = {}
    for line in path.read_text().splitlines()[1:]:
        name, amount = line.split(":")
        read[name] = int(amount.split()[0]) / 1024
    return {
        "rss": read["Rss"],
        "pss": read["Pss"],
        "uss": read["Private_Clean"] + read["Private_Dirty"],
    }


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used; 0 where the kernel does not say."""
    path = Path(f"/proc/{pid}/stat")
    if not path.exists():
        return 0.0
    fields = path.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
