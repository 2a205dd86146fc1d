"""Look-up in process: `catalog[key]` of 10,000 distinct keys over all systems, decoded with notes.

Beside it simple-icd-10-cm on the ICD-10-CM keys among as many again: description and every kind of note.
Each run is a process of its own; a key is asked for once.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from figures import Figure, give, memory, quantile

KEYS = 10_000
RUNS = 3
NOTES = (
    "get_description",
    "get_includes",
    "get_inclusion_term",
    "get_excludes1",
    "get_excludes2",
    "get_code_first",
    "get_use_additional_code",
    "get_code_also",
)


def each(ask: Callable[[str], object], keys: Sequence[str]) -> list[float]:
    """Return the microseconds of each call."""
    taken = []
    clock = time.perf_counter_ns
    for key in keys:
        start = clock()
        ask(key)
        taken.append((clock() - start) / 1000)
    return taken


def ours() -> dict[str, float]:
    """Time ten thousand keys of all systems, then as many of ICD-10-CM."""
    from sample import keys

    import plaincode

    catalog = plaincode.open()
    asked, others = keys(KEYS), keys(KEYS, "icd10cm")
    taken, diagnoses = each(catalog.__getitem__, asked), each(catalog.__getitem__, others)
    return {
        "median": quantile(taken, 0.5),
        "p99": quantile(taken, 0.99),
        "mean": sum(taken) / len(taken),
        "icd10cm": quantile(diagnoses, 0.5),
        "held": memory(os.getpid()).get("uss", 0.0),
    }


def peer() -> dict[str, float]:
    """Time the same ICD-10-CM codes with simple-icd-10-cm; the codes of another release are left out."""
    from sample import keys

    codes = [k.partition(":")[2] for k in keys(KEYS, "icd10cm")]
    start = time.perf_counter()
    import simple_icd_10_cm as cm

    loading = time.perf_counter() - start
    codes = [c for c in codes if cm.is_valid_item(c)]
    random.Random(1).shuffle(codes)
    functions = [getattr(cm, name) for name in NOTES]

    def ask(code: str) -> None:
        for function in functions:
            function(code)

    taken = each(ask, codes)
    held = memory(os.getpid()).get("uss", 0.0)
    return {"median": quantile(taken, 0.5), "import": loading, "codes": float(len(codes)), "held": held}


def run(part: str) -> dict[str, float] | None:
    """Run a part in a process of its own; None where what it needs is not installed."""
    done = subprocess.run([sys.executable, __file__, part], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr[-500:])
        return None
    read: dict[str, float] = json.loads(done.stdout)
    return read


def main() -> None:
    runs = [r for _ in range(RUNS) if (r := run("ours"))]
    peers = [r for _ in range(RUNS) if (r := run("peer"))]

    def of(found: list[dict[str, float]], name: str) -> tuple[float, ...]:
        return tuple(r[name] for r in found)

    figures = [
        Figure(
            "look-up in process, median", of(runs, "median"), "µs", "at most", 15, f"{KEYS:,} distinct keys"
        ),
        Figure("look-up in process, p99", of(runs, "p99"), "µs"),
        Figure(
            "look-up in process, mean", of(runs, "mean"), "µs", note="the first touch of each page included"
        ),
        Figure("look-up of ICD-10-CM only, median", of(runs, "icd10cm"), "µs"),
    ]
    if peers:
        count = f"{peers[0]['codes']:,.0f} of the same codes: description and notes"
        figures += [
            Figure("  beside it: simple-icd-10-cm, median", of(peers, "median"), "µs", note=count),
            Figure("  beside it: simple-icd-10-cm, import", of(peers, "import"), "s"),
            Figure("  beside it: simple-icd-10-cm, memory of its own", of(peers, "held"), "MB"),
            Figure("  and plaincode's, 225,000 codes, after 20,000 look-ups", of(runs, "held"), "MB"),
        ]
    give(figures)


if __name__ == "__main__":
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    if part:
        print(json.dumps(ours() if part == "ours" else peer()))
    else:
        main()
