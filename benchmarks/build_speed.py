"""The starter build, in a home of its own with the packages at hand: seconds, peak memory, size.

Also what opens quickly: `plaincode --help` and a snapshot, each in a fresh process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import Figure, as_installed, give

from plaincode.build import starter_inputs
from plaincode.settings import Settings

BUILDS = 3
STARTS = 15
OPENS = 7
COMMAND = [sys.executable, "-m", "plaincode"]
OPEN = """
import time
import plaincode.catalog
start = time.perf_counter()
catalog = plaincode.catalog.open_catalog()
print(time.perf_counter() - start)
"""


def build_once(cache: Path) -> tuple[float, float, float]:
    """Build the starter in a new home and return (seconds, peak MB, snapshot MB)."""
    with tempfile.TemporaryDirectory(prefix="plaincode-bench-") as folder:
        home = Path(folder)
        (home / "cache").symlink_to(cache.resolve(), target_is_directory=True)
        start = time.perf_counter()
        child = subprocess.Popen(
            [*COMMAND, "build", "--json"],
            env=as_installed() | {"PLAINCODE_HOME": folder},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        out = child.stdout.read() if child.stdout else b""
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"the build failed with exit code {child.returncode}")
        made = home / "snapshots" / json.loads(out)["snapshot"]
        size = sum(f.stat().st_size for f in made.rglob("*") if f.is_file())
        return seconds, usage.ru_maxrss / 1024, size / 1e6


def timed(arguments: list[str], env: dict[str, str]) -> float:
    """Return the seconds of one command from start to end."""
    start = time.perf_counter()
    subprocess.run(arguments, env=env, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main() -> None:
    settings = Settings.read()
    starter_inputs(settings.cache)  # fetched before the clock starts: "after installation"
    builds = [build_once(settings.cache) for _ in range(BUILDS)]
    seconds, peaks, sizes = zip(*builds, strict=True)
    with tempfile.TemporaryDirectory(prefix="plaincode-bench-") as compiled:
        env = as_installed() | {"PYTHONPYCACHEPREFIX": compiled}
        script = [str(Path(sys.executable).parent / "plaincode"), "--help"]
        timed(script, env)  # the first compiles the modules, as an installation does
        helps = [timed(script, env) * 1000 for _ in range(STARTS)]
        bare = [timed([sys.executable, "-c", ""], env) * 1000 for _ in range(STARTS)]
        opens = [
            float(
                subprocess.run([sys.executable, "-c", OPEN], env=env, capture_output=True, check=True).stdout
            )
            * 1000
            for _ in range(OPENS)
        ]
    give(
        [
            Figure("starter build", seconds, "s", "at most", 60, "a fresh process, reading to publishing"),
            Figure("starter build, peak memory", peaks, "MB", "at most", 1500),
            Figure("starter snapshot", sizes, "MB", "at most", 250),
            Figure("plaincode --help", tuple(helps), "ms", "at most", 200, "a fresh process each"),
            Figure("  beside it: python -c ''", tuple(bare), "ms"),
            Figure("open a snapshot", tuple(opens), "ms", "at most", 150, "a fresh process each"),
        ]
    )


if __name__ == "__main__":
    main()
