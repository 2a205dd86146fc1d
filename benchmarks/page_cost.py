"""What an answer costs in the serving process alone, in yardsticks: steady where the machine is not.

    python benchmarks/page_cost.py              code pages, nothing cached
    python benchmarks/page_cost.py /api/v1      JSON look-ups, nothing cached

A yardstick is a fixed loop (10,000 squares added up), timed before and after each 25 answers; the cost of an
answer is its time over the yardstick's. No sockets: the application is called as the server calls it.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from typing import Any
from urllib.parse import quote

from sample import keys

from plaincode.settings import Settings
from plaincode.web.app import application

WARM, BATCH, BATCHES = 300, 25, 120


def yardstick() -> float:
    """Return the seconds of the fixed loop."""
    start = time.perf_counter()
    total = 0
    for i in range(10_000):
        total += i * i
    return time.perf_counter() - start


async def main() -> None:
    """Print the median and the quartiles."""
    prefix = sys.argv[1] if len(sys.argv) > 1 else ""
    app = application(Settings.read())

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_: Any) -> None:
        return

    async def ask(path: str) -> None:
        await app(
            {
                "type": "http",
                "method": "GET",
                "path": path,
                "raw_path": path.encode(),
                "query_string": b"",
                "headers": [(b"accept-encoding", b"identity")],
            },
            receive,
            send,
        )

    drawn = (key.partition(":") for key in keys(WARM + BATCH * BATCHES))
    paths = [f"{prefix}/codes/{system}/{quote(code, safe='')}" for system, _, code in drawn]
    for path in paths[:WARM]:
        await ask(path)
    gc.collect()
    gc.freeze()
    gc.disable()
    costs, sticks = [], []
    for first in range(WARM, len(paths), BATCH):
        before = yardstick()
        start = time.perf_counter()
        for path in paths[first : first + BATCH]:
            await ask(path)
        taken = (time.perf_counter() - start) / BATCH
        stick = (before + yardstick()) / 2
        sticks.append(stick)
        costs.append(taken / stick)
    costs.sort()
    quarter = len(costs) // 4
    low, middle, high = (costs[n * quarter] for n in (1, 2, 3))
    stick = sorted(sticks)[2 * quarter] * 1000
    print(f"{prefix or 'page'}: {middle:.3f} yardsticks ({low:.3f} … {high:.3f}), yardstick {stick:.2f} ms")


if __name__ == "__main__":
    asyncio.run(main())
