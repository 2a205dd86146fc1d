"""HTTP: JSON look-ups and code pages from one server process, and its memory afterwards.

The server is `plaincode serve` as it is shipped, its access log written to a file. "Cold" is a different
code each request; "cached" asks for 200 pages again and again. Beside requests a second stand requests a
second of the server's own processor time, which a busy machine disturbs less.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from figures import Figure, as_installed, cpu_seconds, give, memory
from sample import keys

HERE = Path(__file__).parent
RUNS = 3
LOOKUPS = 15_000
COLD = 2_000
CACHED = 6_000
SAME = 200
STATIC = re.compile(r"/static/[^\"]+\.(?:css|js)")


@contextmanager
def serving() -> Iterator[tuple[int, int]]:
    """Run the site on a free port of the loopback; give (process id, port)."""
    with tempfile.TemporaryFile() as log:
        command = [sys.executable, "-m", "plaincode", "serve", "--port", "0"]
        server = subprocess.Popen(command, env=as_installed(), stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            found = None
            while found is None and server.stdout is not None:
                said = server.stdout.readline()
                if not said:
                    log.seek(0)
                    raise SystemExit(log.read().decode()[-500:])
                found = re.search(r":(\d+)/", said)
            if found is not None:
                yield server.pid, int(found[1])
        finally:
            server.terminate()
            server.wait(timeout=20)


def load(
    port: int, pid: int, addresses: Sequence[str], count: int, *, gzip: bool = False
) -> dict[str, float]:
    """Run the load generator in a process of its own; add requests a second, by the clock and by the cpu."""
    before = cpu_seconds(pid)
    command = [sys.executable, str(HERE / "load.py"), str(port), "--count", str(count)]
    done = subprocess.run(
        [*command, *(["--gzip"] if gzip else [])],
        input="\n".join(addresses),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    read: dict[str, float] = json.loads(done.stdout)
    if read["other"]:
        raise SystemExit(f"{read['other']} answers of {addresses[0]} and so on were not 200")
    used = cpu_seconds(pid) - before
    read["rate"] = read["requests"] / read["seconds"]
    read["cpu_rate"] = read["requests"] / used if used else 0.0
    return read


def pages(count: int, seed: int, before: str = "") -> list[str]:
    """Return addresses of distinct codes."""
    found = []
    for key in keys(count, seed=seed):
        system, _, code = key.partition(":")
        found.append(f"{before}/codes/{system}/{quote(code, safe='')}")
    return found


def first_view(port: int, address: str) -> float:
    """Return the KB of a page with its styles and script, compressed, as a browser gets them."""
    total = 0
    base = f"http://127.0.0.1:{port}"
    plain = urllib.request.urlopen(base + address, timeout=10).read().decode()
    for part in {address, *STATIC.findall(plain)}:
        asked = urllib.request.Request(base + part, headers={"Accept-Encoding": "gzip"})
        total += len(urllib.request.urlopen(asked, timeout=10).read())
    return total / 1000


def main() -> None:
    made: dict[str, list[dict[str, float]]] = {}
    memories: list[dict[str, float]] = []
    views: list[float] = []
    for run in range(RUNS):
        with serving() as (pid, port):
            time.sleep(0.5)

            def measure(name: str, addresses: list[str], count: int, *, gzip: bool = False) -> None:
                made.setdefault(name, []).append(load(port, pid, addresses, count, gzip=gzip))

            measure("lookup", pages(LOOKUPS, 100 + run, "/api/v1"), LOOKUPS)
            measure("cold", pages(COLD, 200 + run), COLD)
            measure("cold gzip", pages(COLD, 300 + run), COLD, gzip=True)
            same = pages(SAME, 400 + run)
            load(port, pid, same, SAME)
            measure("cached", same, CACHED)
            load(port, pid, same, SAME, gzip=True)
            measure("cached gzip", same, CACHED, gzip=True)
            memories.append(memory(pid))
            model = ["/codes/cpt4/62282", "/codes/icd10cm/E11.9"] if run == 0 else []
            views += [first_view(port, a) for a in [*model, *pages(100, 500 + run)]]

    def rate(what: str, name: str, bound: float = 0.0) -> list[Figure]:
        runs = made[name]
        size = sum(r["mean_bytes"] for r in runs) / len(runs) / 1000
        busy = max(r["busy"] for r in runs)
        note = f"p50 {runs[0]['p50_ms']:.1f} ms, p99 {runs[0]['p99_ms']:.1f} ms, {size:.1f} KB an answer"
        note += f"; the generator took {busy:.0%} of a processor"
        rates = tuple(r["rate"] for r in runs)
        cpu = tuple(r["cpu_rate"] for r in runs)
        return [
            Figure(what, rates, "/s", "at least" if bound else "beside", bound, note),
            Figure("  a second of its processor time", cpu, "/s"),
        ]

    figures = [
        *rate("JSON look-up over HTTP, different codes", "lookup", 8000),
        *rate("code page, cold (different codes)", "cold", 800),
        *rate("code page, cold, gzip", "cold gzip"),
        *rate("code page, cached", "cached", 1500),
        *rate("code page, cached, gzip", "cached gzip"),
    ]
    if all(memories):
        figures += [
            Figure(
                "serving process after the load, RSS", tuple(m["rss"] for m in memories), "MB", "at most", 300
            ),
            Figure("  of which its own (USS)", tuple(m["uss"] for m in memories), "MB"),
            Figure("  its share (PSS)", tuple(m["pss"] for m in memories), "MB"),
        ]
    figures.append(
        Figure(
            "code page, first view",
            tuple(views),
            "KB",
            "at most",
            100,
            "page, style, script; gzip as browsers ask",
        )
    )
    give(figures)


if __name__ == "__main__":
    main()
